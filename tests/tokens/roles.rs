//! Operation × role: for each operation of the token service's OpenAPI document, what it does for whom it is allowed,
//! and that for the others it does nothing. The registry's: `tests/api/roles.rs`.

use super::*;
use crate::contents::{Contents, changed, contents};

/// Who asks.
#[derive(Debug, Clone, Copy)]
enum Role {
    /// Unsigned.
    Nobody,
    /// With a key that nobody knows.
    Stranger,
    Alpha,
    /// Another member.
    Beta,
    Seat,
}

enum Outcome {
    Does,
    /// Refused with this status and word, and nothing done.
    Refused(u16, &'static str),
}
use Outcome::{Does, Refused};

/// What an allowed call does.
enum Effect {
    /// It shows this, and changes nothing.
    Shows(&'static str),
    /// It evaluates the batch, keeps its root, and whoever asks pays for it.
    Evaluates,
}

/// An operation, and what comes of it for each role, in the order of [`Role::ALL`].
struct Row(&'static str, &'static str, Effect, [Outcome; 5]);

const TABLE: [Row; 4] = [
    Row(
        "POST",
        "/v1/tokens",
        Effect::Evaluates,
        [Refused(401, "unsigned"), Refused(403, "key-unknown"), Does, Does, Does],
    ),
    Row("GET", "/v1/epochs", Effect::Shows(r#""issuer":"callboard.test""#), [Does, Does, Does, Does, Does]),
    Row("GET", "/healthz", Effect::Shows("alive\n"), [Does, Does, Does, Does, Does]),
    Row("GET", "/readyz", Effect::Shows("ready\n"), [Does, Does, Does, Does, Does]),
];

impl Role {
    const ALL: [Self; 5] = [Self::Nobody, Self::Stranger, Self::Alpha, Self::Beta, Self::Seat];

    fn key(self) -> Option<SigningKey> {
        match self {
            Self::Nobody => None,
            Self::Stranger => Some(key(99)),
            Self::Alpha => Some(key(1)),
            Self::Beta => Some(key(2)),
            Self::Seat => Some(seats()[0].clone()),
        }
    }

    /// Who is written down to have asked.
    fn account(self) -> String {
        match self {
            Self::Alpha => "alpha".to_owned(),
            Self::Beta => "beta".to_owned(),
            other => format!("seat:{}", PublicKey::of(&other.key().unwrap()).id()),
        }
    }
}

impl World {
    async fn ask_as(&self, role: Role, method: &str, address: &str, body: &[u8]) -> Response {
        let mut nonce = [0; 16];
        os_rng().fill_bytes(&mut nonce);
        let url = format!("http://{}{address}", self.service().addr);
        let request = self.http.request(method.parse().unwrap(), url).body(body.to_vec());
        let request = request.header(CONTENT_TYPE, "application/octet-stream");
        let Some(key) = role.key() else { return request.send().await.unwrap() };
        let target = format!("{PUBLIC_URL}{address}");
        let headers = request::sign(&key, method, &target, body, self.clock.now(), nonce);
        headers.lines().fold(request, |request, (name, value)| request.header(name, value)).send().await.unwrap()
    }

    async fn contents(&self) -> Contents {
        contents(&format!("sqlite:{}", self.dir.path().join("tokens.sqlite").display()), &[]).await
    }

    /// The points of each who asked.
    async fn points(&self) -> BTreeMap<String, i64> {
        let sql = "SELECT asker, SUM(points) FROM spent GROUP BY asker";
        let rows = sqlx::query(sql).fetch_all(&mut self.store().await).await.unwrap();
        rows.iter().map(|row| (row.get(0), row.get(1))).collect()
    }
}

#[tokio::test]
async fn each_operation_does_for_each_role_what_it_may_and_for_the_others_nothing() {
    let world = World::start().await;
    world.service().follow().await.unwrap();
    let asked = batch(3);
    for Row(method, path, effect, outcomes) in TABLE {
        for (role, outcome) in Role::ALL.into_iter().zip(outcomes) {
            let at = format!("{method} {path}, asked by {role:?}");
            let (address, body) = match effect {
                Effect::Evaluates => (format!("{path}?epoch=1"), asked.body()),
                Effect::Shows(_) => (path.to_owned(), &[][..]),
            };
            let (before, mut points) = (world.contents().await, world.points().await);
            let answer = world.ask_as(role, method, &address, body).await;
            let mut tables: &[&str] = &[];
            match (outcome, &effect) {
                (Refused(status, problem), _) => drop(refusal(answer, status, problem).await),
                (Does, Effect::Shows(text)) => {
                    assert_eq!(answer.status(), 200, "{at}");
                    let shown = answer.text().await.unwrap();
                    assert!(shown.contains(text), "{at}: {shown}");
                }
                (Does, Effect::Evaluates) => {
                    assert_eq!(answer.status(), 200, "{at}");
                    assert_eq!(asked.tags(&world.keys[0], &answer.bytes().await.unwrap()).len(), 3, "{at}");
                    *points.entry(role.account()).or_default() += 3;
                    tables = &["batches", "nonces", "spent"];
                }
            }
            assert_eq!(changed(&before, &world.contents().await), tables, "{at}");
            assert_eq!(world.points().await, points, "{at}: whoever asks pays, and nobody else");
        }
    }
    world.stop().await;
}

#[test]
fn each_operation_of_the_document_has_a_row_and_each_row_an_operation() {
    let document = serde_json::to_value(tokens::openapi()).unwrap();
    let mut described: Vec<(String, String)> = Vec::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        let methods = item.as_object().unwrap().keys().map(|method| (method.to_uppercase(), path.clone()));
        described.extend(methods);
    }
    let mut rows = TABLE.map(|Row(method, path, ..)| (method.to_owned(), path.to_owned()));
    described.sort();
    rows.sort();
    assert_eq!(described, rows);
}
