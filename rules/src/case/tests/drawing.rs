//! A panel that is drawn.

use callboard_federation::encoding::{Hash, KeyId};

use super::scene::{PANEL, Scene, key_id, refused, secret};
use crate::case::{
    act::Act,
    draw::{Draw, commitment},
    error::Why,
};

const GUARANTORS: [&str; 3] = ["chair-1", "secretary", "auditor"];

fn by_draw() -> Scene {
    let mut scene = Scene::under("by = \"chair\" -> by = \"draw\"");
    scene.opened();
    scene.item(1, &["gamma"], &[]);
    for _ in 0..7 {
        scene.logs();
    }
    scene
}

fn announced(eligible: &[&str], seats: u32, guarantors: [&str; 3]) -> Act {
    let eligible = eligible.iter().map(|holder| key_id(holder)).collect();
    Act::DrawAnnounced { eligible, seats, guarantors: guarantors.map(key_id) }
}

fn commits(scene: &mut Scene, draw: u64, holder: &str) {
    let commitment = commitment(scene.id, draw, &key_id(holder), &secret(holder));
    scene.does(holder, Act::DrawCommitted { commitment });
}

fn fixed(scene: &Scene, size: u64) -> Act {
    Act::DrawFixed { size, root: scene.tree.root(size).unwrap() }
}

/// The root of the next entry.
fn fixes(scene: &mut Scene) {
    let size = scene.logs();
    scene.does("log", fixed(scene, size));
}

fn opened(holder: &str) -> Act {
    Act::DrawOpened { secret: secret(holder) }
}

fn result(scene: &Scene) -> Vec<KeyId> {
    scene.case().panel.draw.as_ref().and_then(Draw::drawn).unwrap()
}

/// Up to where all secrets are open.
fn drawn(scene: &mut Scene) {
    let draw = scene.does("secretary", announced(&PANEL, 3, GUARANTORS));
    for holder in GUARANTORS {
        commits(scene, draw, holder);
    }
    fixes(scene);
    for holder in GUARANTORS {
        scene.does(holder, opened(holder));
    }
}

#[test]
fn nobody_chooses_a_panel_that_is_drawn() {
    let mut scene = by_draw();
    let named = Act::PanelNamed { seats: PANEL.map(key_id).into() };
    refused!(scene.takes("chair-1", named), Why::PanelDrawn);
    drawn(&mut scene);
    let seats = result(&scene);
    assert_eq!(seats.len(), 3);
    let mut other = seats.clone();
    other.reverse();
    refused!(scene.takes("log", Act::Drawn { seats: other }), Why::DrawResult);
    refused!(scene.takes("panel-1", Act::Drawn { seats: seats.clone() }), Why::Signer);
    scene.does("log", Act::Drawn { seats });
    assert_eq!(scene.case().panel.seats.len(), 3);
    // Not again, until it suits.
    refused!(scene.takes("secretary", announced(&PANEL, 3, GUARANTORS)), Why::DrawState);
    refused!(scene.takes("log", Act::Drawn { seats: Vec::new() }), Why::List);
}

#[test]
fn who_leaves_a_drawn_panel_is_followed_by_the_next_of_the_draw() {
    let mut scene = by_draw();
    drawn(&mut scene);
    let order = scene.case().panel.draw.as_ref().unwrap().order().unwrap();
    let order: Vec<String> = order.iter().map(|seat| seat.holder.clone()).collect();
    let seats = result(&scene);
    scene.does("log", Act::Drawn { seats });
    let (leaves, next, last) = (order[0].as_str(), order[3].as_str(), order[4].as_str());
    scene.does(leaves, Act::Recused { items: vec![1] });
    let replaced = |seat: &str| Act::Replaced { out: key_id(leaves), seat: key_id(seat) };
    refused!(scene.takes("chair-1", replaced(last)), Why::ReplacementOrder);
    scene.does("chair-1", replaced(next));
    assert!(scene.case().panel.seats.contains_key(next));
}

#[test]
fn two_who_are_recused_from_different_items_do_not_take_turns() {
    let mut scene = by_draw();
    scene.item(2, &[], &[]);
    drawn(&mut scene);
    let order = scene.case().panel.draw.as_ref().unwrap().order().unwrap();
    let order: Vec<String> = order.iter().map(|seat| seat.holder.clone()).collect();
    let seats = result(&scene);
    scene.does("log", Act::Drawn { seats });
    let [first, _, _, fourth, fifth] = [0, 1, 2, 3, 4].map(|at: usize| order[at].as_str());
    let replaced = |out: &str, seat: &str| Act::Replaced { out: key_id(out), seat: key_id(seat) };
    scene.does(first, Act::Recused { items: vec![1] });
    scene.does(fourth, Act::Recused { items: vec![2] });
    // Without the first the panel is enough for neither item.
    refused!(scene.takes("chair-1", replaced(first, fourth)), Why::ReplacementOrder);
    scene.does("chair-1", replaced(first, fifth));
    scene.does(fifth, Act::Recused { items: vec![2] });
    refused!(scene.takes("chair-1", replaced(fifth, first)), Why::ReplacementOrder);
    refused!(scene.takes("chair-1", replaced(fifth, fourth)), Why::ReplacementOrder);
    // Nobody is left: it is drawn again.
    let mut eligible = PANEL.to_vec();
    eligible.sort_unstable();
    scene.does("secretary", announced(&eligible, 3, GUARANTORS));
}

