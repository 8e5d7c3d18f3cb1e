"""The tables of factors hold together: sums of gases, blends from their gases, copies from what they name,
sources and tags. Run in the source folder; prints TAP."""
import csv
import os
import re

from tap import finish, result

TABLES = os.path.join(os.environ.get("TANSHU_SOURCE", "."), "tables")
FOLDER = os.path.join(TABLES, "factors")
SOURCE = ["publisher", "document", "clause", "published_on", "valid_from", "valid_to", "scheme",
          "report_year", "uncertainty", "confidence", "enabled", "note"]


def rows(name):
    with open(os.path.join(FOLDER, name), newline="", encoding="utf-8") as file:
        return [{key.split(" : ")[0]: value for key, value in row.items()} for row in csv.DictReader(file)]


def sums_of_gases(table):
    """All four columns are there in 1,245 groups of the published file; in each CO2e is their sum."""
    whole = [row for row in table if all(row[gas] for gas in ("co2e", "co2", "ch4", "n2o"))]
    wrong = [f"{len(whole)} rows with all gases, 1245 are published"] if len(whole) != 1245 else []
    for row in whole:
        total, parts = float(row["co2e"]), sum(float(row[gas]) for gas in ("co2", "ch4", "n2o"))
        if abs(total - parts) > max(2e-5, 1e-4 * total):
            wrong.append(f"{row['id']}: {total} is not {parts}")
    return wrong


def published_values(table):
    """Values anybody finds in the published file of 2020."""
    known = {"UK electricity: Electricity generated, Electricity: UK (kWh)": (0.23314, 0.23104, 0.00072, 0.00138),
             "Fuels: Gaseous fuels, Natural gas, Volume (cubic metres)": (2.02266, None, None, None)}
    found = {row["name_en"]: row for row in table}
    wrong = []
    for name, values in known.items():
        for gas, value in zip(("co2e", "co2", "ch4", "n2o"), values):
            if value is not None and abs(float(found[name][gas]) - value) > 1e-9:
                wrong.append(f"{name}: {gas} {found[name][gas]}, published {value}")
    return wrong


def blends():
    potential = {(row["gas"], row["report"]): float(row["value"]) for row in rows("gwp.csv")}
    wrong = []
    for row in rows("refrigerants.csv"):
        if row["enabled"] != "true":
            continue
        parts = [(float(share) / 100, gas) for share, gas in re.findall(r"([\d.]+) % (\w+)", row["note"])]
        if not parts:
            gas = {"r22": "HCFC22", "r744": "CO2"}.get(row["id"], "HFC" + row["id"][1:])
            parts = [(1.0, gas)]
        if abs(sum(share for share, _ in parts) - 1) > 1e-12:
            wrong.append(f"{row['id']}: shares do not sum to 1")
        for report in ("AR4", "AR5", "AR6"):
            value = sum(share * potential[gas, report] for share, gas in parts)
            if abs(value - float(row[report.lower()])) > 1e-6:
                wrong.append(f"{row['id']} {report}: {row[report.lower()]}, from its gases {value}")
    return wrong


def copies(table):
    """What transport.csv and waste.csv copy from the UK table is what stands there."""
    found = {row["id"]: row["co2e"] for row in table}
    wrong, count = [], 0
    for name in ("transport.csv", "waste.csv"):
        for row in rows(name):
            if row["uk"]:
                count += 1
                told = re.search(r"uk: row (\w+) of uk-2020.csv", row["note"])
                if told is None or found.get(told.group(1)) != row["uk"]:
                    wrong.append(f"{name} {row['id']}: {row['uk']}")
    return wrong + ([] if count >= 15 else [f"only {count} copies"])


def burnt_waste():
    """CO2 of a tonne burnt is carbon x fossil share x burn-out x 44/12, as incineration.csv has the fractions."""
    fractions = {row["id"]: row for row in rows("incineration.csv")}
    wrong = []
    for row in rows("waste.csv"):
        parts = fractions.get({"incineration_msw": "municipal", "incineration_hazardous": "hazardous"}.get(row["id"]))
        if parts is not None:
            value = float(parts["carbon"]) * float(parts["fossil"]) * float(parts["burnt"]) * 44 / 12
            if abs(value - float(row["co2"])) > 1e-11:
                wrong.append(f"{row['id']}: {row['co2']}, from its fractions {value}")
    return wrong


def sources():
    wrong = []
    for name in sorted(os.listdir(FOLDER)):
        if not name.endswith(".csv"):
            continue
        for row in rows(name):
            lacking = [column for column in SOURCE if column not in row]
            if lacking:
                wrong.append(f"{name}: no column {lacking}")
                break
            if row["confidence"] == "?" and row["enabled"] != "false":
                wrong.append(f"{name} {row['id']}: unsure, but enabled")
            if row["confidence"] == "?" and not row["note"]:
                wrong.append(f"{name} {row['id']}: unsure, and nothing says what would confirm it")
    return wrong


