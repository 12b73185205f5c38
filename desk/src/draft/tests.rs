use callboard_federation::{
    docket::Of,
    identity::{Identity, IdentityKind},
    replay,
    statement::{MeasureKind, SubjectType},
    tag::Epoch,
};

use super::{
    again::again,
    link::link,
    log_records::LogRecords,
    reversal::{Grounds, Reversal, erase, reverse},
    *,
};
use crate::tests::{Committee, SHEET, decided, named_in, noon, os_rng, readings};

const JIA: (IdentityKind, &str) = (IdentityKind::CnId, "440308199901101512");
const KIM: (IdentityKind, &str) = (IdentityKind::Passport, "KOR:M12345678");

fn identity((kind, value): (IdentityKind, &str)) -> Identity {
    Identity::normalise(kind, value, false).unwrap()
}

fn grounds<'a>(roster: &'a Roster, plain: Option<&'a Plain>, known: &'a [Known]) -> Grounds<'a> {
    Grounds { policy: None, plain, readings: &[], known, several: false, roster }
}

/// Drafts a docket of one reversal, as if a case had resolved it.
fn reversed(
    committee: &Committee,
    reversal: Reversal,
    ids: &[RecordId],
    named: &LogRecords,
    grounds: &Grounds<'_>,
) -> Result<Bundle, Error> {
    let mut draw = Draw { now: noon(), rng: &mut os_rng() };
    let drafted = reverse(reversal, ids, named, grounds, &mut draw)?;
    Ok(decided(&gather(&committee.roster, drafted, None, &mut draw)?))
}

fn records(bundle: &Bundle) -> Vec<RecordId> {
    bundle.docket().items.iter().map(|item| item.record).collect()
}

#[test]
fn what_a_sheet_says_is_logged_and_opens_for_whom_it_is_of() {
    let mut committee = Committee::found();
    let bundle = committee.rule(SHEET);
    committee.log(&bundle, noon()).unwrap();

    let [first, second] = bundle.docket().items.as_slice() else { panic!("two items") };
    assert_eq!(first.of, Some(Of::Measure(MeasureKind::Suspension)));
    assert_eq!(second.of, Some(Of::Measure(MeasureKind::Bar)));
    let known = committee.derive(&[identity(JIA), identity(KIM)]);
    for (at, item) in bundle.items().iter().enumerate() {
        let statement = Statement::from_json(&item.statement.0).unwrap();
        let share = Share::from_bytes(item.share.unwrap().0);
        let open = |known: &Known| {
            callboard_federation::sealed::open(
                statement.details().unwrap(),
                statement.id,
                &known.derived[0].holder(),
                &share,
            )
        };
        let plain = open(&known[at]).unwrap();
        assert_eq!(item.plain, serde_json::to_value(&plain).ok());
        assert!(open(&known[1 - at]).is_err());
    }
}

#[test]
fn a_reversal_says_the_kind_of_what_it_is_about_and_is_logged() {
    let mut committee = Committee::found();
    let rulings = committee.rule(SHEET);
    committee.log(&rulings, noon()).unwrap();
    let (named, ids) = (named_in(&rulings), records(&rulings));

    let plain = Plain { reasons: "记录有误".to_owned(), ..Plain::default() };
    let known = committee.derive(&[identity(JIA)]);
    let later = noon().plus_days(1);
    let roster = committee.roster.clone();
    for (reversal, sealed) in [
        (Reversal::Dispute, false),
        (Reversal::Stay { effective_at: noon(), until: Some(later) }, false),
        (Reversal::Reinstate { effective_at: noon(), probation: Some(later) }, true),
        (Reversal::Annul, true),
    ] {
        let grounds = if sealed { grounds(&roster, Some(&plain), &known) } else { grounds(&roster, None, &[]) };
        let bundle = reversed(&committee, reversal, &ids[..1], &named, &grounds).unwrap();
        let item = &bundle.docket().items[0];
        let of = (reversal != Reversal::Dispute).then_some(Of::About(Kind::Ruling));
        assert_eq!((item.kind, item.of), (reversal.kind(), of));
        assert_eq!(bundle.items()[0].share.is_some(), sealed);
        committee.log(&bundle, noon()).unwrap();
    }
    // Annulled: nothing more can be said of it.
    let again =
        reversed(&committee, Reversal::Dispute, &ids[..1], &named, &grounds(&committee.roster, None, &[])).unwrap();
    assert!(matches!(committee.log(&again, noon()), Err(replay::RuleError::AboutAnnulled { .. })));
}

