//! Bodies: how much of one is read, and of a stranger's no more than is needed to see who signed it.
//!
//! A small body is read by itself. What is longer draws on memory that all of them share, and a docket that is longer
//! than other requests begins with its envelope: unless seats in force signed that, the rest isn't read.

use std::sync::Arc;

use axum::body::{Body, HttpBody as _};
use callboard_federation::dsse::{Envelope, PayloadType};
use http_body_util::BodyExt as _;
use serde_json::Deserializer;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::{
    App,
    problem::{ApiError, MalformedRequest},
};

/// The bytes that each body has for itself; most have fewer.
const OWN: usize = 64 * 1_024;
/// The bytes that all bodies share beyond those, while they are read.
const SHARED: usize = 128 * 1_024 * 1_024;
/// How soon whoever found them taken comes again, in seconds.
const COME_AGAIN: u64 = 5;

/// The memory that long bodies share.
#[derive(Debug, Clone)]
pub struct BodyMemory(Arc<Semaphore>);

impl Default for BodyMemory {
    fn default() -> Self {
        Self(Arc::new(Semaphore::new(SHARED / OWN)))
    }
}

/// A body as far as it was read, and what it has of the shared memory.
struct BodyReader {
    body: Body,
    bytes: Vec<u8>,
    shared: Option<OwnedSemaphorePermit>,
}

impl BodyReader {
    /// Reads on up to `limit` bytes; whether that was the end.
    async fn up_to(&mut self, limit: usize, bodies: Option<&BodyMemory>) -> Result<bool, ApiError> {
        while self.bytes.len() <= limit {
            let Some(frame) = self.body.frame().await else { return Ok(true) };
            let frame = frame.map_err(|_| ApiError::Malformed(MalformedRequest::Body))?;
            let Ok(data) = frame.into_data() else { continue };
            if let Some(bodies) = bodies {
                self.share(self.bytes.len() + data.len(), bodies)?;
            }
            self.bytes.extend_from_slice(&data);
        }
        Ok(false)
    }

    /// Has room for so many bytes.
    fn share(&mut self, bytes: usize, bodies: &BodyMemory) -> Result<(), ApiError> {
        let needed = bytes.saturating_sub(OWN).div_ceil(OWN);
        let more = needed.saturating_sub(self.shared.as_ref().map_or(0, OwnedSemaphorePermit::num_permits));
        if more == 0 {
            return Ok(());
        }
        let more = u32::try_from(more).unwrap_or(u32::MAX);
        let taken = bodies.0.clone().try_acquire_many_owned(more).map_err(|_| ApiError::Busy { after: COME_AGAIN })?;
        match &mut self.shared {
            Some(shared) => shared.merge(taken),
            none => *none = Some(taken),
        }
        Ok(())
    }
}

/// The whole of a body, if it isn't larger than `limit` bytes.
pub async fn read(body: Body, limit: usize, app: &App) -> Result<Vec<u8>, ApiError> {
    if body.size_hint().lower() > limit as u64 {
        return Err(ApiError::BodyTooLarge { limit });
    }
    let mut reading = BodyReader { body, bytes: Vec::new(), shared: None };
    let is_whole = reading.up_to(limit, Some(&app.bodies)).await? && reading.bytes.len() <= limit;
    if is_whole { Ok(reading.bytes) } else { Err(ApiError::BodyTooLarge { limit }) }
}

/// The whole of what is handed in: as [`read`], and beyond the size of other requests only what seats signed.
pub async fn read_docket(body: Body, app: &App) -> Result<Vec<u8>, ApiError> {
    let (usual, limit) = (app.config.limits.request_bytes, app.config.limits.docket_bytes);
    if body.size_hint().lower() > limit as u64 {
        return Err(ApiError::BodyTooLarge { limit });
    }
    let mut reading = BodyReader { body, bytes: Vec::new(), shared: None };
    let mut is_whole = reading.up_to(usual.min(limit), Some(&app.bodies)).await?;
    if !is_whole {
        if !is_signed(&reading.bytes, app) {
            return Err(ApiError::NotYetSigned { bytes: usual });
        }
        reading.shared = None;
        is_whole = reading.up_to(limit, None).await?;
    }
    if is_whole && reading.bytes.len() <= limit { Ok(reading.bytes) } else { Err(ApiError::BodyTooLarge { limit }) }
}

/// Whether what begins so begins with a docket's envelope that seats in force signed, or that is logged; the first
/// entry of a log has nobody before it.
fn is_signed(beginning: &[u8], app: &App) -> bool {
    let Some(envelope) = envelope_at(beginning) else { return false };
    let replay = app.ledger.replay();
    let Some(roster) = replay.roster() else { return true };
    let key_of = |id: &_| roster.seat(id).map(|seat| (seat.public_key, ()));
    replay.index_of(&envelope.payload_hash()).is_some() || envelope.verify(PayloadType::Docket, key_of).is_ok()
}

fn envelope_at(beginning: &[u8]) -> Option<Envelope> {
    let after = |rest: &[u8], word: &str| rest.trim_ascii_start().strip_prefix(word.as_bytes()).map(<[u8]>::to_vec);
    let rest = after(&after(&after(beginning, "{")?, "\"docket\"")?, ":")?;
    Deserializer::from_slice(&rest).into_iter::<Envelope>().next()?.ok()
}

#[cfg(test)]
mod tests {
    use super::envelope_at;

    #[test]
    fn an_envelope_is_found_where_it_comes_first_and_whole() {
        let envelope = r#"{"payload":"e30=","payloadType":"application/vnd.callboard.docket+json","signatures":[]}"#;
        for (text, is_there) in [
            (format!(r#"{{"docket":{envelope},"items":[{{"stat"#), true),
            (format!("\n{{ \"docket\" : {envelope}  , \"it"), true),
            (format!(r#"{{"items":[],"docket":{envelope}}}"#), false),
            (format!(r#"{{"docket":{}"#, &envelope[..60]), false),
            ("[".repeat(100_000), false),
            (format!(r#"{{"docket":{}"#, "[".repeat(100_000)), false),
            (String::new(), false),
        ] {
            assert_eq!(envelope_at(text.as_bytes()).is_some(), is_there, "{}", &text[..text.len().min(80)]);
        }
    }
}
