//! A desk that listens in this process, and a client that does what a browser does of itself.

use std::{path::Path, sync::Arc};

use callboard_client::{
    clock::{Clock as _, HandClock, MachineClock},
    pin::Pin,
    runtime::os_rng,
};
use callboard_desk_page::{Desk, Settings};
use callboard_federation::{encoding::Hash, language::Language, roster::Role};
use callboard_keys::{KeyFile, SeatKey};
use clap::Parser;
use reqwest::{Client, RequestBuilder, StatusCode, redirect::Policy};

use crate::support::until;

#[derive(Parser)]
struct Typed {
    #[command(flatten)]
    settings: Settings,
}

/// A desk, and its machine's clock.
pub(crate) struct Opened {
    pub(crate) clock: Arc<HandClock>,
    pub(crate) first: String,
    pub(crate) port: u16,
    http: Client,
    cookie: String,
}

/// What was answered.
pub(crate) struct Page {
    pub(crate) status: StatusCode,
    pub(crate) text: String,
    pub(crate) headers: reqwest::header::HeaderMap,
}

/// A home with a key of nobody, pinned to what is at this address.
pub(crate) fn home(directory: &Path, url: &str) {
    let key = SeatKey::generate("panel-9".to_owned(), Role::Panel, &mut os_rng()).unwrap();
    KeyFile::Seat(key).write_known(&directory.join("panel-9.key")).unwrap();
    let (url, tokens_url) = (url.parse().unwrap(), url.parse().unwrap());
    let pin = Pin { v: 1, issuer: "callboard.example".to_owned(), genesis: Hash::of(b"genesis"), url, tokens_url };
    pin.write(&directory.join("genesis.json")).unwrap();
}

impl Opened {
    pub(crate) async fn at(home: &Path, more: &[&str]) -> Self {
        Self::ahead(home, more, 0).await
    }

    /// A desk that speaks English, entered.
    pub(crate) async fn in_english(home: &Path, more: &[&str]) -> Self {
        let mut desk = Self::open(home, more, 0, Language::En).await;
        desk.enter().await;
        desk
    }

    /// A desk whose machine's clock is so many seconds ahead.
    pub(crate) async fn ahead(home: &Path, more: &[&str], seconds: i64) -> Self {
        Self::open(home, more, seconds, Language::Zh).await
    }

    async fn open(home: &Path, more: &[&str], seconds: i64, language: Language) -> Self {
        let typed = ["desk", "--home", home.to_str().unwrap()];
        let settings = Typed::parse_from(typed.iter().chain(more)).settings;
        let clock = Arc::new(HandClock::at(MachineClock.now().plus_millis(seconds * 1_000)));
        let desk = Desk::open(settings, language, clock.clone()).await.unwrap();
        let first = desk.first_url();
        tokio::spawn(desk.serve(std::future::pending()));
        Self { clock, ..Self::of(&first) }
    }

    /// A desk that listens somewhere, by the address that it printed.
    pub(crate) fn of(first: &str) -> Self {
        let port = first.split([':', '/']).find_map(|part| part.parse().ok()).unwrap();
        // Brings the TLS provider that every client needs.
        drop(callboard_client::http::direct_client().unwrap());
        let http = Client::builder().no_proxy().redirect(Policy::none()).build().unwrap();
        let clock = Arc::new(HandClock::at(MachineClock.now()));
        Self { clock, first: first.to_owned(), port, http, cookie: String::new() }
    }

