"""`ytterby audit` as a person meets it: what it prints, and what it refuses with which message and code."""

from __future__ import annotations

import json
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator  # type: ignore[import-untyped]

from command_line import ytterby
from ytterby.case import read, read_text
from ytterby.errors import CaseError, ExitCode, Fault

ROOT = Path(__file__).parents[2]
EXAMPLE = ROOT / "examples" / "audit-lacq.toml"
SCHEMA = json.loads(
    (files("ytterby") / "data" / "schemas" / "audit-result-1.json").read_text(encoding="utf-8")
)
HEAD = "schema_version = 1\n[audits.mine]\n"


@cache
def printed() -> str:
    found = ytterby("audit", EXAMPLE)
    assert (found.code, found.err) == (0, "")
    return found.out


@cache
def document() -> dict[str, Any]:
    """Of a case with two feeds, a change, a range and a figure of its own."""
    text = HEAD + MINE
    path = ROOT / "examples" / "audit-lacq.toml"
    from ytterby.report.audit_document import audit_document
    from ytterby.study.audit import run_audits

    found = json.loads(
        json.dumps(audit_document(run_audits(read_text(text, path))), allow_nan=False)
    )
    assert isinstance(found, dict)
    return found


MINE = """\
feeds = ["IAC_XINFENG", "SEG_LYNAS"]
draws = 2000
drop = ["lacq_bre_dytb_fool"]
[audits.mine.change.lcm_capacity]
value = 2000
says = "half of it is for others"
[audits.mine.ranges.recovery_magnets]
low = 0.93
high = 0.96
[audits.mine.computed.lacq_water]
value = 0.61
unit = "1"
source = "water balance"
"""


def test_the_example_says_what_was_found():
    words = " ".join(printed().split())
    for phrase in (
        "In the reading oxide_1400 the plant's claims can hold together",
        "Ruled out as concentrates: H0, H4, none",
        "Concentrates that close: H2",
        "Contradictions of lacq",
        "these are all that there are",
        "Assumptions of lacq",
        "Where the claims of lacq are from",
        "Not asked here",
        "Sources: ",
    ):
        assert phrase in words, phrase


def test_a_page_is_written(tmp_path: Path):
    case, page = tmp_path / "mine.toml", tmp_path / "mine.html"
    case.write_text(HEAD + MINE, encoding="utf-8")
    found = ytterby("audit", case, "--html", page)
    assert (found.code, found.err) == (0, "") and "wrote: " in found.out
    assert "Contradictions of mine" in page.read_text(encoding="utf-8")


def test_a_contradiction_is_a_finding_not_a_failure():
    assert "lacq_capacity_usar" in printed() and "cannot all hold" in printed()


def test_the_document_is_as_its_schema_says():
    Draft202012Validator.check_schema(SCHEMA)
    Draft202012Validator(SCHEMA).validate(document())


def test_what_the_case_changes_is_told():
    (found,) = document()["audits"]
    assert found["changed"] == ["lcm_capacity", "lacq_bre_dytb_fool", "recovery_magnets"]
    claims = {it["id"]: it for it in found["claims"]}
    assert "lacq_bre_dytb_fool" not in claims
    capacity = claims["lcm_capacity"]
    assert (capacity["value"], capacity["low"], capacity["high"]) == (2000, 1995, 2005)
    assert capacity["note"] == "half of it is for others" and capacity["verdict"] != "in conflict"
    ranges = {it["name"]: it for it in found["ranges"]}
    assert (ranges["recovery_magnets"]["low"], ranges["recovery_magnets"]["typical"]) == (
        0.93,
        0.94,
    )
    water = claims["lacq_water"]
    assert water["verdict"] == "in conflict" and water["with"] == ["computed lacq_water"]
    assert found["feeds"] == ["IAC_XINFENG", "SEG_LYNAS"]


