"""Packages that apt installs as recommended."""

import pytest

from tests.support.rule_inputs import apply_rule, make_rule_input, run_rule

RULE = "recommended-packages-installed"


@pytest.mark.parametrize(
    "text",
    [
        "FROM debian\nRUN apt-get install --no-install-recommends -y x",
        "FROM debian\nRUN apt-get --no-install-recommends install x",
        "FROM debian\nRUN apt-get install -o APT::Install-Recommends=false x",
        "FROM debian\nRUN apt-get -o APT::Install-Recommends=0 install x",
        "FROM debian\nRUN echo 'APT::Install-Recommends \"0\";' > /etc/apt/apt.conf.d/x\nRUN apt-get install x",
        "FROM debian\nRUN echo 'APT::Install-Recommends \"0\";' > /etc/apt/apt.conf.d/x && apt-get install x",
        "FROM debian\nCOPY <<E /etc/apt/apt.conf.d/x\nAPT::Install-Recommends false;\nE\nRUN apt-get install x",
        "FROM debian\nRUN apt-get install --dry-run x",
        "FROM debian\nRUN apt-get remove x",
        "FROM debian\nRUN apt-get install -y x && x && apt-get purge -y x && apt-get autoremove -y",
        "FROM debian\nRUN apt-get install -y x && apt-get remove -y --auto-remove x y",
        "FROM debian\nRUN apt-get update",
        # The apt.conf of the base image, and packages that only bring a list of sources.
        "FROM r-base:4.3.1\nRUN apt-get install -y x",
        "FROM debian\nRUN apt-get install -y ./apache-arrow-apt-source-latest-$(x).deb",
        "FROM debian\nRUN apt-get install -y ./mysql-apt-config_0.8.29-1_all.deb debian-archive-keyring",
        # It installs nothing, or what is installed already.
        "FROM debian\nRUN apt-get install -y && x",
        "FROM debian\nRUN apt-get install --no-install-recommends -y x y\nRUN apt install -y x",
        "FROM debian AS a\nRUN apt-get install -y x\nFROM debian\nCOPY --from=a /x /x",
        # They recommend nothing.
        "FROM debian\nRUN apt-get update && apt-get install -y ca-certificates tzdata unzip=6.0-28",
    ],
)
def test_not_reported(text: str) -> None:
    assert run_rule(RULE, text) == []


def test_the_fix_adds_the_flag_to_each_call() -> None:
    assert apply_rule(RULE, "FROM d\nRUN apt install x && apt-get -y install y\n") == (
        "FROM d\nRUN apt install --no-install-recommends x "
        "&& apt-get -y install --no-install-recommends y\n"
    )


def test_reported_if_a_package_stays() -> None:
    assert len(run_rule(RULE, "FROM d\nRUN apt-get install x y && apt-get autoremove y\n")) == 1
    assert len(run_rule(RULE, "FROM d\nRUN apt-get install x && apt-get remove x\n")) == 1


def test_the_saving_is_not_measured() -> None:
    looked_at = make_rule_input(
        "FROM d\nRUN apt install x\n", "FROM d 90MB / RUN a 20MB", "usr/x 1MB @2"
    )
    assert [finding.saving_bytes for finding in run_rule(RULE, looked_at)] == [None]


@pytest.mark.parametrize("run", ["bash -c 'apt-get install x'", "su -c 'apt-get install x'"])
def test_an_installation_inside_of_a_shell_is_read(run: str) -> None:
    expected = run.replace("install", "install --no-install-recommends")
    assert apply_rule(RULE, f"FROM d\nRUN {run}\n") == f"FROM d\nRUN {expected}\n"


def test_a_json_form_stays_one() -> None:
    (finding,) = run_rule(RULE, 'FROM d\nRUN ["apt-get", "install", "x"]\n')
    assert finding.changes == ()


@pytest.mark.parametrize(("comment", "count"), [("we DO want recommends", 0), ("x", 1)])
def test_a_comment_says_that_they_are_wanted(comment: str, count: int) -> None:
    text = f"FROM d\nRUN apt-get update; \\\n# {comment}\n    apt-get install -y x\n"
    assert len(run_rule(RULE, text)) == count


@pytest.mark.parametrize(
    ("packages", "expected"),
    [
        ("gcc git", "gcc libc6-dev git"),
        ("clang-15", "clang-15 libc6-dev"),
        ("gcc g++", "gcc g++"),
        ("gcc libc6-dev", "gcc libc6-dev"),
        ("gcc-doc", "gcc-doc"),
        ("gfortran", "gfortran libc6-dev"),
        ("gcc-12 gfortran-12 make", "gcc-12 gfortran-12 libc6-dev make"),
        ("build-essential gfortran", "build-essential gfortran"),
    ],
)
def test_a_compiler_gets_the_headers_that_it_only_recommends(packages: str, expected: str) -> None:
    assert apply_rule(RULE, f"FROM d\nRUN apt-get install {packages}\n") == (
        f"FROM d\nRUN apt-get install --no-install-recommends {expected}\n"
    )


