//! Drafts: what seats are asked to sign, carried from one to the next as ciphertext (`docs/formats.md` §13).
//!
//! The registry reads nothing of it. What of the answers stands is a matter of their order alone
//! ([`SeatStanding::of`]); whether a signature verifies only a desk can say, which opens the draft.

use callboard_federation::encoding::{Base64, DraftId, Hash, KeyId, Signature, Time};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::rows;
use crate::{Operation, Seat, operations};

/// The most bytes of the sealed part of an answer.
pub const MAX_ANSWER_BYTES: usize = 16 * 1_024;
/// What every `age` file begins with.
pub const AGE: &[u8] = b"age-encryption.org/v1\n";

/// A docket that seats are asked to sign.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(example = json!({
    "docket": "994ebc50376e990dac3e844b6a272988a32b484fb42ce726c4b782572f00466c",
    "asked": ["112025279a740ce4adf8ca8a5f2fb5cbbe0ac7dfd7ddf7ad5bd3e02d2d3a4e51"],
    "sealed": "YWdlLWVuY3J5cHRpb24ub3JnL3YxCg==",
}))]
#[serde(deny_unknown_fields)]
pub struct NewDraft {
    /// SHA-256 of the docket's payload.
    pub docket: Hash,
    /// The keys of the seats that are asked, each once, all in the roster in force.
    pub asked: Vec<KeyId>,
    /// The bundle: an `age` file to those who are asked, the secretariat and the drafter.
    pub sealed: Base64,
}

/// What a seat says of a draft.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(example = json!({"act": "refuse", "sealed": "YWdlLWVuY3J5cHRpb24ub3JnL3YxCg=="}))]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct NewAnswer {
    /// What it does.
    pub act: DraftAct,
    /// Its signature of the docket; with `sign` alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub signature: Option<Signature>,
    /// Why, or what it asks: an `age` file of at most 16 KiB to drafter, secretariat and whoever answers. `refuse`,
    /// `ask`, `reply` and `note` have one, `withdraw` and `stop` may.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sealed: Option<Base64>,
    /// What is taken back; with `withdraw` alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(inline)]
    pub takes_back: Option<Withdrawal>,
}

/// A draft that is sealed anew, so that more seats read it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(example = json!({
    "sealed": "YWdlLWVuY3J5cHRpb24ub3JnL3YxCg==",
    "readers": ["112025279a740ce4adf8ca8a5f2fb5cbbe0ac7dfd7ddf7ad5bd3e02d2d3a4e51"],
    "note": "YWdlLWVuY3J5cHRpb24ub3JnL3YxCg==",
}))]
#[serde(deny_unknown_fields)]
pub struct NewSeal {
    /// The bundle of the same docket: an `age` file to those who read it so far, and to `readers`.
    pub sealed: Base64,
    /// The keys of the seats that are to read it besides, each once, all in the roster in force.
    pub readers: Vec<KeyId>,
    /// To whom, for the secretariat to read: an `age` file of at most 16 KiB.
    pub note: Base64,
}

/// What a seat takes back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Withdrawal {
    /// Its stop.
    Stop,
    /// Its signature or refusal.
    Decision,
    /// The draft, which it drafted.
    Draft,
}

/// What can be done with a draft.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum DraftAct {
    /// A seat that is asked signs.
    Sign,
    /// It doesn't sign, and says why.
    Refuse,
    /// It asks back.
    Ask,
    /// The drafter answers.
    Reply,
    /// Who stopped it lets it go on; else a seat takes its signature or refusal back, the drafter the draft.
    Withdraw,
    /// It isn't to be submitted.
    Stop,
    /// The secretariat notes something for itself, such as who opened whom.
    Note,
    /// The secretariat sealed the draft anew, for more seats to read: it comes with that alone.
    Reseal,
}

impl DraftAct {
    /// Each of them.
    pub const ALL: [Self; 8] =
        [Self::Sign, Self::Refuse, Self::Ask, Self::Reply, Self::Withdraw, Self::Stop, Self::Note, Self::Reseal];

    /// The word that stands in SQL and JSON.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Sign => "sign",
            Self::Refuse => "refuse",
            Self::Ask => "ask",
            Self::Reply => "reply",
            Self::Withdraw => "withdraw",
            Self::Stop => "stop",
            Self::Note => "note",
            Self::Reseal => "reseal",
        }
    }

    /// The act of a word.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|act| act.as_str() == word)
    }
}

/// How far a draft is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum DraftState {
    /// It takes answers.
    Open,
    /// Its drafter withdrew it, or it was erased.
    Withdrawn,
    /// Its docket is in the log.
    Logged,
}

