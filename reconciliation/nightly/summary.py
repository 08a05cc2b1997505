"""Summarize a run: one line for the end of a log, and a message for sendmail."""

from email.message import EmailMessage

from claimloop.edi.counts import counted
from claimloop.edi.money import from_cents
from claimloop.reconciliation.ledger import accounts
from claimloop.reconciliation.nightly.context import sentence
from claimloop.reconciliation.nightly.count_words import count_in_words
from claimloop.reconciliation.run_record import FAILED, NEEDS_WORK, WORK_LEFT, RunRecord
from claimloop.reconciliation.worklists.registry import counted_rows

_ENDS = {FAILED: "FAILED", WORK_LEFT: "work left"}


def last_line(run: RunRecord) -> str:
    """Return the line: `2026-11-24 work left: 47 claims out (19,327.00), 10 payments in (6,678.09); 11 …`."""
    dry_run = "dry run, nothing is kept; " if run.rehearsed else ""
    return f"{run.day.isoformat()} {dry_run}{_ENDS.get(run.exit_code, 'clean')}: {_moved(run)}; {_waiting(run)}"


def _moved(run: RunRecord) -> str:
    built = [stage for stage in run.stages if stage.name in ("encounters", "secondaries")]
    claims = sum(stage.counts.get("claims built", 0) + stage.counts.get("sent", 0) for stage in built)
    charged = sum(stage.amounts["charged"] for stage in built if "charged" in stage.amounts)
    received = [stage for stage in run.stages if stage.name == "remittances"]
    payments = sum(
        stage.counts.get("remittances posted", 0) + stage.counts.get("remittances held", 0) for stage in received
    )
    money = sum(stage.amounts["received"] for stage in received if "received" in stage.amounts)
    claims_out, payments_in = counted(claims, "claim"), counted(payments, "payment")
    return f"{claims_out} out ({charged:,.2f}), {payments_in} in ({money:,.2f})"


def _waiting(run: RunRecord) -> str:
    parts = [f"FAILED {stage.name}: {stage.problem}" for stage in run.stages if stage.problem]
    parts += [f"{total.name}: {total.unit} differ by {total.difference}" for total in run.control if total.difference]
    parts += [
        f"{counted_rows(name, count)} ({amount:,.2f})" for name, (count, amount) in run.worklists.items() if count
    ]
    left = sum(file.outcome == "waiting" for file in run.files)
    if not run.worklists:  # that stage did not run; otherwise the work lists have everything that needs work
        held = sum(stage.counts.get(NEEDS_WORK, 0) for stage in run.stages)
        parts += [count_in_words(NEEDS_WORK, held)] if held else []
    for count, one, several in (
        (run.in_quarantine, "file in quarantine", "files in quarantine"),
        (left, "file not picked up", "files not picked up"),
        (run.errors, "error found", "errors found"),
    ):
        parts += [counted(count, one, several)] if count else []
    return ", ".join(parts) or "no work left"


def message(run: RunRecord, sender: str, recipient: str) -> EmailMessage:
    """Return the run as a mail, without names of people."""
    mail = EmailMessage()
    mail["Subject"] = f"claimloop {run.day.isoformat()} {_ENDS.get(run.exit_code, 'clean')}"
    if recipient:
        mail["To"] = recipient
    if sender:
        mail["From"] = sender
    lines = [last_line(run), "", *(sentence(stage) for stage in run.stages), ""]
    lines += [
        f"{counted_rows(name, count)}, {amount:,.2f}" for name, (count, amount) in run.worklists.items() if count
    ] or ["all work lists are empty"]
    wrong = [total for total in run.control if total.difference]
    lines += ["", f"{counted(len(run.control), 'control total')}, {len(wrong)} out of balance"]
    lines += [f"  {total.name}: {total.unit} differ by {total.difference}" for total in wrong]
    held = [file for file in run.files if file.outcome in ("quarantined", "held")]
    lines += [f"in quarantine now: {file.name}: {file.reason}" for file in held]
    if run.totals is not None:
        balance = run.totals.balance
        parts = zip(accounts.PARTS, balance.parts, strict=True)
        sums = " + ".join(f"{name.replace('_', ' ')} {from_cents(cents):,.2f}" for name, cents in parts)
        proved = f"difference {from_cents(balance.difference):,.2f}"
        lines += ["", f"ledger: charge {from_cents(balance.charge):,.2f} = {sums}; {proved}"]
    mail.set_content("\n".join(lines) + "\n", cte="8bit")
    return mail
