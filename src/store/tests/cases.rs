//! What is kept of cases is read back; of two events for one place one is taken, and no list reads more than it lists.

use callboard_api::registry::cases::CaseEntry;
use callboard_federation::{encoding::CaseId, event::CaseState, statement::PolicyRef};

use super::{
    super::cases::{self, CaseList, NewStoredCaseEvent, StoredCaseEvent},
    *,
};

fn id(case: u64) -> CaseId {
    CaseId::new(at(case), random_of(case))
}

fn event(case: u64, seq: u64, state: CaseState) -> NewStoredCaseEvent {
    let hash = Hash::of(format!("event {seq} of {case}, {state:?}").as_bytes());
    let now = at(100 * case + seq);
    let policy = PolicyRef { instrument: "rules".to_owned(), version: "1".to_owned(), sha256: Hash::of(b"policy") };
    NewStoredCaseEvent {
        act: "opened".to_owned(),
        event: StoredCaseEvent {
            case: id(case),
            seq,
            hash,
            envelope: format!("envelope {seq}").into_bytes(),
            acknowledgement: format!("acknowledgement {seq}").into_bytes(),
        },
        sealed: seq
            .is_multiple_of(2)
            .then(|| (Hash::of(&seq.to_be_bytes()), format!("sealed {seq} of {case}").into_bytes())),
        after: CaseEntry {
            case: id(case),
            state,
            policy,
            events: seq + 1,
            head: hash,
            items: seq,
            opened_at: at(100 * case),
            changed_at: now,
            due_at: (seq == 1).then(|| at(9_000)),
        },
        clockwork: state == CaseState::Sitting,
        sat: (state == CaseState::Closed).then(|| "[\"panel-1\"]".to_owned()),
        facts: Vec::new(),
    }
}

async fn keep(store: &Store, new: &NewStoredCaseEvent) -> bool {
    store.put_case_events(std::slice::from_ref(new)).await.unwrap()
}

#[tokio::test]
async fn a_case_reads_back_as_its_events_leave_it() {
    for bench in engines().await {
        let store = &bench.store;
        let [opened, second, third] =
            [event(1, 0, CaseState::Preparing), event(1, 1, CaseState::Sitting), event(1, 2, CaseState::Closed)];
        assert_eq!(store.case(id(1)).await.unwrap(), None);
        for new in [&opened, &second] {
            assert!(keep(store, new).await);
            assert_eq!(store.case(id(1)).await.unwrap().as_ref(), Some(&new.after));
        }
        assert_eq!(store.cases_for_clockwork(None, 9).await.unwrap(), [id(1)]);
        assert_eq!(store.cases_for_clockwork(Some(id(1)), 9).await.unwrap(), []);
        assert_eq!(
            (store.open_case_heads().await.unwrap(), store.sat_in_case(id(1)).await.unwrap()),
            (vec![second.event.hash], None)
        );
        assert!(keep(store, &third).await);
        assert_eq!(store.sat_in_case(id(1)).await.unwrap(), third.sat);
        assert_eq!(
            (store.open_case_heads().await.unwrap(), store.cases_for_clockwork(None, 9).await.unwrap()),
            (vec![], vec![])
        );
        assert_eq!(store.case_events(id(1), 1, 9).await.unwrap(), [second.event.clone(), third.event.clone()]);
        assert_eq!(store.case_events(id(1), 0, 1).await.unwrap(), std::slice::from_ref(&opened.event));
        assert_eq!(store.case_event(second.event.hash).await.unwrap().as_ref(), Some(&second.event));
        assert_eq!(store.case_event(Hash::of(b"another")).await.unwrap(), None);
        let hashes = [opened.event.hash, second.event.hash, third.event.hash];
        assert_eq!(store.case_event_hashes(id(1)).await.unwrap(), hashes);
        let (sha256, sealed) = third.sealed.unwrap();
        assert_eq!(store.sealed_places(sha256, 9).await.unwrap(), [(id(1), 2)]);
        assert_eq!(store.sealed_part(id(1), 2).await.unwrap(), Some(sealed));
        assert_eq!(store.sealed_part(id(1), 1).await.unwrap(), None);
        bench.end().await;
    }
}

#[tokio::test]
async fn of_two_events_for_one_place_one_is_kept_and_nothing_of_the_other() {
    for bench in engines().await {
        let store = &bench.store;
        for seq in 0..2 {
            let [one, other] = [event(1, seq, CaseState::Preparing), event(1, seq, CaseState::Hearing)];
            let (first, second) = tokio::join!(keep(store, &one), keep(store, &other));
            assert_ne!(first, second, "{seq}");
            let kept = if first { one } else { other };
            assert_eq!(store.case_events(id(1), seq, 9).await.unwrap(), [kept.event]);
            assert_eq!(store.case(id(1)).await.unwrap(), Some(kept.after));
        }
        assert!(!keep(store, &event(1, 4, CaseState::Preparing)).await, "no hole");
        assert!(!keep(store, &event(2, 1, CaseState::Preparing)).await, "no case without its first event");
        assert_eq!(store.case(id(2)).await.unwrap(), None);
        bench.end().await;
    }
}

#[tokio::test]
async fn cases_are_listed_by_when_they_changed_last_and_by_state() {
    for bench in engines().await {
        let store = &bench.store;
        for case in [3, 1, 2] {
            keep(store, &event(case, 0, CaseState::Preparing)).await;
        }
        let mut late = event(1, 1, CaseState::Hearing);
        late.after.changed_at = at(900);
        keep(store, &late).await;
        let listed = async |state, before, rows| {
            let listed = store.cases(CaseList { state, before, rows }).await.unwrap();
            listed.into_iter().map(|entry| entry.case).collect::<Vec<_>>()
        };
        assert_eq!(listed(None, None, 9).await, [id(1), id(3), id(2)]);
        assert_eq!(listed(None, None, 2).await, [id(1), id(3)]);
        assert_eq!(listed(None, Some((at(900), id(1))), 9).await, [id(3), id(2)]);
        assert_eq!(listed(Some(CaseState::Preparing), None, 9).await, [id(3), id(2)]);
        assert_eq!(listed(Some(CaseState::Preparing), Some((at(300), id(3))), 9).await, [id(2)]);
        assert_eq!(listed(Some(CaseState::Closed), None, 9).await, []);
        bench.end().await;
    }
}

#[tokio::test]
async fn no_list_of_cases_reads_more_rows_than_it_is_of() {
    reads_no_more_than_it_is_of(cases::LISTS).await;
}
