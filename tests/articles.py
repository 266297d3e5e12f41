"""The reference values of the articles' networks: tests/reference/articles.json, and its cases as lesson files."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

REFERENCE = json.loads((Path(__file__).parent / "reference" / "articles.json").read_text(encoding="utf-8"))
CASES = {case["id"]: case for case in REFERENCE["cases"]}
SERIES = REFERENCE["series"][0]
LOSS_NAMES = {
    "half_sse": "half_squared_error",
    "sse": "squared_error",
    "mse": "mean_squared_error",
    "bce": "binary_cross_entropy",
    "cross_entropy": "cross_entropy",
}


def lesson_data(config: dict, **changes) -> dict:
    """A case's config (numbers as decimal strings) ⇒ what a lesson file holds; biases are not tied unless `changes` says so."""

    def numbers(nested):
        return (
            [numbers(each) for each in nested]
            if isinstance(nested, list)
            else None
            if nested is None
            else float(nested)
        )

    return {
        "layers": config["layers"],
        "activations": config["activations"],
        "loss": LOSS_NAMES[config["loss"]],
        "weights": numbers(config["W"]),
        "biases": numbers(config["b"]),
        "inputs": numbers(config["X"]),
        "targets": numbers(config["T"]),
        "learning_rate": float(config["lr"]),
        "update_biases": config["update_biases"],
        **changes,
    }


def places(quantity: str, nested: list, depth: int) -> Iterator[tuple[tuple, str]]:
    """A reference array ⇒ (key of the CSV row, expected decimal string); the key is (quantity, layer, sample, unit, from_unit) as text."""
    if quantity in ("z", "a", "dL_da", "dL_dz"):  # [sample][layer][unit]
        for s, layers in enumerate(nested, 1):
            for l, units in enumerate(layers, 1):
                for u, expected in enumerate(units, 1):
                    yield (quantity, str(l), str(s), str(u), ""), expected
    elif quantity in ("dL_dW", "W_after_1"):  # [layer][unit][from_unit]
        for l, matrix in enumerate(nested, 1):
            for u, row in enumerate(matrix, 1):
                for f, expected in enumerate(row, 1):
                    yield ("W_new" if quantity == "W_after_1" else quantity, str(l), "", str(u), str(f)), expected
    elif quantity in ("dL_db", "b_after_1"):  # [layer][unit]
        for l, row in enumerate(nested, 1):
            for u, expected in enumerate(row or (), 1):
                yield ("b_new" if quantity == "b_after_1" else quantity, str(l), "", str(u), ""), expected
    elif quantity == "dL_dx":  # [sample][unit]
        for s, row in enumerate(nested, 1):
            for u, expected in enumerate(row, 1):
                yield ("dL_dx", "0", str(s), str(u), ""), expected
    else:
        assert quantity == "loss", quantity
        yield ("loss", str(depth), "", "", ""), nested
