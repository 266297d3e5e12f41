"""The articles' networks, through `python -m backprop trace FILE`, against reference values computed independently to 30 digits."""

import csv
import json
import re
import subprocess
import sys
from decimal import ROUND_DOWN, ROUND_HALF_EVEN, Decimal
from pathlib import Path

import numpy as np
import pytest

from backprop import Lesson, example, run, trace
from backprop.__main__ import main
from tests import articles

ROOT = Path(__file__).parent.parent
RELATIVE = Decimal("1e-11")
EXAMPLE_OF = {
    "towardsai_mazur_T2_099": "towardsai",
    "towardsai_as_printed_T2_022": "towardsai-printed",
    "gurarie_3-4-1": "gurarie",
    "gurarie_3-4-2": "gurarie-two-outputs",
    "csdn_3-4-3-2_nobias": "csdn",
    "genomexyz_3-2-2_sse": "genomexyz",
    "dabbura_3-5-5-1_tanh": "dabbura-tanh",
    "dabbura_3-5-5-1_relu": "dabbura-relu",
}


def table(path: Path, data: dict, *options: str) -> dict[tuple, Decimal]:
    """A lesson's trace CSV as {(quantity, layer, sample, unit, from_unit): value}, made by the command line in this process."""
    (path / "lesson.json").write_text(json.dumps(data), encoding="utf-8")
    assert main(["trace", str(path / "lesson.json"), *options, "-o", str(path / "trace.csv")]) == 0
    with open(path / "trace.csv", newline="", encoding="utf-8") as file:
        return {
            (row["quantity"], row["layer"], row["sample"], row["unit"], row["from_unit"]): Decimal(float(row["value"]))
            for row in csv.DictReader(file)
        }


def assert_equal(came: Decimal, expected: str, summands: Decimal, told: str) -> None:
    """Relative 1e-11; for a sum that cancels 4e-16·Σ|summands|."""
    allowed = max(RELATIVE * abs(Decimal(expected)), Decimal("4e-16") * summands)
    assert abs(came - Decimal(expected)) <= allowed, (
        f"{told}: came {came!s:.25}, expected {expected}, allowed off by {allowed:.2e}"
    )


def summands(rows: dict, key: tuple, depth: int) -> Decimal:
    """Σ|summands| of a z, of ∂L/∂a and ∂L/∂x of what comes from the right, of a gradient over the samples, of w − η·g; else 0."""
    quantity, layer, sample, unit, sender = key
    if quantity == "z":
        below = ("x", "0") if layer == "1" else ("a", str(int(layer) - 1))
        weights = [(k, w) for k, w in rows.items() if k[0] == "W" and k[1] == layer and k[3] == unit]
        return sum(
            (abs(w * rows[(*below, sample, k[4], "")]) for k, w in weights),
            abs(rows.get(("b", layer, "", unit, ""), Decimal(0))),
        )
    if quantity == "dL_dx" or (quantity == "dL_da" and int(layer) < depth):
        above = str(int(layer) + 1)
        return sum(
            abs(w * rows["dL_dz", above, sample, k[3], ""])
            for k, w in rows.items()
            if k[0] == "W" and k[1] == above and k[4] == unit
        )
    if quantity in ("dL_dW", "dL_db"):
        below = ("x", "0") if layer == "1" else ("a", str(int(layer) - 1))
        deltas = {k[2]: d for k, d in rows.items() if k[0] == "dL_dz" and k[1] == layer and k[3] == unit}
        return sum(abs(d * (rows[(*below, s, sender, "")] if sender else 1)) for s, d in deltas.items())
    return Decimal(0)


@pytest.mark.parametrize("case", articles.CASES.values(), ids=articles.CASES)
def test_every_reference_value_comes_out_of_the_command_line(case, tmp_path):
    config, expected = case["config"], case["expected"]
    depth = len(config["layers"]) - 1
    fixed = table(tmp_path, articles.lesson_data(config, update_biases=False))
    updated = table(tmp_path, articles.lesson_data(config, update_biases=True))
    compared = 0
    for quantity, nested in expected.items():
        if quantity.startswith("loss_after"):
            continue
        for rows in (fixed, updated) if quantity != "b_after_1" else (updated,):
            for key, number in articles.places(quantity, nested, depth):
                assert_equal(rows[key], number, summands(rows, key, depth), f"{case['id']}: {key}")
                compared += 1
    told = {"z", "a", "dL_da", "dL_dz", "dL_dW", "dL_db", "dL_dx", "W_new", "b_new", "loss"} - (
        {"dL_db", "b_new"} if config["b"][0] is None else set()
    )
    assert {key[0] for key in updated} >= told and compared > 2 * sum(config["layers"])


