"""The lesson file: what is read, and the one sentence for each fault that names the key, what came and what is allowed."""

import json
import string
from random import Random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backprop import Lesson, LessonError, example, trace
from backprop.engine.activations import ACTIVATIONS
from backprop.engine.formula import CONSTANTS, FUNCTIONS
from backprop.engine.losses import LOSSES
from backprop.engine.network import SCHEMES
from backprop.lessons.examples import EXAMPLES
from backprop.lessons.faults import MAX_BYTES, MAX_LAYERS, MAX_SAMPLES, MAX_UNITS
from tests import hostile, strategies

GOOD = {
    "title": "Good",
    "layers": [2, 2, 1],
    "activations": ["tanh", "sigmoid"],
    "loss": "half_squared_error",
    "weights": [[[0.1, 0.2], [0.3, 0.4]], [[0.5, 0.6]]],
    "biases": [[0.0, 0.0], [0.1]],
    "inputs": [[1.0, 2.0], [3.0, 4.0]],
    "targets": [[0.0], [1.0]],
    "learning_rate": 0.5,
}
KEYS = "title, layers, activations, loss, weights, init, biases, inputs, targets, learning_rate, update_biases, shared_bias, leaky_slope"
ACTS, COSTS, DRAWS = ", ".join(ACTIVATIONS), ", ".join(LOSSES), ", ".join(SCHEMES)
FINITE = "allowed are finite numbers up to 1.8e308"
GONE = object()
"""The key is left out."""

