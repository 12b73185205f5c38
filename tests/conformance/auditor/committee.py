"""Makes dockets that people sign, and logs of them, with the seeds that the vectors give: for `logs.py` alone.

It keeps no rule: what it makes may be wrong in any way, and the log key signs over it.
"""
import base64, copy, hashlib, json, os
import notes, tree
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from encoding import lp, sha
from statement import commitment, pae
from rules import DOCKET_TYPE
from vectors import feed_line


def b64(data):
    return base64.b64encode(data).decode()


def dump(value):
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()


class Key:
    def __init__(self, seed):
        self.private = Ed25519PrivateKey.from_private_bytes(seed)
        self.raw = self.private.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
        self.id = sha(self.raw).hex()

    def vkey(self, name, kind=1):
        hashed = sha(name.encode(), b"\n", bytes([kind]), self.raw)[:4]
        return f"{name}+{hashed.hex()}+{b64(bytes([kind]) + self.raw)}"

    def note(self, name, size, root, at):
        """A checkpoint, signed and cosigned, as the log does."""
        body = notes.checkpoint_text(name, size, root)
        first = sha(name.encode(), b"\n\1", self.raw)[:4] + self.private.sign(body.encode())
        message = b"cosignature/v1\ntime %d\n" % at + body.encode()
        second = sha(name.encode(), b"\n\4", self.raw)[:4] + at.to_bytes(8, "big") + self.private.sign(message)
        return f"{body}\n— {name} {b64(first)}\n— {name} {b64(second)}\n"


def signed(keys, payload, kind):
    """An envelope, signed by these keys."""
    signatures = [{"keyid": key.id, "sig": b64(key.private.sign(pae(kind.encode(), payload)))} for key in keys]
    return {"payload": b64(payload), "payloadType": kind, "signatures": signatures}


class Book:
    """A log in the making: the beginning of the vectors, then what is added."""

    def __init__(self, said, begun=True):
        self.seats = {holder: Key(bytes.fromhex(seed)) for holder, seed in said["seatSeeds"].items()}
        self.members = {member: Key(bytes.fromhex(seed)) for member, seed in said["memberSeeds"].items()}
        self.key, self.issuer, self.genesis = Key(bytes.fromhex(said["logKeySeed"])), said["issuer"], said["genesis"]
        self.beginning = [feed_line(each) for each in said["beginning"]]
        self.lines = copy.deepcopy(self.beginning) if begun else []
        self.now, self.roster, self.count, self.anchors = "2026-03-10T00:00:00.000Z", 1, 0, []

    # --- statements

    def fresh(self, what):
        self.count += 1
        return hashlib.sha256(f"{what} {self.count}".encode())

    def id(self):
        found = self.fresh("id").hexdigest()
        return f"019c1680-0000-7{found[:3]}-8{found[3:6]}-{found[6:18]}"

    def tag(self, epoch=1):
        return {"epoch": epoch, "tag": self.fresh("tag").hexdigest()}

    def template(self, index, position=0):
        return json.loads(base64.b64decode(self.beginning[index]["items"][position]))

    def drafted(self, index, **members):
        """A statement like one of the beginning, with an id and salt of its own; `None` takes a member away."""
        said = {**self.template(index), "id": self.id(), "salt": b64(self.fresh("salt").digest()), **members}
        said = {name: value for name, value in said.items() if value is not None}
        if "details" in said and "subject" in said:
            hard = [tag for tag in said["subject"]["tags"] if "soft" not in tag] or said["subject"]["tags"]
            self.wrap(said, [(tag["epoch"], tag["tag"]) for tag in hard])
        return said

    def wrap(self, said, tags):
        first = said["details"]["wraps"][0]
        said["details"]["wraps"] = [{**first, "epoch": epoch, "tag": tag} for epoch, tag in tags]

    def document(self, index, position=0):
        return json.loads(self.template(index, position)["document"])

    def of_document(self, kind, document):
        return {"v": 1, "id": self.id(), "kind": kind, "salt": b64(self.fresh("salt").digest()),
                "document": document if isinstance(document, str) else dump(document).decode()}

    def record(self, said):
        return json.loads(base64.b64decode(self.lines[said]["items"][0]))["id"]

    # --- dockets

    def item(self, statement, of=None):
        data = statement if isinstance(statement, bytes) else dump(statement)
        said = json.loads(data)
        of = of or (said.get("measure") or {}).get("kind")
        item = {"record": said.get("id"), "kind": said.get("kind"), "commitment": commitment(data)}
        return {**item, "of": of} if of else item, data

    def docket(self, statements, ofs=(), **members):
        ofs = list(ofs) + [None] * len(statements)
        made = [self.item(statement, of) for statement, of in zip(statements, ofs)]
        said = {"v": 1, "id": self.id(), "issuer": self.issuer, "issuedAt": self.now, "roster": self.roster,
                "items": [item for item, _ in made], **members}
        return {name: value for name, value in said.items() if value is not None}, [data for _, data in made]

    def sign(self, payload, kind=DOCKET_TYPE, holders=None):
        """By these seats; else by all of the first roster."""
        holders = holders or [seat["holder"] for seat in self.document(0)["seats"]]
        return signed([self.seats[holder] for holder in holders], payload, kind)

    def log(self, envelope, items, publication=None, at=None):
        """Takes a line, whether it counts or not."""
        each = [bytes.fromhex(one["keyid"]) + base64.b64decode(one["sig"]) for one in envelope["signatures"]]
        leaf = {"v": 1, "loggedAt": at or self.now, "docket": sha(base64.b64decode(envelope["payload"])).hex(),
                "signatures": sha(lp(envelope["payloadType"].encode()), *each).hex()}
        shown = {"docket": envelope, "items": [item if item is None else b64(item) for item in items]}
        shown |= {} if publication is None else {"publication": b64(publication)}
        self.lines.append({"index": len(self.lines), "entry": b64(dump(leaf)), **shown})
        return len(self.lines) - 1

    def take(self, statements, ofs=(), holders=None, **members):
        """Drafts, signs and logs a docket of statements."""
        said, shown = self.docket(statements, ofs, **members)
        return self.log(self.sign(dump(said), holders=holders), shown)

    # --- exports

    def export(self, directory, with_tiles=True):
        entries = [base64.b64decode(each["entry"]) for each in self.lines]
        root = tree.root([tree.leaf_hash(entry) for entry in entries])
        os.makedirs(directory)
        with open(os.path.join(directory, "feed.ndjson"), "wb") as file:
            file.writelines(dump(each) + b"\n" for each in self.lines)
        with open(os.path.join(directory, "checkpoint"), "w", encoding="utf-8", newline="") as file:
            file.write(self.key.note(self.issuer, len(entries), root, 1_780_000_000))
        if self.anchors:
            with open(os.path.join(directory, "anchors.ndjson"), "wb") as file:
                file.writelines(dump(each) + b"\n" for each in self.anchors)
        for path, content in tree.tiles(entries) if with_tiles else ():
            file = os.path.join(directory, path)
            os.makedirs(os.path.dirname(file), exist_ok=True)
            with open(file, "wb") as tile:
                tile.write(content)
