//! Drafting with a registry: what is in force is fetched and verified, tags are derived, and the docket is drafted.
//!
//! What is drafted, given all that, is [`super::draft`]'s, and pure.
//!
//! Long because each act is a method of the one drafter, with what can be wrong in it in both languages.

use std::path::Path;

use callboard_client::{
    derivation::{Known, derive, live_epochs},
    output::{Line, plain},
    table::Note,
};
use callboard_federation::{
    docket::MAX_ITEMS,
    document::Document,
    encoding::{CaseId, RecordId, Time},
    identity::{
        Identity, IdentityError,
        reader::{Reading, day_in_china, read},
    },
    language::Phrase,
    policy::Policy,
    roster::Roster,
    sealed::Plain,
    statement::{Basis, PolicyRef, SubjectType, UNDECIDED, draft_hash},
    zh_en,
};
use callboard_keys::SeatKey;
use rand_core::CryptoRng;

use super::{
    bundle::{Bundle, ProposalOf, not_in_bundle, signers, to_sign},
    draft::{
        DraftItem, Draw,
        again::again,
        gather,
        link::link,
        log_records::LogRecords,
        resolved::{Resolved, resolved},
        reversal::{Grounds, Reversal, erase, no_policy, rejoin, reverse},
        ruling::ruling,
    },
    draft_report::DraftReport,
    letter::{Letter, earlier_record::NUMBER},
    measures::{self, DocketReversals, Policies},
    publication::Publish,
    registry::{PolicyName, Registry},
    sheet::{self, Arrangement, Confirmations, Grid, Row},
    signing::{self, Facts},
};
use crate::Error;
pub use crate::draft_report::Draft;

/// The most bytes of what a subject says (`docs/formats.md` §7).
const MAX_WORDS: usize = 12_000;

#[derive(Clone, Copy)]
pub struct SheetFile<'a> {
    pub bytes: &'a [u8],
    pub confirmed: Confirmations<'a>,
    /// What is said beside it, if anything is.
    pub arrangement: Option<&'a Arrangement>,
    /// Is told what isn't read of it.
    pub note: &'a (dyn Fn(&Note) + Sync),
}

#[derive(Clone, Default)]
pub struct ReversalInput {
    /// The policy; absent: that of what is reversed.
    pub policy: Option<PolicyName>,
    pub plain: Option<Plain>,
    pub identities: Vec<Reading>,
    /// Whether records of several people are meant.
    pub several: bool,
}

/// What a docket appears with: the number of its letters, and what is published.
#[derive(Default)]
pub struct Heading {
    pub number: Option<String>,
    pub publish: Publish,
    /// The case that it is put to the vote in; absent: none yet, or none at all.
    pub case: Option<ProposedIn>,
}

/// The case of a proposal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ProposedIn {
    pub case: CaseId,
    /// The item that the first statement is for; the next ones are for those behind it.
    pub from_item: u32,
}

struct RowItems {
    drafted: Vec<DraftItem>,
    rows: Vec<u32>,
    publication: Option<Vec<u8>>,
}

pub struct Drafter<'a> {
    registry: &'a Registry<'a>,
    key: &'a SeatKey,
    now: Time,
    roster: Roster,
    front: Heading,
}

impl<'a> Drafter<'a> {
    /// Fetches the roster in force, in which the drafter has a seat.
    pub async fn begin(registry: &'a Registry<'a>, key: &'a SeatKey, now: Time, front: Heading) -> Result<Self, Error> {
        let roster = registry.roster().await?;
        roster.seat(&key.public_key().id()).ok_or_else(|| {
            Error::other("no-seat", || {
                zh_en!("现行签署权限名单中没有此密钥", "this key has no seat in the roster in force")
            })
        })?;
        Ok(Self { registry, key, now, roster, front })
    }

    /// Writes a bundle where nothing stands yet, for those who are to sign it and for the drafter; says what it asks of
    /// whom.
    pub fn write(&self, draft: &Draft, out: &Path) -> Result<Line, Error> {
        let (roster, bundle) = (&self.roster, &draft.bundle);
        bundle.write(out, signers(roster, bundle).chain([self.key.recipient()]))?;
        let (count, asked) = (bundle.items().len(), to_sign(&bundle.asked(roster)));
        let statements = if count == 1 { "statement" } else { "statements" };
        let said = zh_en!(("共{count}项，{asked}"), ("{count} {statements}, {asked}"));
        Ok(vec![plain(format_args!("{}  {said}", out.display()))])
    }

    /// What its letters lack, and may.
    pub fn warning(&self) -> Option<Phrase> {
        let without = Phrase::new("未编文号", "its letters bear no number");
        self.front.number.is_none().then_some(without)
    }

