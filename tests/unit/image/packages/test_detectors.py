"""Probes for package databases and binaries; hostile databases."""

import time

import pytest

from bot.image.layers.streams import Unreadable
from bot.image.packages.captured_file import CapturedFile
from bot.image.packages.detectors import (
    LayerProbes,
    Probe,
    create_probe,
    create_probes,
    read_packages,
    select_unowned_binaries,
)
from bot.image.packages.package import Package
from bot.model.files import Entry, EntryKind

MEGABYTE = 1 << 20
DATABASES = [
    "var/lib/dpkg/status",
    "lib/apk/db/installed",
    "var/lib/rpm/rpmdb.sqlite",
    "var/lib/rpm/Packages.db",
]
DOCUMENTS = [
    "s/a-1.dist-info/RECORD",
    "s/a-1.egg-info",
    "node_modules/.package-lock.json",
    "node_modules/a/package.json",
    "vendor/composer/installed.json",
    "var/lib/dpkg/info/a.list",
]


@pytest.mark.parametrize(
    "path", ["usr/bin/x.py", "status", "a.json", "a.db", "a.txt", "a/list", ""]
)
def test_other_files_are_not_captured(path: str) -> None:
    assert create_probe(path, 500_000, 0o644) is None


@pytest.mark.parametrize(
    "unit", [b"\n", b"\xff\xfe", b"Package: a\nVersion: 1\n", b"P:a\n\n", b"[", b"a,,\n"]
)
@pytest.mark.parametrize("path", DATABASES + DOCUMENTS)
def test_a_hostile_database_costs_little_and_raises_nothing(path: str, unit: bytes) -> None:
    size = 64 * MEGABYTE if path in DATABASES else 8 * MEGABYTE
    probe = create_probe(path, size, 0o644)
    assert probe is not None
    probe.feed((unit * (size // len(unit) + 1))[:size])
    started = time.process_time()
    read_packages([Entry(path, EntryKind.FILE, size)], {path: probe})
    assert time.process_time() - started < 4


def test_databases_beyond_the_bounds_are_not_captured() -> None:
    assert create_probe(DATABASES[0], 65 * MEGABYTE, 0o644) is None
    layer = LayerProbes()
    paths = [f"s/a-{number}.dist-info/RECORD" for number in range(100)]
    probes = [layer.add_probe(path, 8 * MEGABYTE, 0o644) for path in paths]
    assert sum(probe is not None for probe in probes) == 32


def test_databases_and_unowned_binaries_are_fetched() -> None:
    files = [
        "var/lib/dpkg/status",
        "app/node_modules/.package-lock.json",
        "app/node_modules/a/package.json",
        "srv/node_modules/b/package.json",
        "usr/bin/curl",
        "usr/local/bin/tool",
        "app/a.jar",
    ]
    entries = [Entry(path, EntryKind.FILE, 200_000, 0o755) for path in files]
    system = Package("deb", "curl", "8", ("bin/curl",))
    listing, programs = create_probes(entries)
    assert list(listing) == [files[0], files[1], files[3]]
    assert list(select_unowned_binaries(programs, [system])) == [files[5], files[6]]


@pytest.mark.parametrize(
    ("path", "content"),
    [
        ("lib/apk/db/installed", b"P:a\nF:" + b"f" * MEGABYTE + b"\n" + b"R:a\n" * 1000 + b"\n"),
        (f"{'f' * 4000}/a-1.dist-info/RECORD", b"a,,\n" * 100_000),
        (f"{'f' * 4000}/a-1.egg-info/installed-files.txt", b"a\n" * 100_000),
        (f"{'f' * 4000}/a-1.egg-info/top_level.txt", b"a\n" * 100_000),
        (
            f"{'f' * 4000}/composer/installed.json",
            b"[" + b",".join(b'{"name":"%d"}' % number for number in range(100_000)) + b"]",
        ),
        (
            f"{'f' * 4000}/node_modules/.package-lock.json",
            b'{"packages":{'
            + b",".join(b'"node_modules/%d":{}' % number for number in range(100_000))
            + b"}}",
        ),
    ],
)
def test_a_long_folder_that_each_file_repeats_is_bounded(path: str, content: bytes) -> None:
    contents = {path: content}
    if "egg-info" in path:
        contents[f"{path.rpartition('/')[0]}/PKG-INFO"] = b"Name: a\n"
    probes: dict[str, Probe] = {}
    for name, data in contents.items():
        probe = probes[name] = CapturedFile()
        probe.feed(data)
    entries = [Entry(name, EntryKind.FILE, 1) for name in contents]
    with pytest.raises(Unreadable, match="200,000,000 characters"):
        read_packages(entries, probes)
