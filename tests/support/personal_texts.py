"""Texts put together at random from personal data, what is nobody's, and what stands around them."""

from random import Random

from tests.support.harmless_texts import TEXTS
from tests.support.personal_data import GENERATORS, samples

# What stands between data, before them and in their middle, where the rules of two engines may part.
AROUND = (
    *(
        "",
        " ",
        "-",
        ".",
        "(",
        ")",
        "+",
        "00",
        "0",
        "a",
        "5",
        "@",
        ":",
        "::",
        "/",
        "://",
        "[",
        "]",
        '"',
        "'",
        "=",
        "?",
        "&",
    ),
    *(
        "#",
        ";",
        "; ",
        "!",
        "~",
        "*",
        "%",
        "\\",
        "\t",
        "\n",
        "\0",
        "_",
        "b",
        "z",
        "é",
        "उ",
        "電話",
        "１",
        "１２",
        "。",
        "\u200b",
        "\u202f",
    ),
    *("%20", "%40", "%2B", "%2540", "%25", "%e3%81", "%C3%A9", "%5B", "\\n", "\\u0040", '\\"', "\\ud83d", "&#64;"),
    *("tel ", "hotel ", "userTel=", "phone: ", "SSN ", "key=", "api_key: ", "?password=", "Authorization: Basic "),
    *("bearer ", "Bearer: ", "sk-", "eyJ", ".eyJ", "[email]", "[phone]", "%B", "^", "1.2.3+", 'HTTP/1.1" ', "Chrome/"),
)


def composed(number: int) -> list[str]:
    """Return texts put together at random from data, parts of data, what is nobody's, and what stands around them."""
    choose = Random("engines")
    data = [datum.text for kind in GENERATORS for datum in samples(kind)]
    pools = (data, [text for sort in TEXTS.values() for text in sort], AROUND)

    def piece() -> str:
        text = choose.choice(choose.choices(pools, weights=(5, 1, 6))[0])
        if choose.random() < 0.25:
            start = choose.randrange(len(text) + 1)
            return text[start : choose.randrange(start, len(text) + 1)]
        return text

    return ["".join(piece() for _ in range(choose.randrange(1, 7))) for _ in range(number)]