FAULTS = {
    # name: (what differs from GOOD, the sentences)
    "unknown key": ({"learning_rat": 1}, [f"The key “learning_rat” is not known; allowed are {KEYS}."]),
    "unknown key named like a type": ({"str": 1}, [f"The key “str” is not known; allowed are {KEYS}."]),
    "unknown key with a line break": ({"a\nb": 1}, [f"The key “a\\nb” is not known; allowed are {KEYS}."]),
    "unknown key of half a character": ({"\ud800": 1}, [f"The key “\\ud800” is not known; allowed are {KEYS}."]),
    "very long unknown key": ({"k" * 10_000: 1}, [f"The key “{'k' * 57}…” is not known; allowed are {KEYS}."]),
    "unknown key in init": ({"weights": GONE, "init": {"scheme": "he", "sede": 1}}, ["The key “init.sede” is not known; allowed are scheme, scale, seed."]),
    "no layers": ({"layers": GONE}, ["The key “layers” is missing."]),
    "two keys missing": ({"inputs": GONE, "targets": GONE}, ["The key “inputs” is missing.", "The key “targets” is missing."]),
    "neither weights nor init": ({"weights": GONE}, ["The key “weights” is missing; allowed instead is “init”."]),
    "both weights and init": ({"init": {"scheme": "he"}}, ["“weights” and “init” came both; allowed is one of them."]),
    "title no text": ({"title": 3}, ["“title” came as 3; allowed is a text."]),
    "title too long": ({"title": "x" * 201}, ["“title” came with 201 characters; at most 200 are allowed."]),
    "title with half a character": ({"title": "\udfff"}, ["“title” came with half a character; allowed is text that can be written as UTF-8."]),
    "layers no list": ({"layers": 3}, ["“layers” came as 3; allowed is a list."]),
    "layers empty": ({"layers": []}, ["“layers” came with 0 numbers; allowed are 2 to 7: the inputs and 1 to 6 computed layers."]),
    "inputs alone": ({"layers": [2]}, ["“layers” came with 1 numbers; allowed are 2 to 7: the inputs and 1 to 6 computed layers."]),
    "seven computed layers": ({"layers": [1] * 8}, ["“layers” came with 8 numbers; allowed are 2 to 7: the inputs and 1 to 6 computed layers."]),
    "zero units": ({"layers": [2, 0, 1]}, ["“layers[2]” came as 0; a layer has 1 to 8 units."]),
    "negative units": ({"layers": [2, -3, 1]}, ["“layers[2]” came as -3; a layer has 1 to 8 units."]),
    "nine units": ({"layers": [2, 9, 1]}, ["“layers[2]” came as 9; a layer has 1 to 8 units."]),
    "very many units": ({"layers": [10**80, 2, 1]}, ["“layers[1]” came as a whole number of more than 60 digits; a layer has 1 to 8 units."]),
    "units out of range": ({"layers": [10**400, 2, 1]}, ["“layers[1]” came as Infinity; allowed is a whole number."]),
    "half a unit": ({"layers": [2, 2.5, 1]}, ["“layers[2]” came as 2.5; allowed is a whole number."]),
    "units as a float": ({"layers": [2, 2.0, 1]}, ["“layers[2]” came as 2.0; allowed is a whole number."]),
    "units true": ({"layers": [2, True, 1]}, ["“layers[2]” came as true; allowed is a whole number."]),
    "units a text": ({"layers": [2, "2", 1]}, ['“layers[2]” came as "2"; allowed is a whole number.']),
    "activations a text": ({"activations": "tanh"}, ['“activations” came as "tanh"; allowed is a list.']),
    "one activation too few": ({"activations": ["tanh"]}, ["“activations” came with 1 entries; allowed is one per computed layer, here 2."]),
    "one activation too many": ({"activations": ["tanh"] * 3}, ["“activations” came with 3 entries; allowed is one per computed layer, here 2."]),
    "unknown activation": ({"activations": ["tan", "sigmoid"]}, [f"“activations[1]” came as \"tan\"; allowed are {ACTS} and an object with a formula."]),
    "activation a number": ({"activations": [3, "sigmoid"]}, ["“activations[1]” came as 3; allowed is a name or an object with a formula."]),
    "activation null": ({"activations": ["tanh", None]}, ["“activations[2]” came as null; allowed is a name or an object with a formula."]),
    "activation a list": ({"activations": [["tanh"], "sigmoid"]}, ["“activations[1]” came as a list; allowed is a name or an object with a formula."]),
    "formula a number": ({"activations": [{"formula": 3}, "sigmoid"]}, ["“activations[1].formula” came as 3; allowed is a text."]),
    "formula missing": ({"activations": [{}, "sigmoid"]}, ["The key “activations[1].formula” is missing."]),
    "unknown key beside the formula": ({"activations": [{"formula": "z", "slope": "1"}, "sigmoid"]}, ["The key “activations[1].slope” is not known; allowed are formula."]),
    "bad formula": ({"activations": [{"formula": "z+"}, "sigmoid"]}, ["“activations[1].formula” cannot be used: “z+” cannot be read as a formula."]),
    "hostile formula": ({"activations": [{"formula": "9**9**9"}, "sigmoid"]}, ["“activations[1].formula” cannot be used: The exponent 387420489 is out of bounds; at most 16 is allowed."]),
    "softmax hidden": ({"activations": ["softmax", "sigmoid"]}, ["“activations[1]” came as softmax; softmax is allowed on the last layer only."]),
    "unknown loss": ({"loss": "mse"}, [f"“loss” came as \"mse\"; allowed are {COSTS} and an object with a formula."]),
    "loss null": ({"loss": None}, ["“loss” came as null; allowed is a name or an object with a formula."]),
    "loss a list": ({"loss": ["squared_error"]}, ["“loss” came as a list; allowed is a name or an object with a formula."]),
    "loss's formula a number": ({"loss": {"formula": 3}}, ["“loss.formula” came as 3; allowed is a text."]),
    "loss's formula missing": ({"loss": {}}, ["The key “loss.formula” is missing."]),
    "unknown key beside the loss's formula": ({"loss": {"formula": "a", "slope": "1"}}, ["The key “loss.slope” is not known; allowed are formula."]),
    "bad loss formula": ({"loss": {"formula": "a-"}}, ["“loss.formula” cannot be used: “a-” cannot be read as a formula."]),
    "loss in another letter": ({"loss": {"formula": "z"}}, [f"“loss.formula” cannot be used: “z” is not known here; allowed are a, t, {', '.join([*CONSTANTS, *FUNCTIONS])}."]),
    "binary cross-entropy without sigmoid": (
        {"loss": "binary_cross_entropy", "activations": ["sigmoid", "tanh"]},
        ["“loss” came as binary_cross_entropy with \"tanh\" on the last layer; it is allowed only with sigmoid there."],
    ),
    "binary cross-entropy with a formula": (
        {"loss": "binary_cross_entropy", "activations": ["tanh", {"formula": "sigmoid(z)"}]},
        ["“loss” came as binary_cross_entropy with an object on the last layer; it is allowed only with sigmoid there."],
    ),
    "cross-entropy without softmax": ({"loss": "cross_entropy", "targets": [[1], [1]]}, ["“loss” came as cross_entropy with \"sigmoid\" on the last layer; it is allowed only with softmax there."]),
    "target above 1": ({"loss": "binary_cross_entropy", "targets": [[0.5], [1.5]]}, ["“targets[2]” came with 1.5; with binary_cross_entropy the targets allowed are numbers from 0 to 1."]),
    "target below 0": ({"loss": "binary_cross_entropy", "targets": [[-0.5], [0.5]]}, ["“targets[1]” came with -0.5; with binary_cross_entropy the targets allowed are numbers from 0 to 1."]),
    "targets that do not sum to 1": (
        {"loss": "cross_entropy", "activations": ["tanh", "softmax"], "targets": [[1.0], [0.5]]},
        ["“targets[2]” came with the sum 0.5; with cross_entropy the targets of a sample must sum to 1."],
    ),
    "negative class target": (
        {"loss": "cross_entropy", "activations": ["tanh", "softmax"], "targets": [[1.0], [-1.0]]},
        ["“targets[2]” came with -1.0; with cross_entropy the targets allowed are numbers from 0 to 1."],
    ),
    "one matrix too few": ({"weights": [[[0.1, 0.2], [0.3, 0.4]]]}, ["“weights” came with 1 matrices; allowed is one per computed layer, here 2."]),
    "matrix on its side": ({"weights": [[[0.1, 0.2], [0.3, 0.4]], [[0.5], [0.6]]]}, ["“weights[2]” came as 2×1; allowed is 1×2: a row per receiving unit, a number per sending unit."]),
    "ragged matrix": ({"weights": [[[0.1, 0.2], [0.3]], [[0.5, 0.6]]]}, ["“weights[1]” came as 2×2/1; allowed is 2×2: a row per receiving unit, a number per sending unit."]),
    "empty matrix": ({"weights": [[], [[0.5, 0.6]]]}, ["“weights[1]” came as 0×0; allowed is 2×2: a row per receiving unit, a number per sending unit."]),
    "weight a text": ({"weights": [[[0.1, "x"], [0.3, 0.4]], [[0.5, 0.6]]]}, ['“weights[1][1][2]” came as "x"; allowed is a number.']),
    "weight true": ({"weights": [[[0.1, 0.2], [0.3, True]], [[0.5, 0.6]]]}, ["“weights[1][2][2]” came as true; allowed is a number."]),
    "weight null": ({"weights": [[[0.1, 0.2], [0.3, 0.4]], [[0.5, None]]]}, ["“weights[2][1][2]” came as null; allowed is a number."]),
    "weight out of range": ({"weights": [[[0.1, 0.2], [0.3, 10**400]], [[0.5, 0.6]]]}, [f"“weights[1][2][2]” came as a number that is not finite; {FINITE}."]),
    "matrix no list": ({"weights": [3, [[0.5, 0.6]]]}, ["“weights[1]” came as 3; allowed is a list."]),
    "init no object": ({"weights": GONE, "init": "he"}, ['“init” came as "he"; allowed is an object.']),
    "unknown scheme": ({"weights": GONE, "init": {"scheme": "magic"}}, [f"“init.scheme” came as \"magic\"; allowed are {DRAWS}."]),
    "scheme missing": ({"weights": GONE, "init": {"seed": 1}}, ["The key “init.scheme” is missing."]),
    "seed negative": ({"weights": GONE, "init": {"scheme": "he", "seed": -1}}, ["“init.seed” came as -1; allowed are whole numbers from 0 to 4294967295."]),
    "seed too large": ({"weights": GONE, "init": {"scheme": "he", "seed": 2**32}}, ["“init.seed” came as 4294967296; allowed are whole numbers from 0 to 4294967295."]),
    "seed a float": ({"weights": GONE, "init": {"scheme": "he", "seed": 1.5}}, ["“init.seed” came as 1.5; allowed is a whole number."]),
    "scale a text": ({"weights": GONE, "init": {"scheme": "he", "scale": "1"}}, ['“init.scale” came as "1"; allowed is a number.']),
    "biases null": ({"biases": None}, ["“biases” came as null; allowed is a list with an entry per computed layer."]),
    "one layer's biases too few": ({"biases": [[0.0, 0.0]]}, ["“biases” came with 1 entries; allowed is one per computed layer, here 2."]),
    "one bias too many": ({"biases": [[0.0, 0.0], [0.1, 0.2]]}, ["“biases[2]” came with 2 numbers; allowed are 1, one per unit, or null."]),
    "unequal shared biases": ({"biases": [[0.1, 0.2], [0.1]], "shared_bias": True}, ["“biases[1]” came with different numbers; with “shared_bias” the biases of a layer must be equal."]),
    "no samples": ({"inputs": [], "targets": []}, ["“inputs” came with 0 samples; allowed are 1 to 16."]),
    "seventeen samples": ({"inputs": [[1, 2]] * 17, "targets": [[1]] * 17}, ["“inputs” came with 17 samples; allowed are 1 to 16."]),
    "a target too few": ({"targets": [[0.0]]}, ["“targets” came with 1 rows; allowed is one per sample of “inputs”, here 2."]),
    "a sample too wide": ({"inputs": [[1, 2], [1, 2, 3]]}, ["“inputs[2]” came with 3 numbers; allowed are 2, as many as that layer has units."]),
    "a target too wide": ({"targets": [[0, 1], [1]]}, ["“targets[1]” came with 2 numbers; allowed are 1, as many as that layer has units."]),
    "sample no list": ({"inputs": [1, 2]}, ["“inputs[1]” came as 1; allowed is a list.", "“inputs[2]” came as 2; allowed is a list."]),
    "learning rate a text": ({"learning_rate": "0.5"}, ['“learning_rate” came as "0.5"; allowed is a number.']),
    "learning rate negative": ({"learning_rate": -0.5}, ["“learning_rate” came as -0.5; allowed are numbers from 0 up."]),
    "learning rate out of range": ({"learning_rate": 10**400}, [f"“learning_rate” came as a number that is not finite; {FINITE}."]),
    "update_biases a number": ({"update_biases": 1}, ["“update_biases” came as 1; allowed are true and false."]),
    "shared_bias a text": ({"shared_bias": "yes"}, ['“shared_bias” came as "yes"; allowed are true and false.']),
    "leaky slope null": ({"leaky_slope": None}, ["“leaky_slope” came as null; allowed is a number."]),
    "several faults": (
        {"loss": "mse", "activations": ["tan", "sigmoid"], "learning_rate": -1.0},
        [
            f"“activations[1]” came as \"tan\"; allowed are {ACTS} and an object with a formula.",
            f"“loss” came as \"mse\"; allowed are {COSTS} and an object with a formula.", "“learning_rate” came as -1.0; allowed are numbers from 0 up.",
        ],
    ),
}  # fmt: skip

