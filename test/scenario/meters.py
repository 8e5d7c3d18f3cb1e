"""A meter whose readings change from a quarter of an hour to an hour and to four hours: load, mean and completeness stay true."""
import json
import re

from tanshu_case import Server, Session, add_enterprise, case, done, forms, must, new_data, place, tanshu, write

data = new_data()
code = add_enterprise(data, 1)
server = Server(data)
manager = Session(server)
manager.sign_in("manager-1")
page = manager.get("/enterprise/assets/new?kind=meter")
form = next(f for f in forms(page) if f["method"] == "post" and f["action"] == "/enterprise/assets/new")
answer = manager.post(form["action"], {**form["fields"], "kind": "meter", "name": "总表", "code": "M1", "medium": "electricity", "unit": "kWh",
                                       "ratio": "1", "reading_day": "0"})
where = re.search(r"/enterprise/meters/\w{13}", answer.path).group(0)
case("a meter without readings says what to do", "No readings yet" in manager.get(where).words)


def import_day(day, minutes, kwh):
    rows = "".join(f"2025-03-{day:02} {at // 60:02}:{at % 60:02},{kwh}\n" for at in range(0, 1440, minutes))
    mapping = ('{"sheet":"","header_row":1,"time_column":"A","value_column":"B","time_format":"Y-m-d H:M","unit":"kWh","value":"energy",'
               f'"interval_minutes":{minutes},"label":"start","midnight":"as_written","multiplier":1,"register_max":0}}')
    must("import", "--org", code, "--meter", "M1", "--mapping", write(place(f"m{day}.json"), mapping), write(place(f"d{day}.csv"), "time,kWh\n" + rows),
         data=data)


import_day(1, 15, 25)    # 100 kW, 2,400 kWh
import_day(2, 60, 80)    # 80 kW, 1,920 kWh
month = manager.get(where + "?view=month&at=2025-03")
tiles = dict(re.findall(r'tile-title">([^<]+)</p>.*?figure-number"[^>]*>([^<]+)<', month.text, re.S))
case("the highest load is that of the finer day", tiles.get("Highest load") == "100", tiles)
case("the mean load is energy over time: 4,320 kWh in 48 h", tiles.get("Mean load") == "90", tiles)
case("nothing is more than complete", tiles.get("Readings present") == "100%" and "120 of 120 intervals" in month.words, tiles)
line = manager.get(where + "?view=year&at=2025")
row = re.search(r"2025-03</a></th>.*?</tr>", line.text, re.S).group(0)
case("so says the month's row", re.search(r'Highest load"><span.*?>100<', row, re.S) is not None, row)

import_day(3, 240, 200)  # 50 kW, 1,200 kWh
month = manager.get(where + "?view=month&at=2025-03")
cells = {day: re.findall(r"<td[^>]*>([^<]*)</td>", rest) for day, rest in re.findall(r"<tr><th[^>]*>(03-0[123])</th>(.*?)</tr>", month.text, re.S)}
case("every hour of a day has its load, however long its intervals are", {day: sorted(set(c)) for day, c in cells.items()} ==
     {"03-01": ["100.0"], "03-02": ["80.0"], "03-03": ["50.0"]} and all(len(c) == 24 for c in cells.values()), cells)
day = manager.get(where + "?view=day&at=2025-03-01")
points = re.findall(r"<tr><th[^>]*>(\d\d:\d\d)</th><td[^>]*>([^<]*)</td>", day.text)
case("a day of quarters stands at its times although later days are coarser", len(points) == 96 and points[95] == ("23:45", "100.00"), points[-3:])
year = manager.get(where + "?view=year&at=2025")  # Monday 3 March 2025 is the day of four hours
monday = re.search(r"<tr><th[^>]*>Monday</th>(.*?)</tr>", year.text, re.S)
case("the week's carpet spreads four hours over four", monday is not None and
     set(re.findall(r"<td[^>]*>([^<]*)</td>", monday.group(1))) == {"50.0"}, monday and monday.group(0))
listed = manager.get("/enterprise/meters").words
case("the list says how often it reads and what it measured in all", "5.52 MWh" in listed, listed)

import_day(5, 15, 25)
listing = tanshu("withdraw", "--org", code, "--format", "json", data=data).stdout
newest = next(row for row in json.loads(listing) if "d5.csv" in json.dumps(row))
must("withdraw", "--org", code, newest["submission"], "--reason", "the wrong meter", data=data)
month, day = manager.get(where + "?view=month&at=2025-03"), manager.get(where + "?view=day&at=2025-03-05")
case("a day whose file was withdrawn has no readings", "2025-03-05" not in month.words and "No readings in 2025-03-05" in day.words, day.words)
case("what was withdrawn stays readable", "Versions of this day" in day.words and "2,400 kWh" in day.words and "96 / 96" in day.words and
     "withdrawn" in day.words, day.words)
done()
