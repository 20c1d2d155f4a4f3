"""What the last stage copies, and in which pieces."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.advise.rewrite.ecosystem import Ecosystem
from bot.advise.rewrite.ecosystems.c import ECOSYSTEM as C
from bot.advise.rewrite.ecosystems.node import ECOSYSTEM as NODE
from bot.advise.rewrite.ecosystems.rust import ECOSYSTEM as RUST
from bot.advise.rewrite.payload import Payload, Sorting, payload_of
from tests.advise.rewrite.worlds import launched, world

TEXT = 'FROM x\nRUN apt-get install -y y\nWORKDIR /app\nCOPY . .\nRUN make\nCMD ["/app/run"]\n'
PROGRAM = "base 100MB\napp/run 9MB @5 755 = ELF\n"


def payload(
    files: str, ecosystem: Ecosystem = C, extra: tuple[str, ...] = (), text: str = TEXT
) -> Payload:
    made = world(text, PROGRAM + files)
    return payload_of(Sorting(made, launched(made), ecosystem), extra)


def copied(files: str, ecosystem: Ecosystem = C) -> list[str]:
    """The pieces: a folder ends with a slash."""
    return [f"{x.path}/" if x.is_folder else x.path for x in payload(files, ecosystem).pieces]


@pytest.mark.parametrize(
    "line",
    [
        "app/.git/config 1kB @4",
        "app/.git/objects/pack/p 80MB @4",
        "app/.gitignore 1kB @4",
        "app/Dockerfile 1kB @4",
        "app/docker-compose.yml 1kB @4",
        "app/README.md 1kB @4",
        "app/main.c 400kB @4",
        "app/main.o 400kB @5",
        "root/.cache/pip/x 9MB @5",
        "home/bob/.npm/x 9MB @5",
        "tmp/x 9MB @5",
        "var/log/apt/history.log 1kB @2",
        "var/lib/dpkg/status-old 1MB @2",
        "etc/ssl/openssl.cnf 1kB @2",
        "usr/share/doc/y/copyright 1kB @2",
        "deb y 9MB @2 brings usr/bin/y",
        "usr/local/include/x.h 1kB @5",
        "etc/passwd 1kB @2",
        "usr/bin/inherited 9MB base 755",
    ],
)
def test_left_out(line: str) -> None:
    assert copied(line) == ["app/run"]


@pytest.mark.parametrize(
    ("line", "pieces"),
    [
        ("app/schema.sql 1kB @4", ["app/"]),
        ("app/.env 1kB @4", ["app/"]),
        ("opt/x/a 1kB @5\nopt/x/b 1kB @5", ["app/run", "opt/x/"]),
        ("opt/My Notes.txt 1kB @4", ["app/run", "opt/My Notes.txt"]),
        ("usr/local/bin/tool 1kB @5 755", ["app/run", "usr/local/bin/tool"]),
        ("usr/local/lib/libx.so.1 1MB @5", ["app/run", "usr/local/lib/libx.so.1"]),
        ("etc/app/a.conf 1kB @4\netc/app/b.conf 1kB @4", ["app/run", "etc/app/"]),
        ("opt/repo/.git/HEAD 1kB @5\nopt/repo/a 1kB @5", ["app/run", "opt/repo/"]),
        ("root/.bashrc 1kB @4", ["app/run", "root/.bashrc"]),
        ("srv/www/index.html 1kB @4", ["app/run", "srv/www/index.html"]),
    ],
)
def test_kept(line: str, pieces: list[str]) -> None:
    """What was there stays there; a `.env` of the context is no secret that becomes one by this."""
    assert sorted(copied(line)) == pieces


def test_a_folder_is_whole_where_little_of_it_is_not_needed() -> None:
    assert copied("app/a.sql 1kB @4\napp/main.c 200kB @4") == ["app/"]


def test_a_folder_is_split_where_much_is_not_needed() -> None:
    files = "app/a.sql 1kB @4\napp/src/main.c 20MB @4\napp/www/i.html 1kB @4\napp/www/j.html 1kB @4"
    assert copied(files) == ["app/www/", "app/a.sql", "app/run"]


def test_a_folder_with_history_is_split_however_small_that_is() -> None:
    files = "app/a.sql 1kB @4\napp/.git/HEAD 1kB @4"
    assert copied(files) == ["app/a.sql", "app/run"]


def test_a_folder_that_the_base_image_has_too_is_split() -> None:
    files = "opt/x/a 1kB @5\nopt/x/b 1kB @5\nopt/x/old 1kB base"
    assert sorted(copied(files)) == ["app/run", "opt/x/a", "opt/x/b"]


def test_modules_stay_together() -> None:
    """They are copied over what the base image has of them; but npm's own modules are its own."""
    folder = "usr/local/lib/python3.12/site-packages"
    files = f"{folder}/a/x.py 1kB @5\n{folder}/b/x.py 1kB @5\n{folder}/pip/y.py 1kB base\n"
    assert f"{folder}/" in copied(files)
    modules = "usr/local/lib/node_modules"
    files = f"{modules}/npm/x.js 1kB base\n{modules}/t/x.js 1kB @5\n{modules}/t/y.js 1kB @5"
    assert f"{modules}/t/" in copied(files, NODE)


