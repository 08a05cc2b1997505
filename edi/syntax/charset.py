"""Make text fit for an X12 element: uppercase, basic character set, no delimiters, no control characters.

Basic set: A-Z 0-9 ! " & ' ( ) * + , - . / : ; ? = and blank; the extended set adds a-z % ~ @ [ ] _ { } \\ | < > # $
(X12.6, appendix; rules.md#characters).
"""

import re
import string
import unicodedata
from functools import lru_cache
from typing import Literal

from claimloop.edi.syntax.delimiters import Delimiters

CharacterSet = Literal["basic", "extended"]

_BASIC = frozenset(string.ascii_uppercase + string.digits + "!\"&'()*+,-./:;?= ")
_ALLOWED: dict[CharacterSet, frozenset[str]] = {
    "basic": _BASIC,
    "extended": _BASIC | frozenset(string.ascii_lowercase + "%~@[]_{}\\|<>#$"),
}
_SPELLED = str.maketrans(
    {
        "ß": "ss", "Æ": "AE", "æ": "ae", "Œ": "OE", "œ": "oe", "Ø": "O", "ø": "o", "Ł": "L", "ł": "l", "Đ": "D",
        "đ": "d", "Ð": "D", "ð": "d", "Þ": "TH", "þ": "th", "ı": "i", "‘": "'", "’": "'", "ʼ": "'", "“": '"',
        "”": '"', "–": "-", "—": "-", "‐": "-", "−": "-", "…": "...", "\N{NO-BREAK SPACE}": " ", "\t": " ",
        "\n": " ", "\r": " ",
    }
)  # fmt: skip


@lru_cache(maxsize=64)
def clean_text(delimiters: Delimiters, character_set: CharacterSet) -> re.Pattern[str]:
    """Return a pattern that matches exactly the texts that `clean` leaves unchanged."""
    word = "".join(map(re.escape, sorted(_ALLOWED[character_set].difference(str(delimiters), " "))))
    return re.compile(f"(?:[{word}]+(?: [{word}]+)*)?")


@lru_cache(maxsize=65_536)
def clean(text: str, delimiters: Delimiters, character_set: CharacterSet = "basic") -> str:
    """Return `text` fit for an element: without accents, and with a blank for each delimiter and unsupported character.

    Runs of blanks become one blank; none remain at the ends. In the basic set, letters become uppercase.
    """
    if character_set == "basic":
        text = text.upper()
    if not text.isascii():
        decomposed = unicodedata.normalize("NFKD", text.translate(_SPELLED))
        text = "".join(letter for letter in decomposed if not unicodedata.combining(letter))
        text = text.upper() if character_set == "basic" else text
    allowed = _ALLOWED[character_set].difference(str(delimiters))
    if not allowed.issuperset(text):
        text = "".join(letter if letter in allowed else " " for letter in text)
    return " ".join(text.split()) if " " in text else text


def loses_characters(text: str, delimiters: Delimiters, character_set: CharacterSet = "basic") -> bool:
    """Return True if `clean` would drop a letter, digit or symbol that the character set cannot represent.

    Changes of blanks and letter case do not count as a loss. An identifier or email address that loses a character
    becomes a different one, so a builder must reject it.
    """
    spelled = unicodedata.normalize("NFKD", text.translate(_SPELLED))
    kept = "".join(letter for letter in spelled if not unicodedata.combining(letter))
    kept = kept.upper() if character_set == "basic" else kept
    return "".join(kept.split()) != "".join(clean(text, delimiters, character_set).split())
