//! The files of `web/`: each listed with its hash, served byte for byte, and loading nothing that isn't listed. With
//! `CALLBOARD_WRITE_PAPERS` set, the first writes integrity and list.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
};

use callboard_federation::encoding::{Base64, Hash};

use crate::{caller::Registry, support::Engine};

const LIST: &str = "hashes.txt";

fn web() -> std::path::PathBuf {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../web")).to_owned()
}

/// Each file of `web/` but the list, by its path.
fn files() -> BTreeMap<String, Vec<u8>> {
    let mut files = BTreeMap::new();
    for room in std::fs::read_dir(web()).unwrap().map(Result::unwrap).filter(|entry| entry.path().is_dir()) {
        for file in std::fs::read_dir(room.path()).unwrap().map(Result::unwrap) {
            let name = format!("{}/{}", room.file_name().to_string_lossy(), file.file_name().to_string_lossy());
            files.insert(name, std::fs::read(file.path()).unwrap());
        }
    }
    files
}

/// What a file names between `before` and the quote that ends it, as paths of `web/`.
fn named(file: &str, text: &str, before: &str) -> Vec<String> {
    let room = file.split_once('/').unwrap().0;
    let paths = text.split(before).skip(1).map(|rest| rest.split('"').next().unwrap());
    let paths = paths.map(|path| match path.strip_prefix("../") {
        Some(other) => other.to_owned(),
        None => format!("{room}/{}", path.trim_start_matches("./")),
    });
    paths.collect()
}

fn integrity(bytes: &[u8]) -> String {
    format!("sha256-{}", Base64(Hash::of(bytes).as_bytes().to_vec()))
}

/// A page whose tags name the integrity of what they load.
fn with_integrity(file: &str, html: &str, files: &BTreeMap<String, Vec<u8>>) -> String {
    let mut made = String::new();
    for line in html.split_inclusive('\n') {
        let loaded =
            if line.starts_with("<link ") { named(file, line, "href=\"") } else { named(file, line, "src=\"") };
        match (line.split_once("integrity=\""), loaded.as_slice()) {
            (Some((before, rest)), [loaded]) => {
                let after = rest.split_once('"').unwrap().1;
                let bytes = files.get(loaded).unwrap_or_else(|| panic!("{file} loads {loaded}, which isn't there"));
                made.extend([before, "integrity=\"", &integrity(bytes), "\"", after]);
            }
            (None, []) => made += line,
            _ => panic!("{file}: what is loaded stands in a line of its own with its integrity: {line}"),
        }
    }
    made
}

#[test]
fn the_files_of_the_web_are_listed_with_their_hashes_and_load_nothing_else() {
    let writes = std::env::var_os("CALLBOARD_WRITE_PAPERS").is_some();
    let mut files = files();
    let is_page = |name: &&String| name.rsplit_once('.').is_some_and(|(_, kind)| kind == "html");
    let pages: Vec<String> = files.keys().filter(is_page).cloned().collect();
    for page in pages {
        let html = String::from_utf8(files[&page].clone()).unwrap();
        let made = with_integrity(&page, &html, &files);
        if writes {
            std::fs::write(web().join(&page), &made).unwrap();
            files.insert(page.clone(), made.clone().into_bytes());
        } else {
            assert_eq!(html, made, "{page}: run this test with CALLBOARD_WRITE_PAPERS=1");
        }
        for inline in ["<script>", "<style", " style=", " onclick=", "javascript:", "http:", "https:"] {
            assert!(!made.contains(inline), "{page} has {inline}");
        }
        // Every module that a page comes to, it names with its integrity.
        let mut told: BTreeSet<String> = named(&page, &made, "src=\"").into_iter().collect();
        let mut wanted: Vec<String> = told.iter().cloned().collect();
        told.extend(named(&page, &made, "rel=\"modulepreload\" href=\""));
        while let Some(module) = wanted.pop() {
            assert!(told.contains(&module), "{page} comes to {module}, and doesn't name its integrity");
            let text = String::from_utf8(files[&module].clone()).unwrap();
            wanted.extend(named(&module, &text, " from \""));
            assert!(!text.contains("import("), "{module} imports what nobody sees beforehand");
        }
    }
    let list: Vec<String> = files.iter().map(|(name, bytes)| format!("{}  {name}\n", Hash::of(bytes))).collect();
    let list = list.concat();
    if writes {
        std::fs::write(web().join(LIST), &list).unwrap();
    }
    let committed = std::fs::read_to_string(web().join(LIST)).unwrap();
    assert_eq!(committed, list, "web/{LIST}: run this test with CALLBOARD_WRITE_PAPERS=1");
}

#[tokio::test]
async fn each_file_of_the_web_is_served_as_it_is_under_a_strict_policy() {
    let registry = Registry::begun(Engine::Sqlite).await;
    for (name, bytes) in files() {
        let answer = registry.get(&format!("/{name}")).await;
        assert!(answer.status == 200 && answer.body == bytes, "{name}");
        let policy = answer.header("content-security-policy");
        for part in ["default-src 'none'", "script-src 'self'", "require-trusted-types-for 'script'"] {
            assert!(policy.contains(part), "{name}: {policy}");
        }
        assert!(!policy.contains("unsafe"), "{policy}");
    }
    assert_eq!(registry.get("/report/").await.body, files()["report/index.html"]);
    assert_eq!(registry.get("/report/other.html").await.status, 404);
    registry.ends().await;
}
