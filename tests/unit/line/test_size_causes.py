"""The cause of a commit's change is the one that the comment of its review names."""

from hypothesis import assume, given
from hypothesis import strategies as st

from bot.line.size_causes import Cause, find_cause
from bot.model.image import Image
from bot.model.spec import ImageSpec
from bot.records.image_detail import parse_detail, render_detail
from bot.records.record import Record
from bot.records.record_writer import make_image_record
from bot.report.page.row_changes import list_main_changes
from tests.support.image_world import compared, image

_SPEC = ImageSpec("api", "Dockerfile", ".")
_MOVED_OLD = "RUN npm ci 160MB (npm big 1 160MB) / COPY . 1MB"
_MOVED_NEW = "COPY . 1MB / RUN yarn 160MB (npm big 1 160MB) / RUN pip 25MB (npm polars 1 25MB)"


def record(measured: Image, commit: str) -> Record:
    return make_image_record(_SPEC, measured, commit, "2026-01-02T03:04:05Z")


def explain(before: str, after: str, *, has_images: bool = True) -> Cause:
    """Return the cause of a change between two images, of which details were entry, or not."""
    old, new = image(before), image(after)
    records = record(old, "a" * 40), record(new, "b" * 40)
    images = {
        entry.commit: parse_detail(render_detail(measured) or b"", entry)
        for entry, measured in zip(records, (old, new), strict=True)
    }
    return find_cause(*records, lambda entry: images[entry.commit] if has_images else None)


def test_a_package_that_went_to_another_line_is_no_cause() -> None:
    cause = explain(_MOVED_OLD, _MOVED_NEW)
    assert (cause.text, cause.line_start, cause.owner) == ("RUN pip", 3, "polars")


def test_without_the_owners_of_layers_no_line_is_named_that_may_hold_what_moved() -> None:
    cause = explain(_MOVED_OLD, _MOVED_NEW, has_images=False)
    assert (cause.text, cause.line_start, cause.owner) == ("", None, "polars")
    fewer = explain(_MOVED_NEW, _MOVED_OLD, has_images=False)
    assert (fewer.text, fewer.owner) == ("", "polars")


def test_a_line_that_is_only_added_is_named_without_them_as_well() -> None:
    old = "FROM debian 75MB / COPY . 1MB"
    cause = explain(old, f"{old} / RUN pip 25MB (npm polars 1 25MB)", has_images=False)
    assert (cause.text, cause.owner) == ("RUN pip", "polars")
    removal = explain(f"{old} / RUN pip 25MB (npm polars 1 25MB)", old, has_images=False)
    assert (removal.text, removal.owner) == ("RUN pip", "polars")


_PACKAGES = st.dictionaries(st.sampled_from("abcdef"), st.integers(1, 90), min_size=1, max_size=3)


@st.composite
def worlds(draw: st.DrawFn) -> str:
    """Draw an image of some lines, which install some packages each."""
    steps = []
    for line in draw(st.lists(st.sampled_from("uvwxyz"), min_size=1, max_size=4, unique=True)):
        packages = draw(_PACKAGES)
        owners = ", ".join(f"npm {name} 1 {size}MB" for name, size in packages.items())
        steps.append(f"RUN {line * 9} {sum(packages.values())}MB ({owners})")
    return " / ".join(steps)


@given(before=worlds(), after=worlds())
def test_it_is_the_line_and_the_package_of_the_comment(before: str, after: str) -> None:
    changes = list_main_changes(compared(before, after))
    assume(changes)  # a search looks for what changed a size
    cause = explain(before, after)
    # Of two that are as large, either may come first.
    texts = {x.row.text for x in changes if x.bytes == changes[0].bytes}
    assert cause.text in texts
    (row,) = (x.row for x in changes if x.row.text == cause.text)
    alike = {x.name: x.delta_bytes for x in row.owners if x.delta_bytes * row.delta_bytes > 0}
    assert abs(alike[cause.owner]) == max(map(abs, alike.values()))
