//! Signing as a use-case: a bundle is read on its signer's desk, and signed once its signer agrees.
//!
//! What is checked is [`super::signing`]'s; here is what the signer is shown, what is asked of it, and the signature file.

use std::path::{Path, PathBuf};

use callboard_client::{
    output::{Line, plain},
    pin::Pin,
};
use callboard_federation::{
    docket::Publication,
    dsse::{PayloadType, SignatureLine},
    encoding::{RecordId, Time},
    language::{Language, Phrase},
    zh_en,
};
use callboard_keys::SeatKey;
use rand_core::CryptoRng;
use zeroize::Zeroizing;

use super::{
    bundle::Bundle,
    letter::{Letter, outline::Outline, shown, term::time_text},
    registry::Registry,
    signature_file::SignatureFile,
    signing::{
        self, Facts, InForce, SigningError, guard::lifted, oddity::oddities, public::Baseline, summary::summary,
    },
};
use crate::Error;

/// How many of a record's last characters are typed where nobody's identity shows whose it is: enough that they are
/// looked at.
const ENDS_IN: usize = 8;

/// A bundle that was checked, as its signer reads it.
pub struct Reading {
    bundle: Bundle,
    summary: Option<String>,
    outlines: Vec<Outline>,
    letters: Zeroizing<Vec<String>>,
    /// The same as pages show them.
    pages: Zeroizing<Vec<String>>,
    /// The same without what grows by itself; and whether they rest on a verified log.
    compared: Zeroizing<Vec<String>>,
    has_log: bool,
    /// What public documents take or lift.
    guards: Vec<String>,
    /// The records whose person nobody's identity shows: the end of each is typed, which no consent in advance answers.
    pub unnamed: Vec<RecordId>,
    /// What couldn't be compared, and why.
    pub warning: Option<String>,
}

impl Reading {
    /// Decisions, checked by what the registry and the token service show; `progress` hears of each tag that is derived
    /// again.
    pub async fn of_decisions(
        bundle: Bundle,
        registry: &Registry<'_>,
        key: &SeatKey,
        rng: &mut impl CryptoRng,
        progress: impl FnMut(usize),
    ) -> Result<Self, Error> {
        let mut facts = Facts::fetch(registry, &bundle, rng, progress).await?;
        let letters = signing::check(&bundle, &mut facts, key.public_key().id(), registry.caller().now())?;
        Ok(Self::of_letters(bundle, &letters))
    }

    fn of_letters(bundle: Bundle, letters: &[Letter]) -> Self {
        let language = Language::spoken();
        let outlines: Vec<Outline> = letters.iter().map(|letter| letter.outline(language)).collect();
        let unnamed = letters.iter().flat_map(Letter::unnamed).copied().collect();
        let texts = Zeroizing::new(letters.iter().map(|letter| letter.text(language)).collect());
        let pages = Zeroizing::new(letters.iter().map(|letter| letter.page_text(language)).collect());
        let summary = Some(summary(&outlines, language));
        let compared = Zeroizing::new(letters.iter().map(|letter| letter.without_reach(language)).collect());
        let has_log = letters.iter().all(Letter::has_log);
        let guards = Vec::new();
        Self { bundle, summary, outlines, letters: texts, pages, compared, has_log, guards, unnamed, warning: None }
    }

    /// What is put to the vote, as the panel reads it: checked as decisions are, and not to be signed.
    pub async fn of_proposal(
        bundle: Bundle,
        registry: &Registry<'_>,
        rng: &mut impl CryptoRng,
        progress: impl FnMut(usize),
    ) -> Result<Self, Error> {
        let mut facts = Facts::fetch(registry, &bundle, rng, progress).await?;
        let letters = signing::letters(&bundle, &mut facts, registry.caller().now())?;
        Ok(Self::of_letters(bundle, &letters))
    }

    /// Public documents, held against what is in force; the first are signed before there is a registry. `files` are
    /// proof files of documents in force.
    pub async fn of_documents(
        bundle: Bundle,
        registry: Option<&Registry<'_>>,
        files: &[Vec<u8>],
        key: &SeatKey,
        now: Time,
    ) -> Result<Self, Error> {
        let (in_force, warning) = InForce::at_hand(&bundle, registry, files).await?;
        let pin: Option<&Pin> = registry.map(Registry::pin);
        let baseline = Baseline { pin, in_force: &in_force };
        let signer = key.public_key().id();
        let letters = signing::public::check_public(&bundle, &baseline, signer, now, Language::spoken())?;
        let [letters, pages, compared] = [letters.clone(), letters.clone(), letters].map(Zeroizing::new);
        let has_log = false;
        let (outlines, unnamed, guards) = (Vec::new(), Vec::new(), lifted(&bundle, &in_force));
        let heading = Phrase::new("请特别核对：", "Look at these:").to_string();
        let of_lines = |guards: &[String]| guards.iter().map(|guard| format!("  {guard}")).collect::<Vec<_>>();
        let summary = (!guards.is_empty()).then(|| [vec![heading], of_lines(&guards)].concat().join("\n"));
        Ok(Self { bundle, summary, outlines, letters, pages, compared, has_log, guards, unnamed, warning })
    }

