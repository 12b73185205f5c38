//! Tables by themselves: what comes back of what other programs write, what they hide, and what is too much.

use std::io::{Cursor, Write as _};

use encoding_rs::GB18030;
use proptest::prelude::*;
use rust_xlsxwriter::{Color, ConditionalFormatFormula, Format, Workbook, Worksheet};
use zip::{ZipWriter, write::SimpleFileOptions};

use super::*;

type Cells = Vec<Vec<String>>;

fn open(bytes: &[u8]) -> Result<Table<&[u8]>, TableError> {
    Table::open(bytes, None, Limits::SHEET, |title| matches!(title, "kind" | "identity" | "names"))
}

/// The rows below the headers, each as wide as they are.
fn cells(bytes: &[u8]) -> Result<Cells, TableError> {
    let mut table = open(bytes)?;
    let width = table.header.as_ref().map_or(3, |header| header.filled().count());
    let mut rows = Vec::new();
    while let Some(row) = table.next_row()? {
        rows.push((0..width).map(|at| row.cell(at).text().unwrap_or_default().to_owned()).collect());
    }
    Ok(rows)
}

const HEADER: [&str; 3] = ["kind", "identity", "names"];

fn workbook(alter: impl FnOnce(&mut Worksheet)) -> Vec<u8> {
    let mut workbook = Workbook::new();
    let sheet = workbook.add_worksheet();
    for (row, cells) in [(0, HEADER), (1, ["a", "b", "c"]), (2, ["d", "e", "f"])] {
        for (column, cell) in (0..).zip(cells) {
            sheet.write_string(row, column, cell).unwrap();
        }
    }
    alter(sheet);
    workbook.save_to_buffer().unwrap()
}

/// A workbook of these parts besides the first that there must be.
fn parts(sheet: &str, more: &[(&str, &str)]) -> Vec<u8> {
    parts_of(sheet, more, &[])
}

