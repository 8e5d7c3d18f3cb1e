"""Shared by tests in Python that read the tree: what each finds, as TAP."""
import sys

_count = _failed = 0


def result(name, problems):
    """One line of TAP: a case that found no problems is good; of many the first forty are shown."""
    global _count, _failed
    _count += 1
    _failed += bool(problems)
    print("not ok" if problems else "ok", _count, "-", name)
    for problem in problems[:40]:
        print("#", problem)


def finish():
    print(f"1..{_count}")
    sys.exit(1 if _failed or _count == 0 else 0)
