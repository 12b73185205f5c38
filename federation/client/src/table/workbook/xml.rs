//! A part's XML, piece by piece: bounded in depth, without definitions of its own.

use std::{borrow::Cow, io::BufRead};

use quick_xml::{
    Error, Reader,
    events::{BytesStart, Event},
};

use crate::table::TableError;

/// The deepest nesting: a comment's formatted text has eight.
const MAX_DEPTH: usize = 32;

/// A part that is being read.
pub(super) struct Xml<B> {
    reader: Reader<B>,
    buffer: Vec<u8>,
    depth: usize,
}

/// A piece of it.
pub(super) enum Piece<'a> {
    /// An element begins.
    Start(Element<'a>),
    /// An element ends.
    End(String),
    /// Text.
    Text(Cow<'a, str>),
}

/// An element's name, without its namespace, and attributes.
pub(super) struct Element<'a>(BytesStart<'a>);

impl<B: BufRead> Xml<B> {
    pub(super) fn new(from: B) -> Self {
        let mut reader = Reader::from_reader(from);
        reader.config_mut().expand_empty_elements = true;
        Self { reader, buffer: Vec::new(), depth: 0 }
    }

    /// The next piece; `None` at the end.
    pub(super) fn next(&mut self) -> Result<Option<Piece<'_>>, TableError> {
        self.buffer.clear();
        match self.reader.read_event_into(&mut self.buffer).map_err(|error| told(&error))? {
            Event::Start(start) => {
                self.depth += 1;
                if self.depth > MAX_DEPTH { Err(TableError::Malformed) } else { Ok(Some(Piece::Start(Element(start)))) }
            }
            Event::End(end) => {
                self.depth = self.depth.saturating_sub(1);
                Ok(Some(Piece::End(end.local_name().into_inner().to_owned())))
            }
            Event::Text(text) => Ok(Some(Piece::Text(Cow::Owned(text.xml10_content().into_owned())))),
            Event::CData(text) => Ok(Some(Piece::Text(Cow::Owned(text.xml10_content().into_owned())))),
            Event::GeneralRef(reference) => {
                let c = match reference.resolve_char_ref().map_err(|_| TableError::Malformed)? {
                    Some(c) => c,
                    None => match reference.into_inner().as_ref() {
                        "amp" => '&',
                        "lt" => '<',
                        "gt" => '>',
                        "quot" => '"',
                        "apos" => '\'',
                        _ => return Err(TableError::Malformed),
                    },
                };
                Ok(Some(Piece::Text(Cow::Owned(c.to_string()))))
            }
            Event::Eof if self.depth == 0 => Ok(None),
            Event::Eof | Event::DocType(_) => Err(TableError::Malformed),
            Event::Empty(_) | Event::Comment(_) | Event::Decl(_) | Event::PI(_) => {
                Ok(Some(Piece::Text(Cow::Borrowed(""))))
            }
        }
    }
}

fn told(error: &Error) -> TableError {
    match error {
        Error::Io(error) if error.kind() == std::io::ErrorKind::FileTooLarge => TableError::Unpacked,
        _ => TableError::Malformed,
    }
}

impl Element<'_> {
    /// Its name, without the namespace.
    pub(super) fn name(&self) -> &str {
        self.0.local_name().into_inner()
    }

    /// An attribute by its name, without the namespace.
    pub(super) fn attribute(&self, name: &str) -> Result<Option<String>, TableError> {
        for attribute in self.0.attributes().with_checks(false) {
            let attribute = attribute.map_err(|_| TableError::Malformed)?;
            if attribute.key.local_name().into_inner() == name {
                let value = attribute.normalized_value(quick_xml::XmlVersion::default());
                return value.map(|value| Some(value.into_owned())).map_err(|_| TableError::Malformed);
            }
        }
        Ok(None)
    }

    /// An attribute that is a number.
    pub(super) fn number<N: std::str::FromStr>(&self, name: &str) -> Result<Option<N>, TableError> {
        let value = self.attribute(name)?;
        value.map(|value| value.trim().parse().map_err(|_| TableError::Malformed)).transpose()
    }

    /// An attribute that is yes or no.
    pub(super) fn is(&self, name: &str) -> Result<Option<bool>, TableError> {
        Ok(self.attribute(name)?.map(|value| matches!(value.trim(), "1" | "true" | "on")))
    }

    /// Whether an element that is a switch is on: it is, unless it says otherwise.
    pub(super) fn is_on(&self) -> Result<bool, TableError> {
        Ok(self.is("val")?.unwrap_or(true))
    }
}
