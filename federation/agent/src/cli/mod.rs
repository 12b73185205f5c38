//! The command line: one verb, one file. `run` is the agent; every other verb asks the agent that runs, over its API, since
//! its directory is one process's alone.

mod asking;
mod bulk;
mod check;
mod column;
mod completions;
mod cost;
mod declare;
mod doctor;
mod endpoint;
mod enrol;
mod enterprises;
mod export;
mod forget;
mod hook;
mod identity_requests;
mod leave;
mod open_blind;
mod openapi;
mod output;
mod prove;
mod receipt;
mod receipts;
mod refs;
mod replace;
mod report;
mod reports;
mod rotate;
mod run;
mod sheet;
mod status;
mod text_file;
mod token;

use std::process::ExitCode;

use callboard_client::{
    create_new,
    language::{self, LanguageArg},
    runtime,
};
use callboard_federation::language::Phrase;
use clap::{Parser, Subcommand};

/// A walk through the verbs, under `callboard-agent --help`.
const EXAMPLES: &str = "\
A platform begins, with the member.toml that `callboard member add` wrote:
  callboard-agent run --config member.toml          follows the log, verifies it, answers on this machine
  callboard-agent doctor                            what is wrong, if anything is, and what to do

It asks before it onboards:
  callboard-agent check --ref host-1                one person: the identity is asked for, and not shown
  callboard-agent check applicants.csv --out answers.csv
  curl -H \"authorization: Bearer $(callboard-agent token)\" http://127.0.0.1:8448/check …
                                                    as programs ask; the API is at /docs

It is pushed what is decided, and says that it acted:
  callboard-agent endpoint create https://hooks.alpha.example/callboard
  callboard-agent hook test                         whether a call arrives
  callboard-agent receipt DOCKET --outcome partly --exception RECORD=REASON
  callboard-agent receipts --owed                   what it still owes

It brings violations before the committee, and answers what it is asked:
  callboard-agent report --code NB-11 --place speech --account host-1 --from '2026-11-20 20:00' --to '2026-11-20 20:40' …
  callboard-agent reports                           what became of them
  callboard-agent identity-requests                 whose accounts the secretariat asks for
  callboard-agent declare 2026-Q3 --bans 57         its own permanent bans, which everyone sees beside its reports

It keeps its people known, and proves that it asked:
  callboard-agent enrol hosts.csv                   afterwards they cost no token, and the hook is told what changes
  callboard-agent refs                              who of them isn't allowed, without a number being sent again
  callboard-agent hook secret                       what calls to the hook are signed with
  callboard-agent prove --check ID --out proof.json
  callboard-agent replace host-1                    another person has the account now
  callboard-agent forget host-1

It changes its keys, and leaves:
  callboard-agent rotate                            new keys, step by step, asked for under the old ones
  callboard-agent leave                             erases what it had of the registry's, and signs that it did

It holds the whole log, and brings it back to a registry that lost it:
  callboard-agent export log                        for `callboard restore`, or an auditor";

/// What is wrong with an answer that can't be read.
const ANSWER: Phrase = Phrase::new("会员端的答复", "the agent's answer");
/// Something else than an agent of this version answers.
const NO_AGENT: Phrase =
    Phrase::new("在该地址应答的不是本版本的会员端", "what answers there is no agent of this version");

/// What each verb is for, in Chinese; in English it stands beside the verb.
const ABOUTS: [(&str, &str); 25] = [
    ("run", "运行会员端：跟随并核验登记册，在本机答复查询"),
    ("check", "查询某人或名单上的人能否准入"),
    ("enrol", "把名单上的人列入身份代码簿，不作决定"),
    ("export", "把登记册导出为文件，供恢复或审计"),
    ("refs", "按现在查询的结果列出本平台的人"),
    ("forget", "移除账号，此后不再就其通知平台"),
    ("replace", "说明账号已换人，或者同一人更正了号码"),
    ("hook", "平台回调：验证密钥、测试、报告完成"),
    ("endpoint", "推送地址：新建、查看、测试、暂停、更换密钥、重发和删除"),
    ("receipt", "说明文书在本平台已执行、部分执行或未执行"),
    ("receipts", "列出已提交和尚欠的回执"),
    ("report", "向委员会举报违规，或者报告某记录并非本人"),
    ("reports", "列出已提交的报告，答复秘书处的提问"),
    ("identity-requests", "列出秘书处查询的账号，并予答复"),
    ("declare", "申报本平台一个季度自行作出的永久封禁数目，或列出已申报的"),
    ("enterprises", "列出对企业在效的措施（联合抵制）"),
    ("prove", "证明某一次查询，不显示其他查询"),
    ("open-blind", "向审计人员打开某账号查询的盲化值"),
    ("status", "查看会员端的跟随情况和问题"),
    ("token", "输出接口口令"),
    ("doctor", "检查有什么问题，以及如何处理"),
    ("rotate", "逐步更换密钥"),
    ("leave", "退出后删除所存内容，并签署声明"),
    ("openapi", "输出接口说明（OpenAPI）"),
    ("completions", "输出命令行补全脚本"),
];

