"""Makes exports of logs with every kind of fault, so that two auditors can be held against each other.

    python tests/conformance/auditor/logs.py VECTORS DIRECTORY

Writes `replay-NNN` (each case of `replays.json`), `word-NAME` (rules of §5.8 that no vector breaks), `stop-NAME` (what
stops a view), `anchors`, and `altered-KIND` (one long log a kind: a statement, document or docket with each member
dropped, emptied, of another type, respelled, or one more, signed by all seats).
"""
import base64, copy, json, os, sys
import tree
from committee import Book, Key, b64, dump, signed
from encoding import sha
from log import Log, line
from rules import DOCKET_TYPE
from signed import ANCHOR
from statement import commitment
from vectors import case_lines

ZEROS = "0" * 64


# --- rules that no vector of a log breaks, each alone

def _payload(book, change):
    said, shown = book.docket([book.drafted(6)])
    return book.log(book.sign(change(said)), shown)


def docket_malformed(book):
    _payload(book, lambda said: dump({**said, "more": 1}))
    _payload(book, lambda said: b"no docket")


def docket_mixed(book):
    policy = book.document(1)
    book.take([book.drafted(6), book.of_document("policy", {**policy, "version": "mixed"})])


def issuer(book):
    book.take([book.drafted(6)], issuer="other.example")


def docket_unsigned(book):
    said, shown = book.docket([book.drafted(6)])
    book.log({**book.sign(dump(said)), "signatures": []}, shown)


def signature_key_repeated(book):
    said, shown = book.docket([book.drafted(6)])
    signed = book.sign(dump(said))
    book.log({**signed, "signatures": signed["signatures"] + signed["signatures"][:1]}, shown)


def _roster(book, **members):
    return book.of_document("roster", {**book.document(0), "version": book.roster + 1, **members})


def roster_issuer(book):
    keys = [book.key.vkey("other.example")]
    book.take([_roster(book, issuer="other.example", log=keys)])


def epoch_altered(book):
    book.take([_roster(book, epochs=book.document(0)["epochs"][:1])])


POINT = "4vKuCmq8TnGoiKlhxQDFH1jiC2BPRYLd2KUUX/LZLXY="  # the generator of ristretto255


def epoch_reopened(book):
    epochs = book.document(0)["epochs"]
    closed = {"number": 3, "publicKey": POINT, "state": "closed"}
    book.take([_roster(book, epochs=[*epochs, closed])])
    book.roster = 2
    book.take([_roster(book, epochs=[*epochs, {**closed, "state": "live"}])])


def genesis(book):
    """Another log than the one that is pinned: it begins with its own first roster."""
    book.lines = []
    book.take([book.of_document("roster", book.document(0))])
    book.take([book.drafted(6)])


def genesis_of_nothing(book):
    """Entry 0 is no roster at all."""
    book.lines = []
    book.take([book.drafted(6)])


def record_of_an_erasure(book):
    """A record id that a logged erasure named is used again; an erasure of a docket that doesn't count."""
    said, shown = book.docket([dispute := book.drafted(6)])
    index = book.log(book.sign(dump(said), holders=["chair-1"]), shown)
    erasure = book.drafted(6, kind="erasure", about=[dispute["id"]], uncounted=[index])
    book.take([erasure])
    book.lines[index]["items"] = [None]
    book.take([dispute])


def signature_key_unknown(book):
    """Beside enough others."""
    said, shown = book.docket([book.drafted(6)])
    own, stranger = book.sign(dump(said)), signed([Key(b"7" * 32)], dump(said), DOCKET_TYPE)
    book.log({**own, "signatures": own["signatures"] + stranger["signatures"]}, shown)


def docket_repeated(book):
    """The id alone."""
    first = json.loads(base64.b64decode(book.lines[-1]["docket"]["payload"]))
    book.take([book.drafted(6)], id=first["id"])


WORDS = [
    signature_key_unknown, docket_repeated, docket_malformed, docket_mixed, issuer, docket_unsigned,
    signature_key_repeated, roster_issuer, epoch_altered, epoch_reopened, genesis, genesis_of_nothing,
    record_of_an_erasure]


# --- what stops a view

def _line(change):
    def altered(book):
        book.take([book.drafted(6)])
        change(book.lines[-1])
    return altered


def _entry(change):
    def altered(line):
        leaf = json.loads(base64.b64decode(line["entry"]))
        line["entry"] = b64(change(leaf))
    return _line(altered)


def _first_statement(line):
    line["items"][0] = b64(base64.b64decode(line["items"][0]) + b" ")


