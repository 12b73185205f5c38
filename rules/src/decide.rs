//! Parts of what a policy says to those who decide: `decide` of `docs/formats.md` §6. What each says is its reader's.

use callboard_federation::policy::Policy;
use serde::Deserialize;

/// A part of what a policy says to those who decide; `None` if it says nothing of that name, or something else.
pub(crate) fn part<'p, T: Deserialize<'p>>(policy: &'p Policy, name: &str) -> Option<T> {
    T::deserialize(policy.decide.get(name)?).ok()
}