def test_every_source_of_the_audit_is_listed():
    (found,) = document()["audits"]
    keys = {it["key"] for it in found["sources"]}
    assert {it["source"] for it in found["claims"]} - {"GAP"} <= keys
    assert all(it["citation"] for it in found["sources"])


def test_the_document_on_the_command_line(tmp_path: Path):
    case = tmp_path / "mine.toml"
    case.write_text(HEAD + MINE, encoding="utf-8")
    found = ytterby("audit", case, "--json")
    assert (found.code, found.err) == (0, "")
    told = json.loads(found.out)
    assert told["audits"] == document()["audits"], "the same seed gives the same draws"


# --- bad input


def faults(text: str) -> list[Fault]:
    """Faults of a case text."""
    with pytest.raises(CaseError) as caught:
        read_text(text)
    return list(caught.value.faults)


def test_an_unknown_claim_has_its_nearest_name():
    (fault,) = faults(HEAD + "[audits.mine.change.lacq_total_ut]\nvalue = 1\n")
    assert fault.where == "case.toml line 3, audits.mine.change.lacq_total_ut"
    assert fault.nearest == "lacq_total_out" and "id of a claim" in fault.expected


def test_unknown_claims_are_found_wherever_they_are_named():
    text = (
        HEAD + 'drop = ["lcm_capacty"]\n[audits.mine.computed.lacq_watr]\nvalue = 1\nunit = "1"\n'
    )
    found = faults(text + 'source = "x"\n')
    assert [it.nearest for it in found] == ["lcm_capacity", "lacq_water"]


def test_a_tolerance_that_leaves_its_value_out_is_refused():
    text = HEAD + "[audits.mine.change.lacq_dy_out]\nvalue = 500\nlow = 510\nhigh = 490\n"
    (fault,) = faults(text)
    assert fault.where == "case.toml line 3, audits.mine.change.lacq_dy_out"
    assert fault.read == "500 with 510 to 490" and "low <= value <= high" in fault.expected


def test_a_negative_tonnage_is_refused():
    (fault,) = faults(HEAD + "[audits.mine.change.lacq_dy_out]\nvalue = -500\n")
    assert "audits.mine.change.lacq_dy_out.value" in fault.where
    assert fault.read == "-500" and ">= 0" in fault.expected


def test_an_unknown_feed_has_its_nearest_name():
    (fault,) = faults(HEAD + 'feeds = ["IAC_XINFENG", "SEG_LINAS"]\n')
    assert fault.where.startswith("case.toml line 3, audits.mine.feeds")
    assert fault.nearest == "SEG_LYNAS"


def test_a_feed_that_is_not_known_well_enough_is_refused():
    (fault,) = faults(HEAD + 'feeds = ["IAC_CARINA"]\n')
    assert "IAC_CARINA, whose Pr, Nd, Tb and Dy are not all known" in fault.read


def test_a_range_in_the_wrong_order_is_refused():
    (fault,) = faults(HEAD + "[audits.mine.ranges.recovery_magnets]\nlow = 0.99\n")
    assert fault.read == "0.99, 0.94, 0.97" and "in this order" in fault.expected


def test_a_figure_in_another_unit_is_refused():
    text = HEAD + '[audits.mine.computed.lacq_water]\nvalue = 61\nunit = "%"\nsource = "x"\n'
    (fault,) = faults(text)
    assert fault.where.endswith("audits.mine.computed.lacq_water.unit")
    assert fault.read == '"%"' and '"1"' in fault.expected


def test_an_unknown_set_has_its_nearest_name():
    (fault,) = faults(HEAD + 'claims = "lac"\n')
    assert fault.nearest == "lacq"
    (fault,) = faults(HEAD + 'claims = "mine.toml"\n')
    assert "no such file" in fault.read


def test_exit_codes_and_no_traceback(tmp_path: Path):
    case = tmp_path / "mine.toml"
    case.write_text(HEAD + "[audits.mine.change.nothing_such]\nvalue = 1\n", encoding="utf-8")
    found = ytterby("audit", case)
    assert found.code == ExitCode.CASE and "Traceback" not in found.err
    assert "audits.mine.change.nothing_such" in found.err
    case.write_text("schema_version = 1\n[fits]\n", encoding="utf-8")
    found = ytterby("audit", case)
    assert found.code == ExitCode.CASE


