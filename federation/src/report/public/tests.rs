//! What a report of the public may say.

use super::*;
use crate::encoding::{from_json, to_json};

fn report() -> PublicReport {
    let id = "019c167f-cc00-7568-8a65-6cc0703e460a".parse().unwrap();
    PublicReport {
        v: 1,
        id,
        kind: ReportKind::Public,
        follow_key: SealingKey::from_bytes([1; 32]),
        platform: "alpha".to_owned(),
        room: Some("房间 88".to_owned()),
        accounts: vec!["主播甲".to_owned()],
        description: "在直播中宣扬赌博。".to_owned(),
        when: Some("昨晚九点左右".to_owned()),
        day: Some("2026-11-30".parse().unwrap()),
        minor: MinorConcerned::No,
        relation: Relation::Viewer,
        reporter: None,
        reporter_apart: None,
        files: Vec::new(),
        language: "zh-CN".to_owned(),
        at: Time::from_seconds(1_780_000_000),
    }
}

fn file(bytes: u64) -> PublicFile {
    PublicFile {
        name: "截图.png".to_owned(),
        media: "image/png".to_owned(),
        bytes,
        sha256: Hash::of(b"x"),
        key: SealingKey::from_bytes([2; 32]),
        nonce: Octets([3; 12]),
    }
}

#[test]
fn a_report_reads_back_and_nothing_else_may_stand_in_it() {
    let whole = PublicReport { files: vec![file(5)], ..report() };
    whole.check().unwrap();
    let bytes = to_json(&whole);
    assert!(from_json::<PublicReport>(&bytes).unwrap() == whole);
    let more = String::from_utf8(bytes).unwrap().replacen('{', "{\"price\":1,", 1);
    assert!(from_json::<PublicReport>(more.as_bytes()).is_err());
}

#[test]
fn what_is_too_long_too_much_or_of_two_minds_is_refused() {
    let is_refused = |change: &dyn Fn(&mut PublicReport)| {
        let mut changed = report();
        change(&mut changed);
        changed.check().is_err()
    };
    assert!(!is_refused(&|_| ()));
    assert!(!is_refused(&|of| of.description = "x".repeat(MAX_DESCRIPTION_BYTES)));
    assert!(is_refused(&|of| of.description = "x".repeat(MAX_DESCRIPTION_BYTES + 1)));
    assert!(is_refused(&|of| of.description.clear()));
    assert!(is_refused(&|of| of.platform.clear()));
    assert!(is_refused(&|of| of.room = Some("two\nlines".to_owned())));
    assert!(is_refused(&|of| of.accounts = vec!["x".to_owned(); MAX_ACCOUNTS + 1]));
    assert!(is_refused(&|of| of.kind = ReportKind::Violation));
    assert!(is_refused(&|of| of.kind = ReportKind::PublicMinor), "and no minor is concerned");
    assert!(is_refused(&|of| of.minor = MinorConcerned::Victim), "in the other lane");
    assert!(!is_refused(&|of| (of.kind, of.minor) = (ReportKind::PublicMinor, MinorConcerned::Streamer)));
    assert!(!is_refused(&|of| of.files = vec![file(MAX_FILE_BYTES)]));
    assert!(is_refused(&|of| of.files = vec![file(MAX_FILE_BYTES), file(1)]));
    assert!(is_refused(&|of| of.files = vec![file(u64::MAX), file(1)]));
    assert!(is_refused(&|of| of.files = vec![file(1); MAX_FILES + 1]));
    assert!(is_refused(&|of| of.reporter = Some(Reporter { name: None, contact: None })));
    assert!(is_refused(&|of| of.v = 2));
}

#[test]
fn words_are_of_one_report_and_one_side() {
    let report = report().id;
    let words = FollowWords { v: 1, report, by: Side::Reporter, text: "补充".to_owned(), at: Time::from_seconds(0) };
    words.check(report, Side::Reporter).unwrap();
    assert!(words.check(report, Side::Secretariat).is_err());
    assert!(words.check(ReportId::new(Time::from_seconds(1), [0; 10]), Side::Reporter).is_err());
    let long = FollowWords { text: "x".repeat(MAX_TEXT_BYTES + 1), ..words };
    assert!(long.check(report, Side::Reporter).is_err());
}
