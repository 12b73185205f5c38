//! A check: what a platform asks about one person, and what it is told.
//!
//! In reading order: [`question`], what is asked; `inquiry`, the question read and numbered; `people`, who it is about, looked
//! up; [`age`], whether a person is old enough; `outlook` and [`decision`], what is told and what to do; [`notes`], what to
//! compare besides; `details`, opening them; `answer`, the way from the question to the answer; `enrol`, learning people
//! without one; `current`, what a check would answer now. What is sent and answered is [`callboard_api::agent`]'s. Implements
//! *Decision of a check* of `docs/formats.md` §10.

pub mod age;
pub(crate) mod answer;
pub(crate) mod current;
pub mod decision;
pub(crate) mod details;
pub(crate) mod enrol;
pub(crate) mod inquiry;
pub mod notes;
mod outlook;
pub(crate) mod people;
pub mod question;
