//! Figures, by quarter. The operation: [`callboard_api::registry::figures`].

use callboard_api::{
    Anyone,
    registry::figures::{Figures, FiguresBetween},
};

use super::{App, Call, problem::ApiError};

pub(super) async fn show(app: App, call: Call<Anyone, (), FiguresBetween>) -> Result<Figures, ApiError> {
    Ok(app.ledger.figures(call.query).await?)
}
