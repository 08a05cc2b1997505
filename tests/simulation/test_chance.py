"""Numbers that follow from a seed and a name."""

from claimloop.simulation.chance import Chance, digits


def drawn(seed: int, name: str, count: int = 40) -> list[int]:
    """The first numbers below 1000."""
    chance = Chance(seed, name)
    return [chance.below(1000) for _ in range(count)]


def test_seed_and_name_decide_and_nothing_else() -> None:
    assert drawn(1, "A") == drawn(1, "A")
    assert drawn(1, "A") != drawn(2, "A")
    assert drawn(1, "A") != drawn(1, "B")


def test_the_numbers_are_the_same_on_every_machine() -> None:
    assert drawn(7, "VISIT1-1", 5) == [997, 4, 701, 958, 117]


def test_numbers_do_not_repeat_after_the_first_digest() -> None:
    numbers = drawn(1, "A", 64)
    assert numbers[:16] != numbers[16:32] != numbers[32:48]


def test_numbers_spread_evenly_and_keep_their_borders() -> None:
    chance = Chance(3, "spread")
    numbers = [chance.between(1, 4) for _ in range(4000)]
    assert set(numbers) == {1, 2, 3, 4}
    assert all(850 < numbers.count(number) < 1150 for number in (1, 2, 3, 4))
    shares = [chance.share() for _ in range(1000)]
    assert 0 <= min(shares) < 0.01 < 0.99 < max(shares) < 1


def test_digits_have_the_length_that_is_asked_for() -> None:
    assert [len(digits(1, "A", length)) for length in (1, 9, 12)] == [1, 9, 12]
    assert digits(1, "A", 9).isdigit()
