"""The National Provider Identifier (NPI): ten digits, of which the last is a Luhn check digit over 80840 + NPI (45 CFR
162.406).
"""


def is_npi(text: str) -> bool:
    """Return True for an NPI with a valid check digit."""
    if len(text) != 10 or not (text.isascii() and text.isdigit()) or text[0] not in "12":
        return False
    digits = [int(digit) for digit in text]
    # The prefix 80840 adds 24 to the Luhn sum.
    doubled = sum(sum(divmod(2 * digit, 10)) for digit in digits[0:9:2])
    return (24 + doubled + sum(digits[1:9:2]) + digits[9]) % 10 == 0
