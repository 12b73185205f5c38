//! Signing: what a signer's desk checks on its own before the signer is asked.
//!
//! Nothing that the drafter computed is trusted. The roster, the policies and the records that are named come from the
//! registry, proven; every tag is derived again with the signer's own key; every wrap is opened, and the letter shows what it
//! gave ([`super::letter`]). Here is [`check`], pure, and [`Facts::fetch`], which asks. Whether the docket follows from its
//! cases is asked in [`procedures`]; public documents are read in [`public`]. What the log will ask besides, it checks itself (`callboard_federation::replay`). Implements, for signers,
//! `docs/formats.md` §4, §5, §7 and §11.
//!
//! Long because what a signer's desk checks is read in one piece, in the order in which it is checked.

mod error;
mod facts;
pub mod guard;
mod in_force;
pub mod oddity;
pub(super) mod original;
mod procedures;
pub mod public;
pub mod summary;

use std::collections::BTreeMap;

use callboard_client::derivation::{Derived, Known};
use callboard_federation::{
    docket::{self, Docket, Publication},
    encoding::{KeyId, RecordId, Time},
    identity::{
        Identity, IdentityError,
        reader::{Expectations, Finding, OneSubject, Reading, day_in_china, read},
    },
    policy::{Policy, UntilRule},
    records::{Place, Record},
    replay::{MAX_AGE_DAYS, MAX_AHEAD_MILLIS},
    roster::{Role, Roster},
    sealed::{Plain, Share, open},
    statement::{Act, Basis, EpochTag, Imposition, Kind, Statement, SubjectType},
};
use callboard_rules::letters;

pub use error::SigningError;
pub use facts::Facts;
pub use in_force::InForce;
pub use original::{Original, Originals};

use super::{
    bundle::{Bundle, BundleIdentity, Item},
    draft::{reversal, ruling},
    letter::{EarlierRecord, Head, Letter, Sources, earlier_record, term::Start},
    measures::DocketReversals,
    minor::{self, AgeAtConduct},
    publication::{self, Identifiers},
};

/// How soon an interim takes effect (formats §5.2).
const INTERIM_AHEAD_MILLIS: i64 = 24 * 60 * 60 * 1000;

/// Checks a docket of decisions; gives a letter for each statement, to be read by its signer.
pub fn check(bundle: &Bundle, found: &mut Facts, signer: KeyId, now: Time) -> Result<Vec<Letter>, SigningError> {
    if bundle.proposal().is_some() {
        return Err(SigningError::Proposal);
    }
    check_docket(bundle.docket(), &bundle.asked(&found.roster), &found.roster, signer, now)?;
    let letters = letters(bundle, found, now)?;
    procedures::check(bundle, found, now)?;
    Ok(letters)
}

/// Checks what a docket says, whoever signs it: whoever drafts one that is published asks the same.
pub fn letters(bundle: &Bundle, found: &mut Facts, now: Time) -> Result<Vec<Letter>, SigningError> {
    letters_of(bundle, found, bundle.proposal().is_some(), now)
}

/// The same of what was drafted and isn't in a case yet.
pub fn letters_of_draft(bundle: &Bundle, found: &mut Facts, now: Time) -> Result<Vec<Letter>, SigningError> {
    letters_of(bundle, found, true, now)
}

