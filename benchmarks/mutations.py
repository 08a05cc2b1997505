"""Make seeded faults in X12 files: mistakes of senders, and cases that a checker could get wrong.

`mutate` takes the segments of a file and a seed, and returns other segments and a description. The same input and seed
give the same result on every machine. Positions 0 and 1 are usually ISA and GS. An interchange header is never changed,
so that every mutation can be read.
"""

from collections.abc import Callable
from random import Random
from typing import NamedTuple

_KEPT = ("ISA",)
_ENVELOPE = ("ISA", "GS", "ST", "SE", "GE", "IEA")
_VALUES = (
    "1", "0", "00", "-5", "12.50", "1.", ".5", "1E3", "A", "AB", "ZZ", "XX", "18", "20", "22", "85", "IL", "PR", "HC",
    "D8", "RD8", "TM", "20240229", "20230229", "20241301", "20240101-20240131", "20240101-", "2400", "1260", "120059",
    "12005999", "120060", "Y", "N", "CI", "11", "EI", "99213", "TEXT OF SOME LENGTH", "lower case", "?", "240101",
    "202401011200", "--1", "+1",
)  # fmt: skip
_ILLEGAL = ("\t", "\x07", "\x01", "^", "`", "\\", "|", "é", "’", "\x7f", "  ")
_UNKNOWN = ("ZZZ*1*2", "ZZ*1", "NOPE*1", "X1*A*B", "TOO*", "ZZZ", "rEF*EI*1", " REF*EI*123456789", "1AB*2", "A*1")
_REPEATS = (2, 3, 6, 11, 26, 51, 100)


class Delimited(NamedTuple):
    """The separators that a fault is written with."""

    element: str
    component: str


Fault = Callable[[list[str], int, Random, Delimited, list[str]], str]
"""Change `segments` at a position. The last argument holds segments of other files. Return a description, or ""."""


def mutate(segments: list[str], seed: str, signs: Delimited, donors: list[str]) -> tuple[list[str], str]:
    """Return the segments with one to three faults, and their description: "drop 5, blank 7.3". SE01 is fixed in four
    of five.

    `donors` are segments of any files, with `*` and `:` as their separators.
    """
    random = Random(seed)
    changed, done = list(segments), list[str]()
    for _ in range(random.choices((1, 2, 3), (7, 2, 1))[0]):
        fault = random.choices(_FAULTS, _WEIGHTS)[0]
        places = [at for at, text in enumerate(changed) if text[:3] not in _KEPT]
        if random.random() < 0.9:  # nine of ten inside a set, where the guide applies
            places = [at for at in places if text_id(changed[at], signs) not in _ENVELOPE] or places
        if not places:
            break
        at = random.choice(places)
        word = fault(changed, at, random, signs, donors)
        if word:
            done.append(f"{word} {at + 1}")
    if random.random() < 0.8:
        _mend_counts(changed, signs)
    else:
        done.append("SE01 as it was")
    return changed, ", ".join(done)


def text_id(segment: str, signs: Delimited) -> str:
    """Return the segment's id."""
    return segment.split(signs.element, 1)[0].strip()


def _mend_counts(segments: list[str], signs: Delimited) -> None:
    start = -1
    for at, text in enumerate(segments):
        tag = text_id(text, signs)
        if tag == "ST":
            start = at
        elif tag == "SE" and start >= 0:
            elements = text.split(signs.element)
            if len(elements) > 1:
                elements[1] = str(at - start + 1)
                segments[at] = signs.element.join(elements)
            start = -1


def _drop(segments: list[str], at: int, _random: Random, _signs: Delimited, _donors: list[str]) -> str:
    del segments[at]
    return "drop"


def _drop_several(segments: list[str], at: int, random: Random, _signs: Delimited, _donors: list[str]) -> str:
    count = random.randint(2, 5)
    end = next((i for i in range(at, min(at + count, len(segments))) if segments[i][:2] == "SE"), at + count)
    del segments[at:end]
    return f"drop {count} from"


