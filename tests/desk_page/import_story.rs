//! A secretary with 批次.xlsx, 88 rows: imported, mended, drafted and sent in her browser, over a desk that ends in the middle;
//! signed on three desks; and the next one, in five clicks.

use std::path::Path;

use callboard_federation::language::Language;
use rust_xlsxwriter::Workbook;

use crate::{
    heard::{Heard, shows_nothing},
    person::{Person, Place},
    pictures::looks,
    seats::{decided_draft, does, home, ten_minutes},
    story::DRIVER,
    support::{PASSPHRASE, Sandbox, number},
};

const PEOPLE: usize = 88;
/// The first row of people, from 1, below a row of title and one of headers.
pub(crate) const FIRST: usize = 3;
/// Whose number is wrong.
pub(crate) const WRONG: usize = 17;
/// Whose term has no end.
const OPEN: usize = 40;
/// What is chosen under «Decided under».
pub(crate) const POLICY: (&str, &str) =
    ("网络表演（直播）行业主播警示自律规范 2022", "Self-discipline rules for warnings to streamers 2022");
const HEADERS: [&str; 8] = ["序号", "责任人姓名", "身份证号", "处罚", "期限", "依据条款", "经过", "报送单位"];
const FILE: &str = "表格文件（.xlsx 或 CSV，至多8MiB）";

/// A committee's own workbook: so many people, the first of them that of a number.
pub(crate) fn write(path: &Path, first: usize, people: usize, has_faults: bool) {
    let mut workbook = Workbook::new();
    let sheet = workbook.add_worksheet();
    sheet.write_string(0, 0, "第十批主播警示名单").unwrap();
    for (column, header) in (0..).zip(HEADERS) {
        sheet.write_string(1, column, header).unwrap();
    }
    for (row, person) in (2..).zip(1..=people) {
        let mut identity = number(first + person);
        if has_faults && person == WRONG {
            identity.push('0');
        }
        let term = if has_faults && person == OPEN { "长期" } else { "五年" };
        let (order, name) = (person.to_string(), format!("沙试{person}"));
        let cells = [&order, &name, &identity, "警示", term, "NB-11", "直播中多次宣扬赌博", "某平台"];
        for (column, cell) in (0..).zip(cells) {
            sheet.write_string(row, column, cell).unwrap();
        }
    }
    workbook.save(path).unwrap();
}