impl DraftState {
    /// The word that stands in SQL and JSON.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Withdrawn => "withdrawn",
            Self::Logged => "logged",
        }
    }

    /// The state of a word.
    pub fn from_word(word: &str) -> Option<Self> {
        [Self::Open, Self::Withdrawn, Self::Logged].into_iter().find(|state| state.as_str() == word)
    }
}

/// A draft, with what was answered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(example = json!({
    "id": "019c167f-cc00-7568-8a65-6cc0703e460a",
    "docket": "994ebc50376e990dac3e844b6a272988a32b484fb42ce726c4b782572f00466c",
    "drafter": "f0a1b7e5b1a0f5d7c9b8a79685746352413021f0e1d2c3b4a5968778695a4b3c",
    "draftedAt": "2026-02-01T00:00:00.000Z",
    "asked": ["112025279a740ce4adf8ca8a5f2fb5cbbe0ac7dfd7ddf7ad5bd3e02d2d3a4e51"],
    "readers": ["5bd3e02d2d3a4e51adf8ca8a5f2fb5cbbe0ac7dfd7ddf7ad112025279a740ce4"],
    "state": "logged", "index": 7, "erasedAt": "2026-03-01T00:00:00.000Z",
    "answers": [{
        "seat": "112025279a740ce4adf8ca8a5f2fb5cbbe0ac7dfd7ddf7ad5bd3e02d2d3a4e51", "act": "sign",
        "at": "2026-02-01T01:00:00.000Z", "sealed": "YWdlLWVuY3J5cHRpb24ub3JnL3YxCg==",
        "signature": "agi3W3EX8aua9F08uON6fK8K1zPpGfY0E1Yq1p3v4xq1h0c0cH1Uu0d8mJ0h3n6XGq5gk2zQe8o5x7c9w1yTAQ==",
    }],
    "sealed": "YWdlLWVuY3J5cHRpb24ub3JnL3YxCg==",
}))]
pub struct Draft {
    /// Its id.
    pub id: DraftId,
    /// SHA-256 of the docket's payload, by the drafter's word.
    pub docket: Hash,
    /// The key of the seat that drafted it.
    pub drafter: KeyId,
    /// When the registry had it.
    pub drafted_at: Time,
    /// The keys of the seats that are asked.
    pub asked: Vec<KeyId>,
    /// The keys of seats that it was sealed to since; in the answer for one draft alone.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub readers: Vec<KeyId>,
    /// How far it is.
    pub state: DraftState,
    /// The index of the docket's entry, once it is logged.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub index: Option<u64>,
    /// When it was erased: ciphertext, sealed parts and signatures are gone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub erased_at: Option<Time>,
    /// What was answered, in order.
    pub answers: Vec<DraftAnswer>,
    /// The bundle, an `age` file; in the answer for one draft alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sealed: Option<Base64>,
}

/// What a seat said.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(example = json!({
    "seat": "112025279a740ce4adf8ca8a5f2fb5cbbe0ac7dfd7ddf7ad5bd3e02d2d3a4e51", "act": "stop",
    "at": "2026-02-01T01:00:00.000Z",
}))]
pub struct DraftAnswer {
    /// Its key.
    pub seat: KeyId,
    /// What it did.
    pub act: DraftAct,
    /// When, by the registry's clock.
    pub at: Time,
    /// Its signature, unless it was withdrawn; in the answer for one draft alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub signature: Option<Signature>,
    /// Why, or what it asks: an `age` file; in the answer for one draft alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sealed: Option<Base64>,
}

/// Drafts, the newest first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(example = json!({"drafts": [], "next": "019c167f-cc00-7568-8a65-6cc0703e460a"}))]
pub struct Drafts {
    /// A page of them.
    pub drafts: Vec<Draft>,
    /// `before` of the next page; absent on the last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next: Option<DraftId>,
}

/// Which drafts.
#[derive(Debug, Default, Serialize, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct DraftsBefore {
    /// Those that are older than this one: `next` of the page before.
    pub before: Option<DraftId>,
    /// How many: 1 to 1,000; beyond these the nearest of them.
    #[param(default = 100)]
    pub limit: Option<u64>,
    /// Only those that are so far.
    #[param(inline)]
    pub state: Option<DraftState>,
}

impl DraftsBefore {
    /// How many rows.
    pub fn rows(&self) -> u64 {
        rows(self.limit)
    }
}

/// What stands of all that a seat answered.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct SeatStanding {
    /// Since when it has signed.
    pub signed: Option<Time>,
    /// Whether it refused.
    pub is_refused: bool,
    /// Whether it stopped the draft.
    pub is_stopped: bool,
    /// When it last let a draft go on that it had stopped.
    pub freed: Option<Time>,
}

