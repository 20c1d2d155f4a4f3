"""Eight pull requests that grow an image, built on an engine, and the given causes."""

from collections.abc import Mapping
from dataclasses import replace
from typing import NamedTuple

import pytest

from bot.model.changes import LayerChangeKind, LayerEffectKind
from bot.model.comparison import Attribution, GrowthCause, Owner
from bot.model.report import ImageReport, Report
from bot.report.document.report_document import from_document
from bot.report.formats.text import render_text
from bot.report.page.page import make_page, to_plain_text
from tests.support.command import start
from tests.support.engine import PrivateEngine
from tests.support.repository import Repository

Files = Mapping[str, str]

_DEBIAN = "FROM debian:bookworm-slim\n"
_INSTALL = "RUN apt-get update && apt-get install -y --no-install-recommends"
_CLEAN = "&& rm -rf /var/lib/apt/lists/*"
_PIP = (
    "FROM python:3.12-slim\nCOPY requirements.txt /app/\n"
    "RUN pip install --no-cache-dir -r /app/requirements.txt\n"
)
_NPM = "FROM node:20\nWORKDIR /app\nCOPY package.json ./\nRUN npm install --no-audit --no-fund\n"
_DEPENDENCY = '{"dependencies": {"is-number": "7.0.0"}%s}\n'
_SITE = f"{_DEBIAN}COPY site /app\n"
_PAGE = "all of the site\n" * 20_000
_STAMPED = f"{_DEBIAN}ARG WHEN=1\nRUN echo made > /made && touch -d @$WHEN /made\n"

# What each directory holds before the pull request, and what that changes.
_CHANGES: Mapping[str, tuple[Files, Files]] = {
    "system": (
        {"Dockerfile": f"{_DEBIAN}WORKDIR /srv\n"},
        {"Dockerfile": f"{_DEBIAN}WORKDIR /srv\n{_INSTALL} curl {_CLEAN}\n"},
    ),
    "wheel": (
        {"Dockerfile": _PIP, "requirements.txt": "idna==3.6\n"},
        {"requirements.txt": "idna==3.7\n"},
    ),
    "dev": (
        {"Dockerfile": _NPM, "package.json": _DEPENDENCY % ""},
        {"package.json": _DEPENDENCY % ', "devDependencies": {"left-pad": "1.3.0"}'},
    ),
    # A text of its own: the engine keeps other tests' layers of the same content, with their times.
    "base": (
        {"Dockerfile": f"{_DEBIAN}COPY x /x\n", "x": "a file of another base image"},
        {"Dockerfile": "FROM python:3.12-slim\nCOPY x /x\n"},
    ),
    "chown": (
        {"Dockerfile": _SITE, "site/page": _PAGE},
        {"Dockerfile": f"{_SITE}RUN chown -R nobody /app\n"},
    ),
    "cache": (
        {"Dockerfile": f"{_DEBIAN}{_INSTALL} tree {_CLEAN}\n"},
        {"Dockerfile": f"{_DEBIAN}{_INSTALL} tree\n"},
    ),
    "move": (
        {"Dockerfile": _SITE, "site/page": _PAGE},
        {"Dockerfile": f"{_SITE}RUN mv /app/page /srv/page\n"},
    ),
    "rebuild": (
        {"Dockerfile": _STAMPED},
        {"Dockerfile": _STAMPED.replace("WHEN=1", "WHEN=2")},
    ),
}


class Reviewed(NamedTuple):
    """The report of one review of them all."""

    report: Report

    def image(self, folder: str) -> ImageReport:
        name = f"{folder}/Dockerfile"
        return next(image for image in self.report.images if image.spec.name == name)

    def alone(self, folder: str) -> Report:
        return replace(self.report, images=(self.image(folder),))

    def why(self, folder: str) -> str:
        return to_plain_text(make_page(self.alone(folder)).why)

    def rows(self, folder: str) -> tuple[Attribution, ...]:
        return self.image(folder).comparison.attribution


@pytest.fixture(scope="module")
def reviewed(overlay2_engine: PrivateEngine, tmp_path_factory: pytest.TempPathFactory) -> Reviewed:
    overlay2_engine.ensure("debian:bookworm-slim", "python:3.12-slim", "node:20")
    repository = Repository(tmp_path_factory.mktemp("growth"))
    repository.commit(_list_files(0))
    repository.branch("pull-request")
    repository.commit(_list_files(1))
    arguments = ["--repo", repository.path, "--base", "main", "--head", "pull-request"]
    network = ["--build-network", overlay2_engine.build_network]
    ended = start(
        "review", *arguments, *network, "--format", "json", environment=overlay2_engine.environment
    )
    assert ended.status == 0, ended.stderr
    return Reviewed(from_document(ended.report))


def _list_files(side: int) -> dict[str, str | None]:
    """Return the files of one side of all the changes, each change in its own folder."""
    return {
        f"{folder}/{name}": text
        for folder, sides in _CHANGES.items()
        for name, text in sides[side].items()
    }


def _notes(row: Attribution) -> list[tuple[LayerEffectKind, int | None, int, int]]:
    return [(note.kind, note.affected_layer, note.files, note.bytes) for note in row.effects]


def _named(row: Attribution) -> dict[tuple[str, str], Owner]:
    return {(owner.kind, owner.name): owner for owner in row.owners}


