//! How cells are shown: struck out, invisible, in which number format. Reads the part of styles (ECMA-376, 18.8).

use std::collections::HashMap;

use super::{
    archive::Part,
    format::Format,
    palette::{Palette, Rgb, WHITE},
    xml::{Element, Piece},
};
use crate::table::TableError;

/// The most of any kind of style; spreadsheet programs stop at 65,490.
const MAX_STYLES: usize = 70_000;
/// Letters below this many points can't be read.
const SMALLEST: f64 = 4.0;
/// Luminances nearer than this can't be told apart (WCAG's contrast, where 1 is none).
const CONTRAST: f64 = 1.25;

/// How a cell is shown.
#[derive(Debug, Clone, Copy)]
pub(super) struct Style {
    /// Whether it is struck out.
    pub(super) is_struck: bool,
    /// Whether its letters can't be seen.
    pub(super) is_faint: bool,
    /// Whether its ground is none: white.
    pub(super) is_on_white: bool,
    /// Its number format.
    pub(super) format: Format,
}

impl Style {
    const PLAIN: Self = Self { is_struck: false, is_faint: false, is_on_white: true, format: Format::GENERAL };
}

/// The styles of a workbook.
#[derive(Default)]
pub(super) struct Styles {
    cells: Vec<Style>,
    /// Whether each conditional style may hide or strike.
    conditional: Vec<bool>,
}

impl Styles {
    /// The style of a number.
    pub(super) fn of(&self, index: usize) -> Style {
        self.cells.get(index).copied().unwrap_or(Style::PLAIN)
    }

    /// Whether a conditional style may hide or strike what it is for.
    pub(super) fn hides(&self, index: usize) -> bool {
        self.conditional.get(index).copied().unwrap_or_default()
    }
}

type Colour = Option<Rgb>;

/// Letters: of a style, or of a part of a text.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Font {
    pub(super) is_struck: bool,
    colour: Colour,
    is_small: bool,
}

impl Font {
    /// Reads one of its parts.
    pub(super) fn take(&mut self, element: &Element<'_>, palette: &Palette) -> Result<(), TableError> {
        match element.name() {
            "strike" | "dstrike" => self.is_struck = element.is_on()?,
            "color" => self.colour = palette.colour(element)?,
            "sz" => self.is_small = element.number::<f64>("val")?.is_some_and(|points| points < SMALLEST),
            _ => {}
        }
        Ok(())
    }

    /// Whether it can't be seen on this ground.
    pub(super) fn is_faint_on(self, ground: Colour) -> bool {
        // Letters without a colour are black.
        self.is_small || ground.is_some_and(|ground| self.colour.is_some_and(|own| contrast(own, ground) < CONTRAST))
    }

    /// Whether it can't be seen on white.
    pub(super) fn is_faint(self) -> bool {
        self.is_faint_on(Some(WHITE))
    }
}

#[derive(Clone, Copy)]
struct Fill {
    /// The ground, where it is plain.
    ground: Colour,
    is_none: bool,
}

