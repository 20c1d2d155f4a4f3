"""Last stages without a shell: what they copy from the system, and programs that get none."""

import pytest

from bot.rewrite.smaller_bases import ALPINE
from tests.support.rewrite_world import GO, GO_FILES
from tests.unit.rewrite.test_second_offers import RUN, list_offers

USERS = "etc/passwd 1kB base\netc/group 1kB base\n"
SYSTEM = f"""
    {USERS}
    tmp/ @base 1777
    root/ @base 700
    etc/ssl/certs/ca-certificates.crt 200kB base
    usr/share/zoneinfo/UTC 1kB base
"""


def render(files: str = GO_FILES, text: str = GO + RUN) -> list[str]:
    """Return the lines of the stage on scratch; none if there is no such stage."""
    offers = [x for x in list_offers(files, text) if x.base_image != ALPINE]
    return offers[0].last_stage.splitlines()[1:] if offers else []


def test_what_every_program_may_need_is_copied() -> None:
    assert render(GO_FILES + SYSTEM) == [
        "FROM debian:bookworm-slim AS system",
        "RUN mkdir -p -m 700 /system/root \\",
        "    && mkdir -m 1777 /system/tmp",
        "",
        "# What runs: the tools and caches of the build stay in the stage above.",
        "FROM scratch",
        "COPY --from=system /system /",
        "COPY --from=build /etc/passwd /etc/group /etc/",
        "COPY --from=build /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/",
        "COPY --from=build /usr/share/zoneinfo /usr/share/zoneinfo",
        "WORKDIR /src",
        "COPY --from=build /app /",
        'CMD ["/app"]',
    ]


def test_a_program_that_asks_for_no_time_zone_gets_none() -> None:
    local = GO_FILES.replace("ELF go", "ELF go \0time.LoadLocationFromTZData\0") + SYSTEM
    zones = "COPY --from=build /usr/share/zoneinfo /usr/share/zoneinfo"
    (offer, *_) = list_offers(local)
    assert zones not in offer.last_stage
    assert offer.difference.endswith(", and no time zones, so `TZ` has no effect")
    (distroless,) = (other for other in list_offers(local) if "distroless" in other.base_image)
    assert "time zones" not in distroless.difference, "it has them"
    named = local.replace("TZData\0", "TZData\0time.LoadLocation\0")
    for files, text in (
        (named, GO + RUN),
        (local, GO + "ENV TZ=UTC\n" + RUN),
        (local, GO.replace("RUN ", "RUN apt-get install -y tzdata && ", 1) + RUN),
    ):
        (offer, *_) = list_offers(files, text)
        assert zones in offer.last_stage
        assert "time zones" not in offer.difference


def test_users_come_with_their_home() -> None:
    text = GO.replace("RUN ", "RUN useradd -m app && ") + "USER app\n" + RUN
    files = GO_FILES + "user app 7:7 /home/app /bin/sh\nhome/app/ @4 755 ~7:7\n"
    lines = render(files + "home/app/.bashrc 1kB @4 644 ~7:7\n", text)
    assert "COPY --from=build --chown=7:7 /home/app /home/app" in lines
    assert "USER app" in lines
    assert not any(line.startswith("RUN") for line in lines[lines.index("FROM scratch") :])
    many = "".join(f"home/app/.cache/pip/{number} 1kB @4\n" for number in range(20))
    assert render(files + many, text) == []


def test_files_that_the_program_names_are_copied() -> None:
    named = "ELF go /etc/passwd /etc/os-release /usr/share/misc/magic"
    files = GO_FILES.replace("ELF go", named) + (
        f"{USERS}deb base-files 1MB base basic brings usr/share/misc/magic\netc/os-release 1kB base\n"
    )
    lines = render(files)
    assert "COPY --from=build /etc/passwd /etc/group /etc/os-release /etc/" in lines
    assert "COPY --from=build /usr/share/misc/magic /usr/share/misc/" in lines


def test_what_static_and_dynamic_programs_of_glibc_name_is_not_copied() -> None:
    library = "usr/lib/x86_64-linux-gnu"
    named = f"ELF go /{library}/gconv/gconv-modules.cache /lib64/ld-linux-x86-64"
    files = GO_FILES.replace("ELF go", named) + (
        f"deb libc6 13MB base basic brings {library}/gconv/gconv-modules"
        f" {library}/gconv/gconv-modules.cache lib64/ld-linux-x86-64\n"
    )
    assert not any("gconv" in x or "lib64" in x for x in render(files))
    assert render(files)


