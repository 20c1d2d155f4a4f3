"""docs/events.md and the recorded events: the table leaves none out."""

from pathlib import Path

import pytest

from tests.events import NAMES

PAGE = (Path(__file__).parent.parent / "docs/events.md").read_text("utf-8")


@pytest.mark.parametrize("event", sorted({name.partition(".")[0] for name in NAMES}))
def test_the_table_has_every_event(event: str) -> None:
    assert f"| `{event}`" in PAGE
