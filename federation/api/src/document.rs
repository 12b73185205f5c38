//! The OpenAPI documents of the services, made of their operations.
//!
//! An operation names the problems that it answers with by their words; statuses, texts and headers are made of the
//! service's table of problems. Here are also the parts that webhooks share.

use callboard_federation::problems::PREFIX;
use serde_json::{Value, json};
use utoipa::{
    ToSchema,
    openapi::{
        Content, HttpMethod, KnownFormat, ObjectBuilder, OpenApi, PathItem, Ref, RefOr, Required, Response,
        ResponseBuilder, Schema, SchemaFormat, Server, Type,
        extensions::ExtensionsBuilder,
        header::{Header, HeaderBuilder},
        path::{Operation, OperationBuilder, Parameter, ParameterBuilder, ParameterIn},
        request_body::RequestBodyBuilder,
        security::{ApiKey, ApiKeyValue, SecurityRequirement, SecurityScheme},
    },
};

use crate::{Description, Method, RightKind};

/// Where an operation's description names its problems, until [`Problems::describe`] has made responses of them; and where
/// a response names them afterwards.
const EXTENSION: &str = "x-problems";
/// The scheme by which an agent's token is shown.
pub const TOKEN: &str = "token";
/// The header that says who may keep an answer.
pub const CACHE_CONTROL: &str = "Cache-Control";
/// Headers of what is answered with 304 to whoever has it already.
const TAGGED: [(&str, &str); 2] = [
    ("ETag", "What `If-None-Match` may name next time."),
    (CACHE_CONTROL, "For how long it may be shown without asking again."),
];
/// The word that stands for every rule of the replay, in the list of an operation.
const RULES: &str = "rules";

/// A problem of a service: its word, its status, what to do.
pub type Listed = (&'static str, u16, &'static str);

/// An operation as it stands in a service's document.
pub struct Entry<'a> {
    /// The operation.
    pub operation: &'a Description,
    /// Where the service has it.
    pub path: String,
    /// Under which heading.
    pub tag: &'a str,
    /// Further words of problems.
    pub problems: &'a str,
}

impl<'a> From<&'a Description> for Entry<'a> {
    fn from(operation: &'a Description) -> Self {
        Self { operation, path: operation.path.to_owned(), tag: operation.tag, problems: "" }
    }
}

/// Adds operations, and the schemas that they refer to.
pub fn add<'a>(document: &mut OpenApi, entries: impl IntoIterator<Item = Entry<'a>>) {
    for entry in entries {
        let operation = entry.operation;
        let method = match operation.method {
            Method::Get => HttpMethod::Get,
            Method::Post => HttpMethod::Post,
            Method::Patch => HttpMethod::Patch,
            Method::Delete => HttpMethod::Delete,
        };
        let mut components = Vec::new();
        let contents = operation.answer.iter().chain([&operation.body]).flatten();
        contents.for_each(|content| (content.shape.components)(&mut components));
        document.components.get_or_insert_default().schemas.extend(components);
        let item = PathItem::new(method, described(&entry));
        match document.paths.paths.get_mut(&entry.path) {
            Some(path) => path.merge_operations(item),
            None => drop(document.paths.paths.insert(entry.path, item)),
        }
    }
}

/// The entry of an operation; its problems stand in the extension until [`Problems::describe`] has made responses of them.
fn described(entry: &Entry<'_>) -> Operation {
    let operation = entry.operation;
    let lines = operation.text.iter().map(|line| line.strip_prefix(' ').unwrap_or(line));
    let (summary, rest): (Vec<&str>, Vec<&str>) = (lines.clone().take(1).collect(), lines.skip(1).collect());
    let words = format!("{} {} {}", operation.right.problems(), operation.problems, entry.problems);
    let mut described = OperationBuilder::new()
        .operation_id(Some(operation.id()))
        .tag(entry.tag)
        .summary(Some(summary.concat()))
        .description(Some(rest.join("\n").trim().to_owned()).filter(|rest| !rest.is_empty()))
        .extensions(Some(ExtensionsBuilder::new().add(EXTENSION, words.trim()).build()));
    for requirement in security(operation.right) {
        described = described.security(requirement);
    }
    if let (Some(name), Some((says, schema))) = (operation.part_name(), operation.part) {
        let part = ParameterBuilder::new().name(name).parameter_in(ParameterIn::Path).required(Required::True);
        described = described.parameter(part.description(Some(says)).schema(Some(schema())));
    }
    for parameter in operation.query.map_or_else(Vec::new, |query| query()) {
        described = described.parameter(parameter);
    }
    if let Some(body) = &operation.body {
        let says = Some(body.text).filter(|says| !says.is_empty());
        let taken = RequestBodyBuilder::new().description(says).required((!body.is_optional).then_some(Required::True));
        described = described.request_body(Some(taken.content(body.media, content(body)).build()));
    }
    for (status, says) in operation.answers {
        let mut response = ResponseBuilder::new().description(*says);
        for answer in operation.answer.iter().flatten() {
            response = response.content(answer.media, content(answer));
        }
        for (name, says) in operation.headers {
            response = response.header(*name, text_header(says));
        }
        described = described.response(status.to_string(), response);
    }
    if operation.is_tagged {
        let known = ResponseBuilder::new().description("You have it already (`If-None-Match`)");
        described = described.response("304", known);
    }
    described.build()
}

