"""Keeps what SDKs really send as data for tests: `python -m tests.sdks.recording` writes tests/data/envelopes anew."""

import json
import os
import platform
import re
import socket
import sys
from collections import Counter
from pathlib import Path
from typing import Any

from tests.sdks.running import Program

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "tests/data/envelopes"
PROGRAMS = {
    "python-chained": Program("python", "chained.py"),
    "python-scope": Program("python", "scope.py"),
    "python-logging": Program("python", "logs.py"),
    "python-outgoing": Program("python", "outgoing.py"),
    "python-attachments": Program("python", "attachments.py"),
    "python-sessions": Program("python", "sessions.py"),
    "python-feedback": Program("python", "feedback.py"),
    "python-unwanted": Program("python", "unwanted.py"),
    "python-django": Program("python", "django_app.py"),
    "python-django-invoice": Program("python", "django_invoice.py"),
    "python-flask": Program("python", "flask_app.py"),
    "node-caught": Program("node", "caught.js", major="11"),
    "node-server": Program("node", "server.js", major="11"),
    "node-feedback": Program("node", "feedback.js", major="11"),
    "browser-click": Program("browser", "visit.py", ("pay",), "11"),
    "browser-long": Program("browser", "visit.py", (*["look"] * 12, "pay"), "11"),
    "browser-fetch": Program("browser", "visit.py", ("refresh",), "11"),
    "browser-feedback": Program("browser", "visit.py", ("complain",), "11"),
}


def split(body: bytes) -> tuple[dict[str, Any], list[tuple[dict[str, Any], bytes]]]:
    """An envelope that is well-formed: its headers, then the headers and the payload of each item."""
    line, _, rest = body.partition(b"\n")
    items = []
    while rest:
        head, _, rest = rest.partition(b"\n")
        headers = json.loads(head)
        length = headers.get("length", (rest + b"\n").index(b"\n"))
        items.append((headers, rest[:length]))
        rest = rest[length + 1 :]
    return json.loads(line), items


def clean(text: bytes) -> bytes:
    """Without the name and the folders of the machine that it ran on."""
    places = {str(ROOT): "/srv/shop", sys.base_prefix: "/usr", str(Path.home()): "/home/shop"}
    places[platform.release()] = "6.1.0"
    for place, stand_in in places.items():
        text = text.replace(place.encode(), stand_in.encode())
    return re.sub(rb"\b%s\b" % re.escape(socket.gethostname()).encode(), b"shop-1", text)


def cleaned(body: bytes) -> bytes:
    headers, items = split(body)
    lines = [clean(json.dumps(headers).encode())]
    for head, payload in items:
        kept = clean(payload)
        fitting = {**head, "length": len(kept)} if "length" in head else head
        lines += [json.dumps(fitting).encode(), kept]
    return b"\n".join(lines) + b"\n"


def name_of(body: bytes) -> str:
    return "+".join(dict.fromkeys(headers["type"] for headers, _ in split(body)[1]))


def write(name: str, program: Program) -> None:
    from tests.sdks import recorder

    with recorder.recording() as server:
        program.run(server.dsn)
    seen: Counter[str] = Counter()
    for body in server.bodies:
        kind = name_of(body)
        seen[kind] += 1
        again = f"-{seen[kind]}" if seen[kind] > 1 else ""
        (FOLDER / f"{name}.{kind}{again}.envelope").write_bytes(cleaned(body))


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    FOLDER.mkdir(parents=True, exist_ok=True)
    for old in FOLDER.glob("*.envelope"):
        old.unlink()
    for name, program in PROGRAMS.items():
        write(name, program)
    print(f"{len(list(FOLDER.iterdir()))} envelopes in {FOLDER}")
