//! A workbook (XLSX): the one worksheet that can be seen and has rows, with what its styles, comments and settings
//! hide.
//!
//! The parts are read with `zip` and `quick-xml`, as far as a table needs them (ECMA-376): a library that gives cells
//! alone says nothing of hidden rows, struck-out text or comments, and lays out all up to the last cell.

mod archive;
mod date;
mod format;
mod palette;
mod reference;
mod sheet;
mod strings;
mod styles;
mod xml;

use std::collections::HashMap;

use super::{Comment, Limits, Note, Oddity, Row, TableError, error::plain};
use archive::{Archive, Part};
use palette::Palette;
use reference::Area;
use sheet::{Sheet, SheetContext};
use styles::Styles;
use xml::Piece;

/// The most comments that are told of.
const MAX_COMMENTS: usize = 10_000;
/// The cells of a row that make it a row of a table: a kind, a number, a word about it.
const ROW_OF_TABLE: usize = 3;
/// The name that a workbook gives to what is printed of a worksheet.
const PRINT_AREA: &str = "_xlnm.Print_Area";
/// Our own page of help beside an empty sheet, in both languages.
pub const HELP: [&str; 2] = ["填写说明", "help"];

/// What is read of a workbook.
pub(super) struct Workbook {
    pub(super) rows: Vec<Row>,
    pub(super) oddities: Vec<Oddity>,
    pub(super) comments: Vec<Comment>,
    pub(super) notes: Vec<Note>,
}

/// A part that another refers to.
struct Relation {
    /// The last word of its type.
    kind: String,
    target: String,
}

/// A worksheet as the workbook lists it.
struct SheetEntry {
    name: String,
    is_visible: bool,
    id: String,
    /// What is printed, if not all is; nothing, where it can't be told.
    printed: Option<Vec<Area>>,
}

/// Reads a workbook.
pub(super) fn read(bytes: &[u8], limits: Limits) -> Result<Workbook, TableError> {
    let mut archive = Archive::open(bytes, limits.unpacked)?;
    let mut limits = limits;
    let root = relations(&mut archive, "")?;
    let main = root.into_values().find(|relation| relation.kind == "officeDocument");
    let main = main.map_or_else(|| "xl/workbook.xml".to_owned(), |relation| relation.target);
    if !archive.has(&main) {
        return Err(if archive.has("xl/workbook.bin") { TableError::Format(".xlsb") } else { TableError::Malformed });
    }
    let (listed, is_1904) = archive.read(&main, listed)?.ok_or(TableError::Malformed)?;
    let related = relations(&mut archive, &main)?;
    if related.values().any(|of| of.kind == "vbaProject") {
        return Err(TableError::Macros);
    }
    let target = |kind: &str| related.values().find(|of| of.kind == kind).map(|of| of.target.as_str());
    let mut palette = Palette::default();
    if let Some(name) = target("theme") {
        archive.read(name, |xml| palette.take_theme(xml))?;
    }
    if let Some(name) = target("styles") {
        archive.read(name, |xml| palette.take_indexed(xml))?;
    }
    let strings = match target("sharedStrings") {
        Some(name) => archive.read(name, |xml| strings::shared(xml, &palette))?.unwrap_or_default(),
        None => Vec::new(),
    };
    let styles = match target("styles") {
        Some(name) => archive.read(name, |xml| styles::read(xml, &palette))?.unwrap_or_default(),
        None => Styles::default(),
    };
    let shared = SheetContext { strings, styles, palette, is_1904 };

    let (mut tables, mut others, mut notes) = (Vec::new(), Vec::new(), Vec::new());
    for SheetEntry { name, is_visible, id, printed } in listed {
        let Some(relation) = related.get(&id).filter(|relation| relation.kind == "worksheet") else { continue };
        let part = &relation.target;
        let read = archive.read(part, |xml| sheet::read(xml, &shared, &mut limits))?;
        let mut sheet = read.ok_or(TableError::Malformed)?;
        if let Some(areas) = printed {
            sheet.hold_against(&areas);
        }
        match (is_visible, sheet.width()) {
            (_, 0) => {}
            (false, _) => notes.push(Note::HiddenSheet(name)),
            (true, width) if width >= ROW_OF_TABLE => tables.push((name, part, sheet)),
            (true, _) => others.push((name, part, sheet)),
        }
    }
    if tables.is_empty() && others.len() == 1 {
        tables = std::mem::take(&mut others);
    }
    if tables.len() > 1 {
        return Err(TableError::SeveralSheets(tables.into_iter().map(|(name, ..)| name).collect()));
    }
    let others = others.into_iter().map(|(name, ..)| name).filter(|name| !HELP.contains(&name.as_str()));
    notes.extend(others.map(Note::OtherSheet));
    let Some((_, part, sheet)) = tables.pop() else {
        return Ok(Workbook { rows: Vec::new(), oddities: Vec::new(), comments: Vec::new(), notes });
    };
    let Sheet { rows, oddities, has_pictures } = sheet;
    if has_pictures {
        notes.push(Note::Pictures);
    }
    let comments = comments(&mut archive, part, &shared.palette)?;
    Ok(Workbook { rows, oddities, comments, notes })
}

