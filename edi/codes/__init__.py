"""Short labels for the codes of an 837P and an 835, in words of our own.

The tables are the TOML files of this folder. A code without a label is no error: lists change three times a year,
and a label that is not sure was left out.
"""

import tomllib
from functools import cache
from importlib.resources import files

import msgspec

TABLES = ("adjustment_reasons.toml", "labels.toml")


def label(table: str, code: str) -> str:
    """The label of a code, for example `label("claim_status", "22")`; empty where there is none.

    Raises KeyError where there is no such table.
    """
    return _labels()[table].get(code, "")


@cache
def _labels() -> dict[str, dict[str, str]]:
    tables: dict[str, dict[str, str]] = {}
    for name in TABLES:
        text = files(__package__).joinpath(name).read_text(encoding="utf-8")
        document = tomllib.loads(text)
        del document["about"]
        tables |= msgspec.convert(document, dict[str, dict[str, str]])
    return tables
