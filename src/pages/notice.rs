//! `/notices/{docket}`: a public text as it is printed: who signed it, what became of it since, how it is verified.

use askama::Template;
use axum::{
    extract::{Path, State, rejection::PathRejection},
    http::StatusCode,
    response::Response,
};
use callboard_federation::{
    docket::Of,
    encoding::{Hash, Time},
    language::Phrase,
    printed_record::PrintedRecord,
    statement::{Kind, MeasureKind},
};

use super::{Message, PagesState, frame::Frame, language::Language, no_such_page, page, unavailable_page};
use crate::ledger::notices::{LaterDecision, Notice, NoticeItem};

#[derive(Template)]
#[template(path = "notice.html")]
struct NoticePage {
    f: Frame,
    t: Language,
    n: Notice,
    changed: Vec<Changed>,
    erased: usize,
    url: String,
    genesis: Option<Hash>,
}

/// What became of one record.
struct Changed {
    /// Which one, from 1.
    number: usize,
    what: &'static str,
    later: Vec<LaterDecision>,
}

pub(super) async fn show(
    State(PagesState { ledger, config, .. }): State<PagesState>,
    docket: Result<Path<Hash>, PathRejection>,
    f: Frame,
) -> Response {
    let Ok(Path(docket)) = docket else { return no_such_page(f, Message::NoNotice) };
    match ledger.notice(docket).await {
        Ok(Some(n)) => {
            let t = f.t;
            let changed = (1..).zip(&n.items).filter(|(_, item)| !item.later.is_empty() && !item.is_erased);
            let changed =
                changed.map(|(number, item)| Changed { number, what: what(t, item), later: item.later.clone() });
            let changed = changed.collect();
            let erased = n.items.iter().filter(|item| item.is_erased).count();
            let (url, genesis) = (config.registry.public_url.at(&format!("/notices/{docket}")), ledger.genesis());
            page(StatusCode::OK, &NoticePage { f, t, n, changed, erased, url, genesis })
        }
        Ok(None) => no_such_page(f, Message::NoNotice),
        Err(error) => unavailable_page(&error, f),
    }
}

/// What a record decides.
const fn what(t: Language, item: &NoticeItem) -> &'static str {
    match item.of {
        Some(Of::Measure(measure)) => t.said(MeasureKind::words(measure)),
        _ => t.said(item.kind.words()),
    }
}

impl NoticePage {
    /// What a later decision did to it.
    fn did(&self, later: &LaterDecision) -> &'static str {
        self.t.said(match later.kind {
            Kind::Annulment => Phrase::new("已撤销，自始无效", "annulled: it counts as never made"),
            Kind::Reinstatement => Phrase::new("已复出", "reinstated"),
            Kind::Stay => Phrase::new("曾暂缓执行", "stayed"),
            Kind::Dispute => Phrase::new("当事人提出异议", "disputed by the subject"),
            Kind::End => Phrase::new("已失效", "ended"),
            _ => Phrase::new("另有决定", "decided upon again"),
        })
    }

    fn docket_of(&self, later: &LaterDecision) -> Option<&Hash> {
        self.n.later.get(&later.index)
    }

    /// The page of how far a docket has come.
    fn progress(&self, docket: &Hash) -> String {
        self.f.link(&format!("/propagation/{docket}"))
    }

    fn code(item: &NoticeItem) -> String {
        PrintedRecord { record: item.record, commitment: item.commitment }.to_string()
    }

    #[expect(clippy::trivially_copy_pass_by_ref, reason = "a template hands on references")]
    fn day(&self, at: &Time) -> String {
        self.t.day(at)
    }
}
