"""The largest packages, folders and files of an image."""

from bot.compare.largest_contents import find_largest_contents, name_layer_contents
from bot.model.largest_parts import Contents, PackageSize, PathSize
from bot.report.formats.markdown import render_markdown
from tests.support.image_world import compared, image, review

_GCC = PackageSize("deb", "gcc", "12", 11_000_000)


def test_packages_are_added_up_over_the_layers() -> None:
    measured = image(
        "FROM a 10MB (deb gcc 12 8MB, deb zlib 1 2MB) / RUN x 4MB (deb gcc 12 3MB, /etc 1MB)",
        tree="lib/a 1MB, lib/b 1MB, srv/big 9MB",
    )
    assert find_largest_contents(measured) == Contents(
        (_GCC, PackageSize("deb", "zlib", "1", 2_000_000)),
        (PathSize("/lib", 2, 2_000_000),),
        (
            PathSize("/srv/big", 1, 9_000_000),
            PathSize("/usr/rest", 1, 3_000_000),
            PathSize("/lib/b", 1, 1_000_000),
            PathSize("/lib/a", 1, 1_000_000),
        ),
    )


def test_no_more_than_ten_of_each_are_listed() -> None:
    tree = ", ".join(f"d{number}/f 1MB" for number in range(20))
    contents = find_largest_contents(image("FROM a 20MB", tree=tree))
    assert contents
    assert len(contents.files) == 10


def test_an_image_of_unknown_files_has_none() -> None:
    assert find_largest_contents(image("FROM a 10MB")) is None


def test_the_largest_owners_of_each_layer_are_named() -> None:
    owners = "deb gcc 12 40MB, var/lib 9MB, deb cpp 12 8MB, etc 2MB, opt 1MB"
    (layer,) = name_layer_contents(image(f"RUN x 60MB ({owners})")).layers
    assert [(x.kind, x.name, x.version, x.bytes) for x in layer.largest_owners] == [
        ("deb", "gcc", "12", 40_000_000),
        ("directory", "/var/lib", None, 9_000_000),
        ("deb", "cpp", "12", 8_000_000),
    ]


def test_a_cache_of_many_folders_is_one_owner() -> None:
    """Pip has a folder for each two letters of a digest: none of them says that it is pip's."""
    cache = ", ".join(f"root/.cache/pip/http/{x} 1MB" for x in "abcdef")
    (layer,) = name_layer_contents(image(f"RUN x 20MB (deb gcc 12 9MB, {cache}, srv 5MB)")).layers
    assert [(x.name, x.bytes) for x in layer.largest_owners] == [
        ("gcc", 9_000_000),
        ("/root/.cache/pip", 6_000_000),
        ("/srv", 5_000_000),
    ]
    page = render_markdown(review(compared(None, f"RUN x 15MB (deb gcc 12 9MB, {cache})")))
    assert "pip's download cache (<code>/root/.cache/pip</code>) 6.00\xa0MB" in page
