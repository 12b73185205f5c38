//! Where answers go: standard output, or a file that is added to line by line and can be gone on with.

use std::{
    fs::{File, OpenOptions},
    io::{self, BufRead as _, BufReader, Seek as _, SeekFrom, Write},
    path::Path,
    process::ExitCode,
};

use anyhow::{Context as _, bail};
use callboard_client::{create_new, output};
use callboard_federation::zh_en;

/// Prints a whole answer, or writes it where nothing stands yet, for its owner alone.
pub(super) fn whole(bytes: &[u8], out: Option<&Path>) -> anyhow::Result<ExitCode> {
    let mut bytes = bytes.to_vec();
    if bytes.last() != Some(&b'\n') {
        bytes.push(b'\n');
    }
    match out {
        Some(path) => {
            create_new::write(path, create_new::PRIVATE, &bytes).with_context(|| path.display().to_string())?;
        }
        // What stands here is JSON.
        None => callboard_client::output::json_text(&String::from_utf8_lossy(&bytes)),
    }
    Ok(ExitCode::SUCCESS)
}

/// Prints a page of a list: a line a row, why the registry wasn't told the last of them, and how to see older ones.
pub(super) fn page(
    rows: impl IntoIterator<Item = String>,
    failure: Option<String>,
    next: Option<impl std::fmt::Display>,
) -> ExitCode {
    for row in rows {
        println!("{row}");
    }
    if let Some(failure) = failure {
        println!("{failure}");
    }
    if let Some(next) = next {
        println!("{}", zh_en!("更早的：--before {next}", "older: --before {next}"));
    }
    ExitCode::SUCCESS
}

pub(super) struct Output {
    to: Box<dyn Write>,
    /// Whole lines that an earlier run left.
    pub(super) lines: usize,
    /// The last of them.
    pub(super) last: Vec<u8>,
}

impl Output {
    /// Standard output, or a file: a new one, or one to go on with. A line that the earlier run left half is taken
    /// away.
    pub(super) fn open(out: Option<&Path>, resume: bool) -> anyhow::Result<Self> {
        let Some(path) = out else { return Ok(Self::new(output::rows())) };
        let said = || path.display().to_string();
        if !resume {
            return match create_new::write(path, create_new::PRIVATE, b"") {
                Ok(()) => Ok(Self::new(OpenOptions::new().append(true).open(path)?)),
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
                    bail!(zh_en!(
                        "{} 已经存在：用 --resume 继续",
                        "{} is there already: --resume goes on with it",
                        path.display()
                    ))
                }
                Err(error) => Err(error).with_context(said),
            };
        }
        let mut file = OpenOptions::new().read(true).write(true).open(path).with_context(said)?;
        let (lines, end, last) = whole_lines(&file).with_context(said)?;
        file.set_len(end).with_context(said)?;
        file.seek(SeekFrom::End(0)).with_context(said)?;
        Ok(Self { to: Box::new(file), lines, last })
    }

    fn new(to: impl Write + 'static) -> Self {
        Self { to: Box::new(to), lines: 0, last: Vec::new() }
    }

    /// Writes whole lines; they are out when it returns.
    pub(super) fn write(&mut self, lines: &[u8]) -> io::Result<()> {
        self.to.write_all(lines)?;
        self.to.flush()
    }
}

fn whole_lines(file: &File) -> io::Result<(usize, u64, Vec<u8>)> {
    let (mut lines, mut end, mut line, mut last) = (0, 0, Vec::new(), Vec::new());
    let mut reader = BufReader::new(file);
    while reader.read_until(b'\n', &mut line)? > 0 {
        if line.last() == Some(&b'\n') {
            lines += 1;
            end += line.len() as u64;
            last.clone_from(&line);
        }
        line.clear();
    }
    Ok((lines, end, last))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_gone_on_with_behind_its_last_whole_line_and_never_written_over() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("answers");
        Output::open(Some(&path), false).unwrap().write(b"one\ntwo\nthr").unwrap();
        assert!(Output::open(Some(&path), false).is_err());
        let mut output = Output::open(Some(&path), true).unwrap();
        assert_eq!(output.lines, 2);
        output.write(b"three\n").unwrap();
        drop(output);
        assert_eq!(std::fs::read(&path).unwrap(), b"one\ntwo\nthree\n");
        assert!(Output::open(Some(&directory.path().join("none")), true).is_err());
    }
}
