"""Check what the peers report about files that we write: `python benchmarks/acceptance.py`.

Files to payers: the examples of the guide, and random encounters that use all of it. Files from payers: the
simulator's, one scenario after another. pyx12 validates, x12sdk makes its models, oxedi (835) checks the balances. The
program fails where a difference has no named reason.
"""

import io
import logging
import re
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from oxedi import parse_file
from rich.console import Console
from x12sdk.io import X12ModelReader

from claimloop.benchmarks.volumes import make_encounters
from claimloop.builders.checks.encounter import check_encounter
from claimloop.builders.claims.from_encounter import claims_from
from claimloop.builders.encounters.encounter import Encounter
from claimloop.builders.encounters.intake import encounter_items
from claimloop.builders.partner import TradingPartner, load_partner
from claimloop.builders.professional.batch import write_batch
from claimloop.edi.diagnostics import Diagnostic
from claimloop.simulation import simulate
from claimloop.simulation.scenarios import SCENARIOS
from claimloop.tests.builders.encounters.examples import MOMENT, NUMBERS, TODAY, partner
from claimloop.tests.builders.encounters.full_strategies import full_encounters

RANDOM = 150
CLAIMS_OF_A_SCENARIO = 60
EXAMPLES = Path(__file__).parent.parent / "tests" / "builders" / "claims" / "guide_examples"
Said = Counter[tuple[str, str]]
"""Number of reports, by peer and text."""

# The place in an 837P, and why we still write it.
NAMED = (
    ("pyx12", r"\(AD\) is not a valid code", "PWK02 AD is a certificate of medical necessity's (docs/guides.md)"),
    ("x12sdk", r"pwk_segment.*report_transmission_code", "PWK02 AD is a certificate of medical necessity's"),
    ("x12sdk", r"(?i)parsing REF segment field", "it cannot read REF04, the payer that assigned a number"),
    ("x12sdk", r"cn1_segment.*contract_code", "it reads CN104 as the code, which is CN101"),
    ("x12sdk", r"2400\.crc_segment.*code_category", "it does not know CRC*07 (ambulance) of a line"),
    ("x12sdk", r"(2420[BG]|2330[CEFG])\.nm1_segment.*name_last", "it requires NM103, which the guide does not use"),
    ("x12sdk", r"2310D\.ref_segment", "it takes the REF of a supervising provider for an NM1"),
    ("x12sdk", r"2010AC\.ref_segment", "it does not know 2U, FY and NF of a pay-to plan"),
    ("x12sdk", r"oi_segment.*benefits_assignment", "it does not know OI03 W (not applicable)"),
    ("x12sdk", r"dmg_segment.*gender_code", "it does not know DMG03 U (unknown)"),
    ("x12sdk", r"nm1_segment.*identification_code_qualifier", "it asks for the NPI of an atypical provider"),
)  # fmt: skip
# What a scenario breaks on purpose, or what a peer does not support.
OF_SCENARIOS = {
    ("pyx12", "claim_split"): "MA15 is not in its list of remark codes, which ends in 2009",
    ("pyx12", "two_plb_segments"): "a second PLB segment exceeds its count; the guide allows any number",
    ("x12sdk", "two_plb_segments"): "it reads one PLB segment only; the guide allows any number",
    ("oxedi", "unbalanced_claim"): "made not to balance",
    ("x12sdk", "unbalanced_claim"): "made not to balance",
    ("oxedi", "unbalanced_payment"): "made not to balance",
}


def pyx12_says(path: Path) -> Iterator[str]:
    """Yield pyx12's error lines; nothing where it accepts the file."""
    from pyx12.params import params
    from pyx12.x12n_document import x12n_document

    told = io.StringIO()
    handler = logging.StreamHandler(told)
    logger = logging.getLogger("pyx12")
    logger.addHandler(handler)
    try:
        accepted = x12n_document(params(), str(path), io.StringIO(), None)
    finally:
        logger.removeHandler(handler)
    if not accepted:
        yield from (line.partition(" - ")[2] for line in told.getvalue().splitlines() if line.startswith("Line:"))


def x12sdk_says(path: Path) -> Iterator[str]:
    """Yield each place of its models that x12sdk cannot fill, and why."""
    try:
        with X12ModelReader(str(path)) as reader:
            for _ in reader.models():
                pass
    except Exception as error:
        places = re.findall(r"\n((?:loop|footer|header|\w+_segment)[\w.]*)\n  (.*?)(?: \[type=|\n|$)", str(error))
        for place, why in places or [(type(error).__name__, str(error).partition("\n")[0])]:
            yield f"{_place(place)}: {re.sub(r'[0-9.]+', 'n', why)}"


