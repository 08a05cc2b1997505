"""How the columns of work lists and exports appear in a table: what each holds, its heading, and which go first.

The names are those of `--format csv`. A column that is not here appears as text and is the first to be left out.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from claimloop.edi.columns import DAY, MONEY, TEXT, Column, Shown

_LEAST = 5
_SOURCE = Column("source", Shown("id", priority=_LEAST))

_KNOWN: dict[str, Shown] = {
    "account": TEXT,
    "alarm": Shown("text", priority=2, heading="finding"),
    "amount": MONEY,
    "awaited": Shown("code", priority=1, heading="waiting for"),
    "balance": MONEY,
    "charge": MONEY,
    "claim": Shown("id", priority=1),
    "claim_control_number": Shown("id", priority=1, heading="claim"),
    "contractual": Shown("money", priority=2),
    "credit": MONEY,
    "date": DAY,
    "day": DAY,
    "days": Shown("count", priority=3),
    "days_late": Shown("count", priority=1),
    "days_left": Shown("count", priority=1),
    "deadline": Shown("day", priority=1),
    "denied": MONEY,
    "difference": Shown("money", priority=2),
    "due": DAY,
    "encounter_id": Shown("id", priority=3, heading="encounter"),
    "entry": Shown("count", priority=1),
    "file": Shown("id", priority=_LEAST),
    "first": Shown("day", priority=4),
    "from": Shown("code", priority=3),
    "given": Shown("money", priority=3, heading="paid by payer"),
    "group": Shown("code", priority=1),
    "hold_reason": Shown("code", priority=_LEAST, heading="hold reason"),
    "insurance_paid": Shown("money", priority=1),
    "item": Shown("count", priority=1),
    "kind": TEXT,
    "last": Shown("day", priority=3),
    "last_said": Shown("code", priority=3, heading="last response"),
    "late": Shown("text", priority=3, heading="status"),
    "line": Shown("id", priority=2),
    "line_control_number": Shown("id", priority=2, heading="line"),
    "match_rule": Shown("code", priority=_LEAST),
    "modifiers": Shown("code", priority=3),
    "next_payer": TEXT,
    "note": Shown("text", priority=3),
    "open": MONEY,
    "partner": Shown("id", priority=4),
    "patient": Shown("money", priority=2),
    "payer_id": Shown("id", priority=4, heading="payer ID"),
    "payer_name": Shown("text", priority=2, heading="payer"),
    "payer_rank": Shown("count", priority=3),
    "payment_amount": Shown("money", priority=1, heading="payment"),
    "payment_date": Shown("day", priority=2, heading="paid on"),
    "posted": MONEY,
    "procedure": Shown("code", priority=2),
    "provider_adjustments": Shown("money", priority=2, heading="provider adj."),
    "reason": Shown("code", priority=1),
    "reasons": Shown("text", priority=2),
    "recouped": Shown("money", priority=3),
    "reference": Shown("id", priority=2),
    "remarks": Shown("text", priority=3),
    "resolved": Shown("money", priority=3),
    "rule": Shown("text", priority=4, heading="matched by"),
    "said": Shown("text", priority=2, heading="last response"),
    "segment": Shown("count", priority=_LEAST),
    "service_date": Shown("day", priority=2),
    "since": Shown("day", priority=4),
    "state": TEXT,
    "status": Shown("text", priority=1),
    "submitted": Shown("day", priority=3),
    "suspense": MONEY,
    "taken": Shown("money", priority=3, heading="taken by payer"),
    "to": Shown("code", priority=3),
    "trace_number": Shown("id", priority=4, heading="trace"),
    "turn": Shown("count", priority=3, heading="payer rank"),
    "version": Shown("count", priority=3),
    "what": Shown("text", priority=1, heading="task"),
    "whose": Shown("text", priority=1, heading="owed to"),
    "written_off": Shown("money", priority=2),
}

_IN_ONE: dict[str, dict[str, Shown]] = {
    "deadlines": {"said": Shown("text", priority=2, heading="reason"), "file": Shown("id", priority=_LEAST)},
    "denials": {"days": Shown("count", priority=3), "kind": Shown("text", priority=2, heading="category")},
    "deposits": {"trace_number": Shown("id", priority=2, heading="trace")},
    "entries": {"posted": Shown("day", priority=4)},
    "remittances": {"trace_number": Shown("id", priority=1, heading="trace")},
    "suspense": {
        "claim_control_number": Shown("id", priority=2, heading="claim"),
        "reason": Shown("text", priority=1),
        "hold_reason": Shown("code", priority=_LEAST),
    },
}
"""Columns that are something else in one work list or export, or more important there."""

_FOR_PROGRAMS = {
    "deadlines": {"payer_id", "since", "late", "file"},
    "denials": set[str](),
    "provider": set[str](),
    "suspense": {"hold_reason"},
    "unanswered": {"payer_id", "since", "late"},
}
"""Columns of a work list that a table has no use for: another column of it tells the same."""

_WORDS = ("alarm", "kind", "late", "rule", "state", "status", "what", "whose", "account")
"""Values that are names of ours: spelled with spaces."""


def described(what: str, names: Sequence[str]) -> tuple[Column, ...]:
    """Return the columns of a work list or export for a table. File and segment become one, the source, at the end."""
    own = _IN_ONE.get(what, {})
    hidden = {"file", "segment"} | _FOR_PROGRAMS.get(what, set())
    shown = [name for name in names if name not in hidden]
    columns = [Column(name, own.get(name) or _KNOWN.get(name) or Shown("text", priority=_LEAST)) for name in shown]
    return (*columns, *([_SOURCE] if "file" in names else []))


def in_words(rows: Iterable[Mapping[str, Any]]) -> Iterator[dict[str, object]]:
    """Yield rows as tables show them: with their source as one, and our own names with spaces."""
    for row in rows:
        told = {name: _spaced(value) if name in _WORDS else value for name, value in row.items()}
        if "file" in row:
            told["source"] = f"{row['file']}:{row['segment']}" if row.get("segment") else row["file"]
        yield told


def _spaced(value: object) -> object:
    return value.replace("_", " ") if isinstance(value, str) else value
