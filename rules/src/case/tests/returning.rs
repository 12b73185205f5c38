//! Somebody applies to return: from which day, with what, and how it goes then.

use callboard_federation::{
    docket::Of,
    encoding::{Hash, RecordId, Time},
    records::{Place, Record, Records},
    roster::RuleKey,
    statement::{Kind, Measure, MeasureKind},
};
use jiff::civil::date;

use super::scene::{PANEL, Scene, all, member, record, refused, reversal, ruling, time};
use crate::case::{
    act::{Act, Application, Evidence, EvidenceKind, Filer},
    error::Why,
    returning::is_relapse,
    vote::Choice,
};

const SINCE: &str = "2021-12-31T16:00:00.000Z";
/// The first instant of 1 January 2027 in Shanghai.
const UNTIL: &str = "2026-12-31T16:00:00.000Z";
const PROBATION_ENDS: &str = "2027-09-30T16:00:00.000Z";

fn application(filed_at: Time) -> Application {
    Application {
        record: record(7),
        measure: MeasureKind::Suspension,
        since: time(SINCE),
        until: Some(time(UNTIL)),
        filed_at,
        by: Filer::Subject,
        paper: true,
    }
}

fn opened(scene: &Scene, application: Application) -> Act {
    let policy = scene.reference.clone();
    Act::Opened { policy, earlier: Vec::new(), appeal: None, application: Some(Box::new(application)) }
}

fn logged(id: RecordId, kind: Kind, starts: &str, until: Option<&str>) -> Record {
    let measure = (kind == Kind::Ruling).then(|| Measure {
        kind: MeasureKind::Suspension,
        scopes: Vec::new(),
        until: until.map(time),
    });
    Record {
        id,
        place: Place { index: 0, position: 0 },
        kind,
        effective_at: None,
        starts: time(starts),
        about: if kind == Kind::Ruling { Box::default() } else { Box::new([record(7)]) },
        subject: None,
        until: until.map(time).filter(|_| measure.is_none()),
        measure,
        policy: None,
        imported: false,
    }
}

fn on(day: &str) -> Scene {
    let mut scene = Scene::new();
    scene.at(day);
    scene
}

#[test]
fn an_application_a_day_early_is_refused_and_the_last_day_counts() {
    let mut scene = on("2026-09-30T15:59:59.999Z");
    let early = opened(&scene, application(scene.now));
    refused!(scene.takes("secretary", early), Why::ReturnEarly(_));
    scene.at("2026-09-30T16:00:00.000Z");
    let first = opened(&scene, application(scene.now));
    scene.does("secretary", first);

    let under = "late = true -> late = false";
    let mut scene = Scene::under(under);
    scene.at("2026-12-31T16:00:00.000Z");
    let late = opened(&scene, application(scene.now));
    refused!(scene.takes("secretary", late), Why::ReturnLate(_));
    // It came on the last day, and is entered the day after.
    let last = opened(&scene, application(time("2026-12-31T15:59:59.999Z")));
    scene.does("secretary", last);
    // Unless the policy says otherwise one may still apply when the term is over, since that alone lifts nothing.
    let mut scene = on("2028-03-01T00:00:00.000Z");
    let late = opened(&scene, application(scene.now));
    scene.does("secretary", late);
}

#[test]
fn what_ends_by_itself_or_never_has_no_application_and_says_why() {
    let of = |change: &dyn Fn(&mut Application), under: &str| {
        let mut scene = Scene::under(under);
        scene.at("2026-10-08T02:00:00.000Z");
        let mut application = application(scene.now);
        change(&mut application);
        let act = opened(&scene, application);
        scene.takes("secretary", act)
    };
    refused!(of(&|of| (of.measure, of.until) = (MeasureKind::Bar, None), ""), Why::ReturnBar);
    refused!(of(&|of| of.measure = MeasureKind::Warning, ""), Why::ReturnNothing);
    refused!(of(&|of| of.by = Filer::Unit, "by = [\"person\", \"unit\"] -> by = [\"person\"]"), Why::ReturnBy);
    refused!(of(&|of| of.filed_at = time("2026-10-08T02:00:00.001Z"), ""), Why::NoticeTime);
    let expires = "onTermEnd = \"requires-reinstatement\" -> onTermEnd = \"expires\"";
    refused!(of(&|_| (), expires), Why::ReturnExpires);
    // Without an end: a year after it took effect.
    of(&|of| of.until = None, "").unwrap();
    refused!(of(&|of| (of.until, of.since) = (None, time("2025-10-08T16:00:00.000Z")), ""), Why::ReturnEarly(_));
}

#[test]
fn what_the_log_has_of_the_record_is_what_is_applied_against() {
    let mut scene = on("2026-10-08T02:00:00.000Z");
    let mut records = Records::default();
    records.insert(logged(record(7), Kind::Ruling, SINCE, Some(UNTIL)));
    scene.records = Some(records);
    let wrong = [
        Application { until: None, ..application(scene.now) },
        Application { since: time(UNTIL), ..application(scene.now) },
        Application { measure: MeasureKind::Restriction, ..application(scene.now) },
    ];
    for wrong in wrong {
        refused!(scene.takes("secretary", opened(&scene, wrong)), Why::ReturnRecord(_));
    }
    let right = opened(&scene, application(scene.now));
    scene.does("secretary", right);
}

