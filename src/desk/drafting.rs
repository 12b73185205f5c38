//! Drafting with a registry: what is in force is fetched and verified, tags are derived, and the docket is drafted.
//!
//! What is drafted, given all that, is [`super::draft`]'s, and pure.

use callboard_client::{
    derivation::{Known, TokensError, derive, live_epochs},
    key_file::SeatKey,
};
use callboard_federation::{
    docket::MAX_ITEMS,
    encoding::{Hash, RecordId, Time},
    identity::{
        Identity, IdentityInvalid,
        reader::{Reading, day_in_china, read},
    },
    roster::Roster,
    sealed::Plain,
    statement::{Basis, Kind, SubjectType},
};
use jiff::tz::TimeZone;
use rand_core::CryptoRng;

use super::{
    bundle::Bundle,
    draft::{
        DraftError, Drafted, Draw,
        again::again,
        gather,
        link::link,
        named::Named,
        reversal::{Grounds, Reversal, erase, reverse},
        ruling::ruling,
        tabled::table,
    },
    registry::{PolicyName, Registry, RegistryError},
    sheet::{self, Format, Row, SheetError},
};

/// Why there is no docket.
#[derive(Debug, thiserror::Error)]
pub enum DraftingError {
    /// The sheet gives no rows.
    #[error("the sheet can't be taken:\n{0}")]
    Sheet(SheetError),
    /// From the registry.
    #[error(transparent)]
    Registry(#[from] RegistryError),
    /// From the token service.
    #[error(transparent)]
    Tokens(#[from] TokensError),
    /// It can't be drafted so.
    #[error(transparent)]
    Draft(#[from] DraftError),
    /// Whoever drafts has a seat.
    #[error("this key has no seat in the roster in force")]
    NoSeat,
    /// The policy's zone isn't one that this machine knows.
    #[error("this machine doesn't know the policy's time zone")]
    Zone,
    /// The bundle that was named doesn't hold the record.
    #[error("the bundle does not hold record {0}")]
    NotInBundle(RecordId),
    /// Reasons are sealed for the person, who must be known.
    #[error(
        "reasons are sealed to the person: give the identities (--identity-file), or the bundle of the record (--from)"
    )]
    NobodyToSealFor,
    /// A real person has no place in a sandbox.
    #[error("{0}")]
    SomebodyInSandbox(IdentityInvalid),
    /// What is given no details can't give reasons.
    #[error("a {0} carries no reasons")]
    NoReasons(Kind),
}

/// The rows to be decided: a file, and what kind of file.
#[derive(Clone, Copy)]
pub struct SheetFile<'a> {
    /// Its bytes.
    pub bytes: &'a [u8],
    /// How it is written.
    pub format: Format,
    /// Its rows about minors that were approved.
    pub minors_approved: &'a [u32],
}

/// What goes with a reversal.
#[derive(Default)]
pub struct With {
    /// The policy; absent: that of what is reversed.
    pub policy: Option<PolicyName>,
    /// What is to be sealed.
    pub plain: Option<Plain>,
    /// The person's identities.
    pub identities: Vec<Reading>,
    /// Whether records of several people are meant.
    pub several: bool,
}

/// A drafter at work, under the roster in force.
pub struct Drafting<'a> {
    registry: &'a Registry<'a>,
    key: &'a SeatKey,
    now: Time,
    roster: Roster,
    publication: Option<Vec<u8>>,
}

impl<'a> Drafting<'a> {
    /// Fetches the roster in force, in which the drafter has a seat.
    pub async fn begin(
        registry: &'a Registry<'a>,
        key: &'a SeatKey,
        now: Time,
        publication: Option<Vec<u8>>,
    ) -> Result<Self, DraftingError> {
        let roster = registry.roster().await?;
        roster.seat(&key.public_key().id()).ok_or(DraftingError::NoSeat)?;
        Ok(Self { registry, key, now, roster, publication })
    }

