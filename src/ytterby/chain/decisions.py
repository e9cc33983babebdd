"""The last months in which a customer can still decide: order, qualify, ask for samples, build."""

from __future__ import annotations

from dataclasses import dataclass

from ytterby.chain.explosion import Explosion
from ytterby.chain.leads import ANY, ENDS, Time, at, whole
from ytterby.chain.network import Recipe


@dataclass(frozen=True)
class Dates:
    """The latest month of a decision if every time is as short as it may be, as usual, or as long."""

    low: int
    value: int
    high: int

    def past(self, now: int) -> tuple[str, ...]:
        """Under which of the times (``leads.ENDS``) the month is over already in the month ``now``."""
        return tuple(end for end in ENDS if getattr(self, end) < now)


@dataclass(frozen=True)
class Decision:
    """What one stage needs decided, and by when, so that one demand line is served from its first month."""

    demand: str
    stage: str
    material: str
    """What the stage must have ready; where it makes several, the one that is due first."""
    recipes: tuple[str, ...]
    """Which of the stage could make it."""
    ready: Dates
    """In which the first of it must leave its maker."""
    order: Dates
    """By which a maker that runs and is accepted must have the order."""
    qualify: Dates | None
    """By which a maker that runs must begin to be qualified; None where nobody asks or no time is known."""
    samples: Dates | None
    """By which it must begin the samples for that; None likewise."""
    build: Dates | None
    """By which a new plant must be decided on; None if no building time is known."""
    unsaid: tuple[str, ...]
    """Times that no source gives: left out of the sums, so a decision may have to come earlier."""

    def past(self, now: int) -> dict[str, tuple[str, ...]]:
        """Decisions whose month is over in the month ``now``, each with the times under which it is."""
        dates = {
            "order": self.order,
            "qualify": self.qualify,
            "samples": self.samples,
            "build": self.build,
        }
        found = {name: it.past(now) for name, it in dates.items() if it is not None}
        return {name: ends for name, ends in found.items() if ends}


def decisions(explosion: Explosion) -> tuple[Decision, ...]:
    """For each demand line and each stage that it needs, the latest months to decide in.

    Stages are those of the walk, and of all that could make the materials at which it ended and what those
    need in turn; of what the route declares raw nothing is said. A line that asks for nothing, or is served
    from the customer's stock, has none.
    """
    return tuple(
        decision
        for at_line in range(len(explosion.demands))
        for decision in _of(explosion, at_line)
    )


def _of(explosion: Explosion, at_line: int) -> list[Decision]:
    demand, asked = explosion.demands[at_line], explosion.asked[at_line]
    first = explosion.first(asked, demand.name)
    if first is None:
        return []
    ahead = {end: _ahead(explosion, demand.name, end) for end in ENDS}
    due = first + ahead[explosion.end][asked]
    found: dict[str, Decision] = {}
    for material in ahead["value"]:
        ready = Dates(*(due - ahead[end][material] for end in ENDS))
        for stage, recipes in _able(explosion, material).items():
            if stage not in found or ready.value < found[stage].ready.value:
                customer = demand.customer_class if material == asked else None
                found[stage] = _decision(explosion, demand.name, material, recipes, ready, customer)
    return list(found.values())


def _ahead(explosion: Explosion, demand: str, end: str) -> dict[str, int]:
    """Whole months from leaving its maker to the customer of each material, on from where the walk ended.

    Each recipe beyond is followed once, from the earliest of its products.
    """
    ahead = explosion.ahead(demand, end)
    todo = sorted((name for name in ahead if name in explosion.ends), key=lambda name: -ahead[name])
    followed: set[str] = set()
    while todo:
        name = todo.pop(0)
        for recipe in _makers(explosion, name):
            if recipe.name in followed:
                continue
            followed.add(recipe.name)
            for part in recipe.inputs:
                if part not in ahead and _makers(explosion, part):
                    todo.append(part)
                shift = explosion.leads.shift(recipe, explosion.stage(part), end)
                ahead[part] = max(ahead.get(part, 0), ahead[name] + shift)
    return ahead


def _able(explosion: Explosion, material: str) -> dict[str, list[Recipe]]:
    """Recipes that could make a material, by their stage."""
    found: dict[str, list[Recipe]] = {}
    for recipe in _makers(explosion, material):
        found.setdefault(recipe.stage, []).append(recipe)
    return found


def _makers(explosion: Explosion, material: str) -> list[Recipe]:
    """Of what the walk makes, the recipe that is run; else every one that is run to have it."""
    network, route = explosion.network, explosion.route
    if material in route.raw:
        return []
    if material in explosion.makers:
        return [network.recipes[explosion.makers[material]]]
    able = [network.recipes[name] for name in network.makers.get(material, ())]
    returns = network.materials[material].form in route.scrap
    return [it for it in able if it.per == material or not returns]


def _decision(
    explosion: Explosion,
    demand: str,
    material: str,
    recipes: list[Recipe],
    ready: Dates,
    customer: str | None,
) -> Decision:
    """Of one stage; ``customer``: the class that must accept what it makes, None for what others work up."""
    leads, stage = explosion.leads, recipes[0].stage
    making = max((leads.making(it) for it in recipes), key=lambda time: time.months.value)
    accepting: Time | None = None
    if customer is None:
        accepting = leads.acceptance.get(stage) or leads.acceptance.get(ANY)
    elif customer:
        accepting = leads.qualification.get(customer) or leads.qualification.get(ANY)
    trying = leads.samples.get(stage) or leads.samples.get(ANY)
    building, ramping = leads.build.get(stage), leads.ramp.get(stage)
    needed = {"build": building, "ramp": ramping}
    if customer != "":
        word = "acceptance" if customer is None else "qualification"
        needed = {word: accepting, "samples": trying, **needed}
    return Decision(
        demand=demand,
        stage=stage,
        material=material,
        recipes=tuple(it.name for it in recipes),
        ready=ready,
        order=_before(ready, making),
        qualify=_before(ready, making, accepting) if accepting else None,
        samples=_before(ready, making, accepting, trying) if accepting and trying else None,
        build=_before(ready, making, accepting, ramping, building) if building else None,
        unsaid=tuple(name for name, time in needed.items() if time is None),
    )


def _before(ready: Dates, *times: Time | None) -> Dates:
    """The latest months from which the times lead to a month, rounded down together."""
    return Dates(*(getattr(ready, end) - whole(sum(at(it, end) for it in times)) for end in ENDS))
