"""Attribution: pairing, naming, and above all sums without remainder."""

from hypothesis import given
from hypothesis import strategies as st

from bot.core.compare import compare
from bot.core.entries import OwnerKey
from bot.core.model import Attribution, Cause, Image, Instruction, Layer


def layer(
    text: str, size: int, diff: str = "", content: str = "", base: bool = False, line: int = 0
) -> Layer:
    diff = diff or f"{text}{size}"
    return Layer(
        index=0,
        diff_id=diff,
        unpacked_bytes=size,
        compressed_bytes=size // 2,
        files=1,
        created_by=text,
        content_id=content or diff,
        owners=_owners(size) if size else {},
        instruction=Instruction(text.split(maxsplit=1)[0], text, line, line) if line else None,
        from_base_image=base,
    )


def _owners(size: int) -> dict[OwnerKey, int]:
    parts = {"/a": size - size // 3, "/b": size // 3}
    return {OwnerKey("directory", name): part for name, part in parts.items()}


def image(*layers: Layer) -> Image:
    total = sum(x.unpacked_bytes for x in layers)
    return Image(
        "x",
        repr(layers),
        "linux/amd64",
        layers,
        compressed_exact=True,
        filesystem_bytes=total,
        files=1,
    )


def rows(base: Image, head: Image) -> list[tuple[Cause, str, int]]:
    return [(x.cause, x.text, x.delta_bytes) for x in compare(base, head).attribution]


def test_nothing_changed_nothing_said() -> None:
    same = image(layer("FROM", 9, base=True), layer("RUN a", 5))
    assert rows(same, same) == []


def test_an_added_instruction_does_not_shift_the_rest() -> None:
    base = image(layer("RUN a", 5), layer("RUN c", 7, diff="c1", content="c"))
    head = image(layer("RUN a", 5), layer("RUN b", 3), layer("RUN c", 7, diff="c2", content="c"))
    assert rows(base, head) == [(Cause.INSTRUCTION, "RUN b", 3), (Cause.REBUILT, "RUN c", 0)]


def test_an_edited_instruction_is_one_row() -> None:
    base = image(layer("RUN apt-get install gcc", 10), layer("COPY . /app", 1))
    head = image(layer("RUN apt-get install gcc vim", 30), layer("COPY . /app", 1))
    assert rows(base, head) == [(Cause.INSTRUCTION, "RUN apt-get install gcc vim", 20)]


def test_unlike_instructions_are_one_removed_and_one_added() -> None:
    base = image(layer("RUN make world-of-things", 10))
    head = image(layer("RUN pip install x", 4))
    assert sorted(rows(base, head)) == [
        (Cause.INSTRUCTION, "RUN make world-of-things", -10),
        (Cause.INSTRUCTION, "RUN pip install x", 4),
    ]


def test_another_base_image_is_one_row_of_its_own() -> None:
    base = image(layer("A", 100, base=True), layer("B", 5, base=True), layer("RUN x", 3))
    head = image(layer("C", 40, base=True), layer("RUN x", 3, diff="other", content="y"))
    assert rows(base, head) == [
        (Cause.BASE_IMAGE, "the base image", -65),
        (Cause.INSTRUCTION, "RUN x", 0),
    ]


def test_a_lost_instruction_is_shown_with_the_lines_it_had() -> None:
    base = image(layer("RUN a", 5, line=4))
    (row,) = compare(base, image()).attribution
    assert (row.side, row.line_start, row.delta_bytes) == ("base", 4, -5)


def test_the_pull_is_what_the_old_image_lacks() -> None:
    base = image(layer("RUN a", 10), layer("RUN b", 20))
    head = image(layer("RUN a", 10), layer("RUN b", 40))
    delta = compare(base, head).delta
    assert delta is not None
    assert delta.pull_delta_bytes == 20


@st.composite
def any_layer(draw: st.DrawFn) -> Layer:
    """Equal diff IDs mean equal bytes, as digests do."""
    size = draw(st.integers(0, 9))
    return layer(
        draw(
            st.sampled_from(
                ["RUN a", "RUN ab", "COPY x /x", "RUN something else", "WORKDIR /w", ""]
            )
        ),
        size,
        diff=f"{draw(st.sampled_from('pqr'))}{size}",
        content=draw(st.sampled_from(["", f"s{size}"])),
        base=draw(st.booleans()),
    )


layers = st.lists(any_layer(), max_size=7)


@given(layers, layers)
def test_no_byte_is_left_unexplained(before: list[Layer], after: list[Layer]) -> None:
    base, head = image(*before), image(*after)
    comparison = compare(base, head)
    assert comparison.delta is not None
    assert sum(x.delta_bytes for x in comparison.attribution) == comparison.delta.unpacked_bytes
    assert all(owners(x) == x.delta_bytes for x in comparison.attribution)


def owners(row: Attribution) -> int:
    return sum(owner.delta_bytes for owner in row.owners)
