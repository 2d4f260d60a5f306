"""`make demo`: finds the running Bugwire and plays the story against it."""

import json
import os
import sys
from pathlib import Path

import httpx
from rich.console import Console

from demo import story

DATA_DIR = Path(os.environ.get("DATA_DIR") or Path(__file__).resolve().parent.parent / ".data")


class NotRunning(Exception):
    """A sentence for the person at the terminal."""


def find_place() -> story.Place:
    try:
        run = json.loads((DATA_DIR / "run.json").read_text())
    except (OSError, ValueError):
        raise NotRunning("Bugwire is not running here; start it with `make run` in another terminal.") from None
    try:
        httpx.get(f"{run['web']}/readyz", timeout=5, trust_env=False).raise_for_status()
    except httpx.HTTPError as error:
        raise NotRunning(f"Bugwire does not answer at {run['web']} ({error}); is `make run` running?") from None
    if missing := [name for name in ("api_key", "dsn", "project") if not run.get(name)]:
        raise NotRunning(f"{DATA_DIR / 'run.json'} has no {missing[0]}; it is shown only at the first start.")
    names = ("web", "stream", "api_key", "dsn", "project")
    return story.Place(**{name: run[name] for name in names}, operator=run.get("operator") or {})


def main() -> int:
    console = Console(highlight=False, soft_wrap=True)
    try:
        place = find_place()
        console.print(f"\nBugwire at [bold]{place.web}[/]; keep {place.web}/ open to watch it live.\n")
        for step in story.play(place):
            console.print(f"[green]✓[/] {step.title:<38} [cyan]{step.seconds * 1000:>8.1f} ms[/]  ", end="")
            console.print(step.detail, style="dim", markup=False)
    except NotRunning as reason:
        print(reason, file=sys.stderr)
        return 1
    except (story.Broken, httpx.HTTPError, OSError) as error:
        console.print(f"[red]✗[/] {type(error).__name__}:", end=" ")
        console.print(str(error), markup=False)
        return 1
    console.print("\nThe whole story holds.\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
