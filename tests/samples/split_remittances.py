"""The sample remittances, by plain splitting and adding: nothing of the project but the place of the files."""

import json
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from claimloop.samples import sample_files

Segment = list[str]
REMITTANCES = sorted(
    (path for path in sample_files().joinpath("remittances").iterdir() if path.name.endswith(".835")),
    key=lambda path: path.name,
)
NAMES = [path.name for path in REMITTANCES]
REPEATED = "repeated-2026-11-12.835"


def read_expected(name: str) -> list[dict[str, Any]]:
    text = sample_files().joinpath("expected", f"{name}.jsonl").read_text(encoding="utf-8")
    return [json.loads(line) for line in text.splitlines()]


def segments(name: str) -> list[Segment]:
    """The file's segments; the delimiters are where the ISA has them, components are written with a colon."""
    text = sample_files().joinpath("remittances", name).read_bytes().decode("ascii")
    element, component, terminator = text[3], text[104], text[105]
    pieces = [piece.strip("\r\n") for piece in text.split(terminator)]
    assert pieces.pop() == ""
    isa, *others = pieces
    return [isa.split(element), *(other.replace(component, ":").split(element) for other in others)]


def sets(name: str) -> Iterator[list[Segment]]:
    """Each ST to its SE."""
    everything = segments(name)
    starts = [number for number, segment in enumerate(everything) if segment[0] == "ST"]
    ends = [number for number, segment in enumerate(everything) if segment[0] == "SE"]
    for start, end in zip(starts, ends, strict=True):
        yield everything[start : end + 1]


def groups(run: list[Segment], opener: str, closers: tuple[str, ...]) -> list[list[Segment]]:
    """The run cut before each `opener`, up to the next one or a closer."""
    found: list[list[Segment]] = []
    inside = False
    for segment in run:
        inside = segment[0] == opener or (inside and segment[0] not in closers)
        if segment[0] == opener:
            found.append([])
        if inside:
            found[-1].append(segment)
    return found


def claims(run: list[Segment]) -> list[list[Segment]]:
    return groups(run, "CLP", ("LX", "PLB", "SE"))


def services(claim: list[Segment]) -> list[list[Segment]]:
    return groups(claim, "SVC", ())


def claim_level(claim: list[Segment]) -> list[Segment]:
    names = [segment[0] for segment in claim]
    return claim[: names.index("SVC")] if "SVC" in names else claim


def adjustments(run: list[Segment]) -> list[tuple[str, str, Decimal]]:
    """(group, reason, amount) of each CAS."""
    return [
        (segment[1], segment[at], Decimal(segment[at + 1]))
        for segment in run
        if segment[0] == "CAS"
        for at in range(2, len(segment), 3)
    ]


def total(amounts: Iterator[Decimal] | list[Decimal]) -> Decimal:
    return sum(amounts, Decimal(0))


def adjusted(run: list[Segment]) -> Decimal:
    return total(amount for _, _, amount in adjustments(run))


ALL_SETS = [(name, run) for name in NAMES for run in sets(name)]
FIRST_SETS = [run for name, run in ALL_SETS if name != REPEATED]
ALL_CLAIMS = [claim for run in FIRST_SETS for claim in claims(run)]
ALL_SERVICES = [service for claim in ALL_CLAIMS for service in services(claim)]


def line_control_number(service: list[Segment]) -> str:
    return next((segment[2] for segment in service if segment[:2] == ["REF", "6R"]), "")
