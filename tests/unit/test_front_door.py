"""The files that greet users and contributors, held against what they describe."""

import os
import re
import shlex
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

ROOT = Path(__file__).parents[2]
GITHUB = ROOT / ".github"
REPOSITORY = "https://github.com/image-size-review/image-size-review"
FORMS = sorted(set(GITHUB.glob("ISSUE_TEMPLATE/*.yml")) - {GITHUB / "ISSUE_TEMPLATE/config.yml"})
PROJECT: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
LABEL = re.compile(r'org\.opencontainers\.image\.([a-z]+)="([^"]*)"')
WASTEFUL = "FROM debian:bookworm-slim\nRUN pip install flask\n"
CLEAN = "FROM scratch\n"
BROKEN = "FROM scratch\nRUNN make\n"


def load(path: Path) -> Any:
    return YAML(typ="safe").load(path)


HOOKS: dict[str, dict[str, Any]] = {
    hook["id"]: hook for hook in load(ROOT / ".pre-commit-hooks.yaml")
}


@pytest.mark.parametrize("kind", ["inputs", "outputs"])
def test_every_input_and_output_of_the_action_has_a_type(kind: str) -> None:
    action, types = load(ROOT / "action.yml"), load(ROOT / "action-types.yml")
    assert list(types[kind]) == list(action[kind])


def test_both_forms_of_the_action_have_the_same_types() -> None:
    assert load(ROOT / "host/action-types.yml") == load(ROOT / "action-types.yml")


@pytest.mark.parametrize("name", ["comment", "fail-on", "mode"])
def test_the_values_of_a_type_are_those_that_the_action_describes(name: str) -> None:
    action, types = load(ROOT / "action.yml"), load(ROOT / "action-types.yml")
    values = types["inputs"][name]["allowed-values"]
    described = re.sub(r" \([^)]*\)", "", action["inputs"][name]["description"])
    assert f"ne of {', '.join(values)}" in described


def test_the_types_of_defaults_are_right() -> None:
    action, types = load(ROOT / "action.yml"), load(ROOT / "action-types.yml")
    defaults = {
        name: declaration["default"]
        for name, declaration in action["inputs"].items()
        if "default" in declaration
    }
    for name, default in defaults.items():
        declared = types["inputs"][name]
        allowed = {"boolean": ["true", "false"], "string": [default]}.get(declared["type"])
        assert default in (allowed or declared["allowed-values"])
    assert {"unbuildable-from-forks", "mode", "review-comments"} <= set(defaults)


def test_the_hooks_run_a_program_that_the_package_installs() -> None:
    assert list(HOOKS) == ["image-size-advise", "image-size-fix"]
    for hook in HOOKS.values():
        shell, option, script, name = shlex.split(hook["entry"])
        assert (shell, option, name, hook["language"]) == ("sh", "-c", hook["id"], "python")
        program = re.search(r"do (\S+) advise", script)
        assert program
        assert program[1] in PROJECT["scripts"]


