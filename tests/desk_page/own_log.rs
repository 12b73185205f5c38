//! A desk's pages rest on its own copy of the log: what a registry hides is named where it is signed, and a fork is told.

use std::sync::{Arc, Mutex};

use axum::{
    Json, Router,
    body::Body,
    extract::{Request, State},
    response::{IntoResponse as _, Response},
};
use callboard_desk::fork_evidence::{ForkClaim, verify_fork};
use callboard_federation::{
    disclosure::CheckpointLine,
    encoding::{Hash, Octets, PublicKey, to_json},
    language::Language,
    tlog::{
        checkpoint::{Checkpoint, SignedCheckpoint},
        vkey::{SignatureType, VerifierKey},
    },
};
use ed25519_dalek::SigningKey;
use serde_json::{Value, json};
use tokio::net::TcpListener;

use crate::{
    desk::Opened,
    drafted::{comes_to_say, is_technical},
    seats::{COLUMNS, does, home, send, three, verified},
    story::start_at,
    support::{PASSPHRASE, Sandbox, number},
};

/// What stands between a desk and its registry does.
#[derive(Clone, Copy, PartialEq)]
enum Lie {
    None,
    /// Nothing stands against anyone.
    Hides,
    /// The log has another root.
    Forks,
    /// The last event of each case is left out.
    Withholds,
}

#[derive(Clone)]
struct Liar {
    client: reqwest::Client,
    lie: Arc<Mutex<Lie>>,
    log: SigningKey,
}

async fn pass(State(liar): State<Liar>, request: Request<Body>) -> Response {
    let (head, body) = request.into_parts();
    let body = axum::body::to_bytes(body, 1 << 24).await.unwrap();
    let (path, lie) = (head.uri.path().to_owned(), *liar.lie.lock().unwrap());
    let is_read = head.method == "GET";
    let mut passed = liar.client.request(head.method, head.uri.to_string()).body(body);
    for (name, value) in head.headers.iter().filter(|(name, _)| *name != "host" && *name != "content-length") {
        passed = passed.header(name, value);
    }
    let answer = passed.send().await.unwrap();
    let status = answer.status();
    if !status.is_success() {
        let kind = answer.headers().get("content-type").cloned();
        let mut answered = Response::builder().status(status);
        if let Some(kind) = kind {
            answered = answered.header("content-type", kind);
        }
        return answered.body(answer.bytes().await.unwrap().into()).unwrap();
    }
    match (path.as_str(), lie) {
        ("/v1/standings", Lie::Hides) => {
            let mut told: Value = answer.json().await.unwrap();
            for standing in told["standings"].as_array_mut().unwrap() {
                (standing["reasons"], standing["state"], standing["action"]) =
                    (json!([]), json!("clear"), json!("allow"));
            }
            Json(told).into_response()
        }
        ("/v1/feed", Lie::Forks) => {
            let told = answer.bytes().await.unwrap();
            let lines = told.strip_suffix(b"\n").unwrap();
            let last = lines.iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1);
            let signed: CheckpointLine = serde_json::from_slice(&lines[last..]).unwrap();
            let note: SignedCheckpoint = signed.checkpoint.parse().unwrap();
            let forged = Checkpoint { root: Hash::of(b"another history"), ..note.checkpoint().clone() };
            let forged = CheckpointLine { checkpoint: forged.sign(&liar.log).to_string() };
            [&lines[..last], &to_json(&forged), b"\n"].concat().into_response()
        }
        (path, Lie::Withholds) if path.starts_with("/v1/cases/") && is_read => {
            let mut told: Value = answer.json().await.unwrap();
            told["events"].as_array_mut().unwrap().pop();
            Json(told).into_response()
        }
        _ => answer.bytes().await.unwrap().into_response(),
    }
}

