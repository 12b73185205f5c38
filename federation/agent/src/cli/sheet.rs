//! A list of people as platforms have them: CSV of one person a row, or NDJSON of one question a line.
//!
//! Nothing that is said of a row repeats what stands in it. A file has one encoding, UTF-8 or GB18030, which its first field
//! beyond ASCII tells; a field that isn't of it is an error that names row and column, since a file that was pasted together
//! from two would be read half wrong.

use std::{
    borrow::Cow,
    io::{BufRead, BufReader, Read},
    path::Path,
};

use callboard_federation::{
    encoding::{JsonError, from_json},
    identity::{IdentityInvalid, IdentityKind},
};
use clap::ValueEnum;
use encoding_rs::GB18030;
use jiff::civil::Date;

use crate::{
    book::Reference,
    check::{
        names::Names,
        question::{Asked, Purpose, Question},
    },
};

/// The longest line of NDJSON.
const MAX_LINE: u64 = 1 << 20;
/// The columns that a sheet has: the first three must be there.
const COLUMNS: [&str; 12] = [
    "ref",
    "kind",
    "identity",
    "confirmed",
    "dateOfBirth",
    "guardianConsent",
    "person",
    "names",
    "purpose",
    "consentRef",
    "guardianRef",
    "noDocument",
];
/// What stands between the names of one person, as in a sheet of the desk.
const BETWEEN_NAMES: [char; 5] = [';', '；', '、', '\n', '|'];
/// What a `ref`, a `person` and a platform's other references are.
const REFERENCE: &str = "1 to 256 bytes of text without control characters";
const REQUIRED: usize = 3;

/// How a list is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum Format {
    /// One person a row, under a row of names
    Csv,
    /// One question a line, as `POST /check` takes it
    Ndjson,
}

/// How text is encoded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum Encoding {
    /// UTF-8
    #[value(name = "utf-8")]
    Utf8,
    /// GB18030, and so GBK and GB2312
    #[value(name = "gb18030")]
    Gb18030,
}

/// Why a list isn't read on.
#[derive(Debug, thiserror::Error)]
pub(super) enum SheetError {
    /// It can't be read.
    #[error("the list can't be read")]
    Io(#[from] std::io::Error),
    /// Not CSV, as far as rows go.
    #[error("row {row}: not CSV: a quote that isn't closed, or more or fewer fields than the first row has")]
    Csv {
        /// The row, from 1, the names' included.
        row: u64,
    },
    /// A column isn't there.
    #[error("row 1: no column `{0}`: a sheet has at least ref, kind, identity")]
    Missing(&'static str),
    /// A column is there twice.
    #[error("row 1: `{0}` is there twice")]
    Twice(&'static str),
    /// Another encoding than before.
    #[error(
        "row {row}, column `{column}`: not in {expected} as the rows before are: the file has two encodings; save it in one, \
         or name it with --encoding if the guess is wrong"
    )]
    Encoding {
        /// The row.
        row: u64,
        /// The column's name.
        column: String,
        /// What it was so far.
        expected: &'static str,
    },
    /// UTF-16.
    #[error("the list is in UTF-16: save it as CSV in UTF-8")]
    Utf16,
    /// A field isn't what its column holds.
    #[error("row {row}, column `{column}`: {expected}")]
    Field {
        /// The row.
        row: u64,
        /// The column.
        column: &'static str,
        /// What it should be.
        expected: String,
    },
    /// A line of NDJSON isn't a question.
    #[error("line {line}: no question, at column {column}")]
    Line {
        /// The line.
        line: u64,
        /// The column.
        column: usize,
    },
    /// A line of NDJSON is longer than a question is.
    #[error("line {line}: longer than a question is")]
    Long {
        /// The line.
        line: u64,
    },
}

/// The questions of a list, one after another.
pub(super) enum Sheet<R> {
    Csv(Box<Rows<R>>),
    Ndjson { lines: BufReader<R>, read: u64, line: Vec<u8> },
}

/// The rows of a CSV file.
pub(super) struct Rows<R> {
    reader: csv::Reader<BufReader<R>>,
    names: Vec<String>,
    /// Where each of [`COLUMNS`] is.
    places: [Option<usize>; COLUMNS.len()],
    encoding: Option<Encoding>,
    record: csv::ByteRecord,
    row: u64,
}

impl Format {
    /// What a file's name says.
    pub(super) fn of_path(path: &Path) -> Option<Self> {
        let extension = path.extension()?.to_str()?.to_ascii_lowercase();
        match extension.as_str() {
            "csv" => Some(Self::Csv),
            "ndjson" | "jsonl" => Some(Self::Ndjson),
            _ => None,
        }
    }
}

impl<R: Read> Sheet<R> {
    /// Begins to read; without a format what it begins with tells.
    pub(super) fn open(from: R, format: Option<Format>, encoding: Option<Encoding>) -> Result<Self, SheetError> {
        let mut from = BufReader::with_capacity(1 << 16, from);
        let begin = from.fill_buf()?;
        if begin.starts_with(&[0xff, 0xfe]) || begin.starts_with(&[0xfe, 0xff]) {
            return Err(SheetError::Utf16);
        }
        let guess = if begin.trim_ascii_start().first() == Some(&b'{') { Format::Ndjson } else { Format::Csv };
        match format.unwrap_or(guess) {
            Format::Csv => Ok(Self::Csv(Box::new(Rows::open(from, encoding)?))),
            Format::Ndjson => Ok(Self::Ndjson { lines: from, read: 0, line: Vec::new() }),
        }
    }

