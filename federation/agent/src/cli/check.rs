//! `callboard-agent check`: may this person, or may these people, go on air here?
//!
//! An identity is never an argument, since every process of the machine may read those, and never in what is written unless
//! `--with-identities` asks for it, into a file that is named.
//!
//! Long because the answer to a person and the answers of a list are told by one verb, in both languages.

use std::{
    io::{IsTerminal as _, Read as _},
    path::{Path, PathBuf},
    process::ExitCode,
};

use anyhow::{Context as _, bail, ensure};
use callboard_api::agent::{
    Names, OneOrMany, Reference,
    answer::{BlockReason, CheckAnswer, Decision},
    checks::CHECK,
    question::{IdentityInput, Purpose, Question},
};
use callboard_client::{csv_row, runtime::block_on};
use callboard_federation::{
    identity::{IdentityError, reader::split_line},
    language::{Language, Phrase},
    zh_en,
};
use clap::builder::{PossibleValue, PossibleValuesParser, TypedValueParser};
use jiff::{SignedDuration, civil::Date};
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use super::{
    asking::{AgentArgs, AgentClient},
    bulk::{List, ListArgs},
    cost,
    output::Output,
    sheet::Format,
};

const EXAMPLES: &str = "\
One person:
  callboard-agent check --ref host-1                       the identity is asked for, KIND:VALUE, and not shown
  callboard-agent check --ref host-1 --identity-file -     one KIND:VALUE a line: cn-id, hmt-travel-permit, passport,
                                                           cn-uscc, platform-account, net-identity-code,
                                                           passport-holder; or the kind in Chinese
  ends with 0 allow or notify, 10 review, 11 refuse, 12 blocked, 1 not asked

A list:
  callboard-agent check applicants.csv --out answers.csv   CSV (UTF-8, GB18030, UTF-16) or XLSX; columns ref, kind,
                                                           identity and, where known, person, names, confirmed, dateOfBirth, purpose, consentRef,
                                                           guardianConsent, guardianRef, noDocument
  callboard-agent check applicants.csv --out answers.csv --resume      after a stop, behind the last answer
  cat people.ndjson | callboard-agent check - > answers.ndjson
  ends with 0 if all were answered; it stops before the first part with someone who can't be answered now (`stale`,
  `unavailable`) and ends with 75, unless --keep-going says to write that down";

/// Ends a list that can be gone on with later (`EX_TEMPFAIL` of sysexits).
const TRY_LATER: u8 = 75;

/// Ask whether a person, or each of a list, may be onboarded
#[derive(clap::Args)]
#[command(after_long_help = EXAMPLES)]
pub(super) struct CheckVerb {
    #[command(flatten)]
    many: Many,
    #[command(flatten)]
    one: One,
    #[command(flatten)]
    agent: AgentArgs,
}

/// One person.
#[derive(clap::Args)]
struct One {
    /// What the platform calls the account of the one person
    #[arg(long = "ref", value_name = "REF", conflicts_with = "file", required_unless_present = "file")]
    reference: Option<String>,
    /// Who of those at the account, where there are several
    #[arg(long, requires = "reference")]
    person: Option<String>,
    /// The identities of the one person, one KIND:VALUE a line, and names, one name:NAME a line; `-` is standard input
    #[arg(long, value_name = "FILE", requires = "reference")]
    identity_file: Option<PathBuf>,
    /// A person compared the identities with the documents: take those that may be cut, rounded or of an early code
    #[arg(long, requires = "reference")]
    confirmed: bool,
    /// The person's date of birth, where no identity tells it
    #[arg(long, value_name = "DATE", requires = "reference")]
    date_of_birth: Option<Date>,
    #[command(flatten)]
    besides: Besides,
    /// How old a view may be, as 90s or 5m: stricter than member.toml says
    #[arg(long, value_name = "LENGTH", requires = "reference")]
    max_staleness: Option<SignedDuration>,
    /// Print the answer as JSON
    #[arg(long, requires = "reference")]
    json: bool,
}

/// What the platform says of its own.
#[derive(clap::Args)]
struct Besides {
    /// What you ask for
    #[arg(long, requires = "reference", default_value = "onboard", value_parser = purposes())]
    purpose: Purpose,
    /// Your own reference to the consent with which you ask
    #[arg(long, value_name = "REF", requires = "reference")]
    consent_ref: Option<String>,
    /// A guardian of this person of 16 or 17 agreed
    #[arg(long, requires = "reference")]
    guardian_consent: bool,
    /// Your own reference to the guardian's consent
    #[arg(long, value_name = "REF", requires = "reference")]
    guardian_ref: Option<String>,
    /// You hold no document of the person
    #[arg(long, requires = "reference")]
    no_document: bool,
}

