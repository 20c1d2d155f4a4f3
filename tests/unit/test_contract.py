"""Facts that are in several files agree: action.yml, code, README, docs."""

import json
import re
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from ruamel.yaml import YAML

from bot.action.inputs import INPUT_NAMES, VALUES_VARIABLE, read_inputs
from bot.cli.options.argument_parser import parse_arguments
from bot.cli.options.commands import (
    FORMATS,
    ActionOptions,
    CompletionOptions,
    ImagesOptions,
    ReportOutput,
    SchemaOptions,
)
from bot.doc_links import DOCS_BASE_URL
from bot.model.report import Mode, Report
from bot.project.config_file import parse_config
from bot.project.config_schema import read_config_schema
from bot.records.record_schema import read_record_schema
from bot.report.document.schema import read_schema
from bot.report.formats.action_outputs import make_outputs
from tests.support.action_image import BOUND
from tests.support.pictures import README_COMMAND, README_PICTURE, draw_report
from tests.support.report_cases import CASES

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text("utf-8")
INPUTS = (ROOT / "docs/inputs.md").read_text("utf-8")
ACTION: dict[str, Any] = YAML(typ="safe").load(ROOT / "action.yml")


def test_the_inputs_of_the_action_are_those_that_are_read() -> None:
    assert tuple(ACTION["inputs"]) == INPUT_NAMES


def test_the_form_on_the_host_has_the_same_inputs_and_outputs() -> None:
    host = YAML(typ="safe").load(ROOT / "host/action.yml")
    assert list(host["inputs"].items()) == list(ACTION["inputs"].items())
    values = {name: f"${{{{ steps.run.outputs.{name} }}}}" for name, _ in ACTION["outputs"].items()}
    assert {name: about.pop("value") for name, about in host["outputs"].items()} == values
    assert list(host["outputs"].items()) == list(ACTION["outputs"].items())
    (step,) = host["runs"]["steps"]
    assert step["env"][VALUES_VARIABLE] == "${{ toJSON(inputs) }}"


def test_the_defaults_of_the_action_are_valid() -> None:
    defaults = {name: str(about.get("default", "")) for name, about in ACTION["inputs"].items()}
    assert read_inputs({f"INPUT_{name.upper()}": value for name, value in defaults.items()})


def test_the_outputs_of_the_action_are_those_that_are_set() -> None:
    assert list(ACTION["outputs"]) == [
        *make_outputs(Report(Mode.REVIEW, ())),
        "report",
        "markdown",
        "html",
        "comment-url",
        "matrix",
    ]


@pytest.mark.parametrize("kind", ["inputs", "outputs"])
def test_the_docs_describe_each_input_and_output_in_the_words_of_the_action(kind: str) -> None:
    rows = [f"| `{name}` | {about['description']} |" for name, about in ACTION[kind].items()]
    assert [row for row in rows if row not in INPUTS] == []


def test_the_readme_shows_a_real_report() -> None:
    shown = README.split("<!-- sample -->\n")[1].split("<!-- /sample -->")[0]
    golden = (ROOT / "tests/goldens/sample.md").read_text("utf-8")
    assert shown == golden.split("\n", 1)[1]


def test_the_picture_in_the_readme_is_of_the_same_report() -> None:
    """`python -m tests.goldens` draws it again."""
    assert "(docs/report.svg)" in README
    assert README_PICTURE.read_text("utf-8") == draw_report(CASES["sample"](), README_COMMAND)


def test_the_readmes_workflow_uses_inputs_that_exist() -> None:
    (workflow,) = re.findall(r"```yaml\n(.*?)```", README, re.DOTALL)
    assert len(workflow.splitlines()) == 12
    step = YAML(typ="safe").load(workflow)["jobs"]["image-size"]["steps"][-1]
    assert set(step["with"]) <= set(INPUT_NAMES)


def test_the_readmes_job_that_records_is_that_of_the_whole_workflow() -> None:
    (text,) = re.findall(r"```yml\n(.*?)```", README, re.DOTALL)
    whole = YAML(typ="safe").load(ROOT / "docs/workflows/history.yml")["jobs"]["record"]
    job = YAML(typ="safe").load(text)["record"]
    assert job["permissions"] == whole["permissions"]
    assert job["steps"][-1]["with"] == whole["steps"][-1]["with"]


def test_the_size_in_the_readme_is_below_the_bound() -> None:
    (megabytes,) = re.findall(r"The action's image is (\d+) MB unpacked", README)
    assert BOUND * 0.9 < int(megabytes) * 1_000_000 < BOUND


def test_the_commands_in_the_readme_are_valid() -> None:
    lines = re.findall(r"^image-size-review (.*?)(?:\s+#.*)?$", README, re.MULTILINE)
    assert len(lines) >= 5
    for line in lines:
        options = parse_arguments(line.split())
        assert not isinstance(options, ActionOptions | SchemaOptions | CompletionOptions)
        output = options.review.output if isinstance(options, ImagesOptions) else options.output
        assert output in (ReportOutput(), None)
    assert f"--format {'|'.join(FORMATS)}" in README


def test_the_configuration_in_the_docs_is_valid() -> None:
    (example,) = re.findall(
        r"```yaml\n(.*?)```", (ROOT / "docs/configuration.md").read_text("utf-8"), re.DOTALL
    )
    assert parse_config(example, "docs").images
    assert parse_config((ROOT / ".github/image-size.yml").read_text("utf-8"), "ours").images


def test_every_page_that_a_message_or_a_page_names_exists() -> None:
    texts = [
        path.read_text("utf-8")
        for folder in ("bot", "docs")
        for path in (ROOT / folder).rglob("*")
        if path.suffix in (".py", ".md")
    ]
    named = set(re.findall(r"docs/[\w-]+\.md", "\n".join([README, *texts])))
    named |= {f"docs/{name}.md" for text in texts for name in re.findall(r"page\('(\w+)'\)", text)}
    named |= {f"docs/{name}" for text in texts for name in re.findall(r"\]\(([\w-]+\.md)\)", text)}
    assert len(named) > 10
    assert sorted(name for name in named if not (ROOT / name).exists()) == []


def test_messages_link_to_the_pages_of_the_repository_that_workflows_name() -> None:
    used = re.findall(r"uses: ([\w-]+/[\w-]+)@v0", README)
    assert used
    assert f"https://github.com/{used[0]}/blob/main/docs/" == DOCS_BASE_URL


@pytest.mark.parametrize("read", [read_schema, read_config_schema, read_record_schema])
def test_the_schema_is_a_json_schema(read: Callable[[], str]) -> None:
    schema = json.loads(read())
    assert schema["$schema"] == Draft202012Validator.META_SCHEMA["$id"]
    Draft202012Validator.check_schema(schema)


def test_the_runtime_lock_is_what_the_project_asks_for() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    locked = re.findall(
        r"^([a-z0-9-]+)==", (ROOT / "requirements/runtime.txt").read_text("utf-8"), re.MULTILINE
    )
    requirements = {
        re.split(r"[>;=<]", name)[0].lower().replace(".", "-") for name in project["dependencies"]
    }
    assert requirements <= set(locked)
