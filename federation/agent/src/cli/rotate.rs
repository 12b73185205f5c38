//! `callboard-agent rotate`: new keys of the member, one step at each call, whatever broke off before.
//!
//! What is done shows in the files: `NAME.next.key` was made, `NAME.rotation.json` asks for it under the key of today, and
//! once list and roster in force have it the files change places. The key before stays as `NAME.old.key` until no list names
//! it. The secretariat's half is `callboard member change --rotation`.

use std::{
    fs,
    path::{Path, PathBuf},
    process::ExitCode,
};

use anyhow::{Context as _, bail};
use callboard_client::{
    clock::{Clock as _, MachineClock},
    create_new, http,
    in_force::InForce,
    runtime::{block_on, os_rng},
};
use callboard_federation::{
    declaration::{self, Rotation},
    encoding::{KeyId, PublicKey, to_json},
    tlog::vkey::VerifierKey,
    zh_en,
};
use callboard_keys::{MemberKey, passphrase::PassphraseSource};

use crate::config::Config;

const EXAMPLES: &str = "\
Example:
  callboard-agent rotate --config member.toml
      alpha.next.key and alpha.rotation.json; the second goes to the secretariat:
      callboard member change alpha --rotation alpha.rotation.json --key secretary-1.key
  callboard-agent rotate --config member.toml       once that is in force: the new key takes the place of the old; restart
                                                    the agent
  callboard-agent rotate --config member.toml       once no list names the old key: it is deleted

It can be run at any time, and says what it waits for. Exit code 2: something else comes first.";

/// Something that others do comes first.
const WAITS: u8 = 2;

/// Take new keys, step by step
#[derive(clap::Args)]
#[command(after_long_help = EXAMPLES)]
pub(super) struct RotateVerb {
    /// The agent's configuration
    #[arg(long, value_name = "FILE", default_value = "member.toml")]
    config: PathBuf,
    #[command(flatten)]
    passphrase: PassphraseSource,
}

struct Files {
    key: PathBuf,
    next: PathBuf,
    old: PathBuf,
    request: PathBuf,
}

impl Files {
    fn beside(key: &Path) -> Self {
        let with = |ending: &str| key.with_extension(ending);
        Self { key: key.to_owned(), next: with("next.key"), old: with("old.key"), request: with("rotation.json") }
    }

    /// The new key takes the place of the old. If we die between the two, the key isn't there, and the next call goes
    /// on here.
    fn switch(&self) -> anyhow::Result<()> {
        if self.key.exists() {
            fs::rename(&self.key, &self.old).with_context(|| self.old.display().to_string())?;
        }
        fs::rename(&self.next, &self.key).with_context(|| self.key.display().to_string())?;
        // Nobody needs it any more; the next rotation makes its own.
        drop(fs::remove_file(&self.request));
        Ok(())
    }
}

/// What is in force of the member's keys.
#[derive(Debug, PartialEq, Eq)]
enum Standing {
    /// The list doesn't name the new request key.
    NotListed,
    /// The roster names a witness key of the member, and not the new one.
    OldWitness,
    InForce,
}

/// Whether the agent can go on with new keys: whether the list names the request key, and the roster no other witness
/// key of the member than `witness`.
fn standing(is_listed: bool, witnesses: &[VerifierKey], witness: &VerifierKey) -> Standing {
    let has_one = witnesses.iter().any(|key| key.name() == witness.name());
    match (is_listed, has_one && !witnesses.contains(witness)) {
        (false, _) => Standing::NotListed,
        (true, true) => Standing::OldWitness,
        (true, false) => Standing::InForce,
    }
}

impl RotateVerb {
    pub(super) fn run(self) -> anyhow::Result<ExitCode> {
        let config = Config::read(&self.config)?;
        let files = Files::beside(&config.key);
        if !files.key.exists() && files.next.exists() && files.old.exists() {
            files.switch()?;
            return Ok(switched(&files));
        }
        let open = |path: &Path| anyhow::Ok(MemberKey::open(path, self.passphrase.of(path)?)?);
        let key = open(&files.key)?;
        if files.old.exists() {
            return self.finish(&config, &files, &key);
        }
        let next = if files.next.exists() {
            open(&files.next)?
        } else {
            let next = MemberKey::generate(key.member().clone(), key.issuer().to_owned(), &mut os_rng())?;
            next.write(&files.next, self.passphrase.of(&files.key)?)?;
            open(&files.next)?
        };
        if !files.request.exists() {
            let rotation = Rotation {
                v: 1,
                member: next.member().clone(),
                issuer: next.issuer().to_owned(),
                public_key: PublicKey::of(next.request_key()),
                witness: next.witness(),
                at: MachineClock.now(),
            };
            let mut text = to_json(&declaration::sign(&rotation, key.request_key()));
            text.push(b'\n');
            create_new::write(&files.request, create_new::PUBLIC, &text)
                .with_context(|| files.request.display().to_string())?;
        }
        let InForce { roster, members, .. } = in_force(&config)?;
        let request = PublicKey::of(next.request_key()).id();
        let is_listed = members.is_some_and(|members| members.of_key(&request).is_some());
        match standing(is_listed, &roster.witnesses.keys, &next.witness()) {
            Standing::NotListed => {
                println!("{}  {}", files.request.display(), zh_en!("请交给秘书处：", "hand it to the secretariat:"));
                println!("  callboard member change {} --rotation FILE --key SEAT.key", key.member());
                println!(
                    "{}",
                    zh_en!(
                        "现行会员单位名单尚未列入新密钥：待列入后再次执行本命令",
                        "the members' list in force does not name the new key yet: run this again once it does"
                    )
                );
                Ok(ExitCode::from(WAITS))
            }
            Standing::OldWitness => {
                println!(
                    "{}",
                    zh_en!(
                        "现行签署权限名单仍列旧的见证密钥：待改列新密钥后再次执行本命令",
                        "the roster in force names the old witness key still: run this again once it names the new one"
                    )
                );
                Ok(ExitCode::from(WAITS))
            }
            Standing::InForce => {
                files.switch()?;
                Ok(switched(&files))
            }
        }
    }

