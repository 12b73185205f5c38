//! What the agent that runs says of the log, and of the services that it asks: view, members' list, witnesses, alarms.

use callboard_api::agent::operating::{
    AgentStatus, AlarmState, FailureSide, GET_STATUS, LogStatus, OtherAgent, UncountedDocket,
};
use callboard_client::http::HttpError;

use super::{Diagnosis, Name, fix, said, verbatim, well};
use crate::cli::asking::AgentClient;

const AGENT: Name = Name("会员端", "agent");
const STORE: Name = Name("会员端存储", "store");
const VIEW: Name = Name("登记视图", "view");
const FEED: Name = Name("登记册跟随", "feed");
const MEMBERSHIP: Name = Name("会员名单", "membership");
const QUORUM: Name = Name("会员见证", "quorum");
const ALARM: Name = Name("警报", "ALARM");
const EVIDENCE: Name = Name("证据文件", "evidence");
const TOKENS: Name = Name("身份代码", "tokens");
const DOCKETS: Name = Name("文书", "dockets");
const SECOND: Name = Name("另一会员端", "second agent");

/// What the agent that runs says of itself, or why it says nothing.
pub(super) async fn status(agent: &AgentClient) -> Result<AgentStatus, Diagnosis> {
    match agent.find(GET_STATUS.with(&(), &(), &())).await {
        Ok(Some(status)) => Ok(status),
        Ok(None) => Err(fix(
            AGENT,
            said("在该地址应答的不是会员端", "what answers there is no agent"),
            said("停止占用该端口的程序，或修改 `listen`", "stop whatever has its port, or change `listen`"),
        )),
        Err(error) => Err(unanswered(&error)),
    }
}

/// An agent that isn't there, one that doesn't answer whoever asks, and one whose files fail are told apart.
fn unanswered(error: &anyhow::Error) -> Diagnosis {
    let told = verbatim(format!("{error:#}"));
    let problem = match error.downcast_ref::<HttpError>() {
        Some(HttpError::Refused { problem, .. }) => problem.kind.rsplit(':').next().unwrap_or_default(),
        _ => "",
    };
    match problem {
        "token-needed" => fix(
            AGENT,
            told,
            said(
                "访问口令与正在运行的会员端不一致：核对 --config 是否为该会员端的配置",
                "the token is another than the agent's that runs: is --config its configuration?",
            ),
        ),
        "foreign-request" => fix(
            AGENT,
            told,
            said(
                "请按会员端监听的地址访问，或在 member.toml 的 `hosts` 中写明",
                "ask it by an address that it listens on, or name that under `hosts` in member.toml",
            ),
        ),
        "unavailable" => fix(
            STORE,
            told,
            said(
                "会员端无法读写自己的文件：按“磁盘”一项处理；登记系统与此无关",
                "the agent can't read or write its own files: see disk; it is none of the registry's",
            ),
        ),
        _ => fix(
            AGENT,
            told,
            said(
                "启动会员端：callboard-agent run，或 ops/systemd 中的单元",
                "start it: callboard-agent run, or its unit in ops/systemd",
            ),
        ),
    }
}