impl SeatStanding {
    /// By the answers of one draft, in order.
    pub fn of(answers: &[DraftAnswer], seat: &KeyId) -> Self {
        answers.iter().filter(|answer| answer.seat == *seat).fold(Self::default(), |standing, answer| {
            match answer.act {
                DraftAct::Sign => Self { signed: Some(answer.at), is_refused: false, ..standing },
                DraftAct::Refuse => Self { is_refused: true, ..standing },
                DraftAct::Stop => Self { is_stopped: true, ..standing },
                DraftAct::Withdraw if standing.is_stopped => {
                    Self { is_stopped: false, freed: Some(answer.at), ..standing }
                }
                DraftAct::Withdraw => Self { signed: None, is_refused: false, ..standing },
                DraftAct::Ask | DraftAct::Reply | DraftAct::Note | DraftAct::Reseal => standing,
            }
        })
    }

    /// Whether it has signed or refused.
    pub const fn has_decided(&self) -> bool {
        self.signed.is_some() || self.is_refused
    }

    /// What the next withdrawal of this seat takes back, if anything: one thing at a time, the stop first.
    pub const fn withdrawal(&self, is_drafter: bool) -> Option<Withdrawal> {
        match self {
            Self { is_stopped: true, .. } => Some(Withdrawal::Stop),
            _ if is_drafter => Some(Withdrawal::Draft),
            _ if self.has_decided() => Some(Withdrawal::Decision),
            _ => None,
        }
    }
}

/// What the variable part of a draft's address is.
const ID: &str = "Its id";

operations! {
    /// The operations on drafts.
    OPERATIONS:

    /// Sends a draft to the seats that are asked to sign it
    ///
    /// The registry keeps ciphertext: the bundle is encrypted to those seats, the secretariat and the drafter. The same
    /// docket again, by the same seat, gets the same answer, and what was sent first stays.
    CREATE_DRAFT: [Seat, (), (), NewDraft, Draft] =
        Operation::post("/v1/drafts", "drafts").takes("").gives(&[(201, "Kept now"), (200, "Kept before")])
            .problems("draft-refused");

    /// Lists the drafts that your seat sent or is asked to sign, the newest first; for the secretariat all
    ///
    /// Without ciphertext and signatures.
    LIST_DRAFTS: [Seat, (), DraftsBefore, (), Drafts] =
        Operation::get("/v1/drafts", "drafts").query().gives(&[(200, "A page")]);

    /// Shows a draft with its ciphertext, and each answer with its signature and sealed part
    GET_DRAFT: [Seat, DraftId, (), (), Draft] =
        Operation::get("/v1/drafts/{draft}", "drafts").part(ID).gives(&[(200, "The draft")]).problems("not-found");

    /// Answers a draft: signs, refuses, asks, replies, stops it, or takes back
    ///
    /// A seat that is asked signs or refuses once; to decide otherwise it withdraws first. A signature that is
    /// withdrawn is deleted, and everyone sees by whom and when. Whoever is asked, and the drafter, may stop a draft:
    /// desks don't submit it until the same seat withdraws the stop. The drafter, with no stop of its own, withdraws
    /// the whole draft. The same answer again gets the same answer. Nothing is taken once the docket is logged, the
    /// draft withdrawn or erased; but for a `note` of the secretariat, which it alone is shown, until it is erased.
    ANSWER_DRAFT: [Seat, DraftId, (), NewAnswer, Draft] =
        Operation::post("/v1/drafts/{draft}/answers", "drafts").part(ID).takes("")
            .gives(&[(201, "Kept now"), (200, "Kept before")])
            .problems("not-found draft-refused draft-forbidden draft-answered draft-closed");

    /// Seals a draft anew, so that more seats read it: a deputy, or a seat's new key
    ///
    /// For the secretariat, as long as the draft isn't erased, whatever became of its docket. The ciphertext is put in the
    /// place of the one before; that it is of the same docket the registry can't see, and each desk does. It stays as a
    /// `reseal` among the answers: by whom and when, and sealed, to whom.
    RESEAL_DRAFT: [Seat, DraftId, (), NewSeal, Draft] =
        Operation::post("/v1/drafts/{draft}/sealed", "drafts").part(ID).takes("").gives(&[(200, "It is sealed anew")])
            .problems("not-found draft-refused draft-forbidden draft-closed");

    /// Erases a draft: its ciphertext, and each answer's signature and sealed part
    ///
    /// For the drafter and the secretariat. What remains says that there was one, and when it was erased; if its docket
    /// isn't logged it is withdrawn. An erasure that is logged erases the drafts of the dockets that it is about, and
    /// its own.
    ERASE_DRAFT: [Seat, DraftId, (), (), ()] =
        Operation::delete("/v1/drafts/{draft}", "drafts").part(ID).answers(&[(204, "It is erased")])
            .problems("not-found draft-forbidden");
}
