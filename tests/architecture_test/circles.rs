//! No circle of imports between files: each can be read after those that it names.
//!
//! A module may stand in several files: what stands below `a` may name what `a` declares. Any other way back is a
//! circle. A name that a file only hands on is followed to the file that declares it. Between packages cargo sees to
//! it.

use std::collections::{BTreeMap, BTreeSet};

use crate::source::{self, Source};
use crate::{code, root};

/// The circle that is true: a statement may carry a roster, whose rules are told by what a docket's items are of.
const TRUE: [&str; 3] = ["federation/src/docket.rs", "federation/src/roster.rs", "federation/src/statement/mod.rs"];

#[test]
fn no_file_is_in_a_circle_of_imports() {
    let sources = source::read(root()).unwrap_or_else(|error| panic!("the sources can't be read: {error}"));
    let found = circles(&sources);
    let known = BTreeSet::from([TRUE.map(str::to_owned).to_vec()]);
    let new: Vec<_> = found.difference(&known).collect();
    assert!(new.is_empty(), "files that import each other in a circle: {new:#?}");
    let gone: Vec<_> = known.difference(&found).collect();
    assert!(gone.is_empty(), "this is no circle any more: {gone:#?}");
}

/// A module of a package: the package's `src`, and the names on the way to it.
type Module = (String, Vec<String>);

/// What a file says of others.
struct File {
    path: String,
    module: Module,
    /// Every path that it names, by whichever way.
    named: Vec<Vec<String>>,
    /// Names that a `use` brings in, with their paths.
    brought: BTreeMap<String, Vec<String>>,
}

struct Files {
    files: Vec<File>,
    of: BTreeMap<Module, usize>,
}

/// The circles, each as its files in order.
fn circles(sources: &[Source]) -> BTreeSet<Vec<String>> {
    let files: Vec<File> = sources.iter().filter(|source| !source.is_test()).filter_map(File::read).collect();
    let of = files.iter().enumerate().rev().map(|(at, file)| (file.module.clone(), at)).collect();
    let files = Files { files, of };
    let reached: Vec<BTreeSet<usize>> = (0..files.files.len()).map(|from| files.reached(from)).collect();
    let circle = |at: usize| reached[at].iter().copied().filter(|to| reached[*to].contains(&at)).collect::<Vec<_>>();
    let name = |at: &usize| files.files[*at].path.clone();
    (0..files.files.len()).map(circle).filter(|circle| circle.len() > 1).map(|c| c.iter().map(name).collect()).collect()
}

impl File {
    fn read(source: &Source) -> Option<Self> {
        let at = format!("/{}", source.path).find("/src/")?;
        let (package, rest) = source.path.split_at(at);
        let rest = rest.strip_prefix("src/")?.strip_suffix(".rs")?;
        let mut names: Vec<String> = rest.split('/').map(str::to_owned).collect();
        if names.last().is_some_and(|last| ["mod", "lib", "main"].contains(&last.as_str())) {
            names.pop();
        }
        let text = code::of(source);
        let (mut paths, mut brought) = (Vec::new(), BTreeMap::new());
        for at in code::places(&text, "use") {
            let Some((tree, _)) = text[at..].split_once(';') else { continue };
            for path in branches(tree) {
                let (path, alias) = path.split_once(" as ").unwrap_or((&path, ""));
                let mut names: Vec<String> = path.split("::").map(|name| name.trim().to_owned()).collect();
                names.pop_if(|last| last == "self");
                let last = if alias.is_empty() { names.last().cloned() } else { Some(alias.trim().to_owned()) };
                brought.insert(last.unwrap_or_default(), names.clone());
                paths.push(names);
            }
        }
        for start in ["crate", "super", "self"] {
            paths.extend(code::places(&text, start).filter_map(|at| {
                let path = text[at..].split(|c| !code::is_word(c) && c != ':').next()?;
                let is_path =
                    path.starts_with("::") && !path.ends_with("::") && !text[..at - start.len()].ends_with(':');
                is_path.then(|| format!("{start}{path}").split("::").map(str::to_owned).collect())
            }));
        }
        Some(Self { path: source.path.clone(), module: (package.to_owned(), names), named: paths, brought })
    }
}

