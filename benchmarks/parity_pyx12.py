"""pyx12's side of the parity report: the verdict of its own `x12n_document`, and every error on the way to it.

pyx12 judges by itself. Listeners around its reader, its error handler and the two functions that pass errors on note
each error before pyx12's error tree changes it: the tree calls an error of a composite or of a syntax note "8", has no
segment number for the envelopes, and drops errors that it has no node for. The maps are kept between files. Nothing of
pyx12 is changed.
"""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any
from unittest import mock

import pyx12.map_index
import pyx12.x12n_document
from pyx12.map_if import load_map_file
from pyx12.params import ParamsBase
from pyx12.x12file import X12Reader

from claimloop.benchmarks.parity_findings import Note, Outcome, Said

_LEVELS = {"isa": "TA1", "gs": "AK9", "st": "IK5", "seg": "IK3"}
_HEADERS = {"isa": "ISA", "gs": "GS", "st": "ST"}


def pyx12_says(path: Path) -> Outcome:
    """Return pyx12's verdict on a file and its errors, or the exception that ended it and its segment."""
    listener = _Listener()
    stopped, accepted = "", False
    # Opened here as pyx12 opens it, because pyx12 does not close the file after an exception.
    with path.open(encoding="ascii") as source, _listening(listener):
        try:
            accepted = pyx12.x12n_document.x12n_document(ParamsBase(), source, None, None, callback=listener.has_passed)
        except Exception as failure:  # any exception of its code is an outcome
            stopped = f"{type(failure).__name__}: {_kind(failure)}".rstrip(": ")
    if not stopped and not listener.begun:
        stopped = "X12Error: does not look like an X12 data file"
    return Outcome(listener.said, accepted, stopped, listener.passed)


def _kind(failure: Exception) -> str:
    """Return the exception's text up to the first value of the file."""
    text = str(failure)
    for words in ("Map not found", "The ISA segment must have 16 elements", "codec can't decode"):
        if words in text:
            return words
    return ""


class _Listener:
    """Record pyx12's findings. `passed` is the number of the last segment that pyx12 completed."""

    def __init__(self) -> None:
        self.said: dict[Said, Note] = {}
        self.passed = 0
        self.begun = False
        self.number = 0

    def has_passed(self, _segment: Any, source: Any, _node: Any, _valid: bool) -> None:
        self.passed = source.get_cur_line()

    def note(self, number: int, element: str, code: str, text: str) -> None:
        said = Said(number, element, code)
        before = self.said[said].texts if said in self.said else ()
        self.said[said] = Note(texts=tuple(sorted({*before, _plain(text)})))

    def note_walk(self, errors: list[Any]) -> None:
        for error in errors:
            node, named = error.map_node, ""
            if error.err_cde in ("3", "4", "5"):
                named = (node.parent if "Mandatory loop" in error.err_str else node).id
            self.note(error.src_line or 0, named, f"IK3:{error.err_cde}", error.err_str)

    def note_elements(self, node: Any, segment: Any, errors: list[Any]) -> None:
        for error in errors:
            element = _reference(error, node, segment.get_seg_id() or "")
            self.note(self.number, element, f"IK4:{error.err_cde}", error.err_str)


def _reference(error: Any, node: Any, tag: str) -> str:
    """Return CLM05-3 from the map's node, or else from the position or the composite that pyx12 names."""
    element = error.map_node
    if element is not None and element.parent.is_composite():
        return f"{tag}{element.parent.seq:02d}-{element.seq}"
    if element is not None:
        return f"{tag}{element.seq:02d}"
    position = str(error.refdes or "").removeprefix(tag)
    if position.isdigit():
        return f"{tag}{int(position):02d}"
    usage = "N" if "Not Used" in error.err_str else "R"
    named = [
        each
        for each in node.children
        if each.is_composite() and each.usage == usage and f'"{each.name}"' in error.err_str
    ]
    return f"{tag}{named[0].seq:02d}" if named else tag


