"""Find pairs that fit only each other: connected groups of items that may be the same, in linear time."""

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Sequence
from typing import NamedTuple


class Reach(NamedTuple):
    """What an item on the left may match: the places from `start` up to but not including `end` of one bucket."""

    left: int
    bucket: Hashable
    start: int
    end: int


def connected(
    reaches: Iterable[Reach], buckets: dict[Hashable, list[int]], left_count: int, right_count: int
) -> list[tuple[list[int], list[int]]]:
    """Return the connected groups, each with its left and right members in ascending order.

    An item that reaches nothing is in no group. A group of one and one is a pair that fits only each other.

    Invariant: two items are in one group exactly if a chain of "may be the same" connects them. It is enough to join
    each item with the first place of its stretch, and each place with the next one inside a stretch. Overlapping
    stretches are joined once (`joined` is the last place done), so the cost is linear even if everything may be
    everything else.
    """
    above = list(range(left_count + right_count))

    def top(item: int) -> int:
        while above[item] != item:
            above[item] = above[above[item]]
            item = above[item]
        return item

    def join(one: int, other: int) -> None:
        first, second = sorted((top(one), top(other)))
        above[second] = first

    stretches: dict[Hashable, list[tuple[int, int]]] = defaultdict(list)
    reached: set[int] = set()
    for left, bucket, start, end in reaches:
        if start < end:
            reached.add(left)
            join(left, left_count + buckets[bucket][start])
            stretches[bucket].append((start, end))
    for bucket, found in stretches.items():
        members, joined = buckets[bucket], 0
        for start, end in sorted(set(found)):
            for place in range(max(start, joined), end - 1):
                join(left_count + members[place], left_count + members[place + 1])
            joined = max(joined, end - 1)
    groups: dict[int, tuple[list[int], list[int]]] = {}
    for left in sorted(reached):
        groups.setdefault(top(left), ([], []))[0].append(left)
    for right in range(right_count):
        group = groups.get(top(left_count + right))
        if group is not None:
            group[1].append(right)
    return list(groups.values())


def pairs_by(
    left: Sequence[int],
    right: Sequence[int],
    keys: Iterable[tuple[Callable[[int], Hashable], Callable[[int], Hashable]]],
) -> tuple[list[tuple[int, int]], list[int], list[int]]:
    """Return the pairs that one key after another makes unique, and what is left of both sides.

    Each key has a function for the left and one for the right. A key of None is unknown and pairs nothing.
    """
    pairs = []
    for of_left, of_right in keys:
        alike: dict[Hashable, tuple[list[int], list[int]]] = defaultdict(lambda: ([], []))
        for item in left:
            alike[of_left(item)][0].append(item)
        for item in right:
            alike[of_right(item)][1].append(item)
        found = {
            lefts[0]: rights[0]
            for key, (lefts, rights) in alike.items()
            if key is not None and len(lefts) == len(rights) == 1
        }
        pairs += list(found.items())
        taken = set(found.values())
        left = [item for item in left if item not in found]
        right = [item for item in right if item not in taken]
    return pairs, list(left), list(right)