    /// The key before is deleted once no list names it.
    fn finish(&self, config: &Config, files: &Files, key: &MemberKey) -> anyhow::Result<ExitCode> {
        let old = MemberKey::open(&files.old, self.passphrase.of(&files.old)?)?;
        let members = in_force(config)?.members;
        let id = |key: &MemberKey| PublicKey::of(key.request_key()).id();
        let is_listed = |id: &KeyId| members.as_ref().is_some_and(|members| members.of_key(id).is_some());
        if !is_listed(&id(key)) {
            bail!(zh_en!(
                "现行会员单位名单没有列入 {} 中的密钥",
                "the members' list in force does not name the key in {}",
                files.key.display()
            ));
        }
        if is_listed(&id(&old)) {
            println!(
                "{}",
                zh_en!(
                    "现行会员单位名单仍列有旧密钥。请秘书处去除：",
                    "the members' list in force names the old key still. The secretariat drops it:"
                )
            );
            println!("  callboard member change {} --drop-key {} --key SEAT.key", key.member(), id(&old));
            return Ok(ExitCode::from(WAITS));
        }
        fs::remove_file(&files.old).with_context(|| files.old.display().to_string())?;
        println!("{}", zh_en!("{} 已删除：名单不再列有它", "{} is deleted: no list names it", files.old.display()));
        Ok(ExitCode::SUCCESS)
    }
}

fn in_force(config: &Config) -> anyhow::Result<InForce> {
    block_on(async { Ok(InForce::fetch(&http::client()?, &config.url, &config.genesis, MachineClock.now()).await?) })
}

fn switched(files: &Files) -> ExitCode {
    println!(
        "{}",
        zh_en!(
            "{} 中是新密钥；旧密钥在 {}",
            "{} holds the new keys; the old ones are in {}",
            files.key.display(),
            files.old.display()
        )
    );
    println!("{}", zh_en!("请现在重新启动会员端，然后再次执行本命令", "restart the agent now; then run this again"));
    ExitCode::SUCCESS
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_keys_change_places_once_list_and_roster_have_the_new_ones() {
        let key = |id: &str| {
            MemberKey::generate(id.to_owned().try_into().unwrap(), "callboard.test".to_owned(), &mut os_rng()).unwrap()
        };
        let [old, new, other] = [key("alpha"), key("alpha"), key("beta")].map(|key| key.witness());
        let of = |is_listed, witnesses: &[VerifierKey]| standing(is_listed, witnesses, &new);
        assert_eq!(of(false, std::slice::from_ref(&new)), Standing::NotListed);
        assert_eq!(of(true, &[old.clone(), other.clone()]), Standing::OldWitness);
        assert_eq!(of(true, &[new.clone(), other.clone()]), Standing::InForce);
        assert_eq!(of(true, std::slice::from_ref(&other)), Standing::InForce, "its agent is no witness");
    }

    #[test]
    fn a_switch_that_broke_off_is_gone_on_with_and_no_key_is_lost() {
        let directory = tempfile::tempdir().unwrap();
        let files = Files::beside(&directory.path().join("alpha.key"));
        fs::write(&files.key, "old").unwrap();
        fs::write(&files.next, "new").unwrap();
        fs::write(&files.request, "request").unwrap();
        // As if it had died between the two.
        fs::rename(&files.key, &files.old).unwrap();
        assert!(!files.key.exists() && files.next.exists() && files.old.exists(), "this is how it is recognised");
        files.switch().unwrap();
        assert_eq!(fs::read_to_string(&files.key).unwrap(), "new");
        assert_eq!(fs::read_to_string(&files.old).unwrap(), "old");
        assert!(!files.next.exists() && !files.request.exists());
    }
}
