"""Computes one run of a model over one organisation's inputs, in exact fractions. A model that is used by another is a
run of its own whose inputs are the other's.

Every value carries its unit, so that a unit that does not fit shows here as well. Missing is not zero: a value is "ok",
"absent" (a key that is not used), or has the name of what is wrong with it. `driven` marks keys that an input was given for.
"""
import csv
import datetime
import io
import math
import sys
from fractions import Fraction

from evidence import Problem
from language import Model, tokenize
from units import ONE, Unit, UnitReader, find_atom, with_substance

DEPTH_MAX = 200
USES_DEEP = 8  # models below models
PEERS_LEAST = 8
NUMBER_MAX = Fraction(sys.float_info.max)  # the platform computes with doubles: what is beyond is an error there
LOG_MAX = math.log(sys.float_info.max)
ERRORS = ("missing", "divide-by-zero", "overflow", "domain")


class Value:
    def __init__(self, value, unit=None, status="ok", driven=False):
        self.value, self.unit, self.status, self.driven = value, unit, status, driven

    @property
    def ok(self):
        return self.status == "ok"

    @property
    def unknown(self):
        return self.status in ("missing", "absent")

    def failed(self, status):
        return Value(None, self.unit, status, self.driven)


def join(values):
    """Status and driven of something computed from several values."""
    status, driven = "ok", False
    for value in values:
        if "absent" in (status, value.status):
            other = value.driven if status == "absent" else driven
            both = status == value.status == "absent"
            status, driven = ("missing", True) if other and not both else ("absent", False)
            continue
        status = status if status != "ok" else value.status
        driven = driven or value.driven
    return status, driven


def read_unit(text, row=None):
    tokens = tokenize(text) + tokenize_end()
    reader = UnitReader(tokens, 0, row)
    unit = reader.product(False)
    if reader.here().kind != "end":
        raise Problem(f"'{text}' is not a unit")
    return unit


def tokenize_end():
    from language import END
    return [END] * 4


def day(text):
    try:
        return datetime.date.fromisoformat(text).toordinal()
    except ValueError:
        raise Problem(f"'{text}' is not a day") from None


def compare(a, how, b):
    if how in ("=", "!="):
        return (a == b) == (how == "=")
    if isinstance(a, str) or isinstance(b, str):
        raise Problem("texts have no order")
    return {"<": a < b, "<=": a <= b, ">": a > b, ">=": a >= b}[how]


class Table:
    """Rows of a CSV with typed columns (`ncv : GJ/unit`)."""

    def __init__(self, data, filters, path):
        rows = list(csv.reader(io.StringIO(data.decode("utf-8-sig"))))
        self.path, self.columns, self.rows = path, {}, []
        for at, header in enumerate(rows[0]):
            name, _, kind = (part.strip() for part in header.partition(":"))
            fixed = {"published_on": "date", "valid_from": "date", "valid_to": "date", "enabled": "flag",
                     "report_year": "year"}
            self.columns[name] = (at, kind or fixed.get(name, "text"))
        for row in rows[1:]:
            cells = [cell.strip() for cell in row] + [""] * (len(rows[0]) - len(row))
            if not any(cells[:2]) and len(rows[0]) > 1:
                continue
            if all((cells[self.columns[column][0]] == text) == equal for column, equal, text in filters):
                self.rows.append(cells)

    def text(self, row, column):
        return row[self.columns[column][0]] if column in self.columns else ""

    def enabled(self, row):
        return self.text(row, "enabled") in ("", "true", "1", "yes")

    def row_unit(self, row):
        text = self.text(row, "unit")
        return read_unit(text) if text else None

    def cell(self, row, column):
        if column not in self.columns:
            raise Problem(f"{self.path} has no column {column}")
        at, kind = self.columns[column]
        text = row[at]
        if text == "":
            return Value(None, ONE, "missing")
        if kind == "text" or column == "unit":
            return Value(text)
        if kind == "date":
            return Value(day(text))
        if kind == "flag":
            return Value(text in ("true", "1", "yes"))
        unit = read_unit(kind, lambda _: self.row_unit(row) or ONE)
        return Value(Fraction(text) * unit.size, unit)

    def keys(self):
        return list(dict.fromkeys(self.text(row, "id") for row in self.rows if self.text(row, "id")))

    def row_of(self, key):
        """The row that stands for a key: enabled, and of several the one published last."""
        rows = [row for row in self.rows if self.text(row, "id") == key and self.enabled(row)]
        return max(rows, key=lambda row: self.text(row, "published_on"), default=None)


