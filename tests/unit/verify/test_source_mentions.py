"""Files, programs and packages that sources, data and variables of the application name."""

from typing import Any

import pytest

from bot.image.elf.dynamic_linker import LoaderConfig
from bot.verify.checks import executed_programs, perl_modules, shared_libraries, system_files
from bot.verify.checks.lost_files import check
from tests.support.image_pair_world import SHELL, list_subjects, make_image, make_image_pair
from tests.unit.verify.checks.test_lost_files import APP, PROGRAM, distribution, list_missed


@pytest.mark.parametrize(
    ("path", "source"),
    [
        ("app/tasks/a/main.c", 'open(f"tasks/{name}/main.{ending}")'),
        ("app/tasks/a/main.go", "read('main.' + ending)"),
        ("app/spec/round.card", 'File.read("#{kind}/#{name}.card")'),
        ("app/deploy/web.yaml", 'open(f"deploy/{name}.yaml")'),
        ("app/testdata/a.form", 'glob("*.form")'),
        ("usr/local/share/doc/app/a.txt", 'sprintf(x, "%s/doc/app/%s.txt", share, name)'),
        ("etc/default/app", 'fopen("/etc/default/app")'),
        ("app/target/release/build/x-1/out/shelf.bin", 'env!("OUT_DIR")'),
    ],
)
def test_concatenated_file_names_are_found(path: str, source: str) -> None:
    files = {path: "x", "app/x.py": source}
    kept_files = {"app/x.py": source}
    assert list_missed(files, kept=kept_files) == [path]
    silent = {"app/x.py": "pass"}
    assert list_missed({path: "x", **silent}, "run", kept=silent) == []


def test_a_workflow_mentions_what_it_builds_from() -> None:
    files = {"app/.github/workflows/ci.yaml": "key: hashFiles('**/go.sum')\n", "app/go.sum": "x"}
    assert list_missed(files) == []
    assert list_missed({"app/config.yaml": "lock: go.sum\n", "app/go.sum": "x"}) != []


def test_files_of_out_dir_that_are_compiled_in() -> None:
    source = 'include!(concat!(env!("OUT_DIR"), "/x.rs"))'
    assert list_missed({"app/target/release/build/x-1/out/x.bin": "x", "app/x.py": source}) == [
        "app/x.py"
    ]


def test_a_variable_names_a_folder_of_tests() -> None:
    old = make_image(SHELL, copy={**PROGRAM, "app/testdata/a.x": "x"}, env={"X": "testdata"}, **APP)
    new = make_image(SHELL, copy=PROGRAM, env={"X": "testdata"}, **APP)
    assert list_subjects(check(make_image_pair(old, new))) == ["app/testdata/a.x"]


def test_a_variable_names_a_folder_of_the_systems() -> None:
    share = {"usr/local/share/doc/app/a.txt": "x"}
    for value, missed in (("/usr/local/share", [*share]), ("/usr/local/lib", [])):
        old = make_image(SHELL, run={**PROGRAM, **share}, env={"SHARE": value}, **APP)
        new = make_image(SHELL, run=PROGRAM, env={"SHARE": value}, **APP)
        assert list_subjects(check(make_image_pair(old, new))) == missed


def test_an_imported_package_is_no_path_in_a_cache() -> None:
    cached = "usr/local/share/.cache/yarn/v6/npm-a/node_modules/@a/b/index.js"
    source = {"app/a.js": "import x from '@a/b'"}
    assert list_missed({cached: "x", **source}, "run", kept=source) == []


def test_modules_of_perl() -> None:
    path = "usr/share/perl/5.36.0/JSON/PP.pm"
    script = {"app/a.pl": "use strict;\nuse JSON::PP qw(decode_json);\nuse My::Own;\n"}
    old = make_image({**SHELL, path: "x"}, copy=script, **APP)
    assert list_subjects(perl_modules.check(make_image_pair(old, make_image(SHELL, **APP)))) == [
        path
    ]
    new = make_image({**SHELL, "usr/lib/perl-base/JSON/PP.pm": "x"}, **APP)
    assert list_subjects(perl_modules.check(make_image_pair(old, new))) == []
    silent = make_image({**SHELL, path: "x"}, **APP)
    assert (
        list_subjects(perl_modules.check(make_image_pair(silent, make_image(SHELL, **APP)))) == []
    )


def test_errors_that_are_traced_to_the_sources() -> None:
    files = {"app/dist/a.js": "x", "app/dist/a.js.map": "x", "app/src/a.ts": "x"}

    def missed(**how: Any) -> list[str]:
        old, new = (
            make_image(SHELL, copy=copied, workdir="/app", **how)
            for copied in (files, {"app/dist/a.js": "x"})
        )
        return list_subjects(check(make_image_pair(old, new)))

    assert missed(command=("node", "dist/a.js")) == []
    traced = ["app/dist/a.js.map", "app/src/a.ts"]
    assert missed(command=("node", "--enable-source-maps", "dist/a.js")) == traced
    assert missed(env={"NODE_OPTIONS": "--enable-source-maps"}) == traced


STARTS = {"app/a.py": "import subprocess\nsubprocess.run(words)"}


