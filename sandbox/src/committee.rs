//! The seats of a sandbox, all in one hand: what takes three people elsewhere takes one call here.

use std::{
    collections::{BTreeMap, btree_map::Entry},
    path::{Path, PathBuf},
    sync::Arc,
};

use anyhow::Context as _;
use callboard_api::registry::cases::{ADD_CASE_EVENT, GET_CASE_HEAD, NewCaseEvent};
use callboard_client::{
    clock::Clock,
    http::{self, Caller},
    pin::Pin,
    runtime::os_rng,
};
use callboard_desk::{
    bundle::{self, Bundle},
    draft::reversal::Reversal,
    drafter::{Drafter, Heading, ReversalInput, SheetFile, identities_of},
    registry::{PolicyName, Registry},
    sheet::Confirmations,
};
use callboard_federation::{
    docket::Docket,
    dsse::{PayloadType, SignatureLine},
    encoding::{Base64, RecordId, Time, from_json},
    event::{CaseState, Event, Head},
    identity::reader::{Reading, TypedIdentity, day_in_china, read},
    roster::{Role, Roster},
    statement::{Basis, Statement, SubjectType},
};
use callboard_keys::{KNOWN_PASSPHRASE, KeyFile, SeatKey};
use callboard_rules::case::{act::Act, docket::Submitted};
use ed25519_dalek::SigningKey;
use serde::Serialize;

use super::{
    people::{By, Identity},
    procedure::{self, Decided},
};

/// The smallest committee that may decide and can lose a seat.
const SEATS: [(&str, Role); 5] = [
    ("panel-1", Role::Panel),
    ("panel-2", Role::Panel),
    ("chair-1", Role::Chair),
    ("chair-2", Role::Chair),
    ("secretary-1", Role::Secretariat),
];

pub(super) struct Committee {
    seats: Vec<SeatKey>,
    clock: Arc<dyn Clock>,
    /// Where its bundles lie, each named for the index of its docket: in them is whose records they are.
    bundles: PathBuf,
}

