"""Numbers and names that come back changed: what stands in the 835, and whose money it still is."""

from pathlib import Path

from claimloop.tests.simulation.making import Line, Visit, answer, money, segments, truth

TWINS = Visit(lines=(Line("17000", "95", ("RT",)), Line("17000", "95", ("LT",))))


def test_a_line_control_number_may_be_missing(tmp_path: Path) -> None:
    summary = answer(tmp_path, Visit(), scenario="missing_6r")
    assert [text for text in segments(summary, "REF") if "6R" in text] == []
    assert [row["submitted_line"] for row in truth(summary, "remittance_line")] == [1, 2]


def test_a_line_control_number_comes_back_in_the_other_case(tmp_path: Path) -> None:
    visit = Visit(lines=(Line(number="abc1"), Line("17000", "95", number="ABC2")))
    summary = answer(tmp_path, visit, scenario="recased_6r")
    assert segments(summary, "REF")[-2:] == ["REF*6R*ABC1", "REF*6R*abc2"]


def test_modifiers_do_not_come_back(tmp_path: Path) -> None:
    summary = answer(tmp_path, Visit(), scenario="dropped_modifiers")
    assert segments(summary, "SVC")[0].startswith("SVC*HC:99213*150*")
    assert truth(summary)[0]["modifiers"] == ["25"]


def test_lines_that_nobody_can_tell_apart_are_held(tmp_path: Path) -> None:
    summary = answer(tmp_path, TWINS, scenario="ambiguous_lines")
    first, second = segments(summary, "SVC")
    assert first.startswith("SVC*HC:17000*95*")
    assert second == "SVC*HC:17000*95*0**1"
    assert [row["suspense"] for row in truth(summary, "remittance_line")] == ["no_line_matches", "no_line_matches"]
    assert [money(row) for row in truth(summary)] == 2 * [{"open": "95.00", "status": "submitted"}]


def test_lines_that_differ_in_code_are_never_ambiguous(tmp_path: Path) -> None:
    assert answer(tmp_path, Visit(), scenario="ambiguous_lines").scenarios == {"": 1}


def test_a_control_number_is_cut_at_a_known_length(tmp_path: Path) -> None:
    for sent, returned in (
        ("ABCDEFGH-1", "ABCDEFGH"),
        ("A" * 30, "A" * 20),
        ("ABCDEFGHIJKLMNOPQR", "ABCDEFGHIJKLMNOPQ"),
    ):
        summary = answer(tmp_path / sent, Visit(sent), scenario="truncated_clp01")
        assert segments(summary, "CLP")[0].split("*")[1] == returned
        assert truth(summary)[0]["status"] == "paid"


def test_a_control_number_that_is_too_short_to_cut_comes_back_whole(tmp_path: Path) -> None:
    summary = answer(tmp_path, Visit("ABC123"), scenario="truncated_clp01")
    assert segments(summary, "CLP")[0].split("*")[1] == "ABC123"


def test_two_claims_that_look_the_same_without_their_numbers_are_held(tmp_path: Path) -> None:
    visits = Visit("ABCDEFGH-1"), Visit("ABCDEFGH-2", lines=(Line("17000", "95"), Line("99213", "150", ("25",))))
    summary = answer(tmp_path, *visits, scenario="missing_clp01")
    assert {row["suspense"] for row in truth(summary, "remittance_line")} == {"several_claims_match"}
    assert {row["status"] for row in truth(summary)} == {"submitted"}


def test_zeros_in_front_small_letters_and_0(tmp_path: Path) -> None:
    for scenario, returned in (
        ("padded_clp01", "000000000000VISIT1-1"), ("lower_case_clp01", "visit1-1"), ("missing_clp01", "0"),
    ):  # fmt: skip
        summary = answer(tmp_path / scenario, Visit(), scenario=scenario)
        assert segments(summary, "CLP")[0].split("*")[1] == returned
        assert {row["status"] for row in truth(summary)} == {"paid"}


def test_corrected_people_stand_beside_those_that_were_sent(tmp_path: Path) -> None:
    for scenario, corrected in (
        ("corrected_name", "NM1*74*1*MARLOWE-SMITH*ADA"), ("corrected_member_id", "NM1*74*1*MARLOWE*ADA****C*M100101"),
    ):  # fmt: skip
        summary = answer(tmp_path / scenario, Visit(), scenario=scenario)
        assert segments(summary, "NM1") == ["NM1*QC*1*MARLOWE*ADA****MI*M1001", corrected]