/// The next one: nothing is wrong, and its columns are known.
async fn next_batch(secretary: &Person, file: &Path) {
    write(file, 400, PEOPLE, false);
    secretary.go("/").await;
    secretary.clicks();
    secretary.click("导入表格起草").await;
    secretary.window.shows("用您自己的表格即可").await;
    secretary.window.fill(FILE, file.to_str().unwrap()).await;
    secretary.click("读取表格").await;
    secretary.window.shows("各列是什么").await;
    secretary.window.fill("文号（可以空白）", "中演协〔2026〕11号").await;
    secretary.click("继续").await;
    secretary.window.shows("共88人").await;
    secretary.click("生成身份代码并起草").await;
    let shown = secretary.window.shows("已起草，尚未提交").await;
    assert!(shown.contains("现在不签署"), "{shown}");
    secretary.click("提交").await;
    let shown = secretary.window.shows("告知第1–88人").await;
    assert!(shown.contains("中演协〔2026〕11号") && shown.contains("接下来：列入当事人"), "{shown}");
    let clicks = secretary.clicks();
    assert!(clicks <= 5, "{clicks}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_batch_is_imported_mended_and_signed_over_a_desk_that_is_killed_and_the_next_takes_five_clicks() {
    let Ok(driver) = std::env::var(DRIVER) else {
        return eprintln!("left out: {DRIVER} is not set; `cargo xtask test` prepares it");
    };
    let mut sandbox = Sandbox::start(&[]).await;
    let heard = Heard::default();
    let proxy = heard.before(&sandbox).await;
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("批次.xlsx");
    write(&file, 200, PEOPLE, true);
    let place = Place { sandbox: &sandbox, driver: &driver, proxy: &proxy, language: Language::Zh, size: "1280,900" };
    let mut secretary = place.seat("secretary-1").await;
    secretary.click("导入表格起草").await;
    secretary.window.shows("用您自己的表格即可").await;
    secretary.is_usable().await;
    secretary.window.fill(FILE, file.to_str().unwrap()).await;
    secretary.click("读取表格").await;
    secretary.window.shows("各列是什么").await;
    for (label, choice) in [("责任人姓名", "姓名"), ("处罚", "措施"), ("依据条款", "违规条款"), ("经过", "事实和理由")]
    {
        secretary.window.choose(label, choice).await;
    }
    secretary.window.choose("依据的规则", POLICY.0).await;
    secretary.window.fill("文号（可以空白）", "中演协〔2026〕10号").await;
    secretary.is_usable().await;
    looks(&secretary.window, "import-columns", true).await;
    secretary.click("继续").await;
    let row = FIRST + WRONG - 1;
    let shown = secretary.window.shows("需要更正的行").await;
    assert!(shown.contains(&format!("第{row}行C列")) && !shown.contains("沙试40"), "{shown}");
    secretary.is_usable().await;
    looks(&secretary.window, "import-rows", true).await;

    // Killed while a row waits to be mended, and again once it is.
    secretary.begin_again(&place, "secretary-1").await;
    secretary.click("继续导入").await;
    secretary.window.shows("需要更正的行").await;
    secretary.window.retype("证件号码", &number(200 + WRONG)).await;
    secretary.click("保存更正并重新核对").await;
    secretary.window.shows("核对并起草").await;
    secretary.begin_again(&place, "secretary-1").await;
    secretary.click("继续导入").await;
    let shown = secretary.window.shows("共88人").await;
    assert!(shown.contains("“报送单位”列未采用"), "{shown}");
    // What isn't confirmed the browser itself doesn't send.
    secretary.click("生成身份代码并起草").await;
    let ticks = secretary.confirm().await;
    assert_eq!(ticks, ["第42行 沙试40：长期（未设终止日期）"]);
    secretary.is_usable().await;
    looks(&secretary.window, "import-check", true).await;
    secretary.click("生成身份代码并起草").await;
    let shown = secretary.window.shows("已起草，尚未提交").await;
    for said in ["88人 · ", "五年 87人", "长期 1人", "未成年 0", "已在册 0"] {
        assert!(shown.contains(said), "{said}: {shown}");
    }
    secretary.is_usable().await;
    looks(&secretary.window, "import-ready", true).await;
    secretary.click("提交").await;
    let shown = secretary.window.shows("告知第1–88人").await;
    assert!(shown.contains("沙试50") && !shown.contains("沙试51"), "fifty a page: {shown}");
    secretary.is_usable().await;
    looks(&secretary.window, "case-batch", true).await;
    secretary.window.follow("下一页").await;
    secretary.window.shows("沙试88").await;
    secretary.window.follow("上一页").await;
    let link = "return [...document.querySelectorAll('a')].find(one => one.innerText.includes('提请评议的草案')).href";
    let proposal = secretary.window.find(link).await.as_str().unwrap().to_owned();
    secretary.window.go(&proposal).await;
    let shown = secretary.window.shows("88人 · ").await;
    assert!(shown.contains("沙试50") && !shown.contains("沙试51"), "{shown}");
    secretary.is_usable().await;
    secretary.window.follow("下一页").await;
    secretary.window.shows("沙试88").await;
    // The panel decides as it was drafted: how, other stories tell.
    let draft = decided_draft(&sandbox, proposal.rsplit('/').next().unwrap());
    secretary.go(&format!("/drafts/{draft}")).await;
    secretary.window.shows("尚未签署").await;
    assert!(!home(&sandbox, "secretary-1").join("secretary-1.import").exists());

    // Three desks sign it.
    let mut seats = Vec::new();
    for seat in ["panel-1", "panel-2", "chair-1"] {
        let person = place.seat(seat).await;
        person.click("决定88项").await;
        person.window.shows("88人 · ").await;
        person.confirm().await;
        person.window.fill("密码", PASSPHRASE).await;
        person.click("签署全部").await;
        person.window.shows(&format!("{seat} 已签署")).await;
        let clicks = person.clicks();
        assert!(clicks <= 3, "{clicks}");
        seats.push(person);
    }
    ten_minutes(&sandbox).await;
    secretary.window.until(secretary.root(), "已登记于第").await;
    assert!(does(&sandbox, "secretary-1", &["drafts", "--all"]).contains("logged"));
    drop(seats);

    next_batch(&secretary, &directory.path().join("批次2.xlsx")).await;
    secretary.has_no_complaint().await;

    // Nothing of it can be read from what went between the desks and the services, or from what these keep.
    drop(secretary);
    sandbox.end();
    assert!(heard.has(b"/v1/drafts") && heard.has(b"/v1/tokens"), "the traffic wasn't heard");
    let numbers = [1, WRONG, 40, PEOPLE].map(|person| number(200 + person));
    let numbers = numbers.iter().map(|number| ("a number", number.as_str()));
    let texts = [("a name", "沙试17"), ("reasons", "直播中多次宣扬赌博"), ("a letter's number", "中演协〔2026〕10号")];
    shows_nothing(&heard, &sandbox, numbers.chain(texts)).await;
}
