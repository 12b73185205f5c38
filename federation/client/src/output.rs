//! What a program prints: every character goes through [`visible`](super::visible::visible), whoever wrote it, and
//! colour is put on afterwards.
//!
//! The macros have the names of std's and take their place in a whole package: `#[macro_use(eprintln, print, println)]
//! extern crate callboard_client;`. So nobody has to remember it. JSON goes through [`json`], which keeps what it says;
//! bytes of a file that a person asked for are not printed here. A reader that closes its pipe ends the printing, and
//! so does a full disk; what was begun is done all the same, and the exit code tells.

use std::{
    fmt,
    io::{self, Write},
    process::ExitCode,
    sync::OnceLock,
};

use callboard_federation::{language::foreign, zh_en};
use serde::Serialize;

use super::visible::{visible, visible_json};

/// How a piece of a line looks on a terminal that has colours.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Colour {
    Plain,
    Red,
    Green,
    Yellow,
}

/// A piece of a line, of one colour.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Span {
    colour: Colour,
    text: String,
}

/// A line in pieces.
pub type Line = Vec<Span>;

/// Red, for what isn't done.
pub fn red(text: impl fmt::Display) -> Span {
    Span { colour: Colour::Red, text: text.to_string() }
}

/// Green, for what is.
pub fn green(text: impl fmt::Display) -> Span {
    Span { colour: Colour::Green, text: text.to_string() }
}

/// Yellow, for what waits.
pub fn yellow(text: impl fmt::Display) -> Span {
    Span { colour: Colour::Yellow, text: text.to_string() }
}

/// Without a colour.
pub fn plain(text: impl fmt::Display) -> Span {
    Span { colour: Colour::Plain, text: text.to_string() }
}

impl Span {
    fn painted(&self, has_colours: bool) -> String {
        let text = visible(&self.text);
        let code = match self.colour {
            Colour::Red => "31;1",
            Colour::Green => "32",
            Colour::Yellow => "33",
            Colour::Plain => return text.into_owned(),
        };
        if has_colours { format!("\u{1b}[{code}m{text}\u{1b}[0m") } else { text.into_owned() }
    }
}

/// What a line says, where there are no colours.
pub fn text(spans: impl IntoIterator<Item = Span>) -> String {
    spans.into_iter().map(|span| span.painted(false)).collect()
}

/// Prints a line of several colours.
pub fn line(spans: impl IntoIterator<Item = Span>) {
    let has_colours = has_colours(&io::stdout());
    let painted: String = spans.into_iter().map(|span| span.painted(has_colours)).collect();
    write(&mut io::stdout().lock(), &format!("{painted}\n"));
}

/// Prints lines, each of several colours.
pub fn lines(lines: impl IntoIterator<Item = Line>) {
    lines.into_iter().for_each(line);
}

/// Prints a line in yellow on standard error.
pub fn warn(text: impl fmt::Display) {
    let painted = yellow(text).painted(has_colours(&io::stderr()));
    write(&mut io::stderr().lock(), &format!("{painted}\n"));
}

/// Prints a value as JSON, indented.
///
/// # Errors
/// Where it can't be JSON.
pub fn json(value: &impl Serialize) -> serde_json::Result<()> {
    json_text(&serde_json::to_string_pretty(value)?);
    Ok(())
}

/// Prints JSON as it is, but for what its strings would hide.
pub fn json_text(text: &str) {
    write(&mut io::stdout().lock(), &format!("{}\n", visible_json(text).trim_end_matches('\n')));
}

fn has_colours(to: &impl io::IsTerminal) -> bool {
    to.is_terminal() && std::env::var_os("NO_COLOR").is_none()
}

fn write(to: &mut impl Write, text: &str) {
    keep(to.write_all(text.as_bytes()).and_then(|()| to.flush()));
}

/// Why something printed was not written, the first time: what the program does doesn't depend on it, its exit code does.
static UNWRITTEN: OnceLock<io::Error> = OnceLock::new();
/// The exit code of a program whose reader is gone: as a shell tells of one that SIGPIPE ended.
const READER_GONE: u8 = 128 + 13;

