"""The shipped catalogue: complete, cited, converted by arithmetic that can be done again."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest

from ytterby.chain import catalogue
from ytterby.chain.evidence import KINDS
from ytterby.chain.months import month
from ytterby.chain.network import Range
from ytterby.datasets import read_rows, table
from ytterby.datasets.feeds import feed
from ytterby.errors import DataError, Fault
from ytterby.sources import source

DATA = files("ytterby") / "data"
SPECIAL = {"Sm_metal", "SmCo_magnets", "hot_deformed_magnets"}
"""Products of evidence that no recipe makes."""


def of(facility: str, line: str) -> Range:
    """The stated capacity of a line."""
    found = catalogue.lines()[facility, line].capacity
    assert found is not None
    return found


def four_digits(value: float) -> float:
    return float(f"{value:.4g}")


def test_everything_compiled_is_there() -> None:
    assert len(catalogue.facilities()) == 126
    assert len(catalogue.contracts()) == 54
    assert len(catalogue.policy_events()) == 53
    status = Counter(it.status for it in catalogue.facilities().values())
    assert (status["operating"], status["announced"], status["construction"]) == (62, 44, 9)


def test_materials_recipes_facilities_and_lines_fit_each_other() -> None:
    network = catalogue.network()
    assert set(network.lines) == set(catalogue.lines())
    assert network.lines_of("separate_heavy") and network.lines_of("magnet_EH_gbd")


def test_a_capacity_counts_what_the_recipes_are_counted_per() -> None:
    network = catalogue.network()
    for row in table("chain_lines"):
        if "capacity" not in row.values:
            assert not row.labels["of"]
        elif recipes := network.lines[row.labels["facility"], row.labels["line"]].recipes:
            per = {network.recipes[name].per for name in recipes}
            names = {network.materials[name].form + "s" for name in per} | per
            names |= {network.materials[name].form for name in per}
            assert row.labels["of"] in names, row.labels


def test_every_fact_names_its_source() -> None:
    facts: list[Any] = [
        *catalogue.facilities().values(),
        *catalogue.lines().values(),
        *catalogue.evidence(),
        *catalogue.contracts().values(),
        *catalogue.policy_events(),
    ]
    for fact in facts:
        for key in (fact.cited.source, *fact.cited.also):
            assert source(key).citation
        assert fact.cited.basis in ("read", "recalled", "derived"), fact


def test_what_only_memory_says_is_not_called_read() -> None:
    """Rows that rest on unkept announcements alone are from memory."""
    for topic in ("facilities", "chain_lines", "chain_evidence", "contracts"):
        for row in table(topic):
            keys = {row.source, *row.also, *row.rests_on}
            if all(source(key).read_status == "recalled" for key in keys):
                assert row.basis in ("recalled", "derived"), (topic, row.labels)


def test_owners_and_sites_are_keys() -> None:
    sites: dict[str, list[str]] = {}
    for it in catalogue.facilities().values():
        assert re.fullmatch(r"[a-z0-9_]+", it.owner_key), it
        assert re.fullmatch(r"[A-Z]{3}", it.country), it
        sites.setdefault(it.site, []).append(it.name)
    del sites[""]
    assert sites == {
        "lacq": ["caremag_lacq", "lcm_lacq"],
        "kuantan": ["lynas_lamp", "jslink_kuantan"],
    }
    assert catalogue.facilities()["serraverde"].owner_key == "usa_rare_earth"


# --- conversions, done again by hand


def test_dysprosium_of_lacq_by_the_split_of_one_source() -> None:
    assert of("caremag_lacq", "separation") == Range(500.0, 500.0, round(600 * 500 / 590, 1))


def test_oxides_in_a_carbonate_become_tonnes_of_it() -> None:
    """Ionic clay of Malaysia, 130 and 5,120 t of oxides, at 49 % in the carbonate."""
    assert of("malaysia_clays", "mining") == Range(265.3, 10450.0, 10450.0)


def test_blanks_become_finished_magnets() -> None:
    """JL Mag made 20,900 t of magnets of 29,300 t of blanks; Baotou has 20,000 of the 38,000 t."""
    assert of("jlmag_ganzhou", "magnet").value == four_digits(18_000 * 20_900 / 29_300)
    assert of("jlmag_baotou", "magnet").value == four_digits(20_000 * 20_900 / 29_300)


def test_dysprosium_and_terbium_together_are_split_as_the_recipe_puts_them_out() -> None:
    made = catalogue.network().recipes["separate_heavy"].outputs
    expected = 200.0 / (1.0 + made["Tb_oxide"] / made["Dy_oxide"])
    assert of("mp_mountainpass", "heavy separation").value == pytest.approx(expected, rel=1e-3)


def test_a_ceiling_on_oxides_is_one_on_concentrate() -> None:
    """Up to 150 t/y of Dy and Tb oxide, 1.1477 and 1.1762 t per t of metal in the concentrate."""
    content = catalogue.network().materials["heavy_MREC"].content
    most = 150.0 / (content["Dy"] * 1.1477 + content["Tb"] * 1.1762)
    stated = of("brazilianre_rochadarocha", "heavy concentrate")
    assert (stated.low, stated.high) == (0.0, pytest.approx(most, rel=1e-3))


def test_a_later_phase_is_the_total_less_the_phase_before() -> None:
    assert of("mp_10x", "magnet").value == 10_000 - 3_000
    first, second = of("ef_whitemesa", "separation"), of("ef_whitemesa", "separation phase 2")
    assert first.value + second.value == 6_000
    assert catalogue.lines()["ef_whitemesa", "separation phase 2"].starts == month("2029-01")


def test_oxides_in_ore_are_converted_by_the_feed_that_the_material_is_of() -> None:
    """Every TREO that a note divides by is the one of the feed behind that material."""
    behind = {
        row.labels["material"]: feed(row.labels["treo_of"] or row.labels["text"]).treo
        for row in table("chain_materials")
        if row.labels["way"] == "feed" and row.labels["form"] in ("concentrate", "carbonate")
    }
    number = r"[\d,.]+"
    pattern = (
        rf"(?P<t>{number})(?: / {number})? t REO / (?P<treo>{number}) t REO per t of (?P<m>\w+)"
    )
    found = 0
    for row in table("chain_lines"):
        if not (it := re.search(pattern, row.note)):
            continue
        found += 1
        assert float(it["treo"]) == behind[it["m"]]
        tonnes = float(it["t"].replace(",", ""))
        assert four_digits(tonnes / float(it["treo"])) in row.values.values(), row.labels
    assert found > 8


def test_what_nobody_states_stays_unknown() -> None:
    lines = catalogue.lines()
    for key in (("lynas_mtweld", "mining"), ("proterial_kumagaya", "magnet")):
        assert lines[key].capacity is None
    assert lines["nre_baotou", "separation"].capacity is None  # a quota of half a year


def test_a_line_says_where_no_source_names_its_recipes() -> None:
    lines = catalogue.lines()
    assert lines["lcm_lacq", "alloy"].cited.note.endswith("its recipes are assumed")
    assert "recipes" not in lines["caremag_lacq", "recycling"].cited.note


# --- evidence


def test_evidence_is_of_known_kinds_and_materials() -> None:
    materials = {*catalogue.network().materials, *SPECIAL, ""}
    for row in catalogue.evidence():
        assert row.kind in KINDS
        assert row.material in materials, row
        assert bool(row.customer_class) == (row.kind == "qualified"), row


def test_nothing_announced_or_under_construction_is_said_to_have_produced() -> None:
    made = ("produced", "reproducible", "qualified")
    facilities = catalogue.facilities()
    for row in catalogue.evidence():
        if facilities[row.facility].status in ("announced", "construction", "blocked"):
            assert row.kind not in made, row


def test_contracts_that_do_not_bind_finance_nothing() -> None:
    """Letters of intent, conditions and announced aid give no row of kind financed."""
    contracts = catalogue.contracts()
    financed = {it.facility for it in catalogue.evidence() if it.kind == "financed"}
    loose = ("non-binding", "announced", "conditional", "under renegotiation")
    for name in ("usar_chips", "lcm_france_aid", "arafura_grmf", "lynas_dod_seadrift"):
        assert contracts[name].binding in loose
        assert not financed & set(contracts[name].facilities)


def test_contracts_and_events_have_months() -> None:
    floor = catalogue.contracts()["mp_dow_ppa"]
    assert (floor.month, floor.ends) == (month("2025-07"), month("2036-01"))
    first, *_, last = catalogue.policy_events()
    assert (first.month, last.month) == (month("2005-01"), month("2030-12"))
    listed = [it for it in catalogue.policy_events() if "Announcement No. 18/2025" in it.event]
    assert listed[0].elements == ("Sm", "Gd", "Tb", "Dy", "Lu", "Sc", "Y")


# --- refusals


def faulty(
    tmp_path: Path, topic: str, old: str, new: str, read: Callable[..., Any]
) -> tuple[Fault, ...]:
    """Faults of a shipped table in which one text is replaced."""
    text = (DATA / topic / f"{topic}.csv").read_text(encoding="utf-8")
    assert text.count(old) == 1, text.count(old)
    path = tmp_path / f"{topic}.csv"
    path.write_text(text.replace(old, new), encoding="utf-8")
    with pytest.raises(DataError) as caught:
        read(read_rows(path, topic))
    return caught.value.faults


@pytest.mark.parametrize(
    ("topic", "old", "new", "read", "column", "close"),
    [
        (
            "facilities",
            "construction,2026,",
            "constructing,2026,",
            catalogue.facilities_of,
            "status",
            "construction",
        ),
        (
            "chain_lines",
            "recycle_magnets,read,2000,2000,2000",
            "recycle_magnets,read,2000,1900,2000",
            catalogue.lines_of,
            "low, capacity, high",
            "",
        ),
        (
            "chain_lines",
            "recycle_magnets,read,2000,2000,2000",
            "recycle_magnets,read,,2000,2000",
            catalogue.lines_of,
            "low, capacity, high",
            "",
        ),
        (
            "chain_lines",
            "eol_magnets,2026-12",
            "eol_magnets,2026-13",
            catalogue.lines_of,
            "starts",
            "",
        ),
        (
            "chain_evidence",
            "lynas_lamp,separation,qualified,2013",
            "lynas_lamp,separation,qualifed,2013",
            catalogue.evidence_of,
            "kind",
            "qualified",
        ),
        (
            "chain_evidence",
            "lynas_lamp,separation,qualified,2013",
            "lynas_lam,separation,qualified,2013",
            catalogue.evidence_of,
            "facility",
            "lynas_lamp",
        ),
        (
            "chain_evidence",
            "lynas_lamp,separation,qualified,2013",
            "lynas_lamp,seperation,qualified,2013",
            catalogue.evidence_of,
            "stage",
            "separation",
        ),
    ],
)
def test_a_corrupted_row_is_refused_with_its_place(
    tmp_path: Path,
    topic: str,
    old: str,
    new: str,
    read: Callable[..., Any],
    column: str,
    close: str,
) -> None:
    (fault,) = faulty(tmp_path, topic, old, new, read)
    lines = (DATA / topic / f"{topic}.csv").read_text(encoding="utf-8").splitlines()
    number = next(i for i, line in enumerate(lines, start=1) if old in line)
    assert fault.where == f"{topic}/{topic}.csv line {number}, {column}"
    assert fault.nearest == close


def test_all_corrupted_rows_are_told_at_once(tmp_path: Path) -> None:
    text = (DATA / "facilities" / "facilities.csv").read_text(encoding="utf-8")
    path = tmp_path / "facilities.csv"
    path.write_text(text.replace(",commissioning,", ",comissioning,"), encoding="utf-8")
    with pytest.raises(DataError) as caught:
        catalogue.facilities_of(read_rows(path, "facilities"))
    assert len(caught.value.faults) == 6
