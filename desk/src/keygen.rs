//! New keys of a seat or a member: the key file stays with whoever made it, the public file is handed over.

use std::path::{Path, PathBuf};

use age::secrecy::SecretString;
use callboard_client::{
    create_new, file_name,
    output::{Line, plain},
    public_file::PublicFile,
};
use callboard_federation::{members::MemberId, roster::Role, zh_en};
use callboard_keys::{ContentError, KeyFile, MemberKey, SeatKey};
use rand_core::CryptoRng;

use super::error::Error;

/// How many keys of one name are lost on one day at the most, that each is kept.
const LOST: u32 = 1_000;

/// Whose keys are made.
pub enum KeyHolder {
    Seat {
        /// The seat's name in the roster.
        holder: String,
        role: Role,
        /// The member that its holder works for, if any.
        works_for: Option<MemberId>,
    },
    Member {
        id: MemberId,
        name: String,
        /// The registry that it is a member of.
        issuer: String,
        contact: Option<String>,
    },
}

/// Keys that were made, and where they are to stand: nothing is written yet.
pub struct NewKey {
    key: KeyFile,
    public: PublicFile,
    key_path: PathBuf,
    public_path: PathBuf,
}

impl KeyHolder {
    /// Makes keys whose files are to stand in `dir`.
    ///
    /// # Errors
    /// Something stands there already, or a seat's name can't be a file's.
    pub fn make(self, dir: &Path, rng: &mut impl CryptoRng) -> Result<NewKey, Error> {
        let made = |source: ContentError| Error::below("key", source);
        let (stem, key, public) = match self {
            Self::Seat { holder, role, works_for } => {
                let key = SeatKey::generate(holder.clone(), role, rng).map_err(made)?;
                let mut public = key.public();
                if let PublicFile::Seat(seat) = &mut public {
                    seat.member = works_for;
                }
                (holder, KeyFile::Seat(key), public)
            }
            Self::Member { id, name, issuer, contact } => {
                let key = MemberKey::generate(id.clone(), issuer, rng).map_err(made)?;
                let mut public = key.public(name);
                if let PublicFile::Member(member) = &mut public {
                    member.contact = contact;
                }
                (id.to_string(), KeyFile::Member(key), public)
            }
        };
        if !file_name::is_portable(&stem) {
            return Err(Error::other("holder", || {
                zh_en!(
                    "名称也用作文件名：只用汉字、字母、数字和 - _ .，不得以点开头或结尾，也不得是 con、nul 等设备名",
                    "the name is also a file's: ASCII letters and digits, Chinese characters, - _ and . alone, no dot at \
                     either end, and none of a device (con, nul)"
                )
            }));
        }
        let path = |ending: &str| dir.join(format!("{stem}.{ending}"));
        let (key_path, public_path) = (path("key"), path("pub.json"));
        for path in [&key_path, &public_path] {
            create_new::not_there(path).map_err(|source| Error::below("already-there", source))?;
        }
        Ok(NewKey { key, public, key_path, public_path })
    }
}

impl NewKey {
    /// What is handed over of it.
    pub const fn public(&self) -> &PublicFile {
        &self.public
    }

    /// Writes both files, the key under `passphrase`; says which is for whom.
    pub fn write(self, passphrase: SecretString) -> Result<[Line; 2], Error> {
        if let Some(dir) = self.key_path.parent() {
            std::fs::create_dir_all(dir).map_err(Error::io(dir))?;
        }
        self.key.write(&self.key_path, passphrase).map_err(|source| Error::below("key-file", source))?;
        self.public.write(&self.public_path).map_err(|source| Error::below("public-file", source))?;
        let keep = zh_en!("请妥善保管，密码另行保管", "keep it, and its passphrase apart from it");
        let hand_over = zh_en!("请交给登记机构", "hand it over");
        let line = |path: &Path, what: String| vec![plain(format!("{}  {what}", path.display()))];
        Ok([line(&self.key_path, keep), line(&self.public_path, hand_over)])
    }
}

/// Puts both files of a key whose passphrase is lost aside, so that a new one may be made under its name; `day` tells when.
///
/// # Errors
/// They can't be renamed.
pub fn set_aside(dir: &Path, stem: &str, day: &str) -> Result<(), Error> {
    for ending in ["key", "pub.json"] {
        let path = dir.join(format!("{stem}.{ending}"));
        if !path.exists() {
            continue;
        }
        let aside = |count: u32| dir.join(format!("{stem}.{ending}-lost-{day}-{count}"));
        let free = (1..=LOST).map(aside).find(|aside| !aside.exists()).unwrap_or_else(|| aside(LOST));
        std::fs::rename(&path, free).map_err(Error::io(&path))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::setup::tests::os_rng;

    #[test]
    fn a_key_that_is_lost_is_set_aside_and_never_written_over() {
        let directory = tempfile::tempdir().unwrap();
        for text in ["first", "second"] {
            std::fs::write(directory.path().join("panel-1.key"), text).unwrap();
            set_aside(directory.path(), "panel-1", "2026-11-30").unwrap();
        }
        let kept =
            |count| std::fs::read(directory.path().join(format!("panel-1.key-lost-2026-11-30-{count}"))).unwrap();
        assert_eq!((kept(1), kept(2)), (b"first".to_vec(), b"second".to_vec()));
        assert!(!directory.path().join("panel-1.key").exists());
    }

    #[test]
    fn a_key_whose_file_would_not_arrive_everywhere_is_not_made() {
        let directory = tempfile::tempdir().unwrap();
        let make = |holder: &str| {
            let holder = KeyHolder::Seat { holder: holder.to_owned(), role: Role::Panel, works_for: None };
            holder.make(directory.path(), &mut os_rng()).map(|_| ()).map_err(|error| error.code())
        };
        for holder in ["panel:1", "panel 1", "../panel", ".panel", "panel/1", "con", "panel.", "评议（一）", ""] {
            assert_eq!(make(holder), Err("holder".to_owned()), "{holder}");
        }
        for holder in ["panel-1", "评议一", "Panel_1.a"] {
            assert_eq!(make(holder), Ok(()), "{holder}");
        }
    }
}
