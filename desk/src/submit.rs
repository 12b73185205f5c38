//! Handing in: the docket with its signatures goes to the registry, and each record's proof comes back to be kept.
//!
//! As long as a proof isn't there the docket is «signed, not logged» or «logged, not witnessed»: who signed keeps it, and
//! anyone who holds it may hand it in again.

use std::{
    io,
    path::{Path, PathBuf},
    time::Duration,
};

use callboard_client::http::HttpError;
use callboard_federation::{encoding::RecordId, proof_file::ProvenRecord};
use rand_core::CryptoRng;
use reqwest::StatusCode;

use super::registry::{Registry, RegistryError};

/// How often a proof is asked for while witnesses are awaited; a registry's witnesses cosign within a second.
const PAUSE: Duration = Duration::from_millis(250);
/// What the registry says of a record that too few witnesses have seen.
const NOT_WITNESSED: &str = "urn:callboard:problem:not-witnessed";

/// A record's proof, once it is there.
pub enum ProofState {
    /// It is verified, and kept in this file.
    Kept(Box<ProvenRecord>, PathBuf),
    /// Logged by the registry's word; too few witnesses have cosigned.
    NotWitnessed,
}

/// Why a proof isn't kept.
#[derive(Debug, thiserror::Error)]
pub enum KeepError {
    /// The registry doesn't give it, or it doesn't hold.
    #[error(transparent)]
    Registry(#[from] RegistryError),
    /// It can't be written.
    #[error("{path}", path = path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// Why not.
        #[source]
        source: io::Error,
    },
}

/// Asks for a record's proof until it is witnessed or `wait` is over, verifies it against the pin, and keeps it in `dir`.
pub async fn keep_proof(
    registry: &Registry<'_>,
    record: RecordId,
    dir: &Path,
    wait: Duration,
    rng: &mut impl CryptoRng,
) -> Result<ProofState, KeepError> {
    let mut waited = Duration::ZERO;
    loop {
        match registry.record(record, rng).await {
            Ok((proven, bytes)) => {
                let path = dir.join(format!("{record}.json"));
                let failed = |source| KeepError::Io { path: path.clone(), source };
                std::fs::create_dir_all(dir).map_err(failed)?;
                // An older proof of the same record shows no more than a newer one.
                std::fs::write(&path, bytes).map_err(failed)?;
                return Ok(ProofState::Kept(Box::new(proven), path));
            }
            Err(RegistryError::Http(HttpError::Refused { status: StatusCode::CONFLICT, problem, .. }))
                if problem.kind == NOT_WITNESSED =>
            {
                if waited >= wait {
                    return Ok(ProofState::NotWitnessed);
                }
                tokio::time::sleep(PAUSE).await;
                waited += PAUSE;
            }
            Err(other) => return Err(other.into()),
        }
    }
}
