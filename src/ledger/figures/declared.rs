//! What members declare of their own permanent bans, beside what each reported.
//!
//! How many a member declares is shown as it is, however few: the member says it of itself, and signed it. By code there are
//! the bans of all members together, hidden as other counts are.

use std::collections::BTreeMap;

use callboard_api::registry::figures::{Counted, DeclaredFigures, MemberFigures};
use callboard_rules::suppression::Breakdown;

use super::figure;
use crate::store::bans_declared::StoredBansDeclared;

/// What is told of the declarations of a quarter, by member and in the order of their time.
pub(super) fn figures(members: &[MemberFigures], declared: &[StoredBansDeclared]) -> DeclaredFigures {
    let mut codes: BTreeMap<&str, u64> = BTreeMap::new();
    let of_one = declared.chunk_by(|one, next| one.declared.member == next.declared.member);
    let of_one: BTreeMap<&str, &[StoredBansDeclared]> =
        of_one.filter_map(|all| Some((all.first()?.declared.member.as_str(), all))).collect();
    let mut bans = 0;
    for holds in of_one.values().filter_map(|all| all.last()) {
        bans += holds.declared.bans;
        for (code, count) in &holds.declared.codes {
            *codes.entry(code).or_default() += count;
        }
    }
    let of_member = |member: &MemberFigures| {
        let all = of_one.get(member.member.as_str()).copied().unwrap_or_default();
        let holds = all.last();
        MemberFigures {
            bans: holds.map(|holds| holds.declared.bans),
            declared_at: holds.map(|holds| holds.taken_at),
            declarations: all.len() as u64,
            ..member.clone()
        }
    };
    // Beside the codes stand all bans, which they and those without a code may add up to: where that would give one back,
    // none is told.
    let without_code = u64::saturating_sub(bans, codes.values().sum());
    let published = Breakdown::of(&codes.values().copied().chain([without_code]).collect::<Vec<_>>());
    let by_code = codes.keys().zip(published.parts).filter(|_| published.total.is_shown());
    let codes = by_code.map(|(code, part)| Counted { of: (*code).to_owned(), figure: figure(part) });
    DeclaredFigures { members: members.iter().map(of_member).collect(), codes: codes.collect() }
}
