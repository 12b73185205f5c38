//! The table: what each operation does for nobody, a stranger, the member whose thing it is, another member, the seat
//! that drafted, a seat that is asked, a seat that isn't, and the secretariat.
//!
//! A new operation is a row: its outcomes, what its answer shows, and what it changes in which tables. An operation that
//! anyone may carry something to has two: who carries it, and who signed it.

use callboard_federation::{
    declaration,
    encoding::{Base64, Hash, Octets, to_json},
    event::Head,
    hand_in::HandIn,
    report::{ReportKind, public::Side},
    tlog::cosignature::cosign,
};
use callboard_rules::case::act::{Act, Evidence, EvidenceKind};
use serde_json::{Value, json};

use super::{
    Outcome::{self, Does, Refused, ShowsOnly},
    Row, Seen,
    scene::{DECLARED_OF, PERSON, POLICY, REASON, Role, Scene},
};
use crate::{
    anchors::anchor,
    caller::{Answer, alpha, witness},
    cases::play::{age, annulment, body},
    drafts::{id_of, sealed, sign, withdraw_of, words},
    figures::declared,
    public_reports,
    reports::{act, id, recipient, request_id, violation},
    sessions::{self, filing, filing_id, link},
    support::committee::tag,
};

const UNSIGNED: Outcome = Refused(401, "unsigned");
const UNKNOWN: Outcome = Refused(403, "key-unknown");
const MEMBERS_ONLY: Outcome = Refused(403, "members-only");
const SEATS_ONLY: Outcome = Refused(403, "seats-only");
const NOT_FOUND: Outcome = Refused(404, "not-found");
const NOT_ITS_OWN_TO_SAY: Outcome = Refused(403, "draft-forbidden");

const NOT_ITS_EVENT: Outcome = Refused(422, "case-refused");
const NOT_ITS_REPORT: Outcome = Refused(403, "report-forbidden");
const NOT_ITS_SESSION: Outcome = Refused(403, "session-forbidden");
const NOT_A_BROWSER: Outcome = Refused(401, "request-signature");

const EVERYONE: [Outcome; 8] = [Does; 8];
/// Members and seats.
const KNOWN: [Outcome; 8] = [UNSIGNED, UNKNOWN, Does, Does, Does, Does, Does, Does];

/// Members alone: the one whose thing it is, and another.
const fn members(owner: Outcome, member: Outcome) -> [Outcome; 8] {
    [UNSIGNED, UNKNOWN, owner, member, MEMBERS_ONLY, MEMBERS_ONLY, MEMBERS_ONLY, MEMBERS_ONLY]
}

/// The browser that a session is bound to, which is none of these.
const BROWSER: [Outcome; 8] =
    [UNSIGNED, NOT_A_BROWSER, NOT_A_BROWSER, NOT_A_BROWSER, NOT_A_BROWSER, NOT_A_BROWSER, NOT_A_BROWSER, NOT_A_BROWSER];

/// Members, each of its own, and the secretariat.
const fn members_or_secretariat(owner: Outcome, member: Outcome) -> [Outcome; 8] {
    [UNSIGNED, UNKNOWN, owner, member, NOT_ITS_SESSION, NOT_ITS_SESSION, NOT_ITS_SESSION, Does]
}

/// Seats alone: the one that drafted, one that is asked, one that isn't, the secretariat.
const fn seats(drafter: Outcome, asked: Outcome, seat: Outcome, secretariat: Outcome) -> [Outcome; 8] {
    [UNSIGNED, UNKNOWN, SEATS_ONLY, SEATS_ONLY, drafter, asked, seat, secretariat]
}

/// What members and the secretariat say of a case.
const fn members_and_secretariat(does: Outcome) -> [Outcome; 8] {
    [UNSIGNED, UNKNOWN, does, does, NOT_ITS_EVENT, NOT_ITS_EVENT, NOT_ITS_EVENT, does]
}

/// What each seat says of itself in a case.
const fn seats_of_case(does: Outcome) -> [Outcome; 8] {
    [UNSIGNED, UNKNOWN, NOT_ITS_EVENT, NOT_ITS_EVENT, does, does, does, does]
}

/// What members report: the one whose report it is, another, and of the seats the secretariat.
const fn reporting(owner: Outcome, member: Outcome, secretariat: Outcome) -> [Outcome; 8] {
    [UNSIGNED, UNKNOWN, owner, member, NOT_ITS_REPORT, NOT_ITS_REPORT, NOT_ITS_REPORT, secretariat]
}

/// What is signed in the body, by nobody, by who has no seat, by one seat alone.
const fn signed_by_one(nobody: Outcome, no_seat: Outcome, seat: Outcome) -> [Outcome; 8] {
    [nobody, no_seat, no_seat, no_seat, seat, seat, seat, seat]
}

