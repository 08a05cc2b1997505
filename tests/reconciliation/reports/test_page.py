"""The page: it loads nothing, it has no patient's name, it escapes all text, and it shows what to do."""

import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import msgspec
import pytest

from claimloop.edi.records.parties import Party
from claimloop.reconciliation.configuration.load import Configuration
from claimloop.reconciliation.ledger.connection import Ledger
from claimloop.reconciliation.reports import waiting, write_report
from claimloop.reconciliation.reports.page import render
from claimloop.tests.builders.encounters.examples import partner
from claimloop.tests.reconciliation.making import answer, new_ledger, receive_sets, remittance, service
from claimloop.tests.reconciliation.reports.a_month import TODAY, a_month, facts_of, run_of
from claimloop.tests.reconciliation.reports.reading import Page

pytestmark = pytest.mark.sqlite


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    """Six claims sent, four of them answered."""
    ledger = a_month(tmp_path)
    yield ledger
    ledger.close()


def page_of(ledger: Ledger, today: date = TODAY, **wishes: object) -> Page:
    return Page(render(facts_of(ledger, today, **wishes)))  # type: ignore[arg-type]


def test_nothing_outside_of_the_file_is_named_in_it(ledger: Ledger):
    page = page_of(ledger)

    for tag, attributes in page.tags:
        assert tag not in {"link", "base", "iframe", "object", "embed", "img", "image", "use", "form"}
        for name in attributes.keys() & {"src", "href", "xlink:href", "srcset", "action", "data", "poster"}:
            assert (attributes[name] or "").startswith("#"), (tag, attributes)
    everything = render(facts_of(ledger))
    assert not re.search(r"https?:|//[a-z]|@import|url\(|fetch\(|XMLHttpRequest|import\(", everything)


def test_the_page_forbids_its_reader_to_load_anything(ledger: Ledger):
    (policy,) = [each for each in page_of(ledger).all("meta") if each.get("http-equiv") == "Content-Security-Policy"]

    assert policy["content"] == (
        "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; img-src data:"
    )


def test_every_link_leads_to_a_part_of_the_page_and_no_id_is_given_twice(ledger: Ledger):
    page = page_of(ledger, runs=(run_of(ledger, TODAY, problem="x"),))

    ids = [attributes["id"] for _, attributes in page.tags if "id" in attributes]
    assert len(ids) == len(set(ids))
    assert {link["href"][1:] for link in page.all("a")} <= set(ids)
    for svg in page.all("svg"):
        assert set(svg["aria-labelledby"].split()) <= set(ids)


def test_every_tag_is_closed(ledger: Ledger):
    assert page_of(ledger).left_open == []


def test_a_payers_name_is_never_markup(ledger: Ledger, tmp_path: Path):
    name = "<script>alert(1)</script>"
    sent = msgspec.structs.replace(
        remittance("T9", answer("X1", service("99213", 10, 10)), day=TODAY), payer=Party(role="PR", name=name)
    )
    receive_sets(ledger, tmp_path, sent)

    text = render(facts_of(ledger))

    page = Page(text)
    assert name not in text
    assert name in page.text
    assert len(page.all("script")) == 1
    assert any(name in (each.get("aria-label") or "") or name in page.text for each in page.all("td"))


def test_a_practices_name_is_never_markup_either(ledger: Ledger):
    facts = msgspec.structs.replace(facts_of(ledger), practice="</title><img src=x onerror=alert(1)>")

    page = Page(render(facts))

    assert page.all("img") == []
    assert "</title><img src=x onerror=alert(1)>" in page.text


def test_nobodys_name_or_number_is_in_it(ledger: Ledger):
    text = render(facts_of(ledger))

    for secret in ("Marlowe", "MARLOWE", "Ada", "M1001", "62704", "1980", "A4-1", "A5-1", "X9-1", "A41L02"):
        assert secret not in text, secret
    assert "••-•" in text
    assert "Control numbers are masked" in text


def test_control_numbers_are_shown_on_request_and_it_says_so(ledger: Ledger):
    text = render(facts_of(ledger, show_values=True))

    assert "A4-1" in text
    assert "Protect it like a patient&#39;s record." in text
    assert "Marlowe" not in text


def test_the_same_facts_give_the_same_bytes(ledger: Ledger):
    assert render(facts_of(ledger)) == render(facts_of(ledger))


