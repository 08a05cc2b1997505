"""One file judged by both sides, and their differences."""

from pathlib import Path
from typing import Literal, NamedTuple

import msgspec

from claimloop.benchmarks.parity_findings import Outcome, Said, Text, read_text, we_say
from claimloop.benchmarks.parity_pyx12 import pyx12_says

Side = Literal["pyx12", "ours", "weight", "stopped", "uncounted", "verdict"]
"""pyx12, ours: only this side reports it. weight: both report it, and ours is a warning. stopped: pyx12 ended with an
exception. uncounted: pyx12 found something and accepts the file, or rejects it without a finding. verdict: only one
side accepts, and the explained differences are not the reason.
"""


class Difference(NamedTuple):
    """One difference between the sides."""

    side: Side
    said: Said

    def __str__(self) -> str:
        return f"{self.side}: {self.said}"


class Case(msgspec.Struct, frozen=True):
    """A file with the outcomes of both sides. `raw` is the file."""

    raw: bytes
    text: Text
    theirs: Outcome
    ours: Outcome
    differences: frozenset[Difference]

    def only(self, side: Side) -> list[Said]:
        """Return what only one side reports (or that kind of difference), in order."""
        return sorted(each.said for each in self.differences if each.side == side)

    def our_codes(self, said: Said) -> tuple[str, ...]:
        """Return our catalogue codes of one of our findings."""
        return self.ours.said[said].ours if said in self.ours.said else ()

    def their_texts(self, said: Said) -> tuple[str, ...]:
        """Return the kinds of pyx12's messages of one of its findings."""
        return self.theirs.said[said].texts if said in self.theirs.said else ()


def judge(path: Path) -> Case:
    """Let both sides judge a file."""
    text = read_text(path)
    theirs, ours = pyx12_says(path), we_say(path, text)
    return Case(path.read_bytes(), text, theirs, ours, frozenset(_differences(theirs, ours)))


def verdict(case: Case, explained: set[Difference]) -> set[Difference]:
    """Return the difference of the verdicts where the explained differences do not account for it; else nothing."""
    if case.theirs.stopped or case.theirs.accepted == case.ours.accepted:
        return set()
    if any(each.side == "uncounted" for each in explained):
        return set()
    theirs = {said for said in case.theirs.said if not {("pyx12", said), ("weight", said)} & explained}
    ours = {said for said, note in case.ours.said.items() if not note.warning and ("ours", said) not in explained}
    return set() if bool(theirs) == bool(ours) else {Difference("verdict", Said(0, "", _word(case.theirs.accepted)))}


def _differences(theirs: Outcome, ours: Outcome) -> set[Difference]:
    found = {Difference("pyx12", said) for said in theirs.said.keys() - ours.said.keys()}
    found |= {Difference("ours", said) for said in ours.said.keys() - theirs.said.keys()}
    found |= {Difference("weight", said) for said in theirs.said.keys() & ours.said.keys() if ours.said[said].warning}
    if theirs.stopped:
        found.add(Difference("stopped", Said(theirs.passed + 1, "", theirs.stopped)))
    elif theirs.accepted == bool(theirs.said):
        found.add(Difference("uncounted", Said(0, "", _word(theirs.accepted))))
    return found


def _word(accepted: bool) -> str:
    return "pyx12 accepts" if accepted else "pyx12 refuses"