#[derive(Parser)]
#[command(
    name = "callboard-agent",
    version,
    about = "Answers on a platform's own machine whether a streamer may be onboarded",
    after_long_help = EXAMPLES,
    infer_long_args = false
)]
struct Cli {
    #[command(flatten)]
    _language: LanguageArg,
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Subcommand)]
enum Verb {
    Run(run::RunVerb),
    Check(check::CheckVerb),
    Enrol(enrol::EnrolVerb),
    Export(export::ExportVerb),
    Refs(refs::RefsVerb),
    Forget(forget::ForgetVerb),
    Replace(replace::ReplaceVerb),
    Hook(hook::Hook),
    Endpoint(endpoint::Endpoint),
    Receipt(receipt::ReceiptVerb),
    Receipts(receipts::ReceiptsVerb),
    Report(Box<report::ReportVerb>),
    Reports(reports::ReportsVerb),
    IdentityRequests(identity_requests::IdentityRequestsVerb),
    Declare(declare::DeclareVerb),
    Enterprises(enterprises::EnterprisesVerb),
    Prove(prove::ProveVerb),
    OpenBlind(open_blind::OpenBlindVerb),
    Status(status::StatusVerb),
    Token(token::TokenVerb),
    Doctor(doctor::Doctor),
    Rotate(rotate::RotateVerb),
    Leave(leave::LeaveVerb),
    Openapi(openapi::Openapi),
    Completions(completions::Completions),
}

/// Parses the arguments, does what they say, and prints an error with its causes.
pub fn run() -> ExitCode {
    create_new::private_by_default();
    runtime::end(
        "callboard-agent",
        match language::parse::<Cli>(&ABOUTS).verb {
            Verb::Run(run) => run.run(),
            Verb::Check(check) => check.run(),
            Verb::Enrol(enrol) => enrol.run(),
            Verb::Export(export) => export.run(),
            Verb::Refs(refs) => refs.run(),
            Verb::Forget(forget) => forget.run(),
            Verb::Replace(replace) => replace.run(),
            Verb::Hook(hook) => hook.run(),
            Verb::Endpoint(endpoint) => endpoint.run(),
            Verb::Receipt(receipt) => receipt.run(),
            Verb::Receipts(receipts) => receipts.run(),
            Verb::Report(report) => report.run(),
            Verb::Reports(reports) => reports.run(),
            Verb::IdentityRequests(asked) => asked.run(),
            Verb::Declare(declare) => declare.run(),
            Verb::Enterprises(enterprises) => enterprises.run(),
            Verb::Prove(prove) => prove.run(),
            Verb::OpenBlind(open_blind) => open_blind.run(),
            Verb::Status(status) => status.run(),
            Verb::Token(token) => token.run(),
            Verb::Doctor(doctor) => doctor.run(),
            Verb::Rotate(rotate) => rotate.run(),
            Verb::Leave(leave) => leave.run(),
            Verb::Openapi(openapi) => openapi.run(),
            Verb::Completions(completions) => completions.run(),
        },
    )
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    #[test]
    fn every_verb_is_told_in_chinese_too() {
        let command = super::Cli::command();
        let verbs: Vec<_> = command.get_subcommands().map(clap::Command::get_name).collect();
        assert_eq!(verbs, super::ABOUTS.map(|(verb, _)| verb));
    }

    #[test]
    fn the_arguments_of_every_verb_hold_together() {
        super::Cli::command().debug_assert();
    }
}
