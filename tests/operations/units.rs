//! A first start with the units, by the lines of `docs/operating.md` as they are written, where no systemd runs.
//!
//! A copy of this machine's `/etc`, and an empty `/var/lib` and `/srv`, are laid over the machine's own in a namespace of
//! the test. systemd takes each unit without a word. What it starts is started by hand: as its user, under its umask,
//! without capabilities, with nothing but its own directory to write to. Its filters of system calls are not tried.

use std::{fs, path::Path, process::Command};

use crate::{sandbox, stage, walking::walk};

const MANUAL: &str = include_str!("../../docs/operating.md");

/// What the lines find on the machine. `sudo` and `systemctl` are functions here.
const MACHINE: &str = r#"
cp -a /etc/. laid/etc
for place in etc:/etc lib:/var/lib srv:/srv programs:/usr/local/bin; do
    mount --bind "laid/${place%%:*}" "${place#*:}"
done
cp "$units"/*.service /etc/systemd/system/
export PATH=/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
systemd-analyze verify --man=no --recursive-errors=no /etc/systemd/system/callboard*.service 2> verified.txt
if [ -s verified.txt ]; then cat verified.txt; exit 1; fi
sudo() { if [ "$1" = -u ]; then runuser -u "$2" -- "${@:3}"; else "$@"; fi; }
systemctl() { if [ "$1" = enable ]; then start "$3"; fi; }
start() {
    local unit="/etc/systemd/system/$1.service" user line
    said() { sed -n "s/^$1=//p" "$unit"; }
    user=$(said User) line=$(said ExecStart | sed "s|%d|/var/lib/credentials|")
    [ "$(said UMask)" = 0077 ]
    if [ -n "$(said LoadCredentialEncrypted)" ]; then
        install -d -o "$user" -m 0500 /var/lib/credentials
        systemd-creds decrypt --name=passphrase /etc/credstore.encrypted/passphrase /var/lib/credentials/passphrase
        chown "$user" /var/lib/credentials/passphrase
    fi
    unshare --mount --propagation private sh -euc '
        own=$1 user=$2; shift 2
        mount --bind "$own" "$own"
        mount -t tmpfs tmpfs /tmp
        for place in / /etc /usr/local/bin /var/lib; do mount -o remount,bind,ro "$place"; done
        cd /
        umask 0077
        exec setpriv --reuid "$user" --regid "$user" --clear-groups --no-new-privs --bounding-set=-all --inh-caps=-all \
            env -i PATH=/usr/bin "$@"
    ' sh "/var/lib/$(said StateDirectory)" "$user" $line 2> "$1.log" &
    eval "${1//-/_}=\$!"
}
"#;

/// The seats sign, and one of them submits.
const SIGNED: &str = r#"
cp /var/lib/callboard/genesis.json /var/lib/callboard/*.bundle .
export CALLBOARD_PASSPHRASE=sandbox CALLBOARD_PIN=genesis.json
for seat in panel-1 chair-1; do callboard sign ./*.bundle --key "$seat.key" --yes > letters.txt; done
for docket in genesis policies members; do
    callboard submit "$docket.bundle" "$docket".*.sig --key secretary-1.key --wait 0
done
"#;

/// Whatever is there is its user's alone, and each service ends when it is told to.
const ENDED: &str = r#"
for user in callboard callboard-tokens callboard-agent; do
    find "/var/lib/$user" \( -not -user "$user" -o -perm /077 -not -name '*.pub.json' -not -name genesis.json \
        -not -name log.vkey \) > open.txt
    sed 's/^/OPEN /' open.txt
done
kill "$callboard" "$callboard_tokens" "$callboard_agent"
wait "$callboard" "$callboard_tokens" "$callboard_agent"
echo 'each ended when it was told to'
"#;

fn is_possible() -> bool {
    let works = |program: &str, arguments: &[&str]| {
        Command::new(program).args(arguments).output().is_ok_and(|output| output.status.success())
    };
    rustix::process::geteuid().is_root()
        && works("unshare", &["--mount", "--propagation", "private", "mount", "-t", "tmpfs", "tmpfs", "/mnt"])
        && works("systemd-creds", &["--version"])
}

/// The lines of a first start.
fn lines() -> String {
    let (_, rest) = MANUAL.split_once("## First start\n").unwrap();
    let section = rest.split("\n## ").next().unwrap();
    let blocks = section.split("```sh\n").skip(1).map(|rest| rest.split_once("```").unwrap().0);
    let typed: Vec<&str> = blocks.flat_map(str::lines).map(|line| line.strip_prefix("   ").unwrap_or(line)).collect();
    typed.join("\n")
}

#[test]
fn a_first_start_with_the_units_works_as_it_is_written() {
    if !is_possible() {
        eprintln!("the units are left out: it takes root, namespaces of mounts and systemd's programs");
        return;
    }
    let temporary = tempfile::tempdir().unwrap();
    let dir = temporary.path().join("machine");
    for made in ["laid/etc", "laid/lib", "laid/srv/public"] {
        fs::create_dir_all(dir.join(made)).unwrap();
    }
    std::os::unix::fs::symlink(sandbox::programs::programs(), dir.join("laid/programs")).unwrap();
    stage::make_keys(&dir);
    for entry in fs::read_dir(&dir).unwrap() {
        let path = entry.unwrap().path();
        if path.display().to_string().ends_with(".pub.json") {
            fs::copy(&path, dir.join("laid/srv/public").join(path.file_name().unwrap())).unwrap();
        }
    }
    let port = sandbox::ports::free_ports(5);
    let [registry, tokens, agent, metrics, other_metrics] =
        [0, 1, 2, 3, 4].map(|more| format!("127.0.0.1:{}", port + more));
    let mut lines = lines();
    for (written, becomes) in [
        ("https://callboard.example", format!("http://{registry}")),
        ("https://tokens.callboard.example", format!("http://{tokens}")),
        ("127.0.0.1:8440", registry.clone()),
        ("127.0.0.1:8441", tokens.clone()),
        ("curl -sf", "curl -sf --retry 60 --retry-delay 1 --retry-connrefused --retry-all-errors".to_owned()),
        // The hook is missing, which it says.
        ("callboard-agent doctor --config /var/lib/callboard-agent/member.toml", "$0 || [ $? = 1 ]".to_owned()),
    ] {
        assert!(lines.contains(written), "{written}");
        lines = lines.replace(written, &becomes.replace("$0", written));
    }
    for (before, line, more) in [
        (
            false,
            "sudo -u callboard-tokens callboard tokens init",
            "cp /var/lib/callboard-tokens/epoch-1.pub.json /srv/public/".to_owned(),
        ),
        (
            true,
            "sudo systemctl daemon-reload",
            format!("sed -i 's/127.0.0.1:9440/{metrics}/' /var/lib/callboard/callboard.toml"),
        ),
        (false, "readyz", SIGNED.to_owned()),
        (
            true,
            "sudo systemctl enable --now callboard-tokens",
            format!(
                "sed -i 's/127.0.0.1:9441/{other_metrics}/; s/127.0.0.1:8441/{tokens}/' /var/lib/callboard-tokens/tokens.toml"
            ),
        ),
        (
            true,
            "sudo install -o callboard-agent",
            format!("sed 's/127.0.0.1:8448/{agent}/' /var/lib/callboard/alpha/member.toml > member.toml"),
        ),
        (true, "sudo systemd-creds", "printf sandbox | \\".to_owned()),
        (
            false,
            "sudo systemctl enable --now callboard-agent",
            format!("curl -sf --retry 60 --retry-delay 1 --retry-connrefused --retry-all-errors http://{agent}/readyz"),
        ),
    ] {
        lines = beside(&lines, before, line, &more);
    }
    fs::write(dir.join("typed.sh"), [MACHINE, &lines, ENDED].join("\n")).unwrap();
    let units = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../ops/systemd"));
    let script = format!(
        "export units='{}'\nunshare --mount --propagation private bash -euxo pipefail typed.sh",
        units.display()
    );
    let printed = walk(&dir, sandbox::programs::programs(), &script).unwrap_or_else(|printed| {
        let log = |name: &str| fs::read_to_string(dir.join(format!("{name}.log"))).unwrap_or_default();
        panic!("{printed}\n{}", ["callboard", "callboard-tokens", "callboard-agent"].map(log).join("\n---\n"))
    });
    assert!(printed.contains("each ended when it was told to"), "{printed}");
    let open: Vec<&str> = printed.lines().filter(|line| line.starts_with("OPEN ")).collect();
    assert!(open.is_empty(), "{}", open.join("\n"));
}

/// The script with more before or after the first command that has these words, its further lines included.
fn beside(script: &str, before: bool, words: &str, more: &str) -> String {
    let lines: Vec<&str> = script.lines().collect();
    let first = lines.iter().position(|line| line.contains(words)).unwrap_or_else(|| panic!("{words} is missing"));
    let last = first + lines[first..].iter().position(|line| !line.ends_with('\\')).unwrap();
    let at = if before { first } else { last + 1 };
    [&lines[..at], &[more], &lines[at..]].concat().join("\n")
}
