"""A rule on one line of text or HTML: sums of products, each leaf written by whoever shows it.

For the rules that a layer's matrices are made of, which are sums of products of single numbers. A formula of the
engine's tables needs more than a line; typeset.py sets those.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from backprop.engine.steps import Cell
from backprop.explain.numerals import MINUS
from backprop.explain.terms import Const, Local, Node, Product, Ref, Sum, leaves

Leaf = Ref | Local | Const
DOTS = "⋯"


def written(
    node: Node,
    leaf: Callable[[Leaf, bool], str],
    times: str,
    kept: Sequence[int | None] | None = None,
    turned: bool = False,
) -> str:
    """The tree on one line.

    leaf    writes a leaf, told whether it opens the line, where a minus needs no brackets
    times   stands between two factors
    kept    of the outermost sum: the places of the like terms that are written, None for dots; its tail always is
    turned  factors in reverse order, as where the matrices of a product change places
    """

    def read(node: Node, first: bool) -> str:
        match node:
            case Product():
                factors = node.factors[::-1] if turned else node.factors
                return times.join(
                    f"({read(each, True)})"
                    if isinstance(each, Sum) and len(each.terms) > 1
                    else read(each, first and not place)
                    for place, each in enumerate(factors)
                )
            case Sum():
                return _sum(node, read, first, None)
            case _:
                return leaf(node, first)

    return _sum(node, read, True, kept) if isinstance(node, Sum) else read(node, True)


def _sum(node: Sum, read: Callable[[Node, bool], str], first: bool, kept: Sequence[int | None] | None) -> str:
    alike = len(node.terms) - node.tail
    places = [*(range(alike) if kept is None else kept), *range(alike, len(node.terms))]
    text = ""
    for place in places:
        sign = MINUS if place in node.minus else "+"
        if not text and sign == "+":
            text = DOTS if place is None else read(node.terms[place], first)
        else:
            text += f" {sign} " + (DOTS if place is None else read(node.terms[place], False))
    return text


def over_samples(
    node: Node, sample: int, leaf: Callable[[Leaf, bool], str], times: str, turned: bool = False
) -> str | None:
    """The symbols of a sum over the samples, whose terms all look alike: Σ and the picked sample's; None for another rule."""
    if not (isinstance(node, Sum) and node.over == "s" and node.generic is None):
        return None
    one = node.terms[sample - 1]
    text = written(one, leaf, times, turned=turned)
    return f"Σ<sub>s</sub> {f'({text})' if isinstance(one, Sum) and len(one.terms) > 1 else text}"


def cells(node: Node) -> Iterator[Cell]:
    """The cells that stand on the line."""
    return (leaf.cell for leaf in leaves(node) if isinstance(leaf, Ref))
