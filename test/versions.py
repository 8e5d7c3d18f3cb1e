"""versions.py SOURCE TANSHU: one plant under two versions of its rule differs by the factors that changed, and by
nothing else. The difference is computed here from the rows of tables/, term by term. Prints TAP."""
import csv
import io
import os
import subprocess
import sys
import tempfile
from fractions import Fraction as F

from tap import finish, result

SOURCE, TANSHU = os.path.abspath(sys.argv[1]), os.path.abspath(sys.argv[2])
C = F(44, 12)


def table(name, **where):
    """Rows that are on, by id."""
    with open(os.path.join(SOURCE, "tables", "factors", name), encoding="utf-8") as file:
        rows = [{key.split(" : ")[0]: value for key, value in row.items()} for row in csv.DictReader(file)]
    return {row["id"]: row for row in rows
            if row["enabled"] != "false" and all(row[key] == value for key, value in where.items())}


def run(model, inputs):
    """The numbers of a model's outputs for one plant at the end of 2024."""
    with tempfile.TemporaryDirectory() as place:
        path = os.path.join(place, "plant.csv")
        with open(path, "w", encoding="utf-8", newline="") as file:
            out = csv.writer(file)
            out.writerow(["entity", "period", "input", "key", "value", "unit"])
            for name, value in {"region": "north", **inputs}.items():
                if value is None:
                    continue
                name, _, key = name.partition("[")
                amount, _, unit = value.partition(" ")
                out.writerow(["plant", "2024", name, key.rstrip("]"), amount, unit])
        done = subprocess.run([TANSHU, "model", "run", model, "--input", path, "--format", "csv", "--on", "2024-12-31"],
                              cwd=SOURCE, capture_output=True, text=True, timeout=120)
    if done.returncode != 0:
        raise SystemExit(f"Bail out! {model}: {done.stdout}{done.stderr}")
    return next(csv.DictReader(io.StringIO(done.stdout)))


def same(name, found, wanted):
    right = abs(found - float(wanted)) <= 1e-9 * max(1, abs(float(wanted)))
    result(name, [] if right else [f"found {found!r}, the factors give {float(wanted)!r}"])


def number_of(found, *names):
    return sum(float(found[name]) for name in names)


def fuel(row, amount, oxidation=None):
    return F(amount) * F(row["ncv"]) * F(row["carbon"]) * F(oxidation or row["oxidation"]) * C


def steel():
    before, after = table("fuels.csv", family="A"), table("fuels.csv", family="F")
    burnt = {"washed_coal": 800000, "bituminous": 200000, "coke": 1000, "diesel": 500, "natural_gas": 500}
    inputs = {f"burnt[{key}]": f"{value} {'1e4 Nm3' if key == 'natural_gas' else 't'}" for key, value in burnt.items()}
    inputs |= {"flux_used[limestone]": "90000 t", "flux_used[dolomite]": "30000 t", "electrode_used[electrode]": "800 t",
               "raw_bought[pig_iron]": "20000 t", "raw_bought[ferrochrome]": "5000 t", "fixed_output[crude_steel]": "1000000 t",
               "fixed_output[pig_iron]": "3000 t", "electricity_purchased": "300000 MWh", "heat_purchased": "50000 GJ"}
    old, new = run("ghg.steel", inputs), run("ghg.steel_ets", inputs)
    same("steel: combustion differs by calorific value, carbon and oxidation of each fuel",
         number_of(new, "scope1_fuel") - number_of(old, "scope1_fuel"),
         sum(fuel(after[key], value) - fuel(before[key], value) for key, value in burnt.items()))
    alloy = F(table("materials.csv", use="steel_2024_raw")["ferrochrome"]["factor"]) \
        - F(table("materials.csv", use="steel_raw")["ferrochrome"]["factor"])
    same("steel: the process differs by ferrochrome alone",
         number_of(new, "scope1_process") - number_of(old, "scope1_process"), 5000 * alloy)
    for name in ("scope1_fixed", "scope2_electricity", "scope2_heat"):
        same(f"steel: {name} is the same", number_of(new, name) - number_of(old, name), 0)
    same("steel: what is surrendered leaves electricity and heat out",
         number_of(new, "total_full") - number_of(new, "total_compliance"),
         F(number_of(new, "scope2_electricity", "scope2_heat")))