/// The same without some.
fn parts_of(sheet: &str, more: &[(&str, &str)], without: &[&str]) -> Vec<u8> {
    let relations = |lines: &str| format!("<Relationships>{lines}</Relationships>");
    let root = relations("<Relationship Id=\"a\" Type=\"x/officeDocument\" Target=\"xl/workbook.xml\"/>");
    let book = relations(
        "<Relationship Id=\"s\" Type=\"x/worksheet\" Target=\"worksheets/sheet1.xml\"/>\
         <Relationship Id=\"t\" Type=\"x/sharedStrings\" Target=\"strings.xml\"/>",
    );
    let all = [
        ("_rels/.rels", root.as_str()),
        ("xl/workbook.xml", "<workbook><sheets><sheet name=\"a\" id=\"s\"/></sheets></workbook>"),
        ("xl/_rels/workbook.xml.rels", &book),
        ("xl/worksheets/sheet1.xml", sheet),
    ];
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, text) in all.iter().chain(more).filter(|(name, _)| !without.contains(name)) {
        zip.start_file(*name, SimpleFileOptions::default()).unwrap();
        zip.write_all(text.as_bytes()).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

fn odd(alter: impl FnOnce(&mut Worksheet)) -> Vec<(Option<u32>, Option<usize>, Odd)> {
    let bytes = workbook(alter);
    let table = open(&bytes).unwrap();
    table.oddities.iter().map(|oddity| (oddity.row, oddity.column, oddity.odd)).collect()
}

#[test]
fn a_row_is_that_of_headers_where_somebody_says_so() {
    let text = "title,of it,all\n甲,乙,丙\n1,2,3\n";
    let at = |said| Table::open_at(text.as_bytes(), None, Limits::SHEET, said, |_| false).unwrap();
    assert!(at(None).header.is_none());
    let mut table = at(Some(2));
    assert_eq!(table.header.as_ref().map(|header| header.number), Some(2));
    assert_eq!(table.next_row().unwrap().unwrap().cell(2).text(), Some("3"));
    assert!(table.next_row().unwrap().is_none());
    assert!(at(Some(9)).header.is_none(), "there is no such row");
}

#[test]
fn whatever_a_workbook_hides_from_the_eye_is_named_by_its_place() {
    let struck = Format::new().set_font_strikethrough();
    let white = Format::new().set_font_color(Color::White);
    let on_blue = Format::new().set_font_color(Color::White).set_background_color(Color::Blue);
    let on_white = Format::new().set_font_color(0x00f8_f8f8).set_background_color(Color::White);
    let small = Format::new().set_font_size(1);
    let unseen = Format::new().set_num_format(";;;");
    let other = Format::new().set_num_format(";;;\"长期\"");
    let with = |format: &Format| odd(|sheet| drop(sheet.write_string_with_format(1, 2, "c", format)));
    for format in [&white, &on_white, &small, &unseen, &other] {
        assert_eq!(with(format), [(Some(2), Some(2), Odd::NotShown)]);
    }
    assert_eq!(with(&struck), [(Some(2), Some(2), Odd::Struck)]);
    assert_eq!(with(&on_blue), []);
    let plain = Format::new();
    let partly = odd(|sheet| drop(sheet.write_rich_string(1, 2, &[(&plain, "甲"), (&struck, "乙")])));
    assert_eq!(partly, [(Some(2), Some(2), Odd::Struck)]);
    assert_eq!(odd(|sheet| drop(sheet.set_row_hidden(2))), [(Some(3), None, Odd::HiddenRow)]);
    assert_eq!(odd(|sheet| drop(sheet.set_row_height(2, 0))), [(Some(3), None, Odd::HiddenRow)]);
    assert_eq!(odd(|sheet| drop(sheet.group_rows_collapsed(1, 2))).len(), 2);
    assert_eq!(odd(|sheet| drop(sheet.set_column_hidden(1))), [(None, Some(1), Odd::HiddenColumn)]);
    assert_eq!(odd(|sheet| drop(sheet.set_column_width(1, 0))), [(None, Some(1), Odd::HiddenColumn)]);
    assert_eq!(odd(|sheet| drop(sheet.group_columns_collapsed(1, 2))).len(), 2);
    assert_eq!(odd(|sheet| drop(sheet.set_column_hidden(9))), []);
    let merged = odd(|sheet| drop(sheet.merge_range(1, 0, 2, 0, "a", &plain)));
    assert!(merged.contains(&(Some(2), Some(0), Odd::Merged)), "{merged:?}");
    let formula = odd(|sheet| drop(sheet.write_formula(5, 4, "=1")));
    assert_eq!(formula, [(Some(6), Some(4), Odd::Formula)]);
    let filtered = odd(|sheet| {
        sheet.autofilter(0, 0, 2, 2).unwrap();
        let only = rust_xlsxwriter::FilterCondition::new().add_list_filter("a");
        sheet.filter_column(0, &only).unwrap();
    });
    assert_eq!(filtered, [(Some(3), None, Odd::HiddenRow)]);
    let condition = |format: Format| {
        odd(|sheet| {
            let rule = ConditionalFormatFormula::new().set_rule("=TRUE").set_format(format);
            sheet.add_conditional_format(1, 0, 2, 2, &rule).unwrap();
        })
    };
    assert_eq!(condition(white.clone()), [(Some(2), Some(0), Odd::Conditional)]);
    assert_eq!(condition(Format::new().set_background_color(Color::Yellow)), []);
}

#[test]
fn the_one_worksheet_that_can_be_seen_and_has_rows_is_read_and_others_are_said() {
    let book = |states: &[(&str, bool, usize)]| {
        let mut workbook = Workbook::new();
        for (name, is_hidden, width) in states {
            let sheet = workbook.add_worksheet();
            sheet.set_name(*name).unwrap().set_hidden(*is_hidden).set_active(*name == "新");
            for (row, cells) in [(0, HEADER), (1, [*name; 3])] {
                for (column, cell) in (0..).zip(cells).take(*width) {
                    sheet.write_string(row, column, cell).unwrap();
                }
            }
        }
        workbook.save_to_buffer().unwrap()
    };
    let hidden =
        book(&[("旧", true, 3), ("新", false, 3), ("说明", false, 2), ("填写说明", false, 2), ("空", false, 0)]);
    assert_eq!(cells(&hidden).unwrap(), [["新"; 3]]);
    let notes = open(&hidden).unwrap().notes;
    assert_eq!(notes, [Note::HiddenSheet("旧".to_owned()), Note::OtherSheet("说明".to_owned())]);
    let several = cells(&book(&[("一", false, 3), ("二", false, 3)]));
    assert!(matches!(&several, Err(TableError::SeveralSheets(names)) if names == &["一", "二"]), "{several:?}");
    // One that no menu unhides, and one that a program can't know is said like the others.
    for state in ["hidden", "veryHidden", "other"] {
        let bytes = two_worksheets(state);
        assert_eq!(cells(&bytes).unwrap(), [["a", "b", "c"]], "{state}");
        assert_eq!(open(&bytes).unwrap().notes, [Note::HiddenSheet("旧".to_owned())], "{state}");
    }
    assert!(matches!(cells(&two_worksheets("visible")), Err(TableError::SeveralSheets(_))));
}

/// A row of texts.
fn texts(number: u32, cells: &[&str]) -> String {
    let cell = |text: &&str| format!("<c t=\"inlineStr\"><is><t>{text}</t></is></c>");
    format!("<row r=\"{number}\">{}</row>", cells.iter().map(cell).collect::<String>())
}

/// A workbook whose first worksheet is in this state.
fn two_worksheets(state: &str) -> Vec<u8> {
    let sheet = |row: [&str; 3]| {
        format!("<worksheet><sheetData>{}{}</sheetData></worksheet>", texts(1, &HEADER), texts(2, &row))
    };
    let book = format!(
        "<workbook><sheets><sheet name=\"旧\" state=\"{state}\" id=\"t\"/><sheet name=\"新\" id=\"s\"/></sheets></workbook>"
    );
    let relations = "<Relationships><Relationship Id=\"s\" Type=\"x/worksheet\" Target=\"worksheets/sheet1.xml\"/>\
         <Relationship Id=\"t\" Type=\"x/worksheet\" Target=\"worksheets/sheet2.xml\"/></Relationships>";
    let replaced = ["xl/workbook.xml", "xl/_rels/workbook.xml.rels", "xl/worksheets/sheet1.xml"];
    let more = [
        (replaced[0], book.as_str()),
        (replaced[1], relations),
        (replaced[2], &sheet(["a", "b", "c"])),
        ("xl/worksheets/sheet2.xml", &sheet(["d", "e", "f"])),
    ];
    let mut zip = ZipWriter::new_append(Cursor::new(parts_of("", &[], &replaced))).unwrap();
    for (name, text) in more {
        zip.start_file(name, SimpleFileOptions::default()).unwrap();
        zip.write_all(text.as_bytes()).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

/// What is odd about a workbook of one row, whose second cell has the style 1, given its styles and the colours of its
/// theme.
fn styled(styles: &str, theme: &str) -> Vec<(Option<u32>, Option<usize>, Odd)> {
    let cell = |style: u8, text: &str| format!("<c s=\"{style}\" t=\"inlineStr\"><is><t>{text}</t></is></c>");
    let row = format!("<row r=\"2\">{}{}{}</row>", cell(0, "a"), cell(1, "b"), cell(0, "c"));
    let sheet = format!("<worksheet><sheetData>{}{row}</sheetData></worksheet>", texts(1, &HEADER));
    let theme =
        format!("<a:theme><a:themeElements><a:clrScheme name=\"x\">{theme}</a:clrScheme></a:themeElements></a:theme>");
    let relations = "<Relationships><Relationship Id=\"s\" Type=\"x/worksheet\" Target=\"worksheets/sheet1.xml\"/>\
         <Relationship Id=\"y\" Type=\"x/styles\" Target=\"styles.xml\"/>\
         <Relationship Id=\"z\" Type=\"x/theme\" Target=\"theme/theme1.xml\"/></Relationships>";
    let without = ["xl/_rels/workbook.xml.rels"];
    let mut zip = ZipWriter::new_append(Cursor::new(parts_of(&sheet, &[], &without))).unwrap();
    for (name, text) in [(without[0], relations), ("xl/styles.xml", styles), ("xl/theme/theme1.xml", &theme)] {
        zip.start_file(name, SimpleFileOptions::default()).unwrap();
        zip.write_all(text.as_bytes()).unwrap();
    }
    let bytes = zip.finish().unwrap().into_inner();
    open(&bytes).unwrap().oddities.iter().map(|oddity| (oddity.row, oddity.column, oddity.odd)).collect()
}

#[test]
fn letters_in_a_colour_of_the_workbook_s_own_are_held_against_their_ground() {
    let styles = |font: &str, fill: &str, colours: &str| {
        format!(
            "<styleSheet><fonts><font/><font>{font}</font></fonts><fills><fill/><fill/><fill>{fill}</fill></fills>\
             <cellXfs><xf fontId=\"0\"/><xf fontId=\"1\" fillId=\"{}\"/></cellXfs>{colours}</styleSheet>",
            if fill.is_empty() { 0 } else { 2 }
        )
    };
    let solid = |colour: &str| format!("<patternFill patternType=\"solid\"><fgColor {colour}/></patternFill>");
    let theme = "<a:dk1><a:sysClr val=\"windowText\" lastClr=\"000000\"/></a:dk1><a:lt1><a:sysClr val=\"window\" lastClr=\"FFFFFF\"/></a:lt1>\
         <a:dk2><a:srgbClr val=\"102030\"/></a:dk2><a:accent1><a:srgbClr val=\"FEFEFE\"/></a:accent1><a:accent2><a:srgbClr val=\"102031\"/></a:accent2>";
    let hidden = [(Some(2), Some(1), Odd::NotShown)];
    let font = |colour: &str| format!("<color {colour}/>");
    // White by the theme alone, where it usually is blue; and on a ground of the same colour by another name.
    assert_eq!(styled(&styles(&font("theme=\"4\""), "", ""), theme), hidden);
    assert_eq!(styled(&styles(&font("theme=\"4\""), "", ""), ""), []);
    assert_eq!(styled(&styles(&font("theme=\"5\""), &solid("theme=\"3\""), ""), theme), hidden);
    assert_eq!(styled(&styles(&font("theme=\"1\""), "", ""), theme), []);
    assert_eq!(styled(&styles(&font("theme=\"1\" tint=\"0.99\""), "", ""), theme), hidden);
    // By a palette, usual or of its own.
    assert_eq!(styled(&styles(&font("indexed=\"26\""), "", ""), theme), hidden);
    assert_eq!(styled(&styles(&font("indexed=\"10\""), "", ""), theme), []);
    let own = format!("<colors><indexedColors>{}</indexedColors></colors>", "<rgbColor rgb=\"00FFFFFF\"/>".repeat(11));
    assert_eq!(styled(&styles(&font("indexed=\"10\""), "", &own), theme), hidden);
    // A theme in which text itself is white.
    let swapped = theme.replace("000000", "FFFFFF");
    assert_eq!(styled(&styles(&font("theme=\"1\""), "", ""), &swapped), hidden);
}

#[test]
fn what_is_not_printed_is_named_and_so_are_columns_that_are_narrow_by_default() {
    let unprinted = |alter: fn(&mut Worksheet)| odd(alter);
    assert_eq!(unprinted(|sheet| drop(sheet.set_print_area(0, 0, 2, 2))), []);
    assert_eq!(unprinted(|sheet| drop(sheet.set_print_area(0, 0, 1, 2))), [(Some(3), None, Odd::NotPrinted)]);
    assert_eq!(unprinted(|sheet| drop(sheet.set_print_area(0, 0, 2, 1))), [(None, Some(2), Odd::NotPrinted)]);
    // An area that is computed can't be known.
    let name = "xl/workbook.xml";
    let book = "<workbook><sheets><sheet name=\"a\" id=\"s\"/></sheets><definedNames><definedName name=\"_xlnm.Print_Area\" \
         localSheetId=\"0\">OFFSET(a!$A$1,0,0,9,9)</definedName></definedNames></workbook>";
    let sheet =
        format!("<worksheet><sheetData>{}{}</sheetData></worksheet>", texts(1, &HEADER), texts(2, &["a", "b", "c"]));
    let mut zip = ZipWriter::new_append(Cursor::new(parts_of(&sheet, &[], &[name]))).unwrap();
    zip.start_file(name, SimpleFileOptions::default()).unwrap();
    zip.write_all(book.as_bytes()).unwrap();
    let computed = open(&zip.finish().unwrap().into_inner()).unwrap().oddities;
    assert!(computed.contains(&Oddity { row: Some(2), column: None, odd: Odd::NotPrinted }), "{computed:?}");
    // A title above the headers needn't be.
    let titled = odd(|sheet| {
        for (column, cell) in (0..).zip(HEADER) {
            sheet.write_string(3, column, cell).unwrap();
            sheet.write_string(4, column, "x").unwrap();
            sheet.write_string(0, column, "").unwrap();
        }
        sheet.write_string(0, 0, "title").unwrap();
        sheet.set_print_area(3, 0, 4, 2).unwrap();
    });
    assert_eq!(titled, []);
    let narrow = format!(
        "<worksheet><sheetFormatPr defaultColWidth=\"0\"/><cols><col min=\"1\" max=\"2\" width=\"9\"/></cols>\
         <sheetData>{}{}</sheetData></worksheet>",
        texts(1, &HEADER),
        texts(2, &["a", "b", "c"])
    );
    let oddities = open(&parts(&narrow, &[])).unwrap().oddities;
    assert_eq!(oddities, [Oddity { row: None, column: Some(2), odd: Odd::HiddenColumn }]);
    let icons = format!(
        "<worksheet><sheetData>{}{}</sheetData><conditionalFormatting sqref=\"B2:B9\"><cfRule><iconSet showValue=\"0\"/>\
         </cfRule></conditionalFormatting></worksheet>",
        texts(1, &HEADER),
        texts(2, &["a", "b", "c"])
    );
    let oddities = open(&parts(&icons, &[])).unwrap().oddities;
    assert_eq!(oddities, [Oddity { row: Some(2), column: Some(1), odd: Odd::Conditional }]);
    // A condition that looks at another worksheet has its style within it.
    let extended = |font: &str| {
        let rule = format!(
            "<x14:cfRule><xm:f>b!$A$1</xm:f><x14:dxf><font>{font}</font><border><left><color rgb=\"FF000000\"/></left></border></x14:dxf></x14:cfRule>"
        );
        let sheet = format!(
            "<worksheet><sheetData>{}{}</sheetData><extLst><ext><x14:conditionalFormatting>{rule}<xm:sqref>C2:C9</xm:sqref>\
             </x14:conditionalFormatting></ext></extLst></worksheet>",
            texts(1, &HEADER),
            texts(2, &["a", "b", "c"])
        );
        open(&parts(&sheet, &[])).unwrap().oddities
    };
    let conditional = Oddity { row: Some(2), column: Some(2), odd: Odd::Conditional };
    assert_eq!(extended("<color rgb=\"FFFFFFFF\"/>"), [conditional]);
    assert_eq!(extended("<color rgb=\"FFFF0000\"/>"), []);
}

#[test]
fn a_workbook_that_contradicts_itself_or_reaches_too_far_is_refused() {
    let sheet = |data: &str| parts(&format!("<worksheet><sheetData>{data}</sheetData></worksheet>"), &[]);
    let text = |at: &str| format!("<c r=\"{at}\" t=\"inlineStr\"><is><t>x</t></is></c>");
    let far = sheet(&format!("<row r=\"1048576\">{}</row>", text("XFD1048576")));
    assert!(far.len() < 4_096);
    assert!(matches!(cells(&far), Err(TableError::TooFar { row: 1_048_576, column: 16_383 })));
    for data in [
        format!("<row r=\"2\">{}</row><row r=\"2\">{}</row>", text("A2"), text("B2")),
        format!("<row r=\"2\">{}{}</row>", text("A2"), text("A2")),
        format!("<row r=\"2\">{}</row>", text("A3")),
        "<row r=\"1\"><c t=\"s\"><v>7</v></c></row>".to_owned(),
        "<row r=\"1\"><c><v>x</v></c></row>".to_owned(),
        "<row r=\"1\">".to_owned(),
        format!("{}{}", "<a>".repeat(40), "</a>".repeat(40)),
        "<!DOCTYPE a [<!ENTITY b \"c\">]>".to_owned(),
    ] {
        assert!(matches!(cells(&sheet(&data)), Err(TableError::Malformed)), "{data}");
    }
    let twice = parts("<worksheet/>", &[("XL/worksheets/Sheet1.xml", "<worksheet/>")]);
    assert!(matches!(cells(&twice), Err(TableError::Malformed)));
}

/// The most memory that this process had so far, in KiB.
fn peak() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.and_then(|line| line.split_whitespace().next()?.parse().ok()).unwrap_or_default()
}

/// A workbook whose worksheet unpacks to this many MiB of spaces.
fn bomb(mib: usize) -> Vec<u8> {
    let rest = parts_of("", &[], &["xl/worksheets/sheet1.xml"]);
    let mut zip = ZipWriter::new_append(Cursor::new(rest)).unwrap();
    zip.start_file("xl/worksheets/sheet1.xml", SimpleFileOptions::default()).unwrap();
    let spaces = vec![b' '; 1 << 20];
    for _ in 0..mib {
        zip.write_all(&spaces).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

#[test]
fn a_workbook_that_unpacks_to_more_than_a_table_has_is_refused_before_it_does() {
    const ROOM: u64 = 24 << 10;
    let honest = bomb(160);
    assert!(honest.len() < 1 << 20);
    let (before, began) = (peak(), std::time::Instant::now());
    assert!(matches!(cells(&honest), Err(TableError::Unpacked)));
    assert!(began.elapsed().as_millis() < 500, "{:?}", began.elapsed());
    assert!(peak() < before + ROOM, "{} KiB", peak() - before);
    // What the directory says of its size may be a lie.
    let mut lying = honest;
    let size = u32::try_from(160_usize << 20).unwrap().to_le_bytes();
    let places: Vec<usize> = (0..lying.len() - 4).filter(|at| lying[*at..].starts_with(&size)).collect();
    for at in places {
        lying[at..at + 4].copy_from_slice(&64_u32.to_le_bytes());
    }
    assert!(matches!(cells(&lying), Err(TableError::Unpacked | TableError::Malformed)));
    assert!(peak() < before + (Limits::SHEET.unpacked >> 10) + ROOM, "{} KiB", peak() - before);
}

#[test]
fn one_long_text_in_many_cells_is_kept_once() {
    let text = "字".repeat(30_000);
    let cell = |row: u32| format!("<row r=\"{row}\"><c r=\"A{row}\" t=\"s\"><v>0</v></c></row>");
    let rows: String = (1..=3_000).map(cell).collect();
    let strings = format!("<sst><si><t>{text}</t></si></sst>");
    let bytes =
        parts(&format!("<worksheet><sheetData>{rows}</sheetData></worksheet>"), &[("xl/strings.xml", &strings)]);
    let before = peak();
    assert_eq!(open(&bytes).unwrap().next_row().unwrap().unwrap().cell(0).text().unwrap().chars().count(), 30_000);
    assert!(peak() < before + (24 << 10), "{} KiB", peak() - before);
    let many: String = (1..=5_000).map(cell).collect();
    let bytes =
        parts(&format!("<worksheet><sheetData>{many}</sheetData></worksheet>"), &[("xl/strings.xml", &strings)]);
    assert!(matches!(open(&bytes).map(drop), Err(TableError::TooMany)));
}

#[test]
fn another_kind_of_file_is_told_by_what_it_begins_with() {
    let old = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1 and more".to_vec();
    let stream: Vec<u8> = "EncryptedPackage".encode_utf16().flat_map(u16::to_le_bytes).collect();
    let locked = [old.as_slice(), &stream].concat();
    assert!(matches!(cells(&old), Err(TableError::Format(".xls/.et"))));
    assert!(matches!(cells(&locked), Err(TableError::Encrypted)));
    assert!(matches!(cells(b"<html><table>"), Err(TableError::Format("HTML/XML"))));
    assert!(matches!(cells(b"%PDF-1.7"), Err(TableError::Format("PDF"))));
    for picture in [b"\x89PNG\r\n\x1a\n".as_slice(), b"\xff\xd8\xff\xe0", b"GIF89a", b"\0\0\0\x18ftypheic"] {
        assert!(matches!(cells(picture), Err(TableError::Picture)));
    }
    let directory = tempfile::tempdir().unwrap();
    let project = directory.path().join("vbaProject.bin");
    std::fs::write(&project, "macros").unwrap();
    let mut macros = Workbook::new();
    macros.add_vba_project(&project).unwrap();
    macros.add_worksheet().write_string(0, 0, "kind").unwrap();
    assert!(matches!(cells(&macros.save_to_buffer().unwrap()), Err(TableError::Macros)));
    let of = |name: &str, text: &str| {
        let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
        let stored = SimpleFileOptions::default().compression_method(zip::CompressionMethod::Stored);
        zip.start_file(name, stored).unwrap();
        zip.write_all(text.as_bytes()).unwrap();
        zip.finish().unwrap().into_inner()
    };
    let ods = of("mimetype", "application/vnd.oasis.opendocument.spreadsheet");
    assert!(matches!(cells(&ods), Err(TableError::Format(".ods"))));
    assert!(matches!(cells(&of("Index/Document.iwa", "")), Err(TableError::Format(".numbers"))));
    assert!(matches!(cells(b"PK and nothing"), Err(TableError::Malformed)));
    assert!(matches!(cells(b"kind,identity,names\n\"a,b,c\n"), Err(TableError::Quote { row: 2 })));
}

fn text() -> impl Strategy<Value = String> {
    "[a-zA-Z0-9一-龥，、。\",;\t\n' ]{1,12}"
        .prop_map(|text| text.trim().to_owned())
        .prop_filter("empty", |text| !text.is_empty())
        // Some few characters in GB18030 are one in UTF-8; a field of those alone is refused.
        .prop_filter("either", |text| text.is_ascii() || std::str::from_utf8(&GB18030.encode(text).0).is_err())
}

#[test]
fn two_characters_of_gb18030_that_are_one_of_an_empty_plane_in_utf_8_are_read_as_two() {
    let csv = quoted(
        &[["编码", "甲", "乙"], ["1", "騹，", "b"]].iter().map(|row| row.map(str::to_owned).to_vec()).collect(),
        ",",
        "\n",
    );
    let gb = GB18030.encode(&csv).0.into_owned();
    assert!(gb.windows(4).any(|bytes| std::str::from_utf8(bytes).is_ok_and(|text| text.chars().count() == 1)));
    assert_eq!(cells(&gb).unwrap()[1][1], "騹，");
}

fn quoted(rows: &Cells, separator: &str, end: &str) -> String {
    let field = |cell: &String| format!("\"{}\"", cell.replace('"', "\"\""));
    let line = |row: &Vec<String>| row.iter().map(field).collect::<Vec<_>>().join(separator) + end;
    HEADER.join(separator) + end + &rows.iter().map(line).collect::<String>()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    #[test]
    fn what_is_written_comes_back_in_every_format_and_encoding(
        rows in prop::collection::vec(prop::collection::vec(text(), 3), 1..6),
        separator in prop_oneof![Just(","), Just(";"), Just("\t")],
        end in prop_oneof![Just("\n"), Just("\r\n"), Just("\r")],
    ) {
        // What no encoding shares with another.
        let rows: Cells = std::iter::once(["编码", "甲", "乙"].map(str::to_owned).to_vec()).chain(rows).collect();
        let csv = quoted(&rows, separator, end);
        let units = |to: fn(u16) -> [u8; 2]| -> Vec<u8> { format!("\u{feff}{csv}").encode_utf16().flat_map(to).collect() };
        let marked = format!("\u{feff}{csv}").into_bytes();
        let gb = GB18030.encode(&csv).0.into_owned();
        for bytes in [csv.clone().into_bytes(), marked, gb, units(u16::to_le_bytes), units(u16::to_be_bytes)] {
            prop_assert_eq!(&cells(&bytes).unwrap(), &rows);
        }
        let mut workbook = Workbook::new();
        let sheet = workbook.add_worksheet();
        for (row, cells) in (0..).zip(std::iter::once(&HEADER.map(str::to_owned).to_vec()).chain(&rows)) {
            for (column, cell) in (0..).zip(cells) {
                sheet.write_string(row, column, cell).unwrap();
            }
        }
        prop_assert_eq!(&cells(&workbook.save_to_buffer().unwrap()).unwrap(), &rows);
    }

    #[test]
    fn no_bytes_make_the_reader_panic(bytes in prop::collection::vec(any::<u8>(), 0..300), at in any::<prop::sample::Index>()) {
        let _ = cells(&bytes);
        // A workbook of which some bytes are others, and one of other parts.
        let mut book = workbook(|_| {});
        let at = at.index(book.len());
        for (old, new) in book[at..].iter_mut().zip(&bytes) {
            *old = *new;
        }
        let _ = cells(&book);
        let text = String::from_utf8_lossy(&bytes);
        let _ = cells(&parts(&format!("<worksheet><sheetData><row>{text}</row></sheetData></worksheet>"), &[]));
        let _ = cells(&parts(&text, &[("xl/strings.xml", &text)]));
    }
}
