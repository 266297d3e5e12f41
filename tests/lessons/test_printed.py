"""What the articles print: nothing of the reference is dropped, nothing is said without words, and it tells where it comes from."""

import json
import re
from importlib.resources import files

import pytest

from backprop.engine.steps import QUANTITIES, Cell
from backprop.lessons import printed
from backprop.lessons.examples import EXAMPLES, example
from backprop.lessons.printed import Claim, chapters, silence
from tests import articles

TEXT = files("backprop.lessons").joinpath("printed.json").read_text(encoding="utf-8")
OF_CASE = {
    "towardsai_mazur_T2_099": ("towardsai",),
    "towardsai_as_printed_T2_022": ("towardsai-printed",),
    "genomexyz_3-2-2_sse": ("genomexyz",),
    "genomexyz_3-2-2_half": ("genomexyz",),
}
CLAIMS = [(name, chapter.source, claim) for name in EXAMPLES for chapter in chapters(name) for claim in chapter.claims]
DATASET = articles.REFERENCE["datasets"][0]


def claimed(name: str, **wanted) -> list[Claim]:
    return [claim for at, _, claim in CLAIMS if at == name and all(getattr(claim, k) == v for k, v in wanted.items())]


def cells_of(quantity: str) -> tuple[tuple[Cell, ...], int]:
    """A reference row's quantity, counted from 0 as in dL_dW[1][0][0], as (cells, iteration)."""
    label = quantity.split(" (", maxsplit=1)[0]
    if term := re.match(r"0\.5\*\(a\[0\]\[1\]\[(\d)\]", label):
        return (Cell("loss_term", 2, 1, int(term[1]) + 1),), 0
    if label in ("o1(1-o1)", "h1(1-h1)"):
        return (Cell("da_dz", 2 if label[0] == "o" else 1, 1, 1),), 0
    if label.startswith("delta_o"):
        unit, weight = int(label[7]), {"w5": (1, 1), "w7": (2, 1)}[label[-2:]]
        return (Cell("dL_dz", 2, 1, unit), Cell("W", 2, None, *weight)), 0
    if label.startswith("loss"):
        return (Cell("loss", 2),), int(label == "loss_after_1_biases_fixed")
    name, *places = re.findall(r"^\w+|\d+(?=\])", label)
    at = [int(place) + 1 for place in places]
    if name in ("W_after_1", "dL_dW"):
        return (Cell("W_new" if name == "W_after_1" else name, at[0], None, at[1], at[2]),), 0
    return (Cell(name, at[1], at[0], at[2]),), 0


PRINTED = [(case["id"], row) for case in articles.CASES.values() for row in case["printed"]]


@pytest.mark.parametrize(("case", "row"), PRINTED, ids=lambda each: each if isinstance(each, str) else each["quantity"])
def test_every_printed_number_of_the_reference_is_there(case, row):
    for name in OF_CASE[case]:
        if row["quantity"] in ("X", "b", "T", "lr"):
            quantity = {"X": "x", "b": "b", "T": "t", "lr": "learning_rate"}[row["quantity"]]
            for number in re.findall(r"(?:^|=)(\d+\.\d+)", row["printed"]):
                found = [each for each in claimed(name, printed=number) if each.cells[0].quantity == quantity]
                assert found, (name, row["quantity"], number)
        else:
            cells, iteration = cells_of(row["quantity"])
            found = claimed(name, printed=row["printed"], cells=cells, iteration=iteration)
            assert len(found) == 1, (name, row["quantity"])
            rounds = row["reproduces"] and row["compare"] != "truncate"
            assert (found[0].verdict == printed.AGREES) == rounds and (rounds or found[0].why)


def test_every_case_with_printed_numbers_is_compared():
    assert {case for case, _row in PRINTED} == set(OF_CASE)


@pytest.mark.parametrize("row", articles.SERIES["printed"], ids=lambda row: row["printed"])
def test_every_printed_number_of_mazurs_series_is_there(row):
    for number in row["printed"].split(", "):
        assert [each.why for each in claimed("towardsai", printed=number)] != []