fn purposes() -> impl TypedValueParser<Value = Purpose> {
    let purposes = [
        PossibleValue::new("onboard").help("Before somebody is given an account to stream from"),
        PossibleValue::new("contract").help("Before a contract"),
        PossibleValue::new("watch").help("Somebody who streams already"),
    ];
    PossibleValuesParser::new(purposes).map(|word| Purpose::from_word(&word).unwrap_or_default())
}

/// A list of people.
#[derive(clap::Args)]
struct Many {
    #[command(flatten)]
    list: ListArgs,
    /// Write the answers here, a line each, instead of printing them
    #[arg(long, value_name = "FILE", requires = "file")]
    out: Option<PathBuf>,
    /// Go on with a file of answers to the same list
    #[arg(long, requires = "out")]
    resume: bool,
    /// Write each identity beside its answer
    #[arg(long, requires = "out")]
    with_identities: bool,
    /// Write down who can't be answered now, and go on
    #[arg(long, requires = "file")]
    keep_going: bool,
}

impl CheckVerb {
    pub(super) fn run(self) -> anyhow::Result<ExitCode> {
        let agent = self.agent.open()?;
        match (&self.many.list.file, &self.one.reference) {
            (Some(path), _) => block_on(self.many.ask(&agent, path)),
            (None, Some(reference)) => block_on(self.one.ask(&agent, reference)),
            (None, None) => {
                bail!(zh_en!("请指明名单文件，或用 --ref 指明一个账号", "name a list, or one account with --ref"))
            }
        }
    }
}

impl One {
    async fn ask(&self, agent: &AgentClient, reference: &str) -> anyhow::Result<ExitCode> {
        let (identities, names) = self.identities()?;
        let reference_of = |text: &Option<String>| text.clone().map(Reference::try_from).transpose();
        let question = Question {
            reference: Reference::try_from(reference.to_owned())?,
            person: reference_of(&self.person)?,
            identities,
            date_of_birth: self.date_of_birth,
            names,
            purpose: self.besides.purpose,
            consent_ref: reference_of(&self.besides.consent_ref)?,
            guardian_consent: self.besides.guardian_consent,
            guardian_ref: reference_of(&self.besides.guardian_ref)?,
            no_document: self.besides.no_document,
            max_staleness: self.max_staleness,
        };
        let answer = agent.ask(CHECK.with(&(), &(), &OneOrMany::one(question))).await?;
        let answer = answer.each.into_iter().next().context(super::ANSWER)?;
        if self.json {
            callboard_client::output::json(&answer)?;
        } else {
            show(&answer);
        }
        Ok(match answer.decision {
            Decision::Allow | Decision::Notify => ExitCode::SUCCESS,
            Decision::Review => ExitCode::from(10),
            Decision::Refuse => ExitCode::from(11),
            Decision::Blocked => ExitCode::from(12),
        })
    }

    /// The identities, and the names among their lines.
    fn identities(&self) -> anyhow::Result<(Vec<IdentityInput>, Names)> {
        let mut text = Zeroizing::new(String::new());
        match &self.identity_file {
            Some(path) if path.as_os_str() == "-" => {
                std::io::stdin().read_to_string(&mut text).context(Phrase::new("标准输入", "standard input"))?;
            }
            Some(path) => *text = std::fs::read_to_string(path).with_context(|| path.display().to_string())?,
            None => {
                ensure!(
                    std::io::stdin().is_terminal(),
                    zh_en!(
                        "请用 --identity-file 给出证件：文件名，或 -",
                        "give the identity with --identity-file: FILE, or `-`"
                    )
                );
                *text = rpassword::prompt_password(zh_en!(
                    "证件（类型:号码，输入不显示）：",
                    "Identity (KIND:VALUE, not shown): "
                ))?;
            }
        }
        let name = |line: &str| {
            let (word, name) = line.trim().split_once([':', '：'])?;
            matches!(word.trim(), "name" | "姓名").then(|| name.trim().to_owned())
        };
        let names: Vec<String> = text.lines().filter_map(name).collect();
        let lines = text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty() && name(line).is_none());
        let read = |(at, line): (usize, &str)| {
            let split = split_line(line).with_context(|| IdentityError::KindUnknown.words().spoken().to_owned());
            let (kind, value) = split.with_context(|| zh_en!("第{}行", "line {}", at + 1))?;
            Ok(IdentityInput { kind, value: value.to_owned(), confirmed: self.confirmed })
        };
        Ok((lines.map(read).collect::<anyhow::Result<_>>()?, Names::try_from(names)?))
    }
}

