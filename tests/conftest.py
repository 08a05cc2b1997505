"""What every test gets: hypothesis without a stopwatch, and with the same examples on every machine."""

from hypothesis import settings

settings.register_profile("claimloop", deadline=None, derandomize=True)
settings.load_profile("claimloop")
