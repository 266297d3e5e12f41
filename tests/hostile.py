"""What a typo or an attacker writes, drawn by a seed: the same in every run, and ten thousand in a second.

Hypothesis draws such trees fifty times slower; it stays where an example that fails wants to be made smaller.
"""

from __future__ import annotations

import math
import struct
from random import Random
from string import printable
from typing import Any

ODD = [
    "", " ", "\x00", "\n", "\t1", "0", "1", "-1", "+1", "−1", "1e3", "1_000", "0x10", "١", "½", "1.", ".5", "1e999", "-0", "00",
    "nan", "NaN", "inf", "Infinity", "-Infinity", "null", "None", "true", "True", "=1+1", "@SUM(A1)", "<b>", "&lt;", "'", '"', "\\",
    "%00", "../..", "z", "z^2", "z**z", "\u202e", "\ufeff", "\u2028", "é", "e\u0301", "ß", "𝔘", "👩\u200d🔬", "\U0010ffff", "\x7f", "…",
]  # fmt: skip
"""Texts that something may take for something else."""


def text(random: Random, longest: int, letters: str = "") -> str:
    """At most so many characters: of an alphabet, of what a keyboard has, or of all that there is; or one of ODD."""
    if letters or random.random() < 0.4:
        return "".join(random.choices(letters or printable, k=random.randrange(longest + 1)))
    if random.random() < 0.5:
        return random.choice(ODD)[:longest]
    points = (random.choice((random.randrange(0xD800), random.randrange(0xE000, 0x110000))) for _ in range(longest))
    return "".join(map(chr, points))[: random.randrange(longest + 1)]


def whole(random: Random) -> int:
    """A whole number of 0 to 128 binary digits, or of 400 decimal ones; small ones most often."""
    size = random.getrandbits(random.choice((1, 2, 3, 4, 8, 16, 33, 54, 64, 65, 128)))
    return random.choice((size, size, -size, -size, 10**400)) if random.random() < 0.3 else size


def decimal(random: Random) -> float:
    """A float64: any pattern of bits, an edge of what there is, or a number of every day."""
    match random.randrange(3):
        case 0:
            return struct.unpack("d", random.randbytes(8))[0]
        case 1:
            edges = (0.0, -0.0, 1.0, -1.0, 5e-324, 2.2250738585072014e-308, 1.7976931348623157e308, math.inf, -math.inf, math.nan, 2.0**53, 0.1)  # fmt: skip
            return random.choice(edges)
    return round(random.uniform(-3, 3), random.randrange(17))


def leaf(random: Random, odd: list[Any]) -> Any:
    """What a JSON text has at its ends: null, a switch, a number, a text; or one of `odd`."""
    match random.randrange(6):
        case 0:
            return random.choice((None, True, False))
        case 1:
            return whole(random)
        case 2:
            return decimal(random)
        case 3:
            return text(random, 12)
    return random.choice(odd)


def tree(random: Random, odd: list[Any], depth: int = 3) -> Any:
    """Lists and objects in one another with leaves at their ends."""
    if depth == 0 or random.random() < 0.5:
        return leaf(random, odd)
    parts = [tree(random, odd, depth - 1) for _ in range(random.randrange(5))]
    return parts if random.random() < 0.6 else {text(random, 6): part for part in parts}


def wounded(random: Random, value: Any, odd: list[Any]) -> Any:
    """A value with one place in it changed, left out or put twice, however deep: what is nearly right reaches deepest."""
    if not isinstance(value, (list, dict)) or not value or random.random() < 0.2:
        return tree(random, odd)
    if isinstance(value, dict):
        key = random.choice(list(value))
        return {**value, key: wounded(random, value[key], odd)}
    at = random.randrange(len(value))
    match random.randrange(4):
        case 0:
            put = []
        case 1:
            put = [value[at], value[at]]
        case _:
            put = [wounded(random, value[at], odd)]
    return [*value[:at], *put, *value[at + 1 :]]
