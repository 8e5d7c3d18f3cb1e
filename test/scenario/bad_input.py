"""What must happen with bad input: refused where it stands, with the place, what was expected, and what to do."""
import os
import re
import signal
import sqlite3
import subprocess
import time

from tanshu_case import (PASSWORD, TANSHU, add_enterprise, add_person, case, credit_code, demo_rows, done, must, new_data,
                         place, tanshu, workbook, write)

HEAD = "period,input,key,value,unit\n"
data = new_data()
code = add_enterprise(data, 1)


def add(what, wanted, *facts):
    answer = tanshu("org", "add", "--kind", "enterprise", "--name", "x", *facts, data=data)
    case(what, answer.returncode == 1 and all(word in answer.stderr for word in wanted), answer.stderr)


good = credit_code(2)
wrong_end = good[:-1] + ("0" if good[-1] != "0" else "1")
wrong_body = good[:16] + ("0" if good[16] != "0" else "1") + good[17]
place_of = ("--industry", "3120", "--division", "130200")
add("a credit code with a wrong last check digit: place and both digits are named", ("place 18", wrong_end),
    "--code", wrong_end, *place_of)
add("a wrong check digit of the organisation code inside it", ("place 17", wrong_body), "--code", wrong_body, *place_of)
add("a code of the wrong length", ("18",), "--code", good[:17], *place_of)
add("an unknown industry class", ("9999", "GB/T 4754"), "--code", good, "--industry", "9999", "--division", "130200")
add("an unknown division", ("999999", "division"), "--code", good, "--industry", "3120", "--division", "999999")
add("a code that is taken", (code,), "--code", code, *place_of)


def table(what, content, wanted, accepted, refused, name="table.csv", data_code=None):
    """Imports it; looks for the counts and for what the message must name."""
    path = write(place(name), content)
    answer = tanshu("import", "--org", data_code or code, "--as", "manager-1", path, data=data)
    counts = f"{accepted} values accepted, {refused} refused" if accepted is not None else ""
    case(what, answer.returncode == (1 if refused else 0) and counts in answer.stdout
         and all(word in answer.stderr for word in wanted), answer.stdout + answer.stderr)
    return answer


table("a unit of the wrong dimension; the good row is kept", HEAD + "2024-01,burnt,diesel,1,kWh\n2024-01,burnt,coke,1,t\n",
      ("D2", "kWh", "measured in t"), 1, 1)
table("a negative activity", HEAD + "2024-02,burnt,diesel,-10,t\n", ("D2", "-10", "at least 0"), 0, 1)
table("a month that does not exist", HEAD + "2024-13,burnt,diesel,1,t\n", ("A2", "2024-13"), 0, 1)
table("a month of the future", HEAD + "2199-02,burnt,diesel,1,t\n", ("2199-02", "future"), 0, 1)
table("two rows of one place with different values: neither is taken",
      HEAD + "2024-03,burnt,diesel,1,t\n2024-03,burnt,diesel,2,t\n", ("D2", "D3", "twice"), 0, 2)
table("a row that differs from what is known is not overwritten", HEAD + "2024-01,burnt,coke,2,t\n",
      ("known already", "1 t"), 0, 1)
table("an unknown fuel, an unknown item, no number",
      HEAD + "2024-04,burnt,unobtainium,1,t\n2024-04,nonsense,,1,t\n2024-04,burnt,diesel,abc,t\n",
      ("C2", "unobtainium", "B3", "nonsense", "D4", "abc"), 0, 3)
table("GBK text with Chinese units is read", (HEAD + "2024-05,electricity_purchased,,12.5,万千瓦时\n").encode("gb18030"),
      (), 1, 0)
table("UTF-8 with a mark of byte order is read", b"\xef\xbb\xbf" + (HEAD + "2024-07,burnt,diesel,10,吨\n").encode(), (), 1, 0)
table("an empty file", b"", ("no rows",), None, 1)
table("a quote that is never closed", HEAD + '2024-06,burnt,diesel,"10', ("ine 2",), None, 1)
table("bytes that are no text", b"a,b\n\xff\xfd\xff\x80" * 900, ("ine 2",), None, 1)

rows = lambda year: [["period", "input", "key", "value", "unit"]] + [
    [f"{year}-{month:02d}", "burnt", "diesel", 9 + month, "t"] for month in (4, 5, 6)]
table("a plain workbook is read", workbook(rows(2024)), (), 3, 0, "plain.xlsx")
table("a formula cell is refused, its neighbours are read", workbook(rows(2023), formula={(2, 3): "SUM(D2:D2)"}),
      ("D3", "SUM(D2:D2)", "value"), 2, 1, "formula.xlsx")
