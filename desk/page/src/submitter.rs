//! Hands in what enough have signed once its ten minutes are over, while the key is open; keeps the proofs in the home.
//!
//! It goes by the answers of the registry and `callboard_desk`'s rule, one draft after the other, a bounded number a
//! round. Two desks that submit the same docket get the same answer.

use std::{collections::HashMap, time::Duration};

use callboard_api::registry::drafts::{Draft, DraftAct, DraftState};
use callboard_client::runtime::{error_chain, os_rng};
use callboard_desk::{
    Error,
    drafts::{Drafts, part::title, waiting::Waiting},
};
use callboard_federation::{
    encoding::{DraftId, Time},
    zh_en,
};

use crate::{
    App, locked,
    session::{Seat, drafts},
    today::OPENED,
};

/// How often it looks.
const ROUND: Duration = Duration::from_secs(5);
/// How long it waits for witnesses.
const WITNESSES: Duration = Duration::from_mins(1);
/// How many notices are kept.
const NOTICES: usize = 20;

/// What the desk did by itself, told on the first page.
pub(crate) struct Notice {
    draft: DraftId,
    pub(crate) text: String,
}

/// What is known of a draft, until somebody answers it anew.
struct Known {
    answers: usize,
    /// From when on it may be submitted; never, as long as nobody answers.
    from: Option<Time>,
}

pub(crate) async fn run(app: &App) {
    let mut known = HashMap::new();
    loop {
        tokio::time::sleep(ROUND).await;
        // Locked, it knows nothing; and whoever unlocks it begins anew.
        let Some(seat) = app.seat() else {
            known.clear();
            continue;
        };
        if let Some(sandbox) = &seat.sandbox {
            // A control that doesn't answer sets no clock.
            let _ = sandbox.look().await;
        }
        // A registry that doesn't answer is asked again; whoever opens a page is told.
        let _ = round(app, &seat, &mut known).await;
    }
}

async fn round(app: &App, seat: &Seat, known: &mut HashMap<DraftId, Known>) -> Result<(), Error> {
    drafts!(seat, drafts);
    let list = drafts.list(Some(DraftState::Open), &mut os_rng()).await?.drafts;
    known.retain(|id, _| list.iter().any(|draft| draft.id == *id));
    let is_signed = |act: DraftAct| act == DraftAct::Sign;
    let has_signed = |draft: &&Draft| draft.answers.iter().any(|answer| is_signed(answer.act));
    let signed: Vec<&Draft> = list.iter().filter(has_signed).take(OPENED).collect();
    // What was sent first goes first: a list of members counts no longer once the roster beside it is in force.
    for draft in signed.into_iter().rev() {
        let is_settled = known.get(&draft.id).is_some_and(|known| {
            known.answers == draft.answers.len() && known.from.is_none_or(|from| seat.now() < from)
        });
        if is_settled {
            continue;
        }
        let from = look(app, seat, &drafts, draft.id).await;
        known.insert(draft.id, Known { answers: draft.answers.len(), from });
    }
    Ok(())
}

/// Looks at a draft, and submits it if it may be; gives from when on it is to be looked at again.
async fn look(app: &App, seat: &Seat, drafts: &Drafts<'_>, id: DraftId) -> Option<Time> {
    let opened = drafts.open(id, &mut os_rng()).await.ok()?;
    match drafts.waiting(&opened) {
        Waiting::Until(from) => return Some(from),
        Waiting::Ready => {}
        _ => return None,
    }
    let name = app.home.path(&format!("draft-{id}"));
    let what = title(opened.bundle.docket());
    let outcome = drafts.submit(&opened, &name, WITNESSES, || {}, &mut os_rng()).await;
    let (told, error) = match outcome {
        Ok(outcome) => (outcome.told(), outcome.error()),
        Err(error) => (zh_en!("未完成", "not done"), Some(error)),
    };
    let why = error.as_ref().map(|error| error_chain(error));
    let why = why.map(|why| zh_en!("：{why}", ": {why}")).unwrap_or_default();
    app.tell(id, zh_en!("本机已自动提交{what}：{told}{why}", "this desk submitted {what}: {told}{why}"));
    error.map(|_| seat.now())
}

impl App {
    /// Tells something of a draft, in place of what was told of it before.
    fn tell(&self, draft: DraftId, text: String) {
        let mut notices = locked(&self.notices);
        notices.retain(|notice| notice.draft != draft);
        notices.push(Notice { draft, text });
        if notices.len() > NOTICES {
            notices.remove(0);
        }
    }
}
