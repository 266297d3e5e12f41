"""Run by hand, where PyTorch is installed: the script of every example, and of every activation with every loss, near and far out.

    pip install torch --index-url https://download.pytorch.org/whl/cpu
    python tests/benchmarks/torch_scripts.py

Each script asserts the app's numbers by itself; this prints how many did, and how many could compare every number.
"""

import contextlib
import io
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

from backprop import Lesson, example, trace
from backprop.engine.activations import ACTIVATIONS
from backprop.engine.losses import LOSSES
from backprop.engine.steps import Trace
from backprop.export.pytorch import to_torch
from backprop.lessons.examples import EXAMPLES
from tests.strategies import TYPED


def outcome(t: Trace) -> str:
    """The last line of what a script prints. Raises AssertionError where PyTorch and the app differ."""
    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        exec(compile(to_torch(t, "by hand"), "script", "exec"), {})
    return out.getvalue().splitlines()[-1]


def lessons():
    """Two layers with the same activation, three samples, one weight of z in each; biases tied, and absent in one layer."""
    for loss in LOSSES.values():
        for spec in [*ACTIVATIONS, *({"formula": text} for text in TYPED)]:
            for z in (1.0, 0.0, -1.0, 12.0, 20.0, 30.0, 40.0, -40.0, 800.0, -800.0):
                for tied in (False, True):
                    yield Lesson(
                        layers=[2, 3, 2],
                        activations=["tanh" if spec == "softmax" else spec, loss.needs or spec],
                        loss=loss.name,
                        weights=[[[z, 0.1], [0.3, -z], [0, 0]], [[0.5, -1, 0.2], [z / 3, 0.4, 0.1]]],
                        biases=[[0.1] * 3, [0.2] * 2] if tied else [[0.1, -0.1, 0.0], None],
                        shared_bias=tied,
                        update_biases=not tied,
                        inputs=[[1.0, 0.5], [-1.0, 0.25], [0.0, 0.0]],
                        targets=[[0.25, 0.75], [0, 1], [1, 0]],
                        learning_rate=0.1,
                        leaky_slope=-0.2 if tied else 0.2,
                    )


if __name__ == "__main__":
    for name, traces in (
        ("examples, iterations 0, 1, 100", [trace(example(name), k) for name in EXAMPLES for k in (0, 1, 100)]),
        ("activations × losses, near and far out", [trace(lesson) for lesson in lessons()]),
    ):
        ends = [outcome(t) for t in traces]
        print(f"{name}: {len(ends)} agree, {ends.count('Every number agrees.')} of them in every number")
