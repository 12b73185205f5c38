//! Whom a question is about: its identities read, held against what the book knows of the account, and looked up in the book,
//! else with the token service.
//!
//! A question that is refused changes nothing in the book. Ages are [`super::age`]'s, the answer is [`super::answer`]'s.

use std::{
    collections::{BTreeSet, HashMap, HashSet},
    sync::Arc,
    time::Duration,
};

use callboard_client::{
    derivation::{Known, TokensError, derive_counted, live_epochs},
    http::{Allowance, Caller},
    runtime::{error_chain, os_rng},
};
use callboard_federation::{
    encoding::{CheckId, Time},
    identity::{Identity, IdentityKind, reader::OneSubject},
    roster::Roster,
    tag::Epoch,
};
use rand_core::Rng as _;

use super::{
    age,
    decision::Refusal,
    names::Names,
    notes::{self, Note},
    question::{Purpose, Question},
};
use crate::{
    agent::{Agent, AgentError},
    book::{Account, Admission, Held, Person, Reference, holder::Holder, key::Lookup},
    checks::Opening,
};

/// A question whose identities were read, or why nothing is decided.
pub(super) struct Prepared {
    pub(super) id: CheckId,
    pub(super) person: Person,
    pub(super) account: Lookup,
    pub(super) max_staleness: Duration,
    pub(super) told: Holder,
    pub(super) names: Names,
    pub(super) purpose: Purpose,
    pub(super) consent_ref: Option<Reference>,
    pub(super) guardian_ref: Option<Reference>,
    pub(super) notes: Vec<Note>,
    pub(super) identities: Result<Vec<Sought>, Refusal>,
}

/// An identity that is looked up.
pub(super) struct Sought {
    pub(super) lookup: Lookup,
    identity: Identity,
}

/// What the people of a request are under the live epochs.
#[derive(Default)]
pub(super) struct Found {
    /// Their accounts, once they are in the book.
    pub(super) accounts: HashMap<Lookup, Arc<Account>>,
    /// What identities are, those asked about and those that their accounts hold.
    pub(super) held: HashMap<Lookup, Arc<[Held]>>,
    /// How those who were new were blinded.
    pub(super) opened: HashMap<Lookup, Vec<Opening>>,
    /// Why those who are missing are.
    pub(super) failed: Option<String>,
}

impl Prepared {
    /// The identities that were asked about, none if it was refused.
    pub(super) fn sought(&self) -> impl Iterator<Item = &Sought> {
        self.identities.iter().flatten()
    }
}

impl Found {
    /// What the identities are that a question is about: its own, and those that its account holds. `None` if one isn't
    /// known under a live epoch.
    pub(super) fn all_of(&self, prepared: &Prepared, epochs: &[Epoch]) -> Option<Vec<(Lookup, Arc<[Held]>)>> {
        let own: Vec<Lookup> = prepared.sought().map(|sought| sought.lookup).collect();
        let mut all = Vec::with_capacity(own.len());
        for lookup in &own {
            all.push((*lookup, self.held.get(lookup).filter(|held| is_under_all(held, epochs))?.clone()));
        }
        let account = self.accounts.get(&prepared.account)?;
        for lookup in account.identities.iter().filter(|lookup| !own.contains(lookup)) {
            let is_live = |held: &&Arc<[Held]>| held.iter().any(|held| epochs.contains(&held.tag.epoch));
            all.push((*lookup, self.held.get(lookup).filter(is_live)?.clone()));
        }
        Some(all)
    }
}

