//! What a seat did in cases, with the log's word that it has it: kept in the home, and held against every chain that is
//! shown. A chain without an own act, or with another in its place, is no mistake of anyone's: nothing of it is signed.

use std::{
    fs::OpenOptions,
    io::{self, Write as _},
    path::{Path, PathBuf},
};

use callboard_api::registry::cases::KeptCaseEvent;
use callboard_client::create_new;
use callboard_federation::{
    acknowledgement::Acknowledgement,
    dsse::Envelope,
    encoding::{CaseId, from_json, to_json},
    tlog::vkey::VerifierKey,
    zh_en,
};
use serde::Serialize;

use super::case_file::acknowledged;
use crate::Error;

/// The directory in the home.
const DIRECTORY: &str = "acknowledgements";

/// The acts of the seat of one home.
#[derive(Debug, Clone)]
pub struct OwnActs {
    directory: PathBuf,
}

/// An own act that isn't in the chain that is shown, with what proves it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct CaseAlarm {
    v: u64,
    case: CaseId,
    seq: u64,
    /// The own act, as the log acknowledged it.
    own: KeptCaseEvent,
    /// What is shown in its place.
    #[serde(skip_serializing_if = "Option::is_none")]
    shown: Option<KeptCaseEvent>,
}

impl OwnActs {
    pub fn in_home(home: &Path) -> Self {
        Self { directory: home.join(DIRECTORY) }
    }

    fn path(&self, case: CaseId) -> PathBuf {
        self.directory.join(format!("{case}.ndjson"))
    }

    /// Keeps an own act, down to the disk.
    pub fn keep(&self, case: CaseId, kept: &KeptCaseEvent) -> Result<(), Error> {
        let path = self.path(case);
        let write = || -> io::Result<()> {
            std::fs::create_dir_all(&self.directory)?;
            match create_new::write(&path, create_new::PRIVATE, b"") {
                Err(error) if error.kind() != io::ErrorKind::AlreadyExists => return Err(error),
                _ => {}
            }
            // What broke off is left on a line of its own.
            let is_torn = std::fs::read(&path)?.last().is_some_and(|last| *last != b'\n');
            let mut file = OpenOptions::new().append(true).open(&path)?;
            let before: &[u8] = if is_torn { b"\n" } else { b"" };
            file.write_all(&[before, &to_json(kept), b"\n"].concat())?;
            file.sync_all()
        };
        write().map_err(Error::io(&path))
    }

    /// The own acts of a case, as they were kept; lines that broke off are none.
    pub fn of(&self, case: CaseId) -> Result<Vec<KeptCaseEvent>, Error> {
        let path = self.path(case);
        match std::fs::read(&path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Vec::new()),
            Err(source) => Err(Error::Io { path, source }),
            Ok(bytes) => Ok(bytes.split(|byte| *byte == b'\n').filter_map(|line| from_json(line).ok()).collect()),
        }
    }

    /// Holds the own acts against a chain as it is shown.
    ///
    /// # Errors
    /// One is missing: evidence is kept beside the own acts.
    pub fn check(&self, case: CaseId, shown: &[KeptCaseEvent], keys: &[VerifierKey]) -> Result<(), Error> {
        let Some(alarm) = missing(case, &self.of(case)?, shown, keys) else { return Ok(()) };
        let name = format!("evidence-{case}-{}.json", alarm.seq);
        let path = self.directory.join(&name);
        create_new::replace(&path, create_new::PRIVATE, &to_json(&alarm)).map_err(Error::io(&path))?;
        Err(Error::other("case-alarm", || alarm.text(keys)))
    }

    /// Keeps own acts of a verified chain that aren't kept yet: what was sent and never answered.
    pub fn keep_missing<'k>(
        &self,
        case: CaseId,
        own: impl IntoIterator<Item = &'k KeptCaseEvent>,
    ) -> Result<(), Error> {
        let kept: Vec<Envelope> = self.of(case)?.into_iter().map(|kept| kept.event).collect();
        own.into_iter().filter(|own| !kept.contains(&own.event)).try_for_each(|own| self.keep(case, own))
    }
}

/// The first own act that a chain lacks, or that has another in its place. What the log never acknowledged is none.
pub fn missing(
    case: CaseId,
    own: &[KeptCaseEvent],
    shown: &[KeptCaseEvent],
    keys: &[VerifierKey],
) -> Option<CaseAlarm> {
    let said = |kept: &KeptCaseEvent| -> Option<Acknowledgement> {
        let said = Acknowledgement::check(&kept.acknowledgement, keys).ok()?;
        acknowledged(case, said.seq, kept, keys).ok()
    };
    own.iter().find_map(|own| {
        let seq = said(own)?.seq;
        let shown = usize::try_from(seq).ok().and_then(|at| shown.get(at));
        let is_there = shown.is_some_and(|shown| shown.event.payload_hash() == own.event.payload_hash());
        (!is_there).then(|| CaseAlarm { v: 1, case, seq, own: own.clone(), shown: shown.cloned() })
    })
}

impl CaseAlarm {
    /// The number of the own act.
    pub const fn seq(&self) -> u64 {
        self.seq
    }

    /// Whether what is shown in its place is acknowledged too: the log signed two histories of the case.
    pub fn convicts(&self, keys: &[VerifierKey]) -> bool {
        let said = |kept: &KeptCaseEvent| Acknowledgement::check(&kept.acknowledgement, keys).ok();
        let shown = self.shown.as_ref().and_then(said);
        said(&self.own).zip(shown).is_some_and(|(own, shown)| own.contradicts(&shown))
    }

    fn text(&self, keys: &[VerifierKey]) -> String {
        let seq = self.seq;
        if self.convicts(keys) {
            return zh_en!(
                "该案件第{seq}项，登记册确认收到过两项不同的程序记载：它签署了两段互相矛盾的历史；证据保存在本机。请停止签署，联系审计人员和各会员单位",
                "of event {seq} of the case the log acknowledged two that differ: it signed two histories; the evidence is kept on this computer. Sign nothing, and call the auditors and the members"
            );
        }
        zh_en!(
            "该案件缺少您的第{seq}项程序记载，而登记册确认过收到这一项；证据保存在本机。请停止签署，联系审计人员和各会员单位",
            "the case lacks your event {seq}, though the log acknowledged it; the evidence is kept on this computer. Sign nothing, and call the auditors and the members"
        )
    }
}
