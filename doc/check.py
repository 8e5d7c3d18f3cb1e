"""check.py SOURCE TANSHU: the documents hold together and tell the truth. Prints TAP.

Links lead somewhere, the manual has the same pages and steps in both languages, every command and option it names is
one of `tanshu help`, the rooms and settings it lists are those of the program, and each page's worked example is
carried out: blocks ```file PATH are written below a folder of their own, in blocks ```console the lines after `$ ` are
run there in order, and what they print (standard error too) must be what the block shows; a line `…` stands for any
number of lines.
"""
import os
import re
import subprocess
import sys
import tempfile
import unicodedata

SOURCE, TANSHU = os.path.abspath(sys.argv[1]), os.path.abspath(sys.argv[2])
sys.path.append(os.path.join(SOURCE, "test"))
from tap import finish, result

MANUAL = os.path.join(SOURCE, "doc", "manual")
OTHERS = {"vectors", "node_modules", ".git"}  # other people's documents, or none
LANGUAGES = ("zh", "en")
LANGUAGE = os.path.join(SOURCE, "doc", "model-language.md")
COMMON_OPTIONS = {"--data", "--format", "--lang"}


def read(path):
    with open(path, encoding="utf-8") as file:
        return file.read()


def markdown():
    for folder, names, files in os.walk(SOURCE):
        names[:] = sorted(n for n in names if n not in OTHERS and not n.startswith("build"))
        for name in sorted(files):
            if name.endswith(".md"):
                yield os.path.join(folder, name)


def short(path):
    return os.path.relpath(path, SOURCE)


def without_code(text):
    text = re.sub(r"^(`{3,}).*?^\1`*$", "", text, flags=re.M | re.S)
    return re.sub(r"`[^`\n]*`", "", text)


def anchors(text):
    """The names that headings get: lower case, blanks as hyphens, no punctuation."""
    found = set()
    for heading in re.findall(r"^#{1,6}\s+(.+?)\s*$", re.sub(r"^(`{3,}).*?^\1`*$", "", text, flags=re.M | re.S), re.M):
        kept = (c for c in heading.replace("`", "").lower() if c in " -_" or unicodedata.category(c)[0] in "LN")
        found.add("".join(kept).replace(" ", "-"))
    return found


def check_links():
    problems, count = [], 0
    for path in markdown():
        text = read(path)
        for target in re.findall(r"\]\(([^()\s]+)\)", without_code(text)):
            if re.match(r"[a-z]+:", target):
                continue
            count += 1
            place, _, anchor = target.partition("#")
            there = os.path.normpath(os.path.join(os.path.dirname(path), place)) if place else path
            if not os.path.exists(there):
                problems.append(f"{short(path)}: {target} is not there")
            elif anchor and there.endswith(".md") and anchor not in anchors(read(there)):
                problems.append(f"{short(path)}: {target} has no such heading")
    result("relative links lead somewhere", problems or ([] if count >= 20 else [f"only {count} links found"]))


def check_readme():
    lines = [line.split("#")[0].strip() for line in read(os.path.join(SOURCE, "README.md")).splitlines()]
    commands = [line for line in lines if line.startswith("./dev")]
    first = next((i for i, line in enumerate(lines) if line.startswith("./dev")), 99)
    right = commands[:2] == ["./dev run", "./dev test"] and first <= 3
    result("README begins with the two commands", [] if right else [f"found {commands[:2]} in line {first + 1}"])


def tanshu(*arguments, place=None):
    environment = dict(os.environ, LC_ALL="C.UTF-8", TANSHU_LANG="en")
    environment.pop("TANSHU_DATA", None)
    done = subprocess.run([TANSHU, *arguments], cwd=place, env=environment, capture_output=True, text=True, timeout=120)
    return done.stdout


def commands_of_help():
    """Each command with all that its help says."""
    names = re.findall(r"^  ([a-z]+) +\S", tanshu("help"), re.M)
    return {name: tanshu("help", name) for name in names}


def manual_pages():
    return [path for path in markdown() if path.startswith(MANUAL + os.sep)]


