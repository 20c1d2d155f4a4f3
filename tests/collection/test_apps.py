"""The collection keeps its promises: enough of both kinds, each complete, each on a known base."""

import pytest

from bot.adapters.parsing.dockerfile_parser import DockerfileReader
from bot.dockerfile.build_plan import BuildPlan
from tests.collection.apps import App, apps_in, chosen
from tests.support.engine.recipes import add_default_tag, read_recipes

APPS = apps_in()
TAGS = {tag for recipe in read_recipes() for tag in recipe.tags}


def test_there_are_enough_of_both_kinds() -> None:
    assert sum(app.expect == "rewrite" for app in APPS) >= 44
    assert sum(app.expect == "leave" for app in APPS) >= 18


def test_every_folder_is_an_application() -> None:
    assert {app.folder for app in APPS} == {
        path for path in APPS[0].folder.parent.iterdir() if path.is_dir()
    }


@pytest.mark.parametrize("app", APPS, ids=lambda app: app.name)
def test_an_application_says_why_and_names_bases_that_are_there(app: App) -> None:
    assert app.expect in ("rewrite", "leave")
    assert app.why.endswith(".")
    read = DockerfileReader().parse(app.dockerfile.read_bytes())
    assert {add_default_tag(image) for image in BuildPlan(read).external_images} <= {
        *TAGS,
        "scratch:latest",
    }
    assert app.expect == "leave" or len(read.stages) == 1


def test_names_choose_by_their_beginning() -> None:
    assert {app.name.partition("-")[0] for app in chosen(APPS, ["go-", "rust-"])} == {"go", "rust"}
    assert chosen(APPS, []) == list(APPS)
