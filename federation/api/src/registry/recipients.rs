//! Members' recipients: to which `age` key the secretariat writes to a member (`docs/formats.md` §14).
//!
//! What is kept is the member's own signed word. Whoever writes to it verifies that against the list of members, so
//! the registry can't put a key of its own in its place.

use callboard_federation::{
    dsse::Envelope,
    encoding::{Hash, Time},
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::envelope_example;
use crate::{Member, Operation, Seat, operations};

/// What became of a recipient.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(example = json!({
    "recipient": "90f3a2b8be1b0a1d7a5a4d0c94f1b5d3f2b7c1de8a3f0d5b6c7e8f901a2b3c4d",
}))]
pub struct RecipientTaken {
    /// SHA-256 of the payload.
    pub recipient: Hash,
}

/// The recipient of a member that holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct KeptRecipient {
    /// When the registry had it.
    pub taken_at: Time,
    /// The member's envelope.
    pub envelope: Envelope,
}

operations! {
    /// The operations on members' recipients.
    OPERATIONS:

    /// Takes the recipient to which the secretariat is to write to your member
    ///
    /// The body is the envelope (docs/formats.md §14), signed with a key of your member that is in force. The one of
    /// the latest `at` holds; the same payload again gets the same answer, an earlier one is refused.
    PUBLISH_RECIPIENT: [Member, (), (), Envelope, RecipientTaken] =
        Operation::post("/v1/recipients", "reports").takes("The envelope").body_example(envelope_example!("recipient"))
            .gives(&[(201, "Taken"), (200, "The registry had it already")]).problems("recipient-refused");

    /// Shows the recipient of a member, as the member signed it
    GET_RECIPIENT: [Seat, String, (), (), KeptRecipient] =
        Operation::get("/v1/members/{member}/recipient", "reports").part("The member's id")
            .gives(&[(200, "The recipient")])
            .example(concat!(
                r#"{"takenAt": "2026-02-01T00:00:00.000Z", "envelope": "#,
                envelope_example!("recipient"),
                "}"
            ))
            .problems("not-found");
}
