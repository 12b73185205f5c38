//! `/notices`, the feeds of them, and `GET /v1/dockets/{docket}/notice`: what was published is shown, with who signed it and what
//! became of it; what was erased is gone; the file proves it to everyone, and every bit of it counts.

use callboard_federation::{
    encoding::{Base64, Hash, Time},
    proof_file::{ProofFileError, notice::NoticeFile},
    statement::Kind,
};
use reqwest::Method;
use serde_json::{Value, json};

use crate::{
    caller::{Answer, Registry},
    support::{Engine, committee::tag, engines},
};

/// A public text, in both languages.
fn text(zh: &str, en: &str) -> Vec<u8> {
    json!({"v": 1, "zh": zh, "en": en}).to_string().into_bytes()
}

async fn get(registry: &Registry, path: &str, language: &str) -> Answer {
    registry.send(registry.request(Method::GET, path).header("accept-language", language)).await
}

/// A page, which must be there.
async fn page(registry: &Registry, path: &str, language: &str) -> String {
    let answer = get(registry, path, language).await;
    assert_eq!(answer.status, 200, "{path}: {}", answer.text());
    answer.text().to_owned()
}

/// Publishes a suspension; its docket.
async fn publishes(registry: &mut Registry, number: u32, text: &[u8]) -> Hash {
    let at = registry.now();
    let ruling = registry.committee.suspend(at, &tag(number));
    let docket = registry.committee.docket(at, &[&ruling], Some(text));
    registry.logs(&docket).await;
    docket.docket.payload_hash()
}

#[tokio::test]
async fn notices_stand_newest_first_by_page_and_year_and_in_the_feeds() {
    for engine in engines() {
        let mut registry = Registry::watched(engine).await;
        assert!(page(&registry, "/notices", "zh").await.contains("没有公告"));
        let first = registry.now();
        let mut dockets = Vec::new();
        for number in 1..=23_u32 {
            if number == 23 {
                registry.world.clock.move_to(Time::from_seconds(first.as_seconds() + 366 * 86_400));
            }
            let text = text(&format!("某协会\n第{number}批"), &format!("An association\nBatch no. {number}."));
            dockets.push(publishes(&mut registry, number, &text).await);
        }
        let newest = page(&registry, "/notices", "en").await;
        let places: Vec<Option<usize>> = (3..=23).rev().map(|number| newest.find(&format!("no. {number}."))).collect();
        assert!(places[..20].is_sorted() && places[..20].iter().all(Option::is_some), "{newest}");
        assert_eq!(places[20], None, "a page has twenty");
        let next = newest.split("rel=\"next\" href=\"").nth(1).unwrap().split('"').next().unwrap().to_owned();
        let older = page(&registry, &next.replace("&#38;", "&"), "en").await;
        assert!(older.contains("no. 3.") && older.contains("no. 1.") && !older.contains("no. 4."), "{older}");
        assert!(!older.contains("rel=\"next\""));

        let year = first.to_string()[..4].parse::<u32>().unwrap();
        let of_year = page(&registry, &format!("/notices?year={}&lang=zh", year + 1), "en").await;
        assert!(of_year.contains("第23批") && !of_year.contains("第22批"), "{of_year}");
        assert!(of_year.contains(&format!("?lang=zh&#38;year={year}\"")), "the years are there: {of_year}");
        let wrong = page(&registry, "/notices?year=x&before=-1", "en").await;
        assert!(wrong.contains("no. 23."), "who asks for no year is shown the newest");

        for (path, media) in [("/notices.atom", "application/atom+xml"), ("/notices.rss", "application/rss+xml")] {
            let answer = get(&registry, &format!("{path}?lang=zh"), "en").await;
            assert!(answer.header("content-type").starts_with(media));
            let feed = answer.text().to_owned();
            assert!(feed.contains("第23批") && feed.contains("第1批") && feed.contains("zh-CN"), "{feed}");
            assert!(feed.contains(&registry.world.url) && feed.contains(&dockets[0].to_string()), "{feed}");
            let known = registry.request(Method::GET, &format!("{path}?lang=zh"));
            let known = registry.send(known.header("if-none-match", answer.header("etag"))).await;
            assert_eq!(known.status, 304, "a reader that knows it is told so");
        }
        registry.ends().await;
    }
}

