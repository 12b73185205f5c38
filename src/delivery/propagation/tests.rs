use callboard_federation::{encoding::RecordId, statement::Kind};

use super::*;

const SIGNED: Time = Time::from_seconds(1_000);

fn docket() -> DocketItems {
    let items = vec![(RecordId::new(SIGNED, [1; 10]), Kind::Ruling)];
    DocketItems { index: 7, payload_hash: Hash::of(b"docket"), logged_at: SIGNED.plus_millis(500), items }
}

fn receipt(member: &str, outcome: &str, seconds: i64) -> LatestReceipt {
    let at = SIGNED.plus_millis(seconds * 1_000);
    LatestReceipt {
        index: 7,
        member: member.to_owned(),
        outcome: outcome.to_owned(),
        at,
        taken_at: at,
        exceptions: 0,
        excerpt: Vec::new(),
        filed: 1,
    }
}

fn propagation(receipts: &[LatestReceipt], now: Time) -> Propagation {
    let bound: Vec<(String, String)> = ["alpha", "beta", "gamma"].map(|id| (id.to_owned(), id.to_uppercase())).into();
    let delivered = HashMap::from([(("alpha".to_owned(), 7), SIGNED.plus_millis(900))]);
    let pushed = HashMap::from([("alpha".to_owned(), PushState::Active), ("beta".to_owned(), PushState::Disabled)]);
    let due = Some(Due { remind_at: SIGNED.plus_millis(5_000), at: SIGNED.plus_millis(10_000) });
    let (docket, bound, pushed, delivered) = (&docket(), &bound, &pushed, &delivered);
    propagation_of(&PropagationFacts { docket, signed_at: SIGNED, due, bound, pushed, delivered, receipts }, now)
}

#[test]
fn a_member_that_says_nothing_is_awaited_and_then_overdue() {
    let acted = |seconds: i64| propagation(&[], SIGNED.plus_millis(seconds * 1_000)).members[0].acted;
    assert_eq!((acted(9), acted(10)), (Fulfilment::Awaited, Fulfilment::Overdue));
}

#[test]
fn the_receipt_that_holds_says_how_a_member_acted_and_how_many_it_filed() {
    let alpha = LatestReceipt { filed: 2, ..receipt("alpha", "in-effect", 3) };
    let receipts = [alpha, receipt("beta", "partly", 4)];
    let found = propagation(&receipts, SIGNED.plus_millis(60_000));
    let acted: Vec<_> = found.members.iter().map(|member| (member.acted, member.receipts)).collect();
    assert_eq!(acted, [(Fulfilment::InEffect, 2), (Fulfilment::Partly, 1), (Fulfilment::Overdue, 0)]);
    assert_eq!(
        found.counts,
        BTreeMap::from([(Fulfilment::InEffect, 1), (Fulfilment::Partly, 1), (Fulfilment::Overdue, 1)])
    );
}

#[test]
fn lags_are_counted_from_the_signing_over_those_who_got_so_far() {
    let found = propagation(&[receipt("alpha", "in-effect", 3), receipt("beta", "in-effect", 5)], SIGNED);
    assert_eq!(found.lags.logged, 500);
    assert_eq!(found.lags.delivered, Spread { members: 1, p50: Some(900), p95: Some(900), max: Some(900) });
    assert_eq!(found.lags.receipted, Spread { members: 2, p50: Some(3_000), p95: Some(5_000), max: Some(5_000) });
    assert_eq!(propagation(&[], SIGNED).lags.receipted, Spread::default());
}

#[test]
fn who_is_pushed_to_and_who_is_not_is_told() {
    let found = propagation(&[], SIGNED);
    let pushed: Vec<_> = found.members.iter().map(|member| member.pushed).collect();
    assert_eq!(pushed, [PushState::Active, PushState::Disabled, PushState::None]);
}
