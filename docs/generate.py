"""Writes the reference pages that are made from code and data: ``make reference``.

Each page is a function without arguments that returns its Markdown; ``PAGES`` names them all. A test
compares what they return with what is committed.
"""

from __future__ import annotations

import ast
import inspect
import json
import math
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from importlib import import_module
from importlib.resources import files
from pathlib import Path
from typing import Any, Literal, get_args, get_origin, get_type_hints

import typer

import ytterby
from ytterby import datasets, elements, quantities, sources
from ytterby.case import reference as case_reference
from ytterby.circuit.verdict import Verdict
from ytterby.cli.app import app
from ytterby.errors import ExitCode

REFERENCE = Path(__file__).parent / "reference"
PACKAGE = files("ytterby")

PUBLIC: dict[str, tuple[str, ...]] = {
    "ytterby.case": ("read", "read_text", "Case"),
    "ytterby.study.run": ("run", "refusals", "Study"),
    "ytterby.study.start": ("run_starts", "StartStudy", "Run", "Valued"),
    "ytterby.study.design": (
        *(
            "run_designs",
            "planned_cut",
            "DesignStudy",
            "PlannedCut",
            "OneMoreNine",
            "RobustVariant",
        ),
    ),
    "ytterby.study.design_space": ("design_space", "Sweep"),
    "ytterby.study.sequence": ("run_sequences", "SequenceStudy", "PlannedSequence"),
    "ytterby.study.audit": ("run_audits", "AuditStudy", "AuditedPlan"),
    "ytterby.audit": (
        *("audit", "contradicting_sets", "AuditTask", "Audited", "ReadingResult", "Contradiction"),
        *("Judged", "Answer", "Closing", "Alone", "Figure"),
        *("shipped_set", "claim_sets", "read_set", "ClaimSet", "Claim", "Range"),
    ),
    "ytterby.audit.linear": ("Rows", "Row", "row", "Certificate", "Weight"),
    "ytterby.audit.contradictions": ("contradictions", "Contradictions"),
    "ytterby.audit.by_hand": ("weights", "cases", "yields", "asked_ratios", "outputs"),
    "ytterby.study.plant": ("run_plant", "stored_designs", "PlantStudy", "SoldProduct"),
    "ytterby.design.task": ("CutTask", "Specification", "Limits", "SideDraw"),
    "ytterby.design.costs": ("Prices", "Price", "CostBasis"),
    "ytterby.design.cut": (
        *("design_cut", "one_more_nine", "DesignedCut", "ActiveLimit", "Candidate"),
    ),
    "ytterby.design.sequence": (
        *("sequence_cuts", "SequenceTask", "Sequenced", "RankedSequence", "DesignedSequence"),
    ),
    "ytterby.design.steps": ("Cut", "Joint", "Span", "trees"),
    "ytterby.design.products": ("ProductSpecification",),
    "ytterby.design.by_hand": ("PricedStep", "shortcut_costs"),
    "ytterby.design.response": ("Stages", "Operation"),
    "ytterby.design.uncertainty": (*("sensitivities", "robust_cut", "Sensitivity", "RobustCut"),),
    "ytterby.study.fit": ("run_fits", "FitStudy", "FittedPlan", "SourceScore"),
    "ytterby.equilibrium.fitting": (
        *("shaken", "predict", "fit", "leave_one_source_out", "next_shakeouts", "fitted_set"),
        *("Settings", "ErrorModel", "Fit", "FittedConstant", "Cell", "Held", "Weak"),
        *("Score", "LeftOut", "Advice", "Candidate"),
    ),
    "ytterby.equilibrium.aqueous": ("neutralised", "Liquor", "Neutralised", "Solid", "Verdict"),
    "ytterby.circuit": (
        *("Circuit", "Organic", "Section", "Inlet", "Place", "SideFeed", "Draw", "Reflux"),
        *("Train", "Transfer", "refuse", "Verdict"),
    ),
    "ytterby.circuit.feasibility": ("Refusal",),
    "ytterby.circuit.volumes": ("volumes",),
    "ytterby.circuit.solve": ("solve_circuit", "solve_train", "arrays_of", "steady_state"),
    "ytterby.circuit.batch": ("find_many",),
    "ytterby.circuit.solved": (
        *("SolvedCircuit", "SolvedTrain", "Profiles", "Consumption", "OutOfRange"),
    ),
    "ytterby.circuit.dynamics": (
        *("HoldUp", "Hold", "Event", "NewLiquor", "WeakerAcid", "OtherFlow", "LessBase"),
        *("StoppedStage", "Specification"),
    ),
    "ytterby.circuit.dynamics.simulate": ("simulate_circuit",),
    "ytterby.circuit.dynamics.simulation": (
        *("Simulation", "Course", "Target", "OutletSeries", "Inventory"),
    ),
    "ytterby.circuit.dynamics.events": ("Period", "periods"),
    "ytterby.circuit.dynamics.specification": ("how_met", "settled_since", "Met"),
    "ytterby.circuit.balance": ("closure", "charge_closure", "require_closed"),
    "ytterby.circuit.shortcuts": (
        *("shortcut_cut", "CutShortcut", "solve_exchange", "SolvedCascade", "Cascade"),
        *("least_extraction", "least_sharp", "least_for_extract", "LeastExtraction"),
        *("effective_factor", "fewest_stages", "Pair", "pair_stages"),
        *("sharp_cut", "lengthened", "as_cut", "solve_drawn"),
        *("Allowed", "DrawnCascade", "SolvedDrawn"),
        *("xu_design", "xu_stages", "XuDesign", "keys_as_pair"),
        *("kremser", "fraction_extracted", "kremser_stages", "kremser_cascade"),
        *("TraceSection", "Outlets", "step_off", "Construction"),
        *("diagram", "Diagram", "SectionDiagram", "shortcuts_beside", "Beside"),
    ),
    "ytterby.materials": ("Stream", "is_rare_earth"),
    "ytterby.report.tables": (
        *("stream_table", "outlet_table", "stage_table", "consumption_table", "range_table"),
        *("transfer_table", "Table"),
    ),
    "ytterby.report.document": ("circuit_document", "train_document"),
    "ytterby.report.fit": (
        *("constants_table", "score_table", "left_out_table", "shift_table", "identity_table"),
        "next_table",
    ),
    "ytterby.report.fit_document": ("fit_document",),
    "ytterby.report.parity": ("parity_figure",),
    "ytterby.report.start": (
        *("period_table", "specification_table", "product_table", "inventory_table"),
        "section_table",
    ),
    "ytterby.report.start_document": ("start_document",),
    "ytterby.report.start_figures": ("start_figures",),
    "ytterby.report.design": (
        *("design_table", "reached_table", "cost_table", "price_table", "active_table"),
        *("one_more_table", "hand_table", "sensitivity_table", "robust_table", "candidate_table"),
    ),
    "ytterby.report.design_document": ("design_document",),
    "ytterby.report.sequence": (
        *("ranking_table", "cut_table", "item_table", "product_table", "refused_table"),
        *("products_of", "Product"),
    ),
    "ytterby.report.sequence_document": ("sequence_document",),
    "ytterby.report.audit_document": ("audit_document",),
    "ytterby.report.audit_fragments": ("audit_fragments", "audit_study_fragments"),
    "ytterby.report.sequence_drawing": ("sequence_drawing", "TreeDrawing", "Box", "Arrow"),
    "ytterby.report.draw_tree": ("draw_tree",),
    "ytterby.report.plant": (
        *("product_table", "limit_table", "stream_table", "recovery_table", "reagent_table"),
        *("driver_table", "equipment_table", "inventory_table", "leaving_table", "water_table"),
        *("assumption_table", "plant_tables"),
    ),
    "ytterby.report.plant_document": ("plant_document", "circuits_document"),
    "ytterby.report.plant_fragments": ("plant_fragments",),
    "ytterby.report.results": ("write_results", "stored_results", "Origin"),
    "ytterby.report.design_figures": ("design_figures", "design_space_figure", "cost_figure"),
    "ytterby.report.figures": ("profile_figure", "Figure"),
    "ytterby.report.mccabe": ("mccabe_figure",),
    "ytterby.report.shortcuts": ("shortcut_table", "shortcut_document"),
    "ytterby.report.draw": ("draw",),
    "ytterby.report.fragments": (
        *("Fragment", "Drawing", "figure_fragment", "under", "fault_fragment", "anchored"),
        *("cited_sources", "fragments_document"),
    ),
    "ytterby.report.circuit_fragments": ("study_fragments", "circuit_fragments", "train_fragments"),
    "ytterby.report.design_fragments": ("design_study_fragments", "design_fragments"),
    "ytterby.report.sequence_fragments": ("sequence_study_fragments", "sequence_fragments"),
    "ytterby.report.fit_fragments": ("fit_study_fragments", "fit_fragments"),
    "ytterby.report.start_fragments": ("start_study_fragments", "start_fragments"),
    "ytterby.report.page": ("page", "write_page", "ready_for_page"),
    "ytterby.report.plotly_json": ("plotly_figure",),
    "ytterby.report.svg": ("tree_drawing",),
    "ytterby.report.workbook": ("Sheet", "sheet", "workbook"),
    "ytterby.datasets": (
        *("tables", "table", "Row", "TableFile"),
        *("shipped_contacts", "contacts_of", "Contact", "ContactMetal"),
        *("parameter_sets", "parameter_set", "ParameterSet", "Constant", "General", "Range"),
        "parameter_set_text",
        *("extractants", "extractant", "cited", "weakest_basis"),
    ),
    "ytterby.datasets.prices": ("latest_prices", "Quotation"),
    "ytterby.datasets.feeds": ("feeds", "feed", "Feed"),
    "ytterby.datasets.activity": ("specific_activity", "gate"),
    "ytterby.datasets.process": (
        *("parameters", "parameter", "downstream_parameters", "downstream_parameter"),
        *("impacts", "impact", "emission_factors", "emission_factor", "Parameter"),
    ),
    "ytterby.datasets.products": (
        *("specifications", "specification", "judge", "read_limit", "standards"),
        *("Specification", "Limit", "Judged", "Standard"),
    ),
    "ytterby.sources": ("source", "all_sources", "format_source", "Source"),
    "ytterby.elements": ("element", "Element", "by_extraction_order", "metal_to_oxide"),
    "ytterby.quantities": ("parse", "parse_any", "show"),
    "ytterby.errors": (
        *("Fault", "YtterbyError", "CaseError", "QuantityError", "DataError", "BalanceError"),
        *("ConvergenceError", "OutputError"),
    ),
}
"""What users may build on, by the module to import it from."""