TEXTS = {
    # name: (the file, the sentences)
    "empty": ("", ["This is not a JSON text (line:column 1:1); a lesson file is one JSON object."]),
    "not JSON": ('{"title": "x",\n nonsense}', ["This is not a JSON text (line:column 2:2); a lesson file is one JSON object."]),
    "a list": ("[1, 2]", ["The file holds a list; a lesson file is one JSON object."]),
    "a number": ("3", ["The file holds 3; a lesson file is one JSON object."]),
    "null": ("null", ["The file holds null; a lesson file is one JSON object."]),
    "not UTF-8": (b"\xff\xfe\x00", ["This is not a JSON text (line:column 1:1); a lesson file is one JSON object."]),
    "a zero byte": (b"\x00", ["This is not a JSON text (line:column 1:1); a lesson file is one JSON object."]),
    "nested too deep": ("[" * 100_000, ["This is not a JSON text (line:column 1:1); a lesson file is one JSON object."]),
    "objects nested too deep": ('{"a":' * 100_000, ["This is not a JSON text (line:column 1:1); a lesson file is one JSON object."]),
    "NaN": (json.dumps({**GOOD, "learning_rate": float("nan")}), [f"The file holds the number NaN; {FINITE}."]),
    "Infinity": (json.dumps({**GOOD, "learning_rate": float("inf")}), [f"The file holds the number Infinity; {FINITE}."]),
    "1e400": (json.dumps(GOOD).replace("0.5}", "1e400}"), [f"“learning_rate” came as a number that is not finite; {FINITE}."]),
    "a number of 5,000 digits": (json.dumps(GOOD).replace("0.5}", "9" * 5000 + "}"), [f"“learning_rate” came as a number that is not finite; {FINITE}."]),
    "a key twice": ('{"title": "a", "title": "b"}', ["The key “title” stands twice in the same object; allowed is once."]),
    "a key twice inside": (
        json.dumps({**GOOD, "weights": None}).replace('"weights": null', '"init": {"scheme": "he", "scheme": "he"}'),
        ["The key “scheme” stands twice in the same object; allowed is once."],
    ),
    "more than 1 MB": (json.dumps(GOOD) + " " * 1_000_000, [f"The lesson has {len(json.dumps(GOOD)) + 1_000_000} bytes; at most 1000000 are allowed."]),
}  # fmt: skip


