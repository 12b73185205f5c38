//! What the agent stands on: its key, its token, its disk, and the line to registry and token service. A registry that is
//! down, a disk that is full and files that may not be written are each told apart.

use std::{
    fs, io,
    os::unix::fs::{MetadataExt as _, PermissionsExt as _},
    path::Path,
    time::Duration,
};

use callboard_api::registry::public::GET_HEALTH;
use callboard_client::{
    clock::{Clock as _, MachineClock},
    http,
    runtime::error_chain,
};
use jiff::fmt::rfc2822;
use rustix::fs::StatVfsMountFlags;

use super::{Diagnosis, Name, fix, said, verbatim, well};
use crate::{config::Config, file_error::FileError, token};

const KEY: Name = Name("密钥文件", "key file");
const DISK: Name = Name("磁盘", "disk");
const TOKEN: Name = Name("接口口令", "api token");
const CHECKS: Name = Name("查询接口", "checks");
const CLOCK: Name = Name("时钟", "clock");
const SERVICES: [Name; 2] = [Name("登记系统", "registry"), Name("身份代码服务", "token service")];

/// Seconds that the machine's clock may be off: a signed request is taken within 60.
const CLOCK_LEEWAY: i64 = 30;
/// Below this much of free space the agent may soon not log a check, and so not answer it.
const FREE_BYTES: u64 = 1 << 30;
/// How long a service may take to say that it lives.
const PATIENCE: Duration = Duration::from_secs(10);
/// What its owner needs to write a file, and a directory.
const WRITE: u32 = 0o200;
const ENTER: u32 = 0o300;

pub(super) fn key(config: &Config) -> Diagnosis {
    let path = config.key.display();
    match fs::metadata(&config.key) {
        Err(error) => fix(
            KEY,
            verbatim(format!("{path}: {error}")),
            said(
                "将会员单位的密钥文件放到 member.toml 中 `key` 所指的位置",
                "put the member's key file where `key` in member.toml says",
            ),
        ),
        Ok(metadata) if metadata.permissions().mode() & 0o077 != 0 => fix(
            KEY,
            said(format!("{path}：他人可以读取"), format!("{path}: others may read it")),
            said("执行 chmod 600，并查明是谁放宽了权限", "chmod 600 it, and ask who did that"),
        ),
        Ok(_) => well(KEY, verbatim(path.to_string())),
    }
}

pub(super) fn token(config: &Config) -> Diagnosis {
    let path = config.directory.join(token::FILE);
    match token::read_at(&path) {
        Ok(_) => well(TOKEN, verbatim(path.display().to_string())),
        Err(FileError::Io { source, .. }) if source.kind() == io::ErrorKind::NotFound => fix(
            TOKEN,
            said(format!("{} 尚不存在", path.display()), format!("{} isn't there yet", path.display())),
            said(
                "启动会员端即会生成：callboard-agent run",
                "the agent makes it at its first start: callboard-agent run",
            ),
        ),
        Err(FileError::Io { source, .. }) if source.kind() == io::ErrorKind::PermissionDenied => fix(
            TOKEN,
            said(
                format!("{}：当前用户无权读取", path.display()),
                format!("{}: this user may not read it", path.display()),
            ),
            said("请以会员端的运行用户执行本命令", "run this as the user that runs the agent"),
        ),
        Err(error) => fix(
            TOKEN,
            verbatim(error_chain(&error)),
            said("执行 callboard-agent token --rotate 更换访问口令", "make another: callboard-agent token --rotate"),
        ),
    }
}

/// Whether whoever uses this machine may ask about anyone.
pub(super) fn open_checks(config: &Config) -> Option<Diagnosis> {
    config.check_without_token.then(|| {
        fix(
            CHECKS,
            said("check_without_token = true：本机任何用户无需访问口令即可查询", "check_without_token = true: every user of this machine may ask about anyone"),
            said(
                "让平台程序出示访问口令（callboard-agent token），然后将 member.toml 中该项改为 false",
                "have the platform's programs show the token (callboard-agent token), then set it to false in member.toml",
            ),
        )
    })
}

