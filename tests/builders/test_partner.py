"""A partner's settings: read from TOML, every problem on a line of its own."""

from datetime import datetime

import pytest

from claimloop.builders.partner import load_partner, partner_from
from claimloop.builders.settings import ConfigurationError
from claimloop.edi.syntax.delimiters import Delimiters
from claimloop.tests.builders.encounters.examples import PARTNER_TABLE, partner

MOMENT = datetime(2026, 11, 2, 9, 0)
TOML = """
[partner]
name = "acme"
usage = "P"
submitter = { name = "Lakeview Dermatology", id = "LKV001", phone = "555-201-3344" }
receiver = { name = "Acme Clearinghouse", id = "ACME01" }
interchange = { sender = "LKV001", receiver = "ACME01", receiver_qualifier = "30" }
delimiters = { segment = "\\n" }
line_break = ""
"""


def problems_of(**changes: object) -> list[str]:
    with pytest.raises(ConfigurationError) as refused:
        partner(**changes)
    return refused.value.problems


def table(name: str, /, **changes: object) -> dict[str, object]:
    inner = PARTNER_TABLE[name]
    assert isinstance(inner, dict)
    return {**inner, **changes}


def test_a_partner_is_read_from_its_table(tmp_path):
    (tmp_path / "claimloop.toml").write_text(TOML)

    read = load_partner(tmp_path / "claimloop.toml")

    assert read.interchange_ids.receiver_qualifier == "30"
    assert read.interchange_ids.group_sender == "LKV001"
    assert read.interchange_ids.usage == "P"
    assert read.separators == Delimiters("*", ":", "^", "\n")


def test_a_partner_may_be_the_whole_file(tmp_path):
    (tmp_path / "acme.toml").write_text(TOML.replace("[partner]", ""))

    assert load_partner(tmp_path / "acme.toml").name == "acme"


def test_a_file_that_is_not_toml_says_so(tmp_path):
    (tmp_path / "acme.toml").write_text("name: acme")

    with pytest.raises(ConfigurationError, match=r"^acme\.toml: not TOML"):
        load_partner(tmp_path / "acme.toml")


def test_every_problem_has_its_line(tmp_path):
    (tmp_path / "acme.toml").write_text('name = "acme"\nsubmiter = 1\nusage = "X"\nclaims_per_set = "many"')

    with pytest.raises(ConfigurationError) as refused:
        load_partner(tmp_path / "acme.toml")

    assert refused.value.problems == [
        "acme.toml: submiter is not a field of this record; did you mean submitter?",
        "acme.toml: submitter is missing",
        "acme.toml: receiver is missing",
        "acme.toml: interchange is missing",
        "acme.toml: usage is text, not one of T, P",
        "acme.toml: claims_per_set is text, not a whole number",
    ]


def test_the_file_name_holds_the_control_number():
    assert partner().file_name_of(17, MOMENT) == "acme_000000017.837"


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"interchange": table("interchange", sender="A" * 16)}, "interchange.sender must have 1 to 15 characters"),
        ({"interchange": table("interchange", sender="")}, "interchange.sender must have 1 to 15 characters"),
        ({"interchange": table("interchange", receiver=" A")}, "interchange.receiver must have 1 to 15 characters"),
        ({"interchange": table("interchange", receiver="A_B")}, "interchange.receiver: receiver contains characters"),
        ({"interchange": table("interchange", sender_qualifier="99")}, "interchange.sender_qualifier must be one of"),
        ({"interchange": table("interchange", group_sender="A" * 16)}, "interchange.group_sender (or the"),
        ({"delimiters": {"element": "A"}}, "delimiters.element is 'A'"),
        ({"delimiters": {"component": "."}}, "delimiters.component is '.'"),
        ({"delimiters": {"component": "-"}}, "delimiters.component is '-'"),
        ({"delimiters": {"segment": " "}}, "delimiters.segment is ' '"),
        ({"delimiters": {"element": "\n"}}, "delimiters.element is a line break"),
        ({"delimiters": {"segment": "~~"}}, "delimiters.segment must be one character"),
        ({"delimiters": {"segment": "\u00a7"}}, "delimiters.segment is '\u00a7'"),
        ({"delimiters": {"element": ":"}}, "delimiters must be four different characters"),
        ({"delimiters": {"segment": "\n"}}, "line_break must be"),
        ({"claims_per_set": 0}, "claims_per_set must be between 1 and 5000"),
        ({"claims_per_set": 5001}, "claims_per_set must be between 1 and 5000"),
        ({"file_name": "claims.837"}, "file_name must contain {control_number}"),
        ({"file_name": "{today}_{control_number}"}, "file_name may use {partner}"),
        ({"file_name": "{partner.name}{control_number}"}, "file_name may use {partner}"),
        ({"file_name": "{control_number"}, "file_name may use {partner}"),
        ({"file_name": "../{control_number}.837"}, "file_name and name must make a plain file name"),
        ({"name": "a/b"}, "file_name and name must make a plain file name"),
        ({"transaction_type": "XX"}, "transaction_type is text, not one of CH, RP"),
        ({"guide": "004010X098A1"}, "guide is text, not one of 005010X222A1"),
        ({"character_set": "utf-8"}, "character_set is text, not one of basic, extended"),
        ({"submitter": table("submitter", phone="")}, "submitter must have a phone, an email or a fax"),
        ({"submitter": table("submitter", phone="12")}, "submitter.phone: phone number must have ten digits"),
        ({"submitter": table("submitter", fax="12")}, "submitter.fax: fax number must have ten digits"),
        ({"submitter": table("submitter", name="")}, "submitter.name: name is missing"),
        ({"submitter": table("submitter", id="1")}, "submitter.id: ID has 1 character"),
        ({"submitter": table("submitter", email="kim@example.org")}, "submitter.email: email contains characters"),
        ({"receiver": table("receiver", id="")}, "receiver.id: ID is missing"),
        ({"receiver": table("receiver", name="A" * 61)}, "receiver.name: name has 61 characters"),
        ({"billing_provider": table("billing_provider", npi="1")}, "billing_provider.npi: not a valid NPI: it must have ten digits"),
    ],
)  # fmt: skip
def test_a_setting_that_cannot_work_is_refused(changes, problem):
    assert [line for line in problems_of(**changes) if line.startswith(problem)]


def test_the_extended_character_set_can_write_an_email():
    reachable = partner(character_set="extended", submitter=table("submitter", email="kim@example.org"))

    assert reachable.submitter.email == "kim@example.org"


def test_a_partner_of_a_program_may_be_given_no_billing_provider():
    assert partner_from({**PARTNER_TABLE, "billing_provider": None}).billing_provider is None


def test_a_partner_needs_a_table():
    with pytest.raises(ConfigurationError, match="submitter is text, not a table of named values"):
        partner_from({**PARTNER_TABLE, "submitter": "Lakeview"})
