"""Habits of payers that the guide does not know: read, reported in a word, and nothing refused or lost."""

from datetime import date
from decimal import Decimal

import pytest

from claimloop.edi.dates import DateRange
from claimloop.edi.records.procedure import Procedure
from claimloop.edi.records.remittance import Adjustment, QualifiedDate
from claimloop.tests.parsers.remittance.era import CLAIM, HEAD, ISA, interchange, read, read_body, transaction

PAYER, PAYEE = HEAD[3], HEAD[4]
TWO_HUNDRED = (HEAD[0].replace("*100*", "*200*"), *HEAD[1:])
SECOND = (CLAIM[1].replace("A1", "A2"), *CLAIM[2:-1], "REF*6R*A2L1")


def line_with(*old_and_new: str) -> tuple[str, ...]:
    """CLAIM with one of its segments written another way."""
    old, new = old_and_new
    assert old in CLAIM
    return tuple(new if segment == old else segment for segment in CLAIM)


# Envelopes.


def test_a_file_without_a_group_is_read() -> None:
    (remittance,), findings = read(f"{ISA}~{transaction(*HEAD, *CLAIM)}IEA*0*000000001~")
    assert [finding.code for finding in findings] == ["X119"]
    assert len(remittance.claims) == 1


def test_acknowledgements_around_a_remittance_are_passed_over() -> None:
    ack = "ST*997*{0}~AK1*HP*1~AK9*A*1*1*1~SE*4*{0}~"
    text = interchange(ack.format("0008"), transaction(*HEAD, *CLAIM), ack.format("0009"))
    (remittance,), findings = read(text)
    assert [finding.code for finding in findings] == ["R201", "R201"]
    assert len(remittance.claims) == 1


def test_an_interchange_acknowledgement_before_the_group_does_not_disturb() -> None:
    text = interchange(transaction(*HEAD, *CLAIM)).replace("~GS", "~TA1*000000001*260105*0900*A*000~GS")
    (remittance,), findings = read(text)
    assert findings == []
    assert len(remittance.claims) == 1


@pytest.mark.parametrize("line_break", ["\n", "\r\n"])
def test_a_file_that_is_cut_into_lines_of_80_is_one_file(line_break: str) -> None:
    text = interchange(transaction(*HEAD, *CLAIM))
    wrapped = line_break.join(text[at : at + 80] for at in range(0, len(text), 80))
    assert [remittance.claims for remittance in read(wrapped)[0]] == [remittance.claims for remittance in read(text)[0]]


def test_a_line_break_inside_a_segment_is_no_data() -> None:
    text = interchange(transaction(*HEAD, *CLAIM)).replace("MARLOWE*ADA", "MARLOWE\r\n*ADA").replace("CAS*", "CA\nS*")
    (remittance,), findings = read(text)
    (claim,) = remittance.claims
    assert findings == []
    assert (claim.patient and claim.patient.full_name, claim.imbalance) == ("ADA MARLOWE", Decimal(0))


# Several sets for one payment, parties said again.


def test_several_sets_for_one_check_are_read_and_said_once() -> None:
    sets = [transaction(*HEAD, *CLAIM, control=f"{number:04d}") for number in range(1, 5)]
    remittances, findings = read(interchange(*sets))
    assert [len(remittance.claims) for remittance in remittances] == [1, 1, 1, 1]
    assert [(finding.code, finding.where.segment, finding.where.element) for finding in findings] == [
        ("R268", 19, "TRN02")
    ]


def sets_of_one_check(*payments: str) -> str:
    """Sets of one claim that is paid 100 each, under these BPR02."""
    sets = [
        transaction(HEAD[0].replace("*100*", f"*{payment}*"), *HEAD[1:], *CLAIM, control=f"{number:04d}")
        for number, payment in enumerate(payments, start=1)
    ]
    return interchange(*sets)


def test_sets_that_repeat_the_payment_of_their_check_balance_together() -> None:
    _, findings = read(sets_of_one_check("300", "300", "300"))
    assert [(finding.code, finding.where.segment) for finding in findings] == [("R268", 19), ("R270", 4)]
    assert findings[-1].message.startswith("each of 3 sets reports the whole payment 300.00 of one check or EFT")


