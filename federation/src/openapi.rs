//! The formats in the descriptions of the APIs (feature `openapi`): what has one text form is a string with its
//! pattern.
//!
//! What JSON objects hold is derived where each type stands; here are the types whose text form is written by hand.
//! Which operations there are is for the services to say.

use std::borrow::Cow;

use callboard_log::{openapi::text, texts};
use utoipa::{
    PartialSchema, ToSchema,
    openapi::{KnownFormat, ObjectBuilder, OneOfBuilder, Ref, RefOr, Schema, SchemaFormat, Type},
};

use crate::{
    disclosure::{CheckpointLine, EntryLine},
    encoding::{CaseId, CheckId, DocketId, DraftId, EndpointId, FilingId, IdentityRequestId, RecordId, ReportId},
    members::MemberId,
    quarter::Quarter,
    report::ReportCode,
    statement::Scope,
    tag::{Epoch, Tag},
    token_key::TokenPublicKey,
};

/// What an id looks like: a UUID of version 7 in lower case.
const ID: &str = "^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$";

texts! {
    Tag = "Tag", "A tag: 32 bytes in lower-case hexadecimal.", pattern("^[0-9a-f]{64}$");
    TokenPublicKey = "TokenPublicKey", "A token key of ristretto255: 32 bytes in base64.",
        pattern("^[A-Za-z0-9+/]{42}[AEIMQUYcgkosw048]=$");
    RecordId = "RecordId", "The id of a record.", format(uuid()), pattern(ID);
    DocketId = "DocketId", "The id of a docket.", format(uuid()), pattern(ID);
    CaseId = "CaseId", "The id of a case.", format(uuid()), pattern(ID);
    EndpointId = "EndpointId", "The id of an endpoint.", format(uuid()), pattern(ID);
    DraftId = "DraftId", "The id of a draft.", format(uuid()), pattern(ID);
    ReportId = "ReportId", "The id of a report.", format(uuid()), pattern(ID);
    IdentityRequestId = "IdentityRequestId", "The id of a question for identities.", format(uuid()), pattern(ID);
    ReportCode = "ReportCode", "The code by which people name a report.", pattern("^[0-9A-HJKMNP-TV-Z]{10}$");
    FilingId = "FilingId", "The id of what a subject filed.", format(uuid()), pattern(ID);
    CheckId = "CheckId", "The id of a check.", format(uuid()), pattern(ID);
    Quarter = "Quarter", "A quarter of the civil year, by the clock of Beijing.", pattern("^[0-9]{4}-Q[1-4]$");
    MemberId = "MemberId", "The id of a member.", pattern("^[a-z0-9-]{1,64}$");
    Scope = "Scope", "A service that a measure closes.", pattern("^(live|recorded|promotion|endorsement|award|topic:.+)$");
}

texts! {
    crate::subject_session::SessionId = "SessionId", "The id of a session: 16 bytes in lower-case hexadecimal.",
        pattern("^[0-9a-f]{32}$");
    crate::subject_session::SessionCode = "SessionCode", "The code of a session: six digits.", pattern("^[0-9]{6}$");
    crate::subject_session::BrowserKey = "BrowserKey", "A public key of P-256: an uncompressed point of 65 bytes in base64.",
        pattern("^B[A-Za-z0-9+/]{86}=$");
}

impl PartialSchema for Epoch {
    fn schema() -> RefOr<Schema> {
        let number = ObjectBuilder::new().schema_type(Type::Integer).minimum(Some(1));
        let number = number.format(Some(SchemaFormat::KnownFormat(KnownFormat::Int64)));
        number.description(Some("The number of a token key's epoch.")).into()
    }
}
impl ToSchema for Epoch {
    fn name() -> Cow<'static, str> {
        "Epoch".into()
    }
}

/// What is wrong with an identity stands in the same object as which it is.
#[cfg(feature = "identities")]
impl PartialSchema for crate::identity::reader::Finding {
    fn schema() -> RefOr<Schema> {
        let at = ObjectBuilder::new().schema_type(Type::Integer).minimum(Some(0));
        let at = at.description(Some("Which identity of the question, from 0; absent: all of them together."));
        let confirmed = ObjectBuilder::new().schema_type(Type::Boolean);
        ObjectBuilder::new()
            .description(Some("What is wrong, and with which identity."))
            .property("at", at)
            .property("code", text("The word by which programs tell it."))
            .property("zh", text("zh-CN."))
            .property("en", text("en."))
            .property("confirmed", confirmed.description(Some("Whether `confirmed` excuses this.")))
            .required("code")
            .required("zh")
            .required("en")
            .required("confirmed")
            .into()
    }
}
#[cfg(feature = "identities")]
impl ToSchema for crate::identity::reader::Finding {
    fn name() -> Cow<'static, str> {
        "IdentityFinding".into()
    }
}

/// The schema of a body that is read line by line: each line is a `line`.
pub fn lines(line: &str) -> RefOr<Schema> {
    let lines = text("").content_media_type("application/x-ndjson").content_schema(Some(Ref::from_schema_name(line)));
    lines.description(Some(format!("Lines of JSON, each a `{line}`."))).into()
}

/// What the feed answers: lines, each an entry, or last the newest checkpoint.
#[derive(Debug)]
pub enum Feed {}

impl PartialSchema for Feed {
    fn schema() -> RefOr<Schema> {
        lines(&FeedLine::name())
    }
}

impl ToSchema for Feed {
    fn schemas(schemas: &mut Vec<(String, RefOr<Schema>)>) {
        schemas.push((FeedLine::name().into_owned(), FeedLine::schema()));
        FeedLine::schemas(schemas);
    }
}

#[derive(Debug)]
enum FeedLine {}

impl PartialSchema for FeedLine {
    fn schema() -> RefOr<Schema> {
        let one_of =
            OneOfBuilder::new().description(Some("A line of the feed: an entry, or last the newest checkpoint."));
        let of = Ref::from_schema_name;
        one_of.item(of(EntryLine::name())).item(of(CheckpointLine::name())).into()
    }
}

impl ToSchema for FeedLine {
    fn schemas(schemas: &mut Vec<(String, RefOr<Schema>)>) {
        schemas.push((EntryLine::name().into_owned(), EntryLine::schema()));
        EntryLine::schemas(schemas);
        schemas.push((CheckpointLine::name().into_owned(), CheckpointLine::schema()));
    }
}

fn uuid() -> SchemaFormat {
    SchemaFormat::Custom("uuid".to_owned())
}
