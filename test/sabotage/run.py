"""Breaks one guard after the other in a copy of the tree and sees its test turn red.

    run.py --source TREE --check              each change of list.json still fits its file, exactly once
    run.py --source TREE --work DIR [NAME…]   makes each change (or the named ones), builds, runs its tests

A guard counts as watched when the tests named with it are green before and at least one is red after. A change that
does not compile proves nothing and counts as failed. TAP on standard output.
"""
import argparse
import json
import os
import shutil
import subprocess
import sys
import time

arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
arguments.add_argument("--source", required=True)
arguments.add_argument("--work")
arguments.add_argument("--check", action="store_true")
arguments.add_argument("names", nargs="*")
given = arguments.parse_args()

with open(os.path.join(given.source, "test/sabotage/list.json"), encoding="utf-8") as file:
    guards = json.load(file)
count = failed = 0


def case(name, truth, detail=""):
    global count, failed
    count += 1
    failed += not truth
    print(f"{'ok' if truth else 'not ok'} {count} - {name}", flush=True)
    if not truth:
        for line in detail.splitlines()[-25:]:
            print(f"#   {line}")


def finish():
    print(f"1..{count}")
    sys.exit(1 if failed or not count else 0)


def read(path):
    with open(path, encoding="utf-8") as content:
        return content.read()


if given.check:
    for guard in guards:
        path = os.path.join(given.source, guard["file"])
        found = read(path).count(guard["find"]) if os.path.exists(path) else 0
        case(f"{guard['name']}: the change fits {guard['file']}", found == 1 and guard["find"] != guard["replace"],
             f"found {found} times: {guard['find']}")
    finish()

tree, build = os.path.join(given.work, "tree"), os.path.join(given.work, "build")
os.makedirs(tree, exist_ok=True)


def copy_tree():
    """Brings the copy to the state of the source; files that are the same keep their time, so little is built again."""
    listed = set()
    for folder, folders, names in os.walk(given.source):
        folders[:] = [f for f in folders if not f.startswith(("build", ".git", "node_modules", "__pycache__"))]
        for name in names:
            old = os.path.join(folder, name)
            relative = os.path.relpath(old, given.source)
            new = os.path.join(tree, relative)
            listed.add(relative)
            os.makedirs(os.path.dirname(new), exist_ok=True)
            with open(old, "rb") as a:
                content = a.read()
            if os.path.exists(new):
                with open(new, "rb") as b:
                    if b.read() == content:
                        continue
            shutil.copy(old, new)
    for folder, _, names in os.walk(tree):
        for name in names:
            if os.path.relpath(os.path.join(folder, name), tree) not in listed:
                os.unlink(os.path.join(folder, name))


def call(*command):
    return subprocess.run(command, capture_output=True, text=True, errors="replace", check=False)


def test(names):
    """(the names of the green ones, or None when it did not build; what it said); builds what the tests need."""
    log = os.path.join(build, "meson-logs/testlog.json")
    if os.path.exists(log):
        os.unlink(log)
    ran = call("meson", "test", "-C", build, "--print-errorlogs", *names)
    said = ran.stdout + ran.stderr
    if not os.path.exists(log):
        return None, said
    entries = [json.loads(line) for line in read(log).splitlines()]
    return {entry["name"].split(" / ")[-1] for entry in entries if entry["result"] == "OK"}, said


def change(path, text):
    with open(path, "w", encoding="utf-8") as content:
        content.write(text)
    # ninja compares times; a change within the clock's grain would be missed.
    later = time.time() + 2
    os.utime(path, (later, later))


chosen = [guard for guard in guards if not given.names or guard["name"] in given.names]
copy_tree()
if not os.path.exists(os.path.join(build, "build.ninja")):
    compiler = "ccache gcc" if shutil.which("ccache") else "gcc"
    os.environ["CC"] = compiler
    made = call("meson", "setup", "--buildtype=plain", build, tree)
    if made.returncode != 0:
        case("the copy can be configured", False, made.stdout + made.stderr)
        finish()

names = sorted({name for guard in chosen for name in guard["tests"]})
green, said = test(names)
case(f"unbroken, {', '.join(names)} are green", green is not None and green >= set(names), said)
for guard in chosen:
    path = os.path.join(tree, guard["file"])
    whole = read(path)
    if whole.count(guard["find"]) != 1:
        case(f"{guard['name']}: the change fits {guard['file']}", False, guard["find"])
        continue
    change(path, whole.replace(guard["find"], guard["replace"]))
    begin = time.monotonic()
    try:
        still, said = test(guard["tests"])
    finally:
        change(path, whole)
    turned = sorted((green or set()) & set(guard["tests"]) - (still or set()))
    case(f"{guard['name']}: broken in {guard['file']}, {', '.join(turned or guard['tests'])} turns red",
         still is not None and turned, said)
    print(f"#   {time.monotonic() - begin:.0f} s", flush=True)
finish()
