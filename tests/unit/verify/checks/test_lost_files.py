"""Lost files: what a build leaves behind, and what may be missed."""

from typing import Any

import pytest

from bot.verify.checks.lost_files import check
from tests.support.image_pair_world import SHELL, list_subjects, make_image, make_image_pair

APP: dict[str, Any] = {"workdir": "/app", "command": ("/app/server",)}
PROGRAM = {"!app/server": "\x7fELF"}


def list_missed(files: dict[str, str], by: str = "copy", **fields: Any) -> list[str]:
    """Return the missed ones of the files, which are all lost."""
    by_run, by_copy = (files, {}) if by == "run" else ({}, files)
    old = make_image(SHELL, run={**PROGRAM, **by_run}, copy=by_copy, **APP)
    kept_files = fields.pop("kept", {})
    new = make_image(SHELL, copy={**PROGRAM, **kept_files}, **APP)
    return list_subjects(check(make_image_pair(old, new, **fields)))


@pytest.mark.parametrize(
    "path",
    [
        *(
            "app/main.go",
            "app/go.mod",
            "app/vendor/x/y/y.go",
            "app/src/lib.rs",
            "app/Cargo.toml",
            "app/a.o",
        ),
        *("app/.git/config", "app/Dockerfile", "app/README.md", "app/docs_test.go", "app/Makefile"),
        *("app/cover.out", "app/requests.http"),
        *("app/charts/web/.helmignore", "app/charts/web/templates/NOTES.txt"),
        *("app/dockerfile", "app/terraform/network.tf", "app/.aws/task-definition.json"),
        *("app/out/CMakeCache.txt", "app/out/install_manifest.txt"),
        *("app/target/release/deps/libx.rlib", "app/x.csproj", "app/obj/Debug/x.json"),
        *(
            "app/__pycache__/a.pyc",
            "app/target/.rustc_info.json",
            "app/target/release/.cargo-build-lock",
            "app/package-lock.json",
            "app/tsconfig.json",
            "app/tests/data.json",
        ),
        *("root/.cache/go-build/aa", "root/.npm/_cacache/x", "go/pkg/mod/x@v1/templates/x.html"),
        *("usr/local/go/bin/go", "root/.m2/repository/a.jar", "tmp/x.json"),
        "go/pkg/mod/github.com/x/y@v1.2.2/vendor/modules.txt",
        "go/pkg/mod/github.com/x/y@v1.2.2/vendor/z/templates/index.html",
    ],
)
def test_build_residue_is_not_missed(path: str) -> None:
    assert list_missed({path: "x"}) == []


def test_modules_that_go_vendored_are_not_missed() -> None:
    files = {"app/vendor/x/y/page.html": "x", "app/main.go": "package main\n"}
    assert list_missed(files) == ["app/vendor/x/y/page.html"]
    assert list_missed(files | {"app/vendor/modules.txt": "# x/y v1.0.0\n"}) == []


@pytest.mark.parametrize(
    "path",
    [
        *("app/templates/a.html", "app/static/site.css", "app/config.yml", "app/migrations/1.sql"),
        *(
            "app/locales/de.json",
            "app/plugin.so",
            "app/content/post.md",
            "app/data/words.txt",
            "app/.env",
        ),
        *(
            "app/script.py",
            "app/lib/index.js",
            "app/proto/x.proto",
            "etc/app/app.conf",
            "usr/share/app/x",
        ),
        *(
            "usr/src/app/views/a.ejs",
            "go/src/app/templates/a.html",
            "root/.config/app.toml",
            "app/words",
        ),
        *("etc/cron.d/job", "usr/local/bin/helper", "srv/www/index.html", "opt/tool/tool.py"),
        *(
            "app/node_modules/x/index.js",
            "usr/lib/python3/dist-packages/x.py",
            "app/node_modules/x/a.json",
        ),
    ],
)
def test_what_a_program_may_read_is_missed(path: str) -> None:
    assert list_missed({path: "x"}) == [path]
    everything = {"app": "x", "etc": "x", "usr": "x", "go": "x", "srv": "x", "opt": "x"}
    if (
        "node_modules" not in path
        and "." in path.rpartition("/")[2]
        and not path.startswith("root")
    ):
        assert list_missed({path: "x"}, dropped_paths=everything) == [path]


