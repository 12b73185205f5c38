use encoding_rs::GB18030;
use rust_xlsxwriter::{Formula, Workbook, Worksheet};

use super::*;

fn read(bytes: &[u8]) -> Result<Vec<Question>, SheetError> {
    read_with(bytes, &[])
}

fn read_with(bytes: &[u8], comments_read: &[u32]) -> Result<Vec<Question>, SheetError> {
    let mut sheet = Sheet::open(bytes, None, None, comments_read)?;
    std::iter::from_fn(|| sheet.next().transpose()).collect()
}

fn gb(text: &str) -> Vec<u8> {
    GB18030.encode(text).0.into_owned()
}

#[test]
fn a_sheet_reads_the_same_in_utf_8_and_in_gb18030() {
    let text = "ref,Kind,identity,备注,date of birth,Guardian_Consent\n主播1,cn-id,１00000199001050013,联通,,是\n\nb,passport,UTO:E1,,2001-02-03,\n";
    let bom = [b"\xef\xbb\xbf", text.as_bytes()].concat();
    for bytes in [text.as_bytes().to_vec(), gb(text), bom] {
        let read = read(&bytes).unwrap();
        assert_eq!(read.len(), 2);
        assert_eq!(read[0].reference.as_str(), "主播1");
        assert!(read[0].guardian_consent && !read[1].guardian_consent);
        assert_eq!(read[0].identities[0].value, "１00000199001050013");
        assert_eq!(read[1].date_of_birth.unwrap().to_string(), "2001-02-03");
    }
}

#[test]
fn a_row_names_person_names_and_what_it_is_asked_for() {
    let text = "ref,person,kind,identity,Names,purpose,consent_ref,guardian ref,noDocument\n\
         room,甲,cn-id,100000199001050013,赵试一；小试,watch,c-1,g-1,是\n\
         room,,cn-id,100000199001050013,,,,,\n";
    let read = read(text.as_bytes()).unwrap();
    assert_eq!(read[0].person.as_ref().unwrap().as_str(), "甲");
    assert_eq!(read[0].names.iter().collect::<Vec<_>>(), ["赵试一", "小试"]);
    assert_eq!((read[0].purpose, read[1].purpose), (Purpose::Watch, Purpose::Onboard));
    let refs = [&read[0].consent_ref, &read[0].guardian_ref].map(|of| of.as_ref().unwrap().as_str());
    assert_eq!((refs, read[0].no_document), (["c-1", "g-1"], true));
    assert!(read[1].person.is_none() && read[1].names.is_empty() && !read[1].no_document);
}

#[test]
fn a_file_of_two_encodings_is_an_error_that_names_row_and_column_and_nothing_else() {
    let head = "ref,kind,identity\n主播,cn-id,100000199001050013\n";
    let mixed = [head.as_bytes(), &gb("名字,cn-id,100000199001010011\n")].concat();
    let other = [gb(head), "名字,cn-id,100000199001010011\n".as_bytes().to_vec()].concat();
    for bytes in [mixed, other] {
        let error = read(&bytes).err().unwrap().0.en;
        assert!(error.starts_with("row 3, column A: ") && !error.contains("1000001990"), "{error}");
    }
}

#[test]
fn what_is_missing_or_wrong_is_named_by_row_and_column_and_never_repeated() {
    let said = |text: &str| read(text.as_bytes()).err().unwrap().0.en;
    assert!(said("ref,kind\na,cn-id\n").starts_with("column “identity”: no such column"));
    assert!(said("").contains("column “ref”"));
    assert!(said("ref,kind,identity,REF\n").starts_with("row 1, column D (ref): the column is there twice"));
    let kind = said("ref,kind,identity\na,cnid,100000199001050013\n");
    assert_eq!(kind, format!("row 2, column B (kind): {}", IdentityError::KindUnknown.words().en));
    let purpose = said("ref,kind,identity,purpose\na,cn-id,100000199001050013,fun\n");
    assert!(purpose.starts_with("row 2, column D (purpose): onboard") && !purpose.contains("fun"), "{purpose}");
    assert!(said("ref,kind,identity\n,cn-id,1\n").starts_with("row 2, column A (ref)"));
    assert!(said("ref,kind,identity\n\"a,cn-id\n").starts_with("row 2: a quotation mark"));
    let born = said("ref,kind,identity,dateOfBirth\na,cn-id,100000199001050013,1990/13/5\n");
    assert!(born.starts_with("row 2, column D (dateOfBirth)") && !born.contains("1990"), "{born}");
    let unseen = said("ref,kind,identity\na\u{200b},cn-id,100000199001050013\n");
    assert!(unseen.starts_with("row 2, column A (ref): character 2 is U+200B"), "{unseen}");
    let line = said("{\"ref\":\"a\",\"identities\":[]}\n{\"ref\":\"a\",\"identity\":\"100000199001050013\"}\n");
    assert!(line.starts_with("line 2: no question, at column") && !line.contains("1000001990"), "{line}");
    let zh = read("账号,证件类型,证件号码\na,身份,1\n".as_bytes()).err().unwrap().0.zh;
    assert!(zh.starts_with("第2行B列（证件类型）：证件类型应为"), "{zh}");
}

