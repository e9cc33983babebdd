"""What customers ask of every step before them: tables, drawing and sheets."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import fields

from ytterby.chain.decisions import Dates, Decision
from ytterby.chain.explosion import Explosion
from ytterby.chain.leads import ENDS, Leads, Time
from ytterby.chain.months import written, year
from ytterby.chain.network import Cited, Recipe
from ytterby.report.chain_drawing import needs_drawing
from ytterby.report.chain_words import (
    PAST,
    RESTING,
    amounts,
    counted_with,
    dates,
    ends,
    keys_of,
    parts_of_blend,
    resting_on,
)
from ytterby.report.fragments import Fragment, under
from ytterby.report.tables import Table, number
from ytterby.report.workbook import Cell, Sheet, resting, sheet, source_sheet
from ytterby.study.chain import Exploded

TIMES = {"low": "shortest", "value": "usual", "high": "longest"}
"""Of ``leads.ENDS``, in words."""
DECIDED = ("order", "qualify", "samples", "build")
"""Decisions of a stage, the last one first."""
COUNTED = "elements as metal, those traded in one blend under the main one"


def fragments(study: Exploded) -> list[Fragment]:
    """The walk backward as pieces of a report."""
    rests = {name: keys_of(*cited) for name, cited in _rests_on(study).items()}
    keys = tuple(sorted({*rests["recipes"], *rests["materials"]}, key=str.casefold))
    times = tuple(sorted({*rests["recipes"], *rests["times"]}, key=str.casefold))
    asked = (demand_table(study), rest_table(study))
    return [
        *under(
            "What is asked",
            [Fragment("Demands", asked, caption=in_words(study))],
            rests["demands"] or keys,
        ),
        *under("What every step must give", _needs(study), keys),
        *under("What comes back, what is left, what is lost", _beside(study), keys),
        *under(
            "Raw materials",
            [Fragment("Each feed alone", (basket_table(study),), caption=_ends_in_words(study))],
            keys,
        ),
        *under("Latest decisions", [_decided(study)], times),
        *under("What it rests on", _basis(study), tuple(sorted({*keys, *times}, key=str.casefold))),
    ]


def in_words(study: Exploded) -> str:
    """What was walked back, in sentences."""
    found, plan = study.explosion, study.plan
    asked = sum(it.total for it in found.demands)
    over = [it.past(plan.as_of) for it in study.decisions]
    late = ", ".join(
        f"{name} at {sum('value' in it.get(name, ()) for it in over)}" for name in DECIDED
    )
    back = "is turned back" if found.route.recycled else "is not turned back"
    last = written(plan.first + plan.months - 1)
    return (
        f"{len(found.demands)} demands ask for {number(asked)} t from {written(plan.first)} to {last}.\n"
        f"Each is walked back alone, with the {TIMES[found.end]} times; scrap of steps {back}. A month "
        "is that in which a material must leave its maker.\n"
        f"By usual times it is too late in {written(plan.as_of)} for the first month asked, of "
        f"{len(study.decisions)} stages of demands, to {late}."
    )


def demand_table(study: Exploded) -> Table:
    """Who asks for what, how much and when."""
    rows = tuple(
        (
            it.name,
            it.customer,
            it.country,
            it.application,
            " or ".join((it.material, *it.instead)),
            number(it.total),
            _months(it.tonnes),
            "" if it.units is None else f"{it.units:,.0f} {it.unit_name}",
        )
        for it in study.explosion.demands
    )
    header = ("demand", "customer", "to", "for", "material", "asked", "months", "units")
    units = ("", "", "", "", "", "t", "", "")
    return Table("Demands", header, rows, "over all months planned; basis below", units)


def rest_table(study: Exploded) -> Table:
    """What customers accept, and what their wish rests on."""
    rows = []
    for it in study.explosion.demands:
        source, basis, _, note = resting_on(it.cited)
        rules = "; ".join(rule.words for rule in it.rules)
        rows.append((it.name, rules or "anything", basis, source, note))
    header = ("demand", "accepts", "basis", "source", "note")
    return Table("Rules and basis of demands", header, tuple(rows))


def _months(tonnes: Iterable[int]) -> str:
    months = sorted(tonnes)
    return f"{written(months[0])} to {written(months[-1])}" if months else ""


def _needs(study: Exploded) -> list[Fragment]:
    figure = needs_drawing(study.explosion)
    return [
        Fragment("By step", (need_table(study, net=True), need_table(study, net=False))),
        Fragment("By element", (element_table(study),)),
        Fragment("From raw material to customer", figure=figure, caption=DRAWN),
        Fragment(
            "Per tonne and per unit", (share_table(study), raw_table(study), unit_table(study))
        ),
    ]


DRAWN = (
    "Element mass over the whole plan, all demands together: each band is as wide as the mass of its "
    "element, as metal, those traded in one blend under the main one. Dashed lines run back: scrap that is "
    "recycled. What a step loses stands in its box. Pointing at a band names it."
)


def needed_materials(found: Explosion) -> list[str]:
    """Materials that steps or customers need, makers before users; scrap stands apart."""
    forms = found.network.materials
    return [it for it in reversed(found.materials) if forms[it].form not in found.route.scrap]


def years_of(found: Explosion) -> list[int]:
    """Calendar years of the horizon in which any material is needed."""
    busy = [
        month for at, month in enumerate(found.months) if (found.flows.gross[:, :, at] > 0).any()
    ]
    return list(range(year(busy[0]), year(busy[-1]) + 1)) if busy else []


def by_year(found: Explosion, values: Iterable[float]) -> dict[int, float]:
    """Sums of monthly values [t] by calendar year."""
    sums: dict[int, float] = {}
    for month, value in zip(found.months, values, strict=True):
        sums[year(month)] = sums.get(year(month), 0.0) + float(value)
    return sums


def need_table(study: Exploded, *, net: bool) -> Table:
    """Tonnes of every material by the year in which it must leave its maker."""
    found = study.explosion
    years = years_of(found)
    rows = []
    for name in needed_materials(found):
        values = found.net(name) if net else found.gross(name)
        sums = by_year(found, values)
        first = found.first(name)
        rows.append(
            (
                name,
                found.stage(name),
                "" if first is None else written(first),
                *(number(sums.get(it, 0.0)) for it in years),
                number(float(values.sum())),
            )
        )
    title = "Net of what comes back" if net else "Gross, before what comes back"
    note = (
        "to be made or bought, after returned scrap, by-products and what customers hold"
        if net
        else "needed by customers and steps"
    )
    return Table(
        title,
        ("material", "stage", "first", *map(str, years), "all"),
        tuple(rows),
        f"{note}; by the month of leaving the maker, all demands; recipes in the last section",
        ("", "", "", *("t" for _ in years), "t"),
    )


def element_rows(found: Explosion) -> list[tuple[str, str, float, float, float]]:
    """Form, element, mass of the element net and gross, tonnes net of the materials that hold it [t]."""
    net, gross = found.elements(), found.elements(net=False)
    names = needed_materials(found)
    forms = dict.fromkeys(found.network.materials[it].form for it in names)
    rows = []
    for form in forms:
        own = [it for it in names if found.network.materials[it].form == form]
        for symbol in found.network.elements:
            holds = [it for it in own if found.network.materials[it].content.get(symbol, 0.0) > 0]
            before = sum(gross.get(it, {}).get(symbol, 0.0) for it in own)
            if before > 0:
                after = sum(net.get(it, {}).get(symbol, 0.0) for it in own)
                tonnes = sum(float(found.net(it).sum()) for it in holds)
                rows.append((form, symbol, after, before, tonnes))
    return rows


def element_table(study: Exploded) -> Table:
    """Mass of each element by form of material, and tonnes of the materials that it is in."""
    rows = []
    for form, symbol, after, before, tonnes in element_rows(study.explosion):
        rows.append((form, counted_with(symbol), number(after), number(before), number(tonnes)))
        for name, share in parts_of_blend(symbol).items():
            said = f"  of it {name}, {100 * share.low:g} to {100 * share.high:g} %"
            rows.append((form, said, number(share.value * after), number(share.value * before), ""))
    return Table(
        "Elements by form",
        ("form", "element", "net", "gross", "materials that hold it, net"),
        tuple(rows),
        f"over the whole plan; {COUNTED}; the last column is whole materials, which may hold several",
        ("", "", "t as metal", "t as metal", "t"),
    )


def share_table(study: Exploded) -> Table:
    """Of every material per tonne that a demand asks, scrap that comes back counted."""
    found = study.explosion
    names = needed_materials(found)
    rows = []
    for it in found.demands:
        shares = found.per_tonne(it.name)
        cells = (number(shares[name]) if name in shares else "" for name in names)
        rows.append((it.name, *cells))
    note = "to be made or bought in a steady year, scrap that comes back counted"
    units = ("", *("kg/kg" for _ in names))
    return Table("Per kg of what is asked", ("demand", *names), tuple(rows), note, units)


def raw_table(study: Exploded) -> Table:
    """Mass of each element that enters the chain per kg that a demand asks, beside what it gets."""
    found = study.explosion
    symbols = _bought_elements(found)
    rows = []
    for it, name in zip(found.demands, found.asked, strict=True):
        bought, holds = bought_per_tonne(found, it.name), found.network.materials[name].content
        for symbol in symbols:
            if bought.get(symbol):
                entering = bought[symbol]
                given = holds.get(symbol, 0.0)
                rows.append((it.name, counted_with(symbol), number(entering), number(given)))
    header = ("demand", "element", "enters the chain", "in what is asked")
    note = f"per kg of what is asked, in a steady year; {COUNTED}; the rest is lost on the way or left over"
    units = ("", "", "kg/kg as metal", "kg/kg as metal")
    return Table("Elements per kg of what is asked", header, tuple(rows), note, units)


def bought_per_tonne(found: Explosion, line: str) -> dict[str, float]:
    """Mass of each element that enters the chain per tonne that a line asks [t/t]."""
    total: dict[str, float] = {}
    for name, share in found.per_tonne(line).items():
        maker = found.makers.get(name)
        if maker is None or not found.network.recipes[maker].inputs:
            for symbol, held in found.network.materials[name].content.items():
                total[symbol] = total.get(symbol, 0.0) + share * held
    return total


def _bought_elements(found: Explosion) -> list[str]:
    bought = {symbol for it in found.demands for symbol in bought_per_tonne(found, it.name)}
    return [it for it in found.network.elements if it in bought]


def unit_table(study: Exploded) -> Table:
    """The same per vehicle, megawatt or whatever a demand counts."""
    found = study.explosion
    names = needed_materials(found)
    rows = []
    for it in found.demands:
        each = found.per_unit(it.name)
        if each is not None:
            cells = (number(each[name]) if name in each else "" for name in names)
            rows.append((it.name, f"kg/{it.unit_name or 'unit'}", *cells))
    note = "" if rows else "no demand says how many units it is for"
    return Table("Per unit", ("demand", "unit", *names), tuple(rows), note)


def _beside(study: Exploded) -> list[Fragment]:
    tables = (scrap_table(study), left_table(study), loss_table(study))
    return [Fragment("Scrap, left over, losses", tables)]


def scrap_table(study: Exploded) -> Table:
    """What steps yield as scrap, what of it is recycled, and what that gives back."""
    found = study.explosion
    rows = []
    for name in found.materials:
        if found.network.materials[name].form in found.route.scrap:
            made, used = float(found.received(name).sum()), float(found.gross(name).sum())
            recipes = [it for it in found.route.recycled if found.network.recipes[it].per == name]
            given = {
                product: amount * float(found.runs(it).sum())
                for it in recipes
                for product, amount in found.network.recipes[it].outputs.items()
            }
            rows.append((name, number(made), number(used), ", ".join(recipes), amounts(given)))
    note = "" if rows else "no step of the walk yields scrap"
    header = ("scrap", "from steps", "recycled", "by", "gives back")
    return Table("Scrap of steps", header, tuple(rows), note, ("", "t", "t", "", ""))


def left_table(study: Exploded) -> Table:
    """What comes back and meets no need of its demand any more."""
    found = study.explosion
    rows = tuple(
        (name, number(tonnes), f"{100 * tonnes / float(found.received(name).sum()):.3g}")
        for name, tonnes in found.left().items()
    )
    note = (
        "comes back too late, or more than the same demand still needs: it must go somewhere"
        if rows
        else "everything that comes back meets a later need of the same demand"
    )
    header = ("material", "left over", "of what comes back")
    return Table("Left over", header, rows, note, ("", "t", "%"))


def loss_table(study: Exploded) -> Table:
    """Mass of each element that goes into a step and does not come out."""
    found = study.explosion
    lost = found.lost()
    symbols = [
        it for it in found.network.elements if any(of.get(it, 0) > 0 for of in lost.values())
    ]
    rows = []
    for name, masses in lost.items():
        recipe = found.network.recipes[name]
        into = _into(found, recipe)
        total = sum(masses.values())
        rows.append(
            (
                name,
                recipe.stage,
                *(number(masses.get(it, 0.0)) for it in symbols),
                f"{100 * total / sum(into.values()):.3g}" if into else "",
            )
        )
    if rows:
        sums = (sum(of.get(it, 0.0) for of in lost.values()) for it in symbols)
        rows.append(("all", "", *map(number, sums), ""))
    return Table(
        "Losses",
        ("step", "stage", *map(counted_with, symbols), "of what goes in"),
        tuple(rows),
        f"over the whole plan; {COUNTED}; what is lost beyond the end of the walk is not in it",
        ("", "", *("t as metal" for _ in symbols), "% by mass"),
    )


def _into(found: Explosion, recipe: Recipe) -> dict[str, float]:
    """Mass of each element that goes into a step over the horizon [t]."""
    run = float(found.runs(recipe.name).sum())
    total: dict[str, float] = {}
    for name, amount in recipe.inputs.items():
        for symbol, share in found.network.materials[name].content.items():
            total[symbol] = total.get(symbol, 0.0) + run * amount * share
    return total


def basket_table(study: Exploded) -> Table:
    """What each recipe alone would have to process for everything at which the walk ended."""
    rows = tuple(
        (
            it.recipe,
            study.explosion.network.recipes[it.recipe].stage,
            amounts(it.feeds),
            it.binding,
            amounts(it.left),
            amounts(it.short),
        )
        for it in study.baskets
    )
    note = (
        "over the whole plan, all demands, if there were no other; contents of feeds in the last section. "
        "What is left over must be sold, stored or thrown away; what cannot be given must come from another"
        if rows
        else "the walk ended at no material that several recipes could yield together"
    )
    header = ("by", "stage", "takes in", "set by", "left over", "cannot give")
    return Table("Each feed alone", header, rows, note)


def _ends_in_words(study: Exploded) -> str:
    """Where the walk ended and why, materials of one reason together."""
    reasons: dict[str, list[str]] = {}
    for name, why in study.explosion.ends.items():
        reasons.setdefault(why, []).append(name)
    return "\n".join(f"The walk ends at {', '.join(it)}: {why}." for why, it in reasons.items())


def _decided(study: Exploded) -> Fragment:
    now = study.plan.as_of
    groups: dict[tuple[tuple[str, ...], ...], list[str]] = {}
    for name in dict.fromkeys(it.demand for it in study.decisions):
        groups.setdefault(decision_rows(study, name), []).append(name)
    header = ("stage", "material", "what", *(f"times {it}" for it in TIMES.values()), "not known")
    tables = tuple(
        Table(f"Latest months for {', '.join(names)}", header, rows)
        for rows, names in groups.items()
    )
    caption = (
        "The latest months that serve a demand from its first month on, with the shortest, usual and longest "
        f"times. {written(now)} is the last month known: an earlier month is marked {PAST}, it is over.\n"
        "Ready: the material leaves its maker. Order: of a maker that runs and is accepted. Qualify: begin "
        "to accept one that runs. Samples: begin to make them for that. Build: decide on a new plant. A time "
        "that is not known is left out of the sum: the decision may have to come earlier."
    )
    return Fragment("By demand and stage", tables, caption=caption)


def decision_rows(study: Exploded, demand: str) -> tuple[tuple[str, ...], ...]:
    """Of one demand, a row for each stage and decision, the last one first."""
    return tuple(
        (it.stage, it.material, name, *dates(when, study.plan.as_of), ", ".join(it.unsaid))
        for it in study.decisions
        if it.demand == demand
        for name, when in _dated(it)
        if when is not None
    )


def _basis(study: Exploded) -> list[Fragment]:
    return [
        Fragment("Recipes", (recipe_table(study),)),
        Fragment("Materials", (material_table(study),)),
        Fragment("Times", (time_table(study),)),
    ]


def recipes_of(study: Exploded) -> list[Recipe]:
    """Recipes that the walk runs, then those of the baskets."""
    recipes = study.explosion.network.recipes
    names = dict.fromkeys((*study.explosion.recipes, *(it.recipe for it in study.baskets)))
    return [recipes[it] for it in names]


def recipe_table(study: Exploded) -> Table:
    """Amounts of every recipe used, lead time, source and basis."""
    rows = tuple(
        (
            it.name,
            it.stage,
            amounts(it.inputs),
            amounts(it.outputs),
            ends(study.explosion.leads.making(it).months),
            *resting_on(it.cited),
        )
        for it in recipes_of(study)
    )
    header = ("recipe", "stage", "in", "out", "lead", "source", "basis", "confidence", "note")
    units = ("", "", "", "", "months", "", "", "", "")
    note = "in and out: per t of what the recipe is counted per; lead: shortest / usual / longest"
    return Table("Recipes", header, rows, note, units)


def materials_of(study: Exploded) -> list[str]:
    """Materials of the walk, makers before users, then feeds of the baskets."""
    feeds = (name for it in study.baskets for name in (*it.feeds, *it.left))
    return list(dict.fromkeys((*reversed(study.explosion.materials), *feeds)))


def material_table(study: Exploded) -> Table:
    """What every material holds, source and basis."""
    materials = study.explosion.network.materials
    rows = []
    for name in materials_of(study):
        it = materials[name]
        content = ", ".join(f"{symbol} {100 * share:.3g}" for symbol, share in it.content.items())
        rows.append((name, it.title, it.form, content, *resting_on(it.cited)))
    header = ("material", "title", "form", "content", "source", "basis", "confidence", "note")
    units = ("", "", "", "% by mass, as metal", "", "", "", "")
    counted = [counted_with(it) for it in study.explosion.network.elements]
    note = "; ".join(it for it in counted if "," in it)
    return Table("Materials", header, tuple(rows), note and f"counted under one: {note}", units)


def times_of(leads: Leads) -> list[tuple[str, str, Time]]:
    """Every time that dates are reckoned from but the leads of recipes: what, for what, the time."""
    return [
        (
            it.name,
            " to ".join(part or "any" for part in ((name,) if isinstance(name, str) else name)),
            time,
        )
        for it in fields(leads)
        if it.name != "lead"
        for name, time in getattr(leads, it.name).items()
    ]


def time_table(study: Exploded) -> Table:
    """Transport, qualification, samples, building and ramp-up with what they rest on."""
    rows = tuple(
        (what, of, ends(time.months), *resting_on(time.cited))
        for what, of, time in times_of(study.explosion.leads)
    )
    header = ("time", "of", "months", "source", "basis", "confidence", "note")
    note = "shortest / usual / longest; leads of recipes stand with them"
    return Table("Times", header, rows, note)


# Sheets


def sheets(study: Exploded) -> Iterable[Sheet]:
    """Numbers in full: by demand, material and month, by element, baskets, decisions, basis, sources."""
    return [
        _demand_sheet(study),
        _need_sheet(study),
        _element_sheet(study),
        _share_sheet(study),
        _return_sheet(study),
        _loss_sheet(study),
        _basket_sheet(study),
        _decision_sheet(study),
        _recipe_sheet(study),
        _content_sheet(study),
        _time_sheet(study),
        source_sheet(
            row for of, cited in _rests_on(study).items() for row in resting(of, keys_of(*cited))
        ),
    ]


def _demand_sheet(study: Exploded) -> Sheet:
    header = (
        *("demand", "customer", "country", "class", "for", "material", "instead", "asked", "from"),
        *("to", "units", "unit", "own stock", "rules", *RESTING),
    )
    units = ("", "", "", "", "", "", "", "t", "", "", "", "", "t", "", "", "", "", "")
    rows: list[tuple[Cell, ...]] = []
    for it in study.explosion.demands:
        months = [written(month) for month in sorted(it.tonnes)]
        rows.append(
            (
                *(it.name, it.customer, it.country, it.customer_class, it.application),
                *(it.material, ", ".join(it.instead), it.total),
                *((months[0], months[-1]) if months else (None, None)),
                *(it.units, it.unit_name, it.stock, "; ".join(rule.words for rule in it.rules)),
                *resting_on(it.cited),
            )
        )
    return Sheet("demands", header, units, tuple(rows))


def _need_sheet(study: Exploded) -> Sheet:
    found = study.explosion
    rows: list[tuple[Cell, ...]] = []
    for it in found.demands:
        for name in reversed(found.materials):
            amounts_of = (
                found.gross(name, it.name),
                found.received(name, it.name),
                found.net(name, it.name),
            )
            for month, *values in zip(found.months, *amounts_of, strict=True):
                if any(value > 0 for value in values):
                    rows.append(
                        (it.name, name, found.stage(name), written(month), *map(float, values))
                    )
    header = ("demand", "material", "stage", "leaves its maker in", "gross", "comes back", "net")
    return Sheet("needs", header, ("", "", "", "", "t", "t", "t"), tuple(rows))


def _element_sheet(study: Exploded) -> Sheet:
    rows = tuple(
        (form, symbol, counted_with(symbol), net, gross, tonnes)
        for form, symbol, net, gross, tonnes in element_rows(study.explosion)
    )
    header = ("form", "element", "counted", "net", "gross", "materials that hold it, net")
    return Sheet("elements", header, ("", "", "", "t as metal", "t as metal", "t"), rows)


def _share_sheet(study: Exploded) -> Sheet:
    found = study.explosion
    rows: list[tuple[Cell, ...]] = []
    for it in found.demands:
        each = found.per_unit(it.name) or {}
        for name, share in found.per_tonne(it.name).items():
            rows.append((it.name, name, share, each.get(name), it.unit_name if each else ""))
    header = ("demand", "material", "per what is asked", "per unit", "counted in")
    return Sheet("per tonne and unit", header, ("", "", "kg/kg", "kg", ""), tuple(rows))


def _return_sheet(study: Exploded) -> Sheet:
    found = study.explosion
    left = found.left()
    columns: list[tuple[str, str, Callable[[str], Cell]]] = [
        ("material", "", lambda it: it),
        ("form", "", lambda it: found.network.materials[it].form),
        ("comes back", "t", lambda it: float(found.received(it).sum())),
        ("left over", "t", lambda it: left.get(it, 0.0)),
    ]
    names = [it for it in found.materials if float(found.received(it).sum()) > 0]
    return sheet("comes back", columns, names)


def _loss_sheet(study: Exploded) -> Sheet:
    found = study.explosion
    rows: list[tuple[Cell, ...]] = []
    for name, masses in found.lost().items():
        recipe = found.network.recipes[name]
        into = _into(found, recipe)
        rows += [
            (name, recipe.stage, symbol, mass, into[symbol]) for symbol, mass in masses.items()
        ]
    header = ("step", "stage", "element", "lost", "goes in")
    return Sheet("losses", header, ("", "", "", "t as metal", "t as metal"), tuple(rows))


def _basket_sheet(study: Exploded) -> Sheet:
    rows = tuple(
        (it.recipe, it.binding, what, name, tonnes)
        for it in study.baskets
        for what, amounts_of in (
            ("takes in", it.feeds),
            ("left over", it.left),
            ("cannot give", it.short),
        )
        for name, tonnes in amounts_of.items()
    )
    return Sheet(
        "feeds alone", ("by", "set by", "what", "material", "amount"), ("", "", "", "", "t"), rows
    )


def _decision_sheet(study: Exploded) -> Sheet:
    rows: list[tuple[Cell, ...]] = []
    for it in study.decisions:
        past = it.past(study.plan.as_of)
        for name, when in _dated(it):
            rows.append(
                (
                    *(it.demand, it.stage, it.material, name),
                    *(None if when is None else written(getattr(when, end)) for end in ENDS),
                    ", ".join(TIMES[end] for end in past.get(name, ())),
                    ", ".join(it.unsaid),
                )
            )
    header = (
        *("demand", "stage", "material", "decision", "times shortest", "times usual"),
        *("times longest", "over for times", "not known"),
    )
    return Sheet("latest decisions", header, ("",) * len(header), tuple(rows))


def _dated(it: Decision) -> list[tuple[str, Dates | None]]:
    return [(name, getattr(it, name)) for name in ("ready", *DECIDED)]


def _recipe_sheet(study: Exploded) -> Sheet:
    rows: list[tuple[Cell, ...]] = []
    for it in recipes_of(study):
        for way, parts in (("in", it.inputs), ("out", it.outputs)):
            for name, amount in parts.items():
                rows.append((it.name, it.stage, it.per, way, name, amount, *resting_on(it.cited)))
    header = ("recipe", "stage", "counted per", "way", "material", "amount", *RESTING)
    return Sheet("recipes", header, ("", "", "", "", "", "t/t", "", "", "", ""), tuple(rows))


def _content_sheet(study: Exploded) -> Sheet:
    materials = study.explosion.network.materials
    rows = tuple(
        (
            name,
            materials[name].form,
            symbol,
            counted_with(symbol),
            share,
            *resting_on(materials[name].cited),
        )
        for name in materials_of(study)
        for symbol, share in materials[name].content.items()
    )
    header = ("material", "form", "element", "counted", "content", *RESTING)
    return Sheet("contents", header, ("", "", "", "", "kg/kg as metal", "", "", "", ""), rows)


def _time_sheet(study: Exploded) -> Sheet:
    leads = study.explosion.leads
    made = [("lead", it.name, leads.making(it)) for it in recipes_of(study)]
    rows: list[tuple[Cell, ...]] = []
    for what, of, time in (*made, *times_of(leads)):
        span = time.months
        rows.append((what, of, span.low, span.value, span.high, *resting_on(time.cited)))
    header = ("time", "of", "shortest", "usual", "longest", *RESTING)
    units = ("", "", "months", "months", "months", "", "", "", "")
    return Sheet("times", header, units, tuple(rows))


def _rests_on(study: Exploded) -> dict[str, list[Cited]]:
    """What demands, recipes, materials and times rest on."""
    leads, materials = study.explosion.leads, study.explosion.network.materials
    return {
        "demands": [it.cited for it in study.explosion.demands],
        "recipes": [it.cited for it in recipes_of(study)],
        "materials": [materials[it].cited for it in materials_of(study)],
        "times": [time.cited for _, _, time in times_of(leads)]
        + [leads.making(it).cited for it in recipes_of(study)],
    }
