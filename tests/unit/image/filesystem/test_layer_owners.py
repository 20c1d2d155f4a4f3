"""Owners of bytes: precedence, inheritance from lower layers, and exact sums."""

from collections.abc import Mapping, Sequence

from hypothesis import given
from hypothesis import strategies as st

from bot.image.layer_analysis import LayerAnalysis
from bot.image.layers.layer_index import LayerIndex, index_layer
from bot.image.packages.package import Package
from bot.model.files import Entry, EntryKind, HashAlgorithm, OwnerKey
from tests.support.random_layers import LAYERS

DEB = Package("deb", "curl", "8", ("usr/bin/curl",))


def layer(files: dict[str, int], *packages: Package, links: Mapping[str, str] = {}) -> LayerIndex:
    """Return a layer from sizes by path; a path that begins with `-` is removed."""
    entries = [Entry(path, EntryKind.SYMLINK, 0, link=to) for path, to in links.items()]
    entries += [Entry(_whiteout(path), EntryKind.FILE, size) for path, size in files.items()]
    return index_layer("", entries, HashAlgorithm.SHA256, packages)


def _whiteout(path: str) -> str:
    folder, slash, name = path.removeprefix("-").rpartition("/")
    return f"{folder}{slash}.wh.{name}" if path.startswith("-") else path


def sum_bytes_by_owner(layers: Sequence[LayerIndex]) -> list[Mapping[OwnerKey, int]]:
    return list(LayerAnalysis().complete(layers).owners_by_layer)


def owners(*layers: LayerIndex) -> list[dict[str, int]]:
    return [
        {f"{x.kind} {x.name} {x.version or ''}".strip(): n for x, n in sizes.items()}
        for sizes in sum_bytes_by_owner(layers)
    ]


def test_unowned_files_belong_to_their_directory() -> None:
    assert owners(layer({"a/b/c": 3, "d": 1})) == [{"directory /a/b": 3, "directory /": 1}]


def test_the_system_comes_before_a_language_and_a_file_before_a_directory() -> None:
    exact = Package("pypi", "p", "1", ("a/x", "a/y"))
    around = Package("npm", "n", "1", directories=("a",))
    system = Package("deb", "d", "1", ("a/x",))
    for packages in ([exact, around, system], [system, around, exact]):
        assert owners(layer({"a/x": 1, "a/y": 2, "a/z": 4}, *packages)) == [
            {"deb d 1": 1, "pypi p 1": 2, "npm n 1": 4}
        ]


def test_system_packages_of_lower_layers_come_first() -> None:
    assert owners(
        layer({}, DEB), layer({"usr/bin/curl": 5}, Package("pypi", "curl", "1", ("usr/bin/curl",)))
    ) == [
        {},
        {"deb curl 8": 5},
    ]


def test_the_deepest_directory_wins() -> None:
    packages = [Package("npm", name, "1", directories=(name,)) for name in ("a/b", "a", "a/b/c/d")]
    assert owners(layer({"a/b/c/x": 1, "a/x": 2, "a/b/c/d/x": 4, "ab/x": 8}, *packages)) == [
        {"npm a/b 1": 1, "npm a 1": 2, "npm a/b/c/d 1": 4, "directory /ab": 8}
    ]


def test_binaries_own_themselves_last_and_in_their_layer_only() -> None:
    program = Package("go", "tool", "v1", ("app/tool", "app/node_modules/tool/bin"))
    npm = Package("npm", "tool", "2", directories=("app/node_modules/tool",))
    files = {"app/tool": 1, "app/node_modules/tool/bin": 2}
    assert owners(layer(files, program, npm), layer({"app/tool": 1})) == [
        {"go tool v1": 1, "npm tool 2": 2},
        {"directory /app": 1},
    ]


def test_a_version_is_that_of_its_layer() -> None:
    newer = Package("deb", "curl", "9")
    files = {"usr/bin/curl": 5}
    assert owners(layer(files, DEB), layer(files), layer(files, newer)) == [
        {"deb curl 8": 5},
        {"deb curl 8": 5},
        {"deb curl 9": 5},
    ]


