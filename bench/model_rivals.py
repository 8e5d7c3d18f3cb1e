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
    """Least time of the processor (of all threads together, should a rival have some); the least on the wall beside it."""
    times, walls = [], []
    for _ in range(rounds):
        start, wall = time.process_time(), time.perf_counter()
        result = work()
        times.append(time.process_time() - start)
        walls.append(time.perf_counter() - wall)
    best.wall = min(walls)
    return min(times), result


def same(name, found, wanted):
    if not abs(found - wanted) <= 1e-9 * abs(wanted):
        sys.exit(f"{name}: {found}, the model has {wanted}")


def show(what, rival, ns, name, aim=None, per=None, bound=None):
    """One of our numbers beside a rival's: times of one processor; with `per` also all processors' time on the wall beside the
    rival's. `bound`: what nobody can be faster than here, and so how many times at most."""
    mine = ours[name]
    line = f"{what:26} {mine:8.2f} ns   {rival:34} {ns:9.2f} ns {ns / mine:7.1f} times"
    line += f" (wanted {aim}" + (f"; at most {ns / bound:.1f} here" if bound else "") + ")" if aim else ""
    if per and f"{name}_all" in ours:
        wall, together = best.wall / per * 1e9, ours[f"{name}_all"]
        line += f"\n{'':26} {together:8.2f} ns   {'  on all processors, on the wall':34} {wall:9.2f} ns {wall / together:7.1f} times"
    print(line)


def show_limit(what, value, unit, limit):
    print(f"{what:34} {value:10.2f} {unit:4} at most {limit} {unit}")


read, read_all = ours["dense_read"], ours["dense_read_all"]
print(f"{count} enterprises; ns of one processor for each enterprise, the best of several; below it, where said, on all"
      f" {int(ours['processors'])} on the wall")
print(f"reading the {int(ours['dense_bytes'])} bytes of 20 fuels once, with nothing done: {read:.2f} ns"
      f" ({ours['dense_bytes'] / read:.0f} GB/s) on one processor, {read_all:.2f} ns ({ours['dense_bytes'] / read_all:.0f} GB/s) on all")
show("dense, 20 fuels", "C by hand", ours["dense_by_hand"], "dense", 0.67, bound=read)
show("sparse, 4 of 40 fuels", "C by hand", ours["sparse_by_hand"], "sparse", 0.5)

# ---- the same sum
q = np.fromfile(f"{folder}/dense.f64").reshape(count, 20)
k = np.fromfile(f"{folder}/factor.f64")
t, r = best(lambda: q @ k)
same("q @ k", r.sum(), ours["dense_total"])
show("dense, 20 fuels", "NumPy q @ k", t / count * 1e9, "dense", 1, count, read)
t, r = best(lambda: (q * k).sum(axis=1), 3)
show("dense, 20 fuels", "NumPy (q * k).sum(1)", t / count * 1e9, "dense")
wide = pd.DataFrame(q, columns=[f"f{i}" for i in range(20)])
t, r = best(lambda: wide.mul(k, axis=1).sum(axis=1), 3)
same("pandas wide", r.sum(), ours["dense_total"])
show("dense, 20 fuels", "pandas wide mul, sum", t / count * 1e9, "dense", 10, count, read)
t, r = best(lambda: wide.dot(k), 3)
show("dense, 20 fuels", "pandas wide dot", t / count * 1e9, "dense")
long = pd.DataFrame({"entity": np.repeat(np.arange(count), 20), "fuel": np.tile(np.arange(20), count), "quantity": q.ravel()})
factors = pd.DataFrame({"fuel": np.arange(20), "k": k})


def pandas_long():
    joined = long.merge(factors, on="fuel")
    return (joined["quantity"] * joined["k"]).groupby(joined["entity"]).sum()


t, r = best(pandas_long, 2)
same("pandas long", r.sum(), ours["dense_total"])
show("dense, 20 fuels", "pandas long merge, groupby", t / count * 1e9, "dense", 500, count, read)
few = max(1000, count // 10)  # SQLite takes the same time for each enterprise of a million
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
show("dense, 20 fuels", "SQLite wide", t / few * 1e9, "dense")
db.execute("create table long (entity integer, fuel integer, quantity real, primary key (entity, fuel)) without rowid")
db.execute("create table factor (fuel integer primary key, k real)")
db.executemany("insert into factor values (?, ?)", enumerate(k.tolist()))
db.executemany("insert into long values (?, ?, ?)",
               ((i, j, value) for i, row in enumerate(q[:few].tolist()) for j, value in enumerate(row)))
t, r = best(lambda: sqlite_table("select entity, sum(quantity * k) as total from long join factor using (fuel)"
                                 " group by entity"), 2)
same("SQLite long", r, float((q[:few] @ k).sum()))
show("dense, 20 fuels", "SQLite long", t / few * 1e9, "dense", 500, few, read)
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


show("iron and steel, whole", "C by hand, for these columns", ours["steel_by_hand"], "steel")
t_parts, r = best(lambda: steel_in_parts(1000), 3)
same("steel in parts", r.sum(), ours["steel_total"])
show("iron and steel, whole", "NumPy, a thousand at a time", t_parts / n * 1e9, "steel", 10, n)
t_whole, r = best(lambda: steel(slice(None)), 3)
same("steel", r[5].sum(), ours["steel_total"])
show("iron and steel, whole", "NumPy, whole arrays", t_whole / n * 1e9, "steel", 10, n)
print(f"{'credit score, 24 indicators':26} {ours['grade']:8.2f} ns")

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
show("draws, a mill each", "NumPy, for these six inputs", ns, "draws", 10, E * D)
t, r = best(draw_method, 2)
show("draws, a mill each", "NumPy, the whole method", t / (20 * D) * 1e9, "draws", 10, 20 * D)

show_limit(f"all {int(ours['models'])} models and their tables", ours["load"], "ms", 100)
show_limit("one enterprise changed, dense", ours["dense_one_changed"], "us", 1000)
show_limit("one enterprise changed, steel", ours["steel_one_changed"], "us", 1000)
