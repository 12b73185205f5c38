//! Drafts of public documents on pages: sent once their difference is shown, signed by seats, logged after ten minutes.

use reqwest::StatusCode;

use crate::{
    desk::{Opened, Page},
    seats::ten_minutes,
    support::{PASSPHRASE, Sandbox, until},
};

/// Sends what is proposed, with each key confirmed; the address of its draft.
pub(crate) async fn send(desk: &Opened) -> String {
    let shown = desk.shows("/proposal").await;
    let word = shown.field("proposal");
    let ticks = shown.text.split("name=\"").filter(|part| part.starts_with("sure-"));
    let ticks: Vec<&str> = ticks.map(|part| part.split('"').next().unwrap()).collect();
    let proposal = [("proposal", word.as_str())];
    for leave in 0..ticks.len() {
        let some = ticks.iter().enumerate().filter(|(at, _)| *at != leave).map(|(_, tick)| (*tick, "1"));
        let some: Vec<_> = proposal.into_iter().chain(some).collect();
        desk.fills("/proposal", "/proposal/send", &some).await.refused("请逐项确认已通话核对");
    }
    let all: Vec<_> = proposal.into_iter().chain(ticks.iter().map(|tick| (*tick, "1"))).collect();
    desk.fills("/proposal", "/proposal/send", &all).await.leads()
}

/// Signs a draft as its page asks; the page as it was read.
pub(crate) async fn sign(desk: &Opened, url: &str) -> Page {
    let page = desk.shows(url).await;
    let action = format!("{url}/sign");
    let form = page.form(&action);
    let own = ["form", "once", "reading"].map(|name| (name.to_owned(), form.field(name)));
    let fields: Vec<(&str, &str)> = own.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    let ticks = form.ticks("seen-");
    assert!(!form.text.contains(" checked"), "nothing is ticked beforehand: {}", form.text);
    let with = |left_out: Option<&String>| {
        let ticked = ticks.iter().filter(|tick| Some(*tick) != left_out).map(|tick| (tick.as_str(), "1"));
        fields.iter().copied().chain(ticked).chain([("passphrase", PASSPHRASE)]).collect::<Vec<_>>()
    };
    for left_out in &ticks {
        desk.sends(&action, &with(Some(left_out))).await.refused("请逐项确认");
    }
    assert_eq!(desk.sends(&action, &with(None)).await.status, StatusCode::SEE_OTHER);
    page
}

/// Lets ten minutes go by, until a desk has handed it in.
pub(crate) async fn logged(sandbox: &Sandbox, desk: &Opened, url: &str) {
    ten_minutes(sandbox).await;
    until(async || desk.shows(url).await.text.contains("已登记于第")).await;
}

/// Waits until a page says all of it: a moment after something was logged its witnesses have yet to see it.
pub(crate) async fn comes_to_say(desk: &Opened, path: &str, all: &[&str]) {
    until(async || {
        let text = desk.shows(path).await.text;
        all.iter().all(|said| text.contains(said))
    })
    .await;
}

/// Whether a page shows what only programs read: a hash, a key, an instant in UTC, an id.
pub(crate) fn is_technical(page: &Page) -> bool {
    let text: String =
        page.text.split('>').map(|part| part.split('<').next().unwrap_or_default()).collect::<Vec<_>>().join("\n");
    let is_hash = |word: &str| word.len() >= 40 && word.bytes().all(|byte| byte.is_ascii_hexdigit());
    let is_id = |word: &str| word.len() == 36 && word.bytes().filter(|byte| *byte == b'-').count() == 4;
    let is_key = |word: &str| word.starts_with("age1") || (word.len() == 44 && word.ends_with('='));
    let mut words = text.split(|c: char| c.is_whitespace() || "，；：、()".contains(c));
    words.any(|word| is_hash(word) || is_id(word) || is_key(word)) || text.contains(".000Z")
}
