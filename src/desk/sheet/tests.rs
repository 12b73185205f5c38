use callboard_federation::identity::{IdentityInvalid, IdentityKind};
use proptest::prelude::*;
use rust_xlsxwriter::{ExcelDateTime, Format as CellFormat, Formula, Workbook, Worksheet};

use super::*;
use crate::desk::tests::{noon, policy};

mod person;

const HEADER: &str = "kind,identity,names,measure,scopes,until,term,violations,reasons";
/// A row that is right.
const GOOD: &str = "cn-id,440308199901101512,某甲,suspension,,,5年,NB-11,经查证属实";

fn rules(policy: &Policy, is_interim: bool) -> Rules<'_> {
    let zone = TimeZone::get(&policy.zone).unwrap();
    Rules { policy, zone, is_interim, now: noon(), live_epochs: 1, minors_approved: &[], is_published: false }
}

fn read_under(bytes: &[u8], format: Format, is_interim: bool) -> Result<Vec<Row>, Vec<Wrong>> {
    let policy = policy();
    let rules = rules(&policy.value, is_interim);
    read(bytes, format, &rules).map_err(|error| match error {
        SheetError::Faults(Faults(faults)) => faults.iter().map(|fault| fault.wrong).collect(),
        other => panic!("{other}"),
    })
}

fn csv(rows: &[&str]) -> Result<Vec<Row>, Vec<Wrong>> {
    let text = [&[HEADER], rows].concat().join("\n");
    read_under(text.as_bytes(), Format::Csv, false)
}

/// What is wrong with a sheet of one row, in which one column says something else.
fn with(column: &str, value: &str) -> Vec<Wrong> {
    let mut cells: Vec<&str> = GOOD.split(',').collect();
    match HEADER.split(',').position(|header| header == column) {
        Some(at) => {
            cells[at] = value;
            csv(&[&cells.join(",")]).err().unwrap_or_default()
        }
        None => read_under(format!("{HEADER},{column}\n{GOOD},{value}").as_bytes(), Format::Csv, false)
            .err()
            .unwrap_or_default(),
    }
}

/// A workbook with the good row, altered.
fn xlsx(alter: impl FnOnce(&mut Worksheet)) -> Result<Vec<Row>, Vec<Wrong>> {
    let mut workbook = Workbook::new();
    let sheet = workbook.add_worksheet();
    for (row, cells) in [(0, HEADER), (1, GOOD)] {
        for (column, cell) in (0..).zip(cells.split(',')) {
            sheet.write_string(row, column, cell).unwrap();
        }
    }
    alter(sheet);
    read_under(&workbook.save_to_buffer().unwrap(), Format::Xlsx, false)
}

#[test]
fn a_row_is_read_alike_from_csv_and_from_a_workbook() {
    let from_csv = csv(&[GOOD]).unwrap();
    let from_xlsx = xlsx(|_| {}).unwrap();
    for rows in [&from_csv, &from_xlsx] {
        let [row] = rows.as_slice() else { panic!("one row") };
        assert_eq!(row.number, 2);
        let identities: Vec<_> = row.identities().collect();
        assert_eq!((identities[0].kind(), identities[0].value()), (IdentityKind::CnId, "440308199901101512"));
        assert_eq!(row.effective_at, noon());
        assert_eq!(row.measure.until.unwrap().to_string(), "2031-07-01T04:00:00.000Z");
        assert_eq!(row.plain.names, ["某甲"]);
        assert_eq!(row.plain.violations, ["NB-11"]);
        assert_eq!(row.plain.reasons, "经查证属实");
    }
}

