//! Events: the steps of a case, each signed by who took it and naming the one before by hash.
//!
//! Here is the chain alone: order, hashes, signatures. What each act is and whether the procedure allows it is the
//! registry's `rules`; which statement names a chain is `statement`. Implements `docs/formats.md` §11.

use ed25519_dalek::SigningKey;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::{
    dsse::{AloneError, Envelope, PayloadType},
    encoding::{CaseId, Hash, JsonError, KeyId, PublicKey, Time, from_json, to_json},
    zh_en,
};

/// One step of a case.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Event {
    /// The format's version, 1.
    pub v: u64,
    /// The case.
    pub case: CaseId,
    /// The step's number in its case, from 0.
    pub seq: u64,
    /// SHA-256 of the payload before; absent in the first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub previous: Option<Hash>,
    /// When it was taken, by the clock of who took it.
    pub at: Time,
    /// What was done, in the registry's words.
    pub act: String,
    /// What else the act has to say; kept as it is.
    #[serde(flatten)]
    pub members: Map<String, Value>,
}

/// How far a case is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "kebab-case")]
pub enum CaseState {
    /// Somebody is to be added or told.
    Preparing,
    /// All who are to be heard were told.
    Hearing,
    /// The panel sits.
    Sitting,
    /// A resolution waits to be confirmed.
    Resolved,
    /// It is confirmed, and waits for its docket.
    Confirmed,
    /// Everything is decided or dropped, and nothing waits.
    Decided,
    /// It is over.
    Closed,
}

impl CaseState {
    /// Each of them, in the order in which a case usually passes them.
    pub const ALL: [Self; 7] =
        [Self::Preparing, Self::Hearing, Self::Sitting, Self::Resolved, Self::Confirmed, Self::Decided, Self::Closed];

    /// The word that stands in SQL and JSON.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Preparing => "preparing",
            Self::Hearing => "hearing",
            Self::Sitting => "sitting",
            Self::Resolved => "resolved",
            Self::Confirmed => "confirmed",
            Self::Decided => "decided",
            Self::Closed => "closed",
        }
    }

    /// The state of a word.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.as_str() == word)
    }
}

/// Why an event doesn't follow in its chain.
#[derive(Debug, thiserror::Error)]
pub enum ChainError {
    /// A case has at least one event.
    #[error("{}", zh_en!("一个案件至少有一项程序记载", "a case has at least one event"))]
    Empty,
    /// The envelope isn't signed by one key that may act.
    #[error("{}", zh_en!("第{seq}项程序记载：{source}", "event {seq}: {source}"))]
    Envelope {
        /// The place in the chain.
        seq: u64,
        /// What is wrong with it.
        source: AloneError,
    },
    /// The payload isn't an event.
    #[error("{}", zh_en!("第{seq}项程序记载：{source}", "event {seq}: {source}"))]
    Payload {
        /// The place in the chain.
        seq: u64,
        /// What is wrong with it.
        source: JsonError,
    },
    /// A version that this program doesn't know.
    #[error("{}", zh_en!("第{seq}项程序记载的版本不是1", "event {seq} is of a version other than 1"))]
    Version {
        /// The place in the chain.
        seq: u64,
    },
    /// Of another case.
    #[error("{}", zh_en!("第{seq}项程序记载属于另一案件：{got}，应为 {expected}",
        "event {seq} is of another case: {got}, not {expected}"))]
    Case {
        /// The place in the chain.
        seq: u64,
        /// The chain's case.
        expected: CaseId,
        /// The event's.
        got: CaseId,
    },
    /// A hole, a repetition, or a second branch.
    #[error("{}", zh_en!("第{expected}项之后的程序记载自称第{got}项",
        "the event after {expected} others says that it is number {got}"))]
    Seq {
        /// The place in the chain.
        expected: u64,
        /// What the event says.
        got: u64,
    },
    /// It doesn't name the payload before.
    #[error("{}", zh_en!("第{seq}项程序记载与前一项不衔接", "event {seq} doesn't follow the one before"))]
    Previous {
        /// The place in the chain.
        seq: u64,
    },
}

/// Where a chain ends: what the next event of the case must follow.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Head {
    case: CaseId,
    seq: u64,
    previous: Option<Hash>,
}

