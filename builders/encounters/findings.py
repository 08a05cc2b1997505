"""Collect the findings about one encounter (or one configured provider) in the names of its own fields."""

import re
from datetime import date
from decimal import Decimal

from claimloop.edi.diagnostics import Diagnostic, Where, diagnose
from claimloop.edi.syntax.charset import CharacterSet, clean, loses_characters
from claimloop.edi.syntax.delimiters import Delimiters

_ABBREVIATIONS = re.compile(r"\b(?:id|npi|ndc|clia|zip)\b")
_EASY_TEXT = re.compile(r"[A-Za-z0-9]+(?: [A-Za-z0-9]+)*", re.ASCII)
_EASY_IDENTIFIER = re.compile(r"[A-Z0-9]+", re.ASCII)

MOST_MONEY = Decimal(10) ** 8
"""A monetary amount has at most ten digits, two of them cents (005010X222, appendix B.1.1.3.1.2)."""

MOST_QUANTITY = Decimal(10) ** 8
"""Quantities have at most eight digits before the point and three after it (005010X222, SV104)."""


class Findings:
    """`found` holds the findings in the order in which they were made. `errors` counts those that hold the encounter.

    `element` is always the path of a field ("coverages#1.member_id"). Its last name, with blanks, names the value in
    the message.
    """

    def __init__(self, subject: str, delimiters: Delimiters, character_set: CharacterSet) -> None:
        self.found: list[Diagnostic] = []
        self.errors = 0
        self.delimiters = delimiters
        self.character_set = character_set
        self._subject = subject

    def report(self, code: str, element: str, value: str | None = None, **facts: object) -> None:
        """Add the finding `code` of the catalogue about this field."""
        facts.setdefault("what", words(element))
        where = Where(subject=self._subject, element=element)
        found = diagnose(code, where, value, **facts)
        self.found.append(found)
        self.errors += found.severity == "error"

    def spelled(self, text: str) -> str:
        """Return the text as the writer spells it."""
        return clean(text, self.delimiters, self.character_set)

    def at_most(self, element: str, found: int, most: int) -> None:
        """Check that there are no more values of a kind than the guide has room for."""
        if found > most:
            self.report("C390", element, found=found, most=most)

    def together(self, element: str, problem: str) -> None:
        """Report a value without another that belongs to it. `problem` names what is missing, in the names of the
        fields.
        """
        self.report("C391", element, problem=problem)

    def text(self, element: str, value: str, most: int, *, least: int = 1, required: bool = False) -> None:
        """Check a name or other free text: its spelling may change, but it must not vanish or be too long."""
        if not (value or required) or (_EASY_TEXT.fullmatch(value) and least <= len(value) <= most):
            return
        if not value.strip():
            if required:
                self.report("C311", element)
            return
        spelled = clean(value, self.delimiters, self.character_set)
        if not spelled:
            self.report("C314", element, value)
        elif not least <= len(spelled) <= most:
            self.report("C312", element, value, found=len(spelled), least=least, most=most)

    def identifier(self, element: str, value: str, most: int, *, least: int = 1, required: bool = False) -> None:
        """Check a number or code that must arrive unchanged: no character of it may be lost."""
        if not (value or required) or (_EASY_IDENTIFIER.fullmatch(value) and least <= len(value) <= most):
            return
        if value.strip() and loses_characters(value, self.delimiters, self.character_set):
            self.report("C313", element, value)
        else:
            self.text(element, value, most, least=least, required=required)

    def amount(self, element: str, amount: Decimal, *, zero: bool = False) -> bool:
        """Check money: positive (or zero, if allowed), whole cents, not too large. Return True where it is valid."""
        if not amount.is_finite() or amount < 0 or (amount == 0 and not zero):
            self.report("C350", element, str(amount))
        elif amount >= MOST_MONEY:
            self.report("C352", element, str(amount), most=f"{MOST_MONEY - Decimal('0.01'):,}")
        elif amount != amount.quantize(Decimal("0.01")):
            self.report("C351", element, str(amount))
        else:
            return True
        return False

    def quantity(self, element: str, quantity: Decimal) -> None:
        """Check units or an amount of a drug: more than zero, at most eight digits and three decimals."""
        if (
            not quantity.is_finite()
            or not 0 < quantity < MOST_QUANTITY
            or quantity != quantity.quantize(Decimal("0.001"))
        ):
            self.report("C353", element, str(quantity))

    def not_before(self, element: str, day: date, birth: date | None) -> None:
        """Check that a date is not before the patient's birth."""
        if birth is not None and day < birth:
            self.report("C359", element, day.isoformat())

    def not_after(self, element: str, day: date, today: date) -> None:
        """Check that a date is not in the future."""
        if day > today:
            self.report("C358", element, day.isoformat())


def words(element: str) -> str:
    """Return the last name of a field's path, for a message: "coverages#1.member_id" is "member ID"."""
    name = element.rpartition(".")[2].replace("_", " ").replace("#", " ")
    return _ABBREVIATIONS.sub(lambda found: found[0].upper(), name)
