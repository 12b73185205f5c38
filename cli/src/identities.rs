//! Identities as a verb is given them: from a file, from standard input, as arguments.

use std::{
    io::{IsTerminal as _, Read as _},
    path::PathBuf,
};

use anyhow::Context as _;
use callboard_federation::{
    encoding::Time,
    identity::{
        IdentityError,
        reader::{Expectations, OneSubject, Reading, TypedIdentity, day_in_china, read_line, split_line},
    },
    language::Phrase,
    zh_en,
};
use zeroize::Zeroizing;

/// The identities of one person.
#[derive(clap::Args)]
pub(super) struct IdentityArgs {
    /// Identities of one person; every user of this machine can see arguments, so rather use --identity-file, or leave
    /// them out and be asked
    #[arg(value_name = "KIND:VALUE")]
    identities: Vec<String>,
    #[command(flatten)]
    written: WrittenIdentities,
}

/// The identities of one person, where other arguments stand for something else.
#[derive(clap::Args)]
pub(super) struct WrittenIdentities {
    /// Identities of one person, one KIND:VALUE a line; `-` is standard input
    #[arg(long, value_name = "FILE")]
    identity_file: Option<PathBuf>,
    /// A person compared the identities with the documents: take those that may be cut, rounded or of an early code
    #[arg(long)]
    confirmed: bool,
}

impl IdentityArgs {
    /// The identities of one subject, as a check is asked with; asked for without echo where none is given.
    pub(super) fn read_one_subject(&self, is_sandbox: bool, now: Time) -> anyhow::Result<OneSubject> {
        let (written, confirmed) = (self.all()?, self.written.confirmed);
        let mut typed = Vec::with_capacity(written.len());
        for (place, line) in &written {
            let (kind, value) = split_line(line).ok_or_else(|| told(place, &[IdentityError::KindUnknown]))?;
            typed.push(TypedIdentity { kind, value, confirmed });
        }
        let expected = Expectations { is_sandbox, ..Expectations::default() };
        OneSubject::read(&typed, expected, day_in_china(now)).map_err(|findings| {
            let place = |at: Option<usize>| at.and_then(|at| written.get(at)).map_or("", |(place, _)| place);
            let lines = findings.iter().map(|finding| format!("{:#}", told(place(finding.at), &[finding.fault])));
            anyhow::anyhow!(lines.collect::<Vec<_>>().join("\n"))
        })
    }

    /// The identities, each read by itself.
    pub(super) fn read(&self, now: Time) -> anyhow::Result<Vec<Reading>> {
        self.written.each(&self.all()?, now)
    }

    fn all(&self) -> anyhow::Result<Vec<(String, Zeroizing<String>)>> {
        let mut all = self.written.lines()?;
        let arguments = self.identities.iter().enumerate();
        all.extend(
            arguments.map(|(at, text)| (zh_en!("第{}个参数", "argument {}", at + 1), Zeroizing::new(text.clone()))),
        );
        if all.is_empty() {
            anyhow::ensure!(
                std::io::stdin().is_terminal(),
                zh_en!(
                    "请给出证件（类型:号码）：用 --identity-file，或者写作参数",
                    "give an identity as KIND:VALUE: with --identity-file, or as an argument"
                )
            );
            let typed = rpassword::prompt_password(zh_en!(
                "证件（类型:号码，输入不显示）：",
                "Identity (KIND:VALUE, not shown): "
            ))?;
            all.push((String::new(), Zeroizing::new(typed)));
        }
        Ok(all)
    }
}

impl WrittenIdentities {
    /// The identities of the file, if one is named, each read by itself.
    pub(super) fn read(&self, now: Time) -> anyhow::Result<Vec<Reading>> {
        self.each(&self.lines()?, now)
    }

    /// The identities of the file, or else typed without being shown; none, if there is no file, and nobody at a terminal or
    /// nothing typed.
    pub(super) fn read_or_ask(&self, now: Time) -> anyhow::Result<Vec<Reading>> {
        if self.identity_file.is_some() || !std::io::stdin().is_terminal() {
            return self.read(now);
        }
        let question = zh_en!(
            "当事人的证件（类型:号码，输入不显示；无人掌握的，直接回车）：",
            "The person's identity (KIND:VALUE, not shown; empty, if nobody has it): "
        );
        let typed = Zeroizing::new(rpassword::prompt_password(question)?);
        if typed.trim().is_empty() { Ok(Vec::new()) } else { self.each(&[(String::new(), typed)], now) }
    }

    /// The lines of the file, each with its place.
    fn lines(&self) -> anyhow::Result<Vec<(String, Zeroizing<String>)>> {
        let Some(path) = &self.identity_file else { return Ok(Vec::new()) };
        let mut text = Zeroizing::new(String::new());
        if path.as_os_str() == "-" {
            std::io::stdin().read_to_string(&mut text).context(Phrase::new("标准输入", "standard input"))?;
        } else {
            *text = std::fs::read_to_string(path).with_context(|| path.display().to_string())?;
        }
        let lines = text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty());
        Ok(lines.map(|(at, line)| (zh_en!("第{}行", "line {}", at + 1), Zeroizing::new(line.to_owned()))).collect())
    }

    fn each(&self, lines: &[(String, Zeroizing<String>)], now: Time) -> anyhow::Result<Vec<Reading>> {
        let today = day_in_china(now);
        let read = |(place, line): &(String, Zeroizing<String>)| {
            read_line(line, self.confirmed, today).map_err(|faults| told(place, &faults))
        };
        lines.iter().map(read).collect()
    }
}

/// What is wrong with an identity, and where; never the identity.
fn told(place: &str, faults: &[IdentityError]) -> anyhow::Error {
    let faults: Vec<String> = faults.iter().map(|fault| fault.words().spoken().to_owned()).collect();
    let colon = if place.is_empty() { String::new() } else { zh_en!("：", ": ") };
    anyhow::anyhow!("{place}{colon}{}", faults.join(&zh_en!("；", "; ")))
}