class Run:
    """`inputs`: (name, key) → (value or None, unit text, text)."""

    def __init__(self, model, table_bytes, inputs, find_model=None, above=None):
        """`find_model(name, version, day)` gives the models that this one uses; `above` is (run, alias, bound inputs)."""
        self.model, self.inputs, self.memory, self.depth, self.above = model, inputs, {}, 0, above
        self.level = above[0].level + 1 if above else 0
        if self.level > USES_DEEP:
            raise Problem("models use each other")
        self.tables = {name: Table(table_bytes(path), filters, path) for name, (path, filters) in model.tables.items()}
        self.shared = {} if above is None else above[0].shared  # inputs that the models have in common
        for definition in model.definitions.values():
            if definition.kind == "input" and (above is None or definition.name not in above[2]):
                self.shared.setdefault(self.outer_name(definition.name), (self, definition))
        self.used = {alias: Run(find_model(name, version, on), table_bytes, inputs, find_model, (self, alias, bound))
                     for alias, (name, version, on, bound) in model.uses.items()}

    # ---- names ----

    def outer_name(self, name):
        """What an input is called in the data: prev.x of what is computed in a used model is prev.alias.x."""
        word, _, rest = name.partition(".")
        if self.above is None:
            return name
        run, alias, bound = self.above
        now = self.model.definitions.get(rest)
        if rest and word.startswith("prev") and (now is None or now.kind != "input" or rest in bound):
            name = f"{word}.{alias}.{rest}"
        return run.outer_name(name)

    def find(self, name):
        """(run, name there) of `alias.name`, which an output or a function of a used model is."""
        alias, _, rest = name.partition(".")
        return self.used[alias].find(rest) if rest and alias in self.used else (self, name)

    def keys(self, index):
        if "." in index:
            run, index = self.find(index)
            return run.keys(index)
        if index in self.model.sets:
            return self.model.sets[index]
        if index in self.tables:
            return self.tables[index].keys()
        raise Problem(f"the model has no index {index}")

    def declared(self, definition, key):
        """The declared unit, with what `unit` means in this row."""
        if isinstance(definition.unit, Unit):
            return definition.unit
        def row_unit(table):
            name = table or definition.index
            if name != definition.index or name not in self.tables:
                raise Problem(f"{definition.name} uses the row's unit outside its index")
            for row in self.tables[name].rows:
                if self.tables[name].text(row, "id") == key and self.tables[name].row_unit(row):
                    return self.tables[name].row_unit(row)
            return ONE
        return UnitReader(definition.unit, 0, row_unit).product(False)

    def fit(self, value, definition, key):
        if definition.type != "number" or not value.ok:
            return value
        if abs(value.value) > NUMBER_MAX:
            return value.failed("overflow")
        unit = self.declared(definition, key)
        if not value.unit.like(unit) and value.value != 0:
            raise Problem(f"{definition.name} is declared in {unit}, computed in {value.unit}")
        return Value(value.value, unit, value.status, value.driven)

    def input(self, definition, key):
        if self.above is not None and definition.name in self.above[2]:
            return self.fit(self.above[0].eval(self.above[2][definition.name], {}, key), definition, key)
        name = self.outer_name(definition.name)
        run, mine = self.shared.get(name, (self, definition))
        return run.given(mine, name, key)

    def given(self, definition, name, key):
        given = self.inputs.get((name, key or ""))
        indexed = definition.index is not None
        if given is None or (given[0] is None and given[2] == ""):
            if definition.default is not None:
                value = self.eval(definition.default, {}, None)
                unit = self.declared(definition, key) if definition.type == "number" else None
                if definition.type == "number" and value.unit.like(ONE) and not unit.like(ONE):
                    return Value(value.value * unit.size, unit)
                return Value(value.value, unit)
            return Value(None, None, "absent" if indexed and given is None else "missing", indexed and given is not None)
        number, unit_text, text = given
        if definition.type == "date":
            return Value(day(text))
        if definition.type == "flag":
            return Value(text == "true")
        if definition.type == "text":
            return Value(text)
        unit = self.declared(definition, key)
        stated = read_unit(unit_text) if unit_text else unit
        if not stated.like(unit) and not stated.like(self.plain(unit)):
            raise Problem(f"input {definition.name} is in {unit}, given in {unit_text}")
        return Value(Fraction(number) * stated.size, unit, "ok", indexed)

    @staticmethod
    def plain(unit):
        """"t" for an input in t CO2: the input's name has said the substance."""
        powers = {}
        for base, power in unit.powers.items():
            for dimension, plain, times in (("volume ", "length", 3), ("mass ", "mass", 1), ("amount ", "amount", 1)):
                if base.startswith(dimension):
                    base, power = plain, power * times
                    break
            powers[base] = powers.get(base, 0) + power
        return Unit(unit.size, powers)

    def named(self, name, key):
        if "." in name:
            run, name = self.find(name)
            if run is not self:
                return run.named(name, key)
        definition = self.model.definitions.get(name)
        if definition is None:
            raise Problem(f"the model does not define {name}")
        place = (name, key)
        if place not in self.memory:
            self.memory[place] = None
            try:
                self.memory[place] = self.input(definition, key) if definition.kind == "input" else \
                    self.fit(self.eval(definition.expr, {}, key), definition, key)
            except Exception:
                del self.memory[place]
                raise
        if self.memory[place] is None:
            raise Problem(f"{name} depends on itself")
        return self.memory[place]

    def index_of(self, expr, scope):
        """The index that an expression goes by, or None."""
        if isinstance(expr, tuple) and expr:
            if expr[0] == "over":
                return None
            if expr[0] == "name" and expr[2] is None:
                if expr[1] in scope:
                    inner, outer, _ = scope[expr[1]]
                    return self.index_of(inner, outer)
                if expr[1] in self.model.definitions:
                    return self.model.definitions[expr[1]].index
                if "." in expr[1]:
                    return self.index_there(expr[1])
                return expr[1] if expr[1] in self.tables or expr[1] in self.model.sets else None
            if expr[0] == "column":
                if expr[1] in self.used:
                    return self.index_there(f"{expr[1]}.{expr[3]}")
                return expr[1] if expr[2] is None else None
            if expr[0] in ("prev", "growth"):
                return self.index_there(expr[1])
        if isinstance(expr, (tuple, list)):
            for part in expr:
                found = self.index_of(part, scope) if isinstance(part, (tuple, list)) else None
                if found:
                    return found
        return None

    def index_there(self, name):
        """The index of a definition, also of a used model; its keys are found by the name alias.index."""
        run, inner = self.find(name)
        definition = run.model.definitions.get(inner)
        if definition is None or definition.index is None:
            return None
        return name[:len(name) - len(inner)] + definition.index

    # ---- expressions ----

    def eval(self, expr, scope, key):
        self.depth += 1
        if self.depth > DEPTH_MAX:
            raise Problem("a model's expressions are too deep")
        value = getattr(self, "eval_" + expr[0].replace("-", "_"))(expr, scope, key)
        self.depth -= 1
        return value

    def eval_number(self, expr, _scope, _key):
        unit = expr[3] or ONE
        return Value(Fraction(expr[1]) / Fraction(expr[2]) * unit.size, unit)

    def eval_text(self, expr, _scope, _key):
        return Value(expr[1])

    def eval_date(self, expr, _scope, _key):
        return Value(day(expr[1]))

    def eval_flag(self, expr, _scope, _key):
        return Value(expr[1])

    def eval_name(self, expr, scope, key):
        name, named = expr[1], expr[2]
        if name in scope:
            inner, outer, known = scope[name]
            if key not in known:
                known[key] = self.eval(inner, outer, key)
            return known[key]
        if name not in self.model.definitions and self.find(name)[0] is self:
            if name in self.tables or name in self.model.sets:
                return Value(key)
            raise Problem(f"the model does not define {name}")
        if named is not None:
            value = self.named(name, named)
            return Value(value.value, value.unit, "missing" if value.status == "absent" else value.status)
        return self.named(name, key if self.index_there(name) else None)

    def eval_column(self, expr, scope, key):
        if expr[1] in self.used or expr[1].startswith("prev"):
            return self.eval_name(("name", f"{expr[1]}.{expr[3]}", None), scope, key)
        table = self.tables.get(expr[1])
        if table is None:
            raise Problem(f"the model has no table {expr[1]}")
        row = table.row_of(expr[2] if expr[2] is not None else key)
        return Value(None, ONE, "domain") if row is None else table.cell(row, expr[3])

    def eval_negate(self, expr, scope, key):
        value = self.eval(expr[1], scope, key)
        return Value(-value.value, value.unit, "ok", value.driven) if value.ok else value

    def eval_not(self, expr, scope, key):
        value = self.eval(expr[1], scope, key)
        return Value(not value.value, None, "ok", value.driven) if value.ok else value

    def same(self, a, b, what):
        """Both in one dimension; a bare zero fits any."""
        if a.unit is None or b.unit is None or a.unit.like(b.unit):
            return a.unit
        if a.value == 0 or b.value == 0:
            return b.unit if a.value == 0 else a.unit
        raise Problem(f"{what}: {a.unit} meets {b.unit}")

    def eval_binary(self, expr, scope, key):
        how = expr[1]
        a, b = self.eval(expr[2], scope, key), self.eval(expr[3], scope, key)
        status, driven = join((a, b))
        if how in ("and", "or"):
            wanted = how == "or"
            if (a.ok and a.value == wanted) or (b.ok and b.value == wanted):
                return Value(wanted, None, "ok", a.driven or b.driven)
            return Value(not wanted, None, status, driven)
        if status != "ok":
            return Value(None, a.unit, status, driven)
        if how in ("=", "!=", "<", "<=", ">", ">="):
            self.same(a, b, "a comparison")
            return Value(compare(a.value, how, b.value), None, "ok", driven)
        if how in ("+", "-"):
            unit = self.same(a, b, "a sum")
            return Value(a.value + b.value if how == "+" else a.value - b.value, unit, "ok", driven)
        if how == "*":
            return Value(a.value * b.value, a.unit.times(b.unit), "ok", driven)
        if how == "/":
            unit = a.unit.times(b.unit, -1)
            return Value(None, unit, "divide-by-zero", driven) if b.value == 0 else \
                Value(a.value / b.value, unit, "ok", driven)
        power = int(b.value)
        if a.value == 0 and power < 0:
            return Value(None, a.unit, "divide-by-zero", driven)
        return Value(a.value**power, a.unit.power(power), "ok", driven)

    def eval_if(self, expr, scope, key):
        condition = self.eval(expr[1], scope, key)
        if not condition.ok:
            return condition
        value = self.eval(expr[2] if condition.value else expr[3], scope, key)
        return value if value.status == "absent" else \
            Value(value.value, value.unit, value.status, value.driven or condition.driven)

    def eval_case(self, expr, scope, key):
        subject = self.eval(expr[1], scope, key)
        for wanted, result in expr[2]:
            value = self.eval(wanted, scope, key)
            status, driven = join((subject, value))
            if status != "ok":
                return Value(None, None, status, driven)
            if subject.value == value.value:
                return self.eval(result, scope, key)
        return self.eval(expr[3], scope, key)

    def eval_over(self, expr, scope, _key):
        how, what, parts = expr[1:]
        where, weight = parts.get("where"), parts.get("weight")
        index = parts.get("over") or next(filter(None, (self.index_of(e, scope) for e in (what, weight, where))), None)
        if index is None:
            raise Problem(f"{how} has nothing that goes by an index")
        values, weights, wrong = [], [], None
        for key in self.keys(index):
            value = self.eval(what, scope, key)
            heavy = self.eval(weight, scope, key) if weight is not None else None
            if heavy is not None:
                value = self.weighed(value, heavy)
            if value.status == "absent":
                continue
            if where is not None:
                test = self.eval(where, scope, key)
                if test.status == "absent" or (test.ok and not test.value):
                    continue
                if not test.ok:
                    wrong = wrong or test.status
                    continue
            if not value.ok and how != "count":
                wrong = wrong or value.status
                continue
            values.append(value)
            weights.append(heavy)
        if wrong:
            return Value(None, None, wrong)
        if how == "count":
            return Value(Fraction(len(values)), ONE)
        if not values:
            return Value(Fraction(0), ONE) if how == "sum" else Value(None, None, "missing")
        unit = values[0].unit
        if any(not value.unit.like(unit) for value in values):
            raise Problem(f"{how} over different units")
        numbers = [value.value for value in values]
        if weight is not None:
            whole = sum(heavy.value for heavy in weights)
            unit = unit.times(weights[0].unit, -1)
            return Value(None, unit, "divide-by-zero") if whole == 0 else Value(sum(numbers) / whole, unit)
        total = {"sum": sum, "mean": sum, "min": min, "max": max}[how](numbers)
        return Value(total / len(numbers) if how == "mean" else total, unit)

    @staticmethod
    def weighed(value, heavy):
        status, driven = join((value, heavy))
        unit = value.unit.times(heavy.unit) if value.unit and heavy.unit else None
        return Value(value.value * heavy.value if status == "ok" else None, unit, status, driven)

    def eval_peers(self, expr, scope, key):
        """A place among the rows of the latest day that have the same keys; missing with fewer than PEERS_LEAST."""
        how, table, column, by, subject = expr[1:]
        table, keys = self.tables[table], [(name, self.eval(value, scope, key)) for name, value in by]
        asked = [value for _, value in keys] + ([self.eval(subject, scope, key)] if subject is not None else [])
        status, driven = join(asked)
        days = [table.text(row, "published_on") for row in table.rows if table.enabled(row)]
        rows = [row for row in table.rows if table.enabled(row) and table.text(row, "published_on") == max(days)]
        same = [row for row in rows if status == "ok" and table.cell(row, column).ok and
                all(table.cell(row, name).ok and table.cell(row, name).value == value.value for name, value in keys)]
        if status == "ok" and len(same) < PEERS_LEAST:
            status = "missing"
        if status != "ok":
            return Value(None, None, status, driven)
        numbers, unit = sorted(table.cell(row, column).value for row in same), table.cell(same[0], column).unit
        n = len(numbers)
        if how == "median":
            return Value((numbers[(n - 1) // 2] + numbers[n // 2]) / 2, unit, "ok", driven)
        if how == "mean":
            return Value(sum(numbers) / n, unit, "ok", driven)
        self.same(asked[-1], Value(1, unit), how)
        below = sum(number < asked[-1].value for number in numbers)
        equal = sum(number == asked[-1].value for number in numbers)
        return Value(Fraction(below + 1) if how == "rank" else (below + Fraction(equal, 2)) / n, ONE, "ok", driven)

    def eval_prev(self, expr, _scope, key):
        return self.previous(expr[1], expr[2], key)

    def eval_growth(self, expr, scope, key):
        ratio = self.eval_binary(("binary", "/", ("name", expr[1], None), ("prev", expr[1], expr[2])), scope, key)
        return Value(ratio.value - 1, ONE, "ok", ratio.driven) if ratio.ok else ratio

    def eval_points(self, expr, scope, key):
        subject = self.eval(expr[1], scope, key)
        points = [(self.eval(x, scope, key), self.eval(y, scope, key)) for x, y in expr[2]]
        status, driven = join([subject] + [value for pair in points for value in pair])
        unit = next((y.unit for _, y in points if y.value), points[0][1].unit)
        if status != "ok":
            return Value(None, unit, status, driven)
        after = 0
        while after < len(points) and subject.value >= points[after][0].value:
            after += 1
        if after in (0, len(points)):
            return Value(points[max(after - 1, 0)][1].value, unit, "ok", driven)
        (x0, y0), (x1, y1) = [(x.value, y.value) for x, y in points[after - 1:after + 1]]
        return Value(y0 + (y1 - y0) * (subject.value - x0) / (x1 - x0), unit, "ok", driven) if x1 > x0 else \
            Value(None, unit, "domain", driven)

    def eval_band(self, expr, scope, key):
        subject = self.eval(expr[1], scope, key)
        seen = [subject]
        for label, how, limit in expr[2]:
            if not join(seen)[0] == "ok":
                break
            seen.append(self.eval(limit, scope, key))
            status, driven = join(seen)
            if status == "ok" and compare(subject.value, how, seen[-1].value):
                return Value(label, None, "ok", driven)
        status, driven = join(seen)
        return Value(expr[3], None, status, driven)

    def eval_lookup(self, expr, scope, key):
        table = self.tables.get(expr[1])
        if table is None:
            raise Problem(f"the model has no table {expr[1]}")
        keys = [(column, how, self.eval(value, scope, key)) for column, how, value in expr[3]]
        status, driven = join([value for _, _, value in keys])
        if status != "ok":
            return Value(None, ONE, status, driven)
        rows = [row for row in table.rows if table.enabled(row) and
                all(self.row_matches(table, row, column, how, value.value) for column, how, value in keys)]
        if len(rows) != 1:
            return Value(None, ONE, "domain", driven)
        cell = table.cell(rows[0], expr[2])
        return Value(cell.value, cell.unit, cell.status, driven)

    @staticmethod
    def row_matches(table, row, column, how, value):
        if column == "on":
            begin, end = table.text(row, "valid_from"), table.text(row, "valid_to")
            return (not begin or value >= day(begin)) and (not end or value <= day(end))
        cell = table.cell(row, column)
        if not cell.ok:
            return how != "="
        return compare(cell.value, how, value)

    # ---- functions ----

    def eval_call(self, expr, scope, key):
        name, arguments = expr[1:]
        there, function = self.find(name)
        if function in there.model.functions:
            return self.call_own(there, there.model.functions[function], arguments, scope, key)
        if name == "gwp" and "gwp" in self.tables:
            return self.warming(arguments[0][1])
        if name == "coalesce":
            value = self.eval(arguments[0], scope, key)
            for other in arguments[1:]:
                # With something to fall back on it is a property of the key, not a use of it.
                if value.ok:
                    value = Value(value.value, value.unit, "ok", False)
                if not value.unknown:
                    break
                value = self.eval(other, scope, key)
            # A coalesce always has something to say, so it alone asks for nothing: the term is absent with what it multiplies.
            return Value(value.value, value.unit, value.status, False)
        values = [self.eval(argument, scope, key) for argument in arguments]
        if name == "missing":
            return Value(True) if values[0].unknown else values[0] if not values[0].ok else Value(False)
        status, driven = join(values)
        if status != "ok":
            return Value(None, values[0].unit, status, driven)
        return self.compute(name, values, driven)

    def compute(self, name, values, driven):
        first = values[0]
        numbers = [value.value for value in values]
        if name in ("min", "max", "clamp"):
            unit = next((value.unit for value in values if value.value), first.unit)
            for value in values:
                self.same(Value(1, unit), value, name)
            made = min(max(numbers[0], numbers[1]), numbers[2]) if name == "clamp" else \
                (min if name == "min" else max)(numbers)
            return Value(made, unit, "ok", driven)
        if name == "abs":
            return Value(abs(numbers[0]), first.unit, "ok", driven)
        if name == "round":
            scale = Fraction(10)**int(numbers[1] if len(numbers) > 1 else 0) / first.unit.size
            scaled = numbers[0] * scale
            whole = math.floor(abs(scaled) + Fraction(1, 2))
            return Value((whole if scaled >= 0 else -whole) / scale, first.unit, "ok", driven)
        if name == "exp":
            return Value(None, ONE, "overflow", driven) if numbers[0] > LOG_MAX else \
                Value(Fraction(math.exp(numbers[0])), ONE, "ok", driven)
        if (name == "sqrt" and numbers[0] < 0) or (name == "ln" and numbers[0] <= 0):
            return Value(None, first.unit, "domain", driven)
        if name == "ln":
            return Value(Fraction(math.log(numbers[0])), ONE, "ok", driven)
        if name == "sqrt":
            powers = {base: power // 2 for base, power in first.unit.powers.items()}
            return Value(Fraction(math.sqrt(numbers[0])), Unit(Fraction(1), powers), "ok", driven)
        raise Problem(f"the model calls {name}, which there is not")

    def call_own(self, there, function, arguments, scope, key):
        # Another model's function knows none of the names here: it gets values.
        inner = {parameter.name: (argument, scope, {}) if there is self else
                 (("value", self.eval(argument, scope, key)), {}, {})
                 for parameter, argument in zip(function.parameters, arguments)}
        value = there.eval(function.expr, inner, key)
        return there.fit(value, function, key) if function.type else value

    def eval_value(self, expr, _scope, _key):
        return expr[1]

    def previous(self, name, months, key):
        """An input of its own: prev.x of one year before, prev2.x of two, prev6m.x of six months."""
        from copy import copy
        run, inner = self.find(name)
        definition = copy(run.model.definitions[inner])
        word = "prev" if months == 12 else f"prev{months // 12}" if months % 12 == 0 else f"prev{months}m"
        if definition.kind != "input" and definition.type is None:
            now = self.named(name, key)
            if now.unit is None:
                return Value(None, None, "missing")
            definition.type, definition.unit = "number", now.unit
        definition.kind, definition.name, definition.default = "input", f"{word}.{name}", None
        return run.input_before(definition, self, key if definition.index else None)

    def input_before(self, definition, asking, key):
        """Reads prev.x in the unit that x has here, under the name that it has in the asking model."""
        return self.given(definition, asking.outer_name(definition.name), key)

    def warming(self, gas):
        table = self.tables["gwp"]
        column = next(name for name in ("value", "gwp", "gwp100", "factor") if name in table.columns)
        where = "gas" if "gas" in table.columns else "id"
        rows = [row for row in table.rows if table.enabled(row) and table.text(row, where) == gas]
        if len(rows) != 1:
            return Value(None, ONE, "domain")
        mass = find_atom("t")[0]
        unit = with_substance(mass, "CO2e").times(with_substance(mass, gas), -1)
        return Value(Fraction(table.text(rows[0], column)), unit)

    # ---- outputs ----

    def outputs(self):
        """(definition, key, value) of every output; absent keys are left out."""
        for definition in self.model.definitions.values():
            if definition.kind != "out":
                continue
            for key in self.keys(definition.index) if definition.index else [None]:
                value = self.named(definition.name, key)
                if value.status != "absent":
                    yield definition, key or "", value


def read_model(data):
    return Model(data.decode("utf-8"))