def faulty(name: str) -> str:
    """The text of a lesson file with one of FAULTS."""
    return json.dumps({key: value for key, value in {**GOOD, **FAULTS[name][0]}.items() if value is not GONE})


def assert_refused(text: str | bytes, expected: list[str]) -> None:
    try:
        came = [f"read as {Lesson.from_json(text)!r}"]
    except LessonError as error:
        came = list(error.faults)
        assert str(error) == "\n".join(came)
    assert came == expected, "\n".join([f"{text[:300]!r}", "came:", *came, "expected:", *expected])


def test_the_good_lesson_is_good():
    lesson = Lesson.from_json(json.dumps(GOOD))
    assert (
        lesson == Lesson(**GOOD)
        and lesson.title == "Good"
        and lesson.update_biases
        and not lesson.shared_bias
        and lesson.leaky_slope == 0.01
    )


@pytest.mark.parametrize("name", FAULTS)
def test_one_sentence_per_fault(name):
    assert_refused(faulty(name), FAULTS[name][1])


@pytest.mark.parametrize("name", TEXTS)
def test_one_sentence_for_a_bad_file(name):
    assert_refused(*TEXTS[name])


def test_huge_numbers_given_in_python_are_refused_as_out_of_range():
    with pytest.raises(
        LessonError,
        match=f"“learning_rate” came as a whole number of more than 60 digits; {FINITE}".replace(".", "\\."),
    ):
        Lesson(**{**GOOD, "learning_rate": 10**5000})


