"""Every row of LOSSES: the slopes are derivatives, and the numbers are the formulas, also where an output saturates."""

import numpy as np
import pytest
import sympy as sp
from hypothesis import given
from hypothesis import strategies as st
from mpmath import mp, mpf

from backprop.engine import activations
from backprop.engine.activations import ACTIVATIONS
from backprop.engine.formula import FormulaError
from backprop.engine.losses import LOSSES, SATURATED, TypedLoss, loss, n, t, typed
from tests import oracle, strategies

A, Z = activations.a, activations.z
FREE = [row for row in LOSSES.values() if row.needs is None]
PAIRED = [row for row in LOSSES.values() if row.needs is not None]
BINARY, CLASSES = LOSSES["binary_cross_entropy"], LOSSES["cross_entropy"]
PRECISE = 760  # digits: enough for 1 − σ(800)

far = st.one_of(
    st.floats(-800, 800),
    st.floats(-40, 40),
    st.sampled_from((-800.0, -40.0, -15.0, -1e-9, 0.0, 15.0, 36.8, 40.0, 709.5, 800.0)),
)
target = st.one_of(st.sampled_from((0.0, 1.0, 0.5)), st.floats(0, 1))


def names(row):
    return row.name


def assert_near(came: float, expected: mpf, allowed: mpf, told: str) -> None:
    came = float(came)
    if abs(expected) > oracle.LARGEST:
        assert came == float("inf") * int(mp.sign(expected)), (
            f"{told}: came {came!r}, expected {mp.nstr(expected, 20)}, which is out of float64"
        )
        return
    assert abs(mpf(came) - expected) <= allowed + oracle.SMALLEST, (
        f"{told}: came {came!r}, expected {mp.nstr(expected, 20)}, allowed off by {mp.nstr(allowed, 3)}"
    )


# --- slope = derivative


@pytest.mark.parametrize("row", LOSSES.values(), ids=names)
def test_the_slope_is_sympys_derivative(row):
    difference = sp.simplify(sp.diff(row.term, A) - row.slope)
    assert difference == 0, f"{row.name}: ∂({row.term})/∂a − ({row.slope}) = {difference}, expected 0"


def test_the_fused_slope_of_binary_cross_entropy_is_the_chain_rule():
    chain = BINARY.slope * ACTIVATIONS["sigmoid"].slope
    assert sp.simplify(chain - BINARY.fused) == 0


@pytest.mark.parametrize("classes", [2, 3, 4])
def test_the_fused_slope_of_cross_entropy_is_the_chain_rule_when_targets_sum_to_one(classes):
    outputs, targets = sp.symbols(f"a1:{classes + 1}", real=True), list(sp.symbols(f"t1:{classes}", real=True))
    targets.append(1 - sum(targets))
    for j in range(classes):
        chain = sum(
            CLASSES.slope.subs({A: outputs[i], t: targets[i]}) * outputs[i] * (int(i == j) - outputs[j])
            for i in range(classes)
        )
        assert sp.simplify(chain - CLASSES.fused.subs({A: outputs[j], t: targets[j]})) == 0, (
            f"output {j + 1} of {classes}"
        )


@pytest.mark.parametrize(("textbook", "in_z"), [("term", "term_z"), ("slope", "slope_z")])
@given(z=st.floats(-40, 40), wanted=target)
def test_the_rules_in_z_are_the_rules_in_a(textbook, in_z, z, wanted):
    with mp.workdps(PRECISE):
        a = 1 / (1 + mp.exp(-mpf(z)))
        expected = oracle.evaluate(getattr(BINARY, textbook), {A: a, t: wanted}).value
        came = oracle.evaluate(getattr(BINARY, in_z), {Z: z, t: wanted}).value
        assert abs(came - expected) <= mpf("1e-600"), (
            f"{in_z} at z = {z}, t = {wanted}: {mp.nstr(came, 20)}, expected {mp.nstr(expected, 20)}"
        )


