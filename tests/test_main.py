"""The command line: examples, trace, worksheet, check; and that bad input gets one clear sentence, exit 2 and no traceback."""

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from urllib.parse import parse_qsl

import pytest

from backprop import Lesson, check, example, trace
from backprop.__main__ import main
from backprop.engine.activations import ACTIVATIONS
from backprop.engine.steps import Cell
from backprop.explain import numerals
from backprop.explain.numerals import full
from backprop.explain.readings import Style
from backprop.export.filled import filled
from backprop.export.formats import FORMATS, Format
from backprop.export.sheet import covered
from backprop.export.table import to_csv
from backprop.lessons.examples import EXAMPLES
from backprop.practice.variants import variant
from backprop.ui import visit

ROOT = Path(__file__).parent.parent
GOOD = json.loads(example("towardsai").to_json())
KEYS = "title, layers, activations, loss, weights, init, biases, inputs, targets, learning_rate, update_biases, shared_bias, leaky_slope"
FINITE = "allowed are finite numbers up to 1.8e308"


def program(*arguments: str) -> subprocess.CompletedProcess:
    """The command line as a program of its own."""
    return subprocess.run([sys.executable, "-m", "backprop", *arguments], cwd=ROOT, capture_output=True, check=False)


def run(capfd, *arguments: str) -> tuple[int, str, str]:
    """(exit status, standard output, standard error) in this process; line ends as they were written."""
    status = main(list(arguments))
    out, err = capfd.readouterr()
    return status, out, err


# --- examples


def test_examples_are_listed_one_a_line_with_a_title(capfd):
    status, out, err = run(capfd, "examples")
    assert (status, err) == (0, "")
    assert [line.split(None, 1) for line in out.splitlines()] == [[name, row.title] for name, row in EXAMPLES.items()]


# --- trace


@pytest.mark.parametrize("name", EXAMPLES)
def test_trace_of_every_example_is_its_csv(capfd, name):
    status, out, err = run(capfd, "trace", name)
    assert (status, err) == (0, "") and out.encode() == to_csv(trace(example(name))).encode()


def test_trace_of_a_file_is_the_same_as_of_the_example(tmp_path, capfd):
    path = tmp_path / "lesson.json"
    path.write_text(example("xor").to_json(), encoding="utf-8")
    assert (
        run(capfd, "trace", str(path), "--iteration", "7")
        == run(capfd, "trace", "xor", "--iteration", "7")
        == (0, to_csv(trace(example("xor"), 7)), "")
    )


@pytest.mark.parametrize("name", FORMATS)
def test_trace_writes_a_file_of_every_format(tmp_path, capfd, name):
    path = tmp_path / "out"
    assert run(capfd, "trace", "neuron", "--format", name, "-o", str(path)) == (0, "", "")
    assert path.read_bytes()


def test_csv_is_the_default_format(tmp_path, capfd):
    assert run(capfd, "trace", "neuron") == run(capfd, "trace", "neuron", "--format", "csv")


@pytest.mark.parametrize("name", [name for name, row in FORMATS.items() if not row.binary])
def test_trace_prints_every_text_format(capfd, name):
    status, out, err = run(capfd, "trace", "neuron", "--format", name)
    lesson = example("neuron")
    assert (status, err) == (0, "") and out.encode() == FORMATS[name].make(trace(lesson), lesson.title)


@pytest.mark.parametrize("name", [name for name, row in FORMATS.items() if row.several])
def test_a_range_of_iterations_in_one_file(tmp_path, capfd, name):
    path = tmp_path / "out"
    arguments = ("trace", "xor", "--format", name, "--iterations", "99..102")
    assert run(capfd, *arguments, "-o", str(path)) == (0, "", "")
    several = FORMATS[name].several
    assert several and path.read_bytes() == several([trace(example("xor"), k) for k in (99, 100, 101, 102)])
    assert run(capfd, *arguments)[1].encode() == path.read_bytes()


def test_a_range_of_one_is_that_iteration(capfd):
    assert run(capfd, "trace", "xor", "--iterations", "7..7") == run(capfd, "trace", "xor", "--iteration", "7")


@pytest.mark.parametrize("name", [name for name, row in FORMATS.items() if not row.several])
def test_a_range_is_refused_where_a_file_holds_one_iteration(capfd, name):
    came = run(capfd, "trace", "xor", "--format", name, "--iterations", "0..1")
    assert came == (2, "", f"The format {name} holds one iteration; several fit in csv, json.\n")


