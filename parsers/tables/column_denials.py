"""Find denied claims and lines by columns, by the rule of `edi.records.adjustments.is_denied` (rules.md#denials)."""

import polars as pl

from claimloop.edi.records.adjustments import ABOVE_THE_FEE_SCHEDULE, disposition_of


def unpaid_owners(owners: pl.DataFrame) -> pl.DataFrame:
    """Return the owners with a positive charge and no payment."""
    return owners.filter((pl.col("charge") > 0) & (pl.col("paid") == 0)).select("owner", "charge")


def denied_owners(unpaid: pl.DataFrame, adjustments: pl.DataFrame) -> pl.Series:
    """Return the unpaid owners that are denied, with the same sums as `is_denied`."""
    joined = adjustments.select("owner", "group", "reason", "amount").join(unpaid, on="owner", how="inner")
    pairs = joined.select("group", "reason").unique()
    dispositions = [disposition_of(group or "", reason or "") for group, reason in pairs.iter_rows()]
    joined = joined.join(pairs.with_columns(pl.Series("disposition", dispositions, pl.String)), on=["group", "reason"])

    def total(disposition: str) -> pl.Expr:
        return pl.col("amount").filter(pl.col("disposition") == disposition).sum()

    sums = joined.group_by("owner").agg(
        total("patient").alias("patient"),
        total("denied").alias("denied"),
        total("contractual").alias("contractual"),
        (pl.col("reason") == ABOVE_THE_FEE_SCHEDULE).all().alias("fee_schedule_only"),
        pl.col("charge").first(),
    )
    disguised = pl.col("fee_schedule_only") & (pl.col("contractual") == pl.col("charge"))
    return sums.filter((pl.col("patient") == 0) & ((pl.col("denied") > 0) | disguised))["owner"]
