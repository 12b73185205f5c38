use callboard_federation::roster::Role;
use callboard_keys::SeatKey;
use proptest::prelude::*;

use super::{
    look::{Look, Read, ReadRows, look},
    mending::{Mending, correct, mending, of_file},
    store::ImportStore,
    *,
};
use crate::{
    sheet::{Column, FOR_ALL},
    tests::{noon, os_rng, policy},
};

/// A table as somebody keeps it: a title, its own headers, a row each.
const HEADERS: &str = "序号,责任人姓名,身份证号,处罚,期限,依据条款,经过";
const ROW: &str = "1,某甲,440308199901101512,警示,5年,NB-11,经查证属实";
/// Of another person.
const OTHER: &str = "2,某乙,610122198310134420,警示,5年,NB-11,经查证属实";
/// 17 at the conduct: born on 1 May 2009.
const CHILD: &str = "10000020090501001X";

fn table(headers: &str, rows: &[&str]) -> Import {
    Import::of_file("批次.csv", format!("第十批主播警示名单\n{headers}\n{}", rows.join("\n")).into_bytes())
}

/// The same once it was said what its headers mean.
fn arranged(headers: &str, rows: &[&str]) -> Import {
    let mut import = table(headers, rows);
    for (title, column) in [
        ("责任人姓名", Column::Names),
        ("处罚", Column::Measure),
        ("依据条款", Column::Violations),
        ("经过", Column::Reasons),
    ] {
        import.arrangement.say(title, Some(column));
    }
    import
}