#[test]
fn chinese_headers_and_words_are_read() {
    let text = "证件类型,证件号码,证件类型2,证件号码2,当事人类型,姓名,账号,措施,范围,生效时间,截止时间,违规条款,行为开始,行为结束,理由\n\
                身份证,440308199901101512,平台账号,alpha:a 1,虚拟主播,某甲；阿甲,alpha:a 1,限制,直播、话题:医疗,2026年7月1日,2026/12/31,NB-11；NB-25,2026-01-01,2026-01-31,理由";
    let rows = read_under(text.as_bytes(), Format::Csv, false).unwrap();
    let row = &rows[0];
    assert_eq!(row.subject_type, callboard_federation::statement::SubjectType::Persona);
    assert_eq!(row.readings.len(), 2);
    assert_eq!(row.plain.names, ["某甲", "阿甲"]);
    assert_eq!(row.measure.scopes.len(), 2);
    assert_eq!(row.effective_at.to_string(), "2026-06-30T16:00:00.000Z");
    assert_eq!(row.measure.until.unwrap().to_string(), "2026-12-31T16:00:00.000Z");
    assert_eq!(row.plain.violations, ["NB-11", "NB-25"]);
    let conduct = row.plain.conduct.unwrap();
    assert_eq!(conduct.from.to_string(), "2025-12-31T16:00:00.000Z");
    assert_eq!(conduct.to.to_string(), "2026-01-31T15:59:59.999Z");
}

const fn invalid(fault: IdentityInvalid) -> Wrong {
    Wrong::Identity(fault)
}

#[test]
fn an_identity_that_fails_is_named_by_its_place_and_never_repeated() {
    let text = format!("{HEADER}\n{}\n", GOOD.replace("440308199901101512", "15000019970319128X"));
    let policy = policy();
    let rules = rules(&policy.value, false);
    let error = read(text.as_bytes(), Format::Csv, &rules).err().unwrap();
    for language in [Language::Zh, Language::En] {
        let SheetError::Faults(faults) = &error else { panic!("{error}") };
        let told = faults.text(language);
        assert!(!told.contains("1997") && told.contains('2') && told.contains("B (证件号码 / identity)"), "{told}");
    }
}

#[test]
fn one_identity_stands_in_one_row() {
    let again = GOOD.replace("440308199901101512", " 440308-199901101512");
    let other = GOOD.replace("440308199901101512", "610122198310134420");
    assert_eq!(csv(&[GOOD, &other, &again]).err().unwrap(), [Wrong::Duplicate { row: 2 }]);
    // 15 digits are the same person as their 18, if they aren't a cut number.
    let (old, new) = ("610104620927690", "610104196209276908");
    let rows = [old, new].map(|identity| GOOD.replace("440308199901101512", identity));
    assert_eq!(csv(&[&rows[0], &rows[1]]).err().unwrap(), [invalid(IdentityInvalid::Fifteen)]);
    let confirmed = format!("{HEADER},confirmed\n{},yes\n{},yes", rows[0], rows[1]);
    let wrong = read_under(confirmed.as_bytes(), Format::Csv, false).err().unwrap();
    assert_eq!(wrong, [Wrong::Duplicate { row: 2 }]);
}

