//! `/v1/drafts`: what may be sent, answered and erased when, and that the store decides between two at once. That seats
//! alone may is a row each of `roles/table.rs`.

use callboard_federation::{
    encoding::{Base64, Hash, KeyId, Octets, PublicKey},
    hand_in::HandIn,
    statement::Kind,
};
use ed25519_dalek::SigningKey;
use reqwest::Method;
use serde_json::{Value, json};

use crate::{
    caller::{Answer, Registry},
    support::{committee::tag, engines},
};

const PATH: &str = "/v1/drafts";
const SEALED: &[u8] = b"age-encryption.org/v1\nof nobody";

pub(crate) fn id_of(key: &SigningKey) -> KeyId {
    PublicKey::of(key).id()
}

pub(crate) fn sealed(text: &str) -> Value {
    json!(Base64(format!("age-encryption.org/v1\n{text}").into_bytes()))
}

/// A registry, and seats that draft and are asked.
struct Seats {
    registry: Registry,
    drafter: SigningKey,
    secretary: SigningKey,
    panel: [SigningKey; 3],
    chair: SigningKey,
}

impl Seats {
    async fn begun(engine: crate::support::Engine) -> Self {
        let registry = Registry::begun(engine).await;
        let seat = |holder| registry.committee.seat(holder);
        let (drafter, secretary) = (seat("panel-4"), seat("secretary-1"));
        let (panel, chair) = (["panel-1", "panel-2", "panel-3"].map(seat), seat("chair-1"));
        Self { registry, drafter, secretary, panel, chair }
    }

    fn asked(&self) -> Vec<KeyId> {
        [&self.panel[0], &self.panel[1], &self.chair].map(id_of).into()
    }

    async fn post(&self, by: &SigningKey, path: &str, body: &Value) -> Answer {
        self.registry.signed(by, Method::POST, path, body.to_string().as_bytes()).await
    }

    async fn get(&self, by: &SigningKey, path: &str) -> Answer {
        self.registry.signed(by, Method::GET, path, b"").await
    }

    /// Sends a draft to two of the panel and a chair.
    async fn sends(&self, docket: Hash) -> Value {
        let answer = self.post(&self.drafter, PATH, &self.body(docket)).await;
        assert_eq!(answer.status, 201, "{}", answer.text());
        answer.json()
    }

    fn body(&self, docket: Hash) -> Value {
        json!({"docket": docket, "asked": self.asked(), "sealed": Base64(SEALED.to_vec())})
    }

    async fn answers(&self, by: &SigningKey, draft: &Value, body: &Value) -> Answer {
        self.post(by, &format!("{PATH}/{}/answers", draft["id"].as_str().unwrap()), body).await
    }

    async fn is_answered(&self, by: &SigningKey, draft: &Value, body: &Value) -> Value {
        let answer = self.answers(by, draft, body).await;
        assert_eq!(answer.status, 201, "{body}: {}", answer.text());
        answer.json()
    }

    async fn shown(&self, draft: &Value) -> Value {
        self.get(&self.drafter, &format!("{PATH}/{}", draft["id"].as_str().unwrap())).await.json()
    }

    async fn listed(&self, by: &SigningKey, query: &str) -> Vec<String> {
        let answer = self.get(by, &format!("{PATH}{query}")).await.json();
        answer["drafts"].as_array().unwrap().iter().map(|draft| draft["docket"].as_str().unwrap().to_owned()).collect()
    }

    async fn erase(&self, by: &SigningKey, draft: &Value) -> Answer {
        self.registry.signed(by, Method::DELETE, &format!("{PATH}/{}", draft["id"].as_str().unwrap()), b"").await
    }

    /// A docket that counts.
    fn docket(&mut self, person: u32) -> HandIn {
        let at = self.registry.now();
        let drafted = self.registry.committee.suspend(at, &tag(person));
        self.registry.committee.docket(at, &[&drafted], None)
    }
}

pub(crate) fn sign(seed: u8) -> Value {
    json!({"act": "sign", "signature": Octets([seed; 64])})
}

pub(crate) fn withdraw_of(what: &str) -> Value {
    json!({"act": "withdraw", "takesBack": what})
}

