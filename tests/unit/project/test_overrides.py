"""Options and inputs in place of what the configuration file says of an image."""

from dataclasses import replace

import pytest

from bot.model.spec import BuildNeeds, ImageSpec
from bot.project.cache_forms import parse_cache_source, parse_cache_target
from bot.project.config_file import parse_config
from bot.project.overrides import Overrides

_FILE = """\
defaults: {cache-from: [org/default], cache-to: ["type=local,dest=default"]}
images:
  - {name: own, dockerfile: a/Dockerfile, cache-from: [org/own]}
  - {name: none, dockerfile: b/Dockerfile}
  - {name: empty, dockerfile: c/Dockerfile, cache-from: []}
"""


def _list_caches(needs: BuildNeeds) -> dict[str, tuple[list[str], list[str]]]:
    specs = parse_config(_FILE, "c.yml").images or ()
    return {
        spec.name: (_format_sources(spec), [str(cache) for cache in spec.needs.cache_to])
        for spec in Overrides(needs=needs).apply_to_specs(tuple(specs))
    }


def _format_sources(spec: ImageSpec) -> list[str]:
    return [cache.fields[0][1] for cache in spec.needs.cache_from]


def test_the_caches_of_an_image_replace_those_of_the_defaults() -> None:
    target = ["type=local,dest=default"]
    assert _list_caches(BuildNeeds()) == {
        "own": (["org/own"], target),
        "none": (["org/default"], target),
        # An empty list counts as missing.
        "empty": (["org/default"], target),
    }


@pytest.mark.parametrize("name", ["own", "none", "empty"])
def test_the_caches_of_an_input_replace_those_of_the_file(name: str) -> None:
    sources = BuildNeeds(cache_from=(parse_cache_source("org/input"),))
    assert _list_caches(sources)[name] == (["org/input"], ["type=local,dest=default"])
    targets = replace(sources, cache_to=(parse_cache_target("type=inline"),))
    assert _list_caches(targets)[name] == (["org/input"], ["type=inline"])
