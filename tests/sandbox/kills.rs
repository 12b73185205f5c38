//! An agent's process that is killed under load, fifty times: nothing that it said or owed is lost.

use std::{
    collections::BTreeSet,
    fs,
    path::Path,
    sync::{Arc, Mutex},
    time::Duration,
};

use axum::{Json, Router, extract::State, http::StatusCode, routing::post};
use callboard_federation::{anchor::CheckProof, tlog::checkpoint::SignedCheckpoint};
use serde_json::{Value, json};
use tokio::{net::TcpListener, task::JoinSet};

use crate::{
    agent::Agent,
    support::{Sandbox, number, until},
};

const KILLS: usize = 50;
/// People whom the platform has, and of whom every so many is decided about.
const PEOPLE: usize = 24;

/// A platform's hook that fails now and then: whom it was told of which record.
type Told = Arc<Mutex<(u32, BTreeSet<(String, String)>)>>;

async fn hook(State(told): State<Told>, Json(call): Json<Value>) -> StatusCode {
    let mut told = told.lock().unwrap();
    told.0 += 1;
    if told.0 % 3 == 0 {
        return StatusCode::INTERNAL_SERVER_ERROR;
    }
    for record in call["records"].as_array().into_iter().flatten() {
        told.1.insert((call["ref"].as_str().unwrap().to_owned(), record.as_str().unwrap().to_owned()));
    }
    StatusCode::NO_CONTENT
}

fn person(person: usize) -> Value {
    json!({"ref": format!("host-{person}"), "identities": [{"kind": "cn-id", "value": number(person)}]})
}

/// Size and root of the newest checkpoint that an agent cosigned.
fn cosigned_in(directory: &Path) -> (u64, String) {
    let note: SignedCheckpoint = fs::read_to_string(directory.join("cosigned.note")).unwrap().parse().unwrap();
    (note.checkpoint().size, note.checkpoint().root.to_string())
}

#[tokio::test(flavor = "multi_thread")]
async fn an_agent_killed_fifty_times_under_load_loses_no_check_no_hook_call_and_signs_no_two_roots_of_a_size() {
    let sandbox = Sandbox::start(&["--without-agent"]).await;
    let told = Told::default();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let at = listener.local_addr().unwrap();
    let router = Router::new().route("/hook", post(hook)).with_state(told.clone());
    tokio::spawn(async move { axum::serve(listener, router).await });
    let config = fs::read_to_string(sandbox.member()).unwrap();
    let hooked = config.replace("\nhook = \"\"\n", &format!("\nhook = \"http://{at}/hook\"\n"));
    assert_ne!(hooked, config);
    fs::write(sandbox.member(), hooked).unwrap();
    let sandbox = Arc::new(sandbox);
    let directory = sandbox.member().with_file_name("agent");

    let mut agent = Agent::start(&sandbox, None);
    let ready = sandbox.url(2, "/readyz");
    let is_ready = async || sandbox.http.get(&ready).send().await.is_ok_and(|answer| answer.status().is_success());
    until(&is_ready).await;
    let enrolled = sandbox.post(&sandbox.url(2, "/enrol"), &json!((0..PEOPLE).map(person).collect::<Vec<_>>())).await;
    assert_eq!(enrolled["enrolled"], PEOPLE);

    // Decisions go on while the agent dies; each waits until it is witnessed, so until the agent is back.
    let deciding = tokio::spawn({
        let sandbox = sandbox.clone();
        async move {
            let mut expected = BTreeSet::new();
            for round in (0..PEOPLE).step_by(2) {
                let sheet = format!(
                    "kind,identity,names,measure,scopes,term,violations,reasons\n\
                     cn-id,{},沙盒,notice,live,长期,NB-11,示例\n",
                    number(round)
                );
                for record in sandbox.decide(sheet).await {
                    expected.insert((format!("host-{round}"), record));
                }
            }
            expected
        }
    });
    let answered = Arc::new(Mutex::new(Vec::new()));
    let mut load = JoinSet::new();
    for asker in 0..4 {
        let (sandbox, answered) = (sandbox.clone(), answered.clone());
        load.spawn(async move {
            for next in 0_usize.. {
                let who = person((asker * 7 + next) % (2 * PEOPLE));
                let answer = sandbox.http.post(sandbox.url(2, "/check")).json(&who).send().await;
                // Only what arrived whole was answered.
                if let Ok(answer) = answer
                    && let Ok(answer) = answer.json::<Value>().await
                {
                    answered.lock().unwrap().push(answer["id"].as_str().unwrap().to_owned());
                } else {
                    tokio::time::sleep(Duration::from_millis(5)).await;
                }
            }
        });
    }
    let (mut cosigned, mut last): (Vec<(u64, String)>, _) = (Vec::new(), BTreeSet::new());
    for kill in 0..KILLS {
        // Later and later into what it does, from its start on.
        let before = answered.lock().unwrap().len();
        until(async || answered.lock().unwrap().len() > before).await;
        tokio::time::sleep(Duration::from_millis(u64::try_from(kill * 37 % 190).unwrap())).await;
        agent.kill();
        last.extend(answered.lock().unwrap().iter().rev().take(4).cloned());
        cosigned.push(cosigned_in(&directory));
        agent = Agent::start(&sandbox, None);
        // A decision waits half a minute at most: however slow the machine is, each fifth life is long enough to witness.
        if kill % 5 == 4 {
            let before = cosigned.last().unwrap().0;
            until(async || deciding.is_finished() || cosigned_in(&directory).0 > before).await;
        }
    }
    let expected = deciding.await.unwrap();
    load.shutdown().await;
    assert_eq!(expected.len(), PEOPLE / 2);
    until(is_ready).await;

    until(async || told.lock().unwrap().1 == expected).await;
    assert!(last.len() >= KILLS);
    for id in &last {
        let proof = sandbox.http.get(sandbox.url(2, &format!("/checks/{id}/proof"))).send().await.unwrap();
        let proof: Value = proof.json().await.unwrap();
        let proof: CheckProof = serde_json::from_value(proof["check"].clone()).unwrap();
        proof.verify().unwrap();
        assert!(String::from_utf8_lossy(&proof.line.0).contains(id), "an answer whose check is lost");
    }
    assert!(cosigned.is_sorted_by_key(|(size, _)| *size), "it goes back: {cosigned:?}");
    cosigned.dedup();
    assert!(cosigned.windows(2).all(|pair| pair[0].0 < pair[1].0), "two roots of one size: {cosigned:?}");
    drop(agent);
    assert!(
        !fs::read_dir(&directory).unwrap().any(|entry| entry
            .unwrap()
            .file_name()
            .to_string_lossy()
            .contains("set-aside"))
    );
}