def code_of(text):
    """Lines of code blocks (a trailing backslash continues) and pieces of code in a sentence."""
    text = re.sub(r"\\\n\s*", " ", text)
    blocks = re.findall(r"^`{3,}(?!file).*?\n(.*?)^`{3,}", text, re.M | re.S)
    lines = [line.strip() for block in blocks for line in block.splitlines()]
    lines += [line.strip() for line in text.splitlines() if line.startswith("    ")]
    return lines + re.findall(r"`([^`\n]+)`", re.sub(r"^(`{3,}).*?^\1`*$", "", text, flags=re.M | re.S))


def tanshu_calls(text):
    for line in code_of(text):
        line = re.sub(r"^\$ |^sudo (-u \S+ )?", "", line.split(" # ")[0])
        for part in re.split(r"&&|\|\||[|;] ", line):
            words = re.sub(r"^(\S*/)?tanshu\b", "tanshu", part.strip()).split()
            if len(words) > 1 and words[0] == "tanshu":
                yield words[1], words[2:], line


def check_commands():
    known, problems, count = commands_of_help(), [], 0
    if len(known) < 15:
        problems.append("`tanshu help` lists only: " + " ".join(known))
    for path in manual_pages() + [LANGUAGE, os.path.join(SOURCE, "README.md")]:
        for name, arguments, line in tanshu_calls(read(path)):
            if not re.fullmatch(r"[a-z]+", name):
                continue
            count += 1
            if name not in known:
                problems.append(f"{short(path)}: `{line}`: no command {name}")
                continue
            for word in arguments:
                option = re.match(r"--[a-z-]+", word)
                if option and option[0] not in COMMON_OPTIONS and option[0] not in known[name]:
                    problems.append(f"{short(path)}: `{line}`: {name} has no {option[0]}")
    result("commands and options are those of the help", problems or ([] if count >= 60 else [f"only {count} found"]))
    given = os.path.join(MANUAL, "commands.md")
    same = os.path.exists(given) and read(given) == tanshu("help", "--manual")
    result("doc/manual/commands.md is what `tanshu help --manual` prints", [] if same else [
        "make it again: tanshu help --manual > doc/manual/commands.md"])


def check_twins():
    problems = []
    names = {language: {n for n in os.listdir(os.path.join(MANUAL, language))} for language in LANGUAGES}
    for name in sorted(names["zh"] ^ names["en"]):
        problems.append(f"{name} is there in one language only")
    for name in sorted(names["zh"] & names["en"]):
        zh, en = (read(os.path.join(MANUAL, language, name)) for language in LANGUAGES)
        for what, pattern in (("headings", r"^#+ "), ("table rows", r"^\|"), ("blocks of code", r"^```[a-z]")):
            counts = [len(re.findall(pattern, text, re.M)) for text in (zh, en)]
            if counts[0] != counts[1]:
                problems.append(f"{name}: {counts[0]} {what} in Chinese, {counts[1]} in English")
        calls = [sorted(f"{n} {sorted(w for w in a if w.startswith('--'))}" for n, a, _ in tanshu_calls(text))
                 for text in (zh, en)]
        for call in sorted(set(calls[0]) ^ set(calls[1])):
            problems.append(f"{name}: in one language only: tanshu {call}")
    result("every page of the manual is there in both languages, with the same steps", problems)


def check_rooms():
    rows = re.findall(r"^\| ([a-z]+) \|", read(os.path.join(SOURCE, "doc", "ARCHITECTURE.md")).split("| room |")[1]
                      .split("\n\n")[0], re.M)
    folders = {n for n in os.listdir(os.path.join(SOURCE, "src")) if os.path.isdir(os.path.join(SOURCE, "src", n))}
    problems = [f"{name}: in the table or among the folders only" for name in sorted(folders ^ set(rows))]
    result("the table of rooms names each folder of src/", problems)


