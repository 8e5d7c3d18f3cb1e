"""The authority: statistics from which no single enterprise can be worked out, reminders that arrive, the register."""
import csv
import io
import itertools
import re

from tanshu_case import (Server, Session, add_enterprise, add_person, case, credit_code, demo_rows, done, must, new_data,
                         place, write)

YEAR, LEAST = "2024", 3
data = new_data()
office = credit_code(900, "130000")
must("org", "add", "--kind", "authority", "--name", "试验主管部门", "--name-en", "Test Authority", "--code", office,
     "--division", "130000", data=data)
add_person(data, office, "authority_officer", "officer")
neighbour = credit_code(901, "140000")
must("org", "add", "--kind", "authority", "--name", "邻省部门", "--code", neighbour, "--division", "140000", data=data)
add_person(data, neighbour, "authority_officer", "neighbour")

# (industry, division): the second place has two enterprises, so that its sum is hidden, and so must be the first's,
# or the total would give it away.
members = [("3120", "130200"), ("3120", "130200"), ("3120", "130200"), ("3120", "130200"), ("3011", "130200"),
           ("3011", "130300"), ("3011", "130300")]
codes = []
rows = demo_rows("steel", YEAR), demo_rows("cement", YEAR)
for serial, (industry, division) in enumerate(members, 1):
    codes.append(add_enterprise(data, serial, f"试验企业{serial}", industry, division))
    org = ("--org", codes[-1], "--year", YEAR)
    table = write(place(f"{serial}.csv"), rows[industry == "3011"])
    must("import", *org, "--as", f"manager-{serial}", table, data=data)
    must("approve", *org, "--as", f"approver-{serial}", data=data)
late = add_enterprise(data, 8, "试验企业8", "3120", "130200")

# Three enterprises with nothing but electricity: emission is in proportion to it. In 2023 one buys 20 of 22 parts, 90.9%
# of the sum, more than the 80% of the setting; in 2022 it buys 7 of 9, 77.8%.
for year, share in (("2023", 20), ("2022", 7)):
    for serial, mwh in ((1, 100), (2, 100), (3, 100 * share)):
        power = "".join(f"{year}-{month:02d},electricity_purchased,,{mwh},MWh\n" for month in range(1, 13))
        table = write(place(f"{serial}-{year}.csv"), "period,input,key,value,unit\n" + power)
        org = ("--org", codes[serial - 1], "--year", year)
        must("import", *org, "--as", f"manager-{serial}", table, data=data)
        must("approve", *org, "--as", f"approver-{serial}", data=data)

server = Server(data)
officer, other, mill = Session(server), Session(server), Session(server)
officer.sign_in("officer")
other.sign_in("neighbour")

waiting = officer.get("/authority/register?show=others")
links = re.findall(r"/authority/enterprises/[0-9a-z]+", waiting.text)
case("enterprises of the division wait to be put on the register", len(set(links)) == 8, waiting.words[-400:])
case("another division's authority sees none of them", "/authority/enterprises/" not in other.get(
    "/authority/register?show=others").text)
case("nor opens one", other.get(links[0]).status == 403)
case("before that its account is closed", "Carbon account of" not in officer.get(links[0]).words)
for link in dict.fromkeys(links):
    officer.submit(officer.get(link), link)
case("on the register its account is open", "Carbon account of 2024" in officer.get(links[0] + "?year=2024").words)
refused = other.request("POST", links[0], f"csrf={other.csrf('/authority/register')}&to=off".encode(),
                        {"Content-Type": "application/x-www-form-urlencoded"})
case("another authority can't take it off", refused.status == 403, str(refused.status))

# ---- suppression -------------------------------------------------------------------------------


def table(by):
    answer = officer.get(f"/authority/statistics/export?year={YEAR}&by={by}&format=csv")
    return list(csv.reader(io.StringIO(answer.body.decode("utf-8-sig"))))


def shown(by):
    """Group code prefix (None: the total) -> the full-basis emission, only what is shown."""
    lines = [r for r in table(by)[1:] if len(r) > 3 and r[1].isdigit()]
    return {(r[0] if i + 1 < len(lines) else None): float(r[3]) for i, r in enumerate(lines) if r[3] != ""}


industries, divisions = shown("industry"), shown("division")
published = []  # sets of enterprises whose sum is shown
for name in industries:
    published.append(frozenset(i for i, m in enumerate(members) if name is None or m[0][:2] == name[:2]))
for name in divisions:
    prefix = None if name is None else ("1302" if "唐山" in name or "1302" in name or "Tangshan" in name else "1303")
    published.append(frozenset(i for i, m in enumerate(members) if prefix is None or m[1][:4] == prefix))
case("something is shown", len(published) >= 2, f"{industries} {divisions}")
case("nothing shown is over fewer enterprises than allowed", all(len(p) >= LEAST for p in published))


