//! Records: what is known of one, its proof, its share.

use callboard_federation::{proof_file::ProofFile, statement::Kind};
use reqwest::Method;
use serde_json::json;

use crate::{
    caller::{Registry, key},
    support::{committee::tag, engines},
};

#[tokio::test]
async fn a_stranger_sees_the_place_and_who_signs_the_statement() {
    for engine in engines() {
        let mut registry = Registry::watched(engine).await;
        let at = registry.now();
        let ruling = registry.committee.suspend(at, &tag(1));
        let docket = registry.committee.docket(at, &[&ruling], None);
        let index = registry.logs(&docket).await;
        let path = format!("/v1/records/{}", ruling.record());
        let place =
            json!({"record": ruling.record(), "kind": "ruling", "index": index, "position": 0, "erased": false});
        assert_eq!(registry.get(&path).await.json(), place);
        let shown = registry.signed(&key("beta"), Method::GET, &path, b"").await;
        assert_eq!(shown.json()["statement"], docket.items[0].statement.to_string());
        registry.signed(&key("a stranger"), Method::GET, &path, b"").await.is_problem(403, "key-unknown");
        let half = registry.request(Method::GET, &path).header("signature-input", "callboard=()");
        registry.send(half).await.is_problem(401, "unsigned");
        registry.get("/v1/records/019c167f-cc00-7000-8000-000000000000").await.is_problem(404, "not-found");
        for wrong in ["1", "019C167F-CC00-7D05-A044-4C909AD3E789", "%ff"] {
            registry.get(&format!("/v1/records/{wrong}")).await.is_problem(400, "malformed");
        }
        registry.ends().await;
    }
}

#[tokio::test]
async fn a_proof_file_verifies_off_line_from_genesis_once_a_quorum_watches() {
    for engine in engines() {
        let mut registry = Registry::watched(engine).await;
        let nobody_s = "/v1/records/019c167f-cc00-7568-8a65-6cc0703e460a/proof";
        registry.signed(&key("beta"), Method::GET, nobody_s, b"").await.is_problem(404, "not-found");
        registry.is_witnessed().await;
        let at = registry.now();
        let rulings: Vec<_> = (0..3).map(|number| registry.committee.suspend(at, &tag(number))).collect();
        let docket = registry.committee.docket(at, &rulings.iter().collect::<Vec<_>>(), None);
        let index = registry.logs(&docket).await;
        let path = format!("/v1/records/{}/proof", rulings[2].record());
        registry.signed(&key("beta"), Method::GET, &path, b"").await.is_problem(409, "not-witnessed");
        registry.is_witnessed().await;
        let answer = registry.signed(&key("beta"), Method::GET, &path, b"").await;
        assert_eq!(answer.header("cache-control"), "private, no-cache");
        let proven =
            ProofFile::from_json(&answer.body).unwrap().verify(&registry.committee.genesis(), registry.now()).unwrap();
        assert_eq!((proven.place.index, proven.place.position), (index, 2));
        assert_eq!((proven.statement.id, proven.roster.version), (rulings[2].record(), 2));

        let known = {
            let headers = registry.signature(&key("beta"), &Method::GET, &path, b"", at, registry.nonce());
            let asked = registry.request(Method::GET, &path).header("if-none-match", answer.header("etag"));
            crate::caller::with(asked, &headers)
        };
        assert_eq!(registry.send(known).await.status, 304);
        for (record, status, word) in
            [("019c167f-cc00-7000-8000-000000000000", 404, "not-found"), ("1", 400, "malformed")]
        {
            let path = format!("/v1/records/{record}/proof");
            registry.signed(&key("beta"), Method::GET, &path, b"").await.is_problem(status, word);
        }
        registry.ends().await;
    }
}

#[tokio::test]
async fn every_record_of_the_beginning_has_a_proof_that_verifies() {
    for engine in engines() {
        let registry = Registry::watched(engine).await;
        registry.is_witnessed().await;
        let mut proven = 0;
        for row in registry.get("/v1/dockets").await.json()["dockets"].as_array().unwrap() {
            let docket = registry.get(&format!("/v1/dockets/{}", row["docket"].as_str().unwrap())).await.json();
            for item in docket["items"].as_array().unwrap() {
                let path = format!("/v1/records/{}/proof", item["record"].as_str().unwrap());
                let answer = registry.signed(&key("beta"), Method::GET, &path, b"").await;
                let file = ProofFile::from_json(&answer.body).unwrap();
                file.verify(&registry.committee.genesis(), registry.now())
                    .unwrap_or_else(|fault| panic!("{item}: {fault}"));
                proven += 1;
            }
        }
        assert_eq!(proven, 25);
        registry.ends().await;
    }
}

