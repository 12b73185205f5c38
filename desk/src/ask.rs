//! Asking what holds for a person: identities become tags, the registry answers with a standing, and each record that it
//! rests on is proven.
//!
//! The standing itself is the registry's word, and it sees the tag; an agent answers the same from a replica of its own.

use callboard_client::{
    derivation::{Derived, Known, derive},
    output::{Line, green, plain, yellow},
};
use callboard_federation::{
    encoding::{RecordId, Time},
    identity::Identity,
    language::{Language, Phrase},
    proof_file::ProvenRecord,
    standing::{Reason, Standing},
    statement::EpochTag,
    zh_en,
};
use rand_core::CryptoRng;

use super::{draft::log_records::LogRecords, letter, registry::Registry};
use crate::Error;

pub struct ProvenStanding {
    /// The identities with their tags.
    pub known: Vec<Known>,
    /// By the registry's word: only the records are proven.
    pub standing: Standing,
    /// The records that it rests on, in the order of its reasons, with their proof files as received.
    pub proofs: Vec<(ProvenRecord, Vec<u8>)>,
}

/// Asks what holds for the one person who has these identities, now or at an instant.
pub async fn ask(
    registry: &Registry<'_>,
    identities: Vec<Identity>,
    at: Option<Time>,
    rng: &mut impl CryptoRng,
) -> Result<ProvenStanding, Error> {
    let roster = registry.roster().await?;
    let service = &registry.pin().tokens_url;
    let known = derive(registry.caller(), service, &roster, identities, rng, |_| {}).await?;
    let tags: Vec<EpochTag> = known.iter().flat_map(|known| &known.derived).map(Derived::tag).collect();
    let mut all = standings(registry, std::slice::from_ref(&tags), at, &mut LogRecords::default(), rng).await?;
    let standing = all.pop().ok_or_else(other_tags)?;
    let mut proofs = Vec::with_capacity(standing.reasons.len());
    for reason in &standing.reasons {
        let (proven, bytes) = registry.record(reason.record, rng).await?;
        if !bears_out(&proven, reason, standing.tags.as_slice()) {
            return Err(unproven_reason(reason.record));
        }
        proofs.push((proven, bytes));
    }
    Ok(ProvenStanding { known, standing, proofs })
}

impl ProvenStanding {
    pub fn lines(&self) -> Vec<Line> {
        let standing = &self.standing;
        let tag =
            |tag: &EpochTag| vec![plain(zh_en!("身份代码 {}（第{}期）", "tag {} (epoch {})", tag.tag, tag.epoch))];
        let mut lines: Vec<Line> = standing.tags.iter().map(tag).collect();
        let state = zh_en!(
            ("{}：{}", standing.state.words(), letter::action_word(standing.action, Language::spoken())),
            ("{} · {}", standing.state, standing.action)
        );
        lines.push(vec![if standing.reasons.is_empty() { green(state) } else { yellow(state) }]);
        for (reason, (proven, _)) in standing.reasons.iter().zip(&self.proofs) {
            lines.push(vec![plain(format_args!("  {}", reason_text(reason)))]);
            let (record, logged_at, index) = (reason.record, proven.logged_at, proven.place.index);
            lines.push(vec![plain(zh_en!(
                "    记录 {record}，已证明：{logged_at} 登记于第{index}条",
                "    record {record}, proven: logged {logged_at} at index {index}"
            ))]);
        }
        lines.push(vec![plain(zh_en!("截至 {}，登记册共{}条", "as of {}, log size {}", standing.at, standing.size))]);
        lines
    }
}

const DISPUTED: Phrase = Phrase::new("有异议", "disputed");
const SOFT: Phrase = Phrase::new("仅凭共用或者曾换手的账号", "by a shared or reused identity alone");

fn reason_text(reason: &Reason) -> String {
    let language = Language::spoken();
    let scopes: Vec<String> = reason.scopes.iter().map(|scope| letter::scope_word(scope, language)).collect();
    let scopes =
        if scopes.is_empty() { zh_en!("全部服务", "all services") } else { scopes.join(&zh_en!("、", ", ")) };
    let phase = reason.phase.words();
    let mut text = zh_en!(
        ("{}（{scopes}） · {phase}", letter::measure_word(reason.measure, None, language)),
        ("{} ({scopes}) · {phase}", reason.measure)
    );
    text.extend(reason.until.map(|until| zh_en!(" · 至 {until}", " · until {until}")));
    text.extend(reason.probation_until.map(|until| zh_en!(" · 观察期至 {until}", " · on probation until {until}")));
    let words = [(DISPUTED, reason.disputed), (SOFT, reason.soft)];
    text.extend(words.into_iter().filter(|(_, holds)| *holds).map(|(words, _)| format!(" · {words}")));
    text
}

/// The standings of persons, by the registry's word. Each link that joins more tags to theirs is proven, and added to
/// what is named.
pub(super) async fn standings(
    registry: &Registry<'_>,
    persons: &[Vec<EpochTag>],
    at: Option<Time>,
    named: &mut LogRecords,
    rng: &mut impl CryptoRng,
) -> Result<Vec<Standing>, Error> {
    let answer = registry.standings(persons.to_vec(), at, rng).await?;
    for ((tags, standing), links) in persons.iter().zip(&answer.standings).zip(&answer.links) {
        named.fetch_links(registry, links, rng).await?;
        let joined = named.joined(tags);
        if !tags.iter().all(|tag| standing.tags.contains(tag)) || !standing.tags.iter().all(|tag| joined.contains(tag))
        {
            return Err(other_tags());
        }
    }
    Ok(answer.standings)
}

/// Whether a record imposes what a reason says, on whoever has one of the tags.
pub(super) fn bears_out(proven: &ProvenRecord, reason: &Reason, tags: &[EpochTag]) -> bool {
    proven.statement.imposed().is_some_and(|imposed| {
        imposed.measure.kind == reason.measure
            && imposed.measure.scopes == reason.scopes
            && imposed.subject.tags.iter().any(|tag| tags.contains(&tag.tag()))
    })
}

fn other_tags() -> Error {
    Error::other("other-tags", || {
        zh_en!("登记系统就其他身份代码作答", "the registry answered for other tags than were asked")
    })
}

pub(super) fn unproven_reason(record: RecordId) -> Error {
    Error::other("reason", || {
        zh_en!(
            "登记系统给出的依据，记录 {record} 并不支持",
            "the registry gives a reason that record {record} doesn't bear out"
        )
    })
}
