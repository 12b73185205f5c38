//! The command line: one verb, one file. A verb reads its arguments and prints; what is decided is decided elsewhere: at the
//! desk (`callboard_desk`), or by the program of a service, which `beside` starts.

// All that is printed is made visible (`callboard_client::output`): in place of std's macros, so that nobody has to
// remember it.
#[macro_use(eprintln, print, println)]
extern crate callboard_client;

pub mod ask;
pub mod audit;
mod beside;
pub mod case;
pub mod completions;
pub mod draft;
pub mod drafts;
pub mod export;
pub mod filings;
mod hint;
mod identities;
pub mod init;
pub mod keygen;
pub mod letter;
pub mod member;
pub mod openapi;
pub mod passphrase;
pub mod policy;
pub mod propagation;
pub mod report_key;
pub mod reports;
pub mod roster;
mod seat;
pub mod session;
pub mod sign;
pub mod submit;
pub mod verify;
mod words;

use std::{env::args_os, path::Path, process::ExitCode};

use anyhow::Context as _;
use beside::become_program;
use callboard_client::{
    clock::midnight,
    create_new,
    language::{self, LanguageArg},
    runtime::{self, block_on, os_rng},
};
use callboard_sandbox::{SandboxVerb, ServiceVerb, demo::Demo, linked};
use clap::{Parser, Subcommand};
use zeroize::Zeroizing;

/// What `callboard --help` begins with.
const ABOUT: &str = "The streamer warning and reinstatement registry that nobody can forge";

/// A walk through the verbs, under `callboard --help`.
const EXAMPLES: &str = "\
Try it:
  callboard demo --once                        the whole story on this machine, in a minute

A committee begins:
  callboard keygen panel-1 --role panel        each seat makes its own keys, on its own computer
  callboard tokens init tokens --issuer …      another hand makes the token key
  callboard init registry --issuer …           one of them sets the registry up
  callboard member add alpha.pub.json --key …  platforms join as they come

It is told what happened:
  callboard reports --key …                       what members report, opened on this computer; what becomes of it
  callboard report-key new --key …                so that your seat opens what the public reports
  callboard session new --key …                   a link and a code, by which a person reads what is held about them
  callboard filings --key …                       what people filed by such a link, to be answered in writing
  callboard reports enter court … --key …         what a court or an authority decided, or what came on paper

A matter is a case before it is decided:
  callboard case open --policy … --key …          opened, heard, put to the vote, resolved and confirmed
  callboard draft batch.xlsx --case … --key …     what is put to the vote
  callboard case docket … --key …                 what was resolved becomes the docket that is signed

It decides:
  callboard draft batch.xlsx --policy … --key …   names and reasons are sealed, tags derived
  callboard sign batch.bundle --key …             each signer reads the letters on its own computer
  callboard submit batch.bundle *.sig --key …     it is logged, and its proofs are kept
  callboard drafts send batch.bundle --key …      the same without files: to its signers through the registry
  callboard letter batch.bundle --key …           the letters, as they were signed, to print and deliver
  callboard ask --key …                           what holds for a person
  callboard verify batch.proofs/RECORD.json       anyone checks, off line, with one hash

It changes:
  callboard roster                                who may sign, and which panels are left after a recusal
  callboard roster --replace-key panel-1.pub.json --key …
                                                  a lost key's new one; seats, deputies, rules, epochs likewise
  callboard policy draft rules.toml --key …       next year's calendar, other words, a new instrument

It sees that it is carried out:
  callboard propagation DOCKET                    signed, logged, delivered, receipted: with each member
  callboard jobs registry                         when each job last ran, and runs next

It loses its log, or its operator:
  callboard restore registry --from log           what the database lost, from an export or any member's
  callboard succeed registry --pin genesis.json … another operator goes on with the same log, under a roster that
  callboard roster --add-log-key … --key …        names its log key
";

/// What each verb is for, in Chinese; in English it stands beside the verb.
const ABOUTS: [(&str, &str); 31] = [
    ("demo", "在本机演示全过程"),
    ("sandbox", "在本机运行测试环境"),
    ("keygen", "生成签署人或会员单位的密钥"),
    ("passphrase", "更换密钥文件的密码"),
    ("init", "设立登记册：配置、签名密钥和首批待签文件"),
    ("migrate", "把存储的结构升级到本版本"),
    ("serve", "运行登记系统"),
    ("audit", "由叶节点重新推算登记册，指出不符之处"),
    ("export", "把登记册导出为文件"),
    ("restore", "从导出内容恢复存储丢失的条目"),
    ("succeed", "设立数据目录，以新的密钥和地址接手登记册"),
    ("roster", "查看现行签署权限名单，起草下一版"),
    ("policy", "查看、检查和起草规则"),
    ("member", "会员单位加入、变更和退出"),
    ("tokens", "身份代码服务"),
    ("openapi", "输出接口说明（OpenAPI）"),
    ("case", "立案、办案，直至起草文书"),
    ("draft", "起草文书，供签署"),
    ("drafts", "经登记系统送签、答复和提交"),
    ("reports", "办理举报和来件"),
    ("report-key", "建立和核对公众举报所用的密钥"),
    ("session", "向当事人出具查阅链接和验证码"),
    ("filings", "阅读并答复当事人的提交"),
    ("sign", "阅读文书并签署"),
    ("submit", "提交已签署的文书，保存每条记录的证明"),
    ("letter", "打印已登记的文书"),
    ("ask", "查询某人的在效措施"),
    ("verify", "离线核验证明、文书和导出内容"),
    ("propagation", "查看文书的送达与执行进度"),
    ("jobs", "查看定时任务上次和下次的运行时间"),
    ("completions", "输出命令行补全脚本"),
];