STOPS = {
    "index": _line(lambda line: line.update(index=99)),
    "spelling": _entry(lambda leaf: json.dumps(leaf).encode()),
    "order": _entry(lambda leaf: dump(dict(reversed(leaf.items())))),
    "more": _entry(lambda leaf: dump({**leaf, "more": 1})),
    "time": _entry(lambda leaf: dump({**leaf, "loggedAt": "2026-01-01T00:00:00.000Z"})),
    "anchors": _entry(lambda leaf: dump({"v": 1, "loggedAt": leaf["loggedAt"], "anchors": ZEROS})),
    "payload": _entry(lambda leaf: dump({**leaf, "docket": ZEROS})),
    "signatures": _entry(lambda leaf: dump({**leaf, "signatures": ZEROS})),
    "statement": _line(_first_statement),
    "items": _line(lambda line: line["items"].append(line["items"][0])),
    "missing": _line(lambda line: line.update(items=[None])),
    "publication": _line(lambda line: line.update(publication=b64(b"{}"))),
    "member": _line(lambda line: line.update(more=1)),
    "null": _line(lambda line: line.update(publication=None)),
    "keyid": _line(lambda line: line["docket"]["signatures"][0].update(keyid=ZEROS)),
    "type": _line(lambda line: line["docket"].update(payloadType="text/plain")),
}


# --- every member of everything, altered

def places(value, path=()):
    """Each place in a JSON value, of lists the first element alone."""
    yield path
    inner = value.items() if isinstance(value, dict) else list(enumerate(value))[:1] if isinstance(value, list) else ()
    for key, each in inner:
        yield from places(each, (*path, key))


def at(value, path):
    for key in path:
        value = value[key]
    return value


OTHERS = [None, 1, 0, 2**53, -1, 1.5, True, False, "", "x", [], {}, ["x"], {"x": 1}]


def alterations(value):
    """Functions of a JSON value like this one, each of which gives a copy with one place altered."""
    def act_at(path, act):
        def alter(said):
            copied = copy.deepcopy(said)
            act(at(copied, path[:-1]), path[-1])
            return copied
        return alter

    def put(other):
        return lambda owner, key: owner.__setitem__(key, other)
    for path in places(value):
        if not path:
            continue
        yield act_at(path, lambda owner, key: owner.pop(key))
        for other in OTHERS:
            yield act_at(path, put(other))
        here = at(value, path)
        if isinstance(here, list) and here:
            yield act_at(path, lambda owner, key: owner[key].append(owner[key][0]))
            yield act_at(path, lambda owner, key: owner[key].reverse())
        if isinstance(here, dict):
            yield act_at(path, lambda owner, key: owner[key].update(more=1))
        if isinstance(here, str):
            for spell in (str.upper, lambda text: text + "=", lambda text: " " + text, lambda text: text[:-1],
                          lambda text: text[:-1] + ("1" if text[-1:] != "1" else "2")):
                yield act_at(path, lambda owner, key, spell=spell: owner.__setitem__(key, spell(owner[key])))
    yield lambda said: {**said, "more": 1}


def ruling(book):
    return book.drafted(5, subject={"type": "person", "tags": [book.tag()]}, effectiveAt=book.now), None


def interim(book):
    return book.drafted(16, subject={"type": "person", "tags": [book.tag()]}, effectiveAt=book.now,
                        measure={"kind": "suspension", "scopes": ["live"], "until": "2026-03-20T00:00:00.000Z"}), None


def _target(book):
    return book.record(book.take([ruling(book)[0]]))


def annulment(book):
    return book.drafted(11, about=[_target(book)]), "ruling"


def stay(book):
    return book.drafted(7, about=[_target(book)], until="2026-04-10T00:00:00.000Z"), "ruling"


def reinstatement(book):
    return book.drafted(17, about=[_target(book)], effectiveAt=book.now,
                        probation={"until": "2026-05-01T00:00:00.000Z"}), "ruling"


def end(book):
    return book.drafted(9, about=[book.record(book.take([stay(book)[0]], ["ruling"]))], effectiveAt=book.now), "stay"


def dispute(book):
    return book.drafted(6), None


def rejoinder(book):
    said = book.drafted(6, kind="rejoinder", about=[_target(book)], details=book.template(5)["details"])
    target = json.loads(base64.b64decode(book.lines[-1]["items"][0]))
    book.wrap(said, [(tag["epoch"], tag["tag"]) for tag in target["subject"]["tags"]])
    return said, None


def link(book):
    return book.drafted(12, subject={"type": "person", "tags": [book.tag(1), book.tag(2)]}, effectiveAt=book.now), None


def erasure(book):
    return book.drafted(6, kind="erasure", about=[book.id()], uncounted=[]), None