def test_a_dropped_path_counts_for_built_files_that_are_no_data() -> None:
    files = {"!opt/tools/linter": "\x7fELF", "app/notes.xyz": "x"}
    reasons = {"opt/tools": "a tool", "app/notes.xyz": "?"}
    assert list_missed(files, by="run") == ["opt/tools/linter", "app/notes.xyz"]
    assert list_missed(files, by="run", dropped_paths=reasons) == []


def test_what_a_new_build_has_under_its_own_id_is_not_missed() -> None:
    files = {"app/.next/BUILD_ID": "Tmh", "app/.next/static/Tmh/_buildManifest.js": "x"}
    new = {"app/.next/BUILD_ID": "W2n", "app/.next/static/W2n/_buildManifest.js": "x"}
    assert list_missed(files, by="run", kept=new) == []
    assert list_missed(files, by="run", kept={"app/.next/BUILD_ID": "W2n"}) != []


@pytest.mark.parametrize("path", ["app/english.stop", "app/model.xyz", "app/run-job", "app/words"])
def test_of_the_context_only_sources_may_be_dropped(path: str) -> None:
    reasons = {"app": "?"}
    assert list_missed({path: "x"}, dropped_paths=reasons) == [path]
    assert list_missed({"app/main.c": "x", "app/configure": "x"}, dropped_paths=reasons) == []


def test_sources_that_name_a_document_read_it() -> None:
    files = {"app/CHANGELOG.md": "x", "app/tests/fixtures/a.json": "x"}
    assert list_missed(files) == []
    assert list_missed({**files, "app/main.go": 'os.ReadFile("CHANGELOG.md")'}) == [
        "app/CHANGELOG.md"
    ]
    assert list_missed({**files, "app/main.go": 'os.Open("tests/fixtures")'}) == [
        "app/tests/fixtures/a.json"
    ]


def test_a_script_of_the_host_is_not_missed() -> None:
    script = {"app/push.sh": "#!/bin/sh\nset -e\n  sudo docker push shop\n"}
    assert list_missed(script) == []
    assert list_missed({"app/push.sh": "exec ./server\n"}) == ["app/push.sh"]
    assert list_missed({"app/push.sh": "which docker || exit\ndocker ps\n"}) == ["app/push.sh"]
    assert list_missed({**script, "app/main.go": 'exec.Command("./push.sh")'}) == ["app/push.sh"]


def test_embedded_files_are_not_missed() -> None:
    go = {"app/main.go": '//go:embed templates/* "static"\nvar f embed.FS\n'}
    files = {"app/templates/a.html": "x", "app/static/deep/x.css": "x", "app/other/a.html": "x"}
    assert list_missed({**go, **files}) == ["app/other/a.html"]
    rust = {"app/src/main.rs": 'const A: &str = include_str!("../page.html"); migrate!();'}
    files = {"app/page.html": "x", "app/migrations/1.sql": "x", "app/x.html": "x"}
    assert list_missed({**rust, **files}) == ["app/x.html"]


def test_what_gradle_packs_is_not_missed_beside_the_package() -> None:
    archives = {
        "app/server/build/distributions/server-2.3.zip": "x",
        "app/build/test-results/TEST-App.xml": "x",
    }
    assert list_missed(archives, kept={"app/app.jar": "x"}) == []
    assert list_missed(archives) != []
    pages = {"app/src/main/webapp/index.jsp": "x"}
    assert list_missed(pages, kept={"app/build/libs/app.war": "x"}) == []
    # Spring Boot serves them from the working folder, beside a jar.
    assert list_missed(pages, kept={"app/app.jar": "x"}) == [*pages]


def test_a_release_holds_the_files_of_its_applications_again() -> None:
    files = {"app/apps/web/priv/static/app.css": "x", "app/priv/hash.so": "y"}
    release = "app/_build/prod/rel/shop/lib"
    released = {
        f"{release}/web-0.1.0/priv/static/app.css": "x",
        f"{release}/hash-1.0/priv/hash.so": "y",
    }
    assert list_missed(files) == list(files)
    assert list_missed(files, kept=released) == []
    changed = dict.fromkeys(released, "z")
    assert list_missed(files, kept=changed) == list(files)
    reader = {"app/lib/web.ex": 'File.read!("apps/web/priv/static/app.css")'}
    assert list_missed({**files, **reader}, kept=released) == list(files)


