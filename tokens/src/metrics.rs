//! `/metrics` of the token service, on its own port. Nobody is named: epochs, routes, roles of seats, and why it said
//! no.

use callboard_client::exposition::{
    InitialValue::{Absent, By},
    Metric, counter, gauge, histogram,
};

pub const TABLE: &[Metric] = &[
    histogram("callboard_tokens_request_seconds", "Time until a request was answered, by route and status"),
    histogram("callboard_tokens_batch_points", "Points of each batch that was evaluated"),
    counter("callboard_tokens_points_total", "Points that were evaluated, by epoch").begins(Absent),
    counter("callboard_tokens_seat_points_total", "Of these, those that seats asked for, by role")
        .begins(By("role", &["panel", "chair", "secretariat"])),
    counter(
        "callboard_tokens_seat_alarms_total",
        "Requests of seats that had more points in a day than seat_alarm_points, by role",
    )
    .begins(By("role", &["panel", "chair", "secretariat"])),
    counter(
        "callboard_tokens_refused_total",
        "Requests that were refused, by the problem's code; quota-spent is a member's quota",
    )
    .begins(By("code", &["quota-spent", "rate-limited"])),
    counter("callboard_tokens_follow_failures_total", "Looks at the registry that failed"),
    gauge("callboard_tokens_roster_age_seconds", "Since the registry last confirmed the roster"),
    gauge("callboard_tokens_roster_version", "The version of the roster that is gone by"),
    gauge("callboard_tokens_members_version", "The version of the list of members that is gone by"),
    counter("callboard_tokens_store_failures_total", "Writes and reads of the store that failed: requests get 503"),
];
