"""Shared by the scenarios: the real program, a data directory of its own, a browser's manners without a browser.

A scenario prints TAP: `case("what a user relies on", truth)` counts one line, `done()` ends with the plan. The
program comes from $TANSHU, the source tree from $TANSHU_SOURCE. Standard library only.
"""
import atexit
import http.client
import os
import re
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
import urllib.parse
import zipfile
from html.parser import HTMLParser
from xml.sax.saxutils import escape

SOURCE = os.environ.get("TANSHU_SOURCE") or os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
TANSHU = os.environ.get("TANSHU") or os.path.join(SOURCE, "build/src/cli/tanshu")
VERIFIER = os.path.join(SOURCE, "tools/verify/tanshu_verify.py")
PASSWORD = "correct horse battery"

_work = tempfile.mkdtemp(prefix="tanshu-scenario-")
_servers = []
_count = 0
_failed = 0


@atexit.register
def _clean():
    for server in _servers:
        server.kill()
    shutil.rmtree(_work, ignore_errors=True)


def place(*parts):
    """A path in this scenario's temporary folder."""
    return os.path.join(_work, *parts)


def case(name, truth, detail=""):
    """One line of TAP; what was found is shown when it fails."""
    global _count, _failed
    _count += 1
    if truth:
        print(f"ok {_count} - {name}", flush=True)
    else:
        _failed += 1
        print(f"not ok {_count} - {name}", flush=True)
        for line in str(detail).splitlines()[:40]:
            print(f"#   {line}")
    return bool(truth)


def done():
    print(f"1..{_count}", flush=True)
    sys.exit(1 if _failed or _count == 0 else 0)


# ---- identifiers -------------------------------------------------------------------------------

def credit_code(serial, division="130200"):
    """A unified social credit code with both check digits (GB 11714 and GB 32100 computed here by hand)."""
    body = f"TE{serial:06d}"
    value = lambda c: int(c) if c.isdigit() else ord(c) - 55
    rest = 11 - sum(value(c) * w for c, w in zip(body, (3, 7, 9, 10, 5, 8, 4, 2))) % 11
    code = "91" + division + body + ("X" if rest == 10 else "0" if rest == 11 else str(rest))
    alphabet = "0123456789ABCDEFGHJKLMNPQRTUWXY"
    total = sum(alphabet.index(c) * pow(3, i, 31) for i, c in enumerate(code))
    return code + alphabet[(31 - total % 31) % 31]


# ---- the command line --------------------------------------------------------------------------

def tanshu(*arguments, data=None, stdin="", lang="en", env=None, timeout=120, prefix=()):
    """Runs one command; returns its CompletedProcess with text streams."""
    command = [*prefix, TANSHU, *map(str, arguments)]
    if data is not None:
        command += ["--data", data]
    environment = {**os.environ, "TANSHU_LANG": lang, **(env or {})}
    return subprocess.run(command, input=stdin, capture_output=True, text=True, env=environment, timeout=timeout,
                          check=False)


def must(*arguments, **keywords):
    """The same for a step that has to work for the scenario to mean anything."""
    result = tanshu(*arguments, **keywords)
    if result.returncode != 0:
        case(f"tanshu {arguments[0]} works, as a step of this scenario", False,
             f"{' '.join(map(str, arguments))}: {result.returncode}\n{result.stdout}{result.stderr}")
        done()
    return result.stdout


def verifier(*arguments):
    """The separate verifier in Python."""
    return subprocess.run([sys.executable, VERIFIER, *map(str, arguments)], capture_output=True, text=True, check=False)


def new_data(name="data"):
    """An empty data directory; on PostgreSQL when test/postgres.sh started one, in a database of its own."""
    data = place(name)
    server = os.environ.get("TANSHU_TEST_POSTGRES")
    if server:
        must("init", "--store", f"postgres:{server} dbname={new_database(server)}", data=data)
    else:
        must("init", data=data)
    return data