/// How whoever has a right shows it.
fn security(right: RightKind) -> Vec<SecurityRequirement> {
    let of_none: [&str; 0] = [];
    let signed = SecurityRequirement::new("signatureInput", of_none).add("signature", of_none);
    match right {
        RightKind::Anyone => Vec::new(),
        RightKind::MaybeSigned => vec![SecurityRequirement::default(), signed],
        RightKind::Signed | RightKind::Seat | RightKind::Member | RightKind::Session => vec![signed],
        RightKind::Token => vec![SecurityRequirement::new(TOKEN, of_none)],
    }
}

fn content(of: &crate::Content) -> Content {
    let mut content = Content::new(Some((of.shape.schema)()));
    // An example that isn't JSON is shown as it is written.
    content.example = of.example.map(|text| serde_json::from_str(text).unwrap_or_else(|_| Value::from(text)));
    content
}

/// What a service answers with when it doesn't do what it is asked.
pub struct Problems<'a> {
    /// Every problem.
    pub listed: &'a [Listed],
    /// Further words that an operation may list together as `rules`: of status 422.
    pub rules: &'a [&'static str],
    /// Words that every operation may answer with, but those that it leaves out as `!word`. Where there is a body,
    /// `body-too-large` and `media-type` go without saying; where an answer has one, `not-acceptable`; if the service lists
    /// them.
    pub always: &'a [&'static str],
    /// Words that every operation may answer with whose request is signed, or bears a token.
    pub secured: &'a [&'static str],
    /// Words that are answered with `Retry-After`.
    pub retried: &'a [&'static str],
    /// Headers of every answer that isn't a problem: name, what it says.
    pub headers: &'a [(&'static str, &'static str)],
}

