"""The guide of a group is found by its name, else the nearest one, else none."""

import pytest

from claimloop.edi.guides.maps import find_map


@pytest.mark.parametrize(
    ("version", "functional_id", "guide", "used"),
    [
        ("00501", "HC", "005010X222A1", "005010X222A1"),
        ("00501", "HC", "005010X222A2", "005010X222A1"),
        ("00501", "HC", "005010X222", "005010X222A1"),
        ("00501", "HC", " 005010x222a1 ", "005010X222A1"),
        ("00501", "HP", "005010X221", "005010X221A1"),
        ("00501", "HC", "005010X223A3", "005010X223A2"),
        ("00501", "HC", "004010X098A1", "004010X098A1"),
        ("00401", "HC", "005010X222A1", "005010X222A1"),
        ("00401", "HC", "004010X098", "004010X098A1"),
        ("00501", "HC", "005010X221A1", "005010X221A1"),
        ("00501", "FA", "005010X231", "005010X231"),
        ("00501", "FA", "005010X231A1", "005010X231A1"),
        ("00401", "FA", "004010X098A1", "004010X098A1"),
    ],
)
def test_the_nearest_guide(version, functional_id, guide, used):
    found = find_map(version, functional_id, guide)
    assert found is not None
    assert found.guide == used


@pytest.mark.parametrize(
    ("functional_id", "guide"),
    [("HS", "005010X279A1"), ("HR", "005010X213"), ("HC", "005010X291"), ("HC", ""), ("HC", "005010"), ("", ""), ("XX", "rubbish")],
)  # fmt: skip
def test_no_guide(functional_id, guide):
    assert find_map("00501", functional_id, guide) is None


def test_a_claim_is_never_judged_as_an_acknowledgement_of_claims():
    assert file_of("HC", "004010X098A1").startswith("837")
    assert file_of("FA", "004010X098A1").startswith("997")


def test_the_two_guides_of_a_4010_authorisation_are_told_apart_by_their_purpose():
    assert file_of("HI", "004010X094A1", "11") != file_of("HI", "004010X094A1", "13")


def file_of(functional_id, guide, purpose=""):
    found = find_map("00401", functional_id, guide, purpose=purpose)
    assert found is not None
    return found.file
