"""The model bench beside its rivals, in one run: hand-written C (in model_bench itself), NumPy, pandas, SQLite.
usage: model_rivals.py MODEL_BENCH SOURCE FOLDER [ENTERPRISES]
Every rival computes from the same numbers and must come to the same total."""
import csv
import sqlite3
import subprocess
import sys
import time

import numpy as np
import pandas as pd

bench, source, folder = sys.argv[1:4]
count = int(sys.argv[4]) if len(sys.argv) > 4 else 1_000_000
said = subprocess.run([bench, source, str(count), folder], check=True, capture_output=True, text=True).stdout
ours = {}
for line in said.splitlines():
    name, value, *unit = line.split()
    ours[name] = float(value)


def best(work, rounds=5):
    times = []
    for _ in range(rounds):
        start = time.process_time()
        result = work()
        times.append(time.process_time() - start)
    return min(times), result


def same(name, found, wanted):
    if not abs(found - wanted) <= 1e-9 * abs(wanted):
        sys.exit(f"{name}: {found}, the model has {wanted}")


def show(what, rival, ns, mine, aim=""):
    print(f"{what:34} {mine:10.2f} ns   {rival:38} {ns:10.2f} ns   {ns / mine:8.1f} times{aim}")


def show_limit(what, value, unit, limit):
    print(f"{what:34} {value:10.2f} {unit:4} at most {limit} {unit}")


print(f"{count} enterprises; ns of one processor for each enterprise, the best of several")
show("dense, 20 fuels", "C by hand", ours["dense_by_hand"], ours["dense"], "   (at least 0.67)")
show("sparse, 4 of 40 fuels", "C by hand", ours["sparse_by_hand"], ours["sparse"], "   (at least 0.5)")

