"""Units: exact factors over base dimensions, with substances. Sizes are those of the SI brochure, GB/T 2589 and trade
use, written here once more so that the program's own table is not what it is checked against."""
from fractions import Fraction

from evidence import Problem

_TABLE = """
1|1|1|  %||0.01|％  ‰||0.001|permille  ppm||0.000001|
g|mass|1|克 gram  mg|mass|0.001|毫克  kg|mass|1000|千克 公斤 Kg KG  t|mass|1000000|吨 公吨 tonne ton
kt|mass|1000000000|千吨  Mt|mass|1000000000000|百万吨  lb|mass|453.59237|磅  short_ton|mass|907184.74|短吨
m|length|1|米  mm|length|0.001|毫米  cm|length|0.01|厘米  km|length|1000|千米 公里
m2|length^2|1|平方米 m² ㎡ 平米  ha|length^2|10000|公顷  km2|length^2|1000000|平方千米 平方公里 km² ㎢
m3|length^3|1|立方米 m³ ㎥ 立方 方  L|length^3|0.001|升 l 公升  mL|length^3|0.000001|毫升 ml
Nm3|normal volume|1|标准立方米 标立方米 标立方 标方 Nm³ N㎥ m3N  Sm3|standard volume|1|参比立方米 Sm³ S㎥
mol|amount|1|摩尔  kmol|amount|1000|千摩尔
s|time|1|秒  min|time|60|分钟  h|time|3600|小时 时  day|time|86400|天 日 d  month|month|1|月 个月 months
year|year|1|年 years
J|energy|1|焦 焦耳  kJ|energy|1000|千焦 千焦耳  MJ|energy|1000000|兆焦 兆焦耳
GJ|energy|1000000000|吉焦 百万千焦 吉焦耳  TJ|energy|1000000000000|太焦  PJ|energy|1000000000000000|拍焦
Wh|energy|3600|瓦时  kWh|energy|3600000|千瓦时 度 kwh KWH Kwh KWh  MWh|energy|3600000000|兆瓦时 mwh MWH
GWh|energy|3600000000000|吉瓦时  TWh|energy|3600000000000000|太瓦时  kcal|energy|4184|千卡 大卡
kcal_it|energy|4186.8|  Btu|energy|1055.05585262|  MMBtu|energy|1055055852.62|
W|energy/time|1|瓦  kW|energy/time|1000|千瓦 kw KW  MW|energy/time|1000000|兆瓦  GW|energy/time|1000000000|吉瓦
gce|coal equivalent|0.000001|克标准煤 克标煤  kgce|coal equivalent|0.001|千克标准煤 千克标煤 公斤标准煤 公斤标煤
tce|coal equivalent|1|吨标准煤 吨标煤  CNY|money|1|元 人民币元 RMB yuan 人民币  USD|United States money|1|美元
mile|length|1609.344|英里 miles
K|temperature difference|1|  Pa|pressure|1|帕  kPa|pressure|1000|千帕  MPa|pressure|1000000|兆帕  bar|pressure|100000|
kVA|apparent power|1000|千伏安 kva  V|voltage|1|  kV|voltage|1000|  person|person|1|人  head|head|1|头 只 羽
piece|piece|1|件 个 台 辆 套 pcs  wtbox|weight box|1|重量箱 重箱  allowance|allowance|1|配额
"""
_MULTIPLES = {"百万": 10**6, "千万": 10**7, "万": 10**4, "亿": 10**8}
_WITH_SUBSTANCE = set("g mg kg t kt Mt lb short_ton m3 L mL Nm3 Sm3 mol kmol".split())


class Unit:
    """A size and exponents of base dimensions; ("mass", "CO2") is a dimension of its own."""

    def __init__(self, size=Fraction(1), powers=()):
        self.size = size
        self.powers = {base: power for base, power in dict(powers).items() if power}

    def times(self, other, sign=1):
        powers = dict(self.powers)
        for base, power in other.powers.items():
            powers[base] = powers.get(base, 0) + sign * power
        return Unit(self.size * other.size**sign, powers)

    def power(self, exponent):
        return Unit(self.size**exponent, {base: power * exponent for base, power in self.powers.items()})

    def like(self, other):
        return self.powers == other.powers

    def __str__(self):
        return " ".join(f"{base}^{power}" for base, power in sorted(self.powers.items())) or "1"


