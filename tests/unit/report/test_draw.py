"""Figures become files: whole ones, the same each time, or a located message and nothing."""

from __future__ import annotations

import errno
import math
import os
import sys
from pathlib import Path

import pytest

from ytterby.errors import ExitCode, OutputError
from ytterby.report.draw import WIDEST_CAPTION, caption_below, draw
from ytterby.report.figures import Band, Figure, Panel, Series

FIGURE = Figure(
    name="cut-profile",
    title="Stage profiles of cut",
    x_label="stage",
    x=(1.0, 2.0, 3.0),
    panels=(
        Panel(
            "aqueous, mol/L",
            (Series("Tb", (0.5, 1e-3, math.nan)), Series("Dy", (1e-6, 0.1, 0.5))),
            logarithmic=True,
            ordered=True,
        ),
        Panel("pH", (Series("pH", (1.0, 0.5, -0.5)),)),
    ),
    bands=(Band("extraction", 0.5, 2.5), Band("strip", 2.5, 3.5)),
    caption="Weakest basis: read.",
    sources=("T21",),
)


def test_one_png_and_one_svg(tmp_path: Path) -> None:
    directory = tmp_path / "some" / "where"
    paths = draw(FIGURE, directory)
    assert paths == [directory / "cut-profile.png", directory / "cut-profile.svg"]
    assert sorted(os.listdir(directory)) == ["cut-profile.png", "cut-profile.svg"]


def test_the_same_figure_gives_the_same_files(tmp_path: Path) -> None:
    once, twice = draw(FIGURE, tmp_path / "once"), draw(FIGURE, tmp_path / "twice")
    for first, second in zip(once, twice, strict=True):
        assert first.read_bytes() == second.read_bytes()


def test_a_picture_is_replaced(tmp_path: Path) -> None:
    (tmp_path / "cut-profile.svg").write_text("old")
    draw(FIGURE, tmp_path)
    assert (tmp_path / "cut-profile.svg").read_text().startswith("<?xml")


def test_what_stands_below_fits_and_ends_with_the_sources(tmp_path: Path) -> None:
    lines = caption_below("Assumed: " + "very " * 60 + "little.\nRead.", ["T21", "LI80"]).split(
        "\n"
    )
    assert max(map(len, lines)) <= WIDEST_CAPTION
    assert lines[-2:] == ["Read.", "Sources: T21, LI80."]
    svg = draw(FIGURE, tmp_path)[1].read_text(encoding="utf-8")
    assert ">Weakest basis: read.<" in svg and ">Sources: T21.<" in svg


def test_panel_of_nothing_is_drawn_without_a_warning(tmp_path: Path) -> None:
    nothing = Panel("organic, mol/L", (Series("Tb", (math.nan,) * 3),), logarithmic=True)
    figure = Figure(**{**vars(FIGURE), "panels": (nothing,)})
    assert len(draw(figure, tmp_path)) == 2


def test_settings_of_matplotlib_stay_as_they_were(tmp_path: Path) -> None:
    import matplotlib

    with matplotlib.rc_context():
        matplotlib.rcdefaults()  # whatever was drawn before
        before = dict(matplotlib.rcParams)
        draw(FIGURE, tmp_path)
        assert [key for key in before if before[key] != matplotlib.rcParams[key]] == []


def refusal(directory: Path) -> str:
    with pytest.raises(OutputError) as caught:
        draw(FIGURE, directory)
    assert caught.value.exit_code == ExitCode.OUTPUT
    assert isinstance(caught.value, OSError)
    return str(caught.value)


def test_without_matplotlib(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    assert refusal(tmp_path / "pictures") == (
        "--plot\n"
        "  read      no matplotlib\n"
        "  expected  the extra `plot`\n"
        "  next      pip install ytterby[plot]"
    )
    assert os.listdir(tmp_path) == []


@pytest.mark.parametrize("below", ["", "below"])
def test_where_a_file_is(below: str, tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("mine")
    place = tmp_path / "taken" / below
    message = refusal(place)
    assert message.startswith(f"{place}\n")
    assert "expected  a directory that can be written" in message
    assert os.listdir(tmp_path) == ["taken"]


def test_full_disk_leaves_the_old_picture_and_no_part(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from matplotlib.figure import Figure as Canvas

    def half(self: Canvas, path: Path, **_: object) -> None:
        path.write_bytes(b"half")
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    (tmp_path / "cut-profile.png").write_text("old")
    monkeypatch.setattr(Canvas, "savefig", half)
    assert "No space left on device" in refusal(tmp_path)
    assert os.listdir(tmp_path) == ["cut-profile.png"]
    assert (tmp_path / "cut-profile.png").read_text() == "old"


def test_directory_in_the_place_of_a_picture(tmp_path: Path) -> None:
    (tmp_path / "cut-profile.png").mkdir()
    assert "a directory that can be written" in refusal(tmp_path)
    assert os.listdir(tmp_path) == ["cut-profile.png"]


def test_interrupted_drawing_leaves_no_part(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from matplotlib.figure import Figure as Canvas

    def half(self: Canvas, path: Path, **_: object) -> None:
        path.write_bytes(b"half")
        raise KeyboardInterrupt

    monkeypatch.setattr(Canvas, "savefig", half)
    with pytest.raises(KeyboardInterrupt):
        draw(FIGURE, tmp_path)
    assert os.listdir(tmp_path) == []