pub(crate) fn words(act: &str) -> Value {
    json!({"act": act, "sealed": sealed(act)})
}

#[tokio::test]
async fn a_draft_is_shown_to_its_drafter_to_who_is_asked_and_to_the_secretariat_and_is_nobody_elses() {
    for engine in engines() {
        let seats = Seats::begun(engine).await;
        let draft = seats.sends(Hash::of(b"docket")).await;
        assert_eq!((&draft["drafter"], &draft["asked"]), (&json!(id_of(&seats.drafter)), &json!(seats.asked())));
        assert_eq!((&draft["state"], draft.get("sealed"), draft.get("index")), (&json!("open"), None, None));
        let of_one = format!("{PATH}/{}", draft["id"].as_str().unwrap());
        for by in [&seats.drafter, &seats.secretary, &seats.panel[1], &seats.chair] {
            assert_eq!(seats.get(by, &of_one).await.json()["sealed"], json!(Base64(SEALED.to_vec())));
            assert_eq!(seats.listed(by, "").await.len(), 1);
        }
        seats.get(&seats.panel[2], &of_one).await.is_problem(404, "not-found");
        seats.answers(&seats.panel[2], &draft, &words("stop")).await.is_problem(404, "not-found");
        seats.erase(&seats.panel[2], &draft).await.is_problem(404, "not-found");
        assert!(seats.listed(&seats.panel[2], "").await.is_empty());
        seats.registry.ends().await;
    }
}

#[tokio::test]
async fn each_seat_may_answer_what_is_its_own_to_say_and_nothing_else() {
    for engine in engines() {
        let seats = Seats::begun(engine).await;
        let draft = seats.sends(Hash::of(b"docket")).await;
        let (drafter, secretary, panel) = (&seats.drafter, &seats.secretary, &seats.panel[0]);
        for (by, answer, is_taken) in [
            (drafter, sign(1), false),
            (secretary, sign(1), false),
            (drafter, words("refuse"), false),
            (drafter, words("ask"), false),
            (panel, words("reply"), false),
            (secretary, words("reply"), false),
            (secretary, withdraw_of("decision"), false),
            (secretary, words("stop"), false),
            (panel, words("ask"), true),
            (drafter, words("reply"), true),
            (panel, sign(1), true),
            (panel, json!({"act": "stop"}), true),
            (drafter, json!({"act": "stop"}), true),
        ] {
            let answer = seats.answers(by, &draft, &answer).await;
            if is_taken {
                assert_eq!(answer.status, 201, "{}", answer.text());
            } else {
                answer.is_problem(403, "draft-forbidden");
            }
        }
        let shown = seats.shown(&draft).await;
        let acts: Vec<_> = shown["answers"].as_array().unwrap().iter().map(|answer| answer["act"].clone()).collect();
        assert_eq!(acts, ["ask", "reply", "sign", "stop", "stop"]);
        assert_eq!(shown["answers"][2]["signature"], json!(Octets([1; 64])));
        assert_eq!(shown["answers"][0]["sealed"], sealed("ask"));
        let in_list = seats.get(drafter, PATH).await.json()["drafts"][0].clone();
        assert_eq!(in_list["answers"][2], json!({"seat": id_of(panel), "act": "sign", "at": seats.registry.now()}));
        seats.registry.ends().await;
    }
}

#[tokio::test]
async fn a_draft_and_an_answer_are_taken_once_and_sent_again_get_the_same_answer() {
    for engine in engines() {
        let seats = Seats::begun(engine).await;
        let draft = seats.sends(Hash::of(b"docket")).await;
        let mut again = seats.body(Hash::of(b"docket"));
        again["sealed"] = sealed("sealed anew");
        let answer = seats.post(&seats.drafter, PATH, &again).await;
        assert_eq!((answer.status, answer.json()), (200, draft.clone()));
        assert_eq!(seats.shown(&draft).await["sealed"], json!(Base64(SEALED.to_vec())), "what was sent first stays");
        // Of the same docket another seat may send its own.
        assert_eq!(seats.post(&seats.chair, PATH, &again).await.status, 201);

        let signed = seats.is_answered(&seats.chair, &draft, &sign(7)).await;
        let again = seats.answers(&seats.chair, &draft, &sign(7)).await;
        assert_eq!((again.status, again.json()), (200, signed));
        seats.answers(&seats.chair, &draft, &sign(8)).await.is_problem(409, "draft-answered");
        assert_eq!((seats.registry.rows().await["draft"], seats.registry.rows().await["draft_answer"]), (2, 1));
        seats.registry.ends().await;
    }
}

