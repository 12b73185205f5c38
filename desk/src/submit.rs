//! Submitting: the docket with its signatures goes to the registry, and each record's proof comes back to be kept.
//!
//! As long as a proof isn't there the docket is «signed, not logged» or «logged, not witnessed»: who signed keeps it, and
//! anyone who holds it may submit it again.

use std::{
    path::{Path, PathBuf},
    time::Duration,
};

use callboard_api::registry::dockets::DocketLogged;
use callboard_client::{
    create_new,
    http::HttpError,
    output::{Line, green, plain, red, yellow},
};
use callboard_federation::{
    docket::Docket,
    encoding::{RecordId, to_json},
    hand_in::HandIn,
    language::Phrase,
    zh_en,
};
use callboard_keys::SeatKey;
use rand_core::CryptoRng;
use reqwest::StatusCode;

use super::{
    bundle::Bundle,
    missing_signature::missing,
    registry::{Registry, RegistryError},
    signature_file,
};
use crate::Error;

/// How often a proof is asked for while witnesses are awaited; a registry's witnesses cosign within a second.
const PAUSE: Duration = Duration::from_millis(250);
/// What the registry says of a record that too few witnesses have seen.
const NOT_WITNESSED: &str = "urn:callboard:problem:not-witnessed";

pub struct Submission {
    hand_in: HandIn,
    /// Where the proofs of its records are kept.
    proofs: PathBuf,
    /// Where a bundle with its signatures is kept once they are counted: whoever holds the file may submit it.
    file: Option<PathBuf>,
}

pub struct Outcome {
    state: State,
    /// The file that was written of a bundle and its signatures.
    file: Option<PathBuf>,
    proofs: PathBuf,
    logged: Option<DocketLogged>,
    /// How many proofs are kept.
    kept: usize,
}

/// How far a docket came.
enum State {
    /// Not logged; whether enough had signed was checked.
    NotLogged {
        is_signed: bool,
        why: Error,
    },
    /// A record isn't proven to be logged.
    Unproven(Error),
    /// Too few witnesses have cosigned.
    Unwitnessed,
    Proven,
}

impl Submission {
    /// A bundle with its signatures; or `NAME.docket.json`, as an earlier call wrote it.
    pub fn assemble(file: &Path, signatures: &[PathBuf], key: &SeatKey) -> Result<Self, Error> {
        let is_assembled = file.extension().is_some_and(|extension| extension == "json");
        if is_assembled {
            let shown = file.display();
            if !signatures.is_empty() {
                return Err(Error::other("signatures-there", || {
                    zh_en!("签名已在 {shown} 中", "the signatures are in {shown} already")
                }));
            }
            let bytes = std::fs::read(file).map_err(Error::io(file))?;
            let hand_in = HandIn::from_json(&bytes)
                .map_err(|source| Error::other("docket-file", || shown.to_string()).because(source))?;
            return Ok(Self { hand_in, proofs: file.with_extension("").with_extension("proofs"), file: None });
        }
        let bundle = Bundle::open(file, key)?;
        let lines = signature_file::gather(bundle.hash(), signatures)?;
        if lines.is_empty() {
            let pattern = file.with_extension("*.sig");
            return Err(Error::other("no-signatures", || {
                zh_en!("请指明签名文件：{}", "name the signatures: {}", pattern.display())
            }));
        }
        let hand_in = bundle.with_signatures(lines);
        let (proofs, file) = (file.with_extension("proofs"), Some(file.with_extension("docket.json")));
        Ok(Self { hand_in, proofs, file })
    }

    /// A docket whose signatures a draft gathered; `name` is what its files are called: `NAME.docket.json` and the proofs
    /// in `NAME.proofs`.
    pub fn of(hand_in: HandIn, name: &Path) -> Self {
        let (proofs, file) = (create_new::with_ending(name, ".proofs"), create_new::with_ending(name, ".docket.json"));
        Self { hand_in, proofs, file: Some(file) }
    }

    /// Submits it where enough have signed, as far as the roster can be had; keeps it as `NAME.docket.json`, and the proof of
    /// each record, for which witnesses are awaited so long. `progress` hears of each record.
    ///
    /// # Errors
    /// Nothing was submitted.
    pub async fn submit(
        &self,
        registry: &Registry<'_>,
        mut wait: Duration,
        mut progress: impl FnMut(),
        rng: &mut impl CryptoRng,
    ) -> Result<Outcome, Error> {
        let docket = Docket::from_json(&self.hand_in.docket.payload.0)?;
        // Where the roster can't be had, whether enough have signed is left open.
        let roster = match registry.roster().await {
            Err(RegistryError::Missing(_)) => Ok(None),
            roster => roster.map(Some),
        };
        let missing = match &roster {
            Ok(roster) => missing(&self.hand_in, &docket, roster.as_ref())
                .map_err(|source| Error::other("signatures", || zh_en!("签名", "the signatures")).because(source))?,
            Err(_) => None,
        };
        let is_signed = missing.is_some();
        if let Some(missing) = missing.filter(|missing| !missing.is_empty()) {
            return Err(Error::NotSigned(missing));
        }
        if let Some(file) = &self.file {
            create_new::replace(file, create_new::PRIVATE, &to_json(&self.hand_in)).map_err(Error::io(file))?;
        }
        let outcome = |state, logged, kept| {
            let (file, proofs) = (self.file.clone(), self.proofs.clone());
            Outcome { state, file, proofs, logged, kept }
        };
        let logged = match registry.submit(&self.hand_in).await {
            Ok(logged) => logged,
            Err(why) => {
                let state = State::NotLogged { is_signed, why: why.into() };
                return Ok(outcome(state, None, 0));
            }
        };
        let (mut kept, mut waiting, mut failed) = (0, 0, None);
        for item in &docket.items {
            match keep_proof(registry, item.record, &self.proofs, wait, rng).await {
                Ok(true) => kept += 1,
                Ok(false) => {
                    waiting += 1;
                    // All records are in one entry: what the first waited for, the others needn't.
                    wait = Duration::ZERO;
                }
                Err(error) => failed = failed.or(Some(error)),
            }
            progress();
        }
        let state = match failed {
            Some(error) => State::Unproven(error),
            None if waiting > 0 => State::Unwitnessed,
            None => State::Proven,
        };
        Ok(outcome(state, Some(logged), kept))
    }
}

