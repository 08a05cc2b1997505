"""What a section of the page is made of: sentences, charts with their figures, tables."""

import msgspec

from claimloop.reconciliation.reports.charts import Chart
from claimloop.reconciliation.reports.facts import Facts
from claimloop.reconciliation.reports.tables import PageTable
from claimloop.reconciliation.reports.text import step_name


class Picture(msgspec.Struct, frozen=True):
    """A chart with its description in words; `unit` (money, percent) is the format of its figures.

    `names` label the places from left to right. `figures` is the chart as a table.
    """

    title: str
    description: str
    unit: str
    names: tuple[str, ...]
    chart: Chart
    figures: PageTable


class Section(msgspec.Struct, frozen=True):
    """One section of the page; `anchor` is its id. If there is nothing to show, it has `empty` and a `command`."""

    anchor: str
    title: str
    lead: str = ""
    pictures: tuple[Picture, ...] = ()
    tables: tuple[PageTable, ...] = ()
    empty: str = ""
    command: str = ""


def step_names(facts: Facts) -> tuple[str, ...]:
    """Return the labels of the period's steps."""
    return tuple(step_name(start, facts.period.step) for start in facts.period.starts)


def step_heading(facts: Facts) -> str:
    """Return the heading of a column with the first day of each step."""
    return "Day" if facts.period.step == "day" else f"{facts.period.step.capitalize()} of"
