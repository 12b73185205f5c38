//! What would go before a panel is decided at once, by a committee that is one hand: `callboard sandbox decide`, and
//! whatever else a sandbox and the demo decide.

use std::{
    collections::{BTreeMap, btree_map::Entry},
    path::{Path, PathBuf},
    process::ExitCode,
    sync::Arc,
};

use anyhow::Context as _;
use callboard_client::{clock::AheadClock, create_new, pin::Pin};
use callboard_desk::{
    bundle::{self, Bundle, to_sign},
    registry::Registry,
};
use callboard_federation::{
    docket::Docket,
    encoding::{Base64, Time, from_json},
    statement::{Basis, Statement},
};
use callboard_keys::SeatKey;
use callboard_rules::case::docket::Submitted;
use ed25519_dalek::SigningKey;

use super::{
    committee::Committee,
    procedure::{self, Decided},
    state::State,
};

const EXAMPLES: &str = "\
Examples:
  callboard draft batch.csv --policy streamer-warning-rules/2022 --case 019c… --key sandbox/seats/secretary-1.key \\
      --pin sandbox/genesis.json --out proposal.bundle
  callboard sandbox decide proposal.bundle --keep sandbox --out batch.bundle
      heard for weeks, voted on, resolved and confirmed: what is left is to sign it";

/// Have a sandbox's committee decide what is put to the vote
#[derive(clap::Args)]
#[command(after_long_help = EXAMPLES)]
pub(super) struct DecideVerb {
    /// What is put to the vote
    #[arg(value_name = "PROPOSAL.bundle")]
    proposal: PathBuf,
    /// The directory that the sandbox was started with
    #[arg(long, value_name = "DIR")]
    keep: PathBuf,
    /// Where to write what is to be signed
    #[arg(long, value_name = "NAME.bundle")]
    out: PathBuf,
}

impl DecideVerb {
    pub(super) async fn run(self) -> anyhow::Result<ExitCode> {
        create_new::not_there(&self.out)?;
        let (committee, pin) = open(&self.keep).with_context(|| self.keep.display().to_string())?;
        let (bundle, roster) = committee.decided(&pin, &self.proposal).await?;
        let recipients: Vec<_> = committee.seats().iter().map(SeatKey::recipient).collect();
        bundle.write(&self.out, recipients)?;
        println!("{}  {}", self.out.display(), to_sign(&bundle.asked(&roster)));
        Ok(ExitCode::SUCCESS)
    }
}

/// The committee of a sandbox that runs in this directory, by its clock.
fn open(directory: &Path) -> anyhow::Result<(Committee, Pin)> {
    let state = State::begin(directory)?;
    let clock = Arc::new(AheadClock::default());
    clock.advance(state.ahead()?);
    let committee = Committee::open(&state.at("seats"), clock)?;
    let pin: Pin = from_json(&std::fs::read(state.at("genesis.json"))?)?;
    Ok((committee, pin))
}

/// The same statements as a bundle's, under cases in which these seats decided them since `since`, by `now`.
pub(super) async fn under_cases(
    registry: &Registry<'_>,
    seats: &[SeatKey],
    since: Time,
    bundle: Bundle,
    now: Time,
) -> anyhow::Result<Bundle> {
    let statements: Vec<Statement> =
        bundle.items().iter().map(|item| Statement::from_json(&item.statement.0)).collect::<Result<_, _>>()?;
    let mut policies = BTreeMap::new();
    for Basis { policy, .. } in statements.iter().filter_map(Statement::basis) {
        if let Entry::Vacant(unknown) = policies.entry(policy.sha256) {
            unknown.insert(registry.policy_of(policy.sha256).await?.value);
        }
    }
    let keys: Vec<SigningKey> = seats.iter().map(|seat| seat.signing_key().clone()).collect();
    let committee = procedure::Committee { keys: &keys, roster: &registry.roster().await?, since, policies: &policies };
    let submitted = bundle.docket().items.iter().zip(&statements).zip(bundle.items());
    let submitted: Vec<_> = submitted
        .map(|((item, statement), carried)| Submitted { item, statement, bytes: &carried.statement.0 })
        .collect();
    let Decided { statements, events } = committee.decide(&submitted, now)?;
    let (items, statements): (Vec<_>, Vec<_>) = statements.into_iter().unzip();
    let docket = Docket { items, ..bundle.docket().clone() };
    let carried = bundle.items().iter().zip(statements);
    let carried = carried.map(|(item, bytes)| bundle::Item { statement: Base64(bytes), ..item.clone() });
    let publication = bundle.publication().map(<[u8]>::to_vec);
    let decided = Bundle::draft(&docket, carried.collect(), publication, events.concat())?;
    Ok(decided.numbered(bundle.number().map(str::to_owned)))
}