#[test]
fn the_same_list_is_read_in_every_encoding_with_every_separator_and_below_a_title() {
    let text = "主播名单\n\n序号,主播账号,身份证号,姓名,出生日期,备注\n1,甲1,100000199001050013,赵试一,1990年1月5日,\n2,乙,100000199001010011,,,\n合计,2人,,,,\n";
    let utf_16 = |to: fn(u16) -> [u8; 2]| -> Vec<u8> { text.encode_utf16().flat_map(to).collect() };
    let (little, big) = (utf_16(u16::to_le_bytes), utf_16(u16::to_be_bytes));
    let marked = [b"\xff\xfe", little.as_slice()].concat();
    let (semicolons, tabs) = (text.replace(',', ";").into_bytes(), text.replace(',', "\t").into_bytes());
    let told = [b"sep=;\r\n", semicolons.as_slice()].concat();
    for bytes in [text.as_bytes().to_vec(), gb(text), little, big, marked, semicolons, tabs, told] {
        let read = read(&bytes).unwrap();
        assert_eq!(read.len(), 2);
        assert_eq!((read[0].reference.as_str(), read[1].reference.as_str()), ("甲1", "乙"));
        assert_eq!(read[0].identities[0].kind, IdentityKind::CnId);
        assert_eq!(read[0].date_of_birth.unwrap().to_string(), "1990-01-05");
        assert_eq!(read[0].names.iter().collect::<Vec<_>>(), ["赵试一"]);
    }
}

#[test]
fn a_workbook_is_a_list_and_hides_nobody() {
    let book = |alter: fn(&mut Worksheet)| {
        let mut workbook = Workbook::new();
        let sheet = workbook.add_worksheet();
        for (row, cells) in
            [(0, "ref,kind,identity"), (1, "a,cn-id,100000199001050013"), (2, "b,cn-id,100000199001010011")]
        {
            for (column, cell) in (0..).zip(cells.split(',')) {
                sheet.write_string(row, column, cell).unwrap();
            }
        }
        alter(sheet);
        read(&workbook.save_to_buffer().unwrap()).map_err(|error| error.0.en)
    };
    assert_eq!(book(|_| {}).unwrap().len(), 2);
    let said = |alter| book(alter).err().unwrap();
    assert!(said(|sheet| drop(sheet.set_row_hidden(2))).starts_with("row 3: a hidden row"));
    assert!(said(|sheet| drop(sheet.set_column_hidden(1))).starts_with("column B (kind): a hidden column"));
    assert!(
        said(|sheet| drop(sheet.write_formula(1, 0, Formula::new("=A2").set_result("a"))))
            .starts_with("row 2, column A (ref): a formula")
    );
    assert!(said(|sheet| drop(sheet.write_number(1, 2, 100_000_199_001_050_013_f64))).contains("stored as a number"));
    assert!(said(|sheet| drop(sheet.write_number(1, 0, 123))).starts_with("row 2, column A (ref): a number or date"));
    let noted = said(|sheet| drop(sheet.insert_note(2, 1, &rust_xlsxwriter::Note::new("secret"))));
    assert!(noted.starts_with("row 3, column B (kind): a comment") && !noted.contains("secret"), "{noted}");
    assert!(noted.ends_with("--comment-read 3"), "{noted}");
}

#[test]
fn a_comment_is_confirmed_by_its_row_and_by_no_other() {
    let mut workbook = Workbook::new();
    let sheet = workbook.add_worksheet();
    for (row, cells) in [(0, "ref,kind,identity"), (1, "a,cn-id,100000199001050013")] {
        for (column, cell) in (0..).zip(cells.split(',')) {
            sheet.write_string(row, column, cell).unwrap();
        }
    }
    sheet.insert_note(1, 1, &rust_xlsxwriter::Note::new("?")).unwrap();
    let bytes = workbook.save_to_buffer().unwrap();
    assert_eq!(read_with(&bytes, &[2]).unwrap().len(), 1);
    assert!(read_with(&bytes, &[]).is_err());
    let other = read_with(&bytes, &[2, 3]).err().unwrap().0;
    assert_eq!(other.zh, "第3行：此行没有批注；请核对 --comment-read 的行号");
    assert!(other.en.starts_with("row 3: no comment in this row"), "{}", other.en);
}

#[test]
fn all_that_is_wrong_with_a_row_is_told_at_once() {
    let text = "ref,kind,identity,dateOfBirth,purpose,guardianConsent,names\n\
        ,身份,100000199001050013,1990/13/5,fun,maybe,\u{200b}甲\n";
    let error = read(text.as_bytes()).err().unwrap().0;
    let places: Vec<&str> = error.en.lines().filter_map(|line| line.split(": ").next()).collect();
    let columns = ["A (ref)", "B (kind)", "D (dateOfBirth)", "E (purpose)", "F (guardianConsent)", "G (names)"];
    assert_eq!(places, columns.map(|column| format!("row 2, column {column}")));
    assert_eq!(error.zh.lines().count(), 6);
    assert!(!error.en.contains("1000001990") && !error.en.contains("fun"), "{}", error.en);
}

#[test]
fn ndjson_is_told_by_how_it_begins_and_takes_several_identities_of_one_person() {
    let line = r#"{"ref":"a","identities":[{"kind":"cn-id","value":"1"},{"kind":"passport","value":"UTO:2"}]}"#;
    let read = read(format!("\n{line}\n\n{line}").as_bytes()).unwrap();
    assert_eq!((read.len(), read[1].identities.len()), (2, 2));
}