@pytest.mark.parametrize("case", articles.CASES.values(), ids=articles.CASES)
def test_the_loss_after_one_update_is_the_loss_of_iteration_1(case, tmp_path):
    config, depth = case["config"], str(len(case["config"]["layers"]) - 1)
    for name, update in (("loss_after_1_biases_fixed", False), ("loss_after_1_biases_updated", True)):
        if name in case["expected"]:
            start = table(tmp_path, articles.lesson_data(config, update_biases=update))
            rows = table(tmp_path, articles.lesson_data(config, update_biases=update), "--iteration", "1")
            assert_equal(rows["loss", depth, "", "", ""], case["expected"][name], Decimal(0), f"{case['id']}: {name}")
            for key, number in articles.places("W_after_1", case["expected"]["W_after_1"], 0):
                assert_equal(rows[("W", *key[1:])], number, Decimal(0), f"{case['id']}: W of iteration 1 at {key}")
                assert rows[("W", *key[1:])] == start[key], (
                    f"{case['id']}: W of iteration 1 is not W_new of iteration 0 at {key}"
                )


@pytest.mark.parametrize(("case", "name"), EXAMPLE_OF.items(), ids=EXAMPLE_OF.values())
def test_the_example_is_the_articles_network(case, name):
    config, lesson = articles.CASES[case]["config"], example(name)
    wanted = Lesson(**articles.lesson_data(config, shared_bias=config.get("shared_bias_per_layer", False)))
    for key in (
        "layers",
        "activations",
        "loss",
        "weights",
        "biases",
        "inputs",
        "targets",
        "learning_rate",
        "shared_bias",
    ):
        assert getattr(lesson, key) == getattr(wanted, key), key
    if any(b is not None for b in lesson.biases):
        assert lesson.update_biases == config["update_biases"]


@pytest.mark.parametrize(("case", "name"), EXAMPLE_OF.items(), ids=EXAMPLE_OF.values())
def test_the_example_has_the_reference_loss_and_weights_after_the_update(case, name):
    expected, t = articles.CASES[case]["expected"], trace(example(name))
    assert_equal(Decimal(t.loss), expected["loss"], Decimal(0), name)
    for (_, layer, _, unit, sender), number in articles.places("W_after_1", expected["W_after_1"], 0):
        assert_equal(
            Decimal(float(t["W_new", int(layer)].value[int(unit) - 1, int(sender) - 1])),
            number,
            Decimal(0),
            f"{name}: W_new of layer {layer}",
        )


def test_a_tied_bias_gets_the_sum_of_its_units(tmp_path):
    case = articles.CASES["towardsai_mazur_T2_099"]
    rows = table(tmp_path, articles.lesson_data(case["config"], shared_bias=True, update_biases=True))
    for layer, units in enumerate(case["expected"]["dL_db"], 1):
        total = sum(map(Decimal, units))
        size = sum(abs(Decimal(each)) for each in units)
        assert_equal(rows["dL_db", str(layer), "", "", ""], str(total), size, f"dL_db of layer {layer}")


# --- what the articles print

PRINTED = [(case, row) for case in articles.CASES.values() for row in case["printed"]]


def shown(rows: dict, quantity: str) -> Decimal | None:
    """The number that a printed value is about, from the CSV; the quantity is written as W_after_1[1][0][0] (w5), counted from 0."""
    label = quantity.split(" (", maxsplit=1)[0]
    if term := re.match(r"0\.5\*\(a\[0\]\[1\]\[(\d)\]", label):
        return rows["loss_term", "2", "1", str(int(term[1]) + 1), ""]
    if label in ("o1(1-o1)", "h1(1-h1)"):
        return rows["da_dz", "2" if label[0] == "o" else "1", "1", "1", ""]
    if label.startswith("delta_o"):
        unit, weight = label[7], {"w5": ("1", "1"), "w7": ("2", "1")}[label[-2:]]
        return rows["dL_dz", "2", "1", unit, ""] * rows["W", "2", "", *weight]
    name, *places = re.findall(r"^\w+|\d+(?=\])", label)
    if name == "loss":
        return rows["loss", "2", "", "", ""]
    at = [str(int(place) + 1) for place in places]
    if name in ("z", "a", "dL_da", "dL_dz"):
        return rows[name, at[1], at[0], at[2], ""]
    if name in ("W_after_1", "dL_dW"):
        return rows["W_new" if name == "W_after_1" else name, at[0], "", at[1], at[2]]
    if name == "loss_after_1_biases_fixed":
        return rows["loss after 1"]
    return None


