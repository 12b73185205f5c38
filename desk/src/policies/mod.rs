//! Policies as people look at them: those that come with the program, and one of the committee's own, held together. How one is
//! put in force is [`draft`], how next year's holidays come into one [`calendar`],
//! and other [`words`].

pub mod calendar;
pub mod draft;
pub mod words;

use std::path::Path;

use callboard_client::output::{Line, plain};
use callboard_federation::{
    document::Document,
    encoding::Time,
    language::Language,
    policy::{ImportRule, Policy},
    statement::Kind,
    zh_en,
};
use callboard_rules::policies::{self, Source};

use super::{error::Error, key_card::CheckWords, setup};

/// The policies that come with the program, two lines each.
pub fn list() -> Result<Vec<Line>, Error> {
    let mut lines = Vec::new();
    for source in policies::ALL {
        let Document { value, hash, .. } = source.document().map_err(malformed)?;
        let (title, from) = (value.title.spoken(), value.effective_from);
        lines.push(vec![plain(format!("{}/{}  {title}", source.instrument, source.version))]);
        lines.push(vec![plain(zh_en!("    sha256 {hash}，自 {from} 起施行", "    sha256 {hash}, from {from}"))]);
    }
    Ok(lines)
}

/// The policy of the program that is called `INSTRUMENT/VERSION`.
pub fn named(name: &str) -> Result<&'static Source, Error> {
    find(name).ok_or_else(|| {
        let known = known();
        Error::other("no-policy", || {
            zh_en!("程序中没有规则 {name}；现有：{known}", "no policy {name} comes with the program; known are {known}")
        })
    })
}

/// The document of a policy of the program that is called `INSTRUMENT/VERSION`.
pub fn shipped(name: &str) -> Result<Document<Policy>, Error> {
    named(name)?.document().map_err(malformed)
}

/// A policy that takes over rulings from before the registry until then, without a case.
pub fn taking_over(policy: Policy, until: Time) -> Result<Document<Policy>, Error> {
    setup::document(Kind::Policy, &Policy { import: Some(ImportRule { until }), ..policy })
}

/// The policies of the program that aren't among these: `INSTRUMENT/VERSION`, and title.
pub fn not_logged(logged: &[Document<Policy>]) -> Result<Vec<(String, String)>, Error> {
    let mut all = Vec::new();
    for source in policies::ALL {
        let Policy { instrument, version, title, .. } = source.document().map_err(malformed)?.value;
        let is_same = |other: &Policy| other.instrument == instrument && other.version == version;
        if !logged.iter().any(|other| is_same(&other.value)) {
            all.push((format!("{instrument}/{version}"), format!("{} · {version}", title.spoken())));
        }
    }
    Ok(all)
}

fn find(name: &str) -> Option<&'static Source> {
    name.split_once('/').and_then(|(instrument, version)| policies::find(instrument, version))
}

fn known() -> String {
    policies::ALL.map(|source| format!("{}/{}", source.instrument, source.version)).join(", ")
}

/// Reads a policy, TOML as the sources are or the JSON of a document, and holds its parts against each other.
pub fn read(text: String) -> Result<Document<Policy>, Error> {
    if !text.trim_start().starts_with('{') {
        return policies::read(&text).map_err(malformed);
    }
    let document = Document::read(text).map_err(|source| Error::below("policy", source))?;
    policies::check(&document.value).map_err(malformed)?;
    Ok(document)
}

/// The policy of a file, or one of the program that is called `INSTRUMENT/VERSION`; a file comes first.
///
/// # Errors
/// Where it is neither, or doesn't hold together.
pub fn source(name: &str) -> Result<Document<Policy>, Error> {
    let path = Path::new(name);
    if path.exists() {
        return read(std::fs::read_to_string(path).map_err(Error::io(path))?);
    }
    let found = find(name).ok_or_else(|| {
        let known = known();
        Error::other("no-policy", || {
            zh_en!(
                "{name} 既不是文件，也不是程序中的规则；程序中现有：{known}",
                "{name} is neither a file nor a policy that comes with the program; those are {known}"
            )
        })
    })?;
    found.document().map_err(malformed)
}

/// What is said of a policy that holds together.
pub fn lines(document: &Document<Policy>) -> Vec<Line> {
    let Policy { instrument, version, measures, violations, .. } = &document.value;
    let (measures, violations) = (measures.len(), violations.len());
    let holds = zh_en!(
        "{instrument}/{version} 检查无误：{measures}种措施，{violations}种违规情形",
        "{instrument}/{version} holds together: {measures} measures, {violations} violations"
    );
    let words = CheckWords::of_hash(&document.hash).line(Language::spoken());
    let words = zh_en!("核对词：{words}", "check words: {words}");
    vec![vec![plain(holds)], vec![plain(format!("sha256 {}", document.hash))], vec![plain(words)]]
}

fn malformed(source: policies::PolicyError) -> Error {
    Error::below("policy", source)
}
