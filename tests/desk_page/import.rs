//! A committee's own table becomes a draft on the desk's pages: what its columns are, what is mended, what is confirmed.

use encoding_rs::GB18030;
use reqwest::StatusCode;

use crate::{
    desk::{Opened, Page},
    people::files,
    seats::{COLUMNS, entered, home, verified},
    signs::{has_hash, visible},
    support::{Sandbox, number, until},
};

pub(crate) const POLICY: &str = "streamer-warning-rules/2022";
const SECRETARY: &str = "secretary-1";
const HEADERS: &str = "序号,责任人姓名,身份证号,处罚,经过,备注";
/// The row, from 1, whose number is wrong: below the title and the headers.
const WRONG: usize = 7;

/// Twelve people under a title and the committee's own headers; one number is wrong, and two have one name.
pub(crate) fn table() -> String {
    let row = |person: usize| {
        let name = if person == 9 { 2 } else { person };
        let wrong = if person + 2 == WRONG { "0" } else { "" };
        let remark = if person == 1 { "加急" } else { "" };
        format!("{person},沙试{name},{}{wrong},警示,直播中多次宣扬赌博,{remark}", number(700 + person))
    };
    let rows: Vec<String> = (1..=12).map(row).collect();
    format!("第十批主播警示名单,,,,,\n{HEADERS}\n{}\n", rows.join("\n"))
}

/// What a form of the page that is shown says, with these fields besides or otherwise.
pub(crate) async fn sends(desk: &Opened, action: &str, other: &[(&str, &str)]) -> Page {
    let page = desk.shows("/import").await;
    let mut fields = page.fields(action);
    fields.retain(|(name, _)| !other.iter().any(|(others, _)| others == name));
    let fields: Vec<(&str, &str)> =
        fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).chain(other.iter().copied()).collect();
    desk.sends(action, &fields).await
}

/// Gives a file on the first page.
pub(crate) async fn gives(desk: &Opened, name: &str, file: &[u8]) -> Page {
    let page = desk.shows("/import/file").await;
    let fields = page.fields("/import/file");
    let fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    desk.uploads("/import/file", &fields, name, file).await
}

/// Says what the columns of [`table`] are.
pub(crate) const SAID: [(&str, &str); 7] = [
    ("column-1", "names"),
    ("column-3", "measure"),
    ("column-4", "reasons"),
    ("policy", POLICY),
    ("number", "中演协〔2026〕10号"),
    ("all-term", "五年"),
    ("all-violations", "NB-11"),
];

/// Ticks everything that the page asks.
pub(crate) async fn ticked(desk: &Opened, action: &str) -> Page {
    let ticks = desk.shows("/import").await.form(action).ticks("seen-");
    let ticks: Vec<(&str, &str)> = ticks.iter().map(|tick| (tick.as_str(), "1")).collect();
    sends(desk, action, &ticks).await
}

/// Waits until nothing is derived any more; what is shown then.
pub(crate) async fn derived(desk: &Opened) -> Page {
    until(async || !desk.shows("/import").await.text.contains("http-equiv=\"refresh\"")).await;
    desk.shows("/import").await
}

fn is_next(page: &Page) -> bool {
    page.status == StatusCode::SEE_OTHER && page.headers["location"] == "/import"
}