def main() -> None:
    """Write every page that is not up to date, and say which."""
    for name, page in PAGES.items():
        path, text = REFERENCE / name, page()
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            path.write_text(text, encoding="utf-8")
            print(f"wrote {path.relative_to(REFERENCE.parents[1])}")


# --- Markdown


def _page(title: str, made_from: str, *blocks: str) -> str:
    note = f"<!-- Generated from {made_from} by `make reference`; a test compares the two. -->"
    return (
        "\n\n".join([f"# {title}", note, *filter(None, (block.strip() for block in blocks))]) + "\n"
    )


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = (head, ["---"] * len(head), *([_cell(text) for text in row] for row in rows))
    return "\n".join("| " + " | ".join(cells) + " |" for cells in lines)


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", r"\|")


def _code(text: str) -> str:
    return f"`{text}`" if text else ""


def _counts(words: Iterable[str], order: Sequence[str]) -> str:
    """How often each word occurs, in the given order: "read 3, derived 1"."""
    counted = Counter(words)
    return ", ".join(f"{word} {counted[word]}" for word in order if counted[word])


# --- commands


def commands_page() -> str:
    """Every command with its arguments and options, from the command line itself."""
    built: Any = typer.main.get_command(app)
    return _page(
        "Commands", "src/ytterby/cli/app.py", _COMMANDS, *map(_command, built.commands.values())
    )


