//! The agent's document: what its operations say alike, and the call of the platform's hook.

use callboard_api::{
    agent as of,
    document::{self, CACHE_CONTROL, Entry, Listed, Problems, TOKEN, Webhook},
};
use callboard_federation::problems;
use serde_json::json;
use utoipa::{
    OpenApi,
    openapi::{
        self, PathItem,
        security::{HttpAuthScheme, HttpBuilder, SecurityRequirement, SecurityScheme},
    },
};

use super::{Problem, forward};
use crate::notifications::calls::Call;

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

#[derive(OpenApi)]
#[openapi(
    info(
        title = "Callboard agent",
        description = "Answers on this machine whether a streamer may be onboarded, from a verified copy of the registry's \
            log. Whoever asks shows the token that `callboard-agent token` prints, or comes by the agent's Unix socket; by another \
            name than the agent's own, or from a page of another origin, nobody is answered. Every refusal is an RFC 9457 \
            problem whose `type` is stable (docs/errors.md). Each GET answers HEAD too; another method at a known address is \
            405 with `Allow`, an unknown address 404.",
        license(name = "Apache-2.0", identifier = "Apache-2.0"),
        contact(name = "Callboard"),
    ),
    servers((url = "http://127.0.0.1:8448", description = "Where an agent listens unless `member.toml` says otherwise")),
    components(schemas(Problem)),
    tags(
        (name = "checks", description = "May this person go on air here?"),
        (name = "tag book", description = "The platform's own people"),
        (name = "proof", description = "That it was checked"),
        (name = "pushed", description = "What the registry pushes, and the word that it is in effect"),
        (name = "reports", description = "What this platform brings before the committee, and what it is asked"),
        (name = "log", description = "The registry's log as this agent verified it"),
        (name = "operating", description = "For whoever operates the agent"),
    ),
)]
struct About;

/// The OpenAPI document, as `openapi/agent.json` has it.
pub fn openapi() -> openapi::OpenApi {
    let mut document = About::openapi();
    document::add(&mut document, of::operations().map(Entry::from).chain(forward::entries()));
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

/// Says how the token is shown, which whatever isn't open to everyone asks for: the agent signs what it forwards.
fn ask_for_token(document: &mut openapi::OpenApi) {
    let scheme = HttpBuilder::new()
        .scheme(HttpAuthScheme::Bearer)
        .description(Some("What `callboard-agent token` prints; not needed by the agent's Unix socket"));
    let components = document.components.get_or_insert_default();
    components.add_security_scheme(TOKEN, SecurityScheme::Http(scheme.build()));
    for PathItem { get, put, post, patch, delete, .. } in document.paths.paths.values_mut() {
        for security in [get, put, post, patch, delete].into_iter().flatten().flat_map(|of| &mut of.security) {
            *security = vec![SecurityRequirement::new::<_, [&str; 0], &str>(TOKEN, [])];
        }
    }
}

/// The call that the platform's own hook is made, `hook` in `member.toml`.
fn add_hook(document: &mut openapi::OpenApi) {
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
