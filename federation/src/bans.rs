//! What a member declares of the permanent bans that it imposed itself in a quarter: how many, and under which codes.
//! Counts alone, of no person.
//!
//! Against them stands how many violations the member reported in that quarter. Implements `docs/formats.md` §16.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::{declaration::Declaration, dsse::PayloadType, encoding::Time, members::MemberId, quarter::Quarter, zh_en};

/// The most bans of a quarter: more than any platform has accounts.
pub const MAX_BANS: u64 = 10_000_000_000;
/// The most codes of a declaration: the instruments together have fewer.
pub const MAX_CODES: usize = 256;
/// The most bytes of a code.
const MAX_CODE_BYTES: usize = 64;

/// The permanent bans that a member imposed itself in a quarter.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BansDeclared {
    /// The format's version, 1.
    pub v: u64,
    /// Who declares it.
    pub member: MemberId,
    /// The registry that it is for.
    pub issuer: String,
    /// Of which quarter.
    pub period: Quarter,
    /// How many accounts it banned for good.
    pub bans: u64,
    /// How many of them rest on a code. One that rests on several counts under each.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub codes: BTreeMap<String, u64>,
    /// When, by the member's clock. Of several declarations of one quarter the latest holds.
    pub at: Time,
}

/// Why the counts of a declaration don't fit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BansError {
    /// Too many.
    #[error("{}", zh_en!("永久封禁最多 {MAX_BANS} 个", "`bans` is at most {MAX_BANS}"))]
    Bans,
    /// A code counts none, or more than there are bans.
    #[error("{}", zh_en!("各违规情形应为1至永久封禁总数", "each code counts 1 to as many as `bans`"))]
    Count,
    /// A code is no line of a few bytes, or there are too many.
    #[error("{}", zh_en!("违规情形代码最多 {MAX_CODES} 个，各1至 {MAX_CODE_BYTES} 字节",
        "there are at most {MAX_CODES} codes, each of 1 to {MAX_CODE_BYTES} bytes"))]
    Code,
    /// The quarter isn't over.
    #[error("{}", zh_en!("该季度尚未结束", "the quarter isn't over"))]
    Period,
}

impl BansDeclared {
    /// Whether its counts fit, and its quarter was over when it was made.
    ///
    /// # Errors
    /// They don't, or it wasn't.
    pub fn check(&self) -> Result<(), BansError> {
        let is_code = |code: &String| (1..=MAX_CODE_BYTES).contains(&code.len()) && !code.chars().any(char::is_control);
        if self.bans > MAX_BANS {
            return Err(BansError::Bans);
        }
        if self.codes.len() > MAX_CODES || !self.codes.keys().all(is_code) {
            return Err(BansError::Code);
        }
        if !self.codes.values().all(|count| (1..=self.bans).contains(count)) {
            return Err(BansError::Count);
        }
        if self.at < self.period.ends() { Err(BansError::Period) } else { Ok(()) }
    }
}

impl Declaration for BansDeclared {
    const TYPE: PayloadType = PayloadType::Bans;

    fn v(&self) -> u64 {
        self.v
    }

    fn member(&self) -> &MemberId {
        &self.member
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::encoding::{from_json, to_json};

    fn declared(more: &Value) -> Result<BansDeclared, BansError> {
        let mut declared = json!({"v": 1, "member": "alpha", "issuer": "callboard.example", "period": "2026-Q3",
            "bans": 12, "at": "2026-10-08T01:00:00.000Z"});
        declared.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        let declared: BansDeclared = from_json(&to_json(&declared)).unwrap();
        declared.check().map(|()| declared)
    }

    #[test]
    fn a_declaration_counts_bans_and_codes_of_a_quarter_that_is_over() {
        let kept = declared(&json!({"codes": {"NB-11": 12, "NB-18": 1}})).unwrap();
        assert_eq!((kept.bans, kept.codes.len(), kept.period.to_string()), (12, 2, "2026-Q3".to_owned()));
        assert!(declared(&json!({"bans": 0})).is_ok(), "none is a word, too");
        for (more, error) in [
            (json!({"bans": MAX_BANS + 1}), BansError::Bans),
            (json!({"codes": {"NB-11": 0}}), BansError::Count),
            (json!({"codes": {"NB-11": 13}}), BansError::Count),
            (json!({"codes": {"": 1}}), BansError::Code),
            (json!({"codes": {"a\nb": 1}}), BansError::Code),
            (json!({"at": "2026-09-30T15:59:59.999Z"}), BansError::Period),
        ] {
            assert_eq!(declared(&more), Err(error), "{more}");
        }
    }
}