_COMMANDS = """
`ytterby COMMAND ...`. Results go to standard output, messages to standard error, and the
[exit code](exit-codes.md) says how it ended. `ytterby --version` prints the version, `-h` or `--help`
after any command what it takes, and `ytterby --install-completion` sets up the shell's completion.

With `--json` a command prints one JSON document, which names its `format` and `version`; what
`ytterby circuit` prints is described under [circuit result](circuit-result.md). A command that fails
then prints a document of the format `ytterby.error` on standard output, with the `faults` in five
parts and the `exit_code`.

The first solution of a circuit of a new size is compiled, which takes seconds; what was compiled is
kept in `~/.cache/ytterby`. The environment variable `YTTERBY_CACHE_DIR` names another directory; if it
is set to nothing, nothing is kept.
"""


def _command(command: Any) -> str:
    """Section of one command, as typer built it."""
    callback = next(
        it.callback
        for it in app.registered_commands
        if it.callback and command.name in (it.name, it.callback.__name__)
    )
    hints = get_type_hints(callback)
    rows = [_parameter(it, hints[it.name]) for it in command.params]
    arguments = [_shown(it) for it in command.params if it.param_type_name == "argument"]
    usage = " ".join(["ytterby", command.name, *arguments])
    head = ("Argument or option", "Value", "Default", "Meaning")
    return "\n\n".join([f"## `{usage}`", command.help, _table(head, rows)])


