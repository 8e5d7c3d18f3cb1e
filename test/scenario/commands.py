"""The command line as scripts rely on it: exit codes, help in both languages, JSON that parses, the manual's page.

Exit codes are those of doc/manual/commands.md: 0 done, 1 refused or false, 2 usage, 3 the machine failed.
"""
import csv
import io
import json
import os
import re

from tanshu_case import (SOURCE, add_enterprise, case, credit_code, demo_rows, done, must, new_data, place, tanshu, write)

overview = tanshu("help")
names = re.findall(r"^  ([a-z]+) ", overview.stdout, re.M)
case("help lists the commands and ends well", overview.returncode == 0 and len(names) >= 20 and "import" in names,
     overview.stdout)
case("tanshu alone is help", tanshu().stdout == overview.stdout)
case("--help and -h are help too", tanshu("--help").stdout == overview.stdout == tanshu("-h").stdout)
case("--version is version", tanshu("--version").stdout == tanshu("version").stdout != "")
case("version with an argument: exit 2, nothing on standard output",
     (tanshu("version", "x").returncode, tanshu("version", "x").stdout) == (2, ""))

manual = tanshu("help", "--manual")
with open(os.path.join(SOURCE, "doc/manual/commands.md"), encoding="utf-8") as file:
    case("doc/manual/commands.md is what `tanshu help --manual` prints", manual.stdout == file.read())

with_options = [n for n in names if n not in ("log", "model", "verify")]  # these read their arguments themselves
for name in names:
    english, chinese = tanshu("help", name), tanshu("help", name, lang="zh")
    first = english.stdout.splitlines()[0] if english.stdout else ""
    case(f"help {name} explains it in English", english.returncode == 0 and first.startswith(f"tanshu {name}")
         and len(english.stdout.splitlines()) >= 3 and not re.search(r"[\u4e00-\u9fff]", english.stdout.replace("示例", "")),
         english.stdout)
    sentences = [line for line in english.stdout.splitlines()[1:] if line and not line.startswith("  ")]
    left = [line for line in sentences if line in chinese.stdout]
    case(f"help {name} explains it in Chinese, every sentence", chinese.returncode == 0 and left == [], left)
    case(f"{name} stands in the manual", f"\n## tanshu {name}\n" in manual.stdout)
for name in with_options:
    case(f"{name} --help is help {name}", tanshu(name, "--help").stdout == tanshu("help", name).stdout)
    wrong = tanshu(name, "--no-such-option")
    case(f"{name} with an unknown option: exit 2, named on standard error, nothing on standard output",
         wrong.returncode == 2 and "--no-such-option" in wrong.stderr and wrong.stdout == "", wrong.stdout + wrong.stderr)

# ---- the language: before the command, behind it, from the environment ----

chinese = tanshu("help", lang="zh").stdout
case("--lang stands before the command too", tanshu("--lang", "zh", "help").stdout == chinese == tanshu("--lang=zh").stdout
     and chinese != overview.stdout, tanshu("--lang", "zh", "help").stderr)
case("--lang before it says what it takes", tanshu("--lang", "fr", "help").returncode == 2)
case("--help speaks the language of --lang", tanshu("serve", "--lang", "zh", "--help").stdout ==
     tanshu("help", "serve", lang="zh").stdout)
for arguments in (("model", "show", "no.such"), ("verify", "/nowhere.pdf", "--key", "/nowhere.pub")):
    said = [tanshu(*arguments, lang="zh").stderr, tanshu(*arguments, "--lang", "zh").stderr,
            tanshu("--lang", "zh", *arguments).stderr]
    case(f"`tanshu {arguments[0]}` speaks Chinese by the environment and by --lang",
         said[0] == said[1] == said[2] and re.search("[\u4e00-\u9fff]", said[0]), said)
    case(f"`tanshu {arguments[0]}` speaks English otherwise", not re.search("[\u4e00-\u9fff]", tanshu(*arguments).stderr))

case("a Chinese error has no English words of the system's", not re.search(
    "[A-Za-z]{3,}", tanshu("verify", "/1.pdf", "--key", "/1.pub", lang="zh").stderr.replace("/1.pub", "").replace("tanshu", "")),
    tanshu("verify", "/1.pdf", "--key", "/1.pub", lang="zh").stderr)

# ---- what looks like a number and is a name stays text ----

data = new_data("coal")
must("org", "add", "--kind", "enterprise", "--name", "1e5", "--code", credit_code(77), "--industry", "0610",
     "--division", "130200", data=data)
(row,) = json.loads(must("org", "list", "--format", "json", data=data))
case("JSON keeps codes and names as they are written", (row["industry"], row["division"], row["name"]) ==
     ("0610", "130200", "1e5"), row)

# ---- a broken rule file stops nobody ----

data = new_data("rules")
broken = write(place("rules/flows/loan-application.flow"), "flow loan_application 2\n  title\n")
twice = write(place("rules/flows/finding.flow"), open(os.path.join(SOURCE, "flows/finding.flow"), encoding="utf-8").read())
write(place("rules/models/broken.model"), "model broken.one 1\n  kind method\nout x : t = nothing_here\n")
thresholds = write(place("rules/tables/check/thresholds.csv"), "id,rule,value\nx01_pass,x01,much\n")
weights = write(place("rules/tables/check/weights.csv"), "id : text,weight : 1\nfail,heavy\n")
case("commands go on beside broken models and flows", tanshu("org", "list", data=data).returncode == 0,
     tanshu("org", "list", data=data).stderr)