#[tokio::test]
async fn a_notice_tells_who_signed_and_what_became_of_it_by_record_until_it_is_erased() {
    for engine in engines() {
        let mut registry = Registry::watched(engine).await;
        let at = registry.now();
        let said = text("某协会\n赵**（共1人）：警示", "An association\nZ** (1 in all): warning");
        let rulings = [registry.committee.suspend(at, &tag(1)), registry.committee.suspend(at, &tag(2))];
        let docket = registry.committee.docket(at, &[&rulings[0], &rulings[1]], Some(&said));
        registry.logs(&docket).await;
        let path = format!("/notices/{}", docket.docket.payload_hash());
        let shown = page(&registry, &path, "zh").await;
        for part in ["赵**（共1人）：警示", "panel-1", "评议委员", "id=\"unchanged\"", "callboard:record/"]
        {
            assert!(shown.contains(part), "{part}: {shown}");
        }
        assert!(shown.contains(&rulings[1].record().to_string()) && !shown.contains(&tag(1)), "{shown}");
        assert!(page(&registry, &path, "en").await.contains("Z** (1 in all): warning"));

        let annulment = registry.committee.act(at, Kind::Annulment, Kind::Ruling, &[rulings[0].record()]);
        let later = registry.committee.docket(at, &[&annulment], None);
        registry.logs(&later).await;
        let shown = page(&registry, &path, "en").await;
        let row = shown.split("<tr><th scope=\"row\">1</th>").nth(1).unwrap();
        assert!(row.contains("annulled") && row.contains(&later.docket.payload_hash().to_string()), "{shown}");
        assert!(!shown.contains("<th scope=\"row\">2</th>") && !shown.contains("id=\"unchanged\""));

        for (ruling, is_shown) in rulings.iter().zip([true, false]) {
            let mut whole = vec![ruling.record()];
            if is_shown {
                whole.push(annulment.record());
            } else {
                let annulment = registry.committee.act(at, Kind::Annulment, Kind::Ruling, &[ruling.record()]);
                let docket = registry.committee.docket(at, &[&annulment], None);
                registry.logs(&docket).await;
                whole.push(annulment.record());
            }
            let erasure = registry.committee.act(at, Kind::Erasure, Kind::Ruling, &whole);
            let docket = registry.committee.docket(at, &[&erasure], None);
            registry.logs(&docket).await;
            let answer = get(&registry, &path, "en").await;
            assert_eq!(answer.status, if is_shown { 200 } else { 404 });
            assert_eq!(answer.text().contains("1 were erased by the rules"), is_shown, "{}", answer.text());
            for list in ["/notices", "/notices.atom", "/notices.rss"] {
                assert_eq!(page(&registry, list, "en").await.contains("Z**"), is_shown, "{list}");
            }
        }
        let proof = registry.get(&format!("/v1/dockets/{}/notice", docket.docket.payload_hash())).await;
        proof.is_problem(404, "not-found");
        for wrong in ["x", &"0".repeat(64), "%00"] {
            assert_eq!(get(&registry, &format!("/notices/{wrong}"), "zh").await.status, 404, "{wrong}");
        }
        registry.ends().await;
    }
}

#[tokio::test]
async fn what_a_text_says_is_text_on_pages_and_in_feeds() {
    let mut registry = Registry::watched(Engine::Sqlite).await;
    let evil = "<script>alert(1)</script>]]>&<b>\u{1}\u{202e}";
    let docket = publishes(&mut registry, 1, &text(evil, evil)).await;
    for path in ["/notices", "/notices.atom", "/notices.rss", &format!("/notices/{docket}")] {
        let shown = page(&registry, path, "en").await;
        assert!(!shown.contains("<script") && !shown.contains("]]>") && !shown.contains("<b>"), "{path}: {shown}");
        assert!(!path.contains("notices.") || !shown.contains('\u{1}'), "{path} is no XML");
    }
    registry.ends().await;
}

