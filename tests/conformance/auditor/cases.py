"""An auditor of cases: decides from log and chain alone which events are taken, and which docket follows (§15).

    python tests/conformance/auditor/cases.py DIRECTORY

Each file of the directory is the story of one case, as somebody else decided it: lines of JSON, `log` (what is in the
log from here on), `event` and whether it was `taken`, `asked` (a docket) and whether it `follows`. A line is printed
for each difference. Exit code 1: something differs.

Read in this order: case_acts (shapes), case_time (windows), case_state (recusal, panel, votes), case_draw, case_rules.
"""
import copy, json, os, sys
from case_acts import event
from case_rules import BEHIND_CLOSED, RULES, need_part
from case_state import Case, stands
from encoding import MINUTE, Malformed, base64_of, need, sha, time
from keys import key_id, log_key
from signed import EVENT, draft_hash, opened
from statement import WITHOUT_CASE, Statement, commitment, envelope


# --- the log

def read_log(said):
    """The log of a story: what it holds with the times since when."""
    timed = lambda name: [(time(each["loggedAt"]), each["document"]) for each in said[name]]
    policies = [(0 if each["loggedAt"] is None else time(each["loggedAt"]), each) for each in said["policies"]]
    log = {
        "rosters": [(at, seats_of(document), log_keys_of(document)) for at, document in timed("rosters")],
        "members": [(at, keys_of(document)) for at, document in timed("members")],
        "policies": policies, "earlier": {each["case"]: each["sat"] for each in said["earlier"]},
        "entries": [{**each, "loggedAt": time(each["loggedAt"])} for each in said["entries"]],
        "dockets": {each["docket"]: {**each, "loggedAt": time(each["loggedAt"])} for each in said["dockets"]},
        "records": {each["record"]: {**each, "starts": time(each["starts"]),
                                     "until": None if each["until"] is None else time(each["until"])}
                    for each in said["records"]},
        "appealed": {}}
    for each in said["appealed"]:
        log["appealed"][each["case"], each["event"]] = replayed(log, each["events"])
    return log


def replayed(log, events):
    """A first case, as it was with the event by which an appeal was filed."""
    case = Case()
    for shown in events:
        take(case, log, shown)
    return case


def seats_of(roster):
    raw = [(base64_of(32)(seat["publicKey"]), seat) for seat in roster["seats"]]
    return {key_id(key): {"raw": key, "holder": seat["holder"], "role": seat["role"], "member": seat.get("member"),
                          "key": key_id(key)} for key, seat in raw}


def log_keys_of(roster):
    raw = [log_key(value).key for value in roster["log"]]
    return {key_id(key): {"raw": key, "holder": None, "role": "log", "member": None, "key": key_id(key)} for key in raw}


def keys_of(members):
    raw = [(base64_of(32)(key), each["member"]) for each in members["members"] for key in each["keys"]]
    return {key_id(key): {"raw": key, "holder": None, "role": "member", "member": member, "key": key_id(key)}
            for key, member in raw}


def moment(log, at):
    """What is known when something is asked: the last roster and list of members by then, and the policies."""
    rosters = [each for each in log["rosters"] if each[0] <= at]
    need(rosters, "no roster yet")
    _, seats, log_keys = rosters[-1]
    members = [keys for since, keys in log["members"] if since <= at]
    policies = [each for since, each in log["policies"] if since <= at]
    ever = {key: seat for _, each, _ in rosters for key, seat in each.items()}
    return {
        "at": at, "seats": seats, "ever": ever, "holders": {seat["holder"]: seat for seat in seats.values()},
        "member_of": {seat["holder"]: seat["member"] for seat in ever.values()},
        "keys": {**(members[-1] if members else {}), **seats, **log_keys},
        "policies": [each["document"] for each in policies],
        "by_hash": {each["sha256"]: each["document"] for each in policies},
        **{name: log[name] for name in ("entries", "dockets", "earlier", "appealed", "records")}}


# --- events