@pytest.fixture
def picture(monkeypatch):
    """A binary format beside the others."""
    row = Format("picture", "Picture", ".bin", "application/x-picture", lambda trace, title: b"\x00\xff", binary=True)
    monkeypatch.setitem(FORMATS, "picture", row)


def test_a_binary_format_goes_to_a_file_or_a_pipe(tmp_path, capfdbinary, picture):
    assert main(["trace", "xor", "--format", "picture"]) == 0
    assert main(["trace", "xor", "--format", "picture", "-o", str(tmp_path / "out")]) == 0
    assert capfdbinary.readouterr() == (b"\x00\xff", b"") and (tmp_path / "out").read_bytes() == b"\x00\xff"


def test_a_binary_format_is_kept_off_a_terminal(tmp_path, capfd, picture, monkeypatch):
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    said = "The format picture is not text; say with -o FILE where it shall go.\n"
    assert run(capfd, "trace", "xor", "--format", "picture") == (2, "", said)
    assert run(capfd, "trace", "xor", "--format", "picture", "-o", str(tmp_path / "out")) == (0, "", "")
    assert run(capfd, "trace", "xor")[0] == 0


# --- check


@pytest.mark.parametrize("name", EXAMPLES)
def test_check_of_every_example_agrees_and_states_its_tolerance(capfd, name):
    status, out, err = run(capfd, "check", name)
    lines = out.splitlines()
    count = len(check(example(name)))
    assert (status, err) == (0, "") and len(lines) == count + 2
    assert (
        lines[-1]
        == f"{count} gradients, 0 differ, 0 at a kink; tolerance: 1e-06 of the largest in the same step + 1e-09 · max(1, loss)."
    )
    assert all(line.endswith("  agrees") for line in lines[1:-1])


def test_check_reports_a_kink_as_a_kink(tmp_path, capfd):
    lesson = Lesson(
        layers=[1, 1, 1],
        activations=["relu", "linear"],
        loss="half_squared_error",
        weights=[[[1.0]], [[1.0]]],
        inputs=[[0.0]],
        targets=[[1.0]],
        learning_rate=0.1,
    )
    (tmp_path / "kink.json").write_text(lesson.to_json(), encoding="utf-8")
    status, out, err = run(capfd, "check", str(tmp_path / "kink.json"))
    assert (status, err) == (0, "")
    assert [line.split()[0] for line in out.splitlines() if line.endswith("kink: no derivative here")] == [
        "dL_db1[1]",
        "dL_dx[1]",
    ]
    assert "5 gradients, 0 differ, 2 at a kink" in out


def test_check_exits_1_when_backpropagation_is_wrong(tmp_path, capfd, monkeypatch):
    row = ACTIVATIONS["tanh"]
    monkeypatch.setitem(ACTIVATIONS, "tanh", replace(row, slope_at=lambda z, a: 1.0 - a))
    lesson = Lesson(
        title="tanh is wrong at the command line",
        layers=[1, 1],
        activations=["tanh"],
        loss="half_squared_error",
        weights=[[[0.5]]],
        inputs=[[1.0]],
        targets=[[1.0]],
        learning_rate=0.1,
    )
    (tmp_path / "wrong.json").write_text(lesson.to_json(), encoding="utf-8")
    status, out, err = run(capfd, "check", str(tmp_path / "wrong.json"))
    assert (status, err) == (1, "")
    assert "3 gradients, 3 differ, 0 at a kink" in out and [
        line.split()[0] for line in out.splitlines() if line.endswith("differs")
    ] == ["dL_dW1[1,1]", "dL_db1[1]", "dL_dx[1]"]


