//! What a verb is told beside an error of the desk: which argument mends it. The error itself names none, since pages show
//! it too.

use callboard_desk::{
    Error,
    sheet::{Finding, FindingKind},
    signing::SigningError,
};
use callboard_federation::zh_en;

/// What mends an error that a verb ended with, where an argument does; of a file, where it is.
pub(crate) fn of(error: &anyhow::Error) -> Option<String> {
    let of_desk = |cause: &(dyn std::error::Error + 'static)| match cause.downcast_ref::<Error>() {
        Some(error) => of_error(error),
        None => of_signing(cause.downcast_ref()?),
    };
    let hint = error.downcast_ref::<Error>().and_then(of_error).or_else(|| error.chain().find_map(of_desk))?;
    Some(zh_en!("命令行：{hint}", "on the command line: {hint}"))
}

fn of_error(error: &Error) -> Option<String> {
    let text = match error {
        Error::Signing(error) => return of_signing(error),
        Error::Sheet(findings) => return of_findings(&findings.0),
        Error::Io { path, .. } | Error::NotForThisKey { path } | Error::OfAnother { path, .. } => {
            let is_elsewhere = path.parent().is_some_and(|parent| !parent.as_os_str().is_empty());
            return is_elsewhere.then(|| path.display().to_string());
        }
        Error::QuorumTooSmall { least, .. } => return Some(format!("--quorum {least} | --without-witness")),
        Error::AnotherRoster => AGAIN,
        Error::NoCase => "--case CASE | --import",
        Error::Several { .. } => "--several",
        Error::Unnamed { .. } => WHOSE,
        error => match error.code().as_str() {
            "nobody" | "nobody-to-seal-for" => WHOSE,
            "no-policy" => "--policy INSTRUMENT/VERSION",
            "no-rows" => "--publication FILE",
            _ => return None,
        },
    };
    Some(text.to_owned())
}

const AGAIN: &str = "callboard draft --again BUNDLE";
const WHOSE: &str = "--from BUNDLE | --identity-file FILE";

fn of_signing(error: &SigningError) -> Option<String> {
    let text = match error {
        SigningError::Roster { .. } | SigningError::TooOld { .. } => AGAIN,
        SigningError::Unnamed { .. } => WHOSE,
        SigningError::NotAtHand { .. } => "--in-force FILE",
        _ => return None,
    };
    Some(text.to_owned())
}

/// Which arguments of `draft` confirm what a sheet's rows were refused for, once it was read or approved.
fn of_findings(findings: &[Finding]) -> Option<String> {
    let mut arguments: Vec<String> = Vec::new();
    for finding in findings {
        let argument = match (&finding.wrong, finding.place.row) {
            (FindingKind::Commented { row, .. }, _) => format!("--comment-read {row}"),
            (FindingKind::MinorNotApproved, Some(row)) => format!("--minor-approved {row}"),
            _ => continue,
        };
        if !arguments.contains(&argument) {
            arguments.push(argument);
        }
    }
    (!arguments.is_empty()).then(|| arguments.join(" "))
}

#[cfg(test)]
mod tests {
    use callboard_federation::encoding::Time;

    use super::*;

    #[test]
    fn an_error_of_the_desk_is_told_with_the_argument_that_mends_it() {
        let several = || anyhow::Error::from(Error::Several { persons: 2 });
        for told in [several(), several().context("a.bundle")] {
            assert_eq!(of(&told).as_deref(), Some("on the command line: --several"));
        }
        let old = SigningError::TooOld { issued_at: Time::from_seconds(1_800_000_000) };
        let old = anyhow::Error::from(Error::from(old)).context("a.bundle");
        assert_eq!(of(&old).as_deref(), Some("on the command line: callboard draft --again BUNDLE"));
        assert_eq!(of(&anyhow::anyhow!("another")), None);
        assert_eq!(of(&Error::NothingChanges.into()), None);
    }
}
