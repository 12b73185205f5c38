//! Somebody at a desk in a browser of their own: finds each thing by what is written on it, in the language that they speak.

use std::{cell::Cell, path::Path};

use callboard_federation::language::Language;
use serde_json::json;

use crate::{
    seats::home,
    story::start_at,
    support::{PASSPHRASE, Sandbox, ports},
    webdriver::{Ends, Window},
};

/// How long a page may be, as it is sent.
const PAGE_BYTES: u64 = 100_000;
/// How many windows high a page may be, unless it lists people.
const SCREENS: f64 = 3.0;
/// What a key is made under.
pub(crate) const GOOD: &str = "four plain words of mine";

/// Where desks are opened, and what people speak there.
#[derive(Clone, Copy)]
pub(crate) struct Place<'p> {
    pub(crate) sandbox: &'p Sandbox,
    /// The browser's.
    pub(crate) driver: &'p str,
    /// What stands between the desks and the services; empty: nothing.
    pub(crate) proxy: &'p str,
    pub(crate) language: Language,
    /// The size of a window.
    pub(crate) size: &'p str,
}

pub(crate) struct Person {
    pub(crate) window: Window,
    pub(crate) language: Language,
    process: Option<Ends>,
    /// The address that is used once.
    first: String,
    clicks: Cell<usize>,
}

impl Place<'_> {
    /// A desk as a person starts it at a home, in a window.
    pub(crate) async fn open(&self, home: &Path) -> Person {
        let (process, first) = start_at(self.sandbox, home, self.proxy, self.language);
        let language = format!("--lang={}", self.language);
        let window = Window::open(self.driver, ports::free_ports(1), self.size, &[&language]).await;
        window.go(&first).await;
        let (process, clicks) = (Some(process), Cell::new(0));
        Person { window, language: self.language, process, first, clicks }
    }

    /// The desk of a seat of the sandbox, unlocked.
    pub(crate) async fn seat(&self, seat: &str) -> Person {
        let person = self.open(&home(self.sandbox, seat)).await;
        person.unlock(PASSPHRASE).await;
        person
    }
}

impl Person {
    pub(crate) fn say<'t>(&self, zh: &'t str, en: &'t str) -> &'t str {
        self.language.pick(zh, en)
    }

    /// The first page's address, without what stands behind it.
    pub(crate) fn root(&self) -> &str {
        self.first.split_once("/open/").unwrap().0
    }

    pub(crate) async fn go(&self, path: &str) {
        self.window.go(&format!("{}{path}", self.root())).await;
    }

    /// Where it is.
    pub(crate) async fn address(&self) -> String {
        self.window.find("return location.href").await.as_str().unwrap().to_owned()
    }

    pub(crate) async fn unlock(&self, passphrase: &str) {
        self.go("/").await;
        self.window.fill(self.say("密码", "Passphrase"), passphrase).await;
        self.window.click(self.say("解锁", "Unlock")).await;
        self.window.shows(self.say("我的密钥", "My key")).await;
    }

    /// The desk is killed, and started again.
    pub(crate) async fn begin_again(&mut self, place: &Place<'_>, seat: &str) {
        if let Some(mut process) = self.process.take() {
            process.0.kill().unwrap();
        }
        let (process, first) = start_at(place.sandbox, &home(place.sandbox, seat), place.proxy, self.language);
        (self.process, self.first) = (Some(process), first);
        self.window.go(&self.first).await;
        self.unlock(PASSPHRASE).await;
    }

    /// Clicks what says so; it is counted.
    pub(crate) async fn click(&self, label: &str) {
        self.clicks.set(self.clicks.get() + 1);
        self.window.click(label).await;
    }

    /// How many clicks there were since it was last asked.
    pub(crate) fn clicks(&self) -> usize {
        self.clicks.take()
    }

    /// Ticks each point that is to be confirmed; which these were.
    pub(crate) async fn confirm(&self) -> Vec<String> {
        let ticks = self.window.ticks().await;
        for tick in &ticks {
            self.window.click(tick).await;
        }
        ticks
    }

    /// Waits for a page that says something: one that anybody can use, and no longer than a few screens.
    pub(crate) async fn sees(&self, said: &str) -> String {
        let shown = self.sees_people(said).await;
        let height = self.window.find("return document.documentElement.scrollHeight / window.outerHeight").await;
        assert!(height.as_f64().unwrap() <= SCREENS, "{height} screens: {shown}");
        shown
    }

    /// The same of a page that lists people, which may be longer.
    pub(crate) async fn sees_people(&self, said: &str) -> String {
        let shown = self.window.shows(said).await;
        self.is_usable().await;
        shown
    }

    /// Nothing is wider than the window, folded or not; every control has a name; the page isn't large.
    pub(crate) async fn is_usable(&self) {
        let (window, is_narrow) = (&self.window, "return document.documentElement.scrollWidth <= window.innerWidth");
        assert_eq!(window.find(is_narrow).await, true);
        // What is folded away has no text; it is unfolded for the look.
        let folded = "window.folded = [...document.querySelectorAll('details:not([open])')];";
        window.find(&format!("{folded} for (const one of folded) {{ one.open = true; }}")).await;
        assert_eq!(window.nameless().await, json!([]), "{}", window.text().await);
        assert_eq!(window.find(is_narrow).await, true);
        window.find("for (const one of folded) { one.open = false; }").await;
        let length = window.find("return document.documentElement.outerHTML.length").await;
        assert!(length.as_u64().unwrap() < PAGE_BYTES, "{length}");
    }

    /// Fills in the form that makes a key.
    pub(crate) async fn makes_key(&self, holder: &str, role: &str) {
        let window = &self.window;
        window.fill(self.say("名称", "Name"), holder).await;
        window.choose(self.say("职务", "Role"), role).await;
        window.fill(self.say("密码", "Passphrase"), GOOD).await;
        window.fill(self.say("再输入一次密码", "The same passphrase again"), GOOD).await;
        window.click(self.say("生成密钥", "Make the key")).await;
        window.shows(self.say("核对词", "Check words")).await;
    }

    /// The words of the page's card, as they are read over the telephone.
    pub(crate) async fn check_words(&self) -> String {
        let words = format!(
            "return [...document.querySelectorAll('.words li span[lang=\"{}\"]')].map(one => one.innerText).join(' ')",
            self.language
        );
        self.window.find(&words).await.as_str().unwrap().to_owned()
    }

    /// Joins the registry of an invitation, whose words were compared.
    pub(crate) async fn joins(&self, invitation: &Path) {
        self.window.fill(self.say("邀请文件", "Invitation file"), invitation.to_str().unwrap()).await;
        self.window.click(self.say("核对", "Check it")).await;
        self.window.shows(self.say("登记册的核对词", "The registry's check words")).await;
    }

    /// No page asked for anything that its policy forbids.
    pub(crate) async fn has_no_complaint(&self) {
        let said = self.window.complaints().await;
        assert!(!said.iter().any(|line| line.contains("Content Security Policy")), "{said:?}");
    }
}