def test_a_jar_holds_resources_and_classes() -> None:
    files = {"app/src/main/resources/a.yml": "x", "app/target/classes/A.class": "x"}
    assert list_missed(files) == list(files)
    assert list_missed(files, kept={"app/app.jar": "x"}) == []


def test_typescript_is_not_missed_where_scripts_were_made_of_it() -> None:
    assert list_missed({"app/src/index.ts": "x"}) == ["app/src/index.ts"]
    assert list_missed({"app/src/index.ts": "x"}, kept={"app/dist/index.js": "x"}) == []


def test_development_dependencies_by_the_lock() -> None:
    lock = '{"packages": {"node_modules/dev": {"dev": true}, "node_modules/real": {}}}'
    files = {
        "app/node_modules/.package-lock.json": lock,
        "app/node_modules/dev/index.js": "x",
        "app/node_modules/real/index.js": "x",
        "app/node_modules/real/README.md": "x",
    }
    assert list_missed(files) == ["app/node_modules/real/index.js"]
    sources = {
        **files,
        "app/webpack.config.js": "require('dev')",
        "app/a.test.js": "require('dev')",
    }
    assert "app/node_modules/dev/index.js" not in list_missed(sources)
    loaded = {**files, "app/server.js": "const x = await import('dev')"}
    assert "app/node_modules/dev/index.js" in list_missed(loaded)


def test_development_dependencies_at_the_root_of_an_image() -> None:
    lock = '{"packages": {"node_modules/a": {"dev": true}, "node_modules/a/node_modules/b": {"dev": true}}}'
    files = {
        "node_modules/.package-lock.json": lock,
        "node_modules/a/index.js": "x",
        "node_modules/a/node_modules/b/index.js": "x",
    }
    assert list_missed(files) == []


def test_a_module_that_a_nearer_folder_has_is_not_missed() -> None:
    lock = '{"packages": {"node_modules/dev": {"dev": true}}}'
    output = {
        "app/.output/server/index.mjs": 'import { x } from "dev/server"',
        "app/.output/server/node_modules/dev/package.json": "{}",
    }
    files = {
        "app/node_modules/.package-lock.json": lock,
        "app/node_modules/dev/index.js": "x",
        **output,
    }
    assert "app/node_modules/dev/index.js" not in list_missed(files)
    assert "app/.output/server/node_modules/dev/package.json" in list_missed(files)
    elsewhere = {**files, "app/server.js": "require('dev')"}
    assert "app/node_modules/dev/index.js" in list_missed(elsewhere)


def test_what_nuxt_made_before_its_server_is_not_missed() -> None:
    lock = '{"packages": {"node_modules/dev": {"dev": true}}}'
    files = {
        "app/.nuxt/dist/server.mjs": 'import { x } from "dev"',
        "app/node_modules/.package-lock.json": lock,
        "app/node_modules/dev/index.js": "x",
    }
    assert {"app/.nuxt/dist/server.mjs", "app/node_modules/dev/index.js"} <= {*list_missed(files)}
    output = {"app/.output/nitro.json": "{}"}
    assert list_missed({**files, **output}, kept=output) == []


def test_what_next_bundled_is_not_missed() -> None:
    files = {
        "app/.next/BUILD_ID": "x",
        "app/src/app/(shop)/page.css": "a {}",
        "app/src/app/icon.ico": "x",
    }
    output = {"app/.next/BUILD_ID": "x"}
    assert list_missed(files, kept=output) == []
    served = {**files, "app/public/logo.svg": "x", "app/src/words.txt": "x"}
    assert list_missed(served, kept=output) == ["app/public/logo.svg", "app/src/words.txt"]
    read = {**files, "app/src/og.ts": 'path.join(process.cwd(), "src/app/icon.ico")'}
    assert "app/src/app/icon.ico" in list_missed(read, kept=output)


