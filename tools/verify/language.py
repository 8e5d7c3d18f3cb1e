"""Reads model files (doc/model-language.md): tokens, statements, expressions as nested tuples."""
import re

from evidence import Problem
from units import UnitReader, find_atom, unit_starts

_TOKEN = re.compile(
    r"""(?P<date>[0-9]{4}-[0-9]{2}-[0-9]{2}(?![0-9]))
    |(?P<number>[0-9]+(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?)
    |(?P<name>(?:[A-Za-z0-9_]|[^\x00-\x7f])+)
    |(?P<text>"(?:[^"\\\n]|\\["\\]|\\)*")
    |(?P<mark>\.\.|!=|<=|>=|[-+*/^()\[\],:;=<>.%])""", re.X)
COMPARE = ("=", "!=", "<", "<=", ">", ">=")
LEVELS = {"or": 1, "and": 2, "+": 5, "-": 5, "*": 6, "/": 6, "^": 8, **{mark: 4 for mark in COMPARE}}
AGGREGATES = ("sum", "mean", "count")


class Token:
    def __init__(self, kind, text, spaced):
        self.kind, self.text, self.spaced = kind, text, spaced

    def is_(self, text):
        return self.kind in ("mark", "name") and self.text == text


END = Token("end", "the end", True)


def tokenize(line):
    tokens, at = [], 0
    while at < len(line):
        if line[at] in " \t\r":
            at += 1
            continue
        if line[at] == "#":
            break
        found = _TOKEN.match(line, at)
        if not found:
            raise Problem(f"a model has a character without meaning: {line[at]!r}")
        kind, text = found.lastgroup, found.group()
        if kind == "text":
            text = re.sub(r'\\(["\\])', r"\1", text[1:-1])
        tokens.append(Token(kind, text, at == 0 or line[at - 1] in " \t"))
        at = found.end()
    return tokens


def statements(text):
    """Lists of tokens; deeper lines continue a statement, but after `model` and `example` only texts do."""
    result, begun, head = [], None, False
    for line in text.removeprefix("\ufeff").split("\n"):
        body = line.lstrip(" \t")
        tokens = tokenize(line)
        if not tokens:
            continue
        indent = sum(4 if c == "\t" else 1 for c in line[:len(line) - len(body)])
        if begun is not None and indent > begun and not (head and not body.startswith('"')):
            result[-1] += tokens
            continue
        begun, head = indent, body.startswith(("model ", "example "))
        result.append(tokens)
    return result


class Definition:
    def __init__(self, kind, name):
        self.kind, self.name, self.index, self.type, self.unit = kind, name, None, None, None
        self.default, self.expr, self.post, self.parameters, self.period = None, None, None, [], "year"


