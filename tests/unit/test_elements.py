"""Weights, oxides, charges and orders of the elements."""

import subprocess
import sys

import pytest

from ytterby.elements import (
    EXTRACTION_ORDER,
    GROUPS,
    RARE_EARTHS,
    SYMBOLS,
    by_extraction_order,
    element,
    metal_to_oxide,
    weights_version,
)
from ytterby.errors import DataError

# Typed from IUPAC tables, not from the library: weight and mass of oxide [g/mol], metals in it.
TYPED = {
    "La": (138.905, "La2O3", 325.807, 2),
    "Ce": (140.116, "CeO2", 172.114, 1),
    "Pr": (140.908, "Pr6O11", 1021.437, 6),
    "Nd": (144.242, "Nd2O3", 336.481, 2),
    "Sm": (150.36, "Sm2O3", 348.717, 2),
    "Eu": (151.964, "Eu2O3", 351.925, 2),
    "Gd": (157.25, "Gd2O3", 362.497, 2),
    "Tb": (158.925, "Tb4O7", 747.693, 4),
    "Dy": (162.5, "Dy2O3", 372.997, 2),
    "Ho": (164.93, "Ho2O3", 377.857, 2),
    "Y": (88.906, "Y2O3", 225.809, 2),
    "Er": (167.259, "Er2O3", 382.515, 2),
    "Tm": (168.934, "Tm2O3", 385.865, 2),
    "Yb": (173.045, "Yb2O3", 394.087, 2),
    "Lu": (174.967, "Lu2O3", 397.931, 2),
}


@pytest.mark.parametrize("symbol", TYPED)
def test_weights_and_oxides_agree_with_typed_values(symbol):
    weight, oxide, oxide_mass, metals = TYPED[symbol]
    found = element(symbol)
    assert found.oxide == oxide
    assert found.atomic_weight * 1000 == pytest.approx(weight, abs=0.01)
    assert found.oxide_molar_mass * 1000 == pytest.approx(oxide_mass / metals, abs=0.01)
    assert metal_to_oxide(symbol) == pytest.approx(oxide_mass / metals / weight, rel=1e-4)


def test_arrays_run_by_atomic_number_with_yttrium_first():
    numbers = [element(symbol).atomic_number for symbol in RARE_EARTHS]
    assert numbers == sorted(numbers)
    assert RARE_EARTHS[0] == "Y"
    assert len(RARE_EARTHS) == 15
    numbers = [element(symbol).atomic_number for symbol in SYMBOLS]
    assert numbers == sorted(set(numbers))


def test_extraction_order_has_yttrium_between_holmium_and_erbium():
    assert sorted(EXTRACTION_ORDER) == sorted(RARE_EARTHS)
    at = EXTRACTION_ORDER.index("Y")
    assert EXTRACTION_ORDER[at - 1 : at + 2] == ("Ho", "Y", "Er")


def test_by_extraction_order_puts_others_last_by_atomic_number():
    shuffled = ["Th", "Er", "Fe", "Y", "Sc", "La", "Ho", "Na"]
    assert by_extraction_order(shuffled) == ("La", "Ho", "Y", "Er", "Na", "Sc", "Fe", "Th")


def test_scandium_is_a_rare_earth_outside_the_fifteen():
    assert element("Sc").kind == "rare earth"
    assert "Sc" not in RARE_EARTHS


@pytest.mark.parametrize(
    ("symbol", "charge", "oxide"),
    [
        *[("Fe", 3, "Fe2O3"), ("Al", 3, "Al2O3"), ("Ca", 2, "CaO"), ("Zn", 2, "ZnO")],
        *[("Th", 4, "ThO2"), ("U", 2, "U3O8"), ("Co", 2, "Co3O4"), ("Ni", 2, "NiO")],
        *[("Mg", 2, "MgO"), ("Mn", 2, "MnO2"), ("Cu", 2, "CuO"), ("Na", 1, "Na2O")],
    ],
)
def test_impurities(symbol, charge, oxide):
    found = element(symbol)
    assert (found.kind, found.charge, found.oxide) == ("impurity", charge, oxide)


def test_uranium_oxide_is_per_mole_of_metal():
    # U3O8 842.08 g/mol holds three U.
    assert element("U").oxide_molar_mass * 1000 == pytest.approx(842.08 / 3, abs=0.01)


def test_first_separation_groups_split_the_fifteen():
    split = [symbol for name in ("LREE", "SEG", "HREE") for symbol in GROUPS[name]]
    assert sorted(split) == sorted(RARE_EARTHS)
    for members in GROUPS.values():
        assert list(members) == [symbol for symbol in RARE_EARTHS if symbol in members]


@pytest.mark.parametrize(("wrong", "close"), [("ND", "Nd"), ("nd", "Nd"), ("Yt", "Y"), ("", "")])
def test_unknown_symbol_says_the_nearest(wrong, close):
    with pytest.raises(DataError, match="capital letter") as caught:
        element(wrong)
    (fault,) = caught.value.faults
    assert (fault.where, fault.read, fault.nearest) == ("element", f'"{wrong}"', close)


def test_weights_name_their_library_and_version():
    name, version = weights_version().split()
    assert name == "periodictable"
    assert version[0].isdigit()


def test_import_is_light():
    heavy = "{'periodictable', 'numpy', 'pint', 'jax'}"
    code = f"import sys, ytterby.elements, ytterby.datasets; print({heavy} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"
