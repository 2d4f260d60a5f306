"""A certificate authority of this test run, another one, and a server's certificate."""

import pytest

from config import tls
from tests.config.tls.loopback import Authority


@pytest.fixture(scope="session")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture(scope="session")
def stranger(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    """Another authority, which nobody trusts."""
    return Authority(tmp_path_factory.mktemp("stranger"), "nobody's CA")


@pytest.fixture(scope="session")
def identity(authority: Authority) -> tls.Identity:
    return authority.issue("server")