class Parser:
    def __init__(self, tokens, model):
        self.tokens, self.model, self.at = tokens + [END] * 4, model, 0

    def here(self):
        return self.tokens[self.at]

    def take(self, text):
        if self.here().is_(text):
            self.at += 1
            return True
        return False

    def want(self, text):
        if not self.take(text):
            raise Problem(f"a model has '{self.here().text}' where '{text}' belongs")

    def word(self):
        token = self.here()
        if token is END:
            raise Problem("a statement of a model ends too early")
        self.at += 1
        return token.text

    def joined(self):
        """Tokens without blanks between them: 2013.1, GB-2024."""
        text = self.word()
        while not self.here().spaced and self.here().kind != "text" and not self.here().is_(","):
            text += self.word()
        return text

    def split(self, mark):
        """The tokens that are left, parted by a mark."""
        parts = [[]]
        while self.here() is not END:
            parts.append([]) if self.here().is_(mark) else parts[-1].append(self.here())
            self.at += 1
        return parts

    def label(self):
        while self.here().kind == "text" or (self.here().is_("zh") and self.tokens[self.at + 1].kind == "text"):
            self.at += 1

    # ---- statements ----

    def type_of(self, definition):
        """Keeps the tokens of a unit: what it is may depend on the row."""
        for kind in ("text", "date", "flag"):
            if self.take(kind):
                definition.type = kind
                return
        if self.take("choice"):
            definition.type = "text"
            while True:
                self.joined()
                self.label()
                if not self.take(","):
                    return
        definition.type = "number"
        begin = self.at
        reader = UnitReader(self.tokens, self.at, lambda table: find_atom("1")[0])
        reader.product(False)
        self.at = reader.at
        definition.unit = self.tokens[begin:self.at] + [END] * 4

    def definition(self, kind):
        definition = Definition(kind, self.word())
        if self.take("["):
            definition.index = self.word()
            self.want("]")
        return definition

    def input(self):
        definition = self.definition("input")
        self.want(":")
        self.type_of(definition)
        while self.here() is not END:
            if self.take("="):
                negative = self.take("-")
                definition.default = ("negate", self.primary()) if negative else self.default()
            elif self.take("per"):
                definition.period = self.word()
            else:
                self.at += 1  # labels, ranges, help, from
        return definition

    def default(self):
        token = self.here()
        if token.kind == "name" and token.text not in ("true", "false"):
            self.at += 1
            return ("text", token.text)
        return self.primary()

    def formula(self, kind):
        definition = self.definition(kind)
        if self.take(":"):
            self.type_of(definition)
        self.want("=")
        definition.expr = self.expression()
        while self.here() is not END:
            if kind == "out" and self.take("post"):
                definition.post = {"": self.word()}
                while self.here().kind == "name" and self.tokens[self.at + 1].kind in ("name", "number"):
                    key = self.word()
                    definition.post[key] = self.joined()
            else:
                self.at += 1
        return definition

    def function(self):
        definition = Definition("function", self.word())
        self.want("(")
        while not self.take(")"):
            parameter = Definition("parameter", self.word())
            self.want(":")
            self.type_of(parameter)
            definition.parameters.append(parameter)
            self.take(",")
        if self.take(":"):
            self.type_of(definition)
        self.want("=")
        definition.expr = self.expression()
        return definition

    # ---- expressions ----

    def expression(self, level=1):
        left = self.unary()
        while True:
            token = self.here()
            found = LEVELS.get(token.text, 0) if token.kind in ("mark", "name") else 0
            if not found or found < level:
                return left
            self.at += 1
            left = ("binary", token.text, left, self.expression(found + 1))

    def unary(self):
        if self.take("-"):
            return ("negate", self.expression(7))
        if self.take("not"):
            return ("not", self.expression(3))
        return self.primary()

    def unit(self):
        reader = UnitReader(self.tokens, self.at)
        unit = reader.product(True)
        self.at = reader.at
        return unit

    def starts_unit(self):
        return unit_starts(self.here()) and self.here().text not in self.model.definitions

    def primary(self):
        token = self.here()
        if token.kind == "number":
            self.at += 1
            number = ("number", token.text, "1", None)
            ahead = self.tokens[self.at + 2]
            if self.here().is_("/") and self.tokens[self.at + 1].kind == "number" and unit_starts(ahead) and \
                    ahead.text not in self.model.definitions:
                number = ("number", token.text, self.tokens[self.at + 1].text, None)
                self.at += 2
            scaled = self.here().kind == "number" and self.tokens[self.at + 1].kind == "name" and \
                unit_starts(self.tokens[self.at + 1])
            return number[:3] + (self.unit(),) if scaled or unit_starts(self.here()) else number
        if token.kind in ("text", "date"):
            self.at += 1
            return (token.kind, token.text)
        if self.take("("):
            inner = self.expression()
            self.want(")")
            return ("binary", "*", inner, ("number", "1", "1", self.unit())) if self.starts_unit() else inner
        return self.name()

    def name(self):
        name = self.word()
        if name in ("true", "false"):
            return ("flag", name == "true")
        if name == "if":
            condition = self.expression()
            self.want("then")
            yes = self.expression()
            self.want("else")
            return ("if", condition, yes, self.expression())
        if name == "case":
            return self.case()
        if self.take("("):
            return self.call(name)
        key = None
        if self.take("["):
            key = ""
            while not self.take("]"):
                key += self.word()
        path = []
        while self.take("."):
            path.append(self.word())
        if not path:
            return ("name", name, key)
        if self.take("("):
            return self.call(".".join([name] + path))
        if key is None and self.take("["):  # alias.output[key]
            key = ""
            while not self.take("]"):
                key += self.word()
            return ("name", ".".join([name] + path), key)
        return ("column", name, key, ".".join(path))

    def case(self):
        subject, branches = self.expression(), []
        while self.take("when"):
            value = self.expression()
            self.want("then")
            branches.append((value, self.expression()))
        self.want("else")
        return ("case", subject, branches, self.expression())

    def call(self, name):
        if name == "band":
            return self.band()
        if name == "lookup":
            return self.lookup()
        if name in ("prev", "growth"):
            return self.timed(name)
        if name in ("median", "mean") and [t.kind for t in self.tokens[self.at:self.at + 4]] == \
                ["name", "mark", "name", "name"] and self.tokens[self.at + 3].is_("by"):
            return self.peers(name, None)
        arguments = []
        if name == "points":
            arguments.append(self.expression())
            while self.take(","):
                self.want("(")
                x = self.expression()
                self.want(",")
                arguments.append((x, self.expression()))
                self.want(")")
            self.want(")")
            return ("points", arguments[0], arguments[1:])
        parts = {}
        while not self.take(")"):
            arguments.append(self.expression())
            if name in ("percentile", "rank"):
                self.want("in")
                return self.peers(name, arguments[0])
            for word in ("weight", "over", "where"):
                if self.take(word):
                    parts[word] = self.word() if word == "over" else self.expression()
            if not self.take(",") and not self.here().is_(")"):
                raise Problem(f"the arguments of {name} are malformed")
        if name in AGGREGATES or (name in ("min", "max") and len(arguments) == 1):
            return ("over", name, arguments[0], parts)
        return ("call", name, arguments)

    def timed(self, name):
        """prev(x[, N years|months]): the name, and how many months before."""
        subject, months = self.word(), 12
        while self.take("."):
            subject += "." + self.word()
        if self.take(","):
            months = int(self.word())
            months *= 12 if self.word() in ("year", "years") else 1
        self.want(")")
        return (name, subject, months)

    def peers(self, how, subject):
        table = self.word()
        self.want(".")
        column, keys = self.word(), []
        self.want("by")
        while not keys or self.take(","):
            key = self.word()
            keys.append((key, self.expression() if self.take("=") else ("name", key, None)))
        self.want(")")
        return ("peers", how, table, column, keys, subject)

    def band(self):
        subject, limits = self.expression(), []
        self.want(")")
        while True:
            label = self.word()
            if self.take("otherwise"):
                return ("band", subject, limits, label)
            compare = self.word()
            limits.append((label, compare, self.expression()))
            self.want(",")

    def lookup(self):
        table = self.word()
        self.want(".")
        column, conditions = self.word(), []
        while self.take(","):
            key, compare = self.word(), self.word()
            conditions.append((key, compare, self.expression()))
        self.want(")")
        return ("lookup", table, column, conditions)