fsck = tanshu("fsck", data=data)
case("fsck names each of them, with the line", fsck.returncode == 1 and f"{broken}, line 2" in fsck.stderr and
     f"{twice}: version 1" in fsck.stderr and "broken.model:" in fsck.stderr, fsck.stderr)
case("and each table of checks, with what is wrong", f"{thresholds}: " in fsck.stderr and "heavy" in fsck.stderr, fsck.stderr)
for name in (broken, twice, thresholds, weights, place("rules/models/broken.model")):
    os.remove(name)
case("and is content without them", tanshu("fsck", data=data).returncode == 0)

# ---- wrong use is 2 ----

for arguments, said in ((("nonsense",), "nonsense"), (("help", "nonsense"), "nonsense"), (("account",), "--data"),
                        (("account", "--data"), "--data"), (("help", "--manual=yes"), "--manual"),
                        (("version", "--format", "xml"), "xml"), (("version", "--lang", "fr"), "fr")):
    result = tanshu(*arguments, env={"TANSHU_DATA": ""})
    case(f"`tanshu {' '.join(arguments)}` is wrong use: 2", result.returncode == 2 and said in result.stderr,
         f"{result.returncode} {result.stderr}")

# ---- refused is 1 ----

missing = tanshu("account", "--org", "x", data=place("nowhere"))
case("no data directory: 1, and how to make one", missing.returncode == 1 and "tanshu init" in missing.stderr,
     missing.stderr)
data = new_data()
case("a directory is made once", tanshu("init", data=data).returncode == 1)
unknown = tanshu("account", "--org", "91140400MA0TC00254", data=data)
case("an unknown organisation: 1", unknown.returncode == 1 and "91140400MA0TC00254" in unknown.stderr, unknown.stderr)
case("no organisation at all: 2", tanshu("account", data=data).returncode == 2)
code = add_enterprise(data, 7)
org = ("--org", code, "--year", "2024")
case("a year that is none: 2", tanshu("account", "--org", code, "--year", "last", data=data).returncode == 2)
case("a setting out of range: 1", tanshu("set", "filing_due_day", "29", data=data).returncode == 1)
case("an unknown setting: 1", tanshu("set", "no_such", "1", data=data).returncode == 1)
case("a setting: 0", tanshu("set", "filing_due_day", "20", data=data).returncode == 0)
with open(os.path.join(data, "tanshu.conf"), encoding="utf-8") as file:
    case("and it is in the file", "\nfiling_due_day = 20\n" in file.read())
case("no rating, no report: 1", tanshu("report", *org, "--output", place("r.pdf"), data=data).returncode == 1
     and not os.path.exists(place("r.pdf")))
case("a report without a file to write: 2", tanshu("report", *org, data=data).returncode == 2)
case("a file that is not there: 1 or 3, not 0",
     tanshu("import", *org, "--as", "manager-7", place("none.csv"), data=data).returncode in (1, 3))
case("a report that is no report: 1", tanshu("verify", write(place("no.pdf"), "no"), "--key",
                                              os.path.join(data, "keys/log.pub")).returncode == 1)

# ---- data formats ----

table = write(place("steel.csv"), demo_rows("steel", "2024"))
must("import", *org, "--as", "manager-7", table, data=data)
must("approve", *org, "--as", "approver-7", data=data)
for command in ("check", "account", "rate", "match"):
    as_json = tanshu(command, *org, "--format", "json", data=data)
    try:
        rows = json.loads(as_json.stdout)
        truth = as_json.returncode in (0, 1) and isinstance(rows, (list, dict)) and len(rows) > 0
    except ValueError as problem:
        rows, truth = None, False
        as_json.stdout += str(problem)
    case(f"{command} --format json is JSON and nothing else", truth, as_json.stdout + as_json.stderr)
    as_csv = tanshu(command, *org, "--format", "csv", data=data)
    lines = list(csv.reader(io.StringIO(as_csv.stdout)))
    case(f"{command} --format csv is a table", len(lines) > 1 and len({len(line) for line in lines}) == 1, as_csv.stdout)
    if isinstance(rows, list) and len(lines) > 1:
        case(f"{command}: both have the same columns and rows",
             set(rows[0]) == set(lines[0]) and len(rows) == len(lines) - 1, f"{rows[0]} {lines[0]}")
    again = tanshu(command, *org, "--format=json", data=data)
    case(f"{command} --format=json says the same", again.stdout == tanshu(command, *org, "--format", "json", data=data).stdout)
chinese = tanshu("check", *org, data=data, lang="zh")
case("messages are Chinese with TANSHU_LANG=zh", re.search(r"[\u4e00-\u9fff]", chinese.stdout), chinese.stdout)
case("and with --lang zh", re.search(r"[\u4e00-\u9fff]", tanshu("check", *org, "--lang", "zh", data=data).stdout))
refused = tanshu("account", "--org", "x", data=place("nowhere"), lang="zh")
case("errors too, on standard error", refused.returncode == 1 and re.search(r"[\u4e00-\u9fff]", refused.stderr),
     refused.stderr)
full = tanshu("help", "--manual", prefix=("sh", "-c", 'exec "$0" "$@" > /dev/full'))
case("output that can't be written is 3, not silence", full.returncode == 3, f"{full.returncode} {full.stderr}")
done()