def test_what_sveltekit_makes_its_server_of_is_not_missed() -> None:
    files = {
        "usr/src/app/.svelte-kit/output/server/index.js": 'import { x } from "@sveltejs/kit"',
        "usr/src/app/src/app.html": "<html>",
        "usr/src/app/static/logo.svg": "<svg/>",
    }
    assert {*list_missed(files)} == {*files}
    output = {"usr/src/app/build/handler.js": ""}
    assert list_missed({**files, **output}, kept=output) == []
    reader = {"usr/src/app/build/handler.js": 'readFileSync("src/app.html")'}
    assert list_missed({**files, **reader}, kept=reader) == ["usr/src/app/src/app.html"]


def test_development_dependencies_of_yarn() -> None:
    files = {
        "app/package.json": '{"dependencies": {"real": "1"}, "devDependencies": {"dev": "1"}}',
        "app/node_modules/.yarn-integrity": "{}",
        **{f"app/node_modules/{x}/package.json": '{"name": "x"}' for x in ("dev", "real")},
        **{f"app/node_modules/{x}/index.js": "x" for x in ("dev", "real")},
    }
    missed = [path for path in list_missed(files) if "node_modules" in path]
    assert sorted(missed) == [
        "app/node_modules/real/index.js",
        "app/node_modules/real/package.json",
    ]
    loaded = {**files, "app/server.js": "require('dev')"}
    assert "app/node_modules/dev/index.js" in list_missed(loaded)


def distribution(name: str, *requires: str) -> dict[str, str]:
    """Return the files of a one-module distribution, as pip installs it."""
    info = f"{PACKAGES}/{name}-1.0.dist-info"
    return {
        f"{PACKAGES}/{name}/__init__.py": "x",
        f"{info}/METADATA": "".join(f"Requires-Dist: {x}\n" for x in requires),
        f"{info}/RECORD": f"{name}/__init__.py,,\n{name}-1.0.dist-info/RECORD,,\n",
    }


PACKAGES = "usr/local/lib/python3.12/site-packages"


def test_python_tools_and_what_they_alone_ask_for_are_not_missed() -> None:
    files = {**distribution("poetry", "dulwich>=1", "requests"), **distribution("dulwich")}
    files |= {**distribution("flask", "requests; extra == 'x'"), **distribution("requests")}
    missed = list_missed(files, "run")
    assert {path.removeprefix(f"{PACKAGES}/").partition("/")[0] for path in missed} == {
        *("flask", "flask-1.0.dist-info", "requests", "requests-1.0.dist-info"),
    }
    imported = {**files, "app/x.py": "import os, dulwich\n", "app/y.py": ""}
    assert f"{PACKAGES}/dulwich/__init__.py" in list_missed(imported, "run")


def test_types_of_files_that_a_trigger_writes_are_not_missed() -> None:
    """`update-mime-database` makes them of packages that stay behind, such as gdb's."""
    assert list_missed({"usr/share/mime/application/pdf.xml": "x"}, by="run") == []
    source = {"app/main.py": "open('/usr/share/mime/application/pdf.xml')"}
    assert list_missed({"usr/share/mime/application/pdf.xml": "x", **source}, by="run")


def test_files_of_system_packages_are_not_checked_here() -> None:
    old = make_image(
        SHELL, run={"usr/bin/x": "x"}, packages={"usr/bin/x": "x"}, command=("/bin/sh",)
    )
    assert list_subjects(check(make_image_pair(old, make_image(SHELL)))) == []


def test_files_of_the_base_are_not_the_applications() -> None:
    assert list_missed({}, kept={}) == []
    old = make_image(
        {**SHELL, "usr/share/x/y.json": "", "srv/site/index.html": ""}, workdir="/srv/site"
    )
    assert list_subjects(check(make_image_pair(old, make_image(SHELL, workdir="/srv/site")))) == [
        "srv/site/index.html",
        "srv/site",
    ]


def test_empty_folders_may_be_written_to() -> None:
    assert list_missed({"app/uploads/": "", "data/": "", "root/.cache/x/": ""}, "run") == [
        "app/uploads",
        "data",
    ]
    assert list_missed({"data/": ""}, "run", kept={"data/": ""}) == []
    assert list_missed({"app/out/CMakeFiles/tmp/": "", "app/.git/refs/tags/": ""}, "run") == []


def test_a_file_behind_a_linked_folder_is_not_lost() -> None:
    old = make_image(SHELL, copy={"lib/x/y.so": "x"})
    new = make_image({**SHELL, "@lib": "usr/lib"}, copy={"usr/lib/x/y.so": "x"})
    assert list_subjects(check(make_image_pair(old, new))) == []


