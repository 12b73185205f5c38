//! What stands already for the people of a docket, told to whoever drafts it; and what a reversal would leave.

use std::io::IsTerminal as _;

use callboard_client::{output, terminal};
use callboard_desk::{
    bundle::Bundle,
    language::Language,
    letter::{
        earlier_record::{completeness, listed_line, zone_of},
        shown,
    },
    measures::{self, DocketReversals, Policies},
    registry::Registry,
};
use callboard_federation::{encoding::RecordId, sealed::Plain, standing::Action, statement::Statement, zh_en};

use crate::os_rng;

/// Tells what stands for the person of each statement; `rows` are those of the docket's last statements.
pub(super) async fn tell(registry: &Registry<'_>, bundle: &Bundle, rows: &[u32]) -> anyhow::Result<()> {
    let language = Language::spoken();
    let mut policies = Policies::new();
    let (statements, stands) = measures::of_bundle(registry, bundle, &mut policies, &mut os_rng()).await?;
    let taken = DocketReversals::by(&statements);
    let before_rows = statements.len().saturating_sub(rows.len());
    for (at, (statement, stands)) in statements.iter().zip(&stands).enumerate() {
        let row = at.checked_sub(before_rows).and_then(|at| rows.get(at)).copied();
        let place = place(bundle, at, row);
        for also in &stands.also {
            let row = also.checked_sub(before_rows).and_then(|at| rows.get(at)).copied();
            let other = self::place(bundle, *also, row);
            say(&place, &zh_en!("同一当事人：{other}", "the same person as {other}"));
        }
        let takes_back = measures::takes_back(statement.kind());
        for listed in &stands.listed {
            let what = match (takes_back, taken.names(listed.record)) {
                // What it is about is what the drafter named.
                (_, true) => continue,
                (true, false) => language.pick("本文书生效后仍有：", "still stands afterwards: "),
                (false, false) => language.pick("此人已有措施：", "already listed: "),
            };
            let text = listed_line(listed, policies.get(&listed.policy), language);
            say(&place, &format!("{what}{text}"));
        }
        if takes_back && measures::strictest(taken.left(&stands.listed)) == Action::Allow {
            say(&place, &zh_en!("本文书生效后此人再无其他措施", "nothing else stands against the person"));
        }
    }
    if let Some(stands) = stands.first() {
        let completeness = completeness(stands.reach, &zone_of(None), language);
        println!("  {}", zh_en!("查询依据：{completeness}", "asked of: {completeness}"));
    }
    Ok(())
}

/// What a reversal would leave of the person's measures, if whoever drafts wants it named too; elsewhere than at a terminal
/// nobody is asked, and what is left is told.
pub(super) async fn offered(registry: &Registry<'_>, bundle: &Bundle) -> anyhow::Result<Vec<RecordId>> {
    let language = Language::spoken();
    let mut policies = Policies::new();
    let (statements, stands) = measures::of_bundle(registry, bundle, &mut policies, &mut os_rng()).await?;
    let taken = DocketReversals::by(&statements);
    let mut more = Vec::new();
    for (statement, stands) in statements.iter().zip(&stands) {
        let left = taken.left(&stands.listed);
        let may_be_named: Vec<_> =
            left.into_iter().filter(|listed| is_nameable(statement, listed.record, &more)).collect();
        if may_be_named.is_empty() {
            continue;
        }
        for listed in &may_be_named {
            let text = listed_line(listed, policies.get(&listed.policy), language);
            output::warn(text);
        }
        let records: Vec<String> = may_be_named.iter().map(|listed| listed.record.to_string()).collect();
        if std::io::stdin().is_terminal() {
            let question = language.pick("以上措施仍将有效。一并列入本文书？", "This would still stand. Name it too?");
            if terminal::agrees(question)? {
                more.extend(may_be_named.iter().map(|listed| listed.record));
            }
        } else {
            let said = language
                .pick("以上措施仍将有效；如应一并列入，请加上：", "this would still stand; to name it too, add: ");
            output::warn(format_args!("{said}{}", records.join(" ")));
        }
    }
    Ok(more)
}

/// Whether such a statement could name the record too: what stands is a ruling or an interim.
fn is_nameable(statement: &Statement, record: RecordId, named: &[RecordId]) -> bool {
    use callboard_federation::statement::Kind;
    matches!(statement.kind(), Kind::Annulment | Kind::Stay | Kind::Reinstatement) && !named.contains(&record)
}

/// Where in the docket, and of whom.
fn place(bundle: &Bundle, at: usize, row: Option<u32>) -> String {
    let plain = bundle.items().get(at).and_then(|item| item.plain.clone());
    let names = plain.and_then(|plain| serde_json::from_value::<Plain>(plain).ok()).unwrap_or_default().names;
    let names = names.join(&zh_en!("、", ", "));
    let of = if names.is_empty() { String::new() } else { format!(" {names}") };
    match row {
        Some(row) => zh_en!("第{row}行{of}", "row {row}{of}"),
        None => zh_en!("第{number}项{of}", "item {number}{of}", number = at + 1),
    }
}

fn say(place: &str, text: &str) {
    output::line([output::yellow(shown(&zh_en!("  {place}：{text}", "  {place}: {text}")))]);
}