@pytest.mark.parametrize("payments", [("300", "300"), ("110", "90"), ("100", "300")])
def test_sets_of_a_check_that_do_not_explain_each_other_are_errors_where_the_payment_stands(
    payments: tuple[str, ...],
) -> None:
    _, findings = read(sets_of_one_check(*payments))
    wrong = [segment for segment, payment in zip((4, 18), payments, strict=True) if payment != "100"]
    assert [finding.where.segment for finding in findings if finding.code == "R222"] == wrong
    assert "R270" not in [finding.code for finding in findings]


def test_a_set_of_another_check_explains_nothing() -> None:
    text = sets_of_one_check("200", "200").replace("EFT77", "EFT78", 1)
    _, findings = read(text)
    assert [(finding.code, finding.where.segment) for finding in findings] == [("R222", 4), ("R222", 18)]


def test_sets_without_a_trace_number_explain_nothing() -> None:
    _, findings = read(sets_of_one_check("200", "200").replace("TRN*1*EFT77*", "TRN*1**"))
    assert [finding.code for finding in findings] == ["R222", "R222"]


@pytest.mark.parametrize("between", [(), ("LX*2",)], ids=["claim after claim", "under a header"])
def test_a_payer_that_repeats_the_parties_for_each_claim_is_read(between: tuple[str, ...]) -> None:
    again = (PAYER, "N3*1 MADE UP STREET", "REF*2U*7", PAYEE, "REF*TJ*123456789")
    remittance, codes = read_body(*CLAIM, *again, *between, *SECOND, *again, *between, *SECOND, head=TWO_HUNDRED)
    first, second, third = remittance.claims
    assert codes == ["R263", "R222"]
    assert [claim.services[0].line_control_number for claim in (first, second, third)] == ["A1L1", "A2L1", "A2L1"]
    assert list(first.services[0].other_segments) == []
    assert [text for text in remittance.other_segments if not text.startswith("LX")] == list(again)


def test_parties_between_a_claim_and_its_lines_do_not_take_its_lines() -> None:
    remittance, codes = read_body(*CLAIM[:3], PAYER, PAYEE, *CLAIM[3:])
    (claim,) = remittance.claims
    assert codes == ["R263"]
    assert (len(claim.services), claim.references) == (1, [])
    assert claim.services[0].line_control_number == "A1L1"


@pytest.mark.parametrize("other", ["N1*PE*ANOTHER CLINIC*XX*1811901945", f"{PAYEE[:-1]}0"])
def test_another_party_behind_the_head_is_a_warning_and_changes_no_claim(other: str) -> None:
    remittance, codes = read_body(*CLAIM, other)
    assert codes == ["R264"]
    assert remittance.payee.name == "INVENTED DERMATOLOGY"
    assert remittance.other_segments == [other]


# Headers and summaries.


def test_a_summary_without_its_header_is_read() -> None:
    remittance, codes = read_body("TS3*1245319599*11*20261231*1*150", *CLAIM[1:])
    (summary,) = remittance.summaries
    assert codes == ["R207"]
    totals = summary.provider_totals
    assert totals is not None
    assert (totals.provider, totals.facility_type, totals.fiscal_period) == ("1245319599", "11", date(2026, 12, 31))
    assert (totals.claims, totals.charge, totals.pip_adjustment) == (Decimal(1), Decimal(150), None)


@pytest.mark.parametrize("header", ["LX", "LX*"])
def test_an_empty_header_is_as_good_as_none(header: str) -> None:
    remittance, codes = read_body(header, *CLAIM[1:])
    assert codes == ["R207"]
    assert len(remittance.claims) == 1


@pytest.mark.parametrize(
    ("segment", "element"),
    [("MIA*X", "MIA01"), ("MOA*1*$5", "MOA02"), ("TS3*1*11*20261231*ONE*1", "TS304"), ("TS2*1*2*3..", "TS203")],
)
def test_a_summary_amount_that_is_no_number_blocks_no_claim(segment: str, element: str) -> None:
    at = 3 if segment.startswith("M") else 1
    (remittance,), findings = read(interchange(transaction(*HEAD, *CLAIM[:at], segment, *CLAIM[at:])))
    assert [(finding.code, finding.where.element) for finding in findings] == [("R267", element)]
    assert [claim.unreadable for claim in remittance.claims] == [0]


# Adjustments.


def test_an_adjustment_segment_of_more_than_six_and_one_of_nothing_are_read() -> None:
    triples = "**".join(f"{reason}*5" for reason in range(1, 11))
    remittance, codes = read_body(*CLAIM[:5], f"CAS*CO*{triples}", "CAS*PI*94*0", *CLAIM[6:])
    (line,) = remittance.claims[0].services
    assert codes == ["R211", "R213"]
    assert (line.adjusted, line.adjustments[-1]) == (Decimal(50), Adjustment("PI", "94", Decimal(0)))


