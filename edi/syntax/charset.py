"""Text made fit for an X12 element: upper case, basic character set, no delimiter, no control character.

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
    """What all texts match that `clean` leaves as they are."""
    word = "".join(map(re.escape, sorted(_ALLOWED[character_set].difference(str(delimiters), " "))))
    return re.compile(f"(?:[{word}]+(?: [{word}]+)*)?")


@lru_cache(maxsize=65_536)
def clean(text: str, delimiters: Delimiters, character_set: CharacterSet = "basic") -> str:
    """`text` as it can stand in an element: accents taken off, delimiters and unknown characters turned to blanks.

    Runs of blanks become one, none stay at the ends. In the basic set letters are capitals.
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
    """True where `clean` would drop a letter, digit or sign for which the character set has no spelling.

    Blanks and capitals do not count as a loss. An identifier or an e-mail address that loses a character is another
    one: a builder must refuse it.
    """
    spelled = unicodedata.normalize("NFKD", text.translate(_SPELLED))
    kept = "".join(letter for letter in spelled if not unicodedata.combining(letter))
    kept = kept.upper() if character_set == "basic" else kept
    return "".join(kept.split()) != "".join(clean(text, delimiters, character_set).split())
