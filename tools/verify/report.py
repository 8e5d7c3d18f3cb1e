"""Verifies a report PDF with its receipt (doc/formats.md, "Receipt")."""
import re

from evidence import RECEIPT, Key, Problem, read_canonical, sha256, verify_receipt

TAIL = re.compile(rb"startxref\n([0-9]{1,11})\n%%EOF\n\Z")


def _trailer(pdf):
    """/Size, /Root, /Info and startxref of the last trailer of a PDF with a cross-reference table."""
    tail = TAIL.search(pdf[-64:])
    if not tail or not pdf.startswith(b"%PDF-1."):
        raise Problem("the report's own bytes are no PDF of the kind that is issued")
    prev = int(tail.group(1))
    section = pdf[prev:]
    if not section.startswith(b"xref\n"):
        raise Problem("the report's own bytes have no cross-reference table")
    dictionary = re.search(rb"trailer(.*?)startxref", section, re.S)
    if not dictionary:
        raise Problem("the report's own bytes have no trailer")
    fields = {}
    for name in (b"Size", b"Root", b"Info"):
        found = re.search(rb"/" + name + rb"\s+([^/>]*)", dictionary.group(1))
        fields[name] = found.group(1).strip() if found else b""
    return int(fields[b"Size"]), fields[b"Root"], fields[b"Info"], prev


def _update(pdf, receipt):
    """The one section that may follow."""
    size, root, info, prev = _trailer(pdf)
    start = b"%d 0 obj\n<< /Type /EmbeddedFile /Subtype /application#2Fjson /Length %d >>\nstream\n%s" % (
        size, len(receipt), receipt) + b"\nendstream\nendobj\n"
    trailer = b"<< /Size %d /Root %s" % (size + 1, root) + (b" /Info " + info if info else b"")
    return start + b"xref\n%d 1\n%010d 00000 n \ntrailer\n%s /TanshuReceipt %d 0 R /Prev %d >>\nstartxref\n%d\n" % (
        size, len(pdf), trailer, size, prev, len(pdf) + len(start)) + b"%%EOF\n"


def _split(data):
    tail = TAIL.search(data[-64:])
    table = re.match(rb"xref\n[0-9]+ 1\n([0-9]{10}) 00000 n \n", data[int(tail.group(1)):]) if tail else None
    if not table:
        raise Problem("the file has no receipt at its end")
    start = int(table.group(1))
    head = re.match(rb"[0-9]+ 0 obj\n<< [^>]*/Length ([0-9]+) >>\nstream\n", data[start:start + 200])
    if not head:
        raise Problem("the file has no receipt at its end")
    begin = start + head.end()
    return data[:start], data[begin:begin + int(head.group(1))]


def verify_report(data, keys):
    """Returns (answer, facts); answer is "yes" or "unknown signer". Raises Problem for no."""
    pdf, json_bytes = _split(data)
    receipt = read_canonical(json_bytes, "the receipt", RECEIPT + ["key", "report"])
    if receipt["kind"] != "report":
        raise Problem("the receipt is not for a report")
    number = receipt["report"]
    if not isinstance(number, str) or not re.fullmatch("[!-~]{1,64}", number):
        raise Problem("the report number is malformed")
    if not isinstance(receipt["key"], str):
        raise Problem("the key is malformed")
    key = Key(receipt["key"])
    content, size, time = verify_receipt(receipt, key)
    if content != sha256(b"tanshu report v1\0", number.encode(), b"\0", sha256(pdf)):
        raise Problem("the report's bytes or number are not those of its leaf")
    if pdf + _update(pdf, json_bytes) != data:
        raise Problem("the receipt is not in its fixed form")
    known = any(item.name == key.name and item.key == key.key for item in keys)
    facts = {"report": number, "log": key.name, "key": key.text, "place": receipt["index"], "size": size, "time": time}
    return ("yes" if known else "unknown signer"), facts
