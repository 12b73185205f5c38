"""The shape of a case's events: docs/formats.md §11 and the table of §15, without what they mean."""
from encoding import (
    base64_of, hex32, integer, listed, member_id, members, need, one, read, text, time, true, uuid, word)
from statement import OF, ROLES

MOST, ITEMS, DRAFTS = 1000, 2**32, 8
EVIDENCE = word("recording", "screenshot", "chat-log", "document", "authority-decision", "court-order",
                "foreign-docket", "remedy-proof", "training", "commitment")
DECIDES = word("ruling", "link", *(f"{kind}/{of}" for kind in ("annulment", "end", "stay", "reinstatement")
                                   for of in sorted(OF[kind])))
POLICY = {"instrument": text, "version": text, "sha256": hex32}

item, number, secret = integer(below=ITEMS), integer(), base64_of(32)


def many(reader, most=MOST):
    return listed(reader, 1, most, distinct=True)


def true_or_false(value):
    need(isinstance(value, bool), "neither true nor false")
    return value


def hosts(value):
    return "unknown" if value == "unknown" else many(member_id)(value)


def three(value):
    found = many(hex32)(value)
    need(len(found) == 3, "not three guarantors")
    return found


def drafted(value):
    """The draft hashes of each item that an event names: no item and no hash twice."""
    each = many(lambda one_: members(one_, {"item": item, "drafts": many(hex32, DRAFTS)}))(value)
    need(len({said["item"] for said in each}) == len(each), "an item twice")
    every = [draft for said in each for draft in said["drafts"]]
    need(len(set(every)) == len(every), "a draft twice")
    return {said["item"]: set(said["drafts"]) for said in each}


def policy(value):
    return members(value, POLICY)


def evidence(value):
    return members(value, {"sha256": hex32, "kind": EVIDENCE})


def appeal(value):
    return members(value, {"case": uuid, "event": number})


def application(value):
    return members(value, {"record": uuid, "measure": word("notice", "warning", "restriction", "suspension", "bar"),
                           "since": time, "filedAt": time, "by": FILER}, {"until": time, "paper": true})


def sealed(value):
    return members(value, {"sha256": hex32, "bytes": integer(1, 1_048_577)})


FILER = word("subject", "guardian", "attorney", "heir", "unit")
SEATS = set(ROLES)
ITEMS_OF, SESSION = {"items": many(item)}, {"session": number}
ACTS = {  # by whom, required members, optional ones
    "opened": ({"secretariat"}, {"policy": policy}, {"earlier": many(uuid), "appeal": appeal, "return": application}),
    "item-added": ({"secretariat"}, {"item": item, "decides": many(DECIDES), "hosts": hosts},
                   {"reporters": many(member_id), "minor": true, "appeals": item}),
    "item-dropped": ({"secretariat", "chair"}, {"item": item}, {}),
    "evidence-added": ({"secretariat", "member"}, {**ITEMS_OF, "evidence": many(evidence)}, {}),
    "panel-named": ({"chair"}, {"seats": many(hex32)}, {}),
    "draw-announced": ({"secretariat", "chair"}, {"eligible": many(hex32), "seats": number, "guarantors": three}, {}),
    "draw-committed": (SEATS, {"commitment": hex32}, {}),
    "draw-fixed": ({"log"}, {"size": number, "root": hex32}, {}),
    "draw-opened": (SEATS, {"secret": secret}, {}),
    "drawn": ({"log", "secretariat", "chair"}, {"seats": many(hex32)}, {}),
    "recused": (SEATS, {}, ITEMS_OF),
    "challenged": ({"log", "secretariat"}, {"seat": hex32, **ITEMS_OF}, {}),
    "challenge-decided": ({"chair", "panel"}, {"challenge": number, "upheld": true_or_false}, {}),
    "replaced": ({"chair"}, {"out": hex32, "in": hex32}, {}),
    "represented": ({"log", "secretariat"}, {**ITEMS_OF, "by": word("guardian", "attorney", "heir")}, {}),
    "notified": ({"secretariat", "member"}, {
        **ITEMS_OF, "to": word("subject", "guardian", "representative"), "deliveredAt": time, "proof": hex32}, {}),
    "notice-failed": ({"secretariat", "member"}, {**ITEMS_OF, "attemptedAt": time, "proof": hex32}, {}),
    "served-by-publication": ({"secretariat"}, {**ITEMS_OF, "publishedAt": time, "notice": hex32}, {}),
    "answered": ({"log", "secretariat"}, ITEMS_OF, {}),
    "interim-proposed": ({"secretariat", "chair"}, {"item": item, "drafts": many(hex32, DRAFTS)}, {}),
    "session-opened": ({"chair", "panel", "secretariat"}, {"items": drafted, "sealBy": time, "openBy": time}, {}),
    "present": (SEATS, SESSION, {}),
    "vote-sealed": (SEATS, {**SESSION, "commitment": hex32}, {}),
    "vote-opened": (SEATS, {**SESSION, "secret": secret, "vote": text}, {}),
    "session-closed": ({"log", "chair", "secretariat"}, SESSION, {}),
    "resolved": (SEATS, {"of": number, "items": drafted}, {}),
    "confirmed": ({"chair"}, {"resolution": number}, {}),
    "issued": ({"log", "secretariat"}, {"procedure": hex32, "docket": hex32}, {}),
    "withdrawn": ({"chair"}, SESSION, {}),
    "decision-notified": ({"secretariat", "member"}, {
        **ITEMS_OF, "to": word("subject", "guardian", "representative"), "deliveredAt": time, "proof": hex32}, {}),
    "decision-published": ({"secretariat"}, {**ITEMS_OF, "publishedAt": time, "notice": hex32}, {}),
    "appealed": ({"log", "secretariat"}, {**ITEMS_OF, "heardBy": uuid, "filedAt": time, "by": FILER}, {"paper": true}),
    "probation-reported": ({"secretariat", "member"}, {**ITEMS_OF, "reportedAt": time, "proof": hex32}, {}),
    "access-approved": ({"chair", "panel", "secretariat"}, {**ITEMS_OF, "reader": hex32}, {}),
    "closed": ({"secretariat", "chair"}, {}, {})}


def event(payload):
    """What one event says; by whom it may be said stands under `by`."""
    value = read(payload)
    need(isinstance(value, dict) and isinstance(value.get("act"), str) and value["act"] in ACTS, "no such act")
    by, required, optional = ACTS[value["act"]]
    always = {"v": one, "case": uuid, "seq": integer(), "at": time, "act": text}
    said = members(value, {**always, **required}, {"previous": hex32, "sealed": sealed, **optional})
    return {**said, "by": by}


WORD = word("for", "against", "abstain")


def vote(data, items):
    """The words of a vote, item by item."""
    but = lambda each: members(each, ITEMS_OF | {"vote": WORD})
    said = members(read(data), {"all": WORD}, {"except": listed(but, 1, MOST)})
    found = dict.fromkeys(items, said["all"])
    seen = set()
    for each in said["except"] or []:
        need(not seen & set(each["items"]) and set(each["items"]) <= set(items), "an item twice, or of another session")
        seen |= set(each["items"])
        found.update(dict.fromkeys(each["items"], each["vote"]))
    return found
