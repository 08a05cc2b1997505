"""Odd and broken 835s: reported, read as far as they can be read, and nothing of them thrown away."""

from decimal import Decimal
from io import BytesIO

import pytest

from claimloop.edi.diagnostics import NotX12
from claimloop.edi.records.remittance import Adjustment, ClaimPayment, Remittance, ServicePayment
from claimloop.parsers.remittance.reader import remittance_items
from claimloop.tests.parsers.remittance.era import CLAIM, HEAD, interchange, read, read_body, transaction

PAID_IN_FULL = ("LX*1", "CLP*A1*1*100*100*0*12*ICN1")


def test_bytes_without_an_isa_are_refused() -> None:
    with pytest.raises(NotX12):
        list(remittance_items(BytesIO(b"Dear Sir, please find attached"), "letter.txt", lambda finding: None))


def test_a_zero_adjustment_is_kept_and_noted() -> None:
    remittance, codes = read_body(*PAID_IN_FULL, "CAS*CO*45*0")
    assert codes == ["R213"]
    assert remittance.claims[0].adjustments == [Adjustment("CO", "45", Decimal(0))]


def test_a_finding_is_made_for_every_segment_that_earns_it() -> None:
    _, codes = read_body(*PAID_IN_FULL, "CAS*CO*45*0", "CAS*CO*45*0")
    assert codes == ["R213", "R213"]


def test_more_than_six_adjustments_in_one_segment_are_all_read() -> None:
    triples = "**".join(f"{reason}*1" for reason in range(1, 9))
    remittance, codes = read_body("LX*1", "CLP*A1*1*108*100*8*12*ICN1", f"CAS*PR*{triples}")
    assert codes == ["R211"]
    assert [adjustment.reason for adjustment in remittance.claims[0].adjustments] == list("12345678")


def test_a_gap_between_adjustments_is_stepped_over() -> None:
    remittance, codes = read_body("LX*1", "CLP*A1*1*130*100*30*12*ICN1", "CAS*PR*1*10*****2*20*3")
    assert codes == ["R212"]
    assert remittance.claims[0].adjustments == [
        Adjustment("PR", "1", Decimal(10)),
        Adjustment("PR", "2", Decimal(20), Decimal(3)),
    ]


def test_an_adjustment_without_a_reason_keeps_its_amount() -> None:
    remittance, codes = read_body("LX*1", "CLP*A1*1*110*100**12*ICN1", "CAS*CO**10")
    assert codes == ["R212"]
    assert remittance.claims[0].adjustments == [Adjustment("CO", "", Decimal(10))]


def test_a_reason_without_an_amount_blocks_the_claim() -> None:
    remittance, codes = read_body(*PAID_IN_FULL, "CAS*CO*45")
    assert codes == ["R206"]
    assert remittance.claims[0].unreadable == 1
    assert list(remittance.claims[0].other_segments) == ["CAS*CO*45"]


def test_claims_without_a_header_number_are_reported_once() -> None:
    remittance, codes = read_body("CLP*A1*1*50*50**12*ICN1", "CLP*A2*1*50*50**12*ICN2")
    assert codes == ["R207"]
    assert len(remittance.claims) == 2


def test_a_header_number_with_nothing_under_it_is_kept() -> None:
    remittance, codes = read_body("LX*8", *CLAIM, "LX*9")
    assert codes == []
    assert remittance.other_segments == ["LX*8", "LX*9"]


@pytest.mark.parametrize("written", [" CAS*CO*45*50", "cas*CO*45*50", "Cas*CO*45*50", "\tCAS*CO*45*50"])
def test_small_letters_and_blanks_in_a_segment_id_are_read_and_reported(written: str) -> None:
    remittance, codes = read_body(*CLAIM[:-2], written)
    assert codes == ["X104"]
    assert remittance.claims[0].services[0].adjustments == [Adjustment("CO", "45", Decimal(50))]


def test_indented_segments_are_reported_once_for_each_way_of_writing() -> None:
    remittance, codes = read_body(*CLAIM[:-1], " REF*6R*A1L1", " REF*LU*11", " AMT*B6*100")
    assert codes == ["X104", "X104"]
    assert remittance.claims[0].services[0].line_control_number == "A1L1"


@pytest.mark.parametrize(
    ("place", "expected"), [(5, "remittance"), (6, "remittance"), (8, "claim"), (9, "line"), (12, "line")]
)
def test_an_unknown_segment_is_kept_where_it_stood(place: int, expected: str) -> None:
    segments = [*HEAD, *CLAIM]
    segments.insert(place, "ZZZ*SOMETHING*NEW")
    (remittance,), findings = read(interchange(transaction(*segments)))
    (claim,) = remittance.claims
    holders: dict[str, Remittance | ClaimPayment | ServicePayment] = {
        "remittance": remittance,
        "claim": claim,
        "line": claim.services[0],
    }
    assert [finding.code for finding in findings] == ["R202"]
    assert {name for name, holder in holders.items() if list(holder.other_segments) == ["ZZZ*SOMETHING*NEW"]} == {
        expected
    }


