//! The member's points at the token service: without any, nobody new is answered.

use callboard_api::agent::{checks::Quota, operating::AgentStatus};

use super::{Diagnosis, Name, fix, said, well};

const QUOTA: Name = Name("查询额度", "quota");

/// What is left, as the token service last told today, and when that was.
pub(super) fn of(status: &AgentStatus) -> Option<Diagnosis> {
    let Quota { per_day, left, resets_at, told_at } = status.quota?;
    let [zh, en] = per_day.map_or_else(
        || [String::new(), String::new()],
        |per_day| [format!("每日{per_day}人次，"), format!(" of {per_day} a day")],
    );
    let told = said(
        format!("{zh}尚余{left}人次，至{resets_at}（{told_at}告知）"),
        format!("{left} points{en} are left until {resets_at}, as was told at {told_at}"),
    );
    Some(if left == 0 {
        fix(
            QUOTA,
            told,
            said(
                "届时再查询新的人员；需要更多额度请联系秘书处（callboard member change）",
                "new people are answered after that; ask the secretariat for more a day, or a grant: callboard member change",
            ),
        )
    } else {
        well(QUOTA, told)
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{super::tests::status, of};

    #[test]
    fn a_quota_that_is_spent_needs_a_hand() {
        assert!(of(&status(json!({}))).is_none(), "nothing was told yet");
        let quota = |left: u64| {
            let (midnight, noon) = ("2026-11-26T00:00:00.000Z", "2026-11-25T12:00:00.000Z");
            of(&status(json!({"quota": {"perDay": 10, "left": left, "resetsAt": midnight, "toldAt": noon}}))).unwrap()
        };
        assert!(quota(1).todo.is_none());
        let spent = quota(0);
        assert!(spent.todo.is_some());
        assert_eq!(
            spent.said.en,
            "0 points of 10 a day are left until 2026-11-26T00:00:00.000Z, as was told at 2026-11-25T12:00:00.000Z"
        );
        assert_eq!(spent.said.zh, "每日10人次，尚余0人次，至2026-11-26T00:00:00.000Z（2026-11-25T12:00:00.000Z告知）");
    }
}
