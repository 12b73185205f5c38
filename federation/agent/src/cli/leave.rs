//! `callboard-agent leave`: a member that left erases what it had of the registry's, and signs that it did.
//!
//! Once no list names it: until then the agent answers. Erased are the replica, the tag book with its tags and seal keys, the
//! details that were opened, what the hook and receipts were about, and the secrets of both hooks. The log of checks stays, since
//! records of processing are kept for three years; `--checks-too` erases it after that. Each step can be done again.

use std::{
    fs,
    path::{Path, PathBuf},
    process::ExitCode,
};

use anyhow::{Context as _, ensure};
use callboard_client::{
    clock::{Clock as _, MachineClock},
    create_new, http,
    in_force::InForce,
    runtime::block_on,
};
use callboard_federation::{
    declaration::{self, Departure},
    encoding::{PublicKey, to_json},
    zh_en,
};
use callboard_keys::{MemberKey, passphrase::PassphraseSource};

use crate::{config::Config, store::Database};

const EXAMPLES: &str = "\
Example:
  callboard-agent leave --config member.toml
      while a list names the member: alpha.members.json, which shows that it did. The secretariat removes it:
      callboard member remove alpha --key secretary-1.key
  callboard-agent leave --config member.toml --erase alpha
      once no list names it, with the agent stopped: erases, and writes alpha.departure.json
  callboard verify alpha.departure.json --members alpha.members.json

Exit code 2: something else comes first. The key file stays, and its backups are yours to destroy.";

/// Something that others do comes first.
const WAITS: u8 = 2;
/// What is erased of the agent's directory, by how its files' names begin, and what it is called in what is signed.
/// Replicas that were set aside are copies too.
const ERASED: [(&str, &str); 3] =
    [("replica.", "replica"), ("webhook.secret", "webhook secret"), ("hook.secret", "hook secret")];

/// Erase what the member had of the registry's, once it has left, and sign that it did
#[derive(clap::Args)]
#[command(after_long_help = EXAMPLES)]
pub(super) struct LeaveVerb {
    /// The agent's configuration
    #[arg(long, value_name = "FILE", default_value = "member.toml")]
    config: PathBuf,
    #[command(flatten)]
    passphrase: PassphraseSource,
    /// The member's id, typed so that nothing is erased by mistake
    #[arg(long, value_name = "MEMBER")]
    erase: Option<String>,
    /// Erase the log of checks as well: records of processing are kept for three years
    #[arg(long, requires = "erase")]
    checks_too: bool,
}

impl LeaveVerb {
    pub(super) fn run(self) -> anyhow::Result<ExitCode> {
        let config = Config::read(&self.config)?;
        let key = MemberKey::open(&config.key, self.passphrase.of(&config.key)?)?;
        let member = config.member.as_str();
        let beside = |ending: &str| config.key.with_file_name(format!("{member}.{ending}"));
        let in_force = block_on(async {
            Ok(InForce::fetch(&http::client()?, &config.url, &config.genesis, MachineClock.now()).await?)
        })?;
        let id = PublicKey::of(key.request_key()).id();
        let is_listed = in_force.members.as_ref().is_some_and(|members| {
            members.of_key(&id).is_some() || members.members.iter().any(|other| other.member == config.member)
        });
        if is_listed {
            let kept = beside("members.json");
            fs::write(&kept, &in_force.members_file).with_context(|| kept.display().to_string())?;
            let keep = zh_en!("请保存：可证明名单曾列有 {member}", "keep it: it shows that the list named {member}");
            println!("{}  {keep}", kept.display());
            println!(
                "{}",
                zh_en!(
                    "现行会员单位名单仍列有 {member}。请秘书处将其移除：",
                    "the members' list in force names {member}. The secretariat removes it:"
                )
            );
            println!("  callboard member remove {member} --key SEAT.key");
            return Ok(ExitCode::from(WAITS));
        }
        let Some(typed) = &self.erase else {
            println!(
                "{}",
                zh_en!(
                    "名单已不再列有 {member}：请停止会员端，再加 --erase {member}",
                    "no list names {member}: say --erase {member}, with the agent stopped"
                )
            );
            return Ok(ExitCode::from(WAITS));
        };
        ensure!(
            typed == member,
            zh_en!("本单位是 {member}：没有删除任何内容", "the member is {member}: nothing was erased")
        );
        let (erased, kept) = block_on(erase(&config.directory, self.checks_too))?;
        let departure = Departure {
            v: 1,
            member: config.member.clone(),
            issuer: config.issuer.clone(),
            erased,
            kept,
            at: MachineClock.now(),
        };
        let mut text = to_json(&declaration::sign(&departure, key.request_key()));
        text.push(b'\n');
        let path = beside("departure.json");
        if path.exists() {
            println!(
                "{}  {}{}",
                path.display(),
                zh_en!("已经存在；再次删除了：", "stands already; erased again: "),
                named(&departure.erased)
            );
            return Ok(ExitCode::SUCCESS);
        }
        create_new::write(&path, create_new::PUBLIC, &text).with_context(|| path.display().to_string())?;
        println!("{}{}", zh_en!("已删除：", "erased: "), named(&departure.erased));
        if !departure.kept.is_empty() {
            println!(
                "{}",
                zh_en!(
                    "保留：{}，为期三年（{}）",
                    "kept:   {}, for three years ({})",
                    named(&departure.kept),
                    config.directory.display()
                )
            );
        }
        println!("{}  {}", path.display(), zh_en!("请交给秘书处", "hand it to the secretariat"));
        Ok(ExitCode::SUCCESS)
    }
}

