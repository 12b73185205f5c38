//! `callboard-agent report`: brings a violation before the committee, or says that a record hit somebody else.
//!
//! An identity is never an argument, since every process of the machine may read those.

use std::{
    io::Read as _,
    path::{Path, PathBuf},
    process::ExitCode,
};

use anyhow::{Context as _, ensure};
use callboard_api::agent::reports::{FILE_OWN_REPORT, OwnReportInput};
use callboard_client::{output, runtime::block_on, terminal};
use callboard_federation::{
    encoding::{Hash, RecordId, ReportId, Time},
    identity::reader::split_line,
    language::Phrase,
    report::content::{Evidence, EvidenceKind, Place, ReportedIdentity, Subject, SubjectRole},
    zh_en,
};
use clap::builder::{PossibleValuesParser, TypedValueParser};
use jiff::{civil::DateTime, tz};

use super::{asking::AgentArgs, reports, text_file::read};

const EXAMPLES: &str = "\
Examples:
  callboard-agent report --code NB-11 --place speech --from '2026-11-20 20:00' --to '2026-11-20 20:40' \\
      --account host-1 --guest host-2 --room 7788 --evidence recording=cut.mp4 --text-file report.txt
      what happened, in report.txt; of cut.mp4 the hash is sent, and the file stays with you
  callboard-agent report … --identity-file hosts.txt
      a line of hosts.txt: host-1 cn-id:…; the secretariat's seats alone read it
  callboard-agent report --not-this-person 019c167f-cc00-73bb-b093-53149ac499ee --account host-1 --text-file why.txt
      the record hit a stranger: it is answered within days
  callboard-agent reports
      how far each is, and what the secretariat asks

Times are Beijing's, or have an offset, as 2026-11-20T12:00:00Z. The report is signed, encrypted to the secretariat's seats and
sent: the registry can't read it. The code that is printed is what the secretariat knows it by.";

/// Report a violation to the committee, or that a record hit somebody else
#[derive(clap::Args)]
#[command(after_long_help = EXAMPLES)]
pub(super) struct ReportVerb {
    /// The record that hit somebody else than the person who is meant
    #[arg(long, value_name = "RECORD", conflicts_with_all = ["codes", "places"])]
    not_this_person: Option<RecordId>,
    /// Your own number of it
    #[arg(long = "ref", value_name = "REF")]
    reference: Option<String>,
    /// The code of a violation, such as NB-11
    #[arg(long = "code", value_name = "CODE", required_unless_present = "not_this_person")]
    codes: Vec<String>,
    /// Where it was
    #[arg(long = "place", value_parser = words(Place::ALL, Place::as_str), required_unless_present = "not_this_person")]
    places: Vec<Place>,
    /// Since when it happened
    #[arg(long, value_name = "TIME", value_parser = time, required_unless_present = "not_this_person")]
    from: Option<Time>,
    /// Until when
    #[arg(long, value_name = "TIME", value_parser = time, required_unless_present = "not_this_person")]
    to: Option<Time>,
    /// The room
    #[arg(long)]
    room: Option<String>,
    #[command(flatten)]
    who: Who,
    /// A file that bears it out: its hash is sent. KIND is recording, screenshot, chat-log, authority-decision or other
    #[arg(long = "evidence", value_name = "KIND=FILE")]
    evidence: Vec<String>,
    /// The same by its SHA-256
    #[arg(long = "evidence-hash", value_name = "KIND=SHA256")]
    evidence_hashes: Vec<String>,
    /// A file with what happened, in words; `-` is standard input. Otherwise it is asked for
    #[arg(long, value_name = "FILE")]
    text_file: Option<PathBuf>,
    /// The id of the report, a UUID of version 7: with the same the same report is filed once
    #[arg(long)]
    id: Option<ReportId>,
    /// Print the report as JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    agent: AgentArgs,
}

