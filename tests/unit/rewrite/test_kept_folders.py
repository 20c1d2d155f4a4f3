"""Folders that a repository keeps empty."""

import pytest

from bot.rewrite.kept_folders import list_kept_folders
from tests.support.rewrite_world import cut_last_stage, make_facts, rewrite_text

TEXT = "FROM php:8.3-fpm\nWORKDIR /app\nCOPY . .\nRUN chown -R 33:33 storage\n"


def list_folders(*paths: str, copied: tuple[str, ...] = ()) -> list[str]:
    facts = make_facts(TEXT, "\n".join(f"{path} 1kB @4" for path in paths))
    return sorted(list_kept_folders(facts, paths, copied))


@pytest.mark.parametrize("name", [".gitkeep", ".keep", ".gitignore", ".empty"])
def test_a_folder_with_a_placeholder_alone_is_created(name: str) -> None:
    assert list_folders(f"app/log/{name}") == ["app/log"]


def test_the_folders_above_are_created_as_well() -> None:
    assert list_folders("app/storage/a/.keep", "app/storage/b/c/.keep") == [
        "app/storage",
        "app/storage/a",
        "app/storage/b",
        "app/storage/b/c",
    ]


def test_a_folder_with_other_files_is_copied_or_stays_behind() -> None:
    assert list_folders("app/tests/.keep", "app/tests/a.php") == []
    assert list_folders("app/src/.keep", copied=("app/src/a.php",)) == []
    assert list_folders("app/src/a/.keep", copied=("app/src",)) == []


def test_placeholders_elsewhere_and_the_working_folder_do_not_count() -> None:
    assert list_folders("srv/log/.keep", "app/.gitignore", "app/log/x.log") == []


def test_the_last_stage_creates_it_with_its_owner() -> None:
    files = """
        base 500MB
        usr/local/bin/php 9MB base 755
        deb gcc 90MB base brings usr/bin/gcc
        deb libpq-dev 90MB @2 brings usr/include/libpq.h
        app/index.php 3MB @4
        app/vendor/slim/app.php 3MB @5
        app/storage/ @5 755 ~33:33
        app/storage/.gitignore 1kB @5 644 ~33:33
    """
    text = TEXT.replace("WORKDIR", "RUN apt-get install -y libpq-dev\nWORKDIR")
    lines = cut_last_stage(rewrite_text(f'{text}CMD ["php", "-S", "0:80"]\n', files))
    assert "RUN install -d -o 33 -g 33 -m 755 /app/storage" in lines
    assert not any("chown" in line for line in lines)