/// What is signed in the body, by the member whose word it is.
const fn signed_by_its_member(otherwise: Outcome) -> [Outcome; 8] {
    [otherwise, otherwise, Does, otherwise, otherwise, otherwise, otherwise, otherwise]
}

pub(super) const TABLE: &[Row] = &[
    // Dockets.
    Row::new("POST", "/v1/dockets", EVERYONE)
        .sends(|scene, _| to_json(&scene.things.next))
        .shows(|scene| vec![scene.things.next.docket.payload_hash().to_string()])
        .changes(
            &["case_event", "case_fact", "case_file", "docket", "head", "record"],
            Some(Role::Nobody),
            "/v1/dockets/{next}",
            |seen| {
                (seen.before.status, seen.after.status) == (404, 200)
                    && seen.after.json()["index"] == seen.answer.json()["index"]
            },
        ),
    Row::new(
        "POST",
        "/v1/dockets",
        signed_by_one(
            Refused(422, "docket-unsigned"),
            Refused(422, "signature-key-unknown"),
            Refused(422, "threshold"),
        ),
    )
    .sends(|scene, role| {
        let next = &scene.things.next;
        to_json(&HandIn { docket: scene.signed_by(role, &next.docket), ..next.clone() })
    }),
    Row::new("GET", "/v1/dockets", EVERYONE).shows(of_docket),
    Row::new("GET", "/v1/dockets/{docket}", EVERYONE).shows(|scene| vec![scene.things.record().to_string()]),
    // Records.
    Row::new("GET", "/v1/records/{record}", [ShowsOnly(place), UNKNOWN, Does, Does, Does, Does, Does, Does])
        .shows(of_statement),
    Row::new("GET", "/v1/records/{record}/proof", KNOWN).shows(of_statement),
    Row::new("POST", "/v1/records/{record}/share", KNOWN).shows(|scene| vec![scene.things.share()]).changes(
        &["share_given"],
        Some(Role::Nobody),
        "/v1/statistics",
        |seen| {
            let [before, after] = [&seen.before, &seen.after].map(|seen| seen.json()["sharesGiven"].as_u64());
            after == before.map(|before| before + 1)
        },
    ),
    Row::new("GET", "/v1/feed", KNOWN).query("?from=0").shows(of_statement),
    Row::new("POST", "/v1/standings", KNOWN)
        .sends(|_, _| to_json(&json!({"persons": [[{"epoch": 1, "tag": tag(PERSON)}]]})))
        .shows(|scene| vec![scene.things.record().to_string()]),
    // Public documents.
    Row::new("GET", "/v1/roster", EVERYONE).shows(of_proof),
    Row::new("GET", "/v1/members", EVERYONE).shows(of_proof),
    Row::new("GET", "/v1/policies", EVERYONE).shows(|_| vec![POLICY.to_owned()]),
    Row::new("GET", "/v1/policies/{sha256}", EVERYONE).shows(of_proof),
    Row::new("GET", "/v1/publications/{sha256}", EVERYONE).shows(|_| vec!["公告".to_owned()]),
    // The log.
    Row::new("GET", "/log/checkpoint", EVERYONE)
        .shows(|scene| vec![format!("callboard.example\n{}\n", scene.registry.world.ledger.size())]),
    Row::new("GET", "/log/tile/{path}", EVERYONE).shows(of_docket),
    Row::new("POST", "/v1/cosignatures", EVERYONE)
        .sends(|scene, _| scene.registry.cosigned("gamma").to_string().into_bytes())
        .shows(|_| vec![r#""taken":1"#.to_owned()])
        .changes(&["cosignature"], Some(Role::Nobody), "/log/checkpoint", |seen| {
            !seen.before.text().contains("/witness/gamma ") && seen.after.text().contains("/witness/gamma ")
        }),
    Row::new("POST", "/v1/cosignatures", [Refused(422, "cosignature-refused"); 8]).sends(witnessed_by),
    Row::new("POST", "/v1/anchors", members(Does, Refused(403, "anchor-foreign")))
        .sends(|scene, _| to_json(&anchor("alpha", 11, scene.registry.now()).sign(&alpha(&scene.registry))))
        .changes(&["anchor"], Some(Role::Owner), "/v1/anchors/filed", |seen| {
            let [before, after] = [&seen.before, &seen.after].map(|seen| listed(seen, "anchors"));
            before.len() == 1 && after.len() == 2 && after[1]["anchor"] == seen.answer.json()["anchor"]
        }),
    Row::new("GET", "/v1/anchors/filed", members(Does, ShowsOnly(|_| json!({"anchors": []}))))
        .shows(|scene| vec![scene.things.anchor.payload_hash().to_string()]),
    Row::new("GET", "/v1/anchors/{index}", KNOWN).shows(|scene| vec![scene.things.anchor.payload.to_string()]),
    // Drafts.
    Row::new("POST", "/v1/drafts", seats(Does, Does, Does, Does))
        .sends(|scene, _| {
            let asked = [id_of(&Role::Asked.key(&scene.registry).unwrap())];
            to_json(&json!({"docket": another_docket(), "asked": asked, "sealed": sealed("another draft")}))
        })
        .shows(|_| vec![another_docket().to_string()])
        .changes(&["draft", "draft_seat"], Some(Role::Secretariat), "/v1/drafts", |seen| {
            let after = listed(&seen.after, "drafts");
            after.len() == 2
                && after.iter().any(|draft| {
                    draft["docket"] == json!(another_docket()) && draft["drafter"] == seen.scene.key_id(seen.role)
                })
        }),
    Row::new("GET", "/v1/drafts", seats(Does, Does, ShowsOnly(|_| json!({"drafts": []})), Does))
        .shows(|scene| vec![scene.things.draft["id"].to_string()]),
    Row::new("GET", "/v1/drafts/{draft}", seats(Does, Does, NOT_FOUND, Does))
        .shows(|_| vec![sealed("a draft").to_string(), sign(7)["signature"].to_string()]),
    Row::new("POST", "/v1/drafts/{draft}/answers", seats(NOT_ITS_OWN_TO_SAY, Does, NOT_FOUND, NOT_ITS_OWN_TO_SAY))
        .sends(|_, _| to_json(&sign(8)))
        .shows(of_draft)
        .changes(OF_ANSWERS, Some(Role::Secretariat), "/v1/drafts/{draft}", |seen| {
            is_answered(seen, "sign") && listed(&seen.after, "answers")[1]["signature"] == json!(Octets([8; 64]))
        }),
    Row::new("POST", "/v1/drafts/{draft}/answers", seats(Does, NOT_ITS_OWN_TO_SAY, NOT_FOUND, NOT_ITS_OWN_TO_SAY))
        .sends(|_, _| to_json(&words("reply")))
        .shows(of_draft)
        .changes(OF_ANSWERS, Some(Role::Secretariat), "/v1/drafts/{draft}", |seen| is_answered(seen, "reply")),
    Row::new("POST", "/v1/drafts/{draft}/answers", seats(Does, Does, NOT_FOUND, NOT_ITS_OWN_TO_SAY))
        .sends(|_, _| to_json(&json!({"act": "stop"})))
        .shows(of_draft)
        .changes(OF_ANSWERS, Some(Role::Secretariat), "/v1/drafts/{draft}", |seen| is_answered(seen, "stop")),
    Row::new(
        "POST",
        "/v1/drafts/{draft}/answers",
        seats(Does, Refused(409, "draft-answered"), NOT_FOUND, NOT_ITS_OWN_TO_SAY),
    )
    .sends(|_, _| to_json(&withdraw_of("draft")))
    .shows(of_draft)
    .changes(OF_ANSWERS, Some(Role::Secretariat), "/v1/drafts/{draft}", |seen| {
        is_answered(seen, "withdraw") && seen.after.json()["state"] == "withdrawn"
    }),
    Row::new("POST", "/v1/drafts/{draft}/answers", seats(NOT_ITS_OWN_TO_SAY, NOT_ITS_OWN_TO_SAY, NOT_FOUND, Does))
        .sends(|_, _| to_json(&words("note")))
        .shows(of_draft)
        .changes(OF_ANSWERS, Some(Role::Secretariat), "/v1/drafts/{draft}", |seen| is_answered(seen, "note")),
    Row::new(
        "POST",
        "/v1/drafts/{draft}/sealed",
        seats(NOT_ITS_OWN_TO_SAY, NOT_ITS_OWN_TO_SAY, NOT_ITS_OWN_TO_SAY, Does),
    )
    .sends(|scene, _| {
        let readers = [id_of(&Role::Seat.key(&scene.registry).unwrap())];
        to_json(&json!({"sealed": sealed("anew"), "readers": readers, "note": sealed("to whom")}))
    })
    .shows(of_draft)
    .changes(&["draft", "draft_answer", "draft_seat"], Some(Role::Secretariat), "/v1/drafts/{draft}", |seen| {
        is_answered(seen, "reseal") && seen.after.json()["sealed"] == sealed("anew")
    }),
    Row::new("DELETE", "/v1/drafts/{draft}", seats(Does, NOT_ITS_OWN_TO_SAY, NOT_FOUND, Does)).changes(
        OF_ANSWERS,
        Some(Role::Secretariat),
        "/v1/drafts/{draft}",
        |seen| {
            let [before, after] = [&seen.before, &seen.after].map(Answer::json);
            before.get("sealed").is_some()
                && after.get("sealed").is_none()
                && after["answers"][0].get("signature").is_none()
                && after["erasedAt"].is_string()
        },
    ),
    // Endpoints.
    Row::new("POST", "/v1/endpoints", members(Does, Does))
        .sends(|_, _| to_json(&json!({"url": ANOTHER_URL})))
        .shows(|_| vec![ANOTHER_URL.to_owned(), r#""secret":"whsec_"#.to_owned()])
        .changes(&["endpoint"], None, "/v1/endpoints", |seen| {
            let [before, after] = [&seen.before, &seen.after].map(|seen| listed(seen, "endpoints"));
            after.len() == before.len() + 1 && after.iter().any(|made| made["url"] == ANOTHER_URL)
        }),
    Row::new("GET", "/v1/endpoints", members(Does, ShowsOnly(|_| json!({"endpoints": []})))).shows(of_endpoint),
    Row::new("GET", "/v1/endpoints/{endpoint}", members(Does, NOT_FOUND)).shows(of_endpoint),
    Row::new("PATCH", "/v1/endpoints/{endpoint}", members(Does, NOT_FOUND))
        .sends(|_, _| to_json(&json!({"url": ANOTHER_URL, "kinds": ["dispute"]})))
        .shows(|_| vec![ANOTHER_URL.to_owned()])
        .changes(&["endpoint"], Some(Role::Owner), "/v1/endpoints/{endpoint}", |seen| {
            seen.after.json()["url"] == ANOTHER_URL && seen.after.json()["kinds"] == json!(["dispute"])
        }),
    Row::new("DELETE", "/v1/endpoints/{endpoint}", members(Does, NOT_FOUND)).changes(
        &["attempt", "endpoint"],
        Some(Role::Owner),
        "/v1/endpoints/{endpoint}",
        |seen| (seen.before.status, seen.after.status) == (200, 404),
    ),
    Row::new("POST", "/v1/endpoints/{endpoint}/rotate", members(Does, NOT_FOUND))
        .shows(|_| vec![r#""secret":"whsec_"#.to_owned()])
        .changes(&["endpoint"], Some(Role::Owner), "/v1/endpoints/{endpoint}", |seen| {
            let [before, after] = [&seen.before, &seen.after].map(|seen| seen.json()["oldSecretUntil"].is_string());
            !before && after && seen.answer.json()["secret"] != seen.scene.things.endpoint["secret"]
        }),
    Row::new("POST", "/v1/endpoints/{endpoint}/test", members(Does, NOT_FOUND))
        .shows(|_| vec![r#""taken":true"#.to_owned()])
        .changes(&["attempt", "pushed"], Some(Role::Owner), "/v1/endpoints/{endpoint}/attempts", |seen| {
            let [before, after] = [&seen.before, &seen.after].map(|seen| listed(seen, "attempts"));
            after.len() == before.len() + 1 && after[0].get("index").is_none()
        }),
    Row::new("POST", "/v1/endpoints/{endpoint}/replay", members(Does, NOT_FOUND))
        .sends(|_, _| to_json(&json!({"from": 1})))
        .shows(of_endpoint)
        .changes(&["endpoint"], Some(Role::Owner), "/v1/endpoints/{endpoint}", |seen| {
            seen.before.json()["nextIndex"] != 1 && seen.after.json()["nextIndex"] == 1
        }),
    Row::new("GET", "/v1/endpoints/{endpoint}/attempts", members(Does, NOT_FOUND))
        .shows(|scene| vec![format!(r#""index":{}"#, scene.things.index), r#""taken":true"#.to_owned()]),
    // Receipts.
    Row::new("POST", "/v1/receipts", EVERYONE).sends(|scene, _| to_json(&scene.in_effect())).changes(
        OF_RECEIPTS,
        Some(Role::Nobody),
        "/v1/dockets/{docket}/propagation",
        is_in_effect,
    ),
    Row::new("POST", "/v1/receipts", signed_by_its_member(Refused(422, "receipt-refused")))
        .sends(|scene, role| to_json(&scene.signed_by(role, &scene.in_effect())))
        .changes(OF_RECEIPTS, Some(Role::Nobody), "/v1/dockets/{docket}/propagation", is_in_effect),
    Row::new("GET", "/v1/dockets/{docket}/receipts", KNOWN)
        .shows(|scene| vec![scene.things.receipt.payload.to_string()]),
    Row::new("GET", "/v1/receipts/filed", members(Does, ShowsOnly(|_| json!({"receipts": []}))))
        .shows(|_| vec![r#""outcome":"declined""#.to_owned()]),
    Row::new("GET", "/v1/dockets/{docket}/propagation", EVERYONE).shows(|_| vec![r#""acted":"declined""#.to_owned()]),
    Row::new("GET", "/v1/compliance", KNOWN).shows(|_| vec![REASON.to_owned()]),
    // Reports.
    Row::new("POST", "/v1/reports", reporting(Does, Does, NOT_ITS_REPORT))
        .sends(|_, _| to_json(&violation(2)))
        .shows(|_| vec![id(2).to_string()])
        .changes(&["report"], Some(Role::Secretariat), "/v1/reports", |seen| {
            let member = if seen.role == Role::Owner { "alpha" } else { "beta" };
            let is_new = |report: &Value| report["id"] == json!(id(2)) && report["member"] == member;
            listed(&seen.after, "reports").iter().any(is_new)
        }),
    Row::new("POST", "/v1/reports", reporting(NOT_ITS_REPORT, NOT_ITS_REPORT, Does))
        .sends(|_, _| to_json(&json!({"id": id(3), "kind": "court", "sealed": sealed("an order")})))
        .shows(|_| vec![id(3).to_string()])
        .changes(&["report"], None, "/v1/reports", |seen| {
            let seat = seen.scene.key_id(seen.role);
            listed(&seen.after, "reports").iter().any(|report| report["kind"] == "court" && report["seat"] == seat)
        }),
    Row::new("GET", "/v1/reports", reporting(Does, ShowsOnly(|_| json!({"reports": []})), Does)).shows(of_report),
    Row::new("GET", "/v1/reports/{report}", reporting(Does, NOT_FOUND, Does))
        .shows(|_| vec![sealed("report 1").to_string(), sealed("to the member").to_string()]),
    Row::new("POST", "/v1/reports/{report}/acts", seats(NOT_ITS_REPORT, NOT_ITS_REPORT, NOT_ITS_REPORT, Does))
        .sends(|_, _| to_json(&act("dismiss")))
        .shows(of_report)
        .changes(OF_REPORTS, Some(Role::Owner), "/v1/reports/{report}", |seen| {
            seen.before.json()["state"] == "asked" && seen.after.json()["state"] == "dismissed"
        }),
    Row::new("POST", "/v1/reports/{report}/answers", members(Does, NOT_FOUND))
        .sends(|_, _| to_json(&json!({"sealed": sealed("an answer")})))
        .shows(of_report)
        .changes(OF_REPORTS, Some(Role::Secretariat), "/v1/reports/{report}", |seen| {
            let entries = listed(&seen.after, "entries");
            seen.after.json()["state"] == "received" && entries[entries.len() - 1]["toSeats"] == sealed("an answer")
        }),
    Row::new(
        "POST",
        "/v1/reports/{report}/identity-requests",
        seats(NOT_ITS_REPORT, NOT_ITS_REPORT, NOT_ITS_REPORT, Does),
    )
    .sends(|_, _| {
        to_json(&json!({"id": request_id(2), "member": "beta", "sealed": sealed("whose that is"),
                "toSeats": sealed("for seats")}))
    })
    .shows(|_| vec![request_id(2).to_string()])
    .changes(
        &["identity_request", "report", "report_entry"],
        Some(Role::Member),
        "/v1/identity-requests",
        |seen| {
            let [before, after] = [&seen.before, &seen.after].map(|seen| listed(seen, "identityRequests"));
            before.is_empty() && after[0]["sealed"] == sealed("whose that is")
        },
    ),
    Row::new("GET", "/v1/identity-requests", members(Does, ShowsOnly(|_| json!({"identityRequests": []}))))
        .shows(|_| vec![sealed("whose it is").to_string()]),
    Row::new("POST", "/v1/identity-requests/{request}/answers", members(Does, NOT_FOUND))
        .sends(|_, _| to_json(&json!({"sealed": sealed("a number")})))
        .shows(|_| vec![request_id(1).to_string()])
        .changes(&["identity_request"], Some(Role::Secretariat), "/v1/reports/{report}", |seen| {
            seen.after.json()["identityRequests"][0]["answer"] == sealed("a number")
        }),
    Row::new("POST", "/v1/recipients", members(Does, Refused(422, "recipient-refused")))
        .sends(|scene, _| {
            let own = recipient(&scene.registry, "alpha", scene.registry.now());
            to_json(&declaration::sign(&own, &alpha(&scene.registry)))
        })
        .changes(&["member_recipient"], Some(Role::Secretariat), "/v1/members/alpha/recipient", |seen| {
            seen.before.json()["envelope"] != seen.after.json()["envelope"]
        }),
    Row::new("GET", "/v1/members/{member}/recipient", seats(Does, Does, Does, Does))
        .shows(|scene| vec![scene.things.recipient.payload.to_string()]),
    Row::new("POST", "/v1/declarations", members(Does, Refused(422, "bans-refused")))
        .sends(|scene, _| {
            let own = declared(&scene.registry, "alpha", "2025-Q2", 7, &[]);
            to_json(&declaration::sign(&own, &alpha(&scene.registry)))
        })
        .changes(&["bans_declared"], Some(Role::Owner), "/v1/declarations/filed", |seen| {
            let [before, after] = [&seen.before, &seen.after].map(|seen| listed(seen, "declarations"));
            before.len() == 1 && after.len() == 2 && after[0]["bans"] == 7
        }),
    Row::new("GET", "/v1/declarations", KNOWN)
        .query("?period=2025-Q1")
        .shows(|scene| vec![scene.things.declaration.payload.to_string()]),
    Row::new("GET", "/v1/declarations/filed", members(Does, ShowsOnly(|_| json!({"declarations": [], "missing": []}))))
        .shows(|_| vec![format!(r#""period":"{DECLARED_OF}""#)]),
    // Sessions of subjects.
    Row::new("POST", "/v1/sessions", members_or_secretariat(Does, Does))
        .sends(|scene, _| to_json(&sessions::session(3, scene.things.record(), scene.registry.now())))
        .shows(|_| vec![link(3).id().to_string()])
        .changes(&["subject_session"], Some(Role::Secretariat), "/v1/sessions", |seen| {
            [&seen.before, &seen.after].map(|seen| listed(seen, "sessions").len()) == [2, 3]
        }),
    Row::new("GET", "/v1/sessions", members_or_secretariat(Does, ShowsOnly(|_| json!({"sessions": []}))))
        .shows(|_| vec![link(1).id().to_string()]),
    Row::new("GET", "/v1/sessions/{session}", EVERYONE).shows(|_| vec![r#""state":"waiting""#.to_owned()]),
    Row::new("POST", "/v1/sessions/{session}/open", EVERYONE)
        .sends(|_, _| to_json(&sessions::opening(sessions::CODE, &sessions::browser(7))))
        .shows(|_| vec![link(1).id().to_string()])
        .changes(&["subject_session"], None, "/v1/sessions/{session}", |seen| {
            [&seen.before, &seen.after].map(|seen| seen.json()["state"].clone()) == ["waiting", "opened"]
        }),
    Row::new("POST", "/v1/sessions/{session}/end", members_or_secretariat(Does, Refused(404, "session-unknown")))
        .shows(|_| vec![link(1).id().to_string()])
        .changes(&["subject_session"], None, "/v1/sessions/{session}", |seen| {
            [&seen.before, &seen.after].map(|seen| seen.json()["state"].clone()) == ["waiting", "ended"]
        }),
    Row::new("GET", "/v1/sessions/{session}/content", BROWSER),
    Row::new("GET", "/v1/sessions/{session}/proofs", BROWSER),
    Row::new("POST", "/v1/sessions/{session}/confirmation", BROWSER)
        .sends(|_, _| to_json(&json!({"code": sessions::CODE}))),
    Row::new("POST", "/v1/sessions/{session}/filings", BROWSER)
        .sends(|scene, _| to_json(&filing(2, "appeal", scene.things.record()))),
    Row::new("POST", "/v1/sessions/{session}/identity", seats(NOT_ITS_SESSION, NOT_ITS_SESSION, NOT_ITS_SESSION, Does))
        .sends(|_, _| to_json(&json!({"how": "document-seen"})))
        .shows(|_| vec![r#""identity":"document-seen""#.to_owned()])
        .changes(&["subject_session"], Some(Role::Secretariat), "/v1/sessions", |seen| {
            let is_confirmed = |of: &Answer| listed(of, "sessions").iter().any(|of| of["confirmedAt"].is_string());
            !is_confirmed(&seen.before) && is_confirmed(&seen.after)
        }),
    Row::new("GET", "/v1/filings", seats(NOT_ITS_SESSION, NOT_ITS_SESSION, NOT_ITS_SESSION, Does))
        .shows(|_| vec![filing_id(1).to_string()]),
    Row::new("GET", "/v1/filings/{filing}", seats(NOT_ITS_SESSION, NOT_ITS_SESSION, NOT_ITS_SESSION, Does))
        .shows(|scene| vec![filing(1, "appeal", scene.things.record())["sealed"].to_string()]),
    Row::new("POST", "/v1/filings/{filing}/answers", seats(NOT_ITS_SESSION, NOT_ITS_SESSION, NOT_ITS_SESSION, Does))
        .sends(|_, _| to_json(&json!({"outcome": "granted", "sealed": Base64(b"an answer".to_vec())})))
        .shows(|_| vec![filing_id(1).to_string()])
        .changes(&["filing", "filing_answer"], Some(Role::Secretariat), "/v1/filings/{filing}", |seen| {
            let answers =
                |of: &Answer| of.json()["filing"].get("answers").and_then(Value::as_array).map_or(0, Vec::len);
            (answers(&seen.before), answers(&seen.after)) == (0, 1)
        }),
    // Cases.
    Row::new("POST", "/v1/cases/{case}/events", members_and_secretariat(Does)).sends(evidence).changes(
        &["case_event", "case_file"],
        Some(Role::Secretariat),
        "/v1/cases/{case}",
        is_third_event,
    ),
    Row::new("POST", "/v1/cases/{case}/events", seats_of_case(Does)).sends(recusal).changes(
        &["case_event", "case_fact", "case_file"],
        Some(Role::Secretariat),
        "/v1/cases/{case}",
        is_third_event,
    ),
    Row::new(
        "POST",
        "/v1/cases/{case}/events",
        [
            UNSIGNED,
            UNKNOWN,
            NOT_ITS_EVENT,
            NOT_ITS_EVENT,
            NOT_ITS_EVENT,
            NOT_ITS_EVENT,
            NOT_ITS_EVENT,
            Refused(409, "case-moved"),
        ],
    )
    .sends(|scene, _| {
        let secretary = Role::Secretariat.key(&scene.registry).unwrap();
        let (word, members) = annulment(2, &[], false).write(None);
        let before = Head::after(scene.things.case.case(), 0, Hash::of(b"what isn't there"));
        body(&before.next(scene.registry.now(), &word, members, &secretary).unwrap(), None)
    }),
    Row::new("GET", "/v1/cases", seats(Does, Does, Does, Does))
        .shows(|scene| vec![scene.things.case.case().to_string()]),
    Row::new("GET", "/v1/cases/{case}", seats(Does, Does, Does, Does))
        .shows(|scene| vec![scene.things.event.payload.to_string()]),
    Row::new("GET", "/v1/cases/{case}/head", [UNSIGNED, UNKNOWN, Does, NOT_FOUND, Does, Does, Does, Does])
        .shows(|scene| vec![scene.things.event.payload_hash().to_string()]),
    Row::new("GET", "/v1/sealed-parts/{sha256}", seats(Does, Does, Does, Does))
        .shows(|_| vec![Base64(age("about a case")).to_string()]),
    // What the public writes.
    Row::new(
        "POST",
        "/v1/report-keys",
        [
            UNSIGNED,
            UNKNOWN,
            SEATS_ONLY,
            SEATS_ONLY,
            Refused(422, "report-key-refused"),
            Refused(422, "report-key-refused"),
            Refused(422, "report-key-refused"),
            Does,
        ],
    )
    .sends(|scene, _| {
        let key = public_reports::report_key();
        to_json(&public_reports::declared(&scene.registry, "secretary-1", &key, scene.registry.now()))
    })
    .changes(&["report_key"], Some(Role::Nobody), "/v1/report-keys", |seen| {
        let [before, after] = [&seen.before, &seen.after].map(|seen| listed(seen, "keys"));
        before.len() == 1 && after.len() == 1 && before[0]["envelope"] != after[0]["envelope"]
    }),
    Row::new("GET", "/v1/report-keys", EVERYONE).shows(|_| vec![public_reports::report_key().public().to_string()]),
    Row::new("GET", "/v1/reports/{report}/files", seats(NOT_ITS_REPORT, NOT_ITS_REPORT, NOT_ITS_REPORT, Does))
        .query("?number=0&part=0")
        .shows(|_| vec![r#""isLast":true"#.to_owned()]),
    Row::new("POST", "/v1/public-reports", EVERYONE)
        .sends(|_, _| to_json(&public_reports::report(8, ReportKind::PublicMinor, &[]).body))
        .shows(|_| vec![id(8).to_string()])
        .changes(&["public_report", "report"], Some(Role::Secretariat), "/v1/reports", |seen| {
            listed(&seen.after, "reports").iter().any(|report| report["kind"] == "public-minor")
        }),
    Row::new("POST", "/v1/public-reports/{report}/files", EVERYONE)
        .sends(|_, _| {
            let report = public_reports::report(9, ReportKind::Public, &[vec![1; 10]]);
            to_json(&public_reports::part(&report, 0, 0))
        })
        .shows(|_| vec![r#""isWhole":true"#.to_owned()]),
    Row::new("POST", "/v1/public-reports/follow", EVERYONE)
        .sends(|_, _| to_json(&json!({"follow": public_reports::code(9).id()})))
        .shows(|_| vec![id(9).to_string()]),
    Row::new("POST", "/v1/public-reports/words", EVERYONE)
        .sends(|_, _| {
            let words = public_reports::words(9, Side::Reporter, "more");
            to_json(&json!({"follow": public_reports::code(9).id(), "words": words}))
        })
        .shows(|_| vec![id(9).to_string()])
        .changes(OF_REPORTS, Some(Role::Secretariat), "/v1/reports", |seen| {
            let [before, after] = [&seen.before, &seen.after].map(|seen| listed(seen, "reports"));
            before.iter().zip(&after).any(|(before, after)| before["changedAt"] != after["changedAt"])
        }),
    // For everyone, and for operators.
    Row::new("GET", "/v1/figures", EVERYONE).shows(|_| vec![r#""periods":["#.to_owned()]),
    Row::new("GET", "/v1/statistics", EVERYONE).shows(|_| vec![r#""sharesGiven":0"#.to_owned()]),
    Row::new("GET", "/healthz", EVERYONE).shows(|_| vec![r#""status":"ok""#.to_owned()]),
    Row::new("GET", "/readyz", EVERYONE).shows(|_| vec![r#""status":"ok""#.to_owned()]),
];

const OF_ANSWERS: &[&str] = &["draft", "draft_answer"];
const OF_REPORTS: &[&str] = &["report", "report_entry"];
const OF_RECEIPTS: &[&str] = &["receipt", "receipt_holding"];
const ANOTHER_URL: &str = "https://hooks.example/another";

fn is_third_event(seen: &Seen<'_>) -> bool {
    let [before, after] = [&seen.before, &seen.after].map(|seen| listed(seen, "events"));
    (before.len(), after.len()) == (2, 3) && after[2] == seen.answer.json()
}

/// What a member knows of the case, and the secretariat.
fn evidence(scene: &Scene, role: Role) -> Vec<u8> {
    let evidence = vec![Evidence { sha256: Hash::of(b"a recording"), kind: EvidenceKind::Recording }];
    own_event(scene, role, &Act::EvidenceAdded { items: vec![1], evidence })
}

/// That a seat decides nothing in the case.
fn recusal(scene: &Scene, role: Role) -> Vec<u8> {
    own_event(scene, role, &Act::Recused { items: Vec::new() })
}

fn own_event(scene: &Scene, role: Role, act: &Act) -> Vec<u8> {
    let Some(key) = role.key(&scene.registry) else { return Vec::new() };
    let (word, members) = act.write(None);
    body(&scene.things.case.next(scene.registry.now(), &word, members, &key).unwrap(), None)
}

fn another_docket() -> Hash {
    Hash::of(b"another docket")
}

fn of_docket(scene: &Scene) -> Vec<String> {
    vec![scene.things.docket.to_string()]
}

fn of_statement(scene: &Scene) -> Vec<String> {
    vec![scene.things.statement()]
}

fn of_proof(_: &Scene) -> Vec<String> {
    vec!["c2sp.org/tlog-proof@v1".to_owned()]
}

fn of_draft(scene: &Scene) -> Vec<String> {
    vec![scene.things.draft["id"].to_string()]
}

fn of_report(_: &Scene) -> Vec<String> {
    vec![id(1).to_string()]
}

fn of_endpoint(scene: &Scene) -> Vec<String> {
    ["id", "url"].map(|member| scene.things.endpoint[member].to_string()).into()
}

/// What everyone sees of the ruling.
fn place(scene: &Scene) -> Value {
    let (record, index) = (scene.things.record(), scene.things.index);
    json!({"record": record, "kind": "ruling", "index": index, "position": 0, "erased": false})
}

/// The newest checkpoint with a line of a role's own key alone, in the name of a witness.
fn witnessed_by(scene: &Scene, role: Role) -> Vec<u8> {
    let mut note = scene.registry.world.ledger.published().newest.note.clone();
    note.retain(|line| !line.name.as_str().contains("/witness/"));
    if let Some(key) = role.key(&scene.registry) {
        let seconds = u64::try_from(scene.registry.now().as_seconds()).unwrap();
        note.add(cosign(note.note().text(), witness("gamma").1.name().clone(), &key, seconds));
    }
    note.to_string().into_bytes()
}

fn listed(answer: &Answer, member: &str) -> Vec<Value> {
    answer.json()[member].as_array().unwrap().clone()
}

/// Whether the draft's last answer is a new one, this act of who asked.
fn is_answered(seen: &Seen<'_>, act: &str) -> bool {
    let [before, after] = [&seen.before, &seen.after].map(|seen| listed(seen, "answers"));
    let last = &after[after.len() - 1];
    after.len() == before.len() + 1 && last["act"] == act && last["seat"] == seen.scene.key_id(seen.role)
}

/// Whether everyone sees that alpha carried out what it had declined.
fn is_in_effect(seen: &Seen<'_>) -> bool {
    let acted = [&seen.before, &seen.after].map(|seen| seen.json()["members"][0]["acted"].clone());
    acted == ["declined", "in-effect"]
}
