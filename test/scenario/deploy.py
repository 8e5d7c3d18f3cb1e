"""The examples of deploy/ do what doc/deploy.md says: nginx really stands in front of the server, Caddy and systemd read
their files. The argument names which; one that is not installed is a skipped test."""
import http.client
import os
import re
import shutil
import signal
import socket
import ssl
import subprocess
import sys
import time
import urllib.parse

from tanshu_case import (PASSWORD, SOURCE, TANSHU, Server, Session, add_enterprise, case, done, must, new_data, place, tanshu,
                         write)

DEPLOY = os.path.join(SOURCE, "deploy")


def example(name):
    with open(os.path.join(DEPLOY, name), encoding="utf-8") as file:
        return file.read()


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Front:
    """nginx with the example, its ports and certificate changed for this machine."""

    def __init__(self, server):
        folder = place("nginx")
        os.makedirs(folder)
        os.chmod(os.path.dirname(folder), 0o755)  # nginx' workers give up root's rights
        subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj",
                        "/CN=carbon.example.cn", "-keyout", f"{folder}/key.pem", "-out", f"{folder}/cert.pem"],
                       check=True, capture_output=True)
        self.plain, self.port = free_port(), free_port()
        text = example("nginx.conf")
        for old, new in (("127.0.0.1:8080", f"127.0.0.1:{server.port}"), ("/etc/ssl/tanshu/fullchain.pem", f"{folder}/cert.pem"),
                         ("/etc/ssl/tanshu/privkey.pem", f"{folder}/key.pem"), ("listen 80;", f"listen 127.0.0.1:{self.plain};"),
                         ("listen 443 ssl", f"listen 127.0.0.1:{self.port} ssl"), ("    listen [::]:80;\n", ""),
                         ("    listen [::]:443 ssl http2;\n", "")):
            if old not in text:
                raise RuntimeError(f"deploy/nginx.conf has no {old}")
            text = text.replace(old, new)
        site = write(place("nginx/site.conf"), text)
        temporary = "".join(f"    {name}_temp_path {folder}/{name};\n"
                            for name in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
        self.conf = write(place("nginx/nginx.conf"), f"pid {folder}/pid;\nerror_log {folder}/error.log;\nevents {{}}\n"
                          f"http {{\n{temporary}    access_log off;\n    include {site};\n}}\n")
        self.process = None

    def check(self):
        return subprocess.run(["nginx", "-t", "-c", self.conf], capture_output=True, text=True, check=False)

    def start(self):
        self.process = subprocess.Popen(["nginx", "-c", self.conf, "-g", "daemon off;"], stderr=subprocess.DEVNULL)
        for _ in range(100):
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", self.port)) == 0:
                    return
            time.sleep(0.05)

    def stop(self):
        self.process.send_signal(signal.SIGQUIT)
        self.process.wait(20)

    def ask(self, method, path, body=None, headers=None):
        context = ssl.create_default_context(cafile=place("nginx/cert.pem"))
        context.check_hostname = False
        connection = http.client.HTTPSConnection("127.0.0.1", self.port, context=context, timeout=30)
        connection.request(method, path, body, {"Host": "carbon.example.cn", **(headers or {})})
        answer = connection.getresponse()
        answer.body = answer.read().decode("utf-8", "replace")
        connection.close()
        return answer


def nginx():
    data = new_data()
    add_enterprise(data, 8100)
    must("set", "https_in_front", "yes", data=data)
    must("set", "public_url", "https://carbon.example.cn", data=data)
    server = Server(data, quiet=False)
    front = Front(server)
    checked = front.check()
    case("nginx -t takes the example", checked.returncode == 0, checked.stderr)
    front.start()
    try:
        connection = http.client.HTTPConnection("127.0.0.1", front.plain, timeout=10)
        connection.request("GET", "/verify?x=1", headers={"Host": "carbon.example.cn"})
        answer = connection.getresponse()
        case("plain HTTP is sent to HTTPS", answer.status == 301 and
             answer.headers["location"] == "https://carbon.example.cn/verify?x=1", dict(answer.headers))
        page = front.ask("GET", "/sign-in", headers={"X-Forwarded-For": "203.0.113.9"})
        case("the pages come through TLS, with HSTS", page.status == 200 and "<form" in page.body and
             page.headers["strict-transport-security"] == "max-age=31536000", page.status)
        cookies = page.headers.get_all("set-cookie")
        case("cookies are Secure", cookies and all("Secure" in cookie for cookie in cookies), cookies)
        for path in ("/metrics", "/readyz", "/healthz"):
            case(f"{path} is not for the world", front.ask("GET", path).status == 404)
        csrf = re.search(r'name="csrf" value="([^"]*)"', page.body).group(1)
        cookie = "; ".join(one.split(";")[0] for one in cookies)
        form = urllib.parse.urlencode({"csrf": csrf, "login": "manager-8100", "password": PASSWORD})
        signed = front.ask("POST", "/sign-in", form, {"Cookie": cookie, "Content-Type": "application/x-www-form-urlencoded"})
        case("a person signs in through it", signed.status == 303 and signed.headers["location"].startswith("/"),
             f"{signed.status} {signed.body[:300]}")
        tries = [front.ask("GET", "/sign-in").status for _ in range(20)]
        case("a machine that tries passwords is slowed down", tries.count(429) >= 5 and tries[0] == 200, tries)
        case("others go on meanwhile", front.ask("GET", "/verify").status == 200)
        large = front.ask("POST", "/enterprise/data/upload", b"x" * (71 << 20), {"Cookie": cookie})
        case("what is larger than any upload is refused before it reaches the server", large.status == 413, large.status)
    finally:
        front.stop()
        server.stop()
    case("the address that a client invents is not believed", "203.0.113.9" not in server.said() and
         "127.0.0.1" in server.said(), server.said()[:600])


def caddy():
    read = subprocess.run(["caddy", "validate", "--config", os.path.join(DEPLOY, "Caddyfile"), "--adapter", "caddyfile"],
                          capture_output=True, text=True, check=False, env={**os.environ, "HOME": place("caddy")})
    case("caddy takes the example", read.returncode == 0 and "Valid configuration" in read.stdout + read.stderr, read.stderr)
    fmt = subprocess.run(["caddy", "fmt", os.path.join(DEPLOY, "Caddyfile")], capture_output=True, text=True, check=False)
    case("and would not lay it out in another way", fmt.stdout == example("Caddyfile"))


def calls(name):
    """The system calls of one of systemd's groups."""
    if not name.startswith("@"):
        return {name}
    listed = subprocess.run(["systemd-analyze", "syscall-filter", "--no-pager", name], capture_output=True, text=True,
                            check=True).stdout.splitlines()[1:]
    return set().union(*(calls(line.strip()) for line in listed if line.strip() and not line.strip().startswith("#")))


def filtered():
    """The system calls that the unit allows."""
    allowed = set()
    for words in re.findall(r"^SystemCallFilter=(.*)$", example("tanshu.service"), re.M):
        named = set().union(*(calls(word) for word in words.lstrip("~").split()))
        allowed = allowed - named if words.startswith("~") else allowed | named
    return allowed


def under_its_filter():
    """Takes in a file, which starts the jail, and serves, with no other system calls than those of the unit."""
    allowed = filtered()
    case("the unit's list is one of system calls, without those of the owner of the machine",
         {"openat", "fsync", "seccomp"} <= allowed and not {"mount", "reboot", "bpf", "ptrace"} & allowed, sorted(allowed))
    prefix = (os.environ["TANSHU_UNDER_FILTER"], write(place("calls"), "\n".join(sorted(allowed)) + "\n"))
    data = place("data")
    # A sanitizer's search for leaks at the end stops the process by ptrace, which the unit refuses for good reason.
    env = {"ASAN_OPTIONS": os.environ.get("ASAN_OPTIONS", "") + ":detect_leaks=0"}
    must("init", data=data, prefix=prefix, env=env)
    code = add_enterprise(data, 8200)
    table = write(place("table.csv"), "period,input,key,value,unit\n2025-01,electricity_purchased,,1200,MWh\n")
    read = tanshu("import", "--org", code, "--as", "manager-8200", table, data=data, prefix=prefix,
                  env=env)
    case("a file is taken in under it", read.returncode == 0, read.stderr)
    book = tanshu("account", "--org", code, "--year", "2025", data=data, prefix=prefix, env=env)
    case("the account is told under it", book.returncode == 0 and "1200" not in book.stderr, book.stderr)
    server = Server(data, prefix=prefix, env=env)
    session = Session(server)
    session.sign_in("manager-8200")
    case("and pages are served under it", session.get("/enterprise").status == 200, server.said())
    chart = session.get("/enterprise/data/template?year=2025")
    case("with workbooks", chart.status == 200 and chart.body[:2] == b"PK", chart.status)
    case("the server ends when told to", server.stop() == 0, server.said())


def systemd():
    # The program is installed elsewhere here; systemd asks whether it can be run.
    unit = write(place("tanshu.service"), example("tanshu.service").replace("/usr/local/bin/tanshu", os.path.abspath(TANSHU)))
    read = subprocess.run(["systemd-analyze", "verify", "--man=no", unit], capture_output=True, text=True, check=False)
    case("systemd takes the unit without a remark", read.returncode == 0 and read.stderr.strip() == "", read.stderr)
    seen = subprocess.run(["systemd-analyze", "security", "--offline=yes", "--no-pager", "--threshold=20", unit],
                          capture_output=True, text=True, check=False)
    level = re.search(r"exposure level for tanshu.service: ([\d.]+)", seen.stdout)
    case("its exposure is at most 2.0 of 10", seen.returncode == 0 and level and float(level.group(1)) <= 2.0,
         seen.stdout[-400:])
    under_its_filter()


os.environ["PATH"] += ":/usr/sbin"  # nginx
program = {"nginx": "nginx", "caddy": "caddy", "systemd": "systemd-analyze"}[sys.argv[1]]
if shutil.which(program) is None:
    print(f"ok 1 - the example for {sys.argv[1]} # SKIP {program} is not installed\n1..1")
    sys.exit(0)
{"nginx": nginx, "caddy": caddy, "systemd": systemd}[sys.argv[1]]()
done()