fn keep(done: io::Result<()>) {
    if let Err(error) = done {
        // The first error is the one that is told.
        let _ = UNWRITTEN.set(error);
    }
}

fn told(error: &io::Error) -> String {
    let what = zh_en!("输出未能全部写出：", "not everything that was printed could be written: ");
    format!("{what}{}", foreign(error).unwrap_or_else(|| error.to_string()))
}

/// The exit code of a program that ends with `code`: what went well fails where its output wasn't written, and says so,
/// unless its reader went away.
pub(crate) fn exit_code(name: &str, code: ExitCode) -> ExitCode {
    // What is behind the last newline is still here.
    keep(io::stdout().flush());
    let Some(error) = UNWRITTEN.get() else { return code };
    let is_gone = error.kind() == io::ErrorKind::BrokenPipe;
    if !is_gone {
        crate::eprintln!("{name}{}{}", zh_en!("：", ": "), told(error));
    }
    match code {
        ExitCode::SUCCESS if is_gone => READER_GONE.into(),
        ExitCode::SUCCESS => ExitCode::FAILURE,
        code => code,
    }
}

/// Prints what clap says in place of a verb, and ends the program: help and version on standard output, a fault of the
/// arguments on standard error.
pub(crate) fn end_with(said: &clap::Error) -> ! {
    let code = match said.print().and_then(|()| io::stdout().flush()) {
        Ok(()) => said.exit_code(),
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => READER_GONE.into(),
        Err(error) => {
            crate::eprintln!("{}", told(&error));
            1
        }
    };
    std::process::exit(code)
}

/// Standard output for rows and scripts that other programs read. Whoever writes there does nothing else, so once nobody
/// reads on the program ends, quietly; any other error says that not everything was written.
#[derive(Debug)]
pub struct Rows(io::Stdout);

/// Standard output for rows and scripts.
pub fn rows() -> Rows {
    Rows(io::stdout())
}

impl Rows {
    fn written<T>(done: io::Result<T>) -> io::Result<T> {
        done.map_err(|error| match error.kind() {
            io::ErrorKind::BrokenPipe => std::process::exit(READER_GONE.into()),
            // Whoever writes goes on by itself.
            io::ErrorKind::Interrupted => error,
            kind => io::Error::new(kind, told(&error)),
        })
    }
}

impl Write for Rows {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        Self::written(self.0.write(bytes))
    }

    fn flush(&mut self) -> io::Result<()> {
        Self::written(self.0.flush())
    }
}

#[doc(hidden)]
pub fn print(text: fmt::Arguments<'_>) {
    write(&mut io::stdout().lock(), &visible(&text.to_string()));
}

#[doc(hidden)]
pub fn eprint(text: fmt::Arguments<'_>) {
    write(&mut io::stderr().lock(), &visible(&text.to_string()));
}

/// Prints, with what would act or hide written out.
#[macro_export]
macro_rules! print {
    ($($said:tt)*) => { $crate::output::print(::std::format_args!($($said)*)) };
}

/// Prints a line, with what would act or hide written out.
#[macro_export]
macro_rules! println {
    () => { $crate::output::print(::std::format_args!("\n")) };
    ($($said:tt)*) => { $crate::output::print(::std::format_args!("{}\n", ::std::format_args!($($said)*))) };
}

/// Prints a line on standard error, with what would act or hide written out.
#[macro_export]
macro_rules! eprintln {
    () => { $crate::output::eprint(::std::format_args!("\n")) };
    ($($said:tt)*) => { $crate::output::eprint(::std::format_args!("{}\n", ::std::format_args!($($said)*))) };
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colour_is_ours_alone() {
        let forged = "刘\u{1b}[32mverified\u{1b}[0m";
        assert_eq!(red(forged).painted(false), "刘\\u{1b}[32mverified\\u{1b}[0m");
        assert_eq!(red(forged).painted(true), "\u{1b}[31;1m刘\\u{1b}[32mverified\\u{1b}[0m\u{1b}[0m");
        assert_eq!(plain(forged).painted(true), plain(forged).painted(false));
    }
}
