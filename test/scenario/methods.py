"""The page of a method: what it asks for by weight, the template, and the worked case opened, changed and refused, by nobody."""
import io
import re
import zipfile

from tanshu_case import Server, Session, case, done, forms, must, new_data

CASE = "/methods/ghg.steel/case"
server = Server(new_data())
visitor, reader = Session(server), Session(server, lang="zh")

page = visitor.get("/methods/ghg.steel?version=2013.1")
# Worked case 03: fuel 2126751.861245, electricity 265290, flux 53730 of 2429867.261245 t, so 1 % more makes 0.875, 0.109, 0.0221 %.
rows = re.findall(r'<span class="quiet small code">(\w+)</span></th>.*?1 % more makes"><span>([^<]*)', page.text, re.S)
case("what weighs most stands first, with the share that 1 % moves", [r for r in rows[:3]] ==
     [("burnt", "+0.875 %"), ("electricity_purchased", "+0.109 %"), ("flux_used", "+0.0221 %")], rows[:4])
case("what happens without it is told", "'Total' stays unknown." in page.words and "0 MWh counts." in page.words)
chinese = reader.get("/methods/ghg.steel?version=2013.1")
case("in Chinese too", "“排放总量”未知。" in chinese.words and "未填的种类视为未使用。" in chinese.words)

template = visitor.get("/methods/ghg.steel/template?version=2013.1")
sheets = zipfile.ZipFile(io.BytesIO(template.body)).namelist() if template.body[:2] == b"PK" else []
case("the template is a workbook", template.status == 200 and "xl/workbook.xml" in sheets, sheets)

groups = visitor.get("/methods").words
case("inventories, portfolios and footprints stand under their own headings",
     all(w in groups for w in ("Inventories of an organisation", "Financed emissions", "Product carbon footprint")) and "Other rules" not in groups)

opened = visitor.get(f"{CASE}?version=2013.1")
case("nobody can open the worked case", opened.status == 200 and "2,429,867.3" in opened.words)
form = next((f for f in forms(opened) if f["action"] == CASE), {"fields": {}})
power = next((n for n, v in form["fields"].items() if v == "300000"), "v:none")


def post(changes):
    return visitor.post(CASE, {**form["fields"], **changes}, page=f"{CASE}?version=2013.1")


# 310,000 MWh x 0.8843 t/MWh = 274,133 t; 8,843 t more in all.
answer = post({power: "310,000"})
case("a changed value is computed", answer.status == 200 and "274,133" in answer.words and "2,438,710.3" in answer.words, answer.words[:600])
case("and stays in its field", 'value="310,000"' in answer.text)
case("with its explanation", "lookup(grid.factor" in answer.words)
case("another result can be explained", "flux_used * flux.factor" in post({"explain": "1:0"}).words)
answer = post({power: "<b>viel</b>"})
case("what is no number is refused at its field, escaped", answer.status == 422 and "found \"<b>viel</b>\"" in answer.words and "<b>viel" not in answer.text, answer.words[:600])
case("what is out of range is refused", post({power: "-1"}).status == 422)
case("a total that rests on nothing known is not made up", "Not known" in post({power: ""}).words)
answer = visitor.request("POST", CASE, b"version=2013.1&case=1", {"Content-Type": "application/x-www-form-urlencoded"})
case("a form without its token is refused", answer.status == 403, answer.status)
case("a case that is not there: 404", visitor.get(f"{CASE}?version=2013.1&case=99").status == 404)
for path in ("/methods/ghg.steel?version=1999", f"{CASE}?version=1999", "/methods/ghg.steel/file?version=1999", "/methods/ghg.stell/case"):
    case(f"no other version in the place of one that is not there: {path}", visitor.get(path).status == 404)
case("a long value is cut, not computed", post({power: "1" * 5000}).status in (200, 422))

tables = sorted(set(re.findall(r'href="(/tables/[^"]+)"', visitor.get("/methods").text)))
dead = [t for t in tables if visitor.get(t).status != 200]
case("every table that is listed opens", len(tables) > 40 and not dead, dead)
shown = re.findall(r'<li><a href="/tables/[^"]+">([^<]+)</a>', reader.get("/methods").text)
case("tables are called in Chinese", len(shown) == len(tables) and all(re.search("[\u4e00-\u9fff]", s.split("：")[-1]) for s in shown),
     [s for s in shown if not re.search("[\u4e00-\u9fff]", s.split("：")[-1])])
used = visitor.get("/methods/ghg.inventory").text
case("a model that uses others leads to them", 'href="/methods/ghg.inventory_scope1' in used and "/tables/use" not in used)
names = sorted(set(re.findall(r'href="(/methods/[^"/?]+\?version=[^"]+)"', visitor.get("/methods").text)))
wrong = [n for n in names if visitor.get(n.replace("?", "/case?").replace("&amp;", "&")).status != 200]
case("every model's worked case opens", len(names) > 45 and not wrong, wrong)
done()
