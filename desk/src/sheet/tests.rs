use std::path::Path;

use callboard_federation::identity::{IdentityError, IdentityKind};
use proptest::prelude::*;
use rust_xlsxwriter::{ExcelDateTime, Format as CellFormat, Formula, Workbook, Worksheet};

use super::*;
use crate::language::Language;
use crate::tests::{noon, policy};

mod as_written;
mod person;

const HEADER: &str = "kind,identity,names,measure,scopes,until,term,violations,reasons";
/// A row that is right.
const GOOD: &str = "cn-id,440308199901101512,某甲,suspension,,,5年,NB-11,经查证属实";

fn rules(policy: &Policy, is_interim: bool) -> Rules<'_> {
    let zone = TimeZone::get(&policy.zone).unwrap();
    Rules {
        policy,
        zone,
        is_interim,
        now: noon(),
        live_epochs: 1,
        confirmed: Confirmations::default(),
        is_published: false,
    }
}

fn names(faults: &Findings) -> Vec<String> {
    let name = |fault: &Finding| {
        let told = format!("{:?}", fault.wrong);
        let is_whole = told.starts_with("Identity(") || told.starts_with("Odd(");
        if is_whole { told } else { told.split([' ', '(', '{']).next().unwrap().to_owned() }
    };
    faults.0.iter().map(name).collect()
}

fn read_with(bytes: &[u8], alter: impl FnOnce(&mut Rules<'_>)) -> Result<Sheet, Findings> {
    let policy = policy();
    let mut rules = rules(&policy.value, false);
    alter(&mut rules);
    read(bytes, &rules).map_err(|error| match error {
        Error::Sheet(faults) => faults,
        other => panic!("{other}"),
    })
}

fn read_under(bytes: &[u8], is_interim: bool) -> Result<Vec<Row>, Vec<String>> {
    let read = read_with(bytes, |rules| rules.is_interim = is_interim);
    read.map(|sheet| sheet.rows).map_err(|faults| names(&faults))
}

fn csv(rows: &[&str]) -> Result<Vec<Row>, Vec<String>> {
    let text = [&[HEADER], rows].concat().join("\n");
    read_under(text.as_bytes(), false)
}

/// What is wrong with a sheet of one row, in which one column says something else.
fn with(column: &str, value: &str) -> Vec<String> {
    let mut cells: Vec<&str> = GOOD.split(',').collect();
    match HEADER.split(',').position(|header| header == column) {
        Some(at) => {
            cells[at] = value;
            csv(&[&cells.join(",")]).err().unwrap_or_default()
        }
        None => read_under(format!("{HEADER},{column}\n{GOOD},{value}").as_bytes(), false).err().unwrap_or_default(),
    }
}

fn xlsx(alter: impl FnOnce(&mut Worksheet)) -> Result<Vec<Row>, Vec<String>> {
    let mut workbook = Workbook::new();
    let sheet = workbook.add_worksheet();
    for (row, cells) in [(0, HEADER), (1, GOOD)] {
        for (column, cell) in (0..).zip(cells.split(',')) {
            sheet.write_string(row, column, cell).unwrap();
        }
    }
    alter(sheet);
    read_under(&workbook.save_to_buffer().unwrap(), false)
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
        assert_eq!(row.measure.until.unwrap().to_string(), "2031-06-30T16:00:00.000Z");
        assert_eq!(row.plain.names, ["某甲"]);
        assert_eq!(row.plain.violations, ["NB-11"]);
        assert_eq!(row.plain.reasons, "经查证属实");
    }
}

