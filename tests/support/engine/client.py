"""The client of the tests' engine by itself: buildx reads compose and bake files without an engine."""

import json
import os
from pathlib import Path

from tests.support.engine.cache import find_cache_root
from tests.support.engine.packages import unpack_engine
from tests.support.engine.releases import find_release


def make_client_environment(folder: Path) -> dict[str, str]:
    """Return the variables of a client with buildx for which no engine answers.

    Its configuration is written to the folder. `PATH` has the client alone.
    """
    programs = unpack_engine(find_cache_root(os.environ), find_release(os.environ)) / "usr"
    config = folder / "docker"
    config.mkdir()
    plugins = [str(programs / "libexec/docker/cli-plugins")]
    settings = {"cliPluginsExtraDirs": plugins, "currentContext": "nowhere"}
    (config / "config.json").write_text(json.dumps(settings))
    return {
        "PATH": str(programs / "bin"),
        "DOCKER_CONFIG": str(config),
        "DOCKER_HOST": f"unix://{folder}/nothing.sock",
    }