@pytest.mark.parametrize(
    ("data", "missed"),
    [
        ({"app/a.toml": 'unpack = "unxz -c"'}, ["unxz"]),
        ({"app/a.conf": "vcs=unxz"}, ["unxz"]),
        ({"app/a.sql": "INSERT INTO x VALUES ('xz', 'cat {} | unxz');"}, ["unxz"]),
        ({"app/a.yml": "tool: unxz"}, ["unxz"]),
        ({"app/a.json": '["unxz", "-c"]'}, ["unxz"]),
        ({"app/a.json": '{"unxz": "a program"}'}, []),
        ({"app/a.yml": "text: what unxz does"}, []),
        ({"app/a.yml": "kind: file"}, []),
        ({"app/a.yml": "look: file --brief"}, ["file"]),
        ({"app/package.json": '{"scripts": {"x": "unxz"}}'}, []),
        ({"app/package.json": '{"config": {"x": "unxz -c"}}'}, ["unxz"]),
        ({"app/package.json": '{"config"'}, []),
        ({"app/README.md": "unxz"}, []),
    ],
)
def test_programs_that_data_name(data: dict[str, str], missed: list[str]) -> None:
    tools = {**SHELL, "!usr/bin/unxz": "x", "!usr/bin/file": "x"}
    old = make_image(tools, copy={**STARTS, **data}, **APP)
    assert (
        list_subjects(executed_programs.check(make_image_pair(old, make_image(SHELL, **APP))))
        == missed
    )
    peaceful = make_image(tools, copy=data, **APP)
    assert (
        list_subjects(executed_programs.check(make_image_pair(peaceful, make_image(SHELL, **APP))))
        == []
    )


def test_tools_of_python_that_data_name() -> None:
    files = {**distribution("black", "click"), **distribution("click"), **distribution("isort")}
    files["app/x.toml"] = 'load = "black:format_str"'
    by_name = {**files, "app/x.py": "importlib.import_module(name)"}
    tops = {path.split("/")[5] for path in list_missed(by_name, "run") if "/site-packages/" in path}
    assert tops >= {"black", "click"}
    assert "isort" not in tops
    assert not [x for x in list_missed({**files, "app/x.py": ""}, "run") if "/site-packages/" in x]


def test_development_modules_that_data_name() -> None:
    lock = '{"packages": {"node_modules/terser": {"dev": true}}}'
    files = {"app/node_modules/.package-lock.json": lock, "app/node_modules/terser/a.js": "x"}
    files["app/engines.json"] = '{"min": "terser"}'
    by_name = {**files, "app/a.js": "const engine = require(names[x])"}
    assert "app/node_modules/terser/a.js" in list_missed(by_name)
    assert "app/node_modules/terser/a.js" not in list_missed({**files, "app/a.js": "require('x')"})


def test_the_database_of_services() -> None:
    libc = {**SHELL, "lib/libc.so.6": "x"}
    for text, missed in (('net.LookupPort("tcp", x)', ["etc/services"]), ("", [])):
        old = make_image({**libc, "etc/services": "x"}, copy={"app/a.go": text}, **APP)
        assert (
            list_subjects(system_files.check(make_image_pair(old, make_image(libc, **APP))))
            == missed
        )


@pytest.mark.parametrize(
    ("files", "missed"),
    [
        ({"app/a.py": 'ctypes.CDLL("libxml2.so.2")'}, ["libxml2.so.2"]),
        ({"app/a.py": 'ctypes.util.find_library("xml2")'}, ["libxml2.so.2"]),
        ({"app/a.rb": 'Fiddle.dlopen("libxml2.so")'}, ["libxml2.so.2"]),
        (
            {"app/a.py": "ctypes.CDLL(f'lib{stem}.so.{abi}')", "app/a.ini": "stem = xml2"},
            ["libxml2.so.2"],
        ),
        ({"app/a.py": "ctypes.CDLL(name)", "app/a.ini": "stem = xml2x"}, []),
        ({"app/a.py": 'parse("xml2")'}, []),
    ],
)
def test_libraries_that_sources_open_by_name(files: dict[str, str], missed: list[str]) -> None:
    path = "usr/lib/libxml2.so.2"
    loader_config = LoaderConfig(cache={"libxml2.so.2": (f"/{path}",)})
    old = make_image({**SHELL, path: "x"}, copy=files, places=loader_config, **APP)
    assert (
        list_subjects(shared_libraries.check(make_image_pair(old, make_image(SHELL, **APP))))
        == missed
    )
    new = make_image({**SHELL, path: "x"}, places=loader_config, **APP)
    assert list_subjects(shared_libraries.check(make_image_pair(old, new))) == []


def test_deleted_sources_are_read_from_the_context() -> None:
    libc = {**SHELL, "lib/libc.so.6": "x"}
    had = {**libc, "etc/services": "x"}
    source = {"main.go": 'net.LookupPort("tcp", name)', "vendor/x.go": "x"}
    new = make_image(libc, **APP)
    deleted = make_image_pair(make_image(had, run=PROGRAM, **APP), new, context=source)
    assert [*deleted.old_app.sources] == ["main.go"]
    assert list_subjects(system_files.check(deleted)) == ["etc/services"]
    others = make_image_pair(make_image(had, copy={"app/a.go": "x"}, **APP), new, context=source)
    assert list_subjects(system_files.check(others)) == []


@pytest.mark.parametrize(
    "files",
    [
        {"app/a.pl": "use autodie;\n"},
        {"!app/bin/sum": "#!/usr/bin/perl -w\nuse autodie;\n"},
        {"app/a.sh": "perl -w -Mautodie -e 'open(my $f, $0)'\n"},
    ],
)
def test_pragmas_of_perl_and_scripts_without_a_suffix(files: dict[str, str]) -> None:
    path = "usr/share/perl/5.36.0/autodie.pm"
    old = make_image({**SHELL, path: "x"}, copy=files, **APP)
    new = make_image(SHELL, copy=files, **APP)
    assert list_subjects(perl_modules.check(make_image_pair(old, new))) == [path]
