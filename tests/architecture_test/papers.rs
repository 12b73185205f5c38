//! Papers: links that lead somewhere, and nothing in the repository that only holds on the machine it was written on.

use crate::{nothing_is_wrong, root};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::process::Command;

/// What ties a file to one machine or to one registry; in two halves, so that this file isn't tied itself.
const TIES: [(&str, &str); 5] = [("crates", ".io"), ("pypi", ".org"), ("npm", "js"), ("/wo", "rk/"), ("/ro", "ot/")];

/// How a lock file of npm names a registry.
const RESOLVED: (&str, &str) = ("https://", "registry");

#[test]
fn every_link_of_the_papers_leads_somewhere() {
    let papers = tracked().into_iter().filter(|path| Path::new(path).extension().is_some_and(|kind| kind == "md"));
    let faults = papers.flat_map(|path| {
        let dir = root().join(&path).parent().map(Path::to_owned).unwrap_or_default();
        dead_links(&path, &read(&path), |link| dir.join(link).exists())
    });
    nothing_is_wrong(&faults.collect::<Vec<_>>());
}

#[test]
fn no_tracked_file_is_tied_to_one_machine_or_registry() {
    let faults = tracked().into_iter().flat_map(|path| ties(&path, &read(&path)));
    nothing_is_wrong(&faults.collect::<Vec<_>>());
}

#[test]
fn every_dependency_has_its_reason_in_the_papers() {
    let reasons = read("docs/dependencies.md");
    let manifests = tracked().into_iter().filter(|path| path.ends_with("Cargo.toml"));
    let faults = manifests.flat_map(|path| unexplained(&path, &read(&path), &reasons));
    nothing_is_wrong(&faults.collect::<Vec<_>>());
}

#[test]
fn the_architecture_lists_every_file_of_every_directory_of_code() {
    let listed = listed(&read("docs/ARCHITECTURE.md"));
    assert!(listed.len() > 60, "the list of files is found: {listed:?}");
    let mut faults = Vec::new();
    let mut named = BTreeMap::<String, Vec<String>>::new();
    for path in tracked() {
        let Some((directory, file)) = path.strip_suffix(".rs").and_then(|path| path.rsplit_once('/')) else { continue };
        named.entry(format!("{directory}/")).or_default().push(file.to_owned());
    }
    faults.extend(listed.keys().filter(|path| !root().join(path).exists()).map(|path| format!("{path} is not there")));
    for (directory, files) in named {
        let Some(says) = listed.get(&directory) else {
            // A test of several files is named for all of them.
            let goes_without = format!("/{directory}").contains("/tests/") || files.iter().all(|file| unsaid(file));
            faults.extend((!goes_without).then(|| format!("{directory} isn't listed")));
            continue;
        };
        let words: BTreeSet<&str> = says.split(|c: char| !c.is_ascii_alphanumeric() && c != '_').collect();
        let missing = files.iter().filter(|file| !unsaid(file) && !words.contains(file.as_str()));
        faults.extend(missing.map(|file| format!("{directory}: {file} isn't named")));
    }
    nothing_is_wrong(&faults);
}

/// What a directory is, and its tests, need no name.
fn unsaid(file: &str) -> bool {
    ["mod", "lib", "main", "tests"].contains(&file)
}

/// The directories of the list, each with what is said of it.
fn listed(architecture: &str) -> BTreeMap<String, String> {
    let items = architecture.split("\n- `").skip(1);
    let item = |item: &str| {
        let (path, says) = item.split_once('`')?;
        let says = says.split("\n\n").next().unwrap_or_default();
        path.ends_with('/').then(|| (path.to_owned(), says.to_owned()))
    };
    items.filter_map(item).collect()
}

/// What git keeps, paths below the root.
fn tracked() -> Vec<String> {
    let git = Command::new("git").arg("-C").arg(root()).args(["ls-files", "-z"]).output();
    let git = git.unwrap_or_else(|error| panic!("git can't be run: {error}"));
    assert!(git.status.success(), "{}", String::from_utf8_lossy(&git.stderr));
    let paths = String::from_utf8_lossy(&git.stdout);
    let paths: Vec<_> = paths.split('\0').filter(|path| root().join(path).is_file()).map(str::to_owned).collect();
    assert!(paths.iter().any(|path| path == "README.md"), "git tracks no README.md");
    paths
}