def test_a_case_without_an_audit_says_what_to_add():
    text = (ROOT / "examples" / "tb-dy.toml").read_text(encoding="utf-8")
    from ytterby.study.audit import run_audits

    with pytest.raises(CaseError, match=r"add \[audits.NAME\]"):
        run_audits(read_text(text))


def test_an_audit_passes_the_check():
    assert read(EXAMPLE).audits["lacq"].sources
    found = ytterby("check", EXAMPLE)
    assert found.code == 0 and "no fault found" in found.out


# --- a set of one's own


def own_set(folder: Path, old: str = "", new: str = "", rows: tuple[str, str] = ("", "")) -> Path:
    """A copy of the shipped set beside a case, with a piece of it replaced."""
    shipped = files("ytterby") / "data" / "claims"
    for name, (before, after) in {"lacq.toml": (old, new), "lacq.csv": rows}.items():
        text = (shipped / name).read_text(encoding="utf-8")
        assert before in text
        (folder / name).write_text(text.replace(before, after, 1), encoding="utf-8")
    case = folder / "case.toml"
    case.write_text(HEAD + 'claims = "lacq.toml"\n', encoding="utf-8")
    return case


def test_a_set_beside_the_case_is_read(tmp_path: Path):
    case = read(own_set(tmp_path, 'title = "What', 'title = "Mine: what'))
    assert case.audits["mine"].task.claims.title.startswith("Mine: what")


NOTHING = ("", "")
BROKEN = {
    "unknown quantity": (NOTHING, ("nd_out,,650", "nd_uot,,650"), "quantity", "nd_out"),
    "unknown source": (NOTHING, (",2025-03,CARESTER", ",2025-03,CARESTR"), "source", "CARESTER"),
    "tolerance": (NOTHING, ("650,645,655", "650,660,655"), "650 with 660 to 655", ""),
    "negative": (NOTHING, ("650,645,655", "650,-645,655"), "-645 t/y", ""),
    "no number": (NOTHING, ("650,645,655", "many,645,655"), "value", ""),
    "unit": (NOTHING, ("655,t/y", "655,kg"), '"kg"', ""),
    "reading": (
        ('["lacq_capacity_usar"]', '["lacq_capacity_us"]'),
        NOTHING,
        "readings.oxide_1400.without",
        "lacq_capacity_usar",
    ),
    "group": (("{ LaCe = [1.0", "{ LaC = [1.0"), NOTHING, "hypotheses.H2.cut", "LaCe"),
    "no table": (("cut = { LaCe = [1.0", "cut = 5 #"), NOTHING, "a table", ""),
    "no list": (('["lacq_capacity_usar"]', '"lacq_capacity_usar"'), NOTHING, "a list of names", ""),
    "feed": (
        ('leave_out = ["CARB_MORRO"]', 'leave_out = ["CARB_MORO"]'),
        NOTHING,
        "H0",
        "CARB_MORRO",
    ),
    "widest": (("[hypotheses.free]", "[hypotheses.fre]"), NOTHING, "hypotheses.free", ""),
    "range": (("low = 0.24", "low = 0.4"), NOTHING, "ranges.magnet_ndpr", ""),
}
"""What is wrong in the TOML, in the CSV, and what the message says of it."""


@pytest.mark.parametrize("name", BROKEN)
def test_faults_of_a_set_are_located(name: str, tmp_path: Path):
    (old, new), rows, said, nearest = BROKEN[name]
    with pytest.raises(CaseError) as caught:
        read(own_set(tmp_path, old, new, rows))
    fault = caught.value.faults[0]
    assert said in str(fault) and "lacq." in fault.where
    assert fault.nearest == nearest
