"""The application's folders: what is its own there, and what tools keep below them."""

import pytest

from bot.verify.app_files import AppFiles
from tests.support.image_pair_world import SHELL, make_image

PROGRAM = {"!shop": "\x7fELF"}


def make_app(workdir: str, by: str = "run", **files: str) -> AppFiles:
    run, copy = (PROGRAM, files) if by == "copy" else ({**PROGRAM, **files}, {})
    return AppFiles(make_image(SHELL, run, copy, workdir=workdir, command=("/shop",)))


@pytest.mark.parametrize(
    ("path", "workdir"),
    [
        ("go/templates/a.html", "/go"),
        ("go/pkg/shop/a.html", "/go/pkg/shop"),
        ("tmp/shop/a.html", "/tmp/shop"),
        ("home/node/app.js", "/home/node"),
    ],
)
def test_what_is_in_the_working_folder_is_the_applications(path: str, workdir: str) -> None:
    assert make_app(workdir, **{path: ""}).is_in_app(path)


@pytest.mark.parametrize(
    ("path", "workdir"),
    [
        ("go/pkg/mod/x@v1/run.go", "/go"),
        ("home/node/.npm/_cacache/x", "/home/node"),
        ("go-x/main.go", "/go"),
    ],
)
def test_what_tools_keep_below_it_is_not(path: str, workdir: str) -> None:
    assert not make_app(workdir, **{path: ""}).is_in_app(path)


def test_a_module_cache_below_the_working_folder_holds_no_sources_of_the_application() -> None:
    call = 'exec.Command("git", "log")'
    files = {"go/pkg/mod/x@v1/run.go": call, "go/main.go": "package main"}
    assert list(make_app("/go", **files).sources) == ["go/main.go"]
    assert list(make_app("/go", "copy", **{"go/run.go": call}).sources) == ["go/run.go"]


def test_a_script_that_deploys_the_image_is_no_source_of_the_program() -> None:
    script = "#!/bin/sh\ngit pull origin main\nsudo docker build -t shop .\n"
    files = {"app/build.sh": script, "app/start.sh": "#!/bin/sh\nexec /shop\n"}
    assert list(make_app("/app", "copy", **files).program_sources) == ["app/start.sh"]


SCRIPTS = (
    '{"scripts": {"web": "serve -s dist", "both": "serve dist & node api.js", "start": "node ."}}'
)


@pytest.mark.parametrize(
    ("command", "modules", "folders"),
    [
        (("npm", "run", "web"), (), ("app/dist",)),
        (("yarn", "web"), (), ("app/dist",)),
        (("docker-entrypoint.sh", "npm", "run", "web"), (), ("app/dist",)),
        (("sh", "-c", "npm run both && npm run web"), (), ()),
        (("serve", "dist"), (), ("app/dist",)),
        (("npm", "run", "web"), ("app/node_modules/.bin/serve",), ()),
        (("npm", "run", "both"), (), ()),
        (("npm", "start"), (), ()),
        (("npm", "run", "gone"), (), ()),
        (("npx", "serve", "dist"), (), ()),
    ],
)
def test_the_folder_that_a_file_server_serves(
    command: tuple[str, ...], modules: tuple[str, ...], folders: tuple[str, ...]
) -> None:
    files = {
        "app/package.json": SCRIPTS,
        "app/dist/index.html": "x",
        "!usr/local/bin/serve": "x",
        **{f"!{path}": "x" for path in modules},
    }
    app = AppFiles(make_image(SHELL, files, workdir="/app", command=command))
    assert app.served_folders == folders
    assert app.is_file_server is bool(folders)


def test_of_a_composer_json_what_is_for_development_does_not_count() -> None:
    manifest = '{"extra": {"tool": "git"}, "autoload-dev": {"psr-4": {"Tests": "tests/"}}}'
    app = make_app("/app", by="copy", **{"app/composer.json": manifest, "app/a.json": manifest})
    assert "tests" not in app.data_texts["app/composer.json"]
    assert "git" in app.data_texts["app/composer.json"]
    assert "tests" in app.data_texts["app/a.json"]
    broken = make_app("/app", by="copy", **{"app/composer.json": "[1"})
    assert broken.data_texts["app/composer.json"] == "[1"
