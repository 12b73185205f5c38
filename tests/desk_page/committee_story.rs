//! Months of a committee in real browsers, once in Chinese and once in English, each control found by what is written on
//! it: a platform joins; a lost key is replaced; next year's calendar is refused, drafted again and logged; a batch is
//! imported, mended, told of, voted on, signed on three desks and carried out by two platforms; whoever was taken for
//! somebody else is found by name, annulled and replaced; letters are printed.

use std::{fs, path::Path};

use callboard_federation::language::Language;

use crate::{
    committee_acts::{Committee, Platform, newest_docket},
    import_story::{FIRST, POLICY, WRONG, write},
    person::{GOOD, Person, Place},
    printed::{pages, without_spaces},
    seats::home,
    story::DRIVER,
    support::{PASSPHRASE, Sandbox, number, until},
};

/// What each story has done on its desks, by the labels of one language alone.
const TASKS: [&str; 21] = [
    "admit a member",
    "annul and replace",
    "change the roster",
    "find a person",
    "hand on",
    "have people told",
    "import",
    "join the registry",
    "lock",
    "log a calendar",
    "make a key",
    "mend a row",
    "print letters",
    "refuse",
    "resolve and confirm",
    "see who carried it out",
    "send",
    "sign",
    "unlock",
    "vote",
    "withdraw",
];
const PEOPLE: usize = 24;
/// The number of the first one's document.
const NUMBERS: usize = 500;
/// An order as it is pasted, but for its last day.
const ORDER: &str = "一、元旦：1月1日（周五）至3日（周日）放假，共3天。\n\
    二、春节：2月5日（农历腊月二十九、周五）至11日（周四）放假调休，共7天。1月31日（周日）上班。\n";
const LAST: &str = "2月14日（周日）上班。";

