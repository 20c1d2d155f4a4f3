"""Alpine's packages, from a database written by hand in apk's documented format."""

import pytest

from tests.support.packages.layers import data, layer, owned, versions

INSTALLED = data("apk-installed-by-hand")


@pytest.mark.parametrize("folder", ["lib/apk/db", "usr/lib/apk/db"])
def test_a_package_owns_the_files_below_its_directories(folder: str) -> None:
    index = layer(
        {
            f"{folder}/installed": INSTALLED,
            "lib/ld-musl-x86_64.so.1": "x" * 600,
            "etc/ssl/openssl.cnf": "x" * 20,
            "usr/lib/libssl.so.3": "x" * 300,
            "init": "x" * 4,
            "lib/other.so": "x" * 5,
        }
    )
    assert owned(index) == [
        {
            f"directory /{folder}": len(INSTALLED),
            "apk musl 1.2.5-r0": 600,
            "apk libssl3 3.3.1-r3": 320,
            "apk baselayout 3.6.5-r0": 4,
            "directory /lib": 5,
        }
    ]


def test_a_truncated_database_lists_what_it_has() -> None:
    index = layer({"lib/apk/db/installed": INSTALLED[: INSTALLED.index(b"V:3.3.1-r3")]})
    assert versions(index) == {"musl": "1.2.5-r0", "libssl3": None}


def test_a_file_of_that_name_elsewhere_is_no_database() -> None:
    assert layer({"srv/lib/apk/db/installed": INSTALLED}).packages == ()
