//! Checks, and what asking about a list would cost, said before it is asked.

use callboard_api::agent::{
    checks::{Answers, Cost, MAX_QUESTIONS, Questions},
    question::Question,
};
use callboard_service::operation::Reply;

use super::{ApiError, App, Call};

/// The people of a body, if they are no more than may be.
pub(super) fn people(asked: &Questions) -> Result<&[Question], ApiError> {
    let fits = (1..=MAX_QUESTIONS).contains(&asked.each.len());
    if fits { Ok(&asked.each) } else { Err(ApiError::TooMany) }
}

pub(super) async fn check(app: App, call: Call<(), (), Questions>) -> Result<Reply<Answers>, ApiError> {
    let answers = app.checker.check(people(&call.body)?).await?;
    let answers = answers.join(&b',');
    Ok(Reply::bytes(if call.body.is_list { [b"[", &answers[..], b"]"].concat() } else { answers }))
}

pub(super) async fn cost(app: App, call: Call<(), (), Questions>) -> Result<Cost, ApiError> {
    let people = people(&call.body)?;
    let (new, points) = app.enroller.cost(people).await?;
    Ok(Cost { people: people.len(), new, points, quota: app.quota.at(app.clock.now()) })
}
