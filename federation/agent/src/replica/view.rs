//! The view of the log that an answer rests on, or why there is none.

use std::time::Duration;

use callboard_federation::{encoding::Time, zh_en};
use serde::Serialize;
use utoipa::ToSchema;

use super::status::Alarm;

/// The view that an answer rests on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = AsOf)]
pub struct View {
    /// Only entries below this index are answered from.
    pub size: u64,
    /// Since when it is witnessed.
    pub since: Time,
    /// Whether witnesses watch; `false` where the roster asks for none.
    pub witnessed: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum StaleError {
    #[error("{}", zh_en!("登记册尚无任何经会员见证的版本", "no view of the log was witnessed yet"))]
    NeverWitnessed,
    #[error("{}", zh_en!("登记系统不认本单位的密钥：请确认它在现行会员单位名单中",
        "the registry does not take this member's key: is it in the members' list in force?"))]
    NotAMember,
    /// Nobody vouches for the view any more.
    #[error("{}", zh_en!("最近一次经会员见证的登记视图已是{}秒之前",
        "the newest witnessed view is {} s old", age.as_secs()))]
    TooOld { age: Duration },
    #[error("{}", zh_en!("警报：{_0}", "alarm: {_0}"))]
    Alarm(Alarm),
}
