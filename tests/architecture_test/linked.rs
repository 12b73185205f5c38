//! What a program must not hold, it can't link: asked of cargo, by the lock file.

use std::process::Command;

use crate::{nothing_is_wrong, root};

/// A package, what it must not link by any way, and why not.
const NEVER: [(&str, &[&str], &str); 7] = [
    (
        "callboard-registry",
        &["age", "callboard-keys", "callboard-desk", "callboard-tokens", "callboard-agent", "callboard-sandbox"],
        "the registry holds no key of a seat or a member, opens nothing that is sealed, and makes no tag",
    ),
    (
        "callboard-tokens",
        &["age", "callboard-keys", "callboard-desk", "callboard-registry", "callboard-agent", "callboard-sandbox"],
        "the token service holds no key but its own, and no log",
    ),
    (
        "callboard-agent",
        &["callboard-desk", "callboard-registry", "callboard-tokens", "callboard-sandbox"],
        "an agent is no service, and decides nothing",
    ),
    (
        "callboard-desk",
        &["callboard-registry", "callboard-tokens", "callboard-agent", "callboard-sandbox"],
        "a desk knows the services by HTTP alone",
    ),
    (
        "callboard-desk-page",
        &[
            "callboard-registry",
            "callboard-tokens",
            "callboard-agent",
            "callboard-sandbox",
            "callboard-service",
            "sqlx",
        ],
        "a seat's pages are no service: they keep no store, and run on whichever system people have",
    ),
    ("callboard-log", &["callboard-federation", "tokio"], "a log knows no leaf, and does no I/O"),
    ("callboard-federation", &["tokio", "axum", "sqlx", "reqwest", "callboard-client"], "the verifier does no I/O"),
];

#[test]
fn no_program_links_what_it_must_not_hold() {
    let faults = NEVER.iter().flat_map(|(package, never, why)| linked(package, never, why));
    nothing_is_wrong(&faults.collect::<Vec<_>>());
}

#[test]
fn what_is_linked_is_seen_however_far_off_it_stands() {
    for (package, dependency) in
        [("callboard", "age"), ("callboard", "callboard-tokens"), ("callboard-registry", "sqlx")]
    {
        assert_eq!(linked(package, &[dependency], "").len(), 1, "{package}: {dependency}");
    }
}

/// `cargo run`, the first command of the README, takes the one program that a package of the workspace runs by default.
#[test]
fn what_a_clone_runs_is_callboard_and_nothing_else() {
    let manifest = |directory: &str| std::fs::read_to_string(root().join(directory).join("Cargo.toml")).unwrap();
    let workspace = manifest("");
    let members = workspace.lines().find_map(|line| line.strip_prefix("members = [")?.strip_suffix(']')).unwrap();
    let members = members.split(", ").map(|member| member.trim_matches('"')).chain([""]);
    let runs: Vec<String> = members
        .flat_map(|member| manifest(member).lines().map(str::to_owned).collect::<Vec<_>>())
        .filter(|line| line.starts_with("default-run"))
        .collect();
    assert_eq!(runs, ["default-run = \"callboard\""]);
}

/// What of `never` the package's program links, each a sentence.
fn linked(package: &str, never: &[&str], why: &str) -> Vec<String> {
    let mut tree = Command::new(env!("CARGO"));
    tree.args(["tree", "--package", package, "--edges", "normal", "--prefix", "none", "--offline", "--locked"]);
    let tree = tree.current_dir(root()).output().unwrap_or_else(|error| panic!("cargo can't be run: {error}"));
    assert!(tree.status.success(), "{}", String::from_utf8_lossy(&tree.stderr));
    let tree = String::from_utf8_lossy(&tree.stdout);
    let names: Vec<&str> = tree.lines().filter_map(|line| line.split(' ').next()).collect();
    assert_eq!(names.first(), Some(&package), "the tree is another package's");
    let found = never.iter().filter(|name| names.contains(name));
    found.map(|name| format!("{package} links {name}: {why}")).collect()
}
