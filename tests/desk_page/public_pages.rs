//! The registry's public pages as people see them, at a desk and on a telephone, in the light and in the dark, in both languages:
//! nothing is wider than the window, axe-core finds nothing, nothing is blocked by their policy.

use crate::{
    people::{NUMBER, PANEL, rulings},
    pictures::is_sound,
    seats::{logs, send_numbered},
    story::DRIVER,
    support::{Sandbox, ports},
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
        ] {
            window.go(&url).await;
            // What is kept as a picture is in Chinese; in English it is held to the same.
            let name = if language == "zh" { name.to_owned() } else { format!("{name}-en") };
            is_sound(&window, &name, true).await;
        }
    }
    let said = window.complaints().await;
    assert!(!said.iter().any(|line| line.contains("Content Security Policy")), "{said:?}");
}