def test_an_adjustment_that_is_no_number_is_not_called_zero() -> None:
    _, codes = read_body(*line_with("CAS*CO*45*50", "CAS*CO*45*(50)"))
    assert codes == ["R204", "R220", "R221"]


def test_several_provider_adjustment_segments_are_one_sum() -> None:
    head = (HEAD[0].replace("*100*", "*93*"), *HEAD[1:])
    remittance, codes = read_body(*CLAIM, "PLB*1*20261231*WO:X*10*L6*-2", "PLB*2*20261231*CS*-1", head=head)
    assert codes == []
    assert [plb.provider for plb in remittance.provider_adjustments] == ["1", "1", "2"]


# Services.


@pytest.mark.parametrize(
    "qualifier", ["HC", "AD", "N4", "NU", "WK", "ER", "HP", "IV", "UI", "ID", "RB", "ZZ", "QQ", ""]
)
def test_a_service_of_any_kind_is_read(qualifier: str) -> None:
    remittance, codes = read_body(*line_with(CLAIM[3], f"SVC*{qualifier}:0250:25*150*100*0250*1"))
    (line,) = remittance.claims[0].services
    assert codes == []
    assert line.procedure == Procedure(qualifier, "0250", ("25",))
    assert (line.revenue_code, line.imbalance) == ("0250", Decimal(0))


@pytest.mark.parametrize("code", ["00071101568", "0071-1015-68", "00071-1015-68"])
def test_a_drug_code_has_eleven_digits_however_it_is_written(code: str) -> None:
    remittance, codes = read_body(*line_with(CLAIM[3], f"SVC*N4:{code}*150*100**30*HC:J0585*100"))
    (line,) = remittance.claims[0].services
    assert codes == []
    assert (line.procedure.code, line.procedure.ndc) == (code, "00071101568")
    assert (line.billed_procedure.code, line.submitted_units) == ("J0585", Decimal(100))


def test_anesthesia_minutes_and_fractions_of_units_are_kept_as_sent() -> None:
    remittance, codes = read_body(*line_with(CLAIM[3], "SVC*HC:00300:AA*150*100**97.5*HC:00300:QK*112"))
    (line,) = remittance.claims[0].services
    assert codes == []
    assert (line.units_paid, line.submitted_units) == (Decimal("97.5"), Decimal(112))


@pytest.mark.parametrize("element", ["SVC01", "SVC06"])
def test_a_modifier_glued_to_its_code_is_read_apart(element: str) -> None:
    service = "SVC*HC:9921325*150*100**1" if element == "SVC01" else "SVC*HC:99212*150*100**1*HC:9921325"
    (remittance,), findings = read(interchange(transaction(*HEAD, *line_with(CLAIM[3], service))))
    (line,) = remittance.claims[0].services
    sent = line.procedure if element == "SVC01" else line.submitted_procedure
    assert [(finding.code, finding.where.element) for finding in findings] == [("R266", f"{element}-2")]
    assert sent == Procedure("HC", "9921325")
    assert line.billed_procedure == Procedure("HC", "99213", ("25",))
    assert list(line.other_segments) == []


@pytest.mark.parametrize(
    ("sent", "meant"),
    [
        ("HC>99213>25", Procedure("HC", "99213", ("25",))),
        ("HC|9921325", Procedure("HC", "99213", ("25",))),
        ("NU>0250", Procedure("NU", "0250")),
        ("99213", Procedure("HC", "99213")),
        ("9921325", Procedure("HC", "99213", ("25",))),
        ("WHATEVER", Procedure("WHATEVER", "")),
    ],
)
def test_a_procedure_that_nothing_splits_is_read_as_meant(sent: str, meant: Procedure) -> None:
    (remittance,), findings = read(interchange(transaction(*HEAD, *line_with(CLAIM[3], f"SVC*{sent}*150*100**1"))))
    (line,) = remittance.claims[0].services
    assert [(finding.code, finding.where.element) for finding in findings] == [("R271", "SVC01-2")]
    assert (line.procedure, line.billed_procedure) == (Procedure(sent, ""), meant)


