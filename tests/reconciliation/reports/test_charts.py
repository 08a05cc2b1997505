"""Charts as places: nothing leaves its room, what is larger is drawn larger, axes are round."""

from hypothesis import given
from hypothesis import strategies as st

from claimloop.reconciliation.reports.charts import HEIGHT, Series, columns, lines, share

CENTS = st.integers(-(10**13), 10**13)


def test_the_parts_of_a_column_stand_on_each_other():
    chart = columns(["Oct"], [Series("a", (30,)), Series("b", (10,))])

    first, second = chart.bars
    assert [tick.figure for tick in chart.ticks] == [0, 10, 20, 30, 40]
    assert first.y + first.height == chart.zero
    assert second.y + second.height == first.y
    assert first.height == 3 * second.height


def test_what_is_below_nothing_hangs_below_the_line():
    chart = columns(["Oct", "Nov"], [Series("a", (50, -50))])

    up, down = chart.bars
    assert up.y + up.height == chart.zero == down.y
    assert up.height == down.height


def test_where_a_figure_is_missing_the_line_is_interrupted():
    chart = lines(["a", "b", "c", "d"], [Series("rate", (1, 2, None, 3))])

    assert len(chart.dots) == 3
    assert [(stroke.x1, stroke.x2) for stroke in chart.strokes] == [(12.5, 37.5)]


def test_many_places_have_few_labels():
    labels = columns([str(place) for place in range(90)], []).labels

    assert len(labels) <= 7
    assert labels[0].text == "0"


@given(st.lists(st.tuples(CENTS, CENTS), max_size=30))
def test_no_column_leaves_the_chart(figures: list[tuple[int, int]]):
    series = [Series("a", tuple(one for one, _ in figures)), Series("b", tuple(other for _, other in figures))]
    chart = columns([str(place) for place in range(len(figures))], series)

    assert 2 <= len(chart.ticks) <= 12
    for bar in chart.bars:
        assert 0 <= bar.y <= bar.y + bar.height <= HEIGHT
        assert 0 <= bar.x < bar.x + bar.width <= 100.02


@given(st.lists(CENTS | st.none(), max_size=30))
def test_no_line_leaves_the_chart(figures: list[int | None]):
    chart = lines([str(place) for place in range(len(figures))], [Series("a", tuple(figures))])

    assert all(0 <= dot.x <= 100 and 0 <= dot.y <= HEIGHT for dot in chart.dots)
    assert len(chart.dots) == sum(figure is not None for figure in figures)


def test_a_share_of_nothing_is_nothing():
    assert [share(1, 4), share(0, 4), share(-1, 4), share(1, 0)] == [25, 0, 0, 0]