impl Outcome {
    pub fn lines(&self) -> Vec<Line> {
        let index = self.logged.map_or(0, |logged| logged.index);
        let mut lines = Vec::new();
        if let Some(file) = &self.file {
            let anyone = zh_en!("持有者均可提交", "whoever holds it may hand it in");
            lines.push(vec![plain(format!("{}  {anyone}", file.display()))]);
        }
        if let Some(shares) = self.logged.and_then(|logged| logged.shares) {
            lines.push(vec![green(zh_en!("补回了{shares}份丢失的密钥份额", "{shares} lost shares were brought back"))]);
        }
        lines.push(vec![match &self.state {
            State::NotLogged { is_signed: true, .. } => red(Phrase::new("已签署，未登记", "signed, not logged")),
            State::NotLogged { is_signed: false, .. } => yellow(Phrase::new(
                "未登记；是否已有足够签名未能核对",
                "not logged; whether enough have signed was not checked",
            )),
            State::Unproven(_) => red(zh_en!(
                "已签署，未能证明已登记（登记系统称在第{index}条）",
                "signed, not proven to be logged (the registry says: at index {index})"
            )),
            State::Unwitnessed => yellow(zh_en!(
                "登记系统称已登记于第{index}条，尚未经会员见证：请稍后再次执行以取得证明",
                "logged at index {index} by the registry's word, not witnessed yet: run it again for the proofs"
            )),
            State::Proven => green(zh_en!(
                "已登记于第{index}条；{0}份证明存于 {1}",
                "logged at index {index}; {0} proofs in {1}",
                self.kept,
                self.proofs.display()
            )),
        }]);
        if let (State::Unwitnessed | State::Proven, Some(logged)) = (&self.state, self.logged) {
            lines.push(vec![plain(zh_en!("文书 {}", "docket {}", logged.docket))]);
        }
        lines
    }

    /// What became of it, without the names of its files.
    pub fn told(&self) -> String {
        let (index, kept) = (self.logged.map_or(0, |logged| logged.index), self.kept);
        match &self.state {
            State::NotLogged { .. } => zh_en!("未登记", "not logged"),
            State::Unproven(_) => zh_en!("未能证明已登记", "not proven to be logged"),
            State::Unwitnessed => {
                zh_en!("已登记于第{index}条，尚未经会员见证", "logged at index {index}, not witnessed yet")
            }
            State::Proven => {
                zh_en!("已登记于第{index}条，{kept}份证明已保存", "logged at index {index}, {kept} proofs kept")
            }
        }
    }

    /// Why it isn't logged, or not proven to be.
    pub fn error(self) -> Option<Error> {
        match self.state {
            State::NotLogged { why, .. } | State::Unproven(why) => Some(why),
            State::Unwitnessed | State::Proven => None,
        }
    }
}

/// Asks for a record's proof until it is witnessed or `wait` is over, verifies it against the pin, and keeps it in
/// `dir`. Says whether it is witnessed.
async fn keep_proof(
    registry: &Registry<'_>,
    record: RecordId,
    dir: &Path,
    wait: Duration,
    rng: &mut impl CryptoRng,
) -> Result<bool, Error> {
    let mut waited = Duration::ZERO;
    loop {
        match registry.record(record, rng).await {
            Ok((_, bytes)) => {
                let path = dir.join(format!("{record}.json"));
                std::fs::create_dir_all(dir).map_err(Error::io(&path))?;
                // An older proof of the same record shows no more than a newer one.
                std::fs::write(&path, bytes).map_err(Error::io(&path))?;
                return Ok(true);
            }
            Err(RegistryError::Http(HttpError::Refused { status: StatusCode::CONFLICT, problem, .. }))
                if problem.kind == NOT_WITNESSED =>
            {
                if waited >= wait {
                    return Ok(false);
                }
                tokio::time::sleep(PAUSE).await;
                waited += PAUSE;
            }
            Err(other) => return Err(other.into()),
        }
    }
}
