"""Random feeds within the catalogue's ranges through the reference refinery, each fixed by its seed.

    python bench/random_feeds.py                          writes docs/reference/random-feeds.md
    python bench/random_feeds.py --seeds 0:20 --table     a line for each seed alone
    python bench/random_feeds.py --seeds 0:5 --redesign   circuits designed for each feed, a minute each

A run ends in a plant whose every element closes, or in an error of the house that names place and reason.
Anything else is a defect, is told with its seed, and makes this program end with 1.
"""

from __future__ import annotations

import argparse
import math
import statistics
import sys
import time
import traceback
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path

import numpy as np

from ytterby.case import read
from ytterby.case.plants import PlantFeed, PlantPlan
from ytterby.datasets.feeds import METALLIC, WHOLE, Feed, feeds
from ytterby.elements import RARE_EARTHS
from ytterby.errors import BalanceError, YtterbyError
from ytterby.flowsheet import OUTSIDE
from ytterby.materials import Flow, mixed, species
from ytterby.study.plant import PlantStudy, run_plant
from ytterby.unitops import SolventExtraction, assay, catalogue_assay
from ytterby.unitops.feeds import MINED

ROOT = Path(__file__).parents[1]
CASE = ROOT / "examples" / "lacq" / "lacq.toml"
PAGE = ROOT / "docs" / "reference" / "random-feeds.md"
CLOSURE = 1e-9
"""Most of an element that may be missing over the plant, by the plant's own sum and by the one made here."""
MAGNETS = (500.0, 4000.0)
"""Yearly mass of the magnets, log-uniform [t]."""
CONCENTRATES = (1000.0, 10000.0)
"""Yearly mass of the concentrates, log-uniform [t]."""
ALONE = 0.06
"""Share of draws without magnets, and of draws without concentrate."""
MINERALS = 0.15
"""Share of concentrates that are minerals or ores, drawn as the catalogue has them."""
CUT_UPSTREAM = 0.5
"""Share of the other concentrates of which something was taken out where they were mined."""
UPSTREAM = (("La", "Ce"), ("Y",), ("Pr", "Nd"))
"""Groups that are taken out upstream, each by a share of its own."""
MOST_BLENDED = 3


@dataclass(frozen=True)
class Drawn:
    """What arrives in one run; flows are not made yet, for the catalogue may refuse to."""

    seed: int
    medium: str
    magnets: float
    """Yearly [t]; 0 for none."""
    magnet_blend: Mapping[str, float]
    """Shares of mass by material of the catalogue."""
    magnet_metals: Mapping[str, tuple[float | None, float | None]]
    """NdPr and DyTb as metal by material [kg/kg]; None: as the catalogue has it."""
    concentrate: float
    """Yearly [t]; 0 for none."""
    concentrate_blend: Mapping[str, float]
    grades: Mapping[str, float | None]
    """TREO by material [kg/kg]."""
    taken: Mapping[str, float]
    """Shares taken out upstream, by element."""


def draw(seed: int) -> Drawn:
    """The feeds of a seed, by the ranges above and those of the catalogue."""
    random = np.random.default_rng([seed, 20260101])
    alone = random.uniform()
    magnets, concentrate = (_log_uniform(random, it) for it in (MAGNETS, CONCENTRATES))
    blend = _blend(random, [it for it in feeds() if it.form in METALLIC and it.metals])
    mineral = random.uniform() < MINERALS
    whole = [it for it in feeds() if it.form not in METALLIC and WHOLE[0] <= it.total <= WHOLE[1]]
    mined = [it for it in whole if it.form in MINED]
    unmined = [it for it in whole if it.form not in MINED]
    arriving = [(mined[random.integers(len(mined))], 1.0)] if mineral else _blend(random, unmined)
    cut = not mineral and random.uniform() < CUT_UPSTREAM
    shares = {group: random.uniform() for group in UPSTREAM}
    return Drawn(
        seed=seed,
        medium=("nitrate", "chloride")[seed % 2],
        magnets=0.0 if alone < ALONE else magnets,
        magnet_blend={it.name: share for it, share in blend},
        magnet_metals={
            it.name: (_within(random, it.ndpr_metal), _within(random, it.dytb_metal))
            for it, _ in blend
        },
        concentrate=0.0 if alone > 1.0 - ALONE else concentrate,
        concentrate_blend={it.name: share for it, share in arriving},
        grades={it.name: _within(random, _grades(it)) for it, _ in arriving},
        taken={symbol: share for group, share in shares.items() for symbol in group if cut},
    )


