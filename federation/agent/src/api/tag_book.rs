//! The tag book: the platform's own people, taken in and forgotten. Who of them isn't allowed: [`super::refs`].

use callboard_api::agent::{
    Person, Reference,
    checks::Questions,
    tag_book::{Enrolment, OutdatedPeople, Replacement, Whom},
};
use callboard_client::runtime::os_rng;

use super::{ApiError, App, Call, checks::people};
use crate::book::holder::Holder;

pub(super) async fn enrol(app: App, call: Call<(), (), Questions>) -> Result<Enrolment, ApiError> {
    let people = people(&call.body)?;
    let (enrolled, detail) = app.enroller.enrol(people).await?;
    // They are in the book: the hook is told at once.
    app.notifications.hurry();
    Ok(Enrolment { enrolled, not_allowed: app.current.not_allowed(people).await?, detail })
}

/// The people who are meant: one person, or everyone at a `ref`.
pub(super) async fn whom_at(app: &App, reference: Reference, whom: Whom) -> Result<Vec<Person>, ApiError> {
    let Some(person) = whom.person else {
        let accounts = app.book.accounts_of(&reference).await?;
        return Ok(accounts.iter().map(|account| account.person.clone()).collect());
    };
    if person.is_empty() {
        return Ok(vec![reference.into()]);
    }
    let person = person.try_into().map_err(|_| ApiError::Address("person".to_owned()))?;
    Ok(vec![Person { reference, person: Some(person) }])
}

pub(super) async fn forget(app: App, call: Call<Reference, Whom>) -> Result<(), ApiError> {
    let mut known = false;
    for person in whom_at(&app, call.part, call.query).await? {
        known |= app.book.forget(&person).await?;
    }
    if known { Ok(()) } else { Err(ApiError::NotFound) }
}

pub(super) async fn replace(app: App, call: Call<Reference, (), Option<Replacement>>) -> Result<(), ApiError> {
    let Replacement { person, same } = call.body.unwrap_or_default();
    let person = Person { reference: call.part, person };
    let known = if same {
        app.book.change_holder(&app.book.account_lookup(&person), Holder::corrected, &mut os_rng()).await?
    } else {
        app.book.forget(&person).await?
    };
    if known { Ok(()) } else { Err(ApiError::NotFound) }
}

pub(super) async fn outdated(app: App, _: Call) -> Result<OutdatedPeople, ApiError> {
    Ok(OutdatedPeople { people: app.enroller.outdated().await? })
}
