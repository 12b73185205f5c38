//! The pages on which the public writes, compared with what this release lists of them.
//!
//! Whoever is served another page than everyone isn't helped by what the page itself says: so anybody may fetch the files,
//! at any time and from anywhere, and hold them against the list that came with the program.

use callboard_client::{
    http::{self, HttpError},
    output::{Line, green, plain, red},
    pin::Address,
    visible::Visible,
};
use callboard_federation::{encoding::Hash, zh_en};

/// Each file's SHA-256 and path, as the release has them.
const LIST: &str = include_str!("../../web/hashes.txt");
/// What is served at the address of a directory.
const INDEX: &str = "index.html";

/// What is wrong with a file that a host serves.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PageFault {
    /// It isn't there.
    Missing { path: String },
    /// It has other bytes than the list says; a page with what it loads that isn't listed.
    Differs { path: String, loads: Vec<String> },
}

impl PageFault {
    /// What is told of it.
    pub fn line(&self) -> Line {
        let (path, text) = match self {
            Self::Missing { path } => (path, zh_en!("缺少", "isn't there")),
            Self::Differs { path, loads } if loads.is_empty() => {
                (path, zh_en!("与本版本所列不同", "isn't the file that this release lists"))
            }
            Self::Differs { path, loads } => {
                let loads = loads.iter().map(|of| Visible(of).to_string()).collect::<Vec<_>>().join(", ");
                let text = zh_en!(
                    "与本版本所列不同，并加载了未列出的内容：{loads}",
                    "isn't the file that this release lists, and loads what isn't listed: {loads}"
                );
                (path, text)
            }
        };
        vec![red("DIFFERS"), plain(format_args!("  {}  {text}", Visible(path)))]
    }
}

/// Fetches each file from below `base`, and tells what isn't as it is listed; with how many are.
pub async fn audit(base: &Address) -> Result<(usize, Vec<PageFault>), HttpError> {
    let client = http::client()?;
    let (mut held, mut faults) = (0, Vec::new());
    for (hash, path) in listed() {
        let directory = path.strip_suffix(INDEX).map(str::to_owned);
        for address in [Some(path.to_owned()), directory].into_iter().flatten() {
            match http::get(&client, &base.at(&format!("/{address}"))).await? {
                None => faults.push(PageFault::Missing { path: address }),
                Some(bytes) if Hash::of(&bytes) == hash => held += 1,
                Some(bytes) => {
                    let loads = unlisted(path, &String::from_utf8_lossy(&bytes));
                    faults.push(PageFault::Differs { path: address, loads });
                }
            }
        }
    }
    Ok((held, faults))
}

/// What is told where all is as it is listed.
pub fn held_line(held: usize) -> Line {
    vec![green(zh_en!("{held}个文件与本版本所列一致", "{held} files are those that this release lists"))]
}

fn listed() -> impl Iterator<Item = (Hash, &'static str)> {
    LIST.lines().filter_map(|line| {
        let (hash, path) = line.split_once("  ")?;
        Some((hash.parse().ok()?, path))
    })
}

/// What a file loads or refers to that isn't a file of the list.
fn unlisted(path: &str, text: &str) -> Vec<String> {
    let room = path.split_once('/').map_or("", |(room, _)| room);
    let mut found = Vec::new();
    for before in ["src=", "href=", "from ", "import ", "import(", "fetch(", "action="] {
        for rest in text.split(before).skip(1) {
            let rest = rest.trim_start();
            let named = match rest.chars().next() {
                Some(quote @ ('"' | '\'')) => rest.get(1..).and_then(|rest| rest.split(quote).next()),
                _ if before.ends_with('=') => rest.split([' ', '>', '\n']).next(),
                _ => None,
            };
            let Some(named) = named.map(str::trim).filter(|named| !named.is_empty()) else { continue };
            let whole = match named.strip_prefix("../") {
                Some(other) => other.to_owned(),
                None => format!("{room}/{}", named.trim_start_matches("./")),
            };
            let is_listed = listed().any(|(_, path)| path == whole);
            if !is_listed && !found.iter().any(|of| of == named) {
                found.push(named.to_owned());
            }
        }
    }
    if text.contains("<script>") {
        found.push("<script>…</script>".to_owned());
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_has_the_pages_and_each_line_of_it_reads() {
        assert_eq!(listed().count(), LIST.lines().count());
        for page in ["report/index.html", "report/follow.html", "shared/seal.mjs"] {
            assert!(listed().any(|(_, path)| path == page), "{page}");
        }
    }

    #[test]
    fn what_a_changed_page_loads_from_elsewhere_is_named() {
        let page = r#"<link href="../shared/page.css"><script src="https://evil.example/x.js"></script>
            <script>fetch('//evil.example/y')</script><img src=z.png>"#;
        assert_eq!(
            unlisted("report/index.html", page),
            ["https://evil.example/x.js", "z.png", "//evil.example/y", "<script>…</script>"]
        );
    }
}