#[test]
fn chinese_headers_and_words_are_read() {
    let text = "证件类型,证件号码,证件类型2,证件号码2,当事人类型,姓名,账号,措施,范围,生效时间,截止时间,违规条款,行为开始,行为结束,理由\n\
                身份证,440308199901101512,平台账号,alpha:a 1,虚拟主播,某甲；阿甲,alpha:a 1,限制,直播、话题:医疗,2026年7月1日,2026/12/31,NB-11；NB-25,2026-01-01,2026-01-31,理由";
    let rows = read_under(text.as_bytes(), false).unwrap();
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

fn invalid(fault: IdentityError) -> String {
    format!("Identity({fault:?})")
}

#[test]
fn an_identity_that_fails_is_named_by_its_place_and_never_repeated() {
    let text = format!("{HEADER}\n{}\n", GOOD.replace("440308199901101512", "15000019970319128X"));
    let policy = policy();
    let rules = rules(&policy.value, false);
    let error = read(text.as_bytes(), &rules).err().unwrap();
    for language in [Language::Zh, Language::En] {
        let Error::Sheet(faults) = &error else { panic!("{error}") };
        let told = faults.text(language);
        assert!(!told.contains("1997"), "{told}");
        let place = language.pick("第2行B列（证件号码）：", "row 2, column B (identity): ");
        assert!(told.starts_with(place), "{told}");
    }
}

#[test]
fn one_identity_stands_in_one_row() {
    let again = GOOD.replace("440308199901101512", " 440308-199901101512");
    let other = GOOD.replace("440308199901101512", "610122198310134420");
    assert_eq!(csv(&[GOOD, &other, &again]).err().unwrap(), ["Duplicate"]);
    // 15 digits are the same person as their 18, if they aren't a cut number.
    let (old, new) = ("610104620927690", "610104196209276908");
    let rows = [old, new].map(|identity| GOOD.replace("440308199901101512", identity));
    assert_eq!(csv(&[&rows[0], &rows[1]]).err().unwrap(), [invalid(IdentityError::Fifteen)]);
    let confirmed = format!("{HEADER},confirmed\n{},yes\n{},yes", rows[0], rows[1]);
    let wrong = read_under(confirmed.as_bytes(), false).err().unwrap();
    assert_eq!(wrong, ["Duplicate"]);
}

#[test]
fn what_a_cell_must_not_say_is_refused() {
    let identity = |value, fault| ("identity", value, invalid(fault));
    for (column, value, wrong) in [
        ("kind", "id", invalid(IdentityError::KindUnknown)),
        ("kind", "cn-uscc", invalid(IdentityError::KindOfAnotherType)),
        identity("44030819990110151X", IdentityError::Checksum),
    ] {
        assert_eq!(with(column, value), [wrong], "{column}: {value}");
    }
    for (column, value, wrong) in [
        ("kind", "", "Missing"),
        ("identity", "", "Missing"),
        ("measure", "ban", "UnknownMeasure"),
        ("measure", "", "Missing"),
        ("measure", "warning", "MeasureNotInPolicy"),
        ("measure", "bar", "UntilForbidden"),
        ("scopes", "live", "ScopesForbidden"),
        ("scopes", "radio", "UnknownScope"),
        ("scopes", "live;live", "UnknownScope"),
        ("until", "2031-07-01", "TermAndUntil"),
        ("term", "五十", "InvalidTerm"),
        ("term", "", "TermMissing"),
        ("names", "", "Missing"),
        ("effective at", "", "StartMissing"),
        ("effective at", "2026-06-30", "StartPast"),
        ("until", "2031-07-01 00:00", "MidnightEnd"),
        ("violations", "=1+1", "Odd(Formula)"),
        ("violations", "NB-99", "UnknownViolation"),
        ("violations", "；", "UnknownViolation"),
        ("violations", "", "Missing"),
        ("reasons", "", "Missing"),
        ("subject type", "robot", "UnknownSubjectType"),
        ("confirmed", "maybe", "UnknownConfirmation"),
        ("accounts", "alpha", "InvalidAccount"),
        ("effective at", "2021-12-31", "BeforePolicy"),
        ("effective at", "07/01/2026", "InvalidDate"),
        ("conduct from", "2026-01-01", "InvalidConduct"),
        ("evidence", "ABC", "InvalidEvidence"),
        ("follows", "not-an-id", "InvalidFollows"),
        ("untill", "2031-07-01", "UnknownColumn"),
        ("Names", "x", "RepeatedColumn"),
        ("kind 2", "cn-id", "MissingColumn"),
        ("", "beyond", "NoHeaderAbove"),
    ] {
        assert_eq!(with(column, value), [wrong], "{column}: {value}");
    }
    let nothing: [&str; 0] = [];
    for (column, value) in [
        ("identity", "４４0308199901101512"),
        ("names", "１号主播"),
        ("names", "❤\u{fe0f}小甲👩\u{200d}🎤"),
        ("reasons", "直播３次"),
        ("kind", "CN-ID"),
        ("term", "５年"),
        ("term", "五年"),
        ("term", "1年6个月"),
        ("term", "长期"),
        ("effective at", "自登记之日起"),
        ("effective at", "On logging"),
        ("effective at", "２０２６-07-01"),
        ("effective at", "2026.12.1"),
        ("effective at", "20261201"),
        ("until", "2031-06-30"),
        ("until", "2031年6月30日"),
        ("violations", "\"NB-11,NB-25\""),
        ("violations", "NB-11，nb25、NB 11"),
        ("violations", "ＮＢ１１"),
        ("measure", "警示"),
        ("measure", "警示(停止直播服务)"),
        ("scopes", "全部"),
        ("confirmed", "否"),
        ("subject type", "自然人"),
    ] {
        assert_eq!(with(column, value), nothing, "{column}: {value}");
    }
    let ends = |cells: &str| csv(&[&GOOD.replace("suspension,,,5年", cells)]).unwrap()[0].measure.until;
    assert_eq!(ends("suspension,,长期,"), None);
    assert_eq!(ends("suspension,,,永久"), None);
    assert_eq!(ends("suspension,,2031.6.30,五年"), ends("suspension,,,５年"));
    assert_eq!(csv(&[&format!("{GOOD},more")]).err().unwrap(), ["NoHeaderAbove"]);
    let until = GOOD.replace(",,5年,", ",2026-06-30,,");
    assert_eq!(csv(&[&until]).err().unwrap(), ["UntilBeforeStart"]);
    let open = GOOD.replace("suspension,,,5年", "restriction,live,,长期");
    assert_eq!(csv(&[&open]).err().unwrap(), ["UntilRequired"]);
    let award = GOOD.replace("suspension,,,5年", "restriction,award,,5年");
    assert_eq!(csv(&[&award]).err().unwrap(), ["ScopesNotInPolicy"]);
    let account = GOOD.replace("cn-id,440308199901101512", "platform-account,alpha:1");
    assert_eq!(csv(&[&account]).err().unwrap(), ["OnlySoft"]);
}

#[test]
fn what_a_workbook_makes_of_cells_is_refused() {
    let date = ExcelDateTime::from_ymd(2031, 7, 1).unwrap();
    let format = CellFormat::new().set_num_format("yyyy-mm-dd");
    let dated = |sheet: &mut Worksheet, column| drop(sheet.write_datetime_with_format(1, column, &date, &format));
    assert_eq!(xlsx(|sheet| dated(sheet, 2)).err().unwrap(), ["DateInText"]);
    assert_eq!(xlsx(|sheet| drop(sheet.write_number(1, 5, 47_665))).err().unwrap(), ["NumberAsDate"]);
    assert_eq!(xlsx(|sheet| drop(sheet.write_number(1, 7, 11))).err().unwrap(), ["Number"]);
    assert_eq!(xlsx(|sheet| drop(sheet.write_boolean(1, 8, true))).err().unwrap(), ["Unexpected"]);
    let formula = Formula::new("=1/0").set_result("#DIV/0!");
    assert_eq!(xlsx(|sheet| drop(sheet.write_formula(1, 8, formula))).err().unwrap(), ["Odd(Formula)"]);
    let merge = |sheet: &mut Worksheet| drop(sheet.merge_range(1, 8, 2, 8, "理由", &CellFormat::new()));
    assert_eq!(xlsx(merge).err().unwrap(), ["Odd(Merged)"]);

    let rows = xlsx(|sheet| {
        sheet.write_blank(1, 6, &format).unwrap();
        dated(sheet, 5);
    });
    assert_eq!(rows.unwrap()[0].measure.until.unwrap().to_string(), "2031-07-01T16:00:00.000Z");
}

#[test]
fn an_empty_row_and_too_many_are_refused() {
    let other = GOOD.replace("440308199901101512", "610122198310134420");
    assert_eq!(csv(&[GOOD, "", &other]).err().unwrap(), ["EmptyRow"]);
    assert_eq!(csv(&[GOOD, ",,,,,,,,", &other]).err().unwrap(), ["EmptyRow"]);
    assert!(csv(&["", GOOD, "", ",,,"]).is_err_and(|wrong| wrong == ["EmptyRow"]));
    assert_eq!(csv(&[GOOD, "", ",,,"]).unwrap().len(), 1);
    assert_eq!(csv(&[]).err().unwrap(), ["NoRows"]);
    assert_eq!(read_under(b"", false).err().unwrap(), ["NoRows"]);
    assert_eq!(csv(&[GOOD; 1_001]).err().unwrap(), ["TooManyRows"]);
    let columns = read_under(b"kind,identity\ncn-id,1", false).err().unwrap();
    assert_eq!(columns, ["MissingColumn"; 5]);
}

#[test]
fn all_that_is_wrong_is_told_at_once() {
    let second = "cn-id,610122198310134421,某乙,ban,,,5年,NB-99,";
    let third = "cn-id,440308199901101512,某丙,suspension,,,5 lots,NB-11,理由";
    let wrong = csv(&[GOOD, second, third]).err().unwrap();
    let checksum = invalid(IdentityError::Checksum);
    let expected = [checksum.as_str(), "UnknownMeasure", "UnknownViolation", "Missing", "Duplicate", "InvalidTerm"];
    assert_eq!(wrong, expected);
}

#[test]
fn an_interim_is_short_and_follows_nothing() {
    let read = |row: &str| read_under(format!("{HEADER}\n{row}").as_bytes(), true);
    assert!(read(&GOOD.replace("5年", "30天")).is_ok());
    assert_eq!(read(&GOOD.replace("5年", "31天")).err().unwrap(), ["InterimTooLong"]);
    assert_eq!(read(&GOOD.replace("5年", "")).err().unwrap(), ["TermMissing"]);
    assert_eq!(read(&GOOD.replace("5年", "长期")).err().unwrap(), ["UntilRequired"]);
    assert_eq!(read(&GOOD.replace("suspension", "bar")).err().unwrap(), ["NotAnInterim"]);
}

#[test]
fn the_empty_sheet_is_text_and_reads_back_once_filled() {
    for language in [Language::Zh, Language::En] {
        let header = String::from_utf8(template(Path::new("a.csv"), language).unwrap()).unwrap();
        let book = template(Path::new("a.xlsx"), language).unwrap();
        // Nobody is in them yet, and nothing else is wrong.
        assert_eq!(read_under(header.as_bytes(), false).err().unwrap(), ["NoRows"]);
        assert_eq!(read_under(&book, false).err().unwrap(), ["NoRows"]);
        let filled = format!("{header}cn-id,440308199901101512,,,某甲,,,notice,,自登记之日起,,永久,NB-11,,,,,reasons");
        assert!(read_under(filled.as_bytes(), false).is_ok());
    }
    let book = || template(Path::new("a.xlsx"), Language::Zh).unwrap();
    assert_eq!(book(), book());
}

proptest! {
    #[test]
    fn no_bytes_make_the_reader_panic_or_repeat_a_number(text in "\\PC{0,80}", digits in "[0-9]{18}") {
        let policy = policy();
        let rules = rules(&policy.value, false);
        let _ = read(text.as_bytes(), &rules);
        let sheet = format!("{HEADER}\n{}", GOOD.replace("440308199901101512", &digits));
        if let Err(error) = read(sheet.as_bytes(), &rules) {
            prop_assert!(!error.to_string().contains(&digits));
        }
    }
}
