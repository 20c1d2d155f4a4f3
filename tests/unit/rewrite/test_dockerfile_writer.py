"""The text of a rewrite."""

import re
from collections import Counter

import dockerfile
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.adapters.parsing.dockerfile_parser import DockerfileReader
from bot.dockerfile.instruction import Instruction
from bot.dockerfile.stages import Dockerfile
from tests.support.rewrite_world import (
    GO,
    cut_build_stage,
    cut_last_stage,
    make_candidate,
    rewrite_text,
)
from tests.support.rewrite_world import GO_FILES as GO_FILES_WITH_CACHE

GO_FILES = GO_FILES_WITH_CACHE.replace("60MB", "900kB")  # so small that it gets no mount
RUN = 'CMD ["/app"]\n'
COMMENT = "# What runs: the tools and caches of the build stay in the stage above."
HEAD = "FROM debian:bookworm-slim"
MOVED = (
    "CMD",
    "ENTRYPOINT",
    "EXPOSE",
    "HEALTHCHECK",
    "LABEL",
    "STOPSIGNAL",
    "VOLUME",
    "MAINTAINER",
)
MOVED_LATE = ("ENV", "USER", "SHELL")


def list_last_stage(text: str, files: str = "") -> list[str]:
    return cut_last_stage(rewrite_text(text, GO_FILES + files))


def write_build_stage(text: str, files: str = "") -> str:
    return cut_build_stage(rewrite_text(text, GO_FILES + files))


def shift_lines(files: str, lines: int) -> str:
    """Return the listing with its line numbers increased."""
    return re.sub(r"@(\d+)", lambda line: f"@{int(line[1]) + lines}", files)


def test_the_smallest_rewrite() -> None:
    assert rewrite_text(GO + RUN, GO_FILES) == (
        GO.replace("1.24", "1.24 AS build")
        + f'\n{COMMENT}\n{HEAD}\nWORKDIR /src\nCOPY --from=build /app /\nCMD ["/app"]\n'
    )


@pytest.mark.parametrize(
    ("from_lines", "expected"),
    [
        ("FROM golang:1.24 AS compile", "FROM golang:1.24 AS compile"),
        ("from golang:1.24 as Compile", "from golang:1.24 as Compile"),
        ("FROM golang:1.24  ", "FROM golang:1.24 AS build  "),
        (
            "FROM --platform=linux/amd64 golang:1.24",
            "FROM --platform=linux/amd64 golang:1.24 AS build",
        ),
        ("FROM \\\n  golang:1.24", "FROM \\\n  golang:1.24 AS build"),
        ("ARG V=1.24\nFROM golang:${V}", "ARG V=1.24\nFROM golang:${V} AS build"),
    ],
)
def test_the_build_stage_has_a_name(from_lines: str, expected: str) -> None:
    files = shift_lines(GO_FILES, from_lines.count("\n"))
    text = rewrite_text(GO.replace("FROM golang:1.24", from_lines) + RUN, files)
    assert text.startswith(expected + "\n")


def test_a_taken_stage_name_is_not_used() -> None:
    text = "FROM alpine AS build\nRUN true\n\n" + GO + RUN
    files = GO_FILES.replace("@3", "@6").replace("@4", "@7")
    assert "FROM golang:1.24 AS builder\n" in rewrite_text(text, files)


def test_the_last_stage_has_the_name_of_the_target() -> None:
    text = GO.replace("1.24", "1.24 AS Release") + RUN
    output = rewrite_text(text, GO_FILES, target="release")
    assert output.startswith("FROM golang:1.24 AS build\n")
    assert f"\n{HEAD} AS Release\n" in output
    assert "COPY --from=build /app /\n" in output


def test_a_platform_is_kept() -> None:
    text = GO.replace("FROM", "FROM --platform=$BUILDPLATFORM") + RUN
    assert list_last_stage(text)[0] == "FROM --platform=$BUILDPLATFORM debian:bookworm-slim"


def test_runtime_instructions_move_to_the_last_stage() -> None:
    carried = (
        'LABEL a="b" \\\n      c="d e"\nEXPOSE 80 443/udp\nVOLUME ["/data"]\nSTOPSIGNAL SIGINT\n'
        'HEALTHCHECK --interval=5s CMD ["/app", "-check"]\nENTRYPOINT ["/app"]\nCMD ["-v"]\n'
    )
    assert write_build_stage(GO + carried) == GO.replace("1.24", "1.24 AS build")
    assert "\n".join(list_last_stage(GO + carried)[3:]) + "\n" == carried


def test_shared_instructions_are_in_both_stages() -> None:
    lines = 'ARG VERSION=1\nENV V=$VERSION W="a b"\nUSER 1000:1000\nSHELL ["/bin/bash", "-c"]\n'
    text = GO.replace("WORKDIR", lines + "WORKDIR")
    files = shift_lines(GO_FILES, 4)
    output = rewrite_text(text + RUN, files)
    assert cut_build_stage(output) == text.replace("1.24", "1.24 AS build")
    stage = cut_last_stage(output)
    assert stage[1:4] == ["ARG VERSION=1", 'ENV V=$VERSION W="a b"', 'SHELL ["/bin/bash", "-c"]']
    assert stage[-2:] == ["USER 1000:1000", RUN.strip()]