ONE = Unit()
ATOMS = {}


def _load():
    for entry in _TABLE.replace("\n", "  ").split("  "):
        if not entry.strip():
            continue
        symbol, dimension, size, aliases = entry.strip().split("|")
        powers, sign = {}, 1
        for part in dimension.split("/"):
            base, _, exponent = part.partition("^")
            if base not in ("", "1"):
                powers[base] = powers.get(base, 0) + sign * int(exponent or 1)
            sign = -1
        for name in [symbol] + aliases.split():
            ATOMS.setdefault(name, (Unit(Fraction(size), powers), symbol in _WITH_SUBSTANCE))


_load()


def is_substance(text):
    return 0 < len(text) <= 24 and "A" <= text[0] <= "Z" and text.isascii() and "_" not in text


def with_substance(unit, substance):
    (base, power), = unit.powers.items()
    return Unit(unit.size, {("volume " if power == 3 else base + " ") + substance: 1})


def find_atom(name):
    """(unit, may be followed by a substance), or None: an atom, 万kWh, tCO2."""
    if name in ATOMS:
        return ATOMS[name]
    for text, size in _MULTIPLES.items():
        if name.startswith(text) and len(name) > len(text):
            found = find_atom(name[len(text):])
            return found and (Unit(found[0].size * size, found[0].powers), found[1])
    for cut in range(len(name) - 1, 0, -1):
        found = ATOMS.get(name[:cut])
        if found and found[1] and is_substance(name[cut:]):
            return with_substance(found[0], name[cut:]), False
    return None


def unit_starts(token):
    return (token.kind == "name" and find_atom(token.text) is not None) or (token.kind == "mark" and token.text in "%(")


class UnitReader:
    """Reads a unit from tokens. `row` gives what `unit` and `<table>.unit` stand for."""

    def __init__(self, tokens, at=0, row=None):
        self.tokens, self.at, self.row = tokens, at, row

    def here(self):
        return self.tokens[self.at]

    def fail(self):
        raise Problem(f"'{self.here().text}' is not a known unit")

    def factor(self):
        token = self.here()
        may = False
        if token.kind == "number":
            self.at += 1
            unit = Unit(Fraction(token.text))
            return unit.times(self.factor()) if self.here().kind == "name" and unit_starts(self.here()) else unit
        if token.is_("("):
            self.at += 1
            unit = self.product(False)
            if not self.here().is_(")"):
                self.fail()
            self.at += 1
        elif token.is_("%"):
            unit = ATOMS["%"][0]
            self.at += 1
        elif token.kind != "name":
            self.fail()
        elif self.tokens[self.at + 1].is_(".") and self.tokens[self.at + 2].is_("unit") and self.row:
            unit = self.row(token.text)
            self.at += 3
        elif token.text == "unit" and self.row:
            unit = self.row(None)
            self.at += 1
        else:
            found = find_atom(token.text)
            if not found:
                self.fail()
            unit, may = found
            self.at += 1
        token = self.here()
        if may and token.kind == "name" and is_substance(token.text) and token.text not in ATOMS:
            unit = with_substance(unit, token.text)
            self.at += 1
        if self.here().is_("^"):
            self.at += 1
            sign = -1 if self.here().is_("-") else 1
            self.at += sign < 0
            unit = unit.power(sign * int(self.here().text))
            self.at += 1
        return unit

    def product(self, literal):
        unit = self.factor()
        while self.here().kind == "mark" and self.here().text in "/*.":
            mark, following = self.here(), self.tokens[self.at + 1]
            if literal and (mark.spaced or following.spaced):
                break
            before = self.at
            self.at += 1
            try:
                unit = unit.times(self.factor(), -1 if mark.text == "/" else 1)
            except Problem:
                if not literal:
                    raise
                self.at = before
                break
        return unit