    /// The roster in force, whose seats the bundle is for.
    pub const fn roster(&self) -> &Roster {
        &self.roster
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
    ) -> Result<Bundle, DraftingError> {
        let (event, procedure) = table(self.key.signing_key(), &mut self.draw(rng))?;
        let drafted = self.drafted_rows(sheet, policy, procedure, is_interim, rng, progress).await?;
        Ok(gather(&self.roster, drafted, self.publication.clone(), vec![event], &mut self.draw(rng))?)
    }

    /// Drafts a reversal of records.
    pub async fn reversal(
        &self,
        reversal: Reversal,
        ids: &[RecordId],
        with: With,
        rng: &mut impl CryptoRng,
    ) -> Result<Bundle, DraftingError> {
        let (event, procedure) = table(self.key.signing_key(), &mut self.draw(rng))?;
        let drafted = self.drafted_reversal(reversal, ids, with, procedure, rng).await?;
        Ok(gather(&self.roster, drafted, self.publication.clone(), vec![event], &mut self.draw(rng))?)
    }

    /// Drafts the annulment of a wrong record and the rulings that stand in its place, in one docket.
    pub async fn replacement(
        &self,
        record: RecordId,
        sheet: SheetFile<'_>,
        with: With,
        rng: &mut impl CryptoRng,
        progress: impl FnMut(usize),
    ) -> Result<Bundle, DraftingError> {
        let (event, procedure) = table(self.key.signing_key(), &mut self.draw(rng))?;
        let policy = if let Some(policy) = &with.policy {
            policy.clone()
        } else {
            let (proven, _) = self.registry.record(record, rng).await?;
            let basis = proven.statement.basis().ok_or(DraftError::NoPolicy(record))?;
            PolicyName { instrument: basis.policy.instrument.clone(), version: basis.policy.version.clone() }
        };
        let mut drafted = self.drafted_reversal(Reversal::Annul, &[record], with, procedure, rng).await?;
        drafted.extend(self.drafted_rows(sheet, &policy, procedure, false, rng, progress).await?);
        Ok(gather(&self.roster, drafted, self.publication.clone(), vec![event], &mut self.draw(rng))?)
    }

    /// Drafts a link of identities.
    pub async fn linkage(
        &self,
        subject_type: SubjectType,
        readings: Vec<Reading>,
        policy: &PolicyName,
        effective_at: Time,
        rng: &mut impl CryptoRng,
    ) -> Result<Bundle, DraftingError> {
        let (event, procedure) = table(self.key.signing_key(), &mut self.draw(rng))?;
        let (policy, _) = self.registry.policy(policy).await?;
        let known = self.derive(identities(&readings), rng, |_| {}).await?;
        let basis = Basis { policy, procedure };
        let drafted = link(subject_type, (&readings, &known), effective_at, basis, &mut self.draw(rng))?;
        Ok(gather(&self.roster, vec![drafted], self.publication.clone(), vec![event], &mut self.draw(rng))?)
    }

    /// Drafts an erasure of whole chains.
    pub fn erasure(
        &self,
        about: Vec<RecordId>,
        uncounted: Vec<u64>,
        rng: &mut impl CryptoRng,
    ) -> Result<Bundle, DraftingError> {
        let drafted = erase(about, uncounted, &mut self.draw(rng))?;
        Ok(gather(&self.roster, vec![drafted], self.publication.clone(), Vec::new(), &mut self.draw(rng))?)
    }

    /// Drafts the statements of a bundle in a new docket.
    pub fn anew(&self, bundle: &Bundle, rng: &mut impl CryptoRng) -> Result<Bundle, DraftingError> {
        Ok(again(bundle, &self.roster, &mut self.draw(rng))?)
    }

