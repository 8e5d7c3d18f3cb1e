"""tables.py SOURCE: what holds for every row of tables/factors and tables/energy, read without the engine. Prints TAP.

No fuel or material holds more carbon than its chemistry allows, unless its row says so or is off; what is unsure is off
and says what would settle it; a value says how good a default it is, in a word of tables/credit/tiers.csv; a row that is on names where it comes from; shares are shares; one key has one value on a
day; the standard coal of a fuel agrees with its calorific value.
"""
import csv
import os
import sys
from collections import defaultdict

from tap import finish, result

SOURCE = os.path.abspath(sys.argv[1])
# tC per tonne: pure carbon, CH2 with a little less hydrogen, propane and butane, methane with its heavier company.
CEILINGS = {"solid": 1.0, "liquid": 0.923, "lpg": 0.857, "lng": 0.800, "gas": 0.857}
# tC per 1e4 Nm3: 12 x 10 / 22.4 per carbon atom of a molecule. Natural gas has little beyond methane and ethane; coal
# gases hold at most one carbon atom per molecule.
ATOM = 12 * 10 / 22.4
NATURAL_GAS = 1.2 * ATOM
UNITS_OF_MASS = {"t"}


def rows(folder, name):
    with open(os.path.join(SOURCE, "tables", folder, name), encoding="utf-8") as file:
        for line, row in enumerate(csv.DictReader(file), 2):
            yield {key.split(" : ")[0]: value for key, value in row.items()} | {"": f"{folder}/{name}:{line} {row['id']}"}


def tables():
    for folder in ("factors", "energy"):
        for name in sorted(os.listdir(os.path.join(SOURCE, "tables", folder))):
            if name.endswith(".csv"):
                yield folder, name


def is_on(row):
    return row.get("enabled", "") != "false"


def ceiling(row):
    if row["unit"] in UNITS_OF_MASS:
        return CEILINGS.get(row["id"], CEILINGS[row["state"]])
    return NATURAL_GAS * 273.15 / 293.15 if row["unit"] == "1e4 m3" else \
        NATURAL_GAS if row["id"] == "natural_gas" else 2 * ATOM if "oil" in row["id"] or row["id"] == "refinery_gas" else ATOM


def check_fuels():
    problems, count = [], 0
    for row in rows("factors", "fuels.csv"):
        count += 1
        carbon = float(row["ncv"]) * float(row["carbon"])
        if carbon > ceiling(row) and is_on(row) and "ceiling" not in row["note"] and "pure methane" not in row["note"]:
            problems.append(f"{row['']}, family {row['family']}: {carbon:.4f} tC/{row['unit']} is more than {ceiling(row):.3f}")
    result("no fuel holds more carbon than its chemistry allows", problems or ([] if count >= 150 else [f"{count} fuels"]))


def check_materials():
    problems, count = [], 0
    for row in rows("factors", "carbon-content.csv"):
        if row["carbon"] == "":
            continue
        count += 1
        most = 0.923 if row["use"] == "coking_by_product" else 1.0 if row["unit"] == "t" else ATOM
        if not 0 < float(row["carbon"]) <= most + 1e-9 and "ceiling" not in row["note"]:
            problems.append(f"{row['']}: {row['carbon']} tC/{row['unit']}")
    for row in rows("factors", "materials.csv"):
        count += 1
        if not 0 < float(row["factor"]) <= 44 / 12:
            problems.append(f"{row['']}: {row['factor']} tCO2/t")
    for row in rows("energy", "steel-steps.csv"):
        count += 1
        most = 1.0 if row["unit"] == "t" else NATURAL_GAS if row["carrier"] == "natural_gas" else ATOM
        if not 0 <= float(row["carbon"]) <= most:
            problems.append(f"{row['']}: {row['carbon']} tC/{row['unit']}")
    result("no material holds more carbon than its chemistry allows", problems or ([] if count >= 200 else [f"{count} rows"]))


def check_unsure():
    problems, unsure = [], 0
    for folder, name in tables():
        for row in rows(folder, name):
            if row.get("confidence", "") != "?":
                continue
            unsure += 1
            if is_on(row):
                problems.append(f"{row['']} is unsure and not off")
            elif len(row["note"]) < 8:
                problems.append(f"{row['']} does not say what would settle it")
    result("what is unsure is off and says why", problems or ([] if unsure >= 30 else [f"only {unsure} such rows"]))


