"""Credentials: passwords in URLs, bearer tokens, JWTs, API keys of well-known shape."""

import re

from telemetry.privacy.rules import WORD_STARTS, Rule, by_pattern

URL_PASSWORD = "url_password"  # noqa: S105 -- the name of a kind
BEARER_TOKEN = "bearer_token"  # noqa: S105 -- the name of a kind
JWT = "jwt"
API_KEY = "api_key"

# RFC 3986 section 3.2.1. Passwords with an unescaped `@` or `/` are taken in too, a port is not:
# up to the last @ of the authority, else up to the first @ at all.
_USERINFO = (
    r"://[^\s/?#:\"'<>\x00]*+:(?![0-9]{1,5}[/?#])"
    r"(?P<datum>[^\s/?#\"'<>\x00]+(?=@)|[^\s\"'<>@\x00]{1,256}(?=@))"
)

_QUERY = (
    r"[?&;](?:password|passwd|passphrase|pwd|pass|secret|client_secret|token|access_token|refresh_token|id_token"
    r"|auth_token|api_?key)=(?P<datum>[^\s&;#\"'<>\x00]+)"
)

# RFC 6750 section 2.1 (b64token). A full stop at the end belongs to the sentence.
_BEARER = WORD_STARTS + r"bearer(?:[ \t]{1,8}|%20|\+)(?P<datum>[A-Za-z0-9._~+/-]*[A-Za-z0-9_~+/-]={0,2})"
_HEADER_BEFORE = re.compile(r"authorization[\"']?\s{0,4}[:=,]?\s{0,4}[\"'(]{0,2}$", re.IGNORECASE)
_PLAIN_WORD = re.compile(r"[A-Za-z]?[a-z]*=?")

# RFC 7519: three parts, five when it is encrypted; `eyJ` is base64url of `{"`. A run without the other
# parts is taken in as well, and not accepted: so no run is read twice.
_JWT = WORD_STARTS + r"(?P<datum>eyJ[A-Za-z0-9_-]++(?P<parts>(?:\.[A-Za-z0-9_-]*+){2}(?:\.[A-Za-z0-9_-]++){0,2}+)?+)"

_PREFIXED = (
    r"sk-(?:ant|proj|svcacct|admin|or|lf)-[A-Za-z0-9_-]{6,}",  # Anthropic, OpenAI, OpenRouter, Langfuse
    r"AIza[A-Za-z0-9_-]{30,}",  # Google
    r"GOCSPX-[A-Za-z0-9_-]{20,}",
    r"ya29\.[A-Za-z0-9_-]{20,}",
    r"gh[opusr]_[A-Za-z0-9]{16,}",  # GitHub
    r"github_pat_[A-Za-z0-9_]{20,}",
    r"glpat-[A-Za-z0-9_-]{16,}",  # GitLab
    r"(?:AKIA|ASIA|ABIA|ACCA)[A-Z0-9]{16}(?![A-Za-z0-9])",  # AWS
    r"xox[a-z]-[A-Za-z0-9-]{10,}",  # Slack
    r"xapp-[A-Za-z0-9-]{10,}",
    r"(?:sk|rk|pk)_(?:live|test)_[A-Za-z0-9]{10,}",  # Stripe
    r"whsec_[A-Za-z0-9+/=]{16,}",
    r"SG\.[A-Za-z0-9_-]{16,}\.[A-Za-z0-9_-]{16,}",  # SendGrid
    r"npm_[A-Za-z0-9]{30,}",
    r"pypi-[A-Za-z0-9_-]{30,}",
    r"hf_[A-Za-z0-9]{20,}",  # Hugging Face
    r"gsk_[A-Za-z0-9]{20,}",  # Groq
    r"xai-[A-Za-z0-9]{20,}",
    r"pplx-[A-Za-z0-9]{20,}",  # Perplexity
    r"r8_[A-Za-z0-9]{20,}",  # Replicate
    r"do[opr]_v1_[a-f0-9]{32,}",  # DigitalOcean
)
_API_KEY = WORD_STARTS + r"(?P<datum>" + "|".join(_PREFIXED) + ")"
_PLAIN_SK = WORD_STARTS + r"(?P<datum>sk-[A-Za-z0-9_-]{16,})"

# What every text with a credential has in it. The characters that the search starts from are rare in words.
_HINT = re.compile(
    r":(?=//)|J(?<=eyJ)|A(?:Iza|KIA|SIA|BIA|CCA)|\.(?:(?<=ya29\.)|(?<=SG\.))"
    r"|-(?:(?<=sk-)|(?<=xox[a-z]-)|(?<=GOCSPX-)|(?<=glpat-)|(?<=xapp-)|(?<=pypi-)|(?<=xai-)|(?<=pplx-))"
    r"|_(?:(?<=gh[opusr]_)|(?<=github_)|(?<=[srp]k_)|(?<=whsec_)|(?<=npm_)|(?<=hf_)|(?<=r8_)|(?<=do[opr]_))"
    r"|=(?<=(?i:word|sswd|rase|.pwd|pass|cret|oken|ikey|_key)=)"
)


def suspected(text: str) -> bool:
    """Tell whether a text may hold a credential."""
    return _HINT.search(text) is not None or "earer" in text or "EARER" in text


def _is_token(match: re.Match[str]) -> bool:
    """Tell a token from the next word of a sentence; after an Authorization header everything is one."""
    token = match["datum"]
    if _HEADER_BEFORE.search(match.string, max(0, match.start() - 32), match.start()):
        return True
    return len(token) >= 20 or (len(token) >= 8 and _PLAIN_WORD.fullmatch(token) is None)


def _has_digit(match: re.Match[str]) -> bool:
    return re.search(r"[0-9]", match["datum"]) is not None


RULES = (
    Rule(URL_PASSWORD, by_pattern(_USERINFO)),
    Rule(URL_PASSWORD, by_pattern(_QUERY, flags=re.IGNORECASE)),
    Rule(BEARER_TOKEN, by_pattern(_BEARER, _is_token, re.IGNORECASE)),
    Rule(JWT, by_pattern(_JWT, lambda match: match["parts"] is not None)),
    Rule(API_KEY, by_pattern(_API_KEY)),
    Rule(API_KEY, by_pattern(_PLAIN_SK, _has_digit)),
)
