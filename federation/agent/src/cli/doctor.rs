//! `callboard-agent doctor`: what is wrong, if anything is, and what to do.

use std::{fs, os::unix::fs::PermissionsExt as _, process::ExitCode, time::Duration};

use callboard_client::{
    clock::{Clock as _, MachineClock},
    http,
    program::{block_on, told},
};
use jiff::fmt::rfc2822;
use serde_json::Value;

use super::asking::{Asked, Asking};
use crate::config::Config;

const EXAMPLES: &str = "\
Examples:
  callboard-agent doctor --config member.toml

Ends with 1 if something needs a hand. It changes nothing, and asks nobody about anyone.";

/// Seconds that the machine's clock may be off: a signed request is taken within 60.
const CLOCK_LEEWAY: i64 = 30;
/// Below this much of free space the agent may soon not log a check, and so not answer it.
const FREE_BYTES: u64 = 1 << 30;
/// How long a service may take to say that it lives.
const PATIENCE: Duration = Duration::from_secs(10);

/// Look for what is wrong: clock, reachability, key, quorum, staleness, disk
#[derive(clap::Args)]
#[command(after_long_help = EXAMPLES)]
pub(super) struct Doctor {
    #[command(flatten)]
    asked: Asked,
}

/// What was found of one thing, and what to do about it if it isn't well.
struct Found {
    what: &'static str,
    said: String,
    todo: Option<&'static str>,
}

fn well(what: &'static str, said: impl Into<String>) -> Found {
    Found { what, said: said.into(), todo: None }
}

fn ill(what: &'static str, said: impl Into<String>, todo: &'static str) -> Found {
    Found { what, said: said.into(), todo: Some(todo) }
}

impl Doctor {
    pub(super) fn run(self) -> anyhow::Result<ExitCode> {
        let config = Config::read(&self.asked.config)?;
        let agent = self.asked.open()?;
        let mut found = vec![key(&config), disk(&config)];
        found.extend(block_on(async {
            let mut found = services(&config).await?;
            found.extend(running(&agent).await);
            found.extend(restored(&config, &agent).await);
            Ok(found)
        })?);
        for Found { what, said, todo } in &found {
            println!("{}  {what:<14} {said}", if todo.is_some() { "FIX" } else { "ok " });
            if let Some(todo) = todo {
                println!("     → {todo}");
            }
        }
        let is_well = found.iter().all(|found| found.todo.is_none());
        Ok(if is_well { ExitCode::SUCCESS } else { ExitCode::FAILURE })
    }
}

fn key(config: &Config) -> Found {
    let what = "key file";
    match fs::metadata(&config.key) {
        Err(error) => ill(
            what,
            format!("{}: {error}", config.key.display()),
            "put the member's key file where `key` in member.toml says",
        ),
        Ok(metadata) if metadata.permissions().mode() & 0o077 != 0 => {
            ill(what, format!("{}: others may read it", config.key.display()), "chmod 600 it, and ask who did that")
        }
        Ok(_) => well(what, config.key.display().to_string()),
    }
}

fn disk(config: &Config) -> Found {
    let what = "disk";
    let directory = &config.directory;
    let free = rustix::fs::statvfs(directory).map(|disk| disk.f_bavail.saturating_mul(disk.f_frsize));
    match free {
        Err(_) => ill(
            what,
            format!("{} isn't there", directory.display()),
            "`callboard-agent run` makes it, if it may write beside member.toml",
        ),
        Ok(free) if free < FREE_BYTES => {
            ill(what, format!("{} MiB are free", free >> 20), "make room: a check that can't be logged isn't answered")
        }
        Ok(free) => well(what, format!("{} GiB are free", free >> 30)),
    }
}

