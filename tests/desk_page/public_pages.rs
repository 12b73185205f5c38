//! The registry's public pages as people see them, at a desk and on a telephone, in the light and in the dark, in both languages:
//! nothing is wider than the window, axe-core finds nothing, nothing is blocked by their policy.

use std::{
    path::Path,
    process::{Command, Output},
};

use crate::{
    people::{NUMBER, PANEL, rulings},
    pictures::is_sound,
    seats::{clock, logs, send_numbered},
    story::DRIVER,
    support::{Sandbox, ports, until},
    webdriver::Window,
};

#[tokio::test(flavor = "multi_thread")]
async fn every_public_page_is_sound_at_a_desk_and_on_a_telephone_in_the_light_and_in_the_dark() {
    let Ok(driver) = std::env::var(DRIVER) else {
        return eprintln!("left out: {DRIVER} is not set; `cargo xtask test` prepares it");
    };
    let sandbox = Sandbox::start(&[]).await;
    let published =
        send_numbered(&sandbox, "published", NUMBER, &rulings(&[(4, "李试四"), (5, "周试五")]), &["--publish"]);
    logs(&sandbox, &published, &PANEL).await;
    let registry = sandbox.url(0, "");
    let window = Window::open(&driver, ports::free_ports(1), "1280,900", &["--lang=zh-CN"]).await;
    for language in ["zh", "en"] {
        window.go(&format!("{registry}/notices?lang={language}")).await;
        let first = |selector: &str| format!("return document.querySelector('{selector}').href");
        let notice = window.find(&first(".notices h2 a")).await.as_str().unwrap().to_owned();
        window.go(&notice).await;
        let text = window.text().await;
        assert!(text.contains("李**") && !text.contains("李试四") && text.contains(NUMBER), "{text}");
        window.go(&format!("{registry}/rules?lang={language}")).await;
        let rule = window.find(&first("#in-force a")).await.as_str().unwrap().to_owned();
        window.go(&format!("{registry}/propagation?lang={language}")).await;
        let docket = window.find(&first("#dockets td a")).await.as_str().unwrap().to_owned();
        for (url, name) in [
            (format!("{registry}/?lang={language}"), "public-home"),
            (format!("{registry}/notices?lang={language}"), "public-notices"),
            (notice, "public-notice"),
            (format!("{registry}/rules?lang={language}"), "public-rules"),
            (rule, "public-rule"),
            (format!("{registry}/members?lang={language}"), "public-members"),
            (format!("{registry}/propagation?lang={language}"), "public-board"),
            (docket, "public-propagation"),
            (format!("{registry}/figures?lang={language}"), "public-figures"),
            (format!("{registry}/help?lang={language}"), "public-help"),
            (format!("{registry}/notices/0?lang={language}"), "public-nothing"),
            (format!("{registry}/verify/?lang={language}"), "public-verify"),
        ] {
            window.go(&url).await;
            // The pictures that are committed are the Chinese ones; in English the same is held.
            let name = if language == "zh" { name.to_owned() } else { format!("{name}-en") };
            is_sound(&window, &name, true).await;
        }
    }
    let said = window.complaints().await;
    assert!(!said.iter().any(|line| line.contains("Content Security Policy")), "{said:?}");
}

