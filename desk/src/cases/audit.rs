//! Every docket of a log, held against the cases that it names: the same function as at the registry and at each
//! signer's desk, asked afterwards by anyone who has the log and the chains.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use callboard_client::output::{Line, green, plain, red};
use callboard_client::runtime::error_chain;
use callboard_federation::{
    disclosure::{Disclosure, DocketDisclosure},
    docket::Docket,
    dsse::Envelope,
    encoding::{CaseId, Hash},
    replay::Replay,
    roster::{Role, Roster},
    statement::{Basis, Statement},
    zh_en,
};

use super::{
    case_file::{CaseFile, Chains},
    docket::{Statements, cases_of},
};
use crate::Error;

/// What an audit of cases found.
#[derive(Debug, Default)]
pub struct CaseAudit {
    /// The cases that hold.
    pub cases: usize,
    /// The dockets that follow from them.
    pub dockets: usize,
    /// What doesn't hold.
    pub faults: Vec<Fault>,
    /// Dockets whose case isn't at hand, with the procedure that they name.
    pub without_case: Vec<(u64, Hash)>,
    /// Dockets of which a statement is erased: what is left of them can't be held against a case.
    pub erased: Vec<u64>,
}

/// Something that doesn't hold.
#[derive(Debug)]
pub enum Fault {
    Case(CaseId, Error),
    Docket(u64, Error),
}

impl Fault {
    fn text(&self) -> String {
        match self {
            Self::Case(case, why) => zh_en!("案件 {case}：{}", "case {case}: {}", error_chain(why)),
            Self::Docket(index, why) => zh_en!("第{index}条：{}", "entry {index}: {}", error_chain(why)),
        }
    }
}

/// Holds the lines of a log against cases. `log` is the replay of those lines.
pub fn audit<E>(
    lines: impl Iterator<Item = Result<Disclosure, E>>,
    chains: &Chains,
    log: &Replay,
) -> Result<CaseAudit, E> {
    let mut found = CaseAudit::default();
    let mut held = BTreeMap::new();
    for id in chains.keys() {
        match CaseFile::verify(*id, chains, log) {
            Ok(file) => {
                held.insert(*id, file);
            }
            Err(why) => found.faults.push(Fault::Case(*id, why)),
        }
    }
    found.cases = held.len();
    let at_hand = AtHand { log, held: &held };
    let events: HashMap<Hash, CaseId> =
        held.iter().flat_map(|(id, file)| file.events.iter().map(|filed| (filed.hash(), *id))).collect();
    for line in lines {
        let line = line?;
        let (index, Some(docket)) = (line.index, line.docket) else { continue };
        let hash = docket.envelope.payload_hash();
        if log.history().dockets.get(&hash).is_none_or(|logged| logged.index != index) {
            continue;
        }
        let named = named(&docket);
        if named.is_empty() {
            continue;
        }
        if docket.items.iter().any(Option::is_none) {
            found.erased.push(index);
            continue;
        }
        let procedures: BTreeSet<Hash> =
            named.iter().filter(|basis| !basis.is_imported()).map(|b| b.procedure).collect();
        if let Some(missing) = procedures.iter().find(|procedure| !events.contains_key(procedure)) {
            found.without_case.push((index, *missing));
            continue;
        }
        let cases: BTreeSet<CaseId> =
            procedures.iter().filter_map(|procedure| events.get(procedure)).copied().collect();
        match at_hand.check(index, &docket, &cases) {
            Ok(()) => found.dockets += 1,
            Err(why) => found.faults.push(Fault::Docket(index, why)),
        }
    }
    Ok(found)
}

/// What the statements that are left rest on.
fn named(docket: &DocketDisclosure) -> Vec<Basis> {
    let statements = docket.items.iter().flatten().filter_map(|bytes| Statement::from_json(bytes).ok());
    statements.filter_map(|statement| statement.basis().cloned()).collect()
}

