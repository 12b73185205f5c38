//! No image of this process's memory is ever written: it holds token keys.

use rustix::process::{Resource, Rlimit, setrlimit};

use super::TokensError;

/// Forbids core dumps of the process and, where there is such a thing, that another process of its user reads it.
pub fn forbid_core_dumps() -> Result<(), TokensError> {
    let refused = |error: rustix::io::Errno| TokensError::CoreDumps(error.into());
    setrlimit(Resource::Core, Rlimit { current: Some(0), maximum: Some(0) }).map_err(refused)?;
    #[cfg(target_os = "linux")]
    rustix::process::set_dumpable_behavior(rustix::process::DumpableBehavior::NotDumpable).map_err(refused)?;
    Ok(())
}
