"""The rules by which a docket counts: docs/formats.md §5 to §7 and §9, in the order of §5.8.

`Refused` bears the word of the first rule that a docket breaks. `SKIPPED` holds words whose rule isn't asked: only the
test of this auditor sets it, to see that some case is refused by that rule alone.
"""
from statement import ABOUT, WITHOUT_CASE, pae, rule_for
from encoding import DAY, MINUTE, sha
from keys import verifies

DOCKET_TYPE = "application/vnd.callboard.docket+json"
SKIPPED = set()


class Refused(Exception):
    """A docket doesn't count."""


def ask(holds, word):
    if not holds and word not in SKIPPED:
        raise Refused(word)


def when(said, logged):
    ask(said["issuedAt"] + 14 * DAY >= logged, "docket-too-old")
    ask(said["issuedAt"] <= logged + 5 * MINUTE, "docket-from-the-future")


# --- §5.1

def who(log, index, logged, said, payload, envelope, following):
    current = log.roster or following
    ask(current is not None and (log.roster is not None or index == 0), "genesis")
    if log.roster is None:
        ask(following["version"] == 1 and sha(payload).hex() == log.genesis, "genesis")
    ask(said["issuer"] == current["issuer"], "issuer")
    ask(said["roster"] == current["version"], "docket-roster")
    succeeds = log.roster is not None and following is not None
    ask(succeeds or logged < current["expires"], "roster-expired")
    if succeeds:
        succession(current, following)
    ask(envelope["payloadType"] == DOCKET_TYPE, "payload-type")
    ask(envelope["signatures"], "docket-unsigned")
    rosters = [current, following] if succeeds else [current]
    seats = {seat["id"]: seat["publicKey"] for roster in rosters for seat in roster["seats"]}
    message, signed = pae(DOCKET_TYPE.encode(), payload), []
    for signature in envelope["signatures"]:
        ask(signature["keyid"] not in signed, "signature-key-repeated")
        ask(signature["keyid"] in seats, "signature-key-unknown")
        key = seats.get(signature["keyid"])
        ask(key is None or verifies(key, signature["sig"], message), "signature-invalid")
        signed.append(signature["keyid"])
    for roster in rosters:
        rules = [rule_for(roster, item["kind"], item["of"]) for item in said["items"]]
        for role in ("panel", "chair", "secretariat", "auditor"):
            by = sum(seat["role"] == role and seat["id"] in signed for seat in roster["seats"])
            ask(by >= max(rule[role] for rule in rules), "threshold")


def succession(current, following):
    ask(following["version"] == current["version"] + 1, "roster-version")
    ask(following["issuer"] == current["issuer"], "roster-issuer")
    epochs = {each["number"]: each for each in following["epochs"]}
    for old in current["epochs"]:
        new = epochs.get(old["number"])
        ask(new is not None and new["publicKey"] == old["publicKey"], "epoch-altered")
        ask(new is None or old["state"] == "live" or new["state"] == "closed", "epoch-reopened")


# --- §5.4 to §5.6, of one statement; earlier ones of its docket stand in the log already

def about(log, record, of):
    named, kinds = [], []
    for name in record.about:
        ask(name not in log.erased, "about-erased")
        uncounted = log.uncounted_records.get(name) if record.kind == "erasure" else None
        kind = log.kinds.get(name, uncounted)
        ask(kind is not None, "about-unknown")
        ask(kind is None or kind in ABOUT[record.kind], "about-kind")
        if record.kind != "erasure":
            ask(not log.is_void(name), "about-annulled")
            kinds.append(kind)
            ask(kind == kinds[0], "about-several-kinds")
        named.append(log.records.of.get(name))
    if record.kind in ("annulment", "end", "stay", "reinstatement"):
        ask(of == kinds[0], "item-mismatch")
    if record.kind == "ruling":
        known = (each for each in named if each)
        ask(all(set(each.hard) & set(record.hard) for each in known), "about-strangers")
    elif record.kind != "erasure" and named and named[0]:
        ask(all(are_one_person(log.records, named[0], each) for each in named[1:] if each), "about-strangers")
    if record.details and not record.has_subject:
        wanted = log.records.tags_of(record, hard=True)
        wanted = log.records.tags_of(record) if wanted == [] else wanted
        ask(wanted is None or record.wraps() == wanted, "details-wraps")


def are_one_person(records, first, other):
    hard = [records.tags_of(each, hard=True) for each in (first, other)]
    tags = hard if all(hard) else [records.tags_of(each) for each in (first, other)]
    return None in hard or None in tags or bool(set(tags[0]) & set(tags[1]))


