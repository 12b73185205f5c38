//! Drafting with a registry: what is in force is fetched and verified, tags are derived, and the docket is drafted.
//!
//! What is drafted, given all that, is [`super::draft`]'s, and pure.
//!
//! Long because the errors of drafting stand in it beside the acts that raise them, each in both languages.

use callboard_client::{
    derivation::{Known, TokensError, derive, live_epochs},
    table::Note,
};
use callboard_federation::{
    docket::MAX_ITEMS,
    dsse::Envelope,
    encoding::{Hash, RecordId, Time},
    identity::{
        Identity, IdentityError,
        reader::{Reading, day_in_china, read},
    },
    roster::Roster,
    sealed::Plain,
    statement::{Basis, Kind, SubjectType},
    zh_en,
};
use callboard_keys::SeatKey;
use jiff::tz::TimeZone;
use rand_core::CryptoRng;

use super::{
    ask::AskError,
    bundle::Bundle,
    draft::{
        DraftError, DraftItem, Draw,
        again::again,
        gather,
        link::link,
        log_records::LogRecords,
        procedure::table,
        reversal::{Grounds, Reversal, erase, reverse},
        ruling::ruling,
    },
    letter::earlier_record::NUMBER,
    measures,
    publication::{Publish, PublishError},
    registry::{PolicyName, Registry, RegistryError},
    sheet::{self, Confirmations, Row, SheetError},
    signing::{self, Facts, FetchError, SigningError},
};

/// Why there is no docket.
#[derive(Debug, thiserror::Error)]
pub enum DrafterError {
    /// The sheet gives no rows.
    #[error(transparent)]
    Sheet(#[from] SheetError),
    /// From the registry.
    #[error(transparent)]
    Registry(#[from] RegistryError),
    /// From the token service.
    #[error(transparent)]
    Tokens(#[from] TokensError),
    /// Which links join the person's documents can't be asked, or isn't borne out.
    #[error(transparent)]
    Asking(#[from] AskError),
    /// It can't be drafted so.
    #[error(transparent)]
    Draft(#[from] DraftError),
    /// Whoever drafts has a seat.
    #[error("{}", zh_en!("现行签署权限名单中没有此密钥", "this key has no seat in the roster in force"))]
    NoSeat,
    /// The policy's zone isn't one that this machine knows.
    #[error("{}", zh_en!("本机不认识该规则的时区", "this machine doesn't know the policy's time zone"))]
    Zone,
    /// The bundle that was named doesn't hold the record.
    #[error("{}", zh_en!("该待签文件中没有记录 {_0}", "the bundle does not hold record {_0}"))]
    NotInBundle(RecordId),
    /// The public text can't be so.
    #[error(transparent)]
    Publish(#[from] PublishError),
    /// What is published with it would be refused where it is signed.
    #[error(transparent)]
    Refused(#[from] SigningError),
    /// What that is checked by can't be found.
    #[error(transparent)]
    Fetch(FetchError),
    /// Reasons are sealed for the person, who must be known.
    #[error("{}", zh_en!("事实和理由须密封给当事人：请用 --identity-file 写明其证件，或用 --from 指明记录的待签文件",
        "reasons are sealed to the person: name it (--identity-file), or the record's bundle (--from)"))]
    NobodyToSealFor,
    /// A real person has no place in a sandbox.
    #[error("{}", zh_en!(("{}", _0.words().zh), ("{}", _0.words().en)))]
    SomebodyInSandbox(IdentityError),
    /// What is given no details can't give reasons.
    #[error("{}", zh_en!(("{}不附事实和理由", _0.words().zh), ("a {_0} carries no reasons")))]
    NoReasons(Kind),
}

/// The rows to be decided: a file, and what was confirmed of it.
#[derive(Clone, Copy)]
pub struct SheetFile<'a> {
    /// Its bytes.
    pub bytes: &'a [u8],
    /// What was confirmed of its rows.
    pub confirmed: Confirmations<'a>,
    /// Is told what isn't read of it.
    pub note: &'a (dyn Fn(&Note) + Sync),
}

/// What goes with a reversal.
#[derive(Clone, Default)]
pub struct ReversalInput {
    /// The policy; absent: that of what is reversed.
    pub policy: Option<PolicyName>,
    /// What is to be sealed.
    pub plain: Option<Plain>,
    /// The person's identities.
    pub identities: Vec<Reading>,
    /// Whether records of several people are meant.
    pub several: bool,
}

/// What a docket appears with: the number of its letters, and what is published.
#[derive(Default)]
pub struct Heading {
    /// The number of its letters (文号).
    pub number: Option<String>,
    /// The public text.
    pub publish: Publish,
}

/// What became of a sheet.
struct RowItems {
    drafted: Vec<DraftItem>,
    rows: Vec<u32>,
    publication: Option<Vec<u8>>,
}

/// A drafter at work, under the roster in force.
pub struct Drafter<'a> {
    registry: &'a Registry<'a>,
    key: &'a SeatKey,
    now: Time,
    roster: Roster,
    front: Heading,
}

/// A docket of rulings, and the row of the sheet that each of its last statements is of.
pub struct Draft {
    /// The docket.
    pub bundle: Bundle,
    /// The rows, in the order of the statements.
    pub rows: Vec<u32>,
}

impl<'a> Drafter<'a> {
    /// Fetches the roster in force, in which the drafter has a seat.
    pub async fn begin(
        registry: &'a Registry<'a>,
        key: &'a SeatKey,
        now: Time,
        front: Heading,
    ) -> Result<Self, DrafterError> {
        let roster = registry.roster().await?;
        roster.seat(&key.public_key().id()).ok_or(DrafterError::NoSeat)?;
        Ok(Self { registry, key, now, roster, front })
    }

    /// The roster in force, whose seats the bundle is for.
    pub const fn roster(&self) -> &Roster {
        &self.roster
    }

    /// The registry that is drafted for.
    pub const fn registry(&self) -> &Registry<'a> {
        self.registry
    }

    /// When it is drafted.
    pub const fn now(&self) -> Time {
        self.now
    }

    /// The key of who drafts.
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
    ) -> Result<Draft, DrafterError> {
        let (event, procedure) = self.table(rng)?;
        let ruled = self.drafted_rows(sheet, policy, procedure, is_interim, rng, progress).await?;
        let bundle = gather(&self.roster, ruled.drafted, ruled.publication, vec![event], &mut self.draw(rng))?;
        Ok(Draft { bundle, rows: ruled.rows })
    }

