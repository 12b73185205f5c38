//! Openable blinds, the service's half: of each answered batch who asked, when, how many points, and the root over
//! them.
//!
//! An auditor takes the list, asks a member to open points of its batches, and holds what it is shown against the
//! roots; the points themselves nobody keeps here. Implements *Openable blinds* of `docs/formats.md` §3.

use std::{io, path::Path};

use callboard_federation::encoding::to_json;

pub use super::store::{BatchFilter, StoredBatch};
use super::{
    TokensError,
    store::{FILE, Store},
};

/// How many rows are read at once: some 100 KB.
const PAGE: u32 = 1_000;

/// Writes the batches of a service's directory, oldest first, a line of JSON each; how many. The service may run.
pub async fn export(dir: &Path, wanted: BatchFilter, out: &mut impl io::Write) -> Result<u64, TokensError> {
    let path = dir.join(FILE);
    let told = |source| TokensError::File { path: path.clone(), source };
    // Opened, a store that isn't there would be made.
    std::fs::metadata(&path).map_err(told)?;
    let store = Store::open(dir).await?;
    let (mut after, mut count) = (0, 0);
    loop {
        let page = store.batches(&wanted, after, PAGE).await?;
        let Some((last, _)) = page.last() else { break };
        after = *last;
        for (_, batch) in &page {
            out.write_all(&to_json(batch)).and_then(|()| out.write_all(b"\n")).map_err(TokensError::Output)?;
            count += 1;
        }
    }
    store.close().await;
    out.flush().map_err(TokensError::Output)?;
    Ok(count)
}
