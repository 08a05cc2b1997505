"""What the reader of 837P files remembers of their texts stays small."""

from claimloop.parsers.professional.run import LONGEST_REMEMBERED, Remembered, remembered


def test_a_text_that_comes_again_is_read_once() -> None:
    elements = Remembered(lambda text: text.split("*"))

    assert elements["REF*6R*1"] == ["REF", "6R", "1"]
    assert elements["REF*6R*1"] is elements["REF*6R*1"]


def test_a_long_text_is_read_and_not_remembered() -> None:
    lengths = Remembered(len)

    assert lengths["N" * (LONGEST_REMEMBERED + 1)] == LONGEST_REMEMBERED + 1
    assert len(lengths) == 0


def test_many_texts_do_not_fill_the_memory() -> None:
    lengths = Remembered(len)

    for number in range(50_000):
        assert lengths[str(number)] == len(str(number))

    assert 0 < len(lengths) < 10_000


def test_files_with_other_delimiters_are_not_mixed_up() -> None:
    elements = remembered(lambda separator, _, text: text.split(separator))

    assert elements("*", ":")["A*B|C"] == ["A", "B|C"]
    assert elements("|", ":")["A*B|C"] == ["A*B", "C"]