#[tokio::test]
async fn of_two_answers_of_one_seat_at_once_the_loser_is_told() {
    for engine in engines() {
        let seats = Seats::begun(engine).await;
        for round in 0..8_u8 {
            let draft = seats.sends(Hash::of(&[round])).await;
            let (signs, refuses) = (sign(1), words("refuse"));
            let (one, other, third) = tokio::join!(
                seats.answers(&seats.chair, &draft, &signs),
                seats.answers(&seats.chair, &draft, &refuses),
                seats.answers(&seats.panel[0], &draft, &signs),
            );
            let mut answered = [&one, &other];
            answered.sort_by_key(|answer| answer.status);
            assert_eq!(answered[0].status, 201, "{}", answered[0].text());
            answered[1].is_problem(409, "draft-answered");
            assert_eq!(third.status, 201, "{}: another seat's is its own", third.text());
            assert_eq!(seats.shown(&draft).await["answers"].as_array().unwrap().len(), 2);
        }
        seats.registry.ends().await;
    }
}

#[tokio::test]
async fn a_withdrawn_signature_is_gone_and_everyone_sees_by_whom_and_when() {
    for engine in engines() {
        let seats = Seats::begun(engine).await;
        let draft = seats.sends(Hash::of(b"docket")).await;
        let (chair, panel, withdraw) = (&seats.chair, &seats.panel[0], withdraw_of("decision"));
        seats.answers(chair, &draft, &withdraw).await.is_problem(409, "draft-answered");
        seats.is_answered(chair, &draft, &sign(7)).await;
        seats.is_answered(panel, &draft, &sign(8)).await;
        seats.answers(chair, &draft, &words("refuse")).await.is_problem(409, "draft-answered");
        seats.is_answered(chair, &draft, &withdraw).await;
        assert_eq!(seats.answers(chair, &draft, &withdraw).await.status, 200);
        let shown = seats.shown(&draft).await;
        assert_eq!(shown["answers"][0], json!({"seat": id_of(chair), "act": "sign", "at": seats.registry.now()}));
        assert_eq!(shown["answers"][1]["signature"], json!(Octets([8; 64])), "another's stays");
        assert_eq!(shown["answers"][2], json!({"seat": id_of(chair), "act": "withdraw", "at": seats.registry.now()}));
        seats.is_answered(chair, &draft, &words("refuse")).await;

        // A stop is withdrawn before the signature is.
        seats.is_answered(panel, &draft, &json!({"act": "stop"})).await;
        seats.answers(panel, &draft, &words("stop")).await.is_problem(409, "draft-answered");
        seats.answers(panel, &draft, &withdraw).await.is_problem(409, "draft-answered");
        seats.is_answered(panel, &draft, &withdraw_of("stop")).await;
        assert_eq!(
            seats.answers(panel, &draft, &withdraw_of("stop")).await.status,
            200,
            "the same again takes no more"
        );
        assert_eq!(seats.shown(&draft).await["answers"][1]["signature"], json!(Octets([8; 64])));
        seats.is_answered(panel, &draft, &withdraw).await;
        assert_eq!(seats.shown(&draft).await["answers"][1].get("signature"), None);
        seats.registry.ends().await;
    }
}

#[tokio::test]
async fn a_draft_that_its_drafter_withdrew_takes_nothing_more_and_keeps_no_signature() {
    for engine in engines() {
        let seats = Seats::begun(engine).await;
        let draft = seats.sends(Hash::of(b"docket")).await;
        seats.is_answered(&seats.chair, &draft, &sign(7)).await;
        let withdrawn = seats.is_answered(&seats.drafter, &draft, &withdraw_of("draft")).await;
        assert_eq!(withdrawn["state"], "withdrawn");
        assert_eq!(seats.answers(&seats.drafter, &draft, &withdraw_of("draft")).await.status, 200);
        for (by, answer) in [(&seats.panel[0], sign(1)), (&seats.chair, words("ask")), (&seats.drafter, words("reply"))]
        {
            seats.answers(by, &draft, &answer).await.is_problem(409, "draft-closed");
        }
        assert_eq!(seats.shown(&draft).await["answers"][0].get("signature"), None);
        seats.registry.ends().await;
    }
}