@pytest.mark.parametrize(
    ("change", "text"),
    [
        (("ELF go", "ELF go os.StartProcess"), GO + RUN),
        (("ELF go", "ELF go /bin/date"), GO + RUN),
        (("ELF go", "ELF go libnss_files"), GO + RUN),
        (("ELF go", "ELF go /var/log"), GO + RUN),
        (("", ""), GO + "CMD /app $PORT\n"),
        (("", ""), GO + "HEALTHCHECK CMD /app -check\n" + RUN),
        (("", ""), GO + 'HEALTHCHECK CMD ["curl", "http://127.0.0.1"]\n' + RUN),
        (("", ""), GO.replace("RUN ", "RUN apt-get install -y libmagic1 && ") + RUN),
        (("src/main", "app.d/run.sh 1kB @4 755 = #!/bin/sh\nsrc/main"), GO + RUN),
        (("src/main", "etc/localtime -> /usr/share/zoneinfo/CET @base\nsrc/main"), GO + RUN),
    ],
)
def test_programs_that_need_a_distribution(change: tuple[str, str], text: str) -> None:
    system = (
        "deb coreutils 1MB base basic brings usr/bin/date\nbin -> usr/bin @base\nvar/log/ @base\n"
        "deb libmagic1 1MB @4 brings usr/share/misc/magic\nusr/share/zoneinfo/CET 1kB base\n"
    )
    assert render(GO_FILES + system, GO + RUN)
    assert render(GO_FILES.replace(*change) + system, text) == []


def test_a_health_check_by_the_program_itself_is_kept() -> None:
    check = 'HEALTHCHECK CMD ["/app", "-check"]\n'
    assert check.strip() in render(GO_FILES, GO + check + RUN)


def test_a_variable_of_the_base_image_that_names_the_certificates_is_kept() -> None:
    path = "/etc/ssl/certs/ca-certificates.crt"
    files = GO_FILES.replace("GOPATH", f"SSL_CERT_FILE={path} GOPATH") + SYSTEM
    assert f"ENV SSL_CERT_FILE={path}" in render(files)


def has_alpine_stage(files: str = GO_FILES, text: str = GO + RUN) -> bool:
    return ALPINE in [offer.base_image for offer in list_offers(files, text)]


def test_a_static_program_that_starts_others_has_a_shell_on_alpine() -> None:
    files = GO_FILES.replace("ELF go", "ELF go os.StartProcess /bin/sh /etc/passwd") + USERS
    assert render(files) == []
    (offer,) = list_offers(files)
    assert offer.last_stage.splitlines()[1:] == [
        "FROM alpine:3",
        "WORKDIR /src",
        "COPY --from=build /app /",
        'CMD ["/app"]',
    ]
    assert "BusyBox" in offer.difference


@pytest.mark.parametrize(
    ("change", "text"),
    [
        (("ELF go", "ELF go libc.so.6"), GO + RUN),
        (("ELF go", "ELF go /etc/debian_version"), GO + RUN),
        (("ELF go", "ELF go libnss_files"), GO + RUN),
        (("", ""), GO.replace("RUN ", "RUN apt-get install -y libmagic1 && ") + RUN),
        (("", ""), GO + 'HEALTHCHECK CMD ["curl", "http://127.0.0.1"]\n' + RUN),
        (("src/main", "etc/localtime -> /usr/share/zoneinfo/CET @base\nsrc/main"), GO + RUN),
        (("src/main", "release alpine 3.20\nsrc/main"), GO + RUN),
        (("2MB @3", '2MB @3 = import "os/exec"'), GO + RUN),
        (("src/main.go 2MB @3", ""), GO + RUN),
    ],
)
def test_programs_that_need_more_than_alpine(change: tuple[str, str], text: str) -> None:
    system = (
        "deb libmagic1 1MB @4 brings usr/share/misc/magic\nusr/share/zoneinfo/CET 1kB base\n"
        "deb libc6 13MB base basic brings usr/lib/libc.so.6 lib/ld.so\netc/debian_version 5B base\n"
    )
    assert has_alpine_stage(GO_FILES + system)
    assert not has_alpine_stage(GO_FILES.replace(*change) + system, text)
