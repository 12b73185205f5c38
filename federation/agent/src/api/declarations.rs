//! What this platform declares of its own permanent bans.

use callboard_api::{agent::declarations::NewDeclaration, registry::declarations::DeclarationTaken};

use super::{ApiError, App, Call};
use crate::declarations;

pub(super) async fn declare(app: App, call: Call<(), (), NewDeclaration>) -> Result<DeclarationTaken, ApiError> {
    Ok(declarations::declare(&app, call.body).await??)
}
