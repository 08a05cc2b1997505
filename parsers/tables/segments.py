"""The segments of a stretch as columns: their texts, their ids as numbers, their owners, their elements."""

import msgspec
import polars as pl

from claimloop.edi.syntax.delimiters import Delimiters

IN_CLAIMS = ("CAS", "NM1", "REF", "DTM", "AMT", "QTY", "SVC", "MOA", "MIA", "PER", "LQ", "CLP")
_ENDS_A_CLAIM = ("PLB", "TS2", "TS3", "LX", "ST", "SE", "GS", "GE", "ISA", "IEA")
_ELSEWHERE = ("BPR", "TRN", "CUR", "RDM", "TA1", "N1", "N3", "N4")
_TAGS = (*IN_CLAIMS, *_ENDS_A_CLAIM, *_ELSEWHERE)
CODE = {tag: code for code, tag in enumerate(_TAGS)}
"""Segment ids as small numbers, ordered so that every question is a comparison."""

_CLP, _LX, _IEA = CODE["CLP"], CODE["LX"], CODE["IEA"]
_AROUND = [CODE[tag] for tag in ("LX", "ST", "SE", "GS", "GE", "ISA", "IEA")]
_TAGS_OF_2 = [tag for tag in _TAGS if len(tag) == 2]
_UNUSED = tuple(chr(code) for code in range(1, 7))
_OFTEN_THE_SAME = 0.5
"""Share of distinct texts below which each is read once. Finding them costs about half as much as reading them."""

_SAMPLE = 16_384


def segment_texts(raw: bytes, delimiters: Delimiters) -> pl.Series | None:
    """Return one text for each segment; None where the bytes could be read in more than one way."""
    breaks = bytes(byte for byte in b"\r\n" if chr(byte) != delimiters.segment and byte in raw)
    raw = raw.translate(None, breaks) if breaks else raw
    if not raw.isascii():
        try:
            raw.decode("utf-8")
        except UnicodeDecodeError:
            return None
    unused = next((sign for sign in _UNUSED if sign.encode() not in raw), None)
    if unused is None:
        return None
    texts = pl.read_csv(
        raw,
        separator=unused,
        eol_char=delimiters.segment,
        quote_char=None,
        has_header=False,
        schema={"line": pl.String()},
    )["line"]
    whole = texts.str.len_bytes().sum() + len(texts)  # every byte is accounted for
    return texts if whole == len(raw) else None


class Placed(msgspec.Struct, frozen=True):
    """The segments of a stretch and their owners.

    `rows` has one row for each segment: `row`, its place; `line`, its text; `code`, its id as a number; `in_claim`,
    true from a CLP up to the segment that ends the claim; and `owner`, the row in `owners` of the last CLP or SVC.
    `owners` has the `row` of each CLP, and of each SVC of a claim; `opens`, true for a CLP; the number of its `claim`
    and its `service` line (null for a CLP), counted from 1; and `set`, the number of STs before it. `later_headers` are
    the rows of each LX in the body of a set that had one before. `headless` are those of each CLP whose set had none.
    """

    rows: pl.DataFrame
    owners: pl.DataFrame
    later_headers: pl.Series
    headless: pl.Series


