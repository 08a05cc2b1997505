"""Where a file goes when the run is done with it: the archive, or the quarantine with the reason beside it."""

from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path

import msgspec

from claimloop.edi.diagnostics import Diagnostic
from claimloop.edi.private_files import write_privately
from claimloop.reconciliation.nightly.folders import Contents, Look, free_place, move, sha256_of
from claimloop.reconciliation.nightly.night import Night, in_one_line
from claimloop.reconciliation.nightly.record import ControlTotal, Stage, TakenFile, file_before

REASON = ".reason.json"
_MOST_FINDINGS = 1000


class Arrived(msgspec.Struct, frozen=True):
    """A complete file, its content's SHA-256, and the place of the same content, where it was taken before."""

    look: Look
    sha256: str
    known_as: str = ""

    @property
    def path(self) -> Path:
        """Where it lies."""
        return self.look.path


def arrivals_of(night: Night, stage: Stage, looks: Iterable[Look]) -> Iterator[Arrived]:
    """These files with what is known of their contents; one that cannot be read is left where it is, and told."""
    for look in looks:
        try:
            digest = sha256_of(look.path)
        except OSError as error:
            leave(night, stage, look, in_one_line(error))
            continue
        with night.ledger.reading() as connection:
            before = file_before(connection, digest)
        yield Arrived(look, digest, before if before and (night.root / before).exists() else "")


def leave(night: Night, stage: Stage, look: Look, problem: str) -> None:
    """Leave a file where it is, for the next run, because of a problem that is no fault of its."""
    stage.fail(f"{look.path.name}: {problem}")
    wait(night, look, problem)


def wait(night: Night, look: Look, reason: str) -> None:
    """Take down that a file stays where it is, for the next run."""
    path = look.path
    file = TakenFile(path.name, "", "waiting", str(path), size=look.size, reason=reason, came_from=path.parent.name)
    night.record.files.append(file)


def prove_files(night: Night, found: dict[Path, Contents]) -> None:
    """Control totals of what was picked up: each file has one outcome, and lies where that says or where it was."""
    for folder, contents in found.items():
        looks = [*contents.complete, *contents.being_written]
        known = {file.name: file for file in night.record.files if file.came_from == folder.name}
        went = Counter[str]()
        for look in looks:
            file = known.get(look.path.name)
            place = night.root / file.place if file and not night.rehearsed else look.path
            if place.exists():
                went[file.outcome if file else "left"] += 1
        night.record.control.append(ControlTotal(f"files of {folder.name}", "files", len(looks), dict(went)))


def archive(night: Night, file: Arrived, kind: str, group: str, *, outcome: str = "taken") -> None:
    """Into the archive's folder of the day and of this group; a content that was taken before is told as known."""
    place = free_place(file.path, night.archive / group) if not night.rehearsed else night.archive / group
    reason = f"the same content as {file.known_as}" if file.known_as else ""
    _put(night, file, kind, "known" if file.known_as else outcome, place, reason)


def quarantine(night: Night, file: Arrived, kind: str, reason: str, findings: list[Diagnostic]) -> None:
    """Into the quarantine, with a file beside it that says why: reason and findings, values masked."""
    folder = Path(night.settings.quarantine)
    if night.rehearsed:
        _put(night, file, kind, "quarantined", folder, reason)
        return
    place = free_place(file.path, folder)
    write_reason(night, place, file.path, reason, findings)
    _put(night, file, kind, "quarantined", place, reason)


def write_reason(night: Night, place: Path, source: Path, reason: str, findings: list[Diagnostic]) -> None:
    """Say beside a file in quarantine why it is there, and what to do with it when that is mended."""
    why = {
        "file": place.name,
        "came_as": source.name,
        "day": night.moment.date().isoformat(),
        "reason": reason,
        "then": f"mend it and move it back to {source.parent.name}; this file goes when that one has gone",
        "findings": [finding.render() for finding in findings[:_MOST_FINDINGS]],
        "further_findings": max(len(findings) - _MOST_FINDINGS, 0),
    }
    text = msgspec.json.format(msgspec.json.encode(why), indent=2)
    write_privately(place.with_name(place.name + REASON), lambda out: out(text))


def in_quarantine(night: Night) -> list[Path]:
    """The files that wait there for a person. The reason of one that was taken away is removed."""
    folder = Path(night.settings.quarantine)
    waiting = []
    for reason in sorted(folder.glob(f"*{REASON}")):
        file = reason.with_name(reason.name.removesuffix(REASON))
        if file.exists():
            waiting.append(file)
        elif not night.rehearsed:
            reason.unlink(missing_ok=True)
    return waiting


def _put(night: Night, file: Arrived, kind: str, outcome: str, place: Path, reason: str) -> None:
    name = file.path.name
    folder = file.path.parent.name
    night.keep(TakenFile(name, kind, outcome, str(place), file.sha256, file.look.size, reason, folder))
    if not night.rehearsed:
        move(file.path, place)
