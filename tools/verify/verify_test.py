"""Tests of the verifier: RFC vectors, the models' own worked cases, and an export of which every byte is changed."""
import base64
import csv
import glob
import hashlib
import io
import json
import os
import re
import shutil
import sys
import tempfile
import unittest
from fractions import Fraction

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
sys.path.insert(0, HERE)

import evidence  # noqa: E402
import tanshu_verify  # noqa: E402
from evaluate import Run, day, read_model, read_unit  # noqa: E402
from evidence import BASE, L, Key, Problem, canonical, ed25519_verify, encode, lines_root, multiply, sha256  # noqa: E402
from language import END  # noqa: E402


def table_bytes(path):
    with open(os.path.join(ROOT, "tables", path), "rb") as file:
        return file.read()


def literal(parser):
    """The value of an example line: (number, unit, text)."""
    negative = parser.take("-")
    token = parser.here()
    parser.at += 1
    if token.kind != "number":
        return None, "", token.text
    begin = parser.at
    while parser.here() is not END and not parser.here().is_("within") and not parser.here().is_(";"):
        parser.at += 1
    unit = "".join((" " if t.spaced else "") + t.text for t in parser.tokens[begin:parser.at]).strip()
    return (-1 if negative else 1) * Fraction(token.text), unit, ""


def example(lines):
    inputs, expected = {}, []
    for parser in lines:
        while parser.here() is not END:
            wanted = parser.take("expect")
            name, key = parser.word(), ""
            while parser.take("."):
                name += "." + parser.word()
            if parser.take("["):
                while not parser.take("]"):
                    key += parser.word()
            parser.want("=")
            value, within = literal(parser), Fraction(0)
            if parser.take("within"):
                within = Fraction(parser.word())
                if parser.take("%"):
                    within *= abs(value[0]) / 100
            while parser.here() is not END and not parser.here().is_(";"):
                parser.at += 1
            parser.take(";")
            if wanted:
                expected.append((name, key, value, within))
            else:
                inputs[(name, key)] = value
    return inputs, expected


def library(texts):
    """find_model over the texts of models; each is read once, when its name is asked for."""
    kept = {}

    def find_model(name, version, on):
        for text in texts:
            if not re.search(rb"^model +%s " % name.encode(), text, re.M):
                continue
            model = kept[text] = kept.get(text) or read_model(text)
            begin, end = model.valid
            if model.name == name and (model.version == version if on is None else
                                       (not begin or begin <= on) and (not end or on <= end)):
                return model
        raise Problem(f"there is no model {name}")
    return find_model


def model_texts():
    texts = []
    for path in sorted(glob.glob(os.path.join(ROOT, "models", "**", "*.model"), recursive=True)):
        with open(path, "rb") as file:
            texts.append(file.read())
    return texts


