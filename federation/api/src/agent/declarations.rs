//! What this platform declares of its own permanent bans.

use std::collections::BTreeMap;

use callboard_federation::quarter::Quarter;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{Operation, Token, operations, registry::declarations::DeclarationTaken};

/// How many accounts this platform banned for good in a quarter, by its own decision.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"period": "2026-Q3", "bans": 57, "codes": {"NB-11": 41, "NB-18": 16}}))]
pub struct NewDeclaration {
    /// A quarter that is over.
    pub period: Quarter,
    /// How many: none is a declaration, too.
    pub bans: u64,
    /// How many under each code of a violation, of policies in force; a ban that rests on several counts under each.
    #[serde(default)]
    pub codes: BTreeMap<String, u64>,
}

operations! {
    /// The operations on declarations.
    OPERATIONS:

    /// Declares how many permanent bans this platform imposed itself in a quarter
    ///
    /// It is signed and sent: counts alone, of no person. Everyone sees it, against how many violations this platform
    /// reported. A later one corrects it; the registry keeps both.
    DECLARE_OWN_BANS: [Token, (), (), NewDeclaration, DeclarationTaken] =
        Operation::post("/declarations", "reports").takes("").gives(&[(201, "The registry took it")])
            .problems("malformed declaration-malformed declaration-untaken not-ready registry-unreachable unavailable");
}