impl Agent {
    /// Reads questions, and refuses those that can't be answered whatever the log says.
    pub(super) async fn prepare(
        &self,
        questions: &[Question],
        is_age_asked: bool,
        now: Time,
    ) -> Result<Vec<Prepared>, AgentError> {
        let mut all: Vec<_> = questions.iter().map(|question| self.read(question, now)).collect();
        let lookups: Vec<Lookup> = all.iter().map(|(prepared, _)| prepared.account).collect();
        let accounts = self.book.accounts(&lookups).await?;
        let people: Vec<&Person> = all.iter().map(|(prepared, _)| &prepared.person).collect();
        let rooms = self.book.rooms(&people).await?;
        // Two questions of one request for one account are held against each other too.
        let mut holders: HashMap<Lookup, Holder> = HashMap::new();
        for (((prepared, subject), question), room) in all.iter_mut().zip(questions).zip(rooms) {
            prepared.notes.extend(notes::of_room(&prepared.person, room));
            let Some(subject) = subject else { continue };
            let account = accounts.get(&prepared.account).map(|account| &account.holder);
            let before = holders.get(&prepared.account).or(account);
            let after = match before {
                Some(before) if before.says(&prepared.told) => None,
                Some(before) => match before.with(&prepared.told) {
                    Ok(after) => Some(after),
                    Err(contradiction) => {
                        prepared.identities = Err(Refusal::another_person(contradiction));
                        continue;
                    }
                },
                None => Some(prepared.told.clone()),
            };
            let holder = after.as_ref().or(before).unwrap_or(&prepared.told);
            prepared.notes.extend(notes::of_subject(subject, holder));
            let age = if is_age_asked { check_age(subject, question, holder, now) } else { Ok(()) };
            if let Err(refusal) = age {
                prepared.identities = Err(refusal);
                continue;
            }
            let derived = passport_holders(subject, holder, &question.names);
            if let Ok(sought) = &mut prepared.identities {
                for sought_too in derived.map(|identity| self.sought(identity)) {
                    if sought.iter().all(|sought| sought.lookup != sought_too.lookup) {
                        sought.push(sought_too);
                    }
                }
            }
            if let Some(after) = after {
                holders.insert(prepared.account, after);
            }
        }
        Ok(all.into_iter().map(|(prepared, _)| prepared).collect())
    }

    fn read(&self, question: &Question, now: Time) -> (Prepared, Option<OneSubject>) {
        let mut random = [0; 10];
        os_rng().fill_bytes(&mut random);
        let subject = question.read(self.is_sandbox, now).map_err(Refusal::invalid);
        let subject = subject.and_then(|subject| self.is_of_this_member(&subject).map(|()| subject));
        let identities = subject
            .as_ref()
            .map_err(Clone::clone)
            .map(|subject| subject.identities().cloned().map(|identity| self.sought(identity)).collect::<Vec<_>>());
        let own = self.config.max_staleness();
        let asked = question.max_staleness.map(|asked| Duration::try_from(asked).unwrap_or_default());
        let told = identities.iter().flatten().map(|sought| (sought.lookup, &sought.identity));
        let person = question.whom();
        let prepared = Prepared {
            id: CheckId::new(now, random),
            account: self.book.account_lookup(&person),
            person,
            max_staleness: asked.map_or(own, |asked| asked.min(own)),
            told: Holder::told(told, question.date_of_birth, question.guardian_consent, question.no_document),
            names: question.names.clone(),
            purpose: question.purpose,
            consent_ref: question.consent_ref.clone(),
            guardian_ref: question.guardian_ref.clone(),
            notes: Vec::new(),
            identities,
        };
        (prepared, subject.ok())
    }

    fn sought(&self, identity: Identity) -> Sought {
        Sought { lookup: self.book.identity_lookup(&identity), identity }
    }

    /// A code by which the national identity service knows a person to another member can't be had by this one: it was
    /// mistyped, and would find nobody.
    fn is_of_this_member(&self, subject: &OneSubject) -> Result<(), Refusal> {
        let mut codes = subject.identities().filter(|identity| identity.kind() == IdentityKind::NetIdentityCode);
        let is_own = |code: &Identity| code.value().split(':').next() == Some(self.config.member.as_str());
        if codes.all(is_own) { Ok(()) } else { Err(Refusal::code_of_another_member()) }
    }

