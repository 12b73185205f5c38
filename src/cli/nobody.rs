//! Numbers that pass every check and were never given to anyone: for the demo and the sandbox.
//!
//! Provinces begin at 11, so nobody was ever given a number of region 10.

use callboard_federation::identity::{Identity, IdentityKind};

/// The region of every number here.
const REGION: &str = "100000";

/// The number of a birth date, `YYYYMMDD`, and a sequence of 3 digits: with the one of eleven check characters that fits.
pub(super) fn number(birth: &str, sequence: &str) -> String {
    let digits = format!("{REGION}{birth}{sequence}");
    let fits = |check: &char| Identity::normalise(IdentityKind::CnId, &format!("{digits}{check}"), false).is_ok();
    let check = "0123456789X".chars().find(fits).unwrap_or_default();
    format!("{digits}{check}")
}

/// The number with its last digit but one changed: it fails its check.
pub(super) fn mistyped(number: &str) -> String {
    let mut digits = number.to_owned().into_bytes();
    digits[16] = if digits[16] == b'9' { b'0' } else { digits[16] + 1 };
    String::from_utf8_lossy(&digits).into_owned()
}
