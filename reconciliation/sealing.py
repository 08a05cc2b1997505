"""A chain of seals over the journal: each covers the entries of one transaction, their legs and the seal before it.

Whoever changes a posted entry behind the database's triggers breaks the chain from there on; `audit` walks it.
"""

import hashlib
from collections.abc import Iterator

from sqlalchemy import Connection, func, select

from claimloop.reconciliation import schema

_AT_ONCE = 5000
_seals, _entries, _legs = schema.seals.c, schema.entries.c, schema.legs.c


def seal(connection: Connection) -> None:
    """Seal the entries that this transaction wrote; nothing where it wrote none."""
    last = connection.execute(
        select(_seals.id, _seals.up_to, _seals.digest).order_by(_seals.id.desc()).limit(1)
    ).first()
    number, sealed, before = last or (0, 0, "")
    newest = connection.scalar(select(func.max(_entries.id))) or 0
    if newest > sealed:
        digest = _digest(connection, before, sealed, newest)
        connection.execute(schema.seals.insert().values(id=number + 1, up_to=newest, digest=digest))


def broken_seals(connection: Connection) -> Iterator[str]:
    """Every seal that does not fit the entries that it covers, or the seal before it."""
    sealed, before = 0, ""
    seals = connection.execute(select(_seals.id, _seals.up_to, _seals.digest).order_by(_seals.id)).all()
    for number, (identifier, up_to, digest) in enumerate(seals, start=1):
        if identifier != number or up_to <= sealed:
            yield f"seal {number} is missing"
        if digest != _digest(connection, before, sealed, up_to):
            yield f"entries {sealed + 1} to {up_to} are not as they were when they were posted"
        sealed, before = up_to, digest
    newest = connection.scalar(select(func.max(_entries.id))) or 0
    if newest > sealed:
        yield f"entries {sealed + 1} to {newest} were never sealed: they did not come by claimloop"


def _digest(connection: Connection, before: str, after: int, up_to: int) -> str:
    """SHA-256 over the seal before, the entries with these ids, and their legs."""
    digest = hashlib.sha256(before.encode())
    for query in (
        select(schema.entries).where(_entries.id > after, _entries.id <= up_to).order_by(_entries.id),
        select(_legs.entry_id, _legs.number, _legs.account, _legs.line_id, _legs.amount)
        .where(_legs.entry_id > after, _legs.entry_id <= up_to)
        .order_by(_legs.entry_id, _legs.number),
    ):
        for rows in connection.execute(query.execution_options(yield_per=_AT_ONCE)).partitions():
            digest.update("".join(f"{tuple(row)!r}\n" for row in rows).encode())
    return digest.hexdigest()
