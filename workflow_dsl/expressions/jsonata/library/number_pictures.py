"""$formatNumber: a number by a picture such as `#,##0.00`.

XPath and XQuery Functions, "fn:format-number", which docs.jsonata.org refers to. Rounding is half
to even, of the decimal that the number prints as.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from decimal import ROUND_HALF_EVEN, Decimal, localcontext
from typing import Any

from workflow_dsl.expressions.jsonata.errors import Failure
from workflow_dsl.expressions.jsonata.library.integers import LONGEST_PICTURE
from workflow_dsl.expressions.jsonata.text import number_text
from workflow_dsl.expressions.jsonata.values import UNDEFINED
from workflow_dsl.records import Record

_DEFAULTS = {
    "decimal-separator": ".",
    "grouping-separator": ",",
    "exponent-separator": "e",
    "infinity": "Infinity",
    "minus-sign": "-",
    "NaN": "NaN",
    "percent": "%",
    "per-mille": "\u2030",
    "zero-digit": "0",
    "digit": "#",
    "pattern-separator": ";",
}


def format_number(value: Any, picture: Any, options: Any) -> Any:
    """$formatNumber"""
    if value is UNDEFINED:
        return value
    if type(value) is float and not math.isfinite(value):
        raise Failure("D1001", value=None)
    if len(picture) > LONGEST_PICTURE:
        raise Failure("memory")
    signs = {**_DEFAULTS, **({} if options is UNDEFINED else {name: str(sign) for name, sign in options.items()})}
    pictures = picture.split(signs["pattern-separator"]) if signs["pattern-separator"] else [picture]
    if len(pictures) > 2:
        raise Failure("D3080")
    parsed = [_SubPicture(text, signs) for text in pictures]
    for part in parsed:
        part.validate()
    chosen = parsed[0] if value >= 0 else parsed[-1]
    prefix = signs["minus-sign"] if value < 0 and len(parsed) == 1 else ""
    return f"{prefix}{chosen.prefix}{_Writer(chosen).text(value)}{chosen.suffix}"


class _SubPicture:
    """A picture, or the part of it for numbers below zero, with its parts."""

    def __init__(self, text: str, signs: dict[str, str]) -> None:
        self.text = text
        self.signs = signs
        zero = ord(signs["zero-digit"][:1] or "0")
        self.digits = [chr(code) for code in range(zero, zero + 10)]
        self.point, self.group, self.optional = signs["decimal-separator"], signs["grouping-separator"], signs["digit"]
        exponent = signs["exponent-separator"]
        counted = {*self.digits, self.point, self.group, self.optional, signs["pattern-separator"]} - {exponent}
        self.active_signs = {*counted, exponent}
        places = [place for place, sign in enumerate(text) if sign in counted]
        if not places:
            raise Failure("D3085")
        first, last = places[0], places[-1] + 1
        self.prefix, self.active, self.suffix = text[:first], text[first:last], text[last:]
        at = text.find(exponent, first)
        has_exponent = first <= at <= last
        # The reference cuts the active part at a place that counts the prefix too.
        self.mantissa = self.active[:at] if has_exponent else self.active
        self.exponent = self.active[at + 1 :] if has_exponent else None
        self.whole, _, fraction = self.mantissa.partition(self.point)
        self.fraction = fraction if self.point in self.mantissa else self.suffix

    def count(self, text: str, *, optional: bool = False) -> int:
        """Return how many digits a string has; with `optional` those too that may be absent."""
        return sum(sign in self.digits or (optional and sign == self.optional) for sign in text)

    def validate(self) -> None:
        """Raise Failure for the last of the rules that the picture breaks, as the reference does."""
        broken = [code for code, is_broken in self._rules() if is_broken]
        if broken:
            raise Failure(broken[-1])

    def _rules(self) -> list[tuple[str, bool]]:
        text, signs = self.text, self.signs
        percent, per_mille = text.count(signs["percent"]), text.count(signs["per-mille"])
        at = text.find(self.point)
        beside = (text[at - 1 : at] if at > 0 else "", text[at + 1 : at + 2])
        before_optional = self.whole.partition(self.optional)[0] if self.optional in self.whole else ""
        after_optional = self.fraction.rpartition(self.optional)[2] if self.optional in self.fraction else ""
        exponent = self.exponent
        return [
            ("D3081", text.count(self.point) > 1),
            ("D3082", percent > 1),
            ("D3083", per_mille > 1),
            ("D3084", percent > 0 and per_mille > 0),
            ("D3085", self.count(self.mantissa, optional=True) == 0),
            ("D3086", any(sign not in self.active_signs for sign in self.active)),
            ("D3087", at >= 0 and self.group in beside),
            ("D3088", at < 0 and self.whole.endswith(self.group)),
            ("D3089", self.group * 2 in text),
            ("D3090", self.count(before_optional) > 0),
            ("D3091", self.count(after_optional) > 0),
            ("D3092", bool(exponent) and percent + per_mille > 0),
            ("D3093", exponent is not None and (not exponent or self.count(exponent) < len(exponent))),
        ]


class _Sizes(Record):
    """The numbers of digits that the parts of a number have."""

    whole: int
    fraction: int
    most_fraction: int
    exponent: int
    scale: int


def _sizes(picture: _SubPicture) -> _Sizes:
    whole = scale = picture.count(picture.whole)
    fraction, most = picture.count(picture.fraction), picture.count(picture.fraction, optional=True)
    has_exponent = picture.exponent is not None
    if whole == 0 and most == 0:
        whole, fraction, most = (0, 1, 1) if has_exponent else (1, 0, 0)
    if has_exponent and whole == 0 and picture.optional in picture.whole:
        whole = 1
    if whole == 0 and fraction == 0:
        fraction = 1
    return _Sizes(whole, fraction, most, picture.count(picture.exponent or ""), scale)


class _Writer:
    """Writes the digits of numbers by a picture."""

    def __init__(self, picture: _SubPicture) -> None:
        self._picture = picture
        self._sizes = _sizes(picture)

    def text(self, value: int | float) -> str:
        """Return a number without its sign, prefix and suffix."""
        picture, sizes = self._picture, self._sizes
        mantissa, exponent = self._scaled(Decimal(number_text(value)))
        whole, _, fraction = _rounded(abs(mantissa), sizes.most_fraction).partition(".")
        whole = whole.lstrip("0").rjust(sizes.whole, "0")
        fraction = fraction.rstrip("0").ljust(sizes.fraction, "0")
        text = self._grouped(f"{whole}{picture.point}{fraction}", len(whole))
        if text.endswith(picture.point) or picture.point not in picture.text:
            text = text[:-1]  # the point, or what the reference takes for it
        if exponent is not None:
            minus = picture.signs["minus-sign"] if exponent < 0 else ""
            text += f"{picture.signs['exponent-separator']}{minus}{str(abs(exponent)).rjust(sizes.exponent, '0')}"
        return "".join(picture.digits[int(sign)] if sign in "0123456789" else sign for sign in text)

    def _scaled(self, value: Decimal) -> tuple[Decimal, int | None]:
        """The number that the picture's digits write, and the power of ten that goes with it."""
        text, signs = self._picture.text, self._picture.signs
        with localcontext(prec=400):
            value *= 100 if signs["percent"] in text else 1000 if signs["per-mille"] in text else 1
        if self._sizes.exponent == 0:
            return value, None
        if value <= 0:  # the reference multiplies such a number for ever
            raise Failure("function", text="a number that is not above zero cannot be formatted with an exponent")
        exponent = 0
        with localcontext(prec=400):
            lowest, highest = Decimal(10) ** (self._sizes.scale - 1), Decimal(10) ** self._sizes.scale
            while value < lowest:
                value, exponent = value * 10, exponent - 1
            while value > highest:
                value, exponent = value / 10, exponent + 1
        return value, exponent

    def _grouped(self, text: str, point: int) -> str:
        """Insert grouping separators into a number with its point at a place, where the reference does.

        It inserts all that the picture has, also where the number is shorter, unless all are equally far apart.
        """
        picture = self._picture
        places = [
            picture.count(picture.whole[at:], optional=True)
            for at, sign in enumerate(picture.whole)
            if sign == picture.group
        ]
        factor = math.gcd(*places) if places else 0
        if factor and all(number * factor in places for number in range(1, len(places) + 1)):
            places = list(range(factor, point, factor))[::-1]
        for shift, place in enumerate(places):
            text = _inserted(text, point + shift - place, picture.group)
        point = text.find(picture.point)
        for place in self._fraction_places():
            text = _inserted(text, point + 1 + place, picture.group)
        return text

    def _fraction_places(self) -> Iterator[int]:
        """The digits before each separator of the fraction. The reference looks for the second one before the point."""
        picture = self._picture
        at = picture.fraction.find(picture.group)
        while at >= 0:
            yield picture.count(picture.fraction[:at], optional=True)
            at = picture.whole.find(picture.group, at + 1)


def _inserted(text: str, place: int, sign: str) -> str:
    return f"{text[:place]}{sign}{text[place:]}"


def _rounded(value: Decimal, places: int) -> str:
    with localcontext(prec=800):
        return f"{value.quantize(Decimal(1).scaleb(-places), ROUND_HALF_EVEN):f}"
