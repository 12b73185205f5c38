//! Identities as a verb is given them: from a file, from standard input, as arguments.

use std::{
    io::{IsTerminal as _, Read as _},
    path::PathBuf,
};

use anyhow::Context as _;
use callboard_client::output;
use callboard_desk::identities::{self, TypedLine};
use callboard_federation::{
    encoding::Time,
    identity::reader::{OneSubject, Reading},
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
    /// The identities of one subject, as a check is asked with; asked for without echo where none is given. What is to
    /// be compared is told.
    pub(super) fn read_one_subject(&self, is_sandbox: bool, now: Time) -> anyhow::Result<OneSubject> {
        let subject = identities::read_one_subject(&self.all()?, self.written.confirmed, is_sandbox, now)?;
        identities::notes(&subject).iter().for_each(output::warn);
        Ok(subject)
    }

    pub(super) fn read(&self, now: Time) -> anyhow::Result<Vec<Reading>> {
        Ok(identities::read_each(&self.all()?, self.written.confirmed, now)?)
    }

    fn all(&self) -> anyhow::Result<Vec<TypedLine>> {
        let mut all = self.written.lines()?;
        let arguments = self.identities.iter().enumerate();
        all.extend(arguments.map(|(at, text)| line(zh_en!("第{}个参数", "argument {}", at + 1), text)));
        if all.is_empty() {
            anyhow::ensure!(
                std::io::stdin().is_terminal(),
                zh_en!(
                    "请给出证件（类型:号码）：用 --identity-file，或者写作参数",
                    "give an identity as KIND:VALUE: with --identity-file, or as an argument"
                )
            );
            all.push(typed(&zh_en!("证件（类型:号码，输入不显示）：", "Identity (KIND:VALUE, not shown): "))?);
        }
        Ok(all)
    }
}

impl WrittenIdentities {
    /// The identities of the file, or else typed without being shown; none, if there is no file, and nobody at a
    /// terminal or nothing typed.
    pub(super) fn read_or_ask(&self, now: Time) -> anyhow::Result<Vec<Reading>> {
        let lines = if self.identity_file.is_some() || !std::io::stdin().is_terminal() {
            self.lines()?
        } else {
            let typed = typed(&zh_en!(
                "当事人的证件（类型:号码，输入不显示；无人掌握的，直接回车）：",
                "The person's identity (KIND:VALUE, not shown; empty, if nobody has it): "
            ))?;
            if typed.text.trim().is_empty() { Vec::new() } else { vec![typed] }
        };
        Ok(identities::read_each(&lines, self.confirmed, now)?)
    }

    fn lines(&self) -> anyhow::Result<Vec<TypedLine>> {
        let Some(path) = &self.identity_file else { return Ok(Vec::new()) };
        let mut text = Zeroizing::new(String::new());
        if path.as_os_str() == "-" {
            std::io::stdin().read_to_string(&mut text).context(Phrase::new("标准输入", "standard input"))?;
        } else {
            *text = std::fs::read_to_string(path).with_context(|| path.display().to_string())?;
        }
        let lines = text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty());
        Ok(lines.map(|(at, text)| line(zh_en!("第{}行", "line {}", at + 1), text)).collect())
    }
}

fn line(place: String, text: &str) -> TypedLine {
    TypedLine { place, text: Zeroizing::new(text.to_owned()) }
}

fn typed(question: &str) -> anyhow::Result<TypedLine> {
    Ok(TypedLine { place: String::new(), text: Zeroizing::new(rpassword::prompt_password(question)?) })
}