#[tokio::test(flavor = "multi_thread")]
async fn a_committee_works_for_months_in_chinese() {
    tell(Language::Zh).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_committee_works_for_months_in_english() {
    tell(Language::En).await;
}

async fn tell(language: Language) {
    let Ok(driver) = std::env::var(DRIVER) else {
        return eprintln!("left out: {DRIVER} is not set; `cargo xtask test` prepares it");
    };
    let sandbox = Sandbox::start(&["--hook"]).await;
    let place = Place { sandbox: &sandbox, driver: &driver, proxy: "", language, size: "1280,900" };
    let directory = tempfile::tempdir().unwrap();
    let committee = Committee::begin(place).await;
    let platform = admits(&committee, directory.path()).await;
    let chair = replaces_a_key(&committee, &directory.path().join("Callboard")).await;
    // Without it no window could end in it.
    logs_a_calendar(&committee, &chair).await;
    let proof = directory.path().join("回执.pdf");
    fs::write(&proof, "delivered").unwrap();
    batch(&committee, &directory.path().join("批次.xlsx"), &proof).await;
    receipts(&committee, &platform).await;
    annuls_and_replaces(&committee, &proof).await;
    prints(&committee).await;
    for person in committee.everyone().chain([&chair]) {
        person.click(committee.say("锁定", "Lock")).await;
        person.sees(committee.say("15分钟没有操作即自动锁定", "Without an act for 15 minutes")).await;
        person.has_no_complaint().await;
    }
    committee.did("lock");
    assert_eq!(committee.done(), TASKS);
}

/// The number of the batch's letters.
fn letters_number(committee: &Committee<'_>) -> &'static str {
    committee.place.language.pick("中演协〔2026〕10号", "CAPA-2026-10")
}

async fn admits(committee: &Committee<'_>, directory: &Path) -> Platform {
    let (secretary, sandbox) = (&committee.secretary, committee.place.sandbox);
    let public = Platform::move_in(sandbox, directory, "乙直播");
    secretary.click(committee.say("会员单位", "Members")).await;
    secretary.sees(committee.say("会员单位加入", "A member joins")).await;
    let file = committee.say("会员单位的公开文件", "Public file of the member");
    secretary.window.fill(file, public.to_str().unwrap()).await;
    secretary.click(committee.say("查看变化：加入", "Show what changes: it joins")).await;
    let (_, draft) = committee.sends("乙直播").await;
    let [panel, _, chair] = &committee.signers;
    for who in [panel, chair] {
        let title = committee.say("新的会员单位名单", "the new list of members");
        committee.signs(who, PASSPHRASE, title, "乙直播").await;
    }
    committee.logs(&draft).await;
    committee.did("admit a member");
    Platform::start(sandbox, directory)
}

/// A title and headers of the committee's own, and a wrong row; decided by a panel, and signed by three whom no file
/// reaches.
async fn batch(committee: &Committee<'_>, file: &Path, proof: &Path) {
    let secretary = &committee.secretary;
    write(file, NUMBERS, PEOPLE, true);
    secretary.go("/").await;
    secretary.clicks();
    secretary.click(committee.say("导入表格起草", "New batch")).await;
    secretary.sees(committee.say("用您自己的表格即可", "Your own table will do")).await;
    let label = committee.say("表格文件（.xlsx 或 CSV，至多8MiB）", "The file (.xlsx or CSV, 8 MiB at most)");
    secretary.window.fill(label, file.to_str().unwrap()).await;
    secretary.click(committee.say("读取表格", "Read the table")).await;
    secretary.sees(committee.say("各列是什么", "What each column is")).await;
    let columns = [
        ("责任人姓名", ("姓名", "names")),
        ("处罚", ("措施", "measure")),
        ("依据条款", ("违规条款", "violations")),
        ("经过", ("事实和理由", "reasons")),
    ];
    for (header, (zh, en)) in columns {
        secretary.window.choose(header, committee.say(zh, en)).await;
    }
    // The version with the new calendar is the one in force.
    let policy = committee.say(POLICY.0, POLICY.1).replace("2022", "2027");
    secretary.window.choose(committee.say("依据的规则", "Decided under"), &policy).await;
    let label = committee.say("文号（可以空白）", "Number of the letters (may be empty)");
    secretary.window.fill(label, letters_number(committee)).await;
    secretary.click(committee.say("继续", "Go on")).await;
    let shown = secretary.sees(committee.say("需要更正的行", "Rows to be mended")).await;
    let row = FIRST + WRONG - 1;
    assert!(shown.contains(&committee.say("第N行", "Row N").replace('N', &row.to_string())), "{shown}");
    let right = number(NUMBERS + WRONG);
    secretary.window.retype(committee.say("证件号码", "identity"), &right).await;
    secretary.window.click(committee.say("保存更正并重新核对", "Keep this, and look again")).await;
    secretary.sees(committee.say("核对并起草", "Look, and draft")).await;
    committee.did("mend a row");
    secretary.confirm().await;
    secretary.click(committee.say("生成身份代码并起草", "Derive tags, and draft")).await;
    let headline = committee.say("24人 · ", "24 people · ");
    secretary.sees(committee.say("已起草，尚未提交", "Drafted, and not handed on yet")).await;
    let case = committee.hands_on(headline).await;
    let clicks = secretary.clicks();
    assert!(clicks <= 5, "{clicks}, and one for the row that was mended");
    committee.did("import");
    let draft = committee.decides(&case, ("告知第1–24人", "have item 1–24 told"), proof).await;
    for who in &committee.signers {
        committee.signs(who, PASSPHRASE, committee.say("决定24项", "24 × decision"), headline).await;
    }
    committee.logs(&draft).await;
}

/// Both platforms say that it is in effect with them: one by its hook, the other by hand. The secretary sees it.
async fn receipts(committee: &Committee<'_>, platform: &Platform) {
    let secretary = &committee.secretary;
    platform.receipts(&newest_docket(committee.place.sandbox).await).await;
    secretary.click(committee.say("送达与执行进度", "How far it is with each member")).await;
    let shown = secretary.address().await;
    let acted = committee.say("已执行", "in effect");
    until(async || {
        secretary.window.go(&shown).await;
        let rows = secretary.window.find("return [...document.querySelectorAll('tr')].map(row => row.innerText)").await;
        let rows: Vec<&str> = rows.as_array().unwrap().iter().filter_map(|row| row.as_str()).collect();
        let has = |member: &str| rows.iter().any(|row| row.contains(member) && row.contains(acted));
        has("沙盒平台") && has("乙直播")
    })
    .await;
    committee.did("see who carried it out");
    secretary.go("/").await;
}

/// Whoever stands in the mended row was taken for another.
async fn annuls_and_replaces(committee: &Committee<'_>, proof: &Path) {
    let (secretary, name) = (&committee.secretary, format!("沙试{WRONG}"));
    committee.looks_up(&name, committee.say("已登记", "logged")).await;
    secretary.click(&name).await;
    let shown = secretary.sees(committee.say("查询目前状态", "Ask what stands now")).await;
    assert!(shown.contains(&number(NUMBERS + WRONG)) && shown.contains(letters_number(committee)), "{shown}");
    committee.did("find a person");
    secretary.click(committee.say("撤销并重新决定", "Annul and replace")).await;
    secretary.sees(committee.say("撤销的理由", "Why the record is annulled")).await;
    let other = number(NUMBERS + 100);
    secretary.window.retype(committee.say("证件号码 1", "Its number 1"), &other).await;
    secretary.window.retype(committee.say("姓名", "Name"), "沙试一百").await;
    let why = committee.say("认错了人", "it is somebody else");
    secretary.window.fill(committee.say("撤销的理由", "Why the record is annulled"), why).await;
    secretary.click(committee.say("起草", "Draft it")).await;
    let shown = secretary.sees(committee.say("已起草，尚未提交", "Drafted, not handed on yet")).await;
    for said in [name.as_str(), "沙试一百", why, committee.say("撤销决定书", "Annulment")] {
        assert!(shown.contains(said), "{said}: {shown}");
    }
    let case = committee.hands_on(&name).await;
    let draft = committee.decides(&case, ("告知第1人", "have item 1 told"), proof).await;
    for who in &committee.signers {
        let title = committee.say("撤销1项、决定1项", "1 × annulment, 1 × decision");
        committee.signs(who, PASSPHRASE, title, &name).await;
    }
    committee.logs(&draft).await;
    committee.looks_up("沙试一百", committee.say("已登记", "logged")).await;
    secretary.click("沙试一百").await;
    secretary.click(committee.say("查询目前状态", "Ask what stands now")).await;
    secretary.sees(committee.say("平台一律不得提供服务", "members must refuse all such service")).await;
    committee.looks_up(&name, committee.say("已登记", "logged")).await;
    secretary.click(&name).await;
    secretary.click(committee.say("查询目前状态", "Ask what stands now")).await;
    secretary.sees(committee.say("没有在效措施", "clear: ")).await;
    committee.did("annul and replace");
}

/// A chair lost its passphrase: it makes a key on its own computer, and a roster names that; its desk.
async fn replaces_a_key(committee: &Committee<'_>, own: &Path) -> Person {
    let (secretary, place) = (&committee.secretary, &committee.place);
    fs::create_dir(own).unwrap();
    let holder = place.open(own).await;
    holder.sees(committee.say("开始使用", "Your first day")).await;
    holder.click(committee.say("生成您的密钥", "Make your key")).await;
    holder.makes_key("chair-2", committee.say("主任委员", "chair")).await;
    let words = holder.check_words().await;
    committee.did("make a key");
    holder.click(committee.say("加入登记册", "join the registry")).await;
    let invitation = home(place.sandbox, "secretary-1").join("genesis.json").canonicalize().unwrap();
    holder.joins(&invitation).await;
    holder.click(committee.say("核对词相同，加入", "The words are the same: join")).await;
    holder.sees(committee.say("15分钟没有操作", "Without an act for 15 minutes")).await;
    committee.did("join the registry");
    holder.unlock(GOOD).await;
    holder.sees(committee.say("等待名单登记", "Waiting for the roster")).await;

    secretary.click(committee.say("签署权限名单", "Roster")).await;
    secretary.click(committee.say("更改名单", "Change the roster")).await;
    secretary.sees(committee.say("所列更改", "What is to change")).await;
    secretary.click(committee.say("密钥丢失，更换密钥", "A key is lost")).await;
    let file = own.join("chair-2.pub.json").canonicalize().unwrap();
    let label = committee.say("新密钥的公开文件", "Public file of the new key");
    secretary.window.fill(label, file.to_str().unwrap()).await;
    secretary.click(committee.say("列入：更换密钥", "List: the new key")).await;
    secretary.sees(&words).await;
    secretary.click(committee.say("查看变化", "Show what changes")).await;
    let (confirmed, draft) = committee.sends(&words).await;
    assert!(confirmed.len() == 1 && confirmed[0].contains(&words), "{confirmed:?}");
    let [panel, _, chair] = &committee.signers;
    for who in [panel, chair] {
        let title = committee.say("新的签署权限名单", "the new roster");
        committee.signs(who, PASSPHRASE, title, &words).await;
    }
    committee.logs(&draft).await;
    let second = committee.say("签署权限名单 · 第2版", "Roster · 2");
    secretary.window.until(&format!("{}/roster", secretary.root()), second).await;
    holder.window.until(holder.root(), committee.say("待您处理", "Waits for you")).await;
    committee.did("change the roster");
    holder
}

/// Next year's days, of which one is left out: refused, withdrawn, drafted again, signed with the new key too.
async fn logs_a_calendar(committee: &Committee<'_>, chair: &Person) {
    let (secretary, title) = (&committee.secretary, committee.say("新的规则", "the new policy"));
    let shows = "2022 → 2027";
    let draft = drafts_a_calendar(committee, ORDER).await;
    let [panel, other, _] = &committee.signers;
    other.window.until(other.root(), title).await;
    other.click(title).await;
    other.sees(shows).await;
    let why = committee.say("缺少2月14日上班", "14 February is missing");
    other.window.fill(committee.say("拒签的理由", "Why you don't sign"), why).await;
    other.click(committee.say("拒绝签署", "Refuse to sign")).await;
    other.sees(committee.say("panel-2 拒绝签署", "panel-2 refused")).await;
    committee.did("refuse");
    let refused = committee.say("有人拒绝签署", "somebody refused to sign");
    secretary.window.until(secretary.root(), refused).await;
    secretary.click(title).await;
    secretary.sees(why).await;
    secretary.click(committee.say("撤回整份待签文书？", "Withdraw the whole draft?")).await;
    secretary.click(committee.say("撤回", "Withdraw")).await;
    secretary.window.until(&draft, committee.say("已撤回", "withdrawn")).await;
    committee.did("withdraw");

    let draft = drafts_a_calendar(committee, &format!("{ORDER}{LAST}")).await;
    committee.signs(panel, PASSPHRASE, title, shows).await;
    committee.signs(chair, GOOD, title, shows).await;
    committee.logs(&draft).await;
    let policies = format!("{}/policies", secretary.root());
    let holidays = committee.say(
        "节假日： 网络表演（直播）行业主播警示自律规范 · 2027",
        "Holidays: Self-discipline rules for warnings to streamers · 2027",
    );
    secretary.window.until(&policies, holidays).await;
    secretary.click(holidays).await;
    secretary.sees(committee.say("2027年1月31日、2027年2月14日", "31 January 2027, 14 February 2027")).await;
    committee.did("log a calendar");
}

async fn drafts_a_calendar(committee: &Committee<'_>, order: &str) -> String {
    let secretary = &committee.secretary;
    secretary.click(committee.say("规则", "Policies")).await;
    secretary.sees(committee.say("补入下一年的工作日历", "Next year's calendar")).await;
    // All instruments have the year, but for those that are left out.
    let others = [
        ("网络表演（直播）行业主播警示自律规范 · 1", "Self-discipline rules for warnings to streamers · 1"),
        ("演出行业演艺人员从业自律管理办法（试行） · 2021", "Self-discipline rule for performers (trial) · 2021"),
    ];
    for (zh, en) in others {
        secretary.click(committee.say(zh, en)).await;
    }
    let days = committee.say(
        "放假日期：粘贴国务院办公厅通知的原文，或者逐行填写",
        "Days off: paste the State Council's order as it is, or write them line by line",
    );
    secretary.window.fill(days, order).await;
    let source = committee.say("出处：通知的名称和文号", "Source: the order's title and number");
    secretary.window.fill(source, "国办发明电〔2026〕1号").await;
    secretary.click(committee.say("查看变化：工作日历", "Show what changes: the calendar")).await;
    committee.sends("2022 → 2027").await.1
}

/// The batch's letters, as they come out of the printer.
async fn prints(committee: &Committee<'_>) {
    let (secretary, number) = (&committee.secretary, letters_number(committee));
    committee.looks_up(number, committee.say("已登记", "logged")).await;
    secretary.click(number).await;
    secretary.sees_people("沙试24").await;
    secretary.click(committee.say("打印", "On paper")).await;
    secretary.sees(committee.say("签署页", "Sheet for signatures")).await;
    secretary.click(committee.say("第1–20份", "Letters 1–20")).await;
    secretary.sees_people("沙试20").await;
    let pages = pages(&secretary.window).await;
    assert_eq!(pages.len(), 20, "each on a page of its own");
    for (at, page) in (1..).zip(&pages) {
        let name = format!("沙试{at}");
        let measure = committee.say("警示（停止直播服务）", "warning: suspension of live service");
        for said in [name.as_str(), number, measure, "直播中多次宣扬赌博", "NB-11"] {
            assert!(page.contains(&without_spaces(said)), "{said}: {page}");
        }
    }
    committee.did("print letters");
}
