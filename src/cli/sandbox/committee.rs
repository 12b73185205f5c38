//! The seats of a sandbox, all in one hand: what takes three people elsewhere takes one call here.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

use anyhow::Context as _;
use callboard_client::{
    clock::Clock,
    http::{self, Caller},
    key_file::{KNOWN_PASSPHRASE, KeyFile, SeatKey},
    pin::Pin,
};
use callboard_federation::{
    dsse::{PayloadType, SignatureLine},
    encoding::RecordId,
    identity::reader::Reading,
    roster::Role,
};
use serde::Serialize;

use crate::{
    cli::chance,
    desk::{
        bundle::Bundle,
        draft::reversal::Reversal,
        drafting::{Drafting, Front, SheetFile, With, identities_of},
        registry::{PolicyName, Registry},
        sheet::Confirmed,
    },
};

/// The smallest committee that may decide and can lose a seat.
const SEATS: [(&str, Role); 5] = [
    ("panel-1", Role::Panel),
    ("panel-2", Role::Panel),
    ("chair-1", Role::Chair),
    ("chair-2", Role::Chair),
    ("secretary-1", Role::Secretariat),
];

/// Every seat's key.
pub(super) struct Committee {
    seats: Vec<SeatKey>,
    clock: Arc<dyn Clock>,
    /// Where its bundles lie, each named for the index of its docket: in them is whose records they are.
    bundles: PathBuf,
}

/// What a decision became.
#[derive(Debug, Serialize)]
pub(super) struct Decided {
    /// Its index in the log.
    pub(super) index: u64,
    /// Its records, in the order of the rows.
    pub(super) records: Vec<RecordId>,
}

impl Committee {
    /// Makes the keys, each a file in `dir` as `callboard keygen` writes it.
    pub(super) fn found(dir: &Path, clock: Arc<dyn Clock>) -> anyhow::Result<Self> {
        std::fs::create_dir_all(dir)?;
        let seat = |(holder, role): (&str, Role)| -> anyhow::Result<SeatKey> {
            let path = dir.join(format!("{holder}.key"));
            let key = SeatKey::generate(holder.to_owned(), role, &mut chance())?;
            key.public().write(&dir.join(format!("{holder}.pub.json")))?;
            KeyFile::Seat(key).write_known(&path)?;
            Ok(SeatKey::open(&path, KNOWN_PASSPHRASE.into())?)
        };
        let bundles = dir.join("bundles");
        std::fs::create_dir_all(&bundles)?;
        Ok(Self { seats: SEATS.into_iter().map(seat).collect::<Result<_, _>>()?, clock, bundles })
    }

    /// The seats' keys.
    pub(super) fn seats(&self) -> &[SeatKey] {
        &self.seats
    }

    /// Every seat signs, and the docket is handed in.
    pub(super) async fn issue(&self, registry: &Registry<'_>, bundle: &Bundle) -> anyhow::Result<Decided> {
        let sign = |key: &SeatKey| SignatureLine::of(key.signing_key(), PayloadType::Docket, bundle.payload());
        let logged = registry.hand_in(&bundle.hand_in(self.seats.iter().map(sign).collect())).await?;
        let seats = self.seats.iter().map(SeatKey::recipient);
        bundle.write(&self.bundles.join(format!("{}.bundle", logged.index)), seats)?;
        let records = bundle.docket().items.iter().map(|item| item.record).collect();
        Ok(Decided { index: logged.index, records })
    }

    /// A ruling, or an interim, of each row of a sheet, drafted, signed and logged.
    pub(super) async fn decide(
        &self,
        pin: &Pin,
        sheet: &[u8],
        policy: &PolicyName,
        is_interim: bool,
    ) -> anyhow::Result<Decided> {
        let secretary = self.seats.last().context("no seat")?;
        let caller = Caller::new(http::client()?, secretary.signing_key(), &*self.clock);
        let registry = Registry::new(pin, &caller);
        let drafting = Drafting::begin(&registry, secretary, self.clock.now(), Front::default()).await?;
        let confirmed = Confirmed { takes_past: true, ..Confirmed::default() };
        let sheet = SheetFile { bytes: sheet, confirmed, note: &|_| {} };
        let bundle = drafting.rulings(sheet, policy, is_interim, &mut chance(), |_| {}).await?.bundle;
        self.issue(&registry, &bundle).await
    }

    /// What becomes of a record, drafted, signed and logged.
    pub(super) async fn reverse(&self, pin: &Pin, record: RecordId, reversal: Reversal) -> anyhow::Result<Decided> {
        let secretary = self.seats.last().context("no seat")?;
        let caller = Caller::new(http::client()?, secretary.signing_key(), &*self.clock);
        let registry = Registry::new(pin, &caller);
        let drafting = Drafting::begin(&registry, secretary, self.clock.now(), Front::default()).await?;
        let with = With { identities: self.identities(&registry, &[record]).await?, ..With::default() };
        let bundle = drafting.reversal(reversal, &[record], with, &mut chance()).await?;
        self.issue(&registry, &bundle).await
    }

    /// The identities of the people whose records these are, from the bundles that they came in.
    async fn identities(&self, registry: &Registry<'_>, records: &[RecordId]) -> anyhow::Result<Vec<Reading>> {
        let secretary = self.seats.last().context("no seat")?;
        let mut readings = Vec::new();
        for record in records {
            let index = registry.record(*record, &mut chance()).await?.0.place.index;
            let bundle = Bundle::open(&self.bundles.join(format!("{index}.bundle")), secretary)?;
            readings.extend(identities_of(&bundle, &[*record], self.clock.now())?);
        }
        Ok(readings)
    }
}
