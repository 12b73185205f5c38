"""Plays the vectors of docs/formats.md §4 to §11 into the auditor.

    python tests/conformance/auditor/vectors.py DIRECTORY

Prints a line a file, and each case that comes out otherwise. Exit code 1: one did.
"""
import base64, json, os, sys
import notes, proof_file, rules, signed, tree
from encoding import DAY, Malformed, read, sha, time
from keys import VerifierKey
from log import BeginAgain, Fault, Log, entry, line
from rules import Refused
from standing import NoPolicy, Records
from statement import Statement, commitment, docket, envelope, is_mixed, is_publication, policy, roster

REFUSED = (Malformed, Refused, Fault)


def refuses(act, *arguments):
    try:
        act(*arguments)
        return False
    except REFUSED:
        return True


def unbase64(text):
    return base64.b64decode(text)


# --- §4

def commitments(said):
    for case in said["valid"]:
        data = unbase64(case["statement"]) + b" " * case.get("pad", 0)
        yield case, Statement(data).kind == case["kind"] and commitment(data) == case["commitment"]
    for case in said["refused"]:
        yield case, refuses(Statement, unbase64(case["statement"]) + b" " * case.get("pad", 0))


# --- §5: one docket

class OneDocket:
    """A log in which all that a docket names is at hand, but nothing else was logged."""

    def __init__(self, roster_text, genesis=None):
        self.roster = roster_text and roster(read(roster_text.encode()))
        self.genesis, self.records, self.erased = genesis, Records(), set()

    def is_void(self, name):
        return False


def one_docket(said, case):
    shown = case.get("handIn") or {"docket": case.get("envelope"), "items": [{"statement": case.get("statement")}]}
    check, logged = case["check"], time(case.get("loggedAt", "2026-01-05T00:00:00.000Z"))
    if check == "roster":
        roster(read(json.dumps({**json.loads(said["rosters"]["one"]), **case["replace"]}, ensure_ascii=False).encode()))
        return
    in_force = case.get("rosterBefore") or said["rosters"].get(case.get("rosterInForce"))
    log = OneDocket(None if check == "genesis" else in_force, case.get("pinned"))
    sealed = envelope(shown["docket"])
    payload = docket(sealed["payload"])
    rules.ask(not is_mixed(payload), "docket-mixed")
    statements = [unbase64(item["statement"]) for item in shown["items"] if item["statement"]]
    record = Statement(statements[0]) if check != "docket" else None
    following = record.document if record and record.kind == "roster" else None
    if check in ("succession", "genesis"):
        rules.ask(following["expires"] > payload["issuedAt"], "roster-born-expired")
    rules.when(payload, logged)
    rules.who(log, 0, logged, payload, sealed["payload"], sealed, following)
    if check in ("item", "policy"):
        item, words = payload["items"][0], shown.get("publication")
        rules.ask(commitment(statements[0]) == item["commitment"], "commitment")
        rules.ask((record.id, record.kind) == (item["record"], item["kind"]), "item-mismatch")
        rules.ask(not record.measure or record.measure["kind"] == item["of"], "item-mismatch")
        rules.ask((words is None) == (payload["publication"] is None), "publication-not-disclosed")
        rules.ask(words is None or sha(unbase64(words)).hex() == payload["publication"], "publication-hash")
        rules.ask(words is None or is_publication(unbase64(words)), "publication-malformed")
        late = record.kind == "interim" and record.effective > payload["issuedAt"] + DAY
        rules.ask(not late, "interim-effective-late")
    if check == "policy":
        text = said["policies"][case["policy"]].encode()
        log.records.policies[sha(text).hex()] = policy(read(text))
        rules.policy(log, record, logged)
    if check == "handIn":
        for data, item in zip(statements, shown["items"]):
            details, share = Statement(data).details, item.get("share")
            rules.ask((details is None) == (share is None), "share")
            rules.ask(details is None or signed.share_hash(unbase64(share)) == details["share"], "share")


def dockets(said):
    for case in said["cases"]:
        yield case, refuses(one_docket, said, case) != case["accepted"]


# --- §5, §9: logs

