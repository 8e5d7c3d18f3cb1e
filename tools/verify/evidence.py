"""Ed25519 (RFC 8032), Merkle proofs (RFC 9162), signed notes and canonical JSON, each from its publication.

Written for people who want to check Tanshu without Tanshu: standard library only, no code shared with it.
"""
import base64
import binascii
import functools
import hashlib
import json
import re


class Problem(Exception):
    """The first thing that is not as it must be."""


def sha256(*parts):
    return hashlib.sha256(b"".join(parts)).digest()


# ---- Ed25519 (RFC 8032, section 5.1) ---------------------------------------------------------------

P = 2**255 - 19
L = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, P - 2, P) % P
ROOT = pow(2, (P - 1) // 4, P)


def _add(p, q):
    a = (p[1] - p[0]) * (q[1] - q[0]) % P
    b = (p[1] + p[0]) * (q[1] + q[0]) % P
    c = 2 * p[3] * q[3] * D % P
    d = 2 * p[2] * q[2] % P
    e, f, g, h = b - a, d - c, d + c, b + a
    return e * f % P, g * h % P, f * g % P, e * h % P


def multiply(scalar, point):
    result = (0, 1, 1, 0)
    while scalar:
        if scalar & 1:
            result = _add(result, point)
        point = _add(point, point)
        scalar >>= 1
    return result


def _recover_x(y, sign):
    if y >= P:
        return None
    square = (y * y - 1) * pow(D * y * y + 1, P - 2, P) % P
    x = pow(square, (P + 3) // 8, P)
    if (x * x - square) % P:
        x = x * ROOT % P
    if (x * x - square) % P or (x == 0 and sign):
        return None
    return P - x if x & 1 != sign else x


def _decode(data):
    number = int.from_bytes(data, "little")
    y, sign = number & ((1 << 255) - 1), number >> 255
    x = _recover_x(y, sign)
    return None if x is None else (x, y, 1, x * y % P)


def encode(point):
    inverse = pow(point[2], P - 2, P)
    x, y = point[0] * inverse % P, point[1] * inverse % P
    return (y | (x & 1) << 255).to_bytes(32, "little")


_BASE_Y = 4 * pow(5, P - 2, P) % P
_BASE_X = _recover_x(_BASE_Y, 0)
BASE = (_BASE_X, _BASE_Y, 1, _BASE_X * _BASE_Y % P)


def ed25519_verify(key, message, signature):
    if len(key) != 32 or len(signature) != 64:
        return False
    point, r = _decode(key), _decode(signature[:32])
    s = int.from_bytes(signature[32:], "little")
    if point is None or r is None or s >= L or encode(multiply(8, point)) == encode((0, 1, 1, 0)):
        return False
    challenge = int.from_bytes(hashlib.sha512(signature[:32] + key + message).digest(), "little") % L
    return encode(multiply(s, BASE)) == encode(_add(r, multiply(challenge, point)))


# ---- Merkle trees (RFC 9162, section 2.1) --------------------------------------------------------------

def leaf_hash(entry):
    return sha256(b"\x00", entry)


def merkle_root(leaves):
    if not leaves:
        return sha256(b"")
    if len(leaves) == 1:
        return leaves[0]
    half = 1 << (len(leaves) - 1).bit_length() - 1
    return sha256(b"\x01", merkle_root(leaves[:half]), merkle_root(leaves[half:]))


def lines_root(lines):
    return merkle_root([leaf_hash(line) for line in lines])


def verify_inclusion(leaf, index, size, proof, root):
    """Section 2.1.3.2."""
    if not 0 <= index < size:
        return False
    node, last, result = index, size - 1, leaf
    for item in proof:
        if last == 0 or len(item) != 32:
            return False
        if node & 1 or node == last:
            result = sha256(b"\x01", item, result)
            while not node & 1 and node:
                node, last = node >> 1, last >> 1
        else:
            result = sha256(b"\x01", result, item)
        node, last = node >> 1, last >> 1
    return last == 0 and result == root


# ---- signed notes and checkpoints (c2sp.org) -----------------------------------------------------------

def read_base64(text, what):
    try:
        data = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise Problem(f"{what} is not base64") from None
    if base64.b64encode(data).decode() != text:
        raise Problem(f"{what} is not in the one spelling of base64")
    return data


def key_id(name, kind, key):
    return sha256(name.encode(), b"\n", bytes([kind]), key)[:4]


class Key:
    """A vkey: name+id+base64(type, public key)."""

    def __init__(self, text):
        parts = text.split("+", 2)
        if len(parts) != 3 or not re.fullmatch("[0-9a-f]{8}", parts[1]):
            raise Problem(f"'{text}' is not a verifier key")
        data = read_base64(parts[2], "the key")
        self.text, self.name, self.key = text, parts[0], data[1:]
        if len(data) != 33 or data[0] != 1 or key_id(self.name, 1, self.key).hex() != parts[1]:
            raise Problem(f"'{text}' is not an Ed25519 verifier key")


def read_keys(given):
    """A vkey itself, or a file with one a line."""
    try:
        return [Key(given)]
    except Problem:
        with open(given, encoding="utf-8") as file:
            lines = [line.strip() for line in file]
    return [Key(line) for line in lines if line and not line.startswith("#")]


TIME_MAX = 253402300799  # 9999-12-31T23:59:59Z


@functools.lru_cache(maxsize=16)
def read_checkpoint(note, key):
    """Verifies both signatures; returns size, root, time in seconds."""
    text, blank, signatures = note.rpartition("\n\n")
    text += "\n"
    lines = signatures.split("\n")
    if not blank or len(lines) != 3 or lines[2] != "":
        raise Problem("the checkpoint must have two signature lines")
    parts = text.split("\n")
    if len(parts) != 4 or parts[3] != "" or parts[0] != key.name:
        raise Problem("the checkpoint must have three lines, the first being the key's name")
    if not re.fullmatch("0|[1-9][0-9]{0,17}", parts[1]):
        raise Problem("the checkpoint's size is not a number")
    root = read_base64(parts[2], "the checkpoint's root")
    if len(root) != 32:
        raise Problem("the checkpoint's root has not 32 bytes")
    time = 0
    for line, kind in zip(lines, (1, 4)):
        prefix = f"\u2014 {key.name} "
        if not line.startswith(prefix):
            raise Problem("the checkpoint is not signed by the key")
        data = read_base64(line[len(prefix):], "a signature")
        if data[:4] != key_id(key.name, kind, key.key):
            raise Problem("the checkpoint is not signed by the key")
        message, signature = text.encode(), data[4:]
        if kind == 4:
            time, signature = int.from_bytes(data[4:12], "big"), data[12:]
            if time > TIME_MAX:
                raise Problem("the checkpoint states a time beyond the calendar")
            message = f"cosignature/v1\ntime {time}\n".encode() + message
        if not ed25519_verify(key.key, message, signature):
            raise Problem("a signature of the checkpoint does not fit its text")
    return int(parts[1]), root, time


# ---- canonical JSON (RFC 8785) -------------------------------------------------------------------------

def _number(value):
    if isinstance(value, int):
        if abs(value) > 2**53:
            raise Problem(f"the integer {value} is beyond 2^53")
        return str(value)
    if value != value or value in (float("inf"), float("-inf")):
        raise Problem("a number is not finite")
    if value == 0:
        return "0"
    sign, digits, exponent = re.fullmatch(
        r"(-?)([0-9.]+?)(?:\.0)?(?:e([+-][0-9]+))?", repr(value)).groups()
    whole, _, fraction = digits.partition(".")
    power = int(exponent or 0) + len(whole)
    digits = (whole + fraction).lstrip("0")
    power -= len(whole + fraction) - len(digits)
    digits = digits.rstrip("0")
    if len(digits) <= power <= 21:
        body = digits + "0" * (power - len(digits))
    elif 0 < power <= 21:
        body = digits[:power] + "." + digits[power:]
    elif -6 < power <= 0:
        body = "0." + "0" * -power + digits
    else:
        body = digits[0] + ("." + digits[1:] if len(digits) > 1 else "")
        body += f"e{power - 1:+d}"
    return sign + body


def canonical(value):
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    if isinstance(value, (int, float)):
        return _number(value)
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False)
    if isinstance(value, list):
        return "[" + ",".join(canonical(item) for item in value) + "]"
    names = sorted(value, key=lambda name: name.encode("utf-16-be"))
    return "{" + ",".join(canonical(name) + ":" + canonical(value[name]) for name in names) + "}"


def _pairs(pairs):
    if len(dict(pairs)) != len(pairs):
        raise Problem("a name stands twice")
    return dict(pairs)


def read_canonical(data, what, names):
    """A JSON object in canonical bytes with exactly these names."""
    try:
        value = json.loads(data.decode("utf-8"), object_pairs_hook=_pairs)
        if not isinstance(value, dict) or set(value) != set(names):
            raise Problem(f"{what} must have exactly the names {', '.join(sorted(names))}")
        if canonical(value).encode() != data:
            raise Problem(f"{what} is not canonical JSON")
    except (ValueError, RecursionError):
        raise Problem(f"{what} is not JSON") from None
    return value


# ---- receipts (doc/formats.md) ---------------------------------------------------------------------------

RECEIPT = ["checkpoint", "content", "format", "index", "kind", "leaf", "proof", "salt"]


def read_hex(text, what, count=32):
    if not isinstance(text, str) or not re.fullmatch("[0-9a-f]{%d}" % (2 * count), text):
        raise Problem(f"{what} is not {count} bytes in lower-case hexadecimal")
    return bytes.fromhex(text)


def verify_receipt(receipt, key):
    """Commitment, proof and checkpoint of a receipt; returns its content, tree size and time."""
    if receipt["format"] != "tanshu receipt v1":
        raise Problem("the receipt has another format")
    if not isinstance(receipt["kind"], str) or not isinstance(receipt["checkpoint"], str):
        raise Problem("the receipt's kind or checkpoint is not text")
    if type(receipt["index"]) is not int or not isinstance(receipt["proof"], list):
        raise Problem("the receipt's index or proof is malformed")
    content, salt = read_hex(receipt["content"], "content"), read_hex(receipt["salt"], "salt")
    entry = sha256(b"tanshu leaf v1\0", salt, receipt["kind"].encode(), b"\0", content)
    if entry.hex() != receipt["leaf"]:
        raise Problem("the leaf is not the commitment to its salt, kind and content")
    size, root, time = read_checkpoint(receipt["checkpoint"], key)
    proof = [read_hex(item, "a hash of the proof") for item in receipt["proof"]]
    if not verify_inclusion(leaf_hash(entry), receipt["index"], size, proof, root):
        raise Problem("the proof does not lead from the leaf to the checkpoint")
    return content, size, time
