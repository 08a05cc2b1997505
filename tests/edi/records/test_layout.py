"""One statement of a segment's elements drives reading and writing."""

import inspect
from decimal import Decimal
from typing import get_type_hints

import pytest

from claimloop.edi.dates import read_date
from claimloop.edi.money import decimals
from claimloop.edi.records import claim_supplements
from claimloop.edi.records.claim_supplements import AmbulanceTransport, Attachment, Certification, EquipmentPrice
from claimloop.edi.records.layout import places, read_elements, write_elements
from claimloop.edi.records.other_payer import LineAdjudication, OtherPayer, OutpatientAdjudication


def _read(record, text):
    return read_elements(record, text.split("*"), ":", lambda _, said: decimals[said], lambda _, said: read_date(said))


def _write(record, tag):
    return "*".join(
        [tag, *(":".join(text) if isinstance(text, list) else text for text in write_elements(record, tag))]
    )


@pytest.mark.parametrize(
    ("record", "text"),
    [
        (Attachment, "PWK*OZ*BM***AC*DMN0012"),
        (Attachment, "PWK*CT*AD"),
        (AmbulanceTransport, "CR1*LB*140**A*DH*12.5***ROUND*STRETCHER"),
        (AmbulanceTransport, "CR1****A*DH*0"),
        (Certification, "CRC*07*Y*01*04*09"),
        (EquipmentPrice, "SV5*HC:A4631*DA*30*50*5000*4"),
        (LineAdjudication, "SVD*PAYER*40*HC:99213:25:59**1*3"),
        (LineAdjudication, "SVD*PAYER*0*HC:99213:25::::SAID"),
        (OutpatientAdjudication, "MOA*.5*10*MA01*N4***MA07*1*2".replace("*.5", "*0.5").replace("***MA07", "*MA07")),
    ],
)
def test_a_segment_that_was_read_is_written_as_it_was(record, text):
    values, whole = _read(record, text)
    given = {"paid": Decimal(1), "procedure": "X"} if record is LineAdjudication else {}
    assert whole or record is LineAdjudication
    assert _write(record(**(given | values)), text[:3]) == text


def test_a_record_may_stand_in_several_segments():
    assert [place.name for place in places(OtherPayer, "OI")] == [
        "benefits_assigned",
        "patient_signature_source",
        "release_of_information",
    ]
    with pytest.raises(LookupError):
        places(OtherPayer, "CLM")


@pytest.mark.parametrize(
    "text", ["PWK*OZ*BM***XX*DMN0012", "PWK*OZ*BM****1", "PWK*OZ*BM***AC*1*SAID", "PWK*OZ*BM**1*AC*2", "PWK*OZ*BM***AC"]
)
def test_what_has_no_field_asks_to_be_kept(text):
    assert _read(Attachment, text)[1] is False


def test_an_unreadable_number_asks_to_be_kept():
    values, whole = read_elements(
        AmbulanceTransport, ["CR1", "", "", "", "A", "DH", "FAR"], ":", lambda *_: None, lambda *_: None
    )
    assert (values, whole) == ({"reason": "A"}, False)


def test_a_text_that_is_left_out_is_empty_whatever_its_default():
    assert _read(OtherPayer, "OI***N") == (
        {"benefits_assigned": "N", "release_of_information": ""},
        True,
    )
    assert _read(Attachment, "PWK*OZ") == ({"report_type": "OZ", "transmission": ""}, True)


def test_every_field_of_a_supplement_names_an_element():
    records = [
        record
        for _, record in inspect.getmembers(claim_supplements, inspect.isclass)
        if record.__module__ == claim_supplements.__name__
    ]
    assert len(records) > 10
    for record in records:
        hints = get_type_hints(record, include_extras=True)
        assert {name for name, hint in hints.items() if not hasattr(hint, "__metadata__")} <= {"answers"}
