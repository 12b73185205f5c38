//! The same statements in a new docket: what wasn't logged within 14 days, or under a roster that was followed since, is
//! signed again (`docs/formats.md` §5.2).

use std::collections::HashSet;

use callboard_client::derivation::live_epochs;
use callboard_federation::{roster::Roster, statement::Statement};
use rand_core::CryptoRng;

use super::{Draw, docket};
use crate::bundle::Bundle;
use crate::error::Error;

/// Drafts the docket anew under the roster in force: another id, another date, the same statements.
///
/// # Errors
/// [`Error::Epochs`], if a statement's tags aren't of the epochs that are live now.
pub fn again<R: CryptoRng>(bundle: &Bundle, roster: &Roster, draw: &mut Draw<'_, R>) -> Result<Bundle, Error> {
    let live: HashSet<_> = live_epochs(roster).map(|epoch| epoch.number).collect();
    for item in bundle.items() {
        let statement = Statement::from_json(&item.statement.0).ok();
        let subject = statement.as_ref().and_then(Statement::subject);
        if subject.is_some_and(|subject| subject.tags.iter().map(|tag| tag.epoch).collect::<HashSet<_>>() != live) {
            return Err(Error::Epochs);
        }
    }
    let docket = docket(roster, bundle.docket().items.clone(), bundle.docket().publication, draw);
    let (items, publication) = (bundle.items().to_vec(), bundle.publication().map(<[u8]>::to_vec));
    let again = Bundle::draft(&docket, items, publication, bundle.events().to_vec())?;
    let again = again.numbered(bundle.number().map(str::to_owned));
    match bundle.proposal() {
        Some(proposal) => again.proposed(proposal.clone()),
        None => Ok(again),
    }
}
