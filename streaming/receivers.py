"""Who listens to what: looked up once for a stream and a project, and kept right while clients come and go. Pure."""

from collections.abc import Iterable
from uuid import UUID

from bugs import policy
from streaming.sockets import Socket
from streaming.streams import Stream, Subscription

Receiver = tuple[Socket, Subscription]
Group = dict[int, Receiver]  # in the order in which they came
KEPT = 200_000  # receivers of all groups together; then all are looked up anew


class Receivers:
    """change: grows whenever somebody may have stopped to be one; those who come change nothing for others."""

    def __init__(self) -> None:
        self.change = 0
        self._groups: dict[str, dict[str, Group]] = {}  # by stream and project
        self._kept = 0

    def of(self, stream: Stream, project_id: str, sockets: Iterable[Socket]) -> list[Receiver]:
        """The subscriptions of a stream whose sockets may see the project."""
        group = self._groups.get(stream.name, {}).get(project_id)
        if group is None:
            group = self._look_up(stream, project_id, sockets)
        return list(group.values())

    def add(self, socket: Socket, one: Subscription) -> None:
        for project_id, group in self._groups.get(one.stream.name, {}).items():
            if policy.allows(socket.principal, one.stream.action, UUID(project_id)):
                group[id(one)] = socket, one
                self._kept += 1

    def remove(self, one: Subscription) -> None:
        self.change += 1
        for group in self._groups.get(one.stream.name, {}).values():
            self._kept -= group.pop(id(one), None) is not None

    def forget(self) -> None:
        """Somebody may see more or less than before."""
        self.change += 1
        self._groups.clear()
        self._kept = 0

    def _look_up(self, stream: Stream, project_id: str, sockets: Iterable[Socket]) -> Group:
        if self._kept > KEPT:
            self.forget()
        project = UUID(project_id)
        group = self._groups.setdefault(stream.name, {})[project_id] = {
            id(one): (socket, one)
            for socket in sockets
            for one in socket.subscriptions.values()
            if one.stream is stream and policy.allows(socket.principal, stream.action, project)
        }
        self._kept += len(group)
        return group
