//! Numbers that pass every check and were never given to anyone: for the demo and the sandbox.
//!
//! Provinces begin at 11, so nobody was ever given a number of region 10, nor a permanent resident card of province 10;
//! residence permits are given under 810000, 820000 and 830000 alone; no authority of region 109999 registers enterprises.

use callboard_federation::identity::{Identity, IdentityKind};

const REGION: &str = "100000";
/// The beginning of every permanent resident card here: 9, the province, a nationality.
const FOREIGNER: &str = "910840";
/// The region of every residence permit here.
const RESIDENCE: &str = "819999";
/// The beginning of every credit code here: the authority, the class, the region.
const ENTERPRISE: &str = "91109999";
const ENTERPRISE_CHECKS: &str = "0123456789ABCDEFGHJKLMNPQRTUWXY";

/// The number of a birth date, `YYYYMMDD`, and a sequence of 3 digits: with the one of eleven check characters that
/// fits.
pub(super) fn number(birth: &str, sequence: &str) -> String {
    fitting(IdentityKind::CnId, &format!("{REGION}{birth}{sequence}"), "0123456789X")
}

/// The permanent resident card, as cards are since 2023, of a birth date.
pub(super) fn resident_card(birth: &str) -> String {
    fitting(IdentityKind::CnId, &format!("{FOREIGNER}{birth}001"), "0123456789X")
}

/// The residence permit of a birth date, as residents of Hong Kong have them.
pub(super) fn residence_permit(birth: &str) -> String {
    fitting(IdentityKind::CnId, &format!("{RESIDENCE}{birth}001"), "0123456789X")
}

pub(super) fn enterprise(sequence: u32) -> String {
    fitting(IdentityKind::CnUscc, &format!("{ENTERPRISE}MA{sequence:07}"), ENTERPRISE_CHECKS)
}

fn fitting(kind: IdentityKind, digits: &str, checks: &str) -> String {
    let fits = |check: &char| Identity::normalise(kind, &format!("{digits}{check}"), false).is_ok();
    let check = checks.chars().find(fits).unwrap_or_default();
    format!("{digits}{check}")
}

/// The number with its last digit but one changed: it fails its check.
pub(super) fn mistyped(number: &str) -> String {
    let mut digits = number.to_owned().into_bytes();
    digits[16] = if digits[16] == b'9' { b'0' } else { digits[16] + 1 };
    String::from_utf8_lossy(&digits).into_owned()
}
