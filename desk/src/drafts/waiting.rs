//! Whether a draft may be submitted now, else for whom it waits, or until when.
//!
//! The last signature begins ten minutes in which whoever is asked, and the drafter, may stop it; a stop that is
//! withdrawn begins them anew. Times are the registry's. Implements `docs/formats.md` §13.

use callboard_api::registry::drafts::{Draft, DraftState, SeatStanding};
use callboard_federation::encoding::{KeyId, Time};

use crate::missing_signature::MissingSignature;

/// How long a draft that enough have signed can be stopped, in milliseconds.
pub const PAUSE_MILLIS: i64 = 10 * 60 * 1_000;

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Waiting {
    /// Its docket is in the log, at this index.
    Logged(u64),
    /// Its drafter withdrew it, or it was erased.
    Withdrawn,
    /// By these seats.
    Stopped(Vec<KeyId>),
    /// It was drafted under a roster that isn't in force.
    AnotherRoster,
    /// Too few have signed.
    Unsigned(Vec<MissingSignature>),
    /// Enough have signed; until then it may be stopped.
    Until(Time),
    /// It may be submitted.
    Ready,
}

/// `verified` are the keys whose signatures verify, `missing` what the docket lacks beside theirs; absent where that
/// can't be said.
pub fn waiting(draft: &Draft, verified: &[KeyId], missing: Option<Vec<MissingSignature>>, now: Time) -> Waiting {
    match (draft.state, draft.index) {
        (DraftState::Logged, index) => return Waiting::Logged(index.unwrap_or_default()),
        (DraftState::Withdrawn, _) => return Waiting::Withdrawn,
        (DraftState::Open, _) => {}
    }
    let standing = |seat: &KeyId| SeatStanding::of(&draft.answers, seat);
    let heard = || draft.asked.iter().chain(Some(&draft.drafter).filter(|drafter| !draft.asked.contains(drafter)));
    let stopped: Vec<KeyId> = heard().filter(|seat| standing(seat).is_stopped).copied().collect();
    if !stopped.is_empty() {
        return Waiting::Stopped(stopped);
    }
    match missing {
        None => return Waiting::AnotherRoster,
        Some(missing) if !missing.is_empty() => return Waiting::Unsigned(missing),
        Some(_) => {}
    }
    let signed = verified.iter().filter_map(|seat| standing(seat).signed);
    let freed = heard().filter_map(|seat| standing(seat).freed);
    let Some(since) = signed.chain(freed).max() else { return Waiting::Ready };
    let until = since.plus_millis(PAUSE_MILLIS);
    if now < until { Waiting::Until(until) } else { Waiting::Ready }
}

#[cfg(test)]
mod tests {
    use callboard_api::registry::drafts::{DraftAct, DraftAnswer};
    use callboard_federation::{
        encoding::{DraftId, Hash},
        roster::Role,
    };
    use proptest::{collection::vec, prelude::*};

    use super::*;

    /// Two are asked, and must sign; a third one drafts.
    const SEATS: usize = 3;

    fn seat(at: usize) -> KeyId {
        Hash::of(&[u8::try_from(at).unwrap()])
    }

    fn at(seconds: i64) -> Time {
        Time::from_seconds(1_800_000_000 + seconds)
    }

    /// What was answered, a minute each; as a registry takes it or not.
    fn draft(answers: &[(usize, DraftAct)]) -> Draft {
        let answer = |(minute, (by, act)): (i64, &(usize, DraftAct))| DraftAnswer {
            seat: seat(*by),
            act: *act,
            at: at(60 * minute),
            signature: None,
            sealed: None,
        };
        Draft {
            id: DraftId::new(at(0), [0; 10]),
            docket: Hash::of(b"docket"),
            drafter: seat(2),
            drafted_at: at(0),
            asked: vec![seat(0), seat(1)],
            readers: Vec::new(),
            state: DraftState::Open,
            index: None,
            erased_at: None,
            answers: (0..).zip(answers).map(answer).collect(),
            sealed: None,
        }
    }

    /// As a desk asks, which has verified each signature that stands.
    fn asked(draft: &Draft, now: Time) -> Waiting {
        let verified: Vec<KeyId> = draft
            .asked
            .iter()
            .filter(|seat| SeatStanding::of(&draft.answers, seat).signed.is_some())
            .copied()
            .collect();
        let count = 2 - verified.len() as u64;
        let missing = MissingSignature { roster: 1, role: Role::Panel, count, seats: Vec::new() };
        waiting(draft, &verified, Some(Some(missing).filter(|_| count > 0).into_iter().collect()), now)
    }