@pytest.mark.parametrize("folder", _CHANGES)
def test_attributed_parts_add_up_to_the_growth(reviewed: Reviewed, folder: str) -> None:
    comparison = reviewed.image(folder).comparison
    base, head, delta = comparison.base, comparison.head, comparison.delta
    assert base
    assert head
    assert delta
    assert delta.unpacked_bytes == head.unpacked_bytes - base.unpacked_bytes
    assert delta.unpacked_bytes == sum(row.delta_bytes for row in comparison.attribution)
    for row in comparison.attribution:
        assert row.delta_bytes == sum(owner.delta_bytes for owner in row.owners)
    for image in (base, head):
        assert image.unpacked_bytes == sum(layer.unpacked_bytes for layer in image.layers)


def test_a_system_package_is_named_with_its_dependencies(reviewed: Reviewed) -> None:
    (row,) = reviewed.rows("system")
    assert (row.cause, row.line_start, row.side) == (GrowthCause.INSTRUCTION, 3, "head")
    new = {owner.name: owner for owner in row.owners if owner.kind == "deb"}
    assert len(new) > 10
    assert {"curl", "libcurl4", "libssh2-1", "libnghttp2-14"} <= new.keys()
    assert all(owner.head_version and not owner.base_version for owner in new.values())
    assert [note.kind for note in row.effects] == [
        LayerEffectKind.COPIED,
        LayerEffectKind.OVERWRITTEN,
    ]
    why = reviewed.why("system")
    assert why.startswith("Line 3, RUN apt-get update && apt-get install")
    assert "debconf's database" in why
    assert f"and {len(new) - 1} more packages." in why


def test_an_updated_wheel_is_named(reviewed: Reviewed) -> None:
    row, copied = reviewed.rows("wheel")
    assert (copied.text, copied.delta_bytes) == ("COPY requirements.txt /app/", 0)
    assert row.owners == (Owner("pypi", "idna", row.delta_bytes, "3.6", "3.7"),)
    assert row.effects == ()
    assert reviewed.why("wheel").startswith(
        "Line 3, RUN pip install --no-cache-dir -r /app/requirements.txt, adds "
    )
    assert ": idna 3.6 → 3.7 (+" in reviewed.why("wheel")


def test_a_development_dependency_is_named(reviewed: Reviewed) -> None:
    row, manifest = reviewed.rows("dev")
    assert (manifest.line_start, manifest.delta_bytes) == (3, 42)
    added = _named(row)["npm", "left-pad"]
    assert (added.base_version, added.head_version) == (None, "1.3.0")
    assert ("npm", "is-number") not in _named(row)
    assert row.effects == ()
    why = reviewed.why("dev")
    assert ": left-pad (" in why
    assert "; it leaves npm's cache (" in why


def test_growth_of_the_base_image_alone_is_named(reviewed: Reviewed) -> None:
    (row,) = reviewed.rows("base")
    assert (row.cause, row.text, row.effects) == (
        GrowthCause.BASE_IMAGE,
        "FROM python:3.12-slim",
        (),
    )
    assert ("deb", "libpython3.11-stdlib") in _named(row)
    assert ("pypi", "pip") in _named(row)
    assert reviewed.why("base").startswith(
        "The new base image, FROM python:3.12-slim (line 1), adds "
    )
    text = render_text(reviewed.alone("base"))
    assert "from the base image, ±0 B from the Dockerfile's own layers." in text


def test_a_chown_of_files_of_a_lower_layer_is_named(reviewed: Reviewed) -> None:
    (row,) = reviewed.rows("chown")
    assert row.owners == (Owner("directory", "/app", 320_000),)
    assert _notes(row) == [(LayerEffectKind.COPIED, 1, 1, 320_000)]
    assert reviewed.why("chown") == (
        "Line 3, RUN chown -R nobody /app, adds 320 kB: it copies 320 kB of line 2 again only to "
        "change owner or mode."
    )


def test_a_cache_left_behind_is_named(reviewed: Reviewed) -> None:
    (row,) = reviewed.rows("cache")
    assert row.cause is GrowthCause.INSTRUCTION
    lists = _named(row)["directory", "/var/lib/apt/lists"]
    assert lists == row.owners[0]
    assert lists.delta_bytes > 0.99 * row.delta_bytes
    assert "; it leaves apt's package lists (" in reviewed.why("cache")


def test_a_moved_file_is_named(reviewed: Reviewed) -> None:
    (row,) = reviewed.rows("move")
    assert row.owners == (Owner("directory", "/srv", 320_000),)
    assert _notes(row) == [(LayerEffectKind.MOVED, 1, 1, 320_000)]
    assert reviewed.why("move") == (
        "Line 3, RUN mv /app/page /srv/page, adds 320 kB: it moves 1 file of line 2: 320 kB "
        "stored twice."
    )


def test_a_rebuild_without_changes_has_no_growth(reviewed: Reviewed) -> None:
    (row,) = reviewed.rows("rebuild")
    assert (row.cause, row.line_start, row.delta_bytes) == (GrowthCause.REBUILT, 3, 0)
    assert (row.owners, row.effects) == ((), ())
    classes = [match.kind for match in reviewed.image("rebuild").comparison.layer_matches]
    assert classes == [LayerChangeKind.BASE_IMAGE, LayerChangeKind.REBUILT]
    assert reviewed.why("rebuild") == "1 layer rebuilt with the same content."
