"""Tables of an audit: claims, readings, contradictions, what would close, hand calculations, assumptions."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping

from ytterby.audit import by_hand
from ytterby.audit.audit import (
    Answer,
    Closing,
    Contradiction,
    Extent,
    Judged,
    ReadingResult,
)
from ytterby.audit.claims import HISTORY, Claim
from ytterby.report.tables import Table, number
from ytterby.study.audit import AuditedPlan

OUT_OF_SCOPE: tuple[tuple[str, str], ...] = (
    ("radioactivity of a feed at the gate", "judged where a plant receives it, not by its tonnage"),
    ("who may supply which parent oxide, and from when", "a question of contracts, not of balance"),
    ("where Sm, Eu, Gd and Ho to Lu go", "needs the flowsheet of the plant"),
    ("which medium and extractant", "leaves no trace in the tonnages"),
    (
        "CO2, water, effluent, jobs, dates, money",
        "judged by figures of your own in [audits.NAME.computed]",
    ),
)
"""What an audit does not ask, and why."""
REFERENCE = ("MAG_CLOSING_REF", "CONCENTRATE_REF", (2000.0, 5000.0), 0.49, 0.94)
"""Feeds of the closing case that is checked by hand, gross t/y, TREO and recovery."""
CLAY_ND_TO_PR = 3.3
"""Nd per Pr, as oxides, of most baskets; for the hand calculation of what magnets must be [kg/kg]."""


def claim_table(audited: AuditedPlan) -> Table:
    """Each claim with its verdict and what the others imply; earlier texts last."""
    found = audited.found
    rows = tuple(_claim(it) for it in found.judged.values())
    note = (
        f"told in the reading {found.first.reading.name}: {found.first.reading.says}. Implied: by the other "
        "claims that are believed, which are taken in order unless they contradict those before; "
        "blank: nothing bears on it"
    )
    header = ("claim", "date", "quantity", "claimed", "unit", "implied by others", "verdict", "why")
    return Table(f"Claims of {audited.plan.name}", header, rows, note)


def _claim(judged: Judged) -> tuple[str, ...]:
    claim = judged.claim
    about = claim.quantity + (f" / {claim.per}" if claim.per else "")
    return (
        claim.id,
        claim.as_of,
        about,
        claimed(claim),
        claim.unit,
        "" if judged.implied is None else span(judged.implied),
        judged.verdict,
        judged.reason,
    )


def claimed(claim: Claim) -> str:
    """Value of a claim with its tolerance: ``650 ± 5``, ``up to 150``, ``over 1000``."""
    if claim.low == -math.inf:
        return f"up to {_exact(claim.high)}"
    if claim.high == math.inf:
        return f"over {_exact(claim.low)}"
    below, above = claim.value - claim.low, claim.high - claim.value
    if below == above == 0.0:
        return _exact(claim.value)
    if math.isclose(below, above):
        width = f"{below / 1e6:g} M" if claim.value >= 1e6 else _exact(below)
        return f"{_exact(claim.value)} ± {width}"
    return f"{_exact(claim.value)} ({_exact(claim.low)} to {_exact(claim.high)})"


def span(extent: Extent, factor: float = 1.0) -> str:
    """A range in words."""
    low, high = (factor * it for it in extent)
    if math.isinf(high):
        return f"from {_rounded(low)}"
    if math.isclose(low, high, rel_tol=1e-9, abs_tol=1e-9):
        return _rounded(low)
    return f"{_rounded(low)} to {_rounded(high)}"


def _exact(value: float) -> str:
    """A number as people print it, millions as such."""
    return f"{value / 1e6:.6g} M" if abs(value) >= 1e6 else f"{round(value, 6):.10g}"


def _rounded(value: float) -> str:
    """Enough digits for a range; years keep theirs."""
    if abs(value) >= 1e6:
        return f"{value / 1e6:.5g} M"
    if abs(value) > 1000.0:
        return f"{value:.1f}".removesuffix(".0")
    return number(round(value, 9) + 0.0)


def reading_table(audited: AuditedPlan) -> Table:
    """Each reading: do the claims of the plant hold together, under which concentrates."""
    rows = []
    for name, it in audited.found.readings.items():
        closing = [key for key, closed in it.closings.items() if closed.elements]
        rows.append(
            (
                name,
                it.reading.says,
                "yes" if it.holds else "no",
                str(len(it.contradictions)) + ("" if it.complete else " or more"),
                ", ".join(closing),
            )
        )
    header = (
        *("reading", "says", "plant's claims hold", "contradicting sets in all"),
        "concentrates that close",
    )
    return Table(
        f"Readings of {audited.plan.name}",
        header,
        tuple(rows),
        "all readings stay open; sets are among all claims, the plant's and the others",
    )


def contradiction_table(audited: AuditedPlan) -> Table:
    """Irreducible sets of all readings in the words of the claims, and what each rests on beside."""
    readings = audited.found.readings
    sets: dict[tuple[str, ...], tuple[Contradiction, list[str]]] = {}
    for name, result in readings.items():
        for it in result.contradictions:
            sets.setdefault(it.claims, (it, []))[1].append(name)
    rows = tuple(
        (
            str(place),
            "; ".join(_said(audited, name) for name in it.claims),
            "; ".join(_said(audited, name) for name in it.against),
            "; ".join(one.says for one in it.rests_on),
            "all" if len(names) == len(readings) else ", ".join(names),
        )
        for place, (it, names) in enumerate(sets.values(), start=1)
    )
    complete = all(it.complete for it in readings.values())
    proven = "these are all that there are" if complete else "there may be more"
    note = (
        "of each set any one can be given up and the rest can hold; each is proven by weights that add its "
        f"rows up to something impossible; {proven}"
    )
    if not rows:
        note = "none; all claims can hold together in every reading"
    header = ("set", "these cannot all hold", "with these believed", "given that", "readings")
    return Table(f"Contradictions of {audited.plan.name}", header, rows, note)


def _said(audited: AuditedPlan, name: str) -> str:
    """A claim in words: what it says, how much, who and when."""
    claim = audited.plan.task.claims.claims.get(name)
    if claim is None:
        figures = {f"computed {it.claim}": it for it in audited.plan.task.figures}
        it = figures[name]
        return f"computed elsewhere: {it.value:g} {it.unit} ({it.source})"
    unit = "" if claim.unit == "1" else f" {claim.unit}"
    return f"{claim.means}: {claimed(claim)}{unit} ({', '.join(filter(None, (name, claim.as_of)))})"


def answer_table(audited: AuditedPlan) -> Table:
    """What each reading leaves of the questions: exact range, and percentiles over draws."""
    questions = audited.plan.task.claims.questions
    rows = []
    for name, question in questions.items():
        shown = [it.answers[name] for it in audited.found.readings.values() if it.holds]
        rows.append((question.says, *(cell for it in shown for cell in _answer(it))))
    names = [name for name, it in audited.found.readings.items() if it.holds]
    header = (
        "question",
        *(cell for name in names for cell in (f"{name}: range", f"{name}: 5 / 50 / 95 %")),
    )
    kept = ", ".join(
        f"{name} {it.draws.kept} of {it.draws.drawn}"
        for name, it in audited.found.readings.items()
        if it.draws
    )
    note = (
        "range: exact, over everything that the claims and the ranges leave; 5 / 50 / 95 %: over draws of "
        f"the unknowns that no believed claim contradicts (kept: {kept}; seed {audited.plan.task.seed})"
    )
    if not names:
        note = "no reading in which the plant's claims hold"
    return Table(f"What the claims leave of {audited.plan.name}", header, tuple(rows), note)


def _answer(answer: Answer) -> tuple[str, str]:
    exact = "" if answer.extent is None else span(answer.extent)
    if answer.spread is None:
        return exact, ""
    levels = (answer.spread.low, answer.spread.median, answer.spread.high)
    return exact, " / ".join(f"{it:.3g}" for it in levels)


def closing_table(result: ReadingResult) -> Table:
    """Kinds of concentrates: can they meet the claims, how surely, and how much Dy and Tb is out of reach."""
    wanted = _wanted_dytb(result)
    rows = tuple(
        (
            name,
            it.hypothesis.says,
            "yes" if it.sums else "no",
            "yes" if it.elements else "no",
            number(it.most_dytb) if math.isfinite(it.most_dytb) else "",
            "" if it.sums or wanted is None else f"{wanted / it.most_dytb:.2f}",
            f"{100 * it.sure:.0f} ± {100 * it.sure_error:.0f}" if it.tried else "",
        )
        for name, it in result.closings.items()
    )
    header = (
        *("concentrates", "are", "meet Nd+Pr and Dy+Tb", "meet each element", "most Dy+Tb"),
        *("short by a factor of", "draws met"),
    )
    return Table(
        f"What the concentrates can be, reading {result.reading.name}",
        header,
        rows,
        "most Dy+Tb: with the richest blend, magnets and recoveries of the ranges; draws met: share of draws "
        "of magnets, recoveries and products that a blend of all feeds meets element by element, ± its "
        "standard error",
        ("", "", "", "", "t/y oxide", "", "%"),
    )


def _wanted_dytb(result: ReadingResult) -> float | None:
    """Least Dy + Tb that the claims ask of the plant [t/y oxide]."""
    answer = result.answers.get("dytb_out")
    return answer.extent[0] if answer and answer.extent else None


def alone_table(result: ReadingResult) -> Table:
    """Single feeds that would close, the surest first."""
    rows = tuple(
        (
            it.basket.name,
            it.hypothesis,
            "yes" if it.elements else "no",
            "" if it.parent is None else span(it.parent),
            f"{100 * it.sure:.1f}",
            it.basket.basis,
        )
        for it in result.alone
    )
    return Table(
        f"Single feeds that would close, reading {result.reading.name}",
        ("feed", "as", "meets each element", "parent REO before the cut", "draws met", "basis"),
        rows,
        "feeds whose Nd + Pr and Dy + Tb can meet the claims; draws met: on these two sums"
        if rows
        else "none",
        ("", "", "", "t/y", "%", ""),
    )


def part_table(result: ReadingResult) -> Table:
    """How much of each feed a blend may hold, by kind of concentrates."""
    kinds = {name: it.parts for name, it in result.closings.items() if it.parts}
    feeds = dict.fromkeys(feed for parts in kinds.values() for feed in parts)
    rows = tuple(
        (feed, *(span(parts[feed]) if feed in parts else "" for parts in kinds.values()))
        for feed in feeds
        if any(parts.get(feed, (0.0, 0.0))[1] >= 1.0 for parts in kinds.values())
    )
    return Table(
        f"Blends that close, reading {result.reading.name}",
        ("feed", *kinds),
        rows,
        "least and most gross mass of each feed among all blends that meet each element"
        if rows
        else "none",
        ("", *("t/y" for _ in kinds)),
    )


def hand_tables(audited: AuditedPlan) -> tuple[Table, ...]:
    """The hand calculations: weights, cases, ratios, single baskets, the reference case, market shares."""
    claims = audited.plan.task.claims
    made = (
        _weight_table(by_hand.weights(claims)),
        _case_table(by_hand.cases(claims)),
        _grade_table(by_hand.cases(claims)),
        _ratio_table(by_hand.asked_ratios(claims, CLAY_ND_TO_PR)),
        _yield_table(by_hand.yields(claims, audited.found.baskets.values())),
        _left_table(by_hand.yields(claims, audited.found.baskets.values())),
        market_table(audited),
        _reference_table(),
    )
    return tuple(it for it in made if it.rows)


def _weight_table(weights: Iterable[by_hand.Weights]) -> Table:
    rows = tuple((it.says, f"{it.ndpr:.0f}", f"{it.dytb:.0f}", f"{it.total:.0f}") for it in weights)
    header = ("reading", "Nd+Pr", "Dy+Tb", "all four")
    return Table("Metal or oxide", header, rows, units=("", "t/y", "t/y", "t/y"))


def _case_table(cases: Iterable[by_hand.Case]) -> Table:
    rows = tuple(
        (
            it.name,
            f"{100 * it.magnet_ndpr:.1f}",
            f"{100 * it.magnet_dytb:.1f}",
            f"{it.recovery:.2f}",
            f"{it.ndpr_from_magnets:.0f}",
            f"{it.dytb_from_magnets:.0f}",
            f"{it.ndpr_owed:.0f}",
            f"{it.dytb_owed:.0f}",
            f"{100 * it.ndpr_grade:.1f}",
            f"{100 * it.dytb_grade:.1f}",
        )
        for it in cases
    )
    header = (
        *("magnets", "Nd+Pr metal", "Dy+Tb metal", "recovery", "Nd+Pr given", "Dy+Tb given"),
        *("Nd+Pr owed", "Dy+Tb owed", "Nd+Pr of gross", "Dy+Tb of gross"),
    )
    units = ("", "wt%", "wt%", "", "t/y", "t/y", "t/y", "t/y", "wt%", "wt%")
    note = "owed: by the concentrates, oxides; of gross: the grade that they must have"
    return Table("What the magnets leave to the concentrates", header, rows, note, units)


def _grade_table(cases: Iterable[by_hand.Case]) -> Table:
    rows = tuple(
        (it.name, *(f"{100 * it.dytb_grade / treo:.1f}" for treo in by_hand.TREOS)) for it in cases
    )
    header = ("magnets", *(f"at {100 * treo:.0f} % TREO" for treo in by_hand.TREOS))
    units = ("", *("%" for _ in by_hand.TREOS))
    return Table("Dy and Tb as a share of TREO that this asks for", header, rows, units=units)


def _ratio_table(ratios: Mapping[str, float]) -> Table:
    rows = tuple((name, f"{value:.2f}") for name, value in ratios.items())
    note = (
        f"oxides; typical magnets and recovery; concentrates with {CLAY_ND_TO_PR} Nd per Pr; magnets of PrNd "
        "metal 80/20 have 3.86, 75/25 have 2.90"
    )
    return Table("Ratios", ("ratio", "kg/kg"), rows, note)


def _yield_table(yields: Iterable[by_hand.Yield]) -> Table:
    rows = tuple(
        (
            it.basket.name,
            "" if it.dytb is None else f"{it.dytb:.0f}",
            "" if it.ndpr is None else f"{it.ndpr:.0f}",
            f"{it.calcined_dytb:.0f}",
            f"{it.calcined_ndpr:.0f}",
            f"{it.dy_to_tb:.1f}",
        )
        for it in yields
    )
    header = (
        *("feed", "Dy+Tb as in the table", "Nd+Pr as in the table", "Dy+Tb calcined"),
        *("Nd+Pr calcined", "Dy per Tb"),
    )
    note = "the claimed gross mass of concentrates, whole baskets, typical recovery; calcined: 92 % TREO"
    return Table(
        "What single feeds give uncut", header, rows, note, ("", "t/y", "t/y", "t/y", "t/y", "")
    )


def _left_table(yields: Iterable[by_hand.Yield]) -> Table:
    rows = tuple(
        (it.basket.name, *(f"{100 * share:.1f}" for share in it.after.values())) for it in yields
    )
    units = ("", *("%" for _ in by_hand.CUTS))
    note = "what the table of a feed does not give stays in and is not cut"
    return Table("Dy and Tb in what cuts leave", ("feed", *by_hand.CUTS), rows, note, units)


def market_table(audited: AuditedPlan) -> Table:
    """Shares of markets, multiplied out from the claims as printed."""
    claims = audited.plan.task.claims.claims
    rows = []

    def value(name: str) -> float | None:
        return claims[name].value if name in claims else None

    def told(says: str, one: float | None, other: float | None, factor: float = 1.0) -> None:
        if one is not None and other:
            rows.append((says, number(factor * one / other)))

    made, japan = value("lacq_dytb_out"), value("lacq_dytb_out_nikkei")
    told("world Dy+Tb that 15 % implies, t/y", made, value("lacq_world_share"))
    told("the plant over China's official Dy+Tb, %", made, value("china_official_dytb"), 100.0)
    told(
        "the plant's Dy over the world's of 2020, %",
        value("lacq_dy_out"),
        value("adamas_world_dy"),
        100,
    )
    sold = [value("japan_dy"), value("japan_tb")]
    if None not in sold:
        total = sum(it for it in sold if it is not None)
        told("sold to Japan over the plant's Dy+Tb, %", total, japan, 100.0)
        demand = value("lacq_japan_share")
        told("Japan's demand that its share implies, t/y", total, demand)
        shares = (value("lynas_japan_share"), value("lynas_share_for_japan"))
        if demand and all(shares):
            needed = total / demand * (shares[0] or 0.0)
            told("Lynas's Dy+Tb that would match it, t/y", needed, shares[1])
    return Table("Market shares, as printed", ("", "value"), tuple(rows))


def _reference_table() -> Table:
    made = by_hand.outputs(*REFERENCE)
    groups = {"Nd": ("Nd",), "Pr": ("Pr",), "Dy": ("Dy",), "Tb": ("Tb",), "Nd+Pr": ("Nd", "Pr"),
              "Dy+Tb": ("Dy", "Tb"), "all four": ("Nd", "Pr", "Dy", "Tb")}  # fmt: skip
    others = tuple(symbol for symbol in made if symbol not in groups["all four"])
    rows = tuple(
        (name, f"{sum(made[it] for it in parts):.0f}")
        for name, parts in (groups | {"all others": others}).items()
    )
    note = "MAG_CLOSING_REF and CONCENTRATE_REF of the feeds, 49 % TREO, recovery 0.94: a case made to close"
    return Table("A closing case", ("oxide", "t/y"), rows, note)


def range_table(audited: AuditedPlan) -> Table:
    """Assumptions: the ranges of the unknowns, and relations, each with its basis."""
    claims = audited.plan.task.claims
    rows = [
        (
            it.name,
            it.says,
            f"{it.low:g} / {it.typical:g} / {it.high:g}",
            it.unit,
            it.basis,
            it.source,
            it.note,
        )
        for it in claims.ranges.values()
    ]
    rows += [
        (it.name, it.says, "", "", it.basis, it.source, "") for it in claims.relations.values()
    ]
    rows += [
        (it.feed, it.says, "", "", it.basis, it.source, "") for it in claims.completions.values()
    ]
    header = ("name", "what is taken", "low / typical / high", "unit", "basis", "source", "note")
    return Table(f"Assumptions of {audited.plan.name}", header, tuple(rows))


def scope_table() -> Table:
    """What an audit does not ask."""
    return Table("Not asked here", ("what", "why"), OUT_OF_SCOPE)


def source_table(audited: AuditedPlan) -> Table:
    """Each claim's text: source, basis, how its tolerance was set, what else is known of it."""
    rows = tuple(
        (it.id, it.source, it.basis, it.confidence, it.tolerance, it.note)
        for it in audited.plan.task.claims.claims.values()
    )
    header = ("claim", "source", "basis", "confidence", "tolerance is", "note")
    return Table(f"Where the claims of {audited.plan.name} are from", header, rows)


