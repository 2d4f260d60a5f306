"""Who listens to what: looked up once for a stream and a project, and kept right while clients come and go. Pure."""

from collections import OrderedDict
from dataclasses import dataclass
from uuid import UUID

from bugs import policy
from streaming.fanout.sockets import Socket
from streaming.streams import Stream, Subscription

KEPT = 500_000  # receivers of all groups together, at 33 to 47 bytes each in groups of a hundred and more


@dataclass(frozen=True, eq=False, slots=True)
class Receiver:
    """One subscription of one socket."""

    socket: Socket
    subscription: Subscription


Group = dict[Receiver, None]


class Receivers:
    """change: grows whenever somebody may have stopped to be one; those who come change nothing for others."""

    def __init__(self) -> None:
        self.change = 0
        self._all: dict[str, dict[int, Receiver]] = {}  # by stream, and the identity of the subscription
        self._groups: OrderedDict[tuple[str, UUID], Group] = OrderedDict()  # by stream and project, the oldest first
        self._kept = 0

    def of(self, stream: Stream, project_id: UUID) -> list[Receiver]:
        """Those of a stream whose sockets may see the project."""
        group = self._groups.get((stream.name, project_id))
        return list(self._look_up(stream, project_id) if group is None else group)

    def add(self, socket: Socket, one: Subscription) -> None:
        receiver = Receiver(socket, one)
        self._all.setdefault(one.stream.name, {})[id(one)] = receiver
        for group in self._groups_of(socket, one):
            group[receiver] = None
            self._kept += 1
        self._trim()

    def remove(self, one: Subscription) -> None:
        receiver = self._all.get(one.stream.name, {}).pop(id(one), None)
        if receiver is None:
            return
        self.change += 1
        for group in self._groups_of(receiver.socket, one):
            del group[receiver]
            self._kept -= 1

    def forget(self) -> None:
        """Somebody may see more or less than before."""
        self.change += 1
        self._groups.clear()
        self._kept = 0

    def _groups_of(self, socket: Socket, one: Subscription) -> list[Group]:
        name = one.stream.name
        visible = policy.projects(socket.principal, one.stream.action)
        return [group for project_id in visible if (group := self._groups.get((name, project_id))) is not None]

    def _look_up(self, stream: Stream, project_id: UUID) -> Group:
        group = self._groups[stream.name, project_id] = {
            receiver: None
            for receiver in self._all.get(stream.name, {}).values()
            if policy.allows(receiver.socket.principal, stream.action, project_id)
        }
        self._kept += len(group) + 1
        self._trim()
        return group

    def _trim(self) -> None:
        while self._kept > KEPT and len(self._groups) > 1:
            _, group = self._groups.popitem(last=False)
            self._kept -= len(group) + 1