def altered_statements(make):
    def altered(book):
        for alter in list(alterations(make(book)[0])):
            said, of = make(book)
            made = alter(said)
            measure = made.get("measure")
            kind = measure.get("kind") if isinstance(measure, dict) and isinstance(measure.get("kind"), str) else of
            docket, _ = book.docket([said], [of])
            item = {**docket["items"][0], "commitment": commitment(dump(made))}
            docket["items"] = [{**item, "of": kind} if kind else item]
            book.log(book.sign(dump(docket)), [dump(made)])
    altered.__name__ = make.__name__
    return altered


def altered_documents(kind, index, position=0):
    def altered(book):
        document = {**book.document(index, position)}
        if kind == "policy":
            document["import"], document["actions"] = {"until": "2026-06-01T00:00:00.000Z"}, {"bar": "refuse"}
        for number, alter in enumerate(alterations(document)):
            counted, made = book.follow(), alter(document)
            if kind == "policy" and made.get("version") == document["version"]:
                made["version"] = f"altered {number}"
            elif kind != "policy" and made.get("version") == document["version"]:
                made["version"] = {"roster": counted.roster["version"], "members": counted.members_version}[kind] + 1
            book.roster = counted.roster["version"]
            book.take([book.of_document(kind, made)])
    altered.__name__ = kind
    return altered


def dockets(book):
    book_of = lambda: book.docket([book.drafted(6)], publication=sha(PUBLICATION).hex())
    for alter in list(alterations(book_of()[0])):
        said, shown = book_of()
        made = alter(said)
        publication = PUBLICATION if made.get("publication") == said["publication"] else None
        book.log(book.sign(dump(made)), shown, publication)


PUBLICATION = dump({"v": 1, "zh": "公告", "en": "Notice"})


def publications(book):
    for alter in alterations(json.loads(PUBLICATION)):
        words = dump(alter(json.loads(PUBLICATION)))
        said, shown = book.docket([book.drafted(6)], publication=sha(words).hex())
        book.log(book.sign(dump(said)), shown, words)


class Followed(Book):
    """A log that is followed as it grows, so that documents bear the next version."""

    def __init__(self, said):
        super().__init__(said)
        self.known = None

    def follow(self):
        self.known = self.known or Log(self.genesis)
        for each in self.lines[len(self.known.entries):]:
            self.known.follow(line(dump(each)))
        return self.known


KINDS = [
    *map(altered_statements, (ruling, interim, annulment, stay, reinstatement, end, dispute, rejoinder, link, erasure)),
    altered_documents("roster", 0), altered_documents("members", 2, 4), altered_documents("policy", 1), dockets,
    publications]


def anchors(book):
    """A member's and the log's; two of a day; a leaf of others; a member's under another key; the log's; nobody's."""
    alpha, noon = book.members["alpha"], "2026-03-09T12:00:00.000Z"
    own = {"v": 1, "member": "alpha", "size": 3, "root": ZEROS, "at": noon}
    each_day = [[(alpha, own), (book.key, {"v": 1, "cases": 2, "root": ZEROS, "at": noon})], [(alpha, own)],
                [(alpha, {**own, "at": "2026-03-08T00:00:00.000Z"})], [(alpha, {**own, "member": "beta"})],
                [(book.key, own)], [(Key(b"7" * 32), {**own, "at": "2026-03-07T00:00:00.000Z"})],
                [(alpha, {**own, "at": "2026-03-06T00:00:00.000Z"})]]
    for number, day in enumerate(each_day):
        shown = [signed([key], dump(said), ANCHOR) for key, said in day]
        root = tree.anchors_root(sha(base64.b64decode(each["payload"])) for each in shown)
        leaf = {"v": 1, "loggedAt": book.now, "anchors": ZEROS if number == 2 else root.hex()}
        book.lines.append({"index": len(book.lines), "entry": b64(dump(leaf))})
        book.anchors += [{"index": len(book.lines) - 1, "anchor": each} for each in shown]
    book.anchors.append({"index": len(book.lines) + 5, "anchor": shown[0]})


def every_log(said):
    """Name and book of each log."""
    for number, case in enumerate(said["cases"]):
        book = Book(said)
        book.lines = case_lines(said, case)
        yield f"replay-{number:03}", book
    for make in WORDS:
        make(book := Book(said))
        yield f"word-{make.__name__.replace('_', '-')}", book
    for name, make in STOPS.items():
        make(book := Book(said))
        yield f"stop-{name}", book
    anchors(book := Book(said))
    yield "anchors", book
    for make in KINDS:
        make(book := Followed(said))
        yield f"altered-{make.__name__}", book


if __name__ == "__main__":
    with open(os.path.join(sys.argv[1], "replays.json"), encoding="utf-8") as file:
        vectors_ = json.load(file)
    for name_, book_ in every_log(vectors_):
        book_.export(os.path.join(sys.argv[2], name_))
