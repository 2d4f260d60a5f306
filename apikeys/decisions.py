"""Whether a call is allowed, and which rule says so: one list of rules, for refusing and for explaining. Pure."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple
from uuid import UUID

from apikeys import networks, operations
from audit.actors import NO_ROLE, Principal
from bugs import policy


@dataclass(frozen=True, slots=True)
class Question:
    """May `principal` do this?

    action: what the policy is asked; None when what is asked for later is checked by itself (a socket's subscriptions).
    project, address: when None, any project that allows it will do, and the network was checked or is not asked about.
    ended: why the credential is not live. chosen: the projects that a key is bound to, when `principal.roles` are all
    of its owner's; a principal from authentication has the roles of the chosen ones only.
    """

    principal: Principal
    operation: str
    action: str | None
    project: UUID | None = None
    address: str | None = None
    ended: str = ""
    chosen: frozenset[UUID] = frozenset()


class Rule(NamedTuple):
    """name: stable. text: why it passed or failed."""

    name: str
    passed: bool
    text: str


class _Check(NamedTuple):
    name: str
    passes: Callable[[Question], bool]
    says: Callable[[Question, bool], str]


def refusal(question: Question) -> Rule | None:
    """The first rule that refuses; None when the call is allowed. Texts are made for a refusal alone."""
    for check in _CHECKS:
        if not check.passes(question):
            return Rule(check.name, False, check.says(question, False))
    return None


def explain(question: Question) -> list[Rule]:
    """Every rule in the order in which they are asked."""
    found = []
    for check in _CHECKS:
        passed = check.passes(question)
        found.append(Rule(check.name, passed, check.says(question, passed)))
    return found


def _needed(question: Question) -> tuple[str, frozenset[str]]:
    return policy.needs(question.action or "")


def _live(question: Question) -> bool:
    return not question.ended


def _network(question: Question) -> bool:
    allowed = question.principal.networks
    return not allowed or question.address is None or networks.contain(allowed, question.address)


def _endpoint(question: Question) -> bool:
    bound = question.principal.endpoints
    return not bound or operations.matches(question.operation, bound)


def _permission(question: Question) -> bool:
    return question.action is None or _needed(question)[0] in question.principal.permissions


def _ceiling(question: Question) -> bool:
    ceiling = question.principal.ceiling
    return not ceiling or question.action is None or ceiling in _needed(question)[1]


def _project(question: Question) -> bool:
    return question.project is None or not question.chosen or question.project in question.chosen


def _role(question: Question) -> bool:
    if question.action is None:
        return True
    roles, allowed = question.principal.roles, _needed(question)[1]
    if question.project is not None:
        return not allowed.isdisjoint(roles.get(question.project, NO_ROLE))
    chosen = question.chosen
    return any(not allowed.isdisjoint(has) for project, has in roles.items() if not chosen or project in chosen)


def _says_live(question: Question, passed: bool) -> str:
    return "The key is live." if passed else question.ended


def _says_network(question: Question, passed: bool) -> str:
    if not question.principal.networks:
        return "The key may be used from any address."
    if question.address is None:
        return "The key is bound to networks; no address was given."
    return f"The address is {'' if passed else 'not '}in one of the key's networks."


def _says_endpoint(question: Question, passed: bool) -> str:
    if not question.principal.endpoints:
        return "The key is not bound to endpoints."
    if passed:
        return f"One of the key's endpoints matches {question.operation}."
    return f"This key is not allowed to call {question.operation}."


def _says_permission(question: Question, passed: bool) -> str:
    permission = _needed(question)[0] or "for this"
    if question.action is None:
        return "What is asked for afterwards is checked each time."
    return f"This key {'has' if passed else 'lacks'} the permission {permission}."


def _says_ceiling(question: Question, passed: bool) -> str:
    ceiling = question.principal.ceiling
    if not ceiling:
        return "The key has no role of its own; it goes as far as its owner's."
    return f"The key is {ceiling} at most, which {'allows' if passed else 'does not allow'} this."


def _says_project(question: Question, passed: bool) -> str:
    if not question.chosen:
        return "The key is not bound to projects."
    if question.project is None:
        return "The key is bound to projects; none was named, so any of them will do."
    return f"The key is {'' if passed else 'not '}for this project."


def _says_role(question: Question, passed: bool) -> str:
    if question.action is None:
        return "What is asked for afterwards is checked each time."
    if question.project is None:
        where = "some project" if passed else "any project"
        return f"{'A role' if passed else 'No role'} of yours allows this in {where}."
    roles = sorted(question.principal.roles_in(question.project))
    if not roles:
        return "The owner has no role in this project."
    return f"The owner is {' and '.join(roles)} in this project, which {'allows' if passed else 'does not allow'} this."


_CHECKS = (
    _Check("live", _live, _says_live),
    _Check("network", _network, _says_network),
    _Check("endpoint", _endpoint, _says_endpoint),
    _Check("permission", _permission, _says_permission),
    _Check("ceiling", _ceiling, _says_ceiling),
    _Check("project", _project, _says_project),
    _Check("role", _role, _says_role),
)
RULES = tuple(check.name for check in _CHECKS)
