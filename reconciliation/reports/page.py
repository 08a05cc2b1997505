"""The report as one HTML file that needs nothing else: style, script, and charts are in it, and it loads nothing.

Our own template draws the charts. A chart by pygal has fixed colors, a script, and the time when it was made, so it
would have no dark mode and would differ each time.
"""

from collections.abc import Callable, Iterable
from datetime import date
from functools import cache
from importlib.resources import files
from pathlib import Path

from jinja2 import Environment, FunctionLoader, StrictUndefined
from markupsafe import Markup
from sqlalchemy import Connection

from claimloop.edi.private_files import write_privately
from claimloop.reconciliation.configuration.as_of import as_of_day
from claimloop.reconciliation.configuration.load import Configuration
from claimloop.reconciliation.queries.totals import Totals
from claimloop.reconciliation.reports import sections_of_money, sections_of_work, text
from claimloop.reconciliation.reports.charts import HEIGHT
from claimloop.reconciliation.reports.facts import DAYS, Facts, read_facts
from claimloop.reconciliation.reports.headlines import attention, headlines
from claimloop.reconciliation.run_record import RunRecord


def _percent(figure: int) -> str:
    return text.tenths(figure, "percent")


_ON_THE_AXIS: dict[str, Callable[[int], str]] = {"money": text.short_money, "percent": _percent}
_EXACT: dict[str, Callable[[int], str]] = {"money": text.money, "percent": _percent}
"""The formats of a chart's figures, by its unit."""


def write_report(
    connection: Connection,
    path: Path,
    today: date,
    configuration: Configuration,
    runs: Iterable[RunRecord] = (),
    *,
    days: int = DAYS,
    show_values: bool = False,
    totals: Totals | None = None,
) -> Facts:
    """Write the report as of a day, which looks back at least `days` days, and return its facts.

    `runs` are the nightly runs of its trend, the oldest first. Pass `totals` where they are already known. What could
    identify a patient is masked unless `show_values`. Raises OSError.
    """
    when = as_of_day(today, configuration)
    facts = read_facts(connection, when, runs, days=days, show_values=show_values, totals=totals)
    write_page(facts, path)
    return facts


def write_page(facts: Facts, path: Path) -> None:
    """Write the page of these facts, which only its owner can read. Raises OSError."""
    content = render(facts).encode()
    write_privately(path, lambda write: write(content))


def render(facts: Facts) -> str:
    """Return the page as text."""
    lists = sections_of_work.in_order(facts)
    return _environment().get_template("report.html").render(
        facts=facts,
        headlines=headlines(facts),
        attention=attention(facts),
        before=(sections_of_money.money_in(facts), sections_of_money.denials(facts), sections_of_money.ageing(facts)),
        lists=[sections_of_work.list_section(each) for each in lists],
        after=(sections_of_work.statuses(facts), sections_of_work.trend(facts), sections_of_work.key_figures(facts)),
        height=HEIGHT,
        style=Markup(_text("report.css")),
        script=Markup(_text("report.js")),
    )  # fmt: skip


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=FunctionLoader(_text), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    environment.filters |= {
        "money": text.money,
        "day": text.day,
        "stretch": text.stretch,
        "axis": lambda figure, unit: _ON_THE_AXIS[unit](figure),
        "exact": lambda figure, unit: _EXACT[unit](figure),
    }
    return environment


def _text(name: str) -> str:
    return files(__package__).joinpath(name).read_text(encoding="utf-8")
