//! A question as the agent looks it up: its account and identities numbered by the book's keyed hashes, here and nowhere
//! else; or why nothing is decided about it, whatever the log says. A question that is refused changes nothing in the book.

use std::{collections::HashMap, time::Duration};

use callboard_api::agent::{
    Names,
    answer::Note,
    question::{Purpose, Question},
};
use callboard_federation::{
    encoding::{CheckId, Time},
    identity::{Identity, IdentityKind, reader::OneSubject},
    members::MemberId,
};

use super::{age, decision::QuestionError, notes, question as asked};
use crate::{
    book::{Book, BookError, Person, Reference, holder::Holder},
    checks::new_id,
    config::Config,
    store::Lookup,
};

pub(super) struct Inquiry {
    pub(super) id: CheckId,
    pub(super) person: Person,
    pub(super) account: Lookup,
    pub(super) max_staleness: Duration,
    /// What the question tells of whom it is about.
    pub(super) holder: Holder,
    pub(super) names: Names,
    pub(super) purpose: Purpose,
    pub(super) consent_ref: Option<Reference>,
    pub(super) guardian_ref: Option<Reference>,
    pub(super) notes: Vec<Note>,
    pub(super) identities: Result<Vec<IdentityEntry>, QuestionError>,
}

#[derive(Clone)]
pub(super) struct IdentityEntry {
    pub(super) lookup: Lookup,
    pub(super) identity: Identity,
}

impl Inquiry {
    /// The identities that were asked about, none if it was refused.
    pub(super) fn entries(&self) -> impl Iterator<Item = &IdentityEntry> {
        self.identities.iter().flatten()
    }

    pub(super) fn lookups(&self) -> impl Iterator<Item = Lookup> {
        self.entries().map(|entry| entry.lookup)
    }
}

/// Reads questions, and holds them against what the book knows of their accounts.
#[derive(Clone)]
pub(crate) struct InquiryReader {
    book: Book,
    member: MemberId,
    max_staleness: Duration,
    is_sandbox: bool,
}

impl InquiryReader {
    pub(crate) fn new(config: &Config, book: Book, is_sandbox: bool) -> Self {
        Self { book, member: config.member.clone(), max_staleness: config.max_staleness(), is_sandbox }
    }

    /// Reads questions, and refuses those that can't be answered whatever the log says.
    pub(super) async fn read(
        &self,
        questions: &[Question],
        is_age_asked: bool,
        now: Time,
    ) -> Result<Vec<Inquiry>, BookError> {
        let mut all: Vec<_> = questions.iter().map(|question| self.inquiry(question, now)).collect();
        let lookups: Vec<Lookup> = all.iter().map(|(inquiry, _)| inquiry.account).collect();
        let accounts = self.book.accounts(&lookups).await?;
        let people: Vec<&Person> = all.iter().map(|(inquiry, _)| &inquiry.person).collect();
        let rooms = self.book.rooms(&people).await?;
        // Two questions of one request for one account are held against each other too.
        let mut holders: HashMap<Lookup, Holder> = HashMap::new();
        for (((inquiry, subject), question), room) in all.iter_mut().zip(questions).zip(rooms) {
            inquiry.notes.extend(notes::of_room(&inquiry.person, room));
            let Some(subject) = subject else { continue };
            let account = accounts.get(&inquiry.account).map(|account| &account.holder);
            let before = holders.get(&inquiry.account).or(account);
            let after = match before {
                Some(before) if before.covers(&inquiry.holder) => None,
                Some(before) => match before.merge(&inquiry.holder) {
                    Ok(after) => Some(after),
                    Err(contradiction) => {
                        inquiry.identities = Err(QuestionError::another_person(contradiction));
                        continue;
                    }
                },
                None => Some(inquiry.holder.clone()),
            };
            let holder = after.as_ref().or(before).unwrap_or(&inquiry.holder);
            inquiry.notes.extend(notes::of_subject(subject, holder));
            let age = if is_age_asked { check_age(subject, question, holder, now) } else { Ok(()) };
            if let Err(refusal) = age {
                inquiry.identities = Err(refusal);
                continue;
            }
            let derived = passport_holders(subject, holder, &question.names);
            if let Ok(entries) = &mut inquiry.identities {
                for derived in derived.map(|identity| self.entry(identity)) {
                    if entries.iter().all(|entry| entry.lookup != derived.lookup) {
                        entries.push(derived);
                    }
                }
            }
            if let Some(after) = after {
                holders.insert(inquiry.account, after);
            }
        }
        Ok(all.into_iter().map(|(inquiry, _)| inquiry).collect())
    }

