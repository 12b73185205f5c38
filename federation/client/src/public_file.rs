//! What the makers of keys hand over, `NAME.pub.json`: a seat's, a member's, or a token key's public half. No secret is
//! in it, and nothing of it counts before it stands in a signed roster or list of members.

use std::path::Path;

use callboard_federation::{
    encoding::{PublicKey, to_json},
    language::Phrase,
    members::{Member, MemberId, Quota},
    recipient::Recipient,
    roster::{Role, Seat},
    tag::Epoch,
    tlog::vkey::VerifierKey,
    token_key::TokenPublicKey,
};
use serde::{Deserialize, Serialize};

use crate::json_file::{self, JsonFileError, PastedError};

const PUBLIC_FILE: Phrase = Phrase::new("公开文件", "public file");

/// A public file of any type.
#[expect(clippy::large_enum_variant, reason = "there is one at a time")]
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "kebab-case")]
pub enum PublicFile {
    /// A seat's.
    Seat(PublicSeat),
    /// A member's.
    Member(PublicMember),
    /// A token key's.
    TokenKey(PublicTokenKey),
}

/// A seat, as it will stand in the roster.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct PublicSeat {
    /// The file's version, 1.
    pub v: u64,
    /// The seat's name.
    pub holder: String,
    /// Its role.
    pub role: Role,
    /// What its signatures are verified with.
    pub public_key: PublicKey,
    /// What is for it is encrypted to.
    pub recipient: Recipient,
    /// The member that its holder works for, if any: from it recusals follow.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub member: Option<MemberId>,
}

/// A member, as it will stand in the list of members, and its witness key for the roster.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct PublicMember {
    /// The file's version, 1.
    pub v: u64,
    /// The member's id.
    pub member: MemberId,
    /// Its name.
    pub name: String,
    /// The registry that its witness key is named for.
    pub issuer: String,
    /// The key that signs its requests.
    pub public_key: PublicKey,
    /// The key that its agent cosigns with, `ISSUER/witness/MEMBER`, type 0x04.
    pub witness: VerifierKey,
    /// Where its duty desk is reached, for the list of members.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub contact: Option<String>,
}

/// The public half of an epoch's token key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct PublicTokenKey {
    /// The file's version, 1.
    pub v: u64,
    /// The registry that the key was derived for.
    pub issuer: String,
    /// Its epoch.
    pub epoch: Epoch,
    /// The key.
    pub public_key: TokenPublicKey,
}

impl PublicFile {
    /// Reads a public file.
    pub fn read(path: &Path) -> Result<Self, JsonFileError> {
        json_file::read(path, PUBLIC_FILE, Self::version)
    }

    /// Reads a public file's text, as somebody pasted it.
    ///
    /// # Errors
    /// It is none.
    pub fn parse(text: &str) -> Result<Self, PastedError> {
        json_file::parse(text, PUBLIC_FILE, Self::version)
    }

    /// The text of its file.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&to_json(self)).into_owned()
    }

    const fn version(&self) -> u64 {
        let (Self::Seat(PublicSeat { v, .. })
        | Self::Member(PublicMember { v, .. })
        | Self::TokenKey(PublicTokenKey { v, .. })) = self;
        *v
    }

    /// Writes it where nothing stands yet.
    pub fn write(&self, path: &Path) -> Result<(), JsonFileError> {
        json_file::write(path, self)
    }
}

impl PublicSeat {
    /// Reads a seat's public file.
    pub fn read(path: &Path) -> Result<Self, JsonFileError> {
        match PublicFile::read(path)? {
            PublicFile::Seat(seat) => Ok(seat),
            _ => Err(JsonFileError::OfAnother { path: path.to_owned(), asked: Phrase::new("签署人", "seat") }),
        }
    }

    /// The seat, as the roster carries it.
    pub fn into_seat(self) -> Seat {
        Seat {
            public_key: self.public_key,
            recipient: self.recipient,
            holder: self.holder,
            role: self.role,
            member: self.member,
        }
    }
}

impl PublicMember {
    /// Reads a member's public file.
    pub fn read(path: &Path) -> Result<Self, JsonFileError> {
        match PublicFile::read(path)? {
            PublicFile::Member(member) => Ok(member),
            _ => Err(JsonFileError::OfAnother { path: path.to_owned(), asked: Phrase::new("会员单位", "member") }),
        }
    }

    /// The member, as the list of members carries it.
    pub fn into_member(self, quota: Quota) -> Member {
        Member { member: self.member, name: self.name, keys: vec![self.public_key], quota, contact: self.contact }
    }
}

impl PublicTokenKey {
    /// Reads a token key's public file.
    pub fn read(path: &Path) -> Result<Self, JsonFileError> {
        match PublicFile::read(path)? {
            PublicFile::TokenKey(key) => Ok(key),
            _ => Err(JsonFileError::OfAnother {
                path: path.to_owned(),
                asked: Phrase::new("身份代码密钥", "token key"),
            }),
        }
    }
}