#[derive(Parser)]
#[command(name = "callboard", version, about = ABOUT, after_long_help = EXAMPLES, infer_long_args = false)]
struct Cli {
    #[command(flatten)]
    _language: LanguageArg,
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Subcommand)]
enum Verb {
    Demo(Demo),
    Sandbox(SandboxVerb),
    #[command(name = linked::NAME, hide = true)]
    Linked(ServiceVerb),
    Keygen(keygen::Keygen),
    Passphrase(passphrase::PassphraseVerb),
    Init(init::Init),
    #[command(flatten)]
    Registry(callboard_registry::cli::Verb),
    Audit(audit::AuditVerb),
    Export(export::Export),
    Roster(roster::RosterVerb),
    Policy(policy::PolicyVerb),
    Member(member::Member),
    Tokens(callboard_tokens::cli::Tokens),
    Openapi(openapi::Openapi),
    Case(Box<case::CaseVerb>),
    Draft(Box<draft::DraftVerb>),
    Drafts(drafts::DraftsVerb),
    Reports(reports::ReportsVerb),
    ReportKey(report_key::ReportKeyVerb),
    Session(session::SessionVerb),
    Filings(filings::FilingsVerb),
    Sign(sign::Sign),
    Submit(submit::Submit),
    Letter(letter::LetterVerb),
    Ask(ask::Ask),
    Verify(verify::Verify),
    Propagation(propagation::PropagationVerb),
    Completions(completions::Completions),
}

/// Parses the arguments, does what they say, and prints an error with its causes.
pub fn run() -> ExitCode {
    let verb = language::parse::<Cli>(&ABOUTS).verb;
    // The program of a service does so itself, by the umask that this one was started with.
    if !matches!(verb, Verb::Registry(_) | Verb::Tokens(_)) {
        create_new::private_by_default();
    }
    let done = match verb {
        Verb::Demo(demo) => demo.run(),
        Verb::Sandbox(sandbox) => sandbox.run(),
        Verb::Linked(linked) => linked.run(),
        Verb::Registry(_) => become_program("callboard-registry", args_os().skip(1)),
        Verb::Keygen(keygen) => keygen.run(),
        Verb::Passphrase(passphrase) => passphrase.run(),
        Verb::Init(init) => block_on(init.run()),
        Verb::Audit(audit) => audit.run(),
        Verb::Export(export) => export.run(),
        Verb::Roster(roster) => roster.run(),
        Verb::Policy(policy) => policy.run(),
        Verb::Member(member) => member.run(),
        Verb::Tokens(_) => become_program("callboard-tokens", without("tokens")),
        Verb::Openapi(openapi) => openapi.run(),
        Verb::Case(case) => case.run(),
        Verb::Draft(draft) => draft.run(),
        Verb::Drafts(drafts) => drafts.run(),
        Verb::Reports(reports) => reports.run(),
        Verb::ReportKey(report_key) => report_key.run(),
        Verb::Session(session) => session.run(),
        Verb::Filings(filings) => filings.run(),
        Verb::Sign(sign) => sign.run(),
        Verb::Submit(submit) => submit.run(),
        Verb::Letter(letter) => letter.run(),
        Verb::Ask(ask) => ask.run(),
        Verb::Verify(verify) => verify.run(),
        Verb::Propagation(propagation) => propagation.run(),
        Verb::Completions(completions) => completions.run(),
    };
    let hint = done.as_ref().err().and_then(hint::of);
    let code = runtime::end("callboard", done);
    if let Some(hint) = hint {
        eprintln!("{hint}");
    }
    code
}

/// The arguments without a verb, wherever it stands among them.
fn without(verb: &str) -> impl Iterator<Item = std::ffi::OsString> {
    let mut is_passed = false;
    args_os().skip(1).filter(move |argument| is_passed || argument != verb || std::mem::replace(&mut is_passed, true))
}

fn read(path: &Path) -> anyhow::Result<Vec<u8>> {
    std::fs::read(path).with_context(|| path.display().to_string())
}

/// A text that is said to others, which nobody else is to read.
fn read_text(path: &Path) -> anyhow::Result<Zeroizing<String>> {
    Ok(Zeroizing::new(String::from_utf8(read(path)?).with_context(|| path.display().to_string())?))
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    #[test]
    fn every_verb_is_told_in_chinese_too() {
        let command = super::Cli::command();
        let shown = command.get_subcommands().filter(|verb| !verb.is_hide_set());
        let verbs: std::collections::BTreeSet<_> = shown.map(clap::Command::get_name).collect();
        assert_eq!(verbs, super::ABOUTS.iter().map(|(verb, _)| *verb).collect());
    }

    #[test]
    fn the_arguments_of_every_verb_hold_together() {
        super::Cli::command().debug_assert();
    }
}
