"""Charts as places on a page: stacked columns, and lines. The template draws them as inline SVG.

Horizontal places are in percent of the width, so that a chart fits a phone and a sheet of paper with text of the same
size. Vertical places are in pixels from the top.
"""

from collections.abc import Sequence

import msgspec

HEIGHT = 180
_TOP, _BOTTOM = 14, 160
_MOST_LABELS = 7
_GAP = 0.22
"""The part of a column's width that stays empty, both sides together."""

_TICKS = 4
_STEPS = (1, 2, 2.5, 5, 10)


class Series(msgspec.Struct, frozen=True):
    """Figures with one name, one for each place; None where there is none."""

    name: str
    figures: tuple[int | None, ...]


class Tick(msgspec.Struct, frozen=True):
    """A grid line across the chart, at a figure."""

    figure: int
    y: float


class Label(msgspec.Struct, frozen=True):
    """A label under the chart; `minor` ones are hidden on a narrow screen."""

    text: str
    x: float
    minor: bool


class Bar(msgspec.Struct, frozen=True):
    """A part of a column: its series (from 0), its figure, and where it is drawn."""

    series: int
    place: int
    figure: int
    x: float
    y: float
    width: float
    height: float


class Stroke(msgspec.Struct, frozen=True):
    """A straight piece of a line between two neighboring figures."""

    series: int
    x1: float
    y1: float
    x2: float
    y2: float


class Dot(msgspec.Struct, frozen=True):
    """A figure of a line."""

    series: int
    place: int
    figure: int
    x: float
    y: float


class Chart(msgspec.Struct, frozen=True):
    """What a chart shows and where; `zero` is the height of the zero line."""

    series: tuple[Series, ...]
    labels: tuple[Label, ...]
    ticks: tuple[Tick, ...]
    zero: float
    bars: tuple[Bar, ...] = ()
    strokes: tuple[Stroke, ...] = ()
    dots: tuple[Dot, ...] = ()


def columns(names: Sequence[str], series: Sequence[Series]) -> Chart:
    """Return one column for each name, its series stacked: positive figures above zero, negative ones below."""
    places = range(len(names))
    highest = max((_stacked(series, place, 1) for place in places), default=0)
    lowest = min((_stacked(series, place, -1) for place in places), default=0)
    scale = _Scale.of(lowest, highest)
    width = 100 / max(len(names), 1)
    bars = []
    for place in places:
        above = below = 0
        for number, one in enumerate(series):
            figure = one.figures[place]
            if not figure:
                continue
            base = above if figure > 0 else below
            top, bottom = sorted((scale.y(base), scale.y(base + figure)))
            left = place * width + width * _GAP / 2
            bars.append(Bar(number, place, figure, _tidy(left), top, _tidy(width * (1 - _GAP)), _tidy(bottom - top)))
            above, below = (above + figure, below) if figure > 0 else (above, below + figure)
    return Chart(tuple(series), _labels(names), scale.ticks, scale.y(0), bars=tuple(bars))


def lines(names: Sequence[str], series: Sequence[Series]) -> Chart:
    """Return one line for each series over the names; a missing figure interrupts the line."""
    known = [figure for one in series for figure in one.figures if figure is not None]
    scale = _Scale.of(min(known, default=0), max(known, default=0))
    width = 100 / max(len(names), 1)
    strokes: list[Stroke] = []
    dots: list[Dot] = []
    for number, one in enumerate(series):
        before: Dot | None = None
        for place, figure in enumerate(one.figures):
            if figure is None:
                before = None
                continue
            dot = Dot(number, place, figure, _tidy((place + 0.5) * width), scale.y(figure))
            if before:
                strokes.append(Stroke(number, before.x, before.y, dot.x, dot.y))
            dots.append(dot)
            before = dot
    return Chart(tuple(series), _labels(names), scale.ticks, scale.y(0), strokes=tuple(strokes), dots=tuple(dots))


def share(part: int, whole: int) -> float:
    """Return the part in percent of the whole, for a bar in a table; zero if the whole is zero."""
    return _tidy(100 * part / whole) if part > 0 and whole > 0 else 0


class _Scale(msgspec.Struct, frozen=True):
    low: int
    high: int
    step: int

    @classmethod
    def of(cls, lowest: int, highest: int) -> "_Scale":
        """Return a scale from zero, or from a round figure below it, to a round figure that nothing exceeds."""
        step = _round_step((max(highest, 0) - min(lowest, 0)) / _TICKS)
        return cls(min(lowest, 0) // step * step, -(-max(highest, 1) // step) * step, step)

    def y(self, figure: int) -> float:
        return _tidy(_BOTTOM - (figure - self.low) * (_BOTTOM - _TOP) / (self.high - self.low))

    @property
    def ticks(self) -> tuple[Tick, ...]:
        return tuple(Tick(figure, self.y(figure)) for figure in range(self.low, self.high + 1, self.step))


def _round_step(least: float) -> int:
    power = 1
    while power * 10 < least:
        power *= 10
    return next((int(step * power) for step in _STEPS if int(step * power) == step * power >= least), power * 10)


def _stacked(series: Sequence[Series], place: int, sign: int) -> int:
    return sum(figure for one in series if (figure := one.figures[place] or 0) * sign > 0)


def _labels(names: Sequence[str]) -> tuple[Label, ...]:
    """Return every nth label, so that labels do not overlap."""
    every = -(-len(names) // _MOST_LABELS) or 1
    width = 100 / max(len(names), 1)
    return tuple(
        Label(name, _tidy((place + 0.5) * width), bool((place // every) % 2))
        for place, name in enumerate(names)
        if place % every == 0
    )


def _tidy(number: float) -> float:
    return round(number, 2)
