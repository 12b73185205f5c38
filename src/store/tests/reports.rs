//! What is kept of reports is read back, by whoever's it is; of two changes at once one is taken.

use callboard_api::registry::{
    identity_requests::IdentityRequest,
    reports::{KeptReport, ReportEntry},
};
use callboard_federation::{
    encoding::{Base64, IdentityRequestId, KeyId, ReportId},
    members::MemberId,
    report::{ReportAct, ReportCode, ReportKind, ReportState},
};

use super::{
    super::{
        identity_requests::{self, IdentityRequestList},
        recipients::StoredRecipient,
        reports::{self, NewStoredReport, ReportList, ReportStep, StoredReport},
    },
    *,
};

fn member(name: &str) -> MemberId {
    MemberId::try_from(name.to_owned()).unwrap()
}

pub(super) fn report(number: u64, by: &str) -> NewStoredReport {
    let (id, sealed) = (ReportId::new(at(number), random_of(number)), format!("sealed {number}").into_bytes());
    let report = KeptReport {
        id,
        code: ReportCode::of(id, &sealed),
        kind: ReportKind::NotThisPerson,
        record: Some(record_id(number, 0)),
        member: Some(member(by)),
        seat: None,
        received_at: at(number),
        due_at: (number > 0).then(|| at(number + 100)),
        calendar_unknown: number == 0,
        changed_at: at(number),
        state: ReportState::Received,
        into: None,
        case: None,
        erased_at: None,
        entries: Vec::new(),
        identity_requests: Vec::new(),
        files: Vec::new(),
        sealed: None,
    };
    NewStoredReport { report, sent: Hash::of(&sealed), sealed }
}

fn seat() -> KeyId {
    Hash::of(b"seat")
}

fn entry(act: ReportAct, number: u64) -> ReportEntry {
    let sealed = |text: &str| Some(Base64(text.into()));
    let (to_member, to_seats) = (sealed("to the member"), sealed("to seats"));
    ReportEntry { seat: Some(seat()), act, at: at(number), to_member, to_reporter: None, to_seats, request: None }
}

const fn step(state: ReportState) -> ReportStep {
    ReportStep { state, into: None, case: None }
}

async fn kept(store: &Store, new: &NewStoredReport) -> StoredReport {
    store.report(new.report.id).await.unwrap().unwrap()
}

#[tokio::test]
async fn a_report_reads_back_as_it_was_kept_and_is_kept_once() {
    for bench in engines().await {
        let store = &bench.store;
        for new in [report(0, "alpha"), report(1, "beta")] {
            assert!(store.put_report(&new).await.unwrap());
            assert!(!store.put_report(&NewStoredReport { sent: Hash::of(b"other"), ..new.clone() }).await.unwrap());
            let stored = kept(store, &new).await;
            assert_eq!((&stored.report, stored.sent, stored.version), (&new.report, new.sent, 0));
            assert_eq!(store.report_ciphertext(new.report.id).await.unwrap().as_ref(), Some(&new.sealed));
        }
        let mut of_seat = report(2, "alpha");
        (of_seat.report.member, of_seat.report.seat) = (None, Some(seat()));
        store.put_report(&of_seat).await.unwrap();
        assert_eq!(kept(store, &of_seat).await.report, of_seat.report);
        bench.end().await;
    }
}

#[tokio::test]
async fn what_is_done_to_a_report_that_changed_since_is_not_taken() {
    for bench in engines().await {
        let (store, new) = (&bench.store, report(1, "alpha"));
        store.put_report(&new).await.unwrap();
        let before = kept(store, &new).await;
        let (ask, accept) = (entry(ReportAct::Ask, 5), entry(ReportAct::Accept, 6));
        let into = ReportStep { into: Some(new.report.id), ..step(ReportState::Accepted) };
        let (one, other) = tokio::join!(
            store.put_report_entry(&before, &ask, step(ReportState::Asked)),
            store.put_report_entry(&before, &accept, into)
        );
        assert_ne!(one.unwrap(), other.unwrap());
        let after = kept(store, &new).await;
        assert_eq!((after.version, after.report.entries.len()), (1, 1));
        let is_asked = after.report.state == ReportState::Asked;
        assert_eq!(after.report.entries, [if is_asked { ask } else { accept.clone() }]);
        assert_eq!(after.report.changed_at, at(if is_asked { 5 } else { 6 }));
        assert!(store.put_report_entry(&after, &accept, into).await.unwrap());
        assert_eq!(kept(store, &new).await.report.into, Some(new.report.id));
        bench.end().await;
    }
}

