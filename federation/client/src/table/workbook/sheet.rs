//! The cells of one worksheet as its part holds them, and what is odd about them (ECMA-376, 18.3).
//!
//! Nothing is laid out for cells in which nothing stands, however far they reach.

use std::sync::Arc;

use super::{
    archive::Part,
    date,
    palette::Palette,
    reference::{Area, area, cell},
    strings::{self, RichText, unescaped},
    styles::{self, Style, Styles},
    xml::{Element, Piece},
};
use crate::table::{Cell, Limits, MAX_COLUMNS, MAX_TEXT, Odd, Oddity, Row, TableError};

/// The most oddities that are told of: whoever mends these looks again.
const MAX_ODDITIES: usize = 20_000;
/// A row of fewer points, or a column of less of a character, isn't seen.
const LOWEST: f64 = 2.0;
const NARROWEST: f64 = 0.5;

/// What every worksheet of a workbook shares.
pub(super) struct SheetContext {
    pub(super) strings: Vec<RichText>,
    pub(super) styles: Styles,
    pub(super) palette: Palette,
    /// Whether days are counted from 1904.
    pub(super) is_1904: bool,
}

/// What is read of one worksheet.
#[derive(Default)]
pub(super) struct Sheet {
    pub(super) rows: Vec<Row>,
    pub(super) oddities: Vec<Oddity>,
    /// Whether pictures or text boxes lie over it.
    pub(super) has_pictures: bool,
}

impl Sheet {
    /// Names the rows and columns in which something stands and that aren't printed.
    pub(super) fn hold_against(&mut self, printed: &[Area]) {
        let is_filled = |column: usize| self.rows.iter().any(|row| *row.cell(column) != Cell::Empty);
        let columns = (0..MAX_COLUMNS).filter(|column| !printed.iter().any(|area| area.has_column(*column)));
        let columns = columns.filter(|column| is_filled(*column)).map(|column| (None, Some(column)));
        let rows = self.rows.iter().map(|row| row.number);
        let rows = rows.filter(|row| !printed.iter().any(|area| area.has_row(*row))).map(|row| (Some(row), None));
        let unprinted: Vec<Oddity> =
            rows.chain(columns).map(|(row, column)| Oddity { row, column, odd: Odd::NotPrinted }).collect();
        self.oddities.extend(unprinted);
    }

    /// The most cells of a row in which something stands.
    pub(super) fn width(&self) -> usize {
        self.rows.iter().map(|row| row.filled().count()).max().unwrap_or_default()
    }
}

struct Reading<'a> {
    shared: &'a SheetContext,
    limits: &'a mut Limits,
    sheet: Sheet,
    row: u32,
    cells: Vec<(usize, Cell)>,
    is_row_hidden: bool,
    are_rows_hidden: bool,
    are_columns_hidden: bool,
    /// First and last of each run of hidden columns.
    hidden: Vec<(usize, usize)>,
    /// The same of columns that are seen, where those without a width of their own aren't.
    shown: Vec<(usize, usize)>,
}

