"""The copies from the build context that the last stage makes in place of the build stage."""

import pytest

from bot.model.candidate import Candidate
from bot.rewrite.plan import RetryHints
from bot.rewrite.rewrite import ApplicableRewrite
from tests.support.rewrite_world import (
    cut_build_stage,
    cut_last_stage,
    make_candidate,
    plan_rewrite,
    rewrite_text,
)

HEAD = (
    "FROM python:3.12\nWORKDIR /app\nCOPY requirements.txt .\nRUN pip install -r requirements.txt\n"
)
END = 'CMD ["python", "shop.py"]\n'
SITE = "usr/local/lib/python3.12/site-packages"
BASE = f"""
    base 900MB
    usr/local/bin/python3.12 15MB base 755
    usr/local/bin/python -> python3.12 @base
    deb libc6 13MB base basic brings lib/x86_64-linux-gnu/libc.so.6
    deb gcc 150MB base brings usr/bin/gcc
    app/requirements.txt 1kB @3
    {SITE}/flask/app.py 2MB @4
    sent requirements.txt 1kB
    app/shop.py 3kB @5
"""
BROUGHT = "COPY --from=build /app/requirements.txt ./"
FROM_BUILD = f"COPY --from=build /{SITE} /{SITE}"


def write(copies: str = "COPY . .\n", files: str = "") -> tuple[str, list[str]]:
    """Return the build stage, and the last stage's copies from the context."""
    text = rewrite_text(HEAD + copies + END, BASE + files)
    last = cut_last_stage(text)
    assert FROM_BUILD in last
    copied = [x for x in last if x.split()[0] in ("COPY", "ADD") and "--from" not in x]
    return cut_build_stage(text), copied


def test_a_copy_below_the_last_run_moves_to_the_last_stage() -> None:
    build_stage, copied = write()
    assert build_stage == HEAD.replace("3.12\n", "3.12 AS build\n", 1)
    assert copied == ["COPY . ."]


def test_it_comes_behind_the_dependencies_and_brings_what_it_brings_again() -> None:
    last = cut_last_stage(rewrite_text(HEAD + "COPY . .\n" + END, BASE))
    assert last[1:] == ["WORKDIR /app", FROM_BUILD, "COPY . .", END.strip()]


def test_what_it_may_not_bring_comes_from_the_build_stage() -> None:
    """Without a listing of the context nobody knows that the folder has the file once more."""
    text = rewrite_text(HEAD + "COPY . .\n" + END, BASE.replace("sent requirements.txt 1kB", ""))
    assert f"{BROUGHT}\nCOPY . .\n" in text


@pytest.mark.parametrize(
    "copies",
    [
        "COPY --chown=1000:1000 --chmod=644 shop.py ./\n",
        "ADD ./src /app\n",
        'COPY ["./src", "/app/"]\n',
    ],
)
def test_it_moves_as_it_is(copies: str) -> None:
    build_stage, copied = write(copies, "app/cart.py 1kB @5")
    assert "src" not in build_stage
    assert "shop" not in build_stage
    assert copied == [copies.strip()]


def test_comments_move_with_it() -> None:
    text, files = f"{HEAD}# The shop.\nCOPY . .\n{END}", BASE.replace("@5", "@6")
    whole = rewrite_text(text, files)
    assert whole.endswith(f"{FROM_BUILD}\n\n# The shop.\nCOPY . .\n{END}")
    assert whole.count("# The shop.") == 1
    parts = rewrite_text(text, f"{files}app/Jenkinsfile 80kB @6")
    assert parts.endswith(f"\n\n# The shop.\nCOPY requirements.txt shop.py ./\n{END}")


def test_several_move_in_their_order() -> None:
    copies = "COPY shop.py .\nENV A=b\nCOPY pages ./pages\n"
    build_stage, copied = write(copies, "app/pages/a.html 1kB @7")
    assert "pages" not in build_stage
    assert "ENV" not in build_stage
    assert copied == ["COPY shop.py .", "COPY pages ./pages"]


@pytest.mark.parametrize(
    ("copies", "moved"),
    [
        ("COPY . .\nRUN chmod 755 shop.py\n", []),
        ("COPY . .\nCOPY --from=busybox /bin/busybox /app/\n", []),
        ("COPY . .\nADD https://example.org/a.css /app/\n", []),
        ("COPY . .\nCOPY ${PAGES} ./pages\n", []),
        ("COPY . .\nCOPY --from=busybox /x /app/\nCOPY pages ./pages\n", ["COPY pages ./pages"]),
    ],
)
def test_what_something_else_comes_behind_stays(copies: str, moved: list[str]) -> None:
    build_stage, copied = write(copies, "app/pages/a.html 1kB @7" if moved else "")
    assert copied == moved
    assert "COPY . ." in build_stage


