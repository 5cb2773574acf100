"""What stands where on the main chart: ranges, lines, and labels that do not collide."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, final

import numpy as np

from flopcast.figures.labels import Box, Frame, Label, Placed, along, dots, place
from flopcast.figures.marks import Mark, reference_marks
from flopcast.figures.points import frontier
from flopcast.figures.theme import NARROW, Layout
from flopcast.figures.words import percent, power, short_name
from flopcast.progress.burden import Burden
from flopcast.progress.target import Target
from flopcast.progress.theory import COMPUTE_EXPONENT

Place = tuple[float, float]

#: Targets that the power law puts beyond this (log10 FLOP) are not drawn.
FARTHEST: Final = 40.0
#: With more points than this no model is named, and labels do not keep clear of points.
MOST_COVERED: Final = 1500


@final
@dataclass(frozen=True)
class Flag:
    """A yardstick's line at ``log10_flop`` up to ``top`` (log10 error), and its name's box."""

    text: str
    log10_flop: float
    top: float
    box: Box


@final
@dataclass(frozen=True)
class Scene:
    """What is to be drawn, and the plot it is drawn on; places are (log10 FLOP, log10 error).

    ``down_to`` is an error that the lines run to where there are no targets.
    """

    burden: Burden
    targets: tuple[Target, ...]
    marks: tuple[Mark, ...]
    layout: Layout
    frame: Frame
    down_to: float | None = None

    @property
    def fitted(self) -> tuple[Place, Place] | None:
        """Ends of the fitted line within the plot; None where there is no exponent."""
        if self.burden.refusal is not None:
            return None
        at = sorted(self.burden.at_error(10.0**y) for y in self.frame.y)
        start, end = max(at[0], self.frame.x[0]), min(at[1], self.frame.x[1])
        level = -self.burden.slope * (start - self.burden.at_error(1.0))
        return (start, level), (end, level - self.burden.slope * (end - start))

    @property
    def theory(self) -> tuple[Place, Place] | None:
        """The k^4 line from today's best error to the lowest target; None without one."""
        if self.targets:
            line, lowest = self.targets[0].theory, math.log10(self.targets[-1].error) - 0.04
        elif self.down_to is not None and self.burden.refusal is None:
            line, lowest = self.burden.theory(self.down_to), math.log10(self.down_to)
        else:
            return None
        anchor = math.log10(line.anchor_error)
        end = line.anchor_log10_flop + COMPUTE_EXPONENT * (anchor - lowest)
        return (line.anchor_log10_flop, anchor), (end, lowest)

    @property
    def flags(self) -> tuple[Flag, ...]:
        """The yardsticks from left to right, each name in a lower row than the one before."""
        found = []
        for row, mark in enumerate(self.marks):
            text, top = _name(mark, self.layout), (row + 0.2) * _row(self.layout)
            left = self.frame.px(mark.log10_flop, 0.0)[0] + 4
            width = _label(text, self.layout).width
            box = Box(left, top, left + width, top + self.layout.font * 1.25)
            found.append(Flag(text, mark.log10_flop, self.frame.at(0.0, top)[1], box))
        return tuple(found)

    @property
    def labels(self) -> list[Placed]:
        """All labels in their places: targets and lines first, then notable models."""
        frame, found = self.frame, self.burden.points
        points = zip(found.log10_compute, np.log10(found.error), strict=True)
        few = found.n <= MOST_COVERED
        covered = dots((frame.px(float(x), float(y)) for x, y in points), 9.0) if few else []
        crossed: list[Box] = []
        for line in (self.fitted, self.theory):
            if line is not None:
                crossed += dots(along(frame.px(*line[0]), frame.px(*line[1])))
        taken = [flag.box for flag in self.flags]
        for target in self.targets:
            start, end = (frame.px(at, math.log10(target.error)) for at in interval(target))
            taken += dots(along(start, end), 3.5)
        models = self._model_labels() if few else []
        wanted = [*self._target_labels(), *self._line_labels(), *models]
        return place(wanted, frame.box, points=covered, lines=crossed, taken=taken)

    def _target_labels(self) -> list[Label]:
        return [
            _target_label(
                target,
                self.layout,
                self.frame.px(target.power_law_point, math.log10(target.error)),
            )
            for target in self.targets
        ]

    def _line_labels(self) -> list[Label]:
        labels = []
        if self.theory is not None:
            at = self._part_of(self.theory, 0.7)
            labels.append(_label("theory: k⁴", self.layout, at, "theory", ("sw", "w")))
        if self.fitted is not None:
            (_, top), (_, bottom) = self.fitted
            best = math.log10(float(self.burden.points.error.min()))
            at = self._part_of(
                self.fitted, min(max((top - best) / (top - bottom), 0.25) + 0.06, 0.9)
            )
            exponent = "" if self.layout.compact else f", exponent {self.burden.exponent:.1f}"
            text = f"fitted line{exponent}"
            labels.append(_label(text, self.layout, at, "line", ("ne", "e", "n")))
        return labels

    def _part_of(self, line: tuple[Place, Place], share: float) -> Place:
        (x0, y0), (x1, y1) = line
        return self.frame.px(x0 + share * (x1 - x0), y0 + share * (y1 - y0))

    def _model_labels(self) -> list[Label]:
        found = self.burden.points
        labels = []
        for run in frontier(self.burden, 4 if self.layout.compact else 8):
            index = found.runs.index(run)
            at = self.frame.px(
                float(found.log10_compute[index]), math.log10(float(found.error[index]))
            )
            sides = ("sw", "w", "s", "ne", "n")
            labels.append(_label(short_name(run.name), self.layout, at, "model", sides))
        return labels


