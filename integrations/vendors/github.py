"""GitHub's webhooks: signed pushes of commits and of tags. Pure."""

import hashlib
import hmac
import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qs

from bugs import versions
from bugs.commits import PUSHED_MAX, Commit, cut, identifier
from bugs.ingest.wire import lenient_json, shapes
from integrations.vendors import options
from integrations.vendors.facts import Fact, Pushed, Tagged

OPTIONS = {"release_name": "{version}"}
FORM_FIELDS_MAX = 10
_FORM = "application/x-www-form-urlencoded"
_BRANCH, _TAG = "refs/heads/", "refs/tags/"
_DELIVERY = re.compile(r"[0-9A-Za-z-]{1,64}")


def checked(given: Mapping[str, Any], /) -> dict[str, str]:
    """`release_name`: how a tag names its release; `{tag}` is the tag, `{version}` the tag without a `v` before it."""
    found = options.of(given, OPTIONS)
    if "{version}" not in found["release_name"] and "{tag}" not in found["release_name"]:
        raise options.BadOptions("release_name has {version} or {tag} in it.")
    return found


def is_genuine(body: bytes, headers: Mapping[str, str], secret: str, /) -> bool:
    expected = "sha256=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
    return hmac.compare_digest(expected.encode(), headers.get("X-Hub-Signature-256", "").encode())


def delivery(headers: Mapping[str, str], /) -> str:
    name = headers.get("X-GitHub-Delivery", "")
    return name if _DELIVERY.fullmatch(name) else ""


def read(body: bytes, headers: Mapping[str, str], given: Mapping[str, Any], /) -> Fact | None:
    """Pushes to the default branch, and tags that are versions; a ping and all else is nothing to us."""
    if headers.get("X-GitHub-Event", "") != "push":
        return None
    push = shapes.mapping(lenient_json.load(_document(body, headers)))
    ref = shapes.text(push.get("ref"))
    if push.get("deleted") is True:
        return None
    if ref.startswith(_TAG):
        return _tagged(push, ref.removeprefix(_TAG), given)
    repository = shapes.mapping(push.get("repository"))
    if not ref.startswith(_BRANCH) or ref.removeprefix(_BRANCH) != shapes.text(repository.get("default_branch")):
        return None
    told = [each for each in shapes.values(push.get("commits"))[-PUSHED_MAX:] if isinstance(each, dict)]
    commits = [commit for commit in map(_commit, told) if commit.id]
    return Pushed(commits) if commits else None


def _document(body: bytes, headers: Mapping[str, str]) -> bytes:
    """The JSON itself, or as the field `payload` of a form: GitHub sends either."""
    if headers.get("Content-Type", "").partition(";")[0].strip().lower() != _FORM:
        return body
    try:
        fields = parse_qs(body.decode("utf-8", "replace"), max_num_fields=FORM_FIELDS_MAX)
    except ValueError:
        fields = {}
    return fields.get("payload", [""])[0].encode("utf-8", "replace")


def _tagged(push: Mapping[str, Any], tag: str, given: Mapping[str, Any]) -> Tagged | None:
    """An annotated tag has an id of its own in `after`; its commit is the head."""
    commit = shapes.text(shapes.mapping(push.get("head_commit")).get("id")) or shapes.text(push.get("after"))
    version = re.sub(r"^[vV](?=[0-9])", "", tag)
    if not commit or versions.parse(version) is None:
        return None
    name = str(given.get("release_name", OPTIONS["release_name"]))
    named = name.replace("{version}", version).replace("{tag}", tag)
    return Tagged(named[: versions.LENGTH_MAX], identifier(commit))


def _commit(told: Mapping[str, Any]) -> Commit:
    author = shapes.mapping(told.get("author"))
    changed = (
        path
        for name in ("added", "modified", "removed")
        if isinstance(told.get(name), list)
        for path in told[name]
        if isinstance(path, str)
    )
    return cut(
        shapes.text(told.get("id")),
        message=shapes.text(told.get("message")),
        author=shapes.text(author.get("username")) or shapes.text(author.get("name")),
        files=changed,
        committed_at=shapes.moment(told.get("timestamp")),
    )