    /// The names of columns that mean nothing here.
    pub(super) fn ignored(&self) -> Vec<String> {
        match self {
            Self::Csv(rows) => {
                let is_known = |at: &usize| rows.places.contains(&Some(*at));
                (0..rows.names.len()).filter(|at| !is_known(at)).map(|at| rows.names[at].clone()).collect()
            }
            Self::Ndjson { .. } => Vec::new(),
        }
    }

    /// How its answers are written, unless told otherwise.
    pub(super) const fn format(&self) -> Format {
        match self {
            Self::Csv(_) => Format::Csv,
            Self::Ndjson { .. } => Format::Ndjson,
        }
    }

    /// The next question; `None` at the end.
    pub(super) fn next(&mut self) -> Result<Option<Question>, SheetError> {
        match self {
            Self::Csv(rows) => rows.next(),
            Self::Ndjson { lines, read, line } => loop {
                line.clear();
                *read += 1;
                if lines.by_ref().take(MAX_LINE).read_until(b'\n', line)? == 0 {
                    return Ok(None);
                }
                if line.len() as u64 == MAX_LINE {
                    return Err(SheetError::Long { line: *read });
                }
                if !line.trim_ascii().is_empty() {
                    let malformed = |error: JsonError| {
                        let (JsonError::Strict(source) | JsonError::Shape(source)) = error;
                        SheetError::Line { line: *read, column: source.column() }
                    };
                    return from_json(line.trim_ascii()).map(Some).map_err(malformed);
                }
            },
        }
    }
}

impl<R: Read> Rows<R> {
    fn open(from: BufReader<R>, encoding: Option<Encoding>) -> Result<Self, SheetError> {
        let reader = csv::ReaderBuilder::new().has_headers(false).from_reader(from);
        let mut rows = Self {
            reader,
            names: Vec::new(),
            places: [None; COLUMNS.len()],
            encoding,
            record: csv::ByteRecord::new(),
            row: 0,
        };
        if !rows.advance()? {
            return Err(SheetError::Missing(COLUMNS[0]));
        }
        for at in 0..rows.record.len() {
            let name = rows.text(at)?.trim().to_owned();
            if let Some(known) = COLUMNS.iter().position(|column| plain(column) == plain(&name))
                && rows.places[known].replace(at).is_some()
            {
                return Err(SheetError::Twice(COLUMNS[known]));
            }
            rows.names.push(name);
        }
        match (0..REQUIRED).find(|column| rows.places[*column].is_none()) {
            Some(missing) => Err(SheetError::Missing(COLUMNS[missing])),
            None => Ok(rows),
        }
    }

    fn advance(&mut self) -> Result<bool, SheetError> {
        let next = self.reader.position().line();
        let read = self.reader.read_byte_record(&mut self.record).map_err(|error| {
            let row = error.position().map_or(next, csv::Position::line);
            match error.into_kind() {
                csv::ErrorKind::Io(source) => SheetError::Io(source),
                _ => SheetError::Csv { row },
            }
        });
        self.row = self.record.position().map_or(next, csv::Position::line);
        read
    }

    fn next(&mut self) -> Result<Option<Question>, SheetError> {
        loop {
            if !self.advance()? {
                return Ok(None);
            }
            // A spreadsheet leaves rows of nothing behind.
            if self.record.iter().any(|field| !field.trim_ascii().is_empty()) {
                return self.question().map(Some);
            }
        }
    }

