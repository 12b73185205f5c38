//! Signing on a page: nothing is signed that wasn't confirmed, and nothing twice.

use reqwest::StatusCode;

use crate::{
    desk::{Opened, Page},
    seats::{COLUMNS, clock, does, entered, home, send, ten_minutes},
    support::{PASSPHRASE, Sandbox, number},
};

const REASONS: &str = "直播中多次宣扬赌博";

/// Two people, of whom one is barred.
fn rows(first: usize) -> String {
    let row = |at, name: &str, rest: &str| format!("cn-id,{},{name},{rest},NB-11,{REASONS}\n", number(at));
    row(first, "赵试一", "suspension,live,5年") + &row(first + 1, "钱试二", "bar,live,永久")
}

/// Whether the secretary reads that a seat has signed.
fn is_signed(sandbox: &Sandbox, draft: &str, seat: &str) -> bool {
    let told = does(sandbox, "secretary-1", &["drafts", "open", draft]);
    told.contains(&format!("{seat}  signed"))
}

/// The fields of a page's form to sign, with the passphrase and these ticks.
fn fields<'a>(form: &'a [(String, String)], ticks: &'a [&'a str], passphrase: &'a str) -> Vec<(&'a str, &'a str)> {
    let hidden = form.iter().map(|(name, value)| (name.as_str(), value.as_str()));
    hidden.chain(ticks.iter().map(|tick| (*tick, "1"))).chain([("passphrase", passphrase)]).collect()
}

fn hidden(page: &Page, action: &str) -> Vec<(String, String)> {
    let form = page.form(action);
    ["form", "once", "reading"].map(|name| (name.to_owned(), form.field(name))).into()
}