/// A desk's program with a liar between it and its registry.
async fn behind_a_liar(sandbox: &Sandbox, seat: &str) -> (Opened, crate::webdriver::Ends, Liar) {
    let seed = std::fs::read_to_string(sandbox.kept("registry/log.key")).unwrap();
    let seed: Octets<32> = seed.trim().parse().unwrap();
    let (client, lie) = (sandbox.http.clone(), Arc::new(Mutex::new(Lie::None)));
    let liar = Liar { client, lie, log: SigningKey::from_bytes(&seed.0) };
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let proxy = format!("http://{}", listener.local_addr().unwrap());
    let router = Router::new().fallback(pass).with_state(liar.clone());
    tokio::spawn(async move { axum::serve(listener, router).await });
    let (process, url) = start_at(sandbox, &home(sandbox, seat), &proxy, Language::Zh);
    let mut desk = Opened::of(&url);
    desk.enter().await;
    desk.unlock(&format!("{seat}.key"), PASSPHRASE).await.leads();
    (desk, process, liar)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_record_that_the_registry_hides_is_named_where_it_is_signed_and_a_fork_is_told() {
    let sandbox = Sandbox::start(&[]).await;
    let row = format!("cn-id,{},赵试一,suspension,live,5年,NB-11,理由", number(1));
    sandbox.decide(format!("{COLUMNS}\n{row}\n")).await;
    let (draft, other) = (send(&sandbox, "batch", &three()), send(&sandbox, "other", &three()));
    let (desk, _process, liar) = behind_a_liar(&sandbox, "panel-1").await;
    comes_to_say(&desk, "/", &["本机已核验登记册共"]).await;
    let today = desk.shows("/").await;
    assert!(!is_technical(&today), "{}", today.text);

    *liar.lie.lock().unwrap() = Lie::Hides;
    let page = desk.shows(&format!("/drafts/{draft}")).await;
    page.says(&["查询依据：已核验的登记册副本（截至", "此人已有措施", "登记册的答复未列此项：其后已撤销，或有隐瞒"]);
    assert!(!page.text.contains("有无遗漏未经核验"), "{}", page.text);
    let oddity = page.form(&format!("/drafts/{draft}/sign"));
    oddity.says(&["赵试一", "此人已有措施"]);

    *liar.lie.lock().unwrap() = Lie::Forks;
    let page = desk.shows(&format!("/drafts/{other}")).await;
    page.says(&["登记册分叉：登记系统签署了两段互相矛盾的历史", "请停止签署"]);
    let today = desk.shows("/").await;
    today.says(&["role=\"alert\">登记册分叉"]);
    let log = home(&sandbox, "panel-1").join("log");
    let kept = std::fs::read_dir(&log).unwrap().map(|file| file.unwrap().path());
    let kept: Vec<_> =
        kept.filter(|path| path.file_name().unwrap().to_string_lossy().starts_with("evidence-")).collect();
    let charge = ForkClaim::read(&std::fs::read(&kept[0]).unwrap()).unwrap();
    let pin: Value = serde_json::from_slice(&std::fs::read(sandbox.kept("genesis.json")).unwrap()).unwrap();
    let name = pin["issuer"].as_str().unwrap().parse().unwrap();
    let key = VerifierKey::new(name, SignatureType::Note, PublicKey::of(&liar.log));
    assert!(verify_fork(&[charge], &[key])[0].proven.is_ok());

    // An honest answer doesn't undo it.
    *liar.lie.lock().unwrap() = Lie::None;
    desk.shows(&format!("/drafts/{draft}")).await;
    desk.shows("/").await.says(&["登记册分叉"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_desk_whose_copy_cannot_be_kept_says_whose_word_it_is_and_signs_nothing_that_rests_on_a_case() {
    let sandbox = Sandbox::start(&[]).await;
    let row = format!("cn-id,{},李试四,suspension,live,5年,NB-11,理由", number(4));
    let record = sandbox.decide(format!("{COLUMNS}\n{row}\n")).await.remove(0);
    let ruling = send(&sandbox, "batch", &three());
    does(&sandbox, "secretary-1", &["draft", "dispute", &record, "--out", "dispute.bundle"]);
    let sent = does(&sandbox, "secretary-1", &["drafts", "send", "dispute.bundle"]);
    let dispute = sent.split_whitespace().find(|word| word.len() == 36).unwrap();
    // A file stands where the directory is to be.
    let without_copy = async |seat| {
        let log = home(&sandbox, seat).join("log");
        if log.exists() {
            std::fs::remove_dir_all(&log).unwrap();
        }
        std::fs::write(log, "").unwrap();
        crate::seats::entered(&sandbox, seat).await
    };
    let word = "有无遗漏只能以登记系统的答复为准";
    let desk = without_copy("secretary-1").await;
    let page = desk.shows(&format!("/drafts/{dispute}")).await;
    page.says(&[word, "查询依据：登记册的答复", "有无遗漏未经核验"]);
    assert!(!page.text.contains(sandbox.kept("../homes").to_str().unwrap()), "{}", page.text);
    page.form(&format!("/drafts/{dispute}/sign"));

    // Whether a case was held is asked of the copy alone.
    let desk = without_copy("panel-1").await;
    let page = desk.shows(&format!("/drafts/{ruling}")).await;
    page.says(&[word, "不能签署", "须有本机核验过的登记册副本"]);
    assert!(!page.text.contains(&format!("/drafts/{ruling}/sign\"")), "{}", page.text);
    assert!(!page.text.contains(sandbox.kept("../homes").to_str().unwrap()), "{}", page.text);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_case_that_lacks_what_its_seat_did_is_told_in_red_and_nothing_is_done_in_it() {
    let sandbox = Sandbox::start(&[]).await;
    let (desk, _process, liar) = behind_a_liar(&sandbox, "secretary-1").await;
    verified(&desk).await;
    let opening = [("number", "案一"), ("policy", "streamer-warning-rules/2022")];
    let case = desk.fills("/cases/open", "/cases/open", &opening).await.leads();
    let add = format!("{case}/add-item");
    let person = |item, name| [("item", item), ("names", name), ("decides", "ruling")];
    assert_eq!(desk.fills(&add, &add, &person("1", "赵试一")).await.leads(), case);
    desk.shows(&case).await.says(&["赵试一"]);

    *liar.lie.lock().unwrap() = Lie::Withholds;
    let alarm = "该案件缺少您的第1项程序记载";
    let page = desk.shows(&case).await;
    page.says(&["class=\"wrong", "role=\"alert\"", alarm]);
    assert!(!page.text.contains("<form method=\"post\" action=\"/cases"), "{}", page.text);
    for path in ["/cases", "/"] {
        let page = desk.shows(path).await;
        page.says(&["role=\"alert\"", alarm]);
        assert!(!page.text.contains("class=\"task\""), "nothing waits for it there: {}", page.text);
    }
    let close = desk.sends(&format!("{case}/close"), &[("form", &page.field("form")), ("once", "1")]).await;
    assert!(close.status.is_server_error() && close.text.contains(alarm), "{}", close.text);

    // Shown whole again it goes on.
    *liar.lie.lock().unwrap() = Lie::None;
    desk.shows(&case).await.says(&["赵试一", "告知第1人"]);
    assert_eq!(desk.fills(&add, &add, &person("2", "钱试二")).await.leads(), case);
}