#[tokio::test]
async fn a_share_is_given_to_members_and_each_time_counted() {
    for engine in engines() {
        let mut registry = Registry::watched(engine).await;
        let at = registry.now();
        let ruling = registry.committee.suspend(at, &tag(1));
        let dispute = registry.committee.act(at, Kind::Dispute, Kind::Ruling, &[ruling.record()]);
        let docket = registry.committee.docket(at, &[&ruling, &dispute], None);
        registry.logs(&docket).await;
        let path = format!("/v1/records/{}/share", ruling.record());
        let share = json!({"share": ruling.share.unwrap().to_string()});
        for key in [key("beta"), key("beta"), key("beta, another")] {
            let answer = registry.signed(&key, Method::POST, &path, b"").await;
            assert_eq!((answer.json(), answer.header("cache-control")), (share.clone(), "no-store"));
        }
        let given = registry.world.ledger.store().share_recipients(ruling.record()).await.unwrap();
        let counted: Vec<_> = given.iter().map(|given| (given.member.as_str(), given.times)).collect();
        assert_eq!(counted, [("beta", 3)], "one member, whichever key it asked with");
        assert_eq!(registry.get("/v1/statistics").await.json()["sharesGiven"], 3);

        let seat = registry.committee.seat("panel-1");
        assert_eq!(registry.signed(&seat, Method::POST, &path, b"").await.json(), share, "a seat hears appeals");
        let given = registry.world.ledger.store().share_recipients(ruling.record()).await.unwrap();
        assert_eq!((given.len(), given[1].member.as_str(), given[1].times), (2, "seat:panel", 1));
        let too_large = vec![b' '; 1_000_001];
        registry.signed(&key("beta"), Method::POST, &path, &too_large).await.is_problem(413, "body-too-large");
        registry.get(&path).await.is_problem(405, "method-not-allowed");
        for (record, status, word) in [
            (dispute.record().to_string(), 404, "not-found"),
            ("019c167f-cc00-7000-8000-000000000000".to_owned(), 404, "not-found"),
            ("1".to_owned(), 400, "malformed"),
        ] {
            let path = format!("/v1/records/{record}/share");
            registry.signed(&key("beta"), Method::POST, &path, b"").await.is_problem(status, word);
        }
        assert_eq!(registry.get("/v1/statistics").await.json()["sharesGiven"], 4, "a refusal isn't counted");
        registry.ends().await;
    }
}

#[tokio::test]
async fn an_erased_record_keeps_its_place_and_loses_everything_else() {
    for engine in engines() {
        let mut registry = Registry::watched(engine).await;
        let at = registry.now();
        let ruling = registry.committee.suspend(at, &tag(1));
        let docket = registry.committee.docket(at, &[&ruling], None);
        let index = registry.logs(&docket).await;
        let annulment = registry.committee.act(at, Kind::Annulment, Kind::Ruling, &[ruling.record()]);
        let docket = registry.committee.docket(at, &[&annulment], None);
        registry.logs(&docket).await;
        let path = format!("/v1/records/{}", ruling.record());
        let share = format!("{path}/share");
        assert_eq!(registry.signed(&key("beta"), Method::POST, &share, b"").await.status, 200);

        let chain = [ruling.record(), annulment.record()];
        let erasure = registry.committee.act(at, Kind::Erasure, Kind::Ruling, &chain);
        let docket = registry.committee.docket(at, &[&erasure], None);
        registry.logs(&docket).await;
        registry.is_witnessed().await;
        let shown = registry.signed(&key("beta"), Method::GET, &path, b"").await.json();
        let erased =
            json!({"record": ruling.record(), "kind": "ruling", "index": index, "position": 0, "erased": true});
        assert_eq!(shown, erased);
        registry.signed(&key("beta"), Method::GET, &format!("{path}/proof"), b"").await.is_problem(410, "erased");
        registry.signed(&key("beta"), Method::POST, &share, b"").await.is_problem(410, "erased");
        assert_eq!(registry.rows().await["share_given"], 0);
        assert_eq!(registry.get("/v1/statistics").await.json()["erased"], 2);
        registry.ends().await;
    }
}