impl Many {
    async fn ask(&self, agent: &AgentClient, path: &Path) -> anyhow::Result<ExitCode> {
        cost::say(agent, &self.list, path).await?;
        let mut list = self.list.open(path)?;
        let format = self.out.as_deref().and_then(Format::of_path).unwrap_or(list.sheet.format());
        let mut output = Output::open(self.out.as_deref(), self.resume)?;
        let writer = Answers { format, with_identities: self.with_identities };
        let mut done = skip(&mut list, &mut output, &writer)?;
        loop {
            let part = list.part()?;
            if part.is_empty() {
                break;
            }
            let asked = OneOrMany::many(part);
            let answers = agent.ask(CHECK.with(&(), &(), &asked)).await?.each;
            let part = asked.each;
            ensure!(
                answers.len() == part.len(),
                zh_en!("会员端答复的不是所查询的人", "the agent answered about others than were asked about")
            );
            let is_later =
                |answer: &CheckAnswer| matches!(answer.blocked, Some(BlockReason::Stale | BlockReason::Unavailable));
            if let Some(at) = answers.iter().position(is_later).filter(|_| !self.keep_going) {
                list.bar.finish_and_clear();
                let CheckAnswer { blocked, detail, .. } = &answers[at];
                let (why, detail) = (blocked.map_or("", BlockReason::as_str), detail.as_deref().unwrap_or_default());
                // What was answered before it stands; what was paid for behind it is in the tag book.
                output.write(&writer.lines(&part[..at], &answers[..at])?)?;
                done += at;
                eprintln!(
                    "{}",
                    zh_en!(
                        "已答复{done}人，随后 {why}：{detail}。请稍后用 --resume 继续，或用 --keep-going 记下后继续",
                        "{done} answered, then {why}: {detail}. Go on later with --resume, or write it down with --keep-going."
                    )
                );
                return Ok(ExitCode::from(TRY_LATER));
            }
            output.write(&writer.lines(&part, &answers)?)?;
            done += part.len();
            list.show(zh_en!("已答复{done}人", "{done} answered"));
        }
        list.bar.finish_and_clear();
        if self.out.is_some() {
            eprintln!("{}", zh_en!("已答复{done}人", "{done} answered"));
        }
        Ok(ExitCode::SUCCESS)
    }
}

/// Passes over who was answered before, and begins a new file.
fn skip(list: &mut List, output: &mut Output, writer: &Answers) -> anyhow::Result<usize> {
    let head = writer.head();
    if output.lines == 0 {
        output.write(&head)?;
        return Ok(0);
    }
    let answered = output.lines - usize::from(!head.is_empty());
    let mut passed = None;
    for _ in 0..answered {
        passed = list.sheet.next()?;
    }
    // The last answer tells whether they are of this list.
    let is_same = passed.map(|question| writer.shown(&question.reference)) == writer.reference_of(&output.last);
    ensure!(
        is_same || answered == 0,
        zh_en!(
            "答复属于另一名单：其最后一项的账号与第{answered}行不同",
            "the answers are of another list: their last is of another ref than row {answered}"
        )
    );
    Ok(answered)
}

/// How answers are written.
struct Answers {
    format: Format,
    with_identities: bool,
}

impl Answers {
    fn head(&self) -> Vec<u8> {
        let mut names = vec!["ref", "decision", "blocked", "detail", "state", "records", "at", "check"];
        names.extend(["person", "reason", "nameDiffers", "notes"]);
        if self.with_identities {
            names.extend(["kind", "identity"]);
        }
        match self.format {
            Format::Csv => csv_row::row(names).into_bytes(),
            Format::Ndjson => Vec::new(),
        }
    }

    /// A ref as a line has it.
    fn shown(&self, reference: &Reference) -> String {
        match self.format {
            Format::Csv => csv_row::cell(reference.as_str()).into_owned(),
            Format::Ndjson => reference.as_str().to_owned(),
        }
    }

