"""Verifies an export directory (doc/formats.md, "Export"): files, leaves, inputs, postings and figures."""
import os
import re
from fractions import Fraction

from evidence import RECEIPT, Problem, lines_root, read_canonical, read_hex, sha256, verify_receipt
from evaluate import Run, read_model, read_unit

KJ_PER_TCE = 29307600  # 29.3076 GJ per tonne of coal equivalent, GB/T 2589-2020
LINES = {
    "submissions": "at bytes kind name organisation submission",
    "data": "asset datum first_day input key known_seq last_day organisation raw row submission text tier unit value",
    "runs": "first_day inputs kind known_seq last_day model organisation run semantics tables",
    "postings": "amount basis first_day key kind last_day organisation output posting reverses run scope source unit",
    "states": "at run state",
    "judgements": "inputs judgement model organisation outputs semantics tables year",
    "leaves": "object receipt",
}
IDENTITY = {"submissions": "submission", "data": "datum", "runs": "run", "postings": "posting", "judgements": "judgement"}
TIERS = ("settlement", "department", "meter", "invoice", "declared", "default")
INPUT = {"datum", "input", "key", "text", "unit", "value"}


def need(condition, text):
    if not condition:
        raise Problem(text)


class Export:
    def __init__(self, directory, keys):
        self.directory, self.keys, self.models = directory, keys, {}
        self.read_manifest()
        self.lines = {name: self.read_lines(name) for name in LINES}
        self.raw = {name: {row[IDENTITY[name]]: line for line, row in self.lines[name]} for name in IDENTITY}
        self.data = {row["datum"]: row for row in self.rows("data")}
        for name, identity in self.raw.items():
            need(len(identity) == len(self.lines[name]), f"{name}.jsonl has an identifier twice")
            need(list(identity) == sorted(identity), f"{name}.jsonl is not in its order")

    def rows(self, name):
        return [row for _, row in self.lines[name]]

    # ---- files ----

    def bytes_of(self, path):
        need(path in self.files, f"{path} is not in the manifest")
        with open(os.path.join(self.directory, path), "rb") as file:
            data = file.read()
        need(sha256(data).hex() == self.files[path], f"{path} differs from its digest in the manifest")
        return data

    def read_manifest(self):
        with open(os.path.join(self.directory, "manifest.json"), "rb") as file:
            manifest = read_canonical(file.read(), "manifest.json", ["files", "format", "organisation"])
        need(manifest["format"] == "tanshu export v1", "the export has another format")
        self.files, self.organisation = manifest["files"], manifest["organisation"]
        found = set()
        for folder, _, names in os.walk(self.directory):
            for name in names:
                found.add(os.path.relpath(os.path.join(folder, name), self.directory).replace(os.sep, "/"))
        need(isinstance(self.files, dict) and found - {"manifest.json"} == set(self.files),
             f"files and manifest differ: {sorted((found - {'manifest.json'}) ^ set(self.files))[:3]}")
        for path in self.files:
            self.bytes_of(path)

    def read_lines(self, name):
        data = self.bytes_of(name + ".jsonl")
        need(data == b"" or data.endswith(b"\n"), f"{name}.jsonl: its last line is open")
        lines = data.split(b"\n")[:-1]
        rows = [read_canonical(line, f"{name}.jsonl line {number}", LINES[name].split())
                for number, line in enumerate(lines, 1)]
        for row in rows:
            need(row.get("organisation", self.organisation) == self.organisation, f"{name}.jsonl names another organisation")
        return list(zip(lines, rows))

    # ---- the log ----

    def check_leaves(self):
        note, leaves, places = self.bytes_of("checkpoint").decode("utf-8"), {}, set()
        key = next((key for key in self.keys if note.startswith(key.name + "\n")), None)
        need(key is not None, "the checkpoint is of a log that you gave no key for")
        for row in self.rows("leaves"):
            receipt = row["receipt"]
            need(isinstance(receipt, dict) and set(receipt) == set(RECEIPT), "a receipt in leaves.jsonl has other names")
            need(receipt["checkpoint"] == note, "a receipt rests on another checkpoint")
            content, self.size, self.time = verify_receipt(receipt, key)
            need(receipt["index"] not in places, "two leaves have one place in the log")
            places.add(receipt["index"])
            leaves.setdefault((receipt["kind"], row["object"]), set()).add(content)
        wanted = self.wanted_leaves()
        for place, content in wanted.items():
            need(place in leaves, f"{place[0]} {place[1]} has no leaf in the log")
            need(leaves[place] == {content}, f"{place[0]} {place[1]} is not what its leaf commits to")
        for place in leaves:
            need(place in wanted, f"the leaf of {place[0]} {place[1]} stands for nothing in the export")

    def wanted_leaves(self):
        wanted = {}
        for row in self.rows("submissions"):
            name = row["submission"]
            data = [line for line, datum in self.lines["data"] if datum["submission"] == name]
            body = sha256(self.bytes_of("submissions/" + name))
            need(body.hex() == row["bytes"], f"submissions/{name} differs from submissions.jsonl")
            wanted["submission", name] = sha256(b"tanshu submission v1\0", body, lines_root(data))
        for line, row in self.lines["runs"]:
            own = [(text, posting) for text, posting in self.lines["postings"] if posting["run"] == row["run"]]
            forward = [text for text, posting in own if posting["reverses"] == ""]
            backward = [text for text, posting in own if posting["reverses"] != ""]
            wanted["run", row["run"]] = lines_root([line] + forward)
            if backward:
                wanted["reversal", row["run"]] = lines_root(backward)
        return wanted

    # ---- runs ----

    def check_data(self):
        submissions = self.raw["submissions"]
        for row in self.rows("data"):
            need(row["submission"] in submissions, f"datum {row['datum']} comes from no submission")
            need(row["tier"] in TIERS, f"datum {row['datum']} has no known tier")
            if row["value"] is not None:
                read_unit(row["unit"] or "1")

    def model_of(self, row, what):
        named = row["model"]
        digest = read_hex(named["digest"], f"the model's digest of {what}").hex()
        data = self.bytes_of(f"models/{digest}.model")
        need(sha256(data).hex() == digest, f"models/{digest}.model has another digest")
        if digest not in self.models:
            self.models[digest] = read_model(data)
        model = self.models[digest]
        need((model.name, model.version) == (named["name"], named["version"]), f"{what} names another model")
        paths = {table["path"]: table["digest"] for table in row["tables"]}
        need(list(paths) == sorted(paths) and len(paths) == len(row["tables"]), f"the tables of {what} are not in order")

        def table_bytes(path):
            need(path in paths, f"{what} names no table {path}")
            data = self.bytes_of(f"tables/{read_hex(paths[path], 'a digest').hex()}.csv")
            need(sha256(data).hex() == paths[path], f"table {path} has another digest")
            return data

        def find_model(name, version, on):
            """A model that this one uses is one of the files that the run names."""
            begin, sound = f"use/{name}/", []
            for path in paths:
                used = read_model(table_bytes(path)) if path.startswith(begin) else None
                if used and (used.version == version if on is None else
                             (used.valid[0] or on) <= on <= (used.valid[1] or on)):
                    need(path == f"{begin}{used.version}.model" and used.name == name, f"{path} is another model")
                    sound.append(used)
            need(len(sound) == 1, f"{what} does not name the model {name} that it uses")
            return sound[0]
        return model, table_bytes, find_model

    def inputs_of(self, row, what):
        inputs = {}
        for item in row["inputs"]:
            need(set(item) == INPUT, f"an input of {what} has other names")
            need(item["value"] is None or isinstance(item["value"], (int, float)), f"an input of {what} is no number")
            need((item["input"], item["key"]) not in inputs, f"{what} has the input {item['input']} twice")
            if item["datum"]:
                datum = self.data.get(item["datum"])
                need(datum is not None, f"{what} uses datum {item['datum']}, which there is not")
                for name in INPUT - {"datum"}:
                    need(datum[name] == item[name], f"{what}: {name} of input {item['input']} is not its datum's")
            inputs[item["input"], item["key"]] = (None if item["value"] is None else Fraction(item["value"]),
                                                  item["unit"], item["text"])
        return inputs

    def computed(self, row, what):
        need(row["semantics"] in (1, 2), f"{what} was computed by rules that this verifier does not know")
        model, table_bytes, find_model = self.model_of(row, what)
        return model, Run(model, table_bytes, self.inputs_of(row, what), find_model)

    def check_postings(self):
        by_run = {}
        for posting in self.rows("postings"):
            need(posting["run"] in self.raw["runs"], f"posting {posting['posting']} belongs to no run")
            need(re.fullmatch("0|-?[1-9][0-9]*", posting["amount"]), f"posting {posting['posting']}: its amount is no integer")
            by_run.setdefault(posting["run"], []).append(posting)
        for row in self.rows("runs"):
            self.check_run(row, by_run.get(row["run"], []))

    def check_run(self, row, postings):
        what = f"run {row['run']}"
        _, run = self.computed(row, what)
        wanted = {}
        for definition, key, value in run.outputs():
            if definition.post and value.ok:
                wanted[definition.name, key] = (definition, value)
        seen = set()
        for posting in (p for p in postings if p["reverses"] == ""):
            place = (posting["output"], posting["key"])
            name = f"posting {posting['posting']}"
            need(place in wanted and place not in seen, f"{name}: the model posts no {posting['output']}")
            seen.add(place)
            need((posting["first_day"], posting["last_day"]) == (row["first_day"], row["last_day"]),
                 f"{name} has another period than its run")
            self.check_posting(posting, *wanted[place], name)
        for place, (_, value) in wanted.items():
            need(place in seen or value.value == 0, f"{what}: output {place[0]} of the model is not posted")
        self.check_reversals(postings, what)

    @staticmethod
    def check_posting(posting, definition, value, name):
        post = definition.post
        expected = {"kind": post[""], "scope": int(post.get("scope", 0)), "basis": post.get("basis", "")}
        expected["source"] = {"emission": post.get("source"), "energy": post.get("kind")}.get(
            post[""], post.get("product"))
        for field, wanted in expected.items():
            need(posting[field] == wanted, f"{name}: {field} is {posting[field]}, the model says {wanted}")
        if post[""] == "emission":
            need(value.unit.like(read_unit("t CO2e")) and posting["unit"] == "g CO2e", f"{name} is not in g CO2e")
            exact = value.value
        elif post[""] == "energy":
            need(posting["unit"] == "kJ", f"{name} is not in kJ")
            coal = value.unit.like(read_unit("tce"))
            need(coal or value.unit.like(read_unit("kJ")), f"{name}: the output is no energy")
            exact = value.value * KJ_PER_TCE if coal else value.value / 1000
        else:
            unit = read_unit(posting["unit"])
            need(unit.like(value.unit), f"{name}: the output is not in {posting['unit']}")
            exact = value.value / unit.size * 1000
        # The engine computes in doubles; a sum of some thousand terms stays within a few parts in 1e12.
        slack = Fraction(1, 2) + abs(exact) / 10**11
        need(abs(exact - int(posting["amount"])) <= slack,
             f"{name}: the amount is {posting['amount']}, the model gives {float(exact):.6f}")

    @staticmethod
    def check_reversals(postings, what):
        forward = {p["posting"]: p for p in postings if p["reverses"] == ""}
        backward = [p for p in postings if p["reverses"] != ""]
        need(not backward or sorted(p["reverses"] for p in backward) == sorted(forward),
             f"{what} is reversed in part only")
        for posting in backward:
            other = forward[posting["reverses"]]
            same = all(posting[name] == other[name] for name in posting if name not in
                       ("amount", "posting", "reverses"))
            need(same and int(posting["amount"]) == -int(other["amount"]),
                 f"posting {posting['posting']} does not cancel {posting['reverses']}")

    def check_judgements(self):
        for row in self.rows("judgements"):
            what = f"judgement {row['judgement']}"
            _, run = self.computed(row, what)
            found = {(definition.name, key): value for definition, key, value in run.outputs() if value.ok}
            for output in row["outputs"]:
                need(set(output) == {"key", "output", "text", "unit", "value"}, f"an output of {what} has other names")
                value = found.get((output["output"], output["key"]))
                need(value is not None, f"{what}: the model gives no {output['output']}")
                if output["value"] is None:
                    text = str(value.value).lower() if isinstance(value.value, bool) else value.value
                    need(text == output["text"], f"{what}: {output['output']} is {output['text']}, the model gives {text}")
                    continue
                exact = value.value / read_unit(output["unit"] or "1").size
                need(abs(exact - Fraction(output["value"])) <= abs(exact) / 10**9 + Fraction(1, 10**12),
                     f"{what}: {output['output']} is {output['value']}, the model gives {float(exact)}")

    # ---- figures ----

    def check_report(self):
        report = read_canonical(self.bytes_of("report.json"), "report.json", "figures first_day last_day organisation".split())
        need(report["organisation"] == self.organisation, "report.json names another organisation")
        states = {}
        for row in self.rows("states"):
            need(row["run"] in self.raw["runs"], f"states.jsonl names run {row['run']}, which there is not")
            need(row["state"] in ("draft", "posted", "reversed", "dropped"), f"the state {row['state']} is not known")
            states[row["run"]] = row["state"]
        for run in self.raw["runs"]:
            need(run in states, f"run {run} has no state")
        sums, units = {}, {}
        for posting in self.rows("postings"):
            if states[posting["run"]] not in ("posted", "reversed") or \
                    posting["first_day"] < report["first_day"] or posting["last_day"] > report["last_day"]:
                continue
            for name, part in figures_of(posting):
                sums[name] = sums.get(name, 0) + part
                need(units.setdefault(name, posting["unit"]) == posting["unit"], f"{name} is posted in two units")
        names = [figure["name"] for figure in report["figures"]]
        need(names == sorted(set(names)), "the figures of report.json are not in order")
        for figure in report["figures"]:
            need(set(figure) == {"name", "unit", "value"}, "a figure has other names")
            self.check_figure(figure, sums, units)

    @staticmethod
    def check_figure(figure, sums, units):
        name = figure["name"]
        product = name.removeprefix("intensity.carbon.")
        if product != name:
            made = sums.get("production." + product)
            need(made, f"{name}: there is no production of {product}")
            exact = sums.get("emission.full", 0) / made
            unit = "(t CO2e)/" + units["production." + product]
        else:
            need(name in sums, f"{name} is not the sum of any posting")
            exact = sums[name]
            unit = {"emission": "t CO2e", "energy": "tce"}.get(name.split(".")[0], units[name])
        need(figure["unit"] == unit, f"{name} is in {figure['unit']}, not in {unit}")
        need(abs(exact - Fraction(figure["value"])) <= abs(exact) / 10**14,
             f"{name} is {figure['value']}, the postings give {float(exact)}")

    def check(self):
        self.check_data()
        self.check_leaves()
        self.check_postings()
        self.check_judgements()
        self.check_report()
        return {"organisation": self.organisation, "submissions": len(self.rows("submissions")),
                "data": len(self.rows("data")), "runs": len(self.rows("runs")),
                "postings": len(self.rows("postings")), "size": getattr(self, "size", 0),
                "time": getattr(self, "time", 0)}


def figures_of(posting):
    """(name of a figure, what the posting adds to it)."""
    amount, source = int(posting["amount"]), posting["source"]
    if posting["kind"] == "emission":
        tonnes = Fraction(amount, 10**6)
        if posting["basis"] in ("both", "full"):
            yield "emission.full", tonnes
            yield f"emission.scope{posting['scope']}", tonnes
            yield "emission.source." + source, tonnes
        if posting["basis"] in ("both", "compliance"):
            yield "emission.compliance", tonnes
    elif posting["kind"] == "energy":
        yield "energy." + source, Fraction(amount, KJ_PER_TCE)
    else:
        yield "production." + source, Fraction(amount, 1000)
