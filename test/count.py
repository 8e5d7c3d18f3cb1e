"""Prints the one closing line over all kinds of tests: N passed, N failed (, N skipped).

Reads meson's testlog.json of each build. A cmocka binary counts each of its tests, a script each line of its TAP output;
anything else counts once by its result. Exits 1 when something failed or nothing ran.
"""
import json
import re
import sys

passed = failed = skipped = 0
lines = [line for name in sys.argv[1:] for line in open(name, encoding="utf-8")]
for line in lines:
    entry = json.loads(line)
    text = (entry.get("stdout") or "") + "\n" + (entry.get("stderr") or "")
    ok = len(re.findall(r"^(?:\[       OK \]|ok\b(?!.*# SKIP))", text, re.M | re.I))
    # cmocka names a failed test twice and sums up between: "[  FAILED  ] 2 test(s), listed below:".
    bad = len(set(re.findall(r"^(?:\[  FAILED  \] (?!\d+ test)(?!tests: )(.+)|not ok\b(.*))", text, re.M | re.I)))
    skip = len(re.findall(r"^(?:\[  SKIPPED \] \S+$|ok\b.*# SKIP)", text, re.M | re.I))
    good = entry["result"] in ("OK", "EXPECTEDFAIL")
    if entry["result"] == "SKIP" and skip == 0:
        skip = 1
    if ok + bad + skip == 0:
        ok, bad = (1, 0) if good else (0, 1)
    if not good and entry["result"] != "SKIP" and bad == 0:
        bad = 1
    if not good and entry["result"] != "SKIP":
        print(f"failed: {entry['name']} ({entry['result']})")
    for reason in re.findall(r"^ok\b.*# SKIP (.*)$", text, re.M | re.I):
        print(f"skipped: {entry['name']}: {reason}")
    passed, failed, skipped = passed + ok, failed + bad, skipped + skip
print(f"{passed} passed, {failed} failed" + (f", {skipped} skipped" if skipped else ""))
sys.exit(1 if failed or passed == 0 else 0)
