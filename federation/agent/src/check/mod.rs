//! A check: what a platform asks about one person, and what it is told. Pure, but for [`answer`], which has what it takes.
//!
//! In reading order: [`question`], what is asked; `find`, whom it is about; [`age`], whether a person is old enough;
//! [`decision`], what is told and what to do; [`notes`], what to compare besides; [`names`], whether details bear the person's;
//! `open`, the details; [`answer`], the way from the question to the answer. Implements *Decision of a check* of `docs/formats.md` §10.

pub mod age;
pub mod answer;
pub mod decision;
mod find;
pub mod names;
pub mod notes;
mod open;
pub mod question;
