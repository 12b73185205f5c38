//! The code that cameras read, as a path of one image.

use std::fmt::Write as _;

use qrcodegen::{QrCode, QrCodeEcc};

/// A code, drawn.
pub(crate) struct Code {
    /// How many units it is wide, its margin counted in.
    pub(crate) size: i32,
    /// Its dark units, as runs.
    pub(crate) path: String,
}

/// The white margin that cameras need, in units.
const MARGIN: i32 = 4;

impl Code {
    /// The code of a text, in capitals: they take half the room. Nothing where the text is too long for one.
    pub(crate) fn of(text: &str) -> Option<Self> {
        let code = QrCode::encode_text(&text.to_ascii_uppercase(), QrCodeEcc::Medium).ok()?;
        let mut path = String::new();
        for y in 0..code.size() {
            let mut x = 0;
            while x < code.size() {
                let dark = (x..code.size()).take_while(|x| code.get_module(*x, y)).count();
                let length = i32::try_from(dark).ok()?;
                if length > 0 {
                    write!(path, "M{} {}h{length}", x + MARGIN, y + MARGIN).ok()?;
                }
                x += length.max(1);
            }
        }
        Some(Self { size: code.size() + 2 * MARGIN, path })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_drawn_as_runs_within_its_margin() {
        let code = Code::of("callboard:record/019de0d5-c800-718f-a415-49e628b90643/00").unwrap();
        // The finder in the upper left corner begins with seven dark units.
        assert!(code.path.starts_with("M4 4h7M"), "{}", code.path);
        assert!(code.size > 21 + 2 * MARGIN && code.path.len() < 8_000);
        assert!(Code::of(&"x".repeat(10_000)).is_none());
    }
}
