//! Why a file is no table, in both languages: what it is instead, and how to save it.

use std::{fmt, io};

use callboard_federation::policy::Words;

use super::{encoding::Encoding, findings::letters};
use crate::visible::Visible;

/// How pictures begin: PNG, JPEG, GIF, TIFF.
const PICTURES: [&[u8]; 4] = [b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"II*\0"];

/// Why a file can't be read as a table.
#[derive(Debug)]
pub enum TableError {
    /// It can't be read at all.
    Io(io::Error),
    /// More bytes than a workbook has.
    TooLong,
    /// A workbook that unpacks to more than a table has.
    Unpacked,
    /// Something stands beyond where a table ends.
    TooFar {
        /// Its row, from 1.
        row: u32,
        /// Its column, from 0.
        column: usize,
    },
    /// More rows or cells than are read.
    TooMany,
    /// A workbook under a password.
    Encrypted,
    /// A workbook with macros.
    Macros,
    /// A picture.
    Picture,
    /// A workbook of another format: what it is.
    Format(&'static str),
    /// A damaged workbook, or one that contradicts itself.
    Malformed,
    /// No visible worksheet.
    NoSheet,
    /// Several visible worksheets with rows.
    SeveralSheets(Vec<String>),
    /// A field that isn't in the encoding of those before.
    Encoding {
        /// The row, from 1.
        row: u32,
        /// The column, from 0.
        column: usize,
        /// What it was so far.
        expected: Encoding,
    },
    /// A quotation mark that is never closed.
    Quote {
        /// Where it opens.
        row: u32,
    },
}

impl TableError {
    /// What is wrong and what to do.
    pub fn words(&self) -> Words {
        let (zh, en) = match self {
            Self::Io(_) => ("文件无法读取".to_owned(), "the file can't be read".to_owned()),
            Self::TooLong => {
                let mib = super::MAX_WORKBOOK >> 20;
                (
                    format!("工作簿超过{mib}MiB；请分成几个文件，或另存为CSV"),
                    format!("the workbook has more than {mib} MiB: split it, or save it as CSV"),
                )
            }
            Self::Unpacked => (
                "工作簿解压后过大，不是普通的表格；请把各行复制到新建的工作簿中，另存为.xlsx".to_owned(),
                "the workbook unpacks to far more than a table has: copy its rows to a new workbook, and save that as .xlsx"
                    .to_owned(),
            ),
            Self::TooFar { row, column } => {
                let at = letters(*column);
                (
                    format!("{at}{row}单元格超出表格范围（最多{}列）；请清除该格", super::MAX_COLUMNS),
                    format!("cell {at}{row} is beyond the {} columns of a table: clear it", super::MAX_COLUMNS),
                )
            }
            Self::TooMany => (
                "行或单元格过多；请分成几个文件，或另存为CSV".to_owned(),
                "too many rows or cells: split the file, or save it as CSV".to_owned(),
            ),
            Self::Encrypted => (
                "工作簿设有密码；请取消密码，另存为.xlsx".to_owned(),
                "the workbook has a password: save it as .xlsx without one".to_owned(),
            ),
            Self::Macros => (
                "工作簿含有宏；请在表格软件中打开，另存为不含宏的.xlsx".to_owned(),
                "the workbook has macros: open it in a spreadsheet program, and save it as .xlsx, which has none".to_owned(),
            ),
            Self::Picture => (
                "这是图片，不是表格；请提供表格本身（.xlsx或CSV）".to_owned(),
                "this is a picture, not a table: give the table itself, as .xlsx or CSV".to_owned(),
            ),
            Self::Format(what) => (
                format!("这是{what}文件；请在表格软件中打开，另存为.xlsx"),
                format!("this is a file of format {what}: open it in a spreadsheet program, and save it as .xlsx"),
            ),
            Self::Malformed => (
                "工作簿已损坏，或内容自相矛盾；请在表格软件中打开，另存为.xlsx".to_owned(),
                "the workbook is damaged or contradicts itself: open it in a spreadsheet program, and save it as .xlsx"
                    .to_owned(),
            ),
            Self::NoSheet => ("没有可见的工作表".to_owned(), "no worksheet can be seen".to_owned()),
            Self::SeveralSheets(names) => {
                let (zh, en) = (quoted(names, "“", "”", "、"), quoted(names, "«", "»", ", "));
                (
                    format!("有几个工作表有内容：{zh}；请只保留要起草的一个，其余删去或另存"),
                    format!("several worksheets have rows: {en}; keep the one that is meant, and delete the others"),
                )
            }
            Self::Encoding { row, column, expected } => {
                let (column, expected) = (letters(*column), expected.name());
                (
                    format!("第{row}行{column}列：不是{expected}编码，而前面各行是；请用同一编码另存为“CSV UTF-8”"),
                    format!(
                        "row {row}, column {column}: not in {expected} as the rows before are: save the file in one encoding, \
                         as «CSV UTF-8»"
                    ),
                )
            }
            Self::Quote { row } => (
                format!("第{row}行：引号没有闭合"),
                format!("row {row}: a quotation mark that isn't closed"),
            ),
        };
        Words { zh, en }
    }
}

/// Names as people typed them.
fn quoted(names: &[String], open: &str, close: &str, between: &str) -> String {
    let shown = names.iter().map(|name| format!("{open}{}{close}", plain(name)));
    shown.collect::<Vec<_>>().join(between)
}

/// A short text of somebody's on one line, with what would act or hide written out.
pub(super) fn plain(text: &str) -> String {
    const MOST: usize = 200;
    let one_line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let start: String = one_line.chars().take(MOST).collect();
    let mut shown = Visible(&start).to_string();
    if one_line.chars().count() > MOST {
        shown.push('…');
    }
    shown
}

/// What a file is that is no table of ours, by its first bytes.
pub(super) fn other_format(head: &[u8]) -> Option<TableError> {
    let has = |needle: &[u8]| head.windows(needle.len()).any(|part| part == needle);
    if head.starts_with(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1") {
        let stream: Vec<u8> = "EncryptedPackage".encode_utf16().flat_map(u16::to_le_bytes).collect();
        return Some(if has(&stream) { TableError::Encrypted } else { TableError::Format(".xls/.et") });
    }
    if head.starts_with(b"PK") {
        let has_name = |name: &str| has(name.as_bytes());
        return if has_name("mimetypeapplication/vnd.oasis") {
            Some(TableError::Format(".ods"))
        } else if has_name("Index/Document.iwa") || has_name("Index/") && has_name(".iwa") {
            Some(TableError::Format(".numbers"))
        } else {
            None
        };
    }
    let is_of_camera = head.get(4..8) == Some(b"ftyp") || head.starts_with(b"RIFF");
    if is_of_camera || PICTURES.iter().any(|begins| head.starts_with(begins)) {
        return Some(TableError::Picture);
    }
    if head.starts_with(b"%PDF") {
        return Some(TableError::Format("PDF"));
    }
    // Web systems hand out pages as «.xls», and XML of 2003.
    let text = head.strip_prefix(b"\xef\xbb\xbf").unwrap_or(head).trim_ascii_start();
    text.starts_with(b"<").then_some(TableError::Format("HTML/XML"))
}

/// In both languages, for whoever has no choice between them.
impl fmt::Display for TableError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Words { zh, en } = self.words();
        write!(f, "{zh} / {en}")
    }
}

impl std::error::Error for TableError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        if let Self::Io(error) = self { Some(error) } else { None }
    }
}

impl From<io::Error> for TableError {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}
