#!/usr/bin/env python3
"""Checks a Wharf ledger without Wharf: a second reading of docs/verification.md, with Python's standard library.

    docs/check.py DIR/wharf.db                    every entry: envelope, leaf, chain; prints size and root
    docs/check.py DIR/wharf.db CHECKPOINT VKEY    the same, and compares with a signed checkpoint
    docs/check.py --proof FILE                    an inclusion proof of `wharf ledger prove inclusion ENTRY --json`

Signatures need the openssl command: that of the checkpoint is always checked, those of the entries with
--signatures (slow: one call each). Exit status 0 when everything holds, 6 when something does not,
9 when a file cannot be read.
What it does not do: run the events again. That is `wharf verify`.
"""
import base64
import hashlib
import json
import os
import sqlite3
import subprocess
import sys
import tempfile


def sha(*parts):
    return hashlib.sha256(b"".join(parts)).digest()


def fail(text):
    print("does not hold:", text)
    sys.exit(6)


# --- the canonical encoding (include/base/codec.h) ---------------------------------------------------------

class Reader:
    def __init__(self, data):
        self.data, self.at = data, 0

    def u64(self):
        n = shift = 0
        while True:
            byte = self.data[self.at]
            self.at += 1
            n |= (byte & 0x7F) << shift
            if byte < 0x80:
                return n
            shift += 7

    def i64(self):
        n = self.u64()
        return (n >> 1) ^ -(n & 1)

    def raw(self, size):
        self.at += size
        return self.data[self.at - size:self.at]

    def counted(self):
        return self.raw(self.u64())


def u64(n):
    out = bytearray()
    while n >= 0x80:
        out.append(n & 0x7F | 0x80)
        n >>= 7
    out.append(n)
    return bytes(out)


def i64(n):
    return u64((n << 1) ^ (n >> 63) & (1 << 64) - 1 if n < 0 else n << 1)


# --- envelope and entry (include/ledger/envelope.h, entry.h) -----------------------------------------------

def envelope(data):
    """Content hash, ledger and signatures of an encoded envelope; refuses a body that is not the one of its digest."""
    r = Reader(data)
    version, ledger, _kind, sealed = r.u64(), r.raw(32), r.u64(), r.u64()
    r.counted(), r.counted(), r.counted()  # sender, deal, audience
    r.raw(16), r.i64(), r.i64()            # idempotency key, event time, value date
    digest, header_end = r.raw(32), r.at
    if version != 1:
        fail("an envelope of another version")
    if not sealed and sha(r.counted()) != digest:
        fail("a body is not the one of its digest")
    signatures = [(r.raw(32), r.i64(), r.raw(64)) for _ in range(r.u64())]
    if r.at != len(data):
        fail("an envelope with bytes left over")
    return sha(b"wharf/envelope/v1", data[:header_end]), ledger, signatures


def leaf_bytes(number, epoch, stamp, seed, content, env, verdict, outcome, prev):
    text = verdict.encode()
    return b"".join([u64(1), u64(number), u64(epoch), i64(stamp), seed, content, sha(env), u64(len(text)), text, outcome, prev])


# --- Merkle tree (RFC 6962, RFC 9162) ----------------------------------------------------------------------

class Tree:
    """Roots of complete subtrees, largest first: enough for the root at any size on the way."""

    def __init__(self):
        self.stack, self.size = [], 0

    def add(self, leaf):
        self.stack.append(leaf)
        self.size += 1
        n = self.size
        while n % 2 == 0:
            right, left = self.stack.pop(), self.stack.pop()
            self.stack.append(sha(b"\x01", left, right))
            n //= 2

    def root(self):
        if not self.stack:
            return sha(b"")
        r = self.stack[-1]
        for left in reversed(self.stack[:-1]):
            r = sha(b"\x01", left, r)
        return r


def inclusion_root(index, size, leaf, path):
    fn, sn, r = index, size - 1, leaf
    for p in path:
        if sn == 0:
            fail("the path is too long")
        if fn & 1 or fn == sn:
            r = sha(b"\x01", p, r)
            while not fn & 1 and fn:
                fn, sn = fn >> 1, sn >> 1
        else:
            r = sha(b"\x01", r, p)
        fn, sn = fn >> 1, sn >> 1
    if sn:
        fail("the path is too short")
    return r


# --- Ed25519 by openssl, signed notes (C2SP) ---------------------------------------------------------------

def signed(public_key, message, signature):
    with tempfile.TemporaryDirectory() as d:
        names = [os.path.join(d, n) for n in ("key", "message", "signature")]
        for name, data in zip(names, (bytes.fromhex("302a300506032b6570032100") + public_key, message, signature)):
            with open(name, "wb") as f:
                f.write(data)
        return subprocess.run(["openssl", "pkeyutl", "-verify", "-pubin", "-keyform", "DER", "-inkey", names[0], "-rawin",
                               "-in", names[1], "-sigfile", names[2]], capture_output=True).returncode == 0


