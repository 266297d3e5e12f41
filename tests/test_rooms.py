"""The house: rooms in a straight fall, no page library below the pages, and a package whose own examples are true."""

import ast
import doctest
import subprocess
import sys
from pathlib import Path

import pytest

import backprop

ROOT = Path(__file__).parent.parent
PACKAGE = ROOT / "backprop"
ORDER = ("language", "engine", "lessons", "explain", "runs", "practice", "figures", "export", "ui")
PAGE_LIBRARIES = ("streamlit", "plotly")
FILES = sorted(PACKAGE.rglob("*.py"))


def module(path: Path) -> str:
    """backprop/engine/steps.py ⇒ backprop.engine.steps."""
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def room(name: str) -> str | None:
    """backprop.engine.steps ⇒ engine; None for the package itself and its command line."""
    parts = name.split(".")
    return parts[1] if len(parts) > 1 and parts[1] != "__main__" else None


def imported(path: Path) -> set[str]:
    """The modules that a file imports, wherever in the file."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path.name} imports relatively, line {node.lineno}"
            found |= {f"{node.module}.{alias.name}" for alias in node.names}
    return found


BELOW_THE_PAGES = [path for path in FILES if room(module(path)) not in ("figures", "ui")]


@pytest.mark.parametrize("path", FILES, ids=module)
def test_a_room_imports_only_from_rooms_above_it(path):
    here = room(module(path))
    for name in imported(path):
        if name.split(".")[0] != "backprop" or here is None:
            continue
        there = room(name)
        assert there in ORDER and here in ORDER, f"{module(path)} imports {name}; the rooms are {', '.join(ORDER)}"
        assert there == here or ORDER.index(there) < ORDER.index(here), (
            f"{module(path)} imports {name}, which lies below it"
        )


def test_no_file_imports_itself_in_a_circle():
    names = {module(path): path for path in FILES}
    reached = {
        name: {
            known
            for each in imported(path)
            for known in (each, each.rpartition(".")[0])
            if known in names and known != name and known.count(".") > 1
        }
        for name, path in names.items()
    }

    def walk(name: str, above: tuple[str, ...]) -> None:
        assert name not in above, " imports ".join((*above[above.index(name) :], name))
        for each in reached[name]:
            walk(each, (*above, name))

    for name in names:
        walk(name, ())


@pytest.mark.parametrize("path", FILES, ids=module)
def test_the_page_libraries_stay_where_they_belong(path):
    allowed = {"ui": PAGE_LIBRARIES, "figures": ("plotly",)}.get(room(module(path)), ())
    used = {name.split(".")[0] for name in imported(path)} & set(PAGE_LIBRARIES)
    assert used <= set(allowed), f"{module(path)} imports {used - set(allowed)}"


def test_everything_below_the_pages_runs_without_the_page_libraries():
    names = [module(path) for path in BELOW_THE_PAGES]
    script = f"import sys, importlib\nfor name in {names!r}: importlib.import_module(name)\nprint([name for name in {PAGE_LIBRARIES!r} if name in sys.modules])"
    came = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=False)
    assert (came.returncode, came.stdout, came.stderr) == (0, "[]\n", "")


@pytest.mark.parametrize("path", FILES, ids=module)
def test_every_file_says_what_it_is(path):
    assert (ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or "").strip(), (
        f"{module(path)} has no docstring"
    )


@pytest.mark.parametrize("name", backprop.__all__)
def test_no_file_bears_the_name_of_a_public_function(name):
    assert callable(getattr(backprop, name))
    assert not [path for path in FILES if path.stem == name]


def test_the_examples_in_the_docstrings_are_true():
    tested = 0
    for path in BELOW_THE_PAGES:
        if ">>>" in path.read_text(encoding="utf-8"):
            results = doctest.testmod(sys.modules.get(module(path)) or __import__(module(path), fromlist=["_"]))
            assert results.failed == 0, f"{module(path)}: {results}"
            tested += results.attempted
    assert tested >= 2
