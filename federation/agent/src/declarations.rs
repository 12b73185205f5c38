//! What this platform declares of its own permanent bans: checked, signed with the member's key, and sent. Nothing of it is
//! kept here: the registry has it, and tells what is missing.

use callboard_api::{
    agent::declarations::NewDeclaration,
    registry::declarations::{DECLARE_BANS, DeclarationTaken},
};
use callboard_client::{http::HttpError, runtime::error_chain};
use callboard_federation::{
    bans::{BansDeclared, BansError},
    declaration, zh_en,
};

use crate::{app::App, error::AgentError, replica::StaleError};

/// Why something isn't declared.
#[derive(Debug, thiserror::Error)]
pub enum DeclareError {
    #[error(transparent)]
    Bans(#[from] BansError),
    #[error("{}", zh_en!("现行规则没有违规情形 {_0}", "no policy in force has the violation {_0}"))]
    Code(String),
    /// The registry refused it, and said why.
    #[error("{0}")]
    Untaken(String),
    #[error(transparent)]
    Stale(#[from] StaleError),
}

/// Declares it to the registry.
pub(crate) async fn declare(
    app: &App,
    new: NewDeclaration,
) -> Result<Result<DeclarationTaken, DeclareError>, AgentError> {
    let NewDeclaration { period, bans, codes } = new;
    let (member, issuer, at) = (app.config.member.clone(), app.config.issuer.clone(), app.clock.now());
    let declared = BansDeclared { v: 1, member, issuer, period, bans, codes, at };
    if let Err(refused) = check(app, &declared) {
        return Ok(Err(refused));
    }
    let envelope = declaration::sign(&declared, app.registry.key().request_key());
    match app.registry.ask(&DECLARE_BANS.with(&(), &(), &envelope)).await {
        Ok(taken) => Ok(Ok(taken)),
        Err(error) if is_refused(&error) => Ok(Err(DeclareError::Untaken(error_chain(&error)))),
        Err(error) => Err(error.into()),
    }
}

/// Whether its counts fit, and each code is one of a policy in force, by the log as it is verified here.
fn check(app: &App, declared: &BansDeclared) -> Result<(), DeclareError> {
    declared.check()?;
    let log = app.replica.read();
    log.fresh(declared.at, app.config.max_staleness())?;
    let policies = log.replay().policies().values().filter(|policy| policy.effective_from <= declared.at);
    let known: Vec<&str> =
        policies.flat_map(|policy| &policy.violations).map(|violation| violation.code.as_str()).collect();
    match declared.codes.keys().find(|code| !known.contains(&code.as_str())) {
        Some(code) => Err(DeclareError::Code(code.clone())),
        None => Ok(()),
    }
}

/// Whether the registry refused it for what it is.
fn is_refused(error: &HttpError) -> bool {
    matches!(error, HttpError::Refused { status, .. } if status.is_client_error() && status.as_u16() != 429)
}