/// Who it is about.
#[derive(clap::Args)]
struct Who {
    /// The account of a host, as your platform names it
    #[arg(long = "account", value_name = "ACCOUNT", required_unless_present_any = ["guests", "agencies", "not_this_person"])]
    hosts: Vec<String>,
    /// The account of a guest
    #[arg(long = "guest", value_name = "ACCOUNT")]
    guests: Vec<String>,
    /// The account of the agency behind it
    #[arg(long = "agency", value_name = "ACCOUNT")]
    agencies: Vec<String>,
    /// A file with identities, a line each: ACCOUNT KIND:VALUE; `-` is standard input
    #[arg(long, value_name = "FILE")]
    identity_file: Option<PathBuf>,
    /// A person compared the identities with the documents
    #[arg(long, requires = "identity_file")]
    confirmed: bool,
    /// You have banned them for good
    #[arg(long)]
    permanent_ban: bool,
}

fn words<T: Copy + Send + Sync + 'static>(
    all: &'static [T],
    word: fn(T) -> &'static str,
) -> impl TypedValueParser<Value = T> {
    // The parser before takes none but these words.
    let of = move |text: String| all.iter().copied().find(|of| word(*of) == text).unwrap_or(all[0]);
    PossibleValuesParser::new(all.iter().map(|of| word(*of))).map(of)
}

/// An instant: with an offset, or by the clock of Beijing.
fn time(text: &str) -> Result<Time, String> {
    let instant = text.parse::<jiff::Timestamp>().ok();
    let civil = || text.parse::<DateTime>().ok().and_then(|civil| tz::offset(8).to_timestamp(civil).ok());
    let instant = instant.or_else(civil);
    let wrong = || zh_en!("应写成 2026-11-20 20:00", "write it as 2026-11-20 20:00");
    instant.map(|instant| Time::from_millis(instant.as_millisecond())).ok_or_else(wrong)
}

impl ReportVerb {
    pub(super) fn run(self) -> anyhow::Result<ExitCode> {
        let agent = self.agent.open()?;
        let input = OwnReportInput {
            id: self.id,
            record: self.not_this_person,
            reference: self.reference.clone(),
            codes: self.codes.clone(),
            places: self.places.clone(),
            happened_from: self.from,
            happened_to: self.to,
            room: self.room.clone(),
            evidence: self.evidence()?,
            subjects: self.who.subjects()?,
            permanent_ban: self.who.permanent_ban,
            description: self.description()?,
        };
        let report = block_on(agent.ask(FILE_OWN_REPORT.with(&(), &(), &input)))?;
        if self.json {
            output::json(&report)?;
        } else {
            println!("{}", reports::line(&report));
        }
        Ok(ExitCode::SUCCESS)
    }

    fn description(&self) -> anyhow::Result<String> {
        let text = match &self.text_file {
            Some(path) => read(path)?,
            None => terminal::answer(&zh_en!("情况说明：", "What happened: "))?,
        };
        Ok(text.trim().to_owned())
    }

    fn evidence(&self) -> anyhow::Result<Vec<Evidence>> {
        let of_kind = |text: &str| -> anyhow::Result<(EvidenceKind, String)> {
            let wrong = || Phrase::new("证据应写成“类型=文件”或者“类型=摘要”", "evidence is KIND=FILE, or KIND=SHA256");
            let (kind, rest) = text.split_once('=').with_context(wrong)?;
            Ok((EvidenceKind::from_word(kind).with_context(wrong)?, rest.to_owned()))
        };
        let mut evidence = Vec::new();
        for text in &self.evidence {
            let (kind, path) = of_kind(text)?;
            let path = Path::new(&path);
            let sha256 = hash_of(path).with_context(|| path.display().to_string())?;
            let name = path.file_name().map(|name| name.to_string_lossy().into_owned());
            evidence.push(Evidence { sha256, name, kind, number: None });
        }
        for text in &self.evidence_hashes {
            let (kind, sha256) = of_kind(text)?;
            let wrong = || Phrase::new("摘要为64个十六进制字符", "a hash is 64 hexadecimal characters");
            let sha256: Hash = sha256.parse().ok().with_context(wrong)?;
            evidence.push(Evidence { sha256, name: None, kind, number: None });
        }
        Ok(evidence)
    }
}