# --- worksheet


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_sheets_with_numbers_of_their_own_and_their_keys(tmp_path, capfd):
    folder = tmp_path / "class" / "sheets"
    assert run(capfd, "worksheet", "towardsai", "-n", "3", "--seed", "9", "-o", str(folder)) == (0, "", "")
    ends = ("key.tex", "sheet.csv", "sheet.tex", "sheet.xlsx")
    assert names(folder) == [f"towardsai-seed-{seed:04d}-{end}" for seed in (9, 10, 11) for end in ends]
    for seed in (9, 10, 11):
        t, begin = trace(variant(example("towardsai"), seed)), f"towardsai-seed-{seed:04d}-"
        sheet, key = ((folder / f"{begin}{end}.tex").read_text(encoding="utf-8") for end in ("sheet", "key"))
        assert rf"?ex=towardsai\&seed={seed} behind" in sheet and rf"Variant {seed}" in key
        assert (
            r"\approx \fillin" in sheet and "fillin" not in key.partition(r"\begin{document}")[2] and "Answers" in key
        )
        assert numerals.tex(t.at(Cell("dL_dW", 2, None, 1, 1))) in key
        printed, blank = (
            filled("a.csv", (folder / f"{begin}sheet.csv").read_bytes()),
            covered(t, Style({}), None, ["backward"]),
        )
        cells = {cell for step in (*t.given, *t) for cell in t.cells(step)} - {Cell("loss", 2, 1)}
        assert {cell for _k, cell in printed} == cells - blank
        assert {key: float(text) for key, text in printed.items()} == {(0, c): t.at(c) for c in cells - blank}
        assert filled("a.xlsx", (folder / f"{begin}sheet.xlsx").read_bytes()).keys() == printed.keys()


def test_a_pupil_opens_the_sheet_in_the_app_by_the_link_on_it(tmp_path, capfd):
    (tmp_path / "mine.json").write_text(example("xor").changed(learning_rate=0.3).to_json(), encoding="utf-8")
    arguments = ("worksheet", str(tmp_path / "mine.json"), "--format", "csv", "--iteration", "2", "--seed", "5")
    assert run(capfd, *arguments, "-o", str(tmp_path / "out")) == (0, "", "")
    assert names(tmp_path / "out") == ["mine-seed-0005-sheet.csv"]
    row = (tmp_path / "out" / "mine-seed-0005-sheet.csv").read_text(encoding="utf-8").splitlines()[1]
    place, told = visit.arrived(dict(parse_qsl(row.rpartition(",?")[2])))
    assert told == [] and place.iteration == 2
    assert place.lesson == variant(example("xor").changed(learning_rate=0.3), 5)


def test_seed_0_is_the_lesson_itself_and_names_sort_by_seed(tmp_path, capfd):
    assert run(capfd, "worksheet", "neuron", "--seed", "0", "--format", "csv", "-o", str(tmp_path / "a"))[0] == 0
    came = filled("x", (tmp_path / "a" / "neuron-seed-0000-sheet.csv").read_bytes())
    assert came[0, Cell("x", 0, 1, 1)] == full(example("neuron").inputs[0][0])
    last = ("--seed", "4294967294", "-n", "2", "--format", "csv", "--format", "tex")
    assert run(capfd, "worksheet", "neuron", *last, "-o", str(tmp_path / "b"))[0] == 0
    assert names(tmp_path / "b")[0] == "neuron-seed-4294967294-key.tex" and len(names(tmp_path / "b")) == 6


