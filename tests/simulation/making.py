"""Claims for a simulated payer, as 837P text of this module's own making, and what it answers."""

import json
from pathlib import Path

import msgspec

from claimloop.simulation.rules import Rules, load_rules
from claimloop.simulation.simulator import Summary, simulate

PAYER, MEMBER = "PLAN1", "M1001"


class Line(msgspec.Struct, frozen=True):
    """One SV1; the charge in dollars."""

    procedure: str = "99213"
    charge: str = "150"
    modifiers: tuple[str, ...] = ()
    number: str | None = None
    units: str = "1"
    day: str = "20260910"
    more: tuple[str, ...] = ()


class Visit(msgspec.Struct, frozen=True):
    """One claim of one invented patient; `more` are segments of 2300, behind CLM and before HI."""

    number: str = "VISIT1-1"
    lines: tuple[Line, ...] = (Line("99213", "150", ("25",)), Line("17000", "95"))
    payer: str = PAYER
    filing: str = "CI"
    member: str = MEMBER
    name: str = "MARLOWE"
    responsibility: str = "P"
    frequency: str = "1"
    charge: str = ""
    more: tuple[str, ...] = ()


def write_837(path: Path, *visits: Visit, day: str = "20261006") -> Path:
    """An 837P of these claims. A line without a number of its own gets the claim's and its place, in capitals."""
    segments = [
        "ISA*00*          *00*          *ZZ*INVENTEDDERM   *ZZ*INVENTEDHOUSE  *261006*1800*^*00501*000000017*0*T*:",
        f"GS*HC*INVENTEDDERM*INVENTEDHOUSE*{day}*1800*17*X*005010X222A1", "ST*837*0001*005010X222A1",
        f"BHT*0019*00*BATCH17*{day}*1800*CH", "NM1*41*2*INVENTED DERMATOLOGY*****46*INVENTEDDERM",
        "PER*IC*OFFICE*TE*5552013344", "NM1*40*2*INVENTED HOUSE*****46*INVENTEDHOUSE", "HL*1**20*1",
        "NM1*85*2*INVENTED DERMATOLOGY*****XX*1234567893", "N3*12 LAKEVIEW ROAD", "N4*SPRINGFIELD*IL*627041234",
        "REF*EI*123456789",
    ]  # fmt: skip
    for level, visit in enumerate(visits, start=2):
        charge = visit.charge or f"{sum(float(line.charge) for line in visit.lines):g}"
        segments += [
            f"HL*{level}*1*22*0", f"SBR*{visit.responsibility}*18*******{visit.filing}",
            f"NM1*IL*1*{visit.name}*ADA****MI*{visit.member}", "N3*1 ELM STREET", "N4*SPRINGFIELD*IL*62704",
            "DMG*D8*19800203*F", f"NM1*PR*2*INVENTED PLAN*****PI*{visit.payer}",
            f"CLM*{visit.number}*{charge}***11:B:{visit.frequency}*Y*A*Y*Y", *_before_hi(visit.more),
            "HI*ABK:L570*ABF:D225", *_behind_hi(visit.more),
        ]  # fmt: skip
        for place, line in enumerate(visit.lines, start=1):
            number = f"{visit.number.replace('-', '')}L{place:02d}" if line.number is None else line.number
            code = ":".join(("HC", line.procedure, *line.modifiers))
            segments += [
                f"LX*{place}", f"SV1*{code}*{line.charge}*UN*{line.units}***1", f"DTP*472*D8*{line.day}",
                *([f"REF*6R*{number}"] if number else []), *line.more,
            ]  # fmt: skip
    segments += [f"SE*{len(segments) - 1}*0001", "GE*1*17", "IEA*1*000000017"]
    path.write_text("~\n".join(segments) + "~\n", encoding="ascii")
    return path


def _before_hi(more: tuple[str, ...]) -> list[str]:
    return [text for text in more if text.startswith(("REF", "AMT*F5"))]


def _behind_hi(more: tuple[str, ...]) -> list[str]:
    return [text for text in more if not text.startswith(("REF", "AMT*F5"))]


def plain_rules() -> Rules:
    """The packaged prices, and nothing that happens by chance: no denials, deductibles, ended coverage."""
    rules = load_rules()
    plans = tuple(msgspec.structs.replace(plan, deductible_rate=0.0) for plan in rules.plan)
    return msgspec.structs.replace(rules, plan=plans, denial=(), coverage_ended=None)


def answer(
    folder: Path,
    *visits: Visit,
    scenario: str | tuple[str, ...] = "none",
    seed: int = 1,
    rules: Rules | None = None,
) -> Summary:
    """What a payer answers to these claims, each with the scenario where it fits."""
    folder.mkdir(exist_ok=True)
    source = write_837(folder / "sent.837", *visits)
    words = (scenario,) if isinstance(scenario, str) else scenario
    return simulate([source], folder / "answers", seed, scenarios=words, rules=rules or plain_rules())


def texts(summary: Summary) -> list[list[str]]:
    """The segments of each 835 file, in the order of arrival."""
    return [path.read_text(encoding="ascii").split("~\n")[:-1] for path in summary.remittances]


def segments(summary: Summary, *tags: str) -> list[str]:
    """The segments with these ids in all files, in the order of arrival."""
    return [text for file in texts(summary) for text in file if text.split("*", 1)[0] in tags]


def truth(summary: Summary, record: str = "line") -> list[dict[str, object]]:
    """The rows of one kind in `truth.jsonl`."""
    rows = [json.loads(text) for text in summary.truth.read_text(encoding="utf-8").splitlines()]
    return [row for row in rows if row["record"] == record]


def money(row: dict[str, object]) -> dict[str, object]:
    """The amounts of a line that are not zero, and its status."""
    names = ("insurance_paid", "contractual", "written_off", "patient", "open", "denied")
    return {name: row[name] for name in names if row[name] != "0.00"} | {"status": row["status"]}
