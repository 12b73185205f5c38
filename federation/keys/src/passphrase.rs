//! The passphrase of a key file: from a file, from the environment, or typed without echo; never an argument, since
//! every process of the machine may read those.
//!
//! A passphrase is what people type, not its bytes: systems differ in how they compose an accent, in the space that an
//! input method makes, in how their editors end a line. [`normalised`] is the one text that all of these become: NFKC,
//! with every space a plain one (stricter than `OpaqueString` of RFC 8265, whose NFC keeps full-width letters apart
//! from others).

use std::{
    io,
    path::{Path, PathBuf},
};

use age::secrecy::{ExposeSecret as _, SecretString};
use callboard_client::visible::Visible;
use callboard_federation::zh_en;
use unicode_normalization::{UnicodeNormalization as _, char::is_public_assigned};
use zeroize::Zeroizing;

use crate::{KNOWN_PASSPHRASE, WORK_FACTOR, work_factor};

/// Where the passphrase stands when no file is named and nobody is to be asked.
pub const VARIABLE: &str = "CALLBOARD_PASSPHRASE";
/// The fewest characters of a new passphrase; what scrypt adds doesn't save a shorter one.
pub const MIN_CHARACTERS: usize = 8;

/// Where a passphrase is read from; every verb that opens a key has it.
#[derive(clap::Args)]
pub struct PassphraseSource {
    /// The first line of FILE is the passphrase; without it `CALLBOARD_PASSPHRASE` is, else it is asked for
    #[arg(long, value_name = "FILE")]
    pub passphrase_file: Option<PathBuf>,
}

#[derive(Debug, thiserror::Error)]
pub enum PassphraseError {
    #[error("{}", zh_en!("密码文件无法读取", "the passphrase file can't be read"))]
    File(#[source] io::Error),
    #[error("{}", zh_en!("此处无法询问密码：请用 --passphrase-file 指明密码文件，或设置 {VARIABLE}",
        "the passphrase can't be asked for here: name --passphrase-file, or set {VARIABLE}"))]
    Prompt(#[source] io::Error),
    #[error("{}", zh_en!("两次输入的密码不一致", "the two passphrases differ"))]
    Differ,
    #[error("{}", zh_en!("密码至少{MIN_CHARACTERS}个字符", "a passphrase has at least {MIN_CHARACTERS} characters"))]
    TooShort,
    /// A new one can't be typed everywhere.
    #[error("{}", zh_en!("密码应为一行可输入的字符：不含控制字符，也不含 Unicode 15 之后的新字符",
        "a passphrase is one line of characters that people type: no control characters, none newer than Unicode 15"))]
    Unusual,
}

impl PassphraseSource {
    /// The passphrase that opens `path`; says so where whoever has the file can guess it too cheaply.
    pub fn of(&self, path: &Path) -> Result<SecretString, PassphraseError> {
        let shown = path.to_string_lossy();
        let passphrase =
            self.written().unwrap_or_else(|| ask(&zh_en!("{} 的密码：", "Passphrase of {}: ", Visible(&shown))))?;
        let is_known = normalised(passphrase.clone()).expose_secret() == KNOWN_PASSPHRASE;
        if work_factor(path).is_some_and(|found| found < WORK_FACTOR) && !is_known {
            eprintln!(
                "{}",
                zh_en!(
                    "{shown}：密码太容易被猜出（scrypt 低于 {WORK_FACTOR}）：请运行 `callboard passphrase {shown}`",
                    "{shown}: its passphrase can be guessed too cheaply (scrypt below {WORK_FACTOR}): `callboard passphrase {shown}`"
                )
            );
        }
        Ok(passphrase)
    }

    /// A passphrase for a key that is about to be made; asked for twice where it is typed.
    pub fn new_one(&self) -> Result<SecretString, PassphraseError> {
        self.written().map_or_else(
            || {
                typed_twice(
                    ask(&zh_en!("新密码：", "New passphrase: "))?,
                    ask(&zh_en!("再输入一次：", "The same again: "))?,
                )
            },
            |passphrase| new_one(passphrase?),
        )
    }

    fn written(&self) -> Option<Result<SecretString, PassphraseError>> {
        if let Some(path) = &self.passphrase_file {
            let bytes = std::fs::read(path).map(Zeroizing::new);
            let text = bytes.and_then(|bytes| decoded(&bytes)).map_err(PassphraseError::File);
            return Some(text.map(|text| first_line(&text).into()));
        }
        std::env::var(VARIABLE).ok().map(|text| Ok(first_line(&text).into()))
    }
}

