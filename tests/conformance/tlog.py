"""An export's checkpoint, tiles and proofs by `aics-tlog`, an implementation of the C2SP texts that isn't ours.

    tlog.py EXPORT VKEY PROOF_FILE...

The story has no witnesses: the cosignature that is checked is the log's own.
"""
import base64, json, sys
from aics_tlog import (
    FileSystemTileReader, cosignature_vkey, leaf_hash, parse_checkpoint, parse_note, parse_vkey, verify_checkpoint,
    verify_cosignature, verify_inclusion,
)
from aics_tlog.verified import audit_tiles

export, log, proofs = sys.argv[1], parse_vkey(sys.argv[2]), sys.argv[3:]


def checkpoint(text):
    """The checkpoint of a note that the log signed, and cosigned with a time."""
    note = parse_note(text)
    result = verify_checkpoint(note, log)
    assert result.ok and result.log_ok, result.error
    said, own = parse_checkpoint(note.text), cosignature_vkey(log.name, log.ed25519)
    blobs = [line.signature for line in note.signatures if (line.name, line.key_id) == (own.name, own.key_id)]
    cosigned = [verify_cosignature(blob, log.name, log.ed25519, said.origin, said.size, said.root) for blob in blobs]
    assert cosigned == [True], cosigned
    return said


text = open(f"{export}/checkpoint", encoding="utf-8", newline="").read()
said = checkpoint(text)
assert not verify_checkpoint(parse_note(text.replace(f"\n{said.size}\n", f"\n{said.size + 1}\n", 1)), log).ok
report = audit_tiles(FileSystemTileReader(export), said.size, said.root)
print(f"{report.tiles} tiles and {report.bundles} bundles of a log of {said.size} entries")

for path in proofs:
    file = json.load(open(path, encoding="utf-8"))
    head, note = file["proof"].split("\n\n", 1)
    version, index, *hashes = head.split("\n")
    assert version == "c2sp.org/tlog-proof@v1", version
    said = checkpoint(note)
    leaf, index = leaf_hash(base64.b64decode(file["entry"])), int(index.removeprefix("index "))
    path = [base64.b64decode(hashed) for hashed in hashes]
    assert verify_inclusion(leaf, index, said.size, path, said.root)
    assert not verify_inclusion(leaf_hash(b"another"), index, said.size, path, said.root)
print(f"{len(proofs)} proofs")