def take(case, log, shown):
    """Adds an event to the case; refused, it changes nothing."""
    shown = envelope(shown)
    said = event(shown["payload"])
    now = moment(log, said["at"])
    _, who = opened(shown, EVENT, {name: (key["raw"], key) for name, key in now["keys"].items()})
    need(who["role"] in said["by"], f"{said['act']} by {who['role']}")
    need(said["seq"] == case.seq and said["previous"] == case.previous, "a hole or a branch")
    need((said["act"] == "opened") == (case.seq == 0), "the first event opens the case, no other does")
    need(case.id in (None, said["case"]), "another case")
    need(case.at is None or said["at"] >= case.at, "before the event before it")
    need(not case.closed or said["act"] in BEHIND_CLOSED, "the case is closed")
    case.now = {**now, "hash": sha(shown["payload"]).hex()}
    need_part(case, said, who)
    RULES[said["act"]](case, said, who)
    case.seq, case.previous, case.at = case.seq + 1, case.now["hash"], said["at"]


# --- dockets

def follows(case, asked):
    """Refuses a docket that doesn't follow from the case as it stands."""
    need(case.at is None or case.at <= time(asked["loggedAt"]) + 5 * MINUTE, "the case went on")
    need(len(asked["items"]) == len(asked["statements"]), "more or fewer statements than items")
    named = {}
    for item, data in zip(asked["items"], map(base64_of(), asked["statements"])):
        said = Statement(data)
        need((said.id, said.kind, commitment(data)) == (item["record"], item["kind"], item["commitment"]),
             "another statement than its item says")
        need(said.procedure != WITHOUT_CASE, "signed by too few to be without a case")
        if said.procedure is not None:
            named.setdefault(said.procedure, []).append((item, said, draft_hash(data)))
    for procedure, statements in named.items():
        follows_from(case, asked["docket"], procedure, statements)


def follows_from(case, docket, procedure, statements):
    found = next((each for each in case.resolutions if each["procedure"] == procedure), None)
    need(found is not None and stands(found), "no complete resolution that stands")
    need(found["issued"] in (None, docket), "issued by another docket")
    drafts = {draft: name for name, each in found["items"].items() for draft in each}
    need(sorted(drafts) == sorted(draft for _, _, draft in statements), "other drafts than were resolved")
    for item, said, draft in statements:
        decides = ["interim"] if found["interim"] and not found["stay"] else case.items[drafts[draft]]["decides"]
        of = item["kind"] if item["kind"] in ("ruling", "link", "interim") else f"{item['kind']}/{item['of']}"
        need(of in decides, "nothing that its item decides")
        need(said.policy == case.policy, "under another policy")


# --- stories

def found(what, *arguments):
    """`None` where nothing is refused, else why it is."""
    try:
        what(*arguments)
    except Malformed as why:
        return str(why)


def copied(case):
    """The case, to go on from; what no event changes is shared."""
    return copy.deepcopy(case, {id(each): each for each in (case.now, case.document)})


def play(path):
    """Of each event and docket of a story its line, whether it is taken, and why it is found otherwise."""
    case, log = Case(), None
    with open(path, encoding="utf-8") as file:
        for number, text in enumerate(file, 1):
            said = json.loads(text)
            if "log" in said:
                log = read_log(said["log"])
                continue
            kind, told = ("event", said["taken"]) if "event" in said else ("docket", said["follows"])
            before = None if told else copied(case)
            why = found(take, case, log, said["event"]) if kind == "event" else found(follows, case, said["asked"])
            case = case if told or why else before  # after a difference the story goes on as it was told, where it can
            yield number, kind, told, why


def main(directory):
    names = sorted(name for name in os.listdir(directory) if name.endswith(".ndjson"))
    counted, differing = {"event": 0, "docket": 0}, 0
    for name in names:
        for number, kind, told, why in play(os.path.join(directory, name)):
            counted[kind] += 1
            if told != (why is None):
                differing += 1
                yes, no = ("taken", "not taken") if kind == "event" else ("it follows", "it doesn't follow")
                print(f"{name}:{number}: told: {yes if told else no}; found: {f'{no}: {why}' if why else yes}")
    ended = f"{differing} differ" if differing else "as told"
    print(f"{len(names)} cases, {counted['event']} events, {counted['docket']} dockets: {ended}")
    return differing


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]) > 0)
