"""What a formula hides on a range: where it has no value or no slope, where it saturates, and whether its slope is right.

The structure of the SymPy formula says where something may happen (what stands under a division, a root or a logarithm,
in an absolute value, in the condition of a max or min); numbers say what does happen there. Everything is computed on
grids, so that one formula takes some hundredths of a second, and is as fine as the grid: see POINTS.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

import numpy as np
import sympy as sp

from backprop.engine import formula
from backprop.engine.activations import Activation, a, z
from backprop.engine.findings import FAR, SATURATED, Agreement, Examined, Gap, Jump, Kink, Tail
from backprop.engine.limits import at_infinity, bisected, difference_quotients, one_sided, zoomed
from backprop.engine.losses import Loss, n, t

Array = np.ndarray
Function = Callable[[Array], Array]

POINTS = 2001
"""Points of the grid over the range. A zero between two of them is found if the sign changes or it is touched."""
CHECKED = 401
"""Points at which the slope is held against difference quotients."""
MOST = 64
"""Places that are looked at, at most; a formula that swings faster has more (`Examined.more`)."""


def examined(row: Activation | Loss, low: float = -6.0, high: float = 6.0, target: float = 1.0) -> Examined:
    """What the function of a row hides between low and high.

    An activation is a function of z; softmax is taken as the first of two outputs whose other z is 0. A loss is the
    term of one output, as a function of its a, at one target. Raises ValueError unless low < high, both finite.
    """
    if not (np.isfinite([low, high]).all() and low < high):
        raise ValueError(f"low < high, both finite, are needed; came {low}, {high}")
    variable, expr, value, slope = _functions(row, target)
    fixed = {} if variable == z else {t: float(target), n: 1.0}
    with np.errstate(all="ignore"):
        return _Look(variable, expr, value, slope, float(low), float(high), fixed).told()


def _functions(row: Activation | Loss, target: float) -> tuple[sp.Symbol, sp.Expr, Function, Function]:
    if isinstance(row, Loss):
        term, slope = (formula.numeric(each, ("a", "t", "n")) for each in (row.term, row.slope))
        # t is put in as a number: SymPy makes zoo of ln(t) at 0, of which nothing can be asked
        there = lambda outs: (outs, np.full(np.shape(outs), float(target)), np.ones(np.shape(outs)))  # noqa: E731
        return a, row.term, lambda outs: term(*there(outs)), lambda outs: slope(*there(outs))
    if row.vector:
        beside = lambda zs: np.stack([zs, np.zeros_like(zs)], axis=-1)  # noqa: E731
        return (
            z,
            row.formula / (row.formula + row.formula.subs(z, 0)),
            lambda zs: row.value(beside(zs))[..., 0],
            lambda zs: row.slope_at(beside(zs), row.value(beside(zs)))[..., 0, 0],
        )
    letters = {sp.Symbol(name, real=True): number for name, number in row.constants.items()}
    return z, row.formula.subs(letters), row.value, lambda zs: row.slope_at(zs, row.value(zs))


def _suspects(expr: sp.Expr) -> Iterator[sp.Expr]:
    """Whatever may be zero where something happens to expr."""
    for part in sp.preorder_traversal(expr):
        match part:
            case sp.Rel():
                yield part.lhs - part.rhs
            case sp.Abs() | sp.log() | sp.sign():
                yield part.args[0]
            case sp.tan():
                yield sp.cos(part.args[0])
            case sp.Pow() if not (part.exp.is_integer and part.exp.is_nonnegative) and part.base.free_symbols:
                yield part.base


def _tidy(limit: float, scale: float) -> float:
    """A limit without the digits that are in doubt; what only just stays within float64 is on its way out of it."""
    if abs(limit) > 1e300:
        return float(np.copysign(np.inf, limit))
    return 0.0 if abs(limit) <= 1e-9 * scale else float(f"{limit:.8g}")


class _Look:
    """One look at one function."""

    def __init__(
        self,
        variable: sp.Symbol,
        expr: sp.Expr,
        value: Function,
        slope: Function,
        low: float,
        high: float,
        fixed: Mapping[sp.Symbol, float],
    ) -> None:
        self.fixed, self.variable, self.value, self.slope, self.low, self.high = (
            fixed,
            variable,
            value,
            slope,
            low,
            high,
        )
        self.width = high - low
        self.grid = np.linspace(low, high, POINTS)
        self.values, self.slopes = value(self.grid), slope(self.grid)
        self.finite = np.isfinite(self.values)
        self.runs = self._runs()
        zeros = self._zeros([each for each in dict.fromkeys(_suspects(expr)) if variable in each.free_symbols])
        self.more = len(zeros) > MOST
        ends = [end for run in self.runs for end in run if low < end < high]
        self.places = self._apart([*ends, *zeros[:: max(1, -(-len(zeros) // MOST))]])

    def _snapped(self, at: float) -> float:
        """A place found by halving, without the digits that halving leaves in doubt: 0.1, not 0.10000000000000009."""
        return round(float(at), 12 - int(np.ceil(np.log10(self.width)))) + 0.0

    def _apart(self, places: list[float]) -> Array:
        kept: list[float] = []
        for at in sorted(map(self._snapped, places)):
            if not kept or at - kept[-1] > 1e-9 * self.width:
                kept.append(at)
        return np.array(kept)

    def _runs(self) -> list[tuple[float, float]]:
        """Where there is no finite value, as (low, high), as the grid sees it."""
        edges = np.flatnonzero(np.diff(self.finite))
        finite = lambda zs: np.where(np.isfinite(self.value(zs)), 1.0, -1.0)  # noqa: E731
        found = [self._snapped(at) for at in bisected(finite, self.grid[edges], self.grid[edges + 1])]
        starts = [] if self.finite[0] else [self.low]
        marks = [*starts, *found, *([] if self.finite[-1] else [self.high])]
        return list(zip(marks[::2], marks[1::2], strict=True))

    def _zeros(self, suspects: list[sp.Expr]) -> list[float]:
        if not suspects:
            return []
        all_of = formula.numeric(sp.Tuple(*suspects), (self.variable.name, *(each.name for each in self.fixed)))
        every = lambda zs: all_of(zs, *(np.full(np.shape(zs), each) for each in self.fixed.values()))  # noqa: E731
        seen = every(self.grid)
        sign, size = np.sign(seen), np.abs(seen)
        found = self.grid[np.flatnonzero((sign == 0).any(axis=0))[: MOST + 1]].tolist()
        rows, crossed = np.nonzero(sign[:, :-1] * sign[:, 1:] < 0)
        some = slice(None, None, -(-len(rows) // (MOST + 1)) or 1)
        rows, crossed = rows[some], crossed[some]
        picked = np.arange(len(rows))
        found += bisected(lambda zs: every(zs)[rows, picked], self.grid[crossed], self.grid[crossed + 1]).tolist()
        touched = (size[:, 1:-1] < size[:, :-2]) & (size[:, 1:-1] <= size[:, 2:]) & (sign[:, :-2] * sign[:, 2:] > 0)
        for row, dip in np.argwhere(touched & (size[:, 1:-1] < size[:, :1] + size[:, -1:]))[:8]:
            one = lambda zs, row=row: np.abs(every(zs)[row])  # noqa: E731
            at, least = zoomed(one, self.grid[dip], self.grid[dip + 2])
            if least <= 1e-9 * size[row, dip + 1]:
                # a zero that is touched is seen to half of the digits only; it is a short number if that is one, too
                short = [each for each in (round(at, 3), round(at, 6)) if one(np.array([each]))[0] <= least]
                found.append((short or [at])[0])
        return sorted(at for at in found if self.low < at < self.high)

    # --- what happens at the places

    def _sides(self) -> dict[str, Array]:
        """Value and slope on both sides of every place, with how far from settled they are."""
        if not len(self.places):
            return {}
        fences = np.concatenate([[self.low], self.places, [self.high]])
        room = np.minimum(np.diff(fences)[:-1], np.diff(fences)[1:])
        coarse, fine = np.minimum(1e-3 * self.width, 0.3 * room), np.minimum(1e-5 * self.width, 0.03 * room)
        at = self.value(self.places)
        sides: dict[str, Array] = {"at": at}
        for name, way in (("left", -1.0), ("right", 1.0)):
            limit, doubt = one_sided(self.value, self.places, way * coarse, way * fine)
            settled = np.isfinite(at) & np.isfinite(limit) & (np.abs(at - limit) <= 10 * doubt)
            sides[name], sides[name + "±"] = np.where(settled, at, limit), doubt
            sides[name + "'"], sides[name + "'±"] = one_sided(self.slope, self.places, way * coarse, way * fine)
        return sides

    def _happenings(self) -> tuple[list[Gap], list[Kink], list[Jump]]:
        sides = self._sides()
        scale = float(np.max(np.abs(self.values[self.finite]), initial=0.0))
        known = np.abs(self.slopes[np.isfinite(self.slopes)])
        steepest = float(np.median(known)) if len(self.places) and known.size else 0.0
        gaps, kinks, jumps = [], [], []
        for k, at in enumerate(map(float, self.places)):
            left, right = _tidy(sides["left"][k], scale), _tidy(sides["right"][k], scale)
            steep, rise = _tidy(sides["left'"][k], steepest), _tidy(sides["right'"][k], steepest)
            inside = any(low < high and low <= at <= high for low, high in self.runs)
            if not inside and (not np.isfinite(sides["at"][k]) or np.isinf([left, right]).any()):
                kind = "pole" if np.isinf([left, right]).any() else "hole"
                gaps.append(Gap(at, at, True, True, kind, left, right))
            rough = 0.0 if np.isfinite(sides["at"][k]) else 0.01 * steepest  # beside a hole 0/0 leaves few digits
            apart = 10 * (sides["left±"][k] + sides["right±"][k]) + 1e-9 * scale
            if np.isfinite([left, right]).all() and abs(left - right) > apart:
                jumps.append(Jump(at, left, right))
            elif self._breaks(left, right, steep, rise, 10 * (sides["left'±"][k] + sides["right'±"][k]) + rough):
                kinks.append(Kink(at, steep, rise, float(self.slope(np.array([at]))[0])))
        where = {float(at): k for k, at in enumerate(self.places)}
        for low, high in self.runs:
            if low == high:
                continue
            ends = self.value(np.array([low, high]))
            middle = float(self.value(np.array([(low + high) / 2]))[0])
            gaps.append(
                Gap(
                    low,
                    high,
                    low == self.low or not np.isfinite(ends[0]),
                    high == self.high or not np.isfinite(ends[1]),
                    "overflow" if np.isinf(middle) else "undefined",
                    _tidy(sides["left"][where[low]], scale) if low in where else np.nan,
                    _tidy(sides["right"][where[high]], scale) if high in where else np.nan,
                )
            )
        return sorted(gaps, key=lambda gap: gap.low), kinks, jumps

    @staticmethod
    def _breaks(left: float, right: float, steep: float, rise: float, apart: float) -> bool:
        """Is a place where the function goes on, or ends, without a derivative?"""
        if np.isfinite([left, right]).all():
            if np.isinf([steep, rise]).any():
                return True
            return abs(steep - rise) > apart + 1e-6 * max(abs(steep), abs(rise))
        return bool((np.isfinite(left) and np.isinf(steep)) or (np.isfinite(right) and np.isinf(rise)))

    # --- slopes

    def _away(self, points: Array, room: float) -> Array:
        """Which points are so far from every place at which something may happen."""
        if not len(self.places):
            return np.ones(points.shape, dtype=bool)
        return np.abs(points[:, None] - self.places).min(axis=1) > room

    def _agreement(self) -> Agreement:
        points = np.linspace(self.low, self.high, CHECKED)
        points = points[self._away(points, 1e-3 * self.width)]
        taken = self.slope(points)
        found, rounding, sure = difference_quotients(self.value, points, self.width)
        both = sure & np.isfinite(taken)
        missing = int((sure & ~np.isfinite(taken)).sum())
        if not both.any():
            return Agreement(0, np.nan, np.nan, np.nan, np.nan, missing)
        size = np.maximum(np.maximum(np.abs(found), np.abs(taken)), 1e6 * rounding)
        off = np.where(both & (size > 0), np.abs(found - taken) / np.where(size > 0, size, 1.0), 0.0)
        k = int(off.argmax())
        return Agreement(int(both.sum()), float(points[k]), float(taken[k]), float(found[k]), float(off[k]), missing)

    def _steepest(self, unbounded: list[float]) -> tuple[float, float]:
        size = np.where(np.isfinite(self.slopes) & self.finite, np.abs(self.slopes), -1.0)
        for at in unbounded:
            size = np.where(np.abs(self.grid - at) < 0.01 * self.width, -1.0, size)
        k = int(size.argmax())
        return (float(size[k]), float(self.grid[k])) if size[k] >= 0 else (np.nan, np.nan)

    def _tail(self, side: str, largest: float) -> Tail | None:
        """The saturated tail of a side: everything from `start` on to FAR."""
        way = 1.0 if side == "right" else -1.0
        near = self.grid if way > 0 else self.grid[::-1]
        reach = np.abs(near[-1]) + self.width
        far = way * np.geomspace(reach, max(FAR, 10 * reach), 400)
        step = np.linspace(near[-1], far[0], 400)[1:-1]
        path = np.concatenate([near, step, far])
        size = np.where(np.isfinite(self.value(path)), np.abs(self.slope(path)), np.nan)
        quiet = size < SATURATED * largest  # nan is not quiet
        if not largest > 0 or not quiet[-1]:
            return None
        loud = np.flatnonzero(~quiet)
        first = int(loud[-1]) + 1 if len(loud) else 0
        start = float(path[first])
        if first:
            quieter = lambda zs: SATURATED * largest - np.abs(self.slope(zs))  # noqa: E731
            start = self._snapped(float(bisected(quieter, path[first - 1 : first], path[first : first + 1])[0]))
        return Tail(side, start, bool((size[first:] == 0).all()))

    # --- all of it

    def told(self) -> Examined:
        gaps, kinks, jumps = self._happenings()
        bend = [kink.at for kink in kinks if np.isinf([kink.left, kink.right]).any()]
        poles = [
            end for gap in gaps for end, side in ((gap.low, gap.left), (gap.high, gap.right)) if not np.isfinite(side)
        ]
        steepest, steepest_at = self._steepest([*bend, *poles])
        tails = (self._tail("left", steepest), self._tail("right", steepest))
        lows, highs = self._extremes(gaps, jumps, 1.0), self._extremes(gaps, jumps, -1.0)
        left, right = at_infinity(self.value, -1.0), at_infinity(self.value, 1.0)
        wide = np.geomspace(max(abs(self.low), abs(self.high)), FAR, 400)
        over = np.concatenate([self.value(-wide), self.value(wide), [left, right, lows[0], -highs[0]]])
        over = over[~np.isnan(over)]
        return Examined(
            self.variable.name,
            self.low,
            self.high,
            tuple(gaps),
            tuple(kinks),
            tuple(jumps),
            self._agreement(),
            steepest,
            steepest_at,
            tuple(tail for tail in tails if tail),
            lows[0],
            lows[1],
            -highs[0],
            highs[1],
            left,
            right,
            float(over.min(initial=np.inf)) if len(over) else np.nan,
            float(over.max(initial=-np.inf)) if len(over) else np.nan,
            self.more,
        )

    def _extremes(self, gaps: list[Gap], jumps: list[Jump], sign: float) -> tuple[float, float]:
        """(the infimum of sign·f on the range, where)."""
        if not self.finite.any():
            return np.nan, np.nan
        values = np.where(self.finite, sign * self.values, np.inf)
        k = int(values.argmin())
        best = (float(values[k]), float(self.grid[k]))
        if 0 < k < POINTS - 1 and self.finite[k - 1 : k + 2].all():
            at, least = zoomed(lambda zs: sign * self.value(zs), self.grid[k - 1], self.grid[k + 1])
            best = min(best, (least, self._snapped(at)))
        there = sign * self.value(self.places)
        best = min([best, *((float(v), float(at)) for v, at in zip(there, self.places, strict=True) if np.isfinite(v))])
        sides = [(gap.low, gap.left) for gap in gaps] + [(gap.high, gap.right) for gap in gaps]
        sides += [(jump.at, side) for jump in jumps for side in (jump.left, jump.right)]
        return min([best, *((sign * side, at) for at, side in sides if not np.isnan(side))])
