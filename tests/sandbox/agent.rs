//! The agent's own process beside a sandbox that was started without one.

use std::process::{Child, Command, ExitStatus, Stdio};

use rustix::process::{Pid, Signal, kill_process};

use crate::support::{PASSPHRASE, Sandbox, programs::programs};

/// An agent's process; none outlives the test.
pub(crate) struct Agent(Child);

impl Agent {
    /// Starts it, with all that leaves it through `proxy`, if there is one.
    pub(crate) fn start(sandbox: &Sandbox, proxy: Option<&str>) -> Self {
        Self::start_with(sandbox, proxy, &[])
    }

    /// Starts it with more arguments.
    pub(crate) fn start_with(sandbox: &Sandbox, proxy: Option<&str>, arguments: &[&str]) -> Self {
        let mut command = Command::new(programs().join("callboard-agent"));
        command.args(["run", "--config"]).arg(sandbox.member()).args(arguments);
        command.env("CALLBOARD_PASSPHRASE", PASSPHRASE);
        command.env("CALLBOARD_LOG", "error").stdin(Stdio::null());
        if let Some(proxy) = proxy {
            command.env("HTTP_PROXY", proxy).env("http_proxy", proxy).env_remove("NO_PROXY").env_remove("no_proxy");
        }
        Self(command.spawn().unwrap())
    }

    /// Tells it to stop, and waits for it.
    pub(crate) fn ends(&mut self) -> ExitStatus {
        kill_process(Pid::from_child(&self.0), Signal::TERM).unwrap();
        self.0.wait().unwrap()
    }

    /// Kills it: it gets no chance to end anything.
    pub(crate) fn kill(&mut self) {
        self.0.kill().unwrap();
        self.0.wait().unwrap();
    }
}

impl Drop for Agent {
    fn drop(&mut self) {
        drop(self.0.kill());
        drop(self.0.wait());
    }
}
