//! What members declare of the permanent bans that they imposed themselves (`docs/formats.md` §16).
//!
//! What is kept is each member's own signed word: all of them, and of a quarter the latest holds.

use std::collections::BTreeMap;

use callboard_federation::{
    dsse::Envelope,
    encoding::{Hash, Time},
    members::MemberId,
    quarter::Quarter,
};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::envelope_example;
use crate::{Member, Operation, Signed, operations};

/// What became of a declaration.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(example = json!({
    "declaration": "90f3a2b8be1b0a1d7a5a4d0c94f1b5d3f2b7c1de8a3f0d5b6c7e8f901a2b3c4d",
}))]
pub struct DeclarationTaken {
    /// SHA-256 of the payload.
    pub declaration: Hash,
}

/// A declaration as it is kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct KeptDeclaration {
    /// Who declares.
    pub member: MemberId,
    /// When, by the member's clock.
    pub at: Time,
    /// When the registry had it.
    pub taken_at: Time,
    /// Whether it is the member's latest of the quarter, the one that holds.
    pub holds: bool,
    /// The member's envelope: its counts are in the payload.
    pub envelope: Envelope,
}

/// The declarations of a quarter.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(example = json!({"declarations": []}))]
pub struct Declarations {
    /// By member and time: those that were corrected, too.
    pub declarations: Vec<KeptDeclaration>,
}

/// A declaration of your member's own.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct FiledDeclaration {
    /// Of which quarter.
    pub period: Quarter,
    /// How many accounts it banned for good.
    pub bans: u64,
    /// How many under each code.
    pub codes: BTreeMap<String, u64>,
    /// When, by the member's clock.
    pub at: Time,
    /// When the registry had it.
    pub taken_at: Time,
    /// Whether it is the latest of the quarter, the one that holds.
    pub holds: bool,
}

/// The declarations of your member.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(example = json!({
    "declarations": [{"period": "2026-Q3", "bans": 57, "codes": {"NB-11": 41}, "at": "2026-10-08T01:00:00.000Z",
        "takenAt": "2026-10-08T01:00:00.200Z", "holds": true}],
    "missing": ["2026-Q2"],
}))]
pub struct FiledDeclarations {
    /// The newest quarter first, and of one quarter the latest first; at most a thousand.
    pub declarations: Vec<FiledDeclaration>,
    /// The last four quarters that are over, at whose end your member was bound, and of which it declared nothing; the
    /// newest first.
    pub missing: Vec<Quarter>,
}

/// Of which quarter.
#[derive(Debug, Clone, Copy, Serialize, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct OfQuarter {
    /// The quarter.
    pub period: Quarter,
}

operations! {
    /// The operations on declarations.
    OPERATIONS:

    /// Takes how many permanent bans your member imposed itself in a quarter that is over
    ///
    /// The body is the envelope (docs/formats.md §16), signed with a key of your member that is in force. Counts alone, of no
    /// person. All are kept, and of a quarter the one of the latest `at` holds: a later one corrects it. The same payload
    /// again gets the same answer. A hundred are taken of a quarter.
    DECLARE_BANS: [Member, (), (), Envelope, DeclarationTaken] =
        Operation::post("/v1/declarations", "reports").takes("The envelope").body_example(envelope_example!("bans"))
            .gives(&[(201, "Taken"), (200, "The registry had it already")]).problems("bans-refused");

    /// Shows members and seats what all members declared of a quarter, with what was corrected
    LIST_DECLARATIONS: [Signed, (), OfQuarter, (), Declarations] =
        Operation::get("/v1/declarations", "reports").query().gives(&[(200, "The declarations")])
            .example(concat!(
                r#"{"declarations": [{"member": "alpha", "at": "2026-10-08T01:00:00.000Z", "#,
                r#""takenAt": "2026-10-08T01:00:00.200Z", "holds": true, "envelope": "#,
                envelope_example!("bans"),
                "}]}"
            ));

    /// Lists what your member declared, and of which quarters it hasn't
    LIST_FILED_DECLARATIONS: [Member, (), (), (), FiledDeclarations] =
        Operation::get("/v1/declarations/filed", "reports").gives(&[(200, "The declarations")]).forwarded();
}