class Models(unittest.TestCase):
    checked = 0

    def check(self, model, run, name, key, wanted, within):
        number, unit, text = wanted
        value = run.named(name, key or None)
        self.checked += 1
        if text in ("missing", "error"):
            self.assertFalse(value.ok)
            self.assertEqual(value.unknown, text == "missing")
        elif number is None:
            self.assertTrue(value.ok, value.status)
            kind = model.definitions[name].type
            self.assertEqual(value.value, day(text) if kind == "date" else
                             text == "true" if isinstance(value.value, bool) else text)
        else:
            self.assertTrue(value.ok, value.status)
            size = read_unit(unit).size if unit else value.unit.size
            self.assertLessEqual(abs(value.value / size - number), within + abs(number) / 10**9)

    def check_examples(self, model, tables, find_model):
        for title, lines in model.examples:
            inputs, expected = example(lines)
            run = Run(model, tables, inputs, find_model)
            for name, key, wanted, within in expected:
                with self.subTest(model=model.name, example=title, output=name, key=key):
                    self.check(model, run, name, key, wanted, within)

    def test_worked_cases(self):
        """The guidelines' cases, which stand in the models as examples, computed by this evaluator."""
        texts = model_texts()
        find_model = library(texts)
        for data in texts:
            self.check_examples(read_model(data), table_bytes, find_model)
        self.assertGreater(self.checked, 900)

    def test_engine_cases(self):
        """The engine's cases of the language: another implementation must give the same values."""
        for path in sorted(glob.glob(os.path.join(ROOT, "src/model/tests", "*.txt"))):
            if path.endswith("diagnostics.txt"):  # what is wrong with models: their examples fail on purpose
                continue
            with open(path, encoding="utf-8") as file:
                for case in re.split(r"^=== ", file.read(), flags=re.M)[1:]:
                    title, _, body = case.partition("\n")
                    parts = re.split(r"^-- (.*)\n", body, flags=re.M)[1:]
                    with self.subTest(file=os.path.basename(path), case=title):
                        self.check_case([(head.strip(), text) for head, text in zip(parts[::2], parts[1::2])])
        self.assertGreater(self.checked, 100)

    def check_case(self, parts):
        named = dict(parts)
        if "errors" in named or "program" not in named:
            return
        files = {head[6:]: text.encode() for head, text in parts if head.startswith("table ")}
        texts = [text.encode() for head, text in parts if head.startswith("model ")]
        model, find_model = read_model(named["program"].encode()), library(texts)
        tables = lambda name: files[name] if name in files else table_bytes(name)  # noqa: E731
        self.check_examples(model, tables, find_model)
        choices = {word: member for member, *words in
                   re.findall(r'(\w+) "([^"]*)" zh "([^"]*)"', named["program"]) for word in words}
        runs = {entity: Run(model, tables, inputs, find_model)
                for entity, inputs in self.inputs_by_entity(named.get("input", ""), choices).items()}
        for line in named.get("expected", "").splitlines():
            left, _, wanted = line.partition(" = ")
            found = re.fullmatch(r"(\S+) ([a-z0-9_]+)(?:\[(.*)\])?", left)
            if not found or found.group(2) in ("notes", "trace"):
                continue
            entity, name, key = found.groups()
            with self.subTest(line=line):
                self.check_value(runs[entity].named(name, key), wanted)

    @staticmethod
    def inputs_by_entity(text, choices):
        """Both forms of the engine's data: a column for each input, or a row for each value."""
        header, *rows = list(csv.reader(io.StringIO(text))) or [[]]
        result = {}
        for row in filter(None, rows):
            inputs = result.setdefault(row[0], {})
            cells = dict(zip(header, row))
            if "input" in cells:
                given = [((cells["input"], cells.get("key", "")), cells["value"], cells.get("unit", ""))]
            else:
                given = [(re.fullmatch(r"([^\[]+)(?:\[(.*)\])?", head).group(1, 2), cell, "")
                         for head, cell in cells.items() if head not in ("entity", "period") and cell != ""]
            for (name, key), cell, unit in given:
                number = re.fullmatch(r"-?[0-9.,]+(?:[eE][+-]?[0-9]+)?", cell)
                inputs[name, key or ""] = (Fraction(cell.replace(",", "")), unit, cell) if number else \
                    (None, unit, choices.get(cell, cell))
        return result

    def check_value(self, value, wanted):
        self.checked += 1
        if wanted in ("missing", "absent"):
            self.assertTrue(value.unknown, value.status)
        elif re.fullmatch("no_row|several_rows|divide_by_zero|overflow|domain", wanted):
            self.assertFalse(value.ok or value.unknown)
        elif value.ok and isinstance(value.value, Fraction):
            size = value.unit.size
            self.assertLessEqual(abs(value.value / size - Fraction(wanted)), abs(Fraction(wanted)) / 10**12)
        else:
            self.assertTrue(value.ok, value.status)
            shown = value.value if not isinstance(value.value, bool) else str(value.value).lower()
            self.assertEqual(str(shown), wanted.strip('"'))


