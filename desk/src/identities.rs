//! Identities as people type them, a line each: `KIND:VALUE`. What is wrong with one is told with its place, never with the identity.

use callboard_federation::{
    encoding::Time,
    identity::{
        IdentityError,
        reader::{Expectations, OneSubject, Reading, TypedIdentity, day_in_china, read_line, split_line},
    },
    zh_en,
};
use zeroize::Zeroizing;

use crate::Error;

/// What somebody typed, and where: a line of a file, an argument, a field.
pub struct TypedLine {
    pub place: String,
    pub text: Zeroizing<String>,
}

pub fn read_each(lines: &[TypedLine], confirmed: bool, now: Time) -> Result<Vec<Reading>, Error> {
    let today = day_in_china(now);
    let read = |line: &TypedLine| {
        read_line(&line.text, confirmed, today).map_err(|invalid| error(|| told(&line.place, &invalid)))
    };
    lines.iter().map(read).collect()
}

/// The identities of one subject, as a check is asked with.
pub fn read_one_subject(
    lines: &[TypedLine],
    confirmed: bool,
    is_sandbox: bool,
    now: Time,
) -> Result<OneSubject, Error> {
    let mut typed = Vec::with_capacity(lines.len());
    for line in lines {
        let unknown = || error(|| told(&line.place, &[IdentityError::KindUnknown]));
        let (kind, value) = split_line(&line.text).ok_or_else(unknown)?;
        typed.push(TypedIdentity { kind, value, confirmed });
    }
    let expected = Expectations { is_sandbox, ..Expectations::default() };
    OneSubject::read(&typed, expected, day_in_china(now)).map_err(|findings| {
        error(|| {
            let place = |at: Option<usize>| at.and_then(|at| lines.get(at)).map_or("", |line| &line.place);
            let lines = findings.iter().map(|finding| told(place(finding.at), &[finding.fault]));
            lines.collect::<Vec<_>>().join("\n")
        })
    })
}

/// What is to be looked at, though the identities are taken.
pub fn notes(subject: &OneSubject) -> Vec<String> {
    let notes = subject.notes().map(|(at, note)| {
        let (number, words) = (at + 1, note.words());
        zh_en!("第{number}个证件：{}", "identity {number}: {}", words.spoken())
    });
    notes.collect()
}

fn error(say: impl Fn() -> String) -> Error {
    Error::other("identity", say)
}

fn told(place: &str, invalid: &[IdentityError]) -> String {
    let invalid: Vec<String> = invalid.iter().map(|invalid| invalid.words().spoken().to_owned()).collect();
    let colon = if place.is_empty() { String::new() } else { zh_en!("：", ": ") };
    format!("{place}{colon}{}", invalid.join(&zh_en!("；", "; ")))
}
