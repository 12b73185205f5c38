//! One annulment or reinstatement reaches every member, is receipted, and shows which members haven't acted.

use callboard_client::clock::Clock as _;
use callboard_federation::{
    encoding::{EndpointId, Hash, PublicKey},
    hand_in::HandIn,
    receipt::{Outcome, Receipt},
    statement::Kind,
};
use callboard_registry::store::endpoints::StoredEndpoint;
use callboard_rules::policies;
use ed25519_dalek::SigningKey;
use serde_json::json;

use crate::{
    receiver::Receiver,
    support::{Database, World, committee::Committee, committee::tag, engines, hex},
};

/// A registry of the published vectors whose members are alpha and beta, each with an endpoint.
struct Board {
    world: World,
    committee: Committee,
    database: Database,
    members: [(&'static str, SigningKey, Receiver); 2],
}

impl Board {
    async fn begun(engine: crate::support::Engine) -> Self {
        let (world, mut committee, database) = World::begun(engine, None).await;
        world.clock.move_to(world.clock.now().plus_days(1));
        let beta = SigningKey::from_bytes(Hash::of(b"beta").as_bytes());
        let handed: HandIn = serde_json::from_value(committee.beginning()[2]["handIn"].clone()).unwrap();
        let statement: serde_json::Value = serde_json::from_slice(&handed.items[4].statement.0).unwrap();
        let mut list: serde_json::Value = serde_json::from_str(statement["document"].as_str().unwrap()).unwrap();
        list["version"] = json!(2);
        let row = json!({"member": "beta", "name": "Beta", "keys": [PublicKey::of(&beta)], "quota": {"perDay": 1}});
        list["members"].as_array_mut().unwrap().push(row);
        let drafted = committee.draft(world.clock.now(), "members", None, &json!({"document": list.to_string()}));
        let docket = committee.docket(world.clock.now(), &[&drafted], None);
        assert_eq!(world.submit(&serde_json::to_value(&docket).unwrap()).await.0, 201);
        // An instrument by which whoever says nothing is overdue at once.
        let source = policies::find("streamer-warning-rules", "2022").unwrap().text;
        let text = source.replacen("version = \"2022\"", "version = \"2022-at-once\"", 1);
        let document = policies::read(&text.replace("dueHours = 24", "dueHours = 0")).unwrap();
        let policy = committee.adopt(world.clock.now(), document);
        assert_eq!(world.submit(&serde_json::to_value(&policy).unwrap()).await.0, 201);
        let alpha = SigningKey::from_bytes(&hex(&committee.vectors["memberSeeds"]["alpha"]));
        let members = [("alpha", alpha, Receiver::start().await), ("beta", beta, Receiver::start().await)];
        for (at, (member, _, receiver)) in (0..).zip(&members) {
            let (now, from) = (world.clock.now(), world.ledger.size());
            let id = EndpointId::new(now, [at; 10]);
            let endpoint = StoredEndpoint::new(id, member, &receiver.url, &[at; 32], from, now);
            world.ledger.store().put_endpoint(&endpoint).await.unwrap();
        }
        world.delivery.look_at_endpoints();
        Self { world, committee, database, members }
    }

    async fn logs(&self, docket: &HandIn) -> Hash {
        assert_eq!(self.world.submit(&serde_json::to_value(docket).unwrap()).await.0, 201);
        docket.docket.payload_hash()
    }
}

#[tokio::test]
async fn a_reversal_is_pushed_to_every_member_and_shows_who_has_not_acted() {
    for engine in engines() {
        for kind in [Kind::Annulment, Kind::Reinstatement] {
            let mut board = Board::begun(engine).await;
            let now = board.world.clock.now();
            let ruling = board.committee.suspend(now, &tag(1));
            let docket = board.committee.docket(now, &[&ruling], None);
            board.logs(&docket).await;
            let reversal = board.committee.act(now, kind, Kind::Ruling, &[ruling.record()]);
            let docket = board.committee.docket(now, &[&reversal], None);
            let hash = board.logs(&docket).await;
            for (_, _, receiver) in &board.members {
                let pushed = receiver.has(2).await;
                let last = pushed.last().unwrap().message();
                assert_eq!((last.data.docket, last.data.items[0].kind), (hash, kind));
                assert_eq!(last.data.items[0].about, [ruling.record()]);
                assert_eq!(last.data.items[0].tags[0].tag.to_string(), tag(1), "whom it concerns is in it");
            }
            let (alpha, key, _) = &board.members[0];
            let (member, outcome) = (alpha.to_string().try_into().unwrap(), Outcome::InEffect);
            let receipt = Receipt { v: 1, member, docket: hash, outcome, exceptions: Vec::new(), at: now };
            board.world.delivery.submit_receipt(&receipt.sign(key)).await.unwrap().unwrap();
            let shown = board.world.delivery.propagation(hash).await.unwrap().unwrap();
            let acted: Vec<_> = shown.members.iter().map(|row| (row.member.as_str(), row.acted.as_str())).collect();
            assert_eq!(acted, [("alpha", "in-effect"), ("beta", "overdue")]);
            assert!(shown.members[0].receipted_at.is_some() && shown.members[1].receipted_at.is_none());
            let Board { world, database, .. } = board;
            world.stop().await;
            database.drop().await;
        }
    }
}
