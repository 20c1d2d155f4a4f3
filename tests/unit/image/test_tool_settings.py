"""Settings that the started programs of a project read."""

import pytest

from bot.image.tool_settings import find_tool_settings

PATHS = (
    "app/vite.config.ts",
    "app/vitest.config.ts",
    "app/tsconfig.json",
    "app/next.config.mjs",
    "app/node_modules/x/vite.config.ts",
)


@pytest.mark.parametrize(
    ("programs", "settings"),
    [
        (["node"], []),
        (["vite", "preview"], ["app/vite.config.ts"]),
        (["ts-node", "next"], ["app/tsconfig.json", "app/next.config.mjs"]),
    ],
)
def test_files_of_the_programs_count(programs: list[str], settings: list[str]) -> None:
    assert list(find_tool_settings(PATHS, programs)) == settings