def _shown(parameter: Any) -> str:
    """How an argument or option is written."""
    if parameter.param_type_name == "argument":
        return str(parameter.metavar or parameter.name.upper())
    return ", ".join(parameter.opts)


def _parameter(parameter: Any, kind: Any) -> tuple[str, ...]:
    """Row of one argument or option."""
    value = ""
    if get_origin(kind) is Literal:
        value = ", ".join(map(_code, get_args(kind)))
    elif parameter.param_type_name == "option":
        value = _code(parameter.metavar or "")
    default = "required" if parameter.required else ""
    if isinstance(parameter.default, str):
        default = _code(parameter.default)
    return _code(_shown(parameter)), value, default, parameter.help


# --- exit codes and verdicts


def exit_codes_page() -> str:
    """Every exit code with its meaning."""
    meanings = _attribute_docs(_class_node(ExitCode))
    rows = [(str(code.value), f"`{code.name}`", meanings[code.name]) for code in ExitCode]
    table = _table(("code", "name", "meaning"), rows)
    return _page("Exit codes", "src/ytterby/errors.py", _EXIT_CODES, table, _FAULTS)


_EXIT_CODES = (
    "The command line ends with one of these codes. They are stable: scripts may rely on them."
)
_FAULTS = """
Every fault is shown in up to five parts: where it was met, what was read, what was expected, the
nearest known name and what to do next. What code 6 can mean stands under [verdicts](verdicts.md).
"""


def verdicts_page() -> str:
    """Every way a circuit can end, with cause and cure."""
    sections = [
        f"## `{verdict.value}`\n\n"
        + "\n".join(
            f"- **{name}:** {text}."
            for name, text in (("Cause", verdict.meaning.cause), ("Cure", verdict.meaning.cure))
            if text
        )
        for verdict in Verdict
    ]
    return _page("Verdicts", "src/ytterby/circuit/verdict.py", _VERDICTS, *sections)


_VERDICTS = """
A circuit ends with one of these names. Only `solved` comes with numbers; every other ends the command with
[exit code](exit-codes.md) 6 and a message. [Read a verdict](../howto/read-a-verdict.md) shows one.
"""


# --- the JSON result


def circuit_result_page() -> str:
    """Every key of the JSON result, from its schema."""
    schema = json.loads((PACKAGE / "data/schemas/circuit-result-1.json").read_text("utf-8"))
    made_from = "src/ytterby/data/schemas/circuit-result-1.json"
    sections = [_object(title, part) for title, part in _objects("At the top", schema)]
    return _page("Circuit result", made_from, _RESULT, *sections)


_RESULT = """
What `ytterby circuit FILE --json` prints. Units stand in the keys: mol, m3, h, kg. The JSON Schema is
shipped as `ytterby/data/schemas/circuit-result-1.json`. Keys may be added; `version` is raised when one
is removed or changes its meaning. A circuit that is not solved gives a document of the format
`ytterby.error` instead.
"""


def start_result_page() -> str:
    """Every key of the JSON of a run through time, from its schema."""
    schema = json.loads((PACKAGE / "data/schemas/start-result-1.json").read_text("utf-8"))
    made_from = "src/ytterby/data/schemas/start-result-1.json"
    sections = [_object(title, part) for title, part in _objects("At the top", schema)]
    return _page("Start result", made_from, _START_RESULT, *sections)


_START_RESULT = """
What `ytterby start FILE --json` prints. Units stand in the keys: mol, m3, h, kg. The JSON Schema is
shipped as `ytterby/data/schemas/start-result-1.json`. Keys may be added; `version` is raised when one
is removed or changes its meaning.
"""


def design_result_page() -> str:
    """Every key of the JSON of designs, from its schema."""
    schema = json.loads((PACKAGE / "data/schemas/design-result-1.json").read_text("utf-8"))
    made_from = "src/ytterby/data/schemas/design-result-1.json"
    sections = [_object(title, part) for title, part in _objects("At the top", schema)]
    return _page("Design result", made_from, _DESIGN_RESULT, *sections)


_DESIGN_RESULT = """
What `ytterby design FILE --json` prints. Units stand in the keys: mol, m3, h, kg. The JSON Schema is
shipped as `ytterby/data/schemas/design-result-1.json`. Keys may be added; `version` is raised when one
is removed or changes its meaning. Where no design of the case is reached, a document of the format
`ytterby.error` comes instead.
"""


