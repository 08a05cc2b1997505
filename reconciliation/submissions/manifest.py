"""The manifest next to each claim file: its content and totals, for staff who upload and archive the file.

It is made from the ledger, so it can be made again at any time. It contains no names.
"""

from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec
from sqlalchemy import Connection, func, select

from claimloop.edi.money import two_decimals
from claimloop.edi.private_files import write_privately
from claimloop.reconciliation.ledger import schema

_AT_ONCE = 1000


def manifest_of(file: Path) -> Path:
    """Return the path of a file's manifest."""
    return file.with_name(f"{file.name}.manifest.json")


def write_manifest(connection: Connection, submission_id: int, file: Path) -> Path:
    """Write the manifest of a claim file: file name, SHA-256, control numbers, totals, and each claim with its set.

    An older manifest is replaced. Raises OSError if the folder cannot be written.
    """
    path = manifest_of(file)

    def write(out: Callable[[bytes], object]) -> None:
        for part in _parts(connection, submission_id):
            out(part)

    write_privately(path, write)
    return path


def _parts(connection: Connection, submission_id: int) -> Iterator[bytes]:
    """Yield the JSON text in pieces, so that memory stays flat."""
    submissions, sendings, claims, lines = (
        schema.submissions.c, schema.sendings.c, schema.claims.c, schema.lines.c,
    )  # fmt: skip
    row = connection.execute(select(schema.submissions).where(submissions.id == submission_id)).one()
    counts = connection.execute(
        select(func.count(func.distinct(sendings.set_control_number)), func.count(lines.id))
        .join_from(schema.sendings, schema.lines, (lines.claim_id == sendings.claim_id) & (lines.number > 0))
        .where(sendings.submission_id == submission_id)
    ).one()
    head = {
        "file": row.file_name,
        "sha256": row.sha256,
        "partner": row.partner,
        "usage": row.usage,
        "created": row.created,
        "interchange_control_number": row.interchange_control_number,
        "totals": {"sets": counts[0], "claims": row.claims, "lines": counts[1], "charge": two_decimals(row.charge)},
    }
    yield msgspec.json.encode(head)[:-1] + b',"claims":[\n'
    query = (
        select(
            sendings.patient_control_number, claims.encounter_id, sendings.set_control_number, sendings.payer_id,
            sendings.frequency, sendings.turn, claims.charge,
        )
        .join_from(schema.sendings, schema.claims, claims.id == sendings.claim_id)
        .where(sendings.submission_id == submission_id)
        .order_by(sendings.id)
    )  # fmt: skip
    names = ("claim_control_number", "encounter_id", "set", "payer_id", "frequency", "turn")
    separator = b""
    for some in connection.execute(query.execution_options(yield_per=_AT_ONCE)).partitions():
        texts = [
            msgspec.json.encode(dict(zip(names, claim[:-1], strict=True)) | {"charge": two_decimals(claim[-1])})
            for claim in some
        ]
        yield separator + b",\n".join(texts)
        separator = b",\n"
    yield b"\n]}\n"
