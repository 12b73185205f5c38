//! What the agent's operations say alike, and what has no type of its own: one person or many, a line of the log of checks.

use callboard_api::document::{CACHE_CONTROL, Listed, Problems, Webhook};
use callboard_federation::{
    encoding::{CheckId, Salt, Time},
    problems,
};
use serde_json::{Value, json};
use utoipa::{
    PartialSchema, ToSchema,
    openapi::{
        ObjectBuilder, OneOfBuilder, OpenApi, PathItem, Ref, RefOr, Schema, Type,
        schema::{AdditionalProperties, ArrayBuilder},
        security::{HttpAuthScheme, HttpBuilder, SecurityRequirement, SecurityScheme},
    },
};

use super::forward;
use crate::{
    book::Reference,
    check::{
        decision::CheckAnswer,
        question::{MAX_QUESTIONS, Purpose, Question},
    },
    checks::Opening,
    notifications::calls::Call,
};

/// The name of the scheme by which a token is shown.
const TOKEN: &str = "token";
/// What is answered without the token, by the path.
const OPEN: [&str; 3] = ["/healthz", "/readyz", "/webhook"];

/// What the registry says no with, where its answer is handed on: words of its own (docs/errors.md, *Of requests*).
pub(super) const FORWARDED: [Listed; 8] = [
    ("request-signature", 401, "Set this machine's clock: the registry doesn't take the agent's signature."),
    ("request-replayed", 401, "Ask again."),
    ("key-unknown", 403, "The registry knows no key of this agent: `callboard-agent doctor`."),
    ("members-only", 403, "Only members keep endpoints."),
    (
        "endpoint-repeated",
        409,
        "There is an endpoint of this address, or as many as there may be: change or delete one.",
    ),
    ("endpoint-moved", 409, "The endpoint was changed meanwhile: look at it, and ask again."),
    ("endpoint-refused", 422, "Give an https address of a host on the internet."),
    ("rate-limited", 429, "Wait as long as `Retry-After` says."),
];

pub(super) fn described(mut document: OpenApi) -> OpenApi {
    add_hook(&mut document);
    let mut listed = [problems::in_english(problems::AGENT), FORWARDED.to_vec()].concat();
    // Further words of what is forwarded mean what they mean at the registry.
    let words: Vec<&str> = forward::operations().flat_map(|operation| operation.problems.split(' ')).collect();
    let others = problems::in_english(problems::REGISTRY).into_iter().filter(|(word, ..)| words.contains(word));
    listed.extend(others.filter(|other| listed.iter().all(|listed| listed.0 != other.0)).collect::<Vec<_>>());
    ask_for_token(&mut document);
    let problems = Problems {
        listed: &listed,
        rules: &[],
        always: &["foreign-request", "media-type"],
        secured: &["token-needed"],
        retried: &["rate-limited"],
        headers: &[(CACHE_CONTROL, "`no-store`.")],
    };
    problems.describe(&mut document);
    document
}

/// Says which operations ask for the token; what the guard asks, the guard says ([`super::guard`]).
fn ask_for_token(document: &mut OpenApi) {
    let scheme = HttpBuilder::new()
        .scheme(HttpAuthScheme::Bearer)
        .description(Some("What `callboard-agent token` prints; not needed by the agent's Unix socket"));
    let components = document.components.get_or_insert_default();
    components.add_security_scheme(TOKEN, SecurityScheme::Http(scheme.build()));
    for (path, item) in &mut document.paths.paths {
        let PathItem { get, put, post, patch, delete, .. } = item;
        let needed = SecurityRequirement::new::<_, [&str; 0], &str>(TOKEN, []);
        for operation in [get, put, post, patch, delete].into_iter().flatten() {
            operation.security = Some(if OPEN.contains(&path.as_str()) { Vec::new() } else { vec![needed.clone()] });
        }
    }
}

/// The call that the platform's own hook is made, `hook` in `member.toml`.
fn add_hook(document: &mut OpenApi) {
    let call = Webhook {
        name: "standingChanged",
        operation_id: "take_standing",
        tag: "pushed",
        summary: "Tells the platform's hook what a check of a person would answer now",
        description: "One call a person, again until it is taken: with the same id as long as it says the same. After 202 the \
            hook reports `POST /hook/{id}/done`.",
        example: json!({
            "type": "standing.changed", "id": "019c167f-cc00-7568-8a65-6cc0703e460a", "ref": "host-1", "decision": "refuse",
            "at": "2026-11-25T08:00:00.000Z", "todo": {"zh": "不得为其提供此类服务。…", "en": "Give this person no such service. …"},
            "epochs": [1], "index": 31, "records": ["019c167f-cc00-7568-8a65-6cc0703e460a"],
        }),
        answers: &[
            ("200", "It is done"),
            ("202", "It is taken on: the hook reports when it is done, within `Retry-After`, or an hour"),
            ("2XX", "It is done"),
            ("default", "It isn't taken, and the call is made again later"),
        ],
    };
    call.add_to::<Call<'_>>(document);
}

fn one_or_many(one: &str, example: Value) -> RefOr<Schema> {
    let many = ArrayBuilder::new().items(Ref::from_schema_name(one)).min_items(Some(1)).max_items(Some(MAX_QUESTIONS));
    OneOfBuilder::new().item(Ref::from_schema_name(one)).item(many).examples([example]).into()
}

type Schemas = Vec<(String, RefOr<Schema>)>;

fn add<T: ToSchema>(schemas: &mut Schemas) {
    schemas.push((T::name().into_owned(), T::schema()));
    T::schemas(schemas);
}

/// A person, or a list of persons.
pub(super) enum Questions {}

impl PartialSchema for Questions {
    fn schema() -> RefOr<Schema> {
        one_or_many(
            &Question::name(),
            json!({"ref": "host-1", "identities": [{"kind": "cn-id", "value": "100000199001050013"}]}),
        )
    }
}

impl ToSchema for Questions {
    fn schemas(schemas: &mut Schemas) {
        add::<Question>(schemas);
    }
}

/// The answer, or the list of answers.
pub(super) enum Answers {}

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
    fn schemas(schemas: &mut Schemas) {
        add::<CheckAnswer>(schemas);
    }
}

/// A line of the log of checks, which is kept as its bytes (docs/formats.md, *Log of checks*).
pub(super) enum LoggedCheck {}

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
            .property("blinds", ArrayBuilder::new().items(reference(&Opening::name())))
            .property("salt", reference(&Salt::name()));
        for name in ["v", "id", "at", "ref", "purpose", "answer", "salt"] {
            line = line.required(name);
        }
        line.into()
    }
}

impl ToSchema for LoggedCheck {
    fn schemas(schemas: &mut Schemas) {
        add::<CheckId>(schemas);
        add::<Time>(schemas);
        add::<Reference>(schemas);
        add::<Purpose>(schemas);
        add::<Opening>(schemas);
        add::<Salt>(schemas);
    }
}