    /// Asks what stands already for the people of a draft.
    pub async fn report(&self, draft: Draft, rng: &mut impl CryptoRng) -> Result<DraftReport, Error> {
        let mut policies = Policies::new();
        let (statements, people) = measures::of_bundle(self.registry, &draft.bundle, &mut policies, rng).await?;
        Ok(DraftReport { draft, reversals: DocketReversals::by(&statements), statements, people, policies })
    }

    pub const fn now(&self) -> Time {
        self.now
    }

    pub const fn key(&self) -> &SeatKey {
        self.key
    }

    /// Drafts a ruling (or interim) of each row of a sheet.
    pub async fn rulings(
        &self,
        sheet: SheetFile<'_>,
        policy: &PolicyName,
        is_interim: bool,
        rng: &mut impl CryptoRng,
        progress: impl FnMut(usize),
    ) -> Result<Draft, Error> {
        let found = self.registry.policy(policy).await?;
        let ruled = self.drafted_rows(sheet, found, is_interim, rng, progress).await?;
        let bundle = self.bundle(ruled.drafted, ruled.publication, rng)?;
        Ok(Draft { bundle, rows: ruled.rows })
    }

    /// Drafts a ruling of each row that is taken over from before the registry, without a case, under a policy that
    /// allows it.
    pub async fn import(
        &self,
        sheet: SheetFile<'_>,
        policy: &PolicyName,
        rng: &mut impl CryptoRng,
        progress: impl FnMut(usize),
    ) -> Result<Draft, Error> {
        let found = self.registry.policy(policy).await?;
        if !found.1.value.takes_over(self.now) {
            return Err(Error::other("policy-import", || {
                zh_en!("{policy} 现在不允许导入历史决定", "{policy} takes over no rulings from before the registry now")
            }));
        }
        let ruled = self.drafted_rows(sheet, found, false, rng, progress).await?;
        let bundle = gather(&self.roster, ruled.drafted, ruled.publication, &mut self.draw(rng))?;
        Ok(Draft { bundle: bundle.numbered(self.front.number.clone()), rows: ruled.rows })
    }

    pub async fn reversal(
        &self,
        reversal: Reversal,
        ids: &[RecordId],
        with: ReversalInput,
        rng: &mut impl CryptoRng,
    ) -> Result<Draft, Error> {
        let publication = self.front.publish.without_rows()?;
        let drafted = self.drafted_reversal(reversal, ids, with, rng).await?;
        self.gathered(drafted, publication, rng).await
    }

    /// Drafts the annulment of a wrong record and the rulings that stand in its place, in one docket.
    pub async fn replacement(
        &self,
        record: RecordId,
        sheet: SheetFile<'_>,
        with: ReversalInput,
        rng: &mut impl CryptoRng,
        progress: impl FnMut(usize),
    ) -> Result<Draft, Error> {
        let policy = if let Some(policy) = &with.policy {
            policy.clone()
        } else {
            let (proven, _) = self.registry.record(record, rng).await?;
            let basis = proven.statement.basis().ok_or_else(|| no_policy(record))?;
            PolicyName { instrument: basis.policy.instrument.clone(), version: basis.policy.version.clone() }
        };
        let mut drafted = self.drafted_reversal(Reversal::Annul, &[record], with, rng).await?;
        let found = self.registry.policy(&policy).await?;
        let ruled = self.drafted_rows(sheet, found, false, rng, progress).await?;
        drafted.extend(ruled.drafted);
        let draft = self.gathered(drafted, ruled.publication, rng).await?;
        Ok(Draft { rows: ruled.rows, ..draft })
    }

    pub async fn linkage(
        &self,
        subject_type: SubjectType,
        readings: Vec<Reading>,
        policy: &PolicyName,
        effective_at: Time,
        rng: &mut impl CryptoRng,
    ) -> Result<Draft, Error> {
        let (policy, _) = self.registry.policy(policy).await?;
        let known = self.derive(identities(&readings), rng, |_| {}).await?;
        let basis = Basis { policy, procedure: UNDECIDED };
        let drafted = link(subject_type, (&readings, &known), effective_at, basis, &mut self.draw(rng))?;
        self.gathered(vec![drafted], self.front.publish.without_rows()?, rng).await
    }

    /// Drafts an erasure of whole chains, of the people who have these identities.
    pub async fn erasure(
        &self,
        about: Vec<RecordId>,
        uncounted: Vec<u64>,
        readings: &[Reading],
        rng: &mut impl CryptoRng,
    ) -> Result<Draft, Error> {
        let mut named = LogRecords::fetch(self.registry, about.iter().copied(), rng).await?;
        measures::join(self.registry, &about, &mut named, rng).await?;
        let known =
            if readings.is_empty() { Vec::new() } else { self.derive(identities(readings), rng, |_| {}).await? };
        let of = (readings, known.as_slice());
        let drafted = erase(about, uncounted, &named, of, &self.roster, &mut self.draw(rng))?;
        self.gathered(vec![drafted], self.front.publish.without_rows()?, rng).await
    }

