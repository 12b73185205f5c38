//! What frames every public page: whose registry it is, its language, where else one may go.
//!
//! The language is asked for by the address or else by the browser; nothing is kept of whoever looks. So each link of a page
//! that was asked for in a language asks for it again.

use std::convert::Infallible;

use axum::{extract::FromRequestParts, http::request::Parts};
use callboard_federation::policy::Words;
use callboard_rules::letters;

use super::{PagesState, language::Language};

/// The pages that there are, in the order of the navigation.
const PAGES: [(&str, &str, &str); 8] = [
    ("/notices", "公告", "Notices"),
    ("/rules", "规则", "Rules"),
    ("/members", "会员单位", "Members"),
    ("/propagation", "执行情况", "Who acts"),
    ("/figures", "统计数据", "Figures"),
    ("/verify/", "核验", "Verify"),
    ("/report/", "举报", "Report"),
    ("/help", "办事指南", "Help"),
];

pub struct Frame {
    pub t: Language,
    /// Whether the address names the language.
    is_asked: bool,
    pub is_sandbox: bool,
    /// The log's origin.
    pub issuer: String,
    /// The association whose committee decides, as the rules in force name it.
    pub association: Option<Words>,
    /// Where it is called and written to, by the rules or else by the settings.
    pub contact: Option<Words>,
    path: String,
    /// What the address asks besides the language.
    asked: Vec<String>,
}

/// A link of the navigation.
pub struct Link {
    pub to: String,
    pub text: &'static str,
    /// Whether it leads to this page or to what stands above it.
    pub is_here: bool,
}

impl FromRequestParts<PagesState> for Frame {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, state: &PagesState) -> Result<Self, Infallible> {
        let asked = parts.uri.query().unwrap_or_default().split('&').filter(|one| !one.is_empty());
        let (languages, asked): (Vec<&str>, Vec<&str>) = asked.partition(|one| one.starts_with("lang="));
        let language = languages.last().and_then(|one| one.strip_prefix("lang="));
        let now = state.clock.now();
        let (association, contact) = {
            let replay = state.ledger.replay();
            let in_force = replay.policies().values().filter(|policy| policy.effective_from <= now);
            let mut in_force: Vec<_> = in_force.collect();
            in_force.sort_by_key(|policy| std::cmp::Reverse(policy.effective_from));
            let first = |told: fn(&callboard_federation::policy::Policy) -> Option<Words>| {
                in_force.iter().find_map(|policy| told(policy))
            };
            (first(letters::association), first(letters::contact))
        };
        // What the association hasn't put into its rules yet, its operator may have set.
        let set = &state.config.public_reports;
        let set = Words { zh: set.contact_zh.clone(), en: set.contact_en.clone() };
        let contact = contact.or_else(|| (!set.zh.is_empty()).then_some(set));
        Ok(Self {
            t: Language::of(language, &parts.headers),
            is_asked: language.is_some(),
            is_sandbox: state.delivery.is_sandbox(),
            issuer: state.config.registry.issuer.clone(),
            association,
            contact,
            path: parts.uri.path().to_owned(),
            asked: asked.into_iter().map(str::to_owned).collect(),
        })
    }
}

impl Frame {
    /// The address of another page, in the language that was asked for.
    pub fn link(&self, path: &str) -> String {
        if self.is_asked { with(path, &[&self.language()]) } else { path.to_owned() }
    }

    /// The same with what else it is asked.
    pub fn link_to(&self, path: &str, asked: &[&str]) -> String {
        with(&self.link(path), asked)
    }

    /// This page in another language.
    pub fn switch(&self, tag: &str) -> String {
        let asked: Vec<&str> = self.asked.iter().map(String::as_str).collect();
        with(&with(&self.path, &asked), &[&format!("lang={tag}")])
    }

    pub fn links(&self) -> Vec<Link> {
        let is_here = |to: &str| self.path == to || self.path.starts_with(&format!("{}/", to.trim_end_matches('/')));
        let links = PAGES.iter();
        links
            .map(|(to, zh, en)| Link { to: self.link(to), text: self.t.of_both(zh, en), is_here: is_here(to) })
            .collect()
    }

    pub fn is_home(&self) -> bool {
        self.path == "/"
    }

    /// What the registry is called.
    pub const fn name(&self) -> &'static str {
        self.t.of_both("网络主播警示与复出登记册", "Registry of warnings and reinstatements of streamers")
    }

    /// The one of two texts that is read here.
    pub fn words<'w>(&self, words: &'w Words) -> &'w str {
        self.t.of_both(&words.zh, &words.en)
    }

    fn language(&self) -> String {
        format!("lang={}", self.t.of_both("zh", "en"))
    }
}

/// An address that asks for more.
fn with(address: &str, asked: &[&str]) -> String {
    let mut address = address.to_owned();
    for one in asked {
        address.push(if address.contains('?') { '&' } else { '?' });
        address.push_str(one);
    }
    address
}
