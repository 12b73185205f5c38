//! Files are their owner's alone (0600), directories too (0700), whatever the umask is; what is handed to others excepted.

use crate::stage::{STAGE, walk};

/// What else writes files: a key, a sheet's answers, exports, proofs, a copy of the log.
const MORE: &str = r#"
CALLBOARD_PASSPHRASE='correct horse' callboard keygen panel-9 --role panel --out made/keys
callboard draft --template made.csv
printf 'ref,kind,identity\nhost-7,cn-id,100000198001150001\n' > people.csv
callboard-agent check people.csv --out answers.csv --config alpha/member.toml || true
callboard-agent export log --config alpha/member.toml
callboard verify "$(ls first.proofs/*.json | head -n 1)" > verified.txt || true
"#;

/// Names whatever is open to others, but what the shell wrote (its redirections, `mkdir` and `cp`), and what is to be handed over.
const NAMED: &str = r"
open_to_others() {
    find registry tokens alpha export log first.proofs batch.proofs made ./*.bundle ./answers.csv -perm /077 -not \( \
        -path alpha -o -name member.toml -o -name '*.pub.json' -o -name genesis.json -o -name '*.sig' \)
}
open_to_others > open.txt
sed 's/^/OPEN /' open.txt
find registry tokens alpha -type f | sed 's/^/WROTE /'
";

/// A database that an older program left open is closed when it is opened again.
const MENDED: &str = r#"
kill "$registry" "$tokens" "$agent"
wait "$registry" "$tokens" "$agent" || true
chmod a+rw registry/registry.sqlite* tokens/tokens.sqlite* alpha/agent/*.sqlite*
callboard serve registry 2>> registry.log &
registry=$!
ready http://127.0.0.1:8440
callboard tokens serve tokens 2>> tokens.log &
ready http://127.0.0.1:8441
callboard-agent run --config alpha/member.toml --passphrase-file passphrase.txt 2>> agent.log &
ready http://127.0.0.1:8448
open_to_others > open.txt
sed 's/^/STILL OPEN /' open.txt
echo 'all of it was looked at'
"#;

fn under(umask: &str) {
    let printed = walk(&format!("umask {umask}\n{}", [STAGE, MORE, NAMED, MENDED].join("\n")));
    let open: Vec<&str> = printed.lines().filter(|line| line.contains("OPEN ") && !line.contains("sed")).collect();
    assert!(open.is_empty(), "under umask {umask}: {}", open.join("\n"));
    for wrote in [
        "registry/registry.sqlite",
        "registry/registry.sqlite-wal",
        "registry/registry.sqlite.lock",
        "registry/signed.note",
        "registry/callboard.toml",
        "tokens/tokens.sqlite",
        "tokens/tokens.sqlite-wal",
        "tokens/epoch-1.seed",
        "tokens/tokens.toml",
        "alpha/agent/book.sqlite-wal",
        "alpha/agent/replica.sqlite",
        "alpha/agent/book.key",
    ] {
        assert!(printed.lines().any(|line| line == format!("WROTE {wrote}")), "{wrote} was not looked at:\n{printed}");
    }
    assert!(printed.contains("all of it was looked at"), "{printed}");
}

#[test]
fn whatever_the_programs_write_is_their_owner_s_alone_under_umask_022() {
    under("022");
}

#[test]
fn whatever_the_programs_write_is_their_owner_s_alone_under_umask_000() {
    under("000");
}
