"""Whole numbers in Chinese times: digits, numerals and years said digit by digit."""

_DIGITS = {each: value for value, each in enumerate("零一二三四五六七八九")}
_DIGITS |= {"〇": 0, "○": 0, "两": 2, "正": 1, "元": 1}
_SCALES = {"十": 10, "百": 100, "千": 1000}
_TENS = {"廿": 20, "卅": 30}

#: One numeral character, for regular expressions.
HAN = "零〇○一二两三四五六七八九十廿卅"
#: A number of up to two digits, for regular expressions; what stands before is no numeral.
SMALL = rf"(?:\d{{1,2}}|[{HAN}]{{1,3}})(?![\d{HAN}])"


def read(written: str) -> int | None:
    """Return the value of digits or a Chinese numeral, None when it is none: 两三, 十十."""
    if written.isascii():
        return int(written) if written.isdigit() else None
    total, digit = 0, None
    scale = 10_000
    for each in written:
        if each in _DIGITS:
            if digit:
                return None
            digit = _DIGITS[each]
        elif each in _TENS:
            total, digit = total + _TENS[each], None
        elif each in _SCALES:
            if _SCALES[each] >= scale:
                return None
            scale = _SCALES[each]
            total, digit = total + scale * (1 if digit is None else digit), None
        else:
            return None
    return total + (digit or 0)


def read_year(written: str) -> int | None:
    """Return a year as said: 二零二六, 两千零四, 2026; two digits stay two."""
    if written.isascii():
        return int(written) if written.isdigit() else None
    if all(each in _DIGITS for each in written):
        return int("".join(str(_DIGITS[each]) for each in written))
    return read(written)
