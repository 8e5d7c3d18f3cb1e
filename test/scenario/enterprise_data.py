"""A new enterprise sends its data by hand, by template, by a table of its own and by a meter, and mends what was refused."""
import io
import os
import re
import time
import zipfile

from tanshu_case import SOURCE, Server, Session, case, credit_code, done, forms, links, must, new_data, workbook

HEAD = "period,input,key,value,unit\n"
PASSWORD = "correct horse battery"
data = new_data()
server = Server(data)


def sign_up(serial, login):
    person = Session(server)
    page = person.get("/sign-up")
    answer = person.submit(page, "/sign-up", {
        "name": f"试验钢铁{serial}", "name_en": f"Steel {serial}", "credit_code": credit_code(serial), "industry": "3120",
        "division": "130200", "scale": "medium", "founded": "2010-01-01", "person": login, "login": login,
        "password": PASSWORD, "again": PASSWORD})
    return person, answer


def upload(person, name, content, **fields):
    page = person.get("/enterprise/data?year=2025")
    return person.submit(page, "/enterprise/data/upload", {"tier": "invoice", **fields}, [("file", name, content)])


def counts(answer):
    """Accepted, refused, replaced of a submission's page."""
    return tuple(int(n) for n in re.findall(r'class="tile">.*?figure-number">(\d+)<', answer.text)[:3])


manager, answer = sign_up(11, "manager-11")
case("a new enterprise signs up in the browser", answer.status == 200 and answer.path.startswith("/enterprise"), answer.path)

# ---- the template -------------------------------------------------------------------------------

page = manager.get("/enterprise/data?year=2025")
case("the page of data offers template, upload and form", all(any(part in link for link in links(page)) for part in
     ("/enterprise/data/template?year=2025", "/enterprise/data/form?period=2025-01", "/enterprise/data/form?period=2025")))
template = manager.get("/enterprise/data/template?year=2025")
case("the template is a workbook to save", zipfile.is_zipfile(io.BytesIO(template.body)) and
     "attachment" in template.headers["content-disposition"] and
     b"electricity_purchased" in zipfile.ZipFile(io.BytesIO(template.body)).read("xl/sharedStrings.xml"))
answer = upload(manager, "template.xlsx", template.body)
case("an empty template is read: nothing accepted, nothing refused", answer.status == 200 and counts(answer) == (0, 0, 0),
     answer.words[:600])

# ---- refusals row by row, and their fix ----------------------------------------------------------

rows = (HEAD + "2025-01,electricity_purchased,,1200,MWh\n2025-02,electricity_purchased,,110,万kWh\n"
        "2025-03,electricity_purchased,,-5,MWh\n2025-04,electricity_purchased,,1000,t\n2199-05,burnt,coke,500,t\n"
        "2025-13,crude_steel,,500,t\n2025-01,crude_steel,,8000,t\n")
answer = upload(manager, "january.csv", rows.encode())
first = answer.path
case("right rows are accepted, wrong ones are refused", counts(answer) == (3, 4, 0), answer.words[:1500])
case("each refusal names its cell, what was found and what was expected", all(word in answer.words for word in
     ("D4", "-5", "at least 0", "D5", "MWh", "2199-05", "2025-13")), answer.words[:1500])
mended = rows.replace(",-5,", ",5,").replace(",1000,t", ",1000,MWh").replace("2199-05", "2025-05").replace("2025-13", "2025-12")
answer = upload(manager, "january.csv", mended.encode())
case("the mended file is accepted whole; what stood already counts once", counts(answer) == (7, 0, 0), answer.words[:1500])

answer = upload(manager, "other.csv", (HEAD + "2025-01,crude_steel,,8800,t\n").encode())
case("a value that differs from a known one is refused, not overwritten", counts(answer) == (0, 1, 0) and
     "known already" in answer.words, answer.words[:900])
answer = manager.submit(answer, answer.path + "/again", {"tier": "invoice"})
case("confirmed, it replaces the known one", counts(answer) == (1, 0, 1), answer.words[:900])
value = next(link for link in links(answer) if link.startswith("/enterprise/data/values/"))
page = manager.get(value)
case("the value's page keeps both in its history", "8,800" in page.words and "8,000" in page.words and
     "Replaced later" in page.words, page.words[:900])
replacing = answer.path
answer = manager.submit(answer, answer.path + "/withdraw", {"reason": "typed wrongly"})
case("withdrawn, the earlier value counts again", "withdrawn" in answer.words and
     "8,000" in manager.get("/enterprise/data/values?year=2025").words, answer.words[:900])
answer = manager.post(replacing + "/withdraw", {"reason": "again"}, page="/enterprise/data")
case("it can't be withdrawn twice", answer.status == 409, answer.status)

