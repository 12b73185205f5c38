//! Records: what is known of one, its proof, its share; the feed of all of them, and what holds for persons.

use callboard_federation::{
    encoding::{Base64, RecordId, Salt, Time},
    openapi::Feed,
    proof_file::ProofFile,
    standing::Standing,
    statement::{EpochTag, Kind},
};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::PROOF_FILE;
use crate::{MaybeSigned, Operation, Shape, Signed, operations};

/// A record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Record, example = json!({
    "record": "019c167f-cc00-73bb-b093-53149ac499ee", "kind": "ruling", "index": 7, "position": 16, "erased": false,
    "statement": "eyJ2IjoxfQ==",
}))]
pub struct RecordPlace {
    /// Its id.
    pub record: RecordId,
    /// Its kind.
    pub kind: Kind,
    /// The index of its docket's entry.
    pub index: u64,
    /// The position of its item in the docket, from 0.
    pub position: u32,
    /// Whether it was erased.
    pub erased: bool,
    /// The statement's bytes in base64; for members and seats.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub statement: Option<Base64>,
}

/// A record's share.
#[derive(Serialize, Deserialize, ToSchema)]
#[schema(example = json!({"share": "8sL25PhF2THoW9awo6ZlAPkUQ5UD2TbXm8oASMBYDJg="}))]
pub struct Share {
    /// 32 bytes in base64: with the seal key of the identity they open the details.
    pub share: Salt,
}

/// Whose standings, and when.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"persons": [[{"epoch": 1, "tag": "242a1f620796338f432fead2fb63a38c6477d91f2bba1f803101306ad0083df6"}]]}))]
pub struct StandingsQuestion {
    /// Each person by its tags, one at least; up to 1,000 tags in all.
    #[schema(min_items = 1, max_items = 1000)]
    pub persons: Vec<Vec<EpochTag>>,
    /// The instant that is asked about; without it now.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at: Option<Time>,
}

/// The standings, by the log as it is published.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(example = json!({
    "standings": [{"state": "suspended", "action": "refuse",
        "tags": [{"epoch": 1, "tag": "242a1f620796338f432fead2fb63a38c6477d91f2bba1f803101306ad0083df6"}],
        "reasons": [{"record": "019c167f-cc00-7568-8a65-6cc0703e460a", "measure": "suspension", "scopes": ["live"],
            "phase": "in-force", "until": "2027-02-01T00:00:00.000Z", "disputed": false, "soft": false}],
        "size": 8, "at": "2026-06-01T00:00:00.000Z"}],
    "links": [[]],
    "checkpoint": "callboard.example\n8\n…",
}))]
pub struct Standings {
    /// One a person, in the order of the question.
    pub standings: Vec<Standing>,
    /// The links that joined each one's tags, in the same order: whoever asks can have them proven.
    pub links: Vec<Vec<RecordId>>,
    /// The newest checkpoint: the size that the standings speak for.
    pub checkpoint: String,
}

/// From where, and how long to wait for more.
#[derive(Debug, Clone, Copy, Serialize, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct FeedFrom {
    /// The index of the first entry wanted.
    pub from: u64,
    /// Seconds to wait if there is none yet: until one comes, or the newest checkpoint reaches its quorum; at most 55.
    #[param(default = 0)]
    pub wait: Option<u64>,
}

/// What the variable part of a record's address is.
const ID: &str = "The record's id";

operations! {
    /// The operations on records.
    OPERATIONS:

    /// Shows where a record stands
    ///
    /// Unsigned it tells kind and place; a request that a member or a seat signed is shown the statement too.
    GET_RECORD: [MaybeSigned, RecordId, (), (), RecordPlace] =
        Operation::get("/v1/records/{record}", "records").part(ID).gives(&[(200, "The record")]).problems("not-found");

    /// Gives the proof file of a record, to members and seats
    ///
    /// Checked off line against the genesis hash alone (`callboard verify`, docs/formats.md §8). Rosters, members and policies
    /// have theirs in public. 409 as long as too few witnesses have cosigned: ask again.
    GET_RECORD_PROOF: [Signed, RecordId, (), (), ProofFile] =
        Operation::get("/v1/records/{record}/proof", "records").part(ID).gives(&[(200, "The proof file")])
            .example(PROOF_FILE).tagged("private, no-cache").problems("not-found not-witnessed erased");

    /// Gives a record's share to a member or a seat that asks
    ///
    /// With it whoever knows the identity opens the record's details. It shows the registry that who asks had a hit: it is
    /// counted, and shown to the subject.
    TAKE_RECORD_SHARE: [Signed, RecordId, (), (), Share] =
        Operation::post("/v1/records/{record}/share", "records").part(ID).gives(&[(200, "The share")]).only_reads()
            .cached("no-store").problems("not-found erased share-lost");

    /// Discloses the log from an index on, as lines of JSON
    ///
    /// A line an entry: `{index, entry, docket, items, publication?}`, an erased statement as `null`. The last line is
    /// `{checkpoint}`, the newest note with every cosignature known; if its size is beyond the lines, ask again from there.
    /// Whoever follows it checks everything (docs/formats.md §5, §8) and needs to believe nothing. The header
    /// `callboard-notices` tells a member of endpoints that are disabled, receipts that it owes, and for a while that the
    /// registry was restored (`restored=TIME`): what it was told between its last copy and then it may lack.
    READ_FEED: [Signed, (), FeedFrom, (), ()] =
        Operation::get("/v1/feed", "records").query()
            .answers(&[(200, "Lines of JSON; as plain text for whoever accepts that alone")])
            .content("application/x-ndjson", Shape::inline::<Feed>(),
                Some(r#""{\"index\":7,…}\n{\"checkpoint\":\"callboard.example\\n8\\n…\"}\n""#))
            .content("text/plain", Shape::inline::<String>(), None)
            .headers(&[("callboard-notices", "What a member is told besides, if anything"),
                ("cache-control", "`private, no-store`")]);

    /// Tells what holds for persons, each by one or more tags
    ///
    /// For those who accept that the registry sees a tag; an agent answers the same from its own replica, and nobody sees it.
    /// Tags go in the body, never in an address. At most 1,000 tags.
    ASK_STANDINGS: [Signed, (), (), StandingsQuestion, Standings] =
        Operation::post("/v1/standings", "records").takes("Whose standings, and when").gives(&[(200, "The standings")])
            .only_reads().cached("no-store").problems("standing-unknown");
}