def fragments_page() -> str:
    """Every key of the JSON of fragments of a report, from its schema."""
    schema = json.loads((PACKAGE / "data/schemas/fragments-1.json").read_text("utf-8"))
    made_from = "src/ytterby/data/schemas/fragments-1.json"
    sections = [_object(title, part) for title, part in _objects("At the top", schema)]
    return _page("Report fragments", made_from, _FRAGMENTS, *sections)


_FRAGMENTS = """
What `ytterby.report.fragments.fragments_document` gives of any result: the pieces that the HTML page of
`--html` is made of, for a page of your own. The JSON Schema is shipped as
`ytterby/data/schemas/fragments-1.json`. Keys may be added; `version` is raised when one is removed or
changes its meaning.
"""


def audit_result_page() -> str:
    """Every key of the JSON of audits, from its schema."""
    schema = json.loads((PACKAGE / "data/schemas/audit-result-1.json").read_text("utf-8"))
    made_from = "src/ytterby/data/schemas/audit-result-1.json"
    sections = [_object(title, part) for title, part in _objects("At the top", schema)]
    return _page("Audit result", made_from, _AUDIT_RESULT, *sections)


_AUDIT_RESULT = """
What `ytterby audit FILE --json` prints. Tonnages are in t/y of oxide unless a claim says otherwise. The JSON
Schema is shipped as `ytterby/data/schemas/audit-result-1.json`. Keys may be added; `version` is raised when
one is removed or changes its meaning.
"""


def chain_explosion_page() -> str:
    """Every key of the JSON of what customers ask, from its schema."""
    return _chain_page("Chain explosion", "explode", "chain-explosion")


def chain_who_page() -> str:
    """Every key of the JSON of who can do what, from its schema."""
    return _chain_page("Chain evidence", "who", "chain-who")


def chain_match_page() -> str:
    """Every key of the JSON of `ytterby chain match`, from its schema."""
    return _chain_page("Chain match", "match", "chain-match")


def chain_stress_page() -> str:
    """Every key of the JSON of `ytterby chain stress`, from its schema."""
    return _chain_page("Chain stress", "stress", "chain-stress")


def chain_shares_page() -> str:
    """Every key of the JSON of shares and exposure, from its schema."""
    return _chain_page("Chain shares", "share", "chain-shares")


def _chain_page(title: str, verb: str, name: str) -> str:
    """Every key of the JSON of one command of `ytterby chain`, from its schema."""
    schema = json.loads((PACKAGE / f"data/schemas/{name}-1.json").read_text("utf-8"))
    sections = [_object(heading, part) for heading, part in _objects("At the top", schema)]
    words = _CHAIN.format(verb=verb, name=name)
    return _page(title, f"src/ytterby/data/schemas/{name}-1.json", words, *sections)


_CHAIN = """
What `ytterby chain {verb} FILE --json` prints. Units stand in the keys; elements are counted as metal, those
that are traded in one blend under the main one. The JSON Schema is shipped as
`ytterby/data/schemas/{name}-1.json`. Keys may be added; `version` is raised when one is removed or changes
its meaning.
"""


def plant_result_page() -> str:
    """Every key of the JSON of a plant, from its schema, and the columns of the tables beside it."""
    schema = json.loads((PACKAGE / "data/schemas/plant-result-1.json").read_text("utf-8"))
    made_from = "src/ytterby/data/schemas/plant-result-1.json"
    sections = [_object(title, part) for title, part in _objects("At the top", schema)]
    beside = _table(("File", "What is in it"), [(_code(name), what) for name, what in _PLANT_FILES])
    heads = ("## Files beside it", beside, _PLANT_CHECK)
    return _page("Plant result", made_from, _PLANT_RESULT, *heads, *sections)


