"""The instructions that copy, as odd as names, owners and modes may be."""

import pytest

from tests.support.rewrite_world import GO, GO_FILES, cut_last_stage, rewrite_text
from tests.unit.rewrite.test_dockerfile_writer import list_last_stage

RUN = 'CMD ["/app"]\n'


@pytest.mark.parametrize(
    ("path", "line"),
    [
        ("srv/a b", 'COPY --from=build ["/srv/a b", "/srv/"]'),
        ("srv/[id].js", 'COPY --from=build ["/srv/[[]id].js", "/srv/"]'),
        ("srv/[id]/x", 'COPY --from=build ["/srv/[[]id]/x", "/srv/[id]/"]'),
        ("srv/Shop$1.class", 'COPY --from=build ["/srv/Shop\\\\$1.class", "/srv/"]'),
        ('srv/a"b', 'COPY --from=build ["/srv/a\\"b", "/srv/"]'),
        ("srv/a'b", 'COPY --from=build ["/srv/a\'b", "/srv/"]'),
        ("srv/é", "COPY --from=build /srv/é /srv/"),
    ],
)
def test_names_that_need_quotes_or_escapes(path: str, line: str) -> None:
    assert line in list_last_stage(GO + RUN, f"{path} 1kB @4\n")


def test_a_folder_with_the_name_of_a_repository_is_a_folder() -> None:
    """BuildKit takes a source that ends with `.git` for the address of a repository."""
    own = "srv/shop.git/HEAD 1kB @4\nsrv/shop.git/x 1kB @4\nsrv/README.md 1kB @4\n"
    assert "COPY --from=build /srv/shop.git/ /srv/shop.git" in list_last_stage(GO + RUN, own)


def test_owners_and_modes_of_folders() -> None:
    own = "opt/x/a 1kB @4 ~7:7\nopt/x/b 1kB @4 ~7:7\nopt/x/ @4 750 ~7:7\n"
    text = GO.replace("build", "build && chmod 750 /opt/x && true") + RUN
    lines = list_last_stage(text, own)
    assert "COPY --from=build --chown=7:7 /opt/x /opt/x" in lines
    assert "RUN chmod 750 /opt/x" in lines
    mixed = "\n".join(list_last_stage(text, own.replace("b 1kB @4 ~7:7", "b 1kB @4")))
    assert "COPY --from=build /opt/x /opt/x" in mixed
    assert "RUN chown 7:7 /opt/x \\\n    && chmod 750 /opt/x" in mixed


def test_the_owner_of_a_working_directory_is_set_apart() -> None:
    """`COPY --chown` sets the owner of folders that it creates: WORKDIR has created this one."""
    own = "src/a.txt 1kB @3 ~7:7\nsrc/b.txt 1kB @3 ~7:7\nsrc/ @3 755 ~7:7\n"
    lines = list_last_stage(GO + RUN, own.replace("src/main.go 2MB @3", ""))
    assert "RUN chown 7:7 /src" in lines


def test_folders_that_a_copy_creates_have_its_owner() -> None:
    text = GO.replace("WORKDIR /src", "RUN useradd -m app\nWORKDIR /src") + "USER app\n" + RUN
    own = (
        "user app 7:7 /home/app /bin/sh\nhome/app/ @2 755 ~7:7\nhome/app/.local/ @5 755 ~7:7\n"
        "home/app/.local/bin/ @5 755 ~7:7\nhome/app/.local/bin/x 1kB @5 755 ~7:7\n"
        "home/app/.bashrc 1kB @2 644 ~7:7\n"
    )
    files = GO_FILES.replace("@4", "@5").replace("@3", "@4") + own
    lines = cut_last_stage(rewrite_text(text, files))
    assert "COPY --from=build --chown=7:7 /home/app/.local/bin/x /home/app/.local/bin/" in lines
    assert not [line for line in lines if "chown 7" in line or ".bashrc" in line]


def test_owners_are_set_in_one_command() -> None:
    own = (
        "opt/x/a/f 1kB @4 ~7:7\nopt/x/b/f 1kB @4\nopt/x/ @4 755 ~7:7\nopt/x/a/ @4 755 ~7:7\n"
        "opt/old 1kB base\nopt/x/old 1kB base\nopt/y/ @4 755 ~7:7\nopt/y/f 1kB @4\n"
        "opt/z/ @4 755 ~7:7\nopt/z/f 1kB @4\n"
    )
    lines = list_last_stage(GO + RUN, own)
    assert [line for line in lines if line.startswith("RUN")] == ["RUN chown 7:7 /opt/y /opt/z"]


@pytest.mark.parametrize("mode", ["777", "700", "1777"])
def test_a_mode_that_only_root_meets_is_not_kept(mode: str) -> None:
    own = f"opt/x/a 1kB @4\nopt/x/b 1kB @4\nopt/x/ @4 {mode}\n"
    assert "chmod" not in "\n".join(list_last_stage(GO + RUN, own))


