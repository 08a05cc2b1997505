"""Business days: Monday to Friday but for the holidays that the caller names."""

from bisect import bisect_left
from collections.abc import Iterable
from datetime import date


class BusinessDays:
    """Counts the business days between two dates. Without holidays these are the days from Monday to Friday."""

    def __init__(self, holidays: Iterable[date] = ()) -> None:
        self._holidays = sorted({day.toordinal() for day in holidays if day.weekday() < 5})
        self._numbers: dict[date, int] = {}

    def number(self, day: date) -> int:
        """How many business days there were before this one: a weekend has the number of the Monday after it."""
        number = self._numbers.get(day)
        if number is None:
            weeks, days = divmod(day.toordinal() - 1, 7)  # the first of January of year 1 was a Monday
            number = weeks * 5 + min(days, 5) - bisect_left(self._holidays, day.toordinal())
            self._numbers[day] = number
        return number

    def waited(self, since: date, today: date) -> int:
        """The business days from one date to another; 0 where it has not come yet."""
        return max(0, self.number(today) - self.number(since))