@pytest.mark.parametrize(
    ("base", "count"),
    [("alt:p10", 0), ("flexberry/alt.p8-postgresql", 0), ("altlinux/base", 0), ("alter/x", 1)],
)
def test_alt_linux_has_no_recommended_packages(base: str, count: int) -> None:
    assert len(run_rule(RULE, f"FROM {base}\nRUN apt-get install -y libgeos\n")) == count


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        ("FROM debian:12\nRUN apt-get install curl jq", "curl ca-certificates jq"),
        ("FROM ubuntu\nRUN apt-get install gcc g++ git", "gcc g++ git ca-certificates"),
        ("FROM debian\nRUN apt-get install ca-certificates wget", "ca-certificates wget"),
        (
            "FROM debian\nRUN apt-get install -y ca-certificates && apt-get install git",
            "install git",
        ),
        ("FROM python:3\nRUN apt-get install wget", "wget"),
        ("FROM debian\nRUN apt-get install curlftpfs", "curlftpfs"),
    ],
)
def test_what_fetches_gets_the_certificates_that_it_only_recommends(
    lines: str, expected: str
) -> None:
    fixed = apply_rule(RULE, f"{lines}\n").replace(" --no-install-recommends", "")
    assert fixed.endswith(f"{expected}\n")


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        ("RUN ssh-keyscan example.com >> /hosts", "git openssh-client"),
        ("RUN pip install git+ssh://git@example.com/x.git", "git openssh-client"),
        ("RUN git clone git@example.com:x/y.git", "git openssh-client"),
        ("RUN --mount=type=ssh npm ci", "git openssh-client"),
        ("RUN patch -p1 < x.patch && git log | less", "git less patch"),
        ("RUN git clone https://example.com/x/y.git && echo ssh", "git"),
        ("RUN npm install x@npm:y", "git"),
        ("CMD ssh example.com", "git"),
    ],
)
def test_git_gets_what_a_later_line_runs(lines: str, expected: str) -> None:
    """It recommends a client of SSH, patch and less."""
    text = f"FROM python:3.12-slim\nRUN apt-get install git\n{lines}\n"
    assert f"--no-install-recommends {expected}\n" in apply_rule(RULE, text)


@pytest.mark.parametrize(
    ("packages", "expected"),
    [
        ("git openssh-client", "git ca-certificates openssh-client"),
        ("curl git jq", "curl git ca-certificates openssh-client jq"),
        ("git curl", "git openssh-client curl ca-certificates"),
        ("curl", "curl ca-certificates"),
    ],
)
def test_the_places_of_what_is_added(packages: str, expected: str) -> None:
    text = f"FROM debian\nRUN apt-get install {packages} && ssh-keyscan x\n"
    assert f"--no-install-recommends {expected} &&" in apply_rule(RULE, text)


@pytest.mark.parametrize(
    ("base", "run", "program"),
    [
        ("debian", "apt-get install -y libsofthsm2 && softhsm2-util --init-token", "softhsm2-util"),
        ("debian", "apt-get install -y nodejs && npm install -g x", "npm"),
        ("debian", "apt-get install -y softhsm2 && softhsm2-util --init-token", ""),
        ("debian", "apt-get install -y ffmpeg && ffmpeg -version", ""),
        ("debian", "apt-get install -y curl && curl -o /usr/bin/jq x && jq .", ""),
        ("debian", "apt-get install -y vim && dpkg-reconfigure x && rm -rf /tmp/x", ""),
        ("debian", "apt-get install -y x && /opt/x/y --init && ./z", ""),
        ("debian", "y && apt-get install -y x && y", ""),
        ("node", "apt-get install -y ffmpeg && npm install -g x", ""),
        ("php:8-fpm", "apt-get install -y libzip-dev && docker-php-ext-install zip", ""),
        ("example/base", "apt-get install -y libsofthsm2 && softhsm2-util --init-token", ""),
    ],
)
def test_a_program_that_a_recommended_package_may_have(base: str, run: str, program: str) -> None:
    (finding,) = run_rule(RULE, f"FROM {base}\nRUN {run}\n")
    assert bool(finding.changes) is not bool(program)
    assert not program or f"may have `{program}`" in finding.message
