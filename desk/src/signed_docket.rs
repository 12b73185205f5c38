//! A signed docket that somebody brings as a file, `NAME.docket.json`: whether it is logged, waits for something, or is
//! handed in now. Whoever holds one may; its signatures are the right.
//!
//! A draft of the same docket keeps its ten minutes ([`crate::drafts::waiting`]): no file goes around them.

use std::{path::PathBuf, time::Duration};

use callboard_api::registry::drafts::DraftState;
use callboard_client::runtime::error_chain;
use callboard_federation::{docket::Docket, hand_in::HandIn, zh_en};
use rand_core::CryptoRng;

use crate::{
    Error,
    drafts::{Drafts, part::title, waiting::Waiting},
    missing_signature::MissingSignature,
    submit::{Outcome, Submission},
};

/// What becomes of a docket that was brought.
pub enum Brought {
    /// The log has it, at this index.
    Logged { what: String, index: u64 },
    /// It isn't handed in yet, and why.
    Waits { what: String, why: String },
    /// It was handed in.
    HandedIn { what: String, outcome: Box<Outcome> },
}

impl Brought {
    /// Reads the bytes of a file, and hands in what nothing hinders; its files are called `name`, and its witnesses are
    /// awaited so long.
    ///
    /// # Errors
    /// It is no signed docket of this registry, or the registry doesn't answer.
    pub async fn read(
        bytes: &[u8],
        drafts: &Drafts<'_>,
        name: impl FnOnce(&Docket) -> PathBuf,
        wait: Duration,
        rng: &mut impl CryptoRng,
    ) -> Result<Self, Error> {
        let malformed = || {
            Error::other("no-signed-docket", || {
                zh_en!("这不是已签署的文书文件（.docket.json）", "this is no signed docket (.docket.json)")
            })
        };
        let hand_in = HandIn::from_json(bytes).map_err(|source| malformed().because(source))?;
        let docket = Docket::from_json(&hand_in.docket.payload.0).map_err(|source| malformed().because(source))?;
        let (registry, hash, what) = (drafts.registry(), hand_in.docket.payload_hash(), title(&docket));
        if docket.issuer != registry.pin().issuer {
            return Err(Error::other("docket-elsewhere", || {
                zh_en!(
                    "该文书属于另一登记册，不是本机所信任的登记册",
                    "the docket is of another registry than the pinned one"
                )
            }));
        }
        let known = registry.log().and_then(|log| log.replay().index_of(&hash));
        if let Some(index) = known {
            return Ok(Self::Logged { what, index });
        }
        let list = drafts.list(None, rng).await?.drafts;
        for draft in list.iter().filter(|draft| draft.docket == hash) {
            match (draft.state, draft.index) {
                (DraftState::Logged, Some(index)) => return Ok(Self::Logged { what, index }),
                (DraftState::Open, _) => {
                    let opened = drafts.open(draft.id, rng).await?;
                    let waits = drafts.waiting(&opened);
                    // A draft may lack signatures that were given by files.
                    if !matches!(waits, Waiting::Ready | Waiting::Unsigned(_)) {
                        return Ok(Self::Waits { what, why: waits.text(drafts.roster()) });
                    }
                }
                _ => {}
            }
        }
        let submitted = Submission::of(hand_in, &name(&docket)).submit(registry, wait, || {}, rng).await;
        match submitted {
            Ok(outcome) => Ok(Self::HandedIn { what, outcome: Box::new(outcome) }),
            Err(Error::NotSigned(missing)) => {
                let missing = MissingSignature::told(&missing);
                Ok(Self::Waits { what, why: zh_en!("签名不足：{missing}", "not signed yet: {missing}") })
            }
            Err(error) => Err(error),
        }
    }

    /// What became of it, in words; and whether it is logged.
    pub fn told(self) -> (bool, String) {
        match self {
            Self::Logged { what, index } => {
                (true, zh_en!("{what}：已经登记于第{index}条", "{what}: it is logged already, at index {index}"))
            }
            Self::Waits { what, why } => (false, zh_en!("{what}：未提交。{why}", "{what}: not handed in. {why}")),
            Self::HandedIn { what, outcome } => {
                let told = outcome.told();
                match outcome.error() {
                    None => (true, zh_en!("{what}：已提交，{told}", "{what}: handed in, {told}")),
                    Some(error) => {
                        let why = error_chain(&error);
                        (
                            false,
                            zh_en!(
                                "{what}：已签署，{told}，登记系统答复：{why}",
                                "{what}: signed, {told}; the registry says: {why}"
                            ),
                        )
                    }
                }
            }
        }
    }
}