    fn question(&mut self) -> Result<Question, SheetError> {
        let reference = Reference::try_from(self.field(0)?.into_owned());
        let reference =
            reference.map_err(|_| self.wrong(0, "a ref is 1 to 256 bytes of text without control characters"))?;
        let kind = IdentityKind::of_typed(&self.field(1)?);
        let kind = kind.ok_or_else(|| self.wrong(1, IdentityInvalid::KindUnknown))?;
        let value = self.field(2)?.into_owned();
        let confirmed = self.flag(3)?;
        let born = self.field(4)?.into_owned();
        let born = (!born.is_empty()).then(|| born.parse::<Date>());
        let date_of_birth = born.transpose().map_err(|_| self.wrong(4, "a date is written 2001-02-03"))?;
        Ok(Question {
            reference,
            person: self.reference(6)?,
            identities: vec![Asked { kind, value, confirmed }],
            date_of_birth,
            names: self.names()?,
            purpose: self.purpose()?,
            consent_ref: self.reference(9)?,
            guardian_consent: self.flag(5)?,
            guardian_ref: self.reference(10)?,
            no_document: self.flag(11)?,
            max_staleness: None,
        })
    }

    /// The field of a known column, empty where there is none.
    fn field(&mut self, column: usize) -> Result<Cow<'_, str>, SheetError> {
        match self.places[column] {
            Some(at) => Ok(match self.text(at)? {
                Cow::Borrowed(text) => Cow::Borrowed(text.trim()),
                Cow::Owned(text) => Cow::Owned(text.trim().to_owned()),
            }),
            None => Ok(Cow::Borrowed("")),
        }
    }

    fn reference(&mut self, column: usize) -> Result<Option<Reference>, SheetError> {
        let text = self.field(column)?.into_owned();
        let reference = (!text.is_empty()).then(|| Reference::try_from(text)).transpose();
        reference.map_err(|_| self.wrong(column, REFERENCE))
    }

    fn names(&mut self) -> Result<Names, SheetError> {
        let text = self.field(7)?;
        let names = text.split(BETWEEN_NAMES).map(str::trim).filter(|name| !name.is_empty()).map(str::to_owned);
        let names: Vec<String> = names.collect();
        Names::try_from(names).map_err(|error| self.wrong(7, error))
    }

    fn purpose(&mut self) -> Result<Purpose, SheetError> {
        let text = self.field(8)?;
        let purpose = if text.is_empty() { Ok(Purpose::default()) } else { Purpose::from_str(&text, true) };
        purpose.map_err(|_| self.wrong(8, "onboard, contract or watch"))
    }

    fn flag(&mut self, column: usize) -> Result<bool, SheetError> {
        let is_set = match self.field(column)?.to_ascii_lowercase().as_str() {
            "" | "false" | "no" | "0" | "否" => Some(false),
            "true" | "yes" | "1" | "是" => Some(true),
            _ => None,
        };
        is_set.ok_or_else(|| self.wrong(column, "true or false"))
    }

    #[expect(clippy::needless_pass_by_value, reason = "words, or an error that says them")]
    fn wrong(&self, column: usize, expected: impl ToString) -> SheetError {
        SheetError::Field { row: self.row, column: COLUMNS[column], expected: expected.to_string() }
    }

    /// A field as text, in the encoding of those before.
    fn text(&mut self, at: usize) -> Result<Cow<'_, str>, SheetError> {
        let bytes = self.record.get(at).unwrap_or_default();
        if let Ok(text) = std::str::from_utf8(bytes)
            && (text.is_ascii() || self.encoding != Some(Encoding::Gb18030))
        {
            if !text.is_ascii() {
                self.encoding = Some(Encoding::Utf8);
            }
            return Ok(Cow::Borrowed(text));
        }
        let (row, column) = (self.row, self.names.get(at).cloned().unwrap_or_else(|| (at + 1).to_string()));
        if self.encoding == Some(Encoding::Utf8) {
            return Err(SheetError::Encoding { row, column, expected: "UTF-8" });
        }
        self.encoding = Some(Encoding::Gb18030);
        // Whatever is UTF-8 of three bytes a character is hardly ever text in GB18030 as well.
        let is_other = std::str::from_utf8(bytes).is_ok_and(|text| text.chars().any(|c| c.len_utf8() > 2));
        match GB18030.decode_without_bom_handling_and_without_replacement(bytes) {
            Some(text) if !is_other => Ok(text),
            _ => Err(SheetError::Encoding { row, column, expected: "GB18030" }),
        }
    }
}

