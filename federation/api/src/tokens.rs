//! The operations of the token service.

use callboard_federation::{tag::Epoch, token_key::TokenPublicKey};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::{Anyone, Content, Operation, Shape, Signed, operations};

/// Under which epoch's key.
#[derive(Debug, Clone, Copy, Serialize, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct OfEpoch {
    /// The epoch.
    #[param(minimum = 1)]
    pub epoch: u64,
}

/// The epochs of which the service holds a key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(example = json!({
    "issuer": "callboard.example", "sandbox": false,
    "epochs": [{"number": 1, "publicKey": "YmcmQCrUlQ2tiKSmSxclWcIfs6gpEdgy10sEroTovBo=", "state": "live"}],
}))]
pub struct HeldKeys {
    /// The log's origin, for which the keys are derived.
    pub issuer: String,
    /// Whether nothing here is real.
    pub sandbox: bool,
    /// The epochs.
    pub epochs: Vec<HeldKey>,
}

/// A token key that the service holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Held, example = json!({
    "number": 1, "publicKey": "YmcmQCrUlQ2tiKSmSxclWcIfs6gpEdgy10sEroTovBo=", "state": "live",
}))]
pub struct HeldKey {
    /// The epoch's number.
    pub number: Epoch,
    /// The public half.
    pub public_key: TokenPublicKey,
    /// How the roster stands to it.
    pub state: HeldKeyState,
}

/// How the roster stands to a key that the service holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
#[schema(as = HeldState)]
pub enum HeldKeyState {
    /// It is evaluated with.
    Live,
    /// No longer.
    Closed,
    /// The roster doesn't name the epoch, or not yet.
    Unlisted,
    /// The roster names another key for it.
    Foreign,
}

operations! {
    /// The operations of the token service.
    OPERATIONS:

    /// Evaluates a batch of 1 to 1,000 blinded points under a live epoch's key
    ///
    /// Request `n × 32` bytes, signed by a member's or a seat's key; answer `proof (c ‖ s, 64) ‖ n × 32`. A refusal spends
    /// nothing. A member's answer tells its quota in points, as `RateLimit` and `RateLimit-Policy`.
    EVALUATE_POINTS: [Signed, (), OfEpoch, (), ()] =
        Operation::post("/v1/tokens", "tokens").query()
            .body(Content {
                text: "The points", media: "application/octet-stream", shape: Shape::BYTES, example: None, is_optional: false,
            })
            .answers(&[(200, "The proof and the evaluated points")]).content("application/octet-stream", Shape::BYTES, None)
            .headers(&[("cache-control", "`no-store`")])
            .problems("malformed epoch-unknown epoch-closed epoch-unavailable key-not-yet point-invalid batch-size quota-spent not-ready unavailable");

    /// Names the epochs that this service holds a key of
    ///
    /// Each with its public key and how the roster stands to it: `live` is evaluated with, `closed` no longer; `unlisted` and
    /// `foreign` are keys that the roster doesn't name, or names another for.
    LIST_EPOCHS: [Anyone, (), (), (), HeldKeys] =
        Operation::get("/v1/epochs", "public").gives(&[(200, "The epochs")]);

    /// Says that the process lives
    GET_HEALTH: [Anyone, (), (), (), ()] =
        Operation::get("/healthz", "operating").answers(&[(200, "It lives")])
            .content("text/plain", Shape::inline::<String>(), Some(r#""alive\n""#)).problems("!not-acceptable");

    /// Says whether the service knows a roster that the registry confirmed of late
    GET_READINESS: [Anyone, (), (), (), ()] =
        Operation::get("/readyz", "operating").answers(&[(200, "It does")])
            .content("text/plain", Shape::inline::<String>(), Some(r#""ready\n""#)).problems("not-ready !not-acceptable");
}
