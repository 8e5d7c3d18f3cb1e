"""The verify page, the public card and the public log, without an account: yes, no, unknown signer."""
import base64
import glob
import hashlib
import os

from tanshu_case import Server, Session, add_enterprise, case, demo_rows, done, must, new_data, place, tanshu, write

YEAR = "2024"


def report_of(name):
    """A data directory with one issued report; returns its directory and the PDF's bytes."""
    data = new_data(name)
    code = add_enterprise(data, 1)
    org = ("--org", code, "--year", YEAR)
    must("import", *org, "--as", "manager-1", write(place(name + ".csv"), demo_rows("steel", YEAR)), data=data)
    must("approve", *org, "--as", "approver-1", data=data)
    must("rate", *org, data=data)
    path = place(name + ".pdf")
    must("report", *org, "--output", path, data=data)
    with open(path, "rb") as file:
        return data, file.read()


data, pdf = report_of("own")
_, foreign = report_of("other")
server = Server(data)
visitor = Session(server)


def verdict(content, **fields):
    return visitor.post("/verify", {"key": "", **fields}, [("report", "report.pdf", content)]).words


page = verdict(pdf)
case("the report as issued: yes, with the checkpoint", "Yes: this report is as it was issued" in page and
     "Checkpoint it rests on" in page, page[-900:])
middle = len(pdf) // 2
case("one changed byte: no", "No: this is not a report" in verdict(pdf[:middle] + bytes([pdf[middle] ^ 1]) +
                                                                    pdf[middle + 1:]))
case("a byte appended: no", "No: this is not a report" in verdict(pdf + b"\n"))
case("cut short: no", "No: this is not a report" in verdict(pdf[:-200]))
case("no PDF at all: no", "No: this is not a report" in verdict(b"hello"))
page = verdict(foreign)
case("a report signed by another key: unknown signer, never yes", "Unknown signer: whole in itself" in page and
     "Yes: this report" not in page, page[-900:])
with open(os.path.join(place("other"), "keys/log.pub"), encoding="utf-8") as file:
    root = file.read().strip().splitlines()[-1]
case("with that issuer's trust root: yes", "Yes: this report is as it was issued" in verdict(foreign, key=root))
case("an unreadable trust root is said, not ignored", visitor.post("/verify", {"key": "nonsense"}, [
    ("report", "r.pdf", pdf)]).status == 422)
case("without a file: 422 and the form again", visitor.post("/verify", {"key": ""}).status == 422)

number = next(n for n in [pdf[pdf.find(b"TR-2"):][:40]] if n).split(b'"')[0].split(b")")[0].decode()
card = visitor.get("/verify/" + number)
case("the number of an issued report: the public card", card.status == 200 and "Issued and valid" in card.words, card.words)
case("the card names nobody", "试验企业" not in card.text and "Test Works" not in card.text)
wrong = visitor.get("/verify/" + number[:-1] + ("0" if number[-1] != "0" else "1"))
case("a number that was never issued: 404 and what to do", wrong.status == 404 and "No report with this number" in
     wrong.words)

checkpoint = visitor.get("/log/checkpoint")
with open(os.path.join(data, "log/checkpoint"), "rb") as file:
    case("the checkpoint is served byte for byte", checkpoint.body == file.read())
case("as text", checkpoint.headers["content-type"].startswith("text/plain"))
origin, size, root_hash = checkpoint.text.splitlines()[:3]
tiles = [t for t in glob.glob(os.path.join(data, "log/tile/**"), recursive=True) if os.path.isfile(t)]
same = []
for tile in tiles:
    with open(tile, "rb") as file:
        answer = visitor.get("/" + os.path.relpath(tile, data))
        same.append(answer.status == 200 and answer.body == file.read() and
                    answer.headers["content-type"] == "application/octet-stream")
case(f"every tile file is served byte for byte ({len(tiles)})", tiles and all(same))


def tree(hashes):
    """RFC 6962 root over leaf hashes."""
    if len(hashes) == 1:
        return hashes[0]
    split = 1
    while split * 2 < len(hashes):
        split *= 2
    return hashlib.sha256(b"\1" + tree(hashes[:split]) + tree(hashes[split:])).digest()


leaves = visitor.get(f"/log/tile/0/000.p/{size}").body if int(size) < 256 else visitor.get("/log/tile/0/000").body
case("the root of the served tile is the signed root", int(size) < 256 and base64.b64encode(tree(
    [leaves[i:i + 32] for i in range(0, len(leaves), 32)])).decode() == root_hash, f"{size} leaves")
for path in ("/log/tile/../checkpoint", "/log/tile/0/..", "/log/tile/0/%2e%2e%2f%2e%2e", "/log/tile/00/000"):
    case(f"{path} is no tile", visitor.get(path).status == 404)
key = write(place("served.pub"), visitor.get("/log/log.pub").body)
case("the trust root that is served verifies offline", tanshu("verify", write(place("r.pdf"), pdf), "--key", key)
     .returncode == 0)
server.stop()
done()
