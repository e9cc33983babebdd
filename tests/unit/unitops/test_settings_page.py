"""The page on unit operations states each setting as the operations take it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from ytterby.unitops import (
    BoronRecovery,
    Demagnetisation,
    Dissolution,
    FeedGate,
    HydrogenDecrepitation,
    ImpurityRemoval,
    Milling,
    OxidativeRoast,
    Reception,
    SelectiveLeach,
    SideMetals,
    UraniumRemoval,
)

PAGE = Path(__file__).parents[3] / "docs" / "explanation" / "unit-operations.md"
TITLES = {
    "Reception": Reception,
    "Demagnetisation": Demagnetisation,
    "Hydrogen decrepitation": HydrogenDecrepitation,
    "Milling": Milling,
    "Oxidative roast": OxidativeRoast,
    "Selective leach": SelectiveLeach,
    "Feed gate": FeedGate,
    "Dissolution": Dissolution,
    "Impurity removal": ImpurityRemoval,
    "Uranium removal": UraniumRemoval,
    "Side metals": SideMetals,
    "Boron recovery": BoronRecovery,
}


@pytest.mark.parametrize("title", TITLES)
def test_every_setting_stands_on_its_page_with_its_value_and_source(title: str) -> None:
    text = PAGE.read_text(encoding="utf-8")
    section = text.split(f"\n## {title}\n")[1].split("\n## ")[0]
    told = re.findall(r"^\| `(\w+)` \|[^|]*\| (\S+)[^|]*\|[^|]*\| (\w+), (\w+) \|$", section, re.M)
    operation = TITLES[title](name="o")
    settings = operation.settings
    assert told == [(key, f"{it.value:g}", it.basis, it.source) for key, it in settings.items()]


@pytest.mark.parametrize("title", TITLES)
def test_every_setting_has_a_usual_value_within_its_range(title: str) -> None:
    operation = TITLES[title](name="o")
    for key, it in operation.settings.items():
        assert it.value is not None, key
        assert it.low is None or it.low <= it.value, key
        assert it.high is None or it.value <= it.high, key
        assert operation.value(key) >= 0.0
    assert title.lower() == operation.KIND