    #[test]
    fn the_last_signature_begins_ten_minutes() {
        let signed = draft(&[(0, DraftAct::Sign), (1, DraftAct::Sign)]);
        let until = at(60 + 600);
        assert_eq!(asked(&signed, at(61)), Waiting::Until(until));
        assert_eq!(asked(&signed, until.plus_millis(-1)), Waiting::Until(until));
        assert_eq!(asked(&signed, until), Waiting::Ready);
        assert!(matches!(asked(&draft(&[(0, DraftAct::Sign)]), at(9_999)), Waiting::Unsigned(_)));
    }

    #[test]
    fn a_stop_holds_until_who_stopped_it_withdraws_it_and_then_the_minutes_begin_anew() {
        let mut acts = vec![(0, DraftAct::Sign), (1, DraftAct::Sign), (2, DraftAct::Stop)];
        assert_eq!(asked(&draft(&acts), at(99_999)), Waiting::Stopped(vec![seat(2)]));
        acts.push((0, DraftAct::Withdraw));
        assert_eq!(asked(&draft(&acts), at(99_999)), Waiting::Stopped(vec![seat(2)]), "another's withdrawal");
        acts.extend([(0, DraftAct::Sign), (2, DraftAct::Withdraw)]);
        assert_eq!(asked(&draft(&acts), at(300)), Waiting::Until(at(300 + 600)));
        assert_eq!(asked(&draft(&acts), at(900)), Waiting::Ready);
    }

    #[test]
    fn what_is_logged_or_withdrawn_waits_for_nobody() {
        let open = draft(&[(0, DraftAct::Stop)]);
        let logged = Draft { state: DraftState::Logged, index: Some(7), ..open.clone() };
        assert_eq!(asked(&logged, at(0)), Waiting::Logged(7));
        assert_eq!(asked(&Draft { state: DraftState::Withdrawn, ..open.clone() }, at(0)), Waiting::Withdrawn);
        assert_eq!(waiting(&draft(&[]), &[], None, at(0)), Waiting::AnotherRoster);
    }

    proptest! {
        #[test]
        fn nothing_is_ready_within_ten_minutes_of_a_signature_or_while_a_stop_stands(
            acts in vec((0..SEATS, 0..DraftAct::ALL.len()), 0..12),
            now in 0_i64..3_000,
        ) {
            let acts: Vec<_> = acts.into_iter().map(|(seat, act)| (seat, DraftAct::ALL[act])).collect();
            let (draft, now) = (draft(&acts), at(now));
            // Told anew, by walking back from the last answer of each seat.
            let last = |by: usize, of: &[DraftAct]| {
                acts.iter().enumerate().rev().find(|(_, (who, act))| *who == by && of.contains(act)).map(|(at, _)| at)
            };
            let mut stops = [false; SEATS];
            let mut signs: [Option<i64>; SEATS] = [None; SEATS];
            let mut since = None;
            for (minute, (by, act)) in (0_i64..).zip(&acts) {
                match act {
                    DraftAct::Stop => stops[*by] = true,
                    DraftAct::Withdraw if stops[*by] => {
                        stops[*by] = false;
                        since = Some(minute);
                    }
                    DraftAct::Withdraw => signs[*by] = None,
                    DraftAct::Sign => signs[*by] = Some(minute),
                    _ => {}
                }
            }
            let begins = signs[..2].iter().flatten().chain(&since).max().map(|minute| at(minute * 60 + 600));
            let is_ready = !stops.contains(&true) && signs[..2].iter().all(Option::is_some)
                && begins.is_none_or(|begins| now >= begins);
            let told = asked(&draft, now);
            prop_assert_eq!(told == Waiting::Ready, is_ready, "{:?} {:?}", acts, told);
            if let Waiting::Until(until) = told {
                prop_assert!(now < until);
                prop_assert_eq!(asked(&draft, until), Waiting::Ready, "and then it is");
            }
            if let Waiting::Stopped(by) = asked(&draft, now) {
                prop_assert!(by.iter().all(|by| (0..SEATS).any(|at| seat(at) == *by
                    && last(at, &[DraftAct::Stop]).is_some())));
            }
        }
    }
}