    /// Opens the first address, as the browser does; keeps the cookie.
    pub(crate) async fn enter(&mut self) {
        let answer = self.sent(self.http.get(self.first.replace("localhost", "127.0.0.1"))).await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER);
        let cookie = answer.headers["set-cookie"].to_str().unwrap();
        assert!(cookie.ends_with("; Path=/; HttpOnly; SameSite=Strict"), "{cookie}");
        cookie.split(';').next().unwrap().clone_into(&mut self.cookie);
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://127.0.0.1:{}{path}", self.port)
    }

    /// A request with the cookie.
    pub(crate) fn get(&self, path: &str) -> RequestBuilder {
        self.http.get(self.url(path)).header("cookie", &self.cookie)
    }

    /// A form, without what a browser says of where it comes from.
    pub(crate) fn post(&self, path: &str, fields: &[(&str, &str)]) -> RequestBuilder {
        let body = form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
        let post = self.http.post(self.url(path)).header("cookie", &self.cookie);
        post.header("content-type", "application/x-www-form-urlencoded").body(body)
    }

    pub(crate) async fn sent(&self, request: RequestBuilder) -> Page {
        let answer = request.send().await.unwrap();
        let (status, headers) = (answer.status(), answer.headers().clone());
        Page { status, headers, text: answer.text().await.unwrap() }
    }

    pub(crate) async fn shows(&self, path: &str) -> Page {
        self.sent(self.get(path)).await
    }

    /// A form of this desk's page, as a browser sends it: it tells itself, and no origin.
    pub(crate) async fn sends(&self, path: &str, fields: &[(&str, &str)]) -> Page {
        self.sent(self.post(path, fields).header("origin", "null").header("sec-fetch-site", "same-origin")).await
    }

    /// A form with a file, as a browser sends it.
    pub(crate) async fn uploads(&self, path: &str, fields: &[(&str, &str)], name: &str, file: &[u8]) -> Page {
        const BOUNDARY: &str = "----WebKitFormBoundary0123456789abcdef";
        let mut body = Vec::new();
        for (field, value) in fields {
            let head = format!("--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"{field}\"\r\n\r\n{value}\r\n");
            body.extend(head.into_bytes());
        }
        let disposition = format!("form-data; name=\"file\"; filename=\"{name}\"");
        let head = format!("--{BOUNDARY}\r\nContent-Disposition: {disposition}\r\nContent-Type: text/csv\r\n\r\n");
        body.extend(head.into_bytes());
        body.extend(file);
        body.extend(format!("\r\n--{BOUNDARY}--\r\n").into_bytes());
        let post = self.http.post(self.url(path)).header("cookie", &self.cookie).body(body);
        let post = post.header("content-type", format!("multipart/form-data; boundary={BOUNDARY}"));
        self.sent(post.header("origin", "null").header("sec-fetch-site", "same-origin")).await
    }

    /// Sends a form of one of its pages, with what the page itself says in it; the answer.
    pub(crate) async fn fills(&self, page: &str, action: &str, fields: &[(&str, &str)]) -> Page {
        let page = self.shows(page).await;
        let (form, once) = (page.field("form"), page.field("once"));
        let own = [("form", form.as_str()), ("once", once.as_str())];
        self.sends(action, &own.into_iter().chain(fields.iter().copied()).collect::<Vec<_>>()).await
    }

    /// The same with a file that is chosen, as a browser sends such a form.
    pub(crate) async fn chooses(&self, page: &str, action: &str, fields: &[(&str, &str)], file: &str) -> Page {
        let page = self.shows(page).await;
        let (form, once) = (page.field("form"), page.field("once"));
        let own = [("form", form.as_str()), ("once", once.as_str())];
        let fields: Vec<_> = own.iter().chain(fields).copied().collect();
        self.uploads(action, &fields, "评议.pub.json", file.as_bytes()).await
    }

    /// Ends it, as its button does.
    pub(crate) async fn quit(self) {
        let form = self.shows("/").await.field("form");
        self.sends("/quit", &[("form", &form)]).await;
        until(async || self.get("/").send().await.is_err()).await;
    }

    /// Unlocks with a passphrase; the answer.
    pub(crate) async fn unlock(&self, key: &str, passphrase: &str) -> Page {
        let form = self.shows("/").await.field("form");
        self.sends("/unlock", &[("form", &form), ("once", "1"), ("key", key), ("passphrase", passphrase)]).await
    }
}

impl Page {
    /// Where it leads on.
    #[track_caller]
    pub(crate) fn leads(&self) -> String {
        assert_eq!(self.status, StatusCode::SEE_OTHER, "{}", self.text);
        self.headers["location"].to_str().unwrap().to_owned()
    }

    /// Fails unless it was refused for this.
    #[track_caller]
    pub(crate) fn refused(&self, why: &str) {
        assert_eq!(self.status, StatusCode::UNPROCESSABLE_ENTITY, "{}", self.text);
        assert!(self.text.contains(why), "{why}: {}", self.text);
    }