impl Problems<'_> {
    /// Makes responses of the words that each operation lists, and lists all words in the schema `ProblemType`.
    ///
    /// Operations that say nothing of who may ask are said to be open to everyone.
    pub fn describe(&self, document: &mut OpenApi) {
        document.security = Some(Vec::new());
        let mut words: Vec<String> = self.listed.iter().map(|(word, ..)| format!("{PREFIX}{word}")).collect();
        words.extend(self.rules.iter().map(|word| format!("{PREFIX}{word}")));
        let components = document.components.get_or_insert_default();
        let kinds = ObjectBuilder::new().schema_type(Type::String).enum_values(Some(words));
        let kinds = kinds
            .description(Some("The kind of a problem: a stable word (docs/errors.md). Later versions may add some."));
        components.schemas.insert("ProblemType".to_owned(), kinds.into());
        if let Some(RefOr::T(Schema::Object(problem))) = components.schemas.get_mut("Problem") {
            problem.properties.insert("type".to_owned(), Ref::from_schema_name("ProblemType").into());
        }
        for path in document.paths.paths.values_mut() {
            let PathItem { get, put, post, patch, delete, .. } = path;
            [get, put, post, patch, delete]
                .into_iter()
                .flatten()
                .for_each(|operation| self.describe_operation(operation));
        }
    }

    fn describe_operation(&self, operation: &mut Operation) {
        for parameter in operation.parameters.iter_mut().flatten() {
            // A number of an address may be as large as it likes: what is beyond the end is the end.
            if let RefOr::T(Parameter { schema: Some(RefOr::T(Schema::Object(schema))), .. }) = parameter {
                schema.format = schema.format.take().filter(|_| schema.schema_type != Type::Integer.into());
            }
        }
        let security = operation.security.get_or_insert_default();
        let is_secured = security.iter().any(|requirement| *requirement != SecurityRequirement::default());
        let named = operation.extensions.take().and_then(|named| Some(named.get(EXTENSION)?.as_str()?.to_owned()));
        let named = named.unwrap_or_default();
        let (left_out, own): (Vec<&str>, Vec<&str>) = named.split_whitespace().partition(|word| word.starts_with('!'));
        let secured = self.secured.iter().filter(|_| is_secured);
        let common = self.always.iter().chain(secured).copied();
        let (has_body, has_answer) = (!taken_by(operation).is_empty(), !given_by(operation).is_empty());
        let of_body = ["body-too-large", "media-type"].into_iter().filter(|_| has_body);
        let by_shape = of_body.chain(has_answer.then_some("not-acceptable"));
        let by_shape = by_shape.filter(|word| self.listed.iter().any(|(listed, ..)| listed == word));
        let is_left_out = |word: &str| left_out.iter().any(|left| left.strip_prefix('!') == Some(word));
        let mut words: Vec<&str> = Vec::new();
        for word in own.into_iter().chain(common).chain(by_shape) {
            if !is_left_out(word) && !words.contains(&word) {
                words.push(word);
            }
        }
        let is_tagged = operation.responses.responses.contains_key("304");
        let tags = TAGGED.iter().filter(|_| is_tagged);
        for response in operation.responses.responses.values_mut() {
            if let RefOr::T(response) = response {
                for (name, says) in self.headers.iter().chain(tags.clone()) {
                    response.headers.insert((*name).to_owned(), RefOr::T(text_header(says)));
                }
            }
        }
        let mut statuses: Vec<u16> = words.iter().map(|word| self.status(word)).collect();
        statuses.sort_unstable();
        statuses.dedup();
        for status in statuses {
            let of_status: Vec<&str> = words.iter().copied().filter(|word| self.status(word) == status).collect();
            operation.responses.responses.insert(status.to_string(), RefOr::T(self.response(&of_status)));
        }
    }

    fn status(&self, word: &str) -> u16 {
        let listed = self.listed.iter().find(|(listed, ..)| *listed == word);
        listed.map_or(if word == RULES { 422 } else { 0 }, |(_, status, _)| *status)
    }

    fn response(&self, words: &[&str]) -> Response {
        let told: Vec<String> = words
            .iter()
            .filter_map(|word| {
                let (_, _, what) = self.listed.iter().find(|(listed, ..)| listed == word)?;
                Some(format!("- `{word}`: {what}"))
            })
            .chain(words.contains(&RULES).then(|| "- the rule that the docket breaks (docs/errors.md)".to_owned()))
            .collect();
        let types = words.iter().filter(|word| **word != RULES).map(|word| format!("{PREFIX}{word}"));
        let rules = words.contains(&RULES).then_some(self.rules).into_iter().flatten();
        let types: Vec<String> = types.chain(rules.map(|word| format!("{PREFIX}{word}"))).collect();
        let problem = Content::new(Some(Ref::from_schema_name("Problem")));
        let mut response = ResponseBuilder::new()
            .description(told.join("\n"))
            .content("application/problem+json", problem)
            .extensions(Some(ExtensionsBuilder::new().add(EXTENSION, json!(types)).build()))
            .build();
        response.headers.insert(CACHE_CONTROL.to_owned(), RefOr::T(text_header("`no-store`.")));
        if words.iter().any(|word| self.retried.contains(word)) {
            response.headers.insert("Retry-After".to_owned(), RefOr::T(retry_after()));
        }
        response
    }
}

/// The media types of an operation's body.
fn taken_by(operation: &Operation) -> Vec<String> {
    match &operation.request_body {
        Some(RefOr::T(body)) => body.content.keys().cloned().collect(),
        _ => Vec::new(),
    }
}

/// The media types of what an operation answers when all goes well.
fn given_by(operation: &Operation) -> Vec<String> {
    let of_success = operation.responses.responses.iter().filter(|(status, _)| status.starts_with('2'));
    let content = of_success.filter_map(|(_, response)| match response {
        RefOr::T(response) => Some(response.content.keys().cloned()),
        RefOr::Ref(_) => None,
    });
    content.flatten().collect()
}

/// The media types that a described service holds requests to: method, route, of the body, of the answer. Those of the body
/// where 415 is among the answers, of the answer where 406 is.
pub fn negotiated(document: &OpenApi) -> Vec<(&'static str, String, Vec<String>, Vec<String>)> {
    let of_path = |(route, item): (&String, &PathItem)| {
        let PathItem { get, put, post, patch, delete, .. } = item;
        let methods = [("GET", get), ("PUT", put), ("POST", post), ("PATCH", patch), ("DELETE", delete)];
        let described = methods.map(|(method, operation)| {
            let operation = operation.as_ref()?;
            let of_status = |status: &str, types: Vec<String>| {
                if operation.responses.responses.contains_key(status) { types } else { Vec::new() }
            };
            let (taken, given) = (of_status("415", taken_by(operation)), of_status("406", given_by(operation)));
            Some((method, route.clone(), taken, given))
        });
        described.into_iter().flatten()
    };
    document.paths.paths.iter().flat_map(of_path).collect()
}

