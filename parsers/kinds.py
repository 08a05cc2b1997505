"""Find the kind of X12 that a file holds, by ST01 and guide (ST03, else GS08) of its first set but for receipts."""

import io
from pathlib import Path

from claimloop.edi.diagnostics import Diagnostic
from claimloop.edi.syntax.envelope import EnvelopeReader
from claimloop.edi.syntax.tokens import read_batches

HEAD = 1 << 16
"""Bytes that are read to find the first set."""

_GUIDES = {
    "X222": "837P", "X098": "837P", "X291": "837P", "X298": "837P",
    "X223": "837I", "X096": "837I", "X292": "837I", "X299": "837I",
    "X224": "837D", "X097": "837D", "X293": "837D", "X300": "837D",
    "X214": "277CA",
}  # fmt: skip
_ACKNOWLEDGEMENTS = frozenset(("TA1", "997", "999"))
"""Kinds that some payers put around the sets that a file is about."""

_LINE_KINDS = {"SV1": "837P", "SV2": "837I", "SV3": "837D"}


def claim_kind(guide: str) -> str:
    """Return the kind of an 837 by its guide: 837P, 837I, 837D, or "837" where the guide is not known."""
    kind = _GUIDES.get(guide[6:10], "837")
    return kind if kind.startswith("837") else "837"


def kind_of(path: Path) -> str:
    """Return 835, 837P, 837I, 837D, 277CA, or else ST01 of the first set (270, 999 …); TA1 where there is no set.

    Where acknowledgements come before an 835 or 837, the file's kind is that of the latter. Only the beginning of the
    file is read. Return an empty text where the file holds neither a set nor a TA1. Raises NotX12 where it holds no ISA
    segment, and OSError where it cannot be read.
    """
    with path.open("rb") as stream:
        head = io.BytesIO(stream.read(HEAD))
    unheard: list[Diagnostic] = []  # the reader of this kind reports what is wrong with the file
    envelope = EnvelopeReader(path.name, unheard.append)
    kind = ""
    for batch in read_batches(head, path.name, unheard.append):
        for number, text in enumerate(batch.segments, start=batch.first):
            elements = text.split(batch.delimiters.element)
            tag = elements[0].strip().upper()
            if kind == "837" and tag in _LINE_KINDS:
                return _LINE_KINDS[tag]
            if kind != "837" and tag in ("ISA", "GS", "ST"):
                envelope.read(tag, elements, batch, number)
            if tag == "TA1" and not kind:
                kind = "TA1"
            if tag == "ST" and envelope.transaction is not None and kind != "837":
                found = _kind(envelope.transaction.kind, envelope.transaction.guide)
                if kind in ("", "TA1") or found == "835" or found.startswith("837"):
                    kind = found
                if kind != "837" and kind not in _ACKNOWLEDGEMENTS:
                    return kind
    return kind


def _kind(set_id: str, guide: str) -> str:
    if set_id == "837":
        return claim_kind(guide)
    if set_id == "277" and _GUIDES.get(guide[6:10]) == "277CA":
        return "277CA"
    return set_id