fn ticks(page: &Page, action: &str) -> Vec<String> {
    let form = page.form(action).text;
    form.split("name=\"")
        .filter(|part| part.starts_with("seen-"))
        .map(|part| part.split('"').next().unwrap().to_owned())
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_not_confirmed_is_not_signed_and_a_form_that_is_sent_twice_signs_once() {
    let sandbox = Sandbox::start(&[]).await;
    let draft = send(&sandbox, "batch", &rows(1));
    let desk = entered(&sandbox, "panel-1").await;

    // What waits is told without a hash, an id or a time in UTC.
    let today = desk.shows("/").await.text;
    for said in ["待您阅读并签署", "尚未签署：", "secretary-1", "还有13天可以登记", "北京时间", "测试环境"]
    {
        assert!(today.contains(said), "{said}: {today}");
    }
    let shown = visible(&today);
    assert!(!shown.contains(&draft) && !shown.contains("Z ") && !has_hash(&shown), "{shown}");

    let (url, action) = (format!("/drafts/{draft}"), format!("/drafts/{draft}/sign"));
    let page = desk.shows(&url).await;
    for said in ["2人 · ", "未成年 0", "已在册 0", "未设终止日期", "钱试二", REASONS, "<details>"] {
        assert!(page.text.contains(said), "{said}: {}", page.text);
    }
    assert!(!has_hash(visible(&page.text).split("文书 1").next().unwrap()), "{}", page.text);
    let ticks = ticks(&page, &action);
    assert!(ticks.len() >= 2, "the bar and its open term, each by itself: {}", page.text);
    let ticks: Vec<&str> = ticks.iter().map(String::as_str).collect();
    let form = hidden(&page, &action);

    // Not all confirmed, another passphrase, another reading, no word of the form: each signs nothing.
    for leave in 0..ticks.len() {
        let some: Vec<&str> = ticks.iter().enumerate().filter(|(at, _)| *at != leave).map(|(_, tick)| *tick).collect();
        let told = desk.sends(&action, &fields(&form, &some, PASSPHRASE)).await;
        assert_eq!(told.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(told.text.contains("请逐项确认") && told.text.contains(" checked"), "{}", told.text);
    }
    let told = desk.sends(&action, &fields(&form, &ticks, "wrong one")).await;
    assert!(told.text.contains(">密码不正确<"), "{}", told.text);
    let altered = |field: &str| {
        let change = |(name, value): &(String, String)| {
            (name.clone(), if name == field { "0".repeat(64) } else { value.clone() })
        };
        form.iter().map(change).collect::<Vec<_>>()
    };
    let told = desk.sends(&action, &fields(&altered("reading"), &ticks, PASSPHRASE)).await;
    assert!(told.text.contains("请重新阅读"), "{}", told.text);
    let told = desk.sends(&action, &fields(&altered("form"), &ticks, PASSPHRASE)).await;
    assert_eq!(told.status, StatusCode::FORBIDDEN);
    let foreign = desk.post(&action, &fields(&form, &ticks, PASSPHRASE)).header("origin", "http://attacker.example");
    assert_eq!(desk.sent(foreign).await.status, StatusCode::FORBIDDEN);
    assert!(!is_signed(&sandbox, &draft, "panel-1"));

    // Signed, and sent again by a second click: at once, and later.
    let right = fields(&form, &ticks, PASSPHRASE);
    let (first, second) = tokio::join!(desk.sends(&action, &right), desk.sends(&action, &right));
    assert_eq!((first.status, second.status), (StatusCode::SEE_OTHER, StatusCode::SEE_OTHER), "{}", second.text);
    assert_eq!(desk.sends(&action, &right).await.status, StatusCode::SEE_OTHER);
    let told = does(&sandbox, "secretary-1", &["drafts", "open", &draft]);
    assert_eq!(told.matches("panel-1  signed").count(), 1, "{told}");
    assert!(!desk.shows(&url).await.text.contains(&format!("action=\"{action}\"")), "it has signed");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_question_is_asked_once_and_each_act_does_what_it_says_in_either_language() {
    let sandbox = Sandbox::start(&[]).await;
    let draft = send(&sandbox, "batch", &rows(1));
    let (url, action) = (format!("/drafts/{draft}"), format!("/drafts/{draft}/sign"));
    let desk = entered(&sandbox, "panel-1").await;
    let page = desk.shows(&url).await;
    let ask = format!("{url}/ask");
    let form = page.form(&ask);
    let (word, once) = (form.field("form"), form.field("once"));
    let question = [("form", word.as_str()), ("once", &once), ("text", "是否经当事人辨认？")];
    for _ in 0..2 {
        assert_eq!(desk.sends(&ask, &question).await.status, StatusCode::SEE_OTHER);
    }
    let told = does(&sandbox, "secretary-1", &["drafts", "open", &draft]);
    assert_eq!(told.matches("是否经当事人辨认？").count(), 1, "{told}");
    let empty = [("form", word.as_str()), ("once", "2"), ("text", " ")];
    assert_eq!(desk.sends(&ask, &empty).await.status, StatusCode::UNPROCESSABLE_ENTITY);

    // In another seat's English the same is said in English alone; its drafter is told, and replies.
    let english = Opened::in_english(&home(&sandbox, "panel-2"), &["--clock", &clock(&sandbox)]).await;
    assert!(english.shows("/").await.text.contains(">Passphrase</label>"));
    assert_eq!(english.unlock("panel-2.key", PASSPHRASE).await.status, StatusCode::SEE_OTHER);
    let today = visible(&english.shows("/").await.text);
    assert!(today.contains("for you to read and sign") && today.contains("13 days left"), "{today}");
    assert!(!today.chars().any(|c| ('\u{4e00}'..='\u{9fff}').contains(&c)), "{today}");
    let shown = english.shows(&url).await.text;
    assert!(
        shown.contains("2 people · ") && shown.contains("no end date") && shown.contains("Sign all of it"),
        "{shown}"
    );
    let drafter = entered(&sandbox, "secretary-1").await;
    assert!(drafter.shows("/").await.text.contains("有人提问，待您回复"));
    let reply = format!("{url}/reply");
    let page = drafter.shows(&url).await;
    assert!(page.text.contains("是否经当事人辨认？") && !page.text.contains(&action), "{}", page.text);
    let form = page.form(&reply);
    let sent = [("form", form.field("form")), ("once", form.field("once")), ("text", "经辨认。".to_owned())];
    let sent = sent.each_ref().map(|(name, value)| (*name, value.as_str()));
    assert_eq!(drafter.sends(&reply, &sent).await.status, StatusCode::SEE_OTHER);
    assert!(desk.shows(&url).await.text.contains("经辨认。"));
    assert!(desk.shows("/").await.text.contains("您的提问已有回复"));

    // A stop and its end, a withdrawal that wasn't meant and one that was.
    let act = async |act: &str, more: &[(&str, &str)]| {
        let form = desk.shows(&url).await.field("once");
        let fields: Vec<_> =
            [("form", word.as_str()), ("once", form.as_str())].into_iter().chain(more.iter().copied()).collect();
        desk.sends(&format!("{url}/{act}"), &fields).await.status
    };
    assert_eq!(act("stop", &[]).await, StatusCode::SEE_OTHER);
    assert!(desk.shows(&url).await.text.contains("撤回叫停"));
    let another = act("withdraw", &[("sure", "1"), ("taken", "撤回签名？")]).await;
    assert_eq!(another, StatusCode::UNPROCESSABLE_ENTITY, "what stands is a stop");
    assert_eq!(act("withdraw", &[("sure", "1"), ("taken", "撤回叫停？")]).await, StatusCode::SEE_OTHER);
    assert_eq!(act("refuse", &[("text", "与当事人相识")]).await, StatusCode::SEE_OTHER);
    assert_eq!(act("withdraw", &[]).await, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(!desk.shows(&url).await.text.contains(&format!("action=\"{action}\"")), "the refusal stands");
    assert!(drafter.shows("/").await.text.contains("有人拒绝签署"));
    assert_eq!(act("withdraw", &[("sure", "1"), ("taken", "撤回拒签？")]).await, StatusCode::SEE_OTHER);
    assert!(desk.shows(&url).await.text.contains(&format!("action=\"{action}\"")), "it can be signed now");
    assert!(does(&sandbox, "secretary-1", &["drafts", "open", &draft]).contains("与当事人相识"));
    assert_eq!(act("none", &[]).await, StatusCode::NOT_FOUND);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_withdrawn_meanwhile_is_not_signed_and_a_registry_that_is_gone_is_told() {
    let mut sandbox = Sandbox::start(&[]).await;
    let desk = entered(&sandbox, "panel-1").await;
    let withdrawn = send(&sandbox, "second", &rows(3));
    let (url, action) = (format!("/drafts/{withdrawn}"), format!("/drafts/{withdrawn}/sign"));
    let page = desk.shows(&url).await;
    let form = hidden(&page, &action);
    let names = ticks(&page, &action);
    let ticks: Vec<&str> = names.iter().map(String::as_str).collect();
    does(&sandbox, "secretary-1", &["drafts", "withdraw", &withdrawn, "--yes"]);
    let told = desk.sends(&action, &fields(&form, &ticks, PASSPHRASE)).await;
    assert!(told.status == StatusCode::BAD_GATEWAY && told.text.contains("未完成"), "{}", told.text);
    assert!(desk.shows(&url).await.text.contains("已撤回"));
    let last = send(&sandbox, "third", &rows(5));
    let action = format!("/drafts/{last}/sign");
    let form = hidden(&desk.shows(&format!("/drafts/{last}")).await, &action);
    ten_minutes(&sandbox).await;
    sandbox.end();
    let told = desk.sends(&action, &fields(&form, &ticks, PASSPHRASE)).await;
    assert!(told.status == StatusCode::BAD_GATEWAY && told.text.contains("未完成"), "{}", told.text);
    assert!(desk.shows("/none").await.text.contains("panel-1"), "the desk is open still");
}

#[tokio::test(flavor = "multi_thread")]
async fn whose_record_is_not_shown_is_typed_before_it_is_signed() {
    let (sandbox, secretary) = (Sandbox::start(&[]).await, "secretary-1");
    let record = sandbox.decide(format!("{COLUMNS}\n{}", rows(1))).await.remove(0);
    home(&sandbox, secretary);
    does(&sandbox, secretary, &["draft", "dispute", &record, "--out", "dispute.bundle"]);
    let sent = does(&sandbox, secretary, &["drafts", "send", "dispute.bundle"]);
    let draft = sent.split_whitespace().find(|word| word.len() == 36).unwrap();
    let asked = sent.split_once("asked to sign: ").unwrap().1.split([',', '\n']).next().unwrap();
    let desk = entered(&sandbox, asked).await;
    let (url, action) = (format!("/drafts/{draft}"), format!("/drafts/{draft}/sign"));
    let page = desk.shows(&url).await;
    assert!(page.text.contains("<label for=\"end-1\">") && page.text.contains("请输入其末八位"), "{}", page.text);
    let (form, names) = (hidden(&page, &action), ticks(&page, &action));
    let ticks: Vec<&str> = names.iter().map(String::as_str).collect();
    let with = |end| [fields(&form, &ticks, PASSPHRASE), vec![("end-1", end)]].concat();
    for wrong in ["", "00000000", &record] {
        let told = desk.sends(&action, &with(wrong)).await;
        assert_eq!(told.status, StatusCode::UNPROCESSABLE_ENTITY, "{wrong}");
        assert!(told.text.contains("末八位不符"), "{}", told.text);
    }
    assert!(!is_signed(&sandbox, draft, asked));
    assert_eq!(desk.sends(&action, &with(&record[record.len() - 8..])).await.status, StatusCode::SEE_OTHER);
    assert!(is_signed(&sandbox, draft, asked));
}

/// The text of a page between its tags.
fn visible(page: &str) -> String {
    page.split('<').filter_map(|part| part.split_once('>')).map(|(_, text)| text).collect()
}

/// Whether a run of hexadecimal digits stands in it, as hashes and ids have.
fn has_hash(text: &str) -> bool {
    text.split(|c: char| !c.is_ascii_hexdigit()).any(|run| run.len() >= 12)
}
