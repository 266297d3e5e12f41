"""Printed against computed: every verdict is the comparison, made here again from the reference's 30 digits with decimal."""

import math
from dataclasses import replace
from decimal import ROUND_DOWN, ROUND_HALF_UP, Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backprop import example, trace
from backprop.engine.steps import Cell
from backprop.lessons.examples import EXAMPLES
from backprop.lessons.printed import AGREES, VERDICTS, Claim
from backprop.runs.printed import Compared, compared, nearest
from tests import articles

ROWS = [(name, row) for name in EXAMPLES for _chapter, rows in compared(name) for row in rows]
IDS = [f"{name}: {row.claim.place} {row.claim.name or row.claim.count} {row.claim.printed}" for name, row in ROWS]
CASE = {
    "towardsai": "towardsai_mazur_T2_099",
    "towardsai-printed": "towardsai_as_printed_T2_022",
    "genomexyz": "genomexyz_3-2-2_sse",
    "dabbura-tanh": "dabbura_3-5-5-1_tanh",
    "dabbura-relu": "dabbura_3-5-5-1_relu",
}


def series(order: str, updates: int) -> dict:
    (found,) = [s for s in articles.SERIES["series"] if (s["update_order"], s["bias_update"]) == (order, "none")]
    return next(point for point in found["points"] if point["updates"] == updates)


def reference(name: str, cell: Cell, iteration: int) -> Decimal:
    """The number at a cell by the reference alone: expected values of 20 to 30 digits, or the case's given numbers."""
    case = articles.CASES[CASE[name]]
    config, expected = case["config"], case["expected"]
    quantity, l, s, u, f = cell
    if iteration:
        assert name == "towardsai"
        point = series("simultaneous", iteration)
        return Decimal(point["loss"] if quantity == "loss" else point["outputs"][u - 1])
    if quantity == "learning_rate":
        return Decimal(config["lr"])
    if quantity in ("x", "t"):
        return Decimal(config["X" if quantity == "x" else "T"][s - 1][u - 1])
    if quantity == "W":
        return Decimal(config["W"][l - 1][u - 1][f - 1])
    if quantity == "b":
        (tied,) = set(config["b"][l - 1])
        return Decimal(tied)
    if quantity == "loss":
        return Decimal(expected["loss"])
    if quantity == "loss_term":
        return (Decimal(expected["a"][s - 1][l - 1][u - 1]) - Decimal(config["T"][s - 1][u - 1])) ** 2 / 2
    if quantity == "da_dz":
        a = Decimal(expected["a"][s - 1][l - 1][u - 1])
        return a * (1 - a)
    if quantity in ("dL_dW", "W_new"):
        return Decimal(expected["W_after_1" if quantity == "W_new" else quantity][l - 1][u - 1][f - 1])
    return Decimal(expected[quantity][s - 1][l - 1][u - 1])


def expected(name: str, claim: Claim) -> Decimal:
    if claim.recorded is not None:
        return Decimal(claim.recorded)
    return math.prod((reference(name, cell, claim.iteration) for cell in claim.cells), start=Decimal(1))


def rounded(value: Decimal, like: str, mode: str = ROUND_HALF_UP) -> Decimal:
    return value.quantize(Decimal(like), mode)


@pytest.mark.parametrize(("name", "row"), ROWS, ids=IDS)
def test_the_verdict_is_the_comparison(name, row):
    claim, right = row.claim, expected(name, row.claim)
    agrees = rounded(right, claim.printed) == Decimal(claim.printed)
    assert (claim.verdict == AGREES) == agrees == row.agrees, (name, claim, right)
    assert abs(Decimal(row.value) - right) <= Decimal("1e-11") * abs(right)


@pytest.mark.parametrize(
    ("name", "row"), [each for each in ROWS if each[1].claim.instead], ids=lambda each: getattr(each, "claim", each)
)
def test_by_the_rule_that_a_verdict_names_the_printed_digits_come_out(name, row):
    claim = row.claim
    instead, printed = Decimal(claim.instead), Decimal(claim.printed)
    if claim.verdict == "cut":
        assert rounded(instead, claim.printed, ROUND_DOWN) == printed
    elif claim.verdict == "biases":  # float64 on another machine: one unit of the sixteenth digit
        assert abs(instead - printed) <= Decimal("1.2e-16")
    else:
        assert rounded(instead, claim.printed) == printed


def test_every_difference_but_misprints_and_chaos_has_such_a_rule():
    without = {row.claim.verdict for _, row in ROWS if row.claim.instead is None}
    assert without == {AGREES, "misprint", "chaos"} and {row.claim.verdict for _, row in ROWS} == set(VERDICTS)


# --- what the explanations say


def older_script(updates: int) -> list[tuple[float, list[float]]]:
    """Mazur's network with the hidden layer's gradients taken from the output layer's new weights: (loss, outputs) from 0 on."""
    x, t, b, rate = (0.05, 0.10), (0.01, 0.99), (0.35, 0.60), 0.5
    hidden, output = [[0.15, 0.20], [0.25, 0.30]], [[0.40, 0.45], [0.50, 0.55]]
    seen = []
    for _update in range(updates + 1):
        h = [1 / (1 + math.exp(-(w[0] * x[0] + w[1] * x[1] + b[0]))) for w in hidden]
        o = [1 / (1 + math.exp(-(w[0] * h[0] + w[1] * h[1] + b[1]))) for w in output]
        seen.append((sum((a - y) ** 2 for a, y in zip(o, t, strict=True)) / 2, o))
        deltas = [(a - y) * a * (1 - a) for a, y in zip(o, t, strict=True)]
        output = [[w[i] - rate * d * h[i] for i in (0, 1)] for w, d in zip(output, deltas, strict=True)]
        below = [sum(d * w[i] for d, w in zip(deltas, output, strict=True)) * h[i] * (1 - h[i]) for i in (0, 1)]
        hidden = [[w[i] - rate * d * x[i] for i in (0, 1)] for w, d in zip(hidden, below, strict=True)]
    return seen