/// Reads a worksheet; what it takes is taken off the limits.
pub(super) fn read(xml: &mut Part<'_>, shared: &SheetContext, limits: &mut Limits) -> Result<Sheet, TableError> {
    let mut reading = Reading {
        shared,
        limits,
        sheet: Sheet::default(),
        row: 0,
        cells: Vec::new(),
        is_row_hidden: false,
        are_rows_hidden: false,
        are_columns_hidden: false,
        hidden: Vec::new(),
        shown: Vec::new(),
    };
    let mut condition = String::new();
    // Of a condition in an extension: its style stands within it, and its place behind.
    let (mut hides, mut is_place) = (false, false);
    while let Some(piece) = xml.next()? {
        match piece {
            Piece::Start(element) => match element.name() {
                "sheetFormatPr" => {
                    let is_flat = element.number::<f64>("defaultRowHeight")?.is_some_and(|height| height < LOWEST);
                    reading.are_rows_hidden = element.is("zeroHeight")?.unwrap_or_default() || is_flat;
                    reading.are_columns_hidden =
                        element.number::<f64>("defaultColWidth")?.is_some_and(|width| width < NARROWEST);
                }
                "col" => reading.column(&element)?,
                "row" => reading.begin_row(&element)?,
                "c" => {
                    let (column, style) = reading.place(&element)?;
                    let kind = element.attribute("t")?;
                    reading.cell(xml, column, style, kind.as_deref())?;
                }
                "mergeCell" => {
                    let place = element.attribute("ref")?.as_deref().and_then(area).ok_or(TableError::Malformed)?;
                    reading.odd(Some(place.0), Some(place.1), Odd::Merged)?;
                }
                "conditionalFormatting" => condition = element.attribute("sqref")?.unwrap_or_default(),
                "cfRule" => {
                    let style = element.number::<usize>("dxfId")?;
                    if style.is_some_and(|style| shared.styles.hides(style)) {
                        let place = condition.split_whitespace().next().and_then(area).ok_or(TableError::Malformed)?;
                        reading.odd(Some(place.0), Some(place.1), Odd::Conditional)?;
                    }
                }
                "dxf" => hides |= styles::conditional(xml, &shared.palette)?,
                "sqref" => is_place = true,
                // A bar or an icon in the place of the value.
                "dataBar" | "iconSet" if element.is("showValue")? == Some(false) => {
                    let place = condition.split_whitespace().next().and_then(area);
                    reading.odd(place.map(|place| place.0), place.map(|place| place.1), Odd::Conditional)?;
                }
                "drawing" | "oleObject" | "control" => reading.sheet.has_pictures = true,
                _ => {}
            },
            Piece::End(name) if name == "row" => reading.end_row()?,
            Piece::Text(text) if is_place && std::mem::take(&mut hides) => {
                let place = text.split_whitespace().next().and_then(area).ok_or(TableError::Malformed)?;
                reading.odd(Some(place.0), Some(place.1), Odd::Conditional)?;
            }
            Piece::End(name) if name == "sqref" => is_place = false,
            Piece::End(_) | Piece::Text(_) => {}
        }
    }
    Ok(reading.finish())
}

impl Reading<'_> {
    fn odd(&mut self, row: Option<u32>, column: Option<usize>, odd: Odd) -> Result<(), TableError> {
        if self.sheet.oddities.len() == MAX_ODDITIES {
            return Err(TableError::TooMany);
        }
        self.sheet.oddities.push(Oddity { row, column, odd });
        Ok(())
    }

    fn column(&mut self, element: &Element<'_>) -> Result<(), TableError> {
        let is_narrow = element.number::<f64>("width")?.is_some_and(|width| width < NARROWEST);
        let (first, last) = (element.number::<usize>("min")?, element.number::<usize>("max")?);
        let run = first.zip(last).map(|(first, last)| (first.saturating_sub(1), last.saturating_sub(1)));
        let is_hidden = is_narrow || element.is("hidden")?.unwrap_or_default();
        if is_hidden {
            self.hidden.extend(run);
        } else if self.are_columns_hidden {
            self.shown.extend(run);
        }
        if self.hidden.len() + self.shown.len() > MAX_COLUMNS { Err(TableError::Malformed) } else { Ok(()) }
    }

    fn begin_row(&mut self, element: &Element<'_>) -> Result<(), TableError> {
        let number = element.number::<u32>("r")?.unwrap_or(self.row + 1);
        // A row that comes twice is another in another program.
        if number <= self.row {
            return Err(TableError::Malformed);
        }
        self.row = number;
        let height = element.number::<f64>("ht")?;
        let is_hidden = element.is("hidden")?;
        let is_by_default = self.are_rows_hidden && is_hidden.is_none() && height.is_none();
        self.is_row_hidden =
            is_hidden.unwrap_or_default() || height.is_some_and(|height| height < LOWEST) || is_by_default;
        Ok(())
    }

    fn end_row(&mut self) -> Result<(), TableError> {
        let row = Row::new(self.row, std::mem::take(&mut self.cells));
        if row.is_empty() {
            return Ok(());
        }
        if self.is_row_hidden {
            self.odd(Some(self.row), None, Odd::HiddenRow)?;
        }
        self.limits.rows = self.limits.rows.checked_sub(1).ok_or(TableError::TooMany)?;
        self.sheet.rows.push(row);
        Ok(())
    }

    /// The column and the style of a cell.
    fn place(&self, element: &Element<'_>) -> Result<(usize, Style), TableError> {
        let next = self.cells.last().map_or(0, |(column, _)| column + 1);
        let column = match element.attribute("r")? {
            Some(reference) => match cell(&reference) {
                Some((row, column)) if row == self.row && column >= next => column,
                _ => return Err(TableError::Malformed),
            },
            None => next,
        };
        let style = element.number::<usize>("s")?.unwrap_or_default();
        Ok((column, self.shared.styles.of(style)))
    }

    /// Reads a cell up to its end.
    fn cell(&mut self, xml: &mut Part<'_>, column: usize, style: Style, kind: Option<&str>) -> Result<(), TableError> {
        let (mut value, mut rich, mut has_formula, mut is_value) = (String::new(), None, false, false);
        while let Some(piece) = xml.next()? {
            match piece {
                Piece::Start(element) => match element.name() {
                    "f" => has_formula = true,
                    "v" => is_value = true,
                    "is" => rich = Some(strings::read(xml, "is", &self.shared.palette)?),
                    _ => {}
                },
                Piece::End(name) => match name.as_str() {
                    "c" => break,
                    "v" => is_value = false,
                    _ => {}
                },
                Piece::Text(part) if is_value && value.len() + part.len() <= 4 * MAX_TEXT => value.push_str(&part),
                Piece::Text(_) => {}
            }
        }
        if kind == Some("s") && !value.is_empty() {
            let at: usize = value.trim().parse().map_err(|_| TableError::Malformed)?;
            rich = Some(self.shared.strings.get(at).cloned().ok_or(TableError::Malformed)?);
        }
        if kind == Some("str") {
            rich = Some(RichText { text: unescaped(&value).trim().into(), ..RichText::default() });
        }
        let place = (Some(self.row), Some(column));
        if has_formula {
            self.odd(place.0, place.1, Odd::Formula)?;
        }
        let (cell, odd) = match rich {
            Some(rich) => text(&rich, style),
            None => number(&value, kind, style, self.shared.is_1904)?,
        };
        if cell == Cell::Empty && !has_formula {
            return Ok(());
        }
        if column >= MAX_COLUMNS {
            return Err(TableError::TooFar { row: self.row, column });
        }
        for odd in odd.into_iter().flatten() {
            self.odd(place.0, place.1, odd)?;
        }
        self.limits.cells = self.limits.cells.checked_sub(1).ok_or(TableError::TooMany)?;
        // A formula without a value fills its cell all the same.
        self.cells.push((column, if cell == Cell::Empty { Cell::Error } else { cell }));
        Ok(())
    }

    fn finish(mut self) -> Sheet {
        let is_in =
            |runs: &[(usize, usize)], column| runs.iter().any(|(first, last)| (*first..=*last).contains(&column));
        for column in 0..MAX_COLUMNS {
            let is_hidden = is_in(&self.hidden, column) || (self.are_columns_hidden && !is_in(&self.shown, column));
            if is_hidden && self.sheet.rows.iter().any(|row| *row.cell(column) != Cell::Empty) {
                self.sheet.oddities.push(Oddity { row: None, column: Some(column), odd: Odd::HiddenColumn });
            }
        }
        self.sheet
    }
}

