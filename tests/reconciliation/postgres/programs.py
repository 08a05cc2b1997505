"""What other programs do on the server of a ledger."""

from collections.abc import Iterable, Sequence
from pathlib import Path

import psycopg
from sqlalchemy import Connection

from claimloop.reconciliation.ledger import schema
from claimloop.reconciliation.ledger.connection import Ledger, insert_rows, next_id
from claimloop.tests.reconciliation.making import (
    answer,
    encounter,
    provider_adjustment,
    receive_sets,
    remittance,
    send,
    service,
    service_line,
)


def send_and_answer(ledger: Ledger, folder: Path) -> None:
    send(ledger, folder, encounter("A1", service_line("99213", 100), service_line("17000", 50)))
    payment = answer("A1-1", service("99213", 100, 80, "CO-45 20"), service("99999", 50, 50))
    receive_sets(ledger, folder, remittance("T1", payment, plb=[provider_adjustment("WO", 10)]))


def connect(url: str) -> psycopg.Connection:
    """As any program would."""
    return psycopg.connect(url)


def post(connection: Connection, *legs: tuple[str, int | None, int]) -> None:
    """Write the legs (account, line, cents), then their entry."""
    entry = next_id(connection, schema.entries)
    write(connection, [(entry, place, *leg) for place, leg in enumerate(legs, start=1)], [entry])


def write(
    connection: Connection, legs: Sequence[tuple[int, int, str, int | None, int]], entries: Iterable[int]
) -> None:
    """Two copies: all legs, then all entries."""
    insert_rows(connection, schema.legs, legs)
    insert_rows(
        connection, schema.entries, [(n, "test", "2026-10-01", "2026-10-01", None, None, None) for n in entries]
    )


def url_of(ledger: Ledger) -> str:
    return ledger.url.render_as_string(hide_password=False)
