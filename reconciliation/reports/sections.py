"""What a part of the page is made of: sentences, charts with their figures, tables."""

import msgspec

from claimloop.reconciliation.reports.charts import Chart
from claimloop.reconciliation.reports.facts import Facts
from claimloop.reconciliation.reports.tables import PageTable
from claimloop.reconciliation.reports.text import step_name


class Picture(msgspec.Struct, frozen=True):
    """A chart with what it shows in words; `unit` (money, percent) says how its figures are spelled.

    `names` are the places from left to right, `figures` is the chart as a table.
    """

    title: str
    description: str
    unit: str
    names: tuple[str, ...]
    chart: Chart
    figures: PageTable


class Section(msgspec.Struct, frozen=True):
    """One part of the page; `anchor` is its id. `empty` is said where nothing is to be shown, with a `command`."""

    anchor: str
    title: str
    lead: str = ""
    pictures: tuple[Picture, ...] = ()
    tables: tuple[PageTable, ...] = ()
    empty: str = ""
    command: str = ""


def step_names(facts: Facts) -> tuple[str, ...]:
    """What stands under the columns of the period's steps."""
    return tuple(step_name(start, facts.period.step) for start in facts.period.starts)
