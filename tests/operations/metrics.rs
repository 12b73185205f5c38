//! What the programs show of themselves, after a registry, a token service and an agent have lived a little: each metric says
//! what it is, and whatever rules, dashboards and runbook speak of is there.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use callboard_client::exposition::{BUILD_INFO, Metric, MetricType};

use crate::stage::{STAGE, walk};

/// Somebody new asks, somebody is refused, and everyone is looked at.
const LOOK: &str = "
check host-3 100000198203150026
curl -s -X POST http://127.0.0.1:8441/v1/tokens?epoch=1 || true
look() { curl -sf -H \"authorization: Bearer $(callboard-agent token --config alpha/member.toml)\" \"$2\" > look.txt; sed \"s/^/$1 /\" look.txt; }
set +x
look REGISTRY http://127.0.0.1:9440/metrics
look TOKENS http://127.0.0.1:9441/metrics
look AGENT http://127.0.0.1:8448/metrics
";

fn ops(path: &str) -> PathBuf {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/..")).join("ops").join(path)
}

fn text(path: &str) -> String {
    fs::read_to_string(ops(path)).unwrap()
}

/// The names of ours in a text, as samples have them.
fn names(text: &str) -> BTreeSet<&str> {
    let is_of_a_name = |byte: u8| byte.is_ascii_lowercase() || byte == b'_';
    let mut names = BTreeSet::new();
    for (at, _) in text.match_indices("callboard_") {
        let begins = at == 0 || !is_of_a_name(text.as_bytes()[at - 1]);
        let length = text[at..].bytes().take_while(|byte| is_of_a_name(*byte)).count();
        if begins {
            names.insert(&text[at..at + length]);
        }
    }
    names
}

/// The name in the table that a sample belongs to.
fn base<'a>(sample: &'a str, table: &[Metric]) -> &'a str {
    let is_spread = |name: &str| table.iter().any(|metric| metric.name == name && metric.does == MetricType::Spread);
    let stripped = ["_bucket", "_sum", "_count"].into_iter().find_map(|ending| sample.strip_suffix(ending));
    stripped.filter(|name| is_spread(name)).unwrap_or(sample)
}

/// Each file that speaks of metrics, and what of it isn't shown by any program.
#[test]
fn whatever_rules_and_dashboards_speak_of_is_shown_by_programs_that_lived() {
    let printed = walk(&format!("{STAGE}\n{LOOK}"));
    let shown = |whose: &str| -> String {
        printed
            .lines()
            .filter_map(|line| line.strip_prefix(whose)?.strip_prefix(' '))
            .fold(String::new(), |all, line| all + line + "\n")
    };
    let tables: BTreeMap<&str, &[Metric]> = BTreeMap::from([
        ("REGISTRY", callboard_registry::api::metrics::TABLE),
        ("TOKENS", callboard_tokens::metrics::TABLE),
        ("AGENT", callboard_agent::api::metrics::TABLE),
    ]);
    let (mut all, mut families) = (BTreeSet::new(), BTreeSet::new());
    for (whose, table) in tables {
        let shown = shown(whose);
        let described: BTreeMap<&str, &str> =
            shown.lines().filter_map(|line| line.strip_prefix("# HELP ")?.split_once(' ')).collect();
        let samples = shown.lines().filter(|line| !line.starts_with('#') && !line.is_empty());
        let samples: BTreeSet<&str> = samples.map(|line| line.split(['{', ' ']).next().unwrap()).collect();
        assert!(samples.len() > 12, "{whose}: {printed}");
        for sample in &samples {
            let name = base(sample, table);
            let known = table.iter().chain([&BUILD_INFO]).find(|metric| metric.name == name);
            let known = known.unwrap_or_else(|| panic!("{whose}: {name} stands in no table"));
            assert_eq!(described.get(name).copied(), Some(known.help), "{whose}: {name}");
            all.insert((*sample).to_owned());
            families.insert(name.to_owned());
        }
    }
    for file in [
        "prometheus/rules.yml",
        "prometheus/rules.test.yml",
        "grafana/registry.json",
        "grafana/tokens.json",
        "grafana/agent.json",
        "alerts.md",
    ] {
        let text = text(file);
        for name in names(&text) {
            // A runbook speaks of a histogram as a whole, a query of its series.
            let is_shown = all.contains(name) || file == "alerts.md" && families.contains(name);
            assert!(is_shown, "{file}: {name} is not shown by programs that lived");
        }
    }
}

