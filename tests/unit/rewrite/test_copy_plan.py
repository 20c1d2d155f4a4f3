"""The files and folders that the last stage copies."""

import re

from hypothesis import given
from hypothesis import strategies as st

from bot.rewrite.copy_plan import CopyPlan, build_copy_plan
from bot.rewrite.ecosystem import Ecosystem
from bot.rewrite.ecosystems.c import ECOSYSTEM as C
from bot.rewrite.ecosystems.node import ECOSYSTEM as NODE
from bot.rewrite.ecosystems.python import ECOSYSTEM as PYTHON
from bot.rewrite.file_selection import FileSelection
from tests.support.rewrite_world import make_facts, read_image_startup

TEXT = 'FROM x\nRUN apt-get install -y y\nWORKDIR /app\nCOPY . .\nRUN make\nCMD ["/app/run"]\n'
PROGRAM = "base 100MB\napp/run 9MB @5 755 = ELF\n"


def make_copy_plan(
    files: str, ecosystem: Ecosystem = C, extra: tuple[str, ...] = (), text: str = TEXT
) -> CopyPlan:
    facts = make_facts(text, PROGRAM + files)
    return build_copy_plan(FileSelection(facts, read_image_startup(facts), ecosystem), extra)


def list_copied(files: str, ecosystem: Ecosystem = C) -> list[str]:
    """Return the copied paths; a folder ends with a slash."""
    return [f"{x.path}/" if x.is_folder else x.path for x in make_copy_plan(files, ecosystem).items]


def test_a_folder_of_a_compiled_program_is_split_for_little_residue() -> None:
    assert list_copied("app/a.sql 1kB @4\napp/main.c 2kB @4") == ["app/a.sql", "app/run"]


def test_a_folder_with_much_residue_is_split() -> None:
    files = "app/a.sql 1kB @4\napp/src/main.c 20MB @4\napp/www/i.html 1kB @4\napp/www/j.html 1kB @4"
    assert list_copied(files) == ["app/a.sql", "app/www/", "app/run"]


def test_a_folder_of_sources_stays_whole_and_its_residue_is_removed() -> None:
    """More modules may come into it."""
    files = (
        "app/server.js 1kB @4\napp/lib/a.js 1kB @4\napp/lib/a.ts 1kB @4\napp/tests/x.js 1kB @4\n"
    )
    plan = make_copy_plan(files + "app/README.md 1kB @4\n", NODE)
    assert [x.path for x in plan.items] == ["app"]
    assert plan.removed_paths == ("app/lib/a.ts", "app/tests", "app/README.md")
    assert set(plan.dropped_sizes) == {"app/lib/a.ts", "app/tests/x.js", "app/README.md"}


def test_a_folder_that_a_build_writes_stays_whole_with_a_single_file() -> None:
    """The next source makes another file."""
    files = "app/jest.config.js 1kB @4\napp/dist/index.js 1kB @5\n"
    assert list_copied(files, NODE) == ["app/dist/", "app/run"]


def test_a_folder_that_a_build_writes_is_not_copied_file_by_file() -> None:
    """A file that the next source makes would be missing."""
    outputs = "".join(f"app/dist/{name}.js 1kB @5\n" for name in ("main", "a", "b", "c"))
    files = f"app/jest.config.js 1kB @4\n{outputs}app/dist/tsconfig.tsbuildinfo 90kB @5\n"
    plan = make_copy_plan(files, NODE)
    assert [x.path for x in plan.items if x.is_folder] == ["app/dist"]
    assert plan.removed_paths == ("app/dist/tsconfig.tsbuildinfo",)


def test_residue_that_takes_too_many_words_comes_along_if_it_is_little() -> None:
    """Twenty operands of `rm`, or twenty COPYs: neither says what is shipped."""
    sources = "".join(f"app/d{n}/a.c 1kB @4\napp/d{n}/b.sql 1kB @4\n" for n in range(20))
    plan = make_copy_plan(sources)
    assert ([x.path for x in plan.items], plan.removed_paths) == (["app"], ())
    assert len(make_copy_plan(sources.replace("a.c 1kB", "a.c 1MB")).items) > 10


def test_dependencies_come_first_and_by_themselves() -> None:
    text = (
        "FROM x\nWORKDIR /app\nCOPY package.json .\nRUN npm ci\nCOPY . .\nRUN npm run build\n"
        'CMD ["node", "dist/a.js"]\n'
    )
    files = (
        "base 1MB\napp/node_modules/a/i.js 9MB @4\napp/package.json 1kB @3\napp/views/a.html 1kB @5\n"
        "app/dist/a.js 1kB @6\napp/dist/b.js 1kB @6\nusr/local/bin/a 1kB @4 755\n"
    )
    facts = make_facts(text, files)
    plan = build_copy_plan(FileSelection(facts, read_image_startup(facts), NODE))
    assert [x.path for x in plan.items] == [
        "app/node_modules", "usr/local/bin/a", "app/package.json", "app/views", "app/dist",
    ]  # fmt: skip


