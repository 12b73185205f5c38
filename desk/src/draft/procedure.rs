//! The event that a docket's procedure begins with: who drafted it tabled it.

use callboard_federation::{
    dsse::Envelope,
    encoding::{Hash, from_json},
    event::{Event, Head},
    zh_en,
};
use ed25519_dalek::SigningKey;
use rand_core::CryptoRng;
use serde_json::{Map, Value};

use super::Draw;
use crate::error::Error;

pub const ACT: &str = "tabled";

/// The member of the event that says the number of the letters (文号).
const NUMBER: &str = "number";

/// Signs the first event of a new case, with the letters' number if they have one; gives it, and the hash that
/// statements of the case name as their procedure.
pub fn table<R: CryptoRng>(
    key: &SigningKey,
    number: Option<&str>,
    draw: &mut Draw<'_, R>,
) -> Result<(Envelope, Hash), Error> {
    let members: Map<String, Value> = number.map(|number| (NUMBER.to_owned(), number.into())).into_iter().collect();
    let envelope = Head::of_new(draw.id())
        .next(draw.now, ACT, members, key)
        .map_err(|source| Error::other("event", || zh_en!("程序记载", "the event")).because(source))?;
    let procedure = envelope.payload_hash();
    Ok((envelope, procedure))
}

pub fn number(events: &[Envelope], procedure: &Hash) -> Option<String> {
    let tabled = events.iter().find(|event| event.payload_hash() == *procedure)?;
    let event: Event = from_json(&tabled.payload.0).ok()?;
    event.members.get(NUMBER)?.as_str().map(str::to_owned)
}
