"""Would this call be allowed with this key? The question as people ask it, for the API and the console."""

from dataclasses import dataclass
from uuid import UUID

from apikeys import decisions, documents, operations, selectors
from apikeys.decisions import Question, Rule
from apikeys.models import ApiKey


@dataclass(frozen=True, slots=True)
class Answer:
    """rules: every one, in the order in which they are asked."""

    operation: str
    rules: list[Rule]

    @property
    def decides(self) -> Rule | None:
        """The first rule that refuses; None when the call is allowed."""
        return next((rule for rule in self.rules if not rule.passed), None)


def operation_of(*, operation: str = "", method: str = "", path: str = "") -> str:
    """The operation that is meant, by name or by method and path; raises operations.UnknownOperation."""
    return operations.check_name(operation) if operation else operations.at(method, path)


def ask(key: ApiKey, operation: str, *, project: UUID | None = None, address: str | None = None) -> Answer:
    """What the key would be answered at this moment, from the rules that every call goes by."""
    question = Question(
        selectors.principal_of(key, chosen_only=False),
        operation,
        operations.known()[operation],
        project=project,
        address=address,
        ended=_ended(key),
        chosen=frozenset(key.project_ids),
    )
    return Answer(operation, decisions.explain(question))


def _ended(key: ApiKey) -> str:
    status = documents.status_of(key)
    if status in ("revoked", "expired"):
        return f"The key is {status}."
    return "" if key.owner.is_active else "The owner of the key is switched off."