def test_what_is_set_after_the_last_build_step_moves_to_the_last_stage() -> None:
    lines = 'ARG VERSION=1\nENV V=$VERSION W="a b"\nUSER 1000:1000\nSHELL ["/bin/bash", "-c"]\n'
    build_stage = GO.replace("1.24", "1.24 AS build") + "ARG VERSION=1\n"
    assert write_build_stage(GO + lines + RUN) == build_stage
    assert list_last_stage(GO + lines + RUN)[3:] == [*lines.splitlines(), RUN.strip()]


def test_an_argument_that_nothing_refers_to_is_left_out() -> None:
    assert "ARG VERSION" not in "\n".join(list_last_stage(GO + "ARG VERSION\n" + RUN))


@pytest.mark.parametrize("name", ["ONE", "TWO", "THREE"])
def test_an_argument_declared_beside_others_stays_if_one_of_them_is_used(name: str) -> None:
    lines = f'ARG ONE TWO="a b" \\\n    THREE=3\nENV V=${name}\n'
    assert "THREE=3" in "\n".join(list_last_stage(GO + lines + RUN))


def test_arguments_declared_together_go_if_none_is_used() -> None:
    assert "ARG" not in "\n".join(list_last_stage(GO + "ARG ONE TWO=2\nENV V=$THREE\n" + RUN))


def test_users_and_modes_come_before_what_is_copied() -> None:
    text = (
        "FROM golang:1.24\nRUN useradd -m app\nUSER app\nWORKDIR /src\nCOPY . .\nRUN go build -o /app .\n"
        + RUN
    )
    files = shift_lines(GO_FILES, 2) + "user app 1000:1000 /home/app /bin/bash\n"
    lines = cut_last_stage(rewrite_text(text, files))
    assert lines[1].startswith("RUN groupadd --gid 1000 app \\")
    assert lines[-3:] == ["COPY --from=build /app /", "USER app", 'CMD ["/app"]']


def test_comments_stay_or_move_with_their_lines() -> None:
    text = (
        "# syntax=docker/dockerfile:1\n# The build.\n"
        + GO.replace("RUN", "# Compile.\nRUN")
        + "\n# No line below.\n\n# Expose HTTP port\n# of the server.\nEXPOSE 80\n\n# How it runs.\n"
        + RUN
    )
    files = shift_lines(GO_FILES.replace("@4", "@5"), 2)
    output = rewrite_text(text, files)
    assert cut_build_stage(output) == (
        "# syntax=docker/dockerfile:1\n# The build.\n"
        + GO.replace("1.24", "1.24 AS build").replace("RUN", "# Compile.\nRUN")
        + "\n# No line below.\n"
    )
    assert output.endswith(
        "COPY --from=build /app /\n\n# Expose HTTP port\n# of the server.\nEXPOSE 80\n"
        f"\n# How it runs.\n{RUN}"
    )


def test_no_empty_lines_are_left_of_what_moves() -> None:
    text = GO.replace("RUN", "\nEXPOSE 80\n\nRUN") + "\n" + RUN
    output = rewrite_text(text, shift_lines(GO_FILES, 0).replace("@4", "@7"))
    assert cut_build_stage(output) == GO.replace("1.24", "1.24 AS build").replace("RUN", "\nRUN")


def test_the_case_of_keywords_is_the_files() -> None:
    lower = re.sub(r"^[A-Z]+", lambda match: match[0].lower(), GO + RUN, flags=re.MULTILINE)
    output = rewrite_text(
        lower, GO_FILES + "opt/x/a 1kB @4 ~7:7\nopt/x/b 1kB @4\nopt/x/ @4 755 ~7:7\n"
    )
    assert output.startswith("from golang:1.24 as build\n")
    assert cut_last_stage(output.replace("from debian", "FROM debian"))[1:] == [
        "workdir /src", "copy --from=build /opt/x /opt/x", "copy --from=build /app /",
        "run chown 7:7 /opt/x", 'cmd ["/app"]',
    ]  # fmt: skip


def test_windows_line_ends() -> None:
    output = rewrite_text((GO + RUN).replace("\n", "\r\n"), GO_FILES)
    assert output.count("\n") == output.count("\r\n") > 8


def test_line_ends_of_both_kinds_stay_as_they_are() -> None:
    text = GO.replace("WORKDIR /src\n", "WORKDIR /src\r\n") + RUN
    assert write_build_stage(text) == text.replace("1.24", "1.24 AS build").removesuffix(RUN)


def test_bytes_that_are_no_utf_8() -> None:
    data = (GO + "LABEL a=caf").encode() + b"\xe9\n# \xff\n" + RUN.encode()
    output = make_candidate(data, GO_FILES).dockerfile
    assert output.count(b"LABEL a=caf\xe9\n") == 1
    assert b"# \xff\n" in output


