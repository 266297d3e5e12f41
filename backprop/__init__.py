"""Backprop, step by step: one training step of a neural network, opened like a watch.

A lesson goes in; a trace comes out; everything else is a reading of the trace. Reading order, which is also the
order in which rooms may import each other:

    language  the messages
    engine    arrays in, arrays out: one iteration, every quantity kept
    lessons   what a teacher sets up
    explain   equations and words
    runs      many iterations
    practice  numbers computed by hand, and their marking
    figures   pictures
    export    files to take home
    ui        what the pages share

    >>> from backprop import example, trace
    >>> print(f"{trace(example('towardsai'))['dL_dW', 2].value[0, 0]:.12f}")
    0.082167040564
"""

from backprop.lessons.examples import example
from backprop.lessons.lesson import Lesson, LessonError
from backprop.runs.history import check, run, trace

__all__ = ["Lesson", "LessonError", "check", "example", "run", "trace"]