    /// Looks people up in the book, and has those who are new evaluated by the token service, blinded.
    pub(super) async fn find(&self, prepared: &mut [Prepared], roster: &Roster) -> Result<Found, AgentError> {
        let epochs: Vec<Epoch> = live_epochs(roster).map(|epoch| epoch.number).collect();
        let lookups: Vec<Lookup> = prepared.iter().map(|prepared| prepared.account).collect();
        let mut found = Found { accounts: self.book.accounts(&lookups).await?, ..Found::default() };
        let own = prepared.iter().flat_map(Prepared::sought).map(|sought| sought.lookup);
        let of_accounts = found.accounts.values().flat_map(|account| account.identities.iter().copied());
        let lookups: Vec<Lookup> = own.chain(of_accounts).collect();
        found.held = self.book.held(&lookups).await?;
        let new = new_among(prepared, &found.held, &epochs);
        let mut rest = new.as_slice();
        while !rest.is_empty() {
            let (batch, behind) = rest.split_at(self.points.next_batch(rest.len(), epochs.len(), self.clock.now()));
            let caller = Caller::new(self.client.clone(), self.key.request_key(), &*self.clock);
            let heard = |_, allowance: Option<Allowance>| {
                if let Some(allowance) = allowance {
                    self.points.note(allowance, self.clock.now());
                }
            };
            let service = &self.config.tokens_url;
            let derived = derive_counted(&caller, service, roster, batch.to_vec(), &mut os_rng(), heard).await;
            if let Some((left, resets_at)) = derived.as_ref().err().and_then(TokensError::quota_spent) {
                self.points.note_refusal(left, resets_at, self.clock.now());
            }
            match derived {
                Ok(known) => {
                    rest = behind;
                    self.note_tokens(None);
                    for known in &known {
                        let lookup = self.book.identity_lookup(&known.identity);
                        // Under epochs of before as well: records that hold still may have those tags alone.
                        let before = found.held.get(&lookup).into_iter().flat_map(|held| held.iter());
                        let before = before.filter(|held| !epochs.contains(&held.tag.epoch)).cloned();
                        let held = before.chain(Held::all(&known.derived).iter().cloned()).collect();
                        found.held.insert(lookup, held);
                        found.opened.insert(lookup, known.derived.iter().map(Opening::of).collect());
                    }
                    // At once: what is paid isn't lost with the next batch.
                    self.admit(prepared, &mut found, &known).await?;
                }
                Err(error) => {
                    self.points.keep().await;
                    // A part of it is paid for still.
                    let fits = self.points.next_batch(rest.len(), epochs.len(), self.clock.now());
                    if error.quota_spent().is_some() && fits < batch.len() {
                        continue;
                    }
                    self.tokens_failed(&error);
                    found.failed = Some(error_chain(&error));
                    break;
                }
            }
        }
        self.admit(prepared, &mut found, &[]).await?;
        let of_accounts = found.accounts.values().flat_map(|account| account.identities.iter().copied());
        let missing: Vec<Lookup> = of_accounts.filter(|lookup| !found.held.contains_key(lookup)).collect();
        if !missing.is_empty() {
            found.held.extend(self.book.held(&missing).await?);
        }
        Ok(found)
    }

    /// How many identities of these people the token service would be asked about, and the points that those take.
    pub(crate) async fn cost(&self, questions: &[Question]) -> Result<(usize, usize), AgentError> {
        let roster = self.replica.read().roster();
        let epochs: Vec<Epoch> =
            roster.iter().flat_map(|roster| live_epochs(roster)).map(|epoch| epoch.number).collect();
        let prepared = self.prepare(questions, false, self.clock.now()).await?;
        let lookups: Vec<Lookup> = prepared.iter().flat_map(Prepared::sought).map(|sought| sought.lookup).collect();
        let held = self.book.held(&lookups).await?;
        let new = new_among(&prepared, &held, &epochs).len();
        Ok((new, new * epochs.len()))
    }