    const fn draw<'r, R: CryptoRng>(&self, rng: &'r mut R) -> Draw<'r, R> {
        Draw { now: self.now, rng }
    }

    async fn derive(
        &self,
        identities: Vec<Identity>,
        rng: &mut impl CryptoRng,
        progress: impl FnMut(usize),
    ) -> Result<Vec<Known>, DraftingError> {
        let pin = self.registry.pin();
        if pin.is_sandbox() && identities.iter().any(Identity::is_somebodys) {
            return Err(DraftingError::SomebodyInSandbox(IdentityInvalid::Somebodys));
        }
        Ok(derive(self.registry.caller(), &pin.tokens_url, &self.roster, identities, rng, progress).await?)
    }

    async fn drafted_rows(
        &self,
        sheet: SheetFile<'_>,
        policy: &PolicyName,
        procedure: Hash,
        is_interim: bool,
        rng: &mut impl CryptoRng,
        progress: impl FnMut(usize),
    ) -> Result<Vec<Drafted>, DraftingError> {
        let (policy, document) = self.registry.policy(policy).await?;
        let zone = TimeZone::get(&document.value.zone).map_err(|_| DraftingError::Zone)?;
        let live_epochs = live_epochs(&self.roster).count();
        let rules = sheet::Rules {
            policy: &document.value,
            zone,
            is_interim,
            now: self.now,
            live_epochs,
            minors_approved: sheet.minors_approved,
            is_published: self.publication.is_some(),
        };
        let rows = sheet::read(sheet.bytes, sheet.format, &rules).map_err(DraftingError::Sheet)?;

        let identities = rows.iter().flat_map(Row::identities).cloned().collect();
        let mut known = self.derive(identities, rng, progress).await?.into_iter();
        let basis = Basis { policy, procedure };
        let mut drafted = Vec::with_capacity(rows.len().min(MAX_ITEMS));
        for row in &rows {
            let own: Vec<Known> = known.by_ref().take(row.readings.len()).collect();
            drafted.push(self.drafted_row(row, &own, basis.clone(), is_interim, rng)?);
        }
        Ok(drafted)
    }

    fn drafted_row(
        &self,
        row: &Row,
        known: &[Known],
        basis: Basis,
        is_interim: bool,
        rng: &mut impl CryptoRng,
    ) -> Result<Drafted, DraftingError> {
        Ok(ruling(row, known, basis, is_interim, &mut self.draw(rng))?)
    }

    async fn drafted_reversal(
        &self,
        reversal: Reversal,
        ids: &[RecordId],
        with: With,
        procedure: Hash,
        rng: &mut impl CryptoRng,
    ) -> Result<Vec<Drafted>, DraftingError> {
        if with.plain.is_some() && !reversal.has_details() {
            return Err(DraftingError::NoReasons(reversal.kind()));
        }
        if with.plain.is_some() && with.identities.is_empty() {
            return Err(DraftingError::NobodyToSealFor);
        }
        let named = Named::fetch(self.registry, ids.iter().copied(), rng).await?;
        let policy = match &with.policy {
            Some(name) => Some(self.registry.policy(name).await?.0),
            None => None,
        };
        let known = if with.identities.is_empty() {
            Vec::new()
        } else {
            self.derive(identities(&with.identities), rng, |_| {}).await?
        };
        let grounds = Grounds {
            policy,
            procedure,
            plain: with.plain.as_ref(),
            readings: &with.identities,
            known: &known,
            several: with.several,
        };
        Ok(reverse(reversal, ids, &named, &grounds, &mut self.draw(rng))?)
    }
}

/// The identities that a bundle has of a record's subject.
///
/// # Errors
/// [`DraftingError::NotInBundle`].
pub fn identities_of(bundle: &Bundle, record: RecordId, now: Time) -> Result<Vec<Reading>, DraftingError> {
    let at = bundle.docket().items.iter().position(|item| item.record == record);
    let item = at.and_then(|at| bundle.items().get(at)).ok_or(DraftingError::NotInBundle(record))?;
    let today = day_in_china(now);
    let readings = item.identities.iter().map(|carried| read(carried.typed(), today)).collect::<Result<Vec<_>, _>>();
    readings.ok().filter(|readings| !readings.is_empty()).ok_or(DraftingError::NotInBundle(record))
}

fn identities(readings: &[Reading]) -> Vec<Identity> {
    readings.iter().map(|reading| reading.identity.clone()).collect()
}
