//! The token service: evaluates blinded points under the token key, and learns nothing of whom they stand for.
//!
//! Its own process with its own small store, under another hand than the registry's: it alone holds the token key, and
//! it needs nothing of the registry's but the log. In reading order: [`init`] makes its directory; `follow` and `view`
//! say who may ask; `evaluate` is the one act, `quota` what it costs, `store` what remains of it, [`batches`] that for
//! auditors; `serve` starts and ends it; [`cli`] is its program.
//!
//! `secret` is the token key, which nobody else links. Not here: the checks of batches and proofs, and the checks of
//! requests and proof files (`callboard_federation`), blinding and finalising (desk, agent). Implements the token
//! service of `docs/formats.md` §3.

// In place of std's macros, so that all that is printed is made visible (`callboard_client::output`).
#[macro_use(eprintln, println)]
extern crate callboard_client;

mod app;
pub mod batches;
pub mod cli;
mod config;
mod evaluate;
mod follow;
mod follow_error;
mod init;
pub mod metrics;
mod problem;
mod quota;
mod secret;
mod seed;
mod serve;
mod store;
mod view;

use std::{io, net::SocketAddr, path::PathBuf};

use callboard_federation::zh_en;

pub use app::RngSource;
pub use config::Config;
pub use follow::FollowError;
pub use init::{Setup, SetupFiles, init};
pub use secret::{Evaluate, TokenSecret};
pub use serve::{RunningService, TokenService, openapi};
pub use store::StoreError;

#[derive(Debug, thiserror::Error)]
pub enum TokensError {
    /// A file can't be read or written.
    #[error("{path}", path = path.display())]
    File {
        path: PathBuf,
        #[source]
        source: io::Error,
    },
    /// The configuration isn't TOML, or a key is missing, unknown or malformed.
    #[error("{}", zh_en!("配置文件 tokens.toml", "the configuration tokens.toml"))]
    Config(#[source] toml::de::Error),
    /// The directory, or the roster, is another issuer's.
    #[error("{}", zh_en!("应为 {expected}，不是 {got}", "issuer {expected} is expected, not {got}"))]
    Issuer { expected: String, got: String },
    #[error("{}", zh_en!("{path} 中没有密钥种子：请用 callboard tokens init 生成",
        "{path} holds no seed: `callboard tokens init` makes one", path = path.display()))]
    NoSeed { path: PathBuf },
    #[error("{}", zh_en!("{path} 的权限为 {mode:03o}：密钥种子只能由其所有者读取（chmod 600）",
        "{path} has mode {mode:03o}: a seed is read by its owner alone (chmod 600)", path = path.display()))]
    SeedMode { path: PathBuf, mode: u32 },
    /// A seed of which no key comes.
    #[error(transparent)]
    Key(#[from] callboard_federation::token::TokenError),
    #[error("{}", zh_en!("名称以 .test 结尾的是测试环境：请加 --sandbox",
        "an issuer that ends in .test is a sandbox: say so with --sandbox"))]
    Sandbox,
    /// What was kept of the registry doesn't hold.
    #[error("{}", zh_en!("存储中有关登记系统的内容", "what the store keeps of the registry"))]
    Follow(#[from] FollowError),
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error("{}", zh_en!("无法在 {at} 监听", "can't listen at {at}"))]
    Listen {
        at: SocketAddr,
        #[source]
        source: io::Error,
    },
    #[error("{}", zh_en!("清单无法写出", "the list can't be written"))]
    Output(#[source] io::Error),
}
