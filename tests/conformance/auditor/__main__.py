"""An auditor of exports in another language; every rule that it applies stands in docs/formats.md, and nothing here
was made from the registry's own code.

    python tests/conformance/auditor GENESIS EXPORT...

For each export (`checkpoint`, `tile/…`, `feed.ndjson`, `anchors.ndjson`) it derives tree, dockets, rosters, policies
and the standing of every tag again, and prints what `callboard audit EXPORT` prints, line for line. A genesis of `-`
takes what the log begins with. Exit code 1: something differs, or a docket doesn't count.

Read in this order: encoding, keys, tree, notes (§1, §8); statement (§4 to §7); rules, log (§5, §9); standing (§10);
proof_file (§8); signed (§7, §11). `vectors.py` plays the vectors into them; `logs.py` makes logs with every kind of
fault; `alone.py` shows that no rule is idle; `cases.py` decides cases (§15).
"""
import os, sys, time as clock
import notes, signed, tree
from encoding import DAY, Malformed, integer, members, read, sha, time
from log import BeginAgain, Fault, Log, entry, line
from standing import NoPolicy
from statement import envelope


def read_lines(path):
    if not os.path.isfile(path):
        return []
    with open(path, "rb") as file:
        return [each for each in file.read().split(b"\n") if each]


def pinned(lines):
    """What the log begins with."""
    for each in lines[:1]:
        return sha(line(each)["docket"]["payload"]).hex()


def follow(genesis, lines):
    """The log as far as it can be followed, and the fault that ended it."""
    told = set()
    while True:
        log = Log(genesis, told)
        try:
            for each in lines:
                said = line(each)
                if "checkpoint" not in said:
                    log.follow(said)
            return log, []
        except BeginAgain as again:
            told = again.told
        except (Fault, Malformed) as fault:
            return log, [str(fault)]


def differing_anchors(log, lines):
    """Entries of which the anchors shown aren't those that members signed, one a day, and the leaf logs."""
    by_entry, days = {}, set()
    for each in lines:
        said = members(read(each), {"index": integer(), "anchor": envelope})
        by_entry.setdefault(said["index"], []).append(said["anchor"])
    for index in sorted(log.anchors.keys() | by_entry.keys()):
        shown = by_entry.get(index, [])
        holds = tree.anchors_root(sha(each["payload"]) for each in shown).hex() == log.anchors.get(index)
        for each in shown:
            try:
                said = signed.anchor(each, log.every_member_key, log.log_keys)
                holds = holds and (said["member"], said["at"] // DAY) not in days
                days.add((said["member"], said["at"] // DAY))
            except Malformed:
                holds = False
        if not holds:
            yield f"the anchors of entry {index}"


def differing_checkpoint(log, root, text, now):
    try:
        note = notes.Checkpoint(text)
        if (note.size, note.root) != (len(log.entries), root):
            yield "the checkpoint is of another tree"
        if log.roster:
            notes.witnessed_since(note, log.roster, now)
    except Malformed as fault:
        yield f"the checkpoint: {fault}"


def audit(directory, genesis, now):
    lines = read_lines(os.path.join(directory, "feed.ndjson"))
    genesis = pinned(lines) if genesis == "-" else genesis
    log, differs = follow(genesis, lines)
    size, root = len(log.entries), tree.root([tree.leaf_hash(each) for each in log.entries])
    differs += [f"{name} is missing, and no erasure names it" for name in log.not_erased()]
    differs += [f"{name} is erased, and still disclosed" for name in log.still_disclosed]
    with open(os.path.join(directory, "checkpoint"), encoding="utf-8", newline="") as file:
        differs += differing_checkpoint(log, root, file.read(), now)
    if size and log.roster is None:
        differs.append("the log does not begin with the pinned roster")
    differs += tree.differing_tiles(directory, log.entries)
    differs += differing_anchors(log, read_lines(os.path.join(directory, "anchors.ndjson")))
    at = entry(log.entries[-1])["loggedAt"] if log.entries else "1970-01-01T00:00:00.000Z"
    print(f"size {size}", f"root {root.hex()}", f"genesis {genesis}", *log.lines, f"standings at {at}", sep="\n")
    for tag in log.records.tags():
        try:
            found = log.records.standing([tag], size, time(at))
        except NoPolicy:
            differs.append(f"tag {tag[0]}/{tag[1]} has no standing")
            continue
        reasons = [f" {each['record']}:{each['measure']}:{each['phase']}" for each in found["reasons"]]
        print(f"standing {tag[0]}/{tag[1]} {found['state']} {found['action']}" + "".join(reasons))
    for differing in differs:
        print(f"DIFFERS {differing}")
    return not differs and not log.uncounted


if __name__ == "__main__":
    clean = True
    for directory in sys.argv[2:]:
        if len(sys.argv) > 3:
            print(f"# {directory}")
        clean &= audit(directory, sys.argv[1], int(clock.time() * 1000))
    sys.exit(not clean)
