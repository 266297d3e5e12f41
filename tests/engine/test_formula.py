"""Typed formulas: what is read, what is refused, and that nothing a visitor types can do harm."""

import random
import string
import time
import warnings
from contextlib import suppress

import numpy as np
import pytest
import sympy as sp
from hypothesis import given, settings
from hypothesis import strategies as st

from backprop.engine import formula
from backprop.engine.formula import CONSTANTS, FUNCTIONS, FormulaError, numeric, parse, parse_number
from tests.engine.slopes import disagreement

z = sp.Symbol("z", real=True)

READ = {
    "z": z,
    " z ": z,
    "-z": -z,
    "+z": z,
    "z^2": z**2,
    "z**2": z**2,
    "2*z + 3": 2 * z + 3,
    "z*tanh(z)": z * sp.tanh(z),
    "z/(1+exp(-z))": z / (1 + sp.exp(-z)),
    "e^z": sp.exp(z),
    "2^z": 2**z,
    "log(z)": sp.log(z),
    "ln(1+exp(z))": sp.log(1 + sp.exp(z)),
    "max(z, 0)": sp.Piecewise((z, z > 0), (0, True)),
    "min(z, 1)": sp.Piecewise((z, z < 1), (1, True)),
    "min(max(z, -1), 1)": sp.Piecewise((sp.Piecewise((z, z < 1), (1, True)), z > -1), (-1, True)),
    "max(z, 2, 3)": sp.Piecewise((sp.Piecewise((z, z > 3), (3, True)), z > 2), (3, True)),
    "abs(z)": sp.Abs(z),
    "sigmoid(z)": 1 / (1 + sp.exp(-z)),
    "pi*z": sp.pi * z,
    "1/3": sp.Rational(1, 3),
    "0.5*z": sp.Float(0.5) * z,
    "z - z": sp.Integer(0),
}


@pytest.mark.parametrize("text", READ)
def test_reads(text):
    came = parse(text, ("z",))
    assert came == READ[text], f"{text!r} came as {came}, expected {READ[text]}"


@pytest.mark.parametrize("name", FUNCTIONS)
def test_every_function_can_be_called_with_a_variable_and_with_numbers(name):
    fewest, _most = FUNCTIONS[name].arguments
    symbolic = parse(f"{name}({', '.join(['z', '0.4', '0.1'][:fewest])})", ("z",))
    at = numeric(symbolic, ("z",))(np.array([0.3]))[0]
    plain = parse_number(f"{name}({', '.join(['0.3', '0.4', '0.1'][:fewest])})")
    assert abs(at - plain) < 1e-15, f"{name}: as a formula {at}, as a number {plain}"


@pytest.mark.parametrize("name", CONSTANTS)
def test_every_constant_is_known(name):
    assert parse_number(name) == float(CONSTANTS[name])