def run_hook(name: str, folder: Path, files: dict[str, str]) -> subprocess.CompletedProcess[str]:
    """Call the entry of a hook as pre-commit does, with the names of all files."""
    for path, text in files.items():
        (folder / path).parent.mkdir(exist_ok=True)
        (folder / path).write_text(text, "utf-8")
    programs = folder / "programs"
    programs.mkdir()
    (programs / "image-size-review").write_text(
        f'#!/bin/sh\nexec "{sys.executable}" -m bot "$@"\n', "utf-8"
    )
    (programs / "image-size-review").chmod(0o755)
    path = f"{programs}:{os.environ['PATH']}"
    return subprocess.run(
        [*shlex.split(HOOKS[name]["entry"]), *files],
        cwd=folder,
        env={**os.environ, "PATH": path, "PYTHONPATH": str(ROOT), "DOCKER_HOST": "unix:///none"},
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_advise_hook_prints_what_it_suggests_for_every_file_and_passes(tmp_path: Path) -> None:
    files = {"api/Dockerfile": WASTEFUL, "my web/Dockerfile": WASTEFUL, "Dockerfile": CLEAN}
    ended = run_hook("image-size-advise", tmp_path, files)
    assert (ended.returncode, ended.stderr) == (0, "")
    assert HOOKS["image-size-advise"]["verbose"] is True
    for path in ("api/Dockerfile", "my web/Dockerfile"):
        assert f"{path}: 1 suggestion" in ended.stdout
        assert (tmp_path / path).read_text("utf-8") == WASTEFUL
    assert ended.stdout.count("RUN pip install --no-cache-dir flask") == 2


@pytest.mark.parametrize("name", list(HOOKS))
def test_a_file_that_cannot_be_built_fails_the_hook_in_any_folder(
    name: str, tmp_path: Path
) -> None:
    ended = run_hook(name, tmp_path, {"a/Dockerfile": BROKEN, "b/Dockerfile": CLEAN})
    assert ended.returncode == 2
    assert "a/Dockerfile cannot be built." in ended.stderr
    assert "b/Dockerfile: nothing to suggest" in ended.stdout


def test_the_fix_hook_changes_a_file_once(tmp_path: Path) -> None:
    files = {"api/Dockerfile": WASTEFUL, "Dockerfile": CLEAN}
    (tmp_path / "first").mkdir()
    assert run_hook("image-size-fix", tmp_path / "first", files).returncode == 0
    fixed = {path: (tmp_path / "first" / path).read_text("utf-8") for path in files}
    assert "RUN pip install --no-cache-dir flask" in fixed["api/Dockerfile"]
    assert fixed["Dockerfile"] == CLEAN
    (tmp_path / "second").mkdir()
    assert run_hook("image-size-fix", tmp_path / "second", fixed).returncode == 0
    assert {path: (tmp_path / "second" / path).read_text("utf-8") for path in files} == fixed


def test_the_page_on_pre_commit_names_the_existing_hooks() -> None:
    page = (ROOT / "docs/pre-commit.md").read_text("utf-8")
    assert re.findall(r"- id: (\S+)", page) == list(HOOKS)
    assert f"repo: {REPOSITORY}\n" in page


@pytest.mark.parametrize("path", FORMS, ids=lambda path: path.stem)
def test_an_issue_form_asks_for_something_and_names_its_fields_once(path: Path) -> None:
    form = load(path)
    fields = [field for field in form["body"] if field["type"] != "markdown"]
    names = [field["id"] for field in fields]
    assert len(names) == len(set(names))
    assert any(field.get("validations", {}).get("required") for field in fields)
    assert form["title"] == f"{form['name']}: "


def test_security_problems_are_sent_to_the_private_form() -> None:
    config = load(GITHUB / "ISSUE_TEMPLATE/config.yml")
    (link,) = config["contact_links"]
    assert config["blank_issues_enabled"] is False
    assert link["url"] == f"{REPOSITORY}/security/advisories/new"
    assert link["url"] in (GITHUB / "SECURITY.md").read_text("utf-8")


@pytest.mark.parametrize("name", ["SECURITY.md", "CODE_OF_CONDUCT.md"])
def test_the_links_of_a_page_lead_to_files_that_exist(name: str) -> None:
    page = (GITHUB / name).read_text("utf-8")
    targets = dict(re.findall(r"^\[([\w-]+)\]: (\S+)$", page, re.MULTILINE))
    assert set(re.findall(r"\]\[([\w-]+)\]", page)) == set(targets)
    local = [target for target in targets.values() if not target.startswith("https://")]
    assert [target for target in local if not (GITHUB / target).exists()] == []


def test_dependabot_looks_where_there_is_something_to_update() -> None:
    patterns = {"github-actions": "*.yml", "docker": "Dockerfile", "pip": "*.txt"}
    updates = load(GITHUB / "dependabot.yml")["updates"]
    assert [update["package-ecosystem"] for update in updates] == list(patterns)
    for update in updates:
        for folder in update.get("directories") or [update["directory"]]:
            assert list(
                ROOT.joinpath(folder.lstrip("/")).glob(patterns[update["package-ecosystem"]])
            )


def test_make_workflows_holds_each_file_against_its_schema() -> None:
    printed = subprocess.run(
        ["make", "--dry-run", "workflows"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    schemas = {
        "vendor.dependabot": [GITHUB / "dependabot.yml"],
        "vendor.github-issue-config": [GITHUB / "ISSUE_TEMPLATE/config.yml"],
        "vendor.github-issue-forms": FORMS,
    }
    assert len(FORMS) == 4
    for schema, paths in schemas.items():
        files = " ".join(str(path.relative_to(ROOT)) for path in paths)
        assert f"check-jsonschema --builtin-schema {schema} {files}\n" in printed.stdout


def test_the_image_says_what_it_is_and_where_it_comes_from() -> None:
    *_, last_stage = (ROOT / "Dockerfile").read_text("utf-8").split("\nFROM ")
    labels = dict(LABEL.findall(last_stage))
    assert labels["title"] == load(ROOT / "action.yml")["name"]
    assert labels["description"] == PROJECT["description"]
    assert labels["licenses"] == PROJECT["license"]
    assert labels["source"] == PROJECT["urls"]["Source"] == REPOSITORY
    assert labels["documentation"].startswith(f"{REPOSITORY}/blob/main/")
    assert (labels["version"], labels["revision"]) == ("$VERSION", "$REVISION")


def test_a_release_gives_the_image_its_version_and_revision() -> None:
    steps = load(GITHUB / "workflows/release.yml")["jobs"]["image"]["steps"]
    (build,) = [step for step in steps if "docker/build-push-action@" in step.get("uses", "")]
    arguments = dict(line.split("=", 1) for line in build["with"]["build-args"].splitlines())
    declared = re.findall(r"^ARG (\w+)=", (ROOT / "Dockerfile").read_text("utf-8"), re.MULTILINE)
    assert list(arguments) == declared
    assert arguments["VERSION"] == "${{ inputs.version }}"


def test_the_package_links_to_its_repository() -> None:
    assert {"Homepage", "Documentation", "Source", "Issues", "Changelog"} <= set(PROJECT["urls"])
    assert all(url.startswith(REPOSITORY) for url in PROJECT["urls"].values())
    assert not [name for name in PROJECT["classifiers"] if name.startswith("License ::")]
