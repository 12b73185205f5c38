//! The runbooks of policies and of the roster, run as they are written beside a registry, its token service and a member's agent.

use crate::stage::{STAGE, walk};

const ROSTER: &str = include_str!("../../ops/roster.md");
const POLICIES: &str = include_str!("../../ops/policies.md");

/// What isn't drafted of policies, and that people are decided under the new one.
const POLICIES_REFUSED: &str = r#"
not_drafted() { if callboard policy draft "$@" --key secretary-1.key --out refused 2>> policies.txt; then exit 1; fi; }
not_drafted rules.toml
not_drafted streamer-warning-rules/2018
not_drafted streamer-warning-rules/1999
sed 's/^version = .*/version = "2028"/' rules.toml > import.toml
sed -i '/^zone/i import = { until = "2099-01-01T00:00:00.000Z" }' import.toml
not_drafted import.toml
sed 's/^version = .*/version = "2028"/' rules.toml | sed '/years.2027/,$d' > short.toml
cat policies.txt
if ls refused; then exit 1; fi
callboard policy draft short.toml --key secretary-1.key --out short
callboard policy draft short.toml --key secretary-1.key --out short-zh --lang zh
curl -sf "$(grep -o '"url":"[^"]*"' registry/genesis.json | cut -d'"' -f4)/v1/policies" | grep -o '"version":"2027"'
"#;

/// What the seats that come later type.
const PASSPHRASES: &str = r"
for seat in panel-2 panel-3 panel-4 chair-3; do echo 'four plain words of mine' > passphrase-of-$seat.txt; done
";

/// What isn't drafted, and why.
const REFUSED: &str = r#"
refused() { if callboard roster "$@" --key secretary-1.key --out refused 2>> refused.txt; then exit 1; fi; }
refused --drop-seat chair-2 chair-3
refused --drop-seat panel-9
refused --add-seat panel-3.pub.json
refused --threshold ruling=panel:3,chair:1
refused --deputy panel-1=chair-3.pub.json
refused --back panel-2.pub.json
refused --close-epoch 1
refused --add-epoch tokens/epoch-1.pub.json
refused --replace-key panel-3.pub.json
cat refused.txt
if ls refused; then exit 1; fi
callboard roster --lang zh
# What is taken over is signed as a roster is, and that asks two of the panel by now.
sed 's/100000198001150001/100000198203150026/' first.csv > last.csv
callboard draft last.csv --import --policy streamer-warning-rules/2022 --key secretary-1.key --out last.bundle
for seat in panel-1 chair-1; do callboard sign last.bundle --key "$seat.key" --yes > last.letters; done
if callboard submit last.bundle last.*.sig --key secretary-1.key --wait 60; then exit 1; fi
callboard sign last.bundle --key panel-3.key --passphrase-file passphrase-of-panel-3.txt --yes > last.letters
callboard submit last.bundle last.*.sig --key secretary-1.key --wait 60
check host-3 100000198203150026 | grep '"decision":"refuse"'
echo 'the walk is over'
"#;

/// The `sh` blocks of a runbook.
fn blocks(runbook: &str) -> String {
    let blocks: Vec<&str> = runbook.split("```sh\n").skip(1).map(|rest| rest.split_once("```").unwrap().0).collect();
    assert_eq!(blocks.len(), runbook.matches("```sh\n").count());
    blocks.join("\n")
}

#[test]
fn the_runbooks_of_policies_and_of_the_roster_work_as_they_are_written() {
    let printed = walk(&[STAGE, PASSPHRASES, &blocks(POLICIES), POLICIES_REFUSED, &blocks(ROSTER), REFUSED].join("\n"));
    for line in [
        "rules/policy-streamer-warning-rules-2027.bundle  to be signed by 1 panel, 1 chair",
        "changes from version 2022, which is in force (+ added, - left out, ~ changed):",
        "~ version: 2022 → 2027",
        "streamer-warning-rules/2027 is logged already: a logged policy stays as it is",
        "streamer-warning-rules/2018 is logged already",
        "streamer-warning-rules/1999 is neither a file nor a policy that comes with the program",
        "it takes rulings over until 1 January 2099 08:00: at most 366 days from when it is logged",
        "its calendar ends with 2026: 2027 is missing",
        "工作日历止于2026年，没有2027年",
        "\"version\":\"2027\"",
        "Roster 1 · callboard.example",
        "panels: 2 panel and 2 chair of the roster, of whom a ruling asks 1 panel and 1 chair: 2 panels that share nobody",
        "  with up to 1 recused, of whichever role: 1 panel\n  with nobody recused: 2 panels that share nobody",
        "one panel is left to hear an objection, and none after a recusal: 1 panel and 1 chair more are recommended",
        "seat panel-2 · key card: ",
        "+ seat panel-3",
        "panel-4（代panel-1） stands in for panel-1, who signs nothing on leave; the public file of panel-1 ends it",
        "panel-1 is back, and panel-4（代panel-1） stands in no longer",
        "the same docket by roster 5's own rule too (to be signed by 1 panel, 1 chair); who sits in both signs once for both: \
         chair-1, chair-2, panel-2, panel-3, chair-3",
        "the same docket by roster 6's own rule too (to be signed by 2 panel, 1 chair)",
        "a roster asks 1 of the chair, and there would be just 1",
        "no seat is called panel-9; there are chair-1 chair-2 panel-1 panel-2 secretary-1 panel-3 chair-3",
        "a seat is called panel-3 already",
        "roster asks 2 of the panel, and a ruling or interim 3",
        "panel-1 is of the panel, and the public file says chair",
        "no seat stands in for panel-2",
        "epoch 1 is the last that is live",
        "epoch 1 is in the roster already",
        "nothing would change",
        "签署权限名单（第6版） · callboard.example",
        "一项决定须评议委员2名、主任委员1名，可组成1个互不重复的评议组",
        "没有另一个评议组",
        "the walk is over",
    ] {
        assert!(printed.contains(line), "{line} is missing:\n{printed}");
    }
}
