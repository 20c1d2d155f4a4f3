"""Front ends in a folder of a server's project."""

import pytest

from bot.verify.checks.lost_files import check
from bot.verify.nested_frontends import NestedFrontend, find_nested_frontends
from tests.support.image_pair_world import SHELL, list_subjects, make_image, make_image_pair

MANIFEST = '{"dependencies": {"react-scripts": "5"}}'
INPUTS = {
    "app/client/package.json": MANIFEST,
    "app/client/src/App.js": "x",
    "app/client/node_modules/react/index.js": "x",
}
PAGES = {"app/client/build/index.html": "x", "app/client/build/static/main.js": "y"}
SERVER = """app.use(express.static(path.join(__dirname, 'client', "build")))
res.sendFile(`${root}/client/build/index.html`)
"""
COMMAND = ("node", "server.js")


def list_missed(server: str = SERVER, manifest: str = MANIFEST, *, pages: bool = True) -> list[str]:
    """Return the missed files of an image that lost the inputs of its front end."""
    copied = {**INPUTS, "app/client/package.json": manifest, "app/server.js": server}
    old = make_image(SHELL, copy={**copied, **PAGES}, workdir="/app", command=COMMAND)
    new_files = {"app/server.js": server, **(PAGES if pages else {})}
    new = make_image(SHELL, copy=new_files, workdir="/app", command=COMMAND)
    pair = make_image_pair(old, new, dropped_paths=dict.fromkeys(INPUTS, "bundled"))
    return sorted(list_subjects(check(pair)))


def test_only_the_pages_are_needed() -> None:
    assert list_missed() == []


@pytest.mark.parametrize(
    ("server", "manifest"),
    [
        ("const ssr = require('./client/src/App')", MANIFEST),
        ("const dir = path.join(__dirname, 'client')", MANIFEST),
        ("express.static('client/builder')", MANIFEST),
        (SERVER, '{"dependencies": {"express": "4"}}'),
        (SERVER, "not json"),
    ],
)
def test_inputs_that_may_be_read(server: str, manifest: str) -> None:
    assert "app/client/src/App.js" in list_missed(server, manifest)


def test_pages_that_are_lost_are_no_front_end() -> None:
    assert "app/client/src/App.js" in list_missed(pages=False)


def test_the_project_itself_is_none() -> None:
    files = {"app/package.json": MANIFEST, "app/build/index.html": "x"}
    old = make_image(SHELL, copy=files, workdir="/app", command=COMMAND)
    assert find_nested_frontends(make_image_pair(old, old)) == ()


def test_what_belongs_to_the_bundler() -> None:
    frontend = NestedFrontend("app/client", "app/client/build")
    assert frontend.owns_input("app/client/src/a.js")
    assert not frontend.owns_input("app/client/build/a.js")
    assert not frontend.owns_input("app/clients/a.js")
