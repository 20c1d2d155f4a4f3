"""The budget of a start: modules that take long to import, and which of them a command imports.

Each takes as long to import as a small image to measure. Modules are counted, and no time is taken:
a time depends on what else the machine does.
"""

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

ROOT = Path(__file__).parents[2]
SLOW_MODULES = (
    "concurrent.futures",
    "docker",
    "github",
    "http.client",
    "importlib.resources",
    "jsonschema",
    "multiprocessing",
    "requests",
    "rich",
    "ruamel",
    "sqlite3",
    "tree_sitter",
)


def list_slow_imports(
    *arguments: str, environment: Mapping[str, str] | None = None, further: tuple[str, ...] = ()
) -> list[str]:
    """Run a command, which must succeed, and return the slow modules that it imported."""
    code = (
        "import atexit, sys\n"
        f"slow = {(*SLOW_MODULES, *further)}\n"
        "names = lambda: [name for name in slow if name in sys.modules]\n"
        "atexit.register(lambda: print('imported:', *names()))\n"
        "from bot.cli.main import main\n"
        f"sys.exit(main({list(arguments)}))"
    )
    finished = subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, "PYTHONPATH": str(ROOT), **(environment or {})},
        capture_output=True,
        text=True,
        check=True,
    )
    return finished.stdout.splitlines()[-1].split()[1:]
