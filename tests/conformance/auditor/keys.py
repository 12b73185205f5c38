"""Keys of docs/formats.md §1 and §8: Ed25519 without weak ones, recipients, points of ristretto255, verifier keys."""
import re
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from encoding import base64_of, need, sha, text

P = 2**255 - 19
D = -121665 * pow(121666, -1, P) % P
ROOT = pow(2, (P - 1) // 4, P)  # of -1
SMALL_ORDER = {0, 1, P - 1} | {int.from_bytes(bytes.fromhex(y), "little") for y in (
    "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
    "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a")}
WEAK_U = {0, 1, P - 1} | {int.from_bytes(bytes.fromhex(u), "little") for u in (
    "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800",
    "5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157")}
BECH32 = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"
CHECKPOINT, COSIGNATURE = 1, 4


def is_weak(key):
    y = int.from_bytes(key, "little") & (2**255 - 1)
    if y >= P or y in SMALL_ORDER:
        return True
    square = (y * y - 1) * pow(D * y * y + 1, -1, P) % P
    return pow(square, (P - 1) // 2, P) != 1  # the square of no x: no point


def public_key(value):
    key = base64_of(32)(value)
    need(not is_weak(key), "a weak key")
    return key


def verifies(key, signature, message):
    """Strictly: S reduced (the library sees to it), R canonical and not of small order, no cofactor."""
    if len(signature) != 64 or is_weak(signature[:32]) or is_weak(key):
        return False
    try:
        Ed25519PublicKey.from_public_bytes(key).verify(signature, message)
        return True
    except (InvalidSignature, ValueError):
        return False


def key_id(key):
    return sha(key).hex()


def _polymod(values):
    check = 1
    for value in values:
        top = check >> 25
        check = (check & 0x1FFFFFF) << 5 ^ value
        for bit, generator in enumerate((0x3B6A57B2, 0x26508E6D, 0x1EA119FA, 0x3D4233DD, 0x2A1462B3)):
            check ^= generator if top >> bit & 1 else 0
    return check


def recipient(value):
    """The 32 bytes of `age1…`: Bech32, lower case, one spelling."""
    need(re.fullmatch(f"age1[{BECH32}]{{58}}", text(value), re.A), "no recipient")
    words = [BECH32.index(letter) for letter in value[4:]]
    prefix = [ord(letter) >> 5 for letter in "age"] + [0] + [ord(letter) & 31 for letter in "age"]
    need(_polymod(prefix + words) == 1, "a recipient's checksum")
    number = 0
    for five in words[:52]:
        number = number << 5 | five
    need(number & 15 == 0, "stray bits in a recipient")
    data = (number >> 4).to_bytes(32, "big")
    u = int.from_bytes(data, "little")
    need(u < P and u not in WEAK_U, "a weak recipient")
    return data


def ristretto_point(value):
    """A canonically encoded point that isn't the identity (RFC 9496 §4.3.1)."""
    data = base64_of(32)(value)
    s = int.from_bytes(data, "little")
    need(0 < s < P and s % 2 == 0, "no point")
    u1, u2 = (1 - s * s) % P, (1 + s * s) % P
    v = (-D * u1 * u1 - u2 * u2) % P
    square = v * u2 * u2 % P
    root = pow(square, (P + 3) // 8, P)  # a root of it, or of its negative
    root = root if root * root % P == square else root * ROOT % P
    need(square != 0 and root * root % P == square, "no point")
    inverse = pow(root, -1, P)
    x = 2 * s * inverse * u2 % P
    x = P - x if x % 2 else x
    y = u1 * inverse * (inverse * u2) * v % P
    need(x * y % P % 2 == 0 and y != 0, "no point")
    return data


class VerifierKey:
    """`NAME+HASH+base64(TYPE ‖ KEY)`, of type 0x01 or 0x04."""

    def __init__(self, value):
        parts = text(value).split("+", 2)
        need(len(parts) == 3, "no verifier key")
        self.name, data = parts[0], base64_of(33)(parts[2])
        need(self.name and not any(letter.isspace() or ord(letter) < 32 or 127 <= ord(letter) < 160
                                   for letter in self.name), "no name of a key")
        self.kind, self.key, self.value = data[0], data[1:], value
        need(self.kind in (CHECKPOINT, COSIGNATURE), "a key of another type")
        need(parts[1] == self.hash(self.kind).hex(), "the hash of a verifier key")
        need(not is_weak(self.key), "a weak key")

    def hash(self, kind):
        return sha(self.name.encode(), b"\n", bytes([kind]), self.key)[:4]


def log_key(value):
    key = VerifierKey(value)
    need(key.kind == CHECKPOINT, "no key of a log")
    return key


def witness_key(value):
    key = VerifierKey(value)
    need(key.kind == COSIGNATURE, "no key of a witness")
    return key
