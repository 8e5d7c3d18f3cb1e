"""An invented region: as many enterprises as asked for, all marked, the same from the same seed, valid by the same
rules as a user's data, with accounts whose postings add up to what is told; never beside real enterprises unasked.
"""
import csv
import io
import json
import os

from tanshu_case import SOURCE, case, credit_code, done, must, new_data, stored_rows, tanshu

ENTERPRISES, MONTHS = 20, 12
REGION = ["--enterprises", str(ENTERPRISES), "--months", str(MONTHS), "--last", "2025-12"]


def simulate(data, *more):
    return json.loads(must("simulate", *REGION, "--format", "json", *more, data=data))


def rows(data):
    """Every value by what it is of, whatever ids it got."""
    return sorted(tuple(map(str, row)) for row in stored_rows(data, """
        select i.value, d.first_day, d.input, d.input_key, d.value, d.unit, d.value_text from datum d
        join org_identifier i on i.org_id = d.org_id"""))


with open(os.path.join(SOURCE, "tables/codes/divisions.csv"), encoding="utf-8") as file:
    counties = {row["code"] for row in csv.DictReader(file)}
with open(os.path.join(SOURCE, "tables/codes/gbt4754.csv"), encoding="utf-8") as file:
    classes = {row["code"] for row in csv.DictReader(file)}

one, two, other = new_data("one"), new_data("two"), new_data("other")
told = simulate(one)
again = simulate(two)
case("the same seed: the same digest of all that is sent", told["digest"] == again["digest"], (told, again))
case("and the same values in the database", rows(one) == rows(two), len(rows(one)))
case("another seed: another digest", simulate(other, "--seed", "2", "--data-only")["digest"] != told["digest"], told)

orgs = stored_rows(one, "select name, name_en, division, industry, invented from org where kind = 'enterprise'")
case("as many enterprises as asked for", len(orgs) == ENTERPRISES == told["enterprises"], (len(orgs), told))
case("each says in both languages that it is invented, and is marked",
     all(o[0].startswith("示例") and o[1].endswith("(example)") and str(o[4]).lower() in ("1", "t", "true") for o in orgs), orgs)
case("each is in a real county and a real class", all(o[2] in counties and o[3] in classes for o in orgs), orgs)
case("they are not all of one industry or province",
     len({o[3] for o in orgs}) >= 8 and len({o[2][:2] for o in orgs}) >= 8, orgs)

case("a file a month, and one for the year", told["submissions"] == ENTERPRISES * (MONTHS + 1), told)
sent = sum(len(list(csv.reader(io.StringIO(bytes(text).decode("utf-8") if not isinstance(text, str) else text)))) - 1
           for (text,) in stored_rows(one, "select cast(content as text) from submission_piece")) \
    if "TANSHU_TEST_POSTGRES" not in os.environ else told["rows"]
data = int(stored_rows(one, "select count(*) from datum")[0][0])
case("every value of every file is a datum; none is refused",
     told["rows"] == data == sent and int(stored_rows(one, "select count(*) from datum_refused")[0][0]) == 0,
     (told, data, sent))

# What people read is the sum of the postings of posted runs; added up here from the table itself.
postings = {}
for org, amount in stored_rows(one, """select p.org_id, sum(p.amount) from posting p
        join model_run r on r.org_id = p.org_id and r.run_id = p.run_id
        where r.state = 'posted' and p.kind = 'emission' and p.basis in ('both', 'full') group by p.org_id"""):
    postings[int(org)] = int(amount)
names = {int(org): value for org, value in stored_rows(one, "select org_id, value from org_identifier where scheme = 'simulated'")}
case("nearly all enterprises have an account", len(postings) >= ENTERPRISES - 1, len(postings))
wrong = []
for org, grams in list(postings.items())[:5]:
    account = json.loads(must("account", "--org", f"simulated:{names[org]}", "--year", "2025", "--format", "json", data=one))
    lines = [line for line in account if line.get("kind") == "emission"]
    full = sum(float(line["amount"]) for line in lines if line.get("basis") in ("both", "full"))
    if abs(full * (1e6 if "t" in lines[0]["unit"].split()[0] else 1) - grams) > 1:
        wrong.append((names[org], full, grams, lines[:2]))
case("an account that is told adds up to its postings", not wrong, wrong)
rated = int(stored_rows(one, "select count(distinct org_id) from rating where year = 2025")[0][0])
case("each is rated", rated == ENTERPRISES, rated)

case("given again, it adds nothing", simulate(one)["skipped"] == ENTERPRISES and rows(one) == rows(two), "")
changed = json.loads(must("simulate", *REGION, "--correct", "2", "--format", "json", data=one))
case("two send their last month again", changed["enterprises"] == 2 and changed["submissions"] == 2
     and len(rows(one)) > len(rows(two)), changed)

first = json.loads(must("refresh", "--format", "json", data=one))
second = json.loads(must("refresh", "--format", "json", data=one))
case("a night looks at all once, then at none", first["changed"] == ENTERPRISES and second["changed"] == 0
     and first["failed"] == 0, (first, second))
counts = "select (select count(*) from model_run), (select count(*) from posting), (select count(*) from rating)"
before = stored_rows(one, counts)
whole = json.loads(must("refresh", "--all", "--format", "json", data=one))
case("all computed again come out the same: nothing is added",
     whole["written"] == ENTERPRISES and stored_rows(one, counts) == before, (whole, before, stored_rows(one, counts)))
must("simulate", *REGION, "--correct", "3", data=one)
some = json.loads(must("refresh", "--format", "json", data=one))
case("after three sent a month again: these three", some["changed"] == 3, some)
case("a number of threads out of range: a wrong use", tanshu("refresh", "--threads", "0", data=one).returncode == 2, "")

real = new_data("real")
must("org", "add", "--kind", "enterprise", "--code", credit_code(7), "--name", "Real Works", "--industry", "3120", "--division", "130200", data=real)
refused = tanshu("simulate", *REGION, data=real)
case("refused beside a real enterprise, which is named",
     refused.returncode == 1 and "Real Works" in refused.stderr
     and int(stored_rows(real, "select count(*) from org")[0][0]) == 1, refused.stderr)
beside = json.loads(must("simulate", "--enterprises", "1", "--months", "1", "--last", "2025-12", "--beside-real",
                         "--format", "json", data=real))
case("done when told so", beside["enterprises"] == 1, beside)
for wrong in (["--enterprises", "0"], ["--enterprises", "x"], ["--enterprises", "3", "--months", "0"],
              ["--enterprises", "3", "--last", "2999-01"], ["--enterprises", "3", "--correct", "4"], []):
    result = tanshu("simulate", *wrong, data=two)
    case(f"simulate {' '.join(wrong)}: a wrong use", result.returncode == 2 and "--" in result.stderr, result.stderr)
done()