def test_links_are_made_anew() -> None:
    found = payload("usr/local/bin/x -> /app/run @5\napp/b -> run @5\nopt/data -> /srv/gone @4")
    links = {x.path: x.link for x in found.pieces if x.link}
    assert links["usr/local/bin/x"] == "/app/run"
    assert links["opt/data"] == "/srv/gone"


def test_the_started_program_is_kept_wherever_it_lies() -> None:
    files = "app/target/release/run 9MB @5 755 = ELF\napp/target/release/deps/x.rlib 99MB @5\n"
    text = TEXT.replace("/app/run", "target/release/run")
    found = payload(files, RUST, text=text)
    assert "app/target/release/run" in [x.path for x in found.pieces]
    assert "app/target/release/deps/x.rlib" in found.dropped


def test_a_build_tree_is_left_out_wherever_it_lies() -> None:
    files = "app/out/CMakeCache.txt 1kB @5\napp/out/run 9MB @5 755\napp/out/x.dat 9MB @5"
    assert copied(files) == ["app/run"]


def test_declarations_and_sources_of_typescript() -> None:
    files = "app/src/a.ts 1MB @4\napp/dist/a.js 1kB @5\napp/dist/a.d.ts 1kB @5\napp/.eslintrc.json 1kB @4"
    assert copied(files, NODE) == ["app/dist/", "app/run"]


def test_what_a_failed_attempt_missed() -> None:
    files = "app/data/main.c 20MB @4"
    assert "app/data/main.c" in payload(files).dropped
    assert payload(files, extra=("app/data/main.c",)).dropped == {}


def test_sizes_add_up() -> None:
    found = payload("app/a.sql 1kB @4\napp/main.c 20MB @4\nroot/.cache/x 7MB @5")
    assert sum(found.dropped.values()) == 27_000_000
    assert sum(x.size for x in found.pieces) == 9_001_000


NAMES = st.lists(
    st.sampled_from(["app", "src", "opt", ".git", "node_modules", "a b", "[id]", "x$1", "tmp", "usr", "é"]),
    min_size=1, max_size=4,
)  # fmt: skip
FILES = st.lists(
    st.tuples(NAMES, st.sampled_from(["1kB", "2MB"]), st.sampled_from(["base", "@2", "@4", "@5"])),
    max_size=12,
)


@given(FILES)
def test_every_path_is_in_the_tree_and_every_own_file_is_told_of_once(
    files: list[tuple[list[str], str, str]],
) -> None:
    listing = "\n".join(
        f"{'/'.join(names)}/f{n} {size} {where}" for n, (names, size, where) in enumerate(files)
    )
    made = world(TEXT, PROGRAM + listing)
    sorting = Sorting(made, launched(made), C)
    found = payload_of(sorting)
    for piece in found.pieces:
        assert piece.path in (made.folders if piece.is_folder else made.own)
    under = [re.compile(re.escape(x.path) + ("/" if x.is_folder else "$")) for x in found.pieces]
    for path in made.own:
        assert sum(bool(x.match(path)) for x in under) + (path in found.dropped) == 1
    assert sorting.kept <= set(made.own) - set(found.dropped)
