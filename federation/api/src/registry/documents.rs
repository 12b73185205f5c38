//! Public documents: roster, members, policies, publications, each with its whole chain from genesis.

use callboard_federation::{
    encoding::{Hash, RecordId, Time},
    proof_file::{ProofFile, notice::NoticeFile},
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{NOTICE_FILE, PROOF_FILE};
use crate::{Anyone, Operation, Shape, operations};

/// The policies that were logged.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(example = json!({
    "policies": [{
        "instrument": "streamer-warning-rules", "version": "2022",
        "sha256": "f4d2c2703388fff892537f4fcfbd1e3ea4ffd6ef7f55e43fc8390e052976aa4f",
        "effectiveFrom": "2022-03-01T00:00:00.000Z", "record": "019c167f-cc00-75e7-a5ef-192adc96215b",
    }],
}))]
pub struct Policies {
    /// By instrument and version.
    pub policies: Vec<PolicyRow>,
}

/// A policy in the listing.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(example = json!({
    "instrument": "streamer-warning-rules", "version": "2022",
    "sha256": "f4d2c2703388fff892537f4fcfbd1e3ea4ffd6ef7f55e43fc8390e052976aa4f",
    "effectiveFrom": "2022-03-01T00:00:00.000Z", "record": "019c167f-cc00-75e7-a5ef-192adc96215b",
}))]
pub struct PolicyRow {
    /// The instrument's name.
    pub instrument: String,
    /// Its version.
    pub version: String,
    /// SHA-256 of the document.
    pub sha256: Hash,
    /// From when it is ruled under.
    pub effective_from: Time,
    /// The record that carries it.
    pub record: RecordId,
}

/// What an answer with a proof file is.
const OF_RECORD: &[(u16, &str)] = &[(200, "The proof file of its record (docs/formats.md §8)")];

operations! {
    /// The operations on public documents.
    OPERATIONS:

    /// Shows the roster in force, as the proof file of its record
    ///
    /// Who may sign, and every key there is: the one root. One call gives the whole chain from genesis.
    GET_ROSTER: [Anyone, (), (), (), ProofFile] =
        Operation::get("/v1/roster", "public documents").gives(OF_RECORD).example(PROOF_FILE).tagged("public, no-cache")
            .problems("not-found not-witnessed");

    /// Shows the members in force, as the proof file of its record
    ///
    /// Who is bound by the rules, with which keys and quotas. One call gives the whole chain from genesis.
    GET_MEMBERS: [Anyone, (), (), (), ProofFile] =
        Operation::get("/v1/members", "public documents").gives(OF_RECORD).example(PROOF_FILE).tagged("public, no-cache")
            .problems("not-found not-witnessed");

    /// Lists the policies that were logged
    LIST_POLICIES: [Anyone, (), (), (), Policies] =
        Operation::get("/v1/policies", "public documents").gives(&[(200, "All of them")]);

    /// Shows a policy, as the proof file of its record
    GET_POLICY: [Anyone, Hash, (), (), ProofFile] =
        Operation::get("/v1/policies/{sha256}", "public documents").part("SHA-256 of the document").gives(OF_RECORD)
            .example(PROOF_FILE).tagged("public, no-cache").problems("malformed not-found not-witnessed");

    /// Shows the public text of a docket
    ///
    /// Its bytes hash to the address, which the signed docket names.
    GET_PUBLICATION: [Anyone, Hash, (), (), serde_json::Value] =
        Operation::get("/v1/publications/{sha256}", "public documents").part("SHA-256 of the text")
            .answers(&[(200, "The text")])
            .content("application/json", Shape::OBJECT, Some(r#"{"v": 1, "zh": "公告……", "en": "Notice …"}"#))
            .tagged("public, max-age=3600").problems("malformed not-found");

    /// Gives the proof file of a docket's public text, for everyone
    ///
    /// Text, docket and signatures, without statements: with it anybody checks off line that enough seats signed the text, and
    /// that it was logged (docs/formats.md §19). `callboard verify` does, and so does the page `/verify/`.
    GET_NOTICE_PROOF: [Anyone, Hash, (), (), NoticeFile] =
        Operation::get("/v1/dockets/{docket}/notice", "public documents").part("SHA-256 of the payload")
            .gives(&[(200, "The notice file (docs/formats.md §19)")]).example(NOTICE_FILE).tagged("public, no-cache")
            .problems("malformed not-found not-witnessed");
}
