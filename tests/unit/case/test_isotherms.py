"""Isotherm tables: what is read, and what is said of what cannot be."""

from __future__ import annotations

import csv
import datetime
import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook, load_workbook

from circuits import P507, closely
from ytterby.case import read_text
from ytterby.case.isotherm_columns import COLUMNS
from ytterby.case.isotherm_template import write_template
from ytterby.case.isotherms import read_isotherms
from ytterby.datasets import Contact, parameter_set
from ytterby.elements import element
from ytterby.errors import CaseError, OutputError

SET = parameter_set(P507)
HEAD = "contact,element,extractant,saponification,oa_ratio,acid_feed,pH_eq,aq_feed,aq_eq,org_eq,D"
UNITS = ",,mol/L,%,1,mol/L,1,g/L metal,g/L metal,g/L metal,1"
ROWS = """\
s1,Nd,1,0,1,0.05,,14.4,11.1,3.3,
s2,Nd,1,0,1,0.1,,14.4,12.1,2.3,
s3,Nd,1,0,1,0.2,,14.4,13.2,1.2,
s4,Nd,1,0,1,0.3,,14.4,13.9,,
"""


def table(*lines: str) -> str:
    return "\n".join(lines).rstrip("\n") + "\n"


GOOD = table(HEAD, UNITS, ROWS)


def read(tmp_path: Path, text: str, tolerance: float = 0.1) -> tuple[Contact, ...]:
    path = tmp_path / "my.csv"
    path.write_text(text, encoding="utf-8")
    return read_isotherms(path, "my.csv", SET, tolerance)


def refusal(tmp_path: Path, text: str) -> str:
    with pytest.raises(CaseError) as caught:
        read(tmp_path, text)
    return str(caught.value)


def row(**cells: str) -> str:
    """A row of the first shake-out with some cells changed."""
    first = dict(zip(HEAD.split(","), ROWS.splitlines()[0].split(","), strict=True))
    return ",".join((first | cells).values())


def message(where: str, read: str, expected: str, nearest: str = "", next: str = "") -> str:
    parts = {"read": read, "expected": expected, "nearest": nearest, "next": next}
    return "\n".join([where, *(f"  {name:<9} {text}" for name, text in parts.items() if text)])


# --- what is read


def test_a_table_becomes_contacts(tmp_path: Path) -> None:
    first, *_, last = read(tmp_path, GOOD)
    (metal,) = first.metals
    assert (first.source, first.name, metal.element) == ("my", "s1", "Nd")
    assert (first.extractant, first.oa_ratio, first.acid_feed) == (1000.0, 1.0, 50.0)
    assert (first.saponification, first.acid, first.salt, first.temperature) == (0, None, 0, 298.15)
    assert metal.feed == closely(14.4 / element("Nd").atomic_weight, 1e-12)
    assert first.ratio(metal) == closely(3.3 / 11.1, 1e-12)
    assert last.ratio(last.metals[0]) == closely((14.4 - 13.9) / 13.9, 1e-9)
    assert first.place == "my.csv line 3"


@pytest.mark.parametrize(
    ("unit", "factor"),
    [
        ("mol/L", 1000.0),
        ("mmol/L", 1.0),
        ("mol/m3", 1.0),
        ("g/L metal", 1 / element("Nd").atomic_weight),
        ("mg/L metal", 1e-3 / element("Nd").atomic_weight),
        ("g/L REO", 1 / element("Nd").oxide_molar_mass),
        ("kg/m3 oxide", 1 / element("Nd").oxide_molar_mass),
    ],
)
def test_every_unit_of_metal_is_converted(unit: str, factor: float, tmp_path: Path) -> None:
    text = table(HEAD, UNITS.replace("g/L metal", unit), row(aq_feed="0.9", aq_eq="0.7", org_eq="0.2",
                                                            extractant="4", acid_feed="1"))  # fmt: skip
    (contact,) = read(tmp_path, text) if factor < 10 else read(tmp_path, text.replace("0.", "0.0"))
    scale = 1.0 if factor < 10 else 0.1
    assert contact.metals[0].feed == closely(0.9 * scale * factor, 1e-12)


def test_rows_of_a_contact_are_shaken_together(tmp_path: Path) -> None:
    """What one row says of the contact, the others may leave out; a metal without D still has its feed."""
    text = table(HEAD, UNITS, row(), "s1,Pr,,,,,,5,4,1,", "s1,La,,,,,,9,,,", row(contact="s2"))
    first, second = read(tmp_path, text)
    assert [metal.element for metal in first.metals] == ["Nd", "Pr", "La"]
    assert first.ratio(first.metals[2]) is None
    assert first.levels_known == ("feed",)
    assert [metal.element for metal in second.metals] == ["Nd"]


