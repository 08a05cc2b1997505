"""What callers pass to the public face: checked here, so that a mistake is one clear line and not a broken ledger.

A wrong type is a TypeError, and a value that cannot be used a ValueError, as everywhere in Python. What depends on the
data, such as a claim that is not in the ledger, is a UserError.
"""

import os
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date, datetime
from pathlib import Path

from claimloop.builders.encounters.conform import nearest_name
from claimloop.edi.diagnostics import UserError
from claimloop.edi.reading import X12Source, name_of, opener_of

_LONGEST_NAME = 255
"""Bytes of a file name, on every file system of today."""


class UnknownName(UserError, LookupError):
    """There is no such claim, work list, or export."""


def moment_of(moment: object) -> datetime:
    """Return the moment. Raises TypeError where it is not a datetime, and ValueError where it has a time zone."""
    if not isinstance(moment, datetime):
        raise TypeError(f"moment must be a datetime, such as datetime.now(), not {type(moment).__name__}")
    if moment.tzinfo is not None:
        raise ValueError(
            "moment must be the practice's local time without a time zone, "
            "such as moment.astimezone(zone).replace(tzinfo=None)"
        )
    return moment


def day_of(name: str, day: object) -> date:
    """Return the day. Raises TypeError where it is not a date; a datetime would silently compare as another day."""
    if not isinstance(day, date) or isinstance(day, datetime):
        raise TypeError(f"{name} must be a date, such as date.today(), not {type(day).__name__}")
    return day


def text_of(name: str, text: object) -> str:
    """Return the text. Raises TypeError for anything else, and ValueError where it cannot be stored as UTF-8."""
    if not isinstance(text, str):
        raise TypeError(f"{name} must be text, not {type(text).__name__}")
    try:
        text.encode()
    except UnicodeEncodeError:
        raise ValueError(f"{name} is not valid Unicode text") from None
    return text


def known_name(kind: str, name: object, known: Sequence[str]) -> str:
    """Return the name. Raises UnknownName where it is not one of the known."""
    if not isinstance(name, str) or name not in known:
        shown = f" {name}" if isinstance(name, str) and name.isidentifier() else ""
        near = nearest_name(name, list(known)) if isinstance(name, str) else ""
        raise UnknownName(f"there is no {kind}{shown}{near}; use one of {', '.join(known)}")
    return name


@contextmanager
def as_file(source: X12Source, name: str) -> Iterator[Path]:
    """Give what is to be received as a file. Bytes and streams are in a private temporary folder meanwhile.

    The ledger's readers read a file more than once, and record its name. Raises TypeError where the source is nothing
    that can be read or has no name, ValueError where the name cannot be one, and OSError.
    """
    open_source = opener_of(source)
    if isinstance(source, str | os.PathLike) and not name:
        yield Path(source)
        return
    name = Path(text_of("name", name or name_of(source))).name
    if not name:
        raise TypeError("bytes and streams have no file name: pass name=, which the ledger records")
    if "\0" in name or len(name.encode()) > _LONGEST_NAME:
        raise ValueError(f"name must be a file name of at most {_LONGEST_NAME} bytes")
    with tempfile.TemporaryDirectory(prefix="claimloop-") as folder:
        path = Path(folder, name)
        with open_source() as content, path.open("xb") as file:
            shutil.copyfileobj(content, file)
        yield path
