"""What each work list is, in a sentence, and the commands by which it is worked."""

import msgspec


class Wording(msgspec.Struct, frozen=True):
    """`title` heads the list, `why` says what stands on it, `next_step` is the command that comes after it."""

    title: str
    why: str
    next_step: str = ""


_WORDINGS = {
    "deadlines": Wording(
        "Deadlines", "a time limit for filing or appeal is near or over: money that is lost when nobody acts"
    ),
    "rejected": Wording(
        "Rejected by a front end", "turned away before a payer saw them: as good as never filed",
        "claimloop correct CLAIM --rejected --with ENCOUNTER -o outbox",
    ),
    "denials": Wording(
        "Denied", "refused by the payer and not worked yet", "claimloop correct CLAIM --with ENCOUNTER -o outbox"
    ),
    "unanswered": Wording("Unanswered", "sent, and an answer of a front end or payer is late"),
    "suspense": Wording(
        "Suspense", "announced by payers, but for no claim or line that is known", "claimloop resolve ITEM --to CLAIM"
    ),
    "secondary": Wording(
        "Due to the next payer", "the primary payer has paid, the next one has not been asked",
        "claimloop secondary --all-due -o outbox",
    ),
    "deposits": Wording("Bank deposits", "a deposit without its remittance, or a remittance without its deposit"),
    "provider": Wording("Provider-level money", "taken or given by payers at large (PLB), and not even"),
    "credits": Wording("Credits", "paid more than was owed: it may have to go back"),
}  # fmt: skip
"""By the name of the list; in the order in which a reader is told of them: what costs money soonest, first."""


def wording_of(name: str) -> Wording:
    """Of a list; one without an entry speaks for itself."""
    return _WORDINGS.get(name, Wording(name.replace("_", " ").capitalize(), "waits for a person"))


def place_of(name: str) -> int:
    """Where a list stands among the others."""
    return list(_WORDINGS).index(name) if name in _WORDINGS else len(_WORDINGS)


def listing_command(name: str) -> str:
    """The command that prints the list."""
    return f"claimloop worklist {name}"
