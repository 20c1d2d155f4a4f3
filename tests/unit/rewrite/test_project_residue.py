"""What a repository has beside its program."""

import pytest

from bot.rewrite.ecosystems.go import ECOSYSTEM as GO
from bot.rewrite.ecosystems.node import ECOSYSTEM as NODE
from bot.rewrite.file_selection import FileSelection
from bot.rewrite.project_residue import ProjectResidue
from tests.support.rewrite_world import make_facts, read_image_startup

TEXT = 'FROM x\nWORKDIR /app\nCOPY . .\nRUN make\nCMD ["node", "server.js"]\n'
MANIFEST = "apiVersion: v1\\nkind: Service\\n"


def is_residue(line: str, text: str = TEXT) -> bool:
    facts = make_facts(text, f"base 1MB\n{line}\n")
    (path,) = facts.built.own_files
    return ProjectResidue(facts, read_image_startup(facts)).includes(path)


@pytest.mark.parametrize(
    "line",
    [
        "app/Jenkinsfile 1kB @3",
        "app/.env.example 1kB @3",
        "app/.dbenv-sample 1kB @3",
        "app/env.dist 1kB @3",
        "app/Makefile 1kB @3",
        "app/serverless.yml 1kB @3",
        "app/.air.toml 1kB @3",
        "app/fly.toml 1kB @3",
        "app/k8s/values-live.yaml 1kB @3",
        "app/yarn.lock 1kB @3",
        "app/package-lock.json 1kB @4",
        "app/tests/data.json 1kB @3",
        "app/lib/__tests__/x.js 1kB @3",
        f"app/deployment.yaml 1kB @3 = {MANIFEST}",
        f"app/k8s/web.yml 1kB @3 = {MANIFEST}",
        f"app/k8s.yaml 1kB @3 = {MANIFEST}",
        "app/.DS_Store 1kB @3",
        "app/charts/x/Chart.yaml 1kB @3",
        "app/readme.md 1kB @3",
        "app/sketch.excalidraw 1kB @3",
        "app/cover.out 1kB @3",
        "app/.next/cache/webpack/client-production/0.pack 90MB @4",
        "app/prometheus/prometheus.yaml 1kB @3",
        "app/ops/grafana/dashboards/shop.json 1kB @3",
        "app/extra/grafana/overview.json 1kB @3",
        "app/extra/grafana/images/overview.png 1kB @3",
        "app/docker-compose.yml.txt 1kB @3",
        "app/yarn-error.log 1kB @3",
        "app/.astro/types.d.ts 1kB @4",
        "app/npm-debug.log.42 1kB @3",
        "app/deploy/push.sh 1kB @3 = #!/bin/sh\\nset -e\\ndocker build -t shop .\\n",
        "app/up.sh 1kB @3 = for i in 1 2\\ndo\\n  sudo docker run shop\\ndone\\n",
    ],
)
def test_files_that_nothing_reads(line: str) -> None:
    assert is_residue(line)


@pytest.mark.parametrize(
    "line",
    [
        "app/.env 1kB @3",
        "app/.next/cache/fetch-cache/a 1kB @4",
        "app/data/values.yaml 1kB @3",
        "app/package.json 1kB @3",
        "app/requirements.txt 1kB @3",
        "app/tests/data.json 1kB @4",
        "srv/tests/data.json 1kB @3",
        "app/contest/data.json 1kB @3",
        "app/service.yaml 1kB @3 = name: web\\n",
        "etc/prometheus/prometheus.yml 1kB @3",
        "app/prometheus/rules.yaml 1kB @3",
        f"app/config.yaml 1kB @3 = {MANIFEST}",
        f"app/k8s/web.yml 1MB @3 = {MANIFEST}",
        "app/push.sh 1kB @4 = docker build .\\n",
        "app/job.sh 1kB @3 = #!/bin/sh\\nnode docker.js\\necho docker build\\n",
        "app/job.sh 1kB @3 = if command -v docker\\nthen\\n  docker ps\\nfi\\n",
        "app/notes.txt 1kB @3 = docker build .\\n",
    ],
)
def test_files_that_a_program_may_read(line: str) -> None:
    assert not is_residue(line)


