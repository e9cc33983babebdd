"""Who can do each stage, on what evidence: tables, drawings and sheets."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from ytterby.chain.actors import Examined, Stage
from ytterby.chain.capacity import Key
from ytterby.chain.evidence import Evidence
from ytterby.chain.grading import BALANCE_SHEET, GRADES, QUALIFIED, RANK, UNKNOWN, Answers
from ytterby.chain.months import written
from ytterby.chain.network import Cited, Facility
from ytterby.report.chain_who_drawing import (
    Spot,
    degrees,
    map_drawing,
    promotion_drawing,
    readiness_drawings,
    regions,
)
from ytterby.report.chain_words import RESTING, counted_with, keys_of, resting_on
from ytterby.report.fragments import Fragment, under
from ytterby.report.tables import Table, number
from ytterby.report.workbook import Cell, Sheet, resting, source_sheet
from ytterby.study.chain import Who

HEADS = {"magnet": "magnets", QUALIFIED: "qualified customers", BALANCE_SHEET: "balance sheet"}
"""Of columns of answers; the others are named by their question."""
NO_RECIPE = "no recipe"
"""Instead of the material in which a capacity is counted where no recipe says."""
FEW = 5
"""Facilities from which a region has a map of its own."""


def fragments(study: Who, rows: bool = True) -> list[Fragment]:
    """Answers, readiness, map, chains, production against promotion, what is not stated, settings.

    ``rows`` False: without the table of the rows that decide, which is long.
    """
    keys = evidence_keys(study)
    sizes = keys_of(*(it.line.cited for it in study.standings.values()))
    places = keys_of(*(it.cited for it in study.plan.network.facilities.values()))
    rule = keys_of(study.rule.slip.cited, *study.rule.cited.values())
    return [
        *under(
            "Who can do it",
            [Fragment("Answers", (answer_table(study),), caption=in_words(study))],
            keys,
        ),
        *under("Readiness", _readiness(study), ()),
        *under("Where they are", _maps(study), tuple(sorted({*keys, *places}, key=str.casefold))),
        *under("Chains of actors", [_chain(study, it) for it in study.chains], ()),
        *under("Production against promotion", _promotion(study), sizes or keys),
        *under(
            "What it rests on",
            [
                Fragment("Settings", (rule_table(study),), sources=rule),
                *([Fragment("Deciding rows", (row_table(study),), sources=keys)] * rows),
            ],
            keys,
        ),
    ]


def evidence_keys(study: Who) -> tuple[str, ...]:
    """Keys of the bibliography behind rows of evidence, further ones included."""
    return keys_of(*(row.cited for it in study.grades.values() for row in it.rows))


def in_words(study: Who) -> str:
    """How many facilities have come how far, in sentences."""
    best = [best_grade(study, name) for name in study.answers]
    counts = ", ".join(f"{best.count(it)} {it}" for it in reversed(GRADES) if it in best)
    unknown = [_title(study, name) for name in study.answers if not has_answer(study.answers[name])]
    nothing = f" No row answers anything about {', '.join(unknown)}." if unknown else ""
    return (
        f"{len(study.answers)} facilities by rows known at the end of {written(study.plan.as_of)}; "
        f"strongest grade at any stage: {counts}.\nA grade is the strongest kind that a row shows, never "
        f"set by hand; no row is unknown, which is not no.{nothing}"
    )


def has_answer(told: Answers) -> bool:
    """Whether any answer is other than unknown."""
    return any(it.answer != UNKNOWN for it in told.answers.values())


def best_grade(study: Who, facility: str) -> str:
    """The strongest grade at any stage, or unknown."""
    own = (it.grade for (name, _), it in study.grades.items() if name == facility)
    return max(own, key=RANK.__getitem__, default=UNKNOWN)


def _title(study: Who, facility: str) -> str:
    return study.plan.network.facilities[facility].title


def _by_strength(study: Who) -> list[str]:
    """Facilities, the strongest first: by the sum of the grades of all answers, then by name."""

    def strength(name: str) -> int:
        rows = (it.row for it in study.answers[name].answers.values())
        return sum(RANK[row.kind] for row in rows if row is not None)

    return sorted(
        study.answers,
        key=lambda it: (-RANK[best_grade(study, it)], -strength(it), _title(study, it).casefold()),
    )


def answer_table(study: Who) -> Table:
    """What a buyer asks of every facility of which any row says something, strongest first."""
    names = list(dict.fromkeys(it for told in study.answers.values() for it in told.answers))
    rows = []
    for facility in _by_strength(study):
        told = study.answers[facility]
        if has_answer(told):
            place = study.plan.network.facilities[facility]
            cells = (_answer(told, name) for name in names)
            rows.append((place.title, place.country, *cells, place.status))
    header = ("facility", "country", *(HEADS.get(it, it) for it in names), "status")
    note = (
        "answer: grade of the deciding row, its month, source; status as reported; strongest first; rows in "
        "their words: last section of the page, workbook, --json"
    )
    return Table("Answers", header, tuple(rows), note)


def _answer(told: Answers, name: str) -> str:
    """One cell: the answer, and the grade, date and source of its deciding row."""
    it = told.answers[name]
    if it.row is None:
        return it.answer
    when = written(it.row.month) if it.row.month is not None else "no date"
    return f"{it.answer}: {it.row.kind}, {when}, {it.row.cited.source}"


def _readiness(study: Who) -> list[Fragment]:
    titles = {name: it.title for name, it in study.plan.network.facilities.items()}
    drawings = readiness_drawings(study.timeline, titles, study.plan.as_of)
    caption = (
        "When a row first shows each kind of evidence. Hollow: said, paid for or built. Filled: made, made "
        "again on specification, accepted by a customer. At the right: shown by a row that no source dates. "
        "At the left: before the time drawn, with the year. Pointing at a mark tells its month."
    )
    return [
        Fragment(
            title[0].upper() + title[1:],
            figure=it,
            caption=caption,
            sources=_keys_at(study, title.partition(", ")[0]),
        )
        for title, it in drawings.items()
    ]


def _keys_at(study: Who, stage: str) -> tuple[str, ...]:
    """Keys of the bibliography behind all rows about one stage."""
    graded = (it for (_, about), it in study.grades.items() if about == stage)
    return keys_of(*(row.cited for it in graded for row in it.rows))


def _maps(study: Who) -> list[Fragment]:
    spots = spots_of(study)
    if not spots:
        return []
    stages = list(
        dict.fromkeys(it.stage for it in study.timeline if any(s.stage == it.stage for s in spots))
    )
    unplaced = [
        it.title
        for it in study.plan.network.facilities.values()
        if it.latitude is None or it.longitude is None
    ]
    missing = f" Not drawn, for no site is known: {', '.join(unplaced)}." if unplaced else ""
    caption = (
        "Each facility at its site or town, with the shape of its strongest grade, the colour of the stage "
        "at which it has it (the last of several), and an area that grows with its share of the largest "
        "stated capacity of that stage; the smallest marks: none is stated. Names stand where there is "
        f"room; pointing at a mark tells its name.{missing}"
    )
    found = [Fragment("All", figure=map_drawing("all", spots, stages), caption=caption)]
    for group in regions(spots):
        if FEW <= len(group) < len(spots):
            name = _region(group)
            found.append(
                Fragment(name, figure=map_drawing(name, group, stages), caption="As above.")
            )
    return found


def _region(group: Sequence[Spot]) -> str:
    """Around which latitudes and longitudes a group stands."""
    south, *_, north = sorted(it.latitude for it in group)
    west, *_, east = sorted(it.longitude for it in group)
    return (
        f"{degrees(south, 'N', 'S')} to {degrees(north, 'N', 'S')}, "
        f"{degrees(west, 'E', 'W')} to {degrees(east, 'E', 'W')}"
    )


def spots_of(study: Who) -> list[Spot]:
    """Every facility with a site, at the stage of its strongest grade."""
    largest: dict[str, float] = {}
    for it in study.standings.values():
        if it.line.capacity:
            stage, size = it.line.stage, it.line.capacity.value
            largest[stage] = max(largest.get(stage, 0.0), size)
    order = list(dict.fromkeys(it.stage for it in study.timeline))
    spots = []
    for place in study.plan.network.facilities.values():
        own = {stage: it for (name, stage), it in study.grades.items() if name == place.name}
        if place.latitude is None or place.longitude is None or not own:
            continue
        stage = max(own, key=lambda it: (RANK[own[it].grade], order.index(it)))
        sizes = [
            it.line.capacity.value / largest[it.line.stage]
            for (name, line), it in study.standings.items()
            if name == place.name
            and stage in (line, it.line.stage)
            and it.line.capacity
            and largest[it.line.stage] > 0
        ]
        share = max(sizes) if sizes else None
        spots.append(
            Spot(place.title, place.latitude, place.longitude, stage, own[stage].grade, share)
        )
    return spots


def _chain(study: Who, it: Examined) -> Fragment:
    """One chain of actors: stages, missing arrows, what is made and needed."""
    tables = (stage_table(study, it), missing_table(it), balance_table(study, it))
    rows = (row.cited for stage in it.stages for one in stage.grades.values() for row in one.rows)
    lines = (study.standings[key].line.cited for stage in it.stages for key in stage.lines)
    keys = keys_of(*(stage.link.cited for stage in it.stages), *rows, *lines)
    return Fragment(it.chain.title, tables, caption=chain_in_words(it), sources=keys)


def chain_in_words(it: Examined) -> str:
    """What a chain is held against, and how many of its arrows are missing."""
    buyer = (
        "any customer"
        if it.demand is None
        else f"{it.demand.customer}, who asks for {it.demand.material}"
    )
    arrows = "no arrow is missing" if not it.missing else f"missing or not shown: {len(it.missing)}"
    return f"Held against {buyer}, in {it.year}; {arrows}."


def stage_table(study: Who, it: Examined) -> Table:
    """Who is to do each stage, the strongest of them, what they announce and what is believed of it."""
    rows = tuple(
        (
            stage.link.stage,
            stage.grade,
            _best(study, stage),
            _deciding(stage),
            _named(study, stage),
            ", ".join(f"{symbol} {grade}" for symbol, grade in stage.elements.items()),
            number(stage.announced),
            number(stage.weighted),
            _facilities(study, stage.not_stated),
            stage.link.cited.source,
        )
        for stage in it.stages
    )
    header = (
        *("stage", "best", "by", "deciding row", "all, with grades", "elements"),
        *("announced", "weighted", "no capacity or start stated", "drawn by"),
    )
    units = ("", "", "", "", "", "", "t/y", "t/y", "", "")
    note = f"capacities in {it.year} of lines of use to the customer; what is not stated counts as zero"
    return Table(f"Stages of {it.chain.name}", header, rows, note, units)


def _best(study: Who, stage: Stage) -> str:
    if stage.best is None:
        return "nobody"
    return _title(study, stage.best.facility) if stage.best.rows else ""


def _deciding(stage: Stage) -> str:
    return _row_in_words(stage.best.deciding[0]) if stage.best and stage.best.deciding else ""


def _row_in_words(row: Evidence) -> str:
    """What a row says, its month and source."""
    when = written(row.month) if row.month is not None else "no date"
    return f"{row.what} ({when}, {row.cited.source})"


def _named(study: Who, stage: Stage) -> str:
    graded = sorted(stage.grades.items(), key=lambda it: -RANK[it[1].grade])
    return "; ".join(f"{_title(study, name)} {it.grade}" for name, it in graded)


def _facilities(study: Who, keys: Iterable[Key]) -> str:
    return "; ".join(dict.fromkeys(_title(study, facility) for facility, _ in keys))


def missing_table(it: Examined) -> Table:
    """Arrows that are missing, in words."""
    rows = tuple((arrow.stage, arrow.kind, arrow.element, arrow.words) for arrow in it.missing)
    note = "" if rows else "every arrow has somebody who is shown to do it"
    header = ("at", "what is missing", "element", "in words")
    return Table(f"Missing arrows of {it.chain.name}", header, rows, note)


def balance_table(study: Who, it: Examined) -> Table:
    """What is made of each element in each form against what is needed of it."""
    rows = tuple(
        (
            one.form,
            counted_with(one.element),
            number(one.made),
            number(one.needed),
            number(one.made_weighted),
            number(one.needed_weighted),
            _facilities(study, one.makers),
            _facilities(study, one.takers),
            _facilities(study, one.not_stated),
        )
        for one in it.balances
    )
    header = (
        *(
            "form",
            "element",
            "made",
            "needed",
            "made, weighted",
            "needed, weighted",
            "makers",
            "takers",
        ),
        "not stated",
    )
    units = ("", "", "t/y", "t/y", "t/y", "t/y", "", "", "")
    note = (
        f"elements as metal in {it.year}; made: at most, needed: at least, by announced and by "
        "evidence-weighted capacity; not stated: makers that count as zero"
        if rows
        else "no line of the chain takes in what another makes"
    )
    return Table(f"From stage to stage in {it.chain.name}", header, rows, note, units)


def _promotion(study: Who) -> list[Fragment]:
    caption = (
        "Announced capacity parted by the grade of its lines. Pale: said, paid for or built; full: made at "
        "least once. The black line: what is left when each grade counts by its weight and starts slip."
    )
    return [
        Fragment("Drawn", figure=promotion_drawing(study.accounts), caption=caption),
        Fragment("Capacity by grade", (account_table(study),)),
        Fragment("Capacity not stated", (unstated_table(study),)),
    ]


def account_table(study: Who) -> Table:
    """Announced capacity by grade and evidence-weighted capacity, by stage, material and year."""
    strongest = tuple(reversed(GRADES))
    rows = tuple(
        (
            it.stage,
            it.material or NO_RECIPE,
            str(it.year),
            number(it.announced),
            *(number(it.by_grade[grade]) for grade in strongest),
            number(it.weighted),
            str(it.lines),
            str(it.not_stated),
            str(it.no_start),
        )
        for it in study.accounts
    )
    header = (
        *("stage", "counted in", "year", "capacity", *strongest, "weighted"),
        *("lines", "not stated", "no start"),
    )
    units = ("", "", "", "t/y", *("t/y" for _ in GRADES), "t/y", "", "", "")
    note = (
        "announced capacity, and its parts by the grade of its lines; weighted: by grade, with slipped "
        "starts and ramps; lines that state no capacity or no start count as zero; unlike materials of lines "
        "without a recipe are added up as they are stated"
    )
    return Table("Production against promotion", header, rows, note, units)


def unstated_table(study: Who) -> Table:
    """Lines of which no source states a capacity."""
    rows = tuple(
        (_title(study, it.line.facility), it.line.name, it.line.stage, it.grade, it.state)
        for it in study.standings.values()
        if it.line.capacity is None
    )
    note = "they count as zero here; what an allocation takes them for is a choice of the case"
    header = ("facility", "line", "stage", "grade", "state")
    return Table("No source states a capacity", header, rows, note)


def rule_table(study: Who) -> Table:
    """Weights, slips and ramps with what they rest on."""
    header = ("setting", "of", "value", "unit", *RESTING)
    rows = tuple(
        (what, of, said, unit, *resting_on(cited))
        for what, of, said, _, unit, cited in _settings(study)
    )
    note = (
        f"a start is put where it has come with a chance of {100 * study.rule.chance:g} %; of a range the "
        f"{study.rule.end} is taken; facilities that make nothing: {', '.join(sorted(study.rule.stopped))}"
    )
    return Table("Weights, slips and ramps", header, rows, note)


Setting = tuple[str, str, str, float | None, str, Cited]
"""What, of what, in words, as a number, unit, what it rests on."""


def _settings(study: Who) -> Iterator[Setting]:
    rule, plan = study.rule, study.plan
    for grade in reversed(GRADES):
        weight = rule.weight(grade)
        own = Cited(basis="set in the case") if grade in plan.weights else None
        cited = own or rule.cited.get(grade, Cited())
        yield "weight", grade, f"{100 * weight:g}", weight * 100, "%", cited
    cited = rule.slip.cited if plan.slip is None else Cited(basis="set in the case")
    yield "slip of starts", "median", number(rule.slip.median), rule.slip.median, "months", cited
    yield "slip of starts", "P90", number(rule.slip.p90), rule.slip.p90, "months", cited
    for stage, points in rule.ramps.items():
        said = "; ".join(f"{100 * share:g} % at {months:g}" for months, share in points)
        yield (
            "ramp",
            stage or "other stages",
            said,
            None,
            "months from the start",
            rule.cited.get(stage, Cited()),
        )


def row_table(study: Who) -> Table:
    """Every row that decides an answer, in its words."""
    rows = tuple(
        (
            _title(study, facility),
            ", ".join(HEADS.get(it, it) for it in asked),
            why,
            row.stage,
            row.kind,
            row.what,
            written(row.month) if row.month is not None else "",
            *resting_on(row.cited),
        )
        for facility, asked, why, row in _decided(study)
    )
    header = ("facility", "decides", "so", "stage", "kind", "what", "month", *RESTING)
    return Table("Deciding rows", header, rows, "no month: no source dates it")


def _decided(study: Who) -> Iterator[tuple[str, list[str], str, Evidence]]:
    """Facility, questions, why, row: questions of one facility that the same row decides together."""
    for facility in _by_strength(study):
        groups: dict[Evidence, list[str]] = {}
        why: dict[Evidence, list[str]] = {}
        for name, it in study.answers[facility].answers.items():
            if it.row is not None:
                groups.setdefault(it.row, []).append(name)
                why.setdefault(it.row, []).append(it.answer)
        for row, names in groups.items():
            yield facility, names, ", ".join(why[row]), row


# Sheets


def sheets(study: Who) -> Iterable[Sheet]:
    """Facilities, answers, all rows, timeline, lines, chains, accounts, settings, sources."""
    return [
        _facility_sheet(study),
        _answer_sheet(study),
        _row_sheet(study),
        _timeline_sheet(study),
        _line_sheet(study),
        _stage_sheet(study),
        _missing_sheet(study),
        _balance_sheet(study),
        _account_sheet(study),
        _setting_sheet(study),
        source_sheet(_rests_on(study)),
    ]


def _sheet(
    title: str, columns: Iterable[tuple[str, str]], rows: Iterable[tuple[Cell, ...]]
) -> Sheet:
    names, units = zip(*columns, strict=True)
    return Sheet(title, names, units, tuple(rows))


def _plain(*names: str) -> list[tuple[str, str]]:
    return [(name, "") for name in names]


def _facility_sheet(study: Who) -> Sheet:
    def cells(it: Facility) -> tuple[Cell, ...]:
        return (
            *(it.name, it.title, it.owner, it.country, it.status, it.latitude, it.longitude),
            *(best_grade(study, it.name), *resting_on(it.cited)),
        )

    columns = [
        *_plain("facility", "title", "owner", "country", "status"),
        *(("latitude", "degrees north"), ("longitude", "degrees east")),
        *_plain("best grade", *RESTING),
    ]
    return _sheet("facilities", columns, map(cells, study.plan.network.facilities.values()))


def _answer_sheet(study: Who) -> Sheet:
    rows: list[tuple[Cell, ...]] = []
    for facility, told in study.answers.items():
        for name, it in told.answers.items():
            decided: tuple[Cell, ...] = ("", "", "", "", "", "", "", "")
            if it.row is not None:
                month = None if it.row.month is None else written(it.row.month)
                decided = (it.row.stage, it.row.kind, it.row.what, month, *resting_on(it.row.cited))
            rows.append((facility, name, it.words, it.answer, it.why, *decided))
    columns = _plain(
        *("facility", "question", "in words", "answer", "why", "stage", "grade", "deciding row"),
        *("month", *RESTING),
    )
    return _sheet("answers", columns, rows)


def _row_sheet(study: Who) -> Sheet:
    rows = (
        (
            *(row.facility, row.stage, row.kind, None if row.month is None else written(row.month)),
            *(row.what, row.customer_class, row.material, *resting_on(row.cited)),
        )
        for graded in study.grades.values()
        for row in graded.rows
    )
    names = ("facility", "stage", "kind", "month", "what", "customer class", "material", *RESTING)
    return _sheet("evidence", _plain(*names), rows)


def _timeline_sheet(study: Who) -> Sheet:
    rows = (
        (it.facility, it.stage, kind, None if month is None else written(month))
        for it in study.timeline
        for kind, month in (*it.first.items(), *((kind, None) for kind in it.undated))
    )
    return _sheet("readiness", _plain("facility", "stage", "kind", "first shown"), rows)


def _line_sheet(study: Who) -> Sheet:
    rows: list[tuple[Cell, ...]] = []
    for it in study.standings.values():
        size, line = it.line.capacity, it.line
        rows.append(
            (
                *(line.facility, line.name, line.stage, ", ".join(line.recipes)),
                *((size.low, size.value, size.high) if size else (None, None, None)),
                *(None if line.starts is None else written(line.starts), it.state, it.grade),
                *(100 * it.weight, None if it.starts is None else written(it.starts)),
                *resting_on(line.cited),
            )
        )
    columns = [
        *_plain("facility", "line", "stage", "recipes"),
        *(("low", "t/y"), ("capacity", "t/y"), ("high", "t/y")),
        *(("announced start", ""), ("state", ""), ("grade", ""), ("weight", "%")),
        *_plain("believed start", *RESTING),
    ]
    return _sheet("lines", columns, rows)


def _stage_sheet(study: Who) -> Sheet:
    rows = (
        (
            *(it.chain.name, it.year, stage.link.stage, stage.grade),
            *("" if stage.best is None else stage.best.facility, ", ".join(stage.grades)),
            *(stage.announced, stage.weighted),
            *(", ".join(f"{facility}, {line}" for facility, line in stage.not_stated),),
            *resting_on(stage.link.cited),
        )
        for it in study.chains
        for stage in it.stages
    )
    columns = [
        *_plain("chain", "year", "stage", "best grade", "by", "facilities"),
        *(("announced", "t/y"), ("weighted", "t/y")),
        *_plain("not stated", *RESTING),
    ]
    return _sheet("chains", columns, rows)


def _missing_sheet(study: Who) -> Sheet:
    rows = (
        (it.chain.name, it.year, arrow.stage, arrow.kind, arrow.element, arrow.words)
        for it in study.chains
        for arrow in it.missing
    )
    return _sheet(
        "missing arrows", _plain("chain", "year", "at", "kind", "element", "in words"), rows
    )


def _balance_sheet(study: Who) -> Sheet:
    rows = (
        (
            *(it.chain.name, it.year, one.form, one.element, one.made, one.needed),
            *(one.made_weighted, one.needed_weighted),
            *(", ".join(f"{facility}, {line}" for facility, line in one.not_stated),),
        )
        for it in study.chains
        for one in it.balances
    )
    amounts = ("made", "needed", "made, weighted", "needed, weighted")
    columns = [
        *_plain("chain", "year", "form", "element"),
        *((name, "t/y as metal") for name in amounts),
        ("not stated", ""),
    ]
    return _sheet("from stage to stage", columns, rows)


def _account_sheet(study: Who) -> Sheet:
    strongest = tuple(reversed(GRADES))
    rows: list[tuple[Cell, ...]] = [
        (
            *(it.stage, it.material or NO_RECIPE, it.year, it.announced),
            *(it.by_grade[grade] for grade in strongest),
            *(it.shown, it.weighted, it.lines, it.not_stated, it.no_start),
        )
        for it in study.accounts
    ]
    columns = [
        *_plain("stage", "counted in", "year"),
        *((name, "t/y") for name in ("capacity", *strongest, "produced at least", "weighted")),
        *_plain("lines", "not stated", "no start"),
    ]
    return _sheet("promotion", columns, rows)


def _setting_sheet(study: Who) -> Sheet:
    rows: list[tuple[Cell, ...]] = []
    for what, of, said, value, unit, cited in _settings(study):
        rows.append((what, of, said if value is None else value, unit, *resting_on(cited)))
    return _sheet("settings", _plain("setting", "of", "value", "unit", *RESTING), rows)


def _rests_on(study: Who) -> Iterator[tuple[str, str, str]]:
    cited = {
        "evidence": [row.cited for it in study.grades.values() for row in it.rows],
        "capacities": [it.line.cited for it in study.standings.values()],
        "facilities": [it.cited for it in study.plan.network.facilities.values()],
        "settings": [study.rule.slip.cited, *study.rule.cited.values()],
    }
    for name, them in cited.items():
        yield from resting(name, keys_of(*them))
