"""docs/guides.md: how our guide check differs from pyx12's, one section for each explanation, made from their table.

    .venv/bin/python -m claimloop.benchmarks.parity_page > docs/guides.md

Both sides of each example are the findings of the two checkers when the page was made. A test makes it again.
"""

import tempfile
from pathlib import Path

from claimloop.benchmarks.parity_case import Case, judge
from claimloop.benchmarks.parity_explanation import CLAIM, Example, Explanation
from claimloop.benchmarks.parity_explanations import EXPLANATIONS, explain
from claimloop.benchmarks.parity_findings import Outcome
from claimloop.edi.guides.overlays import corrections, parse_overlay

_SHOWN = 4

_HEAD = f"""\
# Guides: what we take from pyx12, and where we differ

The implementation guides are pyx12's maps. `edi/guides` compiles them and checks files with them. pyx12 is the
reference: `benchmarks/parity.py` compares our findings with pyx12's for every sample file and for seeded mutations of
them (accept or reject, and the set of segment number, element and code of the standard). It fails where a difference
has no name. Each name is a section of this page: a defect of pyx12, or a rule that we consider better.

    .venv/bin/python benchmarks/parity.py                     all samples, 30 mutations of each
    .venv/bin/python benchmarks/parity.py --only NAME --mutation 12     both sides of one mutation

A finding is written as `segment number, element, code`. `IK3` and `IK4` are the 999's codes for a segment and an
element. `IK5`, `AK9` and `TA1` are those for a set, a group and an interchange, with the number of its header. The
names IK3:HL1, HL2, LX and SEG1 are pyx12's own. Each example is this claim, changed in one place, with the findings
that differ:

```
{CLAIM}```

This page is made from the tables of explanations in `benchmarks/`
(`.venv/bin/python -m claimloop.benchmarks.parity_page > docs/guides.md`).
"""


def judge_example(example: Example) -> Case:
    """Return the outcomes of both sides for an example."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "example.x12"
        path.write_bytes(example.written())
        return judge(path)


def page() -> str:
    """Return the page's text."""
    sections = [_HEAD]
    for kind, title in (("pyx12 defect", "Defects of pyx12"), ("better rule", "Better rules")):
        sections.append(f"## {title}\n")
        sections += [_section(each) for each in EXPLANATIONS if each.kind == kind]
    sections.append(_corrections())
    return "\n".join(sections)


def _corrections() -> str:
    """Return the overlay that corrects pyx12's maps."""
    ours = parse_overlay(corrections())
    rows = [(row.guide, row.file, row.because) for row in ours.map]
    rows += [(row.guide, row.at, row.because) for row in ours.change]
    table = "\n".join(f"| {guide} | `{at}` | {because} |" for guide, at, because in rows)
    return f"## Corrections of maps\n\n| guide | where | because |\n|---|---|---|\n{table}\n"


def _section(explanation: Explanation) -> str:
    case = judge_example(explanation.example)
    named = explain(case)
    if set(named.values()) != {explanation.name}:
        names = sorted({name for name in named.values() if name != explanation.name})
        also = f" (with {', '.join(names)})" if names else ""
    else:
        also = ""
    return (
        f"### {explanation.name}\n\n{explanation.reason}\n\n"
        f"{_change(explanation.example)}{also}:\n\n"
        f"- pyx12 {_side(case.theirs, case, 'pyx12')}\n- claimloop {_side(case.ours, case, 'ours')}\n"
    )


def _change(example: Example) -> str:
    old = _short(example.old)
    return f"{old} becomes {_short(example.new)}" if example.new.strip() else f"without {old}"


def _short(text: str) -> str:
    lines = text.strip("\n").split("\n")
    shown = lines if len(lines) <= _SHOWN + 1 else [lines[0], "…", lines[-1]]
    return f"`{' '.join(shown)}`"


def _side(outcome: Outcome, case: Case, side: str) -> str:
    if outcome.stopped:
        word = f"stops with {outcome.stopped.partition(':')[0]} at segment {outcome.passed + 1}"
    else:
        word = "accepts" if outcome.accepted else "refuses"
    found = sorted(
        said for said in outcome.said if (side, said) in case.differences or ("weight", said) in case.differences
    )
    parts = []
    for said in found[:_SHOWN]:
        note = outcome.said[said]
        ours = f" {', '.join(note.ours)}" if note.ours else ""
        parts.append(f"`{said}`{ours}{' as a warning' if note.warning else ''}")
    more = f" and {len(found) - _SHOWN} more" if len(found) > _SHOWN else ""
    silent = [f"`{code}`" for code in dict.fromkeys(outcome.silent)]
    return f"{word}: {', '.join(parts + silent) or 'nothing else'}{more}"


if __name__ == "__main__":
    print(page(), end="")