struct AtHand<'a> {
    log: &'a Replay,
    held: &'a BTreeMap<CaseId, CaseFile>,
}

impl AtHand<'_> {
    fn check(&self, index: u64, disclosed: &DocketDisclosure, cases: &BTreeSet<CaseId>) -> Result<(), Error> {
        let docket = Docket::from_json(&disclosed.envelope.payload.0)?;
        let below = |source| Error::below("statement", source);
        let statements = docket.items.iter().zip(disclosed.items.iter().flatten());
        let statements = statements
            .map(|(item, bytes)| Ok((item, Statement::from_json(bytes).map_err(below)?, bytes.as_slice())))
            .collect::<Result<_, Error>>()?;
        let history = self.log.history();
        let roster = history.rosters.iter().find(|(_, roster)| roster.version == docket.roster);
        let roster = roster.map(|(_, roster)| roster).ok_or_else(|| Error::below("roster", Missing))?;
        let hash = disclosed.envelope.payload_hash();
        let logged_at =
            history.dockets.get(&hash).map(|logged| logged.at).ok_or_else(|| Error::below("docket", Missing))?;
        let chains = self.chains_at(index, cases);
        let cases = cases_of(&chains, self.log)?;
        let signers = roles(&disclosed.envelope, roster);
        Statements(statements)
            .check(hash, logged_at, &cases, &signers, roster)
            .map_err(|why| Error::other("case-docket", || why.to_string()))
    }

    /// Each case as it was when that entry was logged: with the events that the log acknowledged before. The earlier
    /// cases of the same matter as they are, since they were closed by then.
    fn chains_at(&self, index: u64, cases: &BTreeSet<CaseId>) -> BTreeMap<CaseId, Vec<Envelope>> {
        let mut chains = BTreeMap::new();
        for file in cases.iter().filter_map(|id| self.held.get(id)) {
            chains.extend(super::docket::by_case(file.earlier.iter().cloned()));
        }
        for (id, file) in cases.iter().filter_map(|id| Some((*id, self.held.get(id)?))) {
            let before = file.events.iter().take_while(|filed| filed.acknowledged.size <= index);
            chains.insert(id, before.map(|filed| filed.kept.event.clone()).collect());
        }
        chains
    }
}

#[derive(Debug, thiserror::Error)]
#[error("{}", zh_en!("登记册中没有所指的内容", "the log doesn't hold what is named"))]
struct Missing;

fn roles(envelope: &Envelope, roster: &Roster) -> Vec<Role> {
    envelope.signatures.iter().filter_map(|line| roster.seat(&line.keyid)).map(|seat| seat.role).collect()
}

impl CaseAudit {
    /// Whether every docket that names a procedure follows from a case at hand.
    pub fn is_clean(&self) -> bool {
        self.faults.is_empty() && self.without_case.is_empty()
    }

    pub fn lines(&self) -> Vec<Line> {
        let (cases, dockets) = (self.cases, self.dockets);
        let summary = zh_en!(
            "案件：{cases}件成立，{dockets}件文书依案件作出",
            "cases: {cases} hold, {dockets} dockets follow from them"
        );
        let mut lines = vec![vec![if self.is_clean() { green(summary) } else { plain(summary) }]];
        lines.extend(self.faults.iter().map(|fault| vec![red(zh_en!("不符 {}", "DIFFERS {}", fault.text()))]));
        lines.extend(self.without_case.iter().map(|(index, procedure)| {
            vec![red(zh_en!(
                "第{index}条：没有提供其程序记载（{procedure}）",
                "entry {index}: the case that it names isn't at hand (procedure {procedure})"
            ))]
        }));
        lines.extend(self.erased.iter().map(|index| {
            vec![plain(zh_en!(
                "第{index}条：部分内容已删除，无法核对",
                "entry {index}: a part is erased, and can't be held against a case"
            ))]
        }));
        lines
    }
}
