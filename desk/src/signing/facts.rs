//! What a signer's desk finds out on its own: roster, policies, the records that are named, and every tag.

use callboard_client::derivation::{Known, derive};
use callboard_federation::{
    encoding::{CaseId, RecordId},
    identity::Identity,
    roster::Roster,
    statement::Statement,
};
use callboard_rules::case::Case;
use rand_core::CryptoRng;

use super::{
    SigningError,
    original::{self, Originals},
};
use crate::{
    bundle::Bundle,
    cases::{
        case_file::log_keys,
        docket::{by_case, cases_of, chains, longer, no_log},
        shown::fetch_chains,
    },
    draft::log_records::LogRecords,
    error::Error,
    measures::{self, PersonMeasures, Policies},
    registry::Registry,
};

pub struct Facts {
    pub roster: Roster,
    /// The policies that the statements, and the records that they are about, name.
    pub policies: Policies,
    pub named: LogRecords,
    /// The identities of each item, with their tags under every live epoch.
    pub known: Vec<Vec<Known>>,
    /// The records that they are about, as the identities open them.
    pub originals: Originals,
    /// What stands already for the person of each item.
    pub stands: Vec<PersonMeasures>,
    /// The cases of its procedures, replayed by the desk's own log.
    pub cases: Vec<Case>,
}

impl Facts {
    /// Asks the registry and the token service for all that a bundle is checked by; `progress` hears of each tag.
    pub async fn fetch(
        registry: &Registry<'_>,
        bundle: &Bundle,
        rng: &mut impl CryptoRng,
        progress: impl FnMut(usize),
    ) -> Result<Self, Error> {
        let roster = registry.roster().await?;
        let cases = cases(registry, bundle, rng).await?;
        let statements = statements(bundle)?;
        let own: Vec<RecordId> = statements.iter().map(|statement| statement.id).collect();
        let about = statements.iter().flat_map(Statement::about).copied();
        // What the docket itself holds isn't logged yet.
        let mut named = LogRecords::fetch(registry, about.filter(|id| !own.contains(id)), rng).await?;
        let mut policies = Policies::new();
        let policy_of = |statement: &Statement| Some(statement.basis()?.policy.sha256);
        for sha256 in statements.iter().chain(named.statements()).filter_map(policy_of) {
            measures::policy(registry, &mut policies, sha256).await?;
        }

        let (counts, identities) = identities(bundle)?;
        let service = &registry.pin().tokens_url;
        let known = if identities.is_empty() {
            Vec::new()
        } else {
            derive(registry.caller(), service, &roster, identities, rng, progress).await?
        };
        let known = split(known, &counts);
        let mut originals = Originals::new();
        for (statement, known) in statements.iter().zip(&known) {
            original::fetch(registry, statement, known, &named, &mut originals, rng).await;
        }
        let stands = measures::of_each(registry, &statements, &mut named, &mut policies, rng).await?;
        Ok(Self { roster, policies, named, known, originals, stands, cases })
    }
}

/// The cases of a bundle, each as far as the bundle or the registry has it; none lacks what this seat did.
async fn cases(registry: &Registry<'_>, bundle: &Bundle, rng: &mut impl CryptoRng) -> Result<Vec<Case>, Error> {
    let mut chains = by_case(chains(bundle.events()));
    if chains.is_empty() {
        return Ok(Vec::new());
    }
    let log = registry.log().ok_or_else(no_log)?;
    let ids: Vec<CaseId> = chains.keys().copied().collect();
    for id in ids {
        // One that comes with its docket alone isn't among them.
        let shown = fetch_chains(registry.caller(), &registry.pin().url, id, rng).await?;
        if let Some(own) = registry.own_acts() {
            own.check(id, shown.get(&id).map_or(&[][..], Vec::as_slice), &log_keys(log.replay().history()))?;
        }
        for (id, shown) in shown {
            let shown = shown.into_iter().map(|kept| kept.event).collect();
            let known = chains.remove(&id).unwrap_or_default();
            chains.insert(id, longer(known, shown)?);
        }
    }
    cases_of(&chains, &log.replay())
}

fn statements(bundle: &Bundle) -> Result<Vec<Statement>, SigningError> {
    let read = |(signed, item): (&callboard_federation::docket::Item, &crate::bundle::Item)| {
        Statement::from_json(&item.statement.0)
            .map_err(|source| SigningError::Statement { record: signed.record, source })
    };
    bundle.docket().items.iter().zip(bundle.items()).map(read).collect()
}

/// The identities of all items in a row, normalised again, and how many each item has.
pub(super) fn identities(bundle: &Bundle) -> Result<(Vec<usize>, Vec<Identity>), SigningError> {
    let (mut counts, mut all) = (Vec::with_capacity(bundle.items().len()), Vec::new());
    for (signed, item) in bundle.docket().items.iter().zip(bundle.items()) {
        counts.push(item.identities.len());
        for carried in &item.identities {
            let identity = Identity::normalise(carried.kind, &carried.value, carried.confirmed);
            all.push(identity.map_err(|fault| SigningError::Identity { record: signed.record, fault })?);
        }
    }
    Ok((counts, all))
}

/// What was derived in a row, by item.
pub(super) fn split(known: Vec<Known>, counts: &[usize]) -> Vec<Vec<Known>> {
    let mut known = known.into_iter();
    counts.iter().map(|count| known.by_ref().take(*count).collect()).collect()
}