def test_the_figures_stand_in_it(ledger: Ledger):
    text = page_of(ledger, days=90).text

    for said in (
        "As of Oct 31, 2026.", "Paid by payers $465 3 remittances", "Owed by payers $350 including $50 denied",
        "Initial denial rate 50.0% 2 of 4 claims", "In suspense $30 1 item", "Days in A/R, gross 25.8 days",
        "CO-197 no authorization authorization 1 $50.00 25.0%",
        "$900.00 = $440.00 + $80.00 + $0.00 + $30.00 + $350.00 difference $0.00",
        "$465.00 = $440.00 + $30.00 + $0.00 − $5.00 difference $0.00",
    ):  # fmt: skip
        assert said in text, said


def test_it_says_what_to_do_with_the_command_for_it(ledger: Ledger):
    text = page_of(ledger).text

    attention = text[text.index("What needs attention") : text.index("Payments received")]
    assert "Denied 1 item, $50.00 Lines that are denied and not resolved. claimloop worklist denials" in attention
    assert "claimloop resolve ITEM --to CLAIM" in attention
    assert "run" not in attention


def test_a_run_that_failed_or_lost_something_comes_first(ledger: Ledger):
    late = page_of(ledger, runs=(run_of(ledger, date(2026, 10, 20), problem="no route to <host>", lost=1),)).text

    attention = late[late.index("What needs attention") : late.index("Payments received")]
    alarms = ["The last nightly run had problems", "no route to <host>", "A control total", "No recent nightly run"]
    places = [attention.index(alarm) for alarm in (*alarms, "Denied")]
    assert places == sorted(places)


def test_a_sum_that_does_not_balance_comes_first(ledger: Ledger):
    facts = facts_of(ledger)
    wrong = msgspec.structs.replace(facts.proofs[0], whole=facts.proofs[0].whole + 1)

    text = Page(render(msgspec.structs.replace(facts, proofs=(wrong, *facts.proofs[1:])))).text

    assert "What needs attention The ledger does not balance" in text
    assert "is off by $0.01. claimloop audit" in text


def test_a_long_list_is_cut_and_names_the_command_for_all_of_it(ledger: Ledger, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(waiting, "MOST_ROWS", 1)

    text = page_of(ledger).text

    assert "Showing 1 of 2 rows. To list all rows: claimloop worklist unanswered --format csv" in text
    assert "claimloop worklist denials --format csv" not in text


def test_every_table_has_a_caption_and_every_chart_its_words_and_a_table(ledger: Ledger):
    page = page_of(ledger, runs=(run_of(ledger, TODAY),))

    assert len(page.all("table")) == len(page.all("caption")) > 10
    assert len(page.all("svg")) == len(page.all("desc")) == len(page.all("figcaption")) == 4
    assert all(svg["role"] == "img" for svg in page.all("svg"))
    assert [tag for tag, _ in page.tags if tag == "h1"] == ["h1"]
    assert all(heading["aria-sort"] == "none" for heading in page.all("th"))


def test_every_row_has_as_many_cells_as_its_table_has_headings(ledger: Ledger):
    counts: dict[str, int] = {"th": 0, "td": 0}
    headings = 0
    for tag, _ in page_of(ledger).tags:
        if tag in ("table", "tr"):
            if counts["td"]:
                assert counts["td"] == headings
            headings = counts["th"] or headings
            counts = {"th": 0, "td": 0}
        elif tag in counts:
            counts[tag] += 1


def test_a_ledger_without_anything_has_a_page_too(tmp_path: Path):
    page = page_of(new_ledger(tmp_path))

    for said in (
        "Nothing needs attention.", "No remittance has a payment date from", "No claim was first adjudicated from",
        "No payer or patient owes anything.", "All work lists are empty.", "No claim has been submitted yet.",
        "No nightly run has been recorded yet.",
    ):  # fmt: skip
        assert said in page.text


def test_the_file_is_its_owners_alone_and_names_the_practice(ledger: Ledger, tmp_path: Path):
    path = tmp_path / "report.html"
    with ledger.reading() as connection:
        facts = write_report(connection, path, TODAY, Configuration(partners=(partner(),)))

    assert path.stat().st_mode & 0o077 == 0
    assert facts.practice
    assert facts.practice in Page(path.read_text()).text


def test_a_report_that_cannot_be_written_leaves_the_old_one(ledger: Ledger, tmp_path: Path):
    with ledger.reading() as connection, pytest.raises(OSError, match="nowhere"):
        write_report(connection, tmp_path / "nowhere" / "report.html", TODAY, Configuration())

    assert list(tmp_path.glob("**/*.html")) == []