/// A cell that holds text.
fn text(rich: &RichText, style: Style) -> (Cell, [Option<Odd>; 3]) {
    if rich.text.is_empty() {
        return (Cell::Empty, [None; 3]);
    }
    let is_unseen = style.is_faint || !style.format.shows_text || (rich.is_faint && style.is_on_white);
    let odd = [
        (style.is_struck || rich.is_struck).then_some(Odd::Struck),
        is_unseen.then_some(Odd::NotShown),
        rich.is_too_long.then_some(Odd::TooLong),
    ];
    (Cell::Text(Arc::clone(&rich.text)), odd)
}

/// A cell that holds no text: a number, a date, a yes or no, a failure.
fn number(
    value: &str,
    kind: Option<&str>,
    style: Style,
    is_1904: bool,
) -> Result<(Cell, [Option<Odd>; 3]), TableError> {
    let value = value.trim();
    if value.is_empty() {
        return Ok((Cell::Empty, [None; 3]));
    }
    let is_dated = style.format.date.is_some();
    let mut odd = [
        style.is_struck.then_some(Odd::Struck),
        (style.is_faint || !style.format.shows_numbers).then_some(Odd::NotShown),
        None,
    ];
    let cell = match kind {
        Some("b") => Cell::Other,
        Some("e") => Cell::Error,
        Some("d") => {
            let (cell, is_odd) = date::of_iso(value, style.format.date);
            odd[2] = is_odd;
            cell
        }
        None | Some("n") => {
            let number: f64 = value.parse().map_err(|_| TableError::Malformed)?;
            if is_dated {
                let (cell, is_odd) = date::of_number(number, is_1904, style.format.date);
                odd[2] = is_odd;
                cell
            } else {
                Cell::Number(number)
            }
        }
        Some(_) => return Err(TableError::Malformed),
    };
    Ok((cell, odd))
}
