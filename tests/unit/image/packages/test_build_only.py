"""Packages that only a build needs: one list, and what each of its readers takes from it."""

import pytest

from bot.advise.full_image_calls import _COMPILER_PACKAGES as SLIM_RULE
from bot.advise.rules.compilers_in_the_shipped_stage import _COMPILER_PACKAGES as RULE
from bot.rewrite.left_packages import BUILD_ONLY_PACKAGES as REWRITE
from bot.verify.checks.system_packages import _BUILD_ONLY_PACKAGE as VERIFY


@pytest.mark.parametrize(
    "name",
    ["gcc", "gcc-12", "g++-mingw-w64", "clang-15", "gfortran", "golang-1.22", "meson", "rustup"]
    + ["alpine-sdk", "gcc-c++", "linux-headers-amd64", "libpq-dev", "openssl-devel", "maven"],
)
def test_compilers_and_headers_are_build_only_everywhere(name: str) -> None:
    for pattern in (RULE, SLIM_RULE, REWRITE, VERIFY):
        assert pattern.fullmatch(name)


@pytest.mark.parametrize(
    "name",
    ["git", "patch", "gettext", "unzip", "python3-pip", "openjdk-17-jdk", "vim", "gdb", "musl-dbg"],
)
def test_other_build_tools_do_not_imply_compilation(name: str) -> None:
    """`git` or `unzip` in the last stage is no compiler, and a JDK may be there to run."""
    assert REWRITE.fullmatch(name)
    assert VERIFY.fullmatch(name)
    assert not RULE.fullmatch(name)
    assert not SLIM_RULE.fullmatch(name)


@pytest.mark.parametrize(
    "name", ["curl", "wget", "jq", "rsync", "openssh-client", "nodejs", "npm", "busybox-static"]
)
def test_a_rewrite_keeps_tools_that_programs_call(name: str) -> None:
    """The verifier looks for their names in the sources; the rewriter does not, so it keeps them."""
    assert VERIFY.fullmatch(name)
    assert not REWRITE.fullmatch(name)


@pytest.mark.parametrize(
    "name", ["ffmpeg", "libpq5", "python3", "ca-certificates", "libgcc-s1", "makedev"]
)
def test_packages_that_run(name: str) -> None:
    for pattern in (RULE, SLIM_RULE, REWRITE, VERIFY):
        assert not pattern.fullmatch(name)