def feed_line(said, erased=()):
    """A line of the feed of a line of the vectors, without what is erased by then."""
    shown = said.get("shown")
    if shown is None:
        hand_in = said["handIn"]
        shown = {"docket": hand_in["docket"], "items": [item["statement"] for item in hand_in["items"]]}
        shown |= {"publication": hand_in["publication"]} if "publication" in hand_in else {}
    else:
        shown = {**shown, "items": list(shown["items"])}
    for index, position in erased:
        if index == said["index"]:
            shown["items"][position] = None
    return {"index": said["index"], "entry": said["entry"], **shown}


def case_lines(said, case):
    return [feed_line(each, case.get("erased", ())) for each in said["beginning"] + case["disclosures"]]


def replay(genesis, lines):
    """The log, and the index at which it stopped, if it did; begun again as often as an erasure tells."""
    told = set()
    while True:
        log = Log(genesis, told)
        try:
            for each in lines:
                log.follow(line(json.dumps(each, ensure_ascii=False).encode()))
            return log, None
        except BeginAgain as again:
            told = again.told
        except Fault:
            return log, len(log.entries)


def replay_case(said, case):
    lines = case_lines(said, case)
    log, stopped = replay(said["genesis"], lines)
    unexplained = log.not_erased()
    if "stops" in case:
        at = case["stops"][0]
        return stopped == at or (stopped is None and at in {log.lacking[each] for each in unexplained})
    last, apart = lines[-1]["index"], set(case.get("doNotCount", ()))
    wanted = apart | (set() if case["accepted"] else {last})
    return stopped is None and not unexplained and log.uncounted == wanted


def replays(said):
    for case in said["cases"]:
        yield case, replay_case(said, case)


# --- §8

def sequence(entries):
    last = None
    for data in entries:
        at = time(entry(data.encode())["loggedAt"])
        if last is not None and at < last:
            raise Fault("time runs backwards")
        last = at


def since(case):
    now = time(case["now"]) if "now" in case else None
    found = notes.witnessed_since(notes.Checkpoint(case["checkpoint"]), roster(read(case["roster"].encode())), now)
    if found is None:
        raise Refused("not witnessed")
    return found


def entries(said):
    leaves = [each["entry"].encode() for each in said["entries"]]
    hashes = [tree.leaf_hash(leaf) for leaf in leaves]
    for index, each in enumerate(said["entries"]):
        proof = [unbase64(hash_) for hash_ in each["inclusion"]]
        held = tree.includes(hashes[index], index, len(hashes), proof, tree.root(hashes))
        yield each, held and hashes[index].hex() == each["leafHash"] and tree.inclusion_proof(hashes, index) == proof
    for size, root in said["roots"].items():
        yield {"name": f"root {size}"}, tree.root(hashes[:int(size)]).hex() == root
    for case in said["consistency"]:
        proof, old = [unbase64(each) for each in case["proof"]], case["from"]
        held = tree.is_consistent(old, case["to"], tree.root(hashes[:old]), tree.root(hashes[:case["to"]]), proof)
        yield {"name": f"from {old}"}, held and tree.consistency_proof(hashes[:case["to"]], old) == proof
    payloads = [sha(unbase64(each)) for each in said["anchors"]["payloads"]]
    yield {"name": "anchors"}, tree.anchors_root(payloads).hex() == said["anchors"]["root"]
    log, stopped = replay(said["genesis"], said["disclosures"])
    note = notes.Checkpoint(said["checkpoint"])
    whole = stopped is None and not log.uncounted and (note.size, note.root) == (len(hashes), tree.root(hashes))
    yield {"name": "disclosures"}, whole and notes.witnessed_since(note, log.roster) is not None
    first = json.loads(said["proofFiles"][0]["file"])
    for case in said["proofFiles"]:
        yield case, proof_file.is_proven(case["file"].encode(), said["genesis"])
    for case in said["refusedProofFiles"]:
        file = json.dumps({**first, **case["replace"]}, ensure_ascii=False).encode()
        yield case, not proof_file.is_proven(file, said["genesis"])
    for case in said["sequences"]:
        yield case, refuses(sequence, case["entries"]) != case["accepted"]
    for case in said["views"]:
        yield case, refuses(since, case) if "since" not in case else since(case) == case["since"]
    logged = notes.read_times([json.loads(leaf) for leaf in leaves])
    for case in said["clocks"]:
        held = [(each["size"], each["timestamp"]) for each in case["cosignatures"]]
        yield case, (notes.clock_fault(logged, held, time(case["now"])) is None) == case["accepted"]


