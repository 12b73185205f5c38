//! One row that no spreadsheet holds: the fields of a form, read as a sheet is; and a record as such fields.

use callboard_federation::{
    encoding::Time,
    sealed::Plain,
    statement::{Imposition, Measure, Scope, SubjectType},
};
use jiff::tz::TimeZone;

use super::column::Column;
use crate::{bundle::BundleIdentity, language::Language, letter::scope_word, minor};

/// The number that the row has.
pub const ROW: u32 = 2;
/// What a sheet says of what takes effect once it is logged: a form leaves the day empty.
const ON_LOGGING: &str = "on logging";

/// The sheet of one row with these fields; a column that isn't among them isn't in it.
pub fn sheet_of(fields: &[(Column, String)]) -> Vec<u8> {
    let titles: Vec<String> = fields.iter().map(|(column, _)| quoted(&column.titles().1)).collect();
    let cell = |(column, value): &(Column, String)| match value.trim() {
        "" if *column == Column::EffectiveAt => quoted(ON_LOGGING),
        value => quoted(value),
    };
    let cells: Vec<String> = fields.iter().map(cell).collect();
    format!("\u{feff}{}\r\n{}\r\n", titles.join(","), cells.join(",")).into_bytes()
}

/// Every cell is quoted: what stands in it is text, whatever it begins with.
fn quoted(cell: &str) -> String {
    format!("\"{}\"", cell.replace('"', "\"\""))
}

/// What a record says, as the fields that would say it again in a form; from when it is logged, unless that is to come.
pub fn fields_of(
    imposed: &Imposition,
    plain: &Plain,
    identities: &[BundleIdentity],
    zone: &TimeZone,
    now: Time,
    language: Language,
) -> Vec<(Column, String)> {
    let mut fields = Vec::new();
    let mut say = |column, value: String| fields.push((column, value));
    for (number, identity) in (1..).zip(identities) {
        say(Column::Kind(number), identity.kind.to_string());
        say(Column::Identity(number), identity.value.clone());
    }
    if identities.iter().any(|identity| identity.confirmed) {
        say(Column::Confirmed, "yes".to_owned());
    }
    say(Column::SubjectType, subject_type(imposed).to_owned());
    let mut names = plain.names.iter().map(String::as_str);
    say(Column::Names, names.next().unwrap_or_default().to_owned());
    say(Column::Aliases, names.collect::<Vec<_>>().join("; "));
    say(Column::Accounts, plain.accounts.join("; "));
    let Measure { kind, scopes, until } = &imposed.measure;
    let scope = |scope: &Scope| match language {
        Language::Zh => scope_word(scope, language),
        Language::En => scope.to_string(),
    };
    say(Column::Measure, kind.to_string());
    say(Column::Scopes, scopes.iter().map(scope).collect::<Vec<_>>().join(", "));
    if imposed.effective_at > now {
        say(Column::EffectiveAt, day(imposed.effective_at, zone));
    }
    match until {
        Some(until) => say(Column::Until, day(until.plus_millis(-1), zone)),
        None => say(Column::Term, language.pick("长期", "indefinite").to_owned()),
    }
    say(Column::Violations, plain.violations.join(", "));
    if let Some(conduct) = plain.conduct {
        say(Column::ConductFrom, day(conduct.from, zone));
        say(Column::ConductTo, day(conduct.to, zone));
    }
    say(Column::Evidence, plain.evidence.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "));
    say(Column::Reasons, plain.reasons.clone());
    say(Column::Guardian, plain.guardian.clone().unwrap_or_default());
    let born = plain.more.get(minor::BORN).and_then(|born| born.as_str()).unwrap_or_default();
    say(Column::Born, born.to_owned());
    fields
}

const fn subject_type(imposed: &Imposition) -> &'static str {
    match imposed.subject.r#type {
        SubjectType::Person => "person",
        SubjectType::Enterprise => "enterprise",
        SubjectType::Persona => "persona",
    }
}

fn day(at: Time, zone: &TimeZone) -> String {
    zone.to_datetime(at.timestamp()).date().to_string()
}

#[cfg(test)]
mod tests {
    use callboard_federation::{identity::Identity, statement::Statement};

    use super::*;
    use crate::tests::{Committee, SHEET, noon};

    #[test]
    fn a_record_is_drafted_again_from_the_fields_that_it_gives() {
        let committee = Committee::found();
        let bundle = committee.rule(SHEET);
        let zone = TimeZone::get("Asia/Shanghai").unwrap();
        let both =
            [Language::Zh, Language::En].into_iter().flat_map(|of| bundle.items().iter().map(move |it| (of, it)));
        for (language, item) in both {
            let statement = Statement::from_json(&item.statement.0).unwrap();
            let plain: Plain = serde_json::from_value(item.plain.clone().unwrap()).unwrap();
            let imposed = statement.imposed().unwrap();
            let fields = fields_of(imposed, &plain, &item.identities, &zone, noon(), language);
            let sheet = String::from_utf8(sheet_of(&fields)).unwrap();
            let rows = committee.rows(&sheet);
            let [row] = rows.as_slice() else { panic!("one row") };
            assert_eq!((row.number, &row.measure.kind), (ROW, &imposed.measure.kind));
            assert_eq!(
                row.measure.until.map(|until| day(until, &zone)),
                imposed.measure.until.map(|at| day(at, &zone))
            );
            assert_eq!((&row.plain.names, &row.plain.violations), (&plain.names, &plain.violations));
            assert_eq!((&row.plain.reasons, row.plain.conduct), (&plain.reasons, plain.conduct));
            assert!(row.identities().map(Identity::value).eq(item.identities.iter().map(|of| of.value.as_str())));
        }
    }

    #[test]
    fn a_cell_is_text_whatever_it_begins_with() {
        let fields = [(Column::Names, "a \"b\", c".to_owned()), (Column::Reasons, "- one\n- two".to_owned())];
        let sheet = String::from_utf8(sheet_of(&fields)).unwrap();
        assert_eq!(sheet, "\u{feff}\"names\",\"reasons\"\r\n\"a \"\"b\"\", c\",\"- one\n- two\"\r\n");
    }
}
