//! `cn-uscc`: the unified social credit code of GB 32100.

use super::{IdentityInvalid, IdentityKind};

/// The code's characters by value: no I, O, Z, S, V.
const ALPHABET: &[u8; 31] = b"0123456789ABCDEFGHJKLMNPQRTUWXY";

pub(super) fn read(text: &str, confirmed: bool) -> Result<String, IdentityInvalid> {
    let value = |b: u8| (0_u32..).zip(ALPHABET).find(|(_, of)| **of == b).map(|(value, _)| value);
    let values: Option<Vec<u32>> = text.bytes().map(value).collect();
    let values = values.filter(|values| values.len() == 18).ok_or(IdentityInvalid::Shape(IdentityKind::CnUscc))?;
    // Weights are the powers of 3 mod 31.
    let (sum, _) = values[..17].iter().fold((0, 1), |(sum, weight), value| (sum + value * weight, weight * 3 % 31));
    let fits = values[17] == (31 - sum % 31) % 31;
    if fits || confirmed { Ok(text.to_owned()) } else { Err(IdentityInvalid::Unconfirmed) }
}