class Vectors(unittest.TestCase):
    def test_ed25519(self):
        """RFC 8032, section 7.1, tests 2 and 3."""
        for key, message, signature in (
                ("3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c", "72",
                 "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
                 "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"),
                ("fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025", "af82",
                 "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac"
                 "18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a")):
            key, message, signature = (bytes.fromhex(text) for text in (key, message, signature))
            self.assertTrue(ed25519_verify(key, message, signature))
            self.assertFalse(ed25519_verify(key, message + b"x", signature))
            s_plus_l = int.from_bytes(signature[32:], "little") + L
            self.assertFalse(ed25519_verify(key, message, signature[:32] + s_plus_l.to_bytes(32, "little")))

    def test_merkle(self):
        """test/vectors/merkle-rfc6962: every inclusion proof, good and corrupted."""
        checked = 0
        for path in glob.glob(os.path.join(ROOT, "test/vectors/merkle-rfc6962/testdata/inclusion/**/*.json"), recursive=True):
            with open(path, encoding="utf-8") as file:
                case = json.load(file)
            leaf, root = base64.b64decode(case["leafHash"]), base64.b64decode(case["root"])
            proof = [base64.b64decode(item) for item in case["proof"] or []]
            good = len(leaf) == 32 and evidence.verify_inclusion(leaf, case["leafIdx"], case["treeSize"], proof, root)
            self.assertEqual(good, not case["wantErr"], path)
            checked += 1
        self.assertEqual(checked, 98)

    def test_canonical(self):
        """test/vectors/jcs: RFC 8785 inputs and outputs."""
        for path in glob.glob(os.path.join(ROOT, "test/vectors/jcs/testdata/input/*.json")):
            with open(path, encoding="utf-8") as file, open(path.replace("/input/", "/output/"), encoding="utf-8") as wanted:
                self.assertEqual(canonical(json.load(file)), wanted.read())


class Report(unittest.TestCase):
    """The report that the C program signed for its own tests (fuzz/corpus/receipt)."""

    def setUp(self):
        with open(os.path.join(ROOT, "fuzz/corpus/receipt/report.pdf"), "rb") as file:
            self.data = file.read()
        self.key = Key(re.search(rb'"key":"([^"]*)"', self.data).group(1).decode())

    def test_issued(self):
        from report import verify_report
        answer, facts = verify_report(self.data, [self.key])
        self.assertEqual((answer, facts["report"]), ("yes", "TS-2026-000042"))
        self.assertEqual(verify_report(self.data, [])[0], "unknown signer")

    def test_changed(self):
        """A byte of each kind of place; the C test changes all of them."""
        start = self.data.index(b"/TanshuReceipt")
        places = list(range(0, len(self.data), 97)) + list(range(start - 60, len(self.data)))
        for place in places:
            changed = bytearray(self.data)
            changed[place] ^= 1
            with tempfile.NamedTemporaryFile() as file:
                file.write(changed)
                file.flush()
                self.assertEqual(tanshu_verify.check("report", file.name, [self.key])[0], "no", place)


# ---- an export, made here ----------------------------------------------------------------------------

SEED = b"\x07" * 32
ORIGIN = "carbon.example/log"


def sign(message):
    """RFC 8032, section 5.1.6."""
    digest = hashlib.sha512(SEED).digest()
    secret = int.from_bytes(digest[:32], "little") & (1 << 254) - 8 | 1 << 254
    public = encode(multiply(secret, BASE))
    nonce = int.from_bytes(hashlib.sha512(digest[32:] + message).digest(), "little") % L
    point = encode(multiply(nonce, BASE))
    challenge = int.from_bytes(hashlib.sha512(point + public + message).digest(), "little") % L
    return public, point + ((nonce + challenge * secret) % L).to_bytes(32, "little")


PUBLIC = sign(b"")[0]
VKEY = f"{ORIGIN}+{evidence.key_id(ORIGIN, 1, PUBLIC).hex()}+{base64.b64encode(bytes([1]) + PUBLIC).decode()}"