    /// Drafts a ruling of each row that is taken over from before the registry, without a case, under a policy that allows it.
    pub async fn taken_over(
        &self,
        sheet: SheetFile<'_>,
        policy: &PolicyName,
        rng: &mut impl CryptoRng,
    ) -> Result<Bundle, DrafterError> {
        let without = Hash::from_bytes([0; 32]);
        let ruled = self.drafted_rows(sheet, policy, without, false, rng, |_| {}).await?;
        Ok(gather(&self.roster, ruled.drafted, ruled.publication, Vec::new(), &mut self.draw(rng))?)
    }

    /// Drafts a reversal of records.
    pub async fn reversal(
        &self,
        reversal: Reversal,
        ids: &[RecordId],
        with: ReversalInput,
        rng: &mut impl CryptoRng,
    ) -> Result<Bundle, DrafterError> {
        let (event, procedure) = self.table(rng)?;
        let publication = self.front.publish.without_rows()?;
        let drafted = self.drafted_reversal(reversal, ids, with, procedure, rng).await?;
        self.gathered(drafted, publication, vec![event], rng).await
    }

    /// Drafts the annulment of a wrong record and the rulings that stand in its place, in one docket.
    pub async fn replacement(
        &self,
        record: RecordId,
        sheet: SheetFile<'_>,
        with: ReversalInput,
        rng: &mut impl CryptoRng,
        progress: impl FnMut(usize),
    ) -> Result<Draft, DrafterError> {
        let (event, procedure) = self.table(rng)?;
        let policy = if let Some(policy) = &with.policy {
            policy.clone()
        } else {
            let (proven, _) = self.registry.record(record, rng).await?;
            let basis = proven.statement.basis().ok_or(DraftError::NoPolicy(record))?;
            PolicyName { instrument: basis.policy.instrument.clone(), version: basis.policy.version.clone() }
        };
        let mut drafted = self.drafted_reversal(Reversal::Annul, &[record], with, procedure, rng).await?;
        let ruled = self.drafted_rows(sheet, &policy, procedure, false, rng, progress).await?;
        drafted.extend(ruled.drafted);
        let bundle = self.gathered(drafted, ruled.publication, vec![event], rng).await?;
        Ok(Draft { bundle, rows: ruled.rows })
    }

    /// Drafts a link of identities.
    pub async fn linkage(
        &self,
        subject_type: SubjectType,
        readings: Vec<Reading>,
        policy: &PolicyName,
        effective_at: Time,
        rng: &mut impl CryptoRng,
    ) -> Result<Bundle, DrafterError> {
        let (event, procedure) = self.table(rng)?;
        let (policy, _) = self.registry.policy(policy).await?;
        let known = self.derive(identities(&readings), rng, |_| {}).await?;
        let basis = Basis { policy, procedure };
        let drafted = link(subject_type, (&readings, &known), effective_at, basis, &mut self.draw(rng))?;
        self.gathered(vec![drafted], self.front.publish.without_rows()?, vec![event], rng).await
    }

