"""Supply chains in case files: what is read, and faults with their lines, all at once."""

from __future__ import annotations

from pathlib import Path

import pytest

from ytterby.case import read, read_text
from ytterby.case.chains import ChainPlan
from ytterby.chain.months import month
from ytterby.errors import CaseError, Fault

EXAMPLE = Path(__file__).parents[2] / "examples" / "lacq-chain" / "lacq-chain.toml"
HEAD = 'schema_version = 1\n[chain]\nfirst = "2028-01"\nmonths = 24\n'
CARS = """[chain.demands.cars]
customer = "A car maker"
country = "FRA"
material = "magnet_SH"
"""


def plan(text: str) -> ChainPlan:
    chain = read_text(HEAD + text).chain
    assert chain is not None
    return chain


def faults(text: str) -> tuple[Fault, ...]:
    with pytest.raises(CaseError) as raised:
        read_text(HEAD + text)
    return raised.value.faults


def test_the_example_is_read() -> None:
    chain = read(EXAMPLE).chain
    assert chain is not None
    cars = chain.demands["stellantis"]
    assert cars.tonnes[month("2028-01")] == pytest.approx(500_000 * 2 / 1000 / 12)
    assert cars.total == pytest.approx(5000.0)
    assert cars.units == pytest.approx(2_500_000)
    assert [it.words for it in cars.rules] == [
        "nothing separated, reduced, alloyed or made into magnets in China"
    ]
    assert chain.demands["us-defence"].rules[0].since == month("2027-01")
    assert {it.name for it in chain.shocks} >= {"heavy-control", "china-out", "lynas-stops"}
    assert chain.without == {"no-lacq": ("caremag_lacq", "lcm_lacq")}


def test_a_yearly_amount_is_spread_over_its_months() -> None:
    found = plan(CARS + 'yearly = "120 t"\nfrom = "2028-07"\nto = "2029-06"\n').demands["cars"]
    assert list(found.tonnes) == list(range(month("2028-07"), month("2029-07")))
    assert set(found.tonnes.values()) == {10.0}


def test_months_of_ones_own() -> None:
    text = CARS + '[chain.demands.cars.monthly]\n2028-03 = "7 t"\n2029-12 = "500 kg"\n'
    found = plan(text).demands["cars"]
    assert found.tonnes == {month("2028-03"): 7.0, month("2029-12"): 0.5}


@pytest.mark.parametrize(
    ("text", "line", "read_", "close"),
    [
        (
            CARS.replace("magnet_SH", "magnet_SHH") + 'yearly = "1 t"\n',
            8,
            "magnet_SHH",
            "magnet_SH",
        ),
        (CARS, 5, "nothing", ""),
        (CARS + 'yearly = "1 t"\nunits = 3\nper_unit = "2 kg"\n', 5, "yearly and units", ""),
        (CARS + 'yearly = "1 t"\nfrom = "soon"\n', 10, "soon", ""),
        (CARS + 'yearly = "1 t"\nfrom = "2031-01"\n', 5, "no month of it is planned", ""),
        (CARS + 'yearly = "1 t"\nrules = ["no-chin"]\n', 10, "no-chin", ""),
        (CARS + 'yearly = "-1 t"\n', 9, "-1 t", ""),
        (CARS + 'yearly = "1 t"\nsource = "PB116"\n', 10, "PB116", "PB1161"),
        (
            CARS + 'yearly = "1 t"\n[chain.without]\nlate = ["caremag_lac"]\n',
            11,
            "caremag_lac",
            "caremag_lacq",
        ),
        (
            CARS + 'yearly = "1 t"\n[chain.rules.x]\nsays = "nobody"\nstages = ["magnet"]\n',
            10,
            "nobody is named",
            "",
        ),
        (
            CARS + 'yearly = "1 t"\n[chain.weights]\nannouncd = "10 %"\n',
            11,
            "announcd",
            "announced",
        ),
        (
            CARS
            + 'yearly = "1 t"\n[chain.shocks.x]\ncountries = ["CHN"]\nmonth = "2029-01"\n'
            + 'until = "2028-01"\n',
            13,
            "2028-01",
            "",
        ),
        (CARS + 'yearly = "1 t"\n[chain.shocks.x]\nevent = "china-2052"\n', 11, "china-2052", ""),
    ],
)
def test_a_fault_is_located(text: str, line: int, read_: str, close: str) -> None:
    found = faults(text)
    assert len(found) == 1
    assert f"line {line}," in found[0].where
    assert read_ in found[0].read
    assert not close or found[0].nearest == close


