//! The registry's log as the agent verified it, and this member's anchors in it.

use callboard_federation::{dsse::Envelope, openapi::Feed};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::{Operation, Shape, Token, operations};

/// From where.
#[derive(Debug, Clone, Copy, Serialize, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct LogFrom {
    /// The index of the first entry wanted.
    pub from: u64,
}

/// This member's own anchors.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(example = json!({"anchors": [{"index": 4, "anchor": {
    "payload": "eyJ2IjoxfQ==", "payloadType": "application/vnd.callboard.anchor+json", "signatures": []}}]}))]
pub struct OwnAnchors {
    /// The oldest first.
    pub anchors: Vec<OwnAnchor>,
}

/// An anchor, and where it is logged.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct OwnAnchor {
    /// The index of the registry's entry that holds it.
    pub index: Option<u64>,
    /// The member's envelope.
    pub anchor: Envelope,
}

operations! {
    /// The operations on the log.
    OPERATIONS:

    /// Gives the verified log from an index on, as the registry's feed does
    ///
    /// A line an entry, erased statements as `null`; the last line is `{checkpoint}`, the newest note that the lines bear out,
    /// with every cosignature known here. If its size is beyond the lines, ask again from there.
    READ_LOG: [Token, (), LogFrom, (), ()] =
        Operation::get("/log/feed", "log").query()
            .answers(&[(200, "Lines of JSON; as plain text for whoever accepts that alone")])
            .content("application/x-ndjson", Shape::inline::<Feed>(),
                Some("{\"index\":7,…}\n{\"checkpoint\":\"callboard.example\\n8\\n…\"}\n"))
            .content("text/plain", Shape::inline::<String>(), None)
            .problems("malformed not-found unavailable");

    /// Gives this member's own anchors, each with the entry of the registry's log that holds it
    LIST_ANCHORS: [Token, (), (), (), OwnAnchors] =
        Operation::get("/log/anchors", "log").gives(&[(200, "The anchors")]).problems("unavailable");
}
