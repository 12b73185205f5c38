//! The agent's Unix socket: whoever may write to its file may ask, without a token. The file is the owner's alone from its
//! first moment, since it is made in a directory of that mode and moved from there.

use std::{
    fs::{self, DirBuilder, Permissions},
    io,
    os::unix::{
        fs::{DirBuilderExt as _, FileTypeExt as _, PermissionsExt as _},
        net::UnixStream,
    },
    path::{Path, PathBuf},
};

use callboard_federation::zh_en;
use tokio::net::UnixListener;

use crate::file_error::FileError;

/// The file of a socket, taken away when it is dropped.
#[derive(Debug)]
pub struct SocketFile(PathBuf);

impl Drop for SocketFile {
    fn drop(&mut self) {
        // Whoever starts next takes what is left away.
        let _ = fs::remove_file(&self.0);
    }
}

/// Listens at `path`, in the place of a socket that a process before left.
pub fn listen(path: &Path) -> Result<(UnixListener, SocketFile), FileError> {
    let name = || zh_en!("本机套接字 {path}", "the socket {path}", path = path.display());
    let io_at = |source| FileError::Io { what: name(), source };
    match fs::symlink_metadata(path) {
        Ok(there) if !there.file_type().is_socket() || UnixStream::connect(path).is_ok() => {
            return Err(FileError::Taken(zh_en!(
                "{path}：已有另一程序在此应答，或者该文件不是套接字",
                "{path}: another program answers there, or the file is no socket",
                path = path.display()
            )));
        }
        Ok(_) => {}
        Err(error) if error.kind() == io::ErrorKind::NotFound => {}
        Err(error) => return Err(io_at(error)),
    }
    let own = path.with_extension("new");
    // Left by a start that broke off.
    let _ = fs::remove_dir_all(&own);
    DirBuilder::new().mode(0o700).create(&own).map_err(io_at)?;
    let made = own.join("s");
    let listener = UnixListener::bind(&made).map_err(io_at)?;
    fs::set_permissions(&made, Permissions::from_mode(0o600)).map_err(io_at)?;
    fs::rename(&made, path).map_err(io_at)?;
    fs::remove_dir(&own).map_err(io_at)?;
    Ok((listener, SocketFile(path.to_owned())))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_socket_is_its_owners_replaces_what_nobody_answers_at_and_nothing_else() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("agent.sock");
        let (listener, file) = listen(&path).unwrap();
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        assert!(matches!(listen(&path), Err(FileError::Taken(_))), "it is answered");
        // A process that was killed leaves its file.
        std::mem::forget(file);
        drop(listener);
        let (listener, file) = listen(&path).unwrap();
        assert_eq!(fs::read_dir(directory.path()).unwrap().count(), 1);
        drop((listener, file));
        assert!(!path.exists());
        fs::write(&path, "a file of somebody's").unwrap();
        assert!(matches!(listen(&path), Err(FileError::Taken(_))));
        assert_eq!(fs::read(&path).unwrap(), b"a file of somebody's");
    }
}
