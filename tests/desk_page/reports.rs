//! Reports on a desk's pages: what waits and by when, a report that reads like a file, each act by its form; what others
//! wrote acts and hides nowhere.

use reqwest::StatusCode;
use serde_json::{Value, json};

use crate::{
    seats::entered,
    support::{Sandbox, number},
};

pub(crate) const TEXT: &str = "多次引导赌博<script>alert(1)</script>\u{202e}倒写";

/// The platform reports a violation by its agent; the report.
pub(crate) async fn filed(sandbox: &Sandbox, account: &str) -> Value {
    let subject = json!({"account": account, "role": "host", "identities": [{"kind": "cn-id", "value": number(7)}]});
    let report = json!({"codes": ["NB-11"], "places": ["speech"], "happenedFrom": "2026-01-20T12:00:00.000Z",
        "happenedTo": "2026-01-20T12:40:00.000Z", "description": TEXT, "subjects": [subject]});
    sandbox.post(&sandbox.url(2, "/reports"), &report).await
}

async fn words_of(sandbox: &Sandbox, report: &Value) -> Value {
    let url = sandbox.url(2, &format!("/reports/{}", report["id"].as_str().unwrap()));
    sandbox.http.get(url).send().await.unwrap().json().await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_report_is_read_and_decided_on_pages_and_what_it_says_acts_nowhere() {
    let sandbox = Sandbox::start(&[]).await;
    let (first, second) = (filed(&sandbox, "host-1").await, filed(&sandbox, "host-2").await);
    let code = |report: &Value| report["code"].as_str().unwrap().to_owned();
    let desk = entered(&sandbox, "secretary-1").await;
    desk.shows("/").await.says(&["举报和来件", &code(&first), "应于"]);
    desk.shows("/reports").await.says(&["会员举报", &code(&first), &code(&second), "应于"]);

    let url = format!("/reports/{}", first["id"].as_str().unwrap());
    let page = desk.shows(&url).await;
    page.says(&["NB-11", "言语", "host-1", &number(7), "沙盒平台", "&#60;script&#62;alert(1)", "\\u{202e}倒写"]);
    assert!(!page.text.contains("<script>") && !page.text.contains('\u{202e}'));

    // What must be said is asked for, and what is said reaches the member.
    let question = "哪一段录像？";
    desk.fills(&url, &format!("{url}/ask"), &[("text", " ")]).await.refused("请写明内容");
    assert_eq!(desk.fills(&url, &format!("{url}/ask"), &[("text", question)]).await.leads(), url);
    desk.shows(&url).await.says(&["待补充", "secretary-1", question]);
    assert_eq!(words_of(&sandbox, &first).await["words"][0]["text"], question);
    let answers = sandbox.url(2, &format!("{url}/answers"));
    sandbox.post(&answers, &json!({"text": "第二段<b>"})).await;
    desk.shows(&url).await.says(&["待处理", "第二段&#60;b&#62;"]);

    // Another member is asked by the account alone; a note is the secretariat's.
    let asked = [("member", "alpha"), ("account", "host-9"), ("text", "核实")];
    assert_eq!(desk.fills(&url, &format!("{url}/ask-identity"), &asked).await.leads(), url);
    desk.shows(&url).await.says(&["host-9", "尚未答复"]);
    assert_eq!(desk.fills(&url, &format!("{url}/note"), &[("text", "另见卷宗")]).await.leads(), url);
    assert!(!words_of(&sandbox, &first).await.to_string().contains("卷宗"));

    // One goes on as part of the other; a form that is sent twice does it once.
    let other = format!("/reports/{}", second["id"].as_str().unwrap());
    desk.fills(&other, &format!("{other}/merge"), &[("into", "0000000000")]).await.refused("没有回执码");
    assert_eq!(desk.fills(&other, &format!("{other}/merge"), &[("into", &code(&first))]).await.leads(), other);
    let page = desk.shows(&url).await;
    let (form, once) = (page.field("form"), page.field("once"));
    let fields = [("form", form.as_str()), ("once", &once), ("text", "证据不足")];
    for _ in 0..2 {
        assert_eq!(desk.sends(&format!("{url}/dismiss"), &fields).await.leads(), url);
    }
    let told = words_of(&sandbox, &first).await;
    let dismissed: Vec<_> = told["words"].as_array().unwrap().iter().filter(|said| said["act"] == "dismiss").collect();
    assert_eq!((dismissed.len(), &dismissed[0]["text"]), (1, &json!("证据不足")));
    assert!(!desk.shows(&url).await.text.contains(&format!("action=\"{url}/dismiss\"")), "it has ended");
    desk.shows("/reports?ended").await.says(&["不予受理", "已并案", &code(&first)]);
    assert!(!desk.shows("/").await.text.contains(&code(&first)));

    // An order comes on paper.
    let order = [("kind", "court"), ("number", "（2026）京01刑终1号"), ("by", "某法院"), ("on", "2026-01-20")];
    let without = desk.fills("/reports/enter", "/reports/enter", &order).await;
    assert_eq!(without.status, StatusCode::UNPROCESSABLE_ENTITY, "{}", without.text);
    assert!(without.text.contains("某法院"), "what was typed stays");
    let whole = [&order[..], &[("text", "判决主文"), ("accounts", "alpha:host-1")]].concat();
    let entered = desk.fills("/reports/enter", "/reports/enter", &whole).await.leads();
    desk.shows(&entered).await.says(&["法院文书", "某法院", "判决主文", "alpha:host-1"]);
    assert!(!desk.shows(&entered).await.text.contains("/ask\""), "there is no member to ask");
}

#[tokio::test(flavor = "multi_thread")]
async fn no_seat_but_the_secretariats_sees_reports() {
    let sandbox = Sandbox::start(&[]).await;
    let report = filed(&sandbox, "host-1").await;
    let desk = entered(&sandbox, "panel-1").await;
    let url = format!("/reports/{}", report["id"].as_str().unwrap());
    for path in ["/reports", "/reports/enter", &url] {
        let page = desk.shows(path).await;
        assert_eq!(page.status, StatusCode::FORBIDDEN, "{}", page.text);
        assert!(!page.text.contains(report["code"].as_str().unwrap()));
    }
    let form = desk.shows("/").await.field("form");
    let sent = desk.sends(&format!("{url}/accept"), &[("form", &form), ("once", "1")]).await;
    assert_eq!(sent.status, StatusCode::FORBIDDEN);
    assert!(!desk.shows("/").await.text.contains(report["code"].as_str().unwrap()));
}
