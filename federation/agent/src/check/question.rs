//! A question's identities, read together.

use callboard_api::agent::question::{IdentityInput, Question};
use callboard_federation::{
    encoding::Time,
    identity::reader::{Expectations, Finding, OneSubject, TypedIdentity, day_in_china},
};

/// Why there is nothing to look up; it says which identity, and never its value.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}", self.0.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "))]
pub struct IdentitiesError(pub Vec<Finding>);

/// The identities, read together: those of two subjects are of none.
///
/// # Errors
/// All that is wrong with each, else what is wrong with them together.
pub fn read(question: &Question, is_sandbox: bool, now: Time) -> Result<OneSubject, IdentitiesError> {
    fn typed(asked: &IdentityInput) -> TypedIdentity<'_> {
        TypedIdentity { kind: asked.kind, value: &asked.value, confirmed: asked.confirmed }
    }
    let typed: Vec<TypedIdentity<'_>> = question.identities.iter().map(typed).collect();
    let expected = Expectations { born: question.date_of_birth, subject_type: None, is_sandbox };
    OneSubject::read(&typed, expected, day_in_china(now)).map_err(IdentitiesError)
}
