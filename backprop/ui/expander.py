"""The child process that makes expanded derivatives: `python -m backprop.ui.expander`, started by expanding.py.

A request is a line of JSON on standard input, a network's structure and a cell's address; its answer is a line on standard output,
an Expanded, pickled, in base64. The process ends when its input does, in the middle of a derivative too, so it never outlives the
server.
"""

from __future__ import annotations

import base64
import json
import os
import pickle
import sys
import threading
from contextlib import suppress
from functools import lru_cache
from queue import SimpleQueue
from typing import Any

from backprop.engine import activations, losses
from backprop.engine.network import Network
from backprop.engine.steps import cell_at
from backprop.explain.expanded import expand

MEMORY = 2 << 30
"""Bytes of memory that the child may ask for."""


@lru_cache(maxsize=64)
def structure(network: Network) -> str:
    """Sizes, activations with their constants, loss (both as a lesson file says them) and biases as JSON."""
    rows = [[row.spec, row.constants.get("alpha")] for row in network.activations]
    return json.dumps([network.sizes, rows, network.loss.spec, network.biased, network.shared_bias])


@lru_cache(maxsize=8)
def network_of(text: str) -> Network:
    """The network of a structure."""
    sizes, rows, loss, biased, shared = json.loads(text)
    return Network(
        tuple(sizes),
        tuple(
            activations.activation(spec, activations.LEAKY_SLOPE if alpha is None else alpha) for spec, alpha in rows
        ),
        losses.loss(loss),
        tuple(biased),
        shared,
    )


def answer(request: str) -> bytes:
    """The answer to a request, without the line's end: an Expanded, pickled, or the name of what went wrong."""
    try:
        asked = json.loads(request)
        cell = cell_at(asked["cell"])
        assert cell is not None
        made: Any = expand(network_of(asked["structure"]), cell)
    except Exception as fault:
        made = type(fault).__name__
    return base64.b64encode(pickle.dumps(made))


def _serve() -> None:
    """Answer until the input ends."""
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # whatever prints, prints elsewhere
    _modest()
    requests: SimpleQueue[str] = SimpleQueue()

    def listen() -> None:
        for line in sys.stdin:
            requests.put(line)
        os._exit(0)

    threading.Thread(target=listen, daemon=True).start()
    answers.write(b"ready\n")
    answers.flush()
    while True:
        answers.write(answer(requests.get()) + b"\n")
        answers.flush()


def _modest() -> None:
    """After the pages in the queue for the processor, and with so much memory; where the system knows such limits."""
    with suppress(ImportError, AttributeError, OSError, ValueError):
        os.nice(10)
        import resource  # noqa: PLC0415 - not on every system

        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))


if __name__ == "__main__":
    _serve()
