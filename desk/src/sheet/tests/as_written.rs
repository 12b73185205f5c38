//! Sheets as people have them: titles, totals, synonyms, and what a workbook hides.

use callboard_federation::statement::{MeasureKind, Scope};

use super::*;

#[test]
fn what_an_empty_scope_means_and_an_empty_term_doesnt_is_said() {
    let scopes = |cells: &str| csv(&[&GOOD.replace("suspension,,,5年", cells)]).unwrap()[0].measure.scopes.clone();
    for cells in ["restriction,,,5年", "restriction,全部,,5年", "restriction,all,,5年"] {
        assert_eq!(scopes(cells), [Scope::Live, Scope::Promotion], "{cells}");
    }
    for cells in
        ["restriction,\"直播，推广\",,5年", "restriction,直播；商业推广,,5年", "restriction,\"live,promotion\",,5年"]
    {
        assert_eq!(scopes(cells), [Scope::Live, Scope::Promotion], "{cells}");
    }
    let Err(faults) = read_with(format!("{HEADER}\n{}", GOOD.replace("5年", "")).as_bytes(), |_| {}) else {
        panic!("taken")
    };
    let told = faults.text(Language::Zh);
    assert!(told.contains("第2行G列（期限）：不得空白") && told.contains("适用服务可以空白"), "{told}");
}

#[test]
fn a_word_that_means_another_measure_in_the_policy_is_asked_about() {
    let header = HEADER.replace("measure", "措施");
    let read = |word: &str| {
        let sheet = format!("{header}\n{}", GOOD.replace("suspension", word));
        read_with(sheet.as_bytes(), |_| {})
    };
    let Err(faults) = read("warning") else { panic!("taken") };
    assert_eq!(names(&faults), ["AmbiguousMeasure"]);
    let told = faults.text(Language::Zh);
    assert!(told.contains("警示、告诫") && !told.contains("warning"), "{told}");
    assert_eq!(read("警示").unwrap().rows[0].measure.kind, MeasureKind::Suspension);
    let Err(faults) = read("封杀") else { panic!("taken") };
    assert!(faults.text(Language::Zh).contains("请填：提醒、限制、警示、永久禁止"), "{}", faults.text(Language::Zh));
    let Err(faults) = read("告诫") else { panic!("taken") };
    let told = faults.text(Language::Zh);
    assert!(told.contains("《网络主播警示与复出管理办法》没有“告诫”这一措施"), "{told}");
}

#[test]
fn the_table_is_found_below_its_title_and_what_isnt_of_it_is_left_out() {
    let sheet = "第十批主播警示名单,,,,,,,,,\n报送单位：某某协会,,,,,,,,,\n\n\
        序号,姓名,证件类型,身份证号,措施,范围,期限,违规情形,事实和理由,备注\n\
        1,某甲,身份证,440308199901101512,警示,,五年,NB-11,经查证属实,见附件\n\
        合计,1人,,,,,,,,\n";
    let read = read_with(sheet.as_bytes(), |_| {}).unwrap();
    assert_eq!((read.rows.len(), read.rows[0].number), (1, 5));
    let notes: Vec<String> = read.notes.iter().map(|note| note.words().zh).collect();
    assert_eq!(notes, ["第6行是合计行，未采用", "“备注”列未采用"]);
    // A header says the kind by itself.
    let without = sheet.replace("证件类型,", "").replace("身份证,4", "4");
    assert_eq!(read_with(without.as_bytes(), |_| {}).unwrap().rows[0].readings[0].identity.kind(), IdentityKind::CnId);
    let other = sheet.replace("身份证,4", "护照,4");
    assert_eq!(names(&read_with(other.as_bytes(), |_| {}).err().unwrap()), ["KindOfHeader"]);
    // A person whose name says otherwise is one.
    let person = sheet.replace("某甲", "合计");
    assert_eq!(read_with(person.as_bytes(), |_| {}).unwrap().rows[0].plain.names, ["合计"]);
    let unknown = sheet.replace("备注", "手机");
    let Err(faults) = read_with(unknown.as_bytes(), |_| {}) else { panic!("taken") };
    assert!(faults.text(Language::Zh).starts_with("第4行J列：不认识的表头“手机”"), "{}", faults.text(Language::Zh));
    let Err(faults) = read_with("甲,乙\n丙,丁\n".as_bytes(), |_| {}) else { panic!("taken") };
    assert_eq!(names(&faults), ["NoHeader"]);
}

