//! The parts of a workbook's archive: none is unpacked before its size is known, and none further than that.

use std::{
    collections::HashMap,
    io::{self, BufReader, Cursor, Read},
};

use zip::ZipArchive;

use super::xml::Xml;
use crate::table::TableError;

/// The most parts: a workbook of a hundred worksheets has some four hundred.
const MAX_PARTS: usize = 2_000;
/// The end of an archive's directory, as it begins, and how long it and the comment behind it are at most.
const END: [u8; 4] = *b"PK\x05\x06";
const END_LENGTH: usize = 22;
const MAX_COMMENT: usize = 0xffff;

/// A part that is being read.
pub(super) type Part<'a> = Xml<BufReader<BoundedPart<'a>>>;

/// An archive, and how much may still be unpacked of it.
pub(super) struct Archive<'a> {
    zip: ZipArchive<Cursor<&'a [u8]>>,
    /// Names in small letters, since packages don't tell them apart.
    names: HashMap<String, usize>,
    left: u64,
}

impl<'a> Archive<'a> {
    /// Reads the directory.
    pub(super) fn open(bytes: &'a [u8], most: u64) -> Result<Self, TableError> {
        let told = parts(bytes).ok_or(TableError::Malformed)?;
        if told > MAX_PARTS {
            return Err(TableError::Unpacked);
        }
        let mut zip = ZipArchive::new(Cursor::new(bytes)).map_err(|_| TableError::Malformed)?;
        let (mut names, mut all) = (HashMap::new(), 0_u64);
        for at in 0..zip.len() {
            let part = zip.by_index_raw(at).map_err(|_| TableError::Malformed)?;
            let name = part.name().map_err(|_| TableError::Malformed)?.to_ascii_lowercase();
            let name = name.trim_start_matches('/').to_owned();
            if [".xml", ".rels"].iter().any(|extension| name.ends_with(extension)) {
                all = all.saturating_add(part.size());
            }
            // Two parts of one name are two workbooks in one.
            if names.insert(name, at).is_some() {
                return Err(TableError::Malformed);
            }
        }
        if names.len() != told {
            return Err(TableError::Malformed);
        }
        if all > most { Err(TableError::Unpacked) } else { Ok(Self { zip, names, left: most }) }
    }

    /// Whether there is such a part.
    pub(super) fn has(&self, name: &str) -> bool {
        self.names.contains_key(&name.to_ascii_lowercase())
    }

    /// Reads a part; `None` if there isn't one.
    pub(super) fn read<T>(
        &mut self,
        name: &str,
        read: impl FnOnce(&mut Part<'_>) -> Result<T, TableError>,
    ) -> Result<Option<T>, TableError> {
        let Some(at) = self.names.get(&name.to_ascii_lowercase()) else { return Ok(None) };
        let part = self.zip.by_index(*at).map_err(|_| TableError::Malformed)?;
        if part.size() > self.left {
            return Err(TableError::Unpacked);
        }
        let bounded = BoundedPart { from: Box::new(part), left: &mut self.left };
        read(&mut Xml::new(BufReader::with_capacity(1 << 16, bounded))).map(Some)
    }
}

/// A part, as far as it may be unpacked: what its directory says of its size may be a lie.
pub(super) struct BoundedPart<'a> {
    from: Box<dyn Read + 'a>,
    left: &'a mut u64,
}

impl Read for BoundedPart<'_> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let length = self.from.read(into)?;
        *self.left = self.left.checked_sub(length as u64).ok_or(io::ErrorKind::FileTooLarge)?;
        Ok(length)
    }
}

/// How many parts the end of the directory tells, before anything is made for them.
fn parts(bytes: &[u8]) -> Option<usize> {
    let from = bytes.len().checked_sub(END_LENGTH)?;
    let first = from.saturating_sub(MAX_COMMENT);
    let end = (first..=from).rev().find(|at| bytes[*at..].starts_with(&END))?;
    Some(usize::from(u16::from_le_bytes([bytes[end + 10], bytes[end + 11]])))
}