_PLANT_RESULT = """
What `ytterby run FILE` writes as `result.json` into its folder of results, and prints with `--json`. Units
stand in the keys: mol, m3, h, kg; a year is that of the hours of operation. The JSON Schema is shipped as
`ytterby/data/schemas/plant-result-1.json`. Keys may be added; `version` is raised when one is removed or
changes its meaning.
"""
_PLANT_FILES = (
    (
        "streams.parquet",
        "a row for each species of each stream: `stream`, `source`, `target`, `kind`, `end`, `state`, "
        "`species`, `mol_per_h`, `kg_per_h`",
    ),
    (
        "elements.parquet",
        "a row for each element of each stream: `mol_per_h`, `kg_per_h` as the element, `oxide_kg_per_h` "
        "as its oxide as traded",
    ),
    (
        "units.parquet",
        "a row for each number of a unit: `unit`, `what` (drawn, driver, held, equipment, setting), `item`, "
        "`value`, `measure` (its unit), `number` of items, `because` or source",
    ),
    ("circuits.json", "each solved circuit by its unit, as [circuit result](circuit-result.md)"),
    (
        "streams.xlsx",
        "streams across, elements down, as oxides, elements and amounts, with totals, a check row and a "
        "row of units",
    ),
    ("report.html", "the report, one page that opens without a network"),
    ("tables.txt", "the tables of the terminal"),
)
_PLANT_CHECK = """
`python tools/check_results.py DIR` recomputes it from the files alone, without ytterby. What was given, such
as limits, settings and what was announced, is guarded by the digest.
"""