    /// Keeps whom the book doesn't hold as the questions say, as far as their tags are known.
    async fn admit(&self, prepared: &mut [Prepared], found: &mut Found, derived: &[Known]) -> Result<(), AgentError> {
        let renewed: BTreeSet<Lookup> =
            derived.iter().map(|known| self.book.identity_lookup(&known.identity)).collect();
        let (mut people, mut places) = (Vec::new(), Vec::new());
        for (place, prepared) in prepared.iter().enumerate() {
            let known = prepared.sought().map(|sought| sought.lookup).filter(|lookup| found.held.contains_key(lookup));
            let identities: Vec<Lookup> = known.collect();
            let is_kept = found.accounts.get(&prepared.account).is_some_and(|account| {
                account.holder.says(&prepared.told)
                    && identities.iter().all(|identity| account.identities.contains(identity))
            });
            let is_renewed = identities.iter().any(|identity| renewed.contains(identity));
            if !identities.is_empty() && (!is_kept || is_renewed) {
                let Prepared { account, person, told, .. } = prepared;
                people.push(Admission { account: *account, person, told, identities });
                places.push(place);
            }
        }
        if people.is_empty() {
            return Ok(());
        }
        let quota = self.points.last().filter(|_| !derived.is_empty());
        let outcomes = self.book.admit(&people, derived, quota.as_ref(), &mut os_rng()).await?;
        drop(people);
        for (place, outcome) in places.into_iter().zip(outcomes) {
            match outcome {
                Ok(account) => drop(found.accounts.insert(account.lookup, account)),
                // Another request got in between.
                Err(contradiction) => prepared[place].identities = Err(Refusal::another_person(contradiction)),
            }
        }
        Ok(())
    }

    /// The token service's proof is wrong, or it isn't there: the first is an alarm.
    fn tokens_failed(&self, error: &TokensError) {
        let is_wrong = matches!(error, TokensError::Token { .. });
        if is_wrong {
            tracing::error!(
                alarm = "wrong-token-key",
                "ALARM: the token service evaluates with another key than the roster's"
            );
            metrics::counter!("callboard_agent_alarms_total", "alarm" => "wrong-token-key").increment(1);
        } else {
            tracing::warn!(error = error_chain(error), "the token service gave no answer");
        }
        self.note_tokens(Some((is_wrong, error_chain(error))));
    }
}

/// The identities that aren't held under every live epoch, in the order in which they are asked about: of a list that doesn't
/// fit, its beginning is answered.
fn new_among(prepared: &[Prepared], held: &HashMap<Lookup, Arc<[Held]>>, epochs: &[Epoch]) -> Vec<Identity> {
    let mut seen = HashSet::new();
    let sought = prepared.iter().flat_map(Prepared::sought);
    let is_new = |sought: &&Sought| {
        !held.get(&sought.lookup).is_some_and(|held| is_under_all(held, epochs)) && seen.insert(sought.lookup)
    };
    sought.filter(is_new).map(|sought| sought.identity.clone()).collect()
}

/// Whether everyone whom the account was told to be is old enough: after a correction, by each of both dates.
fn check_age(subject: &OneSubject, question: &Question, holder: &Holder, now: Time) -> Result<(), Refusal> {
    let identities: Vec<Identity> = subject.identities().cloned().collect();
    let consent = question.guardian_consent;
    // What the book knows needn't be said again.
    let said = question.date_of_birth.or(subject.born).or(holder.births.first().copied());
    age::check(&identities, said, consent, now).map_err(Refusal::of_age)?;
    let mut others = holder.births.iter().filter(|born| Some(**born) != said);
    others.try_for_each(|born| age::check(&[], Some(*born), consent, now)).map_err(Refusal::of_age)
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

fn is_under_all(held: &[Held], epochs: &[Epoch]) -> bool {
    epochs.iter().all(|epoch| held.iter().any(|held| held.tag.epoch == *epoch))
}