# --- numbers = meaning


@pytest.mark.parametrize("row", FREE, ids=names)
@given(a=st.floats(-1e3, 1e3), wanted=st.floats(-1e3, 1e3), outputs=st.integers(1, 4))
def test_the_numbers_are_the_formula(row, a, wanted, outputs):
    arrays = (np.full((1, outputs), np.nan), np.full((1, outputs), a), np.full((1, outputs), wanted))
    exact = {A: a, t: wanted, n: outputs}
    for told, came, expr in (("term", row.term_at, row.term), ("slope", row.slope_at, row.slope)):
        expected = oracle.evaluate(expr, exact).value
        assert_near(
            came(*arrays)[0, -1],
            expected,
            1e-15 * abs(expected),
            f"{told} of {row.name} at a = {a!r}, t = {wanted!r}, {outputs} outputs",
        )


@given(z=far, wanted=target)
def test_binary_cross_entropy_is_exact_at_every_z(z, wanted):
    row, told = BINARY, f"binary cross-entropy at z = {z!r}, t = {wanted!r}"
    arrays = (np.array([[z]]), ACTIVATIONS["sigmoid"].value(np.array([[z]])), np.array([[wanted]]))
    with np.errstate(all="ignore"):
        term, slope, fused = (came(*arrays)[0, 0] for came in (row.term_at, row.slope_at, row.fused_at))
    with mp.workdps(PRECISE):
        on, off = 1 / (1 + mp.exp(-mpf(z))), 1 / (1 + mp.exp(mpf(z)))
        wanted = mpf(wanted)
        assert_near(
            term,
            -wanted * mp.log(on) - (1 - wanted) * mp.log(off),
            1e-13 * (-wanted * mp.log(on) - (1 - wanted) * mp.log(off)),
            f"term of {told}",
        )
        assert_near(
            slope, (1 - wanted) / off - wanted / on, 1e-13 * ((1 - wanted) / off + wanted / on), f"slope of {told}"
        )
        assert_near(
            fused, (1 - wanted) * on - wanted * off, 1e-13 * ((1 - wanted) * on + wanted * off), f"∂L/∂z of {told}"
        )


@st.composite
def classes(draw):
    """(z, t) of 1 to 5 classes; the targets sum to 1."""
    z = draw(st.lists(far, min_size=1, max_size=5))
    counts = draw(st.lists(st.integers(0, 8), min_size=len(z), max_size=len(z)))
    total = sum(counts)
    return z, [k / total for k in counts] if total else [1.0] + [0.0] * (len(z) - 1)


@given(classes())
def test_cross_entropy_is_exact_at_every_z(drawn):
    z, wanted = drawn
    arrays = (np.array([z]), ACTIVATIONS["softmax"].value(np.array([z])), np.array([wanted]))
    with np.errstate(all="ignore"):
        term, slope, fused = (came(*arrays)[0] for came in (CLASSES.term_at, CLASSES.slope_at, CLASSES.fused_at))
    with mp.workdps(PRECISE):
        e = [mp.exp(mpf(each)) for each in z]
        a = [each / mp.fsum(e) for each in e]
        targets = [mpf(each) for each in wanted]
        for k in range(len(z)):
            told = f"cross-entropy of class {k + 1} at z = {z}, t = {wanted}"
            surprise = -mp.log(a[k]) if len(z) > 1 else mpf(0)
            assert_near(term[k], targets[k] * surprise, 1e-12 * targets[k] * surprise, f"term of {told}")
            assert_near(slope[k], -targets[k] / a[k], 1e-12 * targets[k] / a[k], f"slope of {told}")
            pairs = [(a[k] * targets[j], targets[k] * a[j]) for j in range(len(z)) if j != k]
            expected = mp.fsum(up - down for up, down in pairs)
            assert_near(fused[k], expected, 1e-12 * mp.fsum(up + down for up, down in pairs), f"∂L/∂z of {told}")


