"""The stored reports of pull requests say what the test of the monorepo expects of new ones."""

import json
from pathlib import Path

import pytest

from tests.browser.pull_request_reports import FOLDER, NAMES, name_file
from tests.end_to_end.engine.test_monorepo import PULL_REQUESTS, UNCHANGED, summarize


@pytest.mark.parametrize("name", NAMES)
def test_a_stored_report_has_what_a_new_one_has(name: str) -> None:
    document = json.loads((FOLDER / name_file(name)).read_text("utf-8"))
    images = {
        str(Path(image["dockerfile"]).parent): summarize(image)
        for image in document["images"]
        if image["state"] not in UNCHANGED
    }
    assert images == PULL_REQUESTS[name].expected.images


def test_no_other_report_is_stored() -> None:
    assert {path.name for path in FOLDER.iterdir()} == {name_file(name) for name in NAMES}
