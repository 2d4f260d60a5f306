"""What a project got, read through the API as anybody would."""

from dataclasses import dataclass
from typing import Any

import httpx


@dataclass(frozen=True)
class Arrived:
    """project: its key. said: the words that the program printed, among them the ids of its events."""

    client: httpx.Client
    project: str
    said: list[str]

    def rows(self, path: str, **parameters: Any) -> list[dict[str, Any]]:
        return self._read(path, project=self.project, **parameters)["results"]

    @property
    def errors(self) -> list[dict[str, Any]]:
        """Oldest first."""
        return self.rows("errors/", limit=100)[::-1]

    @property
    def error(self) -> dict[str, Any]:
        """The only one. Its id is the one that the program was told, when it was told any."""
        (found,) = self.errors
        ids = [word for word in self.said if len(word) == 32]
        assert not ids or found["event_id"].replace("-", "") in ids
        return found

    @property
    def groups(self) -> list[dict[str, Any]]:
        return self.rows("error-groups/")

    @property
    def bug(self) -> dict[str, Any]:
        """The bug of the only group."""
        (group,) = self.groups
        return self._read(f"bugs/{group['bug']}/")

    @property
    def files(self) -> dict[str, str]:
        """Of the only group's bug."""
        return self.files_of(self.bug["reference"])

    def files_of(self, bug: str) -> dict[str, str]:
        """Names and types of the files beside a bug."""
        found = self._read(f"bugs/{bug}/attachments/")["results"]
        return {file["name"]: file["content_type"] for file in found}

    @property
    def feedback(self) -> list[dict[str, Any]]:
        return self.rows("feedback/")

    @property
    def sessions(self) -> list[dict[str, Any]]:
        """Oldest first."""
        return self.rows("sessions/")[::-1]

    @property
    def health(self) -> dict[str, Any]:
        """Of the only release."""
        (release,) = self.rows("releases/")
        return self._read(f"releases/{release['id']}/", project=self.project)["health"]

    def count(self, category: str, outcome: str, reason: str = "") -> int:
        """How many items of that kind met that fate; of every reason when none is named."""
        totals = self._read("ingest/outcomes/", project=self.project)["totals"]
        figures = next((row for row in totals if row["category"] == category), {})
        found = figures.get("reasons", {}).get(outcome, {}).get(reason, 0) if reason else figures.get(outcome, 0)
        return int(found)

    def _read(self, path: str, **parameters: Any) -> dict[str, Any]:
        answer = self.client.get(f"/api/v1/{path}", params=parameters)
        return answer.raise_for_status().json()