def test_targets_are_relative_to_the_working_directory() -> None:
    own = "src/www/a.html 1kB @3\nsrc/www/b.html 1kB @3\nsrc/a.sql 1kB @3\nsrv/a.sql 1kB @3\n"
    assert [x for x in list_last_stage(GO + RUN, own) if x.startswith("COPY")] == [
        "COPY --from=build /src/www ./www", "COPY --from=build /src/a.sql ./",
        "COPY --from=build /srv/a.sql /srv/", "COPY --from=build /app /",
    ]  # fmt: skip


def test_links_are_created_and_the_loaders_cache_is_written() -> None:
    files = "usr/local/bin/x -> /app @4\nusr/local/lib/libx.so.1 1kB @4\n"
    lines = list_last_stage(GO + RUN, files)
    assert "RUN ln -sf /app /usr/local/bin/x" in lines
    assert "RUN ldconfig" in lines


def test_links_and_the_loaders_cache_come_above_what_changes_more_often() -> None:
    files = (
        "usr/lib/node_modules/serve/main.js 1kB @3\nusr/local/bin/serve -> /x @3\n"
        "usr/local/lib/libx.so.1 1kB @3\nsrc/www/a.html 1kB @4\nsrc/www/b.html 1kB @4\n"
    )
    lines = list_last_stage(GO + RUN, files)
    runs = ["RUN ln -sf /x /usr/local/bin/serve", "RUN ldconfig"]
    assert [line for line in lines if line.startswith("RUN")] == runs
    changing = lines.index("COPY --from=build /src/www ./www")
    assert all(lines.index(run) < changing for run in runs)


def test_a_link_comes_below_a_copy_to_its_folder() -> None:
    files = (
        "usr/lib/node_modules/serve/main.js 1kB @3\n"
        "srv/a/f 1kB @4\nsrv/a/l -> /x @4\nsrv/a/old 1kB base\n"
    )
    lines = list_last_stage(GO + RUN, files)
    assert lines.index("RUN ln -sf /x /srv/a/l") > lines.index("COPY --from=build /srv/a/f /srv/a/")


@pytest.mark.parametrize(
    ("files", "commands"),
    [
        ("srv/a/l -> /x @4", ["RUN mkdir -p /srv/a", "RUN ln -sf /x /srv/a/l"]),
        ("srv/a/f 1kB @4\nsrv/a/l -> /x @4\nsrv/a/old 1kB base", ["RUN ln -sf /x /srv/a/l"]),
        ("src/l -> /x @4\nsrc/old 1kB base", ["RUN ln -sf /x /src/l"]),
        ("usr/local/bin/l -> /x @4", ["RUN ln -sf /x /usr/local/bin/l"]),
    ],
)
def test_folders_that_hold_links_alone_are_created(files: str, commands: list[str]) -> None:
    lines = list_last_stage(GO + RUN, files)
    assert [line for line in lines if line.startswith("RUN")] == commands


def test_a_folder_of_links_keeps_its_owner() -> None:
    files = "user app 7:7 /home/app /bin/sh\nsrv/a/ @4 755 ~7:7\nsrv/a/l -> /x @4 777 ~7:7\n"
    lines = "\n".join(list_last_stage(GO + RUN, files))
    assert "RUN mkdir -p /srv/a \\\n    && chown 7:7 /srv/a\nRUN ln -sf /x /srv/a/l" in lines


def test_names_in_commands_are_single_words() -> None:
    own = (
        "user app 7:7 /home/app /bin/sh\nopt/a b/x 1kB @4\nopt/a b/y 1kB @4\n"
        "opt/a b/ @4 2770 ~7:7\nusr/local/bin/$(id) -> /app;id @4\n"
    )
    lines = list_last_stage(GO + RUN, own)
    assert "RUN chown 7:7 '/opt/a b' \\\n    && chmod 2770 '/opt/a b'" in "\n".join(lines)
    assert "RUN ln -sf '/app;id' '/usr/local/bin/$(id)'" in lines


def test_the_loaders_cache_is_not_written_for_libraries_of_the_build() -> None:
    assert "RUN ldconfig" not in list_last_stage(GO + RUN, "usr/local/lib/libx.a 1kB @4\n")
    musl = "release alpine 3.20\napk musl 1MB base basic\nusr/local/lib/libx.so.1 1kB @4\n"
    assert "RUN ldconfig" not in list_last_stage(GO + RUN, musl)


def test_a_folder_of_ld_so_conf() -> None:
    own = "etc/ld.so.conf.d/x.conf 1kB @4\nusr/local/lib/x/libx.so.1 1kB @4\n"
    assert "RUN ldconfig" in list_last_stage(GO + RUN, own)
