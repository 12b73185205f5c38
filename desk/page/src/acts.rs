//! What the forms of a draft's page do: sign, refuse, ask, reply, withdraw, stop and let go on.
//!
//! Each does what the verb of `callboard drafts` does, by the same code. A form that was sent twice does it once.

use std::sync::Arc;

use axum::{
    extract::{Path, State},
    http::StatusCode,
    response::Response,
};
use callboard_api::registry::drafts::DraftAct;
use callboard_client::runtime::os_rng;
use callboard_desk::{Error, sign::Reading};
use callboard_federation::{encoding::DraftId, zh_en};

use crate::{
    App,
    draft::render,
    form::{Form, ONCE},
    page::{failed, go_to, not_found},
    session::{Seat, Shown, drafts},
    unlock::opened,
    word::word,
};

/// What became of a form.
enum Done {
    Done,
    /// What it lacks.
    Lacks(String),
}

pub(crate) async fn sign(State(app): State<Arc<App>>, Path(draft): Path<String>, form: Form) -> Response {
    let Ok(id) = draft.parse::<DraftId>() else { return not_found(State(app)).await };
    act(&app, id, &form, async |seat| signed(&app, seat, id, &form).await).await
}

pub(crate) async fn answer(
    State(app): State<Arc<App>>,
    Path((draft, said)): Path<(String, String)>,
    form: Form,
) -> Response {
    let is_own = |act: &DraftAct| !matches!(act, DraftAct::Sign | DraftAct::Note | DraftAct::Reseal);
    let Some(said) = DraftAct::from_word(&said).filter(is_own) else {
        return not_found(State(app)).await;
    };
    let Ok(id) = draft.parse::<DraftId>() else { return not_found(State(app)).await };
    act(&app, id, &form, async |seat| answered(seat, id, said, &form).await).await
}

async fn act(app: &App, id: DraftId, form: &Form, done: impl AsyncFnOnce(&Seat) -> Result<Done, Error>) -> Response {
    let _act = app.acting.lock().await;
    let Some(seat) = app.acting_seat() else { return go_to("/") };
    let url = format!("/drafts/{id}");
    if app.is_spent(form.get(ONCE)) {
        return go_to(&url);
    }
    match done(&seat).await {
        Ok(Done::Done) => {
            app.spend(form.get(ONCE));
            go_to(&url)
        }
        Ok(Done::Lacks(what)) => render(app, &seat, id, StatusCode::UNPROCESSABLE_ENTITY, Some((what, form))).await,
        Err(error) => failed(app, &error, url),
    }
}

/// Signs what was shown, as long as it still reads so.
async fn signed(app: &App, seat: &Seat, id: DraftId, form: &Form) -> Result<Done, Error> {
    let lacks = |what: String| Ok(Done::Lacks(what));
    let read_again = || zh_en!("未签署：内容有变化，请重新阅读", "not signed: it reads otherwise now, read it again");
    let Some(shown) = app.shown(id).filter(|shown| shown.word == form.get("reading")) else {
        return lacks(read_again());
    };
    let odd = shown.reading.to_confirm(app.language()).len();
    if !(1..=odd).all(|at| form.has(&format!("seen-{at}"))) {
        return lacks(zh_en!("未签署：请逐项确认", "not signed: confirm each point"));
    }
    let mut typed = Vec::new();
    for (at, record) in (1..).zip(&shown.reading.unnamed) {
        let at: usize = at;
        let end = form.get(&format!("end-{at}")).trim();
        if let Err(error) = Reading::check_end(*record, end) {
            return lacks(error.to_string());
        }
        typed.push(end.to_owned());
    }
    match opened(app, &seat.file, form.get("passphrase")).await {
        Ok(key) if key.public_key() == seat.key.public_key() => {}
        Ok(_) => return lacks(zh_en!("密钥文件已更换：请先锁定", "the key file is another now: lock the desk first")),
        Err(why) => return lacks(why),
    }
    let seat = &app.with_newest_log(seat).await;
    drafts!(seat, drafts);
    let reading = drafts.read(drafts.open(id, &mut os_rng()).await?, &mut os_rng(), |_| {}).await?;
    if !reading.is_as(&shown.reading) {
        app.show(Shown { word: word(), reading: Arc::new(reading), ..shown });
        return lacks(read_again());
    }
    drafts.sign(id, &reading, &typed, &mut os_rng()).await?;
    Ok(Done::Done)
}

async fn answered(seat: &Seat, id: DraftId, said: DraftAct, form: &Form) -> Result<Done, Error> {
    let text = form.get("text").trim();
    let has_text = matches!(said, DraftAct::Refuse | DraftAct::Ask | DraftAct::Reply);
    if has_text && text.is_empty() {
        return Ok(Done::Lacks(zh_en!("请写明内容", "write a text")));
    }
    if said == DraftAct::Withdraw && !form.has("sure") {
        return Ok(Done::Lacks(zh_en!("未撤回：请先确认", "not withdrawn: confirm it first")));
    }
    drafts!(seat, drafts);
    let draft = drafts.show(id, &mut os_rng()).await?;
    // Something else of this seat's may stand by now than its holder was asked about.
    if said == DraftAct::Withdraw && drafts.taken_back(&draft)? != form.get("taken") {
        return Ok(Done::Lacks(zh_en!("未撤回：情况有变化，请重新确认", "not withdrawn: it stands otherwise now")));
    }
    drafts.answer(&draft, said, has_text.then_some(text), &mut os_rng()).await?;
    Ok(Done::Done)
}
