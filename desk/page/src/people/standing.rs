//! What stands for a person now: the registry is asked, which sees tags, so that nothing is asked without a click.

use std::sync::Arc;

use axum::{
    extract::{Path, State},
    response::Response,
};
use callboard_client::runtime::os_rng;
use callboard_desk::{
    Error,
    ask::ask as ask_registry,
    letter::{action_word, day_in_words, earlier_record::zone_of, measure_word, scope_word, term::time_text},
    people::search::Hit,
};
use callboard_federation::{
    encoding::{RecordId, Time},
    language::Language,
    standing::Reason,
    zh_en,
};

use super::{
    person_of,
    row::{comma, documents, place_text},
    secretary,
};
use crate::{
    App,
    form::{Form, ONCE},
    page::{failed, go_to, not_found},
    session::Seat,
};

pub(crate) async fn ask(State(app): State<Arc<App>>, Path(record): Path<String>, form: Form) -> Response {
    let Ok(record) = record.parse::<RecordId>() else { return not_found(State(app)).await };
    let _act = app.acting.lock().await;
    let seat = match secretary(&app) {
        Ok(seat) => seat,
        Err(instead) => return *instead,
    };
    let url = format!("/people/record/{record}");
    if app.is_spent(form.get(ONCE)) {
        return go_to(&url);
    }
    match standing(&app, &seat, record).await {
        Ok(said) => {
            app.spend(form.get(ONCE));
            app.recent(|recent| recent.standing = Some((record, said)));
            go_to(&url)
        }
        Err(error) => failed(&app, &error, url),
    }
}

async fn standing(app: &App, seat: &Seat, record: RecordId) -> Result<Vec<String>, Error> {
    let hits = person_of(app, seat, record)?;
    let identities = documents(&hits);
    if identities.is_empty() {
        return Ok(vec![zh_en!("没有证件号码，无法查询", "no identity is known: nothing can be asked")]);
    }
    let caller = seat.caller()?;
    let registry = seat.registry(&caller);
    let proven = ask_registry(&registry, identities, None, &mut os_rng()).await?;
    let (standing, at) = (&proven.standing, time_text(proven.standing.at));
    let (state, action) = (standing.state.words().pick(app.language()), action_word(standing.action, app.language()));
    let mut said = vec![zh_en!("{state}：{action}", "{state}: {action}")];
    said.extend(standing.reasons.iter().map(|reason| reason_text(reason, &hits, app.language())));
    said.push(zh_en!("查询于{at}（北京时间）", "asked {at} (Beijing time)"));
    Ok(said)
}

fn reason_text(reason: &Reason, hits: &[Hit], language: Language) -> String {
    let mut parts = vec![measure_word(reason.measure, None, language)];
    if !reason.scopes.is_empty() {
        let scopes: Vec<String> = reason.scopes.iter().map(|scope| scope_word(scope, language)).collect();
        parts.push(scopes.join(&comma()));
    }
    parts.push(reason.phase.words().pick(language).to_owned());
    // The last day, whole: the instant that is told is the first after it.
    let last = |until: Time| day_in_words(until.plus_millis(-1), &zone_of(None), language);
    parts.extend(reason.until.map(last).map(|day| zh_en!("最后一日为{day}", "the last day is {day}")));
    parts.extend(
        reason
            .probation_until
            .map(last)
            .map(|day| zh_en!("观察期最后一日为{day}", "the last day of probation is {day}")),
    );
    parts.extend(reason.disputed.then(|| zh_en!("有异议", "disputed")));
    parts.extend(reason.soft.then(|| zh_en!("仅凭共用或者曾换手的账号", "by a shared or reused account alone")));
    let own = hits.iter().find(|hit| hit.entry.record == reason.record);
    parts.extend(own.map(place_text));
    parts.join(&zh_en!("，", ", "))
}