/// Gives what is gone and what stays.
async fn erase(directory: &Path, checks_too: bool) -> anyhow::Result<(Vec<String>, Vec<String>)> {
    let lock = fs::File::create(directory.join("lock")).with_context(|| directory.display().to_string())?;
    ensure!(
        lock.try_lock().is_ok(),
        zh_en!("{} 上有会员端在运行：请先停止", "an agent runs on {}: stop it first", directory.display())
    );
    let mut erased = Vec::new();
    for (name, what) in ERASED {
        remove(directory, name)?;
        erased.push(what.to_owned());
    }
    let mut kept = Vec::new();
    erased.push("tag book".to_owned());
    if checks_too {
        remove(directory, "book.")?;
        erased.push("log of checks".to_owned());
    } else if directory.join("book.sqlite").is_file() {
        let book = Database::open_book(directory).await?;
        let done = book.erase_people().await;
        book.close().await;
        done?;
        kept.push("log of checks".to_owned());
    }
    Ok((erased, kept))
}

/// What is signed as erased or kept, in words.
fn named(what: &[String]) -> String {
    let zh = |what: &str| match what {
        "replica" => "登记视图",
        "webhook secret" => "推送密钥",
        "hook secret" => "平台回调密钥",
        "tag book" => "身份代码簿",
        "log of checks" => "查询日志",
        _ => "其他内容",
    };
    zh_en!(("{}", what.iter().map(|what| zh(what)).collect::<Vec<_>>().join("、")), ("{}", what.join(", ")))
}

fn remove(directory: &Path, begins: &str) -> anyhow::Result<()> {
    for entry in fs::read_dir(directory).with_context(|| directory.display().to_string())? {
        let path = entry?.path();
        if path.file_name().is_some_and(|name| name.to_string_lossy().starts_with(begins)) {
            fs::remove_file(&path).with_context(|| path.display().to_string())?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn what_the_member_had_is_gone_and_its_log_of_checks_stays_until_it_is_erased_too() {
        let directory = tempfile::tempdir().unwrap();
        let at = |name: &str| directory.path().join(name);
        let gone =
            ["replica.sqlite", "replica.sqlite-wal", "replica.set-aside-1.sqlite", "webhook.secret", "hook.secret"];
        for name in gone.into_iter().chain(["book.key"]) {
            fs::write(at(name), "secret").unwrap();
        }
        let book = Database::open_book(directory.path()).await.unwrap();
        let planted = "INSERT INTO account VALUES (x'01', x'02', CAST('a sealed account' AS BLOB));
            INSERT INTO batch VALUES (0, 1, x'01', x'01', 0, x'00', CAST('a sealed check' AS BLOB))";
        sqlx::raw_sql(planted).execute(&book.writer).await.unwrap();
        book.close().await;
        let running = fs::File::create(at("lock")).unwrap();
        running.lock().unwrap();
        assert!(erase(directory.path(), false).await.is_err(), "an agent runs");
        assert!(at("hook.secret").exists());
        drop(running);

        let (erased, kept) = erase(directory.path(), false).await.unwrap();
        assert_eq!(erased, ["replica", "webhook secret", "hook secret", "tag book"]);
        assert_eq!(kept, ["log of checks"]);
        for name in gone {
            assert!(!at(name).exists(), "{name}");
        }
        let bytes = fs::read(at("book.sqlite")).unwrap();
        let holds = |planted: &[u8]| bytes.windows(planted.len()).any(|window| window == planted);
        assert!(!holds(b"a sealed account") && holds(b"a sealed check"), "what is deleted is overwritten");
        assert!(at("book.key").exists(), "without it the checks couldn't be shown");
        assert_eq!(erase(directory.path(), false).await.unwrap().1, ["log of checks"], "again");

        let (erased, kept) = erase(directory.path(), true).await.unwrap();
        assert!(erased.contains(&"log of checks".to_owned()) && kept.is_empty());
        assert!(!at("book.sqlite").exists() && !at("book.key").exists());
    }
}
