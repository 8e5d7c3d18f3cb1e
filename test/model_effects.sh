#!/bin/sh
# `model run` with --uncertainty, --gradient, --what-if, --reach, and the digests that name a result, as scripts read them.
# usage: model_effects.sh MODEL_TOOL        (from the source tree)
set -eu
tool=$1
work=$(mktemp -d "${TMPDIR:-/tmp}/tanshu-effects-XXXXXX")
trap 'rm -rf "$work"' EXIT
trap 'exit 1' HUP INT TERM
cat >"$work/long.csv" <<'END'
entity,period,input,key,value,unit,uncertainty
mill,2014,region,,north,,
mill,2014,burnt,bituminous,1000,t,5 %
mill,2014,electricity_purchased,,100,MWh,tier bill
other,2014,region,,north,,
other,2014,burnt,bituminous,3000,t,exact
other,2014,electricity_purchased,,100,MWh,
END
cat >"$work/wide.csv" <<'END'
entity,period,region,burnt[bituminous],electricity_purchased
unit,,,t,MWh
不确定度,,,5 %,tier bill
mill,2014,north,1000,100
END
run() { "$tool" run ghg.steel --version 2013.1 --input "$@"; }
run "$work/long.csv" --format json >"$work/run.json"
run "$work/long.csv" --format csv >"$work/run.csv"
run "$work/long.csv" >"$work/run.txt"
run "$work/long.csv" --uncertainty 5000 --seed 11 --output scope1_fuel --format json >"$work/one.json"
run "$work/long.csv" --uncertainty 5000 --seed 11 --output scope1_fuel --format json --threads 2 >"$work/two.json"
run "$work/wide.csv" --uncertainty 5000 --seed 11 --output scope1_fuel --format json >"$work/wide.json"
run "$work/long.csv" --uncertainty 100 --format csv >"$work/uncertainty.csv"
run "$work/long.csv" --gradient scope1_fuel --format json >"$work/gradient.json"
run "$work/long.csv" --what-if "burnt[bituminous] *= 0.5" --format json >"$work/what_if.json"
run "$work/long.csv" --reach "scope1_fuel<=1000" --format json >"$work/reach.json"
cmp "$work/one.json" "$work/two.json"
if run "$work/long.csv" --what-if "burnt[coak] = 5" 2>"$work/err"; then echo "an unknown key was taken" >&2; exit 1; fi
grep -q coak "$work/err"
if run "$work/long.csv" --gradient nothing 2>"$work/err"; then echo "an unknown output was taken" >&2; exit 1; fi
grep -q "'nothing'" "$work/err"
python3 - "$work" models/ghg/steel-2013.model <<'END'
import csv, hashlib, json, math, sys
work, model = sys.argv[1:]
def read(name): return json.load(open(f"{work}/{name}.json", encoding="utf-8"))
def near(found, wanted, relative=1e-9): assert abs(found - wanted) <= relative * abs(wanted), (found, wanted)
factor, z = 19.57 * 0.02618 * 0.93 * 44 / 12, 1.959963984540054  # t CO2 a t; rows of table A; 10 % on the calorific value

digests = read("run")[0]["digests"]
assert digests["model"] == hashlib.sha256(open(model, "rb").read()).hexdigest()
assert len(digests["tables"]) == len(digests["inputs"]) == 64 and digests["semantics"] >= 2
rows = list(csv.DictReader(open(f"{work}/run.csv", encoding="utf-8-sig")))
assert rows[0]["digests"] == "model={model} tables={tables} inputs={inputs} semantics={semantics}".format(**digests)
assert open(f"{work}/run.txt", encoding="utf-8").read().endswith("digests: " + rows[0]["digests"] + "\n")

mill, other, both = read("one")
near(mill["value"], 1000 * factor)
near(mill["first_order"]["deviation"], 1000 * factor * math.hypot(0.05, 0.10) / z)
near(other["first_order"]["deviation"], 3000 * factor * 0.10 / z)
assert both["entity"] == "*" and both["entities"] == 2
# One row for both: their errors by it add up, they do not average out.
near(both["first_order"]["deviation"], factor * math.hypot(4000 * 0.10, 1000 * 0.05) / z)
near(both["monte_carlo"]["deviation"], both["first_order"]["deviation"], 0.06)
assert [s["name"] for s in both["shares"]] == ["fuels.csv ncv[bituminous]", "burnt[bituminous]"]
near(sum(s["first_order"] for s in both["shares"]), 1)
assert both["monte_carlo"]["seed"] == "11" and both["monte_carlo"]["draws"] == 5000
wide, = read("wide")
assert wide["monte_carlo"] == mill["monte_carlo"]
table = list(csv.DictReader(open(f"{work}/uncertainty.csv", encoding="utf-8-sig")))
assert {r["entity"] for r in table} == {"mill", "other", "*"} and {r["draws"] for r in table} == {"100"}

partials = {p["name"]: p["derivative"] for p in read("gradient")[0]["partials"]}
near(partials["burnt[bituminous]"], factor)
near(partials["fuels.csv ncv[bituminous]"], 1000 * factor / 19.57)
changed = {o["output"]: o for o in read("what_if")[1]["outputs"]}
near(float(changed["scope1_fuel"]["after"]), 1500 * factor)
near(float(changed["scope1_fuel"]["change"]), -1500 * factor)
assert changed["scope2_electricity"]["change"] == 0
mill, other = read("reach")
assert not mill["already"] and mill["ways"][0]["name"] == "burnt[bituminous]"
near(mill["ways"][0]["to"], 1000 / factor, 1e-4)
assert mill["ways"][0]["to"] * factor <= 1000
END
