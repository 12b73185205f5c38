//! What a seat committed to and hasn't opened yet: a vote, or its part of a draw. It is kept in the home before the
//! commitment leaves, encrypted to the seat's own recipient; without it nothing can be opened.

use std::path::{Path, PathBuf};

use callboard_client::create_new;
use callboard_federation::{
    encoding::{CaseId, Hash, KeyId, Octets, from_json, to_json},
    zh_en,
};
use callboard_keys::{SeatKey, age_file};
use callboard_rules::case::{
    draw,
    vote::{Vote, sealed},
};
use rand_core::CryptoRng;
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use crate::Error;

/// The directory in the home.
const DIRECTORY: &str = "case-secrets";
/// The most bytes of a secret with the reasons of a vote.
const MAX_BYTES: u64 = 2 << 20;

/// What is opened later.
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CaseSecret {
    v: u64,
    case: CaseId,
    /// The number of the session or draw.
    of: u64,
    pub secret: Octets<32>,
    /// The vote's bytes; of a draw none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub vote: Option<String>,
    /// Its reasons, which are sealed when it is opened.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reasons: Option<String>,
}

/// The secrets of the seat of one home.
pub struct Secrets<'a> {
    directory: PathBuf,
    key: &'a SeatKey,
}

impl CaseSecret {
    /// A vote in a session.
    pub fn vote(case: CaseId, session: u64, vote: &Vote, reasons: Option<String>, rng: &mut impl CryptoRng) -> Self {
        let vote = String::from_utf8_lossy(&to_json(vote)).into_owned();
        Self { v: 1, case, of: session, secret: draw_secret(rng), vote: Some(vote), reasons }
    }

    /// A guarantor's part of a draw.
    pub fn draw(case: CaseId, draw: u64, rng: &mut impl CryptoRng) -> Self {
        Self { v: 1, case, of: draw, secret: draw_secret(rng), vote: None, reasons: None }
    }

    /// What the seat of this key commits to.
    pub fn commitment(&self, key: &KeyId) -> Hash {
        match &self.vote {
            Some(vote) => sealed(self.case, self.of, key, &self.secret, vote.as_bytes()),
            None => draw::commitment(self.case, self.of, key, &self.secret),
        }
    }
}

fn draw_secret(rng: &mut impl CryptoRng) -> Octets<32> {
    let mut secret = [0; 32];
    rng.fill_bytes(&mut secret);
    Octets(secret)
}

impl<'a> Secrets<'a> {
    pub fn in_home(home: &Path, key: &'a SeatKey) -> Self {
        Self { directory: home.join(DIRECTORY), key }
    }

    /// Each commitment has its own file: one whose sending failed may have arrived all the same.
    fn path(&self, case: CaseId, commitment: &Hash) -> PathBuf {
        let commitment = commitment.to_string();
        self.directory.join(format!("{case}-{}.age", commitment.get(..16).unwrap_or_default()))
    }

    /// Keeps a secret, and gives what to commit to.
    pub fn keep(&self, secret: &CaseSecret) -> Result<Hash, Error> {
        let commitment = secret.commitment(&self.key.public_key().id());
        let path = self.path(secret.case, &commitment);
        let content = Zeroizing::new(to_json(secret));
        let sealed = age_file::seal([self.key.recipient()], &content).ok_or_else(|| {
            Error::other("secret-seal", || zh_en!("无法加密给您自己的密钥", "it can't be encrypted to your own key"))
        })?;
        std::fs::create_dir_all(&self.directory).map_err(Error::io(&self.directory))?;
        create_new::replace(&path, create_new::PRIVATE, &sealed).map_err(Error::io(&path))?;
        Ok(commitment)
    }

    /// What opens a commitment.
    ///
    /// # Errors
    /// It is lost: the vote counts as present and not in favour, and a draw is void without it.
    pub fn open(&self, case: CaseId, commitment: &Hash) -> Result<CaseSecret, Error> {
        let lost = || {
            Error::other("secret-lost", || {
                zh_en!(
                    "本机没有打开该承诺所需的文件：它只保存在作出承诺的那台计算机上。找不到，则该票不能公开，计为到会而未赞成；抽签则须重新进行",
                    "what opens it isn't in this home: it is kept only on the computer that committed to it. Without it a vote isn't opened and counts as present and not in favour, and a draw begins again"
                )
            })
        };
        let sealed = std::fs::read(self.path(case, commitment)).map_err(|_| lost())?;
        let opened = age_file::open(sealed.as_slice(), self.key.identity(), MAX_BYTES).map_err(|_| lost())?;
        let secret: CaseSecret = from_json(&opened).map_err(|_| lost())?;
        if secret.case == case && secret.commitment(&self.key.public_key().id()) == *commitment {
            Ok(secret)
        } else {
            Err(lost())
        }
    }
}
