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

# In a query, which may stand alone (url.query), in a form's data, in the fragment of OAuth 2.0, in a connection string.
_QUERY = (
    r"(?:(?:\A|[?&#]|; ?)(?:password|passwd|passphrase|pwd|pass|secret|client_secret|token|access_token|refresh_token"
    r"|id_token|auth_token|sig|signature|x-amz-signature|x-amz-security-token)|(?:[?&#]|; ?)api[_-]?key)"
    r"=(?P<datum>[^\s&;#\"'<>\x00]+)"
)

# RFC 6750 section 2.1 (b64token). A full stop at the end belongs to the sentence.
_B64TOKEN = r"(?P<datum>[A-Za-z0-9._~+/-]*[A-Za-z0-9_~+/-]={0,2})"
_APART = r"(?:[ \t]{1,8}[\"'<]?|\+|[ \t]{0,4}[:=][ \t]{0,4}[\"']?)"
_BEARER = rf"{WORD_STARTS}bearer(?:[ _-]?token)?{_APART}{_B64TOKEN}"
# RFC 9110 section 11.6.2: what follows the scheme of this header lets one in, whatever the scheme.
_AUTHORIZATION = (
    r"authorization[\"']?[ \t]{0,4}[:=][ \t]{0,4}[\"'(\[]{0,3}(?:basic|token|api-?key|key|negotiate)(?:[ \t]{1,8}|\+)"
    + _B64TOKEN
)
_HEADER_BEFORE = re.compile(r"authorization[\"']?\s{0,4}[:=,]?\s{0,4}[\"'(]{0,2}$", re.IGNORECASE)
_PLAIN_WORD = re.compile(r"[A-Za-z]?[a-z]*(?:[_-][a-z]+)*=?")

# RFC 7519: three parts, five when it is encrypted, two when it was cut off; `eyJ` is base64url of `{"`. A run without
# the other parts is taken in as well, and not accepted: so no run is read twice.
_JWT = WORD_STARTS + (
    r"(?P<datum>eyJ[A-Za-z0-9_-]++"
    r"(?P<parts>(?:\.[A-Za-z0-9_-]*+){2}(?:\.[A-Za-z0-9_-]++){0,2}+|\.eyJ[A-Za-z0-9_-]++)?+)"
)

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
    r"AQ\.[A-Za-z0-9_-]{20,}",  # Google, since 2025
    r"nvapi-[A-Za-z0-9_-]{20,}",  # NVIDIA
    r"tvly-[A-Za-z0-9_-]{16,}",  # Tavily
    r"fw_[A-Za-z0-9]{20,}",  # Fireworks
    r"csk-[A-Za-z0-9]{20,}",  # Cerebras
    r"lsv2_(?:pt|sk)_[A-Za-z0-9_]{20,}",  # LangSmith
    r"glsa_[A-Za-z0-9_]{20,}",  # Grafana
    r"sk-[A-Za-z0-9_-]{0,64}\*{3,}[A-Za-z0-9_-]*",  # as OpenAI repeats a wrong one
)
_API_KEY = WORD_STARTS + r"(?P<datum>" + "|".join(_PREFIXED) + ")"
_PLAIN_SK = WORD_STARTS + r"(?P<datum>sk-[A-Za-z0-9_-]{16,})"
_LONG_RUN = re.compile(r"[A-Za-z0-9]{24}")

# A key of no known shape, by its name: a header, a variable, a field of JSON.
_NAMED_KEY = (
    r"(?:api|access|secret|auth|subscription)[ _-]?key[\"']?[ \t]{0,4}[:=][ \t]{0,4}[\"'(]?"
    r"(?P<datum>[A-Za-z0-9._~+/-]{8,}={0,2})"
)
_WORDS = re.compile(r"[A-Za-z]?[a-z]*(?:[._~+/-]+[A-Za-z]?[a-z]*)*=*")
# `key` alone is the name of many things: only what looks made at random.
_QUERY_KEY = r"[?&]key=(?P<datum>[A-Za-z0-9_-]{20,})"

# What every text with a credential has in it. The characters that the search starts from are rare in words.
_HINT = re.compile(
    r":(?=//)|J(?<=eyJ)|A(?:Iza|KIA|SIA|BIA|CCA|Q\.)|\.(?:(?<=ya29\.)|(?<=SG\.))"
    r"|-(?:(?<=sk-)|(?<=xox[a-z]-)|(?<=GOCSPX-)|(?<=glpat-)|(?<=xapp-)|(?<=pypi-)|(?<=xai-)|(?<=pplx-)|(?<=nvapi-)"
    r"|(?<=tvly-))"
    r"|_(?:(?<=gh[opusr]_)|(?<=github_)|(?<=[srp]k_)|(?<=whsec_)|(?<=npm_)|(?<=hf_)|(?<=r8_)|(?<=do[opr]_)|(?<=fw_)"
    r"|(?<=lsv2_)|(?<=glsa_))"
    r"|=(?<=(?i:word|sswd|rase|.pwd|pass|cret|oken|.sig|ture|[?&]key)=)"
    r"|[kK](?=[eE][yY][\"'\t :=])(?<=(?i:[itshn_ -]k))"
    r"|[zZ](?<=(?i:uthoriz))|[bB](?=(?i:earer))"
)


def suspected(text: str) -> bool:
    """Tell whether a text may hold a credential."""
    return _HINT.search(text) is not None


def _is_token(match: re.Match[str]) -> bool:
    """Tell a token from the next word of a sentence; after an Authorization header everything is one."""
    token = match["datum"]
    if _HEADER_BEFORE.search(match.string, max(0, match.start() - 32), match.start()):
        return True
    return len(token) >= 20 or (len(token) >= 8 and _PLAIN_WORD.fullmatch(token) is None)


def _is_made_up(match: re.Match[str]) -> bool:
    """Tell a key from words joined by hyphens: it has a digit, or is long without a hyphen."""
    return re.search(r"[0-9]", match["datum"]) is not None or _LONG_RUN.search(match["datum"]) is not None


def _is_no_word(match: re.Match[str]) -> bool:
    return _WORDS.fullmatch(match["datum"]) is None


def _is_mixed(match: re.Match[str]) -> bool:
    return all(re.search(sort, match["datum"]) for sort in ("[a-z]", "[A-Z]", "[0-9]"))


# Those that escapes are a part of: what they stand for would end a password.
ESCAPED_RULES = (
    Rule(URL_PASSWORD, by_pattern(_USERINFO)),
    Rule(URL_PASSWORD, by_pattern(_QUERY, flags=re.IGNORECASE)),
)

RULES = (
    *ESCAPED_RULES,
    Rule(BEARER_TOKEN, by_pattern(_AUTHORIZATION, flags=re.IGNORECASE)),
    Rule(BEARER_TOKEN, by_pattern(_BEARER, _is_token, re.IGNORECASE)),
    Rule(JWT, by_pattern(_JWT, lambda match: match["parts"] is not None)),
    Rule(API_KEY, by_pattern(_API_KEY)),
    Rule(API_KEY, by_pattern(_PLAIN_SK, _is_made_up)),
    Rule(API_KEY, by_pattern(_NAMED_KEY, _is_no_word, re.IGNORECASE)),
    Rule(API_KEY, by_pattern(_QUERY_KEY, _is_mixed)),
)
