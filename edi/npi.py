"""National Provider Identifier: ten digits, the last one a check digit (Luhn over 80840 + NPI, 45 CFR 162.406)."""


def is_npi(text: str) -> bool:
    """Whether the text is an NPI with a matching check digit."""
    if len(text) != 10 or not (text.isascii() and text.isdigit()) or text[0] not in "12":
        return False
    digits = [int(digit) for digit in text]
    # The prefix 80840 adds 24 to the Luhn sum.
    doubled = sum(sum(divmod(2 * digit, 10)) for digit in digits[0:9:2])
    return (24 + doubled + sum(digits[1:9:2]) + digits[9]) % 10 == 0


def npi_problem(text: str) -> str:
    """Return why a text that is not an NPI is not one."""
    if len(text) != 10 or not (text.isascii() and text.isdigit()):
        return "it must have ten digits"
    return "it must start with 1 or 2" if text[0] not in "12" else "check digit does not match"
