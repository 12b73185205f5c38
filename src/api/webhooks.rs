//! What is posted to a member's endpoints: described beside the operations, and sent by `delivery`.

use callboard_api::document::Webhook;
use callboard_federation::webhook::Message;
use serde_json::json;
use utoipa::openapi::OpenApi;

pub(super) fn add_to(document: &mut OpenApi) {
    let logged = Webhook {
        name: "docketLogged",
        operation_id: "take_docket_logged",
        tag: "endpoints",
        summary: "Tells an endpoint of one part of a docket that was logged",
        description: "In the order of the log, each part until it is answered 2xx; a docket of more than 64 items comes in parts. \
            It is a hint with enough in it to act on: the proof is in the feed. `POST /v1/endpoints/{endpoint}/test` sends one of \
            `type` `endpoint.test` instead, with an empty `data`.",
        example: json!({
            "type": "docket.logged", "timestamp": "2026-11-25T08:00:00.000Z", "data": {
                "index": 31, "docket": "994ebc50376e990dac3e844b6a272988a32b484fb42ce726c4b782572f00466c", "part": 0, "parts": 1,
                "items": [{"record": "019c167f-cc00-73bb-b093-53149ac499ee", "kind": "ruling", "measure": "suspension",
                    "scopes": ["live"], "until": "2027-11-25T16:00:00.000Z", "tags": [{"epoch": 1,
                    "tag": "242a1f620796338f432fead2fb63a38c6477d91f2bba1f803101306ad0083df6"}]}],
                "checkpoint": "callboard.example\n32\nskWcTAZnV8eSZyPEicF+DNLVxbns5Q9862ClZA9o6V4=\n\n— callboard.example FBlaZ7…\n",
            },
        }),
        answers: &[
            ("2XX", "It is taken; the next comes"),
            ("410", "The endpoint is gone: it is disabled"),
            ("default", "It isn't taken, and is sent again later; `Retry-After` is heeded"),
        ],
    };
    logged.add_to::<Message>(document);
}
