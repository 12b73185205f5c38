//! Policies on pages: next year's calendar from the State Council's order, to the log; other versions, and what is refused.

use crate::{
    desk::{Opened, Page},
    drafted::{comes_to_say, is_technical, logged, send, sign},
    seats::entered,
    support::{Sandbox, until},
};

/// An order as it is pasted.
const ORDER: &str = "一、元旦：1月1日（周五）至3日（周日）放假，共3天。\n\
    二、春节：2月5日（农历腊月二十九、周五）至11日（周四）放假调休，共7天。1月31日（周日）、2月14日（周日）上班。\n";

async fn propose(desk: &Opened, fields: &[(&str, &str)]) -> Page {
    desk.fills("/policies", "/policies/propose", fields).await
}

async fn desk_fills(desk: &Opened, page: &str, fields: &[(&str, &str)]) -> Page {
    desk.fills(page, "/policies/propose", fields).await
}

fn calendar<'a>(off: &'a str, version: &'a str) -> [(&'a str, &'a str); 8] {
    [
        ("what", "calendar"),
        ("instrument", "streamer-warning-rules"),
        ("year", "2027"),
        ("off", off),
        ("worked", ""),
        ("source", "国办发明电〔2026〕1号"),
        ("version", version),
        ("from", "2026-12-01"),
    ]
}