    /// Drafts what the subject of some records says of them.
    pub async fn rejoinder(
        &self,
        about: Vec<RecordId>,
        words: &str,
        readings: &[Reading],
        rng: &mut impl CryptoRng,
    ) -> Result<Draft, Error> {
        if !(1..=MAX_WORDS).contains(&words.len()) {
            return Err(Error::other("words", || {
                zh_en!("陈述申辩应为1至{MAX_WORDS}字节", "what somebody says has 1 to {MAX_WORDS} bytes")
            }));
        }
        let mut named = LogRecords::fetch(self.registry, about.iter().copied(), rng).await?;
        measures::join(self.registry, &about, &mut named, rng).await?;
        let known =
            if readings.is_empty() { Vec::new() } else { self.derive(identities(readings), rng, |_| {}).await? };
        let plain = Plain { words: Some(words.to_owned()), ..Plain::default() };
        let of = (readings, known.as_slice());
        let drafted = rejoin(about, &plain, &named, of, &self.roster, &mut self.draw(rng))?;
        self.gathered(vec![drafted], self.front.publish.without_rows()?, rng).await
    }

    /// Gathers what isn't of a sheet alone; what is published with it is held against everyone in it, and in the
    /// records that it is about, as each signer's desk will.
    async fn gathered(
        &self,
        drafted: Vec<DraftItem>,
        publication: Option<Vec<u8>>,
        rng: &mut impl CryptoRng,
    ) -> Result<Draft, Error> {
        let bundle = self.bundle(drafted, publication, rng)?;
        let is_public = bundle.publication().is_some();
        let draft = Draft { bundle, rows: Vec::new() };
        if is_public {
            self.letters(&draft, rng).await?;
        }
        Ok(draft)
    }

    /// The letters of a draft, as whoever signs it will read them; all that each signer's desk checks is checked, but
    /// who signs.
    pub async fn letters(&self, draft: &Draft, rng: &mut impl CryptoRng) -> Result<Vec<Letter>, Error> {
        let mut found = Facts::fetch(self.registry, &draft.bundle, rng, |_| {}).await?;
        Ok(signing::letters_of_draft(&draft.bundle, &mut found, self.now)?)
    }

    /// Drafts the statements of a bundle in a new docket.
    pub fn anew(&self, bundle: &Bundle, rng: &mut impl CryptoRng) -> Result<Draft, Error> {
        let bundle = again(bundle, &self.roster, &mut self.draw(rng))?;
        Ok(Draft { bundle, rows: Vec::new() })
    }

    fn bundle(
        &self,
        drafted: Vec<DraftItem>,
        publication: Option<Vec<u8>>,
        rng: &mut impl CryptoRng,
    ) -> Result<Bundle, Error> {
        let count = u32::try_from(drafted.len()).unwrap_or(u32::MAX);
        let bundle = gather(&self.roster, drafted, publication, &mut self.draw(rng))?;
        let bundle = bundle.numbered(self.front.number.clone());
        let Some(ProposedIn { case, from_item }) = self.front.case else { return Ok(bundle) };
        // What has no procedure is decided without a case.
        for item in bundle.items() {
            draft_hash(&item.statement.0).map_err(|source| Error::below("draft", source))?;
        }
        let items = (from_item..from_item.saturating_add(count)).collect();
        bundle.proposed(ProposalOf { case, items })
    }

    /// Drafts what a case resolved of a proposal, to be signed.
    pub fn resolved(&self, proposal: &Bundle, of: Resolved<'_>, rng: &mut impl CryptoRng) -> Result<Draft, Error> {
        let bundle = resolved(proposal, of, &self.roster, &mut self.draw(rng))?;
        Ok(Draft { bundle, rows: Vec::new() })
    }