def signed_checkpoint(leaves, time):
    text = f"{ORIGIN}\n{len(leaves)}\n{base64.b64encode(evidence.merkle_root(leaves)).decode()}\n".encode()
    note = text.decode() + "\n"
    for kind in (1, 4):
        stamp = time.to_bytes(8, "big") if kind == 4 else b""
        message = f"cosignature/v1\ntime {time}\n".encode() + text if kind == 4 else text
        data = evidence.key_id(ORIGIN, kind, PUBLIC) + stamp + sign(message)[1]
        note += f"\u2014 {ORIGIN} {base64.b64encode(data).decode()}\n"
    return note


def proof_of(leaves, index):
    """RFC 6962, section 2.1.1."""
    if len(leaves) == 1:
        return []
    half = 1 << (len(leaves) - 1).bit_length() - 1
    if index < half:
        return proof_of(leaves[:half], index) + [evidence.merkle_root(leaves[half:])]
    return proof_of(leaves[half:], index - half) + [evidence.merkle_root(leaves[:half])]


MODEL = """model test.mill 1
  kind method
table fuel from "factors/test.csv"
input burnt[fuel] : fuel.unit "Fuel" >= 0 per month
input power : MWh "Power" per month
input steel : t "Steel" per month
let combustion[fuel] : t CO2 = burnt * fuel.ncv * fuel.carbon * fuel.oxidation * 44/12 (t CO2)/(t C)
out direct : t CO2e = sum(combustion) * 1 (t CO2e)/(t CO2) post emission scope 1 source fuel basis both
out indirect : t CO2e = power * 0.5703 (t CO2e)/MWh post emission scope 2 source electricity basis full
out energy : GJ = power * 3.6 GJ/MWh post energy kind calorific
out output : t = steel post production product steel
"""
TABLE = "id,unit : unit,ncv : GJ/unit,carbon : (t C)/GJ,oxidation : 1\ncoal,t,20.0,0.02618,0.98\ngas,1e4 Nm3,389.31,0.0153,0.99\n"