/// What the page says once it has looked at what was chosen.
async fn verified(window: &Window, file: &Path, genesis: &str, code: &str) -> String {
    for (label, text) in [("Genesis hash of the registry", genesis), ("The letter's code (if you have a letter)", code)]
    {
        window.retype(label, text).await;
    }
    window.find("document.getElementById('files').value = ''").await;
    window.fill("Proof files", &file.display().to_string()).await;
    window.find("document.getElementById('results').replaceChildren()").await;
    window.click("Verify").await;
    until(async || window.find("return document.querySelectorAll('#results p').length > 0").await == true).await;
    let ends = "return [...document.querySelectorAll('#results section')].every(one => one.querySelector('p'))";
    until(async || window.find(ends).await == true).await;
    window.find("return document.getElementById('results').innerText").await.as_str().unwrap().to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_notice_and_a_letter_are_verified_in_the_browser_and_nothing_is_sent() {
    let Ok(driver) = std::env::var(DRIVER) else {
        return eprintln!("left out: {DRIVER} is not set; `cargo xtask test` prepares it");
    };
    let sandbox = Sandbox::start(&[]).await;
    let published = send_numbered(&sandbox, "published", NUMBER, &rulings(&[(4, "李试四")]), &["--publish"]);
    logs(&sandbox, &published, &PANEL).await;
    let registry = sandbox.url(0, "");
    let window = Window::open(&driver, ports::free_ports(1), "390,844", &["--lang=en"]).await;
    window.go(&format!("{registry}/notices?lang=en")).await;
    let notice = window.find("return document.querySelector('.notices h2 a').href").await.as_str().unwrap().to_owned();
    window.go(&notice).await;
    let code = "return document.querySelector('.codes code').textContent";
    let code = window.find(code).await.as_str().unwrap().to_owned();
    let proof = window.find("return document.querySelector('a[download]').href").await.as_str().unwrap().to_owned();
    let mut bytes = Vec::new();
    until(async || {
        let answer = sandbox.http.get(&proof).send().await.unwrap();
        answer.status().is_success()
    })
    .await;
    bytes.extend(sandbox.http.get(&proof).send().await.unwrap().bytes().await.unwrap());
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("notice.json");
    std::fs::write(&file, &bytes).unwrap();
    let mut altered: serde_json::Value = serde_json::from_slice(&bytes).unwrap();
    altered["publication"] = serde_json::json!("eyJ2IjoxLCJ6aCI6IiIsImVuIjoiIn0=");
    let changed = directory.path().join("changed.json");
    std::fs::write(&changed, altered.to_string()).unwrap();

    // The program says the same of file and letter, and names the part that was altered.
    let pin = sandbox.kept("genesis.json");
    let pinned: serde_json::Value = serde_json::from_slice(&std::fs::read(&pin).unwrap()).unwrap();
    let program = |file: &Path, code: &str| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_callboard"));
        command.arg("verify").arg(file).args([code, "--lang", "en", "--pin"]).arg(&pin);
        command.env("CALLBOARD_CLOCK", clock(&sandbox));
        let Output { status, stdout, stderr } = command.output().unwrap();
        (status.code(), format!("{}{}", String::from_utf8_lossy(&stdout), String::from_utf8_lossy(&stderr)))
    };
    let (status, said) = program(&file, &code);
    assert_eq!(status, Some(0), "{said}");
    for part in ["notice · a docket of 1 items", "the printed letter says what the log holds", NUMBER] {
        assert!(said.contains(part), "{part}: {said}");
    }
    let (status, said) = program(&changed, &code);
    assert!(status == Some(1) && said.contains("the notice: the public text is not the one"), "{said}");

    // The link of the page fills in the hash; whoever has another from elsewhere types that.
    let link = window.find("return document.querySelector('.verify ol a[href*=\"#\"]').href").await;
    window.go(link.as_str().unwrap()).await;
    until(async || window.find("return document.documentElement.dataset.ready === 'yes'").await == true).await;
    let genesis = window.find("return document.getElementById('genesis').value").await.as_str().unwrap().to_owned();
    assert_eq!(genesis, pinned["genesis"]);
    // The sandbox's clock is ten minutes ahead, and with it its witnesses.
    window.find("const ahead = Date.now() + 700_000; Date.now = () => ahead;").await;
    let loaded = "return performance.getEntriesByType('resource').length";
    let before = window.find(loaded).await;
    let said = verified(&window, &file, &genesis, &code).await;
    assert!(said.contains("Verified") && said.contains("The letter says what the log holds"), "{said}");
    assert!(said.contains("L** ") || said.contains("李**"), "{said}");
    let said = verified(&window, &file, "", "").await;
    assert!(said.contains("proves nothing yet") && said.contains(&genesis), "{said}");
    let said = verified(&window, &file, &"0".repeat(64), &code).await;
    assert!(said.contains("another registry") && said.contains("Unproven"), "{said}");
    let said = verified(&window, &file, &genesis, &format!("{}0000", &code[..code.len() - 4])).await;
    assert!(said.contains("holds another statement"), "{said}");
    let said = verified(&window, &changed, &genesis, "").await;
    assert!(said.contains("Not verified") && said.contains("the public text is not the one"), "{said}");
    for (genesis, code, problem) in [("abc", "", "64 characters"), ("", "callboard:record/x", "not the code")] {
        assert!(verified(&window, &file, genesis, code).await.contains(problem), "{problem}");
    }
    assert_eq!(window.find(loaded).await, before, "nothing was asked of anyone");
    let said = window.complaints().await;
    assert!(!said.iter().any(|line| line.contains("Content Security Policy")), "{said:?}");
}
