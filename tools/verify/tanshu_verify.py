#!/usr/bin/env python3
"""Checks what Tanshu hands out, without Tanshu: a report PDF, or an export directory.

    tanshu_verify.py report REPORT.pdf --key KEY      is this report as it was issued?
    tanshu_verify.py export DIRECTORY --key KEY       do leaves, postings and figures follow from the data?
                     [--report REPORT.pdf]            ... and are these the figures of that report?

KEY is the log's verifier key as its operator publishes it (name+id+base64), or a file with such keys. Take it from
somewhere else than the report. Exit code 0: yes; 1: no, with the first difference; 2: wrong usage.
Python 3.9 or later, standard library only; no code is shared with the program.
"""
import datetime
import json
import os
import re
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

from evidence import Problem, read_keys  # noqa: E402
from export import Export  # noqa: E402
from report import verify_report  # noqa: E402

REPORT_BYTES_MAX = 128 << 20


def read_report(path, keys):
    with open(path, "rb") as file:
        data = file.read(REPORT_BYTES_MAX)
    return data, verify_report(data, keys)


def check_export(path, keys, report):
    export = Export(path, keys)
    facts = export.check()
    if report is None:
        return "yes", "", facts
    data, (answer, report_facts) = read_report(report, keys)
    named = re.findall(rb"/Keywords\s*\(figures sha256:([0-9a-f]{64})\)", data)
    if named != [export.files["report.json"].encode()]:
        raise Problem("the report does not rest on the figures of this export" if named else
                      "the report does not name the figures it rests on")
    if answer != "yes":
        return answer, "the report's key is not one that you gave", facts
    return "yes", "", {**facts, "report": report_facts["report"]}


def check(what, path, keys, report=None):
    """(answer, reason, facts)."""
    try:
        if what == "export":
            return check_export(path, keys, report)
        _, (answer, facts) = read_report(path, keys)
        return answer, "" if answer == "yes" else "the key is not one that you gave", facts
    except Problem as problem:
        return "no", str(problem), {}
    except (ValueError, KeyError, TypeError, AttributeError, IndexError, ZeroDivisionError, StopIteration,
            RecursionError) as problem:
        return "no", f"malformed: {type(problem).__name__} {problem}", {}


def main(arguments):
    words, key, report, as_json = [], None, None, False
    rest = iter(arguments)
    for argument in rest:
        if argument == "--key":
            key = next(rest, None)
        elif argument == "--report":
            report = next(rest, None)
        elif argument == "--format":
            as_json = next(rest, "text") == "json"
        else:
            words.append(argument)
    if len(words) != 2 or words[0] not in ("report", "export") or key is None:
        print(__doc__, file=sys.stderr)
        return 2
    try:
        keys = read_keys(key)
        answer, reason, facts = check(words[0], words[1], keys, report)
    except (OSError, Problem) as problem:
        print(f"tanshu_verify: {problem}", file=sys.stderr)
        return 2
    if "time" in facts:
        facts["checkpoint_date"] = datetime.datetime.fromtimestamp(
            facts.pop("time"), datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
    if as_json:
        print(json.dumps({"answer": answer, "reason": reason, **facts}, ensure_ascii=False, sort_keys=True))
    else:
        print(answer.upper() + (f": {reason}" if reason else ""))
        for name, value in facts.items():
            print(f"  {name}: {value}")
    return 0 if answer == "yes" else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