struct DirectoryState {
    /// In bytes.
    free: u64,
    is_read_only: bool,
    /// The first file or directory that its owner may not write, or that another user owns.
    unwritable: Option<String>,
    foreign: Option<String>,
}

fn look(directory: &Path) -> io::Result<DirectoryState> {
    let own = fs::metadata(directory)?;
    let disk = rustix::fs::statvfs(directory)?;
    let name = |path: &Path| path.display().to_string();
    let mut unwritable = (own.mode() & ENTER != ENTER).then(|| name(directory));
    let mut foreign = None;
    for entry in fs::read_dir(directory)? {
        let (path, file) = entry.and_then(|entry| Ok((entry.path(), entry.metadata()?)))?;
        if file.mode() & WRITE == 0 {
            unwritable.get_or_insert_with(|| name(&path));
        }
        if file.uid() != own.uid() {
            foreign.get_or_insert_with(|| name(&path));
        }
    }
    let free = disk.f_bavail.saturating_mul(disk.f_frsize);
    Ok(DirectoryState { free, is_read_only: disk.f_flag.contains(StatVfsMountFlags::RDONLY), unwritable, foreign })
}

pub(super) fn disk(config: &Config) -> Diagnosis {
    judge(&config.directory, look(&config.directory))
}

fn judge(directory: &Path, look: io::Result<DirectoryState>) -> Diagnosis {
    let directory = directory.display();
    let permissions = || {
        said(
            "请将目录及其中文件的所有者改为会员端的运行用户，目录权限 700，文件权限 600",
            "give the directory and what is in it to the user that runs the agent: directories 700, files 600",
        )
    };
    let look = match look {
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            return fix(
                DISK,
                said(format!("{directory} 不存在"), format!("{directory} isn't there")),
                said(
                    "callboard-agent run 会自动建立，前提是有权写入 member.toml 所在目录",
                    "`callboard-agent run` makes it, if it may write beside member.toml",
                ),
            );
        }
        Err(error) if error.kind() == io::ErrorKind::PermissionDenied => {
            let en = format!("{directory}: this user may not look into it");
            return fix(DISK, said(format!("{directory}：当前用户无权查看"), en), permissions());
        }
        Err(error) => {
            let todo = said("检查磁盘和挂载", "see what ails the disk, or its mount");
            return fix(DISK, verbatim(format!("{directory}: {error}")), todo);
        }
        Ok(look) => look,
    };
    if look.is_read_only {
        let todo = said("重新以可写方式挂载", "mount it so that it can be written");
        return fix(
            DISK,
            said(format!("{directory} 以只读方式挂载"), format!("{directory} is mounted read-only")),
            todo,
        );
    }
    if let Some(path) = look.unwritable {
        return fix(
            DISK,
            said(format!("{path}：所有者无权写入"), format!("{path}: its owner may not write it")),
            permissions(),
        );
    }
    if let Some(path) = look.foreign {
        let en = format!("{path} belongs to another user than the directory: was the agent once started as another?");
        return fix(DISK, said(format!("{path} 与目录的所有者不同：是否曾以其他用户启动会员端？"), en), permissions());
    }
    if look.free < FREE_BYTES {
        let free = look.free >> 20;
        let todo = said("请腾出空间：无法记录的查询不予答复", "make room: a check that can't be logged isn't answered");
        return fix(DISK, said(format!("仅余 {free} MiB"), format!("{free} MiB are free")), todo);
    }
    let free = look.free >> 30;
    well(DISK, said(format!("余 {free} GiB"), format!("{free} GiB are free")))
}

/// Whether the services answer, and whether their clock is ours.
pub(super) async fn services(config: &Config) -> anyhow::Result<Vec<Diagnosis>> {
    let client = http::client()?;
    let mut found = Vec::new();
    for (name, address) in SERVICES.into_iter().zip([&config.url, &config.tokens_url]) {
        let asked = client.get(address.at(GET_HEALTH.description.path)).timeout(PATIENCE).send().await;
        let answer = match asked.and_then(reqwest::Response::error_for_status) {
            Ok(answer) => answer,
            Err(error) => {
                found.push(unreached(name, error));
                continue;
            }
        };
        found.push(well(name, verbatim(address.as_str())));
        let date = answer.headers().get("date").and_then(|date| date.to_str().ok());
        let theirs = date.and_then(|date| rfc2822::parse(date).ok()).map(|date| date.timestamp().as_second());
        if let (Some(theirs), "registry") = (theirs, name.1) {
            found.push(clock(MachineClock.now().as_seconds() - theirs));
        }
    }
    Ok(found)
}

