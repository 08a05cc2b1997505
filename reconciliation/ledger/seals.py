"""A chain of seals over the journal: each covers the entries of one transaction, their legs, and the seal before it.

Any change to a posted entry that bypasses the database's triggers breaks the chain from there on. `audit` checks it.
"""

import hashlib
from collections.abc import Iterator, Sequence
from contextlib import closing
from itertools import pairwise
from typing import Any

from sqlalchemy import Connection, func, select

from claimloop.reconciliation.ledger import schema

_AT_ONCE = 1000
_seals, _entries = schema.seals.c, schema.entries.c
_ENTRY = ", ".join(column.name for column in schema.entries.columns)
_LEG = "entry_id, number, account, line_id, amount"


def seal(connection: Connection) -> None:
    """Seal the entries that this transaction wrote, if any."""
    last = connection.execute(
        select(_seals.id, _seals.up_to, _seals.digest).order_by(_seals.id.desc()).limit(1)
    ).first()
    number, sealed, before = last or (0, 0, "")
    newest = connection.scalar(select(func.max(_entries.id))) or 0
    if newest > sealed:
        digest = _digest(connection, before, sealed, newest)
        connection.execute(schema.seals.insert().values(id=number + 1, up_to=newest, digest=digest))


def broken_seals(connection: Connection) -> Iterator[str]:
    """Yield a message for every seal that does not match the entries that it covers, or the seal before it."""
    sealed, before = 0, ""
    seals = connection.execute(select(_seals.id, _seals.up_to, _seals.digest).order_by(_seals.id)).all()
    for number, (identifier, up_to, digest) in enumerate(seals, start=1):
        if identifier != number or up_to <= sealed:
            yield f"seal {number} is missing"
        if digest != _digest(connection, before, sealed, up_to):
            yield f"entries {sealed + 1} to {up_to} were changed after they were posted"
        sealed, before = up_to, digest
    newest = connection.scalar(select(func.max(_entries.id))) or 0
    if newest > sealed:
        yield f"entries {sealed + 1} to {newest} were never sealed: claimloop did not post them"


def _digest(connection: Connection, before: str, after: int, up_to: int) -> str:
    """Return the SHA-256 of the seal before, the entries after `after` up to `up_to`, and their legs."""
    digest = hashlib.sha256(before.encode())
    ends = [after]
    while entries := _rows(
        connection,
        f"SELECT {_ENTRY} FROM entries WHERE id > {ends[-1]} AND id <= {up_to} ORDER BY id LIMIT {_AT_ONCE}",
    ):
        digest.update(_encoded(entries))
        ends.append(entries[-1][0])
    for first, last in pairwise((*ends, up_to)):
        legs = f"SELECT {_LEG} FROM legs WHERE entry_id > {first} AND entry_id <= {last} ORDER BY entry_id, number"
        digest.update(_encoded(_rows(connection, legs)))
    return digest.hexdigest()


def _encoded(rows: Sequence[tuple[Any, ...]]) -> bytes:
    return "".join([f"{row!r}\n" for row in rows]).encode()


def _rows(connection: Connection, query: str) -> Sequence[tuple[Any, ...]]:
    """Return the driver's own rows: every entry is read again here, and SQLAlchemy's rows would double the cost."""
    with closing(connection.connection.cursor()) as cursor:
        cursor.execute(query)
        return cursor.fetchall()
