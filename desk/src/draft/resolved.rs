//! What a case resolved of a proposal becomes a docket to be signed: its statements under the procedure, and nothing else.

use std::collections::BTreeSet;

use callboard_federation::{
    docket::Item,
    dsse::Envelope,
    encoding::{Base64, Hash},
    roster::Roster,
    statement::{Statement, draft_hash, under_procedure},
    zh_en,
};
use rand_core::CryptoRng;

use super::{Draw, docket};
use crate::{bundle::Bundle, error::Error, publication};

/// What was resolved: the drafts, and the event in which their resolution ends, with the chains that lead to it.
pub struct Resolved<'a> {
    pub drafts: &'a BTreeSet<Hash>,
    pub procedure: Hash,
    /// The chain of the case, behind those of the earlier ones that it names.
    pub events: Vec<Envelope>,
    /// What is published, where less was resolved than the proposal's own text tells.
    pub publication: Option<Vec<u8>>,
}

/// Drafts the docket of what was resolved, under the roster in force.
///
/// # Errors
/// The proposal lacks a draft that was resolved; or its public text tells of statements that weren't.
pub fn resolved<R: CryptoRng>(
    proposal: &Bundle,
    of: Resolved<'_>,
    roster: &Roster,
    draw: &mut Draw<'_, R>,
) -> Result<Bundle, Error> {
    let mut missing = of.drafts.clone();
    let (mut docket_items, mut items) = (Vec::new(), Vec::new());
    for (named, item) in proposal.docket().items.iter().zip(proposal.items()) {
        let bytes = &item.statement.0;
        let draft = draft_hash(bytes).map_err(|source| Error::below("draft", source))?;
        if !missing.remove(&draft) {
            continue;
        }
        let bytes = under_procedure(bytes, &of.procedure).map_err(|source| Error::below("draft", source))?;
        docket_items.push(Item { commitment: Statement::commitment(&bytes), ..named.clone() });
        let mut item = item.clone();
        item.statement = Base64(bytes);
        items.push(item);
    }
    if !missing.is_empty() {
        return Err(Error::other("proposal-another", || {
            zh_en!("提请评议的文件中缺少所决议的草案", "the proposal lacks a draft that was resolved")
        }));
    }
    let is_whole = items.len() == proposal.items().len();
    if !is_whole && proposal.publication().is_some() && of.publication.is_none() {
        return Err(Error::other("proposal-publication", || {
            zh_en!(
                "公布内容包括未获通过的各项：请另拟公布内容",
                "the public text tells of what wasn't resolved: write another"
            )
        }));
    }
    let public = of.publication.or_else(|| proposal.publication().map(<[u8]>::to_vec));
    if let Some(text) = &public {
        publication::read(text)?;
    }
    let docket = docket(roster, docket_items, public.as_deref().map(Hash::of), draw);
    Ok(Bundle::draft(&docket, items, public, of.events)?.numbered(proposal.number().map(str::to_owned)))
}