#[tokio::test]
async fn a_draft_whose_docket_is_logged_says_so_and_takes_nothing_more() {
    for engine in engines() {
        let mut seats = Seats::begun(engine).await;
        let docket = seats.docket(1);
        let draft = seats.sends(docket.docket.payload_hash()).await;
        seats.is_answered(&seats.chair, &draft, &sign(7)).await;
        let index = seats.registry.logs(&docket).await;
        let shown = seats.shown(&draft).await;
        assert_eq!((&shown["state"], &shown["index"]), (&json!("logged"), &json!(index)));
        for (by, answer) in [
            (&seats.panel[0], sign(1)),
            (&seats.chair, withdraw_of("decision")),
            (&seats.drafter, withdraw_of("draft")),
            (&seats.chair, json!({"act": "stop"})),
        ] {
            seats.answers(by, &draft, &answer).await.is_problem(409, "draft-closed");
        }
        // Sent after it was logged, it is logged too.
        let late = seats.docket(2);
        seats.registry.logs(&late).await;
        assert_eq!(seats.sends(late.docket.payload_hash()).await["state"], "logged");
        seats.registry.ends().await;
    }
}

#[tokio::test]
async fn drafts_are_listed_by_page_and_state_the_newest_first() {
    for engine in engines() {
        let mut seats = Seats::begun(engine).await;
        let mut sent = Vec::new();
        for person in 0..5 {
            let docket = seats.docket(person);
            let draft = seats.sends(docket.docket.payload_hash()).await;
            match person {
                1 => drop(seats.registry.logs(&docket).await),
                3 => drop(seats.is_answered(&seats.drafter, &draft, &withdraw_of("draft")).await),
                _ => {}
            }
            sent.insert(0, draft["docket"].as_str().unwrap().to_owned());
            seats.registry.world.clock.move_to(seats.registry.now().plus_millis(1));
        }
        for by in [&seats.drafter, &seats.panel[0]] {
            assert_eq!(seats.listed(by, "").await, sent);
            let (mut paged, mut query) = (Vec::new(), "?limit=2".to_owned());
            loop {
                let page = seats.get(by, &format!("{PATH}{query}")).await.json();
                paged.extend(page["drafts"].as_array().unwrap().iter().map(|draft| draft["docket"].clone()));
                let Some(next) = page["next"].as_str() else { break };
                query = format!("?limit=2&before={next}");
            }
            assert_eq!(paged, sent);
            let of = |at: &[usize]| at.iter().map(|at| sent[*at].clone()).collect::<Vec<_>>();
            assert_eq!(seats.listed(by, "?state=open").await, of(&[0, 2, 4]));
            assert_eq!(seats.listed(by, "?state=logged").await, of(&[3]));
            assert_eq!(seats.listed(by, "?state=withdrawn").await, of(&[1]));
        }
        for query in ["?state=other", "?before=7", "?after=7"] {
            seats.get(&seats.drafter, &format!("{PATH}{query}")).await.is_problem(400, "malformed");
        }
        seats.registry.ends().await;
    }
}