def test_modules_of_a_front_end_behind_a_server_of_files_are_bundled() -> None:
    base = {**SHELL, "!usr/bin/node": "x", "!usr/local/bin/http-server": "x"}
    files = {"app/node_modules/vue/index.js": "x", "app/dist/index.html": "x"}
    reasons = {"dropped_paths": {"app/node_modules": "it was bundled"}}

    def missed(*command: str) -> list[str]:
        old, new = (
            make_image(base, copy=copied, workdir="/app", command=command)
            for copied in (files, {"app/dist/index.html": "x"})
        )
        return list_subjects(check(make_image_pair(old, new, **reasons)))

    assert missed("sh", "-c", "http-server dist -p 80") == []
    assert missed("node", "server.js") == missed("npx", "http-server") != []


def test_a_server_of_files_reads_only_the_folder_that_its_command_names() -> None:
    base = {**SHELL, "!usr/bin/node": "x", "!usr/local/bin/serve": "x"}
    files = {"app/index.html": "x", "app/public/a.mp4": "x", "app/dist/index.html": "x"}
    beside = ["app/index.html", "app/public/a.mp4"]

    def missed(*command: str, dropped: str = "app", **added: str) -> list[str]:
        old = make_image(base, copy={**files, **added}, workdir="/app", command=command)
        new = make_image(base, copy={"app/dist/index.html": "x"}, workdir="/app", command=command)
        pair = make_image_pair(old, new, dropped_paths=dict.fromkeys(dropped.split(), "?"))
        return list_subjects(check(pair))

    assert missed("serve", "-s", "dist") == missed("sh", "-c", "serve -s './dist'") == []
    assert missed("serve", "-s", "dist", dropped="app/public") == ["app/index.html"]
    assert missed("serve", "-s", "dist", **{"app/dist/b.html": "x"}) == ["app/dist/b.html"]
    assert missed("serve", "-s") == missed("serve", ".") == missed("node", "dist") == beside
    assert missed("serve", "dist", **{"@app/dist/index.html": "../index.html"}) == beside


def test_a_server_of_files_at_the_root_reads_only_the_folder_that_its_command_names() -> None:
    base = {**SHELL, "!usr/bin/node": "x", "!usr/local/bin/serve": "x"}
    files = {"src/App.js": "x", "build/index.html": "x", "etc/shop.conf": "x"}
    dropped = dict.fromkeys(("src", "etc"), "?")

    def missed(*command: str) -> list[str]:
        old = make_image(base, copy=files, workdir="/", command=command)
        new = make_image(base, copy={"build/index.html": "x"}, workdir="/", command=command)
        return list_subjects(check(make_image_pair(old, new, dropped_paths=dropped)))

    assert missed("serve", "-s", "build") == ["etc/shop.conf"]
    assert missed("node", "build") == ["src/App.js", "etc/shop.conf"]


def test_a_front_end_that_is_served_as_files() -> None:
    """The served files are under the server's root; their sources may stay behind."""
    files = {
        "app/dist/index.html": "page",
        "app/dist/logo.svg": "logo",
        "app/src/main.js": "source",
        "app/node_modules/x/index.js": "x",
    }
    old = make_image(
        {**SHELL, "!usr/bin/node": "x"}, copy=files, workdir="/app", command=("node", "x")
    )
    served = {"!usr/sbin/nginx": "x", "srv/index.html": "page", "srv/logo.svg": "logo"}

    def missed(**new: str) -> list[str]:
        after = make_image(SHELL, copy={**served, **new}, command=("nginx",))
        reasons = {
            "dropped_paths": {"app": "only dist is served"},
            "accepted_changes": {"CMD": "nginx"},
        }
        return list_subjects(check(make_image_pair(old, after, **reasons)))

    assert missed() == []
    served.pop("srv/logo.svg")
    assert missed() == ["app/dist/logo.svg"]


def test_pictures_of_the_readme_are_not_missed() -> None:
    files = {"app/README.md": "![the tables](erd.png)", "app/erd.png": "x", "app/hero.png": "x"}
    assert list_missed(files) == ["app/hero.png"]
    assert list_missed({**files, "app/page.py": "open('erd.png')"}) == [
        "app/erd.png",
        "app/hero.png",
        "app/page.py",
    ]
    assert list_missed({"app/erd.png": "x"}) == ["app/erd.png"]


