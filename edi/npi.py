"""National Provider Identifier: ten digits, the last one a check digit (Luhn over 80840 + NPI, 45 CFR 162.406)."""


def is_npi(text: str) -> bool:
    """True where the text is an NPI whose check digit is right."""
    if len(text) != 10 or not (text.isascii() and text.isdigit()) or text[0] not in "12":
        return False
    digits = [int(digit) for digit in text]
    # The prefix 80840 adds 24 to the Luhn sum.
    doubled = sum(sum(divmod(2 * digit, 10)) for digit in digits[0:9:2])
    return (24 + doubled + sum(digits[1:9:2]) + digits[9]) % 10 == 0