def test_the_older_script_prints_what_mazurs_page_prints():
    seen = older_script(10_000)
    printed = [(row.claim, seen[row.claim.iteration]) for _, row in ROWS if row.claim.verdict == "sequential"]
    assert len(printed) == 4
    for claim, (loss, outputs) in printed:
        (cell,) = claim.cells
        value = loss if cell.quantity == "loss" else outputs[cell.unit - 1]
        assert rounded(Decimal(value), claim.printed) == Decimal(claim.printed)
        assert abs(value - float(claim.instead)) <= 1e-11


def test_the_loss_printed_after_ten_thousand_updates_is_that_of_one_before():
    (claim,) = [row.claim for _, row in ROWS if row.claim.verdict == "early"]
    loss = Decimal(trace(example("towardsai"), claim.iteration - 1).loss)
    assert rounded(loss, claim.printed) == Decimal(claim.printed) == rounded(Decimal(claim.instead), claim.printed)


def test_the_articles_own_weights_need_a_target_of_about_0975_to_0992():
    def fits(target: float) -> bool:
        lesson = example("towardsai").changed(targets=[[0.01, target]])
        return [f"{w:.3f}" for w in trace(lesson)["W_new", 2].value[1]] == ["0.511", "0.561"]

    assert {t: fits(t) for t in (0.974, 0.975, 0.99, 0.992, 0.993, 0.22)} == {
        0.974: False, 0.975: True, 0.99: True, 0.992: True, 0.993: False, 0.22: False,
    }  # fmt: skip


def test_no_target_makes_w5_the_printed_one():
    for target in (0.0, 0.22, 0.5, 0.99, 1.0):
        lesson = example("towardsai").changed(targets=[[0.01, target]])
        assert f"{trace(lesson)['W_new', 2].value[0, 0]:.4f}" == "0.3589"


def test_the_printed_w6_fits_w5_of_03589():
    """From w₆ = 0.4086… follows ∂L/∂z, and from that w₅."""
    a = [Decimal(each) for each in articles.CASES[CASE["towardsai"]]["expected"]["a"][0][0]]
    for w6 in (Decimal("0.4086"), Decimal("0.4087")):
        w5 = Decimal("0.40") - (Decimal("0.45") - w6) * a[0] / a[1]
        assert abs(w5 - Decimal("0.3589")) < Decimal("0.0001")


def test_the_rounded_factors():
    (claim,) = [row.claim for _, row in ROWS if row.claim.verdict == "rounded"]
    delta, weight = (reference("towardsai", cell, 0) for cell in claim.cells)
    assert str(rounded(delta, claim.printed) * weight).rstrip("0") == claim.instead == "-0.0190491185"


def test_the_recorded_quotients_come_out():
    x, eps = 3.0, 1e-2
    quotients = {
        "two_sided": ((x + eps) ** 2 - (x - eps) ** 2) / (2 * eps),
        "right_hand": ((x + eps) ** 2 - x**2) / eps,
    }
    recorded = {row.claim.what: float(row.claim.recorded) for _, row in ROWS if row.claim.what in quotients}
    assert recorded == quotients


# --- the comparison itself


def claim_of(printed: str) -> Claim:
    return Claim(printed, "given", AGREES)


@given(st.floats(-1e6, 1e6), st.integers(0, 12), st.integers(-3, 3))
def test_a_number_agrees_when_it_is_within_half_a_unit_of_the_last_digit(value, decimals, off):
    unit = Fraction(1, 10**decimals)
    printed = f"{Decimal(value) + off * Decimal(1).scaleb(-decimals) / 3:.{decimals}f}"
    distance = abs(Fraction(value) - Fraction(printed))
    if distance != unit / 2:
        assert Compared(claim_of(printed), value).agrees == (distance < unit / 2)


@pytest.mark.parametrize(
    ("printed", "value", "agrees"),
    [
        ("3.51e-5", 3.51018778e-05, True),
        ("3.50E-5", 3.51018778e-05, False),
        ("1.2e3", 1249.0, True),
        ("1.2e3", 1251.0, False),
        ("0.5", 0.45, True),  # float64's 0.45 lies just above
        ("-0.25", -0.25, True),
        ("0", 5e-324, True),
        ("0.60", math.nan, False),
        ("0.60", math.inf, False),
        ("0.60", -math.inf, False),
        ("0.60", 1e308, False),
    ],
)
def test_single_comparisons(printed, value, agrees):
    assert Compared(claim_of(printed), value).agrees == agrees


def test_a_half_is_rounded_away_from_zero():
    assert [str(nearest(value, "0.1")) for value in (0.25, -0.25, 0.75)] == ["0.3", "-0.3", "0.8"]


@given(st.sampled_from([each for each in ROWS if "." in each[1].claim.printed]), st.integers(1, 9))
def test_another_last_digit_would_agree_no_more(each, more):
    row = each[1]
    if row.agrees:
        digits = row.claim.printed
        other = replace(row.claim, printed=digits[:-1] + str((int(digits[-1]) + more) % 10))
        assert not Compared(other, row.value).agrees


def test_an_unknown_example_is_refused():
    with pytest.raises(ValueError, match="“mazur” is not an example"):
        compared("mazur")
