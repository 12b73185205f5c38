//! The procedures that a docket rests on: each ends a resolution of a case whose chain is at hand, and the docket is
//! exactly what was resolved. The same function as the registry's and an auditor's; only the log is the desk's own.

use callboard_federation::{
    encoding::{Hash, Time},
    event::check_chain,
    roster::Roster,
    statement::Statement,
};
use callboard_rules::case::Case;

use super::{Facts, SigningError, read_all};
use crate::{
    bundle::Bundle,
    cases::docket::{EVERY_PROCEDURE_HAS_A_CASE, Statements, chains, of_cases},
};

/// The hashes that its statements may name.
pub(super) fn check(bundle: &Bundle, found: &Facts, now: Time) -> Result<Vec<Hash>, SigningError> {
    if bundle.proposal().is_some() {
        return Ok(vec![Hash::from_bytes([0; 32])]);
    }
    let statements = read_all(bundle)?;
    let cases = &found.cases;
    let named = statements.iter().filter_map(Statement::basis).map(|basis| basis.procedure);
    let mut procedures: Vec<Hash> = named.filter(|procedure| is_of(cases, procedure)).collect();
    if !procedures.is_empty() || !of_cases(bundle.events()).is_empty() {
        follows(bundle, statements, found, now)?;
    } else if !EVERY_PROCEDURE_HAS_A_CASE {
        procedures = tabled(bundle, &found.roster)?;
    }
    Ok(procedures)
}

fn is_of(cases: &[Case], procedure: &Hash) -> bool {
    cases.iter().any(|case| case.resolution_of(procedure).is_ok())
}

/// The docket is what its cases resolved.
fn follows(bundle: &Bundle, statements: Vec<Statement>, found: &Facts, now: Time) -> Result<(), SigningError> {
    let items = bundle.docket().items.iter().zip(statements).zip(bundle.items());
    let statements = Statements(
        items.map(|((item, statement), carried)| (item, statement, carried.statement.0.as_slice())).collect(),
    );
    // Who will have signed is asked of what is taken over without a case alone, and such a docket has none.
    statements.check(bundle.hash(), now, &found.cases, &[], &found.roster).map_err(SigningError::Case)
}

/// The procedures of dockets that were tabled without a case: each chain begins with an event 0.
fn tabled(bundle: &Bundle, roster: &Roster) -> Result<Vec<Hash>, SigningError> {
    let procedure = |chain: &Vec<_>| {
        check_chain(chain, |key| roster.seat(key).map(|seat| (seat.public_key, ()))).map(|chain| chain.procedure)
    };
    chains(bundle.events()).iter().map(procedure).collect::<Result<_, _>>().map_err(SigningError::Procedure)
}