#[test]
fn a_draw_is_among_all_who_may_and_by_three_who_may_not() {
    let mut scene = by_draw();
    refused!(scene.takes("chair-1", announced(&PANEL[..4], 3, GUARANTORS)), Why::DrawEligible);
    refused!(scene.takes("chair-1", announced(&PANEL, 2, GUARANTORS)), Why::DrawSeats);
    refused!(scene.takes("chair-1", announced(&PANEL, 6, GUARANTORS)), Why::DrawSeats);
    for guarantors in
        [["secretary", "chair-1", "auditor"], ["chair-1", "panel-1", "auditor"], ["chair-1", "nobody", "auditor"]]
    {
        refused!(scene.takes("chair-1", announced(&PANEL, 3, guarantors)), Why::DrawGuarantor);
    }
    refused!(scene.takes("chair-1", announced(&PANEL, 3, ["chair-1", "auditor", "auditor"])), Why::List);
    // Who is recused from all of it isn't eligible.
    scene.does("panel-5", Act::Recused { items: vec![] });
    refused!(scene.takes("chair-1", announced(&PANEL, 3, GUARANTORS)), Why::DrawEligible);
    scene.does("chair-1", announced(&PANEL[..4], 3, GUARANTORS));
}

#[test]
fn a_secret_is_opened_after_the_root_is_fixed_and_an_early_one_voids_the_draw() {
    let mut scene = by_draw();
    let draw = scene.does("secretary", announced(&PANEL, 3, GUARANTORS));
    refused!(scene.takes("chair-2", Act::DrawCommitted { commitment: Hash::of(b"") }), Why::DrawGuarantor);
    commits(&mut scene, draw, "chair-1");
    refused!(scene.takes("chair-1", Act::DrawCommitted { commitment: Hash::of(b"") }), Why::SeatTwice);
    refused!(scene.takes("log", fixed(&scene, 5)), Why::DrawState);
    refused!(scene.takes("auditor", opened("auditor")), Why::DrawState);
    refused!(scene.takes("chair-1", opened("auditor")), Why::DrawCommitment);
    scene.does("chair-1", opened("chair-1"));
    assert!(scene.case().panel.draw.is_none() && scene.case().panel.out.contains("chair-1"));
    refused!(scene.takes("secretary", announced(&PANEL, 3, GUARANTORS)), Why::DrawGuarantor);
    let others = ["chair-2", "secretary", "auditor"];
    let draw = scene.does("secretary", announced(&PANEL, 3, others));
    for holder in others {
        commits(&mut scene, draw, holder);
    }
    refused!(scene.takes("log", fixed(&scene, 7)), Why::DrawRoot);
    let size = scene.logs();
    refused!(scene.takes("secretary", fixed(&scene, size)), Why::Signer);
    refused!(scene.takes("log", Act::DrawFixed { size, root: Hash::of(b"another") }), Why::DrawRoot);
    refused!(scene.takes("log", Act::DrawFixed { size: 0, root: scene.tree.root(0).unwrap() }), Why::DrawRoot);
    refused!(
        scene.takes("log", Act::DrawFixed { size: size + 1, root: scene.tree.root(size).unwrap() }),
        Why::DrawRoot
    );
    scene.does("log", fixed(&scene, size));
    refused!(scene.takes("log", fixed(&scene, size)), Why::DrawState);
}

#[test]
fn a_draw_of_which_the_log_fixes_no_root_is_announced_again_and_nobody_is_out() {
    let mut scene = by_draw();
    let draw = scene.does("secretary", announced(&PANEL, 3, GUARANTORS));
    for holder in GUARANTORS {
        commits(&mut scene, draw, holder);
    }
    refused!(scene.takes("chair-1", announced(&PANEL, 3, GUARANTORS)), Why::DrawState);
    scene.now = scene.now.plus_millis(24 * 3_600_000 + 1);
    scene.does("chair-1", announced(&PANEL, 3, GUARANTORS));
    assert!(scene.case().panel.out.is_empty());
}

#[test]
fn who_withholds_a_secret_is_named_and_out_and_the_panel_drawn_again() {
    let mut scene = by_draw();
    let draw = scene.does("secretary", announced(&PANEL, 3, GUARANTORS));
    for holder in GUARANTORS {
        commits(&mut scene, draw, holder);
    }
    fixes(&mut scene);
    scene.does("chair-1", opened("chair-1"));
    scene.does("auditor", opened("auditor"));
    let again = announced(&PANEL, 3, ["chair-1", "auditor", "chair-2"]);
    refused!(scene.takes("chair-1", again.clone()), Why::DrawState);
    scene.now = scene.now.plus_millis(24 * 3_600_000 + 1);
    refused!(scene.takes("secretary", opened("secretary")), Why::DrawLate);
    scene.does("chair-1", again);
    assert_eq!(scene.case().panel.out.iter().collect::<Vec<_>>(), ["secretary"]);
}

#[test]
fn the_draw_depends_on_each_secret_and_on_the_root() {
    let seats_with = |entries: u64| {
        let mut scene = by_draw();
        let draw = scene.does("secretary", announced(&PANEL, 3, GUARANTORS));
        for holder in GUARANTORS {
            commits(&mut scene, draw, holder);
        }
        for _ in 1..entries {
            scene.logs();
        }
        fixes(&mut scene);
        for holder in GUARANTORS {
            scene.does(holder, opened(holder));
        }
        result(&scene)
    };
    let drawn: std::collections::BTreeSet<_> = (1..=7).map(seats_with).collect();
    assert!(drawn.len() > 1, "one result for all roots");
    assert_eq!(seats_with(3), seats_with(3));
}