def test_limits_are_the_stated_ones():
    assert (MAX_LAYERS, MAX_UNITS, MAX_SAMPLES, MAX_BYTES) == (6, 8, 16, 1_000_000)
    widest = Lesson(
        layers=[8] * 7,
        activations=["tanh"] * 6,
        loss="squared_error",
        init={"scheme": "xavier"},
        inputs=[[0.1] * 8] * 16,
        targets=[[0.2] * 8] * 16,
        learning_rate=0,
    )
    assert np.isfinite(trace(widest).loss)


def test_nothing_is_repaired():
    assert Lesson(**{**GOOD, "targets": [[7.0], [-3.0]]}).targets == ((7.0,), (-3.0,))


# --- files


@settings(max_examples=150)
@given(strategies.lessons())
def test_a_lesson_file_reads_back_as_an_equal_lesson(lesson):
    text = lesson.to_json()
    again = Lesson.from_json(text)
    assert again == lesson and hash(again) == hash(lesson) and again.to_json() == text
    assert Lesson.from_json(text.encode()) == lesson


def test_load_reads_a_file(tmp_path):
    (tmp_path / "lesson.json").write_text(json.dumps(GOOD), encoding="utf-8")
    assert Lesson.load(tmp_path / "lesson.json") == Lesson.load(str(tmp_path / "lesson.json")) == Lesson(**GOOD)
    with pytest.raises(FileNotFoundError):
        Lesson.load(tmp_path / "none.json")


