//! A secretary with 批次.xlsx, 88 rows: imported, mended, drafted and sent in her browser, over a desk that ends in the middle;
//! signed on three desks; and the next one, in five clicks.

use std::{cell::Cell, path::Path};

use rust_xlsxwriter::Workbook;

use crate::{
    heard::{Heard, shows_nothing},
    import::POLICY,
    pictures::looks,
    seats::{does, home, ten_minutes},
    story::{DRIVER, root, start_behind},
    support::{PASSPHRASE, Sandbox, number, ports},
    webdriver::{Ends, Window},
};

const PEOPLE: usize = 88;
/// The first row of people, from 1, below a row of title and one of headers.
const FIRST: usize = 3;
/// Whose number is wrong.
const WRONG: usize = 17;
const HEADERS: [&str; 8] = ["序号", "责任人姓名", "身份证号", "处罚", "期限", "依据条款", "经过", "报送单位"];
const FILE: &str = "表格文件（.xlsx 或 CSV，至多8MiB）";

fn write(path: &Path, first: usize, has_faults: bool) {
    let mut workbook = Workbook::new();
    let sheet = workbook.add_worksheet();
    sheet.write_string(0, 0, "第十批主播警示名单").unwrap();
    for (column, header) in (0..).zip(HEADERS) {
        sheet.write_string(1, column, header).unwrap();
    }
    for (row, person) in (2..).zip(1..=PEOPLE) {
        let mut identity = number(first + person);
        if has_faults && person == WRONG {
            identity.push('0');
        }
        let term = if has_faults && person == 40 { "长期" } else { "五年" };
        let (order, name) = (person.to_string(), format!("沙试{person}"));
        let cells = [&order, &name, &identity, "警示", term, "NB-11", "直播中多次宣扬赌博", "某平台"];
        for (column, cell) in (0..).zip(cells) {
            sheet.write_string(row, column, cell).unwrap();
        }
    }
    workbook.save(path).unwrap();
}

/// A seat's window, which counts what is clicked.
struct Person {
    process: Option<Ends>,
    url: String,
    window: Window,
    clicks: Cell<usize>,
}

impl Person {
    async fn begin(sandbox: &Sandbox, driver: &str, seat: &str, proxy: &str) -> Self {
        let (process, url) = start_behind(sandbox, seat, proxy);
        let window = Window::open(driver, ports::free_ports(1), "1280,900", &[]).await;
        let person = Self { process: Some(process), url, window, clicks: Cell::new(0) };
        person.enter().await;
        person
    }

    async fn enter(&self) {
        self.window.go(&self.url).await;
        self.window.fill("密码", PASSPHRASE).await;
        self.window.click("解锁").await;
        self.window.shows("待您处理").await;
    }

    /// The desk is killed, and started again.
    async fn begin_again(&mut self, sandbox: &Sandbox, seat: &str, proxy: &str) {
        if let Some(mut process) = self.process.take() {
            process.0.kill().unwrap();
        }
        let (process, url) = start_behind(sandbox, seat, proxy);
        (self.process, self.url) = (Some(process), url);
        self.enter().await;
    }

    async fn click(&self, label: &str) {
        self.clicks.set(self.clicks.get() + 1);
        self.window.click(label).await;
    }

    /// Ticks each point; how many there were.
    async fn confirm(&self) -> Vec<String> {
        let ticks = self.window.ticks().await;
        for tick in &ticks {
            self.window.click(tick).await;
        }
        ticks
    }

    async fn is_usable(&self) {
        assert_eq!(self.window.nameless().await, serde_json::json!([]));
        assert_eq!(self.window.find("return document.documentElement.scrollWidth <= window.innerWidth").await, true);
        let length = self.window.find("return document.documentElement.outerHTML.length").await;
        assert!(length.as_u64().unwrap() < 100_000, "{length}");
    }
}

