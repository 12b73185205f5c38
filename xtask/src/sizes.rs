//! `cargo xtask sizes`: how large everything is, and a ratchet against growth.
//!
//! Counted are lines of Rust with their comments, without tests, benches and fuzz targets; what a macro or a generator
//! makes counts as it is written. An operation's lines are those of the files that declare and answer it. The limits stand in `docs/sizes.md`. A figure above its limit fails; whoever raises a
//! limit adds a row with the reason.

use std::{collections::BTreeMap, fs};

use anyhow::{Context, Result, bail, ensure};
use syn::{Item, ItemEnum, visit::Visit};

use crate::{
    root,
    source::{self, Source},
};

/// A file that is longer says in its header why.
const LONG: usize = 400;
const LIMITS: &str = "docs/sizes.md";
/// What declares an operation of a service.
const OPERATIONS: [&str; 5] =
    ["Operation::get(", "Operation::post(", "Operation::patch(", "Operation::delete(", "#[utoipa::path("];
/// What answers one that is declared elsewhere: its act, or the handler of what is answered by hand.
const ACTS: [&str; 2] = [": Call<", "/// By hand: "];

/// Measures, prints, and fails if a figure is above its limit.
pub(crate) fn run() -> Result<()> {
    let counted: Vec<Source> = source::read(&root())?.into_iter().filter(|source| !source.is_test()).collect();
    print_rooms(&counted);
    let figures = figures(&counted)?;
    let limits = limits(&fs::read_to_string(root().join(LIMITS)).context(LIMITS)?)?;
    println!("\nfigure                   now   limit");
    for (name, now) in &figures {
        println!("{name:<20} {now:>7} {:>7}", limits.get(*name).copied().unwrap_or_default());
    }
    let above: Vec<_> =
        figures.iter().filter(|(name, now)| limits.get(*name).is_none_or(|limit| now > limit)).collect();
    if let Some((name, now)) = above.first() {
        bail!("{name}: {now} is above the limit. Make it smaller, or add a row with the reason to {LIMITS}");
    }
    Ok(())
}

/// Lines by file and by room, and the files that are long.
fn print_rooms(counted: &[Source]) {
    let mut rooms = BTreeMap::<String, (usize, usize)>::new();
    for source in counted {
        println!("{:>6}  {}", source.lines(), source.path);
        let (files, total) = rooms.entry(room(&source.path)).or_default();
        *files += 1;
        *total += source.lines();
    }
    println!("\n lines  files  room");
    for (room, (files, total)) in &rooms {
        println!("{total:>6}  {files:>5}  {room}");
    }
    let long: Vec<_> = counted.iter().filter(|source| source.lines() > LONG).collect();
    println!("\nover {LONG} lines: {}", if long.is_empty() { "none" } else { "" });
    for source in long {
        println!("{:>6}  {}", source.lines(), source.path);
    }
}

/// The figures that must not grow.
fn figures(counted: &[Source]) -> Result<Vec<(&'static str, usize)>> {
    let mut errors = ErrorEnums::default();
    let (mut operations, mut lines_of_operations) = (0, 0);
    for source in counted {
        let text = source.without_tests();
        errors.visit_file(&syn::parse_file(text).with_context(|| source.path.clone())?);
        let here: usize = OPERATIONS.iter().map(|declares| text.matches(declares).count()).sum();
        let answers = ACTS.iter().any(|act| text.contains(act));
        // Here the markers themselves are text.
        if (here > 0 || answers) && !source.path.starts_with("xtask/") {
            operations += here;
            lines_of_operations += source.lines();
        }
    }
    Ok(vec![
        ("lines", counted.iter().map(Source::lines).sum()),
        ("lines an operation", lines_of_operations.div_ceil(operations.max(1))),
        ("error enums", errors.enums),
        ("error variants", errors.variants),
    ])
}

/// The enums that derive `thiserror::Error`, and their variants.
#[derive(Default)]
struct ErrorEnums {
    enums: usize,
    variants: usize,
}

impl<'ast> Visit<'ast> for ErrorEnums {
    fn visit_item(&mut self, item: &'ast Item) {
        if let Item::Enum(item) = item
            && derives_error(item)
        {
            self.enums += 1;
            self.variants += item.variants.len();
        }
        syn::visit::visit_item(self, item);
    }
}

fn derives_error(item: &ItemEnum) -> bool {
    let mut derives = false;
    for attribute in item.attrs.iter().filter(|attribute| attribute.path().is_ident("derive")) {
        // What isn't a list of paths is another macro's and no derive of ours.
        let _ = attribute.parse_nested_meta(|meta| {
            derives |= meta.path.segments.last().is_some_and(|last| last.ident == "Error");
            Ok(())
        });
    }
    derives
}

/// The limits in force: of each figure the last row. A row that is higher than the one before gives a reason.
fn limits(text: &str) -> Result<BTreeMap<String, usize>> {
    let mut limits = BTreeMap::new();
    let rows = text.lines().filter_map(|line| line.strip_prefix("| ")?.strip_suffix(" |"));
    for row in rows.skip(1) {
        let cells: Vec<&str> = row.split(" | ").collect();
        let [figure, limit, why] = cells[..] else { bail!("{LIMITS}: a row has figure, limit and reason: {row}") };
        let limit: usize = limit.parse().with_context(|| format!("{LIMITS}: {row}"))?;
        let before = limits.insert(figure.to_owned(), limit);
        ensure!(before.is_none_or(|before| limit <= before) || why.len() > 10, "{LIMITS}: no reason is given: {row}");
    }
    Ok(limits)
}

/// What stands below a package's `src/` is a room, file or directory: `src/api`, `federation/src/token`.
fn room(path: &str) -> String {
    match path.split_once("src/") {
        Some((package, rest)) => {
            let name = rest.split('/').next().unwrap_or(rest);
            format!("{package}src/{}", name.strip_suffix(".rs").unwrap_or(name))
        }
        None => path.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::{figures, limits, room};
    use crate::source::Source;

    #[test]
    fn a_room_is_the_same_as_a_file_and_as_a_directory() {
        assert_eq!(room("src/jobs.rs"), "src/jobs");
        assert_eq!(room("src/jobs/audit.rs"), "src/jobs");
        assert_eq!(room("federation/src/token/blind.rs"), "federation/src/token");
    }

    #[test]
    fn lines_operations_and_error_enums_are_counted_without_tests() {
        let text = "#[derive(Debug, thiserror::Error)]\nenum A {\n    B,\n    C,\n}\nenum D {\n    E,\n}\n\
                    #[utoipa::path(get, path = \"/\")]\nfn a() {}\n\n#[cfg(test)]\nmod tests {\n}\n";
        let source = Source { path: "src/api/a.rs".to_owned(), text: text.to_owned() };
        let expected = [("lines", 10), ("lines an operation", 10), ("error enums", 1), ("error variants", 2)];
        assert_eq!(figures(&[source]).unwrap(), expected);
    }

    #[test]
    fn a_limit_is_raised_with_a_reason_alone() {
        let header = "| figure | limit | why |\n|---|---|---|\n| lines | 10 | - |\n";
        assert_eq!(limits(&format!("{header}| lines | 9 | - |\n")).unwrap()["lines"], 9);
        assert_eq!(limits(&format!("{header}| lines | 11 | cases have a chain |\n")).unwrap()["lines"], 11);
        assert!(limits(&format!("{header}| lines | 11 | - |\n")).is_err());
    }
}