@pytest.mark.parametrize(
    ("command", "line"),
    [
        ('["yarn", "start"]', "app/yarn.lock 1kB @3"),
        ('["poetry", "run", "x"]', "app/poetry.lock 1kB @3"),
        ('["python", "-m", "tests.run"]', "app/tests/run.py 1kB @3"),
        ('["python", "tests/run.py"]', "app/tests/run.py 1kB @3"),
    ],
)
def test_what_the_command_needs(command: str, line: str) -> None:
    assert not is_residue(line, TEXT.replace('["node", "server.js"]', command))


def test_a_whole_chart() -> None:
    facts = make_facts(TEXT, "base 1MB\napp/c/Chart.yaml 1kB @3\napp/c/templates/a.tpl 1kB @3\n")
    residue = ProjectResidue(facts, read_image_startup(facts))
    assert residue.includes("app/c/templates/a.tpl")


def test_the_cache_of_modules_beside_an_application_in_gopath() -> None:
    text = TEXT.replace("/app", "/go/src/app").replace('"node", "server.js"', '"/go/bin/app"')
    files = (
        "base 1MB\ngo/src/app/a.html 1kB @3\ngo/bin/app 1MB @4 755 = ELF go\ngo/bin/lint 1MB @4 755\n"
        "go/pkg/mod/x/a.html 1kB @4\ngo/src/github.com/x/a.html 1kB @4\ngo/src/app/out.txt 1kB @4\n"
    )
    facts = make_facts(text, files)
    selected = FileSelection(facts, read_image_startup(facts), GO).selected_paths
    assert selected == {"go/src/app/a.html", "go/src/app/out.txt", "go/bin/app"}
    at_home = make_facts(text.replace("/go/src/app", "/go"), files.replace("@3", "@4"))
    selected = FileSelection(at_home, read_image_startup(at_home), GO).selected_paths
    assert not any(path.startswith(("go/pkg/", "go/bin/lint")) for path in selected)


def test_modules_are_not_searched_for_tests() -> None:
    assert not is_residue("app/node_modules/x/package.json 1kB @4")
    facts = make_facts(TEXT, "base 1MB\napp/server.js 1kB @3\napp/server.ts 1kB @3\n")
    selection = FileSelection(facts, read_image_startup(facts), NODE)
    assert selection.selected_paths == {"app/server.js"}


def test_a_script_that_the_command_starts_or_whose_program_is_there_stays() -> None:
    script = "app/server.sh 1kB @3 755 = #!/bin/sh\\ndocker ps\\n"
    assert is_residue(script)
    started = TEXT.replace('"node", "server.js"', '"/app/server.sh"')
    assert not is_residue(script, started)
    facts = make_facts(TEXT, f"usr/bin/docker 1MB base 755\n{script}\n")
    assert not ProjectResidue(facts, read_image_startup(facts)).includes("app/server.sh")


def test_pictures_of_the_readme_are_for_people() -> None:
    listing = """
        base 1MB
        app/README.md 1kB @3 = ![the tables](./erd.png) ![a logo](static/logo.png)
        app/erd.png 9kB @3
        app/hero.png 9kB @3
        app/made.png 9kB @4
        app/static/logo.png 9kB @3
    """
    facts = make_facts(TEXT, listing.replace("erd.png)", "erd.png) made.png"))
    residue = ProjectResidue(facts, read_image_startup(facts))
    pictures = [path for path in facts.built.own_files if path.endswith(".png")]
    assert [path for path in pictures if residue.includes(path)] == ["app/erd.png"]


def test_a_file_that_a_start_script_names_is_read() -> None:
    text = TEXT.replace('["node", "server.js"]', '["./start.sh"]')
    script = "app/start.sh 1kB @3 755 = #!/bin/sh\\ncp .env.example .env\\nexec node server.js"
    facts = make_facts(text, f"{script}\napp/.env.example 1kB @3\napp/Makefile 1kB @3\n")
    residue = ProjectResidue(facts, read_image_startup(facts))
    assert not residue.includes("app/.env.example")
    assert residue.includes("app/Makefile")