def test_the_levels_may_be_measured(tmp_path: Path) -> None:
    text = table(HEAD, UNITS, row(acid_feed="", pH_eq="1.0", aq_feed=""))
    (contact,) = read(tmp_path, text)
    assert contact.acid == closely(100.0, 1e-12)
    assert contact.levels_known == ("measured",)


def test_the_pH_of_the_feed_is_its_acid(tmp_path: Path) -> None:
    text = GOOD.replace("acid_feed", "pH_feed").replace("mol/L,1,g/L", "1,1,g/L")
    assert read(tmp_path, text.replace(",0.05,", ",1.3,"))[0].acid_feed == closely(
        1000 * 10**-1.3, 1e-12
    )


def test_sources_weights_salt_temperature_and_comments(tmp_path: Path) -> None:
    text = table(
        "# shaken in spring, at two benches",
        HEAD + ",source,weight,salt,temperature,note",
        UNITS + ",,1,mol/L,degC,",
        "",
        row() + ',bench 1,4,0.5,40,"slow, but clear"',
        "# the next one again",
        row() + ",bench 2,,,,",
    )
    first, second = read(tmp_path, text)
    assert (first.source, second.source) == ("bench 1", "bench 2")
    assert (first.metals[0].weight, second.metals[0].weight) == (4.0, 1.0)
    assert (first.salt, first.temperature) == (500.0, 313.15)
    assert second.place == "my.csv line 7"


def test_the_tolerance_of_the_balance_is_that_of_the_case(tmp_path: Path) -> None:
    text = GOOD.replace("3.3", "4.3")  # 7 % too much
    assert len(read(tmp_path, text, tolerance=0.08)) == 4
    with pytest.raises(CaseError, match=r"\(\+7 %\)"):
        read(tmp_path, text, tolerance=0.05)


# --- units

UNIT_FAULTS: dict[str, tuple[str, str]] = {
    "no unit": (
        GOOD.replace("mol/L,%,1", "mol/L,,1"),
        message(
            "my.csv line 2, saponification",
            "no unit",
            "the unit of saponification (base on the organic per extractant; left out: none)",
            next="write % in the row below the names",
        ),
    ),
    "mass without what is weighed": (
        GOOD.replace("1,g/L metal", "1,g/L"),
        message(
            "my.csv line 2, aq_feed",
            '"g/L", without what is weighed',
            '"g/L metal" or "g/L REO" (oxides as traded)',
            next="say which: they differ by 14 to 27 %",
        ),
    ),
    "mass where molar is expected": (
        GOOD.replace(",,mol/L", ",,g/L"),
        message(
            "my.csv line 2, extractant",
            '"g/L" (mass concentration)',
            "a unit of concentration such as mol/L",
            next="convert it to mol/L by density, purity and molar mass of your extractant",
        ),
    ),
    "volume share of extractant": (
        GOOD.replace(",,mol/L", ",,% v/v"),
        message(
            "my.csv line 2, extractant",
            '"% v/v" ("% v/v" is not read as a unit)',
            "a unit of concentration such as mol/L",
            next="convert it to mol/L by density, purity and molar mass of your extractant",
        ),
    ),
    "wrong dimension": (
        GOOD.replace("%,1,mol/L", "%,1,m3/h"),
        message(
            "my.csv line 2, acid_feed",
            '"m3/h" (volume flow)',
            "a unit of concentration such as mol/L",
            next="write mol/L",
        ),
    ),
    "unit of a bare number": (
        GOOD.replace("%,1,mol/L", "%,mol/L,mol/L"),
        message(
            "my.csv line 2, oa_ratio",
            '"mol/L"',
            "1",
            next="write 1: oa_ratio is a number without unit",
        ),
    ),
    "unit of text": (
        GOOD.replace(",,mol/L,%", "g,,mol/L,%"),
        message("my.csv line 2, contact", '"g"', "an empty cell", next="empty the cell"),
    ),
    "misspelt unit": (
        GOOD.replace("%,1,mol/L", "%,1,mol/I"),
        message(
            "my.csv line 2, acid_feed",
            '"mol/I" (unit "I" is not known)',
            "a unit of concentration such as mol/L",
            nearest="min",
            next="write mol/L",
        ),
    ),
    "ppm": (
        GOOD.replace("1,g/L metal", "1,ppm"),
        message(
            "my.csv line 2, aq_feed",
            '"ppm" (unit "ppm" is not known)',
            "a unit of concentration or mass concentration such as g/L metal",
            nearest="M",
            next="write mg/L metal, after converting by the density where ppm is by mass",
        ),
    ),
    "amount of oxide": (
        GOOD.replace("1,g/L metal", "1,mol/L REO"),
        message(
            "my.csv line 2, aq_feed",
            '"mol/L REO"',
            "an amount per volume without basis",
            next="write mol/L, or a mass per volume such as g/L REO",
        ),
    ),
    "no units": (
        table(HEAD, ROWS),
        message(
            "my.csv line 2",
            "no unit in it",
            "the units of the columns, such as mol/L",
            next="add a row of units below the names; see `ytterby fit --template FILE`",
        ),
    ),
}