    fn reference_of(&self, line: &[u8]) -> Option<String> {
        match self.format {
            Format::Csv => {
                let mut reader = csv::ReaderBuilder::new().has_headers(false).from_reader(line);
                reader.records().next()?.ok()?.get(0).map(str::to_owned)
            }
            Format::Ndjson => Some(serde_json::from_slice::<AnsweredRef>(line).ok()?.reference),
        }
    }

    fn lines(&self, part: &[Question], answers: &[CheckAnswer]) -> anyhow::Result<Vec<u8>> {
        let mut lines = Vec::new();
        for (question, answer) in part.iter().zip(answers) {
            match self.format {
                Format::Csv => {
                    let records: Vec<String> = answer.reasons.iter().map(|reason| reason.record.to_string()).collect();
                    let notes: Vec<&str> = answer.notes.iter().map(|note| &*note.code).collect();
                    let (records, notes) = (records.join(" "), notes.join(" "));
                    let (at, id) = (answer.at.to_string(), answer.id.to_string());
                    let mut fields = vec![
                        question.reference.as_str(),
                        answer.decision.as_str(),
                        answer.blocked.map_or("", BlockReason::as_str),
                        answer.detail.as_deref().unwrap_or_default(),
                        answer.standing.as_ref().map_or("", |standing| standing.state.as_str()),
                        &records,
                        &at,
                        &id,
                        answer.person.as_ref().map_or("", Reference::as_str),
                        answer.reason.as_deref().unwrap_or_default(),
                        if answer.name_differs { "true" } else { "" },
                        &notes,
                    ];
                    if let (true, Some(identity)) = (self.with_identities, question.identities.first()) {
                        fields.extend([identity.kind.as_str(), &identity.value]);
                    }
                    lines.extend(csv_row::row(fields).into_bytes());
                }
                Format::Ndjson => {
                    let identities = self.with_identities.then_some(&question.identities[..]);
                    serde_json::to_writer(&mut lines, &AnswerLine { answer, identities })?;
                    lines.push(b'\n');
                }
            }
        }
        Ok(lines)
    }
}

#[derive(Serialize)]
struct AnswerLine<'a> {
    #[serde(flatten)]
    answer: &'a CheckAnswer,
    #[serde(skip_serializing_if = "Option::is_none")]
    identities: Option<&'a [IdentityInput]>,
}

/// Whom a line of an earlier run is of.
#[derive(Deserialize)]
struct AnsweredRef {
    #[serde(rename = "ref")]
    reference: String,
}

fn decision_text(decision: Decision) -> &'static str {
    let zh = match decision {
        Decision::Allow => "可以准入",
        Decision::Notify => "可以准入，须告知负责人",
        Decision::Review => "须人工复核",
        Decision::Refuse => "不得准入",
        Decision::Blocked => "暂缓准入",
    };
    Language::spoken().pick(zh, decision.as_str())
}

/// An answer for whoever asked at a terminal.
fn show(answer: &CheckAnswer) {
    let colon = zh_en!("：", ": ");
    let spoken = Language::spoken();
    // `detail` says what is found in both languages.
    let findings: Vec<&str> = answer.findings.iter().map(|one| spoken.pick(&one.zh, &one.en)).collect();
    let detail = if findings.is_empty() {
        answer.detail.clone().unwrap_or_default()
    } else {
        findings.join(&zh_en!("；", "; "))
    };
    let why = [answer.blocked.map_or("", BlockReason::as_str), &detail].map(|why| match why {
        "" => String::new(),
        why => format!("{colon}{why}"),
    });
    let person = answer.person.as_ref().map_or_else(String::new, |person| format!(" / {}", person.as_str()));
    println!("{}{person}  {}{}", answer.reference.as_str(), decision_text(answer.decision), why.concat());
    println!("  {}", spoken.pick(&answer.todo.zh, &answer.todo.en));
    for reason in &answer.reasons {
        println!("  {}  ({})", spoken.pick(&reason.measure.zh, &reason.measure.en), reason.record);
        if let Some(details) = &reason.details
            && let Ok(details) = serde_json::to_string_pretty(details)
        {
            println!("    {}", details.replace('\n', "\n    "));
        }
        if let Some(why) = &reason.sealed {
            println!("    {}{colon}{why}", zh_en!("内容仍然密封", "details stay sealed"));
        }
    }
    for note in &answer.notes {
        println!("  {}{colon}{}", note.code, spoken.pick(&note.zh, &note.en));
    }
    println!("  {} {}", zh_en!("查询编号", "check"), answer.id);
}