/// The paths of a tree of imports.
fn branches(tree: &str) -> Vec<String> {
    let Some((before, group)) = tree.split_once('{') else { return vec![tree.trim().to_owned()] };
    let (mut depth, mut start, mut paths) = (0_usize, 0, Vec::new());
    for (at, c) in group.char_indices() {
        let ends = matches!((c, depth), (',' | '}', 0));
        if ends && !group[start..at].trim().is_empty() {
            let of_branch = branches(&group[start..at]);
            paths.extend(of_branch.into_iter().map(|path| format!("{}{path}", before.trim())));
        }
        match c {
            '{' => depth += 1,
            '}' => depth = depth.saturating_sub(1),
            _ => {}
        }
        if ends {
            start = at + 1;
        }
    }
    paths
}

impl Files {
    /// Every file that the file at `from` names, or that one of those names.
    fn reached(&self, from: usize) -> BTreeSet<usize> {
        let (mut reached, mut open) = (BTreeSet::new(), vec![from]);
        while let Some(at) = open.pop() {
            let named = self.files[at].named.iter().filter_map(|path| self.declares(at, path, 0));
            let others = named.filter(|to| *to != at && !self.is_below(at, *to));
            open.extend(others.filter(|to| reached.insert(*to)));
        }
        reached
    }

    /// Whether the file at `at` stands below the module of the one at `to`.
    fn is_below(&self, at: usize, to: usize) -> bool {
        let ((package, below), (of, module)) = (&self.files[at].module, &self.files[to].module);
        package == of && below.starts_with(module)
    }

    /// The file that declares what a path of the file at `at` names, if it is of the same package.
    fn declares(&self, at: usize, path: &[String], depth: u8) -> Option<usize> {
        const MOST: u8 = 8;
        let (package, own) = &self.files[at].module;
        let (first, mut rest) = path.split_first().filter(|_| depth < MOST)?;
        let module = |names: &[String]| self.of.get(&(package.clone(), names.to_vec())).copied();
        let below = |names: &[String], name: &String| [names, std::slice::from_ref(name)].concat();
        let mut names = match first.as_str() {
            "crate" => Vec::new(),
            "self" => own.clone(),
            "super" => {
                let supers = path.iter().take_while(|name| *name == "super").count();
                rest = &path[supers..];
                own[..own.len().checked_sub(supers)?].to_vec()
            }
            _ if module(&below(own, first)).is_some() => {
                rest = path;
                own.clone()
            }
            name => {
                let brought = self.files[at].brought.get(name).filter(|_| !rest.is_empty())?;
                return self.declares(at, &[brought, rest].concat(), depth + 1);
            }
        };
        while let Some((name, after)) = rest.split_first()
            && module(&below(&names, name)).is_some()
        {
            names.push(name.clone());
            rest = after;
        }
        let to = module(&names)?;
        let handed_on = rest.split_first().filter(|_| to != at).and_then(|(name, after)| {
            let brought = self.files[to].brought.get(name)?;
            self.declares(to, &[brought, after].concat(), depth + 1)
        });
        handed_on.or(Some(to))
    }
}

#[test]
fn a_circle_is_seen_by_whichever_way_it_goes() {
    let circles = |files: &[(&str, &str)]| {
        let source = |&(path, text): &(&str, &str)| Source { path: path.to_owned(), text: text.to_owned() };
        circles(&files.iter().map(source).collect::<Vec<_>>()).into_iter().collect::<Vec<_>>()
    };
    let both = [["src/a.rs", "src/b.rs"].map(str::to_owned).to_vec()];
    for (a, b) in [
        ("use crate::b::B;", "use crate::a::A;"),
        ("use super::b;", "fn b() { super::a::a() }"),
        ("use crate::{d::{self, D}, b::{B, E}};", "use crate::{a};"),
        ("use crate::c::Handed;", "pub use super::a::A as Other;"),
    ] {
        assert_eq!(
            circles(&[("src/a.rs", a), ("src/b.rs", b), ("src/c.rs", "pub use crate::b::Handed;")]),
            both,
            "{a}"
        );
    }
    for (a, b) in [
        ("use crate::b::B;", "use std::a::A;"),
        ("use crate::b::B;", "// use crate::a::A;"),
        ("use crate::b::B;", "#[cfg(test)]\nmod tests {\n    use crate::a::A;\n}\n"),
    ] {
        assert!(circles(&[("src/a.rs", a), ("src/b.rs", b)]).is_empty(), "{b}");
    }
    let parts = [("src/a/mod.rs", "use b::B; mod b; pub use c::C;"), ("src/a/b.rs", "use super::{A, C};")];
    assert!(circles(&[parts[0], parts[1], ("src/a/c.rs", "use crate::a::A;")]).is_empty(), "a module and its parts");
    assert_eq!(circles(&[parts[0], parts[1], ("src/a/c.rs", "use super::b::B;")]).len(), 1, "two parts of a module");
}