#[tokio::test(flavor = "multi_thread")]
async fn a_table_with_headers_of_its_own_becomes_a_draft_and_is_asked_about_once() {
    let sandbox = Sandbox::start(&[]).await;
    // Somebody is listed already.
    let listed = format!("{COLUMNS}\ncn-id,{},沙试3,suspension,live,5年,NB-11,此前已有\n", number(703));
    sandbox.decide(listed).await;
    let desk = entered(&sandbox, SECRETARY).await;
    assert!(desk.shows("/").await.text.contains("<a href=\"/import\">导入表格起草</a>"));
    let begun = desk.shows("/import").await.text;
    assert!(begun.contains("type=\"file\"") && !begun.contains("<script"), "{begun}");
    let given = gives(&desk, "批次.csv", &GB18030.encode(&table()).0).await;
    assert!(is_next(&given), "{}", given.text);

    // What is known is chosen; what is missing is told, and nothing that was said is lost.
    let page = desk.shows("/import").await;
    for said in ["批次.csv", "共12行", "责任人姓名", "沙试1", "主播警示自律规范", "NB-11"] {
        assert!(page.text.contains(said), "{said}: {}", page.text);
    }
    assert_eq!(page.fields("/import/columns").iter().find(|(name, _)| name == "column-2").unwrap().1, "identity");
    let lacks = sends(&desk, "/import/columns", &SAID[..5]).await;
    assert_eq!(lacks.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(lacks.text.contains("“期限”列：没有这一列") && lacks.text.contains("“违规条款”列"), "{}", lacks.text);
    let page = desk.shows("/import").await;
    let kept = page.fields("/import/columns");
    for (field, value) in &SAID[..5] {
        assert!(kept.contains(&((*field).to_owned(), (*value).to_owned())), "{field}: {kept:?}");
    }
    let said = sends(&desk, "/import/columns", &SAID[5..]).await;
    assert!(is_next(&said), "{}", said.text);

    // The desk ends in the middle, and goes on.
    desk.quit().await;
    let desk = entered(&sandbox, SECRETARY).await;
    assert!(desk.shows("/").await.text.contains("您有未完成的导入"));
    let page = desk.shows("/import").await;
    assert!(page.text.contains(&format!("第{WRONG}行")) && page.text.contains("aria-invalid"), "{}", page.text);
    assert!(!page.text.contains("沙试6"), "rows that are right aren't asked about");
    let same = sends(&desk, "/import/rows", &[]).await;
    assert_eq!(same.status, StatusCode::UNPROCESSABLE_ENTITY, "it is still wrong");
    let right = number(700 + WRONG - 2);
    let mended = sends(&desk, "/import/rows", &[(&format!("cell-{WRONG}-identity"), &right)]).await;
    assert!(is_next(&mended), "{}", mended.text);

    // What is odd is confirmed one by one; then tags are derived.
    let page = desk.shows("/import").await;
    assert!(
        page.text.contains("第11行 沙试2：与第4行姓名相同") && page.text.contains("“备注”列未采用"),
        "{}",
        page.text
    );
    assert_eq!(page.ticks("seen-").len(), 1);
    let unseen = sends(&desk, "/import/derive", &[]).await;
    assert_eq!(unseen.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(unseen.text.contains("请逐项确认"), "{}", unseen.text);
    assert!(is_next(&ticked(&desk, "/import/derive").await));
    let ready = derived(&desk).await;
    let decided_by = "评议组密封投票";
    for said in ["12人 · ", "五年 12人", "未成年 0", "已在册 1", "第5行 沙试3：此人已有措施", decided_by, "现在不签署"]
    {
        assert!(ready.text.contains(said), "{said}: {}", ready.text);
    }
    assert!(!has_hash(&visible(&ready.text)), "{}", ready.text);

    // The desk ends again; nothing is derived anew. Nobody who is listed goes unconfirmed.
    desk.quit().await;
    let desk = entered(&sandbox, SECRETARY).await;
    let unseen = sends(&desk, "/import/send", &[]).await;
    assert_eq!(unseen.status, StatusCode::UNPROCESSABLE_ENTITY);
    verified(&desk).await;
    let page = desk.shows("/import").await;
    let case = ticked(&desk, "/import/send").await.leads();
    let shown = desk.shows(&case).await;
    shown.says(&["中演协〔2026〕10号", "准备中", "沙试5", "尚未告知", "提请评议的草案", "告知第1–12人"]);
    assert!(!home(&sandbox, SECRETARY).join("secretary-1.import").exists(), "what was sent is forgotten");
    // Sent again by a second click it is sent once.
    let fields = page.fields("/import/send");
    let fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    assert!(is_next(&desk.sends("/import/send", &fields).await));
    let proposal = desk.shows(&case).await.link_below(&format!("{case}/proposals/"));
    let panel = entered(&sandbox, "panel-1").await;
    let read = panel.shows(&proposal).await.text;
    assert!(
        read.contains("沙试5") && read.contains("中演协〔2026〕10号") && read.contains("这是草案，不签署"),
        "{read}"
    );
    let today = panel.shows("/").await;
    assert_eq!(today.text.matches("提请评议：决定12项").count(), 1, "{}", today.text);
    assert!(!today.text.contains("待您阅读并签署"), "{}", today.text);

    // The next table of this kind is asked about no column.
    assert!(is_next(&gives(&desk, "批次.csv", table().as_bytes()).await));
    let fields = desk.shows("/import").await.fields("/import/columns");
    for (field, value) in &SAID[..4] {
        assert!(fields.contains(&((*field).to_owned(), (*value).to_owned())), "{field}: {fields:?}");
    }
    for file in files(&home(&sandbox, SECRETARY)) {
        let bytes = std::fs::read(file).unwrap();
        for readable in ["沙试5", &right, "直播中多次宣扬赌博"] {
            assert!(!bytes.windows(readable.len()).any(|part| part == readable.as_bytes()), "{readable} is readable");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn cells_are_pasted_a_row_is_left_out_and_all_of_it_is_discarded() {
    let sandbox = Sandbox::start(&[]).await;
    let desk = entered(&sandbox, SECRETARY).await;
    let page = desk.shows("/import").await;
    let (form, once) = (page.field("form"), page.field("once"));
    let cells = table().replace(',', "\t").replace('\n', "\r\n");
    let fields = [("form", form.as_str()), ("once", &once), ("cells", &cells)];
    assert!(is_next(&desk.uploads("/import/file", &fields, "", b"").await));
    assert!(is_next(&sends(&desk, "/import/columns", &SAID).await));
    let left = sends(&desk, "/import/rows", &[(&format!("leave-{WRONG}"), "1")]).await;
    assert!(is_next(&left), "{}", left.text);
    let page = desk.shows("/import").await;
    assert!(page.text.contains("不采用的行") && page.text.contains("共11人"), "{}", page.text);
    assert!(is_next(&sends(&desk, "/import/left-out", &[]).await));
    assert!(desk.shows("/import").await.text.contains("aria-invalid"), "it is wrong again");
    let not_sure = sends(&desk, "/import/discard", &[]).await;
    assert!(is_next(&not_sure) && home(&sandbox, SECRETARY).join("secretary-1.import").exists());
    let discarded = sends(&desk, "/import/discard", &[("sure", "1")]).await;
    assert_eq!(discarded.headers["location"], "/");
    assert!(!desk.shows("/").await.text.contains("您有未完成的导入"));

    // Where no header is known, somebody says where they are.
    assert!(is_next(&gives(&desk, "a.csv", "甲,乙,丙\n1,2,3\n".as_bytes()).await));
    assert!(desk.shows("/import").await.text.contains("表头在哪一行？"));
    assert!(is_next(&sends(&desk, "/import/header", &[("row", "1")]).await));
    let asked = desk.shows("/import").await.text;
    assert!(asked.contains("各列是什么") && asked.contains("共1行") && asked.contains(">乙</label>"), "{asked}");
    assert_eq!(sends(&desk, "/import/discard", &[("sure", "1")]).await.headers["location"], "/");

    // Whoever isn't of the secretariat isn't offered it; in English it is said in English alone.
    let panel = entered(&sandbox, "panel-1").await;
    assert!(!panel.shows("/").await.text.contains("/import"));
    let english = Opened::in_english(&home(&sandbox, SECRETARY), &["--clock", &crate::seats::clock(&sandbox)]).await;
    assert_eq!(english.unlock("secretary-1.key", crate::support::PASSPHRASE).await.status, StatusCode::SEE_OTHER);
    let sheet = table().replace("第十批主播警示名单", "Batch 10").replace("加急", "");
    let english_table = [
        "序号:no",
        "责任人姓名:presenter",
        "身份证号:cn-id number",
        "处罚:outcome",
        "经过:what happened",
        "备注:remarks",
    ]
    .iter()
    .filter_map(|pair| pair.split_once(':'))
    .fold(sheet, |sheet, (zh, en)| sheet.replace(zh, en));
    let english_table =
        english_table.replace("沙试", "Sha Shi ").replace("警示", "suspension").replace("直播中多次宣扬赌博", "x");
    assert!(is_next(&gives(&english, "batch.csv", english_table.as_bytes()).await));
    let shown = visible(&english.shows("/import").await.text).replace("中文", "");
    let is_chinese = |text: &str| text.chars().any(|c| ('\u{4e00}'..='\u{9fff}').contains(&c));
    assert!(shown.contains("What each column is") && !is_chinese(&shown), "{shown}");
    let said = [("column-2", "identity"), ("all-kind", "cn-id")];
    let lacks = sends(&english, "/import/columns", &[&SAID[..4], &said[..], &SAID[5..]].concat()).await;
    assert!(is_next(&lacks), "{}", lacks.text);
    let shown = visible(&english.shows("/import").await.text).replace("中文", "");
    assert!(shown.contains(&format!("Row {WRONG}")) && !is_chinese(&shown), "{shown}");
}