ONLY = (
    f"A formula holds numbers, variables, + - * / ^, brackets and the functions {', '.join(FUNCTIONS)}; nothing else."
)
NAMES = ", ".join(["z", *CONSTANTS, *FUNCTIONS])
REFUSED = {
    "": "The formula is empty.",
    "   ": "The formula is empty.",
    "z+": "“z+” cannot be read as a formula.",
    "(z": "“(z” cannot be read as a formula.",
    "2 z": "“2 z” cannot be read as a formula.",
    "z=1": "“z=1” cannot be read as a formula.",
    "import os": "“import os” cannot be read as a formula.",
    "z;z": "“z;z” cannot be read as a formula.",
    "y": f"“y” is not known here; allowed are {NAMES}.",
    "__import__": f"“__import__” is not known here; allowed are {NAMES}.",
    "__import__('os')": f"“__import__” is not a function that is known here; allowed are {', '.join(FUNCTIONS)}.",
    "eval(z)": f"“eval” is not a function that is known here; allowed are {', '.join(FUNCTIONS)}.",
    "z(2)": f"“z” is not a function that is known here; allowed are {', '.join(FUNCTIONS)}.",
    "z.real": ONLY,
    "z.__class__": ONLY,
    "exp.__globals__": ONLY,
    "z[0]": ONLY,
    "lambda z: z": ONLY,
    "(lambda: z)()": ONLY,
    "[z]": ONLY,
    "(z, z)": ONLY,
    "{z}": ONLY,
    "'z'": ONLY,
    "f'{z}'": ONLY,
    "z if z else z": ONLY,
    "z > 0": ONLY,
    "z and z": ONLY,
    "not z": ONLY,
    "~z": ONLY,
    "(y := z)": ONLY,
    "[z for z in z]": ONLY,
    "True": ONLY,
    "None": ONLY,
    "...": ONLY,
    "1j": ONLY,
    "await z": ONLY,
    "(yield)": ONLY,
    "exp(*z)": ONLY,
    "z // 2": "Allowed signs are + - * / and ^.",
    "z % 2": "Allowed signs are + - * / and ^.",
    "z << 2": "Allowed signs are + - * / and ^.",
    "z @ z": "Allowed signs are + - * / and ^.",
    "z | z": "Allowed signs are + - * / and ^.",
    "exp(x=z)": f"“exp” is not a function that is known here; allowed are {', '.join(FUNCTIONS)}.",
    "exp()": "“exp” came with 0 arguments; allowed are 1 to 1.",
    "exp(z, z)": "“exp” came with 2 arguments; allowed are 1 to 1.",
    "max(z)": "“max” came with 1 arguments; allowed are 2 to 4.",
    "1/0": "The formula divides by zero.",
    "z/(z-z)": "The formula divides by zero.",
    "0^-1": "The formula divides by zero.",
    "ln(0)": "“ln” has no finite value there.",
    "sqrt(-1)": "“sqrt” has no finite value there.",
    "exp(800)": "“exp” has no finite value there.",
    "(-8)^(1/3)": "The formula takes a root of a negative number.",
    "sqrt(-exp(z))": "The formula takes a root of a negative number.",
    "(-2)^z": "An exponent with a variable needs a number between 0 and 16 beneath it.",
    "z^z": "An exponent with a variable needs a number between 0 and 16 beneath it.",
    "17^z": "An exponent with a variable needs a number between 0 and 16 beneath it.",
    "z^17": "The exponent 17 is out of bounds; at most 16 is allowed.",
    "9**9**9": "The exponent 387420489 is out of bounds; at most 16 is allowed.",
    "((z^16)^16)^16": "The exponent 256 is out of bounds; at most 64 is allowed.",
    "1e400": "A number in the formula is out of bounds; at most 1e100 is allowed.",
    "1" + "0" * 101: "A number in the formula is out of bounds; at most 1e100 is allowed.",
    "1e90*1e90": "A number in the formula is out of bounds; at most 1e100 is allowed.",
    "(1e90)^2": "A number in the formula is out of bounds; at most 1e100 is allowed.",
    "z²": "The formula may hold only plain ASCII letters, digits and signs.",
    "ζ": "The formula may hold only plain ASCII letters, digits and signs.",
    "ｚ": "The formula may hold only plain ASCII letters, digits and signs.",
    "z\n": "The formula may hold only plain ASCII letters, digits and signs.",
    "z\0": "The formula may hold only plain ASCII letters, digits and signs.",
    "z+" * 100 + "z": "The formula has 201 characters; at most 200 are allowed.",
    "z+" * 99 + "z": "The formula is nested deeper than 24 levels.",
    "-" * 30 + "z": "The formula is nested deeper than 24 levels.",
    "(" * 30 + "z" + ")" * 30: None,  # brackets alone nest nothing
    "max(z, max(z^2, max(z^3, max(z^4, max(z^5, max(z^6, z^7))))))": "“max” and “min” stand too often inside one another; at most 32 cases are allowed.",
    "max(1 + max(sin(z), 0), 1 + max(cos(z), 0))": "“max” and “min” stand too often inside one another; at most 32 cases are allowed.",
    "max(z, " * 24
    + "z"
    + ")" * 24: "“max” and “min” stand too often inside one another; at most 32 cases are allowed.",
    "exp(" * 26 + "z" + ")" * 26: "The formula is nested deeper than 24 levels.",
}


