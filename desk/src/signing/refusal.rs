//! Why a desk doesn't ask its signer to sign: the part that differs, by its record; never what is sealed in it.

mod chinese;

use callboard_federation::{
    docket::DocketError,
    encoding::{RecordId, Time},
    event::ChainFault,
    identity::{IdentityInvalid, IdentityKind},
    roster::Role,
    sealed::SealFault,
    statement::{Kind, StatementError},
    tag::Epoch,
};
use callboard_rules::policies::PolicyError;

use crate::publication::Exposed;

/// Why a docket isn't signed.
#[derive(Debug, thiserror::Error)]
#[expect(missing_docs, reason = "each variant's words stand beside it; `record` is the item's")]
pub enum Refusal {
    #[error("the docket is of another registry than the pinned one")]
    Issuer,
    #[error("the docket names roster {got}, in force is {in_force}: draft it again (`callboard draft --again`)")]
    Roster { in_force: u64, got: u64 },
    #[error("the roster in force has expired: only the next roster can be signed")]
    RosterExpired,
    #[error("this key has no seat in the roster in force")]
    NoSeat,
    #[error("the docket asks no signature of the {role}")]
    NotAsked { role: Role },
    #[error("the docket is of {issued_at}, more than 14 days ago: draft it again (`callboard draft --again`)")]
    TooOld { issued_at: Time },
    #[error("the docket is of {issued_at}, which is to come: one of the two clocks is wrong")]
    FromTheFuture { issued_at: Time },
    #[error("the publication")]
    Publication(#[source] DocketError),
    #[error("record {record}")]
    Exposed {
        record: RecordId,
        #[source]
        source: Exposed,
    },
    #[error("record {record}: its letter and its procedure bear two numbers")]
    Number { record: RecordId },
    #[error("the procedure")]
    Procedure(#[source] ChainFault),
    #[error("record {record}: the statement")]
    Statement {
        record: RecordId,
        #[source]
        source: StatementError,
    },
    #[error("record {record}: the docket's item is not the statement's")]
    Item { record: RecordId },
    #[error("record {record}: {fault}")]
    Identity { record: RecordId, fault: IdentityInvalid },
    #[error(
        "record {record}: its subject was under 18 at the conduct: a guardian must be named, and nothing published"
    )]
    Minor { record: RecordId },
    #[error("record {record}: its type of subject has no identity of kind {kind}")]
    IdentityKind { record: RecordId, kind: IdentityKind },
    #[error("record {record}: the tags are not those of the identities")]
    Tags { record: RecordId },
    #[error("record {record}: the share is missing, or there is nothing that it opens")]
    Share { record: RecordId },
    #[error("record {record}: the details are wrapped, under epoch {epoch}, for someone else than the identities say")]
    Wrap { record: RecordId, epoch: Epoch },
    #[error("record {record}: the details, under epoch {epoch}")]
    Sealed {
        record: RecordId,
        epoch: Epoch,
        #[source]
        source: SealFault,
    },
    #[error("record {record}: the details say something else than the bundle")]
    Plain { record: RecordId },
    #[error("record {record}: it is about {about}, which the registry doesn't have")]
    AboutUnknown { record: RecordId, about: RecordId },
    #[error("record {record}: it can't be about {about}, a record of kind {kind}")]
    AboutKind { record: RecordId, about: RecordId, kind: Kind },
    #[error("record {record}: {about} is of another person than the first that it is about")]
    AboutStrangers { record: RecordId, about: RecordId },
    #[error("record {record}: {about} is of another person than the identities say")]
    AboutAnother { record: RecordId, about: RecordId },
    #[error(
        "record {record}: a {kind} isn't signed without the person's identity, which shows whose {about} is: draft it with \
         --identity-file or --from"
    )]
    Unnamed { record: RecordId, about: RecordId, kind: Kind },
    #[error("record {record}: the procedure that it names is not in the bundle")]
    ProcedureUnknown { record: RecordId },
    #[error("record {record}: its policy is not the one that the registry has under that name")]
    PolicyUnknown { record: RecordId },
    #[error("record {record}: its policy is not in effect by then")]
    PolicyNotYet { record: RecordId },
    #[error("record {record}: its policy has no such measure, scopes or end")]
    Measure { record: RecordId },
    #[error("record {record}: an interim begins within a day, and ends within the days of its policy")]
    Interim { record: RecordId },
    #[error("record {record}: its policy has no such violation")]
    Violation { record: RecordId },
    #[error(
        "the {what} that {record} follows isn't at hand: ask the registry, or name the proof file of the one in force \
        (--in-force)"
    )]
    NotAtHand { record: RecordId, what: &'static str },
    #[error("record {record}: the list of members in force is {in_force}, and {got} isn't the next")]
    NotNext { record: RecordId, in_force: u64, got: u64 },
    #[error("record {record}: the policy")]
    Policy {
        record: RecordId,
        #[source]
        source: PolicyError,
    },
    #[error("the document of {record} can't be so: {why}")]
    Document { record: RecordId, why: &'static str },
}