fn looked<T>(import: &Import, then: impl FnOnce(&Look<'_>) -> T) -> T {
    then(&look(import, &policy().value, noon(), 1).unwrap())
}

fn faults(import: &Import) -> Vec<String> {
    looked(import, |look| match &look.read {
        Read::Faults(faults) => faults.iter().map(ToString::to_string).collect(),
        Read::Rows(_) => Vec::new(),
    })
}

fn rows<T>(import: &Import, then: impl FnOnce(&ReadRows) -> T) -> T {
    looked(import, |look| match &look.read {
        Read::Rows(rows) => then(rows),
        Read::Faults(faults) => panic!("{:?}", faults.iter().map(ToString::to_string).collect::<Vec<_>>()),
    })
}

fn mended<T>(import: &Import, then: impl FnOnce(&Look<'_>, Mending) -> T) -> T {
    looked(import, |look| match &look.read {
        Read::Faults(faults) => then(look, mending(look, &import.arrangement, faults)),
        Read::Rows(_) => panic!("nothing is wrong"),
    })
}

/// Types something into a cell of the rows that are shown, and sends the others as they are.
fn type_in(import: &mut Import, row: u32, column: Column, text: &str) {
    let mut arrangement = import.arrangement.clone();
    mended(import, |look, mending| {
        let shown = |row, column| {
            let row = mending.rows.iter().find(|other| other.number == row)?;
            row.fields.iter().find(|field| field.column == column).map(|field| field.text.clone())
        };
        let typed = |at, of| if (at, of) == (row, column) { Some(text.to_owned()) } else { shown(at, of) };
        correct(&look.grid, &mending.rows, typed, &mut arrangement);
    });
    import.arrangement = arrangement;
}

fn oddities(import: &Import) -> Vec<String> {
    rows(import, |read| read.oddities.iter().map(|oddity| oddity.words.en.clone()).collect())
}

#[test]
fn headers_of_ones_own_are_read_once_it_was_said_what_they_mean() {
    let faults = faults(&table(HEADERS, &[ROW]));
    assert!(faults.iter().any(|fault| fault.contains("责任人姓名")), "{faults:?}");
    rows(&arranged(HEADERS, &[ROW]), |read| {
        let [row] = read.rows.as_slice() else { panic!("one row") };
        assert_eq!((row.number, row.plain.names.as_slice()), (3, ["某甲".to_owned()].as_slice()));
        assert!(read.oddities.is_empty() && read.unread.is_empty());
    });
    // A header that is known is read as something else, or not at all, where somebody says so.
    let mut import = arranged(HEADERS, &[ROW]);
    import.arrangement.say("处罚", None);
    import.arrangement.say("序号", Some(Column::Aliases));
    import.arrangement.for_all.insert(Column::Measure, "suspension".to_owned());
    rows(&import, |read| {
        assert_eq!(read.rows[0].plain.names, ["某甲", "1"]);
        assert!(read.unread[0].zh.contains("处罚"), "that it isn't read is said");
    });
}

#[test]
fn what_no_column_says_holds_for_all_rows_and_is_told_once_where_it_is_wrong() {
    let short = |row: &str| row.replace(",警示,5年,NB-11,", ",");
    let headers = "序号,责任人姓名,证件号码,经过";
    let mut import = arranged(headers, &[&short(ROW), &short(OTHER)]);
    looked(&import, |look| assert_eq!(look.grid.unsaid(), FOR_ALL));
    for (column, text) in [
        (Column::Kind(1), "cn-id"),
        (Column::Measure, "suspension"),
        (Column::Term, "五日之久"),
        (Column::Violations, "NB-11"),
    ] {
        import.arrangement.for_all.insert(column, text.to_owned());
    }
    let told = faults(&import);
    assert_eq!(told.len(), 1, "{told:?}");
    assert!(told[0].starts_with("column “term”: "), "in no row and no column of the file: {told:?}");
    looked(&import, |look| {
        let Read::Faults(faults) = &look.read else { panic!("read") };
        assert_eq!(of_file(&look.grid, faults).len(), 1);
    });
    import.arrangement.for_all.insert(Column::Term, "五年".to_owned());
    // Of one row something else is said, and taken back.
    import.arrangement.corrections.entry(3).or_default().insert(Column::Reasons, String::new());
    mended(&import, |_, mending| {
        let term = mending.rows[0].fields.iter().find(|field| field.column == Column::Term).unwrap();
        assert_eq!((mending.rows[0].number, term.text.as_str()), (3, "五年"));
    });
    type_in(&mut import, 3, Column::Term, "3年");
    assert_eq!(import.arrangement.corrections[&3].len(), 2);
    type_in(&mut import, 3, Column::Term, "五年");
    assert_eq!(import.arrangement.corrections[&3].len(), 1);
    import.arrangement.corrections.clear();
    rows(&import, |read| {
        assert_eq!(read.rows.len(), 2);
        assert!(read.rows.iter().all(|row| row.effective_at == noon() && row.measure.until.is_some()));
    });
    // Where the file has a column, that counts.
    let mut import = arranged(HEADERS, &[ROW]);
    import.arrangement.for_all.insert(Column::Measure, "bar".to_owned());
    rows(&import, |read| assert_eq!(read.rows[0].measure.kind.as_str(), "suspension"));
}

#[test]
fn a_wrong_cell_is_typed_anew_and_all_else_stays_as_it_is_in_the_file() {
    let wrong = OTHER.replace("610122198310134420", "610122198310134421").replace("5年", "好久");
    let mut import = arranged(HEADERS, &[ROW, &wrong]);
    mended(&import, |_, mending| {
        let [row] = mending.rows.as_slice() else { panic!("one row is wrong") };
        assert_eq!((row.number, mending.more), (4, 0));
        let wrong: Vec<Column> =
            row.fields.iter().filter(|field| !field.faults.is_empty()).map(|field| field.column).collect();
        assert_eq!(wrong, [Column::Identity(1), Column::Term]);
        let names = row.fields.iter().find(|field| field.column == Column::Names).unwrap();
        assert_eq!(names.text, "某乙", "whose it is can be seen");
        assert!(row.fields.iter().any(|field| field.column == Column::Confirmed), "it may be as the document has it");
    });
    let before = import.file.clone();
    type_in(&mut import, 4, Column::Term, "3年");
    assert_eq!(import.arrangement.corrections[&4].len(), 1, "what wasn't changed isn't kept");
    assert_eq!(faults(&import).len(), 1);
    type_in(&mut import, 4, Column::Identity(1), "610122198310134420");
    rows(&import, |read| assert_eq!(read.rows.len(), 2));
    assert!(import.file == before, "the file is as it was");
    // As in the file again.
    import.arrangement.corrections.get_mut(&4).unwrap().insert(Column::Term, "又好久".to_owned());
    type_in(&mut import, 4, Column::Term, "好久");
    assert!(!import.arrangement.corrections[&4].contains_key(&Column::Term));
}

#[test]
fn a_number_that_a_program_may_have_altered_is_typed_anew_or_stays_wrong() {
    let mut workbook = rust_xlsxwriter::Workbook::new();
    let sheet = workbook.add_worksheet();
    for (row, text) in (0..).zip([HEADERS, ROW, OTHER]) {
        for (column, cell) in (0..).zip(text.split(',')) {
            sheet.write_string(row, column, cell).unwrap();
        }
    }
    sheet.write_number(2, 2, 610_122_198_310_134_420_f64).unwrap();
    sheet.write_formula(1, 4, "=\"5\"&\"年\"").unwrap();
    let struck = rust_xlsxwriter::Format::new().set_font_strikethrough();
    sheet.write_string_with_format(2, 1, "某乙", &struck).unwrap();
    let mut import = arranged(HEADERS, &[ROW]);
    import.file = Base64(workbook.save_to_buffer().unwrap());
    mended(&import, |_, mending| {
        let field = mending.rows[1].fields.iter().find(|field| field.column == Column::Identity(1)).unwrap();
        assert_eq!(field.text, "", "nobody only nods at it");
        assert!(field.other.as_deref().is_some_and(|shown| shown.starts_with("6101221983101344")));
    });
    type_in(&mut import, 2, Column::Reasons, "经查证属实");
    assert!(import.arrangement.corrections.is_empty(), "what is sent as it was shown corrects nothing");
    type_in(&mut import, 2, Column::Term, "5年");
    type_in(&mut import, 3, Column::Identity(1), "610122198310134420");
    type_in(&mut import, 3, Column::Names, "某乙");
    rows(&import, |read| assert_eq!(read.rows.len(), 2));
}

#[test]
fn a_row_that_is_left_out_is_neither_read_nor_wrong() {
    let wrong = OTHER.replace("5年", "");
    let mut import = arranged(HEADERS, &[&wrong, "", ROW]);
    assert_eq!(faults(&import).len(), 2);
    import.arrangement.left_out.extend([3, 4]);
    rows(&import, |read| assert_eq!(read.rows.iter().map(|row| row.number).collect::<Vec<_>>(), [5]));
    import.arrangement.left_out.insert(5);
    assert_eq!(faults(&import).len(), 1, "somebody is to be decided about");
}

#[test]
fn what_is_odd_about_several_rows_is_not_settled_by_leaving_one_out() {
    let mut workbook = rust_xlsxwriter::Workbook::new();
    let sheet = workbook.add_worksheet();
    for (row, text) in (0..).zip([HEADERS, ROW, OTHER, &OTHER.replace("610122198310134420", "350500199001015000")]) {
        for (column, cell) in (0..).zip(text.split(',')) {
            sheet.write_string(row, column, cell).unwrap();
        }
    }
    sheet.merge_range(1, 1, 2, 1, "某甲", &rust_xlsxwriter::Format::new()).unwrap();
    let mut import = arranged(HEADERS, &[ROW]);
    import.file = Base64(workbook.save_to_buffer().unwrap());
    import.arrangement.left_out.insert(2);
    assert!(faults(&import).iter().any(|fault| fault.contains("merged cells")), "{:?}", faults(&import));
}

#[test]
fn each_oddity_is_confirmed_by_itself_and_of_nobody_else() {
    let headers = format!("{HEADERS},行为开始,行为结束,监护人");
    let child = ROW.replace("440308199901101512", CHILD);
    let rest = ",2026-05-01,2026-05-03,";
    let rows_of = [
        format!("{child}{rest}某父 13800000000"),
        format!("{},,,", OTHER.replace("5年", "长期").replace("某乙", "某甲")),
    ];
    let mut import = arranged(&headers, &rows_of.each_ref().map(String::as_str));
    let told = oddities(&import);
    assert_eq!(
        told,
        [
            "row 3 某甲: under 18 at the conduct; that something is decided was approved",
            "row 4 某甲: no end date",
            "row 4 某甲: the same name as in row 3",
        ]
    );
    import.seen = rows(&import, |read| read.oddities.iter().map(|oddity| oddity.mark.clone()).collect());
    rows(&import, |read| assert!(read.unseen(&import).is_empty()));
    looked(&import, |look| assert_eq!((look.minors(), look.commented().len()), ([3].as_slice(), 0)));
    // Somebody else in the row is somebody else.
    import.arrangement.corrections.entry(4).or_default().insert(Column::Identity(1), "440308199901101512".to_owned());
    rows(&import, |read| assert_eq!(read.unseen(&import).len(), 2));
    // What is public names no minor: that is mended, not confirmed.
    import.heading.is_published = true;
    let told = faults(&import);
    assert_eq!(told.len(), 1, "{told:?}");
}

#[test]
fn a_guardian_is_named_where_the_file_has_no_column_for_one() {
    let headers = format!("{HEADERS},行为开始,行为结束");
    let child = format!("{},2026-05-01,2026-05-03", ROW.replace("440308199901101512", CHILD));
    let mut import = arranged(&headers, &[&child, &format!("{OTHER},,")]);
    mended(&import, |_, mending| {
        assert_eq!(mending.rows.len(), 1);
        assert!(mending.rows[0].fields.iter().any(|field| field.column == Column::Guardian));
    });
    type_in(&mut import, 3, Column::Guardian, "某父 13800000000");
    rows(&import, |read| {
        assert_eq!(read.rows[0].plain.guardian.as_deref(), Some("某父 13800000000"));
        assert_eq!(read.rows[1].plain.guardian, None);
    });
}

#[test]
fn what_is_pasted_is_read_whatever_its_headers_are() {
    let text = format!("{HEADERS}\r\n{ROW}\r\n").replace(',', "\t");
    let mut import = Import::of_cells(&text);
    import.arrangement = arranged(HEADERS, &[]).arrangement;
    rows(&import, |read| assert_eq!((read.rows.len(), read.rows[0].number), (1, 2)));
    // Not one header is known: somebody says which row it is.
    let unknown = Import::of_cells("甲\t乙\t丙\n1\t2\t3\n").begun(None, &Habits::default()).ok().unwrap();
    assert!(Grid::open(&unknown.file.0, &unknown.arrangement).is_err());
    let first = crate::sheet::first_rows(&unknown.file.0).unwrap();
    assert_eq!(first[0], (1, ["甲", "乙", "丙"].map(str::to_owned).to_vec()));
    let mut unknown = unknown;
    unknown.arrangement.header = Some(1);
    let grid = Grid::open(&unknown.file.0, &unknown.arrangement).unwrap();
    assert_eq!(grid.columns().iter().map(|column| column.title.as_str()).collect::<Vec<_>>(), ["甲", "乙", "丙"]);
}

#[test]
fn what_is_no_table_or_too_long_is_refused_with_what_to_do() {
    let told = |import: Import| match import.begun(None, &Habits::default()) {
        Ok(_) => panic!("taken"),
        Err(error) => crate::language::Language::Zh.saying(|| error.to_string()),
    };
    let many: Vec<&str> = vec![ROW; 1_001];
    assert!(told(table(HEADERS, &many)).contains("超过1000行；请分成几批"));
    let many: Vec<&str> = vec![ROW; 10_000];
    assert!(told(table(HEADERS, &many)).contains("超过1000行；请分成几批"));
    let file = |bytes: &[u8]| Import::of_file("a", bytes.to_vec());
    assert!(told(file(b"\x89PNG\r\n\x1a\n\0\0")).contains("这是图片，不是表格"));
    assert!(told(file(b"%PDF-1.7")).contains("PDF"));
    assert!(told(file(b"")).contains("没有内容"));
    let xls = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1".as_slice();
    assert!(told(file(xls)).contains("另存为.xlsx"));
    let encrypted: Vec<u8> = "EncryptedPackage".encode_utf16().flat_map(u16::to_le_bytes).collect();
    assert!(told(file(&[xls, &encrypted].concat())).contains("工作簿设有密码；请取消密码"));
}

#[test]
fn what_is_kept_is_whole_opens_for_its_seat_alone_and_can_be_read_by_nobody_else() {
    let directory = tempfile::tempdir().unwrap();
    let seat = |holder: &str| SeatKey::generate(holder.to_owned(), Role::Secretariat, &mut os_rng()).unwrap();
    let (own, other) = (seat("secretary-1"), seat("secretary-2"));
    let file = directory.path().join("secretary-1.key");
    let store = ImportStore::beside(&file, &own);
    assert!(store.import().unwrap().is_none() && !ImportStore::is_begun(&file));
    let mut import = arranged(HEADERS, &[ROW]);
    import.arrangement.corrections.entry(3).or_default().insert(Column::Names, "某丙".to_owned());
    import.seen.insert("0".repeat(64));
    store.keep(&import).unwrap();
    let bytes = std::fs::read(directory.path().join("secretary-1.import")).unwrap();
    for readable in ["某甲", "某丙", "440308199901101512", "责任人姓名"] {
        assert!(!bytes.windows(readable.len()).any(|part| part == readable.as_bytes()), "{readable}");
    }
    assert!(ImportStore::is_begun(&file));
    assert!(store.import().unwrap().is_some_and(|kept| kept == import));
    assert!(ImportStore::beside(&file, &other).import().is_err());
    // What broke off while it was written is in nobody's way.
    std::fs::write(directory.path().join("secretary-1.import.new"), &bytes[..40]).unwrap();
    import.is_arranged = true;
    store.keep(&import).unwrap();
    assert!(store.import().unwrap().is_some_and(|kept| kept.is_arranged));
    std::fs::write(directory.path().join("secretary-1.import"), &bytes[..40]).unwrap();
    assert!(store.import().is_err());
    store.discard().unwrap();
    store.discard().unwrap();
    assert!(store.import().unwrap().is_none());
}

#[test]
fn a_seat_is_asked_once_what_its_headers_mean() {
    let directory = tempfile::tempdir().unwrap();
    let key = SeatKey::generate("secretary-1".to_owned(), Role::Secretariat, &mut os_rng()).unwrap();
    let store = ImportStore::beside(&directory.path().join("secretary-1.key"), &key);
    let mut import = arranged(HEADERS, &[ROW]);
    import.heading.policy = "cpa-2022/1".to_owned();
    // What has a number in it is no header, but somebody's row.
    import.arrangement.say("440308199901101512", None);
    let mut habits = store.habits();
    habits.learn(&import);
    store.keep_habits(&habits).unwrap();
    assert!(!serde_json::to_string(&habits).unwrap().contains("440308199901101512"));
    let next = table(HEADERS, &[OTHER]).begun(None, &store.habits()).ok().unwrap();
    assert_eq!(next.heading.policy, "cpa-2022/1");
    rows(&next, |read| assert_eq!(read.rows.len(), 1));
    // What was said otherwise is said otherwise from then on.
    let mut next = next;
    next.arrangement.say("序号", Some(Column::Aliases));
    habits.learn(&next);
    next.arrangement.say("序号", None);
    habits.learn(&next);
    let last = table(HEADERS, &[OTHER]).begun(None, &habits).ok().unwrap();
    assert_eq!(last.arrangement.column("序号"), None);
    // Another file in its place keeps columns, and no row of the one before.
    let mut before = last;
    before.arrangement.left_out.insert(3);
    before.heading.number = "中演协〔2026〕10号".to_owned();
    let again = table(HEADERS, &[ROW]).begun(Some(&before), &habits).ok().unwrap();
    assert!(again.arrangement.left_out.is_empty() && again.heading == before.heading);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    /// Whatever stands in the cells: a form that is sent as it was shown changes nothing, and what is typed is read.
    #[test]
    fn a_form_that_is_sent_as_it_was_shown_corrects_nothing(
        cells in prop::collection::vec("[a-z0-9一-龥 \\-/]{0,12}", 6),
        typed in "[a-z一-龥]{1,12}",
    ) {
        let row = format!("1,{}", cells.join(","));
        let mut import = arranged(HEADERS, &[&row, &OTHER.replace("5年", "")]);
        let before = import.arrangement.clone();
        type_in(&mut import, 0, Column::Names, "");
        prop_assert_eq!(&import.arrangement, &before);
        type_in(&mut import, 4, Column::Term, &typed);
        prop_assert_eq!(import.arrangement.corrections.get(&4).and_then(|row| row.get(&Column::Term)), Some(&typed));
    }
}