def test_a_message_never_shows_what_stands_where_a_segment_id_should_be() -> None:
    _, findings = read(interchange(transaction(*HEAD, *CLAIM, "MARLOWE ADA 1970")))
    assert [finding.code for finding in findings] == ["R202"]
    assert "MARLOWE" not in str(findings[0])


@pytest.mark.parametrize("text", ["1O0", "+100", "1,000", "$100", "1e2", "--5", "NaN", "Infinity", "10.005", "9" * 17])
@pytest.mark.parametrize(
    "segment",
    [
        "CLP*A1*1*{}*0**12",
        "CLP*A1*1*0*{}**12",
        "CLP*A1*1*0*0*{}*12",
        "CAS*CO*45*{}",
        "AMT*AU*{}",
        "SVC*HC:99213*{}*0",
    ],
)
def test_a_malformed_amount_is_reported_and_blocks_the_claim(segment: str, text: str) -> None:
    broken = segment.format(text)
    before = () if broken.startswith("CLP") else ("CLP*A1*1*0*0**12",)
    remittance, codes = read_body("LX*1", *before, broken)
    (claim,) = remittance.claims
    kept = list(claim.other_segments) + [text for line in claim.services for text in list(line.other_segments)]
    assert "R204" in codes
    assert claim.unreadable == 1
    assert kept == [broken]
    assert remittance.end is not None
    assert remittance.end.unreadable == 1


def test_an_amount_that_was_bad_once_is_bad_again() -> None:
    remittance, codes = read_body(*PAID_IN_FULL, "AMT*AU*10.005", "AMT*AU*10.005")
    assert codes == ["R204", "R204"]
    assert remittance.claims[0].unreadable == 2


def test_blanks_around_a_number_do_not_count() -> None:
    remittance, codes = read_body("LX*1", "CLP*A1*1* 100*100 **12*ICN1")
    assert codes == []
    assert remittance.claims[0].charge == remittance.claims[0].paid == Decimal(100)


@pytest.mark.parametrize("day", ["20261301", "261231", "2026-01-01", "0000000", "TODAY"])
def test_a_malformed_date_is_reported_and_its_segment_kept(day: str) -> None:
    remittance, codes = read_body(*CLAIM, f"DTM*472*{day}")
    line = remittance.claims[0].services[0]
    assert codes == ["R205"]
    assert list(line.other_segments) == [f"DTM*472*{day}"]
    assert remittance.claims[0].unreadable == 1
    assert len(line.dates) == 1


@pytest.mark.parametrize("segment", ["CLP*A1", "CLP*A1*1**100", "CLP*A1*1*100", "CLP"])
def test_a_claim_with_missing_amounts_is_read_but_blocked(segment: str) -> None:
    remittance, codes = read_body("LX*1", segment)
    (claim,) = remittance.claims
    assert "R206" in codes
    assert claim.unreadable == 1
    assert list(claim.other_segments) == [segment]


def test_a_malformed_payment_counts_on_the_remittance() -> None:
    remittance, codes = read_body(*CLAIM, head=("BPR*I*1OO*C*ACH************20261340", *HEAD[1:]))
    assert codes == ["R204", "R205", "R222"]
    assert (remittance.payment_amount, remittance.payment_date) == (Decimal(0), None)
    assert remittance.unreadable == 1
    assert remittance.other_segments == ["BPR*I*1OO*C*ACH************20261340"]


def test_a_malformed_provider_adjustment_counts_on_the_remittance() -> None:
    remittance, codes = read_body(*CLAIM, "PLB*1245319599*20261231*WO:ICN9*1O*L6*0")
    assert codes == ["R204"]
    assert [plb.amount for plb in remittance.provider_adjustments] == [Decimal(0), Decimal(0)]
    assert remittance.unreadable == 1
    assert remittance.other_segments == ["PLB*1245319599*20261231*WO:ICN9*1O*L6*0"]


def test_a_service_line_before_any_claim_is_kept_as_text() -> None:
    remittance, codes = read_body("LX*1", "SVC*HC:99213*10*10", "CAS*CO*45*5", *CLAIM[1:])
    assert codes == ["R203", "R203"]
    assert remittance.other_segments == ["SVC*HC:99213*10*10", "CAS*CO*45*5"]
    assert len(remittance.claims[0].services) == 1


def test_claim_information_behind_a_line_goes_to_the_claim() -> None:
    remittance, codes = read_body(*CLAIM, "NM1*82*1*DERM*IVY****XX*1811901945", "MOA***MA01")
    (claim,) = remittance.claims
    assert codes == ["R208", "R208"]
    assert claim.party("82") is not None
    assert claim.outpatient is not None


def test_head_segments_behind_the_first_claim_are_kept_as_text() -> None:
    remittance, codes = read_body(*CLAIM, "TRN*1*ANOTHER*1512345678")
    assert codes == ["R203"]
    assert remittance.trace_number == "EFT77"
    assert list(remittance.claims[0].services[0].other_segments) == ["TRN*1*ANOTHER*1512345678"]