def test_settings_of_angular_name_nothing_that_runs() -> None:
    files = {
        "app/angular.json": '{"tsConfig": "tsconfig.app.json", "main": "src/main.ts"}',
        "app/tsconfig.app.json": "{}",
        "app/.angular/cache/15/x": "x",
        "app/.astro/data-store.json": "x",
    }
    assert list_missed(files) == []


def test_the_history_of_git_is_not_missed_for_a_name_in_it() -> None:
    files = {"app/.git/index": "x", "app/index.py": "import index\nopen('index')"}
    assert list_missed(files) == ["app/index.py"]


COMPOSE = "services:\n  db:\n    volumes:\n      - ./db/init:/docker-entrypoint-initdb.d:ro\n"


def test_scripts_that_a_database_reads_are_not_missed() -> None:
    files = {"app/compose.yml": COMPOSE, "app/db/init/1.sql": "x", "app/db/2.sql": "x"}
    assert list_missed(files) == ["app/db/2.sql"]


@pytest.mark.parametrize("call", ['readFileSync("db/init/1.sql")', 'readdirSync("./db/init")'])
def test_scripts_that_the_application_reads_too_are_missed(call: str) -> None:
    files = {"app/compose.yml": COMPOSE, "app/db/init/1.sql": "x", "app/server.js": f"fs.{call}"}
    assert "app/db/init/1.sql" in list_missed(files)


@pytest.mark.parametrize(
    ("source", "path"),
    [
        ('T = BASE / "templates"', "app/templates/flask/tests/test_main.py"),
        ('T = BASE / "templates"', "app/templates/flask/Dockerfile"),
        ('D = os.path.join(HERE, "data")', "app/data/test/a.csv"),
        ('P = HERE / "pages"', "app/pages/INSTALL.md"),
        ('HEAD = HERE / ".git" / "HEAD"', "app/.git/HEAD"),
    ],
)
def test_files_in_folders_that_sources_read_are_missed_whatever_their_names(
    source: str, path: str
) -> None:
    assert list_missed({path: "x"}) == []
    assert list_missed({path: "x", "app/main.py": source}, kept={"app/main.py": source}) == [path]


def test_of_ignore_files_those_with_patterns_are_missed() -> None:
    source = {"app/main.py": 'T = BASE / "templates"'}
    files = {"app/templates/a/.gitignore": "*\n!.gitignore\n", **source}
    assert list_missed(files, kept=source) == []
    assert list_missed({**files, "app/templates/b/.gitignore": "*.pyc\n"}, kept=source) == [
        "app/templates/b/.gitignore"
    ]


def test_what_was_compiled_is_not_missed_where_its_folder_is_read() -> None:
    sources = {
        "app/main.go": '//go:embed pages\nvar x = os.DirFS("pages")',
        "app/web.js": "fs.readdirSync('views')",
    }
    files = {"app/pages/README.md": "x", "app/views/a.ts": "x", **sources}
    assert list_missed(files, kept=sources) == []
    assert list_missed({"app/.git/objects/aa/x": "x", "app/a.py": 'HERE / ".git"'}) == ["app/a.py"]


def test_a_file_that_the_installing_run_names_is_missed() -> None:
    ran = "RUN apt-get install -y sudo && echo x > /etc/sudoers.d/app"
    files = {"etc/sudoers.d/app": "x", "etc/sudoers.d/README": "x"}
    old = make_image(SHELL, run=files, copy=PROGRAM, ran=ran, **APP)
    new = make_image(SHELL, copy=PROGRAM, **APP)
    pair = make_image_pair(old, new, dropped_paths={"etc/sudoers.d": "?"})
    assert list_subjects(check(pair)) == ["etc/sudoers.d/app"]


def test_what_a_program_keeps_in_a_cache_is_missed() -> None:
    assert list_missed({"root/.cache/shop/model.json": "x"}, "run") == [
        "root/.cache/shop/model.json"
    ]
    assert list_missed({"root/.cache/pip/a": "x", "home/app/.cache/go-build/b": "x"}, "run") == []
