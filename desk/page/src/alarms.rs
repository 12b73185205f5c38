//! What else there is to look at, asked once a minute while the key is open, so that no page waits for it.

use std::{sync::Mutex, time::Duration};

use callboard_client::runtime::{error_chain, os_rng};
use callboard_desk::{
    Error,
    alarms::{Alarm, Lookout, look},
    measures::Policies,
};
use callboard_federation::zh_en;
use callboard_rules::calendar::Calendar;

use crate::{
    App, locked,
    session::{Rounds, Seat, drafts},
};

/// How often it looks: as often as a witness cosigns.
const EVERY: Duration = Duration::from_mins(1);

/// What was seen last.
#[derive(Default)]
pub(crate) struct Watch(Mutex<Option<Result<Lookout, String>>>);

impl Watch {
    pub(crate) fn calendar(&self) -> Option<Calendar> {
        locked(&self.0).as_ref()?.as_ref().ok()?.calendar.clone()
    }

    /// What is told of it on the first page.
    pub(crate) fn texts(&self) -> Vec<String> {
        match &*locked(&self.0) {
            None => Vec::new(),
            Some(Ok(lookout)) => lookout.alarms.iter().map(Alarm::text).collect(),
            Some(Err(why)) => {
                vec![zh_en!("未能查看登记册和会员单位的情况：{why}", "log and members couldn't be looked at: {why}")]
            }
        }
    }
}

pub(crate) async fn run(app: &App) {
    let (mut rounds, mut known) = (Rounds::every(EVERY), Policies::new());
    loop {
        let seat = rounds.next(app).await;
        match seen(&seat, &mut known).await {
            // Whoever waits for a roster is shown that alone, and nothing that failed meanwhile once it is there.
            Err(Error::NoSeat) => rounds.again_soon(),
            Err(error) => {
                // A moment after something was logged its witnesses have yet to see it.
                rounds.again_soon();
                *locked(&app.watch.0) = Some(Err(error_chain(&error)));
            }
            Ok(seen) => *locked(&app.watch.0) = Some(Ok(seen)),
        }
    }
}

async fn seen(seat: &Seat, known: &mut Policies) -> Result<Lookout, Error> {
    // No other seat is answered.
    drafts!(seat, _drafts, registry);
    look(&registry, known, &mut os_rng()).await
}
