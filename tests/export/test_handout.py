"""A sheet in every form: which files there are, and what stands on them about where they come from."""

import pytest

from backprop import example, trace
from backprop.export.filled import filled
from backprop.export.formats import PLAIN
from backprop.export.handout import FORMS, handout, link, note, stem
from backprop.lessons.link import MAX_LINK


@pytest.mark.parametrize("forms", [FORMS, ("csv",), ("tex", "xlsx")])
def test_the_files_of_a_sheet_are_those_asked_for_and_have_the_same_blanks(forms):
    t = trace(example("towardsai"))
    files = handout(t, "Title", PLAIN, ["update"], forms, 3, "ex=towardsai&seed=3")
    ends = {"tex": ["sheet.tex", "key.tex"], "csv": ["sheet.csv"], "xlsx": ["sheet.xlsx"]}
    assert list(files) == [end for form in forms for end in ends[form]]
    new = sum(step.value.size for step in t if step.phase == "update")
    printed = sum(step.value.size for step in (*t.given, *t)) - new - 1 - 2  # the loss once, a tied bias once a layer
    for end, data in files.items():
        if end.endswith(".tex"):
            assert data.count(rb"{\approx \fillin}") == (new if end == "sheet.tex" else 0)
        else:
            assert len(filled(end, data)) == printed + 2


def test_a_blank_that_there_is_not_is_refused():
    with pytest.raises(ValueError, match="“nonsense” cannot be left blank"):
        handout(trace(example("neuron")), "", PLAIN, ["nonsense"])


def test_a_sheet_says_how_it_is_opened_where_a_link_can_say_it():
    assert (
        note(17, "ex=xor&seed=17") == "Variant 17. To open it in the app, put ?ex=xor&seed=17 behind the app's address."
    )
    assert note(0, "ex=xor") == "To open this sheet in the app, put ?ex=xor behind the app's address."
    assert note(17, "x" * MAX_LINK) == "Variant 17." and note(0, "") == note(0, "x" * MAX_LINK) == ""
    assert len(link("x" * (MAX_LINK - 1))) == MAX_LINK


def test_a_long_link_may_break_on_paper():
    packed = "lesson=1" + "aB_-" * 200
    text = handout(trace(example("neuron")), "", PLAIN, [], ("tex",), 5, packed)["sheet.tex"].decode()
    line = next(line for line in text.splitlines() if "Variant 5" in line)
    assert line.count(r"\allowbreak{}") >= 18
    assert line.replace(r"\allowbreak{}", "").replace("{}", "").replace("\\_", "_").count("aB_-") == 200


def test_names_sort_by_seed():
    seeds = [1, 2, 10, 9999]
    assert sorted(stem("xor", seed) for seed in seeds) == [stem("xor", seed) for seed in seeds]
    assert stem("xor", 7, 10) == "xor-seed-0000000007"