#[tokio::test]
async fn what_is_no_draft_or_answer_is_refused() {
    for engine in engines() {
        let seats = Seats::begun(engine).await;
        let mut asked = seats.asked();
        let stranger = Hash::of(b"no seat");
        let new = seats.body(Hash::of(b"docket"));
        let with = |member: &str, value: Value| {
            let mut new = new.clone();
            new[member] = value;
            new
        };
        asked.push(asked[0]);
        for (body, word) in [
            (with("asked", json!([])), "draft-refused"),
            (with("asked", json!([stranger])), "draft-refused"),
            (with("asked", json!(asked)), "draft-refused"),
            (with("sealed", json!(Base64(b"{\"v\":1}".to_vec()))), "draft-refused"),
        ] {
            seats.post(&seats.drafter, PATH, &body).await.is_problem(422, word);
        }
        seats.post(&seats.drafter, PATH, &with("more", json!(1))).await.is_problem(400, "malformed");
        let draft = seats.sends(Hash::of(b"docket")).await;
        for body in [
            json!({"act": "sign"}),
            json!({"act": "refuse"}),
            json!({"act": "ask"}),
            json!({"act": "stop", "signature": Octets([1; 64])}),
            json!({"act": "sign", "signature": Octets([1; 64]), "sealed": sealed("why")}),
            json!({"act": "refuse", "sealed": Base64(b"why, in clear".to_vec())}),
            json!({"act": "refuse", "sealed": sealed(&"x".repeat(16 * 1_024))}),
        ] {
            seats.answers(&seats.chair, &draft, &body).await.is_problem(422, "draft-refused");
        }
        seats.answers(&seats.chair, &draft, &json!({"act": "agree"})).await.is_problem(400, "malformed");
        assert_eq!(seats.registry.rows().await["draft_answer"], 0);
        seats.registry.ends().await;
    }
}

#[tokio::test]
async fn ciphertext_of_eight_mebibytes_is_taken_and_a_byte_more_is_not() {
    for engine in engines() {
        let seats = Seats::begun(engine).await;
        let of_size = |bytes: usize| {
            let mut new = seats.body(Hash::of(&bytes.to_be_bytes()));
            let padding = vec![0; bytes - SEALED.len()];
            new["sealed"] = json!(Base64([SEALED, &padding].concat()));
            new
        };
        let limit = 8 * 1_024 * 1_024;
        seats.post(&seats.drafter, PATH, &of_size(limit + 1)).await.is_problem(413, "body-too-large");
        let kept = seats.post(&seats.drafter, PATH, &of_size(limit)).await;
        assert_eq!(kept.status, 201, "{}", kept.text());
        seats.post(&seats.drafter, PATH, &of_size(2 * limit)).await.is_problem(413, "body-too-large");
        seats.registry.ends().await;
    }
}

#[tokio::test]
async fn an_erased_draft_keeps_nothing_sealed() {
    for engine in engines() {
        let seats = Seats::begun(engine).await;
        let draft = seats.sends(Hash::of(b"docket")).await;
        seats.is_answered(&seats.panel[0], &draft, &sign(7)).await;
        seats.is_answered(&seats.chair, &draft, &words("refuse")).await;
        seats.erase(&seats.chair, &draft).await.is_problem(403, "draft-forbidden");
        for by in [&seats.secretary, &seats.drafter] {
            assert_eq!(seats.erase(by, &draft).await.status, 204);
        }
        let shown = seats.shown(&draft).await;
        assert_eq!((&shown["state"], &shown["erasedAt"]), (&json!("withdrawn"), &json!(seats.registry.now())));
        assert_eq!(shown.get("sealed"), None);
        let answers = shown["answers"].as_array().unwrap();
        assert!(answers.iter().all(|answer| answer.get("signature").is_none() && answer.get("sealed").is_none()));
        assert_eq!(answers.len(), 2, "that there were some stays");
        seats.answers(&seats.panel[1], &draft, &sign(1)).await.is_problem(409, "draft-closed");
        let again = seats.post(&seats.drafter, PATH, &seats.body(Hash::of(b"docket"))).await;
        assert_eq!((again.status, again.json()["erasedAt"].is_string()), (200, true), "and it doesn't come back");
        seats.registry.ends().await;
    }
}

#[tokio::test]
async fn a_logged_erasure_erases_the_drafts_of_what_it_is_about_and_its_own() {
    for engine in engines() {
        let mut seats = Seats::begun(engine).await;
        let at = seats.registry.now();
        let suspended = seats.registry.committee.suspend(at, &tag(1));
        let annulled = seats.registry.committee.act(at, Kind::Annulment, Kind::Ruling, &[suspended.record()]);
        let about = [suspended.record(), annulled.record()];
        let erasing = seats.registry.committee.act(at, Kind::Erasure, Kind::Ruling, &about);
        let mut drafts = Vec::new();
        for drafted in [suspended, annulled, erasing] {
            let docket = seats.registry.committee.docket(at, &[&drafted], None);
            drafts.push((seats.sends(docket.docket.payload_hash()).await, true));
            seats.registry.logs(&docket).await;
        }
        drafts.push((seats.sends(Hash::of(b"another")).await, false));
        for (draft, is_erased) in drafts {
            let shown = seats.shown(&draft).await;
            assert_eq!((shown["erasedAt"].is_string(), shown["sealed"].is_null()), (is_erased, is_erased), "{shown}");
        }
        seats.registry.ends().await;
    }
}

