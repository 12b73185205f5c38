//! Proof that it was checked: one check's, and the blinds of an account's checks for an auditor.

use callboard_federation::{
    anchor::CheckFile,
    encoding::{CheckId, Hash, Salt, Time},
    tag::Epoch,
};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::{
    PartialSchema, ToSchema,
    openapi::{
        ObjectBuilder, Ref, RefOr, Schema, Type,
        schema::{AdditionalProperties, ArrayBuilder},
    },
};

use super::{REF, Reference, question::Purpose, tag_book::Whom};
use crate::{Operation, Shape, Token, operations};

/// What opens a point that the token service saw: identity and blind give the point, the proof its place in the batch whose
/// root the service keeps (formats §3).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct BlindOpening {
    /// The epoch.
    pub epoch: Epoch,
    /// The blind, 32 bytes.
    pub blind: Salt,
    /// The point's place in its batch, from 0.
    pub index: u64,
    /// How many points the batch has.
    pub count: u64,
    /// The inclusion proof of the point in the batch's root.
    pub proof: Vec<Hash>,
}

/// A line of the log of checks, which is kept as its bytes (docs/formats.md, *Log of checks*).
enum LoggedCheck {}

impl PartialSchema for LoggedCheck {
    fn schema() -> RefOr<Schema> {
        let number = ObjectBuilder::new().schema_type(Type::Integer).minimum(Some(1)).maximum(Some(1));
        let reference = |name: &str| Ref::from_schema_name(name);
        let answer = ObjectBuilder::new().additional_properties(Some(AdditionalProperties::FreeForm(true)));
        let mut line = ObjectBuilder::new()
            .description(Some("A line of the log of checks that holds blinds."))
            .property("v", number.description(Some("The format's version.")))
            .property("id", reference(&CheckId::name()))
            .property("at", reference(&Time::name()))
            .property("ref", reference(&Reference::name()))
            .property("person", reference(&Reference::name()))
            .property("purpose", reference(&Purpose::name()))
            .property("consentRef", reference(&Reference::name()))
            .property("guardianRef", reference(&Reference::name()))
            .property("answer", answer.description(Some("What was answered, as `CheckAnswer` was then.")))
            .property("blinds", ArrayBuilder::new().items(reference(&BlindOpening::name())))
            .property("salt", reference(&Salt::name()));
        for name in ["v", "id", "at", "ref", "purpose", "answer", "salt"] {
            line = line.required(name);
        }
        line.into()
    }
}

impl ToSchema for LoggedCheck {
    fn schemas(schemas: &mut Vec<(String, RefOr<Schema>)>) {
        let of = [
            Shape::of::<CheckId>(),
            Shape::of::<Time>(),
            Shape::of::<Reference>(),
            Shape::of::<Purpose>(),
            Shape::of::<BlindOpening>(),
            Shape::of::<Salt>(),
        ];
        for shape in of {
            (shape.components)(schemas);
        }
    }
}

operations! {
    /// The operations that prove checks.
    OPERATIONS:

    /// Proves one check, and shows nothing of the others
    GET_CHECK_PROOF: [Token, CheckId, (), (), CheckFile] =
        Operation::get("/checks/{id}/proof", "proof").part("The check's id")
            .gives(&[(200, "The line, its proof, and its anchor once there is one (docs/formats.md, *Log of checks*)")])
            .example(r#"{
                "check": {"v": 1, "line": "eyJ2IjoxfQ==", "index": 0, "size": 1, "proof": [],
                    "root": "994ebc50376e990dac3e844b6a272988a32b484fb42ce726c4b782572f00466c"}, "logIndex": 4,
                "anchor": {"payload": "eyJ2IjoxfQ==", "payloadType": "application/vnd.callboard.anchor+json", "signatures": []},
                "logged": {"entry": "eyJ2IjoxfQ==", "place": 0, "count": 3,
                    "path": ["994ebc50376e990dac3e844b6a272988a32b484fb42ce726c4b782572f00466c"], "proof": "c2sp.org/tlog-proof@v1\nindex 4\n…"}
            }"#)
            .problems("malformed not-found unavailable");

    /// Opens the blinds of an account's checks, for an auditor
    ///
    /// Each line tells the blinds with which the account's identities were hidden, and their places in the batches that the token
    /// service saw: with an identity, whoever is shown them computes the point again (docs/formats.md §3).
    OPEN_BLINDS: [Token, Reference, Whom, (), Vec<Value>] =
        Operation::get("/refs/{ref}/blinds", "proof").part(REF).query()
            .answers(&[(200, "The lines of the log of checks that hold blinds, oldest first")])
            .content("application/json", Shape::list::<LoggedCheck>(), Some(r#"[{
                "v": 1, "id": "019c167f-cc00-7568-8a65-6cc0703e460a", "at": "2026-11-25T08:00:00.000Z", "ref": "host-1",
                "purpose": "onboard", "answer": {"decision": "allow"}, "salt": "8sL25PhF2THoW9awo6ZlAPkUQ5UD2TbXm8oASMBYDJg=",
                "blinds": [{"epoch": 1, "blind": "8sL25PhF2THoW9awo6ZlAPkUQ5UD2TbXm8oASMBYDJg=", "index": 0, "count": 1, "proof": []}]
            }]"#))
            .problems("malformed unavailable");
}