def test_load_does_not_read_fifty_megabytes(tmp_path):
    with open(tmp_path / "big.json", "wb") as file:
        file.truncate(50_000_000)
    with pytest.raises(LessonError, match="The lesson has 50000000 bytes; at most 1000000 are allowed"):
        Lesson.load(tmp_path / "big.json")


# --- a lesson as a value


def test_equal_fields_make_equal_lessons_whatever_has_been_computed():
    one, other = Lesson(**GOOD), Lesson(**GOOD)
    trace(one), trace(other, 3)
    assert one == other and hash(one) == hash(other) and trace(one) is trace(other)
    assert one != one.changed(learning_rate=0.4) and one != "lesson"


def test_a_lesson_is_frozen():
    lesson = Lesson(**GOOD)
    with pytest.raises(ValueError, match="frozen"):
        lesson.learning_rate = 1.0
    for array in (lesson.X, lesson.T, *lesson.parameters.W, *lesson.parameters.b):
        with pytest.raises(ValueError, match="read-only"):
            array[...] = 0.0


@given(strategies.lessons())
def test_the_arrays_are_the_numbers_of_the_file(lesson):
    assert lesson.X.tolist() == [list(row) for row in lesson.inputs] and lesson.T.tolist() == [
        list(row) for row in lesson.targets
    ]
    assert lesson.network.sizes == lesson.layers and lesson.network.depth == len(lesson.activations)
    for l, W in enumerate(lesson.parameters.W):
        assert W.shape == (lesson.layers[l + 1], lesson.layers[l])
        if lesson.weights is not None:
            assert W.tolist() == [list(row) for row in lesson.weights[l]]
        b = lesson.parameters.b[l]
        given = [0.0] * lesson.layers[l + 1] if lesson.biases is None else lesson.biases[l]
        assert (b is None) == (given is None)
        if b is not None:
            assert b.tolist() == list(given[:1] if lesson.shared_bias else given)


def test_changed_is_validated_again_and_leaves_the_lesson_alone():
    lesson = Lesson(**GOOD)
    assert lesson.changed(learning_rate=0.1).learning_rate == 0.1 and lesson.learning_rate == 0.5
    assert lesson.changed(weights=None, init={"scheme": "zeros"}).parameters.W[0].tolist() == [[0.0, 0.0], [0.0, 0.0]]
    with pytest.raises(LessonError, match=r"“learning_rate” came as -1\.0"):
        lesson.changed(learning_rate=-1.0)


# --- junk

ODD = ["sigmoid", "tanh", "softmax", "he", "binary_cross_entropy", "z^2", 10**400, -(10**4000), 1e308, "\ud800"]
_anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8) | st.sampled_from(ODD),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(["formula", "scheme", "scale", "seed"]) | st.text(max_size=4), inner, max_size=3
        )
    ),
    max_leaves=12,
)