/// Whether the services answer, and whether their clock is ours.
async fn services(config: &Config) -> anyhow::Result<Vec<Found>> {
    let client = http::client()?;
    let mut found = Vec::new();
    for (what, address) in [("registry", &config.url), ("token service", &config.tokens_url)] {
        let asked = client.get(address.at("/healthz")).timeout(PATIENCE).send().await;
        let answer = match asked.and_then(reqwest::Response::error_for_status) {
            Ok(answer) => answer,
            Err(error) => {
                let todo = "check the address in member.toml, DNS, the firewall, and a proxy in the environment";
                found.push(ill(what, told(&error.without_url()), todo));
                continue;
            }
        };
        found.push(well(what, address.as_str()));
        let date = answer.headers().get("date").and_then(|date| date.to_str().ok());
        let theirs = date.and_then(|date| rfc2822::parse(date).ok()).map(|date| date.timestamp().as_second());
        if let (Some(theirs), "registry") = (theirs, what) {
            let off = MachineClock.now().as_seconds() - theirs;
            let said = format!("{} s {} the registry's", off.abs(), if off < 0 { "behind" } else { "ahead of" });
            found.push(if off.abs() > CLOCK_LEEWAY {
                ill("clock", said, "let a time service set this machine's clock: signed requests are taken within 60 s")
            } else {
                well("clock", said)
            });
        }
    }
    Ok(found)
}

/// What the agent does besides answering: cosigning and anchoring, alone, and calling the hook.
fn duties(status: &Value) -> Vec<Found> {
    let log = &status["log"];
    let text = |value: &Value| value.as_str().map(str::to_owned);
    let mut found = Vec::new();
    if let Some(cosigned) = text(&log["otherAgent"]["cosignedAt"]) {
        found.push(ill(
            "second agent",
            format!("another agent cosigned with this member's key at {cosigned}; this one does not cosign, anchor or file receipts"),
            "one agent of a member runs: stop one of the two; this one takes over three minutes later",
        ));
    }
    if let Some(why) = text(&status["anchorFailure"]) {
        found.push(ill(
            "anchor",
            why,
            "what was checked since the last anchor can't be proven until one is taken: see that one agent of this member runs",
        ));
    }
    let owed = status["hookOwed"].as_u64().unwrap_or(0);
    found.push(if status["hookMode"] == "report" {
        well("hook", "is not called (hookMode = \"report\")")
    } else if owed > 0 {
        ill(
            "hook",
            format!("{owed} calls are owed"),
            "see that your hook answers 2xx within 10 s; each call is made until it does",
        )
    } else {
        well("hook", "nothing is owed")
    });
    found
}

/// What a registry may have lost of this member's that was restored from an older copy: what it is told again by itself
/// isn't told here.
async fn restored(config: &Config, agent: &Asking) -> Option<Found> {
    let asked = async |path: &str| {
        let answer = agent.get(path).await.ok().flatten().unwrap_or_default();
        serde_json::from_slice::<Value>(&answer).unwrap_or_default()
    };
    let status = asked("/status").await;
    let at =
        status["log"]["notices"].as_str()?.split(", ").find_map(|notice| notice.strip_prefix("restored="))?.to_owned();
    let had_one = config.directory.join("webhook.secret").is_file();
    let has_none = asked("/endpoints").await["endpoints"].as_array().is_some_and(Vec::is_empty);
    let said = format!("the registry was restored at {at}");
    Some(if had_one && has_none {
        ill(
            "restored",
            format!("{said}, and has no endpoint of this member any more"),
            "make it again: callboard-agent endpoint create URL; until then the feed tells the same, a little later",
        )
    } else {
        well("restored", said)
    })
}

/// Dockets in the log that don't count: they have no effect, and a registry logs none.
fn uncounted(log: &Value) -> Option<Found> {
    let dockets = log["uncounted"].as_array().filter(|dockets| !dockets.is_empty())?;
    let told = |docket: &Value| format!("entry {}: {}", docket["index"], docket["breaks"].as_str().unwrap_or_default());
    let told: Vec<String> = dockets.iter().rev().take(3).map(told).collect();
    let said = format!("{} in the log don't count ({})", dockets.len(), told.join(", "));
    Some(ill(
        "dockets",
        said,
        "they have no effect here; a registry logs none: ask it, and the other members, how they came",
    ))
}

