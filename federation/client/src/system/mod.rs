//! What each operating system does in its own way: who may read a file, what may look into a process, how it is told to
//! stop, how one program becomes another. Nothing else of client, keys, desk and `callboard` asks which system it is on.
//!
//! One body each, with the same functions: `unix`, and `portable` for every other system, by `std` alone. Each says what it
//! can't promise. On Unix the portable one is read by the compiler with the tests, so that it can't rot. Files that are
//! made whole are [`super::create_new`]'s.

#[cfg(any(not(unix), test))]
pub mod portable;
#[cfg(unix)]
mod unix;

#[cfg(not(unix))]
pub use portable::{
    become_program, close_to_others, create_new, forbid_core_dumps, is_open_to_others, not_writable,
    private_by_default, set_mode, sync_directory, told_to_stop,
};
#[cfg(unix)]
pub use unix::{
    become_program, close_to_others, create_new, forbid_core_dumps, is_open_to_others, not_writable,
    private_by_default, set_mode, sync_directory, told_to_stop,
};

/// Whose a directory is that this process may not write to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ForeignDirectory {
    /// The number of the user who owns it.
    pub owner: u32,
    /// The number of the user whom this process runs as.
    pub user: u32,
}

#[cfg(test)]
mod tests {
    use std::{fs, path::Path, process::ExitCode};

    use super::portable;

    #[test]
    fn a_system_without_modes_and_signals_has_every_function() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("panel-1.key");
        assert_eq!(portable::private_by_default(), 0);
        let file = portable::create_new(&path, 0o600).unwrap();
        assert!(portable::create_new(&path, 0o600).is_err(), "it is made once");
        portable::set_mode(&file, 0o644).unwrap();
        assert!(!portable::is_open_to_others(&fs::metadata(&path).unwrap()));
        portable::close_to_others(&path).unwrap();
        assert!(portable::close_to_others(&directory.path().join("nothing")).is_err());
        assert_eq!(portable::not_writable(directory.path()).unwrap(), None);
        assert!(portable::not_writable(&directory.path().join("nothing")).is_err());
        portable::sync_directory(directory.path()).unwrap();
        portable::forbid_core_dumps().unwrap();
        let code = |arguments: &[&str]| {
            portable::become_program(Path::new(env!("CARGO")), arguments.iter().map(Into::into))
                .map(|code| format!("{code:?}") == format!("{:?}", ExitCode::SUCCESS))
        };
        assert!(code(&["--version"]).unwrap() && !code(&["no-such-verb"]).unwrap());
        assert!(portable::become_program(&path, std::iter::empty()).is_err());
    }

    #[tokio::test]
    async fn nobody_is_told_to_stop_who_wasnt() {
        tokio::select! {
            () = portable::told_to_stop() => panic!("nobody said so"),
            () = tokio::task::yield_now() => {}
        }
    }
}
