"""Counts in messages: "1 claim", "2 claims"."""


def counted(number: int | str, one: str, many: str = "") -> str:
    """Return the number with its noun: `counted(1, "claim")` is "1 claim", `counted(1200, "claim")` "1,200 claims".

    `many` is the plural where it is not `one` and an s ("entries"). A number may be text that was read from a file.
    """
    shown = number if isinstance(number, str) else f"{number:,}"
    return f"{shown} {one if shown == '1' else many or one + 's'}"
