"""The outline of a file to be acknowledged: its interchanges, groups and sets, and their places."""

from pathlib import Path

from claimloop.edi.diagnostics import Diagnostic
from claimloop.edi.syntax.delimiters import Delimiters
from claimloop.edi.syntax.tokens import read_batches

_HEADERS = frozenset(("ISA", "TA1", "GS", "ST", "SE", "GE", "IEA"))


class _Sent:
    """A header as it was sent. `first` is the number of its segment in the file."""

    def __init__(self, elements: list[str], first: int) -> None:
        self._elements = elements
        self.first = first

    def field(self, position: int) -> str:
        """Return an element of the header without surrounding blanks; empty where it was not sent."""
        return self._elements[position].strip() if position < len(self._elements) else ""


class SentSet(_Sent):
    """ST. `last` is the number of its last segment, and `complete` is True where that is its SE."""

    def __init__(self, elements: list[str], first: int) -> None:
        super().__init__(elements, first)
        self.last = first
        self.complete = False

    def holds(self, number: int) -> bool:
        """Return True where the segment with this number is in the set."""
        return self.first <= number <= self.last


class SentGroup(_Sent):
    """GS. `declared` is GE01, None where it was not a number."""

    def __init__(self, elements: list[str], first: int) -> None:
        super().__init__(elements, first)
        self.sets: list[SentSet] = []
        self.declared: int | None = None


class SentInterchange(_Sent):
    """ISA, with the interchange's delimiters. `acknowledges` is True where it contains a TA1."""

    def __init__(self, elements: list[str], first: int, delimiters: Delimiters) -> None:
        super().__init__(elements, first)
        self.delimiters = delimiters
        self.groups: list[SentGroup] = []
        self.acknowledges = False

    @property
    def version(self) -> str:
        """ISA12."""
        return self.field(12)


def outline(path: Path) -> list[SentInterchange]:
    """Return the interchanges of a file. Groups outside an interchange and sets outside a group are left out, because
    they cannot be answered. Raises NotX12, and OSError where the file cannot be read.
    """
    found: list[SentInterchange] = []
    open_group: SentGroup | None = None
    open_set: SentSet | None = None
    with path.open("rb") as stream:
        for batch in read_batches(stream, path.name, _leave_to_validate):
            separator = batch.delimiters.element
            for number, text in enumerate(batch.segments, batch.first):
                tag = text[:3].strip().rstrip(separator).upper()
                if tag not in _HEADERS:
                    if open_set is not None:
                        open_set.last = number
                    continue
                elements = text.split(separator)
                if tag == "ISA":
                    found.append(SentInterchange(elements, number, batch.delimiters))
                    open_group = open_set = None
                elif tag == "TA1" and found:
                    found[-1].acknowledges = True
                elif tag == "GS" and found:
                    open_group, open_set = SentGroup(elements, number), None
                    found[-1].groups.append(open_group)
                elif tag == "ST" and open_group is not None:
                    open_set = SentSet(elements, number)
                    open_group.sets.append(open_set)
                elif tag == "SE" and open_set is not None:
                    open_set.last, open_set.complete = number, True
                    open_set = None
                elif tag == "GE" and open_group is not None:
                    declared = elements[1].strip() if len(elements) > 1 else ""
                    if declared.isascii() and declared.isdigit() and len(declared) <= 6:
                        open_group.declared = int(declared)
                    open_group = open_set = None
                elif tag == "IEA":
                    open_group = open_set = None
    return found


def _leave_to_validate(_: Diagnostic) -> None:
    """Ignore the tokenizer's findings, which are about syntax: `validate` reports them."""