def test_what_nothing_reads_is_left_out_by_names() -> None:
    files = "app/Jenkinsfile 80kB @5\napp/pages/a.html 1kB @5\napp/tests/test_shop.py 1kB @5"
    assert write("COPY --chown=1:1 . .\n", files)[1] == [
        "COPY --chown=1:1 pages ./pages",
        "COPY --chown=1:1 requirements.txt shop.py ./",
    ]
    assert write("ADD ./web /app/\n", files)[1] == [
        "ADD web/pages /app/pages",
        "ADD web/shop.py /app/",
    ]


def test_a_copy_that_nothing_needs_goes() -> None:
    build_stage, copied = write("COPY . .\nCOPY Jenkinsfile .\n", "app/Jenkinsfile 80kB @6")
    assert copied == ["COPY . ."]
    assert "Jenkinsfile" not in build_stage


def test_little_that_nothing_reads_comes_along_where_names_take_many_lines() -> None:
    folders = "".join(f"app/d{n}/a.html 1kB @5\n" for n in range(4))
    residue = "app/Jenkinsfile 80kB @5\n"
    assert write(files=folders + residue)[1] == ["COPY . ."]
    assert len(write(files=folders + residue.replace("80kB", "800kB"))[1]) == 5


@pytest.mark.parametrize(
    "residue",
    [
        "app/pages/Jenkinsfile 800kB @5\napp/pages/a.html 1kB @5",
        "app/pages/.git/HEAD 1kB @5\napp/pages/a.html 1kB @5",
        "app/Jenkinsfile 800kB @5\napp/a.html -> shop.py @5",
        "app/Jenkinsfile 800kB @5\napp/a$.html 1kB @5",
    ],
)
def test_it_stays_where_names_would_bring_something_else(residue: str) -> None:
    build_stage, copied = write(files=residue)
    assert copied == []
    assert "COPY . .\n" in build_stage


def test_an_archive_is_not_added_by_its_name() -> None:
    residue = "app/Jenkinsfile 800kB @5\napp/data.tar.gz 1kB @5"
    assert write("ADD . .\n", residue)[1] == []
    assert write("COPY . .\n", residue)[1] == ["COPY data.tar.gz requirements.txt shop.py ./"]


def test_dependencies_of_the_context_stay() -> None:
    """The build stage may remove some of them."""
    assert write(files="app/vendor/a.py 1kB @5")[1] == []


def test_a_folder_that_would_get_another_owner_or_mode_stays() -> None:
    user = "user app 1000:1000 /home/app /bin/sh\n"
    assert write(files=user + "app/pages/ @5 755 ~1000:1000\napp/pages/a.html 1kB @5")[1] == []
    assert write(files=user + "app/pages/ @5 777\napp/pages/a.html 1kB @5 644 ~1:1")[1] == []
    owned = user + "app/pages/ @5 755 ~1000:1000\napp/pages/a.html 1kB @5 644 ~1000:1000"
    assert write("COPY --chown=app . .\n", owned)[1] == ["COPY --chown=app . ."]


def test_nothing_moves_where_nothing_else_would_be_copied() -> None:
    files = BASE.replace(f"{SITE}/flask/app.py 2MB @4", "root/.cache/pip/x 30MB @4")
    text = rewrite_text(HEAD + "COPY . .\n" + END, files)
    assert "COPY --from=build /app ./" in cut_last_stage(text)


def test_what_moves_is_not_counted_as_saved() -> None:
    candidate = make_candidate(HEAD + "COPY . .\n" + END, BASE + "app/Jenkinsfile 80kB @5")
    assert set(candidate.dropped_paths) == {"app/Jenkinsfile"}


def test_libraries_of_a_program_that_moves_are_installed() -> None:
    files = (
        "deb libpq5 1MB base needs libc6 brings usr/lib/x86_64-linux-gnu/libpq.so.5\n"
        "app/tool 9kB @5 755 = ELF libpq.so.5 libc.so.6\n"
    )
    text = rewrite_text(HEAD + "COPY . .\n" + END, BASE + files)
    assert "libpq5" in "\n".join(cut_last_stage(text))


def test_after_an_attempt_that_failed_nothing_moves() -> None:
    rewrite = plan_rewrite(HEAD + "COPY . .\n" + END, BASE)
    assert isinstance(rewrite, ApplicableRewrite)
    base = rewrite.base_candidates[0]
    candidate = rewrite.build_candidate(base, RetryHints(skip_moving=True))
    assert isinstance(candidate, Candidate)
    assert "COPY . .\n" in cut_build_stage(candidate.dockerfile.decode())