def _place(path: str) -> str:
    """`loop_2000a.0.loop_2300.1.cn1_segment.x` is `2300.cn1_segment.x`."""
    loop, dot, rest = re.sub(r"\.\d+", "", path).rpartition("loop_")[2].partition(".")
    return f"{loop.upper()}{dot}{rest}"


def oxedi_says(path: Path) -> Iterator[str]:
    """Yield oxedi's diagnostics."""
    yield from (re.sub(r"[0-9.]+", "n", str(each))[:100] for each in parse_file(str(path)).diagnostics)


def built_files(folder: Path) -> Iterator[Path]:
    """Yield the guide's examples and random encounters, each as a file. Raises where one of them is held."""
    for example in sorted(EXAMPLES.iterdir()):
        found: list[Diagnostic] = []
        encounters = list(encounter_items(example / "encounter.json", found.append))
        yield _write(encounters, load_partner(example / "partner.toml"), folder / f"{example.name}.837")
    drawn: list[Encounter] = []

    @settings(
        max_examples=RANDOM, derandomize=True, database=None, deadline=None, suppress_health_check=list(HealthCheck)
    )
    @given(full_encounters())
    def draw(encounter: Encounter) -> None:
        drawn.append(encounter)

    draw()
    for number, encounter in enumerate(drawn):
        if any(finding.severity == "error" for finding in check_encounter(encounter, partner(), TODAY)):
            raise SystemExit("a random encounter was held")
        yield _write([encounter], partner(), folder / f"random{number:04d}.837")


def _write(encounters: list[Encounter], sent_to: TradingPartner, path: Path) -> Path:
    with path.open("w", encoding="utf-8") as file:
        claims = (claim for encounter in encounters for claim in claims_from(encounter, sent_to))
        write_batch(claims, sent_to, NUMBERS, MOMENT, file.write)
    return path


def judge_built(folder: Path, console: Console) -> bool:
    """Check files to payers. Return False where a difference has no named reason."""
    said: Said = Counter()
    files = list(built_files(folder))
    for path in files:
        for peer, says in (("pyx12", pyx12_says), ("x12sdk", x12sdk_says)):
            told = set(says(path))
            said.update((peer, text) for text in told)
            said[peer, ""] += not told
    for peer in ("pyx12", "x12sdk"):
        console.print(f"{peer} accepts {said.pop((peer, ''))} of {len(files)} built 837P files")
    reasons: Counter[tuple[str, str]] = Counter()
    for (peer, text), times in said.items():
        reasons[peer, _name(peer, text)] += times
    for (peer, reason), times in reasons.most_common():
        console.print(f"  {peer}, {times} times: {reason}", markup=False)
    return not any(reason.startswith("NOT NAMED") for _, reason in reasons)


def _name(peer: str, text: str) -> str:
    for of, pattern, reason in NAMED:
        if of == peer and re.search(pattern, text):
            return reason
    return f"NOT NAMED: {text}"


def judge_simulated(folder: Path, console: Console) -> bool:
    """Check files from payers, scenario by scenario. Return False where a difference has no named reason."""
    encounters = folder / "few.jsonl"
    make_encounters(encounters, CLAIMS_OF_A_SCENARIO)
    sent = _write(list(encounter_items(encounters, lambda _: None)), partner(), folder / "few.837")
    named, accepted = True, Counter[str]()
    peers: tuple[tuple[str, Callable[[Path], Iterator[str]]], ...] = (
        ("pyx12", pyx12_says), ("oxedi", oxedi_says), ("x12sdk", x12sdk_says),
    )  # fmt: skip
    for scenario in SCENARIOS:
        answers = folder / scenario.name
        simulate([sent], answers, seed=1, scenarios=["none", f"{scenario.name}=1"])
        files = sorted(answers.glob("*.835"))
        for peer, says in peers:
            told = sorted({text for path in files for text in says(path)})
            if not told:
                accepted[peer] += 1
                continue
            reason = OF_SCENARIOS.get((peer, scenario.name))
            named = named and reason is not None
            console.print(f"  {peer}, {scenario.name}: {reason or f'NOT NAMED: {told[:3]}'}", markup=False)
    for peer, count in accepted.items():
        console.print(f"{peer} accepts the simulated 835s of {count} of {len(SCENARIOS)} scenarios")
    return named


def accept(console: Console) -> bool:
    """Check both. Return False where a difference has no named reason."""
    with tempfile.TemporaryDirectory() as folder:
        return judge_built(Path(folder), console) & judge_simulated(Path(folder), console)


if __name__ == "__main__":
    sys.exit(0 if accept(Console(width=150, highlight=False)) else 1)
