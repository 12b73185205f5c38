//! Whether a docket follows from its cases: each statement that has a procedure is a draft that was resolved, and
//! nothing that was resolved with it is missing.

use std::collections::BTreeMap;

use callboard_federation::{
    docket::{Item as DocketItem, Of},
    encoding::{Hash, Time},
    replay::MAX_AHEAD_MILLIS,
    roster::{Role, Roster},
    statement::{Kind, Statement, draft_hash},
};

use super::{Case, error::Why, resolution::Resolution, terms::is_enough};

/// A statement as it is submitted: what the docket says of it, and its bytes.
#[derive(Debug, Clone, Copy)]
pub struct Submitted<'a> {
    pub item: &'a DocketItem,
    pub statement: &'a Statement,
    pub bytes: &'a [u8],
}

impl Submitted<'_> {
    /// The procedure that it names, if it has one and wasn't taken over without a case.
    pub fn procedure(&self) -> Option<Hash> {
        self.statement.basis().filter(|basis| !basis.is_imported()).map(|basis| basis.procedure)
    }
}

/// A docket, as its statements' procedures are asked of it.
#[derive(Debug, Clone, Copy)]
pub struct Docket<'a> {
    /// SHA-256 of its payload.
    pub hash: Hash,
    /// When it was logged, or would be.
    pub logged_at: Time,
    pub statements: &'a [Submitted<'a>],
    /// The roles of the seats that signed it.
    pub signers: &'a [Role],
}

/// Holds a docket against `cases`, all those that it names, each with its events up to when it was logged. `roster` is
/// the one that it is signed under.
pub fn check(docket: Docket<'_>, cases: &[Case], roster: &Roster) -> Result<(), Why> {
    let Docket { statements, signers, logged_at, .. } = docket;
    let is_imported = |submitted: &Submitted<'_>| {
        submitted.statement.basis().is_some_and(callboard_federation::statement::Basis::is_imported)
    };
    if statements.iter().any(is_imported) {
        check_import(signers, roster)?;
    }
    let mut by_procedure: BTreeMap<Hash, Vec<Submitted<'_>>> = BTreeMap::new();
    for submitted in statements {
        if let Some(procedure) = submitted.procedure() {
            by_procedure.entry(procedure).or_default().push(*submitted);
        }
    }
    for (procedure, statements) in by_procedure {
        let mut found = cases.iter().map(|case| (case, case.resolution_of(&procedure)));
        let found = found.find(|(_, resolution)| !matches!(resolution, Err(Why::ProcedureUnknown)));
        let (case, resolution) = found.ok_or(Why::ProcedureUnknown)?;
        let resolution = resolution?;
        if case.at() > logged_at.plus_millis(MAX_AHEAD_MILLIS) {
            return Err(Why::DocketBefore);
        }
        if resolution.issued.is_some_and(|issued| issued != docket.hash) {
            return Err(Why::IssuedOtherwise);
        }
        check_resolution(case, resolution, &statements)?;
    }
    Ok(())
}

/// Exactly the drafts of what was resolved and isn't dropped.
fn check_resolution(case: &Case, resolution: &Resolution, statements: &[Submitted<'_>]) -> Result<(), Why> {
    let drafts = resolution.items.iter().flat_map(|(number, drafts)| drafts.iter().map(move |draft| (*draft, *number)));
    let mut drafts: BTreeMap<_, _> = drafts.collect();
    for submitted in statements {
        let record = submitted.statement.id;
        let draft = draft_hash(submitted.bytes).map_err(|source| Why::DraftMalformed(record, source))?;
        let number = drafts.remove(&draft).ok_or(Why::DraftUnknown(record))?;
        if submitted.statement.basis().is_none_or(|basis| basis.policy != case.policy) {
            return Err(Why::DraftPolicy(record));
        }
        let may = if resolution.is_interim() {
            submitted.item.kind == Kind::Interim
        } else {
            let decides = case.items.get(&number).map_or(&[][..], |item| &item.decides);
            decides.iter().any(|key| key.kind == submitted.item.kind && key.of == about(submitted.item.of))
        };
        if !may {
            return Err(Why::DraftKind(record));
        }
    }
    drafts.into_values().next().map_or(Ok(()), |number| Err(Why::DraftMissing(number)))
}

/// An item says of what a reversal is, not which measure a ruling imposes.
const fn about(of: Option<Of>) -> Option<Of> {
    match of {
        Some(Of::About(_)) => of,
        _ => None,
    }
}

/// What is taken over without a case is signed by as many seats as a roster.
pub fn check_import(signers: &[Role], roster: &Roster) -> Result<(), Why> {
    if is_enough(roster.rule(Kind::Roster, None), signers) { Ok(()) } else { Err(Why::ImportSigners) }
}
