use serde_json::Value;

use super::Statement;
use crate::vectors::{base64, list, text};

fn vectors() -> Value {
    serde_json::from_str(include_str!("../../vectors/commitments.json")).unwrap()
}

fn bytes(case: &Value) -> Vec<u8> {
    let mut bytes = base64(&case["statement"]);
    bytes.resize(bytes.len() + usize::try_from(case["pad"].as_u64().unwrap_or(0)).unwrap(), b' ');
    bytes
}

#[test]
fn a_statement_opens_its_commitment_byte_for_byte() {
    for case in list(&vectors()["valid"]) {
        let bytes = bytes(case);
        let statement = Statement::from_json(&bytes).unwrap_or_else(|error| panic!("{}: {error}", case["name"]));
        assert_eq!(statement.kind().as_str(), text(&case["kind"]), "{}", case["name"]);
        assert_eq!(Statement::commitment(&bytes).to_string(), text(&case["commitment"]), "{}", case["name"]);
        let written = Statement::from_json(&statement.to_json()).unwrap();
        assert_eq!(written, statement, "{} is read again as it was written", case["name"]);
    }
}

#[test]
fn what_is_no_statement_is_refused() {
    for case in list(&vectors()["refused"]) {
        assert!(Statement::from_json(&bytes(case)).is_err(), "{} ({})", case["name"], case["reason"]);
    }
}

#[test]
fn a_person_is_never_bound_by_accounts_alone_and_a_persona_may_be() {
    let vectors = vectors();
    let persona =
        list(&vectors["valid"]).iter().find(|case| text(&case["name"]).starts_with("a persona known by soft"));
    let mut statement: Value = serde_json::from_slice(&bytes(persona.unwrap())).unwrap();
    let read = |statement: &Value| Statement::from_json(statement.to_string().as_bytes());
    assert!(read(&statement).is_ok());
    statement["subject"]["type"] = "person".into();
    assert!(read(&statement).is_err());
}