#[test]
fn what_a_workbook_hides_stops_the_draft() {
    let other: Vec<String> =
        GOOD.replace("440308199901101512", "610122198310134420").split(',').map(str::to_owned).collect();
    let second = |sheet: &mut Worksheet| {
        for (column, cell) in (0..).zip(&other) {
            sheet.write_string(2, column, cell).unwrap();
        }
    };
    let struck = CellFormat::new().set_font_strikethrough();
    let hidden = xlsx(|sheet| {
        second(sheet);
        sheet.set_row_hidden(2).unwrap();
    });
    assert_eq!(hidden.err().unwrap(), ["Odd(HiddenRow)"]);
    assert_eq!(xlsx(|sheet| drop(sheet.set_column_hidden(6))).err().unwrap(), ["Odd(HiddenColumn)"]);
    let struck = xlsx(|sheet| drop(sheet.write_string_with_format(1, 2, "某甲", &struck)));
    assert_eq!(struck.err().unwrap(), ["Odd(Struck)"]);
    let term = Formula::new("=\"5年\"").set_result("5年");
    assert_eq!(xlsx(|sheet| drop(sheet.write_formula(1, 6, term))).err().unwrap(), ["Odd(Formula)"]);
    let term = Formula::new("=\"5年\"").set_result("");
    assert_eq!(xlsx(|sheet| drop(sheet.write_formula(1, 6, term))).err().unwrap(), ["Odd(Formula)"]);
    // 16:00 of the day before, and 00:00:43.
    let format = CellFormat::new().set_num_format("yyyy-mm-dd");
    let until = |days: f64| {
        xlsx(|sheet| {
            sheet.write_blank(1, 6, &format).unwrap();
            sheet.write_number_with_format(1, 5, days, &format).unwrap();
        })
    };
    assert_eq!(until(48_182.666_666_667).err().unwrap(), ["Odd(StrayClock)"]);
    let end = until(48_183.000_497_685).unwrap()[0].measure.until.unwrap();
    assert_eq!(end.to_string(), "2031-12-01T16:00:00.000Z");
}

#[test]
fn a_comment_is_shown_and_confirmed_by_its_row() {
    let mut workbook = Workbook::new();
    let sheet = workbook.add_worksheet();
    for (row, cells) in [(0, HEADER), (1, GOOD)] {
        for (column, cell) in (0..).zip(cells.split(',')) {
            sheet.write_string(row, column, cell).unwrap();
        }
    }
    sheet.insert_note(1, 2, &rust_xlsxwriter::Note::new("已撤回？\u{202e}问\n一下").add_author_prefix(false)).unwrap();
    let bytes = workbook.save_to_buffer().unwrap();
    let Err(faults) = read_with(&bytes, |_| {}) else { panic!("taken") };
    let told = faults.text(Language::Zh);
    assert!(
        told.starts_with("第2行C列（姓名）：有批注：“已撤回？\\u{202e}问 一下”") && told.contains("删去第2行的批注"),
        "{told}"
    );
    assert!(told.ends_with("表格有1处需要修改，尚未生成文件"), "{told}");
    assert_eq!(read_with(&bytes, |rules| rules.confirmed.comments_read = &[2]).unwrap().rows.len(), 1);
    let other = read_with(&bytes, |rules| rules.confirmed.comments_read = &[2, 3]);
    assert_eq!(names(&other.err().unwrap()), ["NotCommented"]);
}

#[test]
fn a_character_that_nobody_sees_is_named_by_row_and_column() {
    let nul = include_bytes!("../../../../tests/sheets/nul-in-reasons.csv");
    let Err(faults) = read_with(nul, |_| {}) else { panic!("taken") };
    assert!(
        faults.text(Language::Zh).contains("第2行H列（事实和理由）：第2个字符是看不见的U+0000"),
        "{}",
        faults.text(Language::Zh)
    );
    for (column, value) in [
        ("names", "某\u{200b}甲"),
        ("reasons", "理\u{202e}由"),
        ("violations", "NB-11\u{feff}"),
        ("term", "5\u{200b}年"),
    ] {
        let wrong = with(column, value);
        assert!(wrong[0].starts_with("Odd(Unseen("), "{column}: {wrong:?}");
    }
}