/// A case that hears an application, with its item, and a panel.
fn heard() -> Scene {
    let mut scene = on("2026-10-08T02:00:00.000Z");
    let act = opened(&scene, application(scene.now));
    scene.does("secretary", act);
    refused!(scene.takes("secretary", ruling(1, &[], &[], false)), Why::ReturnDecides(1));
    let Act::ItemAdded { item, decides, reporters, minor, .. } = reversal(1, Kind::Reinstatement, Kind::Ruling) else {
        panic!("an item")
    };
    let hosts = crate::case::act::Hosts::Named(vec![member("gamma")]);
    scene.does("secretary", Act::ItemAdded { item, decides, hosts, reporters, minor, appeals: None });
    scene.panel(&PANEL[..3]);
    scene
}

#[test]
fn the_panel_sits_on_a_return_once_remedy_training_and_commitment_are_there() {
    let mut scene = heard();
    for kind in [EvidenceKind::RemedyProof, EvidenceKind::Training, EvidenceKind::Commitment] {
        refused!(scene.takes("chair-1", scene.session_on(&[1])), Why::ReturnAsks(1, _));
        assert_eq!(scene.case().lacks_evidence(1)[0], kind);
        let evidence = vec![Evidence { sha256: Hash::of(kind.as_str().as_bytes()), kind }];
        scene.does("secretary", Act::EvidenceAdded { items: vec![1], evidence });
    }
    scene.session(&[1]);
}

#[test]
fn during_probation_a_report_is_due_every_three_months_and_a_late_one_is_told() {
    let mut scene = heard();
    let kinds = [EvidenceKind::RemedyProof, EvidenceKind::Training, EvidenceKind::Commitment];
    let evidence = kinds.map(|kind| Evidence { sha256: Hash::of(kind.as_str().as_bytes()), kind }).to_vec();
    scene.does("secretary", Act::EvidenceAdded { items: vec![1], evidence });
    let session = scene.session(&[1]);
    scene.vote(session, &PANEL.map(|holder| (holder, all(Choice::For)))[..3]);
    let resolution = scene.resolved(session, &[1]);
    let procedure = scene.confirmed(resolution);
    let report = |scene: &Scene| Act::ProbationReported {
        items: vec![1],
        reported_at: scene.now,
        proof: Hash::of(b"it goes well"),
    };
    refused!(scene.takes("secretary", report(&scene)), Why::NotDecided(1));
    scene.issued(procedure);
    scene.does("secretary", Act::Closed {});
    let mut records = Records::default();
    records.insert(logged(record(7), Kind::Ruling, SINCE, Some(UNTIL)));
    records.insert(logged(record(8), Kind::Reinstatement, "2026-12-31T16:00:00.000Z", Some(PROBATION_ENDS)));
    scene.records = Some(records);
    let owed = |scene: &Scene| scene.case().probation(1, scene.now, &scene.law()).unwrap();
    assert_eq!((owed(&scene).report_by, owed(&scene).ends), (Some(date(2027, 4, 1)), date(2027, 9, 30)));
    scene.at("2027-04-01T15:59:59.999Z");
    assert!(!owed(&scene).is_late);
    scene.at("2027-04-01T16:00:00.000Z");
    assert!(owed(&scene).is_late);
    refused!(scene.takes("alpha", report(&scene)), Why::NoticeHost(1));
    // It was written in time, and comes late.
    let reported_at = time("2027-04-01T02:00:00.000Z");
    scene.does("gamma", Act::ProbationReported { items: vec![1], reported_at, proof: Hash::of(b"it goes well") });
    assert_eq!((owed(&scene).report_by, owed(&scene).is_late), (Some(date(2027, 7, 1)), false));
    for (day, next) in [("2027-06-01T02:00:00.000Z", Some(date(2027, 9, 30))), ("2027-09-30T02:00:00.000Z", None)] {
        scene.at(day);
        let act = report(&scene);
        scene.does("secretary", act);
        assert_eq!(owed(&scene).report_by, next);
    }
}

#[test]
fn only_a_case_that_hears_an_application_takes_reports_of_how_it_goes() {
    let mut scene = Scene::new();
    let procedure = scene.decided(&[1]);
    scene.issued(procedure);
    let report = Act::ProbationReported { items: vec![1], reported_at: scene.now, proof: Hash::of(b"") };
    refused!(scene.takes("secretary", report), Why::ReturnNone);
}

#[test]
fn a_relapse_ends_the_reinstatement_in_a_case_of_its_own_in_which_the_person_is_heard() {
    let mut scene = Scene::new();
    scene.opened();
    scene.does("secretary", reversal(1, Kind::End, Kind::Reinstatement));
    let item = &scene.case().items[&1];
    assert!(is_relapse(item) && item.is_to_be_heard());
    assert_eq!(item.decides, [RuleKey { kind: Kind::End, of: Some(Of::About(Kind::Reinstatement)) }]);
}