@pytest.mark.parametrize("name", UNIT_FAULTS)
def test_faulty_unit(name: str, tmp_path: Path) -> None:
    text, expected = UNIT_FAULTS[name]
    assert refusal(tmp_path, text) == expected


# --- names and cells

CELL_FAULTS: dict[str, tuple[str, str]] = {
    "text": (
        table(HEAD, UNITS, row(aq_eq="eleven")),
        message(
            "my.csv line 3, aq_eq",
            '"eleven"',
            "a number (metal in the aqueous at equilibrium)",
            next="write the number alone, in g/L metal",
        ),
    ),
    "number with its unit": (
        table(HEAD, UNITS, row(aq_eq="11.1 g/L")),
        message(
            "my.csv line 3, aq_eq",
            '"11.1 g/L"',
            "a number (metal in the aqueous at equilibrium)",
            next="write the number alone, in g/L metal",
        ),
    ),
    "decimal comma": (
        table(HEAD, UNITS, row(aq_eq='"11,1"')),
        message(
            "my.csv line 3, aq_eq",
            '"11,1"',
            "a number (metal in the aqueous at equilibrium)",
            next="write 11.1, with a decimal point",
        ),
    ),
    "decimal commas that part cells": (
        table(HEAD, UNITS, row(aq_eq="11,1")),
        message(
            "my.csv line 3",
            "12 cells",
            "11 cells",
            next="decimal commas? write 0.1, not 0,1; put text with commas into quotation marks",
        ),
    ),
    "below detection": (
        table(HEAD, UNITS, row(aq_eq="<0.01")),
        message(
            "my.csv line 3, aq_eq",
            '"<0.01"',
            "a number (metal in the aqueous at equilibrium)",
            next="leave the measured cells of this metal empty; its feed still counts",
        ),
    ),
    "negative": (
        table(HEAD, UNITS, row(org_eq="-0.2")),
        message(
            "my.csv line 3, org_eq",
            "-0.2",
            "a number >= 0 and <= 1442 g/L metal",
            next="a concentration cannot be negative; if it is a difference, give what was measured",
        ),
    ),
    "negative ratio": (
        table(HEAD, UNITS, row(oa_ratio="-1")),
        message(
            "my.csv line 3, oa_ratio", "-1", "a number > 0 and <= 100 1", next="check the sign"
        ),
    ),
    "zero D": (
        table(HEAD, UNITS, row(D="0", org_eq="")),
        message(
            "my.csv line 3, D",
            "0",
            "a number > 0 and <= 1e+06 1",
            next="a zero has no logarithm; leave the cell empty where nothing was found",
        ),
    ),
    "zero organic": (
        table(HEAD, UNITS, row(aq_eq="14.4", org_eq="0")),
        message(
            "my.csv line 3, org_eq",
            "0, so that D of Nd has no logarithm",
            "a number above zero, or an empty cell",
            next="below detection? leave aq_eq and org_eq empty; the feed still counts",
        ),
    ),
    "impossible pH": (
        table(HEAD, UNITS, row(pH_eq="12")),
        message(
            "my.csv line 3, pH_eq", "12", "a number >= -1.3 and <= 7 1",
            next="check the number and its unit",
        ),
    ),
    "no element": (
        table(HEAD, UNITS, row(element="")),
        message(
            "my.csv line 3, element",
            "nothing",
            "text (symbol of the metal)",
            next="see `ytterby fit --template FILE`",
        ),
    ),
    "misspelt element": (
        table(HEAD, UNITS, row(element="ND")),
        message(
            "my.csv line 3, element",
            '"ND"',
            "one of: Na, Mg, Al, Ca, Sc, Mn, Fe, Co, Ni, Cu, Zn, Y, La, Ce, Pr, Nd, Sm, Eu, Gd, Tb, Dy, "
            "Ho, Er, Tm, Yb, Lu, Th, U",
            "Nd",
            "write the chemical symbol with its capital letter",
        ),
    ),
    "element without a constant": (
        table(HEAD, UNITS, row(element="Fe")),
        message(
            "my.csv line 3, element",
            "the element Fe",
            f"an element of P507-HCl-v0: {', '.join(SET.constants)}",
            next="leave the contact out, or use a set that has the element",
        ),
    ),
    "unknown column": (
        GOOD.replace("aq_feed", "aq_fed"),
        message(
            "my.csv line 1",
            'the column "aq_fed"',
            "one of: " + ", ".join(COLUMNS),
            "aq_feed",
            "write aq_feed",
        ),
    ),
    "column twice": (
        GOOD.replace("pH_eq", "aq_eq"),
        message("my.csv line 1", 'a second column "aq_eq"', "each column once", next="remove one"),
    ),
    "column missing": (
        table(HEAD.replace(",oa_ratio", ""), UNITS.replace("%,1,", "%,"), "s1,Nd,1,0,0.05,,14.4,11.1,3.3,"),
        message(
            "my.csv line 1",
            "no column oa_ratio",
            "the column oa_ratio (organic over aqueous by volume)",
            next="see `ytterby fit --template FILE`",
        ),
    ),
    "semicolons": (
        GOOD.replace(",", ";"),
        message(
            "my.csv line 1",
            "names parted by semicolons",
            "names parted by commas",
            next="save it as CSV with commas and decimal points, or as XLSX",
        ),
    ),
    "no extractant": (
        table(HEAD, UNITS, row(extractant="")),
        message(
            "my.csv line 3, extractant",
            "nothing",
            "total extractant, counted as monomer",
            next="see `ytterby fit --template FILE`",
        ),
    ),
    "no rows": (
        table(HEAD, UNITS),
        message(
            "my.csv",
            "no row below the units",
            "one row per metal of each contact",
            next="see `ytterby fit --template FILE`",
        ),
    ),
    "the same row twice": (
        table(HEAD, UNITS, ROWS + ROWS.splitlines()[0]),
        message(
            "my.csv line 7, element",
            'Nd of contact "s1" as in line 3',
            "each metal of a contact once",
            next="give another shake-out another name, or remove the row",
        ),
    ),
    "one contact, two extractants": (
        table(HEAD, UNITS, row(), row(element="Pr", extractant="2")),
        message(
            "my.csv line 4, extractant",
            "2, against 1 in line 3",
            "one value for all metals of a contact",
            next="correct it, or give the other shake-out a name of its own",
        ),
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", CELL_FAULTS)
def test_faulty_cell(name: str, tmp_path: Path) -> None:
    text, expected = CELL_FAULTS[name]
    assert refusal(tmp_path, text) == expected


def test_acid_and_pH_of_the_feed_exclude_each_other(tmp_path: Path) -> None:
    text = table(HEAD + ",pH_feed", UNITS + ",1", row() + ",1.3")
    assert refusal(tmp_path, text) == message(
        "my.csv line 3, pH_feed",
        "acid_feed and pH_feed",
        "one of the two",
        next="empty one of them",
    )


# --- balances

BALANCE_FAULTS: dict[str, tuple[str, str]] = {
    "does not close": (
        table(HEAD, UNITS, row(org_eq="6.3")),
        message(
            "my.csv line 3, aq_eq",
            "0.1206 mol/L of Nd in both phases, per aqueous (+21 %)",
            "the 0.09983 mol/L that was fed",
            next="correct the number that is wrong, or leave out the one that is least sure",
        ),
    ),
    "one number in another unit": (
        table(HEAD, UNITS, row(), row(contact="s2", org_eq="0.0229")),
        message(
            "my.csv line 4, org_eq",
            "0.07711 mol/L of Nd in both phases, per aqueous (-23 %)",
            "the 0.09983 mol/L that was fed",
            next="org_eq looks like mol/L, not g/L metal: correct the unit or the number",
        ),
    ),
    "one number off by 1000": (
        table(
            HEAD,
            UNITS.replace("g/L metal", "mg/L metal"),
            row(extractant="0.01", acid_feed="0.001"),
            row(contact="s2", extractant="0.01", acid_feed="0.001", aq_eq="0.0111"),
        ),
        message(
            "my.csv line 4, aq_eq",
            "2.296e-05 mol/L of Nd in both phases, per aqueous (-77 %)",
            "the 9.983e-05 mol/L that was fed",
            next="aq_eq looks like g/L metal, not mg/L metal: correct the unit or the number",
        ),
    ),
    "numbers in grams in a column of milligrams": (
        table(
            HEAD,
            UNITS.replace("g/L metal,1", "mg/L metal,1"),
            *(row(contact=f"s{n}") for n in "123"),
        ),
        message(
            "my.csv line 2, org_eq",
            "mg/L metal, with which 3 of 3 balances do not close",
            "balances that close: feed = aqueous + O/A x organic",
            next="org_eq looks like g/L metal, not mg/L metal: correct the unit or the number",
        ),
    ),
    "mass in a column of mol/L": (
        table(HEAD, UNITS.replace("g/L metal,1", "mol/L,1"), ROWS.replace("s4,", "# s4,")),
        message(
            "my.csv line 2, org_eq",
            "mol/L, with which 3 of 3 balances do not close",
            "balances that close: feed = aqueous + O/A x organic",
            next="org_eq looks like g/L metal, not mol/L: correct the unit or the number",
        ),
    ),
    "oxide in a column of metal": (
        table(HEAD, UNITS, ROWS.replace("14.4", "16.8")),
        message(
            "my.csv line 2, aq_feed",
            "g/L metal, with which 3 of 3 balances do not close",
            "balances that close: feed = aqueous + O/A x organic",
            next="aq_feed looks like g/L REO, not g/L metal: correct the unit or the number",
        ),
    ),
    "milligrams in a column of grams": (
        table(
            HEAD,
            UNITS,
            *(row(contact=f"s{n}", aq_feed="14400", aq_eq="11100", org_eq="3300") for n in "123"),
        ),
        "\n".join(
            message(
                f"my.csv line 2, {column}",
                "g/L metal, with which 3 of 3 numbers are out of range",
                "a number >= 0 and <= 1442 g/L metal",
                next="1000 times smaller it would fit: looks like mg/L, not g/L metal",
            )
            for column in ("aq_feed", "aq_eq", "org_eq")
        ),
    ),
    "A/O for O/A": (
        table(HEAD, UNITS, row(oa_ratio="2", org_eq="6.6")),
        message(
            "my.csv line 3, oa_ratio",
            "0.1685 mol/L of Nd in both phases, per aqueous (+69 %)",
            "the 0.09983 mol/L that was fed",
            next="oa_ratio looks like A/O: write organic over aqueous",
        ),
    ),
    "D of another contact": (
        table(HEAD, UNITS, row(D="0.5")),
        message(
            "my.csv line 3, D",
            "D = 0.5 of Nd",
            "org_eq / aq_eq = 0.2973, or one of the three left empty",
            next="correct the number that is wrong, or leave D empty",
        ),
    ),
    "D off by 1000": (
        table(HEAD, UNITS, row(D="297")),
        message(
            "my.csv line 3, D",
            "D = 297 of Nd",
            "org_eq / aq_eq = 0.2973, or one of the three left empty",
            next="a factor of 1000: check the units of aq_eq and org_eq",
        ),
    ),
    "more than was fed": (
        table(HEAD, UNITS, row(aq_eq="15.1", org_eq="")),
        message(
            "my.csv line 3, aq_eq",
            "0.1047 mol/L of Nd in this phase, per aqueous",
            "less than the 0.09983 mol/L that was fed",
            next="correct feed or phase; if they differ by the analysis only, leave the cell empty",
        ),
    ),
    "beyond capacity": (
        table(HEAD, UNITS, row(extractant="0.1")),
        message(
            "my.csv line 3, org_eq",
            "0.02288 mol/L of metal on 0.1 mol/L of extractant",
            "at most one metal per 6 extractant",
            next="check the units of org_eq and extractant, and oa_ratio",
        ),
    ),
    "more acid than there is": (
        table(HEAD, UNITS, row(pH_eq="0.1")),
        message(
            "my.csv line 3, pH_eq",
            "pH 0.10",
            "at least 0.46, with all metal exchanged",
            next="check acid_feed (or pH_feed), aq_feed and pH_eq",
        ),
    ),
    "less acid than was fed": (
        table(HEAD, UNITS, row(pH_eq="2.5")),
        message(
            "my.csv line 3, pH_eq",
            "pH 2.50",
            "at most 1.30: exchange only adds acid to what base leaves",
            next="check acid_feed (or pH_feed) and pH_eq; was the organic saponified?",
        ),
    ),
    "more base than acid and metal": (
        table(HEAD, UNITS, row(saponification="60")),
        message(
            "my.csv line 3, saponification",
            "0.6 mol/L of base, per aqueous",
            "less than the 0.3495 mol/L that acid and metals can take up",
            next="check saponification, oa_ratio, extractant and acid_feed",
        ),
    ),
    "neither acid nor pH": (
        table(HEAD, UNITS, row(acid_feed="")),
        message(
            "my.csv line 3, contact",
            'contact "s1" with no acid and no pH',
            "acid and all metals before contact, or pH and both phases after it",
            next="add acid_feed (or pH_feed) and aq_feed, or pH_eq",
        ),
    ),
    "nothing measured": (
        table(HEAD, UNITS, row(aq_eq="", org_eq="")),
        message(
            "my.csv line 3, contact",
            'contact "s1" without any D',
            "D, or two of aq_feed, aq_eq and org_eq, for one metal at least",
            next="add what was measured, or remove the contact",
        ),
    ),
}


@pytest.mark.parametrize("name", BALANCE_FAULTS)
def test_impossible_contact(name: str, tmp_path: Path) -> None:
    text, expected = BALANCE_FAULTS[name]
    assert refusal(tmp_path, text) == expected


def test_all_faults_come_together(tmp_path: Path) -> None:
    rows = (
        row(aq_eq="x"),
        row(contact="s2", element="Ndd"),
        row(contact="s3", oa_ratio="0"),
        row(contact="s4", org_eq="6.3"),
    )
    text = table(HEAD, UNITS, *rows)
    found = refusal(tmp_path, text)
    places = [line for line in found.split("\n") if line.startswith("my.csv")]
    assert places == [f"my.csv line {n}, {column}" for n, column in
                      ((3, "aq_eq"), (4, "element"), (5, "oa_ratio"), (6, "aq_eq"))]  # fmt: skip
    assert "the 0.09983 mol/L that was fed" in found


def test_sound_cells_are_not_blamed_for_others(tmp_path: Path) -> None:
    """A balance with a faulty cell is not judged; that of the next contact is."""
    text = table(HEAD, UNITS, row(aq_eq="x", org_eq="99"), row(contact="s2", org_eq="6.3"))
    assert refusal(tmp_path, text).count("my.csv line") == 2


# --- files


def test_bytes_that_are_no_text(tmp_path: Path) -> None:
    path = tmp_path / "my.csv"
    path.write_bytes(GOOD.encode() + "# Größe\n".encode("latin-1"))
    with pytest.raises(CaseError, match=r"my\.csv line 7\n.*0xf6.*\n.*UTF-8\n.*CSV UTF-8"):
        read_isotherms(path, "my.csv", SET)


@pytest.mark.parametrize("text", ["", "\n \n"])
def test_an_empty_file(text: str, tmp_path: Path) -> None:
    assert "an empty file" in refusal(tmp_path, text)


def test_comments_alone(tmp_path: Path) -> None:
    assert "no row\n  expected  a row of column names" in refusal(tmp_path, "# to be filled in\n")


def test_missing_files_offer_what_lies_beside(tmp_path: Path) -> None:
    (tmp_path / "shake-outs.csv").write_text(GOOD)
    with pytest.raises(CaseError, match=r"no such file\n.*\n  nearest   shake-outs\.csv"):
        read_isotherms(tmp_path / "shakeouts.csv", "shakeouts.csv", SET)
    with pytest.raises(CaseError, match="a file called"):
        read_isotherms(tmp_path / "shake-outs.ods", "shake-outs.ods", SET)
    with pytest.raises(CaseError, match="a directory"):
        (tmp_path / "dir.csv").mkdir()
        read_isotherms(tmp_path / "dir.csv", "dir.csv", SET)


def test_broken_quotation_marks(tmp_path: Path) -> None:
    path = tmp_path / "my.csv"
    path.write_text(table(HEAD, UNITS, row(contact="s1" * 100_000)), encoding="utf-8")
    with pytest.raises(CaseError, match=r"line 3\n.*field larger"):
        read_isotherms(path, "my.csv", SET)


def test_a_table_that_is_too_long(tmp_path: Path) -> None:
    text = table(HEAD, UNITS, *(row(contact=f"s{number}") for number in range(5001)))
    assert "more than 5,000 rows" in refusal(tmp_path, text)


# --- workbooks


def workbook(
    path: Path, rows: list[list[Any]], change: Callable[[Any], None] | None = None
) -> Path:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = "Spring"
    for cells in rows:
        sheet.append(cells)
    if change:
        change(sheet)
    book.save(path)
    return path


def cells_of(text: str) -> list[list[Any]]:
    """Rows of a CSV text, numbers as numbers and empty cells as none."""

    def typed(cell: str) -> Any:
        try:
            return float(cell) if cell else None
        except ValueError:
            return cell

    return [[typed(cell) for cell in cells] for cells in csv.reader(io.StringIO(text))]


def test_a_workbook_is_read_as_the_text(tmp_path: Path) -> None:
    path = workbook(tmp_path / "my.xlsx", [["# notes", None, "more"], [], *cells_of(GOOD)])
    found = read_isotherms(path, "my.xlsx", SET)
    for here, there in zip(found, read(tmp_path, GOOD), strict=True):
        assert (here.metals, here.acid_feed) == (there.metals, there.acid_feed)
    assert found[0].place == "my.xlsx sheet Spring cell A5"


def test_stored_values_of_formulas_are_read_and_others_refused(tmp_path: Path) -> None:
    def formula(sheet: Any) -> None:
        sheet["J3"] = "=H3-I3"

    path = workbook(tmp_path / "my.xlsx", cells_of(GOOD), formula)
    with pytest.raises(CaseError) as caught:
        read_isotherms(path, "my.xlsx", SET)
    assert str(caught.value) == message(
        "my.xlsx sheet Spring cell J3",
        'the formula "=H3-I3" without a stored value',
        "a number or text",
        next="open and save the workbook in a spreadsheet program, or write the number",
    )


def test_faults_of_a_workbook_have_their_cell(tmp_path: Path) -> None:
    def damage(sheet: Any) -> None:
        sheet["I3"] = datetime.date(2026, 1, 11)
        sheet["I4"] = True
        sheet["B5"] = "Xx"
        sheet["J6"] = "-"

    path = workbook(tmp_path / "my.xlsx", cells_of(GOOD), damage)
    with pytest.raises(CaseError) as caught:
        read_isotherms(path, "my.xlsx", SET)
    assert [fault.where for fault in caught.value.faults] == [
        f"my.xlsx sheet Spring cell {cell}"
        for cell in ("I3, aq_eq", "I4, aq_eq", "B5, element", "J6, org_eq")
    ]
    assert caught.value.faults[0].next == "format the cell as a number"


@pytest.mark.parametrize("data", [b"not a workbook", b"PK\x03\x04 broken"])
def test_files_that_are_no_workbook(data: bytes, tmp_path: Path) -> None:
    path = tmp_path / "my.xlsx"
    path.write_bytes(data)
    with pytest.raises(CaseError, match=r"no workbook\n.*\n.*save it again"):
        read_isotherms(path, "my.xlsx", SET)


def test_a_workbook_without_openpyxl(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = workbook(tmp_path / "my.xlsx", cells_of(GOOD))
    monkeypatch.setitem(__import__("sys").modules, "openpyxl", None)
    with pytest.raises(CaseError, match=r"pip install ytterby\[excel\], or save the table as CSV"):
        read_isotherms(path, "my.xlsx", SET)


# --- the template


@pytest.mark.parametrize("suffix", ["csv", "xlsx"])
def test_the_template_is_a_sound_table_with_every_column(suffix: str, tmp_path: Path) -> None:
    path = write_template(tmp_path / f"new.{suffix}")
    contacts = read_isotherms(path, path.name, SET)
    assert [(it.name, len(it.metals)) for it in contacts] == [("example-1", 2), ("example-2", 1)]
    if suffix == "csv":
        text = path.read_text(encoding="utf-8")
        assert ",".join(COLUMNS) in text
        assert all(f"# {name}: " in text for name in COLUMNS)
    else:
        sheet = load_workbook(path).active
        assert sheet is not None
        rows = [tuple(row) for row in sheet.iter_rows(values_only=True)]
        assert tuple(COLUMNS) in rows and isinstance(rows[-1][3], int | float)


@pytest.mark.parametrize("suffix", ["csv", "xlsx"])
def test_the_template_overwrites_nothing(suffix: str, tmp_path: Path) -> None:
    path = tmp_path / f"mine.{suffix}"
    path.write_text("mine")
    with pytest.raises(OutputError, match="a file of that name\n  expected  a free name"):
        write_template(path)
    assert path.read_text() == "mine"


def test_the_template_has_the_name_of_a_table(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match=r"neither in \.csv nor in \.xlsx"):
        write_template(tmp_path / "new.ods")
    with pytest.raises(OutputError, match="No such file or directory"):
        write_template(tmp_path / "nowhere" / "new.csv")


# --- in a case file

CASE = """\
schema_version = 1
[fits.mine]
set = "P507-HCl-v0"
tables = ["my.csv"]
"""


def case_refusal(tmp_path: Path, text: str, rows: str = GOOD) -> str:
    (tmp_path / "my.csv").write_text(rows, encoding="utf-8")
    with pytest.raises(CaseError) as caught:
        read_text(text, tmp_path / "case.toml")
    return str(caught.value).replace(str(tmp_path) + "/", "")


def test_a_case_has_its_fits(tmp_path: Path) -> None:
    (tmp_path / "my.csv").write_text(GOOD, encoding="utf-8")
    text = CASE + 'datasets = ["LEE05"]\ncut = ["Pr", "Nd"]\nleave_out = ["my"]\nsigma = 0.1\n'
    (plan,) = read_text(text, tmp_path / "case.toml").fits.values()
    assert (plan.name, plan.parameters.name, len(plan.contacts)) == ("mine", P507, 22)
    assert (plan.own_sources, plan.leave_out, plan.cut) == (("my",), ("my",), ("Pr", "Nd"))
    assert (plan.columns, plan.prior, plan.levels) == (("log10_kex",), False, "feed")
    assert (plan.sigma, plan.between, plan.elements) == (0.1, None, None)
    assert plan.sources == ("LEE05", "LI87", "T21")


PLAN_FAULTS: dict[str, tuple[str, list[str]]] = {
    "nothing to fit to": (
        CASE.replace('tables = ["my.csv"]', ""),
        ["line 2, fits.mine", "neither tables nor datasets", 'add tables = ["my-shake-outs.csv"]'],
    ),
    "unknown set": (
        CASE.replace("P507-HCl-v0", "P507-HCl"),
        ["line 3, fits.mine.set", "nearest   P507-HCl-v0"],
    ),
    "set of another model": (
        CASE.replace("P507-HCl-v0", "TBP-HNO3-K05"),
        ["whose model is solvation", "a set of the model mass_action: Cyanex272-HCl-v0, "],
    ),
    "set file that is not there": (
        CASE.replace("P507-HCl-v0", "p507.toml"),
        ["line 3, fits.mine.set", '"p507.toml": no such file', "ytterby fit --save"],
    ),
    "unknown dataset": (
        CASE + 'datasets = ["LI78"]\n',
        ["line 5, fits.mine.datasets", "LI78: no contact", "name one of: LEE05, LI87, LYON16"],
    ),
    "dataset in doubt": (
        CASE + 'datasets = ["BANDA14"]\n',
        ["BANDA14: contacts flagged caution", "flagged ok"],
    ),
    "element without a contact": (
        CASE + 'elements = ["Nd", "Pr"]\n',
        ["line 5, fits.mine.elements", '"Pr"', "a metal of the contacts: Nd"],
    ),
    "unknown kind of constant": (
        CASE + 'free = ["log10_k"]\n',
        ["one of: log10_kex, order_extractant, order_acid", "nearest   log10_kex"],
    ),
    "term that the set lacks": (
        CASE + 'terms = ["temperature"]\n',
        ["a term of P507-HCl-v0: complexing, ionic_strength, loading"],
    ),
    "source that is not there": (
        CASE + 'leave_out = ["mine"]\n',
        ['"mine"', "a source of the contacts: my", "remove it"],
    ),
    "every source left out": (CASE + 'leave_out = ["my"]\n', ["every source", "fewer than all"]),
    "cut of unknown metal": (
        CASE + 'cut = ["Pr", "Fe"]\n',
        ['"Fe"', "an element of P507-HCl-v0: Y, La", "name two elements of the set"],
    ),
    "error that is none": (CASE + "sigma = 0\n", ["fits.mine.sigma", "> 0 and <= 2"]),
    "table that is not there": (
        CASE.replace("my.csv", "mi.csv"),
        ["mi.csv\n", "no such file", "nearest   my.csv"],
    ),
    "table that passes for a shipped source": (
        CASE.replace("my.csv", "my.csv") + 'datasets = ["LEE05"]\n',
        ['the source "LEE05" in a table', "write another name into the column source"],
    ),
}


@pytest.mark.parametrize("name", PLAN_FAULTS)
def test_faulty_plan(name: str, tmp_path: Path) -> None:
    text, parts = PLAN_FAULTS[name]
    rows = GOOD
    if "passes for" in name:
        rows = table(HEAD + ",source", UNITS + ",", row() + ",LEE05")
    found = case_refusal(tmp_path, text, rows)
    assert all(part in found for part in parts), found


def test_a_contact_stands_in_one_table_only(tmp_path: Path) -> None:
    (tmp_path / "two.csv").write_text(
        table(HEAD + ",source", UNITS + ",", row() + ",my"), encoding="utf-8"
    )
    found = case_refusal(tmp_path, CASE.replace('"my.csv"', '"my.csv", "two.csv"'))
    assert 'contact "s1" of my at two.csv line 3' in found and "my.csv line 3 too" in found


def test_faults_of_case_and_table_come_together(tmp_path: Path) -> None:
    found = case_refusal(tmp_path, CASE + "sigma = -1\n", GOOD.replace("11.1", "x"))
    assert "my.csv line 3, aq_eq" in found and "case.toml line 5, fits.mine.sigma" in found


def test_a_case_needs_some_work(tmp_path: Path) -> None:
    assert "no circuit" in case_refusal(tmp_path, "schema_version = 1\n")
    text = CASE + '[trains.a]\ncircuits = ["b"]\ntransfers = {}\n'
    assert "no circuit" in case_refusal(tmp_path, text)
