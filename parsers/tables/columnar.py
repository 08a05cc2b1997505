"""Claims of an 835 read by columns: a stretch of whole claims to frames, without a Python object for each segment.

An X12 file is ragged delimiter-separated text, which polars reads natively. Only claims are taken for which the
record reader would have no finding: every segment known and in its place, every amount, number and date well formed,
every balance even. `Claims.rows` marks the segments that are left to the record reader; what is not surely
understood makes the whole stretch `None`. So soundness rests on accepting little, and speed on most claims being plain.
"""

from functools import cache

import msgspec
import polars as pl

from claimloop.edi.records.adjustments import ABOVE_THE_FEE_SCHEDULE, PATIENT_RESPONSIBILITY, effect_of
from claimloop.edi.records.claim_payment import NOT_OURS, PREDETERMINATION
from claimloop.edi.records.remittance_summaries import MIA_REMARKS, MOA_REMARKS, not_numbers
from claimloop.edi.syntax.delimiters import Delimiters
from claimloop.parsers.cursor import NotAProcedure, Procedures
from claimloop.parsers.tables.columns import DECIMALS, DEFINITION, Column
from claimloop.parsers.tables.frames import dtype
from claimloop.parsers.tables.segments import CODE, Placed, Said, place_segments, segment_texts, split_segments

_AMOUNT = r"^-?(?:[0-9]{1,11}\.?|[0-9]{0,11}\.[0-9]{1,2})$"
"""Below 100 thousand million, without a fraction of a cent; the record reader takes some more."""

_QUANTITY = r"^-?(?:[0-9]{1,9}\.?|[0-9]{0,9}\.[0-9]{1,4})$"
_FIRST_OF_FOUR_DIGITS = 10_000_000
_TRIPLES = 6
_REQUIRED = ("charge", "paid")


class Claims(msgspec.Struct, frozen=True):
    """What was read of one stretch.

    `frames` are the tables of the claims that were taken; instead of keys and places their rows have `owner`, the row
    in `owners` (see `Placed`) of the CLP or SVC that they belong to. `lines` are the texts of all segments; `reads` is
    true for those that the record reader is to read. `headers` has the row and the `number` of each LX.
    """

    lines: pl.Series
    reads: pl.Series
    owners: pl.DataFrame
    headers: pl.DataFrame
    frames: dict[str, pl.DataFrame]


def read_claims(raw: bytes, delimiters: Delimiters) -> Claims | None:
    """Read segments that begin at an ISA, or at a CLP in the body of an 835. Every segment has its terminator."""
    texts = segment_texts(raw, delimiters)
    placed = None if texts is None else place_segments(texts, delimiters.element)
    return None if placed is None else _Columns(placed, delimiters).read()


