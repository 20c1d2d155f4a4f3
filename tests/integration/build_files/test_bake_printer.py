"""Buildx itself on files that a pull request may have written; there is no engine."""

from collections.abc import Mapping
from pathlib import Path

import pytest

from bot.adapters.docker.bake import BakePrinter
from bot.project.bake_document import BakeTarget, parse_bake_document
from bot.project.compose_file import BuildFileMistake, reduce_compose_file

BAKE = "docker-bake.hcl"


def read_bake(printer: BakePrinter, text: str) -> dict[str, BakeTarget]:
    output = printer.print_targets({BAKE: text.encode()}, ".", [BAKE])
    return {target.name: target for target in parse_bake_document(output)}


def read_compose(printer: BakePrinter, path: str, texts: Mapping[str, str]) -> list[BakeTarget]:
    files = {
        name: reduce_compose_file(text, name).content if name.endswith(".yaml") else text.encode()
        for name, text in texts.items()
    }
    folder, _, name = path.rpartition("/")
    return list(parse_bake_document(printer.print_targets(files, folder or ".", [name])))


def test_no_variable_of_the_job_gets_into_a_file(printer: BakePrinter) -> None:
    variables = "".join(f'variable "{name}" {{ default = "" }}\n' for name in ("HOME", "NPM_TOKEN"))
    target = 'target "default" { args = { A = "${HOME}${NPM_TOKEN}" } }'
    args = [read_bake(printer, variables + target)["default"].args]
    text = 'services: {a: {build: {context: ., args: ["A=${HOME}${GITHUB_TOKEN}", NPM_TOKEN]}}}'
    args += [
        target.args for target in read_compose(printer, "compose.yaml", {"compose.yaml": text})
    ]
    assert args == [{"A": ""}, {"A": ""}]


def test_outputs_and_secrets_of_a_file_reach_no_file_of_the_machine(
    printer: BakePrinter, tmp_path: Path
) -> None:
    victim = tmp_path / "victim"
    victim.write_text("content")
    text = f"""
        target "default" {{
          output = ["type=tar,dest={victim}"]
          secret = ["type=file,id=a,src={tmp_path}/nothing"]
          ssh = ["default={tmp_path}/nothing"]
          cache-to = ["type=local,dest={victim}"]
        }}"""
    assert read_bake(printer, text).keys() == {"default"}
    assert victim.read_text() == "content"


def test_matrices_inheritance_and_groups_are_expanded(printer: BakePrinter) -> None:
    targets = read_bake(
        printer,
        """
        variable "TAG" { default = "1" }
        group "default" { targets = ["py"] }
        target "common" { platforms = ["linux/amd64"] }
        target "py" {
          name = "py-${version}"
          matrix = { version = ["11", "12"] }
          inherits = ["common"]
          args = { VERSION = version, NOTHING = null }
          tags = ["py:${TAG}"]
          contexts = { base = "target:base" }
        }
        target "base" { context = "base" }
        target "other" {}
        """,
    )
    assert targets.keys() == {"py-11", "py-12", "base"}
    assert targets["py-12"] == BakeTarget(
        "py-12",
        args={"VERSION": "12"},
        contexts={"base": "target:base"},
        platforms=("linux/amd64",),
        tags=("py:1",),
    )


def test_included_and_extended_compose_files_are_relative_to_their_folders(
    printer: BakePrinter,
) -> None:
    texts = {
        "deploy/compose.yaml": """
            include: [parts/compose.yaml]
            services:
              web: {extends: {file: parts/compose.yaml, service: api}}
              job: {build: {context: .., additional_contexts: {api: 'service:api'}}}
            """,
        "deploy/parts/compose.yaml": "services: {api: {build: {context: ./api}, env_file: no.env}}",
    }
    targets = read_compose(printer, "deploy/compose.yaml", texts)
    assert {target.name: target.context for target in targets} == {
        "api": "parts/api",
        "web": "parts/api",
        "job": "..",
    }
    assert targets[1].contexts == {"api": "target:api"}


def test_variables_and_platforms_of_compose_count(printer: BakePrinter) -> None:
    text = 'services: {a: {build: {args: {A: "${V}"}, platforms: [linux/arm64]}, image: "x:${V}"}}'
    texts = {"compose.yaml": text, ".env": "V=7\n"}
    (target,) = read_compose(printer, "compose.yaml", texts)
    assert (target.args, target.platforms, target.tags) == ({"A": "7"}, ("linux/arm64",), ("x:7",))


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ('target "a" {', "docker-bake.hcl:1"),
        ('target "default" { inherits = ["b"] }', "failed to find target b"),
        ('target "default" { args = { A = "${B}" } }', 'no variable named "B"'),
        ('target "web" {}\ngroup "all" { targets = ["web"] }', "no group or target 'default'"),
        ('variable "A" { no-such-key = 1 }', "a newer buildx may support it"),
    ],
)
def test_what_is_wrong_with_a_file_is_said_in_the_words_of_buildx(
    printer: BakePrinter, text: str, reason: str
) -> None:
    with pytest.raises(BuildFileMistake) as mistake:
        read_bake(printer, text)
    assert reason in str(mistake.value)


def test_more_output_than_anybody_has_is_refused(printer: BakePrinter) -> None:
    text = """
        target "default" {
          name = "t-${a}"
          matrix = { a = range(50) }
          args = { A = "%s" }
        }"""
    with pytest.raises(BuildFileMistake, match="printed more than"):
        read_bake(printer, text % ("x" * 100_000))


def test_a_machine_without_docker_or_buildx_cannot_read_such_files(tmp_path: Path) -> None:
    with pytest.raises(BuildFileMistake, match="is not installed"):
        read_bake(BakePrinter({"PATH": str(tmp_path)}), 'target "default" {}')