#[test]
fn a_reversal_of_several_people_is_refused_unless_meant() {
    let committee = Committee::found();
    let rulings = committee.rule(SHEET);
    let (named, ids) = (named_in(&rulings), records(&rulings));
    let refused = reversed(&committee, Reversal::Annul, &ids, &named, &grounds(&committee.roster, None, &[]));
    assert!(matches!(refused, Err(Error::Several { persons: 2 })));
    let meant = Grounds { several: true, ..grounds(&committee.roster, None, &[]) };
    let bundle = reversed(&committee, Reversal::Annul, &ids, &named, &meant).unwrap();
    assert_eq!(bundle.docket().items.len(), 2);
    // Each statement carries the identities of its own person.
    let known = committee.derive(&[identity(JIA), identity(KIM)]);
    let readings = readings(&known);
    let named_all = Grounds { readings: &readings, known: &known, ..meant };
    let bundle = reversed(&committee, Reversal::Annul, &ids, &named, &named_all).unwrap();
    let carried: Vec<Vec<IdentityKind>> =
        bundle.items().iter().map(|item| item.identities.iter().map(|one| one.kind).collect()).collect();
    assert_eq!(carried, [[IdentityKind::CnId], [IdentityKind::Passport]]);
}

#[test]
fn a_return_and_an_erasure_are_drafted_only_of_a_person_who_is_named() {
    let committee = Committee::found();
    let rulings = committee.rule(SHEET);
    let (named, ids) = (named_in(&rulings), records(&rulings));
    let back = Reversal::Reinstate { effective_at: noon(), probation: None };
    let refused = reversed(&committee, back, &ids[..1], &named, &grounds(&committee.roster, None, &[]));
    assert!(matches!(refused, Err(Error::Unnamed { kind: Kind::Reinstatement, record }) if record == ids[0]));
    let (kim, jia) = (committee.derive(&[identity(KIM)]), committee.derive(&[identity(JIA)]));
    let erased = |known: &[Known]| {
        let mut draw = Draw { now: noon(), rng: &mut os_rng() };
        erase(ids[..1].to_vec(), Vec::new(), &named, (&readings(known), known), &committee.roster, &mut draw)
    };
    for nobody in [&[][..], &kim] {
        assert!(matches!(erased(nobody), Err(Error::Unnamed { kind: Kind::Erasure, .. })));
    }
    erased(&jia).unwrap();
    // No identity of today makes a tag of an epoch that was closed: that alone mustn't keep a record for ever.
    let mut closed = committee.roster.clone();
    closed.epochs[0].state = callboard_federation::roster::EpochState::Closed;
    let mut draw = Draw { now: noon(), rng: &mut os_rng() };
    erase(ids[..1].to_vec(), Vec::new(), &named, (&[], &[]), &closed, &mut draw).unwrap();
}

#[test]
fn a_reversal_is_drafted_only_of_what_it_can_be_about_and_of_the_person_given() {
    let committee = Committee::found();
    let rulings = committee.rule(SHEET);
    let (named, ids) = (named_in(&rulings), records(&rulings));
    let end = Reversal::End { effective_at: noon() };
    let refused = reversed(&committee, end, &ids[..1], &named, &grounds(&committee.roster, None, &[]));
    assert!(matches!(refused, Err(Error::Kind { kind: Kind::End, of: Kind::Ruling, .. })));
    let refused = reversed(&committee, Reversal::Annul, &[], &named, &grounds(&committee.roster, None, &[]));
    assert!(matches!(refused, Err(Error::NoRecords)));
    let other = committee.derive(&[identity(KIM)]);
    let refused = reversed(&committee, Reversal::Annul, &ids[..1], &named, &grounds(&committee.roster, None, &other));
    assert!(matches!(refused, Err(Error::AnotherPerson(record)) if record == ids[0]));
    let over = Reversal::Stay { effective_at: noon(), until: Some(noon()) };
    let refused = reversed(&committee, over, &ids[..1], &named, &grounds(&committee.roster, None, &[]));
    assert!(matches!(refused, Err(Error::Until)));
}

