"""The ledger for programs: open, submit, receive, look, decide. Everything is done when a call returns."""

import os
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date, datetime
from pathlib import Path
from types import TracebackType
from typing import Literal, Self, overload

import msgspec
from sqlalchemy import Connection

from claimloop.builders.encounters.encounter import Encounter
from claimloop.edi.diagnostics import Report, Where
from claimloop.edi.listing import MOST, Listing
from claimloop.edi.reading import Records, X12Source
from claimloop.reconciliation.api import deciding, rows
from claimloop.reconciliation.api.arguments import UnknownName, as_file, day_of, known_name, moment_of, text_of
from claimloop.reconciliation.api.deciding import DecisionKind, EntryKind, ResolutionKind
from claimloop.reconciliation.api.receiving import receive_file
from claimloop.reconciliation.api.results import ClaimsSent, Decision, Receipt
from claimloop.reconciliation.api.sending import Partners, partners_for, send_encounters
from claimloop.reconciliation.claims.manual_entries import Place
from claimloop.reconciliation.claims.states import find_claim
from claimloop.reconciliation.configuration.as_of import as_of_day
from claimloop.reconciliation.configuration.load import Configuration, load_configuration
from claimloop.reconciliation.intake import Books
from claimloop.reconciliation.ledger.connection import Ledger as Database
from claimloop.reconciliation.ledger.connection import LedgerError, NoLedger, open_ledger
from claimloop.reconciliation.posting.dispositions import Dispositions

_FILE_URL = "sqlite:///"
_DEFAULTS = Configuration()

ExportName = Literal["lines", "claims", "remittances", "suspense", "entries", "denials", "decisions"]
WorklistName = Literal[
    "denials", "suspense", "secondary", "credits", "rejected", "deposits", "provider", "unanswered", "deadlines"
]