def derivable(target):
    """Whether a sum over `target` is a linear combination of the published sums (exact, by elimination)."""
    from fractions import Fraction
    vectors = [[Fraction(i in p) for i in range(len(members))] for p in published]
    goal = [Fraction(i in target) for i in range(len(members))]
    for column in range(len(members)):
        pivot = next((v for v in vectors if v[column] != 0), None)
        if pivot is None:
            continue
        vectors.remove(pivot)
        for v in vectors + [goal]:
            if v[column] != 0:
                factor = v[column] / pivot[column]
                for k in range(len(members)):
                    v[k] -= factor * pivot[k]
    return not any(goal)


small = [set(t) for n in range(1, LEAST) for t in itertools.combinations(range(len(members)), n)]
case("no sum over one or two enterprises follows from what is shown", not any(derivable(t) for t in small),
     f"{[t for t in small if derivable(t)]} from {published}")
case("the second place is hidden, and with it the first or the total", not any("1303" in str(n) for n in divisions)
     and len(divisions) == 1, str(divisions))
def sums_of(year):
    answer = officer.get(f"/authority/statistics/export?year={year}&by=industry&format=csv")
    lines = [r for r in csv.reader(io.StringIO(answer.body.decode("utf-8-sig"))) if len(r) > 3 and r[1].isdigit() and r[2] == "3"]
    return [r[3] for r in lines], answer.body.decode("utf-8-sig")


case("a sum of which one enterprise makes up 90.9% is hidden, and with it the total", sums_of("2023")[0] == ["", ""],
     sums_of("2023")[1])
shown_2022 = sums_of("2022")[0]
case("one of 77.8% is shown", len(shown_2022) == 2 and shown_2022[0] == shown_2022[1] != "", sums_of("2022")[1])
labels = [int(n) for r in table("industry")[1:] if len(r) > 11 and r[1].isdigit() for n in r[7:12] if n not in ("", "0")]
case("counts of labels are multiples of the least number", all(n % LEAST == 0 for n in labels), labels)
page = officer.get(f"/authority/statistics?year={YEAR}")
case("the page shows the dash and says why", "hidden" in page.words and "never shown" in page.words, page.words[-600:])
case("examples are apart and said to be", "No invented enterprise is on the register" in officer.get(
    f"/authority/statistics?year={YEAR}&set=examples").words)
case("XLSX is a workbook", officer.get(f"/authority/statistics/export?year={YEAR}&format=xlsx").body[:2] == b"PK")

# ---- filing and reminders ----------------------------------------------------------------------

filing = officer.get("/authority/filing?month=2024-06")
case("seven of eight have filed June 2024", "Not filed1 12%" in filing.words, filing.words[-900:])
before = officer.get("/authority/filing/remind?month=2024-06")
case("before sending it says to whom and what", "Test Works 8" in before.words and "Test Works 1 " not in before.words
     and "Test Authority reminds you: the data of 2024-06" in before.words, before.words[-600:])
sent = officer.submit(before, "/authority/filing/remind")
case("sent", "The reminders are sent." in sent.words, sent.words[-300:])
mill.sign_in("manager-8")
case("it arrives in the work list of who has not filed", "the data of 2024-06 were due on 2024-07-" in
     mill.get("/notices").words, mill.get("/notices").words[-400:])
again = officer.submit(before, "/authority/filing/remind")
case("sent again it sends nothing and says so", "Nothing was sent" in again.words and
     mill.get("/notices").words.count("the data of 2024-06 were due") == 1, again.words[-300:])
case("and the page before says that they were reminded today", "were reminded of it today" in
     officer.get("/authority/filing/remind?month=2024-06").words)
answer = officer.post("/authority/filing/remind", {"month": "2099-01"}, page="/authority/filing")
case("a month that is not due yet is refused", answer.status == 409 and "due on 2099-02" in answer.words and
     "2099-01" not in mill.get("/notices").words, f"{answer.status} {answer.words[-300:]}")
case("nor is what is no month", officer.post("/authority/filing/remind", {"month": "soon"}, page="/authority/filing").status == 422)
looks = mill.get("/enterprise/looks")
case("the enterprise reads who looked at its filing", "试验主管部门 officer Filing record /authority/filing" in looks.words, looks.words[-500:])
filed = Session(server)
filed.sign_in("manager-1")
case("and not with who has", "2024-06" not in filed.get("/notices").words)

# What is withdrawn before anybody approved it leaves nothing filed.
must("import", "--org", late, "--year", YEAR, "--as", "manager-8", write(place("8.csv"), rows[0]), data=data)
words = officer.get("/authority/filing?month=2024-06").words
case("the last one has filed", "Not filed0 " in words, words[-900:])
sent = re.search(r"\b([0-9a-z]{13})\b", must("withdraw", "--org", late, data=data)).group(1)
must("withdraw", "--org", late, "--as", "manager-8", sent, "--reason", "another plant's", data=data)
words = officer.get("/authority/filing?month=2024-06").words
case("and has not, once its data are withdrawn", "Not filed1 12%" in words, words[-900:])
server.stop()
done()