def test_a_package_removed_later_still_owns_its_bytes_below() -> None:
    files = {"usr/bin/curl": 5}
    other = Package("deb", "vim", "1")
    assert owners(layer(files, DEB, other), layer({}, other), layer(files)) == [
        {"deb curl 8": 5},
        {},
        {"directory /usr/bin": 5},
    ]


def test_a_layer_without_a_database_removes_no_package() -> None:
    lists_only = Package("deb", "vim", None, ("usr/bin/vim",))
    files = {"usr/bin/curl": 5}
    assert owners(layer({}, DEB), layer(files, lists_only))[1] == {"deb curl 8": 5}


def test_removed_files_and_directories_are_claimed_no_more() -> None:
    packages = [
        Package("pypi", "p", "1", ("s/p.py",)),
        Package("npm", "n", "1", directories=("m/n",)),
    ]
    files = {"s/p.py": 1, "m/n/x": 2}
    assert owners(layer(files, *packages), layer({"-s/p.py": 0, "-m/n": 0}), layer(files))[2] == {
        "directory /s": 1,
        "directory /m/n": 2,
    }


def test_a_jar_is_divided_up_to_its_size() -> None:
    outer = Package("jar", "app", "1", ("app/app.jar",))
    inner = [Package("jar", name, "2", embedded_bytes={"app/app.jar": 40}) for name in "abc"]
    assert owners(layer({"app/app.jar": 100}, outer, *inner)) == [
        {"jar a 2": 40, "jar b 2": 40, "jar c 2": 20}
    ]
    assert owners(layer({"app/app.jar": 130}, outer, *inner))[0]["jar app 1"] == 10


def test_a_jar_that_was_installed_is_not_divided() -> None:
    inner = Package("jar", "a", "2", embedded_bytes={"app/app.jar": 40})
    spark = Package("pypi", "spark", "3", ("app/app.jar",))
    assert owners(layer({"app/app.jar": 100}, inner, spark)) == [{"pypi spark 3": 100}]


def test_claims_through_a_linked_directory_count() -> None:
    system = Package("rpm", "r", "1", ("lib64/x/a", "usr/sbin/b", "lib/own"))
    links = {"lib64": "usr/lib64", "usr/sbin": "bin"}
    files = {"usr/lib64/x/a": 1, "usr/bin/b": 2, "usr/lib/own": 4}
    assert owners(layer(files, system, links=links)) == [{"rpm r 1": 3, "directory /usr/lib": 4}]


def test_a_claimed_hard_link_owns_the_file() -> None:
    files = [Entry("a/x", EntryKind.FILE, 3), Entry("b/x", EntryKind.HARDLINK, 0, link="a/x")]
    circle = [
        Entry("c/x", EntryKind.HARDLINK, 0, link="c/y"),
        Entry("c/y", EntryKind.HARDLINK, 0, link="c/x"),
    ]
    around = Package("npm", "n", "1", directories=("b",))
    assert owners(index_layer("", [*files, *circle], HashAlgorithm.SHA256, (around,))) == [
        {"npm n 1": 3}
    ]


def test_bytecode_belongs_to_the_owner_of_its_source() -> None:
    system = Package("deb", "python3", "3", ("lib/json/tool.py",))
    assert owners(layer({}, system), layer({"lib/json/__pycache__/tool.cpython-311.pyc": 7}))[
        1
    ] == {"deb python3 3": 7}


@given(st.lists(LAYERS, max_size=5))
def test_no_byte_is_lost_or_counted_twice(layers: Sequence[LayerIndex]) -> None:
    sizes_by_layer = sum_bytes_by_owner(layers)
    assert [sum(sizes.values()) for sizes in sizes_by_layer] == [x.unpacked_bytes for x in layers]
    assert all(size > 0 for sizes in sizes_by_layer for size in sizes.values())


@given(st.lists(LAYERS, max_size=4))
def test_a_layer_above_changes_nothing_below(layers: Sequence[LayerIndex]) -> None:
    assert sum_bytes_by_owner(layers)[:-1] == sum_bytes_by_owner(layers[:-1])
