//! `callboard migrate`: brings the store's schema to this version, as another role than the one that serves.

use std::{path::PathBuf, process::ExitCode};

use anyhow::Context as _;
use callboard_federation::{language::Phrase, zh_en};

use crate::{
    config::Config,
    store::{Store, is_postgres, schema},
};

const EXAMPLES: &str = "\
Examples:
  callboard migrate registry --as postgres://callboard_owner@/callboard --grant callboard
      makes the schema as its owner, and lets the role callboard serve: no DDL, and nothing that is logged can be changed
  callboard migrate --print --grant callboard
      the statements that give a role what serving takes, for whoever gives rights by hand

Run it before the first `callboard serve` on PostgreSQL, and before that of each new version; `serve` says so where it is \
needed. A password comes from PGPASSWORD or ~/.pgpass, never from an argument. A store of one file (sqlite:) needs none of \
this: `serve` brings it to its version.";

/// What fails, if it does.
const MIGRATING: Phrase = Phrase::new("升级存储的结构", "migrating the store");

/// Bring the store's schema to this version
#[derive(clap::Args)]
#[command(after_long_help = EXAMPLES)]
pub struct Migrate {
    /// The data directory, with `callboard.toml` in it
    #[arg(required_unless_present_any = ["owner", "print"])]
    directory: Option<PathBuf>,
    /// The store's address as the schema's owner, instead of the one that serves
    #[arg(long = "as", value_name = "ADDRESS")]
    owner: Option<String>,
    /// The role that serves; it is given what that takes, and loses what else it had on the registry's tables
    #[arg(long, value_name = "ROLE")]
    grant: Option<String>,
    /// Print what --grant does, and do nothing
    #[arg(long, requires = "grant")]
    print: bool,
}

impl Migrate {
    pub(super) fn run(self) -> anyhow::Result<ExitCode> {
        if self.print {
            for statement in self.grant.iter().flat_map(|role| schema::grants(role)) {
                println!("{statement};");
            }
            return Ok(ExitCode::SUCCESS);
        }
        let address = match (self.owner, self.directory) {
            (Some(owner), _) => owner,
            (None, Some(directory)) => Config::read(&directory.join("callboard.toml"))?.registry.store,
            (None, None) => anyhow::bail!(zh_en!(
                "请指明数据目录，或用 --as 指明地址",
                "name the data directory, or the address with --as"
            )),
        };
        super::block_on(async {
            if is_postgres(&address) {
                schema::migrate(&address, self.grant.as_deref()).await.context(MIGRATING)
            } else {
                anyhow::ensure!(
                    self.grant.is_none(),
                    zh_en!(
                        "单文件存储没有角色：由文件权限决定谁可以读取",
                        "a store of one file has no roles: its mode says who may read it"
                    )
                );
                Store::open(&address).await.context(MIGRATING)?.close().await;
                Ok(())
            }
        })?;
        println!("{}", zh_en!("存储的结构已是本版本", "the store's schema is this version's"));
        Ok(ExitCode::SUCCESS)
    }
}