@pytest.mark.parametrize("text", REFUSED)
def test_refuses(text):
    expected = REFUSED[text]
    try:
        came = f"read as {parse(text, ('z',))}"
    except FormulaError as error:
        came = str(error)
    assert came == (expected or "read as z"), f"{text!r}\ncame:     {came}\nexpected: {expected}"


@pytest.mark.parametrize(("thing", "name"), [(None, "NoneType"), (3, "int"), ([], "list"), (b"z", "bytes")])
def test_a_formula_is_a_text(thing, name):
    with pytest.raises(FormulaError, match=f"A formula is a text, not {name}"):
        parse(thing, ("z",))


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("0.7414*0.1868*0.5933", 0.7414 * 0.1868 * 0.5933),
        ("-3", -3.0),
        ("2^10", 1024.0),
        ("1/3", 1 / 3),
        ("1e-5", 1e-5),
        (".5", 0.5),
    ],
)
def test_parse_number(text, value):
    assert parse_number(text) == pytest.approx(value, rel=1e-15)


def test_a_number_has_no_variables():
    with pytest.raises(FormulaError, match="“z” is not known here"):
        parse_number("z")


# --- hostile strings

SNIPPETS = [
    "__import__('os').system('true')", "().__class__.__bases__[0]", "z.__class__", "9**9**9", "9^9^9^9", "lambda: 0", "exec('z')", "exp(exp(exp(exp(9))))",
    "(z^16)^16", "16^16^z", "1e308*10", "1e-400", "0x" + "f" * 60, "0b1", "1_000", "1__0", "1e", "1e999999999",
    "z!", "z'", '"', "\\", "#", "`z`", "$z", "@z", "z?", "é", "²", "\u202e",
    "\ud800", "\x00", "\t", "\n", "f'{z}'", "f'{", "*z", "**z", "z**", "^^", "//", ">>", "<<", "<>", "==", "=", ":=", "->",
    "if", "else", "for", "in", "not", "or", "async", "yield", "print(z)", "sp.Symbol",
    "Integer(1)", "oo", "zoo", "nan", "inf", "I", "E", "Max(z, 0)", "factorial(99)", "gamma(z)", "max(z, z, z, z)", "min(z,max(z,min(z,0)))", "abs(abs(z))", "sqrt(sqrt(z))", "ln(ln(ln(z)))",
    "tan(pi/2)",
    "0^0", "0^z", "(z-z)^z", "(z-z)^-1",
]  # fmt: skip


def _hostile(seed: int) -> str:
    """Noise, pieces of Python, or arithmetic that is nearly right; mostly the last, which reaches deepest."""
    random_ = random.Random(seed)
    kind = seed % 4
    if kind == 0:
        return "".join(random_.choice(string.printable + "ζ²\u202e\U0001f600") for _ in range(random_.randrange(0, 60)))
    if kind == 1:
        return "".join(
            random_.choice([*SNIPPETS, "z", "+", "*", "(", ")", ",", " "]) for _ in range(random_.randrange(1, 8))
        )
    pieces = [
        "z",
        "0",
        "1",
        "2",
        "16",
        "0.5",
        "1e99",
        "1e-99",
        "pi",
        "e",
        "(",
        ")",
        "(",
        ")",
        "+",
        "-",
        "*",
        "/",
        "^",
        ",",
        *(f"{name}(" for name in FUNCTIONS),
    ]

    def grown(depth: int) -> str:
        if depth == 0 or random_.random() < 0.2:
            return random_.choice(
                ["z", "z", "0", "1", "2", "3", "-1", "16", "0.5", "1e99", "1e-99", "pi", "e", "17", "0.0"]
            )
        if random_.random() < 0.4:
            name = random_.choice(list(FUNCTIONS))
            return f"{name}({', '.join(grown(depth - 1) for _ in range(random_.randint(*FUNCTIONS[name].arguments)))})"
        return f"({grown(depth - 1)}{random_.choice('+-*/^^')}{grown(depth - 1)})"

    text = grown(random_.randrange(1, 5))
    if kind == 3 and text:  # one wound
        place = random_.randrange(len(text))
        text = text[:place] + random_.choice(pieces) + text[place + random_.randrange(2) :]
    return text