def test_what_is_left_blank_is_chosen(tmp_path, capfd):
    blank = ("--blank", "loss", "dL_dz", "W_new.1..1.1")
    assert run(capfd, "worksheet", "xor", "--format", "csv", *blank, "-o", str(tmp_path / "a")) == (0, "", "")
    t = trace(variant(example("xor"), 1))
    left_out = covered(t, Style({}), None, ["loss", "dL_dz", Cell("W_new", 1, None, 1, 1)])
    came = {cell for _k, cell in filled("x", (tmp_path / "a" / "xor-seed-0001-sheet.csv").read_bytes())}
    assert came == {cell for step in (*t.given, *t) for cell in t.cells(step)} - left_out and len(left_out) > 10


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["xor"], "-o"),
        (["xor", "-o", "OUT", "-n", "0"], "-n 0 is out of reach; allowed are 1 to 1000 sheets."),
        (["xor", "-o", "OUT", "-n", "1001"], "-n 1001 is out of reach; allowed are 1 to 1000 sheets."),
        (["xor", "-o", "OUT", "--seed", "-1"], "The seeds -1 to -1 are out of reach; allowed are 0 to 4294967295."),
        (
            ["xor", "-o", "OUT", "--seed", "4294967295", "-n", "2"],
            "The seeds 4294967295 to 4294967296 are out of reach",
        ),
        (["xor", "-o", "OUT", "--seed", "one"], "“one” is not a whole number"),
        (["xor", "-o", "OUT", "--format", "pdf"], "pdf"),
        (["xor", "-o", "OUT", "--blank", "given"], "“given” cannot be left blank; allowed are forward, loss, "),
        (["xor", "-o", "OUT", "--blank", "z.9.1.1"], "cannot be left blank; allowed are forward, loss, "),
        (["xor", "-o", "OUT", "--iteration", "100001"], "Iteration 100001 is out of reach; allowed are 0 to 100000."),
        (["nowhere.json", "-o", "OUT"], "“nowhere.json” cannot be read"),
        (["xor", "-o", "FULL"], "FULL” is not empty; nothing was written. Allowed is a new or an empty folder."),
        (["xor", "-o", "FULL/file"], "FULL/file” cannot be written (Not a directory)."),
    ],
)
def test_bad_sheets_get_one_line_and_nothing_is_written(tmp_path, capfd, monkeypatch, arguments, said):
    (tmp_path / "FULL").mkdir()
    (tmp_path / "FULL" / "file").write_text("mine", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    status, out, err = run(capfd, "worksheet", *arguments)
    assert (status, out) == (2, "") and err.count("\n") == 1 and said in err, err
    assert names(tmp_path) == ["FULL"] and names(tmp_path / "FULL") == ["file"]


# --- bad input

BAD = {
    # name: (the file, the sentences that follow its name)
    "empty": ("", ["This is not a JSON text (line:column 1:1); a lesson file is one JSON object."]),
    "not JSON": ("weights: 3", ["This is not a JSON text (line:column 1:1); a lesson file is one JSON object."]),
    "a list": ("[]", ["The file holds a list; a lesson file is one JSON object."]),
    "nested": ("[" * 100_000, ["This is not a JSON text (line:column 1:1); a lesson file is one JSON object."]),
    "NaN": (json.dumps({**GOOD, "learning_rate": float("nan")}), [f"The file holds the number NaN; {FINITE}."]),
    "1e400": (json.dumps({**GOOD, "learning_rate": 0}).replace('"learning_rate": 0', '"learning_rate": 1e400'), [f"“learning_rate” came as a number that is not finite; {FINITE}."]),
    "10^400": (json.dumps({**GOOD, "learning_rate": 10**400}), [f"“learning_rate” came as a number that is not finite; {FINITE}."]),
    "unknown key": (json.dumps({**GOOD, "biasses": []}), [f"The key “biasses” is not known; allowed are {KEYS}."]),
    "half a character": (json.dumps({**GOOD, "\ud800": []}), [f"The key “\\ud800” is not known; allowed are {KEYS}."]),
    "wrong shape": (json.dumps({**GOOD, "weights": [[[1, 2]], [[1, 2], [3, 4]]]}), ["“weights[1]” came as 1×2; allowed is 2×2: a row per receiving unit, a number per sending unit."]),
    "softmax hidden": (json.dumps({**GOOD, "activations": ["softmax", "sigmoid"]}), ["“activations[1]” came as softmax; softmax is allowed on the last layer only."]),
    "zero units": (json.dumps({**GOOD, "layers": [2, 0, 2]}), ["“layers[2]” came as 0; a layer has 1 to 8 units."]),
    "two faults": (json.dumps({**GOOD, "layers": [2, 0, 9]}), ["“layers[2]” came as 0; a layer has 1 to 8 units.", "“layers[3]” came as 9; a layer has 1 to 8 units."]),
}  # fmt: skip


@pytest.mark.parametrize("command", [["trace"], ["check"], ["worksheet", "-o", "out"]], ids=lambda c: c[0])
@pytest.mark.parametrize("name", BAD)
def test_a_bad_lesson_file_gets_one_line_per_fault_and_exit_2(tmp_path, capfd, command, name):
    path = tmp_path / "bad.json"
    path.write_text(BAD[name][0], encoding="utf-8")
    status, out, err = run(capfd, *command, str(path))
    assert (status, out) == (2, "")
    assert err.splitlines() == [f"{path}: {sentence}" for sentence in BAD[name][1]]


@pytest.mark.parametrize("command", ["trace", "check"])
def test_a_file_of_fifty_megabytes(tmp_path, capfd, command):
    path = tmp_path / "big.json"
    with open(path, "wb") as file:
        file.truncate(50_000_000)
    assert run(capfd, command, str(path)) == (
        2,
        "",
        f"{path}: The lesson has 50000000 bytes; at most 1000000 are allowed.\n",
    )


@pytest.mark.parametrize("command", ["trace", "check"])
@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("nowhere.json", "No such file or directory"),
        (".", "Is a directory"),
        ("mazur", "No such file or directory"),
        ("a\0b", "null"),
        ("x" * 5000, "File name too long"),
    ],
)
def test_what_is_neither_a_file_nor_an_example(capfd, command, name, reason):
    status, out, err = run(capfd, command, name)
    assert (status, out) == (2, "") and err.count("\n") == 1
    assert (
        err.startswith(f"“{name[:120]}” cannot be read (")
        and reason in err
        and err.endswith(f"allowed is a lesson file or an example: {', '.join(EXAMPLES)}.\n")
    ), err


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ([], "COMMAND"),
        (["nonsense"], "nonsense"),
        (["trace"], "LESSON.json|EXAMPLE"),
        (["trace", "xor", "--iteration", "two"], "“two” is not a whole number"),
        (["trace", "xor", "--iteration", "1.5"], "“1.5” is not a whole number"),
        (["trace", "xor", "--iteration", "-1"], "Iteration -1 is out of reach; allowed are 0 to 100000."),
        (["trace", "xor", "--iteration", "100001"], "Iteration 100001 is out of reach; allowed are 0 to 100000."),
        (["trace", "xor", "--iteration", "9" * 5000], "is out of reach; allowed are 0 to 100000."),
        (["trace", "xor", "--format", "pdf"], "pdf"),
        (
            ["trace", "xor", "--iterations", "1-2"],
            "“1-2” is not a range of iterations; allowed is A..B, such as 0..100",
        ),
        (["trace", "xor", "--iterations", "1..٢"], "is not a range of iterations; allowed is A..B, such as 0..100"),
        (["trace", "xor", "--iterations", "-1..2"], "--iterations"),
        (["trace", "xor", "--iterations", "9" * 5000 + "..1"], "is not a range of iterations"),
        (["trace", "xor", "--iterations", "5..2"], "The range 5..2 runs backwards."),
        (["trace", "xor", "--iterations", "0..1000"], "The range holds 1001 iterations; at most 1000 are allowed."),
        (["trace", "deep", "--iterations", "0..999"], "The range holds 135000 numbers; at most 100000 are allowed."),
        (
            ["trace", "xor", "--iterations", "100000..100001"],
            "Iteration 100001 is out of reach; allowed are 0 to 100000.",
        ),
        (["trace", "xor", "--iterations", "0..1", "--iteration", "1"], "not allowed with argument"),
        (["trace", "xor", "--nonsense"], "--nonsense"),
        (
            ["trace", "xor", "-o", "/nowhere/at/all.csv"],
            "“/nowhere/at/all.csv” cannot be written (No such file or directory).",
        ),
        (["trace", "xor", "-o", "."], "“.” cannot be written (Is a directory)."),
        (["check", "xor", "gurarie"], "gurarie"),
    ],
)
def test_bad_arguments_get_one_line_and_exit_2(capfd, arguments, said):
    status, out, err = run(capfd, *arguments)
    assert (status, out) == (2, "") and err.count("\n") == 1 and said in err, err