#[tokio::test]
async fn a_member_is_listed_its_own_reports_and_how_many_are_open() {
    for bench in engines().await {
        let store = &bench.store;
        let reports = [report(0, "alpha"), report(1, "alpha"), report(2, "beta"), report(3, "alpha")];
        for new in &reports {
            store.put_report(new).await.unwrap();
        }
        let asked = kept(store, &reports[1]).await;
        store.put_report_entry(&asked, &entry(ReportAct::Ask, 9), step(ReportState::Asked)).await.unwrap();
        let listed = async |member, state, before| {
            let list = ReportList { member, state, before, rows: 2 };
            let listed = store.reports(list).await.unwrap();
            listed.iter().map(|report| report.received_at.as_millis() - at(0).as_millis()).collect::<Vec<_>>()
        };
        let of = |number: usize| Some((reports[number].report.received_at, reports[number].report.id));
        assert_eq!(listed(None, None, None).await, [3, 2]);
        assert_eq!(listed(None, None, of(2)).await, [1, 0]);
        assert_eq!(listed(Some("alpha"), None, of(3)).await, [1, 0]);
        assert_eq!(listed(Some("alpha"), Some(ReportState::Received), None).await, [3, 0]);
        assert_eq!(listed(None, Some(ReportState::Asked), None).await, [1]);
        assert_eq!(listed(Some("gamma"), None, None).await, [0; 0]);
        assert_eq!((store.open_reports("alpha").await.unwrap(), store.open_reports("gamma").await.unwrap()), (3, 0));
        let received = kept(store, &reports[3]).await;
        store.put_report_entry(&received, &entry(ReportAct::Accept, 9), step(ReportState::Accepted)).await.unwrap();
        assert_eq!(store.open_reports("alpha").await.unwrap(), 2);
        bench.end().await;
    }
}

#[tokio::test]
async fn a_question_is_answered_once_and_comes_with_its_entry_or_not_at_all() {
    for bench in engines().await {
        let (store, new) = (&bench.store, report(1, "alpha"));
        store.put_report(&new).await.unwrap();
        let request = |number: u64| IdentityRequest {
            id: IdentityRequestId::new(at(number), random_of(number)),
            member: member("beta"),
            asked_at: at(number),
            answered_at: None,
            sealed: Base64(b"for beta".to_vec()),
            answer: None,
        };
        let asks = async |number: u64, of: &StoredReport| {
            let entry = ReportEntry { request: Some(request(number).id), ..entry(ReportAct::AskIdentity, number) };
            store.put_identity_request(of, &entry, &request(number), b"for seats").await.unwrap()
        };
        let before = kept(store, &new).await;
        assert!(asks(1, &before).await);
        assert!(!asks(2, &before).await, "it changed since");
        let after = kept(store, &new).await;
        assert!(!asks(1, &after).await, "there is one of this id");
        assert!(asks(3, &after).await);
        assert_eq!(kept(store, &new).await.report.entries.len(), 2);

        assert!(store.answer_identity_request(request(1).id, at(5), b"an answer").await.unwrap());
        assert!(!store.answer_identity_request(request(1).id, at(6), b"another").await.unwrap());
        let answered = store.identity_request(request(1).id).await.unwrap().unwrap();
        assert_eq!((answered.report, answered.request.answered_at), (new.report.id, Some(at(5))));
        assert_eq!(answered.request.answer, Some(Base64(b"an answer".to_vec())));
        let listed = async |open, before| {
            let list = IdentityRequestList { member: "beta", open, before, rows: 9 };
            store.identity_requests(list).await.unwrap().iter().map(|request| request.asked_at).collect::<Vec<_>>()
        };
        assert_eq!(listed(false, None).await, [at(3), at(1)]);
        assert_eq!(listed(true, None).await, [at(3)]);
        assert_eq!(listed(false, Some((at(3), request(3).id))).await, [at(1)]);
        let of_report = store.identity_requests_of(new.report.id).await.unwrap();
        assert_eq!(of_report[1], IdentityRequest { sealed: Base64(b"for seats".to_vec()), ..request(3) });
        bench.end().await;
    }
}

