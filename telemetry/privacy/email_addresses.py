"""E-mail addresses: RFC 5321 mailboxes as people write them, internationalised ones included."""

from telemetry.privacy.rules import Rule, by_pattern

EMAIL = "email"

# `%40` is how an @ stands in a URL. An apostrophe belongs to a name only inside it (o'brien).
_RUN = r"(?:[\w.+-]|%(?!40)|(?<=\w)'(?=\w))++"
_QUOTED = r"\"[^\"\r\n\x00]{1,64}\""
# In one script: the Japanese word after `example.com` does not belong to it.
_TOP_LEVEL = r"(?:xn--[A-Za-z0-9-]{2,59}|[A-Za-z]{2,24}|(?:(?![\x00-\x7f])[^\W\d_]){2,24})"
_DOMAIN = r"(?:@|%40)(?:(?:[\w-]{1,63}\.){1,32}" + _TOP_LEVEL + r"|\[(?:IPv6:)?[0-9A-Fa-f:.]{3,45}\])"

# A run of characters is taken in also without a domain, and not accepted: so no run is read twice.
_MAILBOX = rf"(?P<datum>{_RUN}(?:{_DOMAIN}|(?P<only>))|{_QUOTED}{_DOMAIN})"

RULES = (Rule(EMAIL, by_pattern(_MAILBOX, lambda match: match["only"] is None)),)
