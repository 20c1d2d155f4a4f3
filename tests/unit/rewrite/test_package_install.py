"""The system packages that the last stage installs."""

import pytest

from bot.rewrite.ecosystems.c import ECOSYSTEM
from bot.rewrite.left_packages import BUILD_ONLY_PACKAGES
from bot.rewrite.package_install import (
    PackageInstall,
    plan_install,
    render_install,
)
from tests.support.rewrite_world import make_facts

SYSTEM = """
    deb libc6 1MB base basic
    deb curl 1MB base needs libcurl4 recommends ca-certificates
    deb libcurl4 1MB base needs libc6 libssl3
    deb libssl3 1MB base needs libc6
    deb libone 1MB base needs libtwo
    deb libtwo 1MB base needs libone
"""


def installed(
    lines: str, needed: tuple[str, ...] = (), present: frozenset[str] = frozenset()
) -> PackageInstall:
    return plan_install(make_facts(f"FROM x\n{lines}\n", SYSTEM), ECOSYSTEM, present, needed)


@pytest.mark.parametrize(
    "lines",
    [
        "",
        "RUN echo apt-get install curl",
        "RUN apt-get update",
        "RUN apt-get remove -y curl",
        "RUN apt-get install -y gcc make libpq-dev python3-dev",
        "RUN apt-get install -y ./local.deb /tmp/other.deb",
        "RUN apt-get install -y $PACKAGES",
        "RUN apk del curl",
        "RUN pip install curl",
    ],
)
def test_commands_that_install_nothing(lines: str) -> None:
    assert installed(lines).names == ()


@pytest.mark.parametrize(
    ("lines", "names"),
    [
        ("RUN apt-get install -y curl", ("curl",)),
        ("RUN apt-get -y install curl gcc", ("curl",)),
        ("RUN apt install --yes curl=7.88.1-10+deb12u8", ("curl",)),
        ("RUN apt-get install -y -t bookworm-backports curl", ("curl",)),
        ("RUN apt-get install -y --target-release bookworm-backports curl", ("curl",)),
        ("RUN apt-get install -y curl/bookworm-backports", ("curl",)),
        ("RUN apt-get install -y curl ./tool.deb /tmp/tool.deb tmp/tool.deb", ("curl",)),
        ("RUN apk add --allow-untrusted tmp/tool.apk curl", ("curl",)),
        ("RUN apt-get install -y -o Acquire::Retries=3 curl", ("curl",)),
        ("RUN apt-get install -y --option Acquire::Retries=3 curl", ("curl",)),
        ("RUN apt-get install -y -c /etc/apt/build.conf curl", ("curl",)),
        ("RUN apk add --arch aarch64 curl", ("curl",)),
        ("RUN apk add curl@edge", ("curl",)),
        (
            "RUN apt-get update \\\n # comment\n && apt-get install -y \\\n  curl \\\n  jq",
            ("curl", "jq"),
        ),
        ("RUN apt-get install -y curl\nRUN apt-get install -y jq curl", ("curl", "jq")),
        ("RUN <<EOF\napt-get update\napt-get install -y curl\nEOF", ("curl",)),
        ("RUN apk add --no-cache 'curl>8' jq~1.7", ("curl", "jq")),
        ("RUN apk add --virtual .build-deps gcc musl-dev curl", ("curl",)),
        ("RUN apk add -t .run curl", ("curl",)),
        ("RUN DEBIAN_FRONTEND=noninteractive apt-get install -yq curl", ("curl",)),
        ("RUN sudo apt-get install -y curl", ("curl",)),
        ("run apt-get install -y curl", ("curl",)),
    ],
)
def test_packages_that_the_dockerfile_names(lines: str, names: tuple[str, ...]) -> None:
    assert installed(lines).names == names


def test_owners_of_libraries_come_along_once() -> None:
    assert installed("", ("libssl3",)).names == ("libssl3",)
    assert installed("", ("libssl3", "libcurl4")).names == ("libcurl4",)
    assert installed("RUN apt-get install -y curl", ("libssl3",)).names == ("curl",)


def test_of_packages_that_need_each_other_one_is_named() -> None:
    assert installed("", ("libone", "libtwo")).names in (
        ("libone",),
        ("libtwo",),
        ("libone", "libtwo"),
    )


def test_what_the_base_has_is_not_installed() -> None:
    present = frozenset({"libc6", "curl"})
    assert installed("RUN apt-get install -y curl", ("libc6",), present).names == ()


@pytest.mark.parametrize(
    ("lines", "recommended"),
    [
        ("RUN apt-get install -y curl", True),
        ("RUN apt-get install -y --no-install-recommends curl", False),
        ("RUN apt-get install -y -o APT::Install-Recommends=false curl", False),
        ("RUN apk add curl", False),
        ("RUN apt-get install -y gcc", False),
    ],
)
def test_recommended_packages_are_installed_where_they_were(lines: str, recommended: bool) -> None:
    assert installed(lines).with_recommends is recommended


def test_the_rendered_instruction() -> None:
    assert (
        render_install(PackageInstall(), "apt")
        == render_install(PackageInstall(("curl",)), "")
        == ()
    )
    assert render_install(PackageInstall(("curl", "jq")), "apk") == ("apk add --no-cache curl jq",)
    assert render_install(PackageInstall(("curl",)), "apt") == (
        "apt-get update && apt-get install -y --no-install-recommends curl",
        "rm -rf /var/lib/apt/lists/*",
    )
    assert (
        "--no-install"
        not in render_install(PackageInstall(("curl",), with_recommends=True), "apt")[0]
    )


@pytest.mark.parametrize(
    "name", ["curl", "ffmpeg", "libpq5", "python3", "nodejs", "ca-certificates"]
)
def test_packages_that_run(name: str) -> None:
    assert not BUILD_ONLY_PACKAGES.fullmatch(name)


@pytest.mark.parametrize(
    "name",
    ["gcc", "gcc-12", "g++", "build-essential", "libpq-dev", "openssl-devel", "openjdk-17-jdk"],
)
def test_packages_that_only_build(name: str) -> None:
    assert BUILD_ONLY_PACKAGES.fullmatch(name)


def test_what_one_of_several_commands_recommends_is_asked_for_by_name() -> None:
    system = SYSTEM + "deb ca-certificates 1MB base\n"
    lines = "RUN apt-get install -y curl\nRUN apt-get install -y --no-install-recommends libone"
    install = plan_install(make_facts(f"FROM x\n{lines}\n", system), ECOSYSTEM, frozenset(), ())
    assert install.names == ("curl", "libone", "ca-certificates")
    assert not install.with_recommends
    lines = lines.replace("install -y curl", "install -y --no-install-recommends curl")
    install = plan_install(make_facts(f"FROM x\n{lines}\n", system), ECOSYSTEM, frozenset(), ())
    assert install.names == ("curl", "libone")
