"""A pupil's calculator: the value of an equation's numbers as they stand there in TeX, rounded as they are shown."""

from __future__ import annotations

import math
import operator
import re

TOKEN = re.compile(r"\s*(\\[a-zA-Z]+|\\.|\d+\.?\d*|.)")
FUNCTIONS = {
    r"\ln": math.log,
    r"\exp": math.exp,
    r"\sin": math.sin,
    r"\cos": math.cos,
    r"\tan": math.tan,
    r"\sinh": math.sinh,
    r"\cosh": math.cosh,
    r"\tanh": math.tanh,
    "erf": math.erf,
    "atan": math.atan,
    "sign": lambda x: math.copysign(1.0, x) if x else 0.0,
}
SILENT = (r"\displaystyle", r"\nobreak", r"\kern", r"\;", r"\!")
COMPARES = {">": operator.gt, "<": operator.lt, r"\geq": operator.ge, r"\leq": operator.le}
ENDS = (")", "}", r"\right", "+", "-", "&", r"\\", r"\end", *COMPARES, "")


class Calculator:
    """Reads a line from left to right: sums of products of powers."""

    def __init__(self, line: str) -> None:
        line = line.replace("{,}", ".")
        line = re.sub(r"\\kern-?[\d.]+em|\\(begin|end)\{gathered\}|\\\\ \{\}", "", line)
        line = re.sub(r"\\begin\{aligned\} &|\\\\\[6pt\] &|\\end\{aligned\}|\{\}", "", line)
        self.tokens = [token for token in TOKEN.findall(line) if token not in SILENT and token.strip()]
        self.at = 0

    @property
    def next(self) -> str:
        return self.tokens[self.at] if self.at < len(self.tokens) else ""

    def take(self, expected: str = "") -> str:
        token = self.next
        assert token and (not expected or token == expected), f"{expected or 'more'} wanted, {token!r} came: {self}"
        self.at += 1
        return token

    def __str__(self) -> str:
        return " ".join([*self.tokens[: self.at], "☞", *self.tokens[self.at :]])

    def sum(self) -> float:
        value = 0.0
        sign = 1.0
        if self.next == "-":
            self.take()
            sign = -1.0
        while True:
            value += sign * self.product()
            if self.next not in ("+", "-"):
                return value
            sign = 1.0 if self.take() == "+" else -1.0

    def product(self) -> float:
        value = self.power()
        while self.next not in ENDS and self.next != "|":
            if self.next in (r"\cdot", r"\,"):
                self.take()
            value *= self.power()
        return value

    def power(self) -> float:
        base = self.base()
        if self.next == "^":
            self.take()
            return base ** self.group()
        return base

    def group(self) -> float:
        """{a sum}"""
        self.take("{")
        value = self.sum()
        self.take("}")
        return value

    def name(self) -> str:
        """{a word}"""
        self.take("{")
        word = ""
        while self.next != "}":
            word += self.take()
        self.take("}")
        return word

    def base(self) -> float:
        token = self.take()
        if token[0].isdigit():
            return float(token)
        match token:
            case "{":
                self.at -= 1
                return self.group()
            case "(":
                value = self.sum()
                self.take(")")
                return value
            case r"\left":
                close = {"(": ")", "|": "|"}[self.take()]
                value = self.sum()
                self.take(r"\right")
                self.take(close)
                return abs(value) if close == "|" else value
            case r"\frac" | r"\dfrac" | r"\tfrac":
                above = self.group()
                return above / self.group()
            case r"\sqrt":
                return math.sqrt(self.group())
            case r"\textcolor":
                self.name()
                return self.group()
            case r"\mathbf" | r"\underline" | r"\mathrlap":
                return self.group()
            case r"\pi":
                return math.pi
            case "e":
                return math.e
            case r"\operatorname" | r"\mathrm":
                return self.function(self.name())
            case r"\begin":
                return self.cases()
        return self.function(token)

    def function(self, name: str) -> float:
        assert name in FUNCTIONS, f"{name!r} is not on the calculator: {self}"
        power = 1.0
        if self.next == "^":
            self.take()
            power = self.group()
        return FUNCTIONS[name](self.group() if self.next == "{" else self.base()) ** power

    def cases(self) -> float:
        """{cases} a value & a condition, and so on: the first that holds."""
        assert self.name() == "cases", self
        found = []
        while self.next != r"\end":
            value = self.sum()
            self.take("&")
            self.take(r"\text")
            if self.name() == "else" or self.holds():
                found.append(value)
            if self.next == r"\\":
                self.take()
        self.take(r"\end")
        assert self.name() == "cases", self
        return found[0]

    def holds(self) -> bool:
        left = self.sum()
        return COMPARES[self.take()](left, self.sum())


def value(line: str) -> float:
    """The value of a line of TeX arithmetic: value(r"0.5 \\cdot (-0.2)^{2}") is 0.02."""
    calculator = Calculator(line)
    result = calculator.sum()
    assert not calculator.next, f"left over: {calculator}"
    return result