fn text_header(says: &str) -> Header {
    let text = ObjectBuilder::new().schema_type(Type::String);
    HeaderBuilder::new().schema(Some(text)).description(Some(says)).build()
}

fn retry_after() -> Header {
    let seconds = ObjectBuilder::new().schema_type(Type::Integer).minimum(Some(0));
    HeaderBuilder::new().schema(Some(seconds)).description(Some("Seconds to wait.")).build()
}

/// Says how requests are signed that a member or a seat must sign (RFC 9421): two headers, which stand together.
pub fn add_signatures(document: &mut OpenApi) {
    let components = document.components.get_or_insert_default();
    for (scheme, header, says) in [
        (
            "signatureInput",
            "Signature-Input",
            "`callboard=(\"@method\" \"@target-uri\" \"content-digest\");created=SECONDS;nonce=\"BASE64\";keyid=\"HASH\";\
             alg=\"ed25519\";tag=\"callboard\"`, `content-digest` only if there is a body (RFC 9421; docs/formats.md §3, \
             docs/clients.md).",
        ),
        (
            "signature",
            "Signature",
            "`callboard=:BASE64:`, by the Ed25519 key of a member or seat in force. With a body goes `Content-Digest: \
             sha-256=:BASE64:`.",
        ),
    ] {
        let scheme_of = SecurityScheme::ApiKey(ApiKey::Header(ApiKeyValue::with_description(header, says)));
        components.add_security_scheme(scheme, scheme_of);
    }
}

/// Says where the service is found whose document it is.
pub fn serve_at(document: &mut OpenApi, url: &str) {
    document.servers = Some(vec![Server::new(url.trim_end_matches('/'))]);
}

/// A message that is posted to whoever asked for it, signed as Standard Webhooks has it.
pub struct Webhook<'a> {
    /// What it is called in the document.
    pub name: &'a str,
    /// The client's name of it.
    pub operation_id: &'a str,
    /// The tag under which it is listed.
    pub tag: &'a str,
    /// One line.
    pub summary: &'a str,
    /// The rest.
    pub description: &'a str,
    /// An example of the body.
    pub example: Value,
    /// What may be answered, and what that means.
    pub answers: &'a [(&'static str, &'static str)],
}

impl Webhook<'_> {
    /// Adds the message, whose body is a `Body`, to the document.
    pub fn add_to<Body: ToSchema>(&self, document: &mut OpenApi) {
        let mut schemas = vec![(Body::name().into_owned(), Body::schema())];
        Body::schemas(&mut schemas);
        document.components.get_or_insert_default().schemas.extend(schemas);
        let mut content = Content::new(Some(Ref::from_schema_name(Body::name())));
        content.example = Some(self.example.clone());
        let body =
            RequestBodyBuilder::new().content("application/json", content).required(Some(Required::True)).build();
        let mut operation = OperationBuilder::new()
            .operation_id(Some(self.operation_id))
            .tag(self.tag)
            .summary(Some(self.summary))
            .description(Some(self.description))
            .request_body(Some(body))
            .securities(Some([SecurityRequirement::new::<_, [&str; 0], &str>("webhookSignature", [])]));
        for parameter in parameters() {
            operation = operation.parameter(parameter);
        }
        for (status, says) in self.answers {
            operation = operation.response(*status, ResponseBuilder::new().description(*says));
        }
        let item = PathItem::new(HttpMethod::Post, operation);
        let signed =
            "`v1,BASE64`: HMAC-SHA256 of `ID.TIMESTAMP.BODY` under the secret that both ends know (Standard Webhooks).";
        let scheme = SecurityScheme::ApiKey(ApiKey::Header(ApiKeyValue::with_description("webhook-signature", signed)));
        document.components.get_or_insert_default().add_security_scheme("webhookSignature", scheme);
        document.webhooks.get_or_insert_default().paths.insert(self.name.to_owned(), item);
    }
}

/// The headers of a message, but for its signature.
fn parameters() -> [Parameter; 2] {
    let text = ObjectBuilder::new().schema_type(Type::String);
    let seconds =
        ObjectBuilder::new().schema_type(Type::Integer).format(Some(SchemaFormat::KnownFormat(KnownFormat::Int64)));
    let header = |name: &str, says: &str, schema: ObjectBuilder| {
        let header = ParameterBuilder::new().name(name).parameter_in(ParameterIn::Header).required(Required::True);
        header.description(Some(says)).schema(Some(schema)).build()
    };
    [
        header("webhook-id", "The message's id: the same in every attempt.", text),
        header("webhook-timestamp", "When the attempt was made, in seconds since 1970.", seconds),
    ]
}