class Ledger:
    """A ledger of claims and payments, on SQLite or PostgreSQL. Open it with `Ledger.open`.

        with Ledger.open("claimloop.toml", create=True) as ledger:
            sent = ledger.submit(encounters, folder="outbox", moment=datetime.now())
            receipts = ledger.receive("remit.835", moment=datetime.now())
            for line in ledger.worklist("denials", as_of=date.today()):
                print(line.claim_control_number, line.denied, line.reasons)

    Each call is complete when it returns, and everything that it gives is in memory. A call that changes the ledger
    either changes all that it reports or raises an error. Money is integer cents. The ledger reads no clock: pass
    the moment or the day.

    Several processes and threads may use one ledger at once. Writers take turns, and wait up to 30 seconds. Threads may
    share one Ledger. Processes may not: each opens its own, also after a fork.

    Errors that a user can fix are a UserError of `claimloop.edi` with a message of one line: LedgerError (the ledger
    cannot be used), NotX12 (the file cannot be received), UnknownName (there is no such claim), DecisionError, and some
    others. Messages contain no data of a patient except IDs that the caller passed.
    """

    def __init__(self, database: Database, configuration: Configuration) -> None:
        self._database = database
        self._process = os.getpid()
        self._is_open = True
        self.configuration = configuration
        """The trading partners, dispositions and expectations in effect."""

    @classmethod
    def open(
        cls,
        where: str | os.PathLike[str] | Configuration,
        *,
        create: bool = False,
        configuration: Configuration | None = None,
    ) -> Self:
        """Open the ledger of a configuration (the record, or the path of its .toml file), a URL, or an SQLite file.

        URLs are `sqlite:///FILE` and `postgresql://USER@HOST/DATABASE`. With `create`, a new ledger is made where there
        is none. `configuration` gives partners, dispositions and expectations to a ledger that is opened by its URL or
        file.

        Raises NoLedger where there is none, LedgerError where it cannot be opened, and ConfigurationError.

            with Ledger.open("postgresql://billing@db/claims", configuration=load_configuration(path)) as ledger:
                print(len(ledger.claims()))
        """
        if isinstance(where, Configuration):
            configuration, url = configuration or where, where.ledger
        elif isinstance(where, str) and ":/" in where:
            url = where
        elif isinstance(where, str | os.PathLike):
            path = Path(where)
            url = _FILE_URL + os.fspath(path)
            if path.suffix == ".toml":
                loaded = load_configuration(path)
                configuration, url = configuration or loaded, loaded.ledger
        else:
            kind = type(where).__name__
            raise TypeError(f"a ledger is opened by a path, a URL, or a Configuration, not {kind}")
        try:
            return cls(open_ledger(url, create=create), configuration or _DEFAULTS)
        except NoLedger as problem:
            there_is_none = str(problem).partition(";")[0]
            raise NoLedger(f"{there_is_none}; open it with create=True to make one") from None

    def close(self) -> None:
        """Close the file or the connections. Closing twice is harmless."""
        self._is_open = False
        self._database.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"<Ledger {self._database.name}>"

    # Changes.

    def submit(
        self,
        encounters: Iterable[Encounter],
        *,
        folder: str | os.PathLike[str],
        moment: datetime,
        partners: Partners | None = None,
        again: bool = False,
        second_opinion: bool = False,
        report: Report | None = None,
    ) -> ClaimsSent:
        """Build claim files of encounters in `folder`, ready to upload, and record the claims as submitted.

        Each claim goes to the partner that takes its payer: of `partners`, or else of the configuration. An encounter
        with an error is held, with all of its findings; one that was sent before is left out with a note, or with
        `again` sent as a new claim that replaces the earlier one. Every file is checked before it appears, with
        `second_opinion` also by pyx12. `moment` is the local time that is in the files.

        Raises ConfigurationError where there is no partner, FileHeld where a file fails its check and no encounter can
        be named for it, LedgerError, and OSError where the folder cannot be written.

            sent = ledger.submit(read_encounters("visits.csv"), folder="outbox", moment=datetime.now())
            print(sent.files, sent.held, sent.errors)
        """
        moment = moment_of(moment)
        return send_encounters(
            self._opened(), encounters, partners_for(partners, self.configuration.partners), folder, moment, report,
            again=again, second_opinion=second_opinion,
        )  # fmt: skip

    def receive(
        self, source: X12Source, *, moment: datetime, name: str = "", report: Report | None = None
    ) -> Records[Receipt]:
        """Record what came back, and return a receipt for each remittance of an 835, or one for any other file.

        The content tells what it is: an 835, a TA1, 999, 997 or 277CA, a bank's file (NACHA or CSV), or the 837P of
        another system, which is imported as submitted. What was received before changes nothing, so a call may be
        repeated. The result is a list with `findings` and `errors`, as readers give it; with a `report` of your own,
        they go there.

        `source` is a path, bytes, or a stream that is open in binary mode. Bytes need a `name`; the ledger records it.

        Raises NotX12 where it is a file of another kind, LedgerError, and OSError where it cannot be read. The
        remittances of an 835 are recorded one by one, so those before an error are kept.

            for receipt in ledger.receive(upload.read(), name=upload.filename, moment=datetime.now()):
                print(receipt.kind, receipt.file, receipt.needs_work)
        """
        moment = moment_of(moment)
        database = self._opened()
        records: Records[Receipt] = Records([], [])
        listing = Listing(records.findings.append, MOST)
        books = Books(database, Dispositions(self.configuration.dispositions), moment, report or listing)
        with as_file(source, name) as path:
            receive_file(path, books, records.append)
            listing.finish(Where(path.name), "file")
        return records

    @overload
    def decide(
        self, kind: EntryKind, *, claim: str, cents: int, reference: str, moment: datetime, line: str = "",
        from_: Place | Literal[""] = "", to: Place | Literal[""] = "", day: date | None = None, note: str = "",
    ) -> Decision: ...  # fmt: skip
    @overload
    def decide(
        self, kind: ResolutionKind, *, item: int, moment: datetime, claim: str = "", line: str = "",
        day: date | None = None, note: str = "",
    ) -> Decision: ...  # fmt: skip
    def decide(
        self,
        kind: DecisionKind,
        *,
        moment: datetime,
        item: int | None = None,
        claim: str = "",
        line: str = "",
        cents: int | None = None,
        reference: str = "",
        from_: Place | Literal[""] = "",
        to: Place | Literal[""] = "",
        day: date | None = None,
        note: str = "",
    ) -> Decision:
        """Record a manual entry about a claim, or resolve an item in suspense. Nothing is changed; each is a new entry.

        Entries are "patient-payment", "patient-refund", "payer-payment", "payer-refund", "recoupment", "write-off" and
        "transfer" (`from_` one of "open", "patient", "contractual", "written_off" `to` another). They need a claim,
        an amount in cents, and a reference. An entry with the same reference is recorded once: then `is_new` is False.

        Resolutions are "post" (to a claim, or to a `line` of it), "refund-suspense", "write-off-suspense" and "other"
        (with a note). They need the number of the item, which `worklist("suspense")` has.

        `line` is a line control number, or the line's number in the claim. `day` is the effective date (default: that
        of the moment). Raises DecisionError where it cannot be done, UnknownName for an unknown kind, LedgerError.

            ledger.decide("write-off", claim="D1204-1", cents=3000, reference="small-17", moment=datetime.now())
            ledger.decide("refund-suspense", item=4, note="not our patient", moment=datetime.now())
        """
        moment = moment_of(moment)
        day = moment.date() if day is None else day_of("day", day)
        with self._opened().writing() as connection:
            return deciding.decide(
                connection, Dispositions(self.configuration.dispositions), kind, moment, day, item=item, claim=claim,
                line=line, cents=cents, reference=reference, from_=from_, to=to, note=note,
            )  # fmt: skip

    # Queries.

    def claims(self) -> list[rows.ClaimRow]:
        """Return every submitted claim with its balance in cents and its status, the oldest first.

        denied = [claim for claim in ledger.claims() if claim.status == "denied"]
        """
        return self.export("claims")

    def claim(self, claim: str, *, show_values: bool = False) -> rows.ClaimHistory:
        """Return a claim with its lines as they are now, and everything that happened to it, in order.

        `claim` is a control number as sent, or the id of the encounter; of several claims the newest is meant. Free
        text of acknowledgements can name people: it is there only with `show_values`. Raises UnknownName where no such
        claim was submitted, and LedgerError.

            history = ledger.claim("D1106-1")
            print(history.claim.status, history.claim.balance.open, [event.event for event in history.events])
        """
        with self._reading() as connection:
            found = find_claim(connection, text_of("claim", claim))
            if found is None:
                raise UnknownName(f"no claim {claim} was submitted")
            return rows.history_of(connection, found, show_values=show_values)

    @overload
    def worklist(self, name: Literal["denials"], *, as_of: date, everything: bool = False) -> list[rows.DeniedLine]: ...
    @overload
    def worklist(self, name: Literal["suspense"], *, as_of: date, everything: bool = False) -> list[rows.HeldItem]: ...
    @overload
    def worklist(
        self, name: Literal["secondary"], *, as_of: date, everything: bool = False
    ) -> list[rows.DueToNextPayer]: ...
    @overload
    def worklist(self, name: Literal["credits"], *, as_of: date, everything: bool = False) -> list[rows.Credit]: ...
    @overload
    def worklist(self, name: Literal["rejected"], *, as_of: date, everything: bool = False) -> list[rows.Rejected]: ...
    @overload
    def worklist(self, name: Literal["deposits"], *, as_of: date, everything: bool = False) -> list[rows.Unpaired]: ...
    @overload
    def worklist(
        self, name: Literal["provider"], *, as_of: date, everything: bool = False
    ) -> list[rows.ProviderAdjustment]: ...
    @overload
    def worklist(
        self, name: Literal["unanswered"], *, as_of: date, everything: bool = False
    ) -> list[rows.Unanswered]: ...
    @overload
    def worklist(self, name: Literal["deadlines"], *, as_of: date, everything: bool = False) -> list[rows.Deadline]: ...
    def worklist(self, name: WorklistName, *, as_of: date, everything: bool = False) -> Sequence[msgspec.Struct]:
        """Return a list of things to do as of a day, the most money (or the most urgent) first. Amounts are cents.

        The lists are those of `claimloop worklist`. The configuration sets what is late; `everything` also lists what
        is not late yet. Raises UnknownName where there is no such list, and LedgerError.

            for line in ledger.worklist("denials", as_of=date.today()):
                print(line.claim_control_number, line.line_control_number, line.denied, line.reasons)
        """
        known_name("work list", name, rows.LISTS)
        when = as_of_day(day_of("as_of", as_of), self.configuration, everything=everything)
        with self._reading() as connection:
            return rows.worklist_rows(connection, name, when)

    @overload
    def export(self, name: Literal["lines"]) -> list[rows.LineRow]: ...
    @overload
    def export(self, name: Literal["claims"]) -> list[rows.ClaimRow]: ...
    @overload
    def export(self, name: Literal["remittances"]) -> list[rows.RemittanceRow]: ...
    @overload
    def export(self, name: Literal["suspense"]) -> list[rows.SuspenseRow]: ...
    @overload
    def export(self, name: Literal["entries"]) -> list[rows.LegRow]: ...
    @overload
    def export(self, name: Literal["denials"]) -> list[rows.DenialRow]: ...
    @overload
    def export(self, name: Literal["decisions"]) -> list[rows.DecisionRow]: ...
    def export(self, name: ExportName) -> Sequence[msgspec.Struct]:
        """Return the rows that `claimloop export` writes, as records with cents.

        Raises UnknownName where there is no such export, and LedgerError.

            for line in ledger.export("lines"):
                print(line.claim_control_number, line.procedure, line.balance.insurance_paid)
        """
        known_name("export", name, rows.EXPORTS)
        with self._reading() as connection:
            return rows.export_rows(connection, name)

    @contextmanager
    def _reading(self) -> Iterator[Connection]:
        with self._opened().reading() as connection:
            yield connection

    def _opened(self) -> Database:
        """Return the database. Raises LedgerError where it was closed, or opened by another process.

        A process that forks has copies of the connections of its parent, and both would talk on them at once.
        """
        if not self._is_open:
            raise LedgerError(f"the ledger {self._database.name} is closed")
        if self._process != os.getpid():
            raise LedgerError(f"the ledger {self._database.name} was opened in another process: open it in this one")
        return self._database
