//! What is put to the vote, letter by letter; and the docket that is made of what was resolved, sent to be signed.

use std::sync::Arc;

use askama::Template;
use axum::{
    extract::{Path, State},
    http::StatusCode,
    response::Response,
};
use callboard_client::{
    runtime::os_rng,
    visible::{Visible, indented},
};
use callboard_desk::{
    Error,
    bundle::Bundle,
    cases::{
        Cases,
        proposal::{drafts_of, items_to_add, proposal_in, resolution},
    },
    draft::resolved::Resolved,
    drafter::{Drafter, Heading},
    drafts::Drafts,
    registry::Registry,
    sign::Reading,
    signing::oddity::headline,
};
use callboard_federation::{
    encoding::{CaseId, DraftId, Hash},
    zh_en,
};

use super::{
    cases,
    known::{self, look_at_proposals},
    one::render,
    seated,
};
use crate::{
    App,
    form::{Form, ONCE},
    page::{Frame, failed, go_to, not_found, page},
    people::secretary,
    session::Seat,
};

#[derive(Template)]
#[template(path = "cases/proposal.html")]
struct ProposalPage {
    f: Frame,
    url: String,
    name: String,
    label: String,
    headline: Option<String>,
    letters: Vec<(u32, String, String)>,
    publication: Option<(String, String)>,
}

pub(super) async fn show(State(app): State<Arc<App>>, Path((case, draft)): Path<(String, String)>) -> Response {
    let seat = match seated(&app) {
        Ok(seat) => seat,
        Err(instead) => return *instead,
    };
    let (Ok(case), Ok(draft)) = (case.parse::<CaseId>(), draft.parse::<DraftId>()) else {
        return not_found(State(app)).await;
    };
    match shown(&app, &seat, case, draft).await {
        Ok(shown) => page(StatusCode::OK, &shown),
        Err(error) => failed(&app, &error, format!("/cases/{case}")),
    }
}

async fn shown(app: &App, seat: &Seat, case: CaseId, draft: DraftId) -> Result<ProposalPage, Error> {
    let seat = &app.with_newest_log(seat).await;
    cases!(app, seat, cases, registry);
    let read = known::read(app, &cases, case).await?;
    look_at_proposals(app, seat, &registry).await?;
    let opened = Drafts::begin(&registry, &seat.key).await?.open(draft, &mut os_rng()).await?;
    let items = proposal_in(&opened.bundle, case)?.items.clone();
    let reading = Reading::of_proposal(opened.bundle, &registry, &mut os_rng(), |_| {}).await?;
    let label = app.proposals_in(case).into_iter().find(|of| of.draft == draft).map(|of| of.label.clone());
    let language = app.language();
    let whose = |at: usize| reading.outlines().get(at).map(|outline| Visible(&outline.whose).to_string());
    let letters = reading.pages().iter().zip(items).enumerate();
    let letters = letters.map(|(at, (letter, item))| (item, whose(at).unwrap_or_default(), letter.clone()));
    Ok(ProposalPage {
        f: Frame::of(app),
        url: format!("/cases/{case}"),
        name: Visible(&read.name()).to_string(),
        label: label.unwrap_or_default(),
        headline: (!reading.outlines().is_empty()).then(|| headline(reading.outlines(), language)),
        letters: letters.collect(),
        publication: reading.publication().map(|public| (indented(&public.zh), indented(&public.en))),
    })
}

/// Adds the items that the case lacks, and sends what is put to the vote to the seats.
pub(crate) async fn propose(
    app: &App,
    seat: &Seat,
    (cases, registry): (&Cases<'_>, &Registry<'_>),
    bundle: &Bundle,
    case: CaseId,
) -> Result<(), Error> {
    let mut file = known::read(app, cases, case).await?.file.clone();
    for (act, said) in items_to_add(bundle, &file.case, &[], &[])? {
        file = cases.act(file, act, said, &mut os_rng()).await?;
    }
    known::keep(app, cases, file).await;
    Drafts::begin(registry, &seat.key).await?.send(bundle, &mut os_rng()).await?;
    Ok(())
}

/// Drafts the docket of a resolution, and sends it to be signed.
pub(super) async fn docket(State(app): State<Arc<App>>, Path(case): Path<String>, form: Form) -> Response {
    let _act = app.acting.lock().await;
    let seat = match secretary(&app) {
        Ok(seat) => seat,
        Err(instead) => return *instead,
    };
    let Ok(case) = case.parse::<CaseId>() else { return not_found(State(app.clone())).await };
    let url = format!("/cases/{case}");
    if app.is_spent(form.get(ONCE)) {
        return go_to(&url);
    }
    let (Ok(procedure), Ok(draft)) = (form.get("procedure").parse(), form.get("proposal").parse()) else {
        let why = zh_en!("请选择提请评议的草案", "choose what was put to the vote");
        return render(&app, &seat, case, StatusCode::UNPROCESSABLE_ENTITY, Some(why)).await;
    };
    match drafted(&app, &seat, case, &procedure, draft).await {
        Ok(to_sign) => {
            app.spend(form.get(ONCE));
            go_to(&format!("/drafts/{to_sign}"))
        }
        Err(error) if matches!(error, Error::Other(_)) => {
            render(&app, &seat, case, StatusCode::UNPROCESSABLE_ENTITY, Some(error.to_string())).await
        }
        Err(error) => failed(&app, &error, url),
    }
}

async fn drafted(app: &App, seat: &Seat, case: CaseId, procedure: &Hash, draft: DraftId) -> Result<DraftId, Error> {
    let seat = &app.with_newest_log(seat).await;
    cases!(app, seat, cases, registry);
    let read = known::read(app, &cases, case).await?;
    let resolution = resolution(&read.file.case, procedure)?;
    let drafts = Drafts::begin(&registry, &seat.key).await?;
    let proposal = drafts.open(draft, &mut os_rng()).await?.bundle;
    let drafter = Drafter::begin(&registry, &seat.key, seat.now(), Heading::default()).await?;
    let of = Resolved {
        drafts: &drafts_of(resolution),
        procedure: *procedure,
        events: read.file.envelopes(),
        publication: None,
    };
    let draft = drafter.resolved(&proposal, of, &mut os_rng())?;
    Ok(drafts.send(&draft.bundle, &mut os_rng()).await?.draft.id)
}