def stored_rows(data, query):
    """What the database of a directory holds, asked from outside, whichever it is; PostgreSQL's values are text."""
    server = os.environ.get("TANSHU_TEST_POSTGRES")
    if not server:
        with sqlite3.connect(f"file:{data}/tanshu.db?mode=ro", uri=True) as store:
            return store.execute(query).fetchall()
    with open(os.path.join(data, "tanshu.conf"), encoding="utf-8") as file:
        name = re.search(r"^store = .*dbname=(\S+)", file.read(), re.M).group(1)
    said = subprocess.run([os.path.join(os.environ["TANSHU_POSTGRES_BIN"], "psql"), "-X", "-A", "-t", "-F", "\t",
                           f"{server} dbname={name}", "-c", query], check=True, capture_output=True, text=True).stdout
    return [tuple(line.split("\t")) for line in said.splitlines()]


def new_database(server):
    """An empty database of that server ("host=… user=…"); its name."""
    name = f"scenario_{os.getpid()}_{time.monotonic_ns()}"
    subprocess.run([os.path.join(os.environ["TANSHU_POSTGRES_BIN"], "psql"), "-X", "-q", f"{server} dbname=postgres",
                    "-c", f"create database {name}"], check=True)
    return name


def add_enterprise(data, serial, name="试验企业", industry="3120", division="130200", people=("manager", "approver")):
    """An enterprise with a manager and an approver called <role>-<serial>; returns its credit code."""
    code = credit_code(serial, division)
    must("org", "add", "--kind", "enterprise", "--name", name, "--name-en", f"Test Works {serial}", "--code", code,
         "--industry", industry, "--division", division, "--founded", "2008-05-01", data=data)
    for role in people:
        add_person(data, code, f"enterprise_{role}", f"{role}-{serial}")
    return code


def add_person(data, code, role, login, name=None):
    must("user", "add", login, "--org", code, "--role", role, "--name", name or login, data=data,
         stdin=PASSWORD + "\n")


def demo_rows(industry, year):
    """Rows of examples/demo for one year, as CSV text with its header."""
    with open(os.path.join(SOURCE, f"examples/demo/{industry}.csv"), encoding="utf-8") as file:
        header, *rows = file.read().splitlines()
    return "\n".join([header, *(row for row in rows if row.startswith(str(year)))]) + "\n"


def write(path, content):
    if isinstance(content, str):
        content = content.encode("utf-8")
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "wb") as file:
        file.write(content)
    return path


# ---- the server and a session ------------------------------------------------------------------

