"""Every column that is sealed under the key ring: what `manage.py rotate_keys` seals anew."""

from typing import TypedDict


class Options(TypedDict, total=False):
    """blind: the column of the same table that it is looked up by. where: SQL, the rows in which it is sealed."""

    blind: str
    where: str


COLUMNS: dict[str, Options] = {
    "audit_personkey.wrapped": {},  # and with it what is sealed under the persons' own keys, which stays
    "integrations_endpoint.secret": {},
    "integrations_connector.secret": {},
    "bugs_authenticator.secret": {},
    "bugs_reporter.identity": {"blind": "blind"},
    "bugs_erasure.identity": {},
    "bugs_bug.originals": {},
    "bugs_comment.originals": {},
    "bugs_commentedit.originals": {},
    "bugs_attachment.originals": {},
    "bugs_feedback.originals": {},
    "bugs_errorreport.originals": {},
    "bugs_arrival.body": {"where": "encoding = 'sealed'"},
}