def test_all_faults_at_once() -> None:
    text = CARS.replace("magnet_SH", "magnet_XX") + 'yearly = "1 t"\nfrom = "never"\n'
    text += '[chain.stocks]\nNdPr_oxid = "5 t"\n'
    assert len(faults(text)) == 3


def test_no_demand() -> None:
    found = faults("[chain.demands]\n")
    assert "no demand" in found[0].read


def test_others_stand_in_for_what_no_source_states() -> None:
    chain = plan(CARS + 'yearly = "1 t"\n')
    assert chain.unstated == "others"
    assert {"others_chn", "others_jpn", "others_row"} <= set(chain.others.facilities)
    assert not set(chain.others.facilities) & set(chain.network.facilities)


def test_who_is_left_out_is_not_made_up_for_by_others() -> None:
    dropped = plan('drop = ["nre_bayanobo"]\n' + CARS + 'yearly = "1 t"\n')
    assert "nre_bayanobo" not in dropped.network.facilities
    assert all(row.facility != "nre_bayanobo" for row in dropped.evidence)
    assert dropped.others == plan(CARS + 'yearly = "1 t"\n').others


def test_the_example_feeds_lacq_by_the_recipe_of_the_reference_case() -> None:
    chain = read(EXAMPLE).chain
    assert chain is not None
    lines = chain.network.lines
    lacq, magnets = lines["caremag_lacq", "separation"], lines["caremag_lacq", "recycling"]
    assert lacq.recipes == ("lacq_refinery",)
    assert lacq.capacity is not None and lacq.capacity.value == 5000
    assert magnets.capacity is not None and magnets.capacity.high == 0
    (recipe,) = (chain.network.recipes[it] for it in lacq.recipes)
    fed = dict.fromkeys(recipe.inputs, 0.0)
    for line in lines.values():
        for name in line.recipes:
            for material in chain.network.recipes[name].outputs:
                if material in fed and line.capacity is not None:
                    fed[material] += line.capacity.value
    assert fed == {name: pytest.approx(5000 * it) for name, it in recipe.inputs.items()}


def test_instability_and_values_of_ones_own() -> None:
    found = plan(
        CARS
        + 'units = 10\nunit = "car"\nper_unit = "2 kg"\n[chain.instability]\nCHN = 0.7\n'
        + "[chain.values.car]\nlow = 10000\nhigh = 30000\n"
    )
    assert found.instability == {"CHN": 0.7}
    worth = found.values["car"]
    assert (worth.worth.low, worth.worth.value, worth.worth.high) == (10000, 20000, 30000)
    assert (worth.currency, worth.cited.basis) == ("EUR", "set in the case")


def test_instability_and_values_are_held_against_what_is_known() -> None:
    read, values, order = faults(
        CARS
        + 'units = 10\nunit = "car"\nper_unit = "2 kg"\n[chain.instability]\nCHNN = 0.7\n'
        + "[chain.values.cars]\nlow = 1\nhigh = 2\n[chain.values.car]\nlow = 3\nhigh = 2\n"
    )
    assert (read.read, read.nearest) == ('"CHNN"', "CHN")
    assert "a country that exports" in read.expected
    assert (values.read, values.nearest) == ('"cars"', "car")
    assert order.read == "2, below low = 3" and order.expected == "3 or more"
    (high,) = faults(CARS + 'yearly = "1 t"\n[chain.instability]\nCHN = 1.5\n')
    assert "chain.instability.CHN" in high.where