#[test]
fn what_a_cell_must_not_say_is_refused() {
    for (column, value, wrong) in [
        ("kind", "id", invalid(IdentityInvalid::KindUnknown)),
        ("kind", "", Wrong::Missing),
        ("kind", "cn-uscc", invalid(IdentityInvalid::KindOfAnotherType)),
        ("identity", "", Wrong::Missing),
        ("identity", "44030819990110151X", invalid(IdentityInvalid::Checksum)),
        ("measure", "ban", Wrong::UnknownMeasure),
        ("measure", "", Wrong::Missing),
        (
            "measure",
            "warning",
            Wrong::MeasureNotInPolicy { measure: callboard_federation::statement::MeasureKind::Warning },
        ),
        ("measure", "bar", Wrong::UntilForbidden),
        ("measure", "restriction", Wrong::ScopesRequired),
        ("scopes", "live", Wrong::ScopesForbidden),
        ("scopes", "radio", Wrong::UnknownScope),
        ("scopes", "live;live", Wrong::UnknownScope),
        ("until", "2031-07-01", Wrong::TermAndUntil),
        ("term", "五年", Wrong::InvalidTerm),
        ("term", "５年", Wrong::FullWidthDigits),
        ("violations", "NB-99", Wrong::UnknownViolation),
        ("violations", "；", Wrong::UnknownViolation),
        ("violations", "", Wrong::Missing),
        ("reasons", "", Wrong::Missing),
        ("subject type", "robot", Wrong::UnknownSubjectType),
        ("confirmed", "maybe", Wrong::UnknownConfirmation),
        ("accounts", "alpha", Wrong::InvalidAccount),
        ("effective at", "2021-12-31", Wrong::BeforePolicy),
        ("effective at", "07/01/2026", Wrong::InvalidDate),
        ("effective at", "２０２６-07-01", Wrong::FullWidthDigits),
        ("conduct from", "2026-01-01", Wrong::InvalidConduct),
        ("evidence", "ABC", Wrong::InvalidEvidence),
        ("follows", "not-an-id", Wrong::InvalidFollows),
        ("untill", "2031-07-01", Wrong::UnknownColumn),
        ("Names", "x", Wrong::RepeatedColumn),
        ("kind 2", "cn-id", Wrong::MissingColumn),
        ("", "beyond", Wrong::UnknownColumn),
    ] {
        assert_eq!(with(column, value), [wrong], "{column}: {value}");
    }
    assert_eq!(with("identity", "４４0308199901101512"), []);
    assert_eq!(with("names", "１号主播"), []);
    assert_eq!(with("reasons", "直播３次"), []);
    assert_eq!(csv(&[&format!("{GOOD},more")]).err().unwrap(), [Wrong::BeyondHeaders]);
    let until = GOOD.replace(",,5年,", ",2026-06-30,,");
    assert_eq!(csv(&[&until]).err().unwrap(), [Wrong::UntilBeforeStart]);
    let open = GOOD.replace("suspension,,,5年", "restriction,live,,");
    assert_eq!(csv(&[&open]).err().unwrap(), [Wrong::UntilRequired]);
    let award = GOOD.replace("suspension,,,5年", "restriction,award,,5年");
    assert_eq!(csv(&[&award]).err().unwrap(), [Wrong::ScopesNotInPolicy]);
    let account = GOOD.replace("cn-id,440308199901101512", "platform-account,alpha:1");
    assert_eq!(csv(&[&account]).err().unwrap(), [Wrong::OnlySoft]);
}

#[test]
fn what_a_workbook_makes_of_cells_is_refused() {
    let date = ExcelDateTime::from_ymd(2031, 7, 1).unwrap();
    let format = CellFormat::new().set_num_format("yyyy-mm-dd");
    let dated = |sheet: &mut Worksheet, column| drop(sheet.write_datetime_with_format(1, column, &date, &format));
    assert_eq!(xlsx(|sheet| dated(sheet, 2)).err().unwrap(), [Wrong::DateInText]);
    assert_eq!(xlsx(|sheet| drop(sheet.write_number(1, 5, 47_665))).err().unwrap(), [Wrong::NumberAsDate]);
    assert_eq!(xlsx(|sheet| drop(sheet.write_number(1, 7, 11))).err().unwrap(), [Wrong::Number]);
    assert_eq!(xlsx(|sheet| drop(sheet.write_boolean(1, 8, true))).err().unwrap(), [Wrong::Unexpected]);
    let formula = Formula::new("=1/0").set_result("#DIV/0!");
    assert_eq!(xlsx(|sheet| drop(sheet.write_formula(1, 8, formula))).err().unwrap(), [Wrong::Formula]);
    let merge = |sheet: &mut Worksheet| drop(sheet.merge_range(1, 8, 2, 8, "理由", &CellFormat::new()));
    assert_eq!(xlsx(merge).err().unwrap(), [Wrong::Merged]);

    let rows = xlsx(|sheet| {
        sheet.write_blank(1, 6, &format).unwrap();
        dated(sheet, 5);
    });
    assert_eq!(rows.unwrap()[0].measure.until.unwrap().to_string(), "2031-07-01T16:00:00.000Z");
}

