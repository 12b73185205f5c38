//! `/rules`: the instruments as they were logged: those in force, those to come, those before.

use askama::Template;
use axum::{extract::State, http::StatusCode, response::Response};
use callboard_federation::{
    encoding::{Hash, Time},
    policy::Words,
    replay::Replay,
};

use super::{PagesState, frame::Frame, language::Language, page};

#[derive(Template)]
#[template(path = "rules.html")]
struct RulesPage {
    f: Frame,
    t: Language,
    in_force: Vec<PolicyVersion>,
    others: Vec<PolicyVersion>,
}

/// A version of an instrument.
pub(super) struct PolicyVersion {
    pub instrument: String,
    pub version: String,
    pub title: Words,
    pub sha256: Hash,
    pub effective_from: Time,
    pub logged_at: Time,
    pub holds: Holds,
}

/// Whether one decides under it now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Holds {
    InForce,
    ToCome,
    Before,
}

pub(super) async fn show(State(PagesState { ledger, clock, .. }): State<PagesState>, f: Frame) -> Response {
    let versions = versions(&ledger.replay(), clock.now());
    let (in_force, others) = versions.into_iter().partition(|one| one.holds == Holds::InForce);
    page(StatusCode::OK, &RulesPage { t: f.t, f, in_force, others })
}

/// Every version that was logged, the newest first.
pub(super) fn versions(replay: &Replay, now: Time) -> Vec<PolicyVersion> {
    let mut versions: Vec<PolicyVersion> = Vec::new();
    for (logged_at, sha256) in replay.history().policies.iter().rev() {
        let Some(policy) = replay.policies().get(sha256) else { continue };
        versions.push(PolicyVersion {
            instrument: policy.instrument.clone(),
            version: policy.version.clone(),
            title: policy.title.clone(),
            sha256: *sha256,
            effective_from: policy.effective_from,
            logged_at: *logged_at,
            holds: if policy.effective_from <= now { Holds::Before } else { Holds::ToCome },
        });
    }
    versions.sort_by_key(|one| (std::cmp::Reverse(one.effective_from), std::cmp::Reverse(one.logged_at)));
    let mut known: Vec<String> = Vec::new();
    for one in versions.iter_mut().filter(|one| one.holds == Holds::Before) {
        // Of an instrument the one in force is that which took effect last.
        if !known.contains(&one.instrument) {
            known.push(one.instrument.clone());
            one.holds = Holds::InForce;
        }
    }
    versions
}

impl RulesPage {
    fn to(&self, version: &PolicyVersion) -> String {
        self.f.link(&format!("/rules/{}", version.sha256))
    }

    fn holds(&self, version: &PolicyVersion) -> &'static str {
        holds(self.t, version.holds)
    }
}

pub(super) const fn holds(t: Language, holds: Holds) -> &'static str {
    match holds {
        Holds::InForce => t.of_both("现行", "in force"),
        Holds::ToCome => t.of_both("尚未施行", "not in force yet"),
        Holds::Before => t.of_both("已由新版本取代", "superseded"),
    }
}