@pytest.mark.parametrize(
    ("arguments", "status"),
    [
        (["trace", "nowhere.json"], 2),
        (["check", "gurarie"], 0),
        (["trace"], 2),
        (["trace", "xor", "--iteration", "-1"], 2),
    ],
)
def test_the_program_exits_as_the_function_returns_without_a_traceback(arguments, status):
    came = program(*arguments)
    assert (
        came.returncode == status
        and b"Traceback" not in came.stderr
        and (came.stdout == b"") == (status == 2)
        and (came.stderr == b"") == (status == 0)
    )


def test_the_program_refuses_a_bad_file_in_one_line(tmp_path):
    path = tmp_path / "bad.json"
    path.write_text(BAD["half a character"][0], encoding="utf-8")
    came = program("trace", str(path))
    assert (came.returncode, came.stdout) == (2, b"") and came.stderr.decode().splitlines() == [
        f"{path}: {BAD['half a character'][1][0]}"
    ]


def test_a_reader_who_has_seen_enough_is_no_error():
    command = f"{sys.executable} -m backprop trace dabbura-tanh | head -1"
    came = subprocess.run(["bash", "-c", f"set -o pipefail; {command}"], cwd=ROOT, capture_output=True, check=False)
    assert came.stderr == b"" and came.stdout.startswith(b"iteration,step,") and came.returncode == 0


@pytest.mark.parametrize(
    "arguments", [["--help"], ["trace", "--help"], ["worksheet", "--help"], ["check", "--help"], ["examples", "--help"]]
)
def test_help_is_there(capfd, arguments):
    with pytest.raises(SystemExit) as left:
        main(arguments)
    assert left.value.code == 0 and "usage: python -m backprop" in capfd.readouterr().out