def _blend(random: np.random.Generator, among: Sequence[Feed]) -> list[tuple[Feed, float]]:
    """One to three feeds with shares that sum to one."""
    count = int(random.integers(1, MOST_BLENDED + 1))
    places = random.choice(len(among), count, replace=False)
    shares = random.dirichlet(np.ones(count))
    return [(among[place], float(share)) for place, share in zip(places, shares, strict=True)]


def _log_uniform(random: np.random.Generator, ends: tuple[float, float]) -> float:
    return float(np.exp(random.uniform(*np.log(ends))))


def _within(random: np.random.Generator, ends: tuple[float, float] | None) -> float | None:
    """Always one draw, so that ranges that are added to the catalogue move no other axis of a seed."""
    share = float(random.uniform())
    return None if ends is None else ends[0] + share * (ends[1] - ends[0])


def _grades(it: Feed) -> tuple[float, float] | None:
    return (it.treo_low, it.treo_high) if it.treo_low and it.treo_high else None


def magnet_composition(it: Feed, ndpr: float | None, dytb: float | None) -> dict[str, float]:
    """A magnet with that much NdPr and DyTb, in the proportions it has; iron makes room."""
    found = it.composition()
    before = sum(found.values())
    for pair, wanted in ((("Nd", "Pr"), ndpr), (("Dy", "Tb"), dytb)):
        there = sum(found.get(symbol, 0.0) for symbol in pair)
        if wanted is not None and there > 0.0:
            found |= {it: found[it] * wanted / there for it in pair if it in found}
    found["Fe"] += before - sum(found.values())
    return found


def cut_upstream(composition: Mapping[str, float], taken: Mapping[str, float]) -> dict[str, float]:
    """A concentrate without those shares, as rich as before."""
    rare = [symbol for symbol in composition if symbol in RARE_EARTHS]
    left = {symbol: composition[symbol] * (1.0 - taken.get(symbol, 0.0)) for symbol in rare}
    scale = sum(composition[symbol] for symbol in rare) / sum(left.values())
    return {**composition, **{symbol: scale * share for symbol, share in left.items()}}


@cache
def plan_of(medium: str) -> PlantPlan:
    """The reference case in a medium, with its stored designs."""
    plan = read(CASE, [f"plant.medium={medium}"]).plant
    assert plan is not None
    return plan


def arriving(drawn: Drawn, plan: PlantPlan) -> PlantPlan:
    """The plan with those feeds; DataError or CaseError where the catalogue or an analysis refuses one."""
    known = {it.name: it for it in feeds()}
    magnets = [
        assay(magnet_composition(known[name], *drawn.magnet_metals[name]), known[name].form).flow(
            share * drawn.magnets, plan.hours
        )
        for name, share in drawn.magnet_blend.items()
    ]
    concentrates = []
    for name, share in drawn.concentrate_blend.items():
        catalogue_assay(known[name])  # refuses what no gate could judge
        composition = cut_upstream(known[name].composition(drawn.grades[name]), drawn.taken)
        found = assay(composition, known[name].form)
        concentrates.append(found.flow(share * drawn.concentrate, plan.hours))
    flows = {"magnets": mixed(magnets), "concentrate": mixed(concentrates)}
    listed = (
        PlantFeed("magnets", drawn.magnet_blend, 1000.0 * drawn.magnets, None, ()),
        PlantFeed("concentrate", drawn.concentrate_blend, 1000.0 * drawn.concentrate, None, ()),
    )
    return replace(plan, flowsheet=replace(plan.flowsheet, feeds=flows), feeds=listed)