class Server:
    """`tanshu serve` on a port that the system chooses."""

    def __init__(self, data, env=None, prefix=(), preexec=None, arguments=(), quiet=True):
        self.errors = open(place(f"serve-{time.monotonic_ns()}.log"), "w+", encoding="utf-8")
        self.process = subprocess.Popen([*prefix, TANSHU, "serve", "--data", data, "--port", "0",
                                         *(["--quiet"] if quiet else []), *arguments],
                                        stdout=subprocess.PIPE, stderr=self.errors, text=True, preexec_fn=preexec,
                                        env={**os.environ, "TANSHU_LANG": "en", **(env or {})})
        _servers.append(self)
        line = self.process.stdout.readline()
        found = re.search(r":(\d+)\s*$", line)
        self.port = int(found.group(1)) if found else None
        if self.port is None:
            self.process.wait(30)

    def said(self):
        self.errors.flush()
        with open(self.errors.name, encoding="utf-8") as file:
            return file.read()

    def complaints(self):
        """What it said but for statements that a busy machine made slow."""
        return "".join(line for line in self.said().splitlines(True) if " slow statement " not in line)

    def kill(self):
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()

    def stop(self):
        """SIGTERM; returns the exit code."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        return self.process.wait(60)


class Gone(Exception):
    """The server went away before it answered: nothing was acknowledged."""


class Answer:
    def __init__(self, status, headers, body):
        self.status, self.headers, self.body = status, headers, body

    @property
    def text(self):
        return self.body.decode("utf-8", "replace")

    @property
    def words(self):
        """What a reader sees, without tags."""
        reader = _Words()
        reader.feed(self.text)
        return re.sub(r"\s+", " ", "".join(reader.parts))


class _Words(HTMLParser):
    def __init__(self):
        super().__init__()
        self.parts, self.hidden = [], 0

    def handle_starttag(self, tag, attrs):
        self.hidden += tag in ("script", "style")
        if tag not in ("a", "span", "strong", "em", "b", "small", "sub", "sup"):
            self.parts.append(" ")

    def handle_endtag(self, tag):
        self.hidden -= tag in ("script", "style")

    def handle_data(self, data):
        if not self.hidden:
            self.parts.append(data)


class _Forms(HTMLParser):
    """The forms of a page: action, fields with their values, submit buttons."""

    def __init__(self):
        super().__init__()
        self.forms, self.select, self.area = [], None, None

    def handle_starttag(self, tag, attrs):
        a = dict(attrs)
        if tag == "form":
            self.forms.append({"action": a.get("action", ""), "method": a.get("method", "get"), "fields": {},
                               "files": [], "buttons": [], "choices": {}})
        elif not self.forms:
            return
        form = self.forms[-1]
        if tag == "input" and "name" in a:
            kind = a.get("type", "text")
            if kind == "file":
                form["files"].append(a["name"])
            elif kind in ("radio", "checkbox"):
                form["choices"].setdefault(a["name"], []).append(a.get("value", "on"))
                if "checked" in a:
                    form["fields"][a["name"]] = a.get("value", "on")
            else:
                form["fields"][a["name"]] = a.get("value") or ""
        elif tag == "button" and "name" in a:
            form["buttons"].append((a["name"], a.get("value", "")))
        elif tag == "select" and "name" in a:
            self.select = a["name"]
        elif tag == "option" and self.select:
            form["choices"].setdefault(self.select, []).append(a.get("value", ""))
            if "selected" in a or self.select not in form["fields"]:
                form["fields"][self.select] = a.get("value", "")
        elif tag == "textarea" and "name" in a:
            self.area = a["name"]
            form["fields"][self.area] = ""

    def handle_endtag(self, tag):
        if tag == "select":
            self.select = None
        elif tag == "textarea":
            self.area = None

    def handle_data(self, data):
        if self.area and self.forms:
            self.forms[-1]["fields"][self.area] += data


def forms(answer):
    reader = _Forms()
    reader.feed(answer.text)
    return reader.forms


def links(answer):
    return re.findall(r'href="(/[^"]*)"', answer.text.replace("&amp;", "&"))


class Session:
    """One person's browser: cookies, CSRF fields, redirects followed."""

    def __init__(self, server, lang="en"):
        self.server, self.cookies = server, {}
        self.get(f"/language/{lang}")

    def request(self, method, path, body=None, headers=None, follow=True):
        connection = http.client.HTTPConnection("127.0.0.1", self.server.port, timeout=60)
        sent = {"Cookie": "; ".join(f"{k}={v}" for k, v in self.cookies.items()), **(headers or {})}
        try:
            connection.request(method, path, body, sent)
            reply = connection.getresponse()
            content = reply.read()
        except (http.client.HTTPException, OSError) as problem:
            raise Gone(str(problem)) from problem
        finally:
            connection.close()
        for name, value in reply.getheaders():
            if name.lower() == "set-cookie":
                key, _, rest = value.partition("=")
                self.cookies[key] = rest.partition(";")[0]
        answer = Answer(reply.status, dict((k.lower(), v) for k, v in reply.getheaders()), content)
        answer.path = path
        if follow and reply.status in (302, 303):
            return self.request("GET", answer.headers["location"])
        return answer

    def get(self, path, **keywords):
        return self.request("GET", path, **keywords)

    def csrf(self, path):
        found = re.search(r'name="csrf" value="([^"]+)"', self.get(path).text)
        return found.group(1) if found else ""

    def post(self, path, fields, files=(), page=None, follow=True):
        """Posts a form. `page` is where its CSRF field is read; files are (field, name, bytes)."""
        fields = dict(fields)
        if "csrf" not in fields:
            fields["csrf"] = self.csrf(page or path)
        if files:
            body, kind = multipart(fields, files)
        else:
            body, kind = urllib.parse.urlencode(fields).encode(), "application/x-www-form-urlencoded"
        return self.request("POST", path, body, {"Content-Type": kind}, follow=follow)

    def submit(self, answer, action, fields=None, files=(), follow=True):
        """Fills the form of a page whose action begins so, and sends it as a browser does."""
        for form in forms(answer):
            if form["action"].startswith(action):
                return self.post(form["action"], {**form["fields"], **(fields or {})}, files, follow=follow)
        raise AssertionError(f"no form {action} on {answer.path}: {[f['action'] for f in forms(answer)]}")

    def sign_in(self, login, password=PASSWORD):
        return self.post("/sign-in", {"login": login, "password": password, "back": ""}, page="/sign-in")