/// A column's name without what people write differently.
fn plain(name: &str) -> String {
    name.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(bytes: &[u8]) -> Result<Vec<Question>, SheetError> {
        let mut sheet = Sheet::open(bytes, None, None)?;
        std::iter::from_fn(|| sheet.next().transpose()).collect()
    }

    fn gb(text: &str) -> Vec<u8> {
        GB18030.encode(text).0.into_owned()
    }

    #[test]
    fn a_sheet_reads_the_same_in_utf_8_and_in_gb18030() {
        let text = "ref,Kind,identity,备注,date of birth,Guardian_Consent\n主播1,cn-id,１00000199001050013,联通,,是\n\nb,passport,UTO:E1,,2001-02-03,\n";
        let bom = [b"\xef\xbb\xbf", text.as_bytes()].concat();
        for bytes in [text.as_bytes().to_vec(), gb(text), bom] {
            let read = read(&bytes).unwrap();
            assert_eq!(read.len(), 2);
            assert_eq!(read[0].reference.as_str(), "主播1");
            assert!(read[0].guardian_consent && !read[1].guardian_consent);
            assert_eq!(read[0].identities[0].value, "１00000199001050013");
            assert_eq!(read[1].date_of_birth.unwrap().to_string(), "2001-02-03");
        }
    }

    #[test]
    fn a_row_names_person_names_and_what_it_is_asked_for() {
        let text = "ref,person,kind,identity,Names,purpose,consent_ref,guardian ref,noDocument\n\
             room,甲,cn-id,100000199001050013,赵试一；小试,watch,c-1,g-1,是\n\
             room,,cn-id,100000199001050013,,,,,\n";
        let read = read(text.as_bytes()).unwrap();
        assert_eq!(read[0].person.as_ref().unwrap().as_str(), "甲");
        assert_eq!(read[0].names.iter().collect::<Vec<_>>(), ["赵试一", "小试"]);
        assert_eq!((read[0].purpose, read[1].purpose), (Purpose::Watch, Purpose::Onboard));
        let refs = [&read[0].consent_ref, &read[0].guardian_ref].map(|of| of.as_ref().unwrap().as_str());
        assert_eq!((refs, read[0].no_document), (["c-1", "g-1"], true));
        assert!(read[1].person.is_none() && read[1].names.is_empty() && !read[1].no_document);
    }

    #[test]
    fn a_file_of_two_encodings_is_an_error_that_names_row_and_column_and_nothing_else() {
        let head = "ref,kind,identity\n主播,cn-id,100000199001050013\n";
        let mixed = [head.as_bytes(), &gb("名字,cn-id,100000199001010011\n")].concat();
        let other = [gb(head), "名字,cn-id,100000199001010011\n".as_bytes().to_vec()].concat();
        for bytes in [mixed, other] {
            let error = read(&bytes).err().unwrap().to_string();
            assert!(error.starts_with("row 3, column `ref`") && !error.contains("1000001990"), "{error}");
        }
        assert!(matches!(read(b"\xff\xfer\0"), Err(SheetError::Utf16)));
    }

    #[test]
    fn what_is_missing_or_wrong_is_named_by_row_and_column_and_never_repeated() {
        let said = |text: &str| read(text.as_bytes()).err().unwrap().to_string();
        assert!(said("ref,kind\na,cn-id\n").contains("row 1: no column `identity`"));
        assert!(said("").contains("no column `ref`"));
        assert!(said("ref,kind,identity,REF\n").contains("`ref` is there twice"));
        let kind = said("ref,kind,identity\na,cnid,100000199001050013\n");
        assert_eq!(kind, format!("row 2, column `kind`: {}", IdentityInvalid::KindUnknown));
        let purpose = said("ref,kind,identity,purpose\na,cn-id,100000199001050013,fun\n");
        assert!(purpose.starts_with("row 2, column `purpose`: onboard") && !purpose.contains("fun"), "{purpose}");
        assert!(said("ref,kind,identity\n,cn-id,1\n").starts_with("row 2, column `ref`"));
        assert!(said("ref,kind,identity\na,cn-id\n").starts_with("row 2: not CSV"));
        let born = said("ref,kind,identity,dateOfBirth\na,cn-id,100000199001050013,1990/1/5\n");
        assert!(born.starts_with("row 2, column `dateOfBirth`") && !born.contains("1990"), "{born}");
        let line = said("{\"ref\":\"a\",\"identities\":[]}\n{\"ref\":\"a\",\"identity\":\"100000199001050013\"}\n");
        assert!(line.starts_with("line 2: no question, at column") && !line.contains("1000001990"), "{line}");
    }

    #[test]
    fn ndjson_is_told_by_how_it_begins_and_takes_several_identities_of_one_person() {
        let line = r#"{"ref":"a","identities":[{"kind":"cn-id","value":"1"},{"kind":"passport","value":"UTO:2"}]}"#;
        let read = read(format!("\n{line}\n\n{line}").as_bytes()).unwrap();
        assert_eq!((read.len(), read[1].identities.len()), (2, 2));
    }
}
