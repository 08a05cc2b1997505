"""`show --json` of an 835: every value that was sent is in one of its lines, also what came behind the head."""

import json
import random
from collections import Counter
from io import BytesIO
from pathlib import Path

import pytest

from claimloop.edi.guides.guides import guide_of
from claimloop.edi.syntax.tokens import read_batches
from claimloop.parsers.show.show import show_json
from claimloop.tests.parsers.remittance.era import CLAIM, HEAD, interchange, transaction
from claimloop.tests.parsers.remittance.test_corpus import FILES, leaves, name, parts, sent_values, spelled
from claimloop.tests.parsers.remittance.test_every_element import GUIDES, Filler, file_of, segments

SUMS = ("record", "payment_amount", "claims", "claims_paid", "provider_adjusted", "expected_payment", "difference")
"""What the end of a remittance says of itself: none of it proves that a value was kept."""


def lines_of(raw: bytes, folder: Path, *, show_values: bool = True) -> list[dict[str, object]]:
    """What `show --json` writes."""
    path = folder / "shown.835"
    path.write_bytes(raw)
    out = BytesIO()
    show_json(path, out.write, lambda finding: None, show_values=show_values)
    return [json.loads(line) for line in out.getvalue().splitlines()]


def shown_values(raw: bytes, folder: Path) -> Counter[str]:
    """Every value of the lines, in fields or in segments that are kept as text."""
    shown: Counter[str] = Counter()
    batch = next(read_batches(BytesIO(raw), "", lambda finding: None))
    for line in lines_of(raw, folder):
        shown["405"] += "production_date" in line  # the field's name says the qualifier
        ended = line["record"] == "remittance_end"
        values = {field: value for field, value in line.items() if field != "record" and not (ended and field in SUMS)}
        for text in leaves(values):
            shown.update(spelled(part) for part in (parts(text, batch) if batch.delimiters.element in text else [text]))
    return shown


def three_of_everything(guide: str) -> bytes:
    """A file with each segment of the guide's claims and lines three times over, every element of it filled."""
    filler = Filler(unused=False)
    body: list[str] = []
    for segment in segments(guide_of(GUIDES[guide])):
        once = segment.id in ("BPR", "TRN", "CUR", "N1", "N3", "N4", "RDM", "LX", "CLP", "SVC", "MIA", "MOA")
        body += [filler.segment(segment) for _ in range(1 if once else 3)]
    text = "~".join(("ST*835*0001", *body))
    return interchange(f"{text}~SE*{len(body) + 2}*0001~").replace("005010X221A1", guide).encode()


@pytest.mark.parametrize("guide", GUIDES)
@pytest.mark.parametrize("unused", [False, True], ids=["used", "and unused"])
def test_every_element_of_the_guide_is_shown(guide: str, unused: bool, tmp_path: Path) -> None:
    raw = file_of(guide, unused=unused).encode()
    sent = sent_values(raw)
    assert sum(sent.values()) > 250
    assert not sent - shown_values(raw, tmp_path)


@pytest.mark.parametrize("guide", GUIDES)
def test_three_of_everything_are_shown(guide: str, tmp_path: Path) -> None:
    raw = three_of_everything(guide)
    sent = sent_values(raw)
    assert sum(sent.values()) > 600
    assert not sent - shown_values(raw, tmp_path)


@pytest.mark.parametrize("path", FILES, ids=name)
def test_every_value_of_a_sample_is_shown(path: Path, tmp_path: Path) -> None:
    raw = path.read_bytes()
    assert not sent_values(raw) - shown_values(raw, tmp_path)


@pytest.mark.parametrize("seed", range(4))
def test_every_value_of_a_shuffled_set_is_shown(seed: int, tmp_path: Path) -> None:
    body = [*HEAD, *CLAIM, "PLB*1*20261231*WO:A:B*7", "PLB*2*20261231", "N1*PR*ANOTHER PLAN", "ZZZ*9*8", "LX*4*5"]
    random.Random(seed).shuffle(body)
    raw = interchange(transaction(*body)).encode()
    assert not sent_values(raw) - shown_values(raw, tmp_path)


def test_what_comes_behind_the_claims_stands_at_the_end_of_its_remittance(tmp_path: Path) -> None:
    late = ("PLB*1*20261231*WO:ICN9:MORE*0", "N1*PE*SOMEBODY ELSE")
    first, second = transaction(*HEAD, *CLAIM, *late), transaction(*HEAD, *CLAIM, control="0002")
    ends = [line for line in lines_of(interchange(first, second).encode(), tmp_path) if line["record"].endswith("end")]  # type: ignore[attr-defined]
    assert [end["other_segments"] for end in ends] == [list(late), []]


def test_names_in_segments_behind_the_claims_stay_hidden(tmp_path: Path) -> None:
    raw = interchange(transaction(*HEAD, *CLAIM, "PLB*1*2*L6*0", "NM1*QC*1*MARLOWE*ADA****MI*M123456")).encode()
    hidden = json.dumps(lines_of(raw, tmp_path, show_values=False))
    assert "MARLOWE" in json.dumps(lines_of(raw, tmp_path))
    assert "MARLOWE" not in hidden
    assert "M123456" not in hidden