# ---- what is missing, and what is only optional ---------------------------------------------------

page = manager.get("/enterprise/report?year=2025").words
needed, _, optional = page.partition("Optional: the results would be more exact")
case("measured factors are optional, apart from what is needed", "Measured" in optional and "Measured" not in
     needed.partition("Not given yet")[2], page[-2500:])

# ---- odd files ----------------------------------------------------------------------------------

answer = upload(manager, "gbk.csv", (HEAD + "2025-06,electricity_purchased,,12,万千瓦时\n").encode("gb18030"))
case("GBK text is read", counts(answer) == (1, 0, 0), answer.words[:600])
table = [["period", "input", "key", "value", "unit"], ["2025-07", "electricity_purchased", "", 5, "MWh"],
         ["2025-08", "electricity_purchased", "", 6, "MWh"]]
answer = upload(manager, "formula.xlsx", workbook(table, formula={(2, 3): "D2+1"}))
case("a formula cell is refused with its place, the rest is read", counts(answer) == (1, 1, 0) and "D3" in answer.words
     and "D2+1" in answer.words, answer.words[:900])
whole = workbook(table)
answer = upload(manager, "cut.xlsx", whole[:len(whole) // 2])
case("a truncated workbook is refused on the page of upload, with what to do", answer.status == 422 and
     "incomplete or damaged" in answer.words and any(f["action"].endswith("/upload") for f in forms(answer)), answer.words[:600])
answer = upload(manager, "picture.csv", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR")
case("what is no table is refused", answer.status == 422, answer.words[:400])

# ---- a stranger's table ---------------------------------------------------------------------------

own = "三月生产情况,,\n月份,外购电,钢产量\n2024-01,900,7000\n2024-02,910,7100\n2024-03,-1,7200\n".encode()
answer = upload(manager, "own.csv", own)
case("a table of the enterprise's own form asks what its columns mean", answer.status == 200 and
     any(f["action"] == "/enterprise/data/mapping" for f in forms(answer)), answer.words[:600])
form = next(f for f in forms(answer) if f["action"] == "/enterprise/data/mapping")
asked = {"header_row": "2", "month": "A", "item:B": "Purchased electricity", "unit:B": "MWh", "factor:B": "1",
         "item:C": "no such item", "unit:C": "t", "factor:C": "1", "save": "1", "action": "import"}
answer = manager.post("/enterprise/data/mapping", {**form["fields"], **asked})
case("an unknown item is told, and what was typed stays", answer.status == 422 and "no such item" in answer.text and
     'value="Purchased electricity"' in answer.text, answer.words[:600])
asked["item:C"] = "Crude steel"
answer = manager.post("/enterprise/data/mapping", {**form["fields"], **asked})
case("the mapped file is imported and checked as any other", counts(answer) == (5, 1, 0) and "B5" in answer.words,
     answer.words[:900])
answer = manager.post("/enterprise/data/mapping", {**form["fields"], **asked})
case("a file that waited is taken once only", answer.status == 409, answer.status)
answer = upload(manager, "own-2.csv", own.replace(b"-1", b"920"))
case("the next file of that form finds its columns filled in", "confirmed them last time" in answer.words and
     'value="Crude steel"' in answer.text, answer.words[:600])

# ---- by hand ------------------------------------------------------------------------------------

page = manager.get("/enterprise/data/form?period=2025-09")
typed = {"v:electricity_purchased:": "1,300.5", "u:electricity_purchased:": "MWh", "v:burnt:coke": "twelve"}
answer = manager.submit(page, "/enterprise/data/form", typed)
case("a form with an error is shown again with what was typed; nothing is kept", answer.status == 422 and
     'value="1,300.5"' in answer.text and 'value="twelve"' in answer.text and
     "1,300.5" not in manager.get("/enterprise/data/values?year=2025").words, answer.words[:600])
answer = manager.submit(answer, "/enterprise/data/form", {"v:burnt:coke": "-12"})
case("a refusal by the rules stands at its field", answer.status == 422 and "at least 0" in answer.words, answer.words[:600])
answer = manager.submit(answer, "/enterprise/data/form", {"v:burnt:coke": "12"})
case("mended, the month is one submission", counts(answer) == (2, 0, 0) and "Form of 2025-09" in answer.words, answer.words[:600])
answer = manager.submit(manager.get("/enterprise/data/form?period=2025-09"), "/enterprise/data/form")
case("sent without a change, it adds nothing", answer.status == 422 and "No value was changed" in answer.words, answer.words[:400])
answer = manager.submit(manager.get("/enterprise/data/form?period=2025"), "/enterprise/data/form",
                        {"v:revenue:": "5000", "u:revenue:": "1e4 CNY"})
case("a year's fact is taken in the unit that was chosen", counts(answer) == (1, 0, 0), answer.words[:600])
case("a month that has not come can't be typed", manager.submit(manager.get("/enterprise/data/form?period=2099-01"),
     "/enterprise/data/form", {"v:crude_steel:": "1"}).status == 422)

# ---- proof and export -----------------------------------------------------------------------------

for _ in range(50):
    page = manager.get(first)
    if "In the signed log" in page.words:
        break
    time.sleep(0.2)
receipt = manager.get(first + "/receipt")
case("a submission has a receipt of the signed log", receipt.status == 200 and receipt.body.startswith(b'{"checkpoint"'),
     receipt.body[:200])
case("its bytes come back as they came, never as a page", manager.get(first + "/bytes").body == rows.encode() and
     manager.get(first + "/bytes").headers["content-type"] == "application/octet-stream")
export = manager.get("/enterprise/data/export?year=2025&format=csv").text
case("the export holds what the page shows", "crude_steel" in export and "8000" in export and "electricity_purchased" in export,
     export[:400])

# ---- attachments ----------------------------------------------------------------------------------

page = manager.get("/enterprise/attachments")
hostile = b"<script>alert(1)</script>"
answer = manager.submit(page, "/enterprise/attachments", {"kind": "bill", "period": "2025-01", "item": "Purchased electricity"},
                        [("file", "bill.html", hostile)])
path = next(link for link in links(answer) if re.match(r"/enterprise/attachments/\w{13}", link))
opened = manager.get(path)
case("an attachment opens as a file to save, whatever it claims to be", opened.body == hostile and
     opened.headers["content-type"] == "application/octet-stream" and opened.headers["x-content-type-options"] == "nosniff" and
     opened.headers["content-disposition"].startswith("attachment"))
page = manager.get("/enterprise/data/values?year=2025")
datum = next(link for link in links(page) if link.startswith("/enterprise/data/values/"))
case("a period that is none is refused", manager.submit(manager.get("/enterprise/attachments"), "/enterprise/attachments",
     {"kind": "bill", "period": "soon"}, [("file", "a.pdf", b"x")]).status == 422)

# ---- a meter --------------------------------------------------------------------------------------

site = manager.submit(manager.get("/enterprise/assets/new?kind=site"), "/enterprise/assets/new",
                      {"kind": "site", "name": "主厂区", "code": "S1"})
case("a site stands in the tree", "主厂区" in site.words, site.words[:300])
wrong = {"kind": "meter", "name": "总表", "medium": "electricity", "unit": "kWh", "ratio": "0", "reading_day": "0",
         "settlement": "1"}
page = manager.get("/enterprise/assets/new?kind=meter")
case("a ratio of 0 is refused", manager.submit(page, "/enterprise/assets/new", {**wrong, "parent": ""}).status == 422)
page = next(f for f in forms(page) if f["method"] == "post" and f["action"] == "/enterprise/assets/new")
answer = manager.post("/enterprise/assets/new", {**page["fields"], **wrong, "ratio": "1"})
meter = re.search(r"/enterprise/meters/(\w{13})/upload", answer.path)
case("a new meter asks for its readings", meter is not None, answer.path)
case("the tree shows the meter", "总表" in manager.get("/enterprise/assets").words)
with open(os.path.join(SOURCE, "examples/uci-steel-meter/steel_meter_2018_feb_dec.csv"), "rb") as file:
    readings = file.read()
answer = manager.submit(answer, answer.path, {}, [("file", "steel.csv", readings)])
case("the reading of the real file is proposed with its reasons and its energy", "24:00" in answer.words and
     "goes backwards" in answer.words and "833.3984 MWh" in answer.words and "32,064" in answer.words, answer.words[:1500])
form = next(f for f in forms(answer) if f["action"].endswith("/import"))
case("the midnight trap is seen", form["fields"]["midnight"] == "same_day_label", form["fields"])
answer = manager.post(form["action"], {**form["fields"], "interval": "x", "action": "import"})
case("a field that makes no sense is told", answer.status == 422 and "whole number" in answer.words, answer.words[:400])
answer = manager.post(form["action"], {**form["fields"], "value_column": "7", "multiplier": "6000,x", "header_row": "2",
                                       "action": "import"})
typed = next(f for f in forms(answer) if f["action"].endswith("/import"))["fields"]
case("what was typed of a mapping is kept, also what can't be read", answer.status == 422 and
     (typed["value_column"], typed["multiplier"], typed["header_row"]) == ("7", "6000,x", "2"), typed)
answer = manager.post(form["action"], {**form["fields"], "action": "import"})
case("confirmed, the year's load is shown beside the account", "833.398 MWh" in answer.words and "2018-02" in answer.words and
     "91,497.34 kWh" in answer.words, answer.words[:1500])
case("January is a gap, not a zero", "no data" in answer.words.lower() and "2018-01" in answer.text, answer.words[:600])
where = f"/enterprise/meters/{meter.group(1)}"
month, day = manager.get(where + "?view=month&at=2018-03"), manager.get(where + "?view=day&at=2018-03-05")
case("month and day have their charts and tables", month.text.count("<svg") >= 3 and "2018-03-31" in month.words and
     "96 of 96" in day.words, day.words[:400])
case("a time without readings says so", "No readings in 2019-03" in manager.get(where + "?view=month&at=2019-03").words)
case("a time that is none shows the last readings", manager.get(where + "?view=day&at=%27%22").status == 200)

# ---- people, and strangers ------------------------------------------------------------------------

page = manager.get("/enterprise/people")
case("the page of people says that nobody can approve yet", "Nobody can approve yet" in page.words)
answer = manager.submit(page, "/enterprise/people", {"name": "李审", "login": "approver-11", "role": "enterprise_approver",
                                                     "password": "short"})
case("a short password is refused", answer.status == 422, answer.words[:300])
answer = manager.post("/enterprise/people", {"name": "李审", "login": "approver-11", "role": "enterprise_approver",
                                            "password": PASSWORD})
approver = Session(server)
case("the colleague signs in", approver.sign_in("approver-11").status == 200 and approver.get("/enterprise/data").status == 200)
people = manager.get("/enterprise/people")
case("who chose a password is named beside it", "chose the password" in people.words and "Passwords set by others" in people.words)
person = re.search(r"/enterprise/people/(\w{13})/password", people.text).group(0)
manager.post(person, {"password": PASSWORD}, page="/enterprise/people")
case("a password that a colleague set ends the sessions", approver.get("/enterprise/data").path.startswith("/sign-in"))
approver.sign_in("approver-11")
case("and is told to the person", "has set a new password for 李审" in approver.get("/notices").words)
must("user", "password", "--org", credit_code(11), "--as", "approver-11", data=data, stdin=PASSWORD + "\n")
approver.sign_in("approver-11")
case("the operator's word takes the note away", "chose the password" not in manager.get("/enterprise/people").words and
     "The operator has set a new password for 李审" in approver.get("/notices").words)
case("an approver can't add people", approver.post("/enterprise/people", {"name": "x", "login": "xyz-11",
     "role": "enterprise_manager", "password": PASSWORD}, page="/enterprise/data").status == 403)
case("nor give a role that is no enterprise's", manager.post("/enterprise/people", {"name": "x", "login": "xyz-12",
     "role": "platform_operator", "password": PASSWORD}, page="/enterprise/people").status == 404)
person = re.search(r"/enterprise/people/(\w{13})/active", manager.get("/enterprise/people").text).group(0)
manager.post(person, {"active": "no"}, page="/enterprise/people")
case("a colleague who is deactivated is out at once", approver.get("/enterprise/data").path.startswith("/sign-in"))

# ---- long lists are paged to their end -------------------------------------------------------------

days = "".join(f"{year}-{month:02},burnt,{fuel},{month},t\n" for year in range(2013, 2023) for month in range(1, 13)
               for fuel in ("coke", "anthracite"))
many = upload(manager, "many.csv", (HEAD + days).encode())
case("240 values are taken", sum(counts(many)[:2]) == 240, many.words[:600])
case("of 240 values the first 200 stand on one page, the rest on the next", "1 to 200 of 240" in many.words and
     "201 to 240 of 240" in manager.get(many.path + "?page=2").words, many.words[-900:])
stranger, _ = sign_up(12, "manager-12")
case("another enterprise finds none of it", all(stranger.get(at).status in (403, 404) for at in
     (first, first + "/bytes", first + "/receipt", datum, path, where, where + "/upload")),
     [(at, stranger.get(at).status) for at in (first, first + "/bytes", first + "/receipt", datum, path, where)])
case("nor may it withdraw or import there", stranger.post(first + "/withdraw", {"reason": "x"}, page="/enterprise/data").status
     in (403, 404) and stranger.post(where + "/import", {"draft": "x"}, page="/enterprise/data").status in (403, 404, 409))
case("every page stands in both languages", all(manager.get(at).status == 200 for at in ("/language/zh", "/enterprise/data",
     "/enterprise/data/values?year=2025&show=all", "/enterprise/data/submissions?kind=form", "/enterprise/meters", where,
     "/enterprise/assets", "/enterprise/attachments", "/enterprise/people")))
case("the server is well", server.stop() == 0 and server.complaints() == "", server.said())
done()
