//! `cn-uscc`: the unified social credit code of GB 32100.

use super::{Candidate, IdentityError, IdentityKind, chinese_id};

/// The code's characters by value: no I, O, Z, S, V.
const ALPHABET: &[u8; 31] = b"0123456789ABCDEFGHJKLMNPQRTUWXY";

/// The value of a text, and what of it a person must confirm.
pub(super) fn read(text: &str) -> Result<Candidate, IdentityError> {
    let value = |b: u8| (0_u32..).zip(ALPHABET).find(|(_, of)| **of == b).map(|(value, _)| value);
    let values: Option<Vec<u32>> = text.bytes().map(value).collect();
    let values = values.filter(|values| values.len() == 18).ok_or(IdentityError::Shape(IdentityKind::CnUscc))?;
    // A person's number among enterprises' codes would pass every gate that looks at a person.
    if chinese_id::read(text).is_ok() {
        return Err(IdentityError::PersonsNumber);
    }
    // Weights are the powers of 3 mod 31.
    let (sum, _) = values[..17].iter().fold((0, 1), |(sum, weight), value| (sum + value * weight, weight * 3 % 31));
    let fits = values[17] == (31 - sum % 31) % 31;
    Ok(Candidate { value: text.to_owned(), doubt: (!fits).then_some(IdentityError::CreditCode) })
}