# ---- the same sum
q = np.fromfile(f"{folder}/dense.f64").reshape(count, 20)
k = np.fromfile(f"{folder}/factor.f64")
t, r = best(lambda: q @ k)
same("q @ k", r.sum(), ours["dense_total"])
show("dense, 20 fuels", "NumPy q @ k", t / count * 1e9, ours["dense"], "   (at least 1)")
t, r = best(lambda: (q * k).sum(axis=1), 3)
show("dense, 20 fuels", "NumPy (q * k).sum(1)", t / count * 1e9, ours["dense"])
wide = pd.DataFrame(q, columns=[f"f{i}" for i in range(20)])
t, r = best(lambda: wide.mul(k, axis=1).sum(axis=1), 3)
same("pandas wide", r.sum(), ours["dense_total"])
show("dense, 20 fuels", "pandas wide mul, sum", t / count * 1e9, ours["dense"], "   (at least 10)")
t, r = best(lambda: wide.dot(k), 3)
show("dense, 20 fuels", "pandas wide dot", t / count * 1e9, ours["dense"])
few = max(1000, count // 10)
long = pd.DataFrame({"entity": np.repeat(np.arange(few), 20), "fuel": np.tile(np.arange(20), few),
                     "quantity": q[:few].ravel()})
factors = pd.DataFrame({"fuel": np.arange(20), "k": k})


def pandas_long():
    joined = long.merge(factors, on="fuel")
    return (joined["quantity"] * joined["k"]).groupby(joined["entity"]).sum()


t, r = best(pandas_long, 2)
same("pandas long", r.sum(), float((q[:few] @ k).sum()))
show("dense, 20 fuels", "pandas long merge, groupby", t / few * 1e9, ours["dense"], "   (at least 500)")
db = sqlite3.connect(":memory:")
names = ",".join(f"f{i}" for i in range(20))
db.execute(f"create table wide (entity integer primary key, {names})")
db.executemany("insert into wide values (" + ",".join("?" * 21) + ")",
               ([i, *row] for i, row in enumerate(q[:few].tolist())))
formula = "+".join(f"f{i}*{float(k[i])!r}" for i in range(20))


def sqlite_table(query):
    db.execute("drop table if exists result")
    db.execute(f"create table result as {query}")
    return db.execute("select sum(total) from result").fetchone()[0]


t, r = best(lambda: sqlite_table(f"select entity, {formula} as total from wide"), 3)
same("SQLite wide", r, float((q[:few] @ k).sum()))
show("dense, 20 fuels", "SQLite wide", t / few * 1e9, ours["dense"])
db.execute("create table long (entity integer, fuel integer, quantity real, primary key (entity, fuel)) without rowid")
db.execute("create table factor (fuel integer primary key, k real)")
db.executemany("insert into factor values (?, ?)", enumerate(k.tolist()))
db.executemany("insert into long values (?, ?, ?)",
               zip(long["entity"].tolist(), long["fuel"].tolist(), long["quantity"].tolist()))
t, r = best(lambda: sqlite_table("select entity, sum(quantity * k) as total from long join factor using (fuel)"
                                 " group by entity"), 2)
same("SQLite long", r, float((q[:few] @ k).sum()))
show("dense, 20 fuels", "SQLite long", t / few * 1e9, ours["dense"], "   (at least 500)")
db.close()
del q, wide, long

# ---- the iron-and-steel method, as a careful analyst writes it: one array a quantity, a column a fuel
FUELS = ["anthracite", "bituminous", "lignite", "washed_coal", "coke", "coke_oven_gas", "natural_gas", "diesel", "fuel_oil",
         "lpg"]


def rows(path, **wanted):
    with open(f"{source}/tables/{path}", encoding="utf-8") as file:
        return [r for r in csv.DictReader(file) if all(r[name] == value for name, value in wanted.items())]


def column(table, name):
    head = next(h for h in table[0] if h.split(":")[0].strip() == name)
    return np.array([float(r[head] or "nan") for r in table])


fuel = rows("factors/fuels.csv", family="A")
place = {r["id"]: i for i, r in enumerate(fuel)}
ncv, carbon, oxidation = (column(fuel, name) for name in ("ncv", "carbon", "oxidation"))
parts = {use: rows("factors/materials.csv", use=use)
         for use in ("steel_flux", "steel_electrode", "steel_raw", "steel_product")}
factor = {use: column(table, "factor") for use, table in parts.items()}
grid = []
for region in ("north", "northeast", "east", "south"):
    found = [r for r in rows("factors/grid.csv", area=region, kind="average", scheme="account")
             if r["enabled : flag"] == "true" and r["valid_from : date"] <= "2014-12-31"
             and (r["valid_to : date"] or "9999") >= "2014-12-31"]
    assert len(found) == 1, (region, found)
    grid.append(float(found[0][next(h for h in found[0] if h.startswith("factor"))]))
grid = np.array(grid)
data = np.fromfile(f"{folder}/steel.f64").reshape(-1, 2 * 3 + 8)
n = len(data)
number, amount = data[:, 0:3].astype(int), data[:, 3:6]
measured, limestone, electrode, pig_iron, power, heat, crude = data[:, 6:13].T
region = data[:, 13].astype(int)
columns = np.array([place[name] for name in FUELS])


def table_of(shape, at, values):
    array = np.zeros(shape)
    array[:, at] = values
    return array


burnt = np.zeros((n, len(fuel)))
for j in range(3):
    burnt[np.arange(n), columns[number[:, j]]] += amount[:, j]
ncv_measured = np.full((n, len(fuel)), np.nan)
has = measured > 0
ncv_measured[np.arange(n)[has], columns[number[has, 0]]] = measured[has]
nothing = np.full((n, len(fuel)), np.nan)
sold = np.zeros((n, len(fuel)))
index = {use: {r["id"]: i for i, r in enumerate(table)} for use, table in parts.items()}
flux = table_of((n, len(factor["steel_flux"])), index["steel_flux"]["limestone"], limestone)
electrodes = table_of((n, len(factor["steel_electrode"])), index["steel_electrode"]["electrode"], electrode)
raw = table_of((n, len(factor["steel_raw"])), index["steel_raw"]["pig_iron"], pig_iron)
fixed = table_of((n, len(factor["steel_product"])), index["steel_product"]["crude_steel"], crude)
zero = np.zeros(n)


def steel(s):
    heat_value = np.where(np.isnan(ncv_measured[s]), ncv, ncv_measured[s])
    content = np.where(np.isnan(nothing[s]), heat_value * carbon, nothing[s])
    oxidised = np.where(np.isnan(nothing[s]), oxidation, nothing[s])
    fuel_part = ((burnt[s] - sold[s]) * content * oxidised).sum(axis=1) * (44 / 12)
    process = flux[s] @ factor["steel_flux"] + electrodes[s] @ factor["steel_electrode"] + raw[s] @ factor["steel_raw"]
    held = -(fixed[s] @ factor["steel_product"])
    electricity = (power[s] - zero[s]) * grid[region[s]]
    heating = (heat[s] - zero[s]) * 0.11
    total = fuel_part + process + held + electricity + heating
    return fuel_part, process, held, electricity, heating, total


def steel_in_parts(size):
    return np.concatenate([steel(slice(i, i + size))[5] for i in range(0, n, size)])


t_whole, r = best(lambda: steel(slice(None)), 3)
same("steel", r[5].sum(), ours["steel_total"])
t_parts, r = best(lambda: steel_in_parts(1000), 3)
same("steel in parts", r.sum(), ours["steel_total"])
show("iron and steel, whole method", "NumPy, whole arrays", t_whole / n * 1e9, ours["steel"], "   (at least 10)")
show("iron and steel, whole method", "NumPy, a thousand at a time", t_parts / n * 1e9, ours["steel"])
print(f"{'credit score, 24 indicators':34} {ours['grade']:10.2f} ns")

# ---- draws: 500 mills, own errors of six inputs, rows of the table shared by all
E, D = 500, 2000
rng = np.random.default_rng(1)
mills = 1000.0 + np.arange(E)
at = [place[name] for name in ("bituminous", "coke", "natural_gas")]
own, shared = 0.05 / 1.959963984540054, 0.1 / 1.959963984540054


def draw():
    total = np.zeros(D)
    rows_drawn = [ncv[i] * (1 + shared * rng.standard_normal(D)) * carbon[i] * oxidation[i] * (44 / 12) for i in at]
    for e in range(E):
        y = (mills[e] * (1 + own * rng.standard_normal(D))) * rows_drawn[0]
        y += (mills[e] * (1 + own * rng.standard_normal(D))) * rows_drawn[1]
        y += (mills[e] * (1 + own * rng.standard_normal(D))) * rows_drawn[2]
        y += (500 * (1 + own * rng.standard_normal(D))) * factor["steel_flux"][index["steel_flux"]["limestone"]]
        y += (mills[e] * (1 + own * rng.standard_normal(D))) * grid[0]
        y -= (1000 * (1 + own * rng.standard_normal(D))) * factor["steel_product"][index["steel_product"]["crude_steel"]]
        total += y
    np.percentile(total, [2.5, 50, 97.5])
    return total


def draw_method():
    """The whole method for each mill, every fuel a column, so that any mill's fuels do."""
    total = np.zeros(D)
    heat_value = ncv * (1 + shared * rng.standard_normal((D, len(fuel))))
    for e in range(20):
        quantity = np.zeros(len(fuel))
        quantity[at] = mills[e]
        burnt_drawn = quantity * (1 + own * rng.standard_normal((D, len(fuel))))
        y = (burnt_drawn * heat_value * carbon * oxidation).sum(axis=1) * (44 / 12)
        y += (500 * (1 + own * rng.standard_normal(D))) * 0.44
        y += (mills[e] * (1 + own * rng.standard_normal(D))) * grid[0]
        y -= (1000 * (1 + own * rng.standard_normal(D))) * 0.0154
        total += y
    return total


t, r = best(draw, 3)
deviation = 100 * r.std() / r.mean()
if abs(deviation / ours["draws_deviation"] - 1) > 0.1:
    sys.exit(f"draws: deviation {deviation} %, the model has {ours['draws_deviation']} %")
ns = t / (E * D) * 1e9
show("draws, a mill each", "NumPy, written for these six inputs", ns, ours["draws"], "   (at least 10)")
t, r = best(draw_method, 2)
show("draws, a mill each", "NumPy, the whole method", t / (20 * D) * 1e9, ours["draws"])

show_limit(f"all {int(ours['models'])} models and their tables", ours["load"], "ms", 100)
show_limit("one enterprise changed, dense", ours["dense_one_changed"], "us", 1000)
show_limit("one enterprise changed, steel", ours["steel_one_changed"], "us", 1000)