def printed_as(value: Decimal, digits: int, mode: str) -> set[Decimal]:
    unit = Decimal(1).scaleb(-digits)
    rounded, cut = value.quantize(unit, ROUND_HALF_EVEN), value.quantize(unit, ROUND_DOWN)
    return {"round": {rounded}, "truncate": {cut}, "truncate_or_round": {rounded, cut}, "none": {rounded, cut}}[mode]


@pytest.mark.parametrize(
    ("case", "row"),
    [each for each in PRINTED if each[1]["compare"] != "exact" and each[1]["quantity"] != "T"],
    ids=lambda each: each.get("quantity", each.get("id")),
)
def test_printed_values_come_out_or_are_the_known_misprints(case, row, tmp_path):
    data = articles.lesson_data(case["config"])
    rows = table(tmp_path, data)
    rows["loss after 1"] = table(tmp_path, data, "--iteration", "1")["loss", "2", "", "", ""]
    value = shown(rows, row["quantity"])
    assert value is not None, f"nothing in the trace answers to {row['quantity']!r}"
    digits = printed_as(value, row["digits"], row["compare"])
    agrees = Decimal(row["printed"]) in digits
    assert agrees == row["reproduces"], (
        f"{row['quantity']} printed {row['printed']}, came {value:.12f}, at its digits {digits}; expected to {'agree' if row['reproduces'] else 'differ'}"
    )
    if "computed" in row:
        assert abs(value - Decimal(row["computed"])) <= Decimal("1e-13")


@pytest.mark.parametrize(
    ("case", "row"),
    [each for each in PRINTED if each[1]["compare"] == "exact" or each[1]["quantity"] == "T"],
    ids=lambda each: each.get("quantity", each.get("id")),
)
def test_printed_given_numbers_are_the_lessons_or_the_known_misprint(case, row):
    data = articles.lesson_data(case["config"])
    given = {
        "X": data["inputs"][0],
        "b": [b and b[0] for b in data["biases"]],
        "T": data["targets"][0],
        "lr": [data["learning_rate"]],
    }[row["quantity"]]
    printed = [float(each) for each in re.findall(r"(?:^|=)(\d+\.\d+)", row["printed"])]
    assert (given == printed) == row["reproduces"], f"{row['quantity']}: given {given}, printed {printed}"


# --- Mazur's series


@pytest.mark.parametrize(
    "series",
    [each for each in articles.SERIES["series"] if each["update_order"] == "simultaneous"],
    ids=lambda each: each["bias_update"],
)
def test_mazurs_series_up_to_ten_thousand_updates(series):
    config = articles.CASES[articles.SERIES["config_ref"]]["config"]
    lesson = Lesson(
        **articles.lesson_data(
            config, update_biases=series["bias_update"] != "none", shared_bias=series["bias_update"] == "shared"
        )
    )
    history = run(lesson, 10_000)
    for point in series["points"]:
        k = point["updates"]
        assert_equal(Decimal(float(history.loss[k])), point["loss"], Decimal(0), f"loss after {k} updates")
        t = trace(lesson, k)
        assert t.loss == history.loss[k]
        for unit, expected in enumerate(point["outputs"]):
            assert_equal(
                Decimal(float(t["a", 2].value[0, unit])), expected, Decimal(0), f"output {unit + 1} after {k} updates"
            )


def test_the_articles_difference_quotients():
    printed = articles.REFERENCE["misc"][0]["printed"]
    x, eps = 3.0, 1e-2
    assert repr(((x + eps) ** 2 - (x - eps) ** 2) / (2 * eps)) == printed["two_sided"]
    assert repr(((x + eps) ** 2 - x**2) / eps) == printed["right_hand"]


# --- as a program of its own


@pytest.mark.parametrize("case", ["towardsai_mazur_T2_099", "dabbura_3-5-5-1_relu"])
def test_the_program_writes_the_same_bytes(case, tmp_path):
    data = articles.lesson_data(articles.CASES[case]["config"])
    table(tmp_path, data)
    came = subprocess.run(
        [sys.executable, "-m", "backprop", "trace", str(tmp_path / "lesson.json")],
        cwd=ROOT,
        capture_output=True,
        check=True,
    )
    assert came.stdout == (tmp_path / "trace.csv").read_bytes() and came.stderr == b""


def test_the_reference_covers_every_case():
    assert np.array_equal(sorted(articles.CASES), sorted([*EXAMPLE_OF, "genomexyz_3-2-2_half"]))
