"""Integers as English words, and back."""

from __future__ import annotations

import math
import re

_SMALL = (
    "Zero One Two Three Four Five Six Seven Eight Nine Ten Eleven Twelve Thirteen Fourteen Fifteen Sixteen "
    "Seventeen Eighteen Nineteen"
).split()
_SMALL_ORDINALS = (
    "Zeroth First Second Third Fourth Fifth Sixth Seventh Eighth Ninth Tenth Eleventh Twelfth Thirteenth Fourteenth "
    "Fifteenth Sixteenth Seventeenth Eighteenth Nineteenth"
).split()
_TENS = "Twenty Thirty Forty Fifty Sixty Seventy Eighty Ninety".split()
_LARGE = "Thousand Million Billion Trillion".split()

_VALUES = {
    **{word.lower(): value for value, word in enumerate(_SMALL)},
    **{word.lower(): value for value, word in enumerate(_SMALL_ORDINALS)},
    **{word.lower(): value * 10 for value, word in enumerate(_TENS, 2)},
    **{f"{word.lower()[:-1]}ieth": value * 10 for value, word in enumerate(_TENS, 2)},
    "hundred": 100,
    "hundredth": 100,
    **{word.lower(): 1000**power for power, word in enumerate(_LARGE, 1)},
    **{f"{word.lower()}th": 1000**power for power, word in enumerate(_LARGE, 1)},
}


def words_of_number(number: int, is_ordinal: bool) -> str:
    """Return a number as words: `One Thousand and Five`, `Twenty-First`."""
    return _words(number, "", is_ordinal)


def _words(number: int, before: str, is_ordinal: bool) -> str:
    """The words of a number; `before` is "" or, for the rest of a larger one, what it is joined with."""
    joint = " and " if before else ""
    if number <= 19:
        return joint + (_SMALL_ORDINALS if is_ordinal else _SMALL)[number]
    if number < 100:
        tens, rest = divmod(number, 10)
        word = joint + _TENS[tens - 2]
        if rest:
            return f"{word}-{_words(rest, '', is_ordinal)}"
        return f"{word[:-1]}ieth" if is_ordinal else word
    joint = ", " if before else ""
    if number < 1000:
        count, rest = divmod(number, 100)
        word = f"{joint}{_SMALL[count]} Hundred"
    else:
        power = min(int(math.log10(number) / 3 + 1e-9), len(_LARGE))
        count, rest = divmod(number, 1000**power)
        word = f"{joint}{_words(count, '', False)} {_LARGE[power - 1]}"
    if rest:
        return word + _words(rest, word, is_ordinal)
    return f"{word}th" if is_ordinal else word


def number_of_words(text: str) -> int | float:
    """Return the number that words mean; NaN for words that are none."""
    parts: list[int] = [0]
    for word in re.split(r",\s|\sand\s|[\s\\-]", text):
        value = _VALUES.get(word)
        if value is None:
            return math.nan
        if value >= 100:
            parts.append(parts.pop() * value)
        elif parts[-1] >= 1000:
            parts.append(value)
        else:
            parts.append(parts.pop() + value)
    return sum(parts)
