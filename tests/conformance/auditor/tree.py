"""Trees of RFC 6962 and tiles of C2SP: docs/formats.md §8."""
import os, struct
from encoding import sha


def leaf_hash(leaf):
    return sha(b"\0", leaf)


def root(hashes):
    while len(hashes) > 1:
        pairs = [sha(b"\1", *hashes[at:at + 2]) for at in range(0, len(hashes) - 1, 2)]
        hashes = pairs + hashes[len(hashes) & ~1:]
    return hashes[0] if hashes else sha()


def anchors_root(hashes):
    """Over the 32-byte hashes of payloads, sorted."""
    return root([leaf_hash(each) for each in sorted(hashes)])


def _split(size):
    return 1 << (size - 1).bit_length() - 1


def includes(leaf, index, size, proof, tree_root):
    """RFC 9162 §2.1.3.2."""
    if index >= size:
        return False
    first, last, found = index, size - 1, leaf
    for other in proof:
        if last == 0:
            return False
        if first & 1 or first == last:
            found = sha(b"\1", other, found)
            while first and not first & 1:
                first, last = first >> 1, last >> 1
        else:
            found = sha(b"\1", found, other)
        first, last = first >> 1, last >> 1
    return last == 0 and found == tree_root


def is_consistent(old, new, old_root, new_root, proof):
    """RFC 9162 §2.1.4.2, of sizes from 1."""
    if not 0 < old <= new:
        return False
    if old == new:
        return not proof and old_root == new_root
    proof = list(proof) if old & (old - 1) else [old_root, *proof]
    if not proof:
        return False
    first, last = old - 1, new - 1
    while first & 1:
        first, last = first >> 1, last >> 1
    of_old = of_new = proof[0]
    for other in proof[1:]:
        if last == 0:
            return False
        if first & 1 or first == last:
            of_old, of_new = sha(b"\1", other, of_old), sha(b"\1", other, of_new)
            while first and not first & 1:
                first, last = first >> 1, last >> 1
        else:
            of_new = sha(b"\1", of_new, other)
        first, last = first >> 1, last >> 1
    return last == 0 and of_old == old_root and of_new == new_root


def inclusion_proof(hashes, index):
    if len(hashes) <= 1:
        return []
    half = _split(len(hashes))
    if index < half:
        return inclusion_proof(hashes[:half], index) + [root(hashes[half:])]
    return inclusion_proof(hashes[half:], index - half) + [root(hashes[:half])]


def consistency_proof(hashes, old, whole=True):
    if old == len(hashes):
        return [] if whole else [root(hashes)]
    half = _split(len(hashes))
    if old <= half:
        return consistency_proof(hashes[:half], old, whole) + [root(hashes[half:])]
    return consistency_proof(hashes[half:], old - half, False) + [root(hashes[:half])]


# --- tiles

def tile_path(level, index, width):
    groups = [f"{index % 1000:03d}"]
    while index >= 1000:
        index //= 1000
        groups.insert(0, f"x{index % 1000:03d}")
    return f"tile/{level}/{'/'.join(groups)}" + (f".p/{width}" if width < 256 else "")


def tiles(entries):
    """Path and content of every tile of a log of these leaves: hashes first, level by level, then the entries."""
    rows, content = [], [leaf_hash(entry) for entry in entries]
    while content:
        rows.append((len(rows), content))
        content = [root(content[at:at + 256]) for at in range(0, len(content) & ~255, 256)]
    rows.append(("entries", [struct.pack(">H", len(entry)) + entry for entry in entries]))
    for level, content in rows:
        for at in range(0, len(content), 256):
            yield tile_path(level, at // 256, len(content[at:at + 256])), b"".join(content[at:at + 256])


def differing_tiles(directory, entries):
    for path, content in tiles(entries):
        file = os.path.join(directory, path)
        if not os.path.isfile(file) or open(file, "rb").read() != content:
            yield path
