"""claimloop.toml: what is in it, and every problem said at once."""

from datetime import date
from pathlib import Path

import pytest

from claimloop.builders.settings import ConfigurationError
from claimloop.reconciliation.configuration.load import Configuration, load_configuration
from claimloop.reconciliation.configuration.starter import write_starter
from claimloop.reconciliation.posting.dispositions import Disposition


def written(folder: Path, text: str) -> Path:
    path = folder / "claimloop.toml"
    path.write_text(text, encoding="utf-8")
    return path


def problems(path: Path) -> list[str]:
    with pytest.raises(ConfigurationError) as caught:
        load_configuration(path)
    assert all(problem.startswith(f"{path}: ") and "\n" not in problem for problem in caught.value.problems)
    return caught.value.problems


def test_an_empty_file_is_a_configuration(tmp_path):
    loaded = load_configuration(written(tmp_path, ""))
    assert (loaded.partners, loaded.dispositions) == ((), ())


@pytest.mark.parametrize("name", ["claimloop.db", "data/practice.db"])
def test_a_ledger_with_a_relative_name_lies_beside_the_file(tmp_path, name):
    loaded = load_configuration(written(tmp_path, f'ledger = "sqlite:///{name}"'))
    assert loaded.ledger == f"sqlite:///{tmp_path / name}"


@pytest.mark.parametrize("url", ["sqlite:////var/lib/claims.db", "postgresql://host/claims"])
def test_another_ledger_stays_as_it_is_written(tmp_path, url):
    assert load_configuration(written(tmp_path, f'ledger = "{url}"')).ledger == url


def test_dispositions_with_payer_and_days(tmp_path):
    text = """
[[disposition]]
payer = "1111111111"
group = "CO"
reason = "97"
does = "contractual"
from = 2026-01-01
to = 2026-12-31
"""
    assert load_configuration(written(tmp_path, text)).dispositions == (
        Disposition(
            "CO", "97", "contractual", payer="1111111111", start=date(2026, 1, 1), end=date(2026, 12, 31)
        ),
    )  # fmt: skip


def test_the_older_name_of_a_key_is_accepted(tmp_path):
    text = '[[disposition]]\ngroup = "CO"\nreason = "97"\n{} = "open"\n'
    present, older = (load_configuration(written(tmp_path, text.format(name))) for name in ("disposition", "does"))
    assert older.dispositions == present.dispositions == (Disposition("CO", "97", "open"),)


def test_a_problem_with_the_older_name_names_the_older_name(tmp_path):
    (problem,) = problems(written(tmp_path, '[[disposition]]\ngroup = "CO"\nreason = "97"\ndoes = "forget"\n'))
    assert "disposition#1.does is text, not one of contractual, " in problem


def test_a_key_under_both_names_is_an_error(tmp_path):
    text = '[[disposition]]\ngroup = "CO"\nreason = "97"\ndoes = "open"\ndisposition = "open"\n'
    (problem,) = problems(written(tmp_path, text))
    assert "disposition#1.does is not a field of this record" in problem


def test_a_choice_with_a_line_break_is_reported_on_one_line(tmp_path):
    found = problems(written(tmp_path, '[partner]\nline_break = "x"\n'))
    assert any('partner.line_break is text, not one of "\\n", "\\r\\n"' in problem for problem in found)


def test_every_problem_is_named_with_its_place(tmp_path):
    text = 'ledgre = "x"\n[[disposition]]\ngroup = "CO"\nreason = "97"\ndoes = "forget"\n'
    found = problems(written(tmp_path, text))
    assert len(found) == 2
    assert any("ledgre" in problem for problem in found)
    assert any("disposition" in problem and "does" in problem for problem in found)


def test_a_file_that_is_no_toml(tmp_path):
    (problem,) = problems(written(tmp_path, "ledger = "))
    assert "not valid TOML" in problem


def test_a_file_that_is_missing(tmp_path):
    (problem,) = problems(tmp_path / "none.toml")
    assert "No such file" in problem


def test_what_init_writes_can_be_loaded_and_is_the_owners_only(tmp_path):
    folder = tmp_path / "practice"
    made = list(write_starter(folder))
    assert all(new for _, new in made)
    assert {path.stat().st_mode & 0o777 for path, _ in made} == {0o600}
    loaded = load_configuration(folder / "claimloop.toml")
    assert isinstance(loaded, Configuration)
    assert [partner.name for partner in loaded.partners]


def test_init_leaves_alone_what_exists(tmp_path):
    own = written(tmp_path, "# mine\n")
    assert dict(write_starter(tmp_path))[own] is False
    assert own.read_text(encoding="utf-8") == "# mine\n"
