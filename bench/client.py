"""Load over a fixed number of kept-alive connections, with as little of its own as possible."""

import asyncio
import time
from collections.abc import Callable

import uvloop

from bench import servers
from bench.figures import percentile

CONNECTIONS = 16


def get(path: str, **headers: str) -> bytes:
    """The bytes of a GET request."""
    lines = [f"GET {path} HTTP/1.1", "Host: 127.0.0.1", *(f"{name}: {value}" for name, value in headers.items())]
    return ("\r\n".join(lines) + "\r\n\r\n").encode()


def post(path: str, body: bytes, **headers: str) -> bytes:
    lines = [f"POST {path} HTTP/1.1", "Host: 127.0.0.1", f"Content-Length: {len(body)}"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    return ("\r\n".join(lines) + "\r\n\r\n").encode() + body


def load(port: int, pid: int, request: Callable[[], bytes], seconds: float) -> dict[str, float]:
    """Answers per second, their p50 and p99 in ms, and the server's CPU ms for each."""
    times: list[float] = []
    used, began = servers.cpu_seconds(pid), time.perf_counter()
    uvloop.run(_all(port, request, began + seconds, times))
    took = time.perf_counter() - began
    return {
        "per_second": len(times) / took,
        "p50": percentile(times, 0.5) * 1000,
        "p99": percentile(times, 0.99) * 1000,
        "cpu_ms": (servers.cpu_seconds(pid) - used) / len(times) * 1000,
    }


def once(port: int, request: bytes) -> bytes:
    """The body of one answer."""

    async def ask() -> bytes:
        reader, writer = await asyncio.open_connection(servers.HOST, port, limit=2**22)
        body = await _answer(reader, writer, request)
        writer.close()
        return body

    return uvloop.run(ask())


async def _all(port: int, request: Callable[[], bytes], until: float, times: list[float]) -> None:
    await asyncio.gather(*(_one(port, request, until, times) for _ in range(CONNECTIONS)))


async def _one(port: int, request: Callable[[], bytes], until: float, times: list[float]) -> None:
    reader, writer = await asyncio.open_connection(servers.HOST, port, limit=2**22)
    while (began := time.perf_counter()) < until:
        await _answer(reader, writer, request())
        times.append(time.perf_counter() - began)
    writer.close()


async def _answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, request: bytes) -> bytes:
    writer.write(request)
    head = (await reader.readuntil(b"\r\n\r\n")).lower()
    length = int(head.partition(b"content-length:")[2].partition(b"\r\n")[0])
    body = await reader.readexactly(length)
    if not head.startswith(b"http/1.1 20"):
        raise RuntimeError((head + body[:500]).decode(errors="replace"))
    return body