#[test]
fn an_erasure_names_whole_chains_once_they_are_over() {
    let mut committee = Committee::found();
    let rulings = committee.rule(SHEET);
    committee.log(&rulings, noon()).unwrap();
    let annulment = reversed(
        &committee,
        Reversal::Annul,
        &records(&rulings)[..1],
        &named_in(&rulings),
        &grounds(&committee.roster, None, &[]),
    )
    .unwrap();
    committee.log(&annulment, noon()).unwrap();
    let mut draw = Draw { now: noon(), rng: &mut os_rng() };
    let about = vec![records(&rulings)[0], records(&annulment)[0]];
    let mut named = named_in(&rulings);
    let annulled = Statement::from_json(&annulment.items()[0].statement.0).unwrap();
    let place = callboard_federation::records::Place { index: 3, position: 0 };
    named.insert_drafted(callboard_federation::records::Record::new(place, noon(), &annulled), annulled);
    let known = committee.derive(&[identity(JIA)]);
    let of = (readings(&known), known);
    let erasure = erase(about, Vec::new(), &named, (&of.0, &of.1), &committee.roster, &mut draw).unwrap();
    let bundle = gather(&committee.roster, vec![erasure], None, &mut draw).unwrap();
    committee.log(&bundle, noon()).unwrap();
}

#[test]
fn a_link_is_of_documents_and_of_at_least_two() {
    let mut committee = Committee::found();
    let mut draw = Draw { now: noon(), rng: &mut os_rng() };
    let mut try_link = |identities: &[(IdentityKind, &str)]| {
        let identities: Vec<_> = identities.iter().copied().map(identity).collect();
        let known = committee.derive(&identities);
        link(SubjectType::Person, (&readings(&known), &known), noon(), committee.basis(Hash::of(b"case")), &mut draw)
    };
    assert!(matches!(try_link(&[JIA]), Err(Error::LinkTags)));
    assert!(matches!(try_link(&[JIA, JIA]), Err(Error::LinkTags)));
    let account = (IdentityKind::PlatformAccount, "alpha:jia");
    assert!(matches!(try_link(&[JIA, account]), Err(Error::LinkSoft)));
    let linked = try_link(&[JIA, KIM]).unwrap();
    let mut draw = Draw { now: noon(), rng: &mut os_rng() };
    let bundle = gather(&committee.roster, vec![linked], None, &mut draw).unwrap();
    committee.log(&bundle, noon()).unwrap();
}

#[test]
fn statements_that_were_too_late_count_in_a_new_docket() {
    let mut committee = Committee::found();
    let bundle = committee.rule(SHEET);
    let late = noon().plus_days(15);
    assert!(matches!(committee.log(&bundle, late), Err(replay::RuleError::TooOld)));
    let mut rng = os_rng();
    let renewed = again(&bundle, &committee.roster, &mut Draw { now: late, rng: &mut rng }).unwrap();
    assert!(renewed.items() == bundle.items());
    assert_ne!(renewed.docket().id, bundle.docket().id);
    committee.log(&renewed, late).unwrap();

    let mut other = committee.roster.clone();
    other.epochs[0].number = Epoch::new(2).unwrap();
    let refused = again(&bundle, &other, &mut Draw { now: late, rng: &mut rng });
    assert!(matches!(refused, Err(Error::Epochs)));
}

#[test]
fn reasons_longer_than_a_statement_are_refused_by_their_row() {
    let committee = Committee::found();
    let sheet = SHEET.replace("证据确凿", &"长".repeat(20_000));
    let row = committee.rows(&sheet).remove(1);
    let known = committee.derive(&row.identities().cloned().collect::<Vec<_>>());
    let mut draw = Draw { now: noon(), rng: &mut os_rng() };
    let refused = ruling::ruling(&row, &known, committee.basis(Hash::of(b"case")), false, &mut draw);
    assert!(matches!(refused, Err(Error::RowTooLong { row: 3 })));
}