#[test]
fn an_empty_row_and_too_many_are_refused() {
    let other = GOOD.replace("440308199901101512", "610122198310134420");
    assert_eq!(csv(&[GOOD, "", &other]).err().unwrap(), [Wrong::EmptyRow]);
    assert_eq!(csv(&[GOOD, ",,,,,,,,", &other]).err().unwrap(), [Wrong::EmptyRow]);
    assert!(csv(&["", GOOD, "", ",,,"]).is_err_and(|wrong| wrong == [Wrong::EmptyRow]));
    assert_eq!(csv(&[GOOD, "", ",,,"]).unwrap().len(), 1);
    assert_eq!(csv(&[]).err().unwrap(), [Wrong::NoRows]);
    assert_eq!(read_under(b"", Format::Csv, false).err().unwrap(), [Wrong::NoRows]);
    assert_eq!(csv(&[GOOD; 1_001]).err().unwrap(), [Wrong::TooManyRows]);
    let columns = read_under(b"kind,identity\ncn-id,1", Format::Csv, false).err().unwrap();
    assert_eq!(columns, [Wrong::MissingColumn; 3]);
}

#[test]
fn all_that_is_wrong_is_told_at_once() {
    let second = "cn-id,610122198310134421,某乙,ban,,,5年,NB-99,";
    let third = "cn-id,440308199901101512,某丙,suspension,,,5 lots,NB-11,理由";
    let wrong = csv(&[GOOD, second, third]).err().unwrap();
    let expected = [
        invalid(IdentityInvalid::Checksum),
        Wrong::UnknownMeasure,
        Wrong::UnknownViolation,
        Wrong::Missing,
        Wrong::Duplicate { row: 2 },
        Wrong::InvalidTerm,
    ];
    assert_eq!(wrong, expected);
}

#[test]
fn an_interim_is_short_and_follows_nothing() {
    let read = |row: &str| read_under(format!("{HEADER}\n{row}").as_bytes(), Format::Csv, true);
    assert!(read(&GOOD.replace("5年", "30天")).is_ok());
    assert_eq!(read(&GOOD.replace("5年", "31天")).err().unwrap(), [Wrong::InterimTooLong { days: 30 }]);
    assert_eq!(read(&GOOD.replace("5年", "")).err().unwrap(), [Wrong::UntilRequired]);
    assert_eq!(read(&GOOD.replace("suspension", "bar")).err().unwrap(), [Wrong::NotAnInterim]);
}

#[test]
fn the_empty_sheet_is_text_and_reads_back_once_filled() {
    for language in [Language::Zh, Language::En] {
        let header = csv_template(language);
        let blank = csv_file::read(header.as_bytes()).unwrap();
        let book = xlsx_file::read(&xlsx_template(language).unwrap()).unwrap();
        assert_eq!(blank.rows, book.rows);
        let filled = format!("{header}cn-id,440308199901101512,,,,,notice,,,,,NB-11,,,,,reasons");
        assert!(read_under(filled.as_bytes(), Format::Csv, false).is_ok());
    }
    assert_eq!(xlsx_template(Language::Zh).unwrap(), xlsx_template(Language::Zh).unwrap());
}

proptest! {
    #[test]
    fn no_bytes_make_the_reader_panic_or_repeat_a_number(text in "\\PC{0,80}", digits in "[0-9]{18}") {
        let _ = read_under(text.as_bytes(), Format::Csv, false);
        let _ = xlsx_file::read(text.as_bytes());
        let policy = policy();
        let rules = rules(&policy.value, false);
        let sheet = format!("{HEADER}\n{}", GOOD.replace("440308199901101512", &digits));
        if let Err(error) = read(sheet.as_bytes(), Format::Csv, &rules) {
            prop_assert!(!error.to_string().contains(&digits));
        }
    }
}
