"""Decide whether a text is a value of an X12 data type, by pyx12's rules."""

import re

BASIC = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789!\"&'()*+,-./:;?= "
EXTENDED = BASIC + "abcdefghijklmnopqrstuvwxyz%~@[]_{}\\|<>#$"
EXTENDED_5010 = EXTENDED + "^`"
"""The characters of text (AN, ID): the extended set, plus two since 5010."""

DATE_TYPES = frozenset(("RD8", "DT", "D8", "D6"))
PERIOD_FORMATS = DATE_TYPES | {"TM"}
"""Values of data element 1250 (date time period format qualifier) whose periods can be checked."""

_TEXT = re.compile(f"[{re.escape(EXTENDED)}]*")
_TEXT_5010 = re.compile(f"[{re.escape(EXTENDED_5010)}]*")
_INTEGER = re.compile("-?[0-9]+")
_DECIMAL = re.compile(r"-?[0-9]*(\.[0-9]+)?")
_DIGITS = re.compile("[0-9]+")
_CONTROL = re.compile("[\x01-\x07\t-\r\x11-\x17\x1c-\x1f]")
_DAYS = (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
_FIRST_YEAR = 1800


def is_of_type(text: str, kind: str, interchange_version: str) -> bool:
    """Return whether a non-empty text is a value of the X12 type `kind`. An unknown type has no values.

    Besides the dictionary's types (AN, ID, R, N0, DT, TM, B), the function knows the formats of periods: D8, D6, RD8.
    """
    if kind in ("AN", "ID"):
        allowed = _TEXT_5010 if interchange_version == "00501" else _TEXT
        return allowed.fullmatch(text) is not None
    if kind[:1] == "N":
        return _INTEGER.fullmatch(text) is not None
    if kind == "R":
        return _DECIMAL.fullmatch(text) is not None
    if kind == "RD8":
        first, dash, last = text.partition("-")
        return bool(dash) and is_date(first, "D8") and is_date(last, "D8")
    if kind in ("DT", "D8", "D6"):
        return is_date(text, kind)
    if kind == "TM":
        return is_time(text)
    return kind == "B"


def is_date(text: str, kind: str) -> bool:
    """Return whether the text is a date: CCYYMMDD (D8), YYMMDD (D6), or either of them or CCYYMMDDHHMM (DT)."""
    if kind in ("D8", "D6") and len(text) != int(kind[1]):
        return False
    if not _DIGITS.fullmatch(text) or len(text) not in (6, 8, 12):
        return False
    if len(text) == 6:
        text = ("20" if int(text[:2]) < 50 else "19") + text
    year, month, day = int(text[:4]), int(text[4:6]), int(text[6:8])
    if year < _FIRST_YEAR or not 1 <= month <= 12 or (len(text) == 12 and not is_time(text[8:])):
        return False
    leap = month == 2 and year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)
    return 1 <= day <= _DAYS[month - 1] + leap


def is_time(text: str) -> bool:
    """Return whether the text is a time: HHMM, HHMMSS, HHMMSSD or HHMMSSDD."""
    if not _DIGITS.fullmatch(text) or text[:2] > "23" or text[2:4] > "59":
        return False
    return len(text) <= 4 or (6 <= len(text) <= 8 and text[4:6] <= "59")


def has_control_character(text: str) -> bool:
    """Return whether there is a character that controls devices. X12 allows these only as delimiters."""
    return _CONTROL.search(text) is not None