    /// Fails unless each is said.
    #[track_caller]
    pub(crate) fn says(&self, all: &[&str]) {
        for said in all {
            assert!(self.text.contains(said), "{said}: {}", self.text);
        }
    }

    /// What stands in a hidden field.
    pub(crate) fn field(&self, name: &str) -> String {
        let (_, rest) = self.text.split_once(&format!("name=\"{name}\" value=\"")).unwrap_or_else(|| {
            panic!("no field {name}: {}", self.text);
        });
        rest.split('"').next().unwrap().to_owned()
    }

    /// What a browser sends of the form of an action as it stands: what is hidden, typed and selected; nothing is ticked.
    pub(crate) fn fields(&self, action: &str) -> Vec<(String, String)> {
        let form = self.form(action).text;
        let attribute = |tag: &str, name: &str| {
            let (_, rest) = tag.split_once(&format!(" {name}=\"")).unwrap_or_default();
            plain(rest.split('"').next().unwrap())
        };
        let (mut fields, mut select): (Vec<(String, String)>, bool) = (Vec::new(), false);
        for part in form.split('<').skip(1) {
            let (tag, text) = part.split_once('>').unwrap();
            match tag.split_whitespace().next().unwrap() {
                "input" if ["checkbox", "radio", "file"].iter().any(|kind| attribute(tag, "type") == *kind) => {}
                "input" => fields.push((attribute(tag, "name"), attribute(tag, "value"))),
                "textarea" => {
                    let text = text.strip_prefix('\n').unwrap_or(text);
                    fields.push((attribute(tag, "name"), plain(text)));
                }
                "select" => {
                    fields.push((attribute(tag, "name"), String::new()));
                    select = true;
                }
                "option" if select && tag.ends_with(" selected") => {
                    fields.last_mut().unwrap().1 = attribute(tag, "value");
                }
                "/select" => select = false,
                _ => {}
            }
        }
        fields
    }

    /// The names of its ticks that begin so.
    pub(crate) fn ticks(&self, begins: &str) -> Vec<String> {
        let names = self.text.split(" name=\"").skip(1).map(|rest| rest.split('"').next().unwrap());
        names.filter(|name| name.starts_with(begins)).map(str::to_owned).collect()
    }

    /// Where the answer sends the browser.
    #[track_caller]
    pub(crate) fn location(&self) -> String {
        assert_eq!(self.status, StatusCode::SEE_OTHER, "{}", self.text);
        self.headers["location"].to_str().unwrap().to_owned()
    }

    /// Where a link leads that says this.
    #[track_caller]
    pub(crate) fn link(&self, said: &str) -> String {
        let (before, _) = self.text.split_once(&format!(">{said}</a>")).unwrap_or_else(|| {
            panic!("no link {said}: {}", self.text);
        });
        before.rsplit_once("href=\"").unwrap().1.trim_end_matches('"').to_owned()
    }

    /// Where the first link leads whose address begins so.
    #[track_caller]
    pub(crate) fn link_below(&self, begins: &str) -> String {
        let (_, rest) = self.text.split_once(&format!("href=\"{begins}")).unwrap_or_else(|| {
            panic!("no link below {begins}: {}", self.text);
        });
        format!("{begins}{}", rest.split('"').next().unwrap())
    }

    /// The text of the page between its tags.
    pub(crate) fn visible(&self) -> String {
        let parts = self.text.split('<').filter_map(|part| part.split_once('>'));
        parts.map(|(_, text)| text).collect::<Vec<_>>().join(" ")
    }

    /// The part of the page with the form of an action.
    pub(crate) fn form(&self, action: &str) -> Self {
        let (_, rest) = self.text.split_once(&format!("action=\"{action}\"")).unwrap_or_else(|| {
            panic!("no form {action}: {}", self.text);
        });
        let text = rest.split("</form>").next().unwrap().to_owned();
        Self { status: self.status, headers: self.headers.clone(), text }
    }
}

/// A text as it stands in a page.
fn plain(text: &str) -> String {
    let characters = [("&#34;", "\""), ("&#39;", "'"), ("&#60;", "<"), ("&#62;", ">"), ("&#38;", "&")];
    characters.iter().fold(text.to_owned(), |text, (written, is)| text.replace(written, is))
}