/// Has a version 2027 of the streamers' rules logged, which says otherwise in these places, and knows the years to come.
pub(crate) async fn logs_version(sandbox: &Sandbox, changes: &[(&str, &str)]) {
    let shipped = callboard_rules::policies::find("streamer-warning-rules", "2022").unwrap();
    let years = ["2027", "2028"]
        .map(|year| format!("[decide.calendar.years.{year}]\nmark = \"U\"\noff = [\"{year}-01-01\"]\nworked = []\n"));
    let mut text = format!("{}\n{}", shipped.text, years.concat());
    let newer = [
        ("version = \"2022\"", "version = \"2027\""),
        ("effectiveFrom = \"2022-02-28T", "effectiveFrom = \"2023-02-28T"),
    ];
    for (before, after) in [&newer, changes].concat() {
        assert_eq!(text.matches(before).count(), 1, "{before}");
        text = text.replace(before, after);
    }
    let (secretary, panel) = (entered(sandbox, "secretary-1").await, entered(sandbox, "panel-1").await);
    let chair = entered(sandbox, "chair-1").await;
    assert_eq!(propose(&secretary, &[("what", "document"), ("text", &text)]).await.leads(), "/proposal");
    let url = send(&secretary).await;
    for desk in [&panel, &chair] {
        sign(desk, &url).await;
    }
    logged(sandbox, &chair, &url).await;
    // Each home is one desk's at a time.
    for desk in [secretary, panel, chair] {
        desk.quit().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn next_years_calendar_is_pasted_shown_signed_and_logged() {
    let sandbox = Sandbox::start(&[]).await;
    let (secretary, panel) = (entered(&sandbox, "secretary-1").await, entered(&sandbox, "panel-1").await);
    let chair = entered(&sandbox, "chair-1").await;
    let page = secretary.shows("/policies").await;
    page.says(&["已登记的规则", "2022", "（最新）", "放假：", "value=\"2027\""]);
    assert!(!is_technical(&page), "{}", page.text);

    let wrong = propose(&secretary, &calendar("1月1日（周六）", "2027")).await;
    wrong.refused("2027年1月1日不是星期六");
    wrong.says(&[">1月1日（周六）</textarea>", "国办发明电〔2026〕1号"]);
    propose(&secretary, &calendar("1月1日至3", "2027")).await.refused("看不懂");
    propose(&secretary, &calendar("", "2027")).await.refused("请填写2027年的放假日期");
    propose(&secretary, &calendar(ORDER, "2022")).await.refused("已经登记");
    assert_eq!(propose(&secretary, &calendar(ORDER, "2027")).await.leads(), "/proposal");
    let shown = secretary.shows("/proposal").await;
    shown.says(&["现行2022版", "2022 → 2027", "工作日历", "放假", "2027-02-05/2027-02-11", "2027-01-31", "国办发明电"]);
    assert!(!is_technical(&shown), "{}", shown.text);
    let url = send(&secretary).await;
    for desk in [&panel, &chair] {
        let read = sign(desk, &url).await;
        read.says(&["2027-02-05/2027-02-11"]);
        assert!(!is_technical(&read), "{}", read.text);
    }
    logged(&sandbox, &chair, &url).await;
    let logged = ["2027年2月5日至2027年2月11日", "2027年1月31日", "value=\"2028\""];
    comes_to_say(&secretary, "/policies", &logged).await;

    // Other words are a version of their own, and nothing else changes.
    let page = "/policies/words/streamer-warning-rules";
    let words = secretary.shows(page).await;
    words.says(&["更改用语", "警示 · 中文"]);
    let value = |name: &str| {
        let (_, rest) = words.text.split_once(&format!("name=\"{name}\"")).unwrap();
        rest.split_once("value=\"").unwrap().1.split('"').next().unwrap().to_owned()
    };
    let names = ["title", "notice", "warning", "restriction", "suspension", "bar"];
    let mut fields = vec![("what".to_owned(), "words".to_owned())];
    fields.push(("instrument".to_owned(), "streamer-warning-rules".to_owned()));
    for name in names.iter().filter(|name| words.text.contains(&format!("name=\"{name}-zh\""))) {
        for language in ["zh", "en"] {
            let name = format!("{name}-{language}");
            fields.push((name.clone(), value(&name)));
        }
    }
    fields.extend(
        [("version", "2027-2"), ("from", "2026-12-02")].map(|(name, value)| (name.to_owned(), value.to_owned())),
    );
    let propose_words = async |change: &[(&str, &str)]| {
        let of = |name: &str| change.iter().find(|(of, _)| *of == name).map(|(_, value)| *value);
        let fields: Vec<_> =
            fields.iter().map(|(name, value)| (name.as_str(), of(name).unwrap_or(value.as_str()))).collect();
        desk_fills(&secretary, page, &fields).await
    };
    propose_words(&[("bar-zh", " ")]).await.refused("每一项都须写明中文和英文");
    let wrong = propose_words(&[("bar-zh", "永久封禁"), ("version", "")]).await;
    wrong.refused("请填写版本号");
    wrong.says(&["value=\"永久封禁\""]);
    assert_eq!(propose_words(&[("bar-zh", "永久封禁")]).await.leads(), "/proposal");
    let shown = secretary.shows("/proposal").await;
    shown.says(&["措施用语 · 永久抵制 · 中文：永久抵制 → 永久封禁", "与现行2027版相比，有3处变化"]);

    let document = |text: &str| [("what", "document"), ("text", text)].map(|(name, value)| (name, value.to_owned()));
    for (text, why) in [("", "请选择或者粘贴规则文件"), ("这不是规则", "不是规则的源文件"), ("{}", "格式")]
    {
        let fields = document(text);
        let fields = fields.each_ref().map(|(name, value)| (*name, value.as_str()));
        propose(&secretary, &fields).await.refused(why);
    }
    propose(&secretary, &[("what", "shipped"), ("policy", "none/1")]).await.refused("没有规则");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_years_calendar_goes_to_all_instruments_in_one_docket() {
    let sandbox = Sandbox::start(&[]).await;
    let (secretary, panel) = (entered(&sandbox, "secretary-1").await, entered(&sandbox, "panel-1").await);
    let chair = entered(&sandbox, "chair-1").await;
    let form = secretary.shows("/policies").await.form("/policies/propose");
    let instruments: Vec<&str> = form.text.split("name=\"instrument\" value=\"").skip(1).collect();
    let instruments: Vec<&str> = instruments.iter().map(|rest| rest.split('"').next().unwrap()).collect();
    assert!(instruments.len() >= 2 && form.text.matches(" checked").count() == instruments.len(), "{}", form.text);
    let with = |chosen: &[&'static str]| {
        let others = calendar(ORDER, "2027").into_iter().filter(|(name, _)| *name != "instrument");
        others.chain(chosen.iter().map(|instrument| ("instrument", *instrument))).collect::<Vec<_>>()
    };
    propose(&secretary, &with(&[])).await.refused("请至少选择一项规则");
    let wrong = propose(&secretary, &with(&["performers-self-discipline", "nothing"])).await;
    wrong.refused("登记册中没有这项规则");
    assert_eq!(wrong.form("/policies/propose").text.matches(" checked").count(), 1, "what was left out stays out");

    let both = ["performers-self-discipline", "streamer-warning-rules"];
    assert_eq!(propose(&secretary, &with(&both)).await.leads(), "/proposal");
    let shown = secretary.shows("/proposal").await;
    assert_eq!(shown.text.matches("2027-02-05/2027-02-11").count(), both.len(), "{}", shown.text);
    let url = send(&secretary).await;
    for desk in [&panel, &chair] {
        let read = sign(desk, &url).await;
        assert_eq!(read.text.matches("class=\"difference\"").count(), both.len(), "{}", read.text);
        assert!(read.ticks("seen-").is_empty(), "a calendar lifts nothing: {}", read.text);
    }
    logged(&sandbox, &chair, &url).await;
    until(async || {
        secretary.shows("/policies").await.text.matches("2027年2月5日至2027年2月11日").count() == both.len()
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_policy_that_asks_less_is_signed_once_each_point_is_ticked() {
    let sandbox = Sandbox::start(&[]).await;
    let (secretary, panel) = (entered(&sandbox, "secretary-1").await, entered(&sandbox, "panel-1").await);
    let shipped = callboard_rules::policies::find("streamer-warning-rules", "2022").unwrap();
    let text = shipped.text.replace("version = \"2022\"", "version = \"2027\"");
    let text = format!("{text}\n").replace("[decide.receipts]\ndueHours = 24", "[decide.receipts]\ndueHours = 6");
    assert!(text.contains("dueHours = 6") && text.contains("version = \"2027\""), "{text}");
    propose(&secretary, &[("what", "document"), ("text", &text)]).await.leads();
    let url = send(&secretary).await;
    let read = sign(&panel, &url).await;
    assert_eq!(read.ticks("seen-").len(), 1, "{}", read.text);
    read.says(&["执行回执的期限（小时）由24改为6"]);
}
