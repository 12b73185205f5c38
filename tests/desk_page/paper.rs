//! What is printed: letters each with its code, a sheet for signatures, notices, what is published.

use crate::{
    people::{NUMBER, PANEL, rulings, update},
    printed::pages,
    seats::{does, entered, home, logs, send_numbered},
    story::DRIVER,
    support::{PASSPHRASE, Sandbox, ports},
    webdriver::Window,
};

#[tokio::test(flavor = "multi_thread")]
async fn letters_notices_and_a_sheet_for_signatures_are_printed_of_a_docket() {
    let sandbox = Sandbox::start(&[]).await;
    let people = [(1, "赵试一"), (2, "钱试二")];
    let draft = send_numbered(&sandbox, "batch", NUMBER, &rulings(&people), &["--publish"]);
    let desk = entered(&sandbox, "secretary-1").await;
    let url = format!("/paper/{draft}");
    let open = desk.shows(&format!("{url}/letters")).await;
    assert!(open.text.contains("草稿：尚未登记") && open.text.contains("钱试二"), "{}", open.text);
    logs(&sandbox, &draft, &PANEL).await;
    update(&desk).await;

    let menu = desk.shows(&url).await;
    let letters = desk.shows(&menu.link("第1–2份")).await;
    assert_eq!(letters.text.matches("<article class=\"sheet\">").count(), 2);
    for said in ["中国演出行业协会", NUMBER, "赵试一", "钱试二", "直播中多次宣扬赌博", "异议", "NB-11", "网络主播"]
    {
        assert!(letters.text.contains(said), "{said}: {}", letters.text);
    }
    assert!(!letters.text.contains("草稿") && !letters.text.contains("<details"), "{}", letters.text);
    assert_eq!(letters.text.matches("class=\"code\"").count(), 2);
    let one = desk.shows(&format!("{url}/letters?item=2")).await;
    assert!(one.text.contains("钱试二") && !one.text.contains("赵试一"));

    // The code below a letter is what `verify` reads, beside a proof of its docket; a letter of another isn't shown by that.
    let (_, code) = one.text.split_once("<figcaption>").unwrap();
    let code = code.split('<').next().unwrap();
    let record = code.split('/').nth(1).unwrap();
    let proof = home(&sandbox, "secretary-1").join(format!("draft-{draft}.proofs")).join(format!("{record}.json"));
    let verify = |code: &str| {
        let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_callboard"));
        command.arg("verify").arg(&proof).arg(code).args(["--lang", "en", "--pin", "genesis.json"]);
        command.current_dir(home(&sandbox, "secretary-1")).env("CALLBOARD_CLOCK", crate::seats::clock(&sandbox));
        let output = command.output().unwrap();
        (output.status.code(), String::from_utf8_lossy(&output.stdout).into_owned())
    };
    let (status, told) = verify(&code.to_ascii_uppercase());
    assert!(status == Some(0) && told.contains("says what the log holds"), "{told}");
    let forged = format!("{}{}", &code[..code.len() - 4], "0000");
    assert_eq!(verify(&forged).0, Some(1));
    let other = letters.text.split("<figcaption>").nth(1).unwrap().split('<').next().unwrap();
    assert_eq!(verify(other).0, Some(0), "the docket lists each of its letters");
    let digit = if record.ends_with('0') { "1" } else { "0" };
    let elsewhere = code.replacen(record, &format!("{}{digit}", &record[..record.len() - 1]), 1);
    assert_eq!(verify(&elsewhere).0, Some(2), "its proof isn't there");

    let cover = desk.shows(&menu.link("签署页")).await;
    for said in ["panel-1", "评议委员", "赵试一", "后四位", "电子签署时间"] {
        assert!(cover.text.contains(said), "{said}: {}", cover.text);
    }
    let public = desk.shows(&menu.link("公布内容")).await;
    assert!(public.text.contains("赵**") && !public.text.contains("赵试一"), "{}", public.text);
    let (_, notices) = menu.text.split_once("会员单位通知").unwrap();
    let notice = notices.split("href=\"").nth(1).unwrap().split('"').next().unwrap();
    let notice = desk.shows(notice).await;
    assert!(notice.text.contains("执行通知") && notice.text.contains("钱试二"), "{}", notice.text);
    assert!(does(&sandbox, "secretary-1", &["drafts", "--all"]).contains("logged"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_browser_prints_each_letter_on_a_page_of_its_own() {
    let Ok(driver) = std::env::var(DRIVER) else {
        return eprintln!("left out: {DRIVER} is not set; `cargo xtask test` prepares it");
    };
    let sandbox = Sandbox::start(&[]).await;
    let draft = send_numbered(&sandbox, "batch", NUMBER, &rulings(&[(1, "赵试一"), (2, "钱试二")]), &[]);
    logs(&sandbox, &draft, &PANEL).await;
    let desk =
        crate::desk::Opened::at(&home(&sandbox, "secretary-1"), &["--clock", &crate::seats::clock(&sandbox)]).await;
    let window = Window::open(&driver, ports::free_ports(1), "1280,1024", &[]).await;
    window.go(&desk.first).await;
    window.fill("密码", PASSPHRASE).await;
    window.click("解锁").await;
    window.shows("今日待办").await;
    // Until the desk knows what time it is in the sandbox, no witness has seen what was logged just now.
    window.until(&format!("http://localhost:{}/paper/{draft}/letters", desk.port), "钱试二").await;
    assert!(window.text().await.contains("赵试一"));
    let pages = pages(&window).await;
    assert!(pages.len() == 2 && pages[0].contains("赵试一") && pages[1].contains("钱试二"), "{pages:?}");
    // Whom no camera serves types the code.
    assert!(pages.iter().all(|page| page.contains("callboard:record/")), "{pages:?}");
    let said = window.complaints().await;
    assert!(!said.iter().any(|line| line.contains("Content Security Policy")), "{said:?}");
}
