//! What figures are made of is read by its time; declarations of members by member and quarter; none by a scan.

use callboard_api::registry::{cases::CaseEntry, reports::ReportEntry};
use callboard_federation::{
    bans::BansDeclared,
    declaration,
    encoding::{Base64, CaseId, KeyId},
    event::CaseState,
    members::MemberId,
    quarter::Quarter,
    report::{ReportAct, ReportKind, ReportState},
    statement::PolicyRef,
};
use ed25519_dalek::SigningKey;

use super::{
    super::{
        bans_declared::{self, StoredBansDeclared},
        cases::{NewStoredCaseEvent, StoredCaseEvent},
        figures::{self, CaseFact, FactKind},
        reports::{NewStoredReport, ReportStep},
    },
    *,
};
use callboard_api::registry::reports::KeptReport;

fn report(number: u64) -> NewStoredReport {
    let new = super::reports::report(number, "alpha");
    let report = KeptReport { kind: ReportKind::Violation, record: None, due_at: None, ..new.report };
    NewStoredReport { report, ..new }
}

#[tokio::test]
async fn the_reports_of_a_time_come_with_what_was_done_by_its_end() {
    for bench in engines().await {
        let store = &bench.store;
        for number in [1, 2, 3, 9] {
            store.put_report(&report(number)).await.unwrap();
        }
        for (number, act, time, state) in
            [(2, ReportAct::Ask, 4, ReportState::Asked), (2, ReportAct::Accept, 8, ReportState::Accepted)]
        {
            let kept = store.report(report(number).report.id).await.unwrap().unwrap();
            let seat: KeyId = Hash::of(b"seat");
            let to_seats = Some(Base64(b"sealed".to_vec()));
            let entry = ReportEntry {
                seat: Some(seat),
                act,
                at: at(time),
                to_member: None,
                to_reporter: None,
                to_seats,
                request: None,
            };
            assert!(store.put_report_entry(&kept, &entry, ReportStep { state, into: None, case: None }).await.unwrap());
        }
        let of = |rows: Vec<figures::ReportStepRow>| -> Vec<_> {
            rows.into_iter().map(|row| (row.received_at, row.act.map(|(act, _)| act))).collect()
        };
        let rows = store.report_steps(at(2), at(8)).await.unwrap();
        assert!(rows.iter().all(|row| row.member == "alpha" && row.kind == ReportKind::Violation));
        assert_eq!(of(rows), [(at(2), Some(ReportAct::Ask)), (at(3), None)], "from two on, and to before eight");
        let later = of(store.report_steps(at(0), at(9)).await.unwrap());
        assert_eq!(later[1..3], [(at(2), Some(ReportAct::Ask)), (at(2), Some(ReportAct::Accept))]);
        bench.end().await;
    }
}

#[tokio::test]
async fn what_an_event_made_of_its_case_is_kept_with_it() {
    for bench in engines().await {
        let store = &bench.store;
        let id = CaseId::new(at(1), random_of(1));
        let policy = PolicyRef { instrument: "rules".to_owned(), version: "1".to_owned(), sha256: Hash::of(b"policy") };
        let event = |seq: u64, facts: Vec<CaseFact>| NewStoredCaseEvent {
            act: "opened".to_owned(),
            event: StoredCaseEvent {
                case: id,
                seq,
                hash: Hash::of(&seq.to_be_bytes()),
                envelope: b"envelope".to_vec(),
                acknowledgement: b"acknowledgement".to_vec(),
            },
            sealed: None,
            after: CaseEntry {
                case: id,
                state: CaseState::Hearing,
                policy: policy.clone(),
                events: seq + 1,
                head: Hash::of(&seq.to_be_bytes()),
                items: 1,
                opened_at: at(1),
                changed_at: at(seq + 1),
                due_at: None,
            },
            clockwork: false,
            sat: None,
            facts,
        };
        let statements =
            |detail: &str, number| CaseFact { detail: detail.to_owned(), number, ..CaseFact::of(FactKind::Statements) };
        let first = event(0, vec![CaseFact::of(FactKind::Opened)]);
        assert!(store.put_case_events(&[first]).await.unwrap());
        assert!(!store.put_case_events(&[event(0, vec![CaseFact::of(FactKind::Recused)])]).await.unwrap());
        assert!(
            store.put_case_events(&[event(1, vec![statements("bar", 2), statements("suspension", 7)])]).await.unwrap()
        );
        let facts = store.case_facts(at(1), at(2)).await.unwrap();
        let [opened] = facts.as_slice() else { panic!("{facts:?}") };
        assert_eq!(
            (opened.fact.what, opened.opened_at, opened.instrument.as_str()),
            (FactKind::Opened, at(1), "rules")
        );
        let mut numbers: Vec<_> = store
            .case_facts(at(2), at(9))
            .await
            .unwrap()
            .into_iter()
            .map(|row| (row.fact.detail, row.fact.number))
            .collect();
        numbers.sort();
        assert_eq!(numbers, [("bar".to_owned(), 2), ("suspension".to_owned(), 7)]);
        bench.run("UPDATE case_fact SET what = 'nonsense'").await;
        assert!(matches!(store.case_facts(at(1), at(9)).await, Err(StoreError::Unreadable("case_fact"))));
        bench.end().await;
    }
}

fn declaration(member: &str, period: &str, bans: u64, time: u64) -> StoredBansDeclared {
    let declared = BansDeclared {
        v: 1,
        member: MemberId::try_from(member.to_owned()).unwrap(),
        issuer: "callboard.example".to_owned(),
        period: period.parse().unwrap(),
        bans,
        codes: [("NB-11".to_owned(), bans)].into(),
        at: at(time),
    };
    let envelope = declaration::sign(&declared, &SigningKey::from_bytes(&[7; 32]));
    StoredBansDeclared { declared, taken_at: at(time + 1), payload_hash: envelope.payload_hash(), envelope }
}

#[tokio::test]
async fn every_declaration_is_kept_once_and_read_by_quarter_and_by_member() {
    for bench in engines().await {
        let store = &bench.store;
        let third: Quarter = "2026-Q3".parse().unwrap();
        let all = [
            declaration("alpha", "2026-Q3", 5, 10),
            declaration("alpha", "2026-Q3", 6, 20),
            declaration("alpha", "2026-Q4", 7, 30),
            declaration("beta", "2026-Q3", 8, 5),
        ];
        for one in [&all[1], &all[3], &all[0], &all[2]] {
            assert!(store.put_bans_declared(one).await.unwrap());
            assert!(!store.put_bans_declared(one).await.unwrap());
        }
        assert!(!store.put_bans_declared(&declaration("alpha", "2026-Q3", 9, 20)).await.unwrap());
        assert_eq!(store.bans_declared(third).await.unwrap(), [all[0].clone(), all[1].clone(), all[3].clone()]);
        let own = store.bans_declared_by("alpha", 9).await.unwrap();
        assert_eq!(own, [all[2].clone(), all[1].clone(), all[0].clone()]);
        assert_eq!(store.bans_declared_for("alpha", third).await.unwrap(), all[..2]);
        assert_eq!(store.bans_declared_by("alpha", 1).await.unwrap().len(), 1);
        bench.end().await;
    }
}

#[tokio::test]
async fn no_figure_reads_more_rows_than_it_is_of() {
    reads_no_more_than_it_is_of(figures::LISTS).await;
    reads_no_more_than_it_is_of(bans_declared::LISTS).await;
}