@pytest.mark.parametrize("activation", ["tanh", "relu"])
def test_every_printed_loss_of_the_training_on_pictures_is_there(activation):
    reference = DATASET["runs"][activation]
    name = f"dabbura-{activation}"
    losses = claimed(name, place="costs")
    assert [claim.printed for claim in losses] == reference["printed_costs"]
    assert [claim.count for claim in losses] == [100 * k for k in range(1, 31)]
    assert [float(claim.recorded) for claim in losses] == list(reference["torch_autograd"]["costs"].values())
    assert [claim.count for claim in losses if claim.verdict == printed.AGREES] == reference["golden_iterations"]
    (accuracy,) = claimed(name, place="accuracy")
    assert accuracy.printed == reference["printed_test_acc"]
    assert float(accuracy.recorded) == reference["torch_autograd"]["test_acc"]
    (rate,) = [each for each in claimed(name) if each.cells]
    assert rate.printed == DATASET["config"]["lr"]


@pytest.mark.parametrize("key", ["lambda0", "lambda0_02"])
def test_every_printed_loss_of_the_notebook_is_there(key):
    losses = claimed("dabbura-tanh", place=key)
    assert [float(claim.printed) for claim in losses] == DATASET["printed_16_digits"][key]
    assert all(repr(float(claim.printed)) == claim.printed for claim in losses)


def test_the_difference_quotients_are_there():
    reference = articles.REFERENCE["misc"][0]
    for key, number in reference["printed"].items():
        (claim,) = claimed("dabbura-tanh", what=key)
        assert (claim.printed, claim.recorded) == (number, reference["computed"][key])


def test_what_the_reference_does_not_have_is_a_given_number_of_mazurs_or_of_the_printed_lesson():
    """The reference lists no given numbers of Mazur's page, and of the printed lesson only w₇ and w₈."""
    known = {row["printed"] for case in articles.CASES.values() for row in case["printed"]}
    known |= {number for row in articles.SERIES["printed"] for number in row["printed"].split(", ")}
    known |= set(re.findall(r"\d+\.\d+", " ".join(known)))
    for name, source, claim in CLAIMS:
        if claim.cells and claim.printed not in known:
            given = all(QUANTITIES[cell.quantity][0] == "given" for cell in claim.cells)
            assert given and (source == "mazur" or claim.printed == "0.03"), (name, claim)


def test_every_example_has_numbers_or_tells_why_not():
    assert list(json.loads(TEXT)["examples"]) == list(dict.fromkeys(json.loads(TEXT)["examples"]))
    assert set(json.loads(TEXT)["examples"]) == set(EXAMPLES)
    for name in EXAMPLES:
        assert bool(chapters(name)) != bool(silence(name)), name


def test_every_key_has_words_and_all_words_are_used():
    used = {
        "SILENCES": {silence(name) for name in EXAMPLES} - {""},
        "SOURCES": {source for _, source, _ in CLAIMS},
        "PLACES": {claim.place for _, _, claim in CLAIMS},
        "WHATS": {claim.what for _, _, claim in CLAIMS} - {""},
        "VERDICTS": {claim.verdict for _, _, claim in CLAIMS},
        "WHYS": {claim.why for _, _, claim in CLAIMS} - {""},
    }
    for table, keys in used.items():
        assert set(getattr(printed, table)) == keys, table


@pytest.mark.parametrize("claim", [claim for _, _, claim in CLAIMS], ids=lambda claim: f"{claim.place} {claim.printed}")
def test_a_claim_is_about_cells_or_recorded_and_a_difference_is_explained(claim):
    assert bool(claim.cells) != (claim.recorded is not None) and bool(claim.name) == bool(claim.cells)
    assert bool(claim.what) == (claim.recorded is not None)
    assert claim.verdict == printed.AGREES or claim.why
    assert re.fullmatch(r"-?\d+(\.\d+)?(e-?\d+)?", claim.printed)


def test_the_data_tells_its_provenance_and_no_path_of_ours():
    provenance = json.loads(TEXT)["provenance"]
    assert {"made", "printed", "verdict", "instead", "recorded"} == set(provenance) and all(provenance.values())
    assert "/work" not in TEXT and "shared" not in TEXT and "/tmp" not in TEXT


def test_an_unknown_example_is_refused_with_the_allowed_ones():
    for ask in (chapters, silence):
        with pytest.raises(ValueError, match=f"“mazur” is not an example; allowed are {', '.join(EXAMPLES)}."):
            ask("mazur")


def test_given_numbers_that_agree_are_the_lessons_exactly():
    for name, _source, claim in CLAIMS:
        if claim.verdict == printed.AGREES and claim.cells and claim.cells[0].quantity == "learning_rate":
            assert example(name).learning_rate == float(claim.printed)
