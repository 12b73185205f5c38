//! An auditor that isn't ours, written from `docs/formats.md` alone, decides whatever these tests decided as they did.

use std::process::Command;

use super::scene::ASKED;

/// Rounds of random procedures that are told besides all claims.
const ROUNDS: &str = "40";

#[test]
fn the_auditor_in_python_takes_and_refuses_each_event_and_docket_as_we_do() {
    let Ok(python) = std::env::var("CALLBOARD_CONFORMANCE_PYTHON") else {
        return eprintln!("left out: CALLBOARD_CONFORMANCE_PYTHON is not set; `cargo xtask test` prepares it");
    };
    let directory = std::env::temp_dir().join(format!("callboard-cases-{}", std::process::id()));
    std::fs::create_dir_all(&directory).unwrap();
    let mut told = Command::new(std::env::current_exe().unwrap());
    told.args(["case::tests", "--skip", "python"]).env(ASKED, &directory).env("CALLBOARD_ROUNDS", ROUNDS);
    let told = told.output().unwrap();
    assert!(told.status.success(), "{}", String::from_utf8_lossy(&told.stdout));
    let auditor = concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/conformance/auditor/cases.py");
    let played = Command::new(python).args(["-B", auditor]).arg(&directory).output().unwrap();
    std::fs::remove_dir_all(&directory).unwrap();
    let said = String::from_utf8_lossy(&played.stdout).into_owned();
    assert!(played.status.success() && said.contains("as told"), "{said}{}", String::from_utf8_lossy(&played.stderr));
}
