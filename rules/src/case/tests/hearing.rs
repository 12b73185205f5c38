//! Notice, windows, and who can't be reached.

use callboard_federation::encoding::Hash;
use jiff::civil::date;

use super::scene::{PANEL, Scene, refused, ruling, time};
use crate::case::{
    act::{Act, Addressee, Representative},
    error::Why,
};

fn prepared() -> Scene {
    let mut scene = Scene::new();
    scene.opened();
    scene.item(1, &["gamma"], &[]);
    scene.panel(&PANEL[..3]);
    scene
}

fn failed(scene: &Scene) -> Act {
    Act::NoticeFailed { items: vec![1], attempted_at: scene.now, proof: Hash::of(b"returned") }
}

fn published(scene: &Scene, items: &[u32]) -> Act {
    Act::ServedByPublication { items: items.to_vec(), published_at: scene.now, notice: Hash::of(b"masked") }
}

#[test]
fn the_panel_sits_once_ten_working_days_are_over_make_up_days_counted() {
    let mut scene = prepared();
    refused!(scene.takes("chair-1", scene_act(&scene)), Why::NoticeMissing(1));
    scene.at("2024-09-27T02:00:00.000Z");
    scene.notified(&[1]);
    assert_eq!(scene.case().items[&1].answer_by, Some(Ok(date(2024, 10, 16))));
    // The last instant of 16 October in Shanghai, and the first of the 17th.
    scene.at("2024-10-16T15:59:59.999Z");
    refused!(scene.takes("chair-1", scene_act(&scene)), Why::WindowOpen(1, _));
    scene.at("2024-10-16T16:00:00.000Z");
    scene.session(&[1]);
}

fn scene_act(scene: &Scene) -> Act {
    scene.session_on(&[1])
}

#[test]
fn a_second_notice_never_makes_the_window_longer_or_shorter_than_from_the_first() {
    let mut scene = prepared();
    scene.at("2024-09-27T02:00:00.000Z");
    scene.notified(&[1]);
    scene.at("2024-10-08T02:00:00.000Z");
    scene.notified(&[1]);
    assert_eq!(scene.case().items[&1].answer_by, Some(Ok(date(2024, 10, 16))));
}

#[test]
fn a_notice_isnt_proven_for_a_time_to_come_or_before_there_was_an_item() {
    let mut scene = prepared();
    let told = |at: &str| Act::Notified {
        items: vec![1],
        to: Addressee::Subject,
        delivered_at: time(at),
        proof: Hash::of(b""),
    };
    refused!(scene.takes("secretary", told("2024-09-20T02:00:00.001Z")), Why::NoticeTime);
    refused!(scene.takes("secretary", told("2024-09-20T01:59:59.999Z")), Why::NoticeTime);
    scene.does("gamma", told("2024-09-20T02:00:00.000Z"));
}

#[test]
fn who_cant_be_reached_is_served_by_publication_after_two_attempts() {
    let mut scene = prepared();
    scene.at("2024-09-23T02:00:00.000Z");
    scene.does("gamma", failed(&scene));
    // The same attempt told twice is one.
    scene.does("secretary", failed(&scene));
    refused!(scene.takes("secretary", published(&scene, &[1])), Why::NoticeAttempts(1));
    scene.at("2024-09-24T02:00:00.000Z");
    scene.does("secretary", failed(&scene));
    scene.does("secretary", published(&scene, &[1]));
    // Thirty days, then ten working days: from 24 October to 7 November.
    assert_eq!(scene.case().items[&1].answer_by, Some(Ok(date(2024, 11, 7))));
    refused!(scene.takes("panel-1", published(&scene, &[1])), Why::Signer);
}

#[test]
fn of_who_was_under_18_the_guardian_is_told_and_nothing_published() {
    let mut scene = prepared();
    scene.does("secretary", ruling(2, &["gamma"], &[], true));
    let told = |to: Addressee, scene: &Scene| Act::Notified {
        items: vec![1, 2],
        to,
        delivered_at: scene.now,
        proof: Hash::of(b""),
    };
    refused!(scene.takes("secretary", told(Addressee::Subject, &scene)), Why::NoticeGuardian(2));
    refused!(scene.takes("secretary", told(Addressee::Representative, &scene)), Why::NoticeRepresentative(1));
    scene.does("secretary", Act::Represented { items: vec![1, 2], by: Representative::Attorney });
    refused!(scene.takes("secretary", told(Addressee::Representative, &scene)), Why::NoticeGuardian(2));
    refused!(scene.takes("secretary", published(&scene, &[2])), Why::NoticeMinor(2));
    scene.does("secretary", told(Addressee::Guardian, &scene));

    // Two others approve that a seat reads what is sealed about it.
    let reader = super::scene::key_id("panel-3");
    let approved = || Act::AccessApproved { items: vec![2], reader };
    refused!(scene.takes("panel-3", approved()), Why::AccessOwn);
    refused!(scene.takes("auditor", approved()), Why::Signer);
    scene.does("chair-1", approved());
    scene.does("chair-1", approved());
    assert!(!scene.case().may_read("panel-3", 2), "one seat, twice");
    scene.does("secretary", approved());
    assert!(scene.case().may_read("panel-3", 2) && scene.case().may_read("panel-3", 1));
    assert!(!scene.case().may_read("panel-2", 2));
}

#[test]
fn a_year_without_calendar_is_told_and_no_date_is_guessed() {
    let mut scene = prepared();
    scene.at("2026-12-25T02:00:00.000Z");
    scene.notified(&[1]);
    scene.at("2027-03-01T02:00:00.000Z");
    refused!(scene.takes("chair-1", scene_act(&scene)), Why::CalendarUnknown(_));
}

#[test]
fn a_case_that_goes_on_over_a_new_year_counts_by_the_calendar_that_was_logged_meanwhile() {
    let mut scene = prepared();
    scene.at("2026-12-25T02:00:00.000Z");
    scene.notified(&[1]);
    assert!(matches!(scene.case().items[&1].answer_by, Some(Err(_))));
    scene.logs_calendar("other-rules", "2026-12-28T02:00:00.000Z", "2027-01-04");
    scene.logs_calendar("streamer-warning-rules", "2026-12-28T03:00:00.000Z", "2027-01-01/2027-01-05");
    scene.logs_calendar("streamer-warning-rules", "2026-12-28T04:00:00.000Z", "2027-01-05");
    scene.at("2026-12-28T02:59:59.999Z");
    scene.notified(&[1]);
    assert!(matches!(scene.case().items[&1].answer_by, Some(Err(_))), "none was logged yet");
    scene.at("2026-12-28T03:00:00.000Z");
    scene.does(
        "secretary",
        Act::Notified {
            items: vec![1],
            to: crate::case::act::Addressee::Subject,
            delivered_at: time("2026-12-25T02:00:00.000Z"),
            proof: Hash::of(b"proof"),
        },
    );
    // From Friday, 25 December: 28 to 31, then, without the three days off, 6 to 8 and 11 to 13.
    let answer_by = scene.case().items[&1].answer_by.as_ref().unwrap();
    assert!(matches!(answer_by, Ok(last) if *last == date(2027, 1, 13)), "{answer_by:?}");
}

#[test]
fn an_answer_in_time_overtakes_and_a_late_one_is_kept() {
    let mut scene = Scene::new();
    let procedure = scene.decided(&[1, 2]);
    scene.does("log", Act::Answered { items: vec![2] });
    scene.docket_of(&[1, 2], procedure).unwrap();
    assert_eq!(scene.events.len() as u64, scene.case().head.seq());
}
