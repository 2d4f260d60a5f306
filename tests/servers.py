"""A pytest plugin: PostgreSQL and Valkey for the run, before Django reads its settings."""

import os
import shutil
import tempfile
from collections.abc import Generator
from contextlib import ExitStack
from pathlib import Path

import pytest

from config import embedded

FAST = {"fsync": "off", "full_page_writes": "off", "synchronous_commit": "off", "max_connections": "100"}
_running = ExitStack()


@pytest.hookimpl(wrapper=True)
def pytest_load_initial_conftests(early_config: pytest.Config, args: list[str]) -> Generator[None, None, None]:
    """A wrapper runs ahead of pytest-django's own hook, which loads the settings."""
    if worker := os.environ.get("PYTEST_XDIST_WORKER"):
        _own_redis(int(worker.removeprefix("gw")))
    elif not {"-h", "--help", "--version", "-V"} & set(args):
        _start()
    try:
        return (yield)
    except BaseException:  # `pytest_unconfigure` is not called for a run that did not begin
        _running.close()
        raise


def pytest_unconfigure() -> None:
    if "PYTEST_XDIST_WORKER" not in os.environ:
        _running.close()


def _start() -> None:
    data_dir = Path(tempfile.mkdtemp(prefix="bugwire-tests-"))
    _running.callback(shutil.rmtree, data_dir, ignore_errors=True)
    (data_dir / "static").mkdir()
    os.environ.setdefault("SECRET_KEY", "a key for tests alone, never for anything else")
    os.environ["DATA_DIR"] = str(data_dir)
    os.environ.setdefault("FAILED_AUTH_PER_MINUTE", "1000000")  # all tests call from one address
    try:
        if "DATABASE_URL" not in os.environ:
            os.environ["DATABASE_URL"] = _running.enter_context(embedded.Postgres(data_dir, FAST)).url
        if "REDIS_URL" not in os.environ:
            os.environ["REDIS_URL"] = _running.enter_context(embedded.Valkey(data_dir)).url
            os.environ.setdefault("BROKER_URL", embedded.broker_url(data_dir))
    except embedded.CannotStart as reason:
        _running.close()
        raise pytest.UsageError(str(reason)) from None


def _own_redis(worker: int) -> None:
    """Two databases a worker: one for the application, one for the broker."""
    os.environ["REDIS_URL"] = _with(os.environ["REDIS_URL"], "db", 2 * worker)
    if "BROKER_URL" in os.environ:
        os.environ["BROKER_URL"] = _with(os.environ["BROKER_URL"], "virtual_host", 2 * worker + 1)


def _with(url: str, name: str, number: int) -> str:
    return f"{url.partition('?')[0]}?{name}={number}"
