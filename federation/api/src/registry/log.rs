//! The transparency log: checkpoint, tiles, cosignatures, and the anchors of members' logs of checks.

use callboard_federation::{
    dsse::Envelope,
    encoding::{Base64, Hash},
    tlog::proof::Proof,
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{Page, envelope_example};
use crate::{Anyone, Content, Member, Operation, Shape, Signed, operations};

/// What became of a note with cosignatures.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(example = json!({"taken": 1, "witnessed": 8}))]
pub struct CosignaturesTaken {
    /// How many lines were new.
    pub taken: u64,
    /// The size of the newest checkpoint that the quorum cosigned.
    pub witnessed: Option<u64>,
}

/// What became of an anchor.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(example = json!({
    "anchor": "90f3a2b8be1b0a1d7a5a4d0c94f1b5d3f2b7c1de8a3f0d5b6c7e8f901a2b3c4d", "index": 31,
}))]
pub struct AnchorTaken {
    /// SHA-256 of its payload.
    pub anchor: Hash,
    /// The index of the log's entry that holds it, once there is one: after the day on which it was taken.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub index: Option<u64>,
}

/// The anchors of an entry.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(example = json!({
    "index": 31, "entry": "eyJ2IjoxfQ==", "anchors": [{
        "payload": "eyJ2IjoxfQ==", "payloadType": "application/vnd.callboard.anchor+json",
        "signatures": [{"keyid": "112025279a740ce4adf8ca8a5f2fb5cbbe0ac7dfd7ddf7ad5bd3e02d2d3a4e51",
            "sig": "agi3W3EX8aua9F08uON6fK8K1zPpGfY0E1Yq1p3v4xq1h0c0cH1Uu0d8mJ0h3n6XGq5gk2zQe8o5x7c9w1yTAQ=="}],
    }],
    "proof": "c2sp.org/tlog-proof@v1\nindex 31\n…",
}))]
pub struct LoggedAnchors {
    /// The entry's index.
    pub index: u64,
    /// Base64 of the leaf's bytes, which have the root over the anchors.
    pub entry: Base64,
    /// The members' envelopes, in the order of that tree: by SHA-256 of their payloads.
    pub anchors: Vec<Envelope>,
    /// The leaf's way to the newest witnessed checkpoint, a C2SP tlog-proof; absent as long as none holds the entry.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub proof: Option<Proof>,
}

/// Anchors of the asking member, in the order of their days.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(example = json!({"next": 20782, "anchors": [
    {"anchor": "90f3a2b8be1b0a1d7a5a4d0c94f1b5d3f2b7c1de8a3f0d5b6c7e8f901a2b3c4d", "index": 31}]}))]
pub struct FiledAnchors {
    /// Those of this page.
    pub anchors: Vec<AnchorTaken>,
    /// The cursor of the next page, if there may be one: the day of the last, in days since 1970.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next: Option<u64>,
}

operations! {
    /// The operations on the log.
    OPERATIONS:

    /// Takes a witness's cosignature
    ///
    /// The body is a checkpoint's note as this log published it, with the witness's line. The line is its own right: it is
    /// verified with the key that the roster in force names.
    ///
    /// Whoever holds a note of this log that is larger than what the registry shows, or of another root, shows it here. If the
    /// log's own key signed it, the registry signs nothing more and answers `store-behind`, until its store is restored.
    SUBMIT_COSIGNATURES: [Anyone, (), (), (), CosignaturesTaken] =
        Operation::post("/v1/cosignatures", "log")
            .body(Content {
                text: "The note with the witness's line, in UTF-8; any media type is taken",
                media: "application/octet-stream", shape: Shape::BYTES, example: None, is_optional: false,
            })
            .gives(&[(200, "What came of it")])
            .problems("malformed cosignature-refused !media-type");

    /// Takes a member's anchor
    ///
    /// The body is the envelope (docs/formats.md §11), signed by a key of the member, and so is the request. One a member and
    /// UTC day of its `at`, which is not in the future and at most 14 days ago. The same payload again gets the same answer,
    /// and, once the day's anchors are logged, the index at which `GET /v1/anchors/{index}` shows them.
    SUBMIT_ANCHOR: [Member, (), (), Envelope, AnchorTaken] =
        Operation::post("/v1/anchors", "log").takes("The envelope")
            .body_example(envelope_example!("anchor"))
            .gives(&[(201, "Taken"), (200, "The registry had it already")])
            .problems("anchor-malformed anchor-signature anchor-foreign anchor-time anchor-repeated");

    /// Lists the asking member's own anchors that the registry holds, by day
    ///
    /// A cursor is a day, in days since 1970: what the registry lacks from then on is to be submitted again.
    LIST_FILED_ANCHORS: [Member, (), Page, (), FiledAnchors] =
        Operation::get("/v1/anchors/filed", "log").query().gives(&[(200, "A page of anchors")]).forwarded()
            .cached("private, no-cache");

    /// Shows the anchors that an entry of the log holds, to members and seats
    ///
    /// Who has a member's check and the proof that the member's log holds it finds here the member's word for that log, and
    /// the proof that it was given by then (docs/formats.md §8, §11).
    GET_ANCHORS: [Signed, u64, (), (), LoggedAnchors] =
        Operation::get("/v1/anchors/{index}", "log").part("The index of the entry").gives(&[(200, "The anchors")])
            .cached("private, no-cache").problems("not-found");

    /// The newest checkpoint
    GET_CHECKPOINT: [Anyone, (), (), (), ()] =
        Operation::get("/log/checkpoint", "log").answers(&[(200, "A C2SP checkpoint with every cosignature known")])
            .content("text/plain", Shape::inline::<String>(), Some(
                r#""callboard.example\n8\nskWcTAZnV8eSZyPEicF+DNLVxbns5Q9862ClZA9o6V4=\n\n— callboard.example FBlaZ729L…\n""#))
            .tagged("no-cache");

    /// A tile of hashes, or a bundle of entries
    ///
    /// `tile/<L>/<N>[.p/<W>]` or `tile/entries/<N>[.p/<W>]` (C2SP tlog-tiles): immutable files.
    GET_TILE: [Anyone, String, (), (), ()] =
        Operation::get("/log/tile/{path}", "log").part("`<L>/<N>[.p/<W>]` or `entries/<N>[.p/<W>]`")
            .answers(&[(200, "The tile")]).content("application/octet-stream", Shape::BYTES, None)
            .headers(&[("cache-control", "`public, immutable`: it never changes")]).problems("not-found");
}
