"""The stream's server in a thread of the test: the same code, sockets and database, without two seconds of a start."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import uvicorn
from django.db import connection

from config.stream import server as stream_server
from streaming import threads
from streaming.admission import farewell
from streaming.fanout import tailing

REREAD_SECONDS = 0.5  # sooner than usual: what must not come a second time is waited for


@contextmanager
def in_a_thread(host: str = "127.0.0.1") -> Iterator[str]:
    """Its address, from when it answers until it has ended."""
    farewell.close_door(0)  # another one's end closed it
    server = stream_server.StreamServer(uvicorn.Config(stream_server.APPLICATION, host, 0, **stream_server.OPTIONS))
    kept = connection.settings_dict["CONN_MAX_AGE"]
    connection.settings_dict["CONN_MAX_AGE"] = 0  # its threads must keep none that the test's database waits for
    usual, tailing.REREAD_SECONDS = tailing.REREAD_SECONDS, REREAD_SECONDS
    running = threading.Thread(target=server.run, name="stream server")
    running.start()
    try:
        while not server.started:
            assert running.is_alive()
            time.sleep(0.005)
        host, port = server.servers[0].sockets[0].getsockname()
        yield f"{host}:{port}"
    finally:
        server.should_exit = True
        running.join(15)
        farewell.close_door(0)  # its end closed that of this process, which goes on
        _finish()
        connection.settings_dict["CONN_MAX_AGE"], tailing.REREAD_SECONDS = kept, usual


def _finish() -> None:
    """Wait for the threads of its database calls: one that still reads would stand against the test's clean-up."""
    for executor in (threads._clients, threads._reads, threads._hub, threads._ends):
        workers = executor._max_workers
        together = threading.Barrier(workers)  # only idle ones come to it
        list(executor.map(lambda _, meet=together: meet.wait(30), range(workers)))