impl Who {
    fn subjects(&self) -> anyhow::Result<Vec<Subject>> {
        let of = |accounts: &[String], role| -> Vec<Subject> {
            let subject = |account: &String| Subject {
                account: account.clone(),
                nickname: None,
                role,
                identities: Vec::new(),
                birth: None,
            };
            accounts.iter().map(subject).collect()
        };
        let mut subjects = of(&self.hosts, SubjectRole::Host);
        subjects.extend(of(&self.guests, SubjectRole::Guest));
        subjects.extend(of(&self.agencies, SubjectRole::Agency));
        let Some(path) = &self.identity_file else { return Ok(subjects) };
        let text = zeroize::Zeroizing::new(read(path)?);
        for (number, line) in (1..).zip(text.lines()).filter(|(_, line)| !line.trim().is_empty()) {
            let wrong = || zh_en!("第{number}行：应写成“账号 类型:号码”", "line {number}: ACCOUNT KIND:VALUE");
            let (account, typed) = line.trim().split_once(char::is_whitespace).with_context(wrong)?;
            let (kind, value) = split_line(typed).with_context(wrong)?;
            let subject = subjects.iter_mut().find(|subject| subject.account == account).with_context(|| {
                zh_en!("第{number}行的账号不在所报账号中", "line {number} is of an account that isn't reported")
            })?;
            let (value, confirmed) = (value.trim().to_owned(), self.confirmed);
            subject.identities.push(ReportedIdentity { kind, value, confirmed });
        }
        ensure!(
            subjects.iter().any(|subject| !subject.identities.is_empty()),
            zh_en!("{} 中没有证件", "{} has no identity", path.display())
        );
        Ok(subjects)
    }
}

/// SHA-256 of a file, however long it is.
fn hash_of(path: &Path) -> std::io::Result<Hash> {
    use sha2::{Digest as _, Sha256};
    let (mut file, mut digest, mut buffer) = (std::fs::File::open(path)?, Sha256::new(), vec![0; 1 << 20]);
    loop {
        let read = file.read(&mut buffer)?;
        if read == 0 {
            return Ok(Hash::from_bytes(digest.finalize().into()));
        }
        digest.update(&buffer[..read]);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_beijings_unless_it_says_otherwise() {
        let at = |text: &str| time(text).map(|time| time.to_string());
        assert_eq!(at("2026-11-20 20:00").unwrap(), "2026-11-20T12:00:00.000Z");
        assert_eq!(at("2026-11-20T20:00:30").unwrap(), "2026-11-20T12:00:30.000Z");
        assert_eq!(at("2026-11-20T12:00:00Z").unwrap(), "2026-11-20T12:00:00.000Z");
        assert!(at("yesterday").is_err());
    }

    #[test]
    fn the_hash_of_a_file_is_that_of_its_bytes() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("cut.mp4");
        let bytes = vec![7; 3_000_000];
        std::fs::write(&path, &bytes).unwrap();
        assert_eq!(hash_of(&path).unwrap(), Hash::of(&bytes));
    }

    #[test]
    fn an_identity_is_of_the_account_that_its_line_names_and_of_no_other() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("hosts.txt");
        let who = |text: &str| {
            std::fs::write(&path, text).unwrap();
            let who = Who {
                hosts: vec!["host-1".to_owned()],
                guests: vec!["host-2".to_owned()],
                agencies: Vec::new(),
                identity_file: Some(path.clone()),
                confirmed: false,
                permanent_ban: false,
            };
            who.subjects()
        };
        let subjects = who("host-2  身份证:100000199001050013\n\nhost-2 passport:CHN:E12345678\n").unwrap();
        assert_eq!(subjects.iter().map(|subject| subject.identities.len()).collect::<Vec<_>>(), [0, 2]);
        assert!(who("host-3 cn-id:100000199001050013").is_err());
        let wrong = who("100000199001050013").unwrap_err().to_string();
        assert!(wrong.contains("line 1") && !wrong.contains("1000001990"), "{wrong}");
        assert!(who("\n").is_err());
    }
}
