"""E-mail addresses: RFC 5321 mailboxes as people write them, internationalised ones included."""

from telemetry.privacy.rules import Rule, by_pattern

EMAIL = "email"

# `%40` is how an @ stands in a URL. An apostrophe belongs to a name only inside it (o'brien).
_ATOM = r"(?:[\w.+-]|%(?!40)|(?<=\w)'(?=\w))"
_LOCAL = r"(?:(?<![\w.+%'\x00-])" + _ATOM + r"++|\"[^\"\r\n\x00]{1,64}\")"
# In one script: the Japanese word after `example.com` does not belong to it.
_TOP_LEVEL = r"(?:xn--[A-Za-z0-9-]{2,59}|[A-Za-z]{2,24}|(?:(?![\x00-\x7f])[^\W\d_]){2,24})"
_DOMAIN = r"(?:(?:[\w-]{1,63}\.){1,32}" + _TOP_LEVEL + r"|\[(?:IPv6:)?[0-9A-Fa-f:.]{3,45}\])"

RULES = (Rule(EMAIL, by_pattern(rf"(?P<datum>{_LOCAL}(?:@|%40){_DOMAIN})")),)