def check_sources():
    problems = []
    for folder, name in tables():
        for row in rows(folder, name):
            if is_on(row) and row.get("confidence") not in ("P", "derived") and not row["document"]:
                problems.append(f"{row['']} names no document")
            if is_on(row) and not row.get("confidence"):
                problems.append(f"{row['']} has no confidence")
    result("a row that is on says where it comes from and how sure it is", problems)


def check_shares():
    problems = []
    shares = {"fuels.csv": ["oxidation"], "oxidation.csv": ["oxidation"], "n2o.csv": ["removal"], "mcf.csv": ["mcf"],
              "alternative-fuels.csv": ["fossil_share"],
              "etching-gases.csv": ["utilised", "collected", "destroyed", "cf4", "c2f6", "c3f8"],
              "incineration.csv": ["carbon", "fossil", "burnt"], "landfill.csv": ["doc"], "domestic-water.csv": ["mcf"]}
    for name, columns in shares.items():
        for row in rows("factors", name):
            for column in columns:
                if row[column] and not 0 <= float(row[column]) <= 1:
                    problems.append(f"{row['']}: {column} is {row[column]}")
    for row in rows("factors", "process.csv"):
        if row["unit"] == "1" and "accident" not in row["id"] and not row["name_en"].startswith("Factor of") \
                and not 0 <= float(row["value"]) <= 1:
            problems.append(f"{row['']}: {row['value']}")
    for folder, name in tables():
        for row in rows(folder, name):
            if row.get("uncertainty") and not 0 <= float(row["uncertainty"]) <= 2:
                problems.append(f"{row['']}: uncertainty {row['uncertainty']}")
    result("shares lie between 0 and 1", problems)


def check_keys():
    problems, seen = [], defaultdict(list)
    for name, group in (("fuels.csv", "family"), ("materials.csv", "use"), ("process.csv", "use"), ("carbon-content.csv", "use"),
                        ("n2o.csv", "use"), ("gwp.csv", "report"), ("oxidation.csv", None), ("oil-gas-facilities.csv", None),
                        ("reductants.csv", None), ("etching-gases.csv", None), ("filling-gases.csv", None),
                        ("vehicles.csv", None), ("incineration.csv", None), ("landfill.csv", None), ("domestic-water.csv", None)):
        for row in rows("factors", name):
            if is_on(row):
                seen[name, row["id"], row[group] if group else ""].append(row)
    for (name, key, group), same in seen.items():
        days = sorted((row["valid_from"] or "0", row["valid_to"] or "9") for row in same)
        if any(later[0] <= earlier[1] for earlier, later in zip(days, days[1:])):
            problems.append(f"factors/{name}: {key} ({group}) has {len(same)} values on one day")
    result("one key has one value on a day", problems)


def check_standard_coal():
    """Within 15 %: the standard's reference calorific values are not the guidelines'."""
    problems, count = [], 0
    coal = {row["id"]: row for row in rows("energy", "standard-coal.csv")}
    for row in rows("factors", "fuels.csv"):
        other = coal.get(row["id"])
        if row["family"] != "A" or other is None or row["unit"] != other["unit"]:
            continue
        count += 1
        ratio = float(row["ncv"]) / 29.3076 / float(other["coefficient"])
        if not 0.85 < ratio < 1.15:
            problems.append(f"{row['']}: {float(row['ncv']) / 29.3076:.4f} tce by its calorific value, {other['coefficient']} in the table")
    for row in rows("energy", "steel-steps.csv"):
        if row["ncv"] and not 0.85 < float(row["ncv"]) / 29.3076 / float(row["coefficient"]) < 1.15:
            problems.append(f"{row['']}: {row['ncv']} GJ against {row['coefficient']} tce")
    result("standard coal agrees with calorific values", problems or ([] if count >= 15 else [f"only {count} compared"]))