@pytest.mark.parametrize("again", ["BPR*I*999*C*CHK", "TRN*1*OTHER*9", "N1*PR*OTHER PLAN"])
def test_a_head_segment_that_comes_twice_counts_once(again: str) -> None:
    remittance, codes = read_body(*CLAIM, head=(*HEAD, again))
    assert codes == ["R209"]
    assert (remittance.payment_amount, remittance.trace_number) == (Decimal(100), "EFT77")
    assert remittance.payer.name == "INVENTED HEALTH PLAN"
    assert remittance.other_segments == [again]


def test_the_address_of_a_party_without_a_field_is_not_given_to_another() -> None:
    remittance, codes = read_body(*CLAIM, head=(*HEAD, "N1*40*BANK", "N3*5 BANK STREET", "REF*2U*1"))
    assert codes == ["R202"]
    assert remittance.payee.address is None
    assert remittance.other_segments == ["N1*40*BANK", "N3*5 BANK STREET", "REF*2U*1"]


@pytest.mark.parametrize("missing", ["BPR", "TRN"])
def test_a_head_without_its_payment_or_trace_is_reported(missing: str) -> None:
    head = tuple(segment for segment in HEAD if not segment.startswith(missing))
    _, codes = read_body(*CLAIM, head=head)
    assert codes[0] == "R214"


def test_empty_segments_are_passed_over_and_reported_once() -> None:
    remittance, codes = read_body(*CLAIM, "", "", "PLB*1245319599*20261231*L6*0")
    assert codes == ["R215"]
    assert len(remittance.provider_adjustments) == 1


@pytest.mark.parametrize(
    "segment",
    [
        "NM1*82*1*DERM*IVY**DR**XX*1811901945", "CLP*A1*1*0*0**12*ICN1*11*1*X", "REF*0B*1*2*3", "DTM*405*20260101*1200",
        "AMT*AU*1*C", "QTY*CA*1*DA", "NM1*QC*1*A*B****MI*1*SPOUSE", "MOA***MA01",
    ],
)  # fmt: skip
def test_elements_without_a_field_keep_the_whole_segment(segment: str) -> None:
    remittance, codes = read_body("LX*1", "CLP*A0*1*100*100**12*ICN1", segment)
    claim = remittance.claims[-1]
    if segment.startswith("MOA"):  # every element of it has a field
        assert (codes, list(claim.other_segments)) == ([], [])
    else:
        assert (codes, list(claim.other_segments)) == (["R210"], [segment])


def test_a_procedure_with_too_many_components_keeps_its_segment() -> None:
    segment = "SVC*HC:99213:1:2:3:4:TEXT:99215*100*100"
    remittance, codes = read_body(*PAID_IN_FULL, segment)
    (line,) = remittance.claims[0].services
    assert codes == ["R216"]
    assert (line.procedure.code, line.paid, list(line.other_segments)) == ("99213", Decimal(100), [segment])


def test_a_set_of_another_kind_is_passed_over_and_said_so() -> None:
    text = interchange("ST*999*0009~AK1*HC*1~SE*3*0009~", transaction(*HEAD, *CLAIM))
    (remittance,), findings = read(text)
    assert [finding.code for finding in findings] == ["R201"]
    assert len(remittance.claims) == 1


def test_a_set_without_its_trailer_is_incomplete() -> None:
    text = interchange(transaction(*HEAD, *CLAIM))
    (remittance,), findings = read(text[: text.index("SE*")])
    assert remittance.end is not None
    assert not remittance.end.complete
    assert len(remittance.claims[0].services[0].references) == 1
    assert [finding.code for finding in findings] == ["X118", "X113", "X110"]


def test_a_set_that_opens_inside_another_ends_it() -> None:
    first, second = transaction(*HEAD, *CLAIM), transaction(*HEAD, *CLAIM, control="0002")
    remittances, findings = read(interchange(first[: first.index("SE*")], second))
    assert [remittance.end.complete for remittance in remittances if remittance.end] == [False, True]
    assert [finding.code for finding in findings] == ["X118", "R268"]


def test_a_set_that_stands_twice_in_a_file_is_read_twice() -> None:
    remittances, findings = read(interchange(transaction(*HEAD, *CLAIM), transaction(*HEAD, *CLAIM)))
    assert [finding.code for finding in findings] == ["X121", "R268"]
    assert remittances[0].end == remittances[1].end


def test_a_set_with_nothing_in_it_still_begins_and_ends() -> None:
    (remittance,), findings = read(interchange("ST*835*0001~SE*2*0001~"))
    assert [finding.code for finding in findings] == ["R214", "R214"]
    assert remittance.end is not None
    assert (remittance.end.claims, remittance.end.complete) == (0, True)


def test_segments_between_sets_are_reported() -> None:
    (remittance,), findings = read(interchange(transaction(*HEAD, *CLAIM) + "CAS*CO*45*1~"))
    assert [finding.code for finding in findings] == ["X120"]
    assert len(remittance.claims[0].services[0].adjustments) == 1


def test_latin_letters_of_older_systems_are_read() -> None:
    text = interchange(transaction(*HEAD, *CLAIM)).replace("MARLOWE", "NÚÑEZ").encode("latin-1")
    (remittance,), findings = read(text)
    assert findings == []
    assert remittance.claims[0].parties[0].name == "NÚÑEZ"