fn listed(xml: &mut Part<'_>) -> Result<(Vec<SheetEntry>, bool), TableError> {
    let (mut sheets, mut is_1904) = (Vec::new(), false);
    // Of which worksheet a print area is, and what it says.
    let mut printed: Option<(usize, String)> = None;
    while let Some(piece) = xml.next()? {
        match piece {
            Piece::Start(element) => match element.name() {
                "workbookPr" => is_1904 = element.is("date1904")?.unwrap_or_default(),
                "sheet" => sheets.push(SheetEntry {
                    name: element.attribute("name")?.unwrap_or_default(),
                    is_visible: element.attribute("state")?.is_none_or(|state| state == "visible"),
                    id: element.attribute("id")?.ok_or(TableError::Malformed)?,
                    printed: None,
                }),
                "definedName" => {
                    let is_area = element.attribute("name")?.is_some_and(|name| name.eq_ignore_ascii_case(PRINT_AREA));
                    let of = element.number::<usize>("localSheetId")?.filter(|_| is_area);
                    printed = of.map(|of| (of, String::new()));
                }
                _ => {}
            },
            Piece::Text(part) => {
                if let Some((_, text)) = &mut printed {
                    text.push_str(&part);
                }
            }
            Piece::End(name) if name == "definedName" => {
                if let Some((of, text)) = printed.take()
                    && let Some(sheet) = sheets.get_mut(of)
                {
                    sheet.printed = Some(reference::areas(&text).unwrap_or_default());
                }
            }
            Piece::End(_) => {}
        }
    }
    if sheets.iter().any(|sheet| sheet.is_visible) { Ok((sheets, is_1904)) } else { Err(TableError::NoSheet) }
}

/// What a part refers to, by id; the package itself is the part without a name.
fn relations(archive: &mut Archive<'_>, part: &str) -> Result<HashMap<String, Relation>, TableError> {
    let (folder, name) = part.rsplit_once('/').unwrap_or(("", part));
    let path = if folder.is_empty() { format!("_rels/{name}.rels") } else { format!("{folder}/_rels/{name}.rels") };
    let read = archive.read(&path, |xml| {
        let mut relations = HashMap::new();
        while let Some(piece) = xml.next()? {
            let Piece::Start(element) = piece else { continue };
            if element.name() != "Relationship"
                || element.attribute("TargetMode")?.is_some_and(|mode| mode == "External")
            {
                continue;
            }
            let (Some(id), Some(kind), Some(target)) =
                (element.attribute("Id")?, element.attribute("Type")?, element.attribute("Target")?)
            else {
                return Err(TableError::Malformed);
            };
            let kind = kind.rsplit('/').next().unwrap_or_default().to_owned();
            relations.insert(id, Relation { kind, target: resolved(folder, &target) });
        }
        Ok(relations)
    })?;
    Ok(read.unwrap_or_default())
}

/// A target as the name of a part.
fn resolved(folder: &str, target: &str) -> String {
    let mut path: Vec<&str> = if target.starts_with('/') { Vec::new() } else { folder.split('/').collect() };
    for step in target.split('/') {
        match step {
            "" | "." => {}
            ".." => drop(path.pop()),
            step => path.push(step),
        }
    }
    path.retain(|step| !step.is_empty());
    path.join("/")
}

/// What stands beside the cells of a worksheet: notes, and threads, which are written as notes a second time.
fn comments(archive: &mut Archive<'_>, part: &str, palette: &Palette) -> Result<Vec<Comment>, TableError> {
    let related = relations(archive, part)?;
    let mut all: Vec<Comment> = Vec::new();
    for kind in ["threadedComment", "comments"] {
        let threaded = all.len();
        for relation in related.values().filter(|relation| relation.kind == kind) {
            let read = archive.read(&relation.target, |xml| comments_of(xml, palette))?.unwrap_or_default();
            let is_new = |new: &Comment, all: &[Comment]| {
                !all[..threaded].iter().any(|old| (old.row, old.column) == (new.row, new.column))
            };
            for comment in read {
                if is_new(&comment, &all) {
                    all.push(comment);
                }
            }
        }
    }
    all.sort_by_key(|comment| (comment.row, comment.column));
    Ok(all)
}

fn comments_of(xml: &mut Part<'_>, palette: &Palette) -> Result<Vec<Comment>, TableError> {
    let mut comments = Vec::new();
    while let Some(piece) = xml.next()? {
        let Piece::Start(element) = piece else { continue };
        let name = element.name().to_owned();
        if name != "comment" && name != "threadedComment" {
            continue;
        }
        let place = element.attribute("ref")?.as_deref().and_then(reference::area).ok_or(TableError::Malformed)?;
        let text = strings::read(xml, &name, palette)?.text;
        comments.push(Comment { row: place.0, column: place.1, text: plain(&text) });
        if comments.len() > MAX_COMMENTS {
            return Err(TableError::TooMany);
        }
    }
    Ok(comments)
}
