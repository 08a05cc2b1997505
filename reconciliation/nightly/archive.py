"""Move a processed file to the archive, or to quarantine with the reason beside it."""

from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path

import msgspec
from msgspec.structs import replace

from claimloop.edi.diagnostics import Diagnostic
from claimloop.edi.private_files import write_privately
from claimloop.reconciliation.nightly.context import Night, in_one_line
from claimloop.reconciliation.nightly.folders import (
    Contents,
    Look,
    free_place,
    is_same,
    look_at,
    move,
    plain_name,
    sha256_of,
)
from claimloop.reconciliation.run_record import ControlTotal, Stage, TakenFile, places_before

REASON = ".reason.json"
_MOST_FINDINGS = 1000


class Arrived(msgspec.Struct, frozen=True):
    """A complete file, and the SHA-256 of its content."""

    look: Look
    sha256: str

    @property
    def path(self) -> Path:
        """Return where the file is."""
        return self.look.path


def with_plain_names(night: Night, stage: Stage, contents: Contents) -> Contents:
    """Rename files so that every disk, log, and ledger can store the names: UTF-8, printable, not too long."""
    complete = []
    for look in contents.complete:
        plain = plain_name(look.path.name)
        if plain == look.path.name:
            complete.append(look)
            continue
        try:
            if night.rehearsed:
                wait(
                    night, look, "its name is too long or not printable; a run that is not a dry run renames it to this"
                )
            else:
                place = free_place(look.path, look.path.parent, plain)
                move(look.path, place)
                complete += filter(None, [look_at(place)])
        except OSError as error:
            leave(night, stage, look, in_one_line(error))
    return replace(contents, complete=complete)


def arrivals_of(night: Night, stage: Stage, looks: Iterable[Look]) -> Iterator[Arrived]:
    """Yield these files with the digests of their contents; leave and report one that cannot be read."""
    for look in looks:
        try:
            digest = sha256_of(look.path)
        except OSError as error:
            leave(night, stage, look, in_one_line(error))
        else:
            yield Arrived(look, digest)


def leave(night: Night, stage: Stage, look: Look, problem: str) -> None:
    """Leave a file where it is, for the next run, because of a problem that the file did not cause."""
    stage.fail(f"{plain_name(look.path.name)}: {problem}")
    wait(night, look, problem)


def wait(night: Night, look: Look, reason: str) -> None:
    """Record that a file stays where it is, for the next run."""
    place = look.path.with_name(plain_name(look.path.name))
    night.record_file(
        TakenFile(
            place.name, "", "waiting", night.from_root(place), size=look.size, reason=reason,
            came_from=night.from_root(place.parent),
        )
    )  # fmt: skip


def has_changed(night: Night, file: Arrived) -> bool:
    """Return true if a file changed since it was read; it stays where it is, and the next run processes it."""
    if look_at(file.path) == file.look:
        return False
    wait(night, file.look, "it changed while it was being read")
    return True


def place_before(night: Night, sha256: str) -> str:
    """Return where this or an earlier run moved the same content; empty if it is nowhere."""
    if sha256 in night.taken:
        return night.taken[sha256]
    with night.ledger.reading() as connection:
        return next((place for place in places_before(connection, sha256) if (night.root / place).exists()), "")


def prove_files(night: Night, found: dict[Path, Contents]) -> None:
    """Add control totals of the files picked up: each has one outcome, and is where that outcome or its origin says."""
    for folder, contents in found.items():
        looks = [*contents.complete, *contents.being_written]
        known = {file.name: file for file in night.record.files if file.came_from == night.from_root(folder)}
        went = Counter[str]()
        for look in looks:
            file = known.get(plain_name(look.path.name))
            moved = file is not None and file.outcome != "waiting" and not night.rehearsed
            place = night.root / file.place if file and moved else look.path
            if place.exists():
                went[file.outcome if file else "left"] += 1
        night.record.control.append(ControlTotal(f"files of {folder.name}", "files", len(looks), dict(went)))


def archive(night: Night, file: Arrived, kind: str, group: str, *, outcome: str = "taken") -> str:
    """Move a file to the archive folder of the day and of this group; return the outcome.

    The outcome is `known` if the content was processed before, and `waiting` if the file changed meanwhile.
    """
    if has_changed(night, file):
        return "waiting"
    folder, reason = night.archive / group, ""
    place = folder / file.path.name if night.rehearsed else free_place(file.path, folder)
    if before := place_before(night, file.sha256):
        if is_same(file.path, night.root / before):  # an earlier run was killed while it moved the file
            place = night.root / before
        else:
            outcome, reason = "known", f"the same content as {before}"
    _put(night, file, kind, outcome, place, reason)
    return outcome


def quarantine(night: Night, file: Arrived, kind: str, reason: str, findings: list[Diagnostic]) -> str:
    """Move a file to quarantine, with a file beside it that has the reason and the findings, values masked.

    Return the outcome; it is `waiting` if the file changed meanwhile.
    """
    if has_changed(night, file):
        return "waiting"
    folder = Path(night.settings.quarantine)
    place = folder / file.path.name
    if not night.rehearsed:
        place = free_place(file.path, folder)
        write_reason(night, place, file.path, reason, findings)
    _put(night, file, kind, "quarantined", place, reason)
    return "quarantined"


def write_reason(night: Night, place: Path, source: Path, reason: str, findings: list[Diagnostic]) -> None:
    """Write the reason beside a file in quarantine, and what to do with the file after it is fixed."""
    why = {
        "file": place.name,
        "came_as": source.name,
        "day": night.moment.date().isoformat(),
        "reason": reason,
        "then": f"fix it and move it back to {source.parent.name}; the next run removes this note",
        "findings": [finding.render() for finding in findings[:_MOST_FINDINGS]],
        "further_findings": max(len(findings) - _MOST_FINDINGS, 0),
    }
    text = msgspec.json.format(msgspec.json.encode(why), indent=2)
    write_privately(place.with_name(place.name + REASON), lambda out: out(text))


def in_quarantine(night: Night) -> int:
    """Return how many files are in quarantine, or would be in a dry run. Remove the notes of files that are gone."""
    folder = Path(night.settings.quarantine)
    waiting = sum(file.outcome in ("quarantined", "held") for file in night.record.files) if night.rehearsed else 0
    for reason in sorted(folder.glob(f"*{REASON}")):
        file = reason.with_name(reason.name.removesuffix(REASON))
        if file.exists():
            waiting += 1
        elif not night.rehearsed:
            reason.unlink(missing_ok=True)
    return waiting


def _put(night: Night, file: Arrived, kind: str, outcome: str, place: Path, reason: str) -> None:
    taken = TakenFile(
        file.path.name, kind, outcome, night.from_root(place), file.sha256, file.look.size, reason,
        night.from_root(file.path.parent),
    )  # fmt: skip
    night.keep(taken)
    if not night.rehearsed:
        move(file.path, place)
    night.record_file(taken)
