//! What a public document changes: the one about to be signed against the one in force, complete.
//!
//! Compared is the JSON of both, member by member, so that nothing that a document can say goes by unseen; things that have
//! a name (a seat, a member, an epoch, a violation) are found again by it. Here is what differs, pure; how it reads is
//! [`text`]'s, keys in words [`key_words`]'. What a document must hold is `callboard_federation`'s.

pub(crate) mod key_words;
pub mod text;
pub(crate) mod words;

use std::collections::HashSet;

use serde_json::{Map, Value};

#[derive(Debug, Clone, PartialEq)]
pub struct Change {
    /// Where: names of members, and of things in lists.
    pub path: Vec<String>,
    pub before: Option<Value>,
    pub after: Option<Value>,
}

/// Lists whose elements have a name, and the member that it is in.
const NAMED: [(&str, &str); 4] =
    [("seats", "holder"), ("members", "member"), ("epochs", "number"), ("violations", "code")];
/// Lists that are one value: whether they are in this order, and how often each stands there, is what they say.
const WHOLE: [&str; 2] = ["thresholds", "scopes"];

/// All that differs between two documents, in the order of the later; without an earlier one, all that it says.
pub fn changes(before: Option<&Value>, after: &Value) -> Vec<Change> {
    let mut changes = Vec::new();
    let nothing = Value::Object(Map::new());
    compare(&mut Vec::new(), Some(before.unwrap_or(&nothing)), Some(after), &mut changes);
    if changes.is_empty() && before.is_some_and(|before| before != after) {
        changes.push(Change { path: Vec::new(), before: before.cloned(), after: Some(after.clone()) });
    }
    changes
}

fn compare(path: &mut Vec<String>, before: Option<&Value>, after: Option<&Value>, changes: &mut Vec<Change>) {
    if before == after {
        return;
    }
    let is_whole = path.iter().any(|name| WHOLE.contains(&name.as_str())) && !is_object(before, after);
    match (before, after) {
        (Some(Value::Object(before)), Some(Value::Object(after))) => {
            let gone = before.keys().filter(|name| !after.contains_key(*name));
            for name in after.keys().chain(gone) {
                path.push(name.clone());
                compare(path, before.get(name), after.get(name), changes);
                path.pop();
            }
        }
        (before @ (Some(Value::Array(_)) | None), Some(Value::Array(after))) if !is_whole && !after.is_empty() => {
            lists(path, list(before), after, changes);
        }
        (Some(Value::Array(before)), Some(Value::Array(after))) if !is_whole => lists(path, before, after, changes),
        // What is new is told member by member, but for a thing with a name, which is told on one line.
        (None, Some(Value::Object(after))) if !is_named(path) && !after.is_empty() => {
            compare(path, Some(&Value::Object(Map::new())), Some(&Value::Object(after.clone())), changes);
        }
        (Some(Value::Object(before)), None) if !is_named(path) && !before.is_empty() => {
            compare(path, Some(&Value::Object(before.clone())), Some(&Value::Object(Map::new())), changes);
        }
        _ => changes.push(Change { path: path.clone(), before: before.cloned(), after: after.cloned() }),
    }
}

fn is_object(before: Option<&Value>, after: Option<&Value>) -> bool {
    before.into_iter().chain(after).all(Value::is_object)
}

fn list(value: Option<&Value>) -> &[Value] {
    value.and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

/// The member that names the elements of the list at `path`.
fn name_of(path: &[String]) -> Option<&'static str> {
    let last = path.last()?;
    NAMED.iter().find(|(list, _)| list == last).map(|(_, name)| *name)
}

/// Whether `path` is of an element of a list of named things.
fn is_named(path: &[String]) -> bool {
    path.split_last().is_some_and(|(_, list)| name_of(list).is_some())
}

fn lists(path: &mut Vec<String>, before: &[Value], after: &[Value], changes: &mut Vec<Change>) {
    let names = name_of(path).map(|name| (names(before, name), names(after, name)));
    if let Some((Some(before_names), Some(after_names))) = names {
        let find = |names: &[String], all: &[Value], name: &String| {
            names.iter().position(|other| other == name).and_then(|at| all.get(at)).cloned()
        };
        let gone = before_names.iter().filter(|name| !after_names.contains(name));
        for name in after_names.iter().chain(gone) {
            let (then, now) = (find(&before_names, before, name), find(&after_names, after, name));
            path.push(name.clone());
            compare(path, then.as_ref(), now.as_ref(), changes);
            path.pop();
        }
        let stays = |names: &[String], others: &[String]| -> Vec<String> {
            names.iter().filter(|name| others.contains(name)).cloned().collect()
        };
        if stays(&before_names, &after_names) != stays(&after_names, &before_names) {
            order(path, before_names, after_names, changes);
        }
        return;
    }
    // Elements without a name are there or not, as often as they are.
    let mut left: Vec<&Value> = before.iter().collect();
    let mut new = Vec::new();
    for value in after {
        match left.iter().position(|other| *other == value) {
            Some(at) => drop(left.remove(at)),
            None => new.push(value),
        }
    }
    if left.is_empty() && new.is_empty() {
        let said = |values: &[Value]| values.iter().map(ToString::to_string).collect();
        order(path, said(before), said(after), changes);
        return;
    }
    let change = |before: Option<&Value>, after: Option<&Value>| Change {
        path: path.clone(),
        before: before.cloned(),
        after: after.cloned(),
    };
    changes.extend(left.into_iter().map(|value| change(Some(value), None)));
    changes.extend(new.into_iter().map(|value| change(None, Some(value))));
}

/// The names of all elements, if each has one of its own.
fn names(values: &[Value], name: &str) -> Option<Vec<String>> {
    let text = |value: &Value| match value.get(name)? {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    };
    let names: Vec<String> = values.iter().map(text).collect::<Option<_>>()?;
    let distinct: HashSet<&String> = names.iter().collect();
    (distinct.len() == names.len()).then_some(names)
}

/// The same things in another order.
fn order(path: &[String], before: Vec<String>, after: Vec<String>, changes: &mut Vec<Change>) {
    let (before, after) = (Some(Value::from(before)), Some(Value::from(after)));
    changes.push(Change { path: path.to_vec(), before, after });
}

#[cfg(test)]
mod tests;
