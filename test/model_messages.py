"""model_messages.py SOURCE MODEL_TOOL: every message that a model's author can get has a case. Prints TAP.

The messages are read from the C source: each call of model_report, check_wrong and parser_fail with its rule and
sentence. The cases are the programs of src/model/tests/*.txt (model_test checks line, column, rule and words of each),
and programs too large for such a file, made below. A message that no case brings about, a rule that the manual's table
does not name, and a rule of that table that is gone are failures.
"""
import json
import os
import re
import subprocess
import sys
import tempfile

from tap import finish, result

SOURCE, TOOL = os.path.abspath(sys.argv[1]), os.path.abspath(sys.argv[2])
ROOM = os.path.join(SOURCE, "src/model")
RULE_AT = {"model_report": 2, "check_wrong": 2, "parser_fail": 1}
MESSAGE_AT = {"model_report": 4, "check_wrong": 4, "parser_fail": 2}


def read(path):
    with open(path, encoding="utf-8") as file:
        return file.read()


def arguments(text, at):
    """The arguments of the call whose bracket opens just before `at`, split at commas outside brackets and quotes."""
    parts, now, depth = [], "", 1
    for token in re.finditer(r'"(?:\\.|[^"\\])*"|/\*.*?\*/|.', text[at:], re.S):
        word = token[0]
        depth += (word in "([{") - (word in ")]}")
        if depth == 0:
            return parts + [now.strip()]
        if word == "," and depth == 1:
            parts.append(now.strip())
            now = ""
        elif not word.startswith("/*"):
            now += word


def sentences(argument):
    """The string literals of an argument: neighbours are one, the two of a choice are two."""
    joined = re.sub(r'"\s*"', "", argument)
    return [s for s in re.findall(r'"((?:\\.|[^"\\])*)"', joined) if len(s) > 8]


def as_pattern(sentence, ends):
    plain = sentence.replace('\\"', '"').replace("\\\\", "\\")
    parts = re.split(r"%(?:\.\*|\d)*(?:s|d|c|zu|lld|g)", plain)
    return re.compile("^" + ".*".join(re.escape(part) for part in parts) + (ends and "," or "$"), re.S)


def messages():
    """(where, rule, sentence, pattern) of every message in the source; the rules too of those put together elsewhere."""
    found, rules = [], set()
    for name in sorted(os.listdir(ROOM)):
        if not name.endswith(".c") or name.endswith("_test.c"):
            continue
        text = read(os.path.join(ROOM, name))
        for call in re.finditer(r"\b(model_report|check_wrong|parser_fail)\(", text):
            parts = arguments(text, call.end())
            kind = call[1]
            rule = re.fullmatch(r'"([a-z-]+)"', parts[RULE_AT[kind]]) if len(parts) > RULE_AT[kind] else None
            if not rule:
                continue
            rules.add(rule[1])
            where = f"{name}:{text.count(chr(10), 0, call.start()) + 1}"
            for sentence in sentences(parts[MESSAGE_AT[kind]]):
                found.append((where, rule[1], sentence, as_pattern(sentence, kind == "parser_fail")))
    return found, rules


def cases():
    """(program, tables) of every case in the data files."""
    for name in sorted(os.listdir(os.path.join(ROOM, "tests"))):
        if not name.endswith(".txt"):
            continue
        for case in re.split(r"^=== ", read(os.path.join(ROOM, "tests", name)), flags=re.M)[1:]:
            parts = re.split(r"^-- (.*)\n", case, flags=re.M)
            sections = list(zip(parts[1::2], parts[2::2]))
            files = {"tables/" + head[6:]: body for head, body in sections if head.startswith("table ")}
            files.update({"models/" + head[6:]: body for head, body in sections if head.startswith("model ")})
            yield dict(sections).get("program", ""), files