    fn inquiry(&self, question: &Question, now: Time) -> (Inquiry, Option<OneSubject>) {
        let subject = asked::read(question, self.is_sandbox, now).map_err(QuestionError::invalid);
        let subject = subject.and_then(|subject| self.is_of_this_member(&subject).map(|()| subject));
        let identities = subject
            .as_ref()
            .map_err(Clone::clone)
            .map(|subject| subject.identities().cloned().map(|identity| self.entry(identity)).collect::<Vec<_>>());
        let own = self.max_staleness;
        let asked = question.max_staleness.map(|asked| Duration::try_from(asked).unwrap_or_default());
        let told = identities.iter().flatten().map(|entry| (entry.lookup, &entry.identity));
        let person = question.whom();
        let inquiry = Inquiry {
            id: new_id(now),
            account: self.book.account_lookup(&person),
            person,
            max_staleness: asked.map_or(own, |asked| asked.min(own)),
            holder: Holder::of_question(
                told,
                question.date_of_birth,
                question.guardian_consents(),
                question.no_document,
            ),
            names: question.names.clone(),
            purpose: question.purpose,
            consent_ref: question.consent_ref.clone(),
            guardian_ref: question.guardian_ref.clone(),
            notes: Vec::new(),
            identities,
        };
        (inquiry, subject.ok())
    }

    fn entry(&self, identity: Identity) -> IdentityEntry {
        IdentityEntry { lookup: self.book.identity_lookup(&identity), identity }
    }

    /// A code by which the national identity service knows a person to another member can't be had by this one: it was
    /// mistyped, and would find nobody.
    fn is_of_this_member(&self, subject: &OneSubject) -> Result<(), QuestionError> {
        let mut codes = subject.identities().filter(|identity| identity.kind() == IdentityKind::NetIdentityCode);
        let is_own = |code: &Identity| code.value().split(':').next() == Some(self.member.as_str());
        if codes.all(is_own) { Ok(()) } else { Err(QuestionError::code_of_another_member()) }
    }
}

/// Whether everyone whom the account was told to be is old enough: after a correction, by each of both dates.
fn check_age(subject: &OneSubject, question: &Question, holder: &Holder, now: Time) -> Result<(), QuestionError> {
    let identities: Vec<Identity> = subject.identities().cloned().collect();
    let consent = question.guardian_consents();
    // What the book knows needn't be said again.
    let said = question.date_of_birth.or(subject.born).or(holder.births.first().copied());
    age::check(&identities, said, consent, now).map_err(QuestionError::of_age)?;
    let mut others = holder.births.iter().filter(|born| Some(**born) != said);
    others.try_for_each(|born| age::check(&[], Some(*born), consent, now)).map_err(QuestionError::of_age)
}

/// Who holds each passport of which name and birth are known: it stays when the passport is renewed.
fn passport_holders<'a>(
    subject: &'a OneSubject,
    holder: &Holder,
    names: &'a Names,
) -> impl Iterator<Item = Identity> + use<'a> {
    let held = match holder.births.as_slice() {
        [born] => Some(*born),
        _ => None,
    };
    let born = subject.born.or(held);
    let passports = subject.identities().filter(|identity| identity.kind() == IdentityKind::Passport);
    // A name in other letters than those of the machine-readable line gives none.
    passports.flat_map(move |passport| {
        names.iter().filter_map(move |name| Identity::passport_holder(passport, name, born?).ok())
    })
}
