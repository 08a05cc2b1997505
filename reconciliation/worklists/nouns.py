"""What the rows of each work list are, in words: "1 item in suspense", "12 denied lines"."""

from claimloop.edi.counts import counted

NOUNS: dict[str, tuple[str, str]] = {
    "denials": ("denied line", "denied lines"),
    "suspense": ("item in suspense", "items in suspense"),
    "secondary": ("claim due to its next payer", "claims due to their next payer"),
    "credits": ("credit balance", "credit balances"),
    "rejected": ("rejected claim", "rejected claims"),
    "provider": ("provider-level adjustment to check", "provider-level adjustments to check"),
    "unanswered": ("claim waiting for an answer", "claims waiting for an answer"),
    "deadlines": ("filing or appeal deadline", "filing or appeal deadlines"),
    "deposits": ("unmatched remittance or deposit", "unmatched remittances or deposits"),
}
"""Singular and plural by the name of the list."""


def worklist_count(name: str, count: int) -> str:
    """Return how many rows a list has, with their noun; "no denied lines" where it has none."""
    one, many = NOUNS.get(name, (f"{name} row", f"{name} rows"))
    return counted(count, one, many) if count else f"no {many}"