class Mill:
    """1,000 t coal: 1000 x 20 x 0.02618 x 0.98 x 44/12 = 1881.469333 t; 500 MWh x 0.5703 = 285.15 t, 1800 GJ."""

    def __init__(self):
        self.organisation, self.receipts = "0000000000org", {}
        org = {"organisation": self.organisation}
        days = {"first_day": "2025-01-01", "last_day": "2025-01-31"}
        self.bytes = b"coal,1000\npower,500\nsteel,2000\n"
        given = (("burnt", "coal", 1000, "t"), ("power", "", 500, "MWh"), ("steel", "", 2000, "t"))
        self.data = [{"asset": "", "datum": f"00000000data{at}", "input": name, "key": key, "known_seq": 0, "raw": str(value),
                      "row": f"row {at}", "submission": "000000000subm", "text": "", "tier": "meter", "unit": unit,
                      "value": value, **org, **days} for at, (name, key, value, unit) in enumerate(given)]
        self.model, self.table = MODEL.encode(), TABLE.encode()
        amounts = (("direct", "emission", 1, "fuel", "both", 1881469333, "g CO2e"),
                   ("indirect", "emission", 2, "electricity", "full", 285150000, "g CO2e"),
                   ("energy", "energy", 0, "calorific", "", 1800000000, "kJ"),
                   ("output", "production", 0, "steel", "", 2000000, "t"))
        self.postings = [{"amount": str(amount), "basis": basis, "key": "", "kind": kind, "output": output,
                          "posting": f"00000000post{at}", "reverses": "", "run": "0000000000run", "scope": scope,
                          "source": source, "unit": unit, **org, **days}
                         for at, (output, kind, scope, source, basis, amount, unit) in enumerate(amounts)]
        self.states = [{"at": "2025-02-01T00:00:00Z", "run": "0000000000run", "state": "posted"}]
        self.figures = {"emission.full": (2166.619333, "t CO2e"), "emission.compliance": (1881.469333, "t CO2e"),
                        "emission.scope1": (1881.469333, "t CO2e"), "emission.scope2": (285.15, "t CO2e"),
                        "production.steel": (2000, "t"), "energy.calorific": (1800000000 / 29307600, "tce"),
                        "intensity.carbon.steel": (2166.619333 / 2000, "(t CO2e)/t")}
        self.make_run()

    def make_run(self):
        table, model = sha256(self.table).hex(), sha256(self.model).hex()
        names = ("datum", "input", "key", "text", "unit", "value")
        self.run = {"first_day": "2025-01-01", "inputs": [{name: row[name] for name in names} for row in self.data],
                    "kind": "method", "known_seq": 1, "last_day": "2025-01-31", "organisation": self.organisation,
                    "model": {"digest": model, "name": "test.mill", "version": "1"}, "run": "0000000000run", "semantics": 1,
                    "tables": [{"digest": table, "path": "factors/test.csv"}]}

    def log(self):
        """Commits what stands now and signs, as the honest platform would."""
        lines = {name: [canonical(row).encode() for row in rows] for name, rows in
                 (("data", self.data), ("posting", self.postings), ("run", [self.run]))}
        forward = [line for line, row in zip(lines["posting"], self.postings) if not row["reverses"]]
        backward = [line for line, row in zip(lines["posting"], self.postings) if row["reverses"]]
        contents = [("submission", "000000000subm", sha256(b"tanshu submission v1\0", sha256(self.bytes), lines_root(lines["data"]))),
                    ("run", "0000000000run", lines_root(lines["run"] + forward))]
        if backward:
            contents.append(("reversal", "0000000000run", lines_root(backward)))
        salts = [sha256(kind.encode()) for kind, _, _ in contents]
        entries = [sha256(b"tanshu leaf v1\0", salt, kind.encode(), b"\0", content)
                   for salt, (kind, _, content) in zip(salts, contents)]
        leaves = [evidence.leaf_hash(entry) for entry in [b"x" * 32] + entries]
        self.note = signed_checkpoint(leaves, 1740000000)
        self.leaves = [{"object": name, "receipt": {
            "checkpoint": self.note, "content": content.hex(), "format": "tanshu receipt v1", "index": at + 1, "kind": kind,
            "leaf": entries[at].hex(), "proof": [item.hex() for item in proof_of(leaves, at + 1)], "salt": salts[at].hex()}}
            for at, (kind, name, content) in enumerate(contents)]

    def files(self):
        submission = {"at": "2025-02-01T00:00:00Z", "bytes": sha256(self.bytes).hex(), "kind": "file", "name": "jan.csv",
                      "organisation": self.organisation, "submission": "000000000subm"}
        rows = {"submissions": [submission], "data": self.data, "runs": [self.run], "postings": self.postings,
                "states": self.states, "judgements": [], "leaves": self.leaves}
        figures = [{"name": name, "unit": unit, "value": value} for name, (value, unit) in sorted(self.figures.items())]
        files = {name + ".jsonl": b"".join(canonical(row).encode() + b"\n" for row in list_) for name, list_ in rows.items()}
        files["report.json"] = canonical({"figures": figures, "first_day": "2025-01-01", "last_day": "2025-12-31",
                                          "organisation": self.organisation}).encode()
        files["checkpoint"] = self.note.encode()
        files["submissions/000000000subm"] = self.bytes
        files[f"models/{self.run['model']['digest']}.model"] = self.model
        files[f"tables/{self.run['tables'][0]['digest']}.csv"] = self.table
        return files

    def write(self, directory, files=None):
        files = dict(files or self.files())
        manifest = {"files": {path: sha256(data).hex() for path, data in files.items()}, "format": "tanshu export v1",
                    "organisation": self.organisation}
        files["manifest.json"] = canonical(manifest).encode()
        for path, data in files.items():
            os.makedirs(os.path.dirname(os.path.join(directory, path)), exist_ok=True)
            with open(os.path.join(directory, path), "wb") as file:
                file.write(data)


