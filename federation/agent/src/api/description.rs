//! What the API's description says of every operation alike: the token, and what the guard answers.

use utoipa::openapi::{
    ContentBuilder, OpenApi, Ref, RefOr, Response, ResponseBuilder,
    path::Operation,
    security::{HttpAuthScheme, HttpBuilder, SecurityRequirement, SecurityScheme},
};

/// The scheme's name.
const TOKEN: &str = "token";
/// What is answered without the token, by the path.
const OPEN: [&str; 3] = ["/healthz", "/readyz", "/webhook"];

/// The description, with what stands before each operation.
pub(super) fn guarded(mut api: OpenApi) -> OpenApi {
    let scheme = HttpBuilder::new()
        .scheme(HttpAuthScheme::Bearer)
        .description(Some("What `callboard-agent token` prints; not needed by the agent's Unix socket"));
    let components = api.components.get_or_insert_default();
    components.add_security_scheme(TOKEN, SecurityScheme::Http(scheme.build()));
    api.security = Some(vec![SecurityRequirement::new(TOKEN, Vec::<String>::new())]);
    for (path, item) in &mut api.paths.paths {
        let is_open = OPEN.contains(&path.as_str());
        let operations = [&mut item.get, &mut item.post, &mut item.put, &mut item.patch, &mut item.delete];
        for operation in operations.into_iter().flatten() {
            guard(operation, is_open);
        }
    }
    api
}

fn guard(operation: &mut Operation, is_open: bool) {
    if is_open {
        operation.security = Some(Vec::new());
    }
    let token = ("401", "The token isn't shown, or it is another");
    let always = [
        ("403", "Asked by another name than the agent's own, or from a page of another origin: nothing was done"),
        ("415", "A body that isn't JSON: nothing was done"),
    ];
    let answers = always.into_iter().chain(Some(token).filter(|_| !is_open));
    for (status, said) in answers {
        operation.responses.responses.insert(status.to_owned(), RefOr::T(problem(said)));
    }
}

fn problem(said: &str) -> Response {
    let content = ContentBuilder::new().schema(Some(Ref::from_schema_name("Problem"))).build();
    ResponseBuilder::new().description(said).content("application/problem+json", content).build()
}
