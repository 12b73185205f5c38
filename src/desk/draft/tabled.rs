//! The event that a docket's procedure begins with: who drafted it tabled it.

use callboard_federation::{dsse::Envelope, encoding::Hash, event::Head};
use ed25519_dalek::SigningKey;
use rand_core::CryptoRng;
use serde_json::Map;

use super::{DraftError, Draw};

/// The act of the event.
pub const ACT: &str = "tabled";

/// Signs the first event of a new case; gives it, and the hash that statements of the case name as their procedure.
///
/// # Errors
/// [`DraftError::Event`].
pub fn table<R: CryptoRng>(key: &SigningKey, draw: &mut Draw<'_, R>) -> Result<(Envelope, Hash), DraftError> {
    let envelope = Head::of_new(draw.id()).next(draw.now, ACT, Map::new(), key)?;
    let procedure = envelope.payload_hash();
    Ok((envelope, procedure))
}