def _double(segments: list[str], at: int, _random: Random, _signs: Delimited, _donors: list[str]) -> str:
    segments.insert(at, segments[at])
    return "double"


def _repeat(segments: list[str], at: int, random: Random, _signs: Delimited, _donors: list[str]) -> str:
    count = random.choice(_REPEATS)
    segments[at:at] = [segments[at]] * count
    return f"repeat {count} times"


def _repeat_run(segments: list[str], at: int, random: Random, _signs: Delimited, _donors: list[str]) -> str:
    """Repeat several segments: a loop, or parts of it."""
    run = segments[at : at + random.randint(2, 6)]
    if any(text[:2] in ("SE", "GE", "ST", "GS") or text[:3] == "IEA" for text in run):
        return ""
    count = random.choice((1, 1, 2, 12, 55))
    segments[at:at] = run * count
    return f"repeat {len(run)} segments {count} times from"


def _swap(segments: list[str], at: int, _random: Random, _signs: Delimited, _donors: list[str]) -> str:
    if at + 1 >= len(segments):
        return ""
    segments[at], segments[at + 1] = segments[at + 1], segments[at]
    return "swap"


def _move(segments: list[str], at: int, random: Random, _signs: Delimited, _donors: list[str]) -> str:
    taken = segments.pop(at)
    segments.insert(random.randint(min(3, len(segments)), len(segments)), taken)
    return "move"


def _insert_unknown(segments: list[str], at: int, random: Random, signs: Delimited, _donors: list[str]) -> str:
    segments.insert(at, _translated(random.choice(_UNKNOWN), signs))
    return "unknown segment at"


def _insert_donor(segments: list[str], at: int, random: Random, signs: Delimited, donors: list[str]) -> str:
    if not donors:
        return ""
    segments.insert(at, _translated(random.choice(donors), signs))
    return "segment of another file at"


def _insert_empty(segments: list[str], at: int, _random: Random, _signs: Delimited, _donors: list[str]) -> str:
    segments.insert(at, "")
    return "empty segment at"


def _translated(segment: str, signs: Delimited) -> str:
    return segment.replace(":", signs.component or ":").replace("*", signs.element)


def _of_element(change: Callable[[str, Random, Delimited], str]) -> Fault:
    """Return a fault of one element that is present."""

    def fault(segments: list[str], at: int, random: Random, signs: Delimited, _donors: list[str]) -> str:
        elements = segments[at].split(signs.element)
        filled = [position for position in range(1, len(elements)) if elements[position]]
        if not filled:
            return ""
        position = random.choice(filled)
        parts = elements[position].split(signs.component) if signs.component else [elements[position]]
        part = random.randrange(len(parts))
        parts[part] = change(parts[part], random, signs)
        elements[position] = (signs.component or "").join(parts)
        segments[at] = signs.element.join(elements)
        return f"{change.__name__.strip('_')} element {position}-{part + 1} of"

    return fault


def _blank(_text: str, _random: Random, _signs: Delimited) -> str:
    return ""


def _lengthen(text: str, random: Random, _signs: Delimited) -> str:
    return (text or "X") * random.choice((2, 3, 10, 90))


def _shorten(text: str, _random: Random, _signs: Delimited) -> str:
    return text[:1]


def _recode(text: str, random: Random, _signs: Delimited) -> str:
    """Return another value: a changed digit or letter, or a value known from elsewhere."""
    if text and random.random() < 0.4:
        at = random.randrange(len(text))
        return text[:at] + random.choice("0123456789ABCXYZ") + text[at + 1 :]
    return random.choice(_VALUES)


def _illegal(text: str, random: Random, _signs: Delimited) -> str:
    at = random.randint(0, len(text))
    return text[:at] + random.choice(_ILLEGAL) + text[at:]


def _trailing(text: str, random: Random, _signs: Delimited) -> str:
    return text + " " * random.choice((1, 1, 5))


def _leading(text: str, _random: Random, _signs: Delimited) -> str:
    return " " + text