/// What the agent that runs says of itself.
async fn running(agent: &Asking) -> Vec<Found> {
    let status = match agent.get("/status").await {
        Ok(Some(status)) => serde_json::from_slice::<Value>(&status).unwrap_or_default(),
        Ok(None) => {
            return vec![ill(
                "agent",
                "what answers there is no agent",
                "stop whatever has its port, or change `listen`",
            )];
        }
        Err(error) => {
            return vec![ill(
                "agent",
                format!("{error:#}"),
                "start it: callboard-agent run, or its unit in ops/systemd",
            )];
        }
    };
    let log = &status["log"];
    let text = |value: &Value| value.as_str().map(str::to_owned);
    let mut found = Vec::new();
    found.push(match text(&status["stale"]) {
        None => well(
            "view",
            format!(
                "{} entries, witnessed since {}",
                log["witnessed"],
                text(&log["witnessedSince"]).unwrap_or_default()
            ),
        ),
        Some(why) => {
            ill("view", why, "hold admissions; if registry and clock are well, ask the registry why it isn't witnessed")
        }
    });
    if let Some(failure) = text(&log["failure"]) {
        found.push(ill("feed", failure, "the registry was not followed the last time: see registry and alarms"));
    }
    found.push(if log["isMember"] == false {
        ill(
            "membership",
            "the members' list in force has another key of this member, or none",
            "hand your .pub.json to the registry, which signs it in: callboard member add",
        )
    } else {
        well("membership", "the members' list has this key")
    });
    found.push(match log["quorum"].as_u64() {
        Some(0) => ill(
            "quorum",
            "the roster asks for no witness: nobody but the registry vouches for the view",
            "ask the registry for a roster with witnesses",
        ),
        Some(quorum) => {
            let own = if log["isWitness"] == true { "this member is one" } else { "this member is none" };
            well("quorum", format!("{quorum} witnesses are asked for; {own}"))
        }
        None => ill("quorum", "no roster is known yet", "wait until the log is followed; see registry"),
    });
    for alarm in log["alarms"].as_array().into_iter().flatten() {
        let said =
            format!("{}: {}", text(&alarm["alarm"]).unwrap_or_default(), text(&alarm["detail"]).unwrap_or_default());
        found.push(ill("ALARM", said, "call the registry and the other members; keep the agent's directory as it is"));
    }
    found.extend(uncounted(log));
    for file in log["kept"].as_array().into_iter().flatten() {
        let todo = "hand it to the other members and to an auditor; then move it out of the agent's directory";
        found.push(ill("evidence", text(file).unwrap_or_default(), todo));
    }
    if let Some(why) = text(&status["tokens"]) {
        let is_wrong = status["wrongTokenKey"] == true;
        let todo = if is_wrong {
            "the token service answers with another key than the roster's: call the registry, whatever it told you is no answer"
        } else {
            "known people are answered; new ones when the token service is back, or the quota begins anew"
        };
        found.push(ill("tokens", why, todo));
    }
    found.extend(duties(&status));
    // What the registry tells this member with its feed (formats §12).
    let notices = text(&log["notices"]).unwrap_or_default();
    for (notice, todo) in [
        ("endpoint-disabled", "mend what stands before POST /webhook, then: callboard-agent endpoint resume ID"),
        ("receipts-due", "see hook; or say it yourself: callboard-agent receipt DOCKET --outcome …"),
        ("receipts-overdue", "everyone sees it: say what holds, callboard-agent receipt DOCKET --outcome …"),
    ] {
        let told = notices.split(", ").find(|told| told.split('=').next() == Some(notice));
        found.extend(told.map(|told| ill("registry says", told, todo)));
    }
    found
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::uncounted;

    #[test]
    fn a_docket_in_the_log_that_does_not_count_needs_a_hand() {
        assert!(uncounted(&json!({"uncounted": []})).is_none());
        let log = json!({"uncounted": [{"index": 7, "breaks": "threshold"}, {"index": 9, "breaks": "payload-type"}]});
        let found = uncounted(&log).unwrap();
        assert_eq!(found.said, "2 in the log don't count (entry 9: payload-type, entry 7: threshold)");
        assert!(found.todo.is_some(), "the exit code is 1");
    }
}
