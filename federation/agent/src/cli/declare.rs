//! `callboard-agent declare`: how many permanent bans this platform imposed itself, against what it reported.

use std::{collections::BTreeMap, process::ExitCode};

use anyhow::Context as _;
use callboard_api::{
    agent::declarations::{DECLARE_OWN_BANS, NewDeclaration},
    registry::declarations::{FiledDeclaration, FiledDeclarations, LIST_FILED_DECLARATIONS},
};
use callboard_client::{output, runtime::block_on};
use callboard_federation::{language::Phrase, quarter::Quarter, zh_en};

use super::asking::AgentArgs;

const EXAMPLES: &str = "\
Examples:
  callboard-agent declare                                    what was declared, and of which quarters nothing is
  callboard-agent declare 2026-Q3 --bans 57 --code NB-11=41 --code NB-18=16
  callboard-agent declare 2026-Q3 --bans 0                   none is a declaration, too

PERIOD is a quarter that is over, by the clock of Beijing. Counts alone, of no person; a ban that rests on several codes counts
under each. Everyone sees how many bans are declared, at /figures of the registry, against how many violations this platform
reported. A later declaration of a quarter corrects the one before, which the registry keeps.";

/// Declare how many permanent bans this platform imposed itself in a quarter, or list what was declared
#[derive(clap::Args)]
#[command(after_long_help = EXAMPLES)]
pub(super) struct DeclareVerb {
    /// The quarter, such as 2026-Q3
    #[arg(requires = "bans")]
    period: Option<Quarter>,
    /// How many accounts were banned for good, by this platform's own decision
    #[arg(long, value_name = "N", requires = "period")]
    bans: Option<u64>,
    /// How many of them under the code of a violation
    #[arg(long = "code", value_name = "CODE=N", requires = "period")]
    codes: Vec<String>,
    /// Print what was declared as JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    agent: AgentArgs,
}

impl DeclareVerb {
    pub(super) fn run(self) -> anyhow::Result<ExitCode> {
        let codes = codes(&self.codes)?;
        let agent = self.agent.open()?;
        if let (Some(period), Some(bans)) = (self.period, self.bans) {
            let new = NewDeclaration { period, bans, codes };
            block_on(agent.ask(DECLARE_OWN_BANS.with(&(), &(), &new)))?;
            println!(
                "{}",
                zh_en!("{period}：已申报永久封禁 {bans} 个", "{period}: {bans} permanent bans are declared")
            );
            return Ok(ExitCode::SUCCESS);
        }
        let filed = block_on(agent.ask(LIST_FILED_DECLARATIONS.with(&(), &(), &())))?;
        if self.json {
            output::json(&filed)?;
            return Ok(ExitCode::SUCCESS);
        }
        for line in lines(&filed) {
            println!("{line}");
        }
        Ok(ExitCode::SUCCESS)
    }
}

/// Codes with their counts, each once.
fn codes(typed: &[String]) -> anyhow::Result<BTreeMap<String, u64>> {
    let wrong = || Phrase::new("违规情形应写成“代码=数目”，每个一次", "a code is CODE=N, each once");
    let mut codes = BTreeMap::new();
    for text in typed {
        let (code, count) = text.split_once('=').with_context(wrong)?;
        let is_repeated = codes.insert(code.to_owned(), count.parse().with_context(wrong)?).is_some();
        anyhow::ensure!(!is_repeated, wrong());
    }
    Ok(codes)
}

fn lines(filed: &FiledDeclarations) -> Vec<String> {
    let mut lines: Vec<String> = filed.declarations.iter().map(line).collect();
    lines.extend(filed.missing.iter().map(|period| {
        zh_en!(
            "{period}  尚未申报：callboard-agent declare {period} --bans N",
            "{period}  nothing is declared: callboard-agent declare {period} --bans N"
        )
    }));
    if lines.is_empty() {
        lines.push(zh_en!("没有申报，也没有待申报的季度", "nothing was declared, and nothing is asked for"));
    }
    lines
}

fn line(declared: &FiledDeclaration) -> String {
    let FiledDeclaration { period, bans, codes, taken_at, holds, .. } = declared;
    let codes: Vec<String> = codes.iter().map(|(code, count)| format!("{code}={count}")).collect();
    let corrected = if *holds { String::new() } else { zh_en!("  （已更正）", "  (corrected)") };
    format!("{period}  {bans:>8}  {taken_at}  {}{corrected}", codes.join(" "))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_was_declared_and_what_is_missing_is_a_line_each() {
        let at = "2026-10-08T01:00:00.000Z";
        let declared = |bans: u64, holds: bool| json!({"period": "2026-Q3", "bans": bans, "codes": {"NB-11": 3}, "at": at, "takenAt": at, "holds": holds});
        let filed = json!({"declarations": [declared(57, true), declared(5, false)], "missing": ["2026-Q2"]});
        let told = lines(&serde_json::from_value(filed).unwrap());
        assert_eq!(told[0], format!("2026-Q3        57  {at}  NB-11=3"));
        assert!(told[1].ends_with("NB-11=3  (corrected)") && told[2].contains("declare 2026-Q2 --bans N"), "{told:?}");
        let none = lines(&FiledDeclarations { declarations: vec![], missing: vec![] });
        assert_eq!(none.len(), 1);
    }

    #[test]
    fn a_code_stands_once_and_has_a_number() {
        let of = |typed: &[&str]| codes(&typed.iter().map(|text| (*text).to_owned()).collect::<Vec<_>>());
        assert_eq!(of(&["NB-11=3", "NB-18=1"]).unwrap().len(), 2);
        for wrong in [&["NB-11"][..], &["NB-11=x"], &["NB-11=-1"], &["NB-11=1", "NB-11=2"]] {
            assert!(of(wrong).is_err(), "{wrong:?}");
        }
    }
}
