//! The cases under what the vectors' committee decides.

use callboard_federation::{
    document::Document,
    dsse::Envelope,
    encoding::{Time, to_json},
    hand_in::HandIn,
    policy::Policy,
    roster::Roster,
    statement::{Act, Statement},
};
use callboard_rules::{case::docket::Submitted, policies};
use callboard_sandbox::procedure;

use super::{
    committee::{Committee, Drafted, undecided},
    time,
};

/// What a policy says to those who take a case.
const PROCEDURE: [&str; 9] =
    ["panel", "service", "interimOrder", "quorum", "vote", "response", "confirmation", "draw", "calendar"];

impl Committee {
    /// From now on cases are under what it decides; the docket of the policy that says how.
    pub(crate) fn takes_cases(&mut self, at: Time) -> HandIn {
        self.decide = Some(decide);
        let policy = self.policy_of_cases();
        self.adopt(at, policy)
    }

    /// The policy of the vectors, which says nothing of procedures, with what the rules of 2022 say of them.
    fn policy_of_cases(&self) -> Document<Policy> {
        let Act::Policy(document) = self.statement(1).act else { panic!("the second docket is of a policy") };
        let rules = policies::find("streamer-warning-rules", "2022").unwrap().document().unwrap().value;
        let mut policy = Policy { version: "2022-cases".to_owned(), ..document.value };
        policy.decide = rules.decide.into_iter().filter(|(part, _)| PROCEDURE.contains(&part.as_str())).collect();
        Document::read(String::from_utf8(to_json(&policy)).unwrap()).unwrap()
    }

    /// The first statement of a docket of the beginning.
    fn statement(&self, index: usize) -> Statement {
        let handed: HandIn = serde_json::from_value(self.beginning()[index]["handIn"].clone()).unwrap();
        Statement::from_json(&handed.items[0].statement.0).unwrap()
    }

    fn first_roster(&self) -> Roster {
        let Act::Roster(roster) = self.statement(0).act else { panic!("a log begins with a roster") };
        roster.value
    }
}

fn decide(committee: &Committee, drafted: Vec<Drafted>, now: Time) -> (Vec<Drafted>, Vec<Vec<Envelope>>) {
    let statements: Vec<_> = drafted.iter().map(|drafted| Statement::from_json(&drafted.bytes).unwrap()).collect();
    // Where a test has a case of its own, its statements name it.
    if statements.iter().filter_map(Statement::basis).any(|basis| basis.procedure != undecided()) {
        return (drafted, Vec::new());
    }
    let keys: Vec<_> =
        committee.vectors["seatSeeds"].as_object().unwrap().keys().map(|seat| committee.seat(seat)).collect();
    let seats = procedure::Committee {
        keys: &keys,
        roster: &committee.first_roster(),
        since: time(&committee.beginning()[0]["loggedAt"]),
        policies: &committee.adopted,
    };
    let submitted = drafted.iter().zip(&statements);
    let submitted: Vec<_> = submitted
        .map(|(drafted, statement)| Submitted { item: &drafted.item, statement, bytes: &drafted.bytes })
        .collect();
    let decided = seats.decide(&submitted, now).unwrap();
    let under = drafted.iter().zip(decided.statements);
    let under = under.map(|(drafted, (item, bytes))| Drafted { item, bytes, ..drafted.clone() });
    (under.collect(), decided.events)
}