def test_a_saturated_output_keeps_the_digits_of_its_slope():
    z, ones = np.array([[40.0], [-40.0]]), np.array([[1.0], [0.0]])
    came = BINARY.fused_at(z, ACTIVATIONS["sigmoid"].value(z), ones)[:, 0]
    assert came == pytest.approx([-4.248354255291589e-18, 4.248354255291589e-18], rel=1e-15)


@pytest.mark.parametrize("row", LOSSES.values(), ids=names)
def test_arguments_are_left_alone_and_shapes_kept(row):
    z, wanted = np.array([[0.3, -1.2, 2.0], [0.1, 0.2, 0.3]]), np.array([[0.0, 1.0, 0.0], [0.5, 0.25, 0.25]])
    a = ACTIVATIONS[row.needs or "linear"].value(z)
    kept = [each.copy() for each in (z, a, wanted)]
    for function in (row.term_at, row.slope_at, row.fused_at):
        if function is not None:
            assert function(z, a, wanted).shape == (2, 3)
    assert all((one == other).all() for one, other in zip((z, a, wanted), kept, strict=True))


@pytest.mark.parametrize("row", PAIRED, ids=names)
def test_what_needs_an_activation_has_a_fused_slope(row):
    assert (
        row.needs in ACTIVATIONS
        and row.fused is not None
        and row.fused_at is not None
        and (row.term_z is None) == (row.slope_z is None)
    )


def test_an_unknown_loss_is_refused_with_the_allowed_ones():
    assert all(loss(name) is row for name, row in LOSSES.items())
    with pytest.raises(
        ValueError,
        match=r"“hinge” is not a loss; allowed are half_squared_error, squared_error, mean_squared_error, binary_cross_entropy, cross_entropy\.",
    ):
        loss("hinge")


def test_the_rules_in_z_take_over_well_before_the_rules_in_a_lose_their_meaning():
    assert 1 - 1 / (1 + np.exp(-SATURATED)) > 0


# --- typed ones


@pytest.mark.parametrize("name", LOSSES)
def test_the_specification_leads_back_to_the_row(name):
    assert loss(LOSSES[name].spec) is LOSSES[name]


@pytest.mark.parametrize("text", strategies.TYPED_LOSSES)
def test_a_typed_loss_is_differentiated(text):
    row = loss({"formula": text})
    assert isinstance(row, TypedLoss) and row is typed(text) and row.spec == {"formula": text} and row.needs is None
    a, wanted = np.array([[-1.3, -0.2], [0.7, 2.1]]), np.array([[0.25, 0.9], [-0.4, 1.0]])
    z = np.full(a.shape, np.nan)  # it is computed from a alone
    central = (row.term_at(z, a + 1e-6, wanted) - row.term_at(z, a - 1e-6, wanted)) / 2e-6
    np.testing.assert_allclose(row.slope_at(z, a, wanted), central, rtol=1e-7, atol=1e-8, err_msg=text)
    for place, came in np.ndenumerate(row.term_at(z, a, wanted)):
        assert oracle.agree(came, oracle.evaluate(row.term, {A: a[place], t: wanted[place]}), 1e-14), (text, place)


def test_a_typed_loss_may_leave_a_or_t_out():
    a, wanted = np.array([[0.5, 2.0]]), np.array([[3.0, -1.0]])
    for text, terms, slopes in (("t^2", [9, 1], [0, 0]), ("a", [0.5, 2], [1, 1]), ("2", [2, 2], [0, 0])):
        row = typed(text)
        assert row.term_at(a, a, wanted).tolist() == [terms] and row.slope_at(a, a, wanted).tolist() == [slopes], text


@pytest.mark.parametrize("letter", ["z", "n", "y"])
def test_a_typed_loss_knows_a_and_t_alone(letter):
    with pytest.raises(FormulaError, match=f"“{letter}” is not known here; allowed are a, t, pi"):
        loss({"formula": f"(a-{letter})^2"})
