"""Java's archives."""

import io
import random
import zipfile

import pytest

from tests.support.packages.layers import layer, list_packages, owned

NOISE = random.Random(1)


def jar(members: dict[str, bytes | str], compression: int = zipfile.ZIP_DEFLATED) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", compression) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return buffer.getvalue()


def properties(artifact: str, version: str) -> dict[str, bytes | str]:
    path = f"META-INF/maven/org.example/{artifact}/pom.properties"
    return {
        path: f"#Created by Maven\ngroupId=org.example\nartifactId={artifact}\nversion={version}\n"
    }


@pytest.mark.parametrize(
    ("file", "name", "version"),
    [
        ("guava-33.0-jre.jar", "guava", "33.0-jre"),
        ("log4j-1.2-api-2.17.1.jar", "log4j-1.2-api", "2.17.1"),
        ("shop-1.0-SNAPSHOT.war", "shop", "1.0-SNAPSHOT"),
        ("app.jar", "app", None),
    ],
)
def test_a_jar_is_named_after_its_file(file: str, name: str, version: str | None) -> None:
    (package,) = list_packages({f"app/{file}": jar({"a.class": b"x"})})
    assert (package.kind, package.name, package.version) == ("jar", name, version)


def test_maven_properties_override_the_file_name() -> None:
    (package,) = list_packages({"app/app.jar": jar(properties("shop", "2.1"))})
    assert (package.name, package.version) == ("shop", "2.1")


def test_of_shaded_artifacts_the_one_of_the_file_name_counts() -> None:
    shaded = properties("gson", "9") | properties("shop", "2.1")
    assert [x.version for x in list_packages({"app/shop-all.jar": jar(shaded)})] == [None]
    assert [x.version for x in list_packages({"app/shop.jar": jar(shaded)})] == ["2.1"]


def test_a_fat_jar_is_divided_among_its_jars() -> None:
    inner = NOISE.randbytes(3000)
    fat = jar({"BOOT-INF/lib/guava-33.0-jre.jar": inner, "App.class": b"x"}, zipfile.ZIP_STORED)
    assert owned(layer({"app/app-1.0.jar": fat})) == [
        {"jar guava 33.0-jre": 3000, "jar app 1.0": len(fat) - 3000}
    ]


def test_of_a_large_jar_only_the_end_is_kept() -> None:
    early = properties("shop", "2.1")
    members = early | {"WEB-INF/lib/big-1.jar": NOISE.randbytes(6_000_000)}
    names = [(x.name, x.version) for x in list_packages({"app/app.war": jar(members)})]
    assert names == [("shop", None), ("big", "1")]


@pytest.mark.parametrize(
    "content",
    [b"x", b"PK\3\4" * 50, jar({"a": b"x" * 999})[:-30]],
    ids=["no archive", "beginnings alone", "no directory"],
)
def test_a_broken_jar_is_named_after_its_file(content: bytes) -> None:
    assert [(x.name, x.embedded_bytes) for x in list_packages({"lib/broken-1.jar": content})] == [
        ("broken", {})
    ]


def test_a_jar_owns_itself_in_its_layer_only() -> None:
    first = layer({"app/a.jar": jar(properties("a", "1"))})
    second = layer({"app/a.jar": jar(properties("a", "2"))})
    assert [list(sizes) for sizes in owned(first, second)] == [["jar a 1"], ["jar a 2"]]


@pytest.mark.parametrize("compression", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_properties_that_unpack_at_once_are_not_read(compression: int) -> None:
    """A megabyte of bzip2 would be a gigabyte of properties."""
    members = properties("shop", "2.1")
    (package,) = list_packages({"app/app.jar": jar(members, compression)})
    assert (package.name, package.version) == ("shop", None)
