"""Notes, checkpoints, cosignatures, views and evidence of a fork: docs/formats.md §8."""
import base64, re
import tree
from encoding import MINUTE, Malformed, base64_of, hex32, listed, members, need, one, text, time, word
from keys import CHECKPOINT, COSIGNATURE, verifies

AHEAD = 5 * MINUTE


class Checkpoint:
    """A note whose text is a checkpoint; nothing of it is verified yet."""

    def __init__(self, value):
        body, blank, lines = text(value).rpartition("\n\n")
        need(blank and lines.endswith("\n"), "no note")
        self.text = (body + "\n").encode()
        first = body.split("\n")
        need(len(first) >= 3 and all(first), "no checkpoint")
        need(re.fullmatch("0|[1-9][0-9]{0,15}", first[1], re.A) and int(first[1]) < 2**53, "no size")
        self.origin, self.size, self.root = first[0], int(first[1]), base64_of(32)(first[2])
        self.lines = []
        for line in lines[:-1].split("\n"):
            found = re.fullmatch("— ([^ ]+) ([^ ]+)", line)
            need(found, "no signature line")
            data = base64_of()(found[2])
            need(len(data) > 4, "a signature line without signature")
            self.lines.append((found[1], data[:4], data[4:]))

    def by(self, key, kind):
        """What is signed with one key: of a cosignature its timestamps. A line that doesn't verify refuses the note."""
        found = []
        for name, hashed, signature in self.lines:
            if (name, hashed) != (key.name, key.hash(kind)):
                continue
            if kind == CHECKPOINT:
                need(verifies(key.key, signature, self.text), "the log's signature does not verify")
                found.append(0)
                continue
            need(len(signature) == 72, "no cosignature")
            stamp = int.from_bytes(signature[:8], "big")
            need(stamp < 2**63, "a timestamp out of range")
            message = b"cosignature/v1\ntime %d\n" % stamp + self.text
            need(verifies(key.key, signature[8:], message), "a cosignature does not verify")
            found.append(stamp)
        return found


def newest(stamps, now):
    """The newest that isn't over five minutes after the clock (milliseconds)."""
    taken = [stamp for stamp in stamps if now is None or stamp * 1000 <= now + AHEAD]
    return max(taken, default=None)


def witnessed_since(note, roster, now=None):
    """Seconds since when a roster's witnesses bear a checkpoint out; `None`: not witnessed. Refused: not the log's."""
    need(note.origin == roster["issuer"], "the checkpoint of another log")
    signed = [note.by(key, CHECKPOINT) for key in roster["log"]]
    own = [stamp for key in roster["log"] for stamp in note.by(key, COSIGNATURE)]
    witnesses = [newest(note.by(key, COSIGNATURE), now) for key in roster["witnesses"]["keys"]]
    need(any(signed), "the log did not sign the checkpoint")
    quorum = roster["witnesses"]["quorum"]
    if quorum == 0:
        return newest(own, now)
    stamps = sorted((stamp for stamp in witnesses if stamp is not None), reverse=True)
    return stamps[quorum - 1] if len(stamps) >= quorum else None


def has_foreign_lines(note, roster):
    known = {(key.name, key.hash(kind)) for key in roster["log"] for kind in (CHECKPOINT, COSIGNATURE)}
    known |= {(key.name, key.hash(COSIGNATURE)) for key in roster["witnesses"]["keys"]}
    return any((name, hashed) not in known for name, hashed, _ in note.lines)


def clock_fault(logged, cosigned, now):
    """What a witness refuses of a log's times: `logged` of each entry, `cosigned` (size, seconds) that it holds."""
    if logged and logged[-1] > now + AHEAD:
        return "logged-in-future"
    for size, stamp in cosigned:
        if stamp * 1000 <= now + AHEAD and any(at < stamp * 1000 - AHEAD for at in logged[size:]):
            return "logged-in-past"
    return None


def convicts(file, keys):
    """Whether an evidence file proves that the log with these keys forked."""
    try:
        said = members(file, {"v": one, "fault": word("fork"), "notes": listed(text, 2, 2)},
                       {"root": hex32, "consistency": listed(hex32)})
        first, second = map(Checkpoint, said["notes"])
        for note in (first, second):
            need(any([note.by(key, CHECKPOINT) for key in keys]), "not signed by the log")
        need(first.origin == second.origin, "notes of two logs")
        if first.size == second.size:
            need(said["root"] is None and said["consistency"] is None, "a proof of nothing")
            return first.root != second.root
        need(said["root"] is not None and said["consistency"] is not None, "two sizes without a proof")
        root, proof = bytes.fromhex(said["root"]), [bytes.fromhex(each) for each in said["consistency"]]
        proven = tree.is_consistent(first.size, second.size, root, second.root, proof)
        return first.size < second.size and proven and root != first.root
    except Malformed:
        return False


def checkpoint_text(origin, size, root):
    return f"{origin}\n{size}\n{base64.b64encode(root).decode()}\n"


def read_times(entries):
    return [time(entry["loggedAt"]) for entry in entries]