def test_programs_of_an_earlier_installation_come_with_the_dependencies() -> None:
    """They are copied in one line with the others of their folder, before the sources."""
    text = (
        "FROM x\nWORKDIR /app\nCOPY . /app\nRUN pip install -U pip\nRUN pip install -r r.txt\n"
        'CMD ["python", "a.py"]\n'
    )
    folder = "usr/local/lib/python3.12/site-packages"
    files = (
        f"base 1MB\napp/a.py 1kB @3\napp/b.py 1kB @3\n{folder}/pip/x.py 1kB @4\n"
        f"{folder}/flask/x.py 9MB @5\nusr/local/bin/pip 1kB @4 755\n"
        "usr/local/bin/flask 1kB @5 755\nusr/local/bin/__pycache__/a.pyc 1kB @5\n"
    )
    facts = make_facts(text, files)
    plan = build_copy_plan(FileSelection(facts, read_image_startup(facts), PYTHON))
    assert [x.path for x in plan.items] == [
        "usr/local/bin/pip", "usr/local/bin/flask", "usr/local/lib", "app",
    ]  # fmt: skip


def test_dependencies_of_many_neighbours_stay_in_one_folder() -> None:
    text = TEXT.replace("/app/run", "/app/server.js")
    files = "app/server.js 1kB @4\napp/node_modules/a/i.js 9MB @5\n"
    files += "".join(f"app/d{n}/a.js 1kB @4\napp/d{n}/b.js 1kB @4\n" for n in range(15))
    assert [x.path for x in make_copy_plan(files, NODE, text=text).items] == ["app"]


def test_a_folder_with_history_is_split_however_small_that_is() -> None:
    files = "app/a.sql 1kB @4\napp/.git/HEAD 1kB @4"
    assert list_copied(files) == ["app/a.sql", "app/run"]


def test_a_folder_that_the_base_image_has_too_is_split() -> None:
    files = "opt/x/a 1kB @5\nopt/x/b 1kB @5\nopt/x/old 1kB base"
    assert sorted(list_copied(files)) == ["app/run", "opt/x/a", "opt/x/b"]


def test_modules_stay_together() -> None:
    """They are copied over what the base image has of them; but npm's own modules are its own."""
    folder = "usr/local/lib/python3.12/site-packages"
    files = f"{folder}/a/x.py 1kB @5\n{folder}/b/x.py 1kB @5\n{folder}/pip/y.py 1kB base\n"
    assert f"{folder}/" in list_copied(files)
    modules = "usr/local/lib/node_modules"
    files = f"{modules}/npm/x.js 1kB base\n{modules}/t/x.js 1kB @5\n{modules}/t/y.js 1kB @5"
    assert f"{modules}/t/" in list_copied(files, NODE)


def test_links_are_created_again() -> None:
    plan = make_copy_plan(
        "usr/local/bin/x -> /app/run @5\napp/b -> run @5\nopt/data -> /srv/gone @4"
    )
    links = {x.path: x.link_target for x in plan.items if x.link_target}
    assert links["usr/local/bin/x"] == "/app/run"
    assert links["opt/data"] == "/srv/gone"


def test_paths_that_a_failed_attempt_missed() -> None:
    files = "app/data/main.c 20MB @4"
    assert "app/data/main.c" in make_copy_plan(files).dropped_sizes
    assert make_copy_plan(files, extra=("app/data/main.c",)).dropped_sizes == {}


def test_sizes_add_up() -> None:
    plan = make_copy_plan("app/a.sql 1kB @4\napp/main.c 20MB @4\nroot/.cache/pip/x 7MB @5")
    assert sum(plan.dropped_sizes.values()) == 27_000_000
    assert sum(x.size for x in plan.items) == 9_001_000


NAMES = st.lists(
    st.sampled_from(["app", "src", "opt", ".git", "node_modules", "a b", "[id]", "x$1", "tmp", "usr", "é"]),
    min_size=1, max_size=4,
)  # fmt: skip
FILES = st.lists(
    st.tuples(NAMES, st.sampled_from(["1kB", "2MB"]), st.sampled_from(["base", "@2", "@4", "@5"])),
    max_size=12,
)


@given(FILES)
def test_every_own_file_is_copied_or_dropped_once(
    files: list[tuple[list[str], str, str]],
) -> None:
    listing = "\n".join(
        f"{'/'.join(names)}/f{number} {size} {where}"
        for number, (names, size, where) in enumerate(files)
    )
    facts = make_facts(TEXT, PROGRAM + listing)
    sorting = FileSelection(facts, read_image_startup(facts), C)
    plan = build_copy_plan(sorting)
    for piece in plan.items:
        assert piece.path in (facts.built.folders if piece.is_folder else facts.built.own_files)
    under = [re.compile(re.escape(x.path) + ("/" if x.is_folder else "$")) for x in plan.items]
    for path in facts.built.own_files:
        count = sum(bool(x.match(path)) for x in under)
        assert count == 1 if path not in plan.dropped_sizes else count <= 1
    removed_paths = [re.compile(re.escape(x) + "(?:/|$)") for x in plan.removed_paths]
    for path in plan.dropped_sizes:
        assert any(x.match(path) for x in under) == any(x.match(path) for x in removed_paths)
    assert sorting.selected_paths <= set(facts.built.own_files) - set(plan.dropped_sizes)
