"""Every command as a person meets it: what it prints, what it writes, what its document says."""

from __future__ import annotations

import json
import os
import re
import signal
import struct
import subprocess
import sys
import xml.etree.ElementTree as ElementTree
from collections.abc import Mapping
from importlib.resources import files
from pathlib import Path
from typing import Any, BinaryIO

import pytest
from jsonschema import Draft202012Validator  # type: ignore[import-untyped]

import ytterby as yt
from command_line import SMALL, shown
from ytterby.circuit.solved import SolvedCircuit
from ytterby.elements import EXTRACTION_ORDER
from ytterby.sources import all_sources

ROOT = Path(__file__).parents[2]
EXAMPLE = ROOT / "examples" / "tb-dy.toml"
COMMAND = Path(sys.executable).with_name("ytterby")

OPEN = """\
schema_version = 1
[circuits.once-through]
extractant = "PC88A"
[circuits.once-through.organic]
flow = "2 m3/h"
concentration = "1 mol/L"
base = "NH3"
closed = false
[circuits.once-through.extraction]
stages = 5
feed = { flow = "1 m3/h", pH = 1.5, concentrations = { Tb = "1 mmol/L", Dy = "2 mmol/L" } }
"""


def document(*arguments: str | Path) -> dict[str, Any]:
    found = json.loads(shown(*arguments, "--json"))
    assert isinstance(found, dict)
    return found


def process(
    *arguments: str | Path, environment: Mapping[str, str] | None = None, cwd: Path = ROOT
) -> subprocess.CompletedProcess[str]:
    """The command as it is installed, in a process of its own."""
    return subprocess.run(
        [COMMAND, *arguments],
        capture_output=True,
        text=True,
        cwd=cwd,
        env={**os.environ, **(environment or {})},
        timeout=60,
        check=False,
    )


def table(text: str, title: str) -> list[list[str]]:
    """Cells of a printed table, header first; two blanks part them, so empty cells are left out."""
    lines = text.split("\n")
    first = next(number for number, line in enumerate(lines) if line.startswith(title))
    rule = next(n for n in range(first, len(lines)) if set(lines[n].strip()) == {"─"})
    end = next(n for n in range(rule, len(lines)) if not lines[n].strip())
    chosen = [lines[rule - 1], *lines[rule + 1 : end]]
    return [re.split(r"\s{2,}", line.strip()) for line in chosen]


def by_name(text: str, title: str) -> dict[str, list[str]]:
    """Rows of a printed table by their first cell."""
    return {name: cells for name, *cells in table(text, title)}


