//! What this platform reports, and what it is asked. The operations: [`callboard_api::agent::reports`].

use callboard_api::agent::reports::{
    AskedIdentities, AskedIdentitiesBefore, AskedIdentityAnswer, OwnReport, OwnReportAnswer, OwnReportInput,
    OwnReports, OwnReportsBefore,
};
use callboard_federation::encoding::{IdentityRequestId, ReportId};
use callboard_service::operation::Reply;

use super::{ApiError, App, Call};

/// Reports of one page, unless a request asks for fewer, and at most.
const PAGE: (u32, u32) = (100, 1_000);

pub(super) async fn file(app: App, call: Call<(), (), OwnReportInput>) -> Result<Reply<OwnReport>, ApiError> {
    let (report, is_new) = app.reports.file(call.body).await??;
    Ok(Reply::given_before(report, !is_new))
}

pub(super) async fn list(app: App, call: Call<(), OwnReportsBefore>) -> Result<OwnReports, ApiError> {
    let limit = call.query.limit.unwrap_or(PAGE.0).clamp(1, PAGE.1);
    let reports = app.reports.list(call.query, limit).await?;
    let next = reports.last().map(|last| last.id).filter(|_| reports.len() == limit as usize);
    Ok(OwnReports { reports, next, failure: app.reports.failure.get() })
}

pub(super) async fn show(app: App, call: Call<ReportId>) -> Result<OwnReport, ApiError> {
    app.reports.show(call.part).await?.ok_or(ApiError::NotFound)
}

pub(super) async fn answer(app: App, call: Call<ReportId, (), OwnReportAnswer>) -> Result<OwnReport, ApiError> {
    app.reports.answer(call.part, call.body).await??.ok_or(ApiError::NotFound)
}

pub(super) async fn asked(app: App, call: Call<(), AskedIdentitiesBefore>) -> Result<AskedIdentities, ApiError> {
    Ok(app.reports.asked(call.query).await?)
}

pub(super) async fn answer_asked(
    app: App,
    call: Call<IdentityRequestId, (), AskedIdentityAnswer>,
) -> Result<(), ApiError> {
    app.reports.answer_asked(call.part, call.body).await??.ok_or(ApiError::NotFound)
}