    const fn draw<'r, R: CryptoRng>(&self, rng: &'r mut R) -> Draw<'r, R> {
        Draw { now: self.now, rng }
    }

    async fn derive(
        &self,
        identities: Vec<Identity>,
        rng: &mut impl CryptoRng,
        progress: impl FnMut(usize),
    ) -> Result<Vec<Known>, Error> {
        let pin = self.registry.pin();
        if pin.is_sandbox() && identities.iter().any(Identity::is_somebodys) {
            return Err(Error::other("somebodys", || IdentityError::Somebodys.words().spoken().to_owned()));
        }
        Ok(derive(self.registry.caller(), &pin.tokens_url, &self.roster, identities, rng, progress).await?)
    }

    async fn drafted_rows(
        &self,
        sheet_file: SheetFile<'_>,
        (policy, document): (PolicyRef, Document<Policy>),
        is_interim: bool,
        rng: &mut impl CryptoRng,
        progress: impl FnMut(usize),
    ) -> Result<RowItems, Error> {
        let live_epochs = live_epochs(&self.roster).count();
        let rules = sheet::Rules {
            policy: &document.value,
            zone: sheet::zone_of(&document.value)?,
            is_interim,
            now: self.now,
            live_epochs,
            confirmed: sheet_file.confirmed,
            is_published: !matches!(self.front.publish, Publish::Nothing),
        };
        let as_it_is = Arrangement::default();
        let grid = Grid::open(sheet_file.bytes, sheet_file.arrangement.unwrap_or(&as_it_is))?;
        let sheet::Sheet { mut rows, notes } = grid.read(&rules)?;
        notes.iter().for_each(sheet_file.note);

        let identities = rows.iter().flat_map(Row::identities).cloned().collect();
        let mut known = self.derive(identities, rng, progress).await?.into_iter();
        let basis = Basis { policy, procedure: UNDECIDED };
        let mut drafted = Vec::with_capacity(rows.len().min(MAX_ITEMS));
        for row in &mut rows {
            let own: Vec<Known> = known.by_ref().take(row.readings.len()).collect();
            self.number(&mut row.plain);
            drafted.push(ruling(row, &own, basis.clone(), is_interim, &mut self.draw(rng))?);
        }
        let publish = &self.front.publish;
        let publication = publish.of_sheet(&rows, &document.value, self.front.number.as_deref(), self.now)?;
        Ok(RowItems { drafted, rows: rows.iter().map(|row| row.number).collect(), publication })
    }

    /// Seals the number of the letter with what it says: so that a letter about this one can name it.
    fn number(&self, plain: &mut Plain) {
        let number = self.front.number.iter().map(|number| (NUMBER.to_owned(), number.as_str().into()));
        plain.more.extend(number);
    }

    async fn drafted_reversal(
        &self,
        reversal: Reversal,
        ids: &[RecordId],
        with: ReversalInput,
        rng: &mut impl CryptoRng,
    ) -> Result<Vec<DraftItem>, Error> {
        if with.plain.is_some() && !reversal.has_details() {
            let kind = reversal.kind();
            return Err(Error::other("no-reasons", || {
                zh_en!(("{}不附事实和理由", kind.words().zh), ("a {kind} carries no reasons"))
            }));
        }
        if with.plain.is_some() && with.identities.is_empty() {
            return Err(Error::other("nobody-to-seal-for", || {
                zh_en!(
                    "事实和理由须密封给当事人：请写明其证件",
                    "reasons are sealed to the person: name it by its identity"
                )
            }));
        }
        let mut named = LogRecords::fetch(self.registry, ids.iter().copied(), rng).await?;
        measures::join(self.registry, ids, &mut named, rng).await?;
        let policy = match &with.policy {
            Some(name) => Some(self.registry.policy(name).await?.0),
            None => None,
        };
        let known = if with.identities.is_empty() {
            Vec::new()
        } else {
            self.derive(identities(&with.identities), rng, |_| {}).await?
        };
        let mut plain = with.plain;
        if let Some(plain) = &mut plain {
            self.number(plain);
        }
        let grounds = Grounds {
            policy,
            plain: plain.as_ref(),
            readings: &with.identities,
            known: &known,
            several: with.several,
            roster: &self.roster,
        };
        reverse(reversal, ids, &named, &grounds, &mut self.draw(rng))
    }
}

/// The identities that a bundle has of the subjects of some records, each once; of what it doesn't hold they may be
/// too.
///
/// # Errors
/// If it holds none of them.
pub fn identities_of(bundle: &Bundle, records: &[RecordId], now: Time) -> Result<Vec<Reading>, Error> {
    let today = day_in_china(now);
    let mut all: Vec<Reading> = Vec::new();
    for record in records {
        let at = bundle.docket().items.iter().position(|item| item.record == *record);
        let identities =
            at.and_then(|at| bundle.items().get(at)).map(|item| item.identities.as_slice()).unwrap_or_default();
        for reading in identities.iter().filter_map(|carried| read(carried.typed(), today).ok()) {
            if all.iter().all(|known| known.identity != reading.identity) {
                all.push(reading);
            }
        }
    }
    match records.first() {
        Some(first) if all.is_empty() => Err(not_in_bundle(*first)),
        _ => Ok(all),
    }
}

fn identities(readings: &[Reading]) -> Vec<Identity> {
    readings.iter().map(|reading| reading.identity.clone()).collect()
}