def test_the_backtick_as_escape() -> None:
    text = "# escape=`\n" + GO.replace("RUN", "RUN useradd app && `\n   ") + RUN
    files = shift_lines(GO_FILES, 1) + "user app 7:7 /a /b\ndeb curl 1kB base\n"
    output = rewrite_text(text, files)
    assert "groupadd --system --gid 7 app && `\n    useradd" in output
    assert "\\" not in output


def test_a_file_that_ends_in_a_continuation() -> None:
    text = GO.replace("RUN go build -o /app .\n", 'CMD ["/app"]\nRUN go build -o /app . \\')
    output = rewrite_text(text, GO_FILES.replace("@4", "@5"))
    assert f"RUN go build -o /app .\n\n{COMMENT}\n{HEAD}\n" in output
    commented = rewrite_text(text + "\n# the end \\\n\n", GO_FILES.replace("@4", "@5"))
    assert f"RUN go build -o /app .\n# the end \\\n\n{COMMENT}\n{HEAD}\n" in commented


def test_heredocs() -> None:
    text = (
        GO + "RUN <<EOF\nmkdir /data\necho FROM x\nEOF\nCOPY <<EOF /etc/x.conf\na = $b\nEOF\n" + RUN
    )
    output = rewrite_text(text, GO_FILES + "etc/x.conf 1kB @9")
    assert write_build_stage(text) == (GO + text.removeprefix(GO)).replace(
        "1.24", "1.24 AS build"
    ).removesuffix(RUN)
    assert cut_last_stage(output)[1:] == [
        "WORKDIR /src", "RUN mkdir /data", "COPY --from=build /app /", "COPY --from=build /etc/x.conf /etc/",
        'CMD ["/app"]',
    ]  # fmt: skip


def test_working_folders_without_use_are_left_out() -> None:
    text = GO + "WORKDIR /data\nRUN touch /data/x\nWORKDIR /run\n" + RUN
    assert [x for x in list_last_stage(text) if x.startswith("WORKDIR")] == [
        "WORKDIR /data",
        "WORKDIR /run",
    ]
    text = GO + "WORKDIR /data\nWORKDIR /run\n" + RUN
    assert [x for x in list_last_stage(text) if x.startswith("WORKDIR")] == ["WORKDIR /run"]
    text = GO + "WORKDIR /data\nWORKDIR run\n" + RUN
    assert [x for x in list_last_stage(text) if x.startswith("WORKDIR")] == [
        "WORKDIR /data",
        "WORKDIR run",
    ]


LINES = st.sampled_from(
    [
        "# a comment",
        "",
        "ARG A=1",
        "env X=1 \\\n  # inside\n\n  Y=2",
        "ENV P $A",
        "USER 1000",
        "WORKDIR sub",
        "EXPOSE 80",
        "LABEL a=b \\\n  c=d",
        "VOLUME /data",
        "RUN mkdir /data && \\\n  touch /data/x",
        "RUN <<-EOF\n\tmkdir /x\n\tEOF",
        "HEALTHCHECK CMD /app -check",
        "CMD /app",
        'ENTRYPOINT ["/app"]',
        "STOPSIGNAL SIGTERM",
        "RUN --mount=type=cache,target=/x apt-get install -y curl",
        "MAINTAINER me",
        "# a comment \\",
    ]
)


@given(st.lists(LINES, max_size=8), st.sampled_from(["\n", "\r\n"]), st.sampled_from(["", "\n"]))
def test_generated_files_can_be_rewritten(lines: list[str], newline: str, end: str) -> None:
    """Every byte that need not change stays; BuildKit reads the result, which has one stage more."""
    text = (GO + "\n".join([*lines, 'CMD ["/app"]'])).replace("\n", newline) + end
    output = make_candidate(text, GO_FILES).dockerfile
    before = DockerfileReader().parse(text.encode())
    after = DockerfileReader().parse(output)
    assert len(after.stages) == len(before.stages) + 1
    kept_instructions = [
        item for item in before.stages[-1].instructions if not _moves(before, item)
    ]
    assert [_bytes(before.source.data, item) for item in kept_instructions] == [
        _bytes(output, item) for item in after.stages[0].instructions
    ]
    texts = Counter(item.text for item in after.comments)
    assert not Counter(item.text for item in before.comments) - texts
    parsed = dockerfile.parse_string(output.decode())
    assert [item.cmd.upper() for item in parsed] == [item.keyword for item in after.statements]
    assert output.count(b"\n") == output.count(newline.encode())


def _bytes(data: bytes, statement: Instruction) -> bytes:
    return data[statement.span.start : statement.span.end]


def _moves(before: Dockerfile, item: Instruction) -> bool:
    """Return True for what has no effect on the build stage."""
    instructions = before.stages[-1].instructions
    builds = [x.line_start for x in instructions if x.keyword in ("COPY", "ADD", "RUN")]
    return item.keyword in MOVED or (item.keyword in MOVED_LATE and item.line_start > builds[-1])
