//! The programs of the services, which lie beside this one: what is a service's is done by its own program alone, so that no
//! one process holds the keys of both.

use std::{ffi::OsString, path::PathBuf, process::ExitCode};

use anyhow::Context as _;
use callboard_client::system;
use callboard_federation::{language::Phrase, zh_en};

/// Becomes the program that lies beside this one.
pub(crate) fn become_program(name: &str, arguments: impl Iterator<Item = OsString>) -> anyhow::Result<ExitCode> {
    // Where the system doesn't tell, the first argument does.
    let own = std::env::current_exe().ok().or_else(|| std::env::args_os().next().map(PathBuf::from));
    let program = own
        .context(Phrase::new("本程序不知道自己的位置", "this program doesn't know where it lies"))?
        .with_file_name(name);
    system::become_program(&program, arguments).with_context(|| {
        zh_en!(
            "{}：该命令由 {name} 执行，它应与 callboard 放在一起",
            "{}: this verb is done by {name}, which lies beside callboard",
            program.display()
        )
    })
}