/// An event that was checked against the chain before it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step<T> {
    /// The event.
    pub event: Event,
    /// SHA-256 of its payload.
    pub hash: Hash,
    /// What the caller knows of the one key that signed it.
    pub who: T,
}

/// All events of a case, checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Chain<T> {
    /// The events, in order; at least one.
    pub steps: Vec<Step<T>>,
    /// What the next event must follow.
    pub head: Head,
    /// SHA-256 of the last payload: what a statement of this case says as its `procedure`.
    pub procedure: Hash,
}

impl Head {
    /// The head of a case without events.
    pub const fn of_new(case: CaseId) -> Self {
        Self { case, seq: 0, previous: None }
    }

    /// The head after event `seq`, of which `payload` is the SHA-256.
    pub const fn after(case: CaseId, seq: u64, payload: Hash) -> Self {
        Self { case, seq: seq.saturating_add(1), previous: Some(payload) }
    }

    /// The first event of a case, and the head after it.
    pub fn begin<T>(
        envelope: &Envelope,
        key_of: impl FnMut(&Event, &KeyId) -> Option<(PublicKey, T)>,
    ) -> Result<(Step<T>, Self), ChainError> {
        Self::of_new(read(envelope, 0)?.case).follow(envelope, key_of)
    }

    /// The case.
    pub const fn case(&self) -> CaseId {
        self.case
    }

    /// The number of the next event: how many there are.
    pub const fn seq(&self) -> u64 {
        self.seq
    }

    /// Signs the next event with `key`.
    ///
    /// What isn't read back as an event isn't signed: `members` that bear a name of the event's own, `null`, or a
    /// number that isn't an integer below 2⁵³ are [`ChainError::Payload`].
    pub fn next(
        &self,
        at: Time,
        act: &str,
        members: Map<String, Value>,
        key: &SigningKey,
    ) -> Result<Envelope, ChainError> {
        let Self { case, seq, previous } = *self;
        let payload = to_json(&Event { v: 1, case, seq, previous, at, act: act.to_owned(), members });
        from_json::<Event>(&payload).map_err(|source| ChainError::Payload { seq, source })?;
        let mut envelope = Envelope::new(PayloadType::Event, payload);
        envelope.sign(key);
        Ok(envelope)
    }

    /// Checks that `envelope` is the next event, signed by one key that `key_of` knows, which is told what it signed;
    /// gives the event, and the head after it.
    pub fn follow<T>(
        &self,
        envelope: &Envelope,
        mut key_of: impl FnMut(&Event, &KeyId) -> Option<(PublicKey, T)>,
    ) -> Result<(Step<T>, Self), ChainError> {
        let seq = self.seq;
        let event = read(envelope, seq)?;
        let who = envelope
            .verify_alone(PayloadType::Event, |key| key_of(&event, key))
            .map_err(|source| ChainError::Envelope { seq, source })?;
        if event.case != self.case {
            return Err(ChainError::Case { seq, expected: self.case, got: event.case });
        }
        if event.seq != seq {
            return Err(ChainError::Seq { expected: seq, got: event.seq });
        }
        if event.previous != self.previous {
            return Err(ChainError::Previous { seq });
        }
        let hash = envelope.payload_hash();
        let head = Self::after(event.case, seq, hash);
        Ok((Step { event, hash, who }, head))
    }
}

/// Checks all events of one case, from its first.
pub fn check_chain<T>(
    envelopes: &[Envelope],
    mut key_of: impl FnMut(&KeyId) -> Option<(PublicKey, T)>,
) -> Result<Chain<T>, ChainError> {
    let mut head = Head::of_new(read(envelopes.first().ok_or(ChainError::Empty)?, 0)?.case);
    let mut steps = Vec::with_capacity(envelopes.len());
    for envelope in envelopes {
        let (step, next) = head.follow(envelope, |_, key| key_of(key))?;
        steps.push(step);
        head = next;
    }
    let procedure = head.previous.ok_or(ChainError::Empty)?;
    Ok(Chain { steps, head, procedure })
}

/// The event of an envelope, whoever signed it.
fn read(envelope: &Envelope, seq: u64) -> Result<Event, ChainError> {
    let event: Event = from_json(&envelope.payload.0).map_err(|source| ChainError::Payload { seq, source })?;
    if event.v == 1 { Ok(event) } else { Err(ChainError::Version { seq }) }
}

#[cfg(test)]
mod tests;
