//! A browser's window as a person uses it: by what is written on things.

use std::{
    fs,
    path::Path,
    time::{Duration, Instant},
};

use serde_json::{Value, json};

use crate::{
    support::{PATIENCE, until},
    webdriver::Window,
};

/// The directory of Node.js modules; `cargo xtask test` prepares it.
const NODE_MODULES: &str = "CALLBOARD_CONFORMANCE_NODE_MODULES";
const RUN_AXE: &str = "
const done = arguments[arguments.length - 1];
axe.run(document).then(
  found => done(found.violations.map(one => `${one.id}: ${one.nodes.map(node => node.target.join(' ')).join(', ')}`)),
  error => done([`axe failed: ${error}`]));";

/// What a label leads to: the control that it names, or the button, link or summary that says it.
const LABELED: &str = "
const wanted = arguments[0], said = one => one.innerText.trim();
for (const label of document.querySelectorAll('label')) {
  if (said(label) === wanted && label.control) return label.control;
}
for (const one of document.querySelectorAll('button, a, summary')) { if (said(one) === wanted) return one; }
return null;";

/// What a person reads, unfolded, in the language of the page: what stands there in another is marked as such. Then what of it
/// only programs read, each with its kind; on a page in Chinese each word of English that isn't a name.
const TECHNICAL: &str = r#"
const own = document.documentElement.lang, said = [document.title];
const folded = [...document.querySelectorAll('details:not([open])')];
for (const one of folded) one.open = true;
const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
while (texts.nextNode()) {
  const holder = texts.currentNode.parentElement;
  const is_shown = holder.tagName === 'OPTION' || holder.checkVisibility();
  if (is_shown && holder.closest('[lang]').lang === own) said.push(texts.currentNode.data);
}
for (const one of document.querySelectorAll(
  'input:not([type=hidden], [type=password], [type=file], [type=checkbox], [type=radio]), textarea',
)) {
  if (one.closest('[lang]').lang === own) said.push(one.value);
}
for (const one of document.querySelectorAll('[aria-label]')) said.push(one.ariaLabel);
for (const one of folded) one.open = false;
const text = said.join('\n');
const kinds = {
  id: /\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b/gi,
  hash: /\b(?=\d*[a-f])[0-9a-f]{16,}\b/g,
  key: /\bage1\w+|[A-Za-z0-9+\/]{43}=/g,
  zone: /\bUTC\b/g,
  instant: /\d{4}-\d\d-\d\dT\d\d:\S*/g,
  verb: /\bcallboard [a-z]+/g,
  flag: /(?:^|\s)--[a-z]\S*/gm,
  path: /(?:^|[\s“"（(：:])(?:~?\/[\w.-]+\/\S*|[A-Z]:\\\S+)/gm,
};
const names = /\b[0-9A-HJKMNP-TV-Z]{10}\b|<script>.*?<.script>|host-\d|(?:panel|chair|secretary)-\d|alpha|beta|sandbox\.test|https?:\/\/\S+|[\w-]*\.(?:pub\.)?json|callboard-desk|\.xlsx|JSON|TOML|Callboard/g;
const found = Object.entries(kinds).flatMap(([kind, of]) => (text.match(of) || []).map(one => `${kind}: ${one.trim()}`));
const words = own === 'en' ? [] : text.replace(names, ' ').match(/[A-Za-z]{4,}/g) || [];
return [...new Set(found.concat(words.map(word => `English: ${word}`)))];"#;

impl Window {
    /// Fails if the page shows what only programs read: ids, hashes, paths, instants in UTC, verbs; English amid Chinese.
    pub(crate) async fn is_for_people(&self) {
        assert_eq!(self.find(TECHNICAL).await, json!([]), "{}", self.text().await);
    }

    /// All that can be read.
    pub(crate) async fn text(&self) -> String {
        self.find("return document.body.innerText").await.as_str().unwrap().to_owned()
    }

    /// Waits until the page says something: a form is sent before the click is done, and answered after it.
    pub(crate) async fn shows(&self, said: &str) -> String {
        let began = Instant::now();
        while !self.text().await.contains(said) {
            assert!(began.elapsed() < PATIENCE, "{said}: {}", self.text().await);
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        self.is_for_people().await;
        self.text().await
    }

    async fn labeled(&self, label: &str) -> String {
        let found = self.ask("execute/sync", &json!({"script": LABELED, "args": [label]})).await;
        let element = found.as_object().and_then(|found| found.values().next()).and_then(Value::as_str);
        match element {
            Some(element) => element.to_owned(),
            None => panic!("nothing is called {label}: {}", self.text().await),
        }
    }

    /// Clicks what is called so.
    pub(crate) async fn click(&self, label: &str) {
        let element = self.labeled(label).await;
        self.ask(&format!("element/{element}/click"), &json!({})).await;
    }

    /// Clicks what leads to another page, and waits for that.
    pub(crate) async fn follow(&self, label: &str) {
        self.find("document.documentElement.dataset.left = 'yes'").await;
        self.click(label).await;
        let is_there = "return document.readyState === 'complete' && !document.documentElement.dataset.left";
        until(async || self.find(is_there).await == true).await;
    }

    /// Types into what is called so.
    pub(crate) async fn fill(&self, label: &str, text: &str) {
        let element = self.labeled(label).await;
        self.ask(&format!("element/{element}/value"), &json!({"text": text})).await;
    }

    /// Chooses what says so of the choices that are called so.
    pub(crate) async fn choose(&self, label: &str, choice: &str) {
        let select = self.labeled(label).await;
        let script = "return [...arguments[0].options].find(one => one.text.trim() === arguments[1]) || null";
        let select = json!({"element-6066-11e4-a52e-4f735466cecf": select});
        let found = self.ask("execute/sync", &json!({"script": script, "args": [select, choice]})).await;
        let option = found.as_object().and_then(|found| found.values().next()).and_then(Value::as_str);
        let option = option.unwrap_or_else(|| panic!("{label} has no choice {choice}"));
        self.ask(&format!("element/{option}/click"), &json!({})).await;
    }

    /// Empties what is called so, and types into it.
    pub(crate) async fn retype(&self, label: &str, text: &str) {
        let element = self.labeled(label).await;
        self.ask(&format!("element/{element}/clear"), &json!({})).await;
        self.ask(&format!("element/{element}/value"), &json!({"text": text})).await;
    }

    /// The labels of all ticks that aren't set.
    pub(crate) async fn ticks(&self) -> Vec<String> {
        let script = "return [...document.querySelectorAll('fieldset input[type=checkbox]:not(:checked)')]\
            .map(one => one.labels[0].innerText.trim())";
        let found = self.find(script).await;
        found.as_array().unwrap().iter().map(|label| label.as_str().unwrap().to_owned()).collect()
    }

    /// Waits until the page says something, looking at it anew by the link to the first page.
    pub(crate) async fn until(&self, home: &str, said: &str) {
        let began = Instant::now();
        self.go(home).await;
        while !self.text().await.contains(said) {
            assert!(began.elapsed() < PATIENCE, "{said}: {}", self.text().await);
            tokio::time::sleep(Duration::from_millis(50)).await;
            self.go(home).await;
        }
        self.is_for_people().await;
    }

    /// Controls that no label names, and buttons and links that say nothing.
    pub(crate) async fn nameless(&self) -> Value {
        let script = "return [...document.querySelectorAll('input:not([type=hidden]), select, textarea, button, a')]\
            .filter(one => !(one.labels && one.labels.length ? one.labels[0].innerText : one.innerText || '').trim())\
            .map(one => one.outerHTML)";
        self.find(script).await
    }

    /// What axe-core finds wrong on the page, by rule and place.
    pub(crate) async fn violations(&self) -> Vec<String> {
        let Ok(modules) = std::env::var(NODE_MODULES) else {
            eprintln!("left out: {NODE_MODULES} is not set; `cargo xtask test` prepares it");
            return Vec::new();
        };
        let axe = fs::read_to_string(Path::new(&modules).join("axe-core/axe.min.js")).unwrap();
        let script = format!("{axe}; {RUN_AXE}");
        let found = self.ask("execute/async", &json!({"script": script, "args": []})).await;
        found.as_array().unwrap().iter().map(ToString::to_string).collect()
    }

    /// Has the page shown as to somebody who prefers the dark.
    pub(crate) async fn darken(&self, is_dark: bool) {
        let value = if is_dark { "dark" } else { "light" };
        let media = json!({"features": [{"name": "prefers-color-scheme", "value": value}]});
        self.ask("goog/cdp/execute", &json!({"cmd": "Emulation.setEmulatedMedia", "params": media})).await;
    }

    /// What the browser complained of.
    pub(crate) async fn complaints(&self) -> Vec<String> {
        let said = self.ask("se/log", &json!({"type": "browser"})).await;
        said.as_array().unwrap().iter().map(ToString::to_string).collect()
    }
}