def verdict_in_words(audited: AuditedPlan) -> str:
    """What was found, in some sentences."""
    found = audited.found
    first = found.first
    current = [it for it in found.judged.values() if it.claim.status != HISTORY]
    verdicts: dict[str, int] = {}
    for it in current:
        verdicts[it.verdict] = verdicts.get(it.verdict, 0) + 1
    counts = ", ".join(f"{count} {verdict}" for verdict, count in verdicts.items())
    sets = _sets_in_words(first.contradictions)
    closing = [_closes(it) for it in first.closings.values() if it.elements and it.parts]
    lines = [
        f"Audit {audited.plan.name}: {len(found.judged)} claims, {len(found.readings)} readings.",
        f"In the reading {first.reading.name} the plant's claims "
        f"{'can' if first.holds else 'cannot'} hold together; {sets}. Claims: {counts}.",
    ]
    if closing:
        lines.append(f"Concentrates that close: {'; '.join(closing)}.")
    rejected = [name for name, it in first.closings.items() if not it.sums]
    if rejected:
        lines.append(f"Ruled out as concentrates: {', '.join(rejected)}.")
    if audited.plan.changed:
        lines.append(f"Changed in the case: {', '.join(audited.plan.changed)}.")
    return "\n".join(lines)


def _sets_in_words(sets: Iterable[Contradiction]) -> str:
    count = len(tuple(sets))
    if not count:
        return "no contradiction among all claims"
    return "one contradicting set" if count == 1 else f"{count} contradicting sets among all claims"


def _closes(it: Closing) -> str:
    return f"{it.hypothesis.name} ({it.hypothesis.says})"
