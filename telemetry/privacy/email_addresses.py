"""E-mail addresses: RFC 5321 mailboxes as people write them, internationalised ones included."""

from telemetry.privacy.rules import Rule, by_pattern

EMAIL = "email"

# Marks that letters of Hebrew, Arabic, Indic and South-East Asian scripts carry: for `re` they are no part of a word.
_MARKS = (
    r"\u0300-\u036f\u0483-\u0487\u0591-\u05c7\u0610-\u061a\u064b-\u065f\u0670\u06d6-\u06ed\u0900-\u0963\u0966-\u0dff"
    r"\u0e01-\u0e4e\u0e80-\u0fbc\u1000-\u109f\u1780-\u17d3\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20f0\u3099\u309a\ufe20-\ufe2f"
)
_LETTER = rf"[\w{_MARKS}]"

# RFC 5322 `atext`. What parts words in a sentence or a pattern belongs to a name only inside it (o'brien); what parts
# the pieces of a URL, / = ? & # and |, ends it.
_RUN = rf"(?:[\w{_MARKS}.+%-]|(?<={_LETTER})['!$*^~`](?={_LETTER}))++"
_QUOTED = r"\"[^\"\r\n\x00]{1,64}\""
# In one script: the Japanese word after `example.com` does not belong to it.
_TOP_LEVEL = rf"(?:xn--[A-Za-z0-9-]{{2,59}}|[A-Za-z]{{2,24}}|(?:(?![\x00-\x7f])(?:[^\W\d_]|[{_MARKS}])){{2,24}})"
_DOMAIN = rf"@(?:(?:[\w{_MARKS}-]{{1,63}}\.){{1,32}}{_TOP_LEVEL}|\[(?:IPv6:)?[0-9A-Fa-f:.]{{3,45}}\])"

# A run of characters is taken in also without a domain, and not accepted: so no run is read twice.
_MAILBOX = rf"(?P<datum>{_RUN}(?:{_DOMAIN}|(?P<only>))|{_QUOTED}{_DOMAIN})"

RULES = (Rule(EMAIL, by_pattern(_MAILBOX, lambda match: match["only"] is None)),)
