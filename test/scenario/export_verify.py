"""The demo's enterprises leave with their whole account: label, grade and report follow from the exported bytes."""
import hashlib
import json
import os
import re
import shutil

from tanshu_case import case, done, must, new_data, place, tanshu, verifier, write

CEMENT, STEEL, METER = ("91140400MA0TC00254", "2025"), ("91140400MA0TC00179", "2025"), ("uci:851", "2018")
data = new_data("demo")
must("demo", data=data)
key = os.path.join(data, "keys/log.pub")


def leave(name, org, year):
    report, export = place(f"{name}.pdf"), place(name)
    must("report", "--org", org, "--year", year, "--output", report, data=data)
    must("export", "--org", org, "--year", year, export, data=data)
    answer = verifier("export", export, "--key", key, "--report", report)
    case(f"the {name}'s export and report hold together", answer.returncode == 0, answer.stdout + answer.stderr)
    return export, report


def lines(export, name):
    with open(os.path.join(export, name), encoding="utf-8") as file:
        return [json.loads(line) for line in file]


cement, report = leave("cement mill", *CEMENT)
leave("steel mill", *STEEL)
meter, _ = leave("meter alone", *METER)

judgements = lines(cement, "judgements.jsonl")
newest = [row for row in judgements if row["judgement"][:13] == judgements[-1]["judgement"][:13]]
case("a rating is confidence, label and grade, in this order",
     [row["model"]["name"] for row in newest] == ["credit.confidence", "credit.label", "credit.grade"], newest)
said = {row["model"]["name"]: {o["output"]: o["text"] for o in row["outputs"] if not o["key"]} for row in newest}
rated = {row["output"]: row["value"] for row in
         json.loads(must("rate", "--org", CEMENT[0], "--year", CEMENT[1], "--format", "json", data=data))
         if row["model"] == "credit.label"}
case("the exported label is the one that the program shows", said["credit.label"]["label"] == rated["label"] == "deep_green",
     said["credit.label"])
case("data that were judged are named", any(i["datum"] for row in newest for i in row["inputs"]))
grey = {row["model"]["name"]: {o["output"]: o["text"] for o in row["outputs"]} for row in lines(meter, "judgements.jsonl")[-3:]}
case("a meter alone is grey", grey["credit.label"]["label"] == "grey", grey)
missing = {row["output"] for row in json.loads(must("rate", "--org", METER[0], "--year", METER[1], "--format", "json",
                                                    data=data)) if row["model"] == "missing"}
case("and is told that output, energy per product, fuels and revenue are missing",
     {"production.main", "unit_energy", "emission.scope1", "revenue"} <= missing, missing)
case("but nothing of clinker, power or allowances that it has not",
     not missing & {"production.clinker", "production.power", "power_class", "allowances_held"}, missing)

content = open(report, "rb").read()
named = re.search(rb"/Keywords \(figures sha256:([0-9a-f]{64})\)", content)
figures = open(os.path.join(cement, "report.json"), "rb").read()
case("the PDF names its figures", named and named.group(1).decode() == hashlib.sha256(figures).hexdigest(), named)
issued = [open(os.path.join(cement, "reports", name), "rb").read() for name in os.listdir(os.path.join(cement, "reports"))]
case("the figures of the issued report are kept", figures in issued, len(issued))
before = place("the year before")
must("export", "--org", CEMENT[0], "--year", "2024", before, data=data)
other = verifier("export", before, "--key", key, "--report", report)
case("a report is not held against another year's figures", other.returncode == 1 and "rest on" in other.stdout, other.stdout)


def tampered(name, old, new):
    """One changed digit, with a manifest that fits again."""
    copy = place("tampered")
    shutil.rmtree(copy, ignore_errors=True)
    shutil.copytree(cement, copy)
    path = os.path.join(copy, name)
    was = open(path, "rb").read()
    at = was.index(old) + len(old)
    while not 0x31 <= was[at] <= 0x38:
        at += 1
    now = was[:at] + bytes([was[at] + new]) + was[at + 1:]
    write(path, now)
    manifest = os.path.join(copy, "manifest.json")
    text = open(manifest, encoding="utf-8").read()
    write(manifest, text.replace(hashlib.sha256(was).hexdigest(), hashlib.sha256(now).hexdigest()))
    answer = verifier("export", copy, "--key", key, "--report", report)
    case(f"a changed digit behind {old.decode().strip()} in {name.split('/')[0]} is a no",
         answer.returncode == 1 and answer.stdout.startswith("NO"), answer.stdout + answer.stderr)


thresholds = next(f"tables/{t['digest']}.csv" for t in newest[0]["tables"] if t["path"] == "credit/thresholds.csv")
for name, marker in (("judgements.jsonl", b'"outputs":'), ("judgements.jsonl", b'"output":"score"'),
                     ("judgements.jsonl", b'"inputs":[{"datum":""'), ("data.jsonl", b'"input":"unit_energy"'),
                     (thresholds, b"quality_completeness"), ("postings.jsonl", b'"amount":"'),
                     ("report.json", b'"value":'), ("checkpoint", b"tanshu.local/log\n")):
    tampered(name, marker, 1)
again = tanshu("verify", report, "--key", key)
case("the report itself is untouched", again.returncode == 0, again.stdout)
done()