def evidence(said):
    keys = [VerifierKey(said["logVkey"])]
    for case in said["cases"]:
        yield case, notes.convicts(case["file"], keys) == case["convicts"]


# --- §10

def as_standing(query, found):
    times = {"until", "probationUntil"}
    reasons = [{**{name: value for name, value in each.items() if value is not None}} for each in found["reasons"]]
    expected = [{name: time(value) if name in times else value for name, value in each.items()}
                for each in query["expect"]["reasons"]]
    tags = [{"epoch": epoch, "tag": tag} for epoch, tag in found["tags"]]
    same = all(found[name] == query["expect"][name] for name in ("state", "action"))
    return same and reasons == expected and tags == query["expect"]["tags"]


def records_of(scenario, policies, order, size):
    records = Records()
    records.policies = {name: policy(read(text.encode())) for name, text in policies.items()}
    erased = set()
    for said in scenario["records"][::order]:
        record = Statement(json.dumps(said["statement"], ensure_ascii=False).encode())
        records.insert(record, (said["index"], said["position"]), time(said["loggedAt"]))
        erased |= set(record.about) if record.kind == "erasure" and said["index"] < size else set()
    for name in erased:
        records.remove(name)
    return records


def standings(said):
    for scenario in said["scenarios"]:
        for order in (1, -1):
            for query in scenario["queries"]:
                records = records_of(scenario, said["policies"], order, query["size"])
                tags = [(tag["epoch"], tag["tag"]) for tag in query["tags"]]
                yield scenario, as_standing(query, records.standing(tags, query["size"], time(query["at"])))
    for case in said["errors"]:
        records = records_of(case, case["policies"], 1, case["size"])
        try:
            records.standing([(tag["epoch"], tag["tag"]) for tag in case["tags"]], case["size"], time(case["at"]))
            yield case, False
        except NoPolicy:
            yield case, True


# --- §7, §11

def events(said):
    keys = {name: (unbase64(key), name) for name, key in said["keys"].items()}
    for case in said["cases"]:
        refused = refuses(signed.procedure, case["events"], keys)
        same = refused or signed.procedure(case["events"], keys) == case["procedure"]
        yield case, same and refused != case["accepted"]
    for case in said["drafts"]:
        data = unbase64(case["statement"])
        refused = refuses(signed.draft_hash, data)
        yield case, refused != case["accepted"] and (refused or signed.draft_hash(data) == case["draft"])


def receipts(said):
    raw = {member: [unbase64(key) for key in keys] for member, keys in said["keys"].items()}
    keys = {sha(key).hex(): (key, member) for member, each in raw.items() for key in each}
    for case in said["cases"]:
        yield case, refuses(signed.receipt, case["envelope"], keys) != case["accepted"]


def sealed(said):
    for case in said["cases"]:
        arguments = (case["details"], case["record"], case["epoch"], case["tag"], bytes.fromhex(case["sealKey"]),
                     unbase64(case["share"]))
        if "plain" in case:
            yield case, json.loads(signed.open_details(*arguments)) == case["plain"]
        else:
            yield case, refuses(signed.open_details, *arguments)
    for case in said["padding"]:
        yield {"name": f"padding {case['length']}"}, signed.padded(case["length"]) == case["padded"]
    first, between = said["cases"][0], said["intermediate"]
    record, tag, share = first["record"], first["tag"], unbase64(first["share"])
    made = {"contentAad": signed.content_aad(record), "wrapAad": signed.wrap_aad(record, first["epoch"], tag),
            "wrapKey": signed.wrap_key(bytes.fromhex(first["sealKey"]), share, record, tag),
            "shareHash": bytes.fromhex(signed.share_hash(share))}
    for name, value in made.items():
        yield {"name": name}, value.hex() == between[name]


FILES = [commitments, dockets, replays, sealed, entries, evidence, standings, events, receipts]

if __name__ == "__main__":
    wrong = 0
    for play in FILES:
        with open(os.path.join(sys.argv[1], f"{play.__name__}.json"), encoding="utf-8") as file:
            played = [(case.get("name", "one"), held) for case, held in play(json.load(file))]
        wrong += sum(not held for _, held in played)
        print(f"{play.__name__}.json: {len(played)} cases")
        for name in [name for name, held in played if not held]:
            print(f"OTHERWISE {play.__name__}.json: {name}")
    sys.exit(wrong > 0)
