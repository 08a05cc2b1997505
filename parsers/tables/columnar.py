"""Read claims of an 835 by columns: a stretch of whole claims to frames, without a Python object for each segment.

An X12 file is ragged delimiter-separated text, which polars reads natively.

Invariant: a claim is taken only where the record reader would have no finding for it. Every segment is known and in its
place, every amount, number and date is well formed, and every balance is even. So the columnar reader never reports
anything, and its rows equal those of the record reader.

The shortcut is sound because every check accepts little: a null or an unknown form counts as odd. An odd segment adds
its owner to `_bad`, and all claims with an owner in `_bad` fall through to the record reader, as do segments outside of
claims. `Claims.reads` marks these segments. Where segments cannot be separated or placed with certainty, the whole
stretch falls through (`None`). The shortcut is fast because most claims are plain.
"""

import msgspec
import polars as pl

from claimloop.edi.records.adjustments import PATIENT_RESPONSIBILITY
from claimloop.edi.records.claim_payment import NOT_OURS, PREDETERMINATION
from claimloop.edi.records.remittance_summaries import MIA_REMARKS, MOA_REMARKS, not_numbers
from claimloop.edi.syntax.delimiters import Delimiters
from claimloop.parsers.cursor import NotAProcedure, Procedures
from claimloop.parsers.tables.column_denials import denied_owners, unpaid_owners
from claimloop.parsers.tables.columns import DECIMALS, DEFINITION
from claimloop.parsers.tables.expressions import (
    cents,
    element_columns,
    is_malformed,
    joined,
    null_of,
    or_false,
    value_of,
)
from claimloop.parsers.tables.segments import CODE, Placed, SplitSegments, place_segments, segment_texts, split_segments

_FIRST_OF_FOUR_DIGITS = 10_000_000
_TRIPLES = 6
_REQUIRED = ("charge", "paid")


class Claims(msgspec.Struct, frozen=True):
    """The result for one stretch.

    `frames` are the tables of the claims that were taken. Instead of keys and places their rows have `owner`, the row
    in `owners` (see `Placed`) of their CLP or SVC. `lines` are the texts of all segments. `reads` is true for those
    that fall through to the record reader. `headers` has the row and the `number` of each LX.
    """

    lines: pl.Series
    reads: pl.Series
    owners: pl.DataFrame
    headers: pl.DataFrame
    frames: dict[str, pl.DataFrame]


def read_claims(raw: bytes, delimiters: Delimiters) -> Claims | None:
    """Read whole segments from an ISA on, or from a CLP in an 835's body. None where their places are uncertain."""
    texts = segment_texts(raw, delimiters)
    placed = None if texts is None else place_segments(texts, delimiters.element)
    return None if placed is None else _Columns(placed, delimiters).read()