/// A service that isn't reached is told as that: nothing of this machine's files is wrong for it.
fn unreached(name: Name, error: reqwest::Error) -> Diagnosis {
    let todo = if let Some(status) = error.status() {
        said(
            format!("对方返回 {status}：如持续如此，请联系其运营方，并检查中间的代理"),
            format!("it answers {status}: if it stays so, call its operator, and look at what stands between"),
        )
    } else {
        said(
            "对方停机或线路不通，与本机磁盘无关：检查 member.toml 中的地址、DNS、防火墙和环境变量中的代理；仍不通则联系其运营方",
            "it is down, or the line to it: check the address in member.toml, DNS, the firewall, and a proxy in the environment; \
             if these are well, call its operator",
        )
    };
    fix(name, verbatim(error_chain(&error.without_url())), todo)
}

fn clock(off: i64) -> Diagnosis {
    let seconds = off.abs();
    let (zh, en) = if off < 0 { ("慢", "behind") } else { ("快", "ahead of") };
    let said_of_it = said(format!("比登记系统{zh} {seconds} 秒"), format!("{seconds} s {en} the registry's"));
    if seconds > CLOCK_LEEWAY {
        let todo = said(
            "请用时间同步服务校准本机时钟：签名请求仅在 60 秒内有效",
            "let a time service set this machine's clock: signed requests are taken within 60 s",
        );
        fix(CLOCK, said_of_it, todo)
    } else {
        well(CLOCK, said_of_it)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said_of(found: &Diagnosis) -> (&str, bool) {
        (found.said.en.as_str(), found.todo.is_some())
    }

    #[test]
    fn a_full_disk_a_read_only_one_wrong_permissions_and_none_at_all_are_told_apart() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path();
        let judged = || judge(path, look(path));
        let of_free = |free| DirectoryState { free, is_read_only: false, unwritable: None, foreign: None };
        assert_eq!(said_of(&judge(path, Ok(of_free(5 << 30)))), ("5 GiB are free", false));
        assert_eq!(said_of(&judge(path, Ok(of_free(7 << 20)))), ("7 MiB are free", true));
        let read_only = judge(path, Ok(DirectoryState { is_read_only: true, ..of_free(5 << 30) }));
        assert!(read_only.said.en.ends_with("is mounted read-only") && read_only.todo.is_some());
        let foreign = judge(path, Ok(DirectoryState { foreign: Some("book.sqlite".to_owned()), ..of_free(5 << 30) }));
        assert!(foreign.said.en.contains("book.sqlite belongs to another user") && foreign.todo.is_some());
        assert!(judge(path, Err(io::Error::from(io::ErrorKind::PermissionDenied))).said.en.contains("may not look"));

        let file = path.join("book.sqlite");
        fs::write(&file, "").unwrap();
        fs::set_permissions(&file, fs::Permissions::from_mode(0o400)).unwrap();
        assert!(judged().said.en.ends_with("book.sqlite: its owner may not write it"), "{:?}", judged().said);
        fs::set_permissions(&file, fs::Permissions::from_mode(0o600)).unwrap();
        fs::set_permissions(path, fs::Permissions::from_mode(0o500)).unwrap();
        assert!(judged().said.en.ends_with("its owner may not write it"), "{:?}", judged().said);
        fs::set_permissions(path, fs::Permissions::from_mode(0o700)).unwrap();
        assert!(judge(&path.join("none"), look(&path.join("none"))).said.en.ends_with("isn't there"));
    }

    #[test]
    fn a_clock_that_is_off_is_told_by_how_much_and_to_which_side() {
        assert_eq!(said_of(&clock(-31)), ("31 s behind the registry's", true));
        assert_eq!(said_of(&clock(30)), ("30 s ahead of the registry's", false));
    }
}