fn letters_of(bundle: &Bundle, found: &mut Facts, is_proposal: bool, now: Time) -> Result<Vec<Letter>, SigningError> {
    let taken = DocketReversals::by(&read_all(bundle)?);
    let public = bundle.publication().map(Publication::from_json).transpose().map_err(SigningError::Publication)?;
    let mut letters = Vec::with_capacity(bundle.items().len());
    for (position, (signed, item)) in (0_u32..).zip(bundle.docket().items.iter().zip(bundle.items())) {
        let record = signed.record;
        let statement =
            Statement::from_json(&item.statement.0).map_err(|source| SigningError::Statement { record, source })?;
        let of_about = statement.about().first().and_then(|about| found.named.kind(*about));
        if docket::Item::of(&statement, &item.statement.0, of_about) != *signed {
            return Err(SigningError::Item { record });
        }
        check_about(&statement, found)?;
        let readings = read_again(&statement, item, now)?;
        let known = found.known.get(position as usize).map_or(&[][..], Vec::as_slice);
        let unnamed = check_person(&statement, known, found)?;
        let plain = opened(&statement, item, known)?;
        let basis = |basis| check_basis(&statement, basis, found, now);
        let policy = statement.basis().map(basis).transpose()?;
        if let (Some(imposed), Some(policy)) = (statement.imposed(), policy) {
            check_imposed(&statement, imposed, plain.as_ref(), policy, bundle.docket())?;
        }
        let is_minor = is_of_a_minor(&statement, plain.as_ref(), &readings, policy, now);
        let has_guardian = plain.as_ref().is_some_and(|plain| plain.guardian.is_some());
        if is_minor && (bundle.publication().is_some() || (statement.imposed().is_some() && !has_guardian)) {
            return Err(SigningError::Minor { record });
        }
        if let Some(text) = &public {
            let policy = policy.or_else(|| policy_behind(&statement, found));
            check_public(text, &statement, plain.as_ref(), &readings, policy, found)?;
        }
        let number = bundle.number().map(str::to_owned);
        let sealed = plain.as_ref().and_then(earlier_record::number_of);
        if number.as_deref().zip(sealed).is_some_and(|(said, sealed)| said != sealed) {
            return Err(SigningError::Number { record });
        }
        let sources = Sources {
            about: statement.about().iter().map(|about| about_of(*about, &readings, known, found)).collect(),
            policy: policy.or_else(|| policy_behind(&statement, found)).cloned(),
            stands: found.stands.get(position as usize).cloned().unwrap_or_default(),
            plain,
            readings,
            is_minor,
            is_proposal,
            unnamed,
        };
        let head = Head::of(bundle.docket(), signed, &found.roster, number);
        letters.push(Letter::new(&statement, head, sources, &taken, &found.policies));
        // What comes behind it in the docket may be about it.
        let drafted = Record::new(Place { index: u64::MAX, position }, now, &statement);
        found.named.insert_drafted(drafted, statement);
    }
    Ok(letters)
}

fn read_all(bundle: &Bundle) -> Result<Vec<Statement>, SigningError> {
    let read = |(signed, item): (&docket::Item, &Item)| {
        Statement::from_json(&item.statement.0)
            .map_err(|source| SigningError::Statement { record: signed.record, source })
    };
    bundle.docket().items.iter().zip(bundle.items()).map(read).collect()
}

/// What a letter says of an earlier record, and of those that it is about itself.
pub(super) fn about_of(id: RecordId, readings: &[Reading], known: &[Known], found: &Facts) -> EarlierRecord {
    let statement = found.named.statement(id);
    let record = found.named.records().get(id);
    // Of several people, as an erasure may be, each record is told with its own.
    let tags_of = |known: &Known| known.derived.iter().map(Derived::tag).collect::<Vec<EpochTag>>();
    let own: Vec<&Known> = known.iter().filter(|known| found.named.is_of(id, &tags_of(known))).collect();
    let tags: Vec<EpochTag> = own.iter().flat_map(|known| tags_of(known)).collect();
    let policy = statement.and_then(Statement::basis).and_then(|basis| found.policies.get(&basis.policy.sha256));
    let behind = statement.map(Statement::about).unwrap_or_default();
    EarlierRecord {
        record: id,
        kind: statement.map(Statement::kind),
        place: record.map(|record| record.place).filter(|place| place.index != u64::MAX),
        measure: record.and_then(|record| Some((record.measure.clone()?, Start::At(record.starts)))),
        policy: policy.cloned(),
        original: found.originals.get(&id).cloned(),
        readings: readings
            .iter()
            .filter(|reading| own.iter().any(|known| known.identity == reading.identity))
            .cloned()
            .collect(),
        links: found.named.links_to(id, &tags),
        behind: behind.iter().map(|behind| about_of(*behind, readings, known, found)).collect(),
    }
}

pub(super) fn policy_behind<'f>(statement: &Statement, found: &'f Facts) -> Option<&'f Policy> {
    let behind = found.named.behind(statement.about());
    let mut bases = behind.iter().filter_map(|id| found.named.statement(*id)?.basis());
    bases.find_map(|basis| found.policies.get(&basis.policy.sha256))
}

