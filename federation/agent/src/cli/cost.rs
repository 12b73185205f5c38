//! What a list will cost, said before any of it is asked.

use std::path::Path;

use callboard_api::agent::{
    OneOrMany,
    checks::{COST, Cost, Quota},
};
use callboard_federation::zh_en;

use super::{asking::AgentClient, bulk::ListArgs};

/// Reads the list once, and says how many of it are new and whether the points that are left reach for them. Of
/// standard input, which is read but once, nothing is said.
pub(super) async fn say(agent: &AgentClient, list: &ListArgs, path: &Path) -> anyhow::Result<()> {
    if path.as_os_str() == "-" {
        return Ok(());
    }
    let mut list = list.open(path)?;
    let mut all = Cost { people: 0, new: 0, points: 0, quota: None };
    loop {
        let part = list.part()?;
        if part.is_empty() {
            break;
        }
        let cost = agent.ask(COST.with(&(), &(), &OneOrMany::many(part))).await?;
        all.people += cost.people;
        all.new += cost.new;
        all.points += cost.points;
        all.quota = cost.quota;
        list.show(zh_en!("已计{}人", "{} counted", all.people));
    }
    list.bar.finish_and_clear();
    eprintln!("{}", summary(&all));
    Ok(())
}

fn summary(cost: &Cost) -> String {
    let Cost { people, new, points, quota } = cost;
    let takes = zh_en!(
        "共{people}人，其中新证件{new}个，占用查询额度{points}人次",
        "{people} people; {new} of their identities are new and take {points} points"
    );
    match quota {
        _ if *points == 0 => {
            zh_en!("共{people}人，均已知：不占用查询额度", "{people} people, all known: they take no points")
        }
        None => zh_en!("{takes}。余额随首次答复告知。", "{takes}. How many are left is told with the first answer."),
        Some(Quota { left, resets_at, .. }) if *left >= *points as u64 => {
            zh_en!("{takes}；尚余{left}人次，至 {resets_at}。", "{takes}; {left} are left until {resets_at}.")
        }
        Some(Quota { left, resets_at, .. }) => zh_en!(
            "{takes}；尚余{left}人次，至 {resets_at}：先答复到用完为止，之后再继续。",
            "{takes}; {left} are left until {resets_at}: the list is answered as far as they reach, and gone on with after that."
        ),
    }
}

#[cfg(test)]
mod tests {
    use callboard_federation::encoding::Time;

    use super::*;

    #[test]
    fn a_list_says_beforehand_what_fits() {
        let midnight = Time::from_seconds(86_400);
        let quota = |left| Some(Quota { per_day: None, left, resets_at: midnight, told_at: midnight });
        let cost = |points, quota| summary(&Cost { people: 10_000, new: points, points, quota });
        assert!(
            cost(10_000, quota(9_999))
                .contains(&format!("9999 are left until {midnight}: the list is answered as far as"))
        );
        assert!(cost(9_999, quota(9_999)).ends_with(&format!("9999 are left until {midnight}.")));
        assert!(cost(0, None).contains("all known"));
        assert!(cost(1, None).ends_with("with the first answer."));
    }
}
