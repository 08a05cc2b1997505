"""The code lists of an 837P and an 835: which codes exist, from when to when, and what they mean.

Each list is a table of this folder. The owner of a list publishes a new one several times a year. A list that the user
loads (`claimloop codes load`) overrides ours. Each list is read on first use.
"""

from datetime import date
from functools import cache
from pathlib import Path

from claimloop.edi.codes import owners
from claimloop.edi.codes.table import About, Code, CodeList, CodeListError, Status, read_shipped, shipped

__all__ = [
    "EXTERNAL_LISTS",
    "About",
    "Code",
    "CodeList",
    "CodeListError",
    "Status",
    "code_list",
    "forget",
    "label",
    "load",
    "shipped",
]

EXTERNAL_LISTS = {
    "claim_status": "claim_statuses",
    "claim_status_cat": "claim_status_categories",
    "country": "countries",
    "currency": "currencies",
    "entity_id": "entity_identifiers",
    "pos": "place_of_service",
    "remark_code": "remittance_remarks",
    "service_type": "service_types",
    "states": "states",
}
"""pyx12's ids for code lists → our lists."""

_ELEMENTS = {
    "adjustment_group": "adjustment_groups",
    "adjustment_reason": "claim_adjustment_reasons",
    "batch_purpose": "batch_purposes",
    "batch_type": "batch_types",
    "claim_status": "claim_payment_statuses",
    "filing_indicator": "claim_filing_indicators",
    "frequency": "claim_frequencies",
    "payer_responsibility": "payer_responsibilities",
    "payment_method": "payment_methods",
    "provider_adjustment": "provider_adjustments",
    "provider_role": "entity_identifiers",
    "relationship": "relationships",
}
"""Element → its list, if the two have different names."""


@cache
def code_list(name: str) -> CodeList:
    """Return a list by its name, with an owner's newer list that overrides it. Read once.

    Raises KeyError where there is no such list, CodeListError where an owner's list was stored and cannot be read.
    """
    ours = read_shipped(name)
    about = About(**{key: said for key, said in ours.head.items() if key in About.__struct_fields__})
    loaded = owners.stored(name)
    if loaded is None:
        return CodeList(name, about, ours.rows)
    return owners.overridden(CodeList(name, about, ours.rows), loaded)


def label(element: str, code: str) -> str:
    """Return the label of an element's code, for example `label("claim_status", "22")`; empty if there is none.

    `element` is one of those that `show` explains, or the name of a list. Raises KeyError if there is no such list.
    """
    return code_list(_ELEMENTS.get(element, element)).label(code)


def load(name: str, path: Path, on: date, *, replace: bool = False) -> int:
    """Load an owner's published list from a file for this user, replacing an earlier load. Return the number of codes.

    Codes of the file override ours; with `replace` they are the whole list, and all other codes are unknown. `on` is
    the day of loading. Raises KeyError if there is no such list, CodeListError for an invalid file.
    """
    widths = {len(code) for code in read_shipped(name).rows}
    table = owners.read_published(path, width=widths.pop() if len(widths) == 1 else 0)
    owners.store(name, table, path.name, on, replace=replace)
    code_list.cache_clear()
    return len(table.rows)


def forget(name: str) -> bool:
    """Return to the list that claimloop ships. Return False if no list was loaded."""
    read_shipped(name)
    forgotten = owners.remove(name)
    code_list.cache_clear()
    return forgotten
