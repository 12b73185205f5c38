//! How far dockets have come, and who hasn't acted. The operations: [`callboard_api::registry::propagation`].

use callboard_api::{
    Anyone, Signed,
    registry::propagation::{Compliance, Propagation},
};
use callboard_federation::encoding::Hash;

use super::{App, Call, problem::ApiError};

pub(super) async fn show(app: App, call: Call<Anyone, Hash>) -> Result<Propagation, ApiError> {
    app.delivery.propagation(call.part).await?.ok_or(ApiError::NotFound)
}

pub(super) async fn compliance(app: App, _: Call<Signed>) -> Result<Compliance, ApiError> {
    Ok(Compliance { members: app.delivery.compliance().await? })
}
