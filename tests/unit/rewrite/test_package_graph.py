"""The packages of a distribution: their files and their dependencies."""

from bot.rewrite.package_graph import PackageGraph, SystemPackage, read_package_graph
from tests.support.image_files import ImageFiles

STATUS = b"""\
Package: libpq5
Status: install ok installed
Priority: optional
Installed-Size: 1000
Depends: libc6 (>= 2.34), libssl3 | libssl1.1, debconf:any
Recommends: tzdata
Description: a library
 Depends: on nothing

Package: removed
Status: deinstall ok config-files

Package: libc6
Status: install ok installed
Priority: required

Package: bash
Essential: yes
Status: install ok installed
Pre-Depends: libc6 (>= 2.36)

Package: tzdata
Status: hold ok installed
Installed-Size: many
"""
INFO = "var/lib/dpkg/info/"
DPKG = ImageFiles(
    {
        "var/lib/dpkg/status": STATUS,
        INFO + "libpq5:amd64.list": b"/.\n/usr/lib/x/libpq.so.5\n\n",
        INFO + "libc6.list": b"/.\n/lib/x/libc.so.6\n",
        INFO + "bash.list": b"/.\n/bin/bash\n/usr/share/a b\n",
        INFO + "bash.md5sums": b"/no/list\n",
    }
)
APK = ImageFiles(
    {
        "lib/apk/db/installed": b"""\
C:Q1abc=
P:musl
V:1.2.5-r0
F:lib
R:ld-musl-x86_64.so.1
Z:Q1x
R:libc.musl-x86_64.so.1

P:libpq
D:so:libc.musl-x86_64.so.1 libssl3>=3 musl~1.2
F:
R:start
F:usr/lib
M:0:0:755
R:libpq.so.5
"""
    }
)


def test_an_image_without_packages() -> None:
    graph = read_package_graph(ImageFiles({}))
    assert graph.packages == {}
    assert graph.find_owner("bin/bash") is None
    assert graph.resolve_closure(["apt"]) == frozenset()


def test_dpkg_packages_and_dependencies() -> None:
    graph = read_package_graph(DPKG)
    assert sorted(graph.packages) == ["bash", "libc6", "libpq5", "tzdata"]
    assert graph.packages["libpq5"].dependencies == ("libc6", "libssl3", "libssl1.1", "debconf")
    assert graph.packages["libpq5"].installed_bytes == 1_024_000


def test_owners_are_found_through_the_merged_usr() -> None:
    graph = read_package_graph(DPKG)
    assert graph.find_owner("lib/x/libc.so.6") == graph.find_owner("usr/lib/x/libc.so.6") == "libc6"
    assert (
        graph.find_owner("lib/x/libpq.so.5") == graph.find_owner("usr/lib/x/libpq.so.5") == "libpq5"
    )
    assert graph.find_owner("usr/share/a b") == "bash"
    assert graph.find_owner("no/list") is None


def test_the_closure_of_dependencies() -> None:
    graph = read_package_graph(DPKG)
    assert graph.resolve_closure(["libpq5", "nothing"]) == {"libpq5", "libc6"}
    assert graph.resolve_closure(["libpq5"], with_recommends=True) == {"libpq5", "libc6", "tzdata"}


def test_the_database_of_a_merged_usr_is_read_too() -> None:
    """Alpine moves it to /usr/lib; the layers' owners were read from both places before."""
    (content,) = (APK.read(path) for path in ["lib/apk/db/installed"])
    graph = read_package_graph(ImageFiles({"usr/lib/apk/db/installed": content or b""}))
    assert sorted(graph.packages) == ["libpq", "musl"]


def test_apk_packages_and_owners() -> None:
    graph = read_package_graph(APK)
    assert graph.packages["libpq"].dependencies == ("so:libc.musl-x86_64.so.1", "libssl3", "musl")
    assert graph.find_owner("lib/ld-musl-x86_64.so.1") == "musl"
    assert graph.find_owner("usr/lib/libpq.so.5") == graph.find_owner("start") == "libpq"
    assert graph.resolve_closure(["libpq"]) == {"libpq", "musl"}


def test_the_owner_of_a_program_is_the_whole_of_which_it_is_a_part() -> None:
    packages = {
        "python3": SystemPackage("python3", ("python3-minimal",)),
        "python3-minimal": SystemPackage("python3-minimal", ("python3.11-minimal",)),
        "python3.11-minimal": SystemPackage("python3.11-minimal"),
        "perl-base": SystemPackage("perl-base"),
    }
    owners = {
        "usr/bin/python3": "python3-minimal",
        "usr/bin/python3.11": "python3.11-minimal",
        "usr/bin/perl": "perl-base",
    }
    graph = PackageGraph(packages, owners)
    assert graph.find_program_owner("usr/bin/python3", "usr/bin/python3.11") == "python3"
    assert graph.find_program_owner("usr/local/bin/py", "usr/bin/python3.11") == (
        "python3.11-minimal"
    )
    assert graph.find_program_owner("usr/bin/perl") == "perl-base"
    assert graph.find_program_owner("usr/bin/x", "") is None