#[tokio::test]
async fn the_secretariat_seals_a_draft_anew_for_a_seat_that_then_reads_it_and_notes_for_itself() {
    for engine in engines() {
        let seats = Seats::begun(engine).await;
        let draft = seats.sends(Hash::of(b"docket")).await;
        let path = format!("{PATH}/{}", draft["id"].as_str().unwrap());
        let deputy = &seats.panel[2];
        assert_eq!(seats.get(deputy, &path).await.status, 404, "it isn't asked");
        let seal = json!({"sealed": sealed("anew"), "readers": [id_of(deputy)], "note": sealed("to panel-3")});
        let reseal = async |by: &SigningKey, body: &Value| seats.post(by, &format!("{path}/sealed"), body).await.status;
        for (by, denied) in [(&seats.drafter, 403), (&seats.panel[0], 403), (deputy, 403), (&seats.chair, 403)] {
            assert_eq!(reseal(by, &seal).await, denied);
        }
        let mut wrong = Vec::new();
        for (member, value) in [
            ("sealed", json!(Base64(b"clear".to_vec()))),
            ("note", json!(Base64(b"clear".to_vec()))),
            ("readers", json!([])),
            ("readers", json!([KeyId::of(b"nobody")])),
        ] {
            let mut body = seal.clone();
            body[member] = value;
            wrong.push(body);
        }
        for body in &wrong {
            assert_eq!(reseal(&seats.secretary, body).await, 422, "{body}");
        }
        assert_eq!(seats.shown(&draft).await["sealed"], json!(Base64(SEALED.to_vec())), "nothing of it was taken");

        assert_eq!(reseal(&seats.secretary, &seal).await, 200);
        let read = seats.get(deputy, &path).await.json();
        assert_eq!((&read["sealed"], &read["readers"]), (&sealed("anew"), &json!([id_of(deputy)])));
        assert_eq!(read["answers"][0]["act"], "reseal");
        assert_eq!(seats.listed(deputy, "").await.len(), 1, "and it is listed what it reads");
        let denied = seats.answers(deputy, &draft, &sign(1)).await;
        assert_eq!(denied.status, 403, "but it isn't asked to sign: {}", denied.text());

        // A note is the secretariat's: to write, and to be shown.
        assert_eq!(seats.answers(&seats.drafter, &draft, &words("note")).await.status, 403);
        assert_eq!(seats.answers(&seats.secretary, &draft, &json!({"act": "note"})).await.status, 422);
        assert_eq!(seats.answers(&seats.secretary, &draft, &words("reseal")).await.status, 422);
        seats.is_answered(&seats.secretary, &draft, &words("note")).await;
        let acts = |draft: &Value| -> Vec<String> {
            draft["answers"].as_array().unwrap().iter().map(|of| of["act"].as_str().unwrap().to_owned()).collect()
        };
        assert_eq!(acts(&seats.get(&seats.secretary, &path).await.json()), ["reseal", "note"]);
        for by in [&seats.drafter, &seats.panel[0], deputy] {
            assert_eq!(acts(&seats.get(by, &path).await.json()), ["reseal"]);
        }
        assert_eq!(acts(&seats.get(&seats.secretary, PATH).await.json()["drafts"][0]), ["reseal"]);
        seats.is_answered(&seats.drafter, &draft, &withdraw_of("draft")).await;
        let once_more = json!({"act": "note", "sealed": sealed("later")});
        seats.is_answered(&seats.secretary, &draft, &once_more).await;
        assert_eq!(seats.erase(&seats.secretary, &draft).await.status, 204);
        assert_eq!(seats.answers(&seats.secretary, &draft, &words("note")).await.status, 409);
        assert_eq!(reseal(&seats.secretary, &seal).await, 409, "what was erased doesn't come back");
    }
}
