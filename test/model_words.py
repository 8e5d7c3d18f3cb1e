"""model_words.py SOURCE: the words of the language are the same everywhere. Prints TAP.

src/model/keyword.def is the parser's table. What the parser asks for in C is in it; the grammar of the manual (EBNF) has
each word, and no other; the editors' grammar (TextMate) colours each word as its group says, in every shipped model too.
"""
import glob
import json
import os
import re
import sys

from tap import finish, result

SOURCE = os.path.abspath(sys.argv[1])


def read(path):
    with open(os.path.join(SOURCE, path), encoding="utf-8") as file:
        return file.read()


def in_parser():
    """Words that the parser's files take from the text, by name."""
    found = set()
    for name in ("parse", "expression", "example", "measure", "use"):
        text = read(f"src/model/{name}.c")
        found |= set(re.findall(r'\b(?:parser_take|parser_want)\(&?p, "([a-z]+)"\)', text))
        found |= set(re.findall(r'\btoken_is\([^"]*?, "([a-z]+)"\)', text))
        found |= set(re.findall(r'^    \{"([a-z]+)", OP_[A-Z]+, \d', text, re.M))
        found |= set(re.findall(r'str_is\(name(?:->text)?, "([a-z]+)"\)', text))
    return found


TABLE = dict(re.findall(r"^KEYWORD\((\w+), (\w+), (?:true|false)\)$", read("src/model/keyword.def"), re.M))
result("the parser takes only words of its table", sorted(in_parser() - set(TABLE)))
# A word can be an ordinary label where the source compares it for another end, never the other way round.
result("the parser takes every word of its table", sorted(
    word for word in TABLE if not re.search(rf'"{word}[ "]', "".join(
        read(f"src/model/{name}.c") for name in ("parse", "expression", "example", "measure", "use")))))

blocks = re.findall(r"^```ebnf\n(.*?)^```", read("doc/model-language.md"), re.M | re.S)
terminals = {word for block in blocks for word in re.findall(r'"([a-z]+)"', block)}
result("the manual's grammar has each word, and no other", sorted(set(TABLE) ^ terminals))
defined = {name for block in blocks for name in re.findall(r"^([a-z]+) +=", block, re.M)}
used = {name for block in blocks for name in re.findall(r"(?<![\w\"])([a-z]+)(?![\w\"])", re.sub(r'"[^"]*"', " ", block))}
result("each name of the grammar is defined, and used", sorted(
    (used - defined - {"word", "name", "text", "date", "end", "unit", "key", "number"}) | (defined - used - {"file"})))

GRAMMAR = json.loads(read("doc/editor/tanshu-model.tmLanguage.json"))


def rules(patterns):
    """The grammar's rules in order, included ones in their place: (regex, scope, captures, end)."""
    for pattern in patterns:
        if "include" in pattern:
            yield from rules([GRAMMAR["repository"][pattern["include"][1:]]])
        elif "patterns" in pattern and "begin" not in pattern:
            yield from rules(pattern["patterns"])
        else:
            yield (re.compile(pattern.get("match") or pattern["begin"]), pattern.get("name"), pattern.get("captures", {}),
                   re.compile(pattern["end"]) if "end" in pattern else None)


RULES = list(rules(GRAMMAR["patterns"]))
result(f"the editors' grammar: {len(RULES)} rules compile and are reached by names that exist", [
    name for name in GRAMMAR["repository"] if {"include": "#" + name} not in GRAMMAR["patterns"]])


def scopes(line):
    """(word, scope) along a line, as TextMate does it: the earliest match, the first rule among equals."""
    at, found = 0, []
    while at < len(line):
        matches = [(m.start(), i, m) for i, (regex, _, _, _) in enumerate(RULES) if (m := regex.search(line, at)) and m[0]]
        if not matches:
            break
        _, i, match = min(matches, key=lambda x: x[:2])
        _, scope, captures, end = RULES[i]
        at = match.end()
        if end:
            last = end.search(line, at)
            while last and last[0] and line[last.start() - 1] == "\\" and line[last.start() - 2:last.start()] != "\\\\":
                last = end.search(line, last.end())
            at = max(at, last.end() if last else len(line))
            found.append((line[match.start():at], scope))
        elif captures:
            found += [(match[int(n)], c["name"]) for n, c in sorted(captures.items()) if match[int(n)]]
        else:
            found.append((match[0].strip(), scope))
    return found


PLACES = {"STATEMENT": ("{0} x", "keyword.control"), "PART": ("1 {0} 2", "keyword.other"),
          "TYPE": ("input x : {0}", "storage.type"), "PERIOD": ("per {0}", "keyword.other"),
          "OPERATOR": ("a {0} b", "keyword.operator"), "FUNCTION": ("= {0}(x)", "support.function"),
          "VALUE": ("= {0}", "constant.language")}
wrong = []
for word, group in TABLE.items():
    line, scope = PLACES[group]
    if not any(w == word and s.startswith(scope) for w, s in scopes(line.format(word))):
        wrong.append(f"{word}: {scopes(line.format(word))}")
result("the editors' grammar colours each word of the table", wrong)
coloured = {w for regex, _, _, _ in RULES for w in re.findall(r"[(|]\??:?([a-z]{2,})(?=[|)])", regex.pattern)}
result("and no word that is not in it", sorted(coloured - set(TABLE)))

problems, lines = [], 0
for path in sorted(glob.glob(os.path.join(SOURCE, "models", "**", "*.model"), recursive=True)):
    for i, line in enumerate(read(path).splitlines(), 1):
        lines += 1
        found = scopes(line)
        place = f"{os.path.relpath(path, SOURCE)}:{i}"
        first = re.match(r"\s*([a-z]+)\b", line)
        if first and TABLE.get(first[1]) == "STATEMENT" and not line.startswith("    ") and re.match(r"\s*[a-z]+ +\S", line) \
                and not re.match(r"\s*[a-z]+ *[=.\[]", line) and (not found or not found[0][1].startswith("keyword")):
            problems.append(f"{place}: {first[1]} is {found[:1]}")
        texts = re.findall(r'"(?:\\.|[^"\\])*"', re.sub(r"^([^\"#]|\"(?:\\.|[^\"\\])*\")*(#.*)?$",
                                                        lambda m: m[0][:m.start(2)] if m[2] else m[0], line))
        strings = [w for w, s in found if s.startswith("string")]
        if texts != strings:
            problems.append(f"{place}: texts {texts} are coloured {strings}")
result(f"every line of the shipped models ({lines}) has its statement and texts", problems or (
    [] if lines > 2000 else ["too few lines"]))
finish()