@settings(max_examples=400)
@given(
    st.dictionaries(
        st.sampled_from([*GOOD, "init", "update_biases", "shared_bias", "leaky_slope"]), _anything, max_size=4
    ),
    st.dictionaries(st.text(max_size=4), _anything, max_size=1),
)
def test_junk_raises_nothing_but_lesson_error(changes, strange):
    text = json.dumps({**GOOD, **changes, **strange})
    try:
        lesson = Lesson.from_json(text)
    except LessonError as error:
        assert error.faults and all(fault.strip() and "\n" not in fault and fault.encode() for fault in error.faults), (
            error.faults
        )
        return
    trace(lesson)


@given(st.text(max_size=80) | st.binary(max_size=80) | st.text(string.printable, max_size=80))
def test_any_text_or_bytes_raise_nothing_but_lesson_error(text):
    with pytest.raises(LessonError):
        Lesson.from_json(text)


@settings(max_examples=200)
@given(st.sampled_from(tuple(EXAMPLES)), st.data())
def test_a_damaged_lesson_file_raises_nothing_but_lesson_error(name, data):
    text = example(name).to_json()
    place, length = data.draw(st.integers(0, len(text) - 1)), data.draw(st.integers(0, 12))
    damaged = text[:place] + data.draw(st.text(string.printable, max_size=6)) + text[place + length :]
    try:
        trace(Lesson.from_json(damaged))
    except LessonError as error:
        assert error.faults


# --- files as a typo or an attacker would make them

WRONG = [*ODD, "=1+1", "\x00", "tanh", "cross_entropy", {"formula": "z**z"}, {"scheme": "he"}]


def keys_put_wrong(seed: int) -> str:
    """An example's file with one or two keys of any value or of a wounded one, and sometimes one left out."""
    random = Random(seed)
    data = json.loads(example(random.choice(["towardsai", "xor", "softmax"])).to_json())
    for key in random.choices(list(data), k=random.randint(1, 2)):
        data[key] = hostile.wounded(random, data[key], WRONG) if random.random() < 0.5 else hostile.tree(random, WRONG)
    if random.random() < 0.3:
        del data[random.choice(list(data))]
    return json.dumps(data)


@pytest.mark.parametrize("block", range(5))
def test_five_thousand_files_with_some_keys_put_wrong(block):
    """Refused with short sentences, or exactly what the file says; a whole number of many digits as the float64 next to it."""
    read = 0
    for seed in range(1000 * block, 1000 * (block + 1)):
        text = keys_put_wrong(seed)
        try:
            lesson = Lesson.from_json(text)
        except LessonError as error:
            short = all(0 < len(fault) < 600 and "\n" not in fault for fault in error.faults)
            assert error.faults and short, f"{text} (seed {seed}): {error.faults}"
        else:
            said, written = (json.loads(each, parse_int=float) for each in (text, lesson.to_json()))
            again = {key: value for key, value in written.items() if key in said}
            assert again == said, f"{text} (seed {seed}) was read as {lesson!r}"
            read += 1
    assert 20 < read < 500, "the generator makes too little that can be read, or too little that cannot"


def characters_put_wrong(seed: int) -> str:
    """An example's file with one to three characters put in, or put over one or two."""
    random = Random(seed)
    text = example(random.choice(["towardsai", "xor"])).to_json()
    for _change in range(random.randint(1, 3)):
        at = random.randrange(len(text))
        put = random.choice([*'{}[],:"-.eE019n \\', "NaN", "1e999", "Infinity", "null"])
        text = text[:at] + put + text[at + random.randint(0, 2) :]
    return text


@pytest.mark.parametrize("block", range(5))
def test_five_thousand_files_with_some_characters_put_wrong(block):
    read = 0
    for seed in range(1000 * block, 1000 * (block + 1)):
        text = characters_put_wrong(seed)
        try:
            lesson = Lesson.from_json(text)
        except LessonError as error:
            short = all(0 < len(fault) < 600 for fault in error.faults)
            assert error.faults and short, f"{text} (seed {seed}): {error.faults}"
        else:
            assert json.loads(lesson.to_json())["inputs"] == json.loads(text)["inputs"], f"{text} (seed {seed})"
            read += 1
    assert 20 < read < 500, "the generator makes too little that can be read, or too little that cannot"