class _Columns:
    """The claims of one stretch; `_bad` gathers the owners of what is left to the record reader."""

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
        """All tables of the claims that nothing is odd about."""
        self._refuse(self._claimed, pl.col("code") > CODE["CLP"])
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

    def _refuse(self, segments: pl.DataFrame, odd: pl.Expr) -> None:
        """Leave the claims of these segments to the record reader; null is odd, too."""
        found = segments.select(pl.col("owner").filter(odd.fill_null(value=True)))["owner"]
        if len(found):
            self._bad.append(found)

    def _said(self, tag: str, most: int, *, more: bool = False) -> Said:
        """The segments with this id; elements behind the `most` that it has are odd, unless `more` are looked at."""
        said = split_segments(self._segments(tag), self._separator, most)
        if not more:
            self._refuse_said(said, pl.col("rest").fill_null("") != "")
        return said

    def _segments(self, tag: str) -> pl.DataFrame:
        return (
            self._claimed.filter(pl.col("code") == CODE[tag]) if CODE[tag] in self._present else self._claimed.clear()
        )

    def _behind_lines(self, segments: pl.DataFrame) -> None:
        """Leave claims to the record reader where a segment of 2100 stands behind a line."""
        self._refuse(segments, ~pl.lit(self._owners["opens"]).gather("owner"))

    def _refuse_said(self, said: Said, odd: pl.Expr) -> None:
        """Leave the claims of segments with such elements to the record reader; null is odd, too."""
        found = said.owners_where(odd)
        if found is not None:
            self._bad.append(found)

    def _table(self, said: Said, *columns: pl.Expr) -> pl.DataFrame:
        """A row for each segment: its places and these columns, worked out from its elements."""
        return said.places.hstack(said.of_segments(said.elements.select(columns)))

    def _claims(self) -> pl.DataFrame:
        said = self._said("CLP", 13)
        columns = _elements("claims")
        numbers = [_ill_formed(one, required=one.name in _REQUIRED) for one in columns if one.kind in DECIMALS]
        self._refuse_said(said, pl.any_horizontal(*numbers, pl.col("e10").fill_null("") != ""))
        claims = self._table(said, *map(_value, columns)).with_columns(self._header_numbers())
        self._refuse(claims, _no(pl.col("header_number") == ""))
        return claims

    def _header_numbers(self) -> pl.Series:
        """LX01 for each claim; null, to be filled with the one in force, before the first LX."""
        numbers = pl.concat([pl.Series([None], dtype=pl.String), self._headers["number"]])
        opens = self._owners.filter("opens")["row"]
        return numbers.gather(self._headers["row"].search_sorted(opens, side="right")).alias("header_number")

    def _services(self) -> pl.DataFrame:
        said = self._said("SVC", 7)
        columns = [one for one in _elements("services") if one.kind in DECIMALS or one.name == "revenue_code"]
        numbers = [_ill_formed(one, required=one.name in _REQUIRED) for one in columns if one.kind in DECIMALS]
        self._refuse_said(said, pl.any_horizontal(numbers))
        adjudicated = self._procedure_columns(said.elements["e1"], "procedure")
        submitted = self._procedure_columns(said.elements["e6"], "submitted_procedure")
        elements = said.elements.select(*map(_value, columns)).hstack(adjudicated)
        elements = elements.hstack(submitted.select("submitted_procedure_qualifier", "submitted_procedure"))
        odd = said.of_segments(adjudicated.select("odd").hstack(submitted.select(pl.col("odd").alias("odd_6"))))
        self._refuse(said.places.hstack(odd), pl.col("odd") | pl.col("odd_6"))
        return said.places.hstack(said.of_segments(elements.drop("odd")))

    def _procedure_columns(self, texts: pl.Series, name: str) -> pl.DataFrame:
        """What the composites say; each way of writing one is read once, by the record reader's own function."""
        names = [f"{name}_qualifier", name, *(f"modifier_{place}" for place in range(1, 5))]
        distinct = texts.fill_null("").unique()
        rows: list[tuple[str | bool | None, ...]] = []
        for text in distinct:
            try:
                said = self._procedures[text]
            except NotAProcedure:
                rows.append((*[None] * len(names), True))
            else:
                four = (*said.modifiers, None, None, None, None)[:4]
                rows.append((said.qualifier or None, said.code or None, *four, False))
        table = pl.DataFrame(rows, schema=dict.fromkeys(names, pl.String) | {"odd": pl.Boolean}, orient="row")
        return table.select(pl.all().gather(texts.fill_null("").cast(pl.Enum(distinct)).to_physical()))

    def _adjustments(self) -> pl.DataFrame:
        """Each (reason, amount, quantity) of each CAS; a gap, a 0 and a seventh triple are odd."""
        *_, amount, quantity = columns = _elements("adjustments")
        said = self._said("CAS", 4, more=True)
        said.places = said.places.with_row_index("order")
        triples = []
        for _ in range(_TRIPLES):
            missing = (pl.col("e1").fill_null("") == "") | (pl.col("e2").fill_null("") == "")
            odd = missing | _ill_formed(amount, required=True) | _ill_formed(quantity) | (_value(amount) == 0)
            self._refuse_said(said, odd)
            triples.append(self._table(said, *map(_value, columns)))
            said = said.only(pl.col("rest").str.strip_chars(self._separator) != "")
            if not len(said):
                break
            names = ["e2", "e3", "e4", "rest"]
            split = pl.col("rest").str.splitn(self._separator, len(names)).struct.rename_fields(names)
            said.elements = said.elements.select("e1", split).unnest("rest")
        else:
            self._refuse(said.places, pl.lit(value=True))
        found = triples[0] if len(triples) == 1 else pl.concat(triples).sort("order", maintain_order=True)
        return found.drop("order")

    def _references(self) -> pl.DataFrame:
        return self._table(self._said("REF", 3), *map(_value, _elements("references")))

    def _amounts(self) -> pl.DataFrame:
        qualifier, amount, quantity = _elements("amounts")
        said = self._said("AMT", 2)
        self._refuse_said(said, _ill_formed(amount, required=True))
        amounts = self._table(said, _value(qualifier), _value(amount), _nothing(quantity))
        if CODE["QTY"] not in self._present:
            return amounts
        said = self._said("QTY", 2)
        self._refuse_said(said, _ill_formed(quantity, required=True))
        quantities = self._table(said, _value(qualifier), _nothing(amount), _value(quantity))
        return pl.concat([amounts, quantities]).sort("owner", maintain_order=True)

    def _remarks(self) -> pl.DataFrame:
        qualifier, code = _elements("remarks")
        said = self._said("LQ", 2)
        self._refuse(said.places, pl.lit(self._owners["opens"]).gather("owner"))
        remarks = self._table(said, pl.lit("LQ").alias("sent_in"), _value(qualifier), _value(code))
        places = {"MIA": MIA_REMARKS, "MOA": MOA_REMARKS}
        told = [self._remarks_of(tag, places[tag]) for tag in places if CODE[tag] in self._present]
        return pl.concat([*told, remarks]).sort("owner", maintain_order=True) if told else remarks

    def _remarks_of(self, tag: str, places: tuple[int, ...]) -> pl.DataFrame:
        """The remark codes of MIA or MOA, of which a claim has one, before its lines, with numbers that are numbers."""
        found = self._segments(tag)
        self._behind_lines(found)
        self._refuse(found, pl.col("owner").is_duplicated())
        rows = []
        for text in found["line"].unique():
            elements = text.split(self._separator)
            codes = [elements[place] for place in places if place < len(elements) and elements[place]]
            rows.append((text, codes, bool(not_numbers(tag, elements))))
        known = pl.DataFrame(
            rows, schema={"line": pl.String, "codes": pl.List(pl.String), "odd": pl.Boolean}, orient="row"
        )
        found = found.join(known, on="line", how="left", maintain_order="left")
        self._refuse(found, pl.col("odd"))
        found = found.filter(pl.col("codes").list.len() > 0).explode("codes")
        nothing = pl.lit(None, pl.String).alias("qualifier")
        return found.select("owner", pl.lit(tag).alias("sent_in"), nothing, pl.col("codes").alias("code"))

    def _parties(self) -> pl.DataFrame:
        said = self._said("NM1", 9)
        self._refuse_said(said, pl.col("e6").fill_null("") != "")
        self._behind_lines(said.places)
        return self._table(said, *map(_value, _elements("parties")))

    def _check_contacts(self) -> None:
        if CODE["PER"] not in self._present:
            return
        self._behind_lines(self._said("PER", 8).places)

    def _dates(self) -> pl.DataFrame:
        """Dates of claims and of lines: qualifier and day."""
        said = self._said("DTM", 2)
        number = pl.col("e2").cast(pl.Int32, strict=False)
        digits = (pl.col("e2").str.len_bytes() == 8) & (number >= _FIRST_OF_FOUR_DIGITS)
        day = pl.col("e2").str.to_date("%Y%m%d", strict=False)
        self._refuse_said(said, ~digits | day.is_null())
        return self._table(said, pl.col("e1").alias("qualifier"), day.alias("day"))

    def _check_balances(self, claims: pl.DataFrame, services: pl.DataFrame, adjustments: pl.DataFrame) -> None:
        """Leave claims that do not balance to the record reader (rules.md#balances).

        Sums are differences of running totals, taken at the rows where claims and lines begin: rows are in the order
        of the file, and claims and lines are numbered without a gap.
        """
        patient = pl.when(pl.col("group") == PATIENT_RESPONSIBILITY).then("amount")
        adjusted = adjustments.select("owner", _cents("amount").cum_sum(), _cents(patient).cum_sum().alias("patient"))
        charged = services.select("owner", _cents("charge").cum_sum().alias("charged"))
        totals = self._owners.select("opens", pl.col("service").forward_fill().fill_null(0).alias("lines")).hstack(
            [self._total(adjusted, "amount"), self._total(adjusted, "patient"), self._total(charged, "charged")]
        )
        lines = totals.with_columns(pl.col("amount") - pl.col("amount").shift(1, fill_value=0)).filter(~pl.col("opens"))
        self._refuse(services.hstack([lines["amount"]]), _cents("charge") - pl.col("amount") != _cents("paid"))
        # The total up to a claim's end is the one at the owner before the next claim's first.
        until = pl.col("lines", "amount", "patient", "charged").cast(pl.Int64)
        ends = totals.filter(pl.col("opens").shift(-1, fill_value=True)).select(until)
        whole = claims.hstack(ends.select(until - until.shift(1, fill_value=0)))
        self._refuse(
            whole,
            _no(_cents("charge") - pl.col("amount") != _cents("paid"))
            | _no((pl.col("charged") != _cents("charge")) & (pl.col("lines") > 0))
            | _no(_cents("patient_responsibility") != pl.col("patient")),
        )

    def _total(self, running: pl.DataFrame, name: str) -> pl.Series:
        """The running total at the end of each owner; where an owner has none, that of the one before it."""
        at = pl.repeat(None, len(self._owners), dtype=pl.Int64, eager=True).scatter(running["owner"], running[name])
        return at.fill_null(strategy="forward").fill_null(0).alias(name)

    def _with_dates(self, claims: pl.DataFrame, services: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
        """The first date of each kind beside claims, and beside lines the last one, as `service_date` has it."""
        dates = self._dates()
        at_claim = pl.lit(self._owners["opens"]).gather("owner")
        of_claims, of_services = dates.filter(at_claim), dates.filter(~at_claim)
        for column in DEFINITION["claims"].columns:
            if column.kind == "date":
                mine = of_claims.filter(pl.col("qualifier") == column.field)
                claims = _beside(claims, column.name, mine, "day", "first")
        for qualifier in ("472", "150", "151"):
            mine = of_services.filter(pl.col("qualifier") == qualifier)
            services = _beside(services, f"d{qualifier}", mine, "day", "last")
        start = pl.coalesce("d472", "d150", "d151").alias("service_start")
        return claims, services.with_columns(start, pl.coalesce("d472", "d151", "d150").alias("service_end"))

    def _with_denials(
        self, claims: pl.DataFrame, services: pl.DataFrame, adjustments: pl.DataFrame
    ) -> tuple[pl.DataFrame, pl.DataFrame]:
        """`is_denial` of both, as `ClaimPayment.is_denial` and `ServicePayment.is_denial` have it."""
        opens = self._owners["opens"]
        judged = claims.filter(~pl.col("status").is_in((NOT_OURS, PREDETERMINATION)).fill_null(value=False))
        unpaid_claims, unpaid_lines = _unpaid(judged), _unpaid(services)
        # The CLP of each owner: of those that open, as many as the number of the claim says.
        claim = opens.arg_true().gather(self._owners["claim"] - 1)
        of_claims = adjustments.select("group", "reason", "amount", pl.lit(claim).gather("owner").alias("owner"))
        refused = _refused(unpaid_claims, of_claims.filter(self._among(unpaid_claims)))
        refused_lines = _refused(unpaid_lines, adjustments.filter(self._among(unpaid_lines)))
        return (
            claims.with_columns(pl.col("owner").is_in(refused.implode()).alias("is_denial")),
            services.with_columns(pl.col("owner").is_in(refused_lines.implode()).alias("is_denial")),
        )

    def _among(self, chosen: pl.DataFrame) -> pl.Expr:
        """True for the rows of these owners."""
        flags = pl.repeat(False, len(self._owners), dtype=pl.Boolean, eager=True)
        return pl.lit(flags.scatter(chosen["owner"], True)).gather("owner")

    def _with_line_numbers(self, services: pl.DataFrame, references: pl.DataFrame) -> pl.DataFrame:
        mine = references.filter(pl.col("qualifier") == "6R").filter(~pl.lit(self._owners["opens"]).gather("owner"))
        return _beside(services, "line_control_number", mine, "value", "first")

    def _reads(self) -> pl.Series:
        """True for the segments outside claims that the record reader is to read: all but an LX among the claims."""
        plain = set(self._headers.filter("plain")["row"]) & set(self._later_headers)
        reads = ~self._rows["in_claim"]
        return reads.scatter(sorted(plain), False) if plain else reads


@cache
def _elements(table: str) -> list[Column]:
    """The columns that are elements of the segment which a row is made of."""
    return [column for column in DEFINITION[table].columns if column.element]


@cache
def _value(column: Column) -> pl.Expr:
    """The value of a column from its element."""
    text = pl.col(f"e{column.element}")
    if column.kind in DECIMALS:
        return text.cast(pl.Decimal(18, DECIMALS[column.kind]), strict=False).alias(column.name)
    return pl.when(text != "").then(text).alias(column.name)


@cache
def _nothing(column: Column) -> pl.Expr:
    return pl.lit(None, dtype(column)).alias(column.name)


@cache
def _ill_formed(column: Column, *, required: bool = False) -> pl.Expr:
    """True where the element of a number is none that is surely read alike."""
    text = pl.col(f"e{column.element}")
    form = text.str.contains(_AMOUNT if column.kind == "money" else _QUANTITY)
    return ~_no(form) if required else _no(~form & (text != ""))


def _cents(amount: str | pl.Expr) -> pl.Expr:
    """Money as whole cents, which are added faster."""
    return (pl.col(amount) if isinstance(amount, str) else amount).to_physical().cast(pl.Int64)


def _no(expression: pl.Expr) -> pl.Expr:
    """Null is no."""
    return expression.fill_null(value=False)


def _beside(frame: pl.DataFrame, name: str, mine: pl.DataFrame, value: str, keep: str) -> pl.DataFrame:
    """`frame` with the first or last `value` that `mine` has for each owner."""
    if not len(mine):
        return frame.with_columns(pl.lit(None, mine[value].dtype).alias(name))
    if len(mine) == len(frame) and mine["owner"].equals(frame["owner"]):
        return frame.with_columns(mine[value].alias(name))
    once = mine.select("owner", pl.col(value).alias(name)).unique("owner", keep=keep, maintain_order=True)
    return frame.join(once, on="owner", how="left", maintain_order="left")


def _unpaid(owners: pl.DataFrame) -> pl.DataFrame:
    return owners.filter((pl.col("charge") > 0) & (pl.col("paid") == 0)).select("owner", "charge")


def _refused(unpaid: pl.DataFrame, adjustments: pl.DataFrame) -> pl.Series:
    """Those of the unpaid owners that `edi.adjustments.is_refused` calls refused."""
    told = adjustments.select("owner", "group", "reason", "amount").join(unpaid, on="owner", how="inner")
    pairs = told.select("group", "reason").unique()
    effects = [effect_of(group or "", reason or "") for group, reason in pairs.iter_rows()]
    told = told.join(pairs.with_columns(pl.Series("effect", effects, pl.String)), on=["group", "reason"])

    def total(effect: str) -> pl.Expr:
        return pl.col("amount").filter(pl.col("effect") == effect).sum()

    sums = told.group_by("owner").agg(
        total("patient").alias("patient"),
        total("denied").alias("denied"),
        total("contractual").alias("contractual"),
        (pl.col("reason") == ABOVE_THE_FEE_SCHEDULE).all().alias("fee_schedule_only"),
        pl.col("charge").first(),
    )
    disguised = pl.col("fee_schedule_only") & (pl.col("contractual") == pl.col("charge"))
    return sums.filter((pl.col("patient") == 0) & ((pl.col("denied") > 0) | disguised))["owner"]
