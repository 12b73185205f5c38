//! What is no table, what a table hides, and what goes wrong on the way: each is told, and nothing is lost.

use reqwest::StatusCode;
use rust_xlsxwriter::{Formula, Workbook};

use crate::{
    desk::Opened,
    import::{SAID, derived, gives, sends, table, ticked},
    seats::{entered, home},
    support::{Sandbox, number},
};

/// A workbook of a table's lines.
fn workbook(lines: &str, alter: impl FnOnce(&mut Workbook)) -> Vec<u8> {
    let mut workbook = Workbook::new();
    let sheet = workbook.add_worksheet();
    for (row, line) in (0..).zip(lines.lines()) {
        for (column, cell) in (0..).zip(line.split(',')).filter(|(_, cell)| !cell.is_empty()) {
            sheet.write_string(row, column, cell).unwrap();
        }
    }
    alter(&mut workbook);
    workbook.save_to_buffer().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_table_is_told_with_what_to_do_and_keeps_nothing() {
    let sandbox = Sandbox::start(&[]).await;
    let desk = entered(&sandbox, "secretary-1").await;
    let right = table();
    let row = right.lines().nth(2).unwrap();
    let many = format!("{}{}", right, format!("{row}\n").repeat(10_000));
    let macros = {
        let project = home(&sandbox, "secretary-1").join("vba");
        std::fs::write(&project, b"macros").unwrap();
        let macros = workbook(&right, |workbook| {
            workbook.add_vba_project(&project).unwrap();
        });
        std::fs::remove_file(project).unwrap();
        macros
    };
    let encrypted: Vec<u8> = "EncryptedPackage".encode_utf16().flat_map(u16::to_le_bytes).collect();
    let ole = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1".as_slice();
    for (what, file, said) in [
        ("a picture", b"\xff\xd8\xff\xe0\0\x10JFIF".to_vec(), "这是图片，不是表格；请提供表格本身"),
        ("an .xls", ole.to_vec(), "另存为.xlsx"),
        ("a password", [ole, &encrypted].concat(), "工作簿设有密码；请取消密码，另存为.xlsx"),
        ("macros", macros, "工作簿含有宏；请在表格软件中打开，另存为不含宏的.xlsx"),
        ("10,000 rows", many.clone().into_bytes(), "超过1000行；请分成几批"),
        ("10,000 rows in a workbook", workbook(&many, |_| {}), "超过1000行；请分成几批"),
        (
            "two worksheets",
            workbook(&right, |workbook| {
                let other = workbook.add_worksheet();
                for (column, text) in (0..).zip(["甲", "乙", "丙"]) {
                    other.write_string(0, column, text).unwrap();
                }
            }),
            "有几个工作表有内容",
        ),
        ("nothing", Vec::new(), "没有内容"),
    ] {
        let told = gives(&desk, "a", &file).await;
        assert_eq!(told.status, StatusCode::UNPROCESSABLE_ENTITY, "{what}: {}", told.text);
        assert!(told.text.contains(said), "{what}: {}", told.text);
        assert!(!home(&sandbox, "secretary-1").join("secretary-1.import").exists(), "{what}");
    }
    let large = gives(&desk, "a.csv", &vec![b' '; 9 << 20]).await;
    assert_eq!(large.status, StatusCode::PAYLOAD_TOO_LARGE);
    assert!(large.text.contains("至多8MiB"), "{}", large.text);
    let page = desk.shows("/import").await;
    let (form, once) = (page.field("form"), page.field("once"));
    let nothing = desk.uploads("/import/file", &[("form", &form), ("once", &once)], "", b"").await;
    assert!(nothing.text.contains("请选择文件，或者粘贴单元格"), "{}", nothing.text);
    let strange = desk.uploads("/import/file", &[("once", &once)], "a.csv", right.as_bytes()).await;
    assert_eq!(strange.status, StatusCode::FORBIDDEN, "a form without its word");
    let urlencoded = desk.sends("/import/file", &[("form", &form), ("once", &once)]).await;
    assert_eq!(urlencoded.status, StatusCode::FORBIDDEN);
}

/// The desk of a secretary who said what the columns are.
async fn arranged(sandbox: &Sandbox, file: &[u8]) -> Opened {
    let desk = entered(sandbox, "secretary-1").await;
    assert_eq!(gives(&desk, "批次.xlsx", file).await.status, StatusCode::SEE_OTHER);
    let said = sends(&desk, "/import/columns", &SAID).await;
    assert_eq!(said.status, StatusCode::SEE_OTHER, "{}", said.text);
    desk
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_workbook_hides_is_mended_on_the_page_or_left_out_and_comments_are_confirmed() {
    let sandbox = Sandbox::start(&[]).await;
    let file = workbook(&table(), |workbook| {
        let sheet = workbook.worksheet_from_index(0).unwrap();
        sheet.write_formula(2, 1, Formula::new("=\"沙\"&\"试\"").set_result("沙试")).unwrap();
        sheet.set_row_hidden(8).unwrap();
        sheet.insert_note(9, 1, &rust_xlsxwriter::Note::new("此人已撤回？").add_author_prefix(false)).unwrap();
        let old = workbook.add_worksheet();
        old.set_name("旧稿").unwrap().set_hidden(true).write_string(0, 0, "旧").unwrap();
    });
    let desk = arranged(&sandbox, &file).await;
    let page = desk.shows("/import").await.text;
    for said in ["第3行B列（姓名）：是公式", "第9行：此行被隐藏", "第7行C列"] {
        assert!(page.contains(said), "{said}: {page}");
    }
    assert!(page.len() < 100_000 && !page.contains("此人已撤回"), "{page}");
    let (name, identity) = (("cell-3-names", "沙试1"), number(705));
    let mended = sends(&desk, "/import/rows", &[name, ("cell-7-identity", &identity), ("leave-9", "1")]).await;
    assert_eq!(mended.status, StatusCode::SEE_OTHER, "{}", mended.text);
    let page = desk.shows("/import").await;
    for said in ["第10行有批注：“此人已撤回？”", "隐藏的工作表“旧稿”有内容，未采用", "不采用的行", "共11人"]
    {
        assert!(page.text.contains(said), "{said}: {}", page.text);
    }
    assert_eq!(page.ticks("seen-").len(), 3, "{}", page.text);
    assert_eq!(ticked(&desk, "/import/derive").await.status, StatusCode::SEE_OTHER);
    let ready = derived(&desk).await;
    assert!(ready.text.contains("11人 · ") && ready.text.contains("已在册 0"), "{}", ready.text);
    // Whoever takes a row in again drafts anew.
    assert_eq!(sends(&desk, "/import/left-out", &[]).await.status, StatusCode::SEE_OTHER);
    assert!(desk.shows("/import").await.text.contains("第9行：此行被隐藏"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_thousand_rows_are_mended_and_confirmed_some_at_a_time_on_pages_of_a_hundred_kilobytes() {
    let sandbox = Sandbox::start(&[]).await;
    let row = |person: usize| format!("{person},沙试{person},{},封杀,{},\n", number(person), "经查证属实。".repeat(60));
    let rows: String = (1..=1_000).map(row).collect();
    let head = table().lines().take(2).collect::<Vec<_>>().join("\n");
    let desk = arranged(&sandbox, format!("{head}\n{rows}").as_bytes()).await;
    let page = desk.shows("/import").await.text;
    assert!(page.contains("第3–1002行D列（措施）：请填") && page.contains("行需要更正。"), "{page}");
    assert!(page.matches("aria-invalid").count() > 10 && page.len() < 100_000, "{}", page.len());
    assert_eq!(sends(&desk, "/import/back", &[]).await.status, StatusCode::SEE_OTHER);
    let said = [("column-3", ""), ("all-measure", "suspension"), ("all-term", "长期")];
    let lacks = sends(&desk, "/import/columns", &said).await;
    assert_eq!(lacks.status, StatusCode::SEE_OTHER, "{}", lacks.text);
    let page = desk.shows("/import").await;
    assert!(page.text.contains("共1000人") && page.text.contains("还有850项"), "{}", page.text);
    assert!(page.ticks("seen-").len() == 150 && page.text.len() < 100_000, "{}", page.text.len());
    let told = ticked(&desk, "/import/derive").await;
    assert_eq!(told.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(told.text.contains("已确认150项") && told.text.contains("还有700项"), "{}", told.text);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_fails_while_tags_are_derived_is_told_where_it_was_begun() {
    let sandbox = Sandbox::start(&[]).await;
    // A sandbox takes no number that somebody may have.
    let file = table().replace(&number(701), "440308199901101512");
    let desk = arranged(&sandbox, file.as_bytes()).await;
    let identity = number(705);
    let mended = sends(&desk, "/import/rows", &[("cell-7-identity", &identity)]).await;
    assert_eq!(mended.status, StatusCode::SEE_OTHER, "{}", mended.text);
    assert_eq!(ticked(&desk, "/import/derive").await.status, StatusCode::SEE_OTHER);
    let told = derived(&desk).await.text;
    for said in ["role=\"alert\">未完成：", "已确认1项", "生成身份代码并起草"] {
        assert!(told.contains(said), "{said}: {told}");
    }
    assert!(!told.contains("440308199901101512"), "no number stands in an error");
    assert_eq!(sends(&desk, "/import/back", &[]).await.status, StatusCode::SEE_OTHER);
    assert!(!desk.shows("/import").await.text.contains("未完成："), "whoever went on has read it");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_registry_that_is_gone_is_told_and_nothing_that_was_typed_is_lost() {
    let mut sandbox = Sandbox::start(&[]).await;
    let desk = arranged(&sandbox, table().as_bytes()).await;
    let identity = number(705);
    let mended = sends(&desk, "/import/rows", &[("cell-7-identity", &identity)]).await;
    assert_eq!(mended.status, StatusCode::SEE_OTHER, "{}", mended.text);
    let page = desk.shows("/import").await;
    let fields = page.fields("/import/derive");
    let ticks = page.ticks("seen-");
    sandbox.end();
    let fields: Vec<(&str, &str)> = fields
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str()))
        .chain(ticks.iter().map(|tick| (tick.as_str(), "1")))
        .collect();
    let told = desk.sends("/import/derive", &fields).await;
    assert!(told.status == StatusCode::BAD_GATEWAY && told.text.contains("未完成"), "{}", told.text);
    let shown = desk.shows("/import").await;
    assert!(shown.status == StatusCode::BAD_GATEWAY && shown.text.contains("未完成"), "{}", shown.text);
    assert!(home(&sandbox, "secretary-1").join("secretary-1.import").exists());
    assert!(shown.text.contains("/import/discard"), "and it may be discarded");
}
