"""Attribution: layer pairs, names, and rows that add up to the whole growth."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.compare.compare import compare_images
from bot.model.changes import LayerEffect, LayerEffectKind
from bot.model.comparison import Attribution, GrowthCause
from bot.model.files import Entry, EntryKind, OwnerKey, WasteCause, WastedFile
from bot.model.image import Image, InstructionRef, Layer


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
        instruction=InstructionRef(text.split(maxsplit=1)[0], text, line, line) if line else None,
        from_base_image=base,
    )


def _owners(size: int) -> dict[OwnerKey, int]:
    parts = {"/a": size - size // 3, "/b": size // 3}
    return {OwnerKey("directory", name): part for name, part in parts.items()}


def image(*unnumbered: Layer) -> Image:
    layers = tuple(replace(layer, index=index) for index, layer in enumerate(unnumbered))
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


def rows(base: Image, head: Image) -> list[tuple[GrowthCause, str, int]]:
    return [(x.cause, x.text, x.delta_bytes) for x in compare_images(base, head).attribution]


def test_equal_images_have_no_rows() -> None:
    same = image(layer("FROM", 9, base=True), layer("RUN a", 5))
    assert rows(same, same) == []


def test_an_inserted_instruction_does_not_shift_the_pairs() -> None:
    base = image(layer("RUN a", 5), layer("RUN c", 7, diff="c1", content="c"))
    head = image(layer("RUN a", 5), layer("RUN b", 3), layer("RUN c", 7, diff="c2", content="c"))
    assert rows(base, head) == [
        (GrowthCause.INSTRUCTION, "RUN b", 3),
        (GrowthCause.REBUILT, "RUN c", 0),
    ]


def test_an_edited_instruction_is_one_row() -> None:
    base = image(layer("RUN apt-get install gcc", 10), layer("COPY . /app", 1))
    head = image(layer("RUN apt-get install gcc vim", 30), layer("COPY . /app", 1))
    assert rows(base, head) == [(GrowthCause.INSTRUCTION, "RUN apt-get install gcc vim", 20)]


def test_an_instruction_that_moved_past_others_is_no_growth_of_its_own() -> None:
    tool, folder = layer("COPY tool /bin/", 50), layer("WORKDIR /app", 0)
    base = image(folder, tool, layer("RUN sync", 10))
    head = image(tool, folder, layer("RUN sync", 30))
    assert rows(base, head) == [(GrowthCause.INSTRUCTION, "RUN sync", 20)]
    matches = compare_images(base, head).layer_matches
    assert {(match.base_index, match.head_index) for match in matches} == {(0, 1), (1, 0), (2, 2)}


def test_of_an_instruction_that_is_there_twice_as_often_one_is_new() -> None:
    base = image(layer("RUN a", 5), layer("COPY . .", 1), layer("RUN b", 7))
    head = image(layer("RUN b", 7), layer("RUN a", 5), layer("COPY . .", 2), layer("RUN b", 8))
    assert sorted(rows(base, head), key=lambda row: row[1]) == [
        (GrowthCause.INSTRUCTION, "COPY . .", 1),
        (GrowthCause.INSTRUCTION, "RUN b", 7),
        (GrowthCause.INSTRUCTION, "RUN b", 1),
    ]


def test_dissimilar_instructions_are_one_removed_and_one_added() -> None:
    base = image(layer("RUN make world-of-things", 10))
    head = image(layer("RUN pip install x", 4))
    assert sorted(rows(base, head)) == [
        (GrowthCause.INSTRUCTION, "RUN make world-of-things", -10),
        (GrowthCause.INSTRUCTION, "RUN pip install x", 4),
    ]


def test_a_long_instruction_with_new_versions_is_one_that_was_edited() -> None:
    commands = (
        "curl -fsSLO example.com/v{0}.{1}/tool-{1}.tar.gz && tar -xzf tool-{1}.tar.gz -C /opt"
    )
    old, new = (
        "RUN " + " && ".join(commands.format(version, number) for number in range(6))
        for version in (1, 2)
    )
    expected = [(GrowthCause.INSTRUCTION, new, 3)]
    assert rows(image(layer(old, 10)), image(layer(new, 13))) == expected
    other = packages(
        "RUN " + " ; ".join(f"make thing-{number}" for number in range(30)), "o", deb_x_1=13
    )
    assert len(rows(image(layer(old, 10)), image(other))) == 2


def test_another_base_image_is_one_row_of_its_own() -> None:
    base = image(layer("A", 100, base=True), layer("B", 5, base=True), layer("RUN x", 3))
    head = image(layer("C", 40, base=True), layer("RUN x", 3, diff="other", content="y"))
    assert rows(base, head) == [
        (GrowthCause.BASE_IMAGE, "the base image", -65),
        (GrowthCause.INSTRUCTION, "RUN x", 0),
    ]


def test_a_removed_instruction_keeps_its_line_numbers() -> None:
    base = image(layer("RUN a", 5, line=4))
    (row,) = compare_images(base, image()).attribution
    assert (row.side, row.line_start, row.delta_bytes) == ("base", 4, -5)


def test_the_pull_delta_is_what_the_base_lacks() -> None:
    base = image(layer("RUN a", 10), layer("RUN b", 20))
    head = image(layer("RUN a", 10), layer("RUN b", 40))
    delta = compare_images(base, head).delta
    assert delta is not None
    assert delta.pull_delta_bytes == 20


def packages(text: str, diff: str, base: bool = False, **owners: int) -> Layer:
    """Return a layer of packages; `deb_gcc_12` is gcc 12, and `directory_app` is /app."""
    keys = {_key(name): size for name, size in owners.items()}
    plain_layer = layer(text, sum(owners.values()), diff=diff, base=base)
    return replace(plain_layer, owners=keys)


def _key(name: str) -> OwnerKey:
    kind, owner_name, *version = name.split("_")
    if kind == "directory":
        return OwnerKey(kind, f"/{owner_name}")
    return OwnerKey(kind, owner_name, ".".join(version) or None)


def owner_rows(base: Image, head: Image) -> list[tuple[str, str | None, str | None, int]]:
    (row,) = compare_images(base, head).attribution
    return [(x.name, x.base_version, x.head_version, x.delta_bytes) for x in row.owners]


def test_an_owner_is_named_with_its_versions_before_and_after() -> None:
    base = image(packages("RUN x", "1", deb_llvm_14=90, deb_same_1=5, deb_gone_2=7))
    head = image(packages("RUN x", "2", deb_llvm_15=111, deb_same_1=5, deb_new_3=4))
    assert owner_rows(base, head) == [
        ("llvm", "14", "15", 21),
        ("gone", "2", None, -7),
        ("new", None, "3", 4),
    ]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("RUN npm ci", "RUN --mount=type=cache,target=/root/.npm npm ci"),
        ("RUN yarn", "RUN pnpm install --frozen-lockfile"),
        ("RUN pip install -r requirements.txt", "COPY --from=build /venv /venv"),
    ],
)
def test_another_instruction_with_the_same_packages_is_an_edited_one(old: str, new: str) -> None:
    base = image(packages(old, "1", npm_a_1=160))
    head = image(packages("WORKDIR /app", "2"), packages(new, "3", npm_a_2=161, npm_b_1=25))
    assert [row[2] for row in rows(base, head)] == [26, 0]
    assert compare_images(base, head).layer_matches[1].base_index == 0


def test_an_instruction_that_writes_to_the_same_folder_is_a_new_one() -> None:
    """Tell two lines apart that have only a folder in common, and hardly any bytes."""
    base = image(packages("RUN touch /app/list", "1", directory_app=10))
    head = image(packages("RUN curl example.com/weights > /app/w", "2", directory_app=900))
    assert sorted(row[2] for row in rows(base, head)) == [-10, 900]
    copied = image(packages("COPY . /app", "3", directory_app=10))
    assert sorted(row[2] for row in rows(base, copied)) == [-10, 10]


def test_a_version_may_come_from_elsewhere_in_the_image() -> None:
    """Find the old version in another layer, as after `apt-get upgrade`."""
    old = packages("FROM", "0", base=True, deb_ssl_1=50)
    base, head = image(old), image(old, packages("RUN upgrade", "1", deb_ssl_2=52))
    assert owner_rows(base, head) == [("ssl", "1", "2", 52)]
    assert owner_rows(head, base) == [("ssl", "2", "1", -52)]


def test_a_package_of_several_versions_lists_them() -> None:
    base = image(packages("RUN npm ci", "1", npm_ms_1_10=1, npm_ms_1_9=1))
    head = image(packages("RUN npm ci", "2", npm_ms_2=3))
    assert owner_rows(base, head) == [("ms", "1.9, 1.10", "2", 1)]


def test_versions_with_more_digits_than_a_number_may_have_are_sorted() -> None:
    endless = "9" * 5000  # more than CPython's int() takes from text
    owners = {OwnerKey("npm", "ms", version): 1 for version in (endless, "010", "9")}
    base = image(replace(packages("RUN npm ci", "1", npm_ms_1=3), owners=owners))
    head = image(packages("RUN npm ci", "2", npm_ms_2=3))
    assert owner_rows(base, head) == [("ms", f"9, 010, {endless}", "2", 0)]


def test_a_new_version_of_the_same_size_is_listed() -> None:
    base, head = image(packages("RUN x", "1", deb_a_1=5)), image(packages("RUN x", "2", deb_a_2=5))
    assert owner_rows(base, head) == [("a", "1", "2", 0)]


def test_a_copy_from_another_stage_is_charged_to_the_line_that_ships_it() -> None:
    line = layer("COPY --from=build /out /usr/local", 40, line=7)
    (row,) = compare_images(image(), image(line)).attribution
    assert (row.cause, row.line_start, row.delta_bytes) == (GrowthCause.INSTRUCTION, 7, 40)


@pytest.mark.parametrize(
    ("before", "after", "drifted"),
    [
        ("FROM debian:12", "FROM debian:12", True),
        ("FROM debian:12 AS a", "FROM debian:12 as b", True),
        ("FROM debian:12", "FROM debian:13", False),
        ("FROM --platform=linux/arm64 debian:12", "FROM debian:12", False),
        ("FROM debian:$TAG", "FROM debian:$TAG", False),
    ],
)
def test_a_base_image_with_the_same_name_has_drifted(
    before: str, after: str, drifted: bool
) -> None:
    base = image(layer(before, 10, diff="old", base=True, line=1))
    head = image(layer(after, 30, diff="new", base=True, line=1))
    (row,) = compare_images(base, head).attribution
    assert row.effects == ((LayerEffect(LayerEffectKind.DRIFTED),) if drifted else ())


def test_effects_on_the_files_of_lower_layers() -> None:
    base = image(layer("COPY . /app", 240), layer("COPY model /srv", 90))
    head = replace(
        image(*base.layers, layer("RUN chown -R app /app && mv /srv/m /opt", 330)),
        wasted_files=(
            WastedFile("app/a", 200, 0, 2, WasteCause.COPIED),
            WastedFile("app/b", 40, 0, 2, WasteCause.COPIED),
            WastedFile("srv/m", 90, 1, 2, WasteCause.REMOVED),
            WastedFile("srv/n", 1, 1, 2, WasteCause.REMOVED),
        ),
        tree={"opt/m": Entry("opt/m", EntryKind.FILE, 90, content_hash="m")},
    )
    base = replace(base, tree={"srv/m": Entry("srv/m", EntryKind.FILE, 90, content_hash="m")})
    (row,) = compare_images(base, head).attribution
    assert row.effects == (
        LayerEffect(LayerEffectKind.COPIED, 0, 2, 240),
        LayerEffect(LayerEffectKind.MOVED, 1, 1, 90),
        LayerEffect(LayerEffectKind.REMOVED, 1, 1, 1),
    )


def test_kinds_of_layer_changes() -> None:
    base = image(
        layer("F", 9, base=True),
        layer("RUN a", 5),
        layer("RUN built", 5, diff="1", content="c"),
        layer("RUN edited", 5, diff="1"),
        layer("RUN something that is gone", 1),
    )
    head = image(
        layer("F", 9, base=True),
        layer("G", 1, base=True),
        layer("RUN a", 5),
        layer("RUN built", 5, diff="2", content="c"),
        layer("RUN edited", 6, diff="2"),
        layer("COPY x", 1),
    )
    assert [
        (match.kind.value, match.base_index, match.head_index)
        for match in compare_images(base, head).layer_matches
    ] == [
        ("base-image", 0, 0),
        ("base-image", None, 1),
        ("same", 1, 2),
        ("rebuilt", 2, 3),
        ("changed", 3, 4),
        ("removed", 4, None),
        ("added", None, 5),
    ]


_KEYS = st.builds(
    OwnerKey,
    st.sampled_from(["deb", "npm", "directory"]),
    st.sampled_from(
        ["/app", "/app/a", "/app/b/c", "/var/lib/apt/lists/x", "/", "/usr/share/doc/d"]
    ),
    st.sampled_from([None, "1", "1.2", "2"]),
)


@st.composite
def any_layer(draw: st.DrawFn) -> Layer:
    """Draw a layer; equal diff IDs mean equal bytes, and so do equal contents."""
    text = draw(
        st.sampled_from(["RUN a", "RUN ab", "COPY x /x", "RUN something else", "WORKDIR /w", ""])
    )
    owners = draw(st.dictionaries(_KEYS, st.integers(1, 999), max_size=6))
    plain_layer = layer(text, sum(owners.values()), diff=f"{draw(st.sampled_from('pqr'))}{owners}")
    content = draw(st.sampled_from(["", f"{owners}"]))
    return replace(
        plain_layer,
        owners=owners,
        content_id=content or plain_layer.diff_id,
        from_base_image=draw(st.booleans()),
    )


layers = st.lists(any_layer(), max_size=7)


@given(layers, layers, st.booleans())
def test_rows_add_up_to_the_growth(before: list[Layer], after: list[Layer], shared: bool) -> None:
    base, head = image(*before), image(*(before if shared else []), *after)
    comparison = compare_images(base, head)
    assert comparison.delta is not None
    assert sum(x.delta_bytes for x in comparison.attribution) == comparison.delta.unpacked_bytes
    assert all(sum_owner_deltas(x) == x.delta_bytes for x in comparison.attribution)
    assert all(x.delta_bytes == 0 for x in comparison.attribution if x.cause is GrowthCause.REBUILT)


@given(layers, layers)
def test_every_layer_of_both_sides_is_matched_once(before: list[Layer], after: list[Layer]) -> None:
    base, head = image(*before), image(*after)
    matches = compare_images(base, head).layer_matches
    for side, index_field in ((base, "base_index"), (head, "head_index")):
        indexes = [getattr(match, index_field) for match in matches]
        assert sorted(x for x in indexes if x is not None) == list(range(len(side.layers)))


def sum_owner_deltas(row: Attribution) -> int:
    return sum(owner.delta_bytes for owner in row.owners)