def _plain(text: str) -> str:
    """Return the kind of an error's text, without names and values."""
    for kind in (
        "Mandatory loop", "Mandatory segment", "Mandatory composite", "Mandatory data element", "marked as not used",
        "marked as Not Used", "exceeded max count", "not found", "invalid composite", "Too many sub-elements",
        "Too many elements", "control character", "trailing spaces", "Syntax Error", "too short", "too long",
        "regular expression", "invalid date", "invalid time", "is not a valid code", "invalid character",
        "leading space", "trailing element terminators", "is invalid", "is empty", "Unterminated",
    ):  # fmt: skip
        if kind in text:
            return kind
    return ""


# Long: the listeners are a subclass of pyx12's reader and two wrappers that share `listener` and the functions that
# they replace. All of them exist only while the patches are in effect.
@contextmanager
def _listening(listener: _Listener) -> Iterator[None]:
    """Run pyx12 with listeners around the four places where errors pass, and with maps that are read once."""

    class Reader(X12Reader):  # type: ignore[misc]
        """Note the reader's errors with the number of their segment: for envelopes, that of the header."""

        def __init__(self, source: Any) -> None:
            self._fresh: list[tuple[str, str, str]] = []
            self._headers = {"ISA": 0, "GS": 0, "ST": 0}
            self._opened: list[int] = []
            super().__init__(source)
            listener.begun = True

        def _isa_error(self, code: str, text: str) -> None:
            self._fresh.append(("isa", code, text))
            super()._isa_error(code, text)

        def _gs_error(self, code: str, text: str) -> None:
            self._fresh.append(("gs", code, text))
            super()._gs_error(code, text)

        def _st_error(self, code: str, text: str) -> None:
            self._fresh.append(("st", code, text))
            super()._st_error(code, text)

        def _seg_error(self, code: str, text: str, value: str | None = None, src_line: int | None = None) -> None:
            self._fresh.append(("seg", code, text))
            super()._seg_error(code, text, value, src_line)

        def _parse_segment(self, segment: Any) -> None:
            number = listener.number = self.cur_line + 1
            if (tag := segment.get_seg_id()) in self._headers:
                self._headers[tag] = number
            try:
                super()._parse_segment(segment)
            finally:
                for kind, code, text in self._fresh:
                    at = self._headers[_HEADERS[kind]] if kind in _HEADERS else number
                    listener.note(at, "", f"{_LEVELS[kind]}:{code}", text)
                self._fresh.clear()
            del self._opened[len(self.loops) :]
            if len(self.loops) > len(self._opened):
                self._opened.append(number)

        def cleanup(self) -> None:
            super().cleanup()
            for (kind, code, text), number in zip(self._fresh, self._opened, strict=False):
                listener.note(number, "", f"{_LEVELS[kind]}:{code}", text)
            self._fresh.clear()

    def walk_errors(handler: Any, errors: list[Any]) -> None:
        listener.note_walk(errors)
        apply_walk_errors(handler, errors)

    def segment_errors(node: Any, segment: Any, handler: Any) -> bool:
        judged = node.is_valid_errors(segment)
        listener.note_elements(node, segment, judged[1])
        return bool(apply_segment_errors(_Judged(judged), segment, handler))

    module = pyx12.x12n_document
    apply_walk_errors, apply_segment_errors = module.apply_walk_errors, module.apply_segment_errors
    logger = logging.getLogger("pyx12")
    level = logger.level
    logger.setLevel(logging.CRITICAL + 1)
    try:
        with (
            mock.patch.object(pyx12.x12file, "X12Reader", Reader),
            mock.patch.object(pyx12.map_if, "load_map_file", _map_of),
            mock.patch.object(pyx12.map_index, "map_index", _index_of),
            mock.patch.object(module, "apply_walk_errors", walk_errors),
            mock.patch.object(module, "apply_segment_errors", segment_errors),
        ):
            yield
    finally:
        logger.setLevel(level)


class _Judged:
    """A node of the map with a known verdict."""

    def __init__(self, judged: tuple[bool, list[Any]]) -> None:
        self._judged = judged

    def is_valid_errors(self, _: Any) -> tuple[bool, list[Any]]:
        return self._judged


_Index = pyx12.map_index.map_index


def _map_of(file: str, _parameters: object, _path: object = None) -> Any:
    return _map(file)


@cache
def _map(file: str) -> Any:
    return load_map_file(file, ParamsBase())


@cache
def _index_of(path: str | None) -> Any:
    return _Index(path)
