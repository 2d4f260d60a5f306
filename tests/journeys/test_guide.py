"""The commands of the guide run, one after the other, as a reader would run them."""

import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.journeys.conftest import bootstrap

GUIDE = Path(__file__).resolve().parents[2] / "docs" / "api" / "bug-dashboard-api.md"
CURL = shutil.which("curl")
# A refused call ends the run; each command is said, so that the last one is the one that failed.
FIRST = (
    'set -euo pipefail; trap \'echo "failed: $BASH_COMMAND" >&2\' ERR; curl() { command curl --fail-with-body "$@"; }'
)


def commands() -> list[str]:
    """Every block of commands but the first, which names the place."""
    return re.findall(r"^```console\n(.*?)^```$", GUIDE.read_text(), re.MULTILINE | re.DOTALL)[1:]


@pytest.mark.skipif(CURL is None, reason="no curl on this machine: the guide is not run")
def test_every_command_of_the_guide_runs(live_server: Any, valkey: Any, settings: Any) -> None:
    settings.PUBLIC_URL, settings.EVENT_ROUTES = live_server.url, {}
    place = f"API={live_server.url}/api/v1\nKEY={bootstrap()['api_key']}"
    script = "\n".join([FIRST, place, *commands()])
    done = subprocess.run(["bash", "-c", script], capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, f"{done.stdout[-2_000:]}\n{done.stderr[-2_000:]}"
    assert "HTTP/1.1 304" in done.stdout
