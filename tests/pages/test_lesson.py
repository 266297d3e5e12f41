"""The page Lesson, without a browser: every field takes what fits, says why when something does not, and loses nothing."""

import json

import pytest
from streamlit.testing.v1 import AppTest

from backprop import example
from backprop.engine.activations import ACTIVATIONS
from backprop.engine.losses import LOSSES
from backprop.lessons.examples import EXAMPLES
from backprop.ui.place import Place
from tests.pages.test_one_iteration import APP


def opened(name: str = "towardsai") -> AppTest:
    app = AppTest.from_file(APP, default_timeout=60).run()
    app.session_state["place"] = Place(origin=name, lesson=example(name))
    app.switch_page("pages/prepare/lesson.py").run()
    assert not app.exception, [each.value for each in app.exception]
    return app


def lesson(app: AppTest):
    assert not app.exception, [each.value for each in app.exception]
    return app.session_state["place"].lesson


def typed(app: AppTest, field: str, text: str) -> AppTest:
    return app.text_input(key=f"field-{field}").set_value(text).run()


def chosen(app: AppTest, field: str, value: object) -> AppTest:
    return app.selectbox(key=f"field-{field}").set_value(value).run()


@pytest.mark.parametrize("name", EXAMPLES)
def test_every_example_opens_unchanged(name):
    app = opened(name)
    assert lesson(app) == example(name) and not app.error
    assert app.text_input(key="field-layers").value == ", ".join(map(str, example(name).layers))


def test_a_network_by_hand():
    app = typed(opened(), "layers", "3-4-2")
    assert lesson(app).layers == (3, 4, 2) and not app.error
    app = typed(typed(app, "title", "Monday"), "learning_rate", "0,25")
    assert (lesson(app).title, lesson(app).learning_rate) == ("Monday", 0.25)
    app = chosen(chosen(app, "biases", "unit"), "update_biases", True)
    assert lesson(app).update_biases and not lesson(app).shared_bias
    app = typed(typed(chosen(app, "start", "he"), "seed", "7"), "scale", "0.5")
    assert lesson(app).init.model_dump() == {"scheme": "he", "scale": 0.5, "seed": 7}
    assert lesson(app).title == "Monday"


@pytest.mark.parametrize("activation", [name for name in ACTIVATIONS if name != "softmax"])
def test_every_activation_can_be_chosen(activation):
    assert lesson(chosen(opened(), "activation-1", activation)).activations[0] == activation


def test_a_formula_can_be_typed():
    app = typed(chosen(opened(), "activation-1", "formula"), "formula-1", "max(z, 0)")
    assert lesson(app).activations[0].formula == "max(z, 0)"
    app = typed(app, "formula-1", "__import__('os')")
    assert lesson(app).activations[0].formula == "max(z, 0)" and len(app.error) == 1
    assert app.text_input(key="field-formula-1").value == "__import__('os')"


def test_a_loss_can_be_typed():
    app = typed(chosen(opened(), "loss", "formula"), "formula-loss", "abs(a - t)")
    assert lesson(app).loss.formula == "abs(a - t)" and not app.error
    app = typed(app, "formula-loss", "z^2")
    assert lesson(app).loss.formula == "abs(a - t)" and "“z” is not known here; allowed are a, t" in app.error[0].value
    app = chosen(app, "loss", "squared_error")
    assert lesson(app).loss == "squared_error"


@pytest.mark.parametrize("loss", [name for name, row in LOSSES.items() if row.needs])
def test_a_loss_that_waits_for_its_activation(loss):
    """Chosen first it is refused with a reason and stays chosen; with the activation that it needs it comes into force."""
    app = chosen(opened("genomexyz"), "loss", loss)
    assert lesson(app) == example("genomexyz") and len(app.error) == 1
    assert app.selectbox(key="field-loss").value == loss
    app = chosen(app, "activation-2", LOSSES[loss].needs)
    assert lesson(app).loss == loss and not app.error


@pytest.mark.parametrize(
    ("field", "text", "said"),
    [
        ("layers", "2, nine, 2", "“2, nine, 2” came as layer sizes"),
        ("layers", "2, 9, 2", "1 to 8"),
        ("layers", "2", "layers"),
        ("layers", "", "came as layer sizes"),
        ("learning_rate", "fast", "“fast” is not a number"),
        ("learning_rate", "-1", "learning_rate"),
        ("learning_rate", "1e400", "learning_rate"),
        ("learning_rate", "1_000", "“1_000” is not a number"),
    ],
)
def test_what_does_not_fit_is_said_beside_its_field_and_kept(field, text, said):
    app = typed(opened(), field, text)
    assert lesson(app) == example("towardsai")
    assert len(app.error) == 1 and said in app.error[0].value
    assert app.text_input(key=f"field-{field}").value == text
    right = {"layers": "2, 3, 2", "learning_rate": "0.3"}[field]
    app = typed(app, field, right)
    assert not app.error and lesson(app) != example("towardsai")


def test_another_field_can_be_changed_while_one_is_refused():
    app = typed(typed(opened(), "learning_rate", "fast"), "title", "Tuesday")
    assert lesson(app).title == "Tuesday" and app.text_input(key="field-learning_rate").value == "fast"
    assert len(app.error) == 1


def test_each_draw_is_another_one_and_the_seed_says_which():
    app = chosen(opened(), "start", "xavier")
    first = lesson(app)
    app.button[0].click().run()
    assert lesson(app).init.seed == first.init.seed + 1
    assert (lesson(app).parameters.W[0] != first.parameters.W[0]).all()


def test_the_preview_shows_what_is_given_and_nothing_computed():
    app = opened()
    data = json.loads(next(each for each in app.get("bidi_component")).proto.json)
    assert "+0.15" in data["net"] and data["net"].count(">–<") >= 10 and "0.5933" not in data["net"]
    assert json.loads(data["text"])["keys"] is False
