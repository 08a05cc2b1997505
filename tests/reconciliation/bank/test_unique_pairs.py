"""Groups of what may be the same, against a search that looks at every two."""

from collections.abc import Hashable

from hypothesis import given
from hypothesis import strategies as st

from claimloop.reconciliation.bank.unique_pairs import Reach, connected, pairs_by

LEFT, RIGHT = 6, 8
BUCKETS: dict[Hashable, list[int]] = {"a": [3, 1, 0, 2, 5], "b": [5, 4, 7]}


def _is_within_its_bucket(reach: Reach) -> bool:
    return reach.end <= len(BUCKETS[reach.bucket])


REACHES = st.lists(
    st.builds(Reach, st.integers(0, LEFT - 1), st.sampled_from("ab"), st.integers(0, 4), st.integers(0, 5)).filter(
        _is_within_its_bucket
    ),
    max_size=7,
)


def by_looking_at_every_two(reaches):
    """Groups that are joined as long as two of them have somebody in common."""
    groups = [({each.left}, set(BUCKETS[each.bucket][each.start : each.end])) for each in reaches]
    groups = [group for group in groups if group[1]]
    while True:
        for one in groups:
            other = next((each for each in groups if each is not one and (each[0] & one[0] or each[1] & one[1])), None)
            if other is not None:
                break
        else:
            return sorted((sorted(left), sorted(right)) for left, right in groups)
        groups = [each for each in groups if each is not one and each is not other]
        groups.append((one[0] | other[0], one[1] | other[1]))


@given(REACHES)
def test_groups_are_those_that_a_patient_search_finds(reaches):
    assert connected(reaches, BUCKETS, LEFT, RIGHT) == by_looking_at_every_two(reaches)


def test_stretches_that_meet_in_one_are_one_group():
    reaches = [Reach(0, "a", 0, 2), Reach(1, "a", 1, 3)]
    assert connected(reaches, BUCKETS, LEFT, RIGHT) == [([0, 1], [0, 1, 3])]


def test_a_later_key_tells_apart_what_an_earlier_one_could_not():
    first = (lambda item: item // 10, lambda item: item // 10)
    second = (lambda item: item % 10, lambda item: item % 10)
    assert pairs_by([11, 12, 21], [21, 12, 13], [first, second]) == ([(21, 21), (12, 12)], [11], [13])


def test_a_key_that_is_unknown_tells_nothing():
    nothing = (lambda item: None, lambda item: None)
    assert pairs_by([1], [1], [nothing]) == ([], [1], [1])
