"""The names of people's accounts in paths: the personal data that bug reports have most."""

from bugs.privacy.detectors.shapes import LETTER, WORD, Found, Shape

# Accounts that many machines have and no person is known by, and words that stand there in examples and in routes.
GENERIC = frozenset(
    b"""
    shared public default defaultuser0 guest root admin administrator adm runner runneradmin vagrant ubuntu debian
    centos fedora ec2-user azureuser circleci travis jenkins teamcity buildkite buildkite-agent build builder bamboo
    vsts vsts_azpcontainer gitlab-runner gitpod codespace vscode ci node app web www www-data nginx apache httpd
    docker deploy deployer deployment git postgres mysql redis service user users username user_name your_username
    yourname your-name youruser me myuser myname name someone somebody foo bar x xxx you test tester testuser demo
    pi system local nobody anonymous all dashboard index home settings profile login logout signup register search
    about contact help edit create new list details delete show view update add save remove static assets images img
    css js
    """.split()
)
_NAME = rf"[{LETTER}0-9_.@+-](?:[{LETTER}0-9_.@+ -]{{0,62}}[{LETTER}0-9_.@+$-])?"
_PLAIN_NAME = rf"[{LETTER}0-9_@+-][{LETTER}0-9_.@+-]{{0,63}}"


def _is_person(found: Found) -> bool:
    name = found.value.lower().rstrip(b".")
    return name not in GENERIC and not name.isdigit() and name.strip(b".x*") != b""


def _is_at_home(found: Found) -> bool:
    """`/home/x` at the root of a path, with more of the path behind it or a word of a shell before it: no web page."""
    if not _is_person(found):
        return False
    start = found.match_start
    before = found.text[max(0, start - 20) : start].rpartition(b"\0")[2].lower()
    if found.text[start : start + 6] == b"/Users":
        return True
    if before[-1:] in _INSIDE and not before.endswith(_MOUNTS):
        return False
    return found.after(3).startswith((b"/", b"\\/", b"%2F", b"%2f", b":")) or before.endswith(_SHELL)


_INSIDE = frozenset(bytes((byte,)) for byte in WORD | frozenset(b".-)~"))
_MOUNTS = (b"/export", b"/usr", b"/var", b"/rootfs", b"/chroot")
_SHELL = (b"=", b'"', b"'", b"cd ", b"ls ", b"in ", b"from ", b"mkdir ", b"directory ", b"cwd: ", b"home: ", b"file://")
ACCOUNT = (
    Shape(
        kind="user",
        pattern=rf"(?:/|\\/|%2[Ff])(?:Users|home)(?:/|\\/|%2[Ff])({_PLAIN_NAME})",
        trigger=r"(?:/|%2[Ff])(?:Users|home)(?:/|\\/|%2[Ff])",
        check=_is_at_home,
    ),
    Shape(
        kind="user",
        pattern=rf"(?i:[\\/](?:Users|Documents and Settings)\\{{1,4}})({_NAME})(?:\\|/)",
        trigger=r"(?i:[\\/](?:Users|Documents and Settings)\\)",
        check=_is_person,
    ),
    Shape(
        kind="user",
        pattern=rf"(?i:[\\/](?:Users|Documents and Settings)\\{{1,4}})({_PLAIN_NAME})",
        trigger=r"(?i:[\\/](?:Users|Documents and Settings)\\)",
        check=_is_person,
    ),
)