#[derive(Debug, Serialize)]
pub(super) struct DecisionRecords {
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
            let key = SeatKey::generate(holder.to_owned(), role, &mut os_rng())?;
            key.public().write(&dir.join(format!("{holder}.pub.json")))?;
            KeyFile::Seat(key).write_known(&path)?;
            Ok(SeatKey::open(&path, KNOWN_PASSPHRASE.into())?)
        };
        let bundles = dir.join("bundles");
        std::fs::create_dir_all(&bundles)?;
        Ok(Self { seats: SEATS.into_iter().map(seat).collect::<Result<_, _>>()?, clock, bundles })
    }

    pub(super) fn open(dir: &Path, clock: Arc<dyn Clock>) -> anyhow::Result<Self> {
        let seat =
            |(holder, _): (&str, Role)| SeatKey::open(&dir.join(format!("{holder}.key")), KNOWN_PASSPHRASE.into());
        let bundles = dir.join("bundles");
        Ok(Self { seats: SEATS.into_iter().map(seat).collect::<Result<_, _>>()?, clock, bundles })
    }

    pub(super) fn seats(&self) -> &[SeatKey] {
        &self.seats
    }

    /// Every seat signs, and the docket is handed in.
    pub(super) async fn issue(&self, registry: &Registry<'_>, bundle: &Bundle) -> anyhow::Result<DecisionRecords> {
        let sign = |key: &SeatKey| SignatureLine::of(key.signing_key(), PayloadType::Docket, bundle.payload());
        let logged = registry.submit(&bundle.with_signatures(self.seats.iter().map(sign).collect())).await?;
        let seats = self.seats.iter().map(SeatKey::recipient);
        let kept = self.bundles.join(format!("{}.bundle", logged.index));
        // The other history of a fork has none of its own.
        if !kept.exists() {
            bundle.write(&kept, seats)?;
        }
        self.close(registry, bundle).await?;
        let records = bundle.docket().items.iter().map(|item| item.record).collect();
        Ok(DecisionRecords { index: logged.index, records })
    }

    /// Closes the cases of a docket from which nothing more follows; one of an interim goes on.
    async fn close(&self, registry: &Registry<'_>, bundle: &Bundle) -> anyhow::Result<()> {
        let secretary = self.seats.last().context("no seat")?;
        let (caller, url) = (registry.caller(), &registry.pin().url);
        for event in bundle.events() {
            let Event { case, seq: 0, .. } = from_json(&event.payload.0)? else { continue };
            let entry = caller.ask(url, &GET_CASE_HEAD.with(&case, &(), &()), &mut os_rng()).await?;
            if entry.state == CaseState::Decided {
                let (word, members) = Act::Closed {}.write(None);
                let head = Head::after(case, entry.events.saturating_sub(1), entry.head);
                let event = head.next(self.clock.now(), &word, members, secretary.signing_key())?;
                let closed = NewCaseEvent { event, sealed: None };
                caller.ask(url, &ADD_CASE_EVENT.with(&case, &(), &closed), &mut os_rng()).await?;
            }
        }
        Ok(())
    }

    /// A decision of each row of a sheet, drafted, signed and logged. Rows about minors are approved.
    pub(super) async fn decide(
        &self,
        pin: &Pin,
        sheet: &[u8],
        minors_approved: &[u32],
        policy: &PolicyName,
        by: By,
    ) -> anyhow::Result<DecisionRecords> {
        self.draft(pin, async |drafting, registry| {
            let confirmed = Confirmations { minors_approved, takes_past: true, ..Confirmations::default() };
            let sheet = SheetFile { bytes: sheet, confirmed, arrangement: None, note: &|_| {} };
            if by == By::Import {
                return Ok(drafting.import(sheet, policy, &mut os_rng(), |_| {}).await?.bundle);
            }
            let drafted = drafting.rulings(sheet, policy, by == By::Interim, &mut os_rng(), |_| {}).await?;
            self.under_cases(registry, drafted.bundle).await
        })
        .await
    }

    /// What becomes of records, those of several people in one docket, drafted, signed and logged.
    pub(super) async fn reverse(
        &self,
        pin: &Pin,
        records: &[RecordId],
        reversal: Reversal,
    ) -> anyhow::Result<DecisionRecords> {
        self.draft(pin, async |drafting, registry| {
            let identities = self.identities(registry, records).await?;
            let with = ReversalInput { identities, several: records.len() > 1, ..ReversalInput::default() };
            let drafted = drafting.reversal(reversal, records, with, &mut os_rng()).await?;
            self.under_cases(registry, drafted.bundle).await
        })
        .await
    }

    /// Two documents are of one person.
    pub(super) async fn link(
        &self,
        pin: &Pin,
        documents: &[Identity],
        policy: &PolicyName,
    ) -> anyhow::Result<DecisionRecords> {
        let now = self.clock.now();
        let of = |document: &Identity| -> anyhow::Result<_> {
            let typed = TypedIdentity { kind: document.kind, value: &document.value, confirmed: false };
            let faults = |faults: Vec<_>| anyhow::anyhow!("{} faults in a document", faults.len());
            read(typed, day_in_china(now)).map_err(faults)
        };
        let readings = documents.iter().map(of).collect::<anyhow::Result<_>>()?;
        self.draft(pin, async |drafting, registry| {
            let drafted = drafting.linkage(SubjectType::Person, readings, policy, now, &mut os_rng()).await?;
            self.under_cases(registry, drafted.bundle).await
        })
        .await
    }

    /// Whole chains are erased.
    pub(super) async fn erase(&self, pin: &Pin, records: Vec<RecordId>) -> anyhow::Result<DecisionRecords> {
        self.draft(pin, async |drafting, registry| {
            let of = self.identities(registry, records.get(..1).unwrap_or_default()).await?;
            Ok(drafting.erasure(records, Vec::new(), &of, &mut os_rng()).await?.bundle)
        })
        .await
    }

    async fn draft(
        &self,
        pin: &Pin,
        draft: impl AsyncFnOnce(&Drafter<'_>, &Registry<'_>) -> anyhow::Result<Bundle>,
    ) -> anyhow::Result<DecisionRecords> {
        let secretary = self.seats.last().context("no seat")?;
        let caller = Caller::new(http::client()?, secretary.signing_key(), &*self.clock);
        let registry = Registry::new(pin, &caller);
        let drafting = Drafter::begin(&registry, secretary, self.clock.now(), Heading::default()).await?;
        let bundle = draft(&drafting, &registry).await?;
        self.issue(&registry, &bundle).await
    }

    /// What is put to the vote, decided; and the roster that it is to be signed under.
    pub(super) async fn decided(&self, pin: &Pin, proposal: &Path) -> anyhow::Result<(Bundle, Roster)> {
        let secretary = self.seats.last().context("no seat")?;
        let caller = Caller::new(http::client()?, secretary.signing_key(), &*self.clock);
        let registry = Registry::new(pin, &caller);
        let proposal = Bundle::open(proposal, secretary)?;
        Ok((self.under_cases(&registry, proposal).await?, registry.roster().await?))
    }

    /// The same statements under cases in which they were decided.
    async fn under_cases(&self, registry: &Registry<'_>, bundle: Bundle) -> anyhow::Result<Bundle> {
        let statements: Vec<Statement> =
            bundle.items().iter().map(|item| Statement::from_json(&item.statement.0)).collect::<Result<_, _>>()?;
        let mut policies = BTreeMap::new();
        for Basis { policy, .. } in statements.iter().filter_map(Statement::basis) {
            if let Entry::Vacant(unknown) = policies.entry(policy.sha256) {
                unknown.insert(registry.policy_of(policy.sha256).await?.value);
            }
        }
        let keys: Vec<SigningKey> = self.seats.iter().map(|seat| seat.signing_key().clone()).collect();
        let (roster, since) = (&registry.roster().await?, self.founded_at(registry).await?);
        let committee = procedure::Committee { keys: &keys, roster, since, policies: &policies };
        let submitted = bundle.docket().items.iter().zip(&statements).zip(bundle.items());
        let submitted: Vec<_> = submitted
            .map(|((item, statement), carried)| Submitted { item, statement, bytes: &carried.statement.0 })
            .collect();
        let Decided { statements, events } = committee.decide(&submitted, self.clock.now())?;
        let (items, statements): (Vec<_>, Vec<_>) = statements.into_iter().unzip();
        let docket = Docket { items, ..bundle.docket().clone() };
        let carried = bundle.items().iter().zip(statements);
        let carried = carried.map(|(item, bytes)| bundle::Item { statement: Base64(bytes), ..item.clone() });
        let publication = bundle.publication().map(<[u8]>::to_vec);
        let decided = Bundle::draft(&docket, carried.collect(), publication, events.concat())?;
        Ok(decided.numbered(bundle.number().map(str::to_owned)))
    }

    /// When its seats were first in the log.
    async fn founded_at(&self, registry: &Registry<'_>) -> anyhow::Result<Time> {
        let secretary = self.seats.last().context("no seat")?;
        let first = Bundle::open(&self.bundles.join("0.bundle"), secretary)?;
        let roster = first.docket().items.first().context("a log begins with a roster")?.record;
        Ok(registry.record(roster, &mut os_rng()).await?.0.logged_at)
    }

    /// The identities of the people whose records these are, from the bundles that they came in.
    async fn identities(&self, registry: &Registry<'_>, records: &[RecordId]) -> anyhow::Result<Vec<Reading>> {
        let secretary = self.seats.last().context("no seat")?;
        let mut readings = Vec::new();
        for record in records {
            let index = registry.record(*record, &mut os_rng()).await?.0.place.index;
            let bundle = Bundle::open(&self.bundles.join(format!("{index}.bundle")), secretary)?;
            readings.extend(identities_of(&bundle, &[*record], self.clock.now())?);
        }
        Ok(readings)
    }
}
