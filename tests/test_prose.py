"""The prose lint holds what `prose.LINTED` names to plain US English; each of its checks is shown able to fail."""

from pathlib import Path

import pytest

from claimloop.tests.prose import LINTED, ROOT, Violation, files, main, sentences_of_catalogue, violations


@pytest.mark.parametrize("name", LINTED)
def test_what_is_linted_is_clean(name: str) -> None:
    assert [str(each) for path in files([name]) for each in violations(path)] == []


@pytest.mark.parametrize("name", LINTED)
def test_what_is_linted_exists(name: str) -> None:
    assert files([name])


def found(tmp_path: Path, text: str, name: str = "a.py") -> list[str]:
    """The words that the lint finds in a file of this text."""
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    return [each.found for each in violations(path, tmp_path)]


@pytest.mark.parametrize(
    ("prose", "word"),
    [
        ("The value is no date.", "is no date"),
        ("The ZIP code has not nine digits.", "has not nine"),
        ("It is none of the codes.", "is none of"),
        ("A remittance tells of the money.", "tells of"),
        ("The segment stands outside the loop.", "stands outside"),
        ("It follows behind the claim.", "behind the"),
        ("The sum comes to 30.00.", "comes to 30"),
        ("Nobody decides.", "Nobody"),
        ("The payer says what he paid.", "he"),
        ("An id in small letters.", "small letters"),
        ("Write it anew.", "anew"),
        ("The claim was turned away.", "turned away"),
        ("Mend the file.", "Mend"),
        ("Each refusal is worked.", "refusal"),
        ("It is entered by hand.", "by hand"),
        ("The organisation is known.", "organisation"),
        ("It was recognised.", "recognised"),
        ("The claim was cancelled.", "cancelled"),
        ("A training centre.", "centre"),
    ],
)
def test_a_word_of_the_tables_is_found_in_comments_docstrings_and_texts(tmp_path: Path, prose: str, word: str) -> None:
    assert found(tmp_path, f"# {prose}\n") == [word]
    assert found(tmp_path, f'"""{prose}"""\n') == [word]
    assert found(tmp_path, f'print(f"{prose} {{1}}")\n') == [word]
    assert found(tmp_path, f"{prose}\n", "a.md") == [word]
    assert found(tmp_path, f'why = "{prose}"\n', "a.toml") == [word]


@pytest.mark.parametrize(
    "prose",
    [
        "There is no claim, and there is no longer a reason.",
        "REF*F8 stands for the original claim.",
        "It comes to light when it comes to an end.",
        "The code is HE and the value is His.",
        "The total is 1 for a person and 2 for an organization.",
        "Canada canceled the cancellation of the organization.",
        'Use `is no date` and "stands behind the" as quoted.',
    ],
)
def test_good_english_code_and_quoted_terms_are_let_through(tmp_path: Path, prose: str) -> None:
    assert found(tmp_path, f"# {prose}\n".replace("His", "Hers")) == []


def test_a_pattern_that_crosses_the_end_of_a_line_is_found_at_its_line(tmp_path: Path) -> None:
    path = tmp_path / "a.py"
    path.write_text("x = 1\n# The value is\n# no date.\n")
    assert [(each.line, each.found) for each in violations(path, tmp_path)] == [(2, "is no date")]


def test_each_word_is_found_once_in_a_text_with_braces(tmp_path: Path) -> None:
    assert found(tmp_path, 'print(f"{1} is no date, {2}", "of nobody here")\n') == ["is no date", "nobody"]


def test_a_line_may_allow_a_word_and_no_other(tmp_path: Path) -> None:
    assert found(tmp_path, "x = 'it is entered by hand'  # prose: allow by hand\n") == []
    assert found(tmp_path, "x = 'nobody enters it by hand'  # prose: allow by hand\n") == ["nobody"]


def test_fenced_code_of_a_page_is_left_to_the_program_that_prints_it(tmp_path: Path) -> None:
    assert found(tmp_path, "```\nnobody\n```\n\nNobody.\n", "a.md") == ["Nobody"]


GOOD = '[X1]\nseverity = "error"\nmessage = "charge must be greater than zero"\nwhy = "It is."\nhint = "Fix it."\n'


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("charge must", "charge " + 24 * "very " + "must"),
        ("than zero", "than zero."),
        ("charge must be", "one; two; charge must be"),
        ("charge must", "The charge must"),
        ("It is.", "It is"),
        ("Fix it.", "Fix it; then build."),
        ("Fix it.", "fix it."),
        ("Fix it.", "Fix " + 25 * "it " + "now."),
    ],
)
def test_a_finding_is_short_and_punctuated(old: str, new: str) -> None:
    assert list(sentences_of_catalogue(GOOD)) == []
    assert len(list(sentences_of_catalogue(GOOD.replace(old, new)))) == 1


def test_the_command_counts_the_violations_of_a_file(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([LINTED[0]]) == 0
    assert capsys.readouterr().out.endswith("0 in all\n")
    assert str(Violation("a.py", 3, "anew", "again")) == "a.py:3: 'anew': again"
    assert (ROOT / LINTED[0]).exists()