class Model:
    """Definitions, tables and sets of one file; and its examples, for the tests."""

    def __init__(self, text):
        self.definitions, self.functions, self.tables, self.sets, self.examples = {}, {}, {}, {}, []
        self.valid = (None, None)
        self.uses = {}  # alias → (model, version or None, day or None, {input: expression})
        self.post_outputs = []
        lines = statements(text)
        head = Parser(lines[0], self)
        head.want("model")
        self.name, self.version = head.joined(), head.joined()
        for line in lines[1:]:
            self.read(Parser(line, self))

    def read(self, parser):
        word = parser.word()
        if word in ("input", "const", "let", "out", "require", "function"):
            made = parser.function() if word == "function" else \
                parser.input() if word == "input" else parser.formula(word)
            (self.functions if word == "function" else self.definitions)[made.name] = made
        elif word in ("table", "peers"):
            name = parser.word()
            parser.want("from")
            path, filters = parser.word(), []
            while parser.take("where") or parser.take("and"):
                column, equal = parser.word(), parser.word() == "="
                filters.append((column, equal, parser.word()))
            self.tables[name] = (path, filters)
        elif word == "use":
            self.read_use(parser)
        elif word == "valid":
            days = ["".join(token.text for token in part) for part in parser.split("..")]
            self.valid = tuple(day or None for day in (days + [""])[:2])
        elif word == "set" and parser.tokens[1].text == "month" and parser.tokens[2] is END:
            self.sets["month"] = [str(month) for month in range(1, 13)]
        elif word == "set":
            name, members = parser.word(), []
            parser.want("=")
            while not members or parser.take(","):
                members.append(parser.joined())
                parser.label()
            self.sets[name] = members
        elif word == "example":
            self.examples.append((parser.word(), []))
        elif self.examples:
            parser.at = 0
            self.examples[-1][1].append(parser)

    def read_use(self, parser):
        name, version, on_day, bound = parser.joined(), None, None, {}
        if parser.take("on"):
            on_day = parser.word()
        else:
            version = parser.joined()
        parser.want("as")
        alias = parser.word()
        if parser.take("with"):
            while not bound or parser.take(","):
                key = parser.word()
                parser.want("=")
                bound[key] = parser.expression()
        self.uses[alias] = (name, version, on_day, bound)
