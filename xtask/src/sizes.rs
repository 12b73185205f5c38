//! `cargo xtask sizes`: how long everything is, so that growth is seen before it hurts.
//!
//! Counted are lines of Rust with their comments, without tests, benches and fuzz targets. What fails on them is
//! `tests/house.rs`; here they are only told.

use crate::root;
use crate::source::{self, Source};
use anyhow::Result;
use std::collections::BTreeMap;

/// The whole project in lines of Rust: what two people can still know by heart.
const BUDGET: usize = 20_000;
/// A file that is longer says in its header why.
const LONG: usize = 400;

/// Prints lines by file and by room, the files that are long, and the total beside the budget.
pub(crate) fn run() -> Result<()> {
    let counted: Vec<Source> = source::read(&root())?.into_iter().filter(|source| !source.is_test()).collect();
    let mut rooms = BTreeMap::<String, (usize, usize)>::new();
    let mut lines = Vec::new();
    for source in &counted {
        println!("{:>6}  {}", source.lines(), source.path);
        let (files, total) = rooms.entry(room(&source.path)).or_default();
        *files += 1;
        *total += source.lines();
        lines.push(source.lines());
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
    lines.sort_unstable();
    let median = lines.get(lines.len() / 2).copied().unwrap_or_default();
    let total: usize = lines.iter().sum();
    println!("\ntotal {total} of {BUDGET} lines, {} files, median {median}", lines.len());
    Ok(())
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
    use super::room;

    #[test]
    fn a_room_is_the_same_as_a_file_and_as_a_directory() {
        assert_eq!(room("src/schedule.rs"), "src/schedule");
        assert_eq!(room("src/schedule/sweep.rs"), "src/schedule");
        assert_eq!(room("federation/src/token/blind.rs"), "federation/src/token");
    }
}