/// Reads the part.
pub(super) fn read(xml: &mut Part<'_>, palette: &Palette) -> Result<Styles, TableError> {
    let (mut codes, mut fonts, mut fills) = (HashMap::new(), Vec::new(), Vec::new());
    let mut styles = Styles::default();
    let mut list = String::new();
    let (mut font, mut fill) = (Font::default(), NO_FILL);
    let mut is_pattern = None;
    while let Some(piece) = xml.next()? {
        match piece {
            Piece::Start(element) => match (element.name(), list.as_str()) {
                (name @ ("numFmts" | "fonts" | "fills" | "cellXfs" | "dxfs"), "") => name.clone_into(&mut list),
                ("numFmt", "numFmts") => {
                    let id = element.number::<u32>("numFmtId")?;
                    let code = element.attribute("formatCode")?;
                    codes.extend(id.zip(code.map(|code| Format::of(&code))));
                }
                ("font", "fonts") => font = Font::default(),
                ("fill", "fills") => (fill, is_pattern) = (NO_FILL, None),
                ("dxf", "dxfs") => {
                    let hides = conditional(xml, palette)?;
                    styles.conditional.push(hides);
                }
                ("patternFill", "fills") => {
                    is_pattern = element.attribute("patternType")?;
                    fill.is_none = is_pattern.as_deref().is_none_or(|pattern| pattern == "none");
                }
                ("gradientFill", "fills") => fill = Fill { ground: None, is_none: false },
                ("fgColor", "fills") if !fill.is_none => {
                    let is_plain = is_pattern.as_deref() == Some("solid");
                    fill.ground = palette.colour(&element)?.filter(|_| is_plain);
                }
                ("xf", "cellXfs") => {
                    let of = |name| element.number::<usize>(name).map(Option::unwrap_or_default);
                    let font: Font = fonts.get(of("fontId")?).copied().unwrap_or_default();
                    let fill: Fill = fills.get(of("fillId")?).copied().unwrap_or(NO_FILL);
                    let id = element.number::<u32>("numFmtId")?.unwrap_or_default();
                    let format = codes.get(&id).copied().or_else(|| Format::built_in(id));
                    styles.cells.push(Style {
                        is_struck: font.is_struck,
                        is_faint: font.is_faint_on(if fill.is_none { Some(WHITE) } else { fill.ground }),
                        is_on_white: fill.is_none,
                        format: format.unwrap_or(Format::GENERAL),
                    });
                }
                (_, "fonts") => font.take(&element, palette)?,
                _ => {}
            },
            Piece::End(name) => match (name.as_str(), list.as_str()) {
                (name, of) if name == of => list.clear(),
                ("font", "fonts") => fonts.push(font),
                ("fill", "fills") => fills.push(fill),
                _ => {}
            },
            Piece::Text(_) => {}
        }
        if [fonts.len(), fills.len(), codes.len(), styles.cells.len(), styles.conditional.len()]
            .iter()
            .any(|length| *length > MAX_STYLES)
        {
            return Err(TableError::Unpacked);
        }
    }
    Ok(styles)
}

/// Reads a conditional style to its end: whether it may hide or strike what it is for.
pub(super) fn conditional(xml: &mut Part<'_>, palette: &Palette) -> Result<bool, TableError> {
    let (mut font, mut ground, mut has_format, mut is_font) = (Font::default(), None, false, false);
    while let Some(piece) = xml.next()? {
        match piece {
            Piece::Start(element) => match element.name() {
                "font" => is_font = true,
                "numFmt" => {
                    let format = Format::of(&element.attribute("formatCode")?.unwrap_or_default());
                    has_format = !format.shows_text || !format.shows_numbers;
                }
                // It has its ground where other styles have the lines of a pattern.
                "bgColor" => ground = palette.colour(&element)?,
                _ if is_font => font.take(&element, palette)?,
                _ => {}
            },
            Piece::End(name) => match name.as_str() {
                "font" => is_font = false,
                "dxf" => break,
                _ => {}
            },
            Piece::Text(_) => {}
        }
    }
    Ok(font.is_struck || has_format || font.is_faint_on(ground.or(Some(WHITE))))
}

const NO_FILL: Fill = Fill { ground: None, is_none: true };

/// The contrast of two colours, from 1.
fn contrast(one: Rgb, other: Rgb) -> f64 {
    let linear = |part: u8| {
        let part = f64::from(part) / 255.0;
        if part <= 0.03928 { part / 12.92 } else { ((part + 0.055) / 1.055).powf(2.4) }
    };
    let luminance = |[red, green, blue]: Rgb| 0.2126 * linear(red) + 0.7152 * linear(green) + 0.0722 * linear(blue);
    let (one, other) = (luminance(one) + 0.05, luminance(other) + 0.05);
    one.max(other) / one.min(other)
}
