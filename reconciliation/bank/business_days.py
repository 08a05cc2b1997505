"""Business days: Monday to Friday, except the holidays that the caller names."""

from bisect import bisect_left
from collections.abc import Iterable
from datetime import date


class BusinessDays:
    """Counts the business days between two dates. Without holidays, every day from Monday to Friday counts."""

    def __init__(self, holidays: Iterable[date] = ()) -> None:
        self._holidays = sorted({day.toordinal() for day in holidays if day.weekday() < 5})
        self._numbers: dict[date, int] = {}

    def number(self, day: date) -> int:
        """Return how many business days precede this one: a weekend has the number of the following Monday."""
        number = self._numbers.get(day)
        if number is None:
            weeks, days = divmod(day.toordinal() - 1, 7)  # the first of January of year 1 was a Monday
            number = weeks * 5 + min(days, 5) - bisect_left(self._holidays, day.toordinal())
            self._numbers[day] = number
        return number

    def waited(self, since: date, today: date) -> int:
        """Return the business days from one date to another; 0 if the first date is in the future."""
        return max(0, self.number(today) - self.number(since))