#[test]
fn every_metric_is_named_as_prometheus_has_it_and_says_what_it_is() {
    let tables = [
        callboard_registry::api::metrics::TABLE,
        callboard_tokens::metrics::TABLE,
        callboard_agent::api::metrics::TABLE,
    ];
    let mut seen = BTreeSet::new();
    for metric in tables.into_iter().flatten() {
        assert!(seen.insert(metric.name), "{} stands twice", metric.name);
        assert_eq!(metric.name.ends_with("_total"), metric.does == MetricType::Count, "{}", metric.name);
        assert!(metric.help.len() > 10 && !metric.help.ends_with('.'), "{}: {}", metric.name, metric.help);
    }
}

/// Sources of ours below a directory.
fn sources(directory: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(directory).unwrap().map(Result::unwrap) {
        let path = entry.path();
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|ending| ending == "rs") {
            found.push(path);
        }
    }
}

#[test]
fn whatever_is_counted_stands_in_a_table() {
    let tables = [
        callboard_registry::api::metrics::TABLE,
        callboard_tokens::metrics::TABLE,
        callboard_agent::api::metrics::TABLE,
    ];
    let known: BTreeSet<&str> = tables.into_iter().flatten().map(|metric| metric.name).collect();
    let (root, mut files, mut counted) = (Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/..")), Vec::new(), 0);
    for room in [
        "src",
        "federation/agent/src",
        "federation/client/src",
        "cli/src",
        "desk/src",
        "rules/src",
        "sandbox/src",
        "service/src",
        "tokens/src",
    ] {
        sources(&root.join(room), &mut files);
    }
    for file in files {
        let text = fs::read_to_string(&file).unwrap();
        for act in ["counter!(\"", "gauge!(\"", "histogram!(\""] {
            for (at, _) in text.match_indices(act) {
                let name = text[at + act.len()..].split('"').next().unwrap();
                assert!(known.contains(name), "{}: {name} stands in no table", file.display());
                counted += 1;
            }
        }
    }
    assert!(counted > 40, "{counted}");
}

#[test]
fn every_alert_has_its_lines_in_the_runbook_and_every_line_its_alert() {
    let (rules, runbook) = (text("prometheus/rules.yml"), text("alerts.md"));
    let alerts: Vec<&str> = rules.lines().filter_map(|line| line.trim().strip_prefix("- alert: ")).collect();
    let told: Vec<&str> = runbook.lines().filter_map(|line| line.strip_prefix("### ")).collect();
    assert_eq!(alerts, told);
    assert!(alerts.len() > 20);
    for alert in alerts {
        assert!(rules.contains(&format!("alerts.md#{}\n", alert.to_lowercase())), "{alert} leads to its lines");
    }
}

#[test]
fn prometheus_takes_its_configuration_and_the_rules_and_they_raise_what_they_should() {
    let Ok(promtool) = std::env::var("CALLBOARD_TEST_PROMTOOL") else {
        eprintln!("promtool is left out: `cargo xtask test` gets one");
        return;
    };
    // As they lie where they are used, with the agent's token beside them, which is asked for.
    let used = tempfile::tempdir().unwrap();
    for name in ["prometheus.yml", "rules.yml", "rules.test.yml"] {
        fs::copy(ops("prometheus").join(name), used.path().join(name)).unwrap();
    }
    let run = |arguments: [&str; 3]| Command::new(&promtool).args(arguments).current_dir(used.path()).output().unwrap();
    assert!(!run(["check", "config", "prometheus.yml"]).status.success(), "without the token");
    fs::write(used.path().join("callboard-agent.token"), "token\n").unwrap();
    for arguments in
        [["check", "config", "prometheus.yml"], ["check", "rules", "rules.yml"], ["test", "rules", "rules.test.yml"]]
    {
        let done = run(arguments);
        assert!(
            done.status.success(),
            "{arguments:?}: {}{}",
            String::from_utf8_lossy(&done.stdout),
            String::from_utf8_lossy(&done.stderr)
        );
    }
}

#[test]
fn the_dashboards_are_json_with_one_source_of_data() {
    for name in ["registry", "tokens", "agent"] {
        let dashboard: serde_json::Value = serde_json::from_str(&text(&format!("grafana/{name}.json"))).unwrap();
        let panels = dashboard["panels"].as_array().unwrap();
        assert!(panels.len() > 5, "{name}");
        for panel in panels {
            assert_eq!(panel["datasource"]["uid"], "${datasource}", "{name}: {panel}");
            assert!(!panel["targets"].as_array().unwrap().is_empty() && panel["title"].is_string(), "{name}: {panel}");
        }
    }
}