pub(super) fn of(status: &AgentStatus) -> Vec<Diagnosis> {
    let log = &status.log;
    let mut found = vec![view(status)];
    found.extend(followed(log));
    found.push(membership(log));
    found.push(quorum(log));
    for AlarmState { alarm, detail, .. } in &log.alarms {
        let todo = said(
            "联系登记机构和其他会员单位；保留会员端目录原样",
            "call the registry and the other members; keep the agent's directory as it is",
        );
        found.push(fix(ALARM, verbatim(format!("{alarm}: {detail}")), todo));
    }
    found.extend(uncounted(log));
    for file in &log.kept {
        let todo = said(
            "交给其他会员单位和审计人员，之后移出会员端目录",
            "hand it to the other members and to an auditor; then move it out of the agent's directory",
        );
        found.push(fix(EVIDENCE, verbatim(file), todo));
    }
    if let Some(why) = &status.tokens {
        let todo = if status.wrong_token_key {
            said(
                "身份代码服务所用密钥与签署权限名单不符：联系登记机构，其答复一律不予采信",
                "the token service answers with another key than the roster's: call the registry, whatever it told you is no answer",
            )
        } else {
            said(
                "已知人员照常答复；新人员须待身份代码服务恢复，或限额重新起算",
                "known people are answered; new ones when the token service is back, or the quota begins anew",
            )
        };
        found.push(fix(TOKENS, verbatim(why), todo));
    }
    if let Some(OtherAgent { cosigned_at: cosigned, .. }) = log.other_agent {
        let en = format!(
            "another agent cosigned with this member's key at {cosigned}; this one does not cosign, anchor or file receipts"
        );
        let zh = format!("另一会员端于 {cosigned} 以本单位密钥会签；本会员端不会签、不存证、不提交回执");
        let todo = said(
            "每家会员单位只运行一个会员端：停止其中一个，本会员端三分钟后接手",
            "one agent of a member runs: stop one of the two; this one takes over three minutes later",
        );
        found.push(fix(SECOND, said(zh, en), todo));
    }
    found
}

fn view(status: &AgentStatus) -> Diagnosis {
    match &status.stale {
        None => {
            let (entries, since) = (status.log.witnessed, status.log.witnessed_since);
            let entries = entries.map_or_else(|| "null".to_owned(), |entries| entries.to_string());
            let since = since.map_or_else(String::new, |since| since.to_string());
            let en = format!("{entries} entries, witnessed since {since}");
            well(VIEW, said(format!("{entries} 条登记，自 {since} 起经见证"), en))
        }
        Some(why) => fix(
            VIEW,
            verbatim(why),
            said(
                "暂缓准入；登记系统和时钟均正常时，请向登记机构查询为何未经见证",
                "hold admissions; if registry and clock are well, ask the registry why it isn't witnessed",
            ),
        ),
    }
}

/// Why the log wasn't followed the last time: a registry that is down isn't a disk that fails.
fn followed(log: &LogStatus) -> Option<Diagnosis> {
    let why = verbatim(log.failure.as_ref()?);
    Some(match log.failing {
        Some(FailureSide::Store) => fix(
            STORE,
            why,
            said(
                "会员端无法写入自己的文件：按“磁盘”一项处理；登记系统与此无关",
                "the agent can't write its own files: see disk; it is none of the registry's",
            ),
        ),
        Some(FailureSide::Registry) => fix(
            FEED,
            why,
            said(
                "登记系统停机、拒绝或线路不通，与本机磁盘无关：见“登记系统”一项；恢复后自动继续",
                "the registry is down or refuses, or the line to it is: see registry; it goes on by itself. Nothing is wrong with this disk",
            ),
        ),
        Some(FailureSide::Log) | None => fix(
            FEED,
            why,
            said("登记系统所示内容不成立：见“警报”一项", "what the registry shows does not hold: see ALARM"),
        ),
    })
}

fn membership(log: &LogStatus) -> Diagnosis {
    if log.is_member != Some(false) {
        return well(MEMBERSHIP, said("现行会员名单中有本密钥", "the members' list has this key"));
    }
    fix(
        MEMBERSHIP,
        said(
            "现行会员名单中没有本单位，或为另一密钥",
            "the members' list in force has another key of this member, or none",
        ),
        said(
            "将 .pub.json 交给登记机构签署登记：callboard member add",
            "hand your .pub.json to the registry, which signs it in: callboard member add",
        ),
    )
}

