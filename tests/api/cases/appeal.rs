//! A decision is told and appealed behind the closing of its case, and another case hears the appeal, over HTTP.

use callboard_federation::{
    docket::Of,
    encoding::{CaseId, Hash},
    roster::RuleKey,
    statement::Kind,
};
use callboard_rules::case::act::{Act, Addressee, AppealOf, Filer, Hosts, Unknown};

use super::play::{PANEL, Played, annulment, key_id};
use crate::support::engines;

fn appeals(item: u32, appeals: u32) -> Act {
    let decides = vec![RuleKey { kind: Kind::Annulment, of: Some(Of::About(Kind::Ruling)) }];
    let decides = if item == 9 { vec![RuleKey { kind: Kind::Ruling, of: None }] } else { decides };
    let hosts = Hosts::Unknown(Unknown::Unknown);
    Act::ItemAdded { item, decides, hosts, reporters: Vec::new(), minor: false, appeals: Some(appeals) }
}

/// A case of two items that was decided, logged and closed.
async fn closed(engine: crate::support::Engine) -> Played {
    let mut played = Played::prepared(engine, &[1, 2]).await;
    let drafts = [played.annuls(1), played.annuls(2)];
    let procedure = played.decided(&[(1, &drafts[0]), (2, &drafts[1])]).await;
    let docket = played.docket(&[&drafts[0], &drafts[1]], procedure);
    assert_eq!(played.hand_in(&docket).await.status, 201);
    played.follow().await;
    played.does("secretary-1", Act::Closed {}).await;
    played
}

#[tokio::test]
async fn an_appeal_is_filed_in_the_case_that_decided_and_heard_by_another_that_shares_nobody_with_it() {
    for engine in engines() {
        let mut played = closed(engine).await;
        let (first, now) = (played.id, played.registry.now());
        let proof = Hash::of(b"letter");
        let told = Act::DecisionNotified { items: vec![1, 2], to: Addressee::Subject, delivered_at: now, proof };
        played.is_refused("panel-1", told.clone(), "event-signer").await;
        played.does("secretary-1", told).await;
        assert_eq!(played.state().await, "closed");
        played.is_refused("secretary-1", annulment(3, &[], false), "case-closed").await;

        let second = CaseId::new(now, [2; 10]);
        let filed = |items: &[u32], heard_by| Act::Appealed {
            items: items.to_vec(),
            heard_by,
            filed_at: now,
            by: Filer::Subject,
            paper: true,
        };
        played.is_refused("secretary-1", filed(&[3], second), "item-unknown").await;
        let event = played.does("secretary-1", filed(&[2], second)).await;
        played.is_refused("secretary-1", filed(&[2], CaseId::new(now, [3; 10])), "appeal-twice").await;

        let opened = Act::Opened {
            policy: played.policy(),
            earlier: Vec::new(),
            appeal: Some(AppealOf { case: first, event }),
            application: None,
        };
        // Another case than was named, and an event that filed nothing, or that there isn't.
        played.goes_on_in(CaseId::new(now, [4; 10]));
        played.is_refused("secretary-1", opened.clone(), "appeal-other").await;
        played.goes_on_in(second);
        for (wrong, word) in [(0, "appeal-unknown"), (event + 1, "case-earlier")] {
            let appeal = Some(AppealOf { case: first, event: wrong });
            let Act::Opened { policy, .. } = opened.clone() else { panic!("an opening") };
            let act = Act::Opened { policy, earlier: Vec::new(), appeal, application: None };
            played.is_refused("secretary-1", act, word).await;
        }
        played.does("secretary-1", opened).await;
        played.is_refused("secretary-1", annulment(1, &[], false), "appeal-item").await;
        played.is_refused("secretary-1", appeals(1, 1), "appeal-item").await;
        played.is_refused("secretary-1", appeals(9, 2), "appeal-decides").await;
        // After a start both cases are read from the store.
        played.registry = played.registry.starts_again().await;
        played.does("secretary-1", appeals(1, 2)).await;
        let seats = PANEL.map(|holder| key_id(&played.seat(holder))).to_vec();
        played.is_refused("chair-1", Act::PanelNamed { seats }, "seat-recused").await;

        // Who sat in a closed case stays known, whatever is told behind its closing.
        played.goes_on_in(CaseId::new(now, [5; 10]));
        let again = Act::Opened { policy: played.policy(), earlier: vec![first], appeal: None, application: None };
        played.does("secretary-1", again).await;
        played.does("secretary-1", annulment(1, &[], false)).await;
        let seats = vec![key_id(&played.seat(PANEL[0]))];
        played.is_refused("chair-1", Act::PanelNamed { seats }, "seat-recused").await;
        played.registry.ends().await;
    }
}