def tags(log, record):
    states = {each["number"]: each["state"] for each in log.roster["epochs"]}
    for tag in record.tags:
        ask(tag[0] in states, "epoch-unknown")
        ask(record.kind == "link" or states.get(tag[0], "live") == "live", "epoch-closed")
        for other in log.records.with_tag(tag):
            ask(log.is_void(other.id) or (tag in other.hard) == (tag in record.hard), "tag-softness")


def policy(log, record, logged):
    found = log.records.policies.get(record.policy["sha256"])
    ask(found is not None, "policy-unknown")
    if found is None:
        return
    said = (record.policy["instrument"], record.policy["version"])
    ask(said == (found["instrument"], found["version"]), "policy-mismatch")
    begins = logged if record.kind == "annulment" else record.effective
    ask(found["effectiveFrom"] <= begins, "policy-not-yet")
    if record.procedure == WITHOUT_CASE:
        until = (found["import"] or {}).get("until")
        ask(record.kind == "ruling" and until is not None and until >= logged, "procedure-import")
    if not record.measure:
        return
    rule = found["measures"].get(record.measure["kind"])
    ask(rule is not None, "policy-measure-unknown")
    if rule is None:
        return
    scopes, allowed = record.measure["scopes"], rule["scopes"]
    topics = "topic" in allowed
    fits = all(scope in allowed or (topics and scope.startswith("topic:")) for scope in scopes)
    ask(fits and bool(scopes) == bool(allowed), "policy-scope")
    if record.kind == "ruling":
        asked = rule["until"]
        ask(asked == "optional" or (asked == "required") == (record.measure["until"] is not None), "policy-until")


def interim(log, record, issued, logged):
    longest = log.records.policies[record.policy["sha256"]]["interim"]["maxDays"] * DAY
    until, start = record.measure["until"], max(record.effective, logged)
    ask(record.effective <= issued + DAY, "interim-effective-late")
    ask(until <= record.effective + longest, "policy-interim-too-long")
    for other in {each.id: each for tag in record.hard for each in log.records.with_tag(tag)}.values():
        if other.kind == "interim" and set(other.hard) & set(record.hard):
            apart = max(other.start, start - longest) >= min(other.measure["until"], until)
            ask(log.is_void(other.id) or apart, "interim-again")


# --- §6, §9

def document(log, record, issued, index, logged):
    said = record.document
    if record.kind == "members":
        ask(said["version"] == log.members_version + 1, "members-version")
        ask(not set(said["keys"]) & set(log.roster["keys"]), "key-repeated")
    elif record.kind == "roster":
        ask(not set(said["keys"]) & set(log.members_keys), "key-repeated")
        ask(not closes_epoch_in_use(log, said, index, logged), "epoch-in-use")
        ask(said["expires"] > issued, "roster-born-expired")
    else:
        same = (said["instrument"], said["version"])
        others = log.records.policies.values()
        ask(same not in {(each["instrument"], each["version"]) for each in others}, "policy-repeated")
        until = (said["import"] or {}).get("until")
        ask(until is None or until <= logged + 366 * DAY, "policy-import-too-long")


def closes_epoch_in_use(log, following, index, logged):
    live = {each["number"] for each in following["epochs"] if each["state"] == "live"}
    if log.roster is None or log.link_is_gone or log.closing(live) == set():
        return False
    for record in log.records.of.values():
        if record.measure and not log.records.is_over(record, index + 1, logged):
            reached = log.records.subject(record.hard or record.tags, index + 1, logged)
            if not any(tag[0] in live for tag in reached):
                return True
    return False


def erasure(log, erasures, index, logged):
    """Of all erasures of one docket together; gives the indexes that an erased statement hid."""
    named = {name for record in erasures for name in record.about}
    chain = [log.records.of[name] for name in named if name in log.records.of]
    for record in chain:
        about_it = [other.id for other in log.records.naming.get(record.id, {}).values() if other.kind != "erasure"]
        ask(named.issuperset(record.about) and named.issuperset(about_it), "erasure-half-chain")
    for record in chain:
        over = not record.measure or log.records.is_over(record, index + 1, logged)
        ask(over and not (record.kind == "link" and log.records.holds(record, index + 1, logged)), "erasure-in-effect")
    hidden = set()
    for record in erasures:
        said = set(record.uncounted)
        ask(log.uncounted <= said and all(each < index for each in said), "erasure-uncounted")
        more = said - log.uncounted
        ask(all(log.may_hide(each) for each in more), "erasure-uncounted")
        hidden |= more
    return hidden
