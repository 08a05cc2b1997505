"""A whole run: the same bytes for the same seed, answers that do not depend on each other, flat memory, clear errors."""

import tracemalloc
from datetime import date
from pathlib import Path

import msgspec
import pytest

from claimloop.edi.diagnostics import NotX12
from claimloop.simulation import remittances
from claimloop.simulation.acceptance import RejectionReason
from claimloop.simulation.simulator import FolderNotEmpty, Summary, simulate
from claimloop.simulation.submitted import SubmittedClaim
from claimloop.tests.simulation.making import Line, Visit, answer, plain_rules, segments, truth, write_837
from claimloop.tests.simulation.test_scenarios import PRACTICE

DATA = Path(__file__).parents[1] / "data"


def files_of(summary: Summary) -> dict[str, bytes]:
    """Every file of a run, by name."""
    return {path.name: path.read_bytes() for path in summary.truth.parent.iterdir()}


def test_the_same_seed_gives_the_same_bytes(tmp_path: Path) -> None:
    runs = [files_of(answer(tmp_path / name, *PRACTICE, scenario="all", seed=5)) for name in ("one", "two")]
    assert runs[0] == runs[1]
    assert len(runs[0]) > 3


def test_another_seed_gives_another_answer(tmp_path: Path) -> None:
    first = files_of(answer(tmp_path / "one", *PRACTICE, scenario="all", seed=5))
    assert first != files_of(answer(tmp_path / "two", *PRACTICE, scenario="all", seed=6))


def test_an_answer_depends_neither_on_order_nor_on_number(tmp_path: Path) -> None:
    def rows(name: str, *visits: Visit) -> dict[object, object]:
        summary = answer(tmp_path / name, *visits, scenario="all", seed=5)
        return {(row["claim_control_number"], row["line_control_number"]): row for row in truth(summary)}

    whole = rows("whole", *PRACTICE)
    assert rows("backwards", *reversed(PRACTICE)) == whole
    few = rows("few", *PRACTICE[3:9])
    assert few.items() <= whole.items()
    assert len(few) >= 12


def test_the_day_comes_from_the_batch_unless_it_is_given(tmp_path: Path) -> None:
    source = write_837(tmp_path / "a.837", Visit(), day="20260915")
    assert simulate([source], tmp_path / "one", 1).received == date(2026, 9, 15)
    summary = simulate([source], tmp_path / "two", 1, scenarios=("none",), as_of=date(2026, 12, 1))
    assert summary.received == date(2026, 12, 1)
    assert "DTM*050*20261201" in segments(summary, "DTM")


def test_claims_are_paid_on_the_payers_payment_days(tmp_path: Path) -> None:
    visits = [Visit(f"V{number}-1", (Line("99213", str(100 + number)),)) for number in range(60)]
    summary = answer(tmp_path, *visits)
    days = [payment.date for payment in summary.payments]
    assert len(days) > 1
    assert {(day - days[0]).days % 7 for day in days} == {0}
    assert min(days) >= date(2026, 10, 13)


def test_a_payment_is_what_the_835_says(tmp_path: Path) -> None:
    summary = answer(tmp_path, *PRACTICE, scenario=("all", "unbalanced_payment=0"))
    told: dict[str, int] = {}
    for row in truth(summary, "remittance"):
        if row["comes"] == "first":
            trace = str(row["trace_number"])
            told[trace] = told.get(trace, 0) + round(float(str(row["payment_amount"])) * 100)
    assert {payment.trace_number: payment.amount for payment in summary.payments} == {
        trace: amount for trace, amount in told.items() if amount
    }


def test_a_set_holds_at_most_so_many_claims(tmp_path: Path) -> None:
    rules = plain_rules()
    rules = msgspec.structs.replace(rules, cycle=msgspec.structs.replace(rules.cycle, claims_per_remittance=10))
    visits = [Visit(f"V{number}-1", (Line("99213", str(100 + number)),)) for number in range(100)]
    summary = answer(tmp_path, *visits, rules=rules)
    claims = [int(str(row["claims"])) for row in truth(summary, "remittance")]
    assert max(claims) == 10
    assert sum(claims) == 100
    assert len({row["trace_number"] for row in truth(summary, "remittance")}) == len(claims)


def test_what_waits_goes_to_disk_and_the_bytes_are_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    in_memory = files_of(answer(tmp_path / "one", *PRACTICE, scenario="usual", seed=5))
    monkeypatch.setattr(remittances, "_IN_MEMORY", 2_000)
    assert files_of(answer(tmp_path / "two", *PRACTICE, scenario="usual", seed=5)) == in_memory


def test_memory_does_not_grow_with_the_claims(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(remittances, "_IN_MEMORY", 50_000)
    rules = msgspec.structs.replace(plain_rules(), duplicates=None)
    peaks = []
    for count in (1_500, 5_000):
        visits = [Visit(f"V{number:06d}-1", (Line("99213", "150"),), member=f"M{number}") for number in range(count)]
        source = write_837(tmp_path / f"{count}.837", *visits)
        tracemalloc.start()
        simulate([source], tmp_path / f"{count}", 1, rules=rules)
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert peaks[1] < 1.3 * peaks[0]


def test_the_front_end_is_told_of_every_claim_and_why_it_is_refused(tmp_path: Path) -> None:
    told: list[tuple[str, str, RejectionReason]] = []

    class Listener:
        def take(self, claim: SubmittedClaim, payer_claim_number: str, rejected: RejectionReason) -> None:
            told.append((claim.control_number, payer_claim_number, rejected))

    visits = (
        Visit("GOOD-1"), Visit("", member="M2"), Visit("LETTERS-1", charge="1OO", member="M3"),
        Visit("SHORT-1", charge="1", member="M4"),
    )  # fmt: skip
    source = write_837(tmp_path / "a.837", *visits)
    summary = simulate([source], tmp_path / "out", 1, scenarios=("none",), front_end=Listener())
    assert [(number, refused) for number, _, refused in told] == [
        ("GOOD-1", ""), ("", "incomplete"), ("LETTERS-1", "unreadable"), ("SHORT-1", "does not add up"),
    ]  # fmt: skip
    assert segments(summary, "CLP")[0].split("*")[7] == told[0][1]
    assert (summary.refused, len(segments(summary, "CLP"))) == (3, 1)


@pytest.mark.parametrize("path", sorted(DATA.glob("837P__*")), ids=lambda path: path.name)
def test_files_of_other_systems_are_answered(tmp_path: Path, path: Path) -> None:
    summary = simulate([path], tmp_path / "out", 1, scenarios=("none",))
    assert summary.claims > 0
    assert len(segments(summary, "CLP")) == summary.claims - summary.refused


def test_files_are_the_owners_only(tmp_path: Path) -> None:
    summary = answer(tmp_path, *PRACTICE, scenario="all")
    assert {path.stat().st_mode & 0o077 for path in summary.truth.parent.iterdir()} == {0}
    assert summary.truth.parent.stat().st_mode & 0o077 == 0


def test_a_folder_that_holds_something_is_left_alone(tmp_path: Path) -> None:
    source = write_837(tmp_path / "a.837", Visit())
    with pytest.raises(FolderNotEmpty, match="is not empty"):
        simulate([source], tmp_path, 1)
    assert [path.name for path in tmp_path.iterdir()] == ["a.837"]


def test_a_file_that_is_no_x12_leaves_no_folder(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("hello", encoding="ascii")
    with pytest.raises(NotX12):
        simulate([tmp_path / "a.txt"], tmp_path / "out", 1)
    assert not (tmp_path / "out").exists()