table("merged cells are refused", workbook(rows(2022), merge="D2:D3"), ("D2:D3", "nmerge"), 1, 1, "merged.xlsx")
table("an XML with DOCTYPE", workbook(rows(2021), doctype=True), ("DOCTYPE",), None, 1, "doctype.xlsx")
whole = workbook(rows(2021))
table("a truncated workbook", whole[:len(whole) // 2], ("incomplete or damaged",), None, 1, "truncated.xlsx")
begin = time.monotonic()
bomb = workbook(rows(2021), cells_more=b"<row><c><v>1</v></c></row>" * 10_000_000)
print(f"# 10,000,000 rows in {len(bomb)} bytes, made in {time.monotonic() - begin:.1f} s")
begin = time.monotonic()
table("a sheet of ten million rows, small on the wire", bomb, ("refused",), None, 1, "bomb.xlsx")
case("is refused within two seconds", time.monotonic() - begin < 2, time.monotonic() - begin)

# ---- a slip of a thousand ----

mill = add_enterprise(data, 3, people=())
for role in ("manager", "approver"):
    add_person(data, mill, f"enterprise_{role}", f"mill-{role}")
slip = re.sub(r"(2024-06,electricity_purchased,,)([\d.]+)", lambda m: m[1] + str(float(m[2]) * 1000),
              demo_rows("steel", 2024))
must("import", "--org", mill, "--as", "mill-manager", write(place("slip.csv"), slip), data=data)
found = tanshu("check", "--org", mill, "--year", "2024", data=data)
lines = [line for line in found.stdout.splitlines() if "fail" in line]
case("a slip of 1,000 in a month's electricity is a finding of that month",
     found.returncode == 1 and any(line.startswith("x23") and "2024-06" in line for line in lines), found.stdout[:1500])

# ---- SIGTERM in the middle of an import ----

works = add_enterprise(data, 4, people=())
add_person(data, works, "enterprise_manager", "works-manager")


def submissions():
    with sqlite3.connect(f"file:{data}/tanshu.db?mode=ro", uri=True) as db:
        return dict(db.execute("select submission_id, count(*) from datum group by submission_id").fetchall())


struck = whole_count = 0
fuels = ("washed_coal", "bituminous", "diesel", "coke", "gasoline", "anthracite")


def year_of(year):
    return HEAD + "".join(f"{year}-{m:02d},burnt,{fuel},{m + 1},t\n" for m in range(1, 13) for fuel in fuels)


begin = time.monotonic()
must("import", "--org", works, "--as", "works-manager", write(place("first.csv"), year_of(2014)), data=data)
usual_s = time.monotonic() - begin
halves = []
for number in range(11):
    year = 2015 + number
    before = submissions()
    process = subprocess.Popen([TANSHU, "import", "--data", data, "--org", works, "--as", "works-manager",
                                write(place("strike.csv"), year_of(year))], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    time.sleep(2.5 * usual_s * number / 10)
    process.send_signal(signal.SIGTERM)
    process.communicate(timeout=60)
    new = {key: value for key, value in submissions().items() if key not in before}
    halves += [value for value in new.values() if value != 12 * len(fuels)]
    struck, whole_count = struck + (not new), whole_count + bool(new)
    if process.returncode == 0 and not new:
        halves.append("said done, is not there")
print(f"# SIGTERM: {whole_count} imports finished, {struck} left nothing (an import takes {usual_s:.2f} s)")
case("SIGTERM during an import: finished or fully undone, eleven times", not halves, halves)
case("some were struck before, some after their write", struck > 0 and whole_count > 0, (struck, whole_count))
fsck = tanshu("fsck", data=data)
case("the directory is sound afterwards", fsck.returncode == 0, fsck.stdout + fsck.stderr)

# ---- the account can't be computed: what would change it is undone with it ----

must("import", "--org", works, "--as", "works-manager", write(place("kept.csv"), HEAD + "2024-01,electricity_purchased,,500,MWh\n"), data=data)
listed = tanshu("withdraw", "--org", works, "--as", "works-manager", "--format", "csv", data=data).stdout
kept = next(line for line in listed.splitlines() if "kept.csv" in line)


def ratings_refused(on):
    """The database takes no judgement: what a full disk or a kill does in that moment."""
    with sqlite3.connect(f"{data}/tanshu.db") as db:
        db.execute("create trigger strike before insert on rating_model begin select raise(abort, 'struck'); end" if on
                   else "drop trigger strike")


ratings_refused(True)
before = submissions()
failed = tanshu("withdraw", kept.split(",")[0], "--reason", "typed wrongly", "--org", works, "--as", "works-manager", data=data)
listed = tanshu("withdraw", "--org", works, "--as", "works-manager", "--format", "csv", data=data).stdout
case("a withdrawal without the account of it is none", failed.returncode != 0 and kept in listed.splitlines(),
     failed.stdout + failed.stderr + listed)
failed = tanshu("import", "--org", works, "--as", "works-manager",
                write(place("lost.csv"), HEAD + "2024-02,electricity_purchased,,500,MWh\n"), data=data)
case("nor is a file taken in without it", failed.returncode != 0 and submissions() == before, failed.stdout + failed.stderr)
ratings_refused(False)
done_now = tanshu("withdraw", kept.split(",")[0], "--reason", "typed wrongly", "--org", works, "--as", "works-manager", data=data)
listed = tanshu("withdraw", "--org", works, "--as", "works-manager", "--format", "csv", data=data).stdout
case("when it can be computed, both are done", done_now.returncode == 0 and kept not in listed.splitlines(),
     done_now.stdout + done_now.stderr + listed)

# ---- the command line itself ----

case("an unknown command is usage (2)", tanshu("flatten").returncode == 2)
case("an unknown option is usage (2)", tanshu("fsck", "--flatten", data=data).returncode == 2)
case("a directory that is none is refused with its name", place("nowhere") in tanshu("fsck", data=place("nowhere")).stderr)
short = tanshu("user", "add", "tiny", "--org", code, "--role", "enterprise_manager", stdin="short\n", data=data)
case("a password of five letters is refused", short.returncode == 1, short.stderr)
again = tanshu("user", "add", "manager-1", "--org", code, "--role", "enterprise_manager", stdin=PASSWORD + "\n", data=data)
case("a login that is taken is refused", again.returncode == 1 and "manager-1" in again.stderr, again.stderr)
case("init never overwrites", tanshu("init", data=data).returncode != 0 and os.path.exists(f"{data}/tanshu.db"))
done()