def test_every_line_with_a_glued_modifier_is_reported() -> None:
    glued = (CLAIM[1], "SVC*HC:9921325*75*50", "CAS*CO*45*25", "SVC*HC:9921325*75*50", "CAS*CO*45*25")
    remittance, codes = read_body("LX*1", *glued)
    assert codes == ["R266", "R266"]
    assert [line.procedure.code for line in remittance.claims[0].services] == ["9921325", "9921325"]


# Money and dates.


def test_negative_amounts_outside_a_reversal_keep_their_sign() -> None:
    remittance, codes = read_body(
        "LX*1", "CLP*A1*1*90*100*-5*12*ICN1", "SVC*HC:99213*90*100", "CAS*CO*94*-15", "CAS*PR*3*-5", "CAS*OA*144*10"
    )
    (claim,) = remittance.claims
    assert codes == []
    assert [one.amount for one in claim.every_adjustment] == [Decimal(-15), Decimal(-5), Decimal(10)]
    assert (claim.is_reversal, claim.patient_share.copay) == (False, Decimal(-5))


@pytest.mark.parametrize("written", ["DTM*472****RD8*20260102-20260104", "DTM*472*20260102-20260104"])
def test_a_range_of_days_is_read_with_both_ends(written: str) -> None:
    remittance, codes = read_body(*line_with(CLAIM[4], written))
    (line,) = remittance.claims[0].services
    assert codes == ["R265"]
    assert line.dates == [QualifiedDate("472", date(2026, 1, 2), date(2026, 1, 4))]
    assert line.service_date == DateRange(date(2026, 1, 2), date(2026, 1, 4))
    assert (list(line.other_segments), remittance.claims[0].unreadable) == ([], 0)


def test_a_single_day_in_the_place_of_a_range_is_read() -> None:
    remittance, codes = read_body(*line_with(CLAIM[4], "DTM*472****D8*20260102"))
    assert codes == []
    assert remittance.claims[0].services[0].dates == [QualifiedDate("472", date(2026, 1, 2))]


@pytest.mark.parametrize("written", ["DTM*472****RD8*20260104-20260102", "DTM*472*20260102-", "DTM*472****RD8*2026-27"])
def test_a_range_that_is_none_is_reported_and_kept_as_text(written: str) -> None:
    remittance, codes = read_body(*line_with(CLAIM[4], written))
    assert codes == ["R205"]
    assert list(remittance.claims[0].services[0].other_segments) == [written]
    assert remittance.claims[0].unreadable == 1


def test_a_date_with_a_time_keeps_its_text() -> None:
    remittance, codes = read_body(*line_with(CLAIM[4], "DTM*472*20260102*0930"))
    assert codes == ["R210"]
    assert list(remittance.claims[0].services[0].other_segments) == ["DTM*472*20260102*0930"]


# Small letters.


def test_a_body_in_small_letters_means_what_it_means_in_uppercase() -> None:
    segments = [segment.lower() for segment in (*HEAD, *CLAIM, "LQ*HE*N130", "PLB*1245319599*20261231*L6:Ref*0")]
    (remittance,), findings = read(interchange(transaction(*segments)))
    (claim,) = remittance.claims
    (line,) = claim.services
    assert [finding.code for finding in findings if finding.code != "X104"] == ["R269"]
    assert (remittance.payment_method, remittance.payer.name) == ("ACH", "invented health plan")
    assert (line.procedure, line.adjustments) == (
        Procedure("HC", "99213", ("25",)),
        [Adjustment("CO", "45", Decimal(50))],
    )
    assert (line.line_control_number, line.remark_codes) == ("a1l1", ("N130",))
    assert claim.patient is not None
    assert (claim.patient.name, claim.patient.id_qualifier) == ("marlowe", "MI")
    assert [(plb.reason, plb.reference) for plb in remittance.provider_adjustments] == [("L6", "ref")]


def test_a_group_in_small_letters_names_its_guide() -> None:
    text = interchange(transaction(*HEAD, *CLAIM)).replace("GS*HP*", "gs*hp*").replace("X221A1", "x221a1")
    (remittance,), findings = read(text)
    assert [finding.code for finding in findings] == ["X104", "R269"]
    assert remittance.guide == "005010X221A1"


def test_small_letters_in_a_segment_with_a_proper_id_stay_as_sent() -> None:
    remittance, codes = read_body(*CLAIM[:5], "CAS*co*45*50", *CLAIM[6:])
    (line,) = remittance.claims[0].services
    assert codes == []
    assert (line.adjustments[0].group, line.adjustments[0].effect) == ("co", "open")
