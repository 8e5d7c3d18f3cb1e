"""The tables of factors hold together: sums of gases, blends from their gases, copies from what they name,
sources and tags. Run in the source folder; prints TAP."""
import csv
import os
import re

from tap import finish, result

FOLDER = os.path.join(os.environ.get("TANSHU_SOURCE", "."), "tables", "factors")
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


uk = rows("uk-2020.csv")
result("UK 2020: CO2e is the sum of its gases in all 1,245 groups", sums_of_gases(uk))
result("UK 2020: known values", published_values(uk))
result("UK 2020: every id once", [] if len({row["id"] for row in uk}) == len(uk) else ["an id twice"])
result("refrigerants are the mixture of their gases", blends())
result("waste burnt agrees with its fractions", burnt_waste())
result("copies of UK values name their row", copies(uk))
result("every row has its source, unsure rows are off", sources())
finish()