def pieces(text):
    """Parted by "; " and by ". " before a letter, outside brackets."""
    parts, depth, start = [], 0, 0
    for at, here in enumerate(text):
        depth += (here in "([") - (here in ")]")
        if depth <= 0 and (text[at:at + 2] == "; " or re.match(r"\. [A-Za-z]", text[at:at + 3])):
            parts.append(text[start:at].strip())
            start = at + 2
    return parts + [text[start:].strip()]


def all_tables():
    """Every row of every table that people search, with its table and the head of each column."""
    for folder in sorted(os.listdir(TABLES)):
        for name in sorted(os.listdir(os.path.join(TABLES, folder))):
            if name.endswith(".csv"):
                with open(os.path.join(TABLES, folder, name), newline="", encoding="utf-8") as file:
                    table = csv.DictReader(file)
                    if "id" in table.fieldnames:
                        for row in table:
                            yield f"{folder}/{name}", row


def words(name):
    with open(os.path.join(TABLES, "words", name), newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def model_texts():
    """Sources and clauses that the shipped models state."""
    folder = os.path.join(os.path.dirname(TABLES), "models")
    for path in sorted(os.path.join(at, name) for at, _, names in os.walk(folder) for name in names if name.endswith(".model")):
        with open(path, encoding="utf-8") as file:
            for text in re.findall(r'(?:^\s*source|clause)\s+"([^"]*)"', re.sub(r"(?m)^#.*$", "", file.read()), re.M):
                yield os.path.basename(path), text


def remarks():
    """Notes, documents, clauses and publishers, sources and clauses of models have their Chinese, and no Chinese stands for nothing."""
    known, wrong, used = {row["en"]: row["zh"] for row in words("texts.csv")}, [], set()
    for table, row in all_tables():
        for column in ("note", "document", "clause", "publisher"):
            text = row.get(column, "") or ""
            for piece in [text] if text in known else pieces(text):
                used.add(piece)
                if piece not in known and column == "note" and re.search("[A-Za-z][a-z]|[a-z][A-Za-z]", piece):
                    wrong.append(f"{table} {row['id']}: no Chinese for {piece!r}")
    for name, text in model_texts():
        for piece in [text] if text in known else pieces(text):
            used.add(piece)
            if piece not in known and re.search("[a-z]{3}", piece) and not re.search("[\u4e00-\u9fff]", piece):
                wrong.append(f"{name}: no Chinese for {piece!r}")
    wrong += [f"texts.csv: {text!r} stands in no table or model" for text in known if text not in used]
    wrong += [f"texts.csv: {text!r} has no Chinese character" for text, zh in known.items()
              if re.search("[a-z]{5}", text) and not re.search("[\u4e00-\u9fff]", zh)]
    return wrong + ([] if len(known) >= 600 else [f"only {len(known)} texts"])


def column_words():
    """Every column of numbers and every code of a closed set has a word; no word twice, none unused."""
    known, wrong, seen = set(), [], set()
    for row in words("columns.csv"):
        key = row["table"], row["column"], row["value"]
        wrong += [f"columns.csv: {key} twice"] if key in known else []
        wrong += [f"columns.csv: {key} lacks a language"] if not row["en"] or not row["zh"] else []
        known.add(key)
    open_sets = {"code", "division", "parent", "industry", "item", "standard", "section", "dimension", "rule", "grade",
                 "uk_scope", "uom", "gas", "report", "family", "grade_required", "category"}
    for table in sorted({table for table, _ in all_tables()}):
        wrong += [] if (table, "", "") in known else [f"{table}: no title"]
    for table, row in all_tables():
        for head, text in row.items():
            column, _, unit = head.partition(" : ")
            value = unit not in ("", "flag", "date", "unit") or column == "value"
            if (table, column) not in seen and ("", column, "") not in known and (value or not unit) and not column.startswith("uncertainty_"):
                wrong.append(f"{table}: no word for the column {column}")
            seen.add((table, column))
            remark = column in ("id", "name", "name_en", "name_zh", "publisher", "document", "clause", "report_year", "data_year",
                                "note", "area", "ref_standard", "unit", "price_year", "tax", "scheme", "enabled", "distribution", "tier")
            number = re.fullmatch(r"[\d.]*", text or "")
            if unit in ("", "flag") and text and not number and not remark and column not in open_sets and ("", column, text) not in known:
                wrong.append(f"{table} {row['id']}: no word for {column} = {text}")
    return wrong + ([] if len(known) >= 200 else [f"only {len(known)} words"])


uk = rows("uk-2020.csv")
result("every remark is there in Chinese", remarks())
result("every column and code has its words", column_words())
result("UK 2020: CO2e is the sum of its gases in all 1,245 groups", sums_of_gases(uk))
result("UK 2020: known values", published_values(uk))
result("UK 2020: every id once", [] if len({row["id"] for row in uk}) == len(uk) else ["an id twice"])
result("refrigerants are the mixture of their gases", blends())
result("waste burnt agrees with its fractions", burnt_waste())
result("copies of UK values name their row", copies(uk))
result("every row has its source, unsure rows are off", sources())
finish()