fn quorum(log: &LogStatus) -> Diagnosis {
    match log.quorum {
        Some(0) => fix(
            QUORUM,
            said(
                "签署权限名单未要求会员见证，除登记机构外无人担保该视图",
                "the roster asks for no witness: nobody but the registry vouches for the view",
            ),
            said("请登记机构发布要求见证的名单", "ask the registry for a roster with witnesses"),
        ),
        Some(quorum) => {
            let (zh, en) = if log.is_witness {
                ("本单位是其一", "this member is one")
            } else {
                ("本单位不是", "this member is none")
            };
            well(QUORUM, said(format!("须有 {quorum} 家见证；{zh}"), format!("{quorum} witnesses are asked for; {en}")))
        }
        None => fix(
            QUORUM,
            said("尚不知签署权限名单", "no roster is known yet"),
            said("等待跟上登记册；见“登记系统”一项", "wait until the log is followed; see registry"),
        ),
    }
}

/// Dockets in the log that don't count: they have no effect, and a registry logs none.
fn uncounted(log: &LogStatus) -> Option<Diagnosis> {
    if log.uncounted.is_empty() {
        return None;
    }
    let told = |docket: &UncountedDocket| format!("entry {}: {}", docket.index, docket.breaks);
    let told: Vec<String> = log.uncounted.iter().rev().take(3).map(told).collect();
    let (count, told) = (log.uncounted.len(), told.join(", "));
    let todo = said(
        "这些文书在此无效，登记系统本不应登记：请向登记机构和其他会员单位查询来由",
        "they have no effect here; a registry logs none: ask it, and the other members, how they came",
    );
    Some(fix(
        DOCKETS,
        said(format!("登记册中有 {count} 件无效（{told}）"), format!("{count} in the log don't count ({told})")),
        todo,
    ))
}

#[cfg(test)]
mod tests {
    use callboard_client::http::Problem;
    use reqwest::StatusCode;
    use serde_json::json;

    use super::{super::tests, *};

    fn log(but: serde_json::Value) -> LogStatus {
        let mut of = json!({});
        of["log"] = but;
        tests::status(of).log
    }

    #[test]
    fn a_docket_in_the_log_that_does_not_count_needs_a_hand() {
        assert!(uncounted(&log(json!({"uncounted": []}))).is_none());
        let two = json!([{"index": 7, "breaks": "threshold"}, {"index": 9, "breaks": "payload-type"}]);
        let found = uncounted(&log(json!({"uncounted": two}))).unwrap();
        assert_eq!(found.said.en, "2 in the log don't count (entry 9: payload-type, entry 7: threshold)");
        assert!(found.todo.is_some(), "the exit code is 1");
    }

    #[test]
    fn a_registry_that_is_down_is_not_told_as_a_disk_that_fails_nor_the_other_way() {
        let told = |failing: &str| {
            let found = followed(&log(json!({"failure": "it says why", "failing": failing}))).unwrap();
            (found.name.1, found.todo.unwrap().en)
        };
        let (name, todo) = told("registry");
        assert!(name == "feed" && todo.contains("see registry") && todo.contains("Nothing is wrong with this disk"));
        let (name, todo) = told("store");
        assert!(name == "store" && todo.contains("see disk") && todo.contains("none of the registry's"));
        assert!(told("log").1.contains("see ALARM"));
        assert!(followed(&log(json!({"failure": null}))).is_none());
        let refused = |word: &str| {
            let kind = format!("urn:callboard:problem:{word}");
            let problem = Box::new(Problem { kind, title: "it".to_owned(), ..Problem::default() });
            let error = HttpError::Refused { status: StatusCode::SERVICE_UNAVAILABLE, problem, retry_after: None };
            unanswered(&anyhow::Error::new(error).context("the agent at 127.0.0.1:8448"))
        };
        assert_eq!(refused("unavailable").name.1, "store");
        assert!(refused("token-needed").todo.unwrap().en.contains("--config"));
        assert!(refused("foreign-request").todo.unwrap().en.contains("hosts"));
        assert!(unanswered(&anyhow::anyhow!("refused")).todo.unwrap().en.contains("start it"));
    }
}