@dataclass(frozen=True)
class Ran:
    """What came of one seed."""

    drawn: Drawn
    outcome: str
    """``solved``, ``refused`` or ``defect``."""
    where: str = ""
    """Unit, or catalogue, of a refusal."""
    said: str = ""
    """Of a refusal or defect."""
    seconds: float = 0.0
    closure: float = 0.0
    missed: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Limits missed, by product that is made."""
    parted: tuple[str, ...] = ()
    """Circuits that part something."""
    short: tuple[str, ...] = ()
    """Those of them that miss a purity or recovery asked for."""
    told: tuple[str, ...] = ()
    """Notes of circuits."""

    @property
    def reason(self) -> str:
        """What the faults of a refusal are about, in few words."""
        lines = self.said.splitlines()
        places = [line for line in lines if line and not line.startswith(" ")]
        named = dict.fromkeys(place.rpartition(", ")[2] for place in places if ", " in place)
        return " and ".join(named) or lines[1].strip().removeprefix("read").strip()


def ran(seed: int, redesign: bool = False) -> Ran:
    """One seed drawn, run and judged; nothing is raised."""
    drawn = draw(seed)
    begun = time.perf_counter()
    try:
        study = run_plant(arriving(drawn, plan_of(drawn.medium)), redesign)
    except YtterbyError as error:
        faults = error.faults
        where = _unit(faults[0].where)
        named = all(it.where and it.read for it in faults)
        lost = isinstance(error, BalanceError)  # by its own words a defect of the program
        outcome = "refused" if named and not lost else "defect"
        return Ran(drawn, outcome, where, str(error), time.perf_counter() - begun)
    except Exception:
        return Ran(drawn, "defect", "", traceback.format_exc(), time.perf_counter() - begun)
    seconds = time.perf_counter() - begun
    return replace(_judged(drawn, study), seconds=seconds)


def _unit(where: str) -> str:
    """``plant lacq, unit gate: operation gate, grade`` is gate."""
    return where.partition(", unit ")[2].partition(":")[0] or where.split(",")[0]


def _judged(drawn: Drawn, study: PlantStudy) -> Ran:
    closure = max(map(abs, (*study.balance.closure.values(), own_closure(study))))
    wrong = [
        f"{it.name}: {value} of {name}"
        for it in study.balance.streams
        for name, value in it.flow.amounts.items()
        if not (math.isfinite(value) and value >= 0.0)
    ]
    if closure >= CLOSURE:
        wrong.append(f"closure {closure:.2g}")
    circuits = [
        unit for unit in study.balance.flowsheet.operations if isinstance(unit, SolventExtraction)
    ]
    parted = tuple(unit.name for unit in circuits if study.balance.units[unit.name].details)
    notes = {unit.name: study.balance.units[unit.name].notes for unit in circuits}
    return Ran(
        drawn,
        "defect" if wrong else "solved",
        said="; ".join(wrong),
        closure=closure,
        missed={
            it.product.end: tuple(
                judged.limit.analyte for judged in it.judged if judged.met is False
            )
            for it in study.products
            if it.flow.treo() > 0.0
        },
        parted=parted,
        short=tuple(name for name in parted if any("asked" in note for note in notes[name])),
        told=tuple(f"{name}: {note}" for name in notes for note in notes[name]),
    )


def own_closure(study: PlantStudy) -> float:
    """Mass that leaves less what enters, over what enters, by the streams that cross the fence."""

    def mass(flows: Iterable[Flow]) -> float:
        return math.fsum(
            amount * species(name).molar_mass
            for flow in flows
            for name, amount in flow.amounts.items()
        )

    came = mass(it.flow for it in study.balance.streams if it.source == OUTSIDE)
    went = mass(it.flow for it in study.balance.streams if it.target == OUTSIDE)
    return (went - came) / came


def page(runs: Sequence[Ran]) -> str:
    """The page of the documentation: how feeds are drawn, what came of them."""
    solved = [run for run in runs if run.outcome == "solved"]
    refused = [run for run in runs if run.outcome == "refused"]
    defects = [run for run in runs if run.outcome == "defect"]
    seconds = sorted(run.seconds for run in solved)
    closure = max((run.closure for run in solved), default=math.nan)
    helped = [run for run in solved if any("no organic flow alone" in note for note in run.told)]
    unhelped = [run for run in solved if any("run at its flows" in note for note in run.told)]
    first, last = runs[0].drawn.seed, runs[-1].drawn.seed
    return PAGE_TEXT.format(
        end=last + 1,
        first=first,
        last=last,
        count=len(runs),
        solved=len(solved),
        share=100.0 * len(solved) / len(runs),
        refused=len(refused),
        defects=len(defects),
        closure=closure,
        median=statistics.median(seconds),
        slow=seconds[int(0.95 * (len(seconds) - 1))],
        products=_lines(_product_rows(solved)),
        circuits=_lines(_circuit_rows(solved)),
        helped=len(helped),
        unhelped=len(unhelped),
        verdicts=_lines(_verdict_rows(refused)),
    )


def _lines(rows: Iterable[Sequence[object]]) -> str:
    return "\n".join("| " + " | ".join(map(str, row)) + " |" for row in rows)


def _product_rows(solved: Sequence[Ran]) -> list[tuple[object, ...]]:
    names = dict.fromkeys(name for run in solved for name in run.missed)
    rows = []
    for name in names:
        made = [run.missed[name] for run in solved if name in run.missed]
        limits = Counter(limit for missed in made for limit in missed)
        told = ", ".join(f"{limit} {count}" for limit, count in limits.most_common())
        rows.append((name, len(made), sum(not missed for missed in made), told or "none"))
    return rows


def _circuit_rows(solved: Sequence[Ran]) -> list[tuple[object, ...]]:
    names = dict.fromkeys(name for run in solved for name in run.parted)
    return [
        (
            name,
            sum(name in run.parted for run in solved),
            sum(name in run.parted and name not in run.short for run in solved),
        )
        for name in names
    ]


def _verdict_rows(refused: Sequence[Ran]) -> list[tuple[object, ...]]:
    groups: dict[tuple[str, str], list[Ran]] = {}
    for run in refused:
        groups.setdefault((run.where, run.reason), []).append(run)
    return [
        (where, reason, len(group), ", ".join(str(run.drawn.seed) for run in group))
        for (where, reason), group in sorted(groups.items(), key=lambda it: -len(it[1]))
    ]


def _told(run: Ran) -> str:
    """A line for the terminal."""
    if run.outcome != "solved":
        said = " ".join(run.said.split())
        return f"{run.drawn.seed} {run.outcome} {run.seconds:.1f} s {run.where}: {said}"
    missed = ", ".join(
        f"{name}: {'; '.join(limits)}" for name, limits in run.missed.items() if limits
    )
    closed = f"closes to {run.closure:.1e}, {len(run.short)} of {len(run.parted)} circuits short"
    return f"{run.drawn.seed} solved {run.seconds:.1f} s, {closed}, misses {missed or 'nothing'}"


def main() -> int:
    """Run what is asked; 1 if there was a defect."""
    words = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    words.add_argument("--seeds", default="0:200", help="first and last, exclusive")
    words.add_argument("--redesign", action="store_true", help="design circuits for each feed")
    words.add_argument("--table", action="store_true", help="a line for each seed, no page")
    asked = words.parse_args()
    first, end = map(int, asked.seeds.split(":"))
    runs = []
    for seed in range(first, end):
        runs.append(ran(seed, asked.redesign))
        print(_told(runs[-1]), flush=True)
    print(dict(Counter(run.outcome for run in runs)))
    if not (asked.table or asked.redesign):
        PAGE.write_text(page(runs), encoding="utf-8")
        print(f"wrote: {PAGE.relative_to(ROOT)}")
    return int(any(run.outcome == "defect" for run in runs))


PAGE_TEXT = """\
# Random feeds