/// The public text shows nobody of the statement, nor of the records that it is about.
fn check_public(
    text: &Publication,
    statement: &Statement,
    plain: Option<&Plain>,
    readings: &[Reading],
    policy: Option<&Policy>,
    found: &Facts,
) -> Result<(), SigningError> {
    let behind = found.named.behind(statement.about());
    let subject = |statement: &Statement| statement.subject().map(|subject| subject.r#type);
    let earlier = behind.iter().filter_map(|id| match found.originals.get(id) {
        Some(Original::Opened(plain)) => Some((subject(found.named.statement(*id)?), plain.as_ref())),
        _ => None,
    });
    let all = earlier.chain(plain.map(|plain| (subject(statement), plain)));
    let names =
        all.filter(|(subject, _)| *subject != Some(SubjectType::Enterprise)).flat_map(|(_, plain)| &plain.names);
    let identities = readings.iter().map(|reading| &reading.identity);
    let someone = Identifiers {
        names: names.map(String::as_str).collect(),
        numbers: identities.filter(|identity| identity.kind().is_hard()).map(Identity::value).collect(),
    };
    let masks_names = policy.is_none_or(letters::masks_names);
    let exposed = |source| SigningError::Exposed { record: statement.id, source };
    publication::check(text, &someone, masks_names).map_err(exposed)
}

fn check_docket(
    docket: &Docket,
    asked: &BTreeMap<Role, u64>,
    roster: &Roster,
    signer: KeyId,
    now: Time,
) -> Result<(), SigningError> {
    if docket.issuer != roster.issuer {
        return Err(SigningError::Issuer);
    }
    if docket.roster != roster.version {
        return Err(SigningError::Roster { in_force: roster.version, got: docket.roster });
    }
    if roster.expires <= now {
        return Err(SigningError::RosterExpired);
    }
    let seat = roster.seat(&signer).ok_or(SigningError::NoSeat)?;
    if !asked.contains_key(&seat.role) {
        return Err(SigningError::NotAsked { role: seat.role });
    }
    check_age(docket, now)
}

fn check_age(docket: &Docket, now: Time) -> Result<(), SigningError> {
    if docket.issued_at.plus_days(MAX_AGE_DAYS) < now {
        return Err(SigningError::TooOld { issued_at: docket.issued_at });
    }
    if docket.issued_at > now.plus_millis(MAX_AHEAD_MILLIS) {
        return Err(SigningError::FromTheFuture { issued_at: docket.issued_at });
    }
    Ok(())
}

/// What a statement names is there, of a kind that it may be about, and of one person.
fn check_about(statement: &Statement, found: &Facts) -> Result<(), SigningError> {
    let (record, kind) = (statement.id, statement.kind());
    let Some(&first) = statement.about().first() else { return Ok(()) };
    for &about in statement.about() {
        let of = found.named.kind(about).ok_or(SigningError::AboutUnknown { record, about })?;
        let is_alike = kind == Kind::Erasure || Some(of) == found.named.kind(first);
        if !kind.may_be_about(of) || !is_alike {
            return Err(SigningError::AboutKind { record, about, kind: of });
        }
        if kind != Kind::Erasure && !found.named.are_of_one(first, about) {
            return Err(SigningError::AboutStrangers { record, about });
        }
    }
    Ok(())
}

/// The tags are those of the identities, derived again; what is named is of the same person. Gives the records whose
/// person no identity shows: an annulment must not wait for one, a return must.
fn check_person(statement: &Statement, known: &[Known], found: &Facts) -> Result<Vec<RecordId>, SigningError> {
    let record = statement.id;
    if let Some(subject) = statement.subject()
        && subject.tags != ruling::tags(known)
    {
        return Err(SigningError::Tags { record });
    }
    if let Some(subject) = statement.subject()
        && let Some(known) = known.iter().find(|known| !known.identity.kind().is_of(subject.r#type))
    {
        return Err(SigningError::IdentityKind { record, kind: known.identity.kind() });
    }
    let tags: Vec<EpochTag> = match statement.subject() {
        Some(subject) => subject.hard().collect(),
        None => known.iter().flat_map(|known| &known.derived).map(Derived::tag).collect(),
    };
    // A ruling follows interims of its own tags alone (formats §5.4).
    let is_theirs = |about, tags: &[EpochTag]| match statement.imposed() {
        Some(_) => found.named.has_one_of(about, tags),
        None => found.named.is_of(about, tags),
    };
    let mut unnamed = Vec::new();
    for &about in statement.about() {
        let is_comparable = found.named.is_comparable(about, &found.roster);
        if tags.is_empty() || !is_comparable {
            // No identity of today makes a tag of an epoch that was closed.
            if is_comparable && reversal::needs_identity(statement.kind()) {
                return Err(SigningError::Unnamed { record, about, kind: statement.kind() });
            }
            unnamed.push(about);
        } else if !is_theirs(about, &tags) {
            return Err(SigningError::AboutAnother { record, about });
        }
    }
    Ok(unnamed)
}

/// The identities as their drafter typed them, read as they were there: with the same doubts.
fn read_again(statement: &Statement, item: &Item, now: Time) -> Result<Vec<Reading>, SigningError> {
    let (record, today) = (statement.id, day_in_china(now));
    let invalid = |fault| SigningError::Identity { record, fault };
    let typed: Vec<_> = item.identities.iter().map(BundleIdentity::typed).collect();
    // A link may be of documents that differ, one being corrected by the other.
    match statement.imposed() {
        Some(imposed) if !typed.is_empty() => {
            let expected = Expectations { subject_type: Some(imposed.subject.r#type), ..Expectations::default() };
            let subject = OneSubject::read(&typed, expected, today);
            let first = |findings: Vec<Finding>| findings.first().map_or(IdentityError::Count, |first| first.fault);
            subject.map(|subject| subject.readings).map_err(|findings| invalid(first(findings)))
        }
        _ => {
            let each = typed.into_iter().map(|typed| {
                read(typed, today).map_err(|faults| faults.first().copied().unwrap_or(IdentityError::Empty))
            });
            each.collect::<Result<_, _>>().map_err(invalid)
        }
    }
}

/// Whether the subject was under 18 at the conduct, or may have been.
pub(super) fn is_of_a_minor(
    statement: &Statement,
    plain: Option<&Plain>,
    readings: &[Reading],
    policy: Option<&Policy>,
    now: Time,
) -> bool {
    let conduct = plain.and_then(|plain| plain.conduct);
    let policy = policy.filter(|_| statement.imposed().is_some());
    minor::age_at(minor::born_of(readings, plain), conduct, policy, day_in_china(now)) != AgeAtConduct::OfAge
}

/// The details, opened through every wrap with a seal key of the signer's own: all give the same, and what the drafter
/// wrote.
fn opened(statement: &Statement, item: &Item, known: &[Known]) -> Result<Option<Plain>, SigningError> {
    let record = statement.id;
    let (details, share) = match (statement.details(), item.share) {
        (None, None) => return Ok(None),
        (Some(details), Some(share)) => (details, Share::from_bytes(share.0)),
        _ => return Err(SigningError::Share { record }),
    };
    let mut said = None;
    for wrap in &details.wraps {
        let tag = EpochTag { epoch: wrap.epoch, tag: wrap.tag };
        let mut derived = known.iter().flat_map(|known| &known.derived);
        let derived =
            derived.find(|derived| derived.tag() == tag).ok_or(SigningError::Wrap { record, epoch: wrap.epoch })?;
        let plain = open(details, record, &derived.holder(), &share).map_err(|source| SigningError::Sealed {
            record,
            epoch: wrap.epoch,
            source,
        })?;
        if said.as_ref().is_some_and(|said| *said != plain) {
            return Err(SigningError::Plain { record });
        }
        said = Some(plain);
    }
    let written = item.plain.clone().and_then(|plain| serde_json::from_value::<Plain>(plain).ok());
    if said.is_some() && said == written { Ok(said) } else { Err(SigningError::Plain { record }) }
}

/// The policy is logged under that name, in effect by then, and the procedure is one that the bundle shows.
fn check_basis<'a>(
    statement: &Statement,
    basis: &Basis,
    found: &'a Facts,
    now: Time,
) -> Result<&'a Policy, SigningError> {
    let record = statement.id;
    let policy = found.policies.get(&basis.policy.sha256).ok_or(SigningError::PolicyUnknown { record })?;
    if policy.instrument != basis.policy.instrument || policy.version != basis.policy.version {
        return Err(SigningError::PolicyUnknown { record });
    }
    if policy.effective_from > statement.effective_at().unwrap_or(now) {
        return Err(SigningError::PolicyNotYet { record });
    }
    Ok(policy)
}

/// The policy has the measure, its scopes, its end, and the violations, and was in effect at the conduct.
fn check_imposed(
    statement: &Statement,
    imposed: &Imposition,
    plain: Option<&Plain>,
    policy: &Policy,
    docket: &Docket,
) -> Result<(), SigningError> {
    let record = statement.id;
    let measure = &imposed.measure;
    let rule = policy.measures.get(&measure.kind).ok_or(SigningError::Measure { record })?;
    let is_interim = matches!(statement.act, Act::Interim { .. });
    let until_as_asked = is_interim
        || match rule.until {
            UntilRule::Required => measure.until.is_some(),
            UntilRule::Optional => true,
            UntilRule::Forbidden => measure.until.is_none(),
        };
    if !rule.allows(&measure.scopes) || !until_as_asked {
        return Err(SigningError::Measure { record });
    }
    let longest = imposed.effective_at.plus_days(i64::from(policy.interim.max_days));
    let is_late = imposed.effective_at > docket.issued_at.plus_millis(INTERIM_AHEAD_MILLIS);
    if is_interim && (is_late || measure.until.is_none_or(|until| until > longest)) {
        return Err(SigningError::Interim { record });
    }
    let is_known = |code: &String| policy.violations.iter().any(|violation| violation.code == *code);
    if plain.is_some_and(|plain| !plain.violations.iter().all(is_known)) {
        return Err(SigningError::Violation { record });
    }
    if plain.and_then(|plain| plain.conduct).is_some_and(|conduct| minor::was_before(conduct, policy)) {
        return Err(SigningError::ConductBeforePolicy { record });
    }
    Ok(())
}

#[cfg(test)]
mod tests;
