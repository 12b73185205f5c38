//! `callboard-agent prove`: one check and its proof, for an auditor.

use std::{path::PathBuf, process::ExitCode, time::Duration};

use anyhow::Context as _;
use callboard_api::agent::{operating::GET_STATUS, proof::GET_CHECK_PROOF};
use callboard_client::runtime::block_on;
use callboard_federation::{
    anchor::{Anchor, CheckFile},
    encoding::{CheckId, Time},
    language::Phrase,
    zh_en,
};

use super::{
    asking::{AgentArgs, AgentClient},
    output,
};

const EXAMPLES: &str = "\
Examples:
  callboard-agent prove --check 019c167f-cc00-7568-8a65-6cc0703e460a --out proof.json
  callboard-agent prove --check 019c167f-cc00-7568-8a65-6cc0703e460a --out proof.json --wait

The file holds that check's line, its way into the root of the log of checks, the anchor with which you signed that root
on that day, and the proof that the registry's log holds the anchor. It shows nothing of your other checks. The auditor
verifies it with `callboard verify proof.json --members members.json`; docs/formats.md, Log of checks, says how.

A root is signed once a day, and the registry logs the anchors of a day (UTC) once it is over. A proof that is made before
proves nothing yet, and ends with 2; --wait waits, for up to two days.";

/// How often is looked whether the anchor is logged.
const LOOK: Duration = Duration::from_secs(10);
/// The exit code of a proof that proves nothing yet, as `callboard verify` has it.
const UNANCHORED: u8 = 2;

/// Prove one check, and show nothing of the others
#[derive(clap::Args)]
#[command(after_long_help = EXAMPLES)]
pub(super) struct ProveVerb {
    /// The check's id, as the answer had it
    #[arg(long, value_name = "ID")]
    check: CheckId,
    /// Write the proof here instead of printing it
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// Wait until the registry's log holds the anchor
    #[arg(long)]
    wait: bool,
    #[command(flatten)]
    agent: AgentArgs,
}

impl ProveVerb {
    pub(super) fn run(self) -> anyhow::Result<ExitCode> {
        let agent = self.agent.open()?;
        block_on(async {
            let mut told = None;
            let (proof, missing) = loop {
                let proof = agent.find_bytes(GET_CHECK_PROOF.with(&self.check, &(), &())).await?;
                let proof = proof.context(Phrase::new(
                    "没有该次查询，或者已超过 keep_checks_days",
                    "no such check, or it is older than keep_checks_days",
                ))?;
                let missing = missing(&agent, &proof).await?;
                if missing.is_none() || !self.wait {
                    break (proof, missing);
                }
                if told != missing {
                    eprintln!("callboard-agent: {}", missing.as_deref().unwrap_or_default());
                    told = missing;
                }
                tokio::time::sleep(LOOK).await;
            };
            let code = output::whole(&proof, self.out.as_deref())?;
            let Some(missing) = missing else { return Ok(code) };
            eprintln!("callboard-agent{}", zh_en!("：尚无存证：{missing}", ": unanchored: {missing}"));
            Ok(ExitCode::from(UNANCHORED))
        })
    }
}

/// What a proof lacks before it proves anything, and when that comes.
async fn missing(agent: &AgentClient, proof: &[u8]) -> anyhow::Result<Option<String>> {
    let CheckFile { anchor, log_index, logged, .. } = serde_json::from_slice(proof).context(super::ANSWER)?;
    if logged.is_some() {
        return Ok(None);
    }
    if let Some(index) = log_index {
        return Ok(Some(zh_en!(
            "登记系统现在未能证明其第{index}条载有该存证：请再次查询",
            "the registry doesn't prove now that its entry {index} holds the anchor: ask again"
        )));
    }
    let signed = match anchor {
        Some(anchor) => Some(Anchor::from_json(&anchor.payload.0)?.at),
        None => None,
    };
    if let Some(at) = signed {
        return Ok(Some(when(true, at)));
    }
    let status = agent.find(GET_STATUS.with(&(), &(), &())).await?.context(super::NO_AGENT)?;
    Ok(Some(when(false, status.next_anchor)))
}

/// When the registry logs an anchor that is signed at an instant, in words.
fn when(is_signed: bool, at: Time) -> String {
    let over = Time::from_millis((at.day() + 1).saturating_mul(86_400_000));
    let signed = if is_signed {
        Phrase::new("已于", "was signed")
    } else {
        Phrase::new("最早于", "is signed, at the earliest,")
    };
    zh_en!(
        "其根值{signed} {at} 签署；登记系统在当日结束后（{over} 之后）登记当日的存证",
        "its root {signed} at {at}; the registry logs the anchors of that day once it is over, after {over}"
    )
}

#[cfg(test)]
mod tests {
    use super::when;

    #[test]
    fn an_anchor_comes_once_its_day_is_over() {
        assert_eq!(
            when(true, "2026-11-29T02:30:00.000Z".parse().unwrap()),
            "its root was signed at 2026-11-29T02:30:00.000Z; the registry logs the anchors of that day once it is over, \
             after 2026-11-30T00:00:00.000Z"
        );
        assert!(when(false, "2026-11-30T00:00:00.000Z".parse().unwrap()).ends_with("after 2026-12-01T00:00:00.000Z"));
    }
}