def _objects(title: str, schema: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every part of the schema that has keys of its own, with a heading."""
    yield title, schema
    for name, part in schema["properties"].items():
        within = part if "properties" in part else part.get("items", {})
        if "properties" in within:
            yield from _objects(name, within)
    for name, part in schema.get("$defs", {}).items():
        yield from _objects(name, part)


def _object(title: str, schema: dict[str, Any]) -> str:
    rows = [
        (
            _code(key),
            _value(key, part) + ("" if key in schema["required"] else " (optional)"),
            part.get("description", ""),
        )
        for key, part in schema["properties"].items()
    ]
    about = schema.get("description", "") if "$schema" not in schema else ""
    table = _table(("Key", "Value", "Meaning"), rows)
    return "\n\n".join(filter(None, [f"## {title}", about and f"{about}.", table]))


def _value(key: str, part: dict[str, Any]) -> str:
    """What a value is, in words."""
    if "$ref" in part:
        file, _, name = part["$ref"].partition("#/$defs/")
        return f"[{name}]({re.sub('-[0-9]+[.]json$', '.md', file)}#{name})"
    if "anyOf" in part:
        return " or ".join(_value(key, choice) for choice in part["anyOf"])
    if "const" in part:
        return _code(json.dumps(part["const"]))
    if "enum" in part:
        return ", ".join(_code(json.dumps(choice)) for choice in part["enum"])
    if "type" not in part:
        return "any value"
    types = [part["type"]] if isinstance(part["type"], str) else part["type"]
    return " or ".join(_type_in_words(kind, key, part) for kind in types)


def _type_in_words(kind: str, key: str, part: dict[str, Any]) -> str:
    if kind == "array":
        items = part["items"]
        if "properties" in items:
            return f"list of [{key}](#{key})"
        return "list of " + re.sub(r"\b(number|list)\b", r"\1s", _value(key, items))
    if kind == "object" and "properties" in part:
        return f"[{key}](#{key})"
    if kind == "object":
        return f"by name: {_value(key, part['additionalProperties'])}"
    return {"string": "text", "integer": "whole number"}.get(kind, kind)


# --- shipped data


def datasets_page() -> str:
    """Catalogue of the shipped tables, parameter sets and sources."""
    bases = [line for line in _readme("").splitlines() if line.startswith("|")]
    return _page(
        "Datasets",
        "src/ytterby/data",
        _DATASETS,
        "\n".join(bases),
        "## Tables",
        _topics(),
        *map(_topic, datasets.tables()),
        "## Parameter sets",
        _SETS,
        *map(_parameter_set, datasets.parameter_sets()),
        "## Sources",
        _SOURCES,
        _bibliography(),
    )


_DATASETS = """
Numbers of the literature that ytterby ships. Each row has a unit, a source, a confidence (the
compiler's judgement) and a basis, which is one of these:
"""
_SETS = """
What the columns mean depends on the model; the description of a set and the README of
`src/ytterby/data/equilibrium` say it. The uncertainty (±) is the standard deviation of the first column of
numbers, empty where no source gives one. Circuits are solved with sets of status `ready` only; outside the
ranges a result is marked as extrapolated. Terms are corrections that a case switches on.
"""
_SOURCES = "How far a source was read stands beside it: `secondary` is read through another source."


def _readme(folder: str) -> str:
    return (PACKAGE / "data" / folder / "README.md").read_text("utf-8")


def _about(topic: str) -> str:
    """The note of a topic, without its heading and its remark on the licence."""
    note = _readme(topic).partition("\n")[2]
    return note.partition("Licence: ")[0].strip()


def _basis_counts(rows: Iterable[Any]) -> str:
    return _counts((row.basis for row in rows), (*datasets.BASES, "gap"))


def _confidence_counts(rows: Iterable[Any]) -> str:
    return _counts((row.confidence for row in rows), datasets.CONFIDENCES)


def _topics() -> str:
    rows = []
    for topic in datasets.tables():
        found = datasets.table(topic)
        names = {row.file.name for row in found}
        link = f"[{topic}](#{topic})"
        counts = (_basis_counts(found), _confidence_counts(found))
        rows.append((link, str(len(found)), str(len(names)), *counts))
    return _table(("Topic", "Rows", "Files", "Basis", "Confidence"), rows)


def _topic(topic: str) -> str:
    files_of: dict[datasets.TableFile, list[datasets.Row]] = {}
    for row in datasets.table(topic):
        files_of.setdefault(row.file, []).append(row)
    rows = [
        (f"`{file.name}.csv`", file.title, file.kind, str(len(found)), _basis_counts(found))
        for file, found in files_of.items()
    ]
    table = _table(("File", "What", "Kind", "Rows", "Basis"), rows)
    return f"### {topic}\n\n{_about(topic)}\n\n{table}"


def _parameter_set(found: datasets.ParameterSet) -> str:
    about = (
        f"{found.title}. Extractant `{found.extractant}`, medium {found.medium}, model "
        f"`{found.model}`, status `{found.status}`. Basis: "
        f"{_basis_counts(found.constants.values())}; confidence: "
        f"{_confidence_counts(found.constants.values())}."
    )
    valid = [
        (name.replace("_", " "), f"{limits.low:g}", f"{limits.high:g}", limits.unit)
        for name, limits in found.valid.items()
    ]
    ranges = _table(("Holds for", "From", "To", "Unit"), valid) if valid else ""
    blocks = [
        f"### {found.name}",
        about,
        found.description.strip(),
        ranges,
        f"Note: {found.valid_note}.",
        _set_rows(found, found.constants),
        _set_general(found),
        *(f"Term `{name}`:\n\n{_set_rows(found, rows)}" for name, rows in found.terms.items()),
    ]
    return "\n\n".join(filter(None, blocks))


def _set_rows(found: datasets.ParameterSet, rows: Mapping[str, datasets.Constant]) -> str:
    """Constants or one term, in extraction order; rare earths first."""
    ordered = [rows[name] for name in elements.by_extraction_order(rows)]
    used = {name for row in ordered for name in row.numbers}
    columns = [name for name in found.units if name in used]
    units = (f"`{name}` [{found.units[name]}]" for name in columns)
    body = [
        (
            row.element,
            *(f"{row.numbers[it]:.7g}" if it in row.numbers else "" for it in columns),
            "" if math.isnan(row.uncertainty) else f"{row.uncertainty:g}",
            *_rests(row),
        )
        for row in ordered
    ]
    return _table(("Element", *units, "±", "Basis", "Confidence", "Rests on"), body)


def _set_general(found: datasets.ParameterSet) -> str:
    if not found.general:
        return ""
    body = [
        (f"`{name}`", f"{it.value:.7g}", it.unit, it.note, *_rests(it))
        for name, it in found.general.items()
    ]
    head = ("Whole set", "Value", "Unit", "Note", "Basis", "Confidence", "Rests on")
    return _table(head, body)


def _rests(row: datasets.Constant | datasets.General) -> tuple[str, str, str]:
    return row.basis, row.confidence, ", ".join(row.rests_on) or row.source


def _bibliography() -> str:
    rows = [
        (entry.key, entry.read_status, entry.citation, _link(entry.doi_or_url))
        for entry in sources.all_sources()
    ]
    return _table(("Key", "Status", "Citation", "Link"), rows)


def _link(doi_or_url: str) -> str:
    url = f"https://doi.org/{doi_or_url}" if doi_or_url.startswith("10.") else doi_or_url
    return f"[link]({url})" if url else ""


# --- Python


def api_page() -> str:
    """Every public name with its signature and docstring."""
    short = ", ".join(f"`yt.{name}`" for name in dir(ytterby) if not name.startswith("_"))
    return _page("Python", "the docstrings", _API.format(short=short), *map(_module, PUBLIC))


_API = """
`import ytterby as yt` gives {short};
nothing heavy is imported before one of them is used. What is not listed on this page is internal.
Numbers are in mol, m3, h, kg and K, arrays of elements run by atomic number.
[Use from Python](../howto/use-from-python.md) shows the names at work.
"""


def _module(name: str) -> str:
    module = import_module(name)
    about = (module.__doc__ or "").strip().splitlines()[0]
    return "\n\n".join(
        [f"## {name}", about, *(_member(getattr(module, it)) for it in PUBLIC[name])]
    )


def _member(member: Any) -> str:
    """Section of one function or class."""
    if not inspect.isclass(member):
        return _function(_node(member))
    node = _class_node(member)
    bases = ", ".join(map(ast.unparse, node.bases))
    blocks = [f"### `{node.name}`", f"`class {node.name}{f'({bases})' if bases else ''}`"]
    meanings = _attribute_docs(node)
    fields = [it for it in node.body if isinstance(it, ast.AnnAssign)]
    rows = [
        (_code(name := ast.unparse(it.target)), _code(ast.unparse(it.annotation)), meanings[name])
        for it in fields
        if not ast.unparse(it.target).startswith("_")
    ]
    blocks += [
        ast.get_docstring(node) or "",
        _table(("Field", "Type", "Meaning"), rows) if rows else "",
    ]
    members = [f"`{ast.unparse(it.targets[0])}`" for it in node.body if isinstance(it, ast.Assign)]
    blocks.append(f"Members: {', '.join(members)}." if "Enum" in bases else "")
    methods = [it for it in node.body if isinstance(it, ast.FunctionDef) and it.name[0] != "_"]
    blocks.append("\n".join(map(_method, methods)))
    return "\n\n".join(filter(None, blocks))


def _function(node: ast.FunctionDef) -> str:
    return f"### `{node.name}`\n\n`{_signature(node)}`\n\n{ast.get_docstring(node)}"


def _method(node: ast.FunctionDef) -> str:
    about = " ".join((ast.get_docstring(node) or "").split())
    return f"- `{_signature(node)}`: {about}"


def _signature(node: ast.FunctionDef) -> str:
    """As it is called; a property has no parentheses."""
    returns = f" -> {ast.unparse(node.returns)}" if node.returns else ""
    if any(ast.unparse(it) == "property" for it in node.decorator_list):
        return node.name + returns
    arguments = ast.unparse(node.args)
    return f"{node.name}({re.sub(r'^self(, )?', '', arguments)}){returns}"


def _node(member: Any) -> ast.FunctionDef:
    """Definition of a function in its source."""
    tree = ast.parse(inspect.getsource(import_module(member.__module__)))
    found = (it for it in tree.body if isinstance(it, ast.FunctionDef))
    return next(it for it in found if it.name == member.__name__)


def _class_node(member: type) -> ast.ClassDef:
    """Definition of a class in its source."""
    tree = ast.parse(inspect.getsource(import_module(member.__module__)))
    found = (it for it in tree.body if isinstance(it, ast.ClassDef))
    return next(it for it in found if it.name == member.__name__)


def _attribute_docs(node: ast.ClassDef) -> dict[str, str]:
    """Text below each attribute of a class; "" where there is none."""
    found = {}
    for here, after in zip(node.body, [*node.body[1:], ast.Pass()], strict=True):
        if not isinstance(here, ast.Assign | ast.AnnAssign):
            continue
        target = here.target if isinstance(here, ast.AnnAssign) else here.targets[0]
        text = (
            after.value.value
            if isinstance(after, ast.Expr) and isinstance(after.value, ast.Constant)
            else ""
        )
        found[ast.unparse(target)] = str(text)
    return found


PAGES: dict[str, Callable[[], str]] = {
    "api.md": api_page,
    "audit-result.md": audit_result_page,
    "case-file.md": case_reference.reference_page,
    "chain-explosion.md": chain_explosion_page,
    "chain-match.md": chain_match_page,
    "chain-shares.md": chain_shares_page,
    "chain-stress.md": chain_stress_page,
    "chain-who.md": chain_who_page,
    "circuit-result.md": circuit_result_page,
    "commands.md": commands_page,
    "datasets.md": datasets_page,
    "design-result.md": design_result_page,
    "exit-codes.md": exit_codes_page,
    "fragments.md": fragments_page,
    "plant-result.md": plant_result_page,
    "start-result.md": start_result_page,
    "units.md": quantities.reference_page,
    "verdicts.md": verdicts_page,
}
"""Pages of ``docs/reference`` by file name."""

if __name__ == "__main__":
    main()