def check_settings():
    with tempfile.TemporaryDirectory() as place:
        tanshu("init", "--data", "D", place=place)
        conf = read(os.path.join(place, "D", "tanshu.conf"))
    settings = dict(re.findall(r"^# (\w+) = *(.*?)$", conf, re.M))
    problems = [] if len(settings) >= 5 else ["no settings were found in tanshu.conf"]
    for language in LANGUAGES:
        page = read(os.path.join(MANUAL, language, "operator.md"))
        section = next((part for part in page.split("\n## ") if "`public_url` |" in part), "")
        rows = dict(re.findall(r"^\| `(\w+)` \|(.*)$", section, re.M))
        for name in sorted(set(settings) ^ set(rows)):
            problems.append(f"{language}/operator.md: setting {name} is in the page or in the program only")
        for name in sorted(set(settings) & set(rows)):
            if settings[name] and f"`{settings[name]}`" not in rows[name]:
                problems.append(f"{language}/operator.md: the default of {name} is {settings[name]}")
    result("the operator's page lists every setting with its default", problems)


def check_limits():
    """Limits that the operator's page names are those of the tables."""
    limits = {}
    for path in ("src/http/limits.def", "src/intake/limits.def"):
        for name, value in re.findall(r"^X\((\w+), ([^,]+),", read(os.path.join(SOURCE, path)), re.M):
            a, _, shift = value.partition("<<")
            limits[name] = int(a) << int(shift or 0)
    problems = []
    for language in LANGUAGES:
        rows = re.findall(r"^\|.*\| ([\d,]+)[^|]*\| `(\w+)` \|", read(os.path.join(MANUAL, language, "operator.md")), re.M)
        if len(rows) < 8:
            problems.append(f"{language}/operator.md: only {len(rows)} limits found")
        for value, name in rows:
            real = limits.get(name)
            if real is None or int(value.replace(",", "")) not in (real, real / 2**20):
                problems.append(f"{language}/operator.md: {name} is {real}, not {value}")
    result("the limits on the operator's page are those of the program", problems)


def matches(expected, found):
    """Whether the lines found are the lines expected, `…` standing for any number of them."""
    if not expected:
        return not found
    if expected[0] == "…":
        return any(matches(expected[1:], found[i:]) for i in range(len(found) + 1))
    return bool(found) and expected[0].rstrip() == found[0].rstrip() and matches(expected[1:], found[1:])


def run_example(path, language):
    problems, steps = [], 0
    with tempfile.TemporaryDirectory() as place:
        bin_folder = os.path.join(place, ".bin")
        os.mkdir(bin_folder)
        os.symlink(TANSHU, os.path.join(bin_folder, "tanshu"))
        environment = dict(os.environ, LC_ALL="C.UTF-8", TANSHU_LANG=language, HOME=place,
                           PATH=bin_folder + os.pathsep + os.environ["PATH"])
        environment.pop("TANSHU_DATA", None)
        for kind, body in re.findall(r"^```(file \S+|console)\n(.*?)^```", read(path), re.M | re.S):
            if kind.startswith("file "):
                target = os.path.join(place, kind[5:])
                os.makedirs(os.path.dirname(target), exist_ok=True)
                with open(target, "w", encoding="utf-8") as file:
                    file.write(body)
                continue
            for step in re.split(r"^\$ ", body, flags=re.M)[1:]:
                steps += 1
                command = re.match(r"(?:[^\n]*\\\n)*[^\n]*", step)[0]
                expected = step[len(command) + 1:]
                done = subprocess.run(["sh", "-c", command], cwd=place, env=environment, text=True, timeout=200,
                                      stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
                if not matches(expected.splitlines(), done.stdout.splitlines()):
                    problems.append(f"$ {command}")
                    problems += ["  expected: " + line for line in expected.splitlines()]
                    problems += ["  found:    " + line for line in done.stdout.splitlines()[:40]]
    return steps, problems


def check_examples():
    for path in manual_pages() + [LANGUAGE]:
        if "```console" not in read(path):
            continue
        steps, problems = run_example(path, "en" if path == LANGUAGE else os.path.basename(os.path.dirname(path)))
        result(f"{short(path)}: its {steps} steps do what it says", problems)


check_links()
check_readme()
check_commands()
check_twins()
check_rooms()
check_settings()
check_limits()
check_examples()
finish()