fn read(path: &str) -> String {
    let bytes = std::fs::read(root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"));
    String::from_utf8_lossy(&bytes).into_owned()
}

/// The dependencies of a manifest that `reasons` doesn't name; the workspace's own packages need none.
fn unexplained(path: &str, manifest: &str, reasons: &str) -> Vec<String> {
    let mut section = "";
    let mut faults = Vec::new();
    for line in manifest.lines() {
        if line.starts_with('[') {
            section = line.trim();
        }
        let Some((name, _)) = line.split_once([' ', '.', '=']) else { continue };
        let is_dependency = section.ends_with("dependencies]") && !line.starts_with(['#', '[', ' ']);
        let words = || reasons.split(|c: char| !(c.is_alphanumeric() || c == '_' || c == '-'));
        if is_dependency && !name.starts_with("callboard") && !words().any(|word| word == name) {
            faults.push(format!("{path}: {name} has no line in docs/dependencies.md"));
        }
    }
    faults
}

/// The relative links of a Markdown text at which nothing stands.
fn dead_links(path: &str, text: &str, stands: impl Fn(&str) -> bool) -> Vec<String> {
    let links = text.split("](").skip(1).filter_map(|rest| rest.split([')', ' ', '#']).next());
    let relative = links.filter(|link| !link.is_empty() && !link.contains(':'));
    relative.filter(|link| !stands(link)).map(|link| format!("{path}: {link} leads nowhere")).collect()
}

/// Each line that names a registry's host or a machine's directory; cargo's own lock must.
fn ties(path: &str, text: &str) -> Vec<String> {
    if path.ends_with("Cargo.lock") {
        return Vec::new();
    }
    let is_lock = path.ends_with("package-lock.json");
    let tied = |line: &str| {
        TIES.iter().any(|(a, b)| stands_alone(line, &[*a, *b].concat()))
            || is_lock && line.contains(&[RESOLVED.0, RESOLVED.1].concat())
    };
    let lines = text.lines().enumerate().filter(|(_, line)| tied(line));
    lines.map(|(at, _)| format!("{path}:{}: holds on one machine or with one registry only", at + 1)).collect()
}

/// Whether `tie` stands in `line`, and not as the end of a longer path or name.
fn stands_alone(line: &str, tie: &str) -> bool {
    line.match_indices(tie).any(|(at, _)| {
        let before = line[..at].chars().next_back();
        !before.is_some_and(|c| c.is_alphanumeric() || "_-.}~".contains(c) && tie.starts_with('/'))
    })
}

#[test]
fn a_dependency_without_a_reason_is_seen() {
    for (manifest, faults) in [
        (
            "[dependencies]\n# why\nserde = \"1\" # why\nsha2.workspace = true\ncallboard-federation = { path = \"a\" }",
            0,
        ),
        ("[package]\nname = \"a\"\n[dev-dependencies]\nserde_json = \"1\"\nrand.workspace = true", 2),
        ("[workspace.dependencies]\nserde-x = \"1\"\n[lints]\nworkspace = true", 1),
    ] {
        assert_eq!(unexplained("Cargo.toml", manifest, "| serde, sha2 | why |").len(), faults, "{manifest}");
    }
}

#[test]
fn a_dead_link_and_a_tie_are_seen() {
    let stands = |link: &str| link == "docs/keys.md";
    for (text, faults) in [
        ("[keys](docs/keys.md), [the same](docs/keys.md#log)", 0),
        ("[RFC](https://example.org/a.md) [here](#words)", 0),
        ("[keys](docs/key.md)", 1),
        ("[a](docs/keys.md)\n![b](b.png \"title\") [c](docs/none.md#x)", 2),
    ] {
        assert_eq!(dead_links("README.md", text, stands).len(), faults, "{text}");
    }
    for (path, text, faults) in [
        ("docs/a.md", ["see https://crates", ".io/crates/a"].concat(), 1),
        ("a.toml", ["\nindex = \"https://pypi", ".org/simple\""].concat(), 1),
        ("a.sh", ["cd /wo", "rk/main\ncd /ro", "ot/.cargo"].concat(), 2),
        ("a.json", ["\"https://registry.npm", "js.org\""].concat(), 1),
        ("package-lock.json", ["\"resolved\": \"https://", "registry.example/a\""].concat(), 1),
        ("docs/a.md", ["curl https://", "registry.example/v1"].concat(), 0),
        ("Cargo.lock", ["\"registry+https://github.com/rust-lang/crates", ".io-index\""].concat(), 0),
        ("a.rs", ["join(\"target/wo", "rk/a\")"].concat(), 0),
    ] {
        assert_eq!(ties(path, &text).len(), faults, "{path}: {text}");
    }
}
