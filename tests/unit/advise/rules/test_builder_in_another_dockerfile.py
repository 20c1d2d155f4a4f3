"""The builder pattern."""

from pathlib import Path

import pytest

from bot.adapters.parsing.build_context import FolderContextReader
from bot.adapters.parsing.dockerfile_parser import DockerfileReader
from bot.advise.finding import FixSafety
from bot.advise.subject import RuleInput
from bot.dockerfile.build_plan import BuildPlan
from tests.support.rule_inputs import apply_rule, run_rule
from tests.support.seeds import BUILDER_PATTERN

RULE = "builder-in-another-dockerfile"


def pattern(folder: Path, **changed: str) -> RuleInput:
    """Return the first seed as a folder, with other contents for some of its files."""
    files = {**BUILDER_PATTERN, **{name.replace("_", "."): text for name, text in changed.items()}}
    for name, text in files.items():
        (folder / name).write_text(text, "utf-8")
    parser = DockerfileReader()
    context = FolderContextReader(parser).read(folder / "Dockerfile", folder, folder)
    return RuleInput(BuildPlan(parser.parse((folder / "Dockerfile").read_bytes())), context=context)


@pytest.mark.parametrize(
    "script",
    [
        "docker build -t x .\n",
        "docker build -t b -f Dockerfile.build .\n",
        "docker build -t b -f Dockerfile.build .\ndocker create --name e b\n",
        "docker build -t b -f Dockerfile.build .\ndocker create --name e b\ndocker cp e:/x ./y\n",
        "docker build -t b -f Other .\ndocker create --name e b\ndocker cp e:/x ./app\n",
        "docker create --name e golang\ndocker cp e:/x ./app\n",
        "cp /somewhere/app ./app\n",
    ],
)
def test_not_reported(tmp_path: Path, script: str) -> None:
    assert run_rule(RULE, pattern(tmp_path, build_sh=script)) == []


def test_the_fix_merges_both_dockerfiles(tmp_path: Path) -> None:
    looked_at = pattern(tmp_path)
    (finding,) = run_rule(RULE, looked_at)
    assert finding.safety is FixSafety.NEEDS_CHECK
    assert (
        apply_rule(RULE, looked_at)
        == """\
# syntax=docker/dockerfile:1
FROM golang:1.16 AS build
WORKDIR /go/src/github.com/alexellis/href-counter/
COPY app.go ./
RUN go get -d -v golang.org/x/net/html \\
  && CGO_ENABLED=0 GOOS=linux go build -a -installsuffix cgo -o app .

FROM alpine:latest\x20\x20
RUN apk --no-cache add ca-certificates
WORKDIR /root/
COPY --from=build /go/src/github.com/alexellis/href-counter/app ./
CMD ["./app"]\x20\x20
"""
    )


def test_a_renamed_file_keeps_its_new_name(tmp_path: Path) -> None:
    script = BUILDER_PATTERN["build.sh"].replace(
        "href-counter/app ./app", "href-counter/main ./app"
    )
    assert "href-counter/main ./app\n" in apply_rule(RULE, pattern(tmp_path, build_sh=script))


@pytest.mark.parametrize(
    "builder",
    ["ARG V=1\nFROM golang:$V\nRUN x\n", "FROM a AS x\nFROM golang\nCOPY --from=x /a /a\n"],
)
def test_no_fix_if_the_builder_has_several_stages(tmp_path: Path, builder: str) -> None:
    (finding,) = run_rule(RULE, pattern(tmp_path, Dockerfile_build=builder))
    assert (finding.changes, finding.safety) == ((), FixSafety.MANUAL)