/// A passphrase for a key that is about to be made, typed twice.
///
/// # Errors
/// The two differ, or it is too short, or can't be typed everywhere.
pub fn typed_twice(first: SecretString, again: SecretString) -> Result<SecretString, PassphraseError> {
    let is_same = normalised(again).expose_secret() == normalised(first.clone()).expose_secret();
    if is_same { new_one(first) } else { Err(PassphraseError::Differ) }
}

fn new_one(passphrase: SecretString) -> Result<SecretString, PassphraseError> {
    let text = normalised(passphrase.clone());
    // What an older table of Unicode doesn't know, it may normalise otherwise.
    if text.expose_secret().chars().any(|character| character.is_control() || !is_public_assigned(character)) {
        return Err(PassphraseError::Unusual);
    }
    if text.expose_secret().chars().count() < MIN_CHARACTERS {
        return Err(PassphraseError::TooShort);
    }
    Ok(passphrase)
}

/// The one text that a passphrase is, however the system that it comes from writes it.
#[expect(clippy::needless_pass_by_value, reason = "nobody has use for the other forms any more")]
pub(crate) fn normalised(passphrase: SecretString) -> SecretString {
    let is_space = |character: char| character.is_whitespace() && !character.is_control();
    let plain = |character| if is_space(character) { ' ' } else { character };
    let text: Zeroizing<String> = Zeroizing::new(passphrase.expose_secret().nfkc().map(plain).collect());
    text.as_str().into()
}

/// A file as editors of any system leave it: UTF-8, or UTF-16 with its mark.
fn decoded(bytes: &[u8]) -> io::Result<Zeroizing<String>> {
    let malformed = || io::Error::new(io::ErrorKind::InvalidData, "it is neither UTF-8 nor UTF-16");
    let of_utf16 = |bytes: &[u8], unit: fn([u8; 2]) -> u16| {
        let (pairs, []) = bytes.as_chunks() else { return Err(malformed()) };
        let units: Zeroizing<Vec<u16>> = Zeroizing::new(pairs.iter().map(|pair| unit(*pair)).collect());
        String::from_utf16(&units).map_err(|_| malformed())
    };
    let text = match bytes {
        [0xff, 0xfe, rest @ ..] => of_utf16(rest, u16::from_le_bytes),
        [0xfe, 0xff, rest @ ..] => of_utf16(rest, u16::from_be_bytes),
        _ => std::str::from_utf8(bytes).map(str::to_owned).map_err(|_| malformed()),
    };
    text.map(Zeroizing::new)
}

/// The first line, without a byte-order mark and however it ends.
fn first_line(text: &str) -> &str {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    text.split(['\n', '\r']).next().unwrap_or_default()
}

fn ask(prompt: &str) -> Result<SecretString, PassphraseError> {
    rpassword::prompt_password(prompt).map(Into::into).map_err(PassphraseError::Prompt)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(bytes: &[u8]) -> Result<SecretString, PassphraseError> {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), bytes).unwrap();
        PassphraseSource { passphrase_file: Some(file.path().to_owned()) }.new_one()
    }

    #[test]
    fn a_passphrase_file_is_read_as_any_editor_leaves_it() {
        let text = "correct 直播 horse";
        let utf16 = |unit: fn(u16) -> [u8; 2], mark: [u8; 2]| {
            mark.into_iter().chain(format!("{text}\r\n").encode_utf16().flat_map(unit)).collect::<Vec<u8>>()
        };
        for bytes in [
            text.as_bytes().to_vec(),
            format!("{text}\n").into_bytes(),
            format!("{text}\r\n").into_bytes(),
            format!("{text}\r").into_bytes(),
            format!("\u{feff}{text}\r\nanother line\r\n").into_bytes(),
            utf16(u16::to_le_bytes, [0xff, 0xfe]),
            utf16(u16::to_be_bytes, [0xfe, 0xff]),
        ] {
            assert_eq!(read(&bytes).unwrap().expose_secret(), text, "{bytes:?}");
        }
        assert!(matches!(read(&[b'a', 0xff, 0xd6]), Err(PassphraseError::File(_))));
    }

    #[test]
    fn a_new_passphrase_can_be_typed_again_anywhere() {
        for unusual in ["correct\thorse", "correct\0horse", "correct \u{378} horse"] {
            assert!(matches!(read(unusual.as_bytes()), Err(PassphraseError::Unusual)), "{unusual:?}");
        }
        // Seven characters, of more bytes and code points.
        for short in ["sandbox", "e\u{301}e\u{301}e\u{301}e\u{301}", ""] {
            assert!(matches!(read(short.as_bytes()), Err(PassphraseError::TooShort)), "{short:?}");
        }
        assert!(read("直播间\u{3000}审核员".as_bytes()).is_err(), "seven");
        assert!(read("直播间\u{3000}的审核员".as_bytes()).is_ok());
    }
}