class _Columns:
    """The claims of one stretch. `_bad` gathers the owners of segments that fall through to the record reader."""

    def __init__(self, placed: Placed, delimiters: Delimiters) -> None:
        self._rows, self._owners, self._later_headers = placed.rows, placed.owners, placed.later_headers
        self._separator = delimiters.element
        self._procedures = Procedures(delimiters.component)
        self._bad: list[pl.Series] = []
        text = pl.col("line").str.splitn(self._separator, 3).struct
        self._headers = self._rows.filter(pl.col("code") == CODE["LX"]).select(
            "row",
            text.field("field_1").fill_null("").alias("number"),
            (text.field("field_2").fill_null("") == "").alias("plain"),
        )
        self._claimed = self._rows.filter("in_claim").select("line", "code", "owner")
        self._present = set(self._claimed["code"].unique())
        if len(placed.headless):
            self._bad.append(self._owners["row"].is_in(placed.headless.implode()).arg_true().cast(pl.Int64))

    def read(self) -> Claims:
        """Return all tables of the claims without an odd segment."""
        self._leave(self._claimed, pl.col("code") > CODE["CLP"])
        claims, services = self._claims(), self._services()
        adjustments, references, amounts = self._adjustments(), self._references(), self._amounts()
        remarks, parties = self._remarks(), self._parties()
        self._check_contacts()
        self._check_balances(claims, services, adjustments)
        claims, services = self._with_dates(claims, services)
        claims, services = self._with_denials(claims, services, adjustments)
        services = self._with_line_numbers(services, references)
        frames = {
            "claims": claims, "services": services, "adjustments": adjustments, "remarks": remarks,
            "references": references, "amounts": amounts, "parties": parties,
        }  # fmt: skip
        odd = pl.concat(self._bad) if self._bad else pl.Series(dtype=pl.Int64())
        if len(odd):
            claim = self._owners["claim"]
            bad = claim.is_in(claim.gather(odd.unique()).implode())
            frames = {name: table.filter(~pl.lit(bad).gather("owner")) for name, table in frames.items()}
            reads = (
                self._reads()
                | self._rows.select(
                    pl.col("in_claim")
                    & pl.lit(bad).gather(pl.when(pl.col("owner") >= 0).then("owner")).fill_null(value=False)
                ).to_series()
            )
        else:
            reads = self._reads()
        return Claims(self._rows["line"].fill_null(""), reads, self._owners, self._headers, frames)

    def _leave(self, segments: pl.DataFrame, odd: pl.Expr) -> None:
        """Leave the claims of odd segments to the record reader. Null counts as odd."""
        found = segments.select(pl.col("owner").filter(odd.fill_null(value=True)))["owner"]
        if len(found):
            self._bad.append(found)

    def _split(self, tag: str, most: int, *, more: bool = False) -> SplitSegments:
        """Return the segments with this id. Elements after the first `most` are odd, unless the caller takes `more`."""
        segments = split_segments(self._segments(tag), self._separator, most)
        if not more:
            self._leave_where(segments, pl.col("rest").fill_null("") != "")
        return segments

    def _segments(self, tag: str) -> pl.DataFrame:
        return (
            self._claimed.filter(pl.col("code") == CODE[tag]) if CODE[tag] in self._present else self._claimed.clear()
        )

    def _leave_after_line(self, segments: pl.DataFrame) -> None:
        """Leave claims to the record reader where a segment of 2100 follows a line."""
        self._leave(segments, ~pl.lit(self._owners["opens"]).gather("owner"))

    def _leave_where(self, segments: SplitSegments, odd: pl.Expr) -> None:
        """Leave the claims of segments with odd elements to the record reader. Null counts as odd."""
        found = segments.owners_where(odd)
        if found is not None:
            self._bad.append(found)

    def _table(self, segments: SplitSegments, *columns: pl.Expr) -> pl.DataFrame:
        """Return a row for each segment: its places, and these columns from its elements."""
        return segments.places.hstack(segments.of_segments(segments.elements.select(columns)))

    def _claims(self) -> pl.DataFrame:
        segments = self._split("CLP", 13)
        columns = element_columns("claims")
        numbers = [is_malformed(one, required=one.name in _REQUIRED) for one in columns if one.kind in DECIMALS]
        self._leave_where(segments, pl.any_horizontal(*numbers, pl.col("e10").fill_null("") != ""))
        claims = self._table(segments, *map(value_of, columns)).with_columns(self._header_numbers())
        self._leave(claims, or_false(pl.col("header_number") == ""))
        return claims

    def _header_numbers(self) -> pl.Series:
        """Return LX01 for each claim; null before the first LX, to be filled with the one in effect."""
        numbers = pl.concat([pl.Series([None], dtype=pl.String), self._headers["number"]])
        opens = self._owners.filter("opens")["row"]
        return numbers.gather(self._headers["row"].search_sorted(opens, side="right")).alias("header_number")

    def _services(self) -> pl.DataFrame:
        segments = self._split("SVC", 7)
        columns = [one for one in element_columns("services") if one.kind in DECIMALS or one.name == "revenue_code"]
        numbers = [is_malformed(one, required=one.name in _REQUIRED) for one in columns if one.kind in DECIMALS]
        self._leave_where(segments, pl.any_horizontal(numbers))
        adjudicated = self._procedure_columns(segments.elements["e1"], "procedure")
        submitted = self._procedure_columns(segments.elements["e6"], "submitted_procedure")
        elements = segments.elements.select(*map(value_of, columns)).hstack(adjudicated)
        elements = elements.hstack(submitted.select("submitted_procedure_qualifier", "submitted_procedure"))
        odd = segments.of_segments(adjudicated.select("odd").hstack(submitted.select(pl.col("odd").alias("odd_6"))))
        self._leave(segments.places.hstack(odd), pl.col("odd") | pl.col("odd_6"))
        return segments.places.hstack(segments.of_segments(elements.drop("odd")))

    def _procedure_columns(self, texts: pl.Series, name: str) -> pl.DataFrame:
        """Return the parts of the composites. Each distinct text is read once, by the record reader's own function."""
        names = [f"{name}_qualifier", name, *(f"modifier_{place}" for place in range(1, 5))]
        distinct = texts.fill_null("").unique()
        rows: list[tuple[str | bool | None, ...]] = []
        for text in distinct:
            try:
                procedure = self._procedures[text]
            except NotAProcedure:
                rows.append((*[None] * len(names), True))
            else:
                four = (*procedure.modifiers, None, None, None, None)[:4]
                rows.append((procedure.qualifier or None, procedure.code or None, *four, False))
        table = pl.DataFrame(rows, schema=dict.fromkeys(names, pl.String) | {"odd": pl.Boolean}, orient="row")
        return table.select(pl.all().gather(texts.fill_null("").cast(pl.Enum(distinct)).to_physical()))

    def _adjustments(self) -> pl.DataFrame:
        """Return each (reason, amount, quantity) of each CAS. A gap, a 0 and a seventh triple are odd."""
        *_, amount, quantity = columns = element_columns("adjustments")
        segments = self._split("CAS", 4, more=True)
        segments.places = segments.places.with_row_index("order")
        triples = []
        for _ in range(_TRIPLES):
            missing = (pl.col("e1").fill_null("") == "") | (pl.col("e2").fill_null("") == "")
            odd = missing | is_malformed(amount, required=True) | is_malformed(quantity) | (value_of(amount) == 0)
            self._leave_where(segments, odd)
            triples.append(self._table(segments, *map(value_of, columns)))
            segments = segments.only(pl.col("rest").str.strip_chars(self._separator) != "")
            if not len(segments):
                break
            names = ["e2", "e3", "e4", "rest"]
            split = pl.col("rest").str.splitn(self._separator, len(names)).struct.rename_fields(names)
            segments.elements = segments.elements.select("e1", split).unnest("rest")
        else:
            self._leave(segments.places, pl.lit(value=True))
        found = triples[0] if len(triples) == 1 else pl.concat(triples).sort("order", maintain_order=True)
        return found.drop("order")

    def _references(self) -> pl.DataFrame:
        return self._table(self._split("REF", 3), *map(value_of, element_columns("references")))

    def _amounts(self) -> pl.DataFrame:
        qualifier, amount, quantity = element_columns("amounts")
        segments = self._split("AMT", 2)
        self._leave_where(segments, is_malformed(amount, required=True))
        amounts = self._table(segments, value_of(qualifier), value_of(amount), null_of(quantity))
        if CODE["QTY"] not in self._present:
            return amounts
        segments = self._split("QTY", 2)
        self._leave_where(segments, is_malformed(quantity, required=True))
        quantities = self._table(segments, value_of(qualifier), null_of(amount), value_of(quantity))
        return pl.concat([amounts, quantities]).sort("owner", maintain_order=True)

    def _remarks(self) -> pl.DataFrame:
        qualifier, code = element_columns("remarks")
        segments = self._split("LQ", 2)
        self._leave(segments.places, pl.lit(self._owners["opens"]).gather("owner"))
        remarks = self._table(segments, pl.lit("LQ").alias("sent_in"), value_of(qualifier), value_of(code))
        places = {"MIA": MIA_REMARKS, "MOA": MOA_REMARKS}
        of_claims = [self._remarks_of(tag, places[tag]) for tag in places if CODE[tag] in self._present]
        return pl.concat([*of_claims, remarks]).sort("owner", maintain_order=True) if of_claims else remarks

    def _remarks_of(self, tag: str, places: tuple[int, ...]) -> pl.DataFrame:
        """Return the remark codes of MIA or MOA. One that is repeated, follows a line, or has a malformed number is
        odd.
        """
        found = self._segments(tag)
        self._leave_after_line(found)
        self._leave(found, pl.col("owner").is_duplicated())
        rows = []
        for text in found["line"].unique():
            elements = text.split(self._separator)
            codes = [elements[place] for place in places if place < len(elements) and elements[place]]
            rows.append((text, codes, bool(not_numbers(tag, elements))))
        known = pl.DataFrame(
            rows, schema={"line": pl.String, "codes": pl.List(pl.String), "odd": pl.Boolean}, orient="row"
        )
        found = found.join(known, on="line", how="left", maintain_order="left")
        self._leave(found, pl.col("odd"))
        found = found.filter(pl.col("codes").list.len() > 0).explode("codes")
        nothing = pl.lit(None, pl.String).alias("qualifier")
        return found.select("owner", pl.lit(tag).alias("sent_in"), nothing, pl.col("codes").alias("code"))

    def _parties(self) -> pl.DataFrame:
        segments = self._split("NM1", 9)
        self._leave_where(segments, pl.col("e6").fill_null("") != "")
        self._leave_after_line(segments.places)
        return self._table(segments, *map(value_of, element_columns("parties")))

    def _check_contacts(self) -> None:
        if CODE["PER"] not in self._present:
            return
        self._leave_after_line(self._split("PER", 8).places)

    def _dates(self) -> pl.DataFrame:
        """Return the dates of claims and of lines: qualifier and day."""
        segments = self._split("DTM", 2)
        number = pl.col("e2").cast(pl.Int32, strict=False)
        digits = (pl.col("e2").str.len_bytes() == 8) & (number >= _FIRST_OF_FOUR_DIGITS)
        day = pl.col("e2").str.to_date("%Y%m%d", strict=False)
        self._leave_where(segments, ~digits | day.is_null())
        return self._table(segments, pl.col("e1").alias("qualifier"), day.alias("day"))

    def _check_balances(self, claims: pl.DataFrame, services: pl.DataFrame, adjustments: pl.DataFrame) -> None:
        """Leave claims that do not balance to the record reader (rules.md#balances).

        A sum over a claim or line is the difference of two running totals: rows are in the order of the file, and
        claims and lines are numbered without a gap, so the rows of each owner are contiguous.
        """
        patient = pl.when(pl.col("group") == PATIENT_RESPONSIBILITY).then("amount")
        adjusted = adjustments.select("owner", cents("amount").cum_sum(), cents(patient).cum_sum().alias("patient"))
        charged = services.select("owner", cents("charge").cum_sum().alias("charged"))
        totals = self._owners.select("opens", pl.col("service").forward_fill().fill_null(0).alias("lines")).hstack(
            [self._total(adjusted, "amount"), self._total(adjusted, "patient"), self._total(charged, "charged")]
        )
        lines = totals.with_columns(pl.col("amount") - pl.col("amount").shift(1, fill_value=0)).filter(~pl.col("opens"))
        self._leave(services.hstack([lines["amount"]]), cents("charge") - pl.col("amount") != cents("paid"))
        # The running total at a claim's end is that of the last owner before the next claim.
        until = pl.col("lines", "amount", "patient", "charged").cast(pl.Int64)
        ends = totals.filter(pl.col("opens").shift(-1, fill_value=True)).select(until)
        whole = claims.hstack(ends.select(until - until.shift(1, fill_value=0)))
        self._leave(
            whole,
            or_false(cents("charge") - pl.col("amount") != cents("paid"))
            | or_false((pl.col("charged") != cents("charge")) & (pl.col("lines") > 0))
            | or_false(cents("patient_responsibility") != pl.col("patient")),
        )

    def _total(self, running: pl.DataFrame, name: str) -> pl.Series:
        """Return the running total at the end of each owner. An owner without rows has that of the owner before it."""
        at = pl.repeat(None, len(self._owners), dtype=pl.Int64, eager=True).scatter(running["owner"], running[name])
        return at.fill_null(strategy="forward").fill_null(0).alias(name)

    def _with_dates(self, claims: pl.DataFrame, services: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
        """Add the first date of each kind to claims, and the last one to lines, as `service_date` does."""
        dates = self._dates()
        at_claim = pl.lit(self._owners["opens"]).gather("owner")
        of_claims, of_services = dates.filter(at_claim), dates.filter(~at_claim)
        for column in DEFINITION["claims"].columns:
            if column.kind == "date":
                mine = of_claims.filter(pl.col("qualifier") == column.field)
                claims = joined(claims, column.name, mine, "day", "first")
        for qualifier in ("472", "150", "151"):
            mine = of_services.filter(pl.col("qualifier") == qualifier)
            services = joined(services, f"d{qualifier}", mine, "day", "last")
        start = pl.coalesce("d472", "d150", "d151").alias("service_start")
        return claims, services.with_columns(start, pl.coalesce("d472", "d151", "d150").alias("service_end"))

    def _with_denials(
        self, claims: pl.DataFrame, services: pl.DataFrame, adjustments: pl.DataFrame
    ) -> tuple[pl.DataFrame, pl.DataFrame]:
        """Add `is_denial` to both, by the rule of `ClaimPayment.is_denial` and `ServicePayment.is_denial`."""
        opens = self._owners["opens"]
        judged = claims.filter(~pl.col("status").is_in((NOT_OURS, PREDETERMINATION)).fill_null(value=False))
        unpaid_claims, unpaid_lines = unpaid_owners(judged), unpaid_owners(services)
        # The CLP of each owner: claim number n belongs to the nth owner that opens a claim.
        claim = opens.arg_true().gather(self._owners["claim"] - 1)
        of_claims = adjustments.select("group", "reason", "amount", pl.lit(claim).gather("owner").alias("owner"))
        denied = denied_owners(unpaid_claims, of_claims.filter(self._among(unpaid_claims)))
        denied_lines = denied_owners(unpaid_lines, adjustments.filter(self._among(unpaid_lines)))
        return (
            claims.with_columns(pl.col("owner").is_in(denied.implode()).alias("is_denial")),
            services.with_columns(pl.col("owner").is_in(denied_lines.implode()).alias("is_denial")),
        )

    def _among(self, chosen: pl.DataFrame) -> pl.Expr:
        """Return an expression that is true for the rows of these owners."""
        flags = pl.repeat(False, len(self._owners), dtype=pl.Boolean, eager=True)
        return pl.lit(flags.scatter(chosen["owner"], True)).gather("owner")

    def _with_line_numbers(self, services: pl.DataFrame, references: pl.DataFrame) -> pl.DataFrame:
        mine = references.filter(pl.col("qualifier") == "6R").filter(~pl.lit(self._owners["opens"]).gather("owner"))
        return joined(services, "line_control_number", mine, "value", "first")

    def _reads(self) -> pl.Series:
        """Return True for the segments outside claims, which fall through, without a plain LX between claims."""
        plain = set(self._headers.filter("plain")["row"]) & set(self._later_headers)
        reads = ~self._rows["in_claim"]
        return reads.scatter(sorted(plain), False) if plain else reads
