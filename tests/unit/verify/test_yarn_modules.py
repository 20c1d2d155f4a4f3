"""Modules that Yarn installed for development alone."""

import json
from collections.abc import Mapping

import pytest

from bot.verify.yarn_modules import read_yarn_modules
from tests.support.image_pair_world import SHELL, make_image

MODULES = "app/node_modules"
PROJECT = {"dependencies": {"express": "^4", "@a/b": "1"}, "devDependencies": {"typescript": "5"}}
INSTALLED: Mapping[str, object] = {
    "express": {"dependencies": {"debug": "2"}, "optionalDependencies": {"fsevents": "2"}},
    "express/node_modules/debug": {"dependencies": {"ms": "2"}},
    "debug": {"dependencies": {"ms": "2"}},
    "ms": {},
    "@a/b": {"peerDependencies": {"peer": "1"}},
    "peer": {"version": "1"},
    "typescript": {"dependencies": {"ms": "2", "lib": "1"}},
    "lib": {"version": "1"},
}


def list_development(
    installed: Mapping[str, object] = INSTALLED,
    project: Mapping[str, object] = PROJECT,
    mark: str = ".yarn-integrity",
) -> set[str]:
    """Return the modules that only development needs."""
    files = {f"{MODULES}/{mark}": "{}", "app/package.json": json.dumps(project)}
    for name, manifest in installed.items():
        text = json.dumps({"name": name, **manifest}) if isinstance(manifest, dict) else "{"
        files[f"{MODULES}/{name}/package.json"] = text
    modules = read_yarn_modules(make_image(SHELL, run=files), "app/")
    return {name for name in installed if modules.is_development(f"{MODULES}/{name}/index.js")}


def test_what_no_dependency_leads_to_is_for_development() -> None:
    """`express` loads its own `debug`, so the outer one is for others."""
    assert list_development() == {"typescript", "lib", "debug"}
    assert list_development(mark=".yarn-state.yml") == {"typescript", "lib", "debug"}


@pytest.mark.parametrize(
    ("installed", "project", "mark"),
    [
        (INSTALLED, PROJECT, ".modules.yaml"),
        (INSTALLED, {**PROJECT, "workspaces": ["packages/*"]}, ".yarn-integrity"),
        (INSTALLED, {"dependencies": {"express": "4", "lost": "1"}}, ".yarn-integrity"),
        ({**INSTALLED, "express": {"dependencies": {"lost": "1"}}}, PROJECT, ".yarn-integrity"),
        ({**INSTALLED, "ms": None}, PROJECT, ".yarn-integrity"),
    ],
)
def test_nothing_is_known_without_all_that_is_needed(
    installed: Mapping[str, object], project: Mapping[str, object], mark: str
) -> None:
    assert list_development(installed, project, mark) == set()


def test_files_beside_modules_are_not_for_development() -> None:
    files = {
        f"{MODULES}/.yarn-integrity": "{}",
        "app/package.json": '{"name": "shop"}',
        f"{MODULES}/x/package.json": '{"name": "x"}',
    }
    modules = read_yarn_modules(make_image(SHELL, run=files), "app/")
    assert modules.is_development(f"{MODULES}/x/index.js")
    assert not modules.is_development(f"{MODULES}/.bin/x")
    assert not modules.is_development("app/index.js")