Whether the reference refinery runs whatever the catalogue of feeds allows. `bench/random_feeds.py` draws
feeds by seed, runs [the plant](../howto/run-a-plant.md) with the stages of its stored designs, flows trimmed
to the feed, and writes this page:

```text
python bench/random_feeds.py --seeds {first}:{end}
```

A run has to end in a plant of which every element closes within 1e-9, by its own sum and by the mass of the
streams that cross the fence, with every amount finite and none below zero, or in a named verdict. Anything
else is a defect.

## Axes

| axis | range |
| --- | --- |
| medium | nitrate, chloride by turns |
| magnets | 500 to 4,000 t/y, log-uniform; none in 6 % of draws |
| their blend | one to three of the catalogue's magnets and swarfs with a composition, shares uniform |
| their metal | Nd + Pr and Dy + Tb each uniform in the range of the material; iron makes room |
| concentrate | 1,000 to 10,000 t/y, log-uniform; none in 6 % of draws |
| its blend | one to three clays and concentrates of a whole basket; in 15 % of draws one mineral or ore |
| its grade | TREO uniform in the range of the material |
| cuts upstream | in half of the blends: La with Ce, Y, and Pr with Nd, each taken out by a uniform share |

## Figures

Seeds {first} to {last}: **{solved} of {count} solved ({share:.0f} %), {refused} turned away by a named
verdict, {defects} defects.** Largest imbalance of an element over its feed, or of mass: {closure:.1e}.
Seconds for a solved feed on one core beside other work, compilation of new shapes counted: median
{median:.1f}, 95 % {slow:.0f}.

| product | made | on specification | limits missed |
| --- | --- | --- | --- |
{products}

| circuit | parts something | keeps every purity and recovery asked |
| --- | --- | --- |
{circuits}

Circuits were designed for the reference feeds, so most others miss what is asked of some: that is told with
each result, and `--redesign` designs them for what arrives. In {helped} runs a circuit needed another
saponification or reflux beside its trimmed organic flow; in {unhelped} none helped, and it ran at the flows
of its design. ce-pr, which parts nothing of the reference feeds, is designed on the way. What misses in a
feed's own ratio of Nd to Pr no cut can mend.

| turned away by | because of | times | seeds |
| --- | --- | --- | --- |
{verdicts}
"""


if __name__ == "__main__":
    sys.exit(main())
