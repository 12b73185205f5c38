//! Keeps the index of a secretariat's seat while its key is open: at once, and every few minutes from then on. Of any other
//! seat's home it takes what was erased.

use std::{sync::Mutex, time::Duration};

use callboard_client::runtime::{error_chain, os_rng};
use callboard_desk::{
    Error,
    letter::term::time_text,
    people::{
        erased::clear_home,
        gather::{Gathered, gather},
    },
};
use callboard_federation::{encoding::Time, zh_en};

use crate::{
    App, locked,
    session::{Rounds, Seat, drafts},
};

/// How often it looks for what is new.
const EVERY: Duration = Duration::from_mins(5);

#[derive(Default)]
pub(crate) struct Keeper {
    /// One look after the other.
    looking: tokio::sync::Mutex<()>,
    last: Mutex<Option<Look>>,
}

/// What a look brought, and when it ended.
struct Look {
    at: Time,
    brought: Result<Gathered, String>,
}

pub(crate) async fn run(app: &App) {
    let mut rounds = Rounds::every(EVERY);
    loop {
        let seat = rounds.next(app).await;
        if !look(app, &seat).await {
            rounds.again_soon();
        }
    }
}

/// Brings the index up to date; what came of it is told on the page. Gives whether the roster in force names the seat: of
/// no other there is anything.
pub(crate) async fn look(app: &App, seat: &Seat) -> bool {
    let _one = app.keeper.looking.lock().await;
    let brought = match gathered(app, seat).await {
        Err(Error::NoSeat) => return false,
        brought => brought.map_err(|error| error_chain(&error)),
    };
    *locked(&app.keeper.last) = Some(Look { at: seat.now(), brought });
    true
}

async fn gathered(app: &App, seat: &Seat) -> Result<Gathered, Error> {
    drafts!(seat, drafts);
    if !seat.is_secretariat() {
        let erased = clear_home(app.home.directory(), &drafts, &mut os_rng()).await?;
        return Ok(Gathered { erased, ..Gathered::default() });
    }
    gather(app.home.directory(), &drafts, &mut os_rng()).await
}

impl Keeper {
    /// How far the index is, in words.
    pub(crate) fn told(&self) -> String {
        match &*locked(&self.last) {
            None => zh_en!("正在整理索引，稍后即可检索。", "The index is being made: look again in a moment."),
            Some(Look { at, brought: Ok(Gathered { drafts, closed, .. }) }) => {
                let at = time_text(*at);
                let closed = if *closed == 0 {
                    String::new()
                } else {
                    zh_en!(
                        "；其中{closed}份不是加密给此密钥的，打不开",
                        "; {closed} of them aren't encrypted to this key, and don't open"
                    )
                };
                zh_en!("索引更新于{at}，共{drafts}份文书{closed}。", "Index of {at}: {drafts} dockets{closed}.")
            }
            Some(Look { brought: Err(why), .. }) => zh_en!("索引未能更新：{why}", "The index isn't up to date: {why}"),
        }
    }
}