def place_segments(texts: pl.Series, separator: str) -> Placed | None:
    """Return the owner of each segment; None where one is uncertain."""
    code = _codes(texts, separator)
    rows = pl.DataFrame({"line": texts, "code": code}).with_row_index("row")
    unknown = rows.filter(pl.col("code").is_null())["line"].unique().to_list()
    if any(text is not None and _is_structural(text.split(separator, 1)[0]) for text in unknown):
        return None
    sets = rows.filter(pl.col("code") == CODE["ST"])
    if not sets["line"].str.starts_with(f"ST{separator}835{separator}").all():
        return None
    # An LX ends the head of its set. All others here but a CLP begin or end something around the body.
    boundary = (pl.col("code") >= _CLP) & (pl.col("code") <= _IEA)
    around = pl.when(pl.col("code").is_in(_AROUND)).then("code").forward_fill().alias("around")
    in_set = (pl.when(pl.col("code").is_in(_AROUND[1:])).then("code").forward_fill() == CODE["ST"]).alias("in_set")
    skeleton = rows.filter(boundary).with_columns(around, in_set)
    claims = skeleton.filter(pl.col("code") == _CLP)
    if not claims["in_set"].all():  # null at first: the stretch before left it inside a set
        return None
    headless = claims.filter(pl.col("around") == CODE["ST"])["row"]
    before = pl.col("around").shift(1)
    later_headers = skeleton.filter(
        pl.col("code") == _LX, pl.col("in_set").fill_null(value=True), before.is_null() | (before == _LX)
    )["row"]
    in_claim = (pl.when(boundary).then("code").forward_fill() == _CLP).fill_null(value=False)
    begins = (pl.col("code") == _CLP) | ((pl.col("code") == CODE["SVC"]) & pl.col("in_claim"))
    rows = rows.with_columns(in_claim.alias("in_claim")).with_columns(begins.fill_null(value=False).alias("begins"))
    opens = pl.col("code") == _CLP
    owners = rows.filter("begins").select(
        "row",
        opens.alias("opens"),
        opens.cum_sum().alias("claim"),
        pl.when(~opens).then((~opens).cum_sum()).alias("service"),
        pl.lit(sets["row"].search_sorted(rows.filter("begins")["row"])).alias("set"),
    )
    rows = rows.select(
        "row", "line", "code", "in_claim", (pl.col("begins").cum_sum().cast(pl.Int64) - 1).alias("owner")
    )
    return Placed(rows, owners, later_headers, headless)


def _codes(texts: pl.Series, separator: str) -> pl.Series:
    ids = pl.Enum([f"{tag}{separator}"[:4] for tag in _TAGS])
    code = texts.str.head(4).cast(ids, strict=False).to_physical()
    unknown = code.is_null().arg_true()
    if len(unknown):
        ids_of_2 = pl.Enum([tag + separator for tag in _TAGS_OF_2])
        found = texts.gather(unknown).str.head(3).cast(ids_of_2, strict=False).to_physical()
        codes = pl.Series([CODE[tag] for tag in _TAGS_OF_2], dtype=code.dtype)
        code = code.scatter(unknown, codes.gather(found))
    return code


def _is_structural(text: str) -> bool:
    """Return True for a malformed id that still means a segment that begins or ends something."""
    return text.strip().upper() in {"CLP", "SVC", *_ENDS_A_CLAIM}


class SplitSegments:
    """Segments with one id: the `owner` of each, and their elements `e1`, `e2` …, null where nothing was sent.

    Remittances repeat the same few segments. So where many texts are equal, `elements` has each text once.
    """

    def __init__(self, places: pl.DataFrame, elements: pl.DataFrame, which: pl.Series | None = None) -> None:
        self.places = places
        self.elements = elements
        self._which = which

    def __len__(self) -> int:
        return len(self.places)

    def of_segments(self, results: pl.DataFrame) -> pl.DataFrame:
        """Expand results for the rows of `elements` to all segments."""
        return results if self._which is None else results.select(pl.all().gather(self._which))

    def owners_where(self, odd: pl.Expr) -> pl.Series | None:
        """Return the owners of segments with odd elements, or None. Null counts as odd."""
        found = self.elements.select(odd.alias("odd"))
        if found["odd"].null_count():
            found = found.fill_null(value=True)
        if not found["odd"].any():
            return None
        return self.places["owner"].filter(self.of_segments(found)["odd"])

    def only(self, which: pl.Expr) -> "SplitSegments":
        """Return the segments whose elements meet the condition."""
        chosen = self.of_segments(self.elements.select(which.fill_null(value=False).alias("chosen")))["chosen"]
        return SplitSegments(self.places.filter(chosen), self.of_segments(self.elements).filter(chosen))


def split_segments(segments: pl.DataFrame, separator: str, most: int) -> SplitSegments:
    """Split segments with one id into elements. `rest` is the text after the last one, null where there is none."""
    places, texts, which = segments.select("owner"), segments["line"], None
    if len(texts) and texts.head(_SAMPLE).n_unique() < _OFTEN_THE_SAME * min(len(texts), _SAMPLE):
        distinct = texts.unique()
        which = texts.cast(pl.Enum(distinct)).to_physical()
        texts = distinct
    names = [*(f"e{place}" for place in range(most + 1)), "rest"]
    split = pl.col("line").str.splitn(separator, len(names)).struct.rename_fields(names)
    return SplitSegments(places, texts.to_frame("line").select(split).unnest("line").drop("e0"), which)