    /// Drafts an erasure of whole chains, of the people who have these identities.
    pub async fn erasure(
        &self,
        about: Vec<RecordId>,
        uncounted: Vec<u64>,
        readings: &[Reading],
        rng: &mut impl CryptoRng,
    ) -> Result<Bundle, DrafterError> {
        let mut named = LogRecords::fetch(self.registry, about.iter().copied(), rng).await?;
        measures::join(self.registry, &about, &mut named, rng).await?;
        let known =
            if readings.is_empty() { Vec::new() } else { self.derive(identities(readings), rng, |_| {}).await? };
        let of = (readings, known.as_slice());
        let drafted = erase(about, uncounted, &named, of, &self.roster, &mut self.draw(rng))?;
        self.gathered(vec![drafted], self.front.publish.without_rows()?, Vec::new(), rng).await
    }

    /// Gathers what isn't of a sheet alone; what is published with it is held against everyone in it, and in the records that it
    /// is about, as each signer's desk will.
    async fn gathered(
        &self,
        drafted: Vec<DraftItem>,
        publication: Option<Vec<u8>>,
        events: Vec<Envelope>,
        rng: &mut impl CryptoRng,
    ) -> Result<Bundle, DrafterError> {
        let bundle = gather(&self.roster, drafted, publication, events, &mut self.draw(rng))?;
        if bundle.publication().is_some() {
            let mut found = Facts::fetch(self.registry, &bundle, rng, |_| {}).await?;
            signing::letters(&bundle, &mut found, self.now)?;
        }
        Ok(bundle)
    }

    /// Drafts the statements of a bundle in a new docket.
    pub fn anew(&self, bundle: &Bundle, rng: &mut impl CryptoRng) -> Result<Bundle, DrafterError> {
        Ok(again(bundle, &self.roster, &mut self.draw(rng))?)
    }

    fn table(&self, rng: &mut impl CryptoRng) -> Result<(Envelope, Hash), DraftError> {
        table(self.key.signing_key(), self.front.number.as_deref(), &mut self.draw(rng))
    }

    const fn draw<'r, R: CryptoRng>(&self, rng: &'r mut R) -> Draw<'r, R> {
        Draw { now: self.now, rng }
    }

    async fn derive(
        &self,
        identities: Vec<Identity>,
        rng: &mut impl CryptoRng,
        progress: impl FnMut(usize),
    ) -> Result<Vec<Known>, DrafterError> {
        let pin = self.registry.pin();
        if pin.is_sandbox() && identities.iter().any(Identity::is_somebodys) {
            return Err(DrafterError::SomebodyInSandbox(IdentityError::Somebodys));
        }
        Ok(derive(self.registry.caller(), &pin.tokens_url, &self.roster, identities, rng, progress).await?)
    }

    async fn drafted_rows(
        &self,
        sheet_file: SheetFile<'_>,
        policy: &PolicyName,
        procedure: Hash,
        is_interim: bool,
        rng: &mut impl CryptoRng,
        progress: impl FnMut(usize),
    ) -> Result<RowItems, DrafterError> {
        let (policy, document) = self.registry.policy(policy).await?;
        let zone = TimeZone::get(&document.value.zone).map_err(|_| DrafterError::Zone)?;
        let live_epochs = live_epochs(&self.roster).count();
        let rules = sheet::Rules {
            policy: &document.value,
            zone,
            is_interim,
            now: self.now,
            live_epochs,
            confirmed: sheet_file.confirmed,
            is_published: !matches!(self.front.publish, Publish::Nothing),
        };
        let sheet::Sheet { mut rows, notes } = sheet::read(sheet_file.bytes, &rules)?;
        notes.iter().for_each(sheet_file.note);

        let identities = rows.iter().flat_map(Row::identities).cloned().collect();
        let mut known = self.derive(identities, rng, progress).await?.into_iter();
        let basis = Basis { policy, procedure };
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
        procedure: Hash,
        rng: &mut impl CryptoRng,
    ) -> Result<Vec<DraftItem>, DrafterError> {
        if with.plain.is_some() && !reversal.has_details() {
            return Err(DrafterError::NoReasons(reversal.kind()));
        }
        if with.plain.is_some() && with.identities.is_empty() {
            return Err(DrafterError::NobodyToSealFor);
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
            procedure,
            plain: plain.as_ref(),
            readings: &with.identities,
            known: &known,
            several: with.several,
            roster: &self.roster,
        };
        Ok(reverse(reversal, ids, &named, &grounds, &mut self.draw(rng))?)
    }
}

/// The identities that a bundle has of the subjects of some records, each once; of what it doesn't hold they may be too.
///
/// # Errors
/// [`DrafterError::NotInBundle`], if it holds none of them.
pub fn identities_of(bundle: &Bundle, records: &[RecordId], now: Time) -> Result<Vec<Reading>, DrafterError> {
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
        Some(first) if all.is_empty() => Err(DrafterError::NotInBundle(*first)),
        _ => Ok(all),
    }
}

impl From<FetchError> for DrafterError {
    fn from(error: FetchError) -> Self {
        match error {
            FetchError::Refused(refusal) => refusal.into(),
            error => Self::Fetch(error),
        }
    }
}

fn identities(readings: &[Reading]) -> Vec<Identity> {
    readings.iter().map(|reading| reading.identity.clone()).collect()
}