def check_potentials():
    """A table that repeats a warming potential repeats the one of the second report, or of the first that holds the gas."""
    problems, count, first = [], 0, {}
    for report in ("SAR", "AR4", "AR5"):
        for row in rows("factors", "gwp.csv"):
            if row["report"] == report:
                first.setdefault(row["gas"], float(row["value"]))
    for name in ("etching-gases.csv", "filling-gases.csv"):
        for row in rows("factors", name):
            count += row["gas"] in first
            if row["gas"] in first and float(row["gwp"]) != first[row["gas"]]:
                problems.append(f"{row['']}: {row['gwp']}, gwp.csv has {first[row['gas']]}")
    result("warming potentials agree with their table", problems or ([] if count >= 20 else [f"only {count} compared"]))


def check_tiers():
    """Every value of a factor has a tier; the tiers are in order, the surest first; some rows are sure to be of one."""
    problems, count = [], 0
    tiers = {row["id"]: float(row["usual"]) for row in rows("credit", "tiers.csv")}
    if list(tiers.values()) != sorted([tiers["measured"], *list(tiers.values())[1:]], key=lambda half: (half != tiers["measured"], half)):
        problems.append(f"tiers.csv is not in order: {tiers}")
    for folder, name in tables():
        if folder != "factors" and name not in ("electricity.csv", "heat.csv", "standard-coal.csv", "steel-steps.csv"):
            continue
        with open(os.path.join(SOURCE, "tables", folder, name), encoding="utf-8") as file:
            heads = [head.strip() for head in next(csv.reader(file))]
        if "tier" not in heads:
            problems.append(f"{folder}/{name} has no column tier")
            continue
        numbers = [head.split(" : ")[0] for head in heads if " : " in head and not head.startswith("uncertainty")
                   and (head.split(" : ")[1] not in ("unit", "flag", "date") or head.startswith("value"))]
        for row in rows(folder, name):
            has_value = any(row[number] for number in numbers)
            count += has_value
            expected = "definition" if name == "gwp.csv" else "international" if row["publisher"] in ("IPCC", "BEIS, DEFRA") \
                and name != "refrigerants.csv" else "official" if row["id"] in ("national_2022", "shandong_2023") else row["tier"]
            if has_value != bool(row["tier"]) or (row["tier"] and row["tier"] not in tiers) or has_value and row["tier"] != expected:
                problems.append(f"{row['']}: tier {row['tier']!r}")
    result("every default says of which tier it is", problems or ([] if count >= 3300 else [f"only {count} values"]))


def check_published_potentials():
    """Each potential of a report is the published one; PFC-318 is c-C4F8 there. Carbon dioxide is 1 by definition."""
    problems, count = [], 0
    with open(os.path.join(SOURCE, "test", "vectors", "gwp", "globalwarmingpotentials.csv"), encoding="utf-8") as file:
        published = {row["Species"]: row for row in csv.DictReader(line for line in file if not line.startswith("#"))}
    for row in rows("factors", "gwp.csv"):
        if row["report"] not in ("SAR", "AR4", "AR5", "AR6"):
            continue
        count += 1
        species = published.get({"PFC318": "cC4F8"}.get(row["gas"], row["gas"]), {})
        wanted = "1" if row["gas"] == "CO2" else species.get(row["report"] + "GWP100", "")
        if not wanted or float(row["value"]) != float(wanted):
            problems.append(f"{row['']}: {row['value']}, published {wanted or 'nothing'}")
    result("warming potentials are the published ones", problems or ([] if count >= 100 else [f"only {count} compared"]))


def check_margins():
    """Combined margins: 0.75 operating and 0.25 build for wind and solar, half and half for others, to the last digit."""
    problems, count = [], 0
    for row in rows("factors", "combined-margin.csv"):
        count += 1
        om, bm = float(row["om"]), float(row["bm"])
        for column, wanted in (("cm_wind_solar", 0.75 * om + 0.25 * bm), ("cm_other", 0.5 * om + 0.5 * bm)):
            if abs(float(row[column]) - wanted) > 0.000051:
                problems.append(f"{row['']}: {column} {row[column]}, of its parts {wanted:.5f}")
    result("combined margins follow from their parts", problems or ([] if count >= 6 else [f"only {count} grids"]))


check_fuels()
check_margins()
check_tiers()
check_materials()
check_unsure()
check_sources()
check_shares()
check_keys()
check_standard_coal()
check_potentials()
check_published_potentials()
finish()