/// The next one: nothing is wrong, and its columns are known.
async fn next_batch(secretary: &Person, file: &Path) {
    write(file, 400, false);
    secretary.window.go(&root(&secretary.url)).await;
    secretary.clicks.set(0);
    secretary.click("导入表格起草").await;
    secretary.window.shows("用您自己的表格即可").await;
    secretary.window.fill(FILE, file.to_str().unwrap()).await;
    secretary.click("读取表格").await;
    secretary.window.shows("各列是什么").await;
    secretary.window.fill("文号（可以空白）", "中演协〔2026〕11号").await;
    secretary.click("继续").await;
    secretary.window.shows("共88人").await;
    secretary.click("生成身份代码并起草").await;
    secretary.window.shows("已起草，尚未发送").await;
    secretary.click("发送给签署人").await;
    secretary.window.shows("尚未签署").await;
    assert!(secretary.clicks.get() <= 5, "{}", secretary.clicks.get());
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
    write(&file, 200, true);
    let mut secretary = Person::begin(&sandbox, &driver, "secretary-1", &proxy).await;
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
    let policies = "return [...document.getElementById('policy').options].find(one => one.value === arguments[0]).text";
    let policies = policies.replace("arguments[0]", &format!("'{POLICY}'"));
    let policy = secretary.window.find(&policies).await;
    secretary.window.choose("依据的规则", policy.as_str().unwrap()).await;
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
    secretary.begin_again(&sandbox, "secretary-1", &proxy).await;
    secretary.click("继续导入").await;
    secretary.window.shows("需要更正的行").await;
    secretary.window.retype("证件号码", &number(200 + WRONG)).await;
    secretary.click("保存更正并重新核对").await;
    secretary.window.shows("核对并起草").await;
    secretary.begin_again(&sandbox, "secretary-1", &proxy).await;
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
    let shown = secretary.window.shows("已起草，尚未发送").await;
    for said in ["88人 · ", "五年 87人", "长期 1人", "未成年 0", "已在册 0"] {
        assert!(shown.contains(said), "{said}: {shown}");
    }
    secretary.is_usable().await;
    looks(&secretary.window, "import-ready", true).await;
    secretary.click("发送给签署人").await;
    secretary.window.shows("尚未签署").await;
    assert!(!home(&sandbox, "secretary-1").join("secretary-1.import").exists());

    // Three desks sign it.
    let mut seats = Vec::new();
    for seat in ["panel-1", "panel-2", "chair-1"] {
        let person = Person::begin(&sandbox, &driver, seat, &proxy).await;
        let title = person.window.find("return document.querySelector('h3 a').innerText").await;
        person.click(title.as_str().unwrap()).await;
        person.window.shows("88人 · ").await;
        person.confirm().await;
        person.window.fill("密码", PASSPHRASE).await;
        person.click("签署全部").await;
        person.window.shows(&format!("{seat} 已签署")).await;
        assert!(person.clicks.get() <= 3, "{}", person.clicks.get());
        seats.push(person);
    }
    ten_minutes(&sandbox).await;
    secretary.window.until(&root(&secretary.url), "已登记于第").await;
    assert!(does(&sandbox, "secretary-1", &["drafts", "--all"]).contains("logged"));
    drop(seats);

    next_batch(&secretary, &directory.path().join("批次2.xlsx")).await;
    let said = secretary.window.complaints().await;
    assert!(!said.iter().any(|line| line.contains("Content Security Policy")), "{said:?}");

    // Nothing of it can be read from what went between the desks and the services, or from what these keep.
    drop(secretary);
    sandbox.end();
    assert!(heard.has(b"/v1/drafts") && heard.has(b"/v1/tokens"), "the traffic wasn't heard");
    let numbers = [1, WRONG, 40, PEOPLE].map(|person| number(200 + person));
    let numbers = numbers.iter().map(|number| ("a number", number.as_str()));
    let texts = [("a name", "沙试17"), ("reasons", "直播中多次宣扬赌博"), ("a letter's number", "中演协〔2026〕10号")];
    shows_nothing(&heard, &sandbox, numbers.chain(texts)).await;
}
