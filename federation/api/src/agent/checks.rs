//! Checks: may this person go on air here? And what a list of people would cost.

use std::borrow::Cow;

use callboard_federation::encoding::Time;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use utoipa::{
    PartialSchema, ToSchema,
    openapi::{OneOfBuilder, Ref, RefOr, Schema, schema::ArrayBuilder},
};

use super::{OneOrMany, answer::CheckAnswer, question::Question};
use crate::{Operation, Shape, Token, operations};

/// The most people of one request.
pub const MAX_QUESTIONS: usize = 10_000;

/// A person, or a list of persons.
pub type Questions = OneOrMany<Question>;

impl PartialSchema for Questions {
    fn schema() -> RefOr<Schema> {
        one_or_many(
            &Question::name(),
            json!({"ref": "host-1", "identities": [{"kind": "cn-id", "value": "100000199001050013"}]}),
        )
    }
}

impl ToSchema for Questions {
    fn name() -> Cow<'static, str> {
        "Questions".into()
    }

    fn schemas(schemas: &mut Vec<(String, RefOr<Schema>)>) {
        (Shape::of::<Question>().components)(schemas);
    }
}

/// The answer, or the list of answers.
pub type Answers = OneOrMany<CheckAnswer>;

impl PartialSchema for Answers {
    fn schema() -> RefOr<Schema> {
        let answer = json!({
            "id": "019c167f-cc00-7568-8a65-6cc0703e460a", "ref": "host-1", "decision": "allow",
            "at": "2026-11-25T08:00:00.000Z", "epochs": [1],
            "todo": {"zh": "没有针对此人的在效措施，可以按本平台规则准入。", "en": "Nothing stands against this person: …"},
        });
        one_or_many(&CheckAnswer::name(), answer)
    }
}

impl ToSchema for Answers {
    fn name() -> Cow<'static, str> {
        "Answers".into()
    }

    fn schemas(schemas: &mut Vec<(String, RefOr<Schema>)>) {
        (Shape::of::<CheckAnswer>().components)(schemas);
    }
}

fn one_or_many(one: &str, example: Value) -> RefOr<Schema> {
    let many = ArrayBuilder::new().items(Ref::from_schema_name(one)).min_items(Some(1)).max_items(Some(MAX_QUESTIONS));
    OneOfBuilder::new().item(Ref::from_schema_name(one)).item(many).examples([example]).into()
}

/// What people would cost at the token service.
#[derive(Debug, Clone, Copy, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(example = json!({"people": 2000, "new": 1999, "points": 1999, "quota": {"perDay": 10000, "left": 9999,
    "resetsAt": "2026-11-26T00:00:00.000Z", "toldAt": "2026-11-25T08:00:00.000Z"}}))]
pub struct Cost {
    /// How many people were named.
    pub people: usize,
    /// How many of their identities the tag book doesn't hold under every live epoch.
    pub new: usize,
    /// The points that those take: one for each epoch.
    pub points: usize,
    /// The member's points, as the token service last told; absent before it told any today.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub quota: Option<Quota>,
}

/// What the token service last told of the member's points.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(example = json!({"perDay": 10000, "left": 9999, "resetsAt": "2026-11-26T00:00:00.000Z", "toldAt": "2026-11-25T08:00:00.000Z"}))]
pub struct Quota {
    /// Points a day.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub per_day: Option<u64>,
    /// Points left, grants among them.
    pub left: u64,
    /// When the day's points are whole again.
    #[schema(value_type = String)]
    pub resets_at: Time,
    /// When it was told.
    #[schema(value_type = String)]
    pub told_at: Time,
}

/// What a body of people is.
pub(super) const PEOPLE: &str = "A person, or a list of persons";

operations! {
    /// The operations on checks.
    OPERATIONS:

    /// Decides about one person, or about up to 10,000
    ///
    /// A body that is an object gets an answer, one that is a list a list of answers in its order. Each answer is in the agent's
    /// own log of checks before it is given. Nothing leaves this machine but a blinded point for whoever is new, and on a hit a
    /// request for the record's share.
    CHECK: [Token, (), (), Questions, Answers] =
        Operation::post("/check", "checks").takes(PEOPLE).gives(&[(200, "The answer, or the list of answers")])
            .problems("malformed too-many-checks unavailable");

    /// Says how many points a list would take, without asking anyone or writing anything down
    COST: [Token, (), (), Questions, Cost] =
        Operation::post("/cost", "checks").takes(PEOPLE).gives(&[(200, "How many are new, and what is left")])
            .problems("malformed too-many-checks unavailable");
}
