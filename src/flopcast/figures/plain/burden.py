"""The main chart: error against compute, the fitted line with its band, theory, targets."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final, final

import numpy as np

from flopcast.figures.forms_chart import STYLES
from flopcast.figures.labels import Frame, Placed
from flopcast.figures.plain import axes
from flopcast.figures.plain.curves import Curve, form_curve, regression_curve
from flopcast.figures.plain.elements import element, label, path
from flopcast.figures.plain.marks import (
    MOST_POINTS,
    Dot,
    Window,
    density,
    doors,
    dots,
    inside,
    key_height,
    year_key,
)
from flopcast.figures.plain.picture import Picture
from flopcast.figures.scene import Scene, interval, scene_of
from flopcast.figures.theme import BAND, BLUE, INK, MUTED, ORANGE, PAPER, year_colours
from flopcast.figures.words import AXIS_TITLES, error_title, how_known, percent, power
from flopcast.progress.burden import Burden
from flopcast.progress.forms import FORMS
from flopcast.progress.target import Target

_INKS: Final = {"model": INK, "target": ORANGE, "line": INK, "theory": BLUE}


@final
@dataclass(frozen=True)
class Look:
    """How the main chart is drawn.

    ``years`` are the first and last that colours run between. ``form`` is the shape whose curve is
    drawn, ``"all"`` for every one. ``down_to`` is an error that the lines run to without targets.
    ``window`` is what is shown of the plot (log10 FLOP from, to, log10 error from, to), ``door``
    the address of such a window.
    """

    years: tuple[int, int]
    form: str = "power"
    down_to: float | None = None
    window: Window | None = None
    door: Callable[[Window], str] | None = None


def burden_picture(burden: Burden, targets: Sequence[Target], look: Look, width: int) -> Picture:
    """The chart ``width`` px wide; below 540 px in the layout of a phone.

    For a refused burden the points stand alone. More points than fit are drawn as densities.
    """
    scene = _scene(burden, targets, look, width)
    frame, layout = scene.frame, scene.layout
    colours = year_colours(range(look.years[0], look.years[1] + 1))
    title = AXIS_TITLES[burden.points.measure]
    x, y = burden.points.log10_compute, np.log10(burden.points.error)
    seen = inside(x, y, frame)
    many = int(seen.sum()) > MOST_POINTS
    years = [] if many else sorted({run.year for run in burden.points.runs})
    down = axes.foot(layout, title) + (key_height(years, layout) if years else 0.0)
    parts = [
        axes.error_axis(frame, layout, error_title(burden.source.benchmark.error), *frame.y),
        axes.power_axis(frame, layout, title),
        element("g", *_curves(scene, look), clip_path=f"url(#clip-{width})"),
        _flags(scene),
        _rules(scene),
    ]
    if many:
        parts.append(density(x[seen], y[seen], frame))
        parts.append(doors(x[seen], y[seen], frame, look.door) if look.door else "")
    else:
        parts.append(
            dots([dot(burden, int(i)) for i in np.flatnonzero(seen)], frame, layout, colours)
        )
    parts += [_targets(scene), *(_label(item) for item in scene.labels)]
    parts.append(year_key(years, layout, colours, frame.height + axes.foot(layout, title) + 10))
    clip = element(
        "clipPath", element("rect", width=frame.width, height=frame.height), id=f"clip-{width}"
    )
    at = f"translate({layout.left},{axes.HEAD:g})"
    body = clip + element("g", *parts, transform=at)
    return Picture(body, layout.width, axes.HEAD + frame.height + down + 12, layout)


def _scene(burden: Burden, targets: Sequence[Target], look: Look, width: int) -> Scene:
    scene = scene_of(burden, targets, width, down_to=look.down_to)
    if look.window is None:
        return scene
    left, right, low, high = look.window
    frame = Frame(scene.frame.width, scene.frame.height, (left, right), (low, high))
    return Scene(burden, scene.targets, (), scene.layout, frame, look.down_to)


def dot(burden: Burden, index: int) -> Dot:
    """One point in words: model and year, error, compute and how it is known, paper."""
    found, run = burden.points, burden.points.runs[index]
    words = (
        f"{run.name} ({run.year})",
        f"{percent(float(found.error[index]))} error",
        f"{power(float(found.log10_compute[index]))} FLOP, {how_known(found, index)}",
        run.source.title,
    )
    place = float(found.log10_compute[index]), math.log10(float(found.error[index]))
    hollow = bool(found.imputed[index])
    return Dot(*place, "\n".join(words), run.source.url, run.year, hollow)


def _curves(scene: Scene, look: Look) -> list[str]:
    burden = scene.burden
    if burden.refusal is not None:
        return []
    drawn = []
    if look.form == "power":
        drawn += _banded(scene.frame, regression_curve(burden, scene.frame.x), INK, None)
    elif look.form == "all":
        for form in FORMS:
            colour, dash = STYLES[form.name]
            curve = form_curve(burden, form.name, scene.frame.x)
            drawn.append(_line(scene.frame, curve, colour, _dashes(dash)))
    else:
        colour, _ = STYLES[look.form]
        curve = form_curve(burden, look.form, scene.frame.x)
        drawn += _banded(scene.frame, curve, colour, None)
    if scene.theory is not None:
        places = [scene.frame.px(*place) for place in scene.theory]
        drawn.append(element("path", d=path(places), fill="none", stroke=BLUE, stroke_width=2,
                             stroke_dasharray="6 4"))  # fmt: skip
    return drawn


def _dashes(dash: list[int]) -> str | None:
    return None if dash == [1, 0] else " ".join(str(part) for part in dash)


def _banded(frame: Frame, curve: Curve, colour: str, dash: str | None) -> list[str]:
    found = []
    if curve.low is not None and curve.high is not None:
        upper = [frame.px(*at) for at in zip(curve.x, curve.high, strict=True)]
        lower = [frame.px(*at) for at in zip(curve.x, curve.low, strict=True)]
        d = path([*upper, *reversed(lower)], closed=True)
        found.append(element("path", d=d, fill=BAND, fill_opacity="0.55"))
    return [*found, _line(frame, curve, colour, dash)]


def _line(frame: Frame, curve: Curve, colour: str, dash: str | None) -> str:
    d = path(frame.px(*at) for at in zip(curve.x, curve.centre, strict=True))
    return element("path", d=d, fill="none", stroke=colour, stroke_width=2, stroke_dasharray=dash)


def _flags(scene: Scene) -> str:
    """Vertical lines at the yardsticks, each with its name at its head like a flag."""
    drawn = []
    for flag in scene.flags:
        x, top = scene.frame.px(flag.log10_flop, flag.top)
        d = f"M{x:.1f},{top:.1f}V{scene.frame.height:.0f}"
        drawn.append(element("path", d=d, stroke=MUTED, stroke_opacity="0.6", fill="none"))
        drawn.append(label(flag.text, flag.box.left, (flag.box.top + flag.box.bottom) / 2,
                           fill=MUTED))  # fmt: skip
    return "".join(drawn)


def _rules(scene: Scene) -> str:
    heights = [scene.frame.px(0.0, math.log10(target.error))[1] for target in scene.targets]
    d = "".join(f"M0,{y:.1f}H{scene.frame.width:.0f}" for y in heights)
    return element("path", d=d, stroke=ORANGE, stroke_dasharray="2 3") if d else ""


def _targets(scene: Scene) -> str:
    drawn = []
    for target in scene.targets:
        y = math.log10(target.error)
        low, high = (scene.frame.px(min(at, scene.frame.x[1]), y) for at in interval(target))
        x, middle = scene.frame.px(target.power_law_point, y)
        bar = element("path", d=path([low, high]), stroke=ORANGE, stroke_width=5,
                      stroke_opacity="0.75")  # fmt: skip
        point = element("path", d=f"M{x:.1f},{middle - 6.5:.1f}l6.5,6.5l-6.5,6.5l-6.5,-6.5z",
                        fill=ORANGE)  # fmt: skip
        words = f"{percent(target.error)} error: {power(target.power_law_point)} FLOP"
        drawn.append(element("g", element("title", words), bar, point))
    return "".join(drawn)


def _label(item: Placed) -> str:
    x, y = item.hold
    anchor = {"left": None, "right": "end"}.get(item.align, "middle")
    text = label(item.label.text, x, y, fill=_INKS[item.label.kind], anchor=anchor, halo=PAPER)
    if item.leader is None or item.label.kind != "model":
        return text
    d = path([(item.label.x, item.label.y), item.leader])
    return element("path", d=d, stroke=MUTED, stroke_width=0.7, fill="none") + text
