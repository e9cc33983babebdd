"""Figures of a designed cut, as plain specifications: off-design purities, what numbers of stages cost."""

from __future__ import annotations

from collections.abc import Iterable

from ytterby.datasets import cited, weakest_basis
from ytterby.design.costs import CURRENCY, PRICE_DATE
from ytterby.design.cut import Candidate, DesignedCut
from ytterby.report.figures import Band, Figure, Panel, Series, profile_figure
from ytterby.study.design_space import Sweep, design_space

DEAREST = 1.5
"""Cost over that of the design above which a candidate is not drawn."""


def design_figures(designed: DesignedCut) -> list[Figure]:
    """Stage profiles, purities around the design, cost by stages. Solves the circuits around the design."""
    spaces = [design_space_figure(designed, sweep) for sweep in design_space(designed)]
    return [profile_figure(designed.solved), *spaces, cost_figure(designed)]


def design_space_figure(designed: DesignedCut, sweep: Sweep) -> Figure:
    """Wrong sides and losses against one flow, log axes, with what was asked; shades meet at the design."""
    task = designed.task
    light, heavy = task.cut
    count = len(sweep.volume)
    most = dict.fromkeys(task.specification.wrong_sides)
    least = dict.fromkeys(map(task.specification.key_recovery, task.cut))
    wrong = (
        Series("raffinate", tuple(sweep.raffinate_wrong.tolist())),
        Series("strip liquor", tuple(sweep.strip_wrong.tolist())),
        *_asked(most, count),
    )
    lost = (
        Series(f"{heavy}, to the raffinate", tuple(sweep.heavy_lost.tolist())),
        Series(f"{light}, to the strip liquor", tuple(sweep.light_lost.tolist())),
        *_asked([1.0 - share for share in least], count),
    )
    first, last = float(sweep.volume[0]), float(sweep.volume[-1])
    return Figure(
        name=f"{task.name}-{sweep.flow.replace(' ', '-')}",
        title=f"{task.name} run with other than the designed {sweep.flow}",
        x_label=f"{sweep.flow}, m3/h (designed: {sweep.as_designed:.4g})",
        x=tuple(sweep.volume.tolist()),
        panels=(
            Panel("wrong side, mol/mol", wrong, logarithmic=True, ordered=True),
            Panel("lost of the keys, mol/mol", lost, logarithmic=True, ordered=True),
        ),
        bands=(
            Band("less", first, sweep.as_designed),
            Band("more", sweep.as_designed, last),
        ),
        caption="Purity is what the wrong side leaves. Stages, acids and all other flows as designed. "
        f"Weakest basis: {designed.solved.weakest_basis}.",
        sources=designed.solved.sources,
    )


def _asked(limits: Iterable[float], count: int) -> list[Series]:
    """A level line for each limit; both outlets share one unless they have their own."""
    values = list(limits)
    names = ["asked"] if len(values) == 1 else ["asked of the first", "asked of the second"]
    return [
        Series(name, (value,) * count, style="steps")
        for name, value in zip(names, values, strict=True)
    ]


def cost_figure(designed: DesignedCut) -> Figure:
    """Annual cost of the candidates against their stages: those that part the keys, and those of strip."""
    shown = [
        it for it in designed.candidates if it.cost is not None and it.cost <= DEAREST * designed.cost
    ]  # fmt: skip
    parting = [it.stages.extraction + it.stages.scrub for it in shown]
    strip = [it.stages.strip for it in shown]
    own = designed.stages
    return Figure(
        name=f"{designed.task.name}-cost",
        title=f"Annual cost of {designed.task.name} by stages",
        x_label="stages",
        x=(),
        panels=(
            _costs("stages of extraction and scrub", shown, parting, own.extraction + own.scrub, designed),
            _costs("stages of strip", shown, strip, own.strip, designed),
        ),
        bands=(),
        caption=f"Candidates of the search that meet the specification, {CURRENCY} of {PRICE_DATE}; those "
        "that promised no gain were not polished. Weakest basis of the prices: "
        f"{weakest_basis(designed.prices)}.",
        sources=cited(designed.prices),
    )  # fmt: skip


def _costs(
    title: str, shown: list[Candidate], stages: list[int], own: int, designed: DesignedCut
) -> Panel:
    costs = tuple(it.cost / 1000.0 for it in shown if it.cost is not None)
    tried = Series("tried", costs, tuple(map(float, stages)), "points")
    chosen = Series("designed", (designed.cost / 1000.0,), (float(own),), "points")
    label = f"1000 {CURRENCY}/year"
    return Panel(label, (tried, chosen), ordered=True, title=title)