def _component(text: str, random: Random, signs: Delimited) -> str:
    """Add components, perhaps more than the guide has."""
    return text + (signs.component + random.choice(("X", "", "25", "1"))) * random.choice((1, 2, 9))


def _repetition(text: str, _random: Random, _signs: Delimited) -> str:
    return f"{text}^{text}"


def _fill(segments: list[str], at: int, random: Random, signs: Delimited, _donors: list[str]) -> str:
    """Fill an element that was empty, or add one after the last."""
    elements = segments[at].split(signs.element)
    position = random.randint(1, len(elements) + random.choice((0, 0, 0, 3)))
    elements += [""] * (position + 1 - len(elements))
    elements[position] = random.choice(_VALUES)
    segments[at] = signs.element.join(elements)
    return f"fill element {position} of"


def _surplus(segments: list[str], at: int, random: Random, signs: Delimited, _donors: list[str]) -> str:
    """Add elements, mostly after the last of the guide."""
    segments[at] += (signs.element + random.choice(("X", "1"))) * random.choice((1, 5, 20))
    return "surplus elements in"


def _remove_element(segments: list[str], at: int, random: Random, signs: Delimited, _donors: list[str]) -> str:
    elements = segments[at].split(signs.element)
    if len(elements) < 2:
        return ""
    position = random.randrange(1, len(elements))
    del elements[position]
    segments[at] = signs.element.join(elements)
    return f"remove element {position} of"


def _cut(segments: list[str], at: int, random: Random, signs: Delimited, _donors: list[str]) -> str:
    """End the segment early."""
    elements = segments[at].split(signs.element)
    if len(elements) < 3:
        return ""
    segments[at] = signs.element.join(elements[: random.randrange(2, len(elements))])
    return "cut"


def _open_end(segments: list[str], at: int, random: Random, signs: Delimited, _donors: list[str]) -> str:
    segments[at] += signs.element * random.choice((1, 2))
    return "separators at the end of"


def _number(segments: list[str], _at: int, random: Random, signs: Delimited, _donors: list[str]) -> str:
    """Write a wrong HL01, HL02 or LX01."""
    places = [at for at, text in enumerate(segments) if text_id(text, signs) in ("HL", "LX")]
    if not places:
        return ""
    at = random.choice(places)
    elements = segments[at].split(signs.element)
    position = random.choice((1, 2)) if elements[0] == "HL" else 1
    if position >= len(elements):
        return ""
    elements[position] = random.choice(("", "0", "1", "2", "3", "9", "01", "A", " 2"))
    segments[at] = signs.element.join(elements)
    return f"number {elements[0]}0{position} in {at + 1}, not"


def _qualifier(segments: list[str], at: int, random: Random, signs: Delimited, _donors: list[str]) -> str:
    """Use the first element of another segment with the same id."""
    elements = segments[at].split(signs.element)
    others = [text.split(signs.element) for text in segments if text_id(text, signs) == elements[0]]
    values = sorted({other[1] for other in others if len(other) > 1} | {"ZZ", "QQ"})
    if len(elements) < 2:
        return ""
    elements[1] = random.choice(values)
    segments[at] = signs.element.join(elements)
    return "qualifier of"


_WEIGHTED: tuple[tuple[Fault, int], ...] = (
    (_drop, 10), (_drop_several, 3), (_double, 5), (_repeat, 4), (_repeat_run, 3), (_swap, 6), (_move, 4),
    (_insert_unknown, 3), (_insert_donor, 6), (_insert_empty, 1),
    (_of_element(_blank), 8), (_of_element(_lengthen), 5), (_of_element(_shorten), 5), (_of_element(_recode), 12),
    (_of_element(_illegal), 4), (_of_element(_trailing), 3), (_of_element(_leading), 1),
    (_of_element(_component), 4), (_of_element(_repetition), 1),
    (_fill, 8), (_surplus, 3), (_remove_element, 5), (_cut, 4), (_open_end, 1), (_number, 4), (_qualifier, 5),
)  # fmt: skip
_FAULTS = [fault for fault, _ in _WEIGHTED]
_WEIGHTS = [weight for _, weight in _WEIGHTED]