@pytest.mark.parametrize("letters", [("z",), ("a", "t")], ids="".join)
@pytest.mark.parametrize("block", range(10))
def test_ten_thousand_hostile_strings_raise_nothing_but_formula_error(block, letters):
    read = 0
    for seed in range(1000 * block, 1000 * (block + 1)):
        text = _hostile(seed)
        if letters == ("a", "t"):
            text = text.translate({ord("z"): "at"[seed // 4 % 2]}) + (")-t" if seed % 5 == 0 else "")
        start = time.process_time()
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("error")
                expr = parse(text, letters)
        except FormulaError as error:
            assert str(error).strip() and "\n" not in str(error), f"no sentence for {text!r}"
            assert time.process_time() - start < 1, f"{text!r} took long to refuse"
            continue
        except Exception as error:
            raise AssertionError(
                f"{text!r} (seed {seed}) raised {error!r}; expected FormulaError or an expression"
            ) from error
        read += 1
        assert time.process_time() - start < 1, f"{text!r} took long to read"
        assert expr.free_symbols <= {sp.Symbol(letter, real=True) for letter in letters}, (
            f"{text!r} came with {expr.free_symbols}"
        )
    assert read > 50, "the generator makes too little that can be read"


@given(st.text(max_size=220))
def test_any_text_is_read_or_refused(text):
    with suppress(FormulaError):
        parse(text, ("z",))


# --- what is read has the right slope

_leaf = st.sampled_from(["z", "z", "0.5", "2", "3", "pi", "e", "0.1"])
_smooth = ["exp", "sin", "cos", "atan", "tanh", "erf", "sigmoid", "sinh", "cosh", "sqrt", "ln", "abs"]


def _grow(inner):
    return st.one_of(
        st.tuples(inner, st.sampled_from("+-*/"), inner).map(lambda p: f"({p[0]}{p[1]}{p[2]})"),
        st.tuples(st.sampled_from(_smooth), inner).map(lambda p: f"{p[0]}({p[1]})"),
        st.tuples(st.sampled_from(["max", "min"]), inner, inner).map(lambda p: f"{p[0]}({p[1]}, {p[2]})"),
        st.tuples(inner, st.integers(2, 3)).map(lambda p: f"({p[0]})^{p[1]}"),
    )


@settings(max_examples=150)
@given(st.recursive(_leaf, _grow, max_leaves=5), st.floats(-2, 2))
def test_the_slope_of_what_is_read_agrees_with_central_differences(text, at):
    try:
        expr = parse(text, ("z",))
    except FormulaError:
        return
    value, slope = numeric(expr, ("z",)), numeric(sp.diff(expr, z), ("z",))
    h = 1e-4
    below, here, above = value(np.array([at - h, at, at + h]))
    slopes = slope(np.array([at - h, at, at + h]))
    if not np.isfinite([below, here, above, *slopes]).all():
        return
    central, sides = (
        (above - below) / (2 * h),
        abs(above - 2 * here + below) / h,
    )  # the sides disagree at a kink or a pole
    allowed = 1e-6 * (1 + max(map(abs, (below, here, above, slopes[1])))) + 2 * sides
    assert abs(central - slopes[1]) <= allowed, (
        f"{text!r} at z = {at}: slope {slopes[1]}, central difference {central}, allowed {allowed}"
    )


POINTS = ((-1.7, 0.3), (-0.3, -1.1), (0.45, 0.8), (2.6, 1.0))


def assert_slope(text, letters, points=POINTS):
    """The derivative of what is read is right at points, in the first letter; what cannot be read is no matter here."""
    try:
        expr = parse(text, letters)
    except FormulaError:
        return
    symbols = [sp.Symbol(letter, real=True) for letter in letters]
    columns = [np.array([point[k] for point in points]) for k in range(len(letters))]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        values, slopes = (numeric(each, letters)(*columns) for each in (expr, sp.diff(expr, symbols[0])))
    for point, value, slope in zip(points, values, slopes, strict=True):
        numbers = dict(zip(symbols, point, strict=False))
        wrong = disagreement(expr, float(value), float(slope), symbols[0], numbers)
        assert not wrong, f"slope of {text!r} at {point}: {wrong}"


@pytest.mark.parametrize("letters", [("z",), ("a", "t")], ids="".join)
def test_what_is_read_of_the_hostile_strings_has_the_right_slope(letters):
    for seed in range(0, 10_000, 17):
        text = _hostile(seed)
        assert_slope(text if letters == ("z",) else text.translate({ord("z"): "aat"[seed % 3]}), letters)


@settings(max_examples=60)
@given(
    st.recursive(st.sampled_from(["a", "a", "t", "0.5", "2", "3", "pi"]), _grow, max_leaves=5),
    st.floats(-2, 2),
    st.floats(-2, 2),
)
def test_the_slope_of_a_typed_loss_is_its_derivative_by_a(text, a, t):
    assert_slope(text, ("a", "t"), ((a, t),))


def test_numeric_gives_nan_and_inf_without_a_warning():
    values = numeric(parse("ln(z) + 1/z", ("z",)), ("z",))(np.array([-1.0, 0.0, 1.0]))
    assert np.isnan(values[0]) and np.isnan(values[1]) and values[2] == 1.0, values
    assert numeric(parse("exp(z^3)", ("z",)), ("z",))(np.array([100.0]))[0] == np.inf


def test_numeric_of_a_constant_keeps_the_shape():
    assert numeric(parse("2"), ("z",))(np.zeros((2, 3))).tolist() == [[2.0] * 3] * 2


def test_limits_are_the_stated_ones():
    assert (formula.MAX_LENGTH, formula.MAX_DEPTH, formula.MAX_EXPONENT, formula.MAX_NUMBER, formula.MAX_CASES) == (
        200,
        24,
        16,
        1e100,
        32,
    )


NESTED = [
    "max(sin(z),cos(z),exp(z),tan(z))",
    "max(abs(z),max(abs(z-1),max(abs(z-2),max(abs(z-3),abs(z-4)))))",
    "max(sqrt(z),max(ln(z),max(1/z,max(tan(z),z^1.5))))",
    "max(max(z,exp(z)),max(sin(z),cos(z)))",
    "max(0, 1 - max(0, 1 - z))",
    "sin(max(z,sin(z)))*cos(max(z,sin(z*z)))*exp(max(2,z))",
    "abs(max(sin(z),cos(z),exp(z),tan(z))*max(sin(2*z),cos(2*z),exp(2*z),tan(2*z)))",
]


@pytest.mark.parametrize("text", NESTED)
def test_max_and_min_inside_one_another_have_the_right_value_and_slope(text):
    expr = parse(text, ("z",))
    points = np.array([-1.7, -0.3, 0.2, 0.9, 2.6])
    plain = [
        eval(text.replace("^", "**"), {name: row.number for name, row in FUNCTIONS.items()} | {"z": at})
        if not ("sqrt" in text and at < 0)
        else np.nan
        for at in points
    ]
    came = numeric(expr, ("z",))(points)
    np.testing.assert_allclose(came, plain, rtol=1e-13, err_msg=text)
    differences = (numeric(expr, ("z",))(points + 1e-6) - numeric(expr, ("z",))(points - 1e-6)) / 2e-6
    np.testing.assert_allclose(
        numeric(sp.diff(expr, z), ("z",))(points), differences, rtol=1e-6, atol=1e-6, err_msg=text
    )