def aluminium():
    before, after = table("process.csv", use="aluminium_2013"), table("process.csv", use="aluminium_2024")
    metal, anode = 200000, 100000
    common = {"aluminium": f"{metal} t", "electricity_purchased": "2700000 MWh", "burnt[diesel]": "1000 t"}
    old = run("ghg.aluminium", common | {"limestone": "1000 t"})
    new = run("ghg.aluminium_ets", common | {"anode_used": f"{anode} t", "carbonate_used[limestone]": "1000 t"})
    warming = {report: {row["gas"]: F(row["value"]) for row in table("gwp.csv", report=report).values()} for report in ("SAR", "AR5")}
    pfc = sum(metal * (F(after[gas.lower()]["value"]) * warming["AR5"][gas] - F(before[gas.lower()]["value"]) * warming["SAR"][gas])
              for gas in ("CF4", "C2F6")) / 1000
    same("aluminium: the anode effect differs by factors and warming potentials",
         number_of(new, "scope1_pfc") - number_of(old, "scope1_pfc"), pfc)
    pure = 1 - F(after["anode_sulphur"]["value"]) - F(after["anode_ash"]["value"])
    same("aluminium: the anode is metered instead of taken per tonne of metal",
         number_of(new, "scope1_anode") - number_of(old, "scope1_anode"),
         (anode * (1 - F(after["anode_loss"]["value"])) - metal * F(before["anode_net"]["value"])) * pure * C)
    lime = F(table("materials.csv", use="aluminium_2024_carbonate")["limestone"]["factor"]) \
        - F(table("materials.csv", use="aluminium")["limestone"]["factor"])
    same("aluminium: limestone by its factor", number_of(new, "scope1_process") - number_of(old, "scope1_process"), 1000 * lime)
    same("aluminium: diesel is the same", number_of(new, "scope1_fuel") - number_of(old, "scope1_fuel"),
         fuel(table("fuels.csv", family="E")["diesel"], 1000) - fuel(table("fuels.csv", family="A")["diesel"], 1000))


def cement():
    kiln = F(table("oxidation.csv")["cement_kiln"]["oxidation"])
    old = run("ghg.cement", {"burnt[bituminous]": "150000 t", "clinker": "1000000 t", "clinker_cao": "0.655", "clinker_mgo": "0.015",
                             "raw_meal": "1550000 t", "electricity_purchased": "60000 MWh", "waste_burnt[waste_tyres]": "2000 t"})
    new = run("ghg.cement_ets", {"burnt[bituminous]": "150000 t", "clinker_made[portland]": "1000000 t",
                                 "electricity_purchased": "60000 MWh", "waste_burnt[waste_tyres]": "2000 t"})
    same("cement: combustion differs by calorific value, carbon and oxidation",
         number_of(new, "scope1_fuel") - number_of(old, "scope1_fuel"),
         fuel(table("fuels.csv", family="E")["bituminous"], 150000, kiln) - fuel(table("fuels.csv", family="B")["bituminous"], 150000))
    same("cement: clinker by one factor instead of its oxides",
         number_of(new, "scope1_process") - number_of(old, "scope1_process"),
         1000000 * (F(table("materials.csv", use="clinker_2024")["portland"]["factor"]) - F("0.655") * F(44, 56) - F("0.015") * F(44, 40)))
    same("cement: waste is the same, on the full basis", number_of(new, "scope1_waste") - number_of(old, "scope1_waste"), 0)
    same("cement: what is surrendered holds neither waste nor electricity",
         number_of(new, "total_full") - number_of(new, "total_compliance"),
         F(number_of(new, "scope1_waste", "scope2_electricity", "scope2_heat")))


def power():
    """Coal of measured calorific value: the facility rule sets a penalty for carbon per heat nobody measured, and a rate of
    oxidation; it leaves desulphurisation out, and takes the nation's grid factor as ordered for the report year."""
    before, after = table("fuels.csv", family="E"), table("fuels.csv", family="E")
    oxidation = table("oxidation.csv")["power_2013_coal"]["oxidation"]
    penalty = table("power-penalty.csv")["conventional"]["carbon"]
    plant = {"burnt[bituminous]": "1000000 t", "ncv_measured[bituminous]": "21 GJ/t", "burnt[diesel]": "200 t",
             "electricity_purchased": "5000 MWh"}
    old = run("ghg.power_company", plant | {"agent[calcium_carbonate]": "30000 t"})
    new = run("ghg.power_facility", plant | {"unit_kind": "conventional", "region": None})
    coal = 1000000 * F(21) * C
    same("power: combustion differs by carbon per heat and oxidation of the coal, and by the diesel row",
         number_of(new, "scope1_fuel") - number_of(old, "scope1_fuel"),
         coal * (F(penalty) * F("0.99") - F(before["bituminous"]["carbon"]) * F(oxidation))
         + fuel(after["diesel"], 200) - fuel(before["diesel"], 200))
    same("power: the facility rule has no desulphurisation",
         sum(float(value or 0) for name, value in new.items() if "desulphurisation" in name) - number_of(old, "scope1_desulphurisation"),
         -30000 * F("0.9") * F(table("materials.csv", use="power_desulphurisation")["calcium_carbonate"]["factor"]))
    grid = table("grid.csv", scheme="ets")["national_ets_2023"]["factor"], table("grid.csv", scheme="account")["north_2023"]["factor"]
    same("power: electricity by the nation's ordered factor instead of the region's",
         number_of(new, "scope2_electricity") - number_of(old, "scope2_electricity"), 5000 * (F(grid[0]) - F(grid[1])))
    same("power: what is surrendered for 2024 leaves purchased electricity out",
         number_of(new, "total_full") - number_of(new, "total_compliance"), F(number_of(new, "scope2_electricity")))


steel()
aluminium()
cement()
power()
finish()
