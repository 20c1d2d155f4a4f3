"""Which contents are wanted, by whoever streams a layer or fetches file by file; broken databases."""

import time

import pytest

from bot.image.packages.detectors import (
    LayerProbes,
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
def test_what_tells_of_no_package_is_not_wanted(path: str) -> None:
    assert create_probe(path, 500_000, 0o644) is None


@pytest.mark.parametrize(
    "unit", [b"\n", b"\xff\xfe", b"Package: a\nVersion: 1\n", b"P:a\n\n", b"[", b"a,,\n"]
)
@pytest.mark.parametrize("path", DATABASES + DOCUMENTS)
def test_a_hostile_database_costs_little_and_raises_nothing(path: str, unit: bytes) -> None:
    size = 64 * MEGABYTE if path in DATABASES else 8 * MEGABYTE
    found = create_probe(path, size, 0o644)
    assert found is not None
    found.feed((unit * (size // len(unit) + 1))[:size])
    started = time.process_time()
    read_packages([Entry(path, EntryKind.FILE, size)], {path: found})
    assert time.process_time() - started < 4


def test_a_database_beyond_all_reason_is_not_kept() -> None:
    assert create_probe(DATABASES[0], 65 * MEGABYTE, 0o644) is None
    probes = LayerProbes()
    asked = [probes.add_probe(f"s/a-{n}.dist-info/RECORD", 8 * MEGABYTE, 0o644) for n in range(100)]
    assert sum(found is not None for found in asked) == 32


def test_whoever_fetches_asks_for_the_databases_first_then_for_what_no_system_owns() -> None:
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