/// The file of a notice, for a registry whose log is witnessed.
async fn file(registry: &mut Registry) -> (Hash, Value) {
    let docket = publishes(registry, 1, &text("公告", "Notice")).await;
    let path = format!("/v1/dockets/{docket}/notice");
    registry.get(&path).await.is_problem(409, "not-witnessed");
    registry.is_witnessed().await;
    let answer = registry.get(&path).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    let known = registry.request(Method::GET, &path).header("if-none-match", answer.header("etag"));
    assert_eq!(registry.send(known).await.status, 304);
    (docket, answer.json())
}

#[tokio::test]
async fn everyone_gets_a_file_that_proves_the_notice_and_bears_no_tag() {
    for engine in engines() {
        let mut registry = Registry::watched(engine).await;
        let (docket, file) = file(&mut registry).await;
        assert!(!file.to_string().contains(&tag(1)));
        let (genesis, now) = (registry.committee.genesis(), registry.now());
        let read = |file: &Value| NoticeFile::from_json(file.to_string().as_bytes());
        let proven = read(&file).unwrap().verify(&genesis, now).unwrap();
        assert_eq!((proven.publication.zh.as_str(), proven.docket.items.len()), ("公告", 1));
        assert!(proven.witnessed_since.is_some() && Hash::of(&proven_payload(&file)) == docket);
        let other = read(&file).unwrap().verify(&Hash::of(b"another registry"), now);
        assert!(matches!(other, Err(ProofFileError::Genesis)));
        // A docket without a public text has no such file, nor has one that isn't there.
        let dockets = registry.get("/v1/dockets").await.json();
        let silent =
            dockets["dockets"].as_array().unwrap().iter().find(|row| row.get("publication").is_none()).unwrap();
        let silent = format!("/v1/dockets/{}/notice", silent["docket"].as_str().unwrap());
        registry.get(&silent).await.is_problem(404, "not-found");
        registry.get(&format!("/v1/dockets/{}/notice", "0".repeat(64))).await.is_problem(404, "not-found");
        registry.get("/v1/dockets/x/notice").await.is_problem(400, "malformed");
        registry.ends().await;
    }
}

fn proven_payload(file: &Value) -> Vec<u8> {
    file["docket"]["payload"].as_str().unwrap().parse::<Base64>().unwrap().0
}

#[tokio::test]
async fn every_byte_of_a_notice_file_counts() {
    let mut registry = Registry::watched(Engine::Sqlite).await;
    let (_, file) = file(&mut registry).await;
    let (genesis, now) = (registry.committee.genesis(), registry.now());
    let holds = |file: &Value| {
        NoticeFile::from_json(file.to_string().as_bytes()).is_ok_and(|file| file.verify(&genesis, now).is_ok())
    };
    assert!(holds(&file));
    let mut flipped = 0;
    let places = ["/entry", "/publication", "/docket/payload", "/docket/signatures/0/sig", "/roots/0/statement"];
    for place in places.into_iter().chain(["/roots/0/docket/payload", "/roots/1/statement", "/roots/1/entry"]) {
        let bytes = file.pointer(place).unwrap_or_else(|| panic!("no {place}")).as_str().unwrap();
        let bytes = bytes.parse::<Base64>().unwrap().0;
        for at in 0..bytes.len() {
            let (mut changed, mut altered) = (file.clone(), bytes.clone());
            altered[at] ^= 1 << (at % 8);
            *changed.pointer_mut(place).unwrap() = json!(Base64(altered).to_string());
            assert!(!holds(&changed), "{place}, byte {at}");
            flipped += 1;
        }
    }
    assert!(flipped > 1_000);
    for (at, c) in file["proof"].as_str().unwrap().char_indices() {
        let mut altered = file["proof"].as_str().unwrap().to_owned();
        altered.replace_range(at..at + c.len_utf8(), if c == 'x' { "y" } else { "x" });
        let mut changed = file.clone();
        changed["proof"] = json!(altered);
        assert!(!holds(&changed), "proof, character {at}: {c:?}");
    }
    // Members that are lacking, foreign, or of another version.
    for (member, value) in [("v", json!(2)), ("index", json!(0)), ("more", json!(1)), ("roots", json!([]))] {
        let mut changed = file.clone();
        changed[member] = value;
        assert!(!holds(&changed), "{member}");
    }
    let mut without = file.clone();
    without["roots"].as_array_mut().unwrap().remove(1);
    assert!(!holds(&without), "a roster is left out");
    registry.ends().await;
}