def large():
    """Programs at and beyond the limits; each is refused with a message of its own."""
    yield "model a 1\n" + "".join(f"input x{i} : t\n" for i in range(4001))
    yield "model a 1\nout y : 1 = " + "(" * 101 + "1" + ")" * 101 + "\n"
    yield "model a 1\nout y : 1 = " + " + ".join(["1"] * 1100) + "\n"
    yield "model a 1\ninput x : 1\n" + "".join(
        f"out y{i} : 1 = " + " + ".join(["x"] * 600) + "\n" for i in range(100))
    yield "#" * (2 ** 20 + 1)
    yield "model a 1\n" + " , " * 200001
    yield "model " + "a" * 101 + " 1\n"
    yield "model a 1\ntable f from \"f.csv\"\nout y : 1 = lookup(f.v, " + ", ".join(["id = \"a\""] * 17) + ")\n"
    yield "model a 1\ninput x : 1\n" + "".join(f"measure m{i} : x = {i}\n" for i in range(201))
    yield "model a 1\n" + "".join(f"use m{i} 1 as u{i}\n" for i in range(21))
    yield "model a 1\nset s = " + ", ".join(f"k{i}" for i in range(3000)) + "\ninput x[s] : 1\n" + "".join(
        f"out y{i}[s] : 1 = x + {i}\n" for i in range(1500))
    yield b"model a 1\n\xff\n"
    yield b"model a 1\n\0\n"
    yield "model a 1\ntable f from \"long.csv\"\n"
    yield "model a 1\ntable f from \"same.csv\"\nout y : 1 = lookup(f.v, id = \"a\")\n"
    yield "model a 1\n" + "".join(f"set s{i} = a\n" for i in range(501))
    yield "model x 2\nuse y 1 as y\n"
    many = "function f(a: 1) : 1 = a" + " * x" * 400 + "\n"
    yield "model a 1\ninput x : 1\n" + many + "out y : 1 = " + "f(" * 90 + "x" + ")" * 90 + "\n"
    yield "model a 1\ninput x : 1\n" + many + "".join(f"out y{i} : 1 = f({i})\n" for i in range(200))
    yield "model a 1\nlet y0 : 1 = 1\n" + "".join(
        f"let y{i} : 1 = y{i - 1}" + " + 1" * 900 + "\n" for i in range(1, 9))
    yield "model a 1\nout y : t = 1e308/1e-308 t\ninput x : t = 1e308 Mt\n"
    yield "model a 1\nuse much 1 as much\n" + "".join(f"input x{i} : t\n" for i in range(1500))


# What the programs above read.
BESIDE = {"tables/f.csv": "id,v : 1\na,1\n",
          "tables/long.csv": "id\n" + "".join(f"{i}\n" for i in range(200001)),
          "tables/same.csv": "id,v : 1\n" + "a,1\n" * 10001,
          "models/x.model": "model x 1\nout o : 1 = 1\n",
          "models/y.model": "model y 1\nuse x 1 as x\nout o : 1 = x.o\n",
          "models/much.model": "model much 1\n" + "".join(f"input y{i} : t\n" for i in range(3000))}


def check(folder, program):
    path = os.path.join(folder, "case.model")
    with open(path, "wb") as file:
        file.write(program if isinstance(program, bytes) else program.encode())
    done = subprocess.run([TOOL, "check", path, "--format", "json"], capture_output=True, text=True, timeout=100,
                          env=dict(os.environ, TANSHU_ROOT=folder))
    return [(d["rule"], d["message"]) for d in json.loads(done.stdout)]


def all_said():
    said = []
    for program, files in [*cases(), *((p, BESIDE) for p in large())]:
        with tempfile.TemporaryDirectory() as folder:
            files = dict(files, **{"tables/units/atoms.csv": read(os.path.join(SOURCE, "tables/units/atoms.csv"))})
            for name, body in files.items():
                os.makedirs(os.path.dirname(os.path.join(folder, name)), exist_ok=True)
                with open(os.path.join(folder, name), "w", encoding="utf-8") as file:
                    file.write(body)
            said += check(folder, program)
    with tempfile.TemporaryDirectory() as folder:
        os.makedirs(os.path.join(folder, "tables/units"))
        with open(os.path.join(folder, "tables/units/atoms.csv"), "w", encoding="utf-8") as file:
            file.write(read(os.path.join(SOURCE, "tables/units/atoms.csv")))
        done = subprocess.run([TOOL, "check", "nowhere.model", "--format", "json"], capture_output=True, text=True,
                              env=dict(os.environ, TANSHU_ROOT=folder))
        said += [(d["rule"], d["message"]) for d in json.loads(done.stdout)]
    return said


def main():
    every, rules = messages()
    said = all_said()
    heard = {rule for rule, _ in said}
    table = read(os.path.join(SOURCE, "doc/model-language.md")).split("\n## Diagnostics\n")[-1].split("\n## ")[0]
    named = {rule for row in re.findall(r"^\| (`.*?`) \|", table, re.M) for rule in re.findall(r"`([a-z-]+)`", row)}
    result(f"the source has messages ({len(every)}, {len(rules)} rules)", [] if len(every) > 100 else ["too few found"])
    result("each rule has a case", sorted(rules - heard - UNREACHED.keys()))
    result("each message has a case", [f"{where}: {rule}: {sentence}" for where, rule, sentence, pattern in every
                                       if rule not in UNREACHED
                                       and not any(r == rule and pattern.match(m) for r, m in said)])
    result("the manual's table has each rule, and no other", sorted(rules ^ named))


# A program's own fault, never a model's.
UNREACHED = {"format": "fmt compares the trees before it writes; a model that brings this about is a defect of fmt"}
main()
finish()