def checkpoint(note, vkey):
    """Size and root that a checkpoint states, once its signature holds."""
    name, key_id, key = vkey.strip().split("+", 2)
    key = base64.b64decode(key)
    if sha(name.encode(), b"\n", key)[:4].hex() != key_id or key[0] != 1:
        fail("the verifier key is not one")
    text, _, lines = note.rpartition(b"\n\n")
    text += b"\n"
    for line in lines.decode().splitlines():
        dash, who, sig = line.split(" ")
        sig = base64.b64decode(sig)
        if dash == "\u2014" and who == name and sig[:4].hex() == key_id:
            if not signed(key[1:], text, sig[4:]):
                fail("the checkpoint's signature")
            origin, size, root = text.decode().splitlines()[:3]
            if origin != name:
                fail("the checkpoint is of another ledger")
            return int(size), base64.b64decode(root)
    fail("the checkpoint is not signed by that key")


# --- what is asked -----------------------------------------------------------------------------------------

def check_ledger(path, note, vkey, with_signatures):
    want = checkpoint(open(note, "rb").read(), open(vkey).read() if os.path.exists(vkey) else vkey) if note else None
    db = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
    tree, prev, last, count, begun = Tree(), bytes(32), None, 0, None
    for number, epoch, stamp, verdict, seed, stored_prev, env, outcome, leaf, chain in db.execute(
            "SELECT number, epoch, stamp, verdict, seed, prev, envelope, outcome, leaf, chain FROM journal ORDER BY number"):
        where = f"entry {number}"
        if number != tree.size or stored_prev != prev or (last is not None and stamp <= last):
            fail(f"{where}: number, link or stamp")
        content, ledger, signatures = envelope(env)
        if ledger != (bytes(32) if begun is None else begun) and verdict != "other-ledger":
            fail(f"{where}: its envelope was signed for another ledger than the one that entry 0 begins")
        begun = begun or content
        if not signatures:
            fail(f"{where}: nobody signed")
        for key, at, sig in signatures if with_signatures else []:
            if not signed(key, b"wharf/sign/v1" + content + at.to_bytes(8, "big", signed=True), sig):
                fail(f"{where}: a signature")
        data = leaf_bytes(number, epoch, stamp, seed, content, env, verdict, outcome, prev)
        if sha(b"\x00", data) != leaf or sha(b"wharf/chain/v1", prev, data) != chain:
            fail(f"{where}: leaf or chain hash")
        tree.add(leaf)
        prev, last, count = chain, stamp, count + len(signatures)
        if want and want[0] == tree.size and tree.root() != want[1]:
            fail(f"the first {want[0]} entries are not those of the checkpoint")
    if want and want[0] > tree.size:
        fail(f"the checkpoint has seen {want[0]} entries, the journal has {tree.size}: it was cut short")
    print(f"entries {tree.size}\nroot={tree.root().hex()}")
    print(f"signatures {count}, {'checked' if with_signatures else 'not checked'}" + (f"; checkpoint of {want[0]} holds" if want else ""))


def check_proof(path):
    p = json.load(open(path) if path != "-" else sys.stdin)
    data, env = base64.b64decode(p["leaf_bytes"]), base64.b64decode(p["envelope"])
    content, _ledger, signatures = envelope(env)
    r = Reader(data)
    if (r.u64(), r.u64()) != (1, p["entry"]):
        fail("the leaf is of another entry")
    r.u64(), r.i64(), r.raw(32)
    if r.raw(32) != content or r.raw(32) != sha(env) or r.counted().decode() != p["verdict"]:
        fail("the leaf is not of this envelope")
    root = inclusion_root(p["entry"], p["size"], sha(b"\x00", data), [bytes.fromhex(h) for h in p["path"]])
    if root.hex() != p["root"]:
        fail("the path does not lead to the root")
    for key, at, sig in signatures:
        if not signed(key, b"wharf/sign/v1" + content + at.to_bytes(8, "big", signed=True), sig):
            fail("a signature of the envelope")
    print(f"entry {p['entry']} of {p['size']}: {len(signatures)} signature(s) and {len(p['path'])} hashes hold\nroot={root.hex()}")


def main():
    words = [w for w in sys.argv[1:] if w != "--signatures"]
    if len(words) == 2 and words[0] == "--proof":
        check_proof(words[1])
    elif len(words) in (1, 3) and not words[0].startswith("-"):
        check_ledger(words[0], *(words[1:] or (None, None)), "--signatures" in sys.argv)
    else:
        print(__doc__)
        sys.exit(2)


try:
    main()
except (OSError, sqlite3.OperationalError) as e:
    print("cannot be read:", e)
    sys.exit(9)
except (IndexError, KeyError, ValueError, sqlite3.DatabaseError) as e:
    fail(f"what is stored cannot be taken apart ({type(e).__name__}: {e})")
