//! Running what a document tells people to type, as it is written.

use std::{
    fs::{self, File},
    os::unix::process::CommandExt as _,
    path::Path,
    process::{Child, Command, Stdio},
    thread::sleep,
    time::{Duration, Instant},
};

use rustix::process::{Pid, Signal, kill_process_group};

/// Far more than a walk takes alone: it opens up to twenty keys, and other tests want the machine too.
const WITHIN: Duration = Duration::from_mins(5);

/// All that a script started in the background: none of it outlives the test.
struct Walk(Child);

impl Drop for Walk {
    fn drop(&mut self) {
        if let Some(group) = i32::try_from(self.0.id()).ok().and_then(Pid::from_raw) {
            // A group of which nobody is left can't be told any more.
            let _ = kill_process_group(group, Signal::KILL);
        }
        drop(self.0.wait());
    }
}

/// Runs a script in `dir`, with `programs` on the `PATH`; all that it printed, as an error if it failed or took too long.
pub(crate) fn walk(dir: &Path, programs: &Path, script: &str) -> Result<String, String> {
    let path = std::env::var_os("PATH").unwrap();
    let path = std::env::join_paths(std::iter::once(programs.to_owned()).chain(std::env::split_paths(&path)));
    // Beside the directory, which has nothing in it but what whoever follows the document has.
    let printed = dir.with_extension("printed");
    let log = File::create(&printed).unwrap();
    let mut command = Command::new("bash");
    command.args(["-euo", "pipefail", "-c", script]).current_dir(dir).env("PATH", path.unwrap());
    command.env_remove("CALLBOARD_PIN").stdin(Stdio::null()).stdout(log.try_clone().unwrap()).stderr(log);
    let mut walk = Walk(command.process_group(0).spawn().unwrap());
    let began = Instant::now();
    let status = loop {
        match walk.0.try_wait().unwrap() {
            None if began.elapsed() < WITHIN => sleep(Duration::from_millis(100)),
            ended => break ended,
        }
    };
    let printed = fs::read_to_string(printed).unwrap();
    if status.is_some_and(|status| status.success()) { Ok(printed) } else { Err(printed) }
}
