//! The colours that a workbook speaks of by number: of its theme, and of a palette (ECMA-376, 18.8.3, 18.8.27,
//! 20.1.6.2).

use super::{
    archive::Part,
    xml::{Element, Piece},
};
use crate::table::TableError;

/// A colour: red, green, blue.
pub(super) type Rgb = [u8; 3];

pub(super) const WHITE: Rgb = [0xff; 3];
const BLACK: Rgb = [0; 3];
/// The colours of a theme in the order of its part; cells count light and dark the other way round.
const THEME: [&str; 12] =
    ["lt1", "dk1", "lt2", "dk2", "accent1", "accent2", "accent3", "accent4", "accent5", "accent6", "hlink", "folHlink"];
/// Of the theme that programs begin with.
const USUAL_THEME: [u32; 12] = [
    0x00ff_ffff,
    0x0000_0000,
    0x00ee_ece1,
    0x001f_497d,
    0x004f_81bd,
    0x00c0_504d,
    0x009b_bb59,
    0x0080_64a2,
    0x004b_acc6,
    0x00f7_9646,
    0x0000_00ff,
    0x0080_0080,
];
/// Of the palette, from 8 on; the first eight are those at 8 to 15.
const USUAL_PALETTE: [u32; 56] = [
    0x0000_0000,
    0x00ff_ffff,
    0x00ff_0000,
    0x0000_ff00,
    0x0000_00ff,
    0x00ff_ff00,
    0x00ff_00ff,
    0x0000_ffff,
    0x0080_0000,
    0x0000_8000,
    0x0000_0080,
    0x0080_8000,
    0x0080_0080,
    0x0000_8080,
    0x00c0_c0c0,
    0x0080_8080,
    0x0099_99ff,
    0x0099_3366,
    0x00ff_ffcc,
    0x00cc_ffff,
    0x0066_0066,
    0x00ff_8080,
    0x0000_66cc,
    0x00cc_ccff,
    0x0000_0080,
    0x00ff_00ff,
    0x00ff_ff00,
    0x0000_ffff,
    0x0080_0080,
    0x0080_0000,
    0x0000_8080,
    0x0000_00ff,
    0x0000_ccff,
    0x00cc_ffff,
    0x00cc_ffcc,
    0x00ff_ff99,
    0x0099_ccff,
    0x00ff_99cc,
    0x00cc_99ff,
    0x00ff_cc99,
    0x0033_66ff,
    0x0033_cccc,
    0x0099_cc00,
    0x00ff_cc00,
    0x00ff_9900,
    0x00ff_6600,
    0x0066_6699,
    0x0096_9696,
    0x0000_3366,
    0x0033_9966,
    0x0000_3300,
    0x0033_3300,
    0x0099_3300,
    0x0099_3366,
    0x0033_3399,
    0x0033_3333,
];

/// The colours of a workbook.
pub(super) struct Palette {
    theme: [Rgb; 12],
    indexed: Vec<Rgb>,
}

impl Default for Palette {
    fn default() -> Self {
        let first = USUAL_PALETTE.iter().take(8);
        Self { theme: USUAL_THEME.map(rgb_of), indexed: first.chain(&USUAL_PALETTE).copied().map(rgb_of).collect() }
    }
}

impl Palette {
    /// Reads the colours of the theme.
    pub(super) fn take_theme(&mut self, xml: &mut Part<'_>) -> Result<(), TableError> {
        let mut at = None;
        while let Some(piece) = xml.next()? {
            match piece {
                Piece::Start(element) => match (element.name(), at) {
                    ("srgbClr", Some(at)) => self.set_theme(at, element.attribute("val")?),
                    ("sysClr", Some(at)) => self.set_theme(at, element.attribute("lastClr")?),
                    (name, None) => at = THEME.iter().position(|known| *known == name),
                    _ => {}
                },
                Piece::End(name) if at.is_some_and(|at| THEME[at] == name) => at = None,
                Piece::End(name) if name == "clrScheme" => break,
                Piece::End(_) | Piece::Text(_) => {}
            }
        }
        Ok(())
    }

    /// Reads the palette, where the styles have one of their own.
    pub(super) fn take_indexed(&mut self, xml: &mut Part<'_>) -> Result<(), TableError> {
        let mut at = None;
        while let Some(piece) = xml.next()? {
            let Piece::Start(element) = piece else { continue };
            match (element.name(), at) {
                ("indexedColors", _) => at = Some(0),
                ("rgbColor", Some(index)) => {
                    if let (Some(known), Some(colour)) =
                        (self.indexed.get_mut(index), element.attribute("rgb")?.and_then(|rgb| read(&rgb)))
                    {
                        *known = colour;
                    }
                    at = Some(index + 1);
                }
                _ => {}
            }
        }
        Ok(())
    }

    fn set_theme(&mut self, at: usize, rgb: Option<String>) {
        if let Some(colour) = rgb.and_then(|rgb| read(&rgb)) {
            self.theme[at] = colour;
        }
    }

    /// The colour of an element; none, where it isn't known.
    pub(super) fn colour(&self, element: &Element<'_>) -> Result<Option<Rgb>, TableError> {
        let base = if let Some(rgb) = element.attribute("rgb")? {
            read(&rgb)
        } else if let Some(theme) = element.number::<usize>("theme")? {
            self.theme.get(theme).copied()
        } else {
            match element.number::<usize>("indexed")? {
                Some(64) => Some(BLACK),
                Some(65) => Some(WHITE),
                index => index.and_then(|index| self.indexed.get(index)).copied(),
            }
        };
        let tint = element.number::<f64>("tint")?.unwrap_or_default();
        Ok(base.map(|colour| colour.map(|part| tinted(part, tint))))
    }
}

/// A colour in hexadecimal; opacity may come first, and means nothing.
fn read(rgb: &str) -> Option<Rgb> {
    let digits = rgb.get(rgb.len().saturating_sub(6)..)?;
    u32::from_str_radix(digits, 16).ok().map(rgb_of)
}

const fn rgb_of(number: u32) -> Rgb {
    let [_, red, green, blue] = number.to_be_bytes();
    [red, green, blue]
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "held between 0 and 255")]
fn tinted(part: u8, tint: f64) -> u8 {
    let part = f64::from(part);
    let tinted = if tint < 0.0 { part * (1.0 + tint) } else { 255.0 - (255.0 - part) * (1.0 - tint) };
    tinted.clamp(0.0, 255.0) as u8
}