def multipart(fields, files):
    boundary = "tanshu-scenario-boundary"
    parts = []
    for name, value in fields.items():
        parts.append(f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode())
    for field, name, content in files:
        head = f'--{boundary}\r\nContent-Disposition: form-data; name="{field}"; filename="{name}"\r\n'
        parts.append(head.encode() + b"Content-Type: application/octet-stream\r\n\r\n" + content + b"\r\n")
    parts.append(f"--{boundary}--\r\n".encode())
    return b"".join(parts), f"multipart/form-data; boundary={boundary}"


# ---- workbooks ---------------------------------------------------------------------------------

def workbook(rows, formula=None, merge=None, doctype=False, cells_more=b""):
    """An XLSX of one sheet as bytes. formula: {(row, column): "SUM(A1:A2)"}; merge: "B2:B4"."""
    column = lambda i: (chr(64 + i // 26) if i >= 26 else "") + chr(65 + i % 26)
    out = []
    for r, row in enumerate(rows, 1):
        out.append(f'<row r="{r}">')
        for c, value in enumerate(row):
            ref = f"{column(c)}{r}"
            if formula and (r - 1, c) in formula:
                out.append(f'<c r="{ref}"><f>{formula[(r - 1, c)]}</f><v>{value}</v></c>')
            elif isinstance(value, (int, float)):
                out.append(f'<c r="{ref}"><v>{value!r}</v></c>')
            elif value != "":
                out.append(f'<c r="{ref}" t="inlineStr"><is><t>{escape(str(value))}</t></is></c>')
        out.append("</row>")
    main = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
    sheet = ('<?xml version="1.0" encoding="UTF-8"?>' + ('<!DOCTYPE x [<!ENTITY a "b">]>' if doctype else "") +
             f"<worksheet {main}><sheetData>" + "".join(out)).encode() + cells_more
    sheet += b"</sheetData>" + (f'<mergeCells><mergeCell ref="{merge}"/></mergeCells>'.encode() if merge else b"")
    package = "http://schemas.openxmlformats.org/package/2006"
    office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml"
    files = {
        "[Content_Types].xml": f'<Types xmlns="{package}/content-types"><Default Extension="rels" ContentType='
        '"application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType='
        f'"application/xml"/><Override PartName="/xl/workbook.xml" ContentType="{kind}.sheet.main+xml"/>'
        f'<Override PartName="/xl/worksheets/sheet1.xml" ContentType="{kind}.worksheet+xml"/></Types>',
        "_rels/.rels": f'<Relationships xmlns="{package}/relationships"><Relationship Id="rId1" Type='
        f'"{office}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'<workbook {main} xmlns:r="{office}"><sheets><sheet name="data" sheetId="1" '
        'r:id="rId1"/></sheets></workbook>',
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{package}/relationships"><Relationship Id="rId1" '
        f'Type="{office}/worksheet" Target="worksheets/sheet1.xml"/></Relationships>',
        "xl/worksheets/sheet1.xml": sheet + b"</worksheet>",
    }
    import io
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return stream.getvalue()
