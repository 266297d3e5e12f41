"""The small network on which two parameters are chosen."""

import json
import xml.etree.ElementTree as ET

import pytest

from backprop.figures.chooser import chooser_svg
from backprop.lessons.examples import EXAMPLES, example
from backprop.runs.pair import learnable


@pytest.mark.parametrize("name", EXAMPLES)
def test_every_parameter_can_be_clicked_on(name):
    lesson = example(name)
    every = learnable(lesson)
    wishes = {cell: {"along": every[0].address, "across": cell.address} for cell in every}
    titles = {cell: cell.address for cell in every}
    root = ET.fromstring(chooser_svg(lesson.network, {every[0]: "p1", every[-1]: "p2"}, wishes, titles, "title"))
    picks = [each for each in root.iter("g") if each.get("class") == "pick"]
    assert [json.loads(each.get("data-set")) for each in picks] == list(wishes.values())
    assert len({ET.tostring(each.find("line")) for each in picks}) == len(every), "no two lie on one another"
    hues = [line.get("style").split(";")[0] for line in root.findall("line")]
    assert hues.count("stroke:var(--p1)") == 1 and hues.count("stroke:var(--p2)") == 1
    for line in root.iter("line"):
        assert all(-2 <= float(line.get(side)) <= 152 for side in ("x1", "x2", "y1", "y2"))