def scene_of(
    burden: Burden, targets: Sequence[Target], width: int, *, down_to: float | None = None
) -> Scene:
    """The scene for a burden, with those targets that are near enough to draw.

    ``down_to`` is an error below all others that the lines are drawn to; None for the data's.
    """
    near = [target for target in targets if target.power_law_point < FARTHEST]
    drawn = tuple(sorted(near, key=lambda target: -target.error))
    layout = Layout(width, 400 if width < NARROW else 460)
    left, right, marks = _across(burden, drawn, layout)
    low, high = _up(burden, drawn)
    if down_to is not None and burden.refusal is None and burden.at_error(down_to) < FARTHEST:
        low, right = min(low, math.log10(down_to)), max(right, burden.at_error(down_to) + 0.5)
    headroom = (len(marks) + 0.7) * _row(layout) if marks else 0.0
    high += (high - low) * headroom / (layout.height - headroom)
    frame = Frame(layout.inner_width, layout.height, (left, right), (low, high))
    return Scene(burden, drawn, marks, layout, frame, down_to)


def interval(target: Target) -> tuple[float, float]:
    """Ends of the power law's 90 % interval; an end out of reach is put two orders further."""
    low, high = target.power_law.p05, target.power_law.p95
    point = target.power_law_point
    return (point if low is None else low), (point + 2.0 if high is None else high)


def _across(
    burden: Burden, targets: tuple[Target, ...], layout: Layout
) -> tuple[float, float, tuple[Mark, ...]]:
    """Range of log10 FLOP, wide enough for the names of the yardsticks within it."""
    x = burden.points.log10_compute
    left = math.floor(float(x.min()) - 0.5)
    right = max([float(x.max()) + 0.8, *(interval(target)[1] + 0.4 for target in targets)])
    found = reference_marks(burden, targets[0]) if targets else ()
    marks = tuple(mark for mark in found if left < mark.log10_flop < right - 0.5)
    texts = [(mark.log10_flop, _label(_name(mark, layout), layout)) for mark in marks]
    if not layout.compact:
        texts += [(target.power_law_point, _target_label(target, layout)) for target in targets]
    for at, label in texts:
        share = (layout.inner_width - label.width - 12) / layout.inner_width
        right = max(right, left + (at - left) / share)
    return left, right, marks


def _up(burden: Burden, targets: tuple[Target, ...]) -> tuple[float, float]:
    """Range of log10 error."""
    errors = burden.points.error
    low = math.log10(min([float(errors.min()), *(target.error for target in targets)]))
    high = math.log10(float(errors.max())) + 0.06
    return low - (0.12 if targets else 0.05), min(high, 0.0)


def _row(layout: Layout) -> float:
    return layout.font * 1.6


def _name(mark: Mark, layout: Layout) -> str:
    return mark.short if layout.compact else mark.label


def _label(
    text: str, layout: Layout, at: Place = (0.0, 0.0), kind: str = "", sides: tuple[str, ...] = ()
) -> Label:
    return Label(text, *at, layout.font, kind, sides)


def _target_label(target: Target, layout: Layout, at: Place = (0.0, 0.0)) -> Label:
    text = f"{percent(target.error)}: {power(target.power_law_point)} FLOP"
    return _label(text, layout, at, "target", ("n", "ne", "nw"))
