"""Debian's packages."""

from tests.support.packages.layers import layer, list_packages, owned
from tests.support.tar_world import symlink

STATUS = "var/lib/dpkg/status"
TWO = """\
Package: curl
Status: install ok installed
Version: 8.1-2
Description: transfers
 Package: not this one

Package: libc6
Status: install ok installed
Architecture: amd64
Version: 2.36-9
"""
LIST = "/.\n/usr\n/usr/bin\n/usr/bin/curl\n"


def test_a_package_owns_its_listed_files_and_dpkgs_files_about_it() -> None:
    index = layer(
        {
            STATUS: TWO,
            "var/lib/dpkg/info/curl.list": LIST,
            "var/lib/dpkg/info/curl.postinst": "#!/bin/sh",
            "usr/bin/curl": "x" * 100,
            "usr/bin/other": "x" * 7,
        }
    )
    assert owned(index) == [
        {
            "directory /var/lib/dpkg": len(TWO),
            "deb curl 8.1-2": 100 + len(LIST) + 9,
            "directory /usr/bin": 7,
        }
    ]


def test_a_list_may_name_a_file_by_a_link_to_its_directory() -> None:
    index = layer(
        {
            STATUS: TWO,
            "var/lib/dpkg/info/libc6:amd64.list": "/lib/x86/libc.so\n",
            "usr/lib/x86/libc.so": "x" * 50,
            "usr/lib/x86/else.so": "x" * 3,
        },
        symlink("lib", "usr/lib"),
    )
    assert owned(index)[0]["deb libc6 2.36-9"] == 50 + len("/lib/x86/libc.so\n")
    assert owned(index)[0]["directory /usr/lib/x86"] == 3


def test_without_the_link_they_are_two_files() -> None:
    index = layer(
        {STATUS: TWO, "var/lib/dpkg/info/curl.list": "/bin/curl\n", "usr/bin/curl": "x" * 9}
    )
    assert owned(index)[0]["directory /usr/bin"] == 9


def test_distroless_images_have_a_status_for_each_package() -> None:
    index = layer(
        {
            "var/lib/dpkg/status.d/libssl3": "Package: libssl3\nVersion: 3.0.11\n",
            "var/lib/dpkg/status.d/libssl3.md5sums": "d41d8  usr/lib/libssl.so.3\n",
            "usr/lib/libssl.so.3": "x" * 1000,
        }
    )
    assert list(owned(index)[0]) == ["deb libssl3 3.0.11"]


def test_a_removed_package_owns_its_configuration() -> None:
    status = "Package: nginx\nStatus: deinstall ok config-files\nVersion: 1.22\n"
    index = layer(
        {STATUS: status, "var/lib/dpkg/info/nginx.list": "/etc/n.conf\n", "etc/n.conf": "x"}
    )
    assert owned(index)[0]["deb nginx 1.22"] == 1 + len("/etc/n.conf\n")


def test_a_list_elsewhere_is_no_list() -> None:
    assert (
        list_packages({"etc/apt/sources.list": "/usr/bin/x\n", "var/lib/dpkg/info/format": "1.0\n"})
        == []
    )
