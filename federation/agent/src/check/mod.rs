//! A check: what a platform asks about one person, and what it is told. Pure, but for [`answer`], which has what it takes.
//!
//! In reading order: [`question`], what is asked; `find`, whom it is about; [`age`], whether a person is old enough;
//! [`decision`], what is told and what to do; [`answer`], the way from the one to the other. Implements *Decision of a check* of `docs/formats.md` §10.

pub mod age;
pub mod answer;
pub mod decision;
mod find;
pub mod question;
