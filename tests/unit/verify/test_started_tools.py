"""Settings of tools that an image starts."""

import json
from typing import Any

import pytest

from bot.verify.checks import lost_files
from bot.verify.started_tools import list_tool_settings
from tests.support.image_pair_world import SHELL, list_subjects, make_image, make_image_pair

SCRIPTS = {"serve": "npm run build:css && npm run show", "show": "vite preview --host"}
FILES = {
    "app/package.json": json.dumps({"scripts": SCRIPTS}),
    "app/vite.config.ts": "export default { preview: { proxy: { '/api': 'http://api' } } }",
    "app/index.js": "",
}


@pytest.mark.parametrize(
    "command",
    [
        ("npx", "vite", "preview"),
        ("npm", "run", "serve"),
        ("/bin/sh", "-c", "cd /app; yarn show"),
        ("/app/node_modules/.bin/vite", "preview"),
    ],
)
def test_settings_of_a_started_tool_are_missed(command: tuple[str, ...]) -> None:
    start: dict[str, Any] = {"workdir": "/app", "command": command}
    old = make_image(SHELL, copy=FILES, **start)
    new = make_image(SHELL, copy={"app/index.js": ""}, **start)
    pair = make_image_pair(old, new, dropped_paths=("/app/vite.config.ts", "/app/package.json"))
    assert list_tool_settings(pair) == {"app/vite.config.ts"}
    assert "app/vite.config.ts" in list_subjects(lost_files.check(pair))


def test_settings_of_a_builder_are_not_missed() -> None:
    start: dict[str, Any] = {"workdir": "/app", "command": ("node", "index.js")}
    old = make_image(SHELL, copy=FILES, **start)
    new = make_image(SHELL, copy={"app/index.js": ""}, **start)
    pair = make_image_pair(old, new, dropped_paths=("/app/vite.config.ts", "/app/package.json"))
    assert list_tool_settings(pair) == frozenset()
    assert "app/vite.config.ts" not in list_subjects(lost_files.check(pair))


def test_settings_are_not_missed_where_another_program_starts() -> None:
    old = make_image(SHELL, copy=FILES, workdir="/app", command=("npx", "vite", "preview"))
    new = make_image(SHELL, copy={"app/index.js": ""}, workdir="/app", command=("nginx",))
    accepted = {"CMD": "nginx serves the files"}
    assert list_tool_settings(make_image_pair(old, new, accepted_changes=accepted)) == frozenset()