    /// All that is read before it is signed; `name` is the bundle's.
    pub fn lines(&self, name: &Path) -> Vec<Line> {
        let docket = self.bundle.docket();
        let (name, id, issuer, at) = (name.display(), docket.id, &docket.issuer, time_text(docket.issued_at));
        let mut texts =
            vec![zh_en!("{name}：文书 {id} · {issuer} · 起草于{at}", "{name}: docket {id} · {issuer} · drafted {at}")];
        texts.extend(self.summary.iter().map(|summary| format!("\n{summary}")));
        let count = self.letters.len();
        texts.extend((1..).zip(self.letters.iter()).map(|(at, letter)| format!("\n── {at}/{count} ──\n{letter}")));
        if let Some(public) = self.publication() {
            let title = Phrase::new("公布内容", "To be published");
            texts.push(format!("\n{title}\n  zh: {}\n  en: {}", shown(&public.zh), shown(&public.en)));
        }
        texts.push(String::new());
        texts.into_iter().map(|text| vec![plain(text)]).collect()
    }

    /// What is to be published with it.
    pub fn publication(&self) -> Option<Publication> {
        self.bundle.publication().and_then(|text| Publication::from_json(text).ok())
    }

    /// Its letters in outline, in their order; of public documents none.
    pub fn outlines(&self) -> &[Outline] {
        &self.outlines
    }

    /// All that its signer confirms one by one.
    pub fn to_confirm(&self, language: Language) -> Vec<String> {
        if self.outlines.is_empty() { self.guards.clone() } else { oddities(&self.outlines, language) }
    }

    /// What is read on a page, letter by letter.
    pub fn pages(&self) -> &[String] {
        &self.pages
    }

    /// Whether it reads as an earlier one did, word for word: what one signed is what one saw. The log at hand may have
    /// grown since, and isn't gone.
    pub fn is_as(&self, other: &Self) -> bool {
        self.bundle.hash() == other.bundle.hash()
            && *self.compared == *other.compared
            && (self.has_log || !other.has_log)
            && self.unnamed == other.unnamed
            && self.summary == other.summary
    }

    /// What is asked of a record whose person isn't shown.
    pub fn question_of(record: RecordId) -> String {
        zh_en!(
            "无法核实是谁的记录 {record}。请输入其末八位：",
            "Whose record {record} is, isn't shown. Type its last eight characters: "
        )
    }

    /// Whether somebody typed the end of a record.
    pub fn check_end(record: RecordId, typed: &str) -> Result<(), Error> {
        if typed.len() == ENDS_IN && record.to_string().ends_with(typed) {
            return Ok(());
        }
        Err(Error::other("another-end", || zh_en!("未签署：末八位不符", "not signed: the record ends otherwise")))
    }

    /// What the signer agrees to.
    pub fn question(&self, key: &SeatKey) -> String {
        let (holder, count) = (key.holder(), self.letters.len());
        zh_en!("以 {holder} 的名义签署以上 {count} 项？", "Sign these {count} as {holder}?")
    }

    /// Signs it, once the signer agreed. `typed` are the ends of the unnamed records.
    pub fn signature(&self, key: &SeatKey, typed: &[String]) -> Result<SignatureLine, Error> {
        if self.bundle.proposal().is_some() {
            return Err(SigningError::Proposal.into());
        }
        for (at, record) in self.unnamed.iter().enumerate() {
            Self::check_end(*record, typed.get(at).map_or("", String::as_str))?;
        }
        Ok(SignatureLine::of(key.signing_key(), PayloadType::Docket, self.bundle.payload()))
    }

    /// Signs it, once the signer agreed: writes the signature beside the bundle. `typed` are the ends of the unnamed
    /// records.
    pub fn sign(&self, path: &Path, key: &SeatKey, typed: &[String]) -> Result<PathBuf, Error> {
        let line = self.signature(key, typed)?;
        let file = SignatureFile::new(self.bundle.hash(), &line);
        let out = file.path(path, key.holder());
        file.write(&out)?;
        Ok(out)
    }
}