@pytest.fixture
def small(tmp_path: Path) -> Path:
    """A circuit of 8 stages and 2 elements."""
    path = tmp_path / "small.toml"
    path.write_text(SMALL, encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def printed() -> str:
    """What `ytterby circuit` prints of the example."""
    return shown("circuit", EXAMPLE)


# --- in a process of its own


PROCESSES = {
    "version": (["--version"], f"ytterby {yt.__version__}\n"),
    "help": (["--help"], "circuit"),
    "short help": (["-h"], "circuit"),
    "help of a command": (["circuit", "--help"], "--plot"),
    "circuit": (["circuit", "examples/tb-dy.toml"], "Circuit tb-dy: solved, 60 stages"),
    "check": (["check", "examples/tb-dy.toml"], "no fault found"),
    "cite": (["cite", "examples/tb-dy.toml"], "[T21] Tanaka"),
    "list": (["list", "extractants"], "P507-HCl-v0"),
}


@pytest.mark.parametrize("name", PROCESSES)
def test_command_in_a_process(name: str) -> None:
    arguments, part = PROCESSES[name]
    done = process(*arguments)
    assert (done.returncode, done.stderr) == (0, "")
    assert part in done.stdout


def test_new_in_a_process(tmp_path: Path) -> None:
    done = process("new", "here", "--circuit", cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("wrote here/tb-dy.toml\nnext: ytterby circuit here/tb-dy.toml")
    assert "also: ytterby new DIR: the refinery" in done.stdout


def test_without_arguments_the_help_is_shown() -> None:
    done = process()
    assert "circuit" in done.stdout + done.stderr
    assert "Traceback" not in done.stderr


HEAVY = {"jax", "numpy", "pint", "matplotlib", "plotly", "openpyxl", "rich", "periodictable"}
LIGHT: list[tuple[list[str], set[str]]] = [
    ([], HEAVY),
    (["--version"], HEAVY),
    (["--help"], HEAVY - {"rich"}),
    (["circuit", "--help"], HEAVY - {"rich"}),
    (["cite", "T21"], {"jax", "matplotlib"}),
    (["list", "elements"], {"jax", "matplotlib"}),
    (["check", "examples/tb-dy.toml"], {"jax", "matplotlib"}),
    (["circuit", "no-such-case.toml"], {"jax", "matplotlib"}),
    (["circuit", "examples/tb-dy.toml"], {"matplotlib", "plotly", "openpyxl"}),
]


@pytest.mark.parametrize(
    ("arguments", "unwanted"),
    LIGHT,
    ids=[" ".join(arguments) or "import" for arguments, _ in LIGHT],
)
def test_only_what_a_command_needs_is_imported(arguments: list[str], unwanted: set[str]) -> None:
    script = f"""
import atexit, sys
from ytterby.cli.app import main
atexit.register(lambda: print(*sorted({unwanted!r} & set(sys.modules)), file=sys.stderr))
sys.argv[1:] = {arguments!r}
if sys.argv[1:]:
    main()
"""
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, cwd=ROOT, check=False
    )
    assert done.stderr.split("\n")[-2] == ""


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_script(shell: str) -> None:
    done = process(environment={"_YTTERBY_COMPLETE": f"source_{shell}"})
    assert (done.returncode, done.stderr) == (0, "")
    assert "_YTTERBY_COMPLETE=complete_" in done.stdout


@pytest.mark.parametrize(
    ("line", "offered"),
    [
        ("ytterby ci", ["circuit", "cite"]),
        ("ytterby list e", ["extractants", "elements", "events"]),
        ("ytterby circuit --ba", ["--basis"]),
        ("ytterby circuit --basis m", ["metal", "mol"]),
    ],
)
def test_completion_offers(line: str, offered: list[str]) -> None:
    words = {"COMP_WORDS": line, "COMP_CWORD": str(line.count(" "))}
    done = process(environment={"_YTTERBY_COMPLETE": "complete_bash", **words})
    assert done.stdout.split() == offered


@pytest.mark.parametrize("unbuffered", ["", "1"])
def test_reader_that_leaves_early_is_no_fault(unbuffered: str) -> None:
    """`ytterby cite | head -1`; the usual end by the signal is fine too."""
    quiet_ends = (0, -signal.SIGPIPE)
    for arguments in (["cite"], ["list", "elements", "--json"], ["--version"]):
        read_end, write_end = os.pipe()
        os.close(read_end)
        with os.fdopen(write_end, "wb") as closed:
            done = into(closed, *arguments, unbuffered=unbuffered)
        assert (done.returncode in quiet_ends, done.stderr) == (True, ""), arguments


@pytest.mark.parametrize("unbuffered", ["", "1"])
def test_full_disk_is_said_in_a_message(unbuffered: str) -> None:
    for arguments in (["cite"], ["list", "units", "--json"], ["--version"]):
        with Path("/dev/full").open("wb") as full:
            done = into(full, *arguments, unbuffered=unbuffered)
        assert "No space left on device" in done.stderr
        assert "Traceback" not in done.stderr and "Exception ignored" not in done.stderr
        assert done.returncode == 7, arguments


def into(output: BinaryIO, *arguments: str, unbuffered: str) -> subprocess.CompletedProcess[str]:
    """The command with its output going there; buffered output is written when it ends."""
    environment = {**os.environ, "PYTHONUNBUFFERED": unbuffered}
    return subprocess.run(
        [COMMAND, *arguments],
        stdout=output,
        stderr=subprocess.PIPE,
        text=True,
        env=environment,
        check=False,
    )


def test_cache_that_cannot_be_used_is_no_noise(small: Path, tmp_path: Path) -> None:
    """A read-only home, or what a killed process or a full disk left behind."""
    blocked, broken = tmp_path / "file", tmp_path / "cache"
    blocked.write_text("")
    first = process("circuit", small, environment={"YTTERBY_CACHE_DIR": str(broken)})
    assert (first.returncode, first.stderr) == (0, "")
    entries = [path for path in broken.iterdir() if path.name.endswith("-cache")]
    assert entries
    for entry in entries:
        entry.write_bytes(entry.read_bytes()[:100])
    for place in (blocked, broken):
        done = process("circuit", small, environment={"YTTERBY_CACHE_DIR": str(place)})
        assert (done.returncode, done.stderr) == (0, "")
        assert done.stdout == first.stdout


def test_output_without_unicode_keeps_every_number(small: Path) -> None:
    small.write_text(SMALL.replace('"Small"', '"Schéma Δ"'), encoding="utf-8")
    done = process("circuit", small, environment={"PYTHONIOENCODING": "ascii"})
    assert (done.returncode, done.stderr) == (0, "")
    assert re.search(r"Tb +\|? *kg/h", done.stdout)


def test_narrow_terminal_cuts_no_number(small: Path) -> None:
    pty = pytest.importorskip("pty")
    leader, follower = pty.openpty()
    environment = {**os.environ, "TERM": "dumb"}  # 80 columns, no colours
    with subprocess.Popen(
        [COMMAND, "circuit", small], stdout=follower, stderr=subprocess.DEVNULL, env=environment
    ) as running:
        os.close(follower)
        seen = b""
        while True:
            try:
                piece = os.read(leader, 65536)
            except OSError:  # the other end is closed
                break
            if not piece:
                break
            seen += piece
    os.close(leader)
    assert running.returncode == 0
    text = seen.decode().replace("\r\n", "\n")
    assert "…" not in text
    wide = shown("circuit", small)
    for title in ("Streams of", "Outlets of", "Stages of", "Reagents of"):
        for cells in table(wide, title):
            assert all(word in text for cell in cells for word in cell.split()), cells
    tables = [line for line in text.split("\n") if "  " in line]
    assert max(map(len, tables)) <= 80


# --- circuit: tables


def test_stream_table_has_streams_across_and_elements_down(printed: str) -> None:
    header, *rows = table(printed, "Streams of tb-dy, as oxides as traded")
    streams = ["feed", "scrub liquor", "strip acid", "raffinate", "strip liquor"]
    organics = ["loaded organic", "extract", "stripped organic"]
    assert header == ["unit", *streams, *organics, "closure"]
    names = [row[0] for row in rows]
    assert names[:3] == ["phase", "flow", "acid"]
    assert names[-1] == "total REE"
    assert tuple(names[3:-1]) == EXTRACTION_ORDER
    assert names[names.index("Ho") + 1 : names.index("Er")] == ["Y"]


def test_every_element_row_closes(printed: str) -> None:
    rows = by_name(printed, "Streams of tb-dy")
    closures = {name: float(cells[-1]) for name, cells in rows.items() if name in EXTRACTION_ORDER}
    assert len(closures) == 15
    assert 0.0 < max(closures.values()) <= 1e-10
    assert float(rows["total REE"][-1]) == max(closures.values())


def test_feed_is_shown_as_it_was_written(printed: str) -> None:
    """0.854 m3/h of 11.70 g/L and 81.35 g/L as oxide."""
    rows = by_name(printed, "Streams of tb-dy")
    assert rows["Tb"][:2] == ["kg/h", "9.992"]
    assert rows["Dy"][:2] == ["kg/h", "69.47"]
    assert rows["flow"][:4] == ["m3/h", "0.854", "0.301", "0.46"]
    assert rows["acid"][:4] == ["mol/L", "0.01", "4", "5"]


# Feed of the example by hand: Tb 158.925, O 15.999; Tb4O7 / 4 = 186.923 g/mol.
FED_TB = 0.854 * 11.70
BASES = [
    ("reo", "as oxides as traded", "kg/h", FED_TB),
    ("metal", "as metal", "kg/h", FED_TB * 158.925 / 186.923),
    ("mol", "as amount", "mol/h", 1000 * FED_TB / 186.923),
]


@pytest.mark.parametrize(("basis", "words", "unit", "expected"), BASES)
def test_basis_of_the_stream_table(basis: str, words: str, unit: str, expected: float) -> None:
    text = shown("circuit", EXAMPLE, "--basis", basis)
    rows = by_name(text, f"Streams of tb-dy, {words}")
    assert rows["Tb"][0] == rows["total REE"][0] == unit
    assert float(rows["Tb"][1]) == pytest.approx(expected, rel=5e-4)
    parts = [float(cells[1]) for name, cells in rows.items() if name in EXTRACTION_ORDER]
    assert float(rows["total REE"][1]) == pytest.approx(sum(parts), rel=5e-4)


def test_outlet_table_has_purity_and_recovery_of_each_outlet(printed: str) -> None:
    header, *rows = table(printed, "Outlets of tb-dy")
    outlets = ["raffinate", "strip liquor"]
    assert header == [
        "unit",
        *[f"{name}: {it}" for name in outlets for it in ("purity", "recovery")],
    ]
    found = {name: cells for name, *cells in rows}
    assert tuple(found) == EXTRACTION_ORDER
    assert found["Tb"][:3] == ["%", "99.0213", "99.9867"]
    assert found["Dy"][3:] == ["99.8695", "99.9883"]


def test_stage_table_counts_along_the_organic(printed: str) -> None:
    header, *rows = table(printed, "Stages of tb-dy")
    assert header[:3] == ["stage", "section", "pH"]
    assert [row[0] for row in rows] == [str(stage) for stage in range(1, 61)]
    sections = [row[1] for row in rows]
    assert sections == ["extraction"] * 26 + ["scrub"] * 24 + ["strip"] * 10
    assert rows[0][header.index("oa_ratio")] == "3.29"  # 3.8 / (0.854 + 0.301)


def test_reagent_table_is_stoichiometry(printed: str) -> None:
    """NaOH: 36 % of 1.5 mol/L in 3.8 m3/h; HCl: 0.301 x 4 and 0.46 x 5 kmol/h; 39.997 and 36.458 g/mol."""
    rows = by_name(printed, "Reagents of tb-dy")
    assert rows["NaOH, saponification"][:2] == ["2052", "82.07"]
    assert [float(cell) for cell in rows["HCl, scrub"][:2]] == [1204, 43.90]
    assert [float(cell) for cell in rows["HCl, strip"][:2]] == [2300, 83.85]


def test_sources_and_weakest_basis_are_named(printed: str) -> None:
    lines = printed.split("\n")
    (line,) = [line for line in lines if line.startswith("Sources: ")]
    assert line == "Sources: LD19, LI80, LI87, T21, PERIODICTABLE (`ytterby cite`)."
    assert any(line.startswith("Weakest basis: recalled.") for line in lines)


def test_extrapolation_is_said_with_both_ranges(printed: str) -> None:
    header, *rows = table(printed, "Extrapolated: outside the range of the constants")
    assert header == ["section", "quantity", "reached", "constants hold for"]
    assert ["strip", "acid", "2.57 mol/L to 5 mol/L", "0.01 mol/L to 2 mol/L"] in rows


def test_no_extrapolation_table_when_there_is_nothing_to_say(tmp_path: Path) -> None:
    path = tmp_path / "mild.toml"
    mild = OPEN.replace('Tb = "1 mmol/L", Dy = "2 mmol/L"', 'Tb = "0.1 mol/L"')
    path.write_text(mild.replace("stages = 5", "stages = 1").replace("pH = 1.5", "pH = 0.5"))
    assert document("circuit", path)["circuits"][0]["extrapolated"] == []
    assert "Extrapolated" not in shown("circuit", path)


def test_several_circuits_of_a_case_come_in_its_order(small: Path) -> None:
    second = SMALL.partition("[circuits.small]")[2].replace("circuits.small", "circuits.another")
    small.write_text(f"{SMALL}\n[circuits.another]{second}", encoding="utf-8")
    text = shown("circuit", small)
    assert re.findall(r"^Circuit (\S+): solved, 8 stages", text, re.MULTILINE) == [
        "small",
        "another",
    ]
    found = document("circuit", small)
    assert [it["circuit"] for it in found["circuits"]] == ["small", "another"]
    first, other = found["circuits"]
    assert first["streams"] == other["streams"]


# --- circuit: document


SCHEMA = json.loads(
    (files("ytterby") / "data" / "schemas" / "circuit-result-1.json").read_text(encoding="utf-8")
)


@pytest.fixture(scope="module", params=["example", "small", "open"])
def solved_case(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> tuple[dict[str, Any], SolvedCircuit]:
    """The document of a case beside the same circuit solved through Python."""
    path = EXAMPLE
    if request.param != "example":
        path = tmp_path_factory.mktemp(request.param) / f"{request.param}.toml"
        path.write_text({"small": SMALL, "open": OPEN}[request.param], encoding="utf-8")
    (solved,) = yt.run(yt.read(path)).circuits.values()
    return document("circuit", path), solved


def test_document_follows_the_shipped_schema(
    solved_case: tuple[dict[str, Any], SolvedCircuit],
) -> None:
    Draft202012Validator.check_schema(SCHEMA)
    Draft202012Validator(SCHEMA).validate(solved_case[0])


@pytest.mark.parametrize("key", ["closure", "sources", "streams", "weakest_basis", "stages"])
def test_schema_misses_what_is_taken_away(key: str, small: Path) -> None:
    found = document("circuit", small)
    del found["circuits"][0][key]
    assert not Draft202012Validator(SCHEMA).is_valid(found)


def test_document_agrees_with_python_number_by_number(
    solved_case: tuple[dict[str, Any], SolvedCircuit],
) -> None:
    found, solved = solved_case
    assert found["title"] in (yt.read(EXAMPLE).title, "Small", "")
    (it,) = found["circuits"]
    circuit, profiles = solved.circuit, solved.profiles
    assert it["ytterby"] == yt.__version__
    assert it["elements"] == list(circuit.elements)
    assert it["cut"] == (list(circuit.cut) if circuit.cut else None)
    assert it["newton_steps"] == solved.steps
    assert it["closure"] == dict(solved.closure)
    assert max(it["closure"].values()) <= 1e-10
    assert [entry["key"] for entry in it["sources"]] == list(solved.sources)
    stages = it["stages"]
    assert stages["section"] == circuit.section_of_stage()
    assert stages["ph"] == profiles.ph.tolist()
    assert stages["acid_mol_per_m3"] == profiles.acid.tolist()
    assert stages["free_dimer_mol_per_m3"] == profiles.free_dimer.tolist()
    assert stages["aqueous_flow_m3_per_h"] == profiles.aqueous_volume.tolist()
    assert stages["organic_flow_m3_per_h"] == profiles.organic_volume.tolist()
    assert stages["aqueous_mol_per_m3"] == profiles.aqueous.tolist()
    assert stages["organic_mol_per_m3"] == profiles.organic.tolist()
    assert it["consumption"]["base_mol_per_h"] == solved.consumption.base
    assert it["consumption"]["strip_acid_mol_per_h"] == solved.consumption.strip_acid


def test_document_streams_agree_with_python(
    solved_case: tuple[dict[str, Any], SolvedCircuit],
) -> None:
    found, solved = solved_case
    streams = {entry["name"]: entry for entry in found["circuits"][0]["streams"]}
    assert list(streams) == list(solved.streams)
    for name, stream in solved.streams.items():
        entry = streams[name]
        assert entry["flow_m3_per_h"] == stream.flow
        assert entry["acid_mol_per_m3"] == stream.acid
        assert entry["treo_kg_per_h"] == stream.treo()
        assert (entry["role"] == "inlet") == (name in solved.inlets)
        assert ("recovery" in entry) == ("purity_reo" in entry) == (name in solved.outlets)
        for symbol in solved.circuit.elements:
            assert entry["metals_mol_per_m3"][symbol] == stream.metals.get(symbol, 0.0)
            assert entry["oxides_kg_per_h"][symbol] == stream.oxide(symbol)
            if name in solved.outlets:
                assert entry["purity_reo"][symbol] == stream.purity_reo(symbol)
                assert entry["recovery"][symbol] == solved.recovery(symbol, name)


def test_document_balances_by_itself(solved_case: tuple[dict[str, Any], SolvedCircuit]) -> None:
    """Fed is what leaves, from the document alone; shares of outlets add up to one."""
    (it,) = solved_case[0]["circuits"]
    for symbol in it["elements"]:
        flows = {"inlet": 0.0, "outlet": 0.0, "inside": 0.0}
        for stream in it["streams"]:
            moles = stream["flow_m3_per_h"] * stream["metals_mol_per_m3"][symbol]
            flows[stream["role"]] += moles
        assert flows["outlet"] == pytest.approx(flows["inlet"], rel=1e-9)
    outlets = [stream for stream in it["streams"] if stream["role"] == "outlet"]
    for outlet in outlets:
        assert sum(outlet["purity_reo"].values()) == pytest.approx(1.0, rel=1e-12)
    for symbol in it["elements"]:
        assert sum(outlet["recovery"][symbol] for outlet in outlets) == pytest.approx(1.0, rel=1e-9)


def test_open_circuit_ends_in_its_loaded_organic(tmp_path: Path) -> None:
    path = tmp_path / "open.toml"
    path.write_text(OPEN, encoding="utf-8")
    (it,) = document("circuit", path)["circuits"]
    roles = {stream["name"]: stream["role"] for stream in it["streams"]}
    assert roles == {"feed": "inlet", "raffinate": "outlet", "loaded organic": "outlet"}
    assert it["consumption"]["base_reagent"] == "NH3"
    assert it["consumption"]["base_kg_per_h"] == 0.0


def test_the_same_case_gives_the_same_document(small: Path) -> None:
    assert shown("circuit", small, "--json") == shown("circuit", small, "--json")


# --- circuit: pictures


@pytest.fixture(scope="module")
def drawn(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A directory, made by the command, with the pictures of the small circuit."""
    place = tmp_path_factory.mktemp("plot")
    (place / "small.toml").write_text(SMALL, encoding="utf-8")
    target = place / "not" / "there yet"
    text = shown("circuit", place / "small.toml", "--plot", target)
    expected = [f"drawn: {target}/small-profile.{kind}" for kind in ("png", "svg")]
    assert [line for line in text.split("\n") if line.startswith("drawn: ")] == expected
    return target


def test_only_the_pictures_are_left(drawn: Path) -> None:
    assert sorted(os.listdir(drawn)) == ["small-profile.png", "small-profile.svg"]


def test_png_can_be_read(drawn: Path) -> None:
    """9.5 in at 150 dpi; three panels of 2.9 in."""
    data = (drawn / "small-profile.png").read_bytes()
    assert data.startswith(b"\x89PNG\r\n\x1a\n") and data.endswith(b"IEND\xaeB`\x82")
    assert struct.unpack(">II", data[16:24]) == (1425, 1305)
    from matplotlib.image import imread

    pixels = imread(drawn / "small-profile.png")
    assert pixels.shape[:2] == (1305, 1425)
    assert len({tuple(pixel) for pixel in pixels[::7, ::7].reshape(-1, pixels.shape[2])}) > 20


def test_svg_is_well_formed_and_labelled(drawn: Path) -> None:
    builder = ElementTree.TreeBuilder(insert_comments=True)  # glyphs are paths, named by comments
    root = ElementTree.parse(
        drawn / "small-profile.svg", ElementTree.XMLParser(target=builder)
    ).getroot()
    assert root.tag == "{http://www.w3.org/2000/svg}svg"
    text = " ".join(element.text or "" for element in root.iter())
    for label in ("aqueous, mol/L", "organic, mol/L", "pH", "Tb", "Dy", "extraction", "scrub"):
        assert label in text, label
    assert "Sources: LI80, LI87, T21, PERIODICTABLE" in text
    assert "Weakest basis: recalled" in text


def test_drawing_again_replaces_with_the_same_picture(drawn: Path, small: Path) -> None:
    before = (drawn / "small-profile.svg").read_bytes()
    found = document("circuit", small, "--plot", drawn)
    assert found["figures"] == [f"{drawn}/small-profile.{kind}" for kind in ("png", "svg")]
    assert (drawn / "small-profile.svg").read_bytes() == before
    assert len(os.listdir(drawn)) == 2


# --- check, cite, list, new


def test_check_says_what_it_found_and_what_next(small: Path) -> None:
    assert shown("check", small) == (
        "small: 8 stages, 2 elements, P507-HCl-v0\n"
        "no fault found; acid and loading balances can be met\n"
        f"next: ytterby circuit {small}\n"
    )


def test_check_as_a_document(small: Path) -> None:
    assert document("check", small) == {
        "format": "ytterby.check",
        "version": 1,
        "case": str(small),
        "ok": True,
        "circuits": [
            {
                "name": "small",
                "stages": 8,
                "elements": ["Tb", "Dy"],
                "equilibrium": "P507-HCl-v0",
            }
        ],
        "trains": [],
        "fits": [],
        "designs": [],
        "sequences": [],
        "starts": [],
        "audits": [],
        "plant": None,
        "chain": None,
    }


def keys_cited(*what: str | Path) -> list[str]:
    keys = re.findall(r"^\[(\w+)\] \S", shown("cite", *what), re.MULTILINE)
    assert keys == [entry["key"] for entry in document("cite", *what)["sources"]]
    return keys


def test_cite_everything() -> None:
    keys = keys_cited()
    assert keys == [entry.key for entry in all_sources()]
    assert len(shown("cite").splitlines()) == len(keys) > 40


def test_cite_a_case_is_what_its_result_rests_on(printed: str) -> None:
    assert ", ".join(keys_cited(EXAMPLE)) in printed


def test_cite_a_parameter_set() -> None:
    assert keys_cited("P507-HCl-v0") == ["LD19", "LI80", "LI87", "T21"]


def test_cite_a_key() -> None:
    assert keys_cited("T21") == ["T21"]
    assert "https://doi.org/10.1016/j.hydromet.2021.105588" in shown("cite", "T21")


LISTS = {
    "extractants": ["P507", "PC88A", "chloride", "ready"],
    "elements": ["Dy", "dysprosium", "66", "3+", "162.500", "Dy2O3"],
    "datasets": ["extraction_constants", "T21"],
    "sources": ["T21", "secondary", "Tanaka"],
    "dimensions": ["volume flow", "m3/h", "L/min"],
    "units": ["conditioning: residence", "setting", "time in the tank", "0.5", "assumed"],
}


@pytest.mark.parametrize("kind", LISTS)
def test_list(kind: str) -> None:
    text = shown("list", kind)
    lines = [line for line in text.split("\n") if LISTS[kind][0] in line]
    assert any(all(part in line for part in LISTS[kind]) for line in lines), text
    found = document("list", kind)
    assert (found["format"], found["version"]) == (f"ytterby.list.{kind}", 1)
    rows = found[kind]
    assert any(
        all(any(part in cell for cell in row.values()) for part in LISTS[kind]) for row in rows
    )
    assert all(next(iter(row.values())) in text for row in rows)


def test_listed_elements_stand_in_extraction_order() -> None:
    symbols = [row["symbol"] for row in document("list", "elements")["elements"]]
    assert [symbol for symbol in symbols if symbol in EXTRACTION_ORDER] == list(EXTRACTION_ORDER)


def test_new_copies_the_example(tmp_path: Path) -> None:
    shown("new", tmp_path / "here", "--circuit")
    copy = tmp_path / "here" / "tb-dy.toml"
    assert copy.read_bytes() == EXAMPLE.read_bytes()
    assert "no fault found" in shown("check", copy)
    assert document("circuit", copy)["circuits"] == document("circuit", EXAMPLE)["circuits"]


def test_new_leaves_nothing_half_written(tmp_path: Path) -> None:
    """A quota of 1 KiB, met when the file is closed."""
    script = """
import resource, ytterby.cli
resource.setrlimit(resource.RLIMIT_FSIZE, (1024, 1024))
ytterby.cli.main()
"""
    done = subprocess.run(
        [sys.executable, "-c", script, "new", tmp_path / "here"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout) == (7, "")
    assert "File too large" in done.stderr and "Traceback" not in done.stderr
    assert not list(tmp_path.rglob("*.toml"))


def test_new_as_a_document(tmp_path: Path) -> None:
    files = [str(tmp_path / name) for name in ("metal.toml", "designs.toml")]
    assert document("new", tmp_path, "--metal") == {
        "format": "ytterby.new", "version": 1, "file": files[0], "files": files,
    }  # fmt: skip


def test_new_copies_a_plant_with_its_designs(tmp_path: Path) -> None:
    said = shown("new", tmp_path / "plant")
    names = [path.name for path in sorted((tmp_path / "plant").iterdir())]
    assert names == ["designs.toml", "lacq.toml"]
    for name in names:
        copy = tmp_path / "plant" / name
        assert copy.read_bytes() == (EXAMPLE.parent / "lacq" / name).read_bytes()
    assert f"next: ytterby run {tmp_path}/plant/lacq.toml\n" in said
    assert "--metal: " in said and "--circuit: " in said
    assert "no fault found" in shown("check", tmp_path / "plant" / "lacq.toml")


def test_new_copies_one_thing_at_a_time(tmp_path: Path) -> None:
    for two in (("--metal", "--circuit"), ("--circuit", "--chain"), ("--metal", "--chain")):
        done = process("new", "here", *two, cwd=tmp_path)
        assert done.returncode == 2 and "one of --circuit, --metal, --chain" in done.stderr
        assert not (tmp_path / "here").exists()


def test_new_copies_a_chain_that_can_be_read(tmp_path: Path) -> None:
    shown("new", tmp_path, "--chain")
    said = shown("check", tmp_path / "lacq-chain.toml")
    assert "8 demands" in said and "next: ytterby chain match" in said


@pytest.mark.parametrize("name", ["plain", "two words", "[bold]x", "a[/red]", "größe"])
def test_paths_are_shown_as_they_are(name: str, tmp_path: Path) -> None:
    place = tmp_path / name
    assert f"wrote {place}/tb-dy.toml\n" in shown("new", place, "--circuit")
    case = place / "small.toml"
    case.write_text(SMALL, encoding="utf-8")
    assert f"{place}/small.toml" in shown("check", case).replace("'", "")
    assert f"drawn: {place}/small-profile.png\n" in shown("circuit", case, "--plot", place)


def test_control_characters_of_a_title_do_not_reach_the_terminal(small: Path) -> None:
    small.write_text(SMALL.replace('"Small"', '"\\u001b[31mred"'), encoding="utf-8")
    assert "\x1b" not in shown("circuit", small)
    assert document("circuit", small)["title"] == "\x1b[31mred"