#[tokio::test]
async fn of_recipients_the_latest_holds_whenever_it_comes() {
    for bench in engines().await {
        let store = &bench.store;
        let recipient = |number: u64| StoredRecipient {
            published_at: at(number),
            taken_at: at(50),
            payload_hash: Hash::of(&number.to_be_bytes()),
            envelope: vec![1],
        };
        for (number, is_taken, holds) in [(5, true, 5), (3, false, 5), (5, false, 5), (7, true, 7)] {
            assert_eq!(store.put_recipient("alpha", &recipient(number)).await.unwrap(), is_taken, "{number}");
            assert_eq!(store.recipient("alpha").await.unwrap(), Some(recipient(holds)));
        }
        assert_eq!(store.recipient("beta").await.unwrap(), None);
        bench.end().await;
    }
}

#[tokio::test]
async fn no_list_of_reports_reads_more_rows_than_it_is_of() {
    reads_no_more_than_it_is_of(reports::LISTS).await;
    reads_no_more_than_it_is_of(identity_requests::LISTS).await;
}

#[tokio::test]
async fn what_a_report_said_is_erased_where_nothing_changed_since_and_only_of_those_that_ended() {
    for bench in engines().await {
        let store = &bench.store;
        let reports = [report(1, "alpha"), report(2, "alpha"), report(3, "beta")];
        for new in &reports {
            store.put_report(new).await.unwrap();
        }
        for (new, time) in [(&reports[0], 20), (&reports[2], 10)] {
            let of = kept(store, new).await;
            store.put_report_entry(&of, &entry(ReportAct::Dismiss, time), step(ReportState::Dismissed)).await.unwrap();
        }
        let ids = |kept: Vec<StoredReport>| kept.iter().map(|stored| stored.report.id).collect::<Vec<_>>();
        let found = ids(store.reports_kept(at(20), None, 9).await.unwrap());
        assert_eq!(found, [reports[2].report.id, reports[0].report.id]);
        assert_eq!(ids(store.reports_kept(at(19), None, 9).await.unwrap()), found[..1]);
        let after = Some((at(10), found[0]));
        assert_eq!(ids(store.reports_kept(at(20), after, 9).await.unwrap()), found[1..]);

        let before = kept(store, &reports[0]).await;
        let stale = StoredReport { version: before.version - 1, ..before.clone() };
        assert!(!store.erase_report(&stale, at(30)).await.unwrap());
        assert!(store.report_ciphertext(found[1]).await.unwrap().is_some());
        assert!(store.erase_report(&before, at(30)).await.unwrap());
        assert!(!store.erase_report(&kept(store, &reports[0]).await, at(31)).await.unwrap(), "once");
        assert_eq!(store.report_ciphertext(found[1]).await.unwrap(), None);
        let after = kept(store, &reports[0]).await.report;
        let entries =
            [ReportEntry { to_member: None, to_reporter: None, to_seats: None, ..before.report.entries[0].clone() }];
        assert_eq!(after.entries, entries);
        let expected = KeptReport { erased_at: Some(at(30)), entries: entries.to_vec(), ..before.report };
        assert_eq!(after, expected);
        assert_eq!(ids(store.reports_kept(at(20), None, 9).await.unwrap()), found[..1]);
        bench.end().await;
    }
}
