"""Keys and tokens that are known by their own look."""

from zlib import crc32

from bugs.privacy.detectors.shapes import WORD, Found, Shape

_BASE62 = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
# What it begins with, and what follows. Prefixes end in something rare, so that they are cheap to look for.
_PREFIXED = (
    (r"(?:AKIA|ASIA|ABIA|ACCA)", r"[A-Z0-9]{16}"),  # Amazon
    (r"AIza", r"[0-9A-Za-z_-]{30,40}"),  # Google
    (r"ya29\.", r"[0-9A-Za-z_-]{20,}"),
    (r"GOCSPX-", r"[0-9A-Za-z_-]{20,}"),
    (r"gh[pousr]_", r"[A-Za-z0-9]{30,}"),
    (r"github_pat_", r"[A-Za-z0-9_]{22,}"),
    (r"gl(?:pat|dt|rt|ft|soat|cbt|ptt|agent|imt)-", r"[A-Za-z0-9_.-]{20,}"),
    (r"xox[abeoprs]-", r"[A-Za-z0-9-]{10,}"),  # Slack
    (r"xapp-\d-", r"[A-Za-z0-9-]{10,}"),
    (r"(?:sk|rk|pk)_(?:live|test)_", r"[A-Za-z0-9]{10,}"),  # Stripe
    (r"whsec_", r"[A-Za-z0-9+/_-]{20,}={0,2}"),
    (r"npm_", r"[A-Za-z0-9]{36}"),
    (r"pypi-AgE", r"[A-Za-z0-9_-]{40,}"),
    (r"SG\.[A-Za-z0-9_-]{16,32}\.", r"[A-Za-z0-9_-]{16,}"),  # SendGrid
    (r"do[opr]_v1_", r"[0-9a-f]{64}"),  # DigitalOcean
    (r"shp(?:at|ca|pa|ss)_", r"[0-9a-fA-F]{32}"),  # Shopify
    (r"sk-(?:proj-|svcacct-|admin-|ant-[a-z0-9]{2,8}-)", r"[A-Za-z0-9_-]{20,}"),  # OpenAI, Anthropic
    (r"sk-", r"[A-Za-z0-9]{40,64}"),
    (r"hf_", r"[A-Za-z]{34}"),  # Hugging Face
    (r"lin_(?:api|oauth)_", r"[A-Za-z0-9]{32,64}"),
    (r"ntn_", r"[A-Za-z0-9]{40,60}"),  # Notion
    (r"dapi", r"[0-9a-f]{32}"),  # Databricks
    (r"hv[sbr]\.", r"[A-Za-z0-9_-]{24,}"),  # Vault
    (r"sntry[su]_", r"[A-Za-z0-9+/=_-]{40,}"),  # Sentry
    (r"glsa_", r"[A-Za-z0-9_]{32,}"),  # Grafana
    (r"NRAK-", r"[A-Z0-9]{27}"),  # New Relic
    (r"PMAK-", r"[0-9a-f]{24}-[0-9a-f]{34}"),  # Postman
    (r"dckr_pat_", r"[A-Za-z0-9_-]{27}"),
    (r"ATATT3", r"[A-Za-z0-9_=-]{60,}"),  # Atlassian
    (r"rubygems_", r"[0-9a-f]{48}"),
    (r"dp\.(?:pt|st|ct|sa)\.", r"[A-Za-z0-9_.-]{40,}"),  # Doppler
    (r"sbp_", r"[0-9a-f]{40}"),  # Supabase
    (r"pscale_(?:tkn|pw|oauth)_", r"[A-Za-z0-9_.-]{32,}"),
    (r"gsk_", r"[A-Za-z0-9]{40,60}"),
    (r"EAA[A-Z]", r"[A-Za-z0-9]{80,}"),  # Facebook
    (r"AGE-SECRET-KEY-1", r"[A-Z0-9]{58}"),
)
# What it begins with stays; it says where the secret belongs to.
_BEHIND = (
    (r"(?:AccountKey|SharedAccessKey|SharedSecretValue)=", r"[A-Za-z0-9+/]{40,90}={0,2}"),  # Azure
    (r"hooks\.slack\.com/(?:services|workflows|triggers)/", r"[A-Za-z0-9/_-]{20,}"),
    (r"discord(?:app)?\.com/api/(?:v\d{1,2}/)?webhooks/", r"\d{15,21}/[A-Za-z0-9_-]{40,}"),
    (r"webhook\.office\.com/webhookb2/", r"[A-Za-z0-9@/_-]{40,}"),
    (r"api\.telegram\.org/bot", r"\d{6,12}:[A-Za-z0-9_-]{30,}"),
    (r"//", r"[0-9a-f]{32}(?::[0-9a-f]{32})?@[^\x00/\s@]+/\d"),  # a DSN of Sentry
)


def _is_ours(found: Found) -> bool:
    """`bw_live_`, 30 digits of base 62, and 6 of the CRC32 of all before them."""
    body, check = found.value[:-6], found.value[-6:]
    number, digits = crc32(body), b""
    for _ in range(6):
        number, digit = divmod(number, 62)
        digits = _BASE62[digit : digit + 1] + digits
    return digits == check


def _dsn_key(found: Found) -> tuple[int, int]:
    return found.start, found.text.index(b"@", found.start) if b"@" in found.value else found.end


KEYS = (
    Shape(
        kind="jwt",
        pattern=r"eyJ[A-Za-z0-9_-]{6,}\.[A-Za-z0-9_-]{6,}(?:\.[A-Za-z0-9_-]*){0,3}",
        trigger="eyJ",
        before=WORD,
    ),
    Shape(
        kind="key",
        pattern="bw_live_[0-9A-Za-z]{36}",
        trigger="bw_live_",
        check=_is_ours,
        before=WORD,
        after=WORD,
    ),
    Shape(
        kind="key",
        pattern="|".join(prefix + rest for prefix, rest in _PREFIXED),
        trigger="|".join(prefix for prefix, _ in _PREFIXED),
        before=WORD,
        after=WORD,
    ),
    Shape(
        kind="key",
        pattern="|".join(f"{prefix}({rest})" for prefix, rest in _BEHIND),
        trigger="|".join(prefix for prefix, _ in _BEHIND[:-1]) + "|//[0-9a-f]{32}[:@]",
        check=_dsn_key,
    ),
    Shape(  # Azure's client secrets, Telegram's bots
        kind="key",
        pattern=r"[A-Za-z0-9_~.-]{3}\dQ~[A-Za-z0-9_~.-]{31,34}|\d{8,10}:AA[A-Za-z0-9_-]{33}",
        trigger=r"\dQ~[A-Za-z0-9_~.-]|\d{8}:AA",
        before=WORD,
        after=WORD,
    ),
)
PRIVATE_KEY = Shape(
    kind="private-key",
    pattern=(
        r"-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----"
        r"((?:[A-Za-z0-9+/=\s\\:,.()_]|-[A-Za-z0-9 ])+)"
    ),
    trigger="-----BEGIN",
)