class ExportTest(unittest.TestCase):
    def setUp(self):
        self.directory = tempfile.mkdtemp()
        self.addCleanup(shutil.rmtree, self.directory)
        self.mill = Mill()
        self.mill.log()

    def answer(self):
        return tanshu_verify.check("export", self.directory, [Key(VKEY)])

    def assert_no(self, pattern):
        answer, reason, _ = self.answer()
        self.assertEqual(answer, "no")
        self.assertRegex(reason, pattern)

    def test_honest(self):
        self.mill.write(self.directory)
        self.assertEqual(self.answer()[:2], ("yes", ""))

    def test_every_file(self):
        """Bytes of every file, and bytes of the manifest, changed in place."""
        self.mill.write(self.directory)
        for path in list(self.mill.files()) + ["manifest.json"]:
            full = os.path.join(self.directory, path)
            with open(full, "rb") as file:
                data = file.read()
            for place in list(range(0, len(data), 1 + len(data) // 40)) + [len(data) - 1]:
                if not data:
                    continue
                with open(full, "wb") as file:
                    file.write(data[:place] + bytes([data[place] ^ 1]) + data[place + 1:])
                self.assertEqual(self.answer()[0], "no", f"{path} byte {place}")
            with open(full, "wb") as file:
                file.write(data)
        self.assertEqual(self.answer()[0], "yes")

    def forged(self, change, pattern):
        """Somebody changes the data and makes the manifest fit, but can't sign."""
        change(self.mill)
        self.mill.write(self.directory)
        self.assert_no(pattern)

    def test_forged_reading(self):
        def change(mill):
            mill.data[0]["value"] = 1001
            mill.make_run()
        self.forged(change, "submission 000000000subm is not what its leaf commits to")

    def test_forged_run_input(self):
        self.forged(lambda mill: mill.run["inputs"][0].update(value=999), "run .* is not what its leaf commits to")

    def test_forged_posting(self):
        self.forged(lambda mill: mill.postings[0].update(amount="1881469332"), "run .* is not what its leaf commits to")

    def test_forged_factor(self):
        def change(mill):
            mill.table = mill.table.replace(b"0.02618", b"0.02617")
            mill.make_run()
        self.forged(change, "run .* is not what its leaf commits to")

    def test_forged_checkpoint(self):
        def change(mill):
            note = mill.note
            mill.note = note.replace("\n3\n", "\n4\n")
            for row in mill.leaves:
                row["receipt"]["checkpoint"] = mill.note
        self.forged(change, "a signature of the checkpoint does not fit")

    def test_forged_figure(self):
        self.forged(lambda mill: mill.figures.update({"emission.full": (2166.619334, "t CO2e")}), "emission.full is 2166.619334")

    def test_left_out(self):
        self.forged(lambda mill: mill.leaves.pop(), "run .* has no leaf")
        self.forged(lambda mill: mill.postings.pop(), "has no leaf|is not what its leaf")

    def dishonest(self, change, pattern):
        """The platform itself computes wrongly and signs what it says: the models tell."""
        change(self.mill)
        self.mill.log()
        self.mill.write(self.directory)
        self.assert_no(pattern)

    def test_wrong_posting(self):
        self.dishonest(lambda mill: mill.postings[0].update(amount="1881469332"), "the model gives 1881469333.33")

    def test_wrong_factor(self):
        def change(mill):
            mill.table = mill.table.replace(b"0.02618", b"0.02617")
            mill.make_run()
        self.dishonest(change, "posting 00000000post0: the amount")

    def test_wrong_input(self):
        self.dishonest(lambda mill: mill.run["inputs"][0].update(value=999), "value of input burnt is not its datum's")

    def test_missing_posting(self):
        self.dishonest(lambda mill: mill.postings.pop(0), "output direct of the model is not posted")

    def test_reversal(self):
        def reverse(mill):
            for at, row in enumerate(list(mill.postings)):
                mill.postings.append({**row, "amount": str(-int(row["amount"])), "posting": f"00000000rev{at}0",
                                      "reverses": row["posting"]})
            mill.states.append({"at": "2025-03-01T00:00:00Z", "run": "0000000000run", "state": "reversed"})
            mill.figures = {"emission.full": (0, "t CO2e")}
        reverse(self.mill)
        self.mill.log()
        self.mill.write(self.directory)
        self.assertEqual(self.answer()[:2], ("yes", ""))
        self.dishonest(lambda mill: mill.postings[-1].update(amount="-1999999"), "does not cancel")

    def test_program(self):
        """An export that the program wrote: the steel guideline's worked case and its energy (testdata/mill)."""
        shutil.copytree(os.path.join(HERE, "testdata/mill"), self.directory, dirs_exist_ok=True)
        with open(os.path.join(HERE, "testdata/mill.key"), encoding="utf-8") as file:
            key = Key(file.read().strip())
        answer, reason, facts = tanshu_verify.check("export", self.directory, [key])
        self.assertEqual((answer, reason, facts["runs"], facts["postings"]), ("yes", "", 2, 7))
        for name in ("data.jsonl", "postings.jsonl", "checkpoint", "report.json"):
            path = os.path.join(self.directory, name)
            with open(path, "rb") as file:
                data = file.read()
            with open(path, "wb") as file:
                file.write(data.replace(b"1", b"2", 1))
            self.assertEqual(tanshu_verify.check("export", self.directory, [key])[0], "no", name)
            with open(path, "wb") as file:
                file.write(data)

    def signed_report(self, keywords, time=1740000000):
        """A PDF of the least that a verifier looks at, with a receipt by the test's own log."""
        body = b"%PDF-1.4\n1 0 obj\n<< /Keywords (" + keywords + b") >>\nendobj\n"
        pdf = body + b"xref\n0 1\n0000000000 65535 f \ntrailer\n<< /Size 2 /Root 1 0 R /Info 1 0 R >>\n" \
            + b"startxref\n%d\n%%%%EOF\n" % len(body)
        content = sha256(b"tanshu report v1\0", b"R-1", b"\0", sha256(pdf))
        entry = sha256(b"tanshu leaf v1\0", b"s" * 32, b"report\0", content)
        receipt = {"checkpoint": signed_checkpoint([evidence.leaf_hash(entry)], time), "content": content.hex(),
                   "format": "tanshu receipt v1", "index": 0, "key": VKEY, "kind": "report", "leaf": entry.hex(),
                   "proof": [], "report": "R-1", "salt": (b"s" * 32).hex()}
        from report import _update
        path = os.path.join(self.enterContext(tempfile.TemporaryDirectory()), "report.pdf")
        with open(path, "wb") as file:
            file.write(pdf + _update(pdf, canonical(receipt).encode()))
        return path

    def test_a_time_beyond_the_calendar(self):
        """Anybody may sign any time with a key of his own: a no, not a crash."""
        path = self.signed_report(b"", 1 << 62)
        self.assertEqual(tanshu_verify.main(["report", path, "--key", VKEY]), 1)
        self.assertEqual(tanshu_verify.check("report", path, [Key(VKEY)])[0], "no")

    def test_report_of_the_export(self):
        self.mill.write(self.directory)
        digest = sha256(self.mill.files()["report.json"]).hex().encode()
        for keywords, wanted in ((b"figures sha256:" + digest, "yes"), (b"figures sha256:" + b"0" * 64, "no"), (b"", "no")):
            path = self.signed_report(keywords)
            self.assertEqual(tanshu_verify.check("report", path, [Key(VKEY)])[0], "yes")
            self.assertEqual(tanshu_verify.check("export", self.directory, [Key(VKEY)], path)[0], wanted)

    def test_other_key(self):
        self.mill.write(self.directory)
        other = f"other.example+{evidence.key_id('other.example', 1, PUBLIC).hex()}+" \
            + base64.b64encode(bytes([1]) + PUBLIC).decode()
        self.assertEqual(tanshu_verify.check("export", self.directory, [Key(other)])[0], "no")
        self.assertRaises(Problem, Key, VKEY.replace("+", "-", 1))


if __name__ == "__main__":
    unittest.main()
