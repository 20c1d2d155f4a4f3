"""Images without a rewrite; most differ from a suitable one in one thing."""

from dataclasses import replace

import pytest

from bot.model.candidate import Candidate
from bot.model.files import WasteCause, WastedFile
from bot.rewrite.build_facts import BaseCandidate, BuildFacts
from bot.rewrite.eligibility import find_text_reason, ineligible_reason
from bot.rewrite.rewrite import ApplicableRewrite, NotApplicable, assess_rewrite
from tests.support.rewrite_world import (
    GO,
    GO_FILES,
    explain_no_rewrite,
    make_facts,
    plan_rewrite,
    read_image_startup,
)

RUN = 'CMD ["/app"]\n'
NODE = "FROM node:20\nWORKDIR /app\nCOPY . .\nRUN npm ci\n"
NODE_FILES = """
    base 900MB
    usr/local/bin/node 90MB base 755
    usr/local/bin/npm 1kB base 755
    usr/bin/gcc 9MB base 755
    app/server.js 2kB @3
    app/node_modules/x/index.js 9MB @4
"""
PYTHON = "FROM python:3.12\nWORKDIR /app\nCOPY . .\nRUN pip install -r requirements.txt\n"
PYTHON_FILES = """
    base 900MB
    usr/local/bin/python3.12 9MB base 755
    usr/bin/gcc 9MB base 755
    app/app.py 2kB @3
    usr/local/lib/python3.12/site-packages/x.py 9MB @4
"""


def test_the_unchanged_worlds_get_a_rewrite() -> None:
    for text, files in (
        (GO + RUN, GO_FILES),
        (NODE + 'CMD ["node", "server.js"]', NODE_FILES),
        (PYTHON + 'CMD ["python3.12", "app.py"]', PYTHON_FILES),
    ):
        assert isinstance(plan_rewrite(text, files), ApplicableRewrite)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (GO.replace("golang:1.24", "golang:1.24 AS b") + "FROM b\n" + RUN, ""),
        (f"{GO}FROM alpine\nCOPY --from=0 /app /app\n{RUN}", "multi-stage already"),
        (f"{GO}FROM alpine\nRUN --mount=from=0,source=/app,target=/x cp /x /app\n{RUN}", "multi-"),
        (GO.replace("1.24", "1.24 AS dev") + RUN, "made for development, by the name"),
        (GO.replace("1.24", "1.24 AS app-devcontainer") + RUN, "made for development, by the name"),
        (GO.replace("1.24", "1.24 AS ci") + RUN, "made for development, by the name"),
        (f"{GO}ONBUILD COPY . /x\n{RUN}", "a base for other images"),
        (f"{GO}ENV NODE_ENV=development\n{RUN}", "NODE_ENV is development"),
        (f"{GO}ENV FLASK_DEBUG 1\n{RUN}", "FLASK_DEBUG is 1"),
        (GO, "it starts nothing"),
        (f'{GO}CMD ["bash"]\n', "it starts bash"),
        (f"{GO}CMD bash\n", "it starts bash"),
        (f'{GO}CMD ["fish"]\n', "it starts fish"),
        (f'{GO}CMD ["ksh"]\n', "it starts ksh"),
        (f'{GO}ENTRYPOINT ["/bin/sh", "-l"]\n', "it starts sh"),
        (f'{GO}ENTRYPOINT ["go"]\n', "it starts go"),
        (f'{GO}CMD ["go", "run", "."]\n', "it builds when it starts: go run"),
        (f"{GO}CMD go build -o /app . && /app\n", "it builds when it starts: go build"),
        (f"{GO}CMD exec go run -race ./cmd\n", "it builds when it starts: go run"),
        (f'{GO}CMD ["make", "serve"]\n', "it builds when it starts: make"),
        (f'{GO}CMD ["air", "-c", ".air.toml"]\n', "it starts air"),
        (f'{GO}CMD ["/app", "--reload"]\n', "app watches the sources"),
        (f'{GO}CMD ["/bin/cat", "/etc/hosts"]\n', "was not built here"),
        (f'{GO}CMD ["serve-all", "x"]\n', "its command is not in it: it has no program serve-all"),
        (f'{GO}CMD ["/bin/gone"]\n', "its command is not in it: it has no program /bin/gone"),
        (f'{GO}CMD ["$SHELL_OF_MINE"]\n', "was not built here"),
    ],
)
def test_go_images_without_a_rewrite(text: str, reason: str) -> None:
    files = f"{GO_FILES}bin/cat 1MB base 755\n"
    if text.startswith("FROM golang:1.24 AS b\n"):
        assert isinstance(plan_rewrite(text, files), ApplicableRewrite)
        return
    assert reason in explain_no_rewrite(text, files if "FROM alpine" not in text else "base 8MB")


def test_a_build_tool_that_is_a_script_is_named() -> None:
    files = f"{GO_FILES}usr/bin/mvn 9kB base 755 = #!/bin/sh\\nexec java Launcher\nbin/sh 1kB base 755\n"
    reason = explain_no_rewrite(f'{GO}CMD ["mvn", "spring-boot:run"]\n', files)
    assert reason == "it builds when it starts: mvn spring-boot:run"


@pytest.mark.parametrize(
    ("command", "reason"),
    [
        ('["npm", "install"]', "it builds when it starts: npm install"),
        ("npm ci && node server.js", "it builds when it starts: npm ci"),
        ('["npm", "run", "dev"]', "npm run dev"),
        ('["npm", "run", "build"]', "npm run build"),
        ('["yarn", "dev"]', "yarn dev"),
        ('["next", "dev"]', "next dev"),
        ('["npx", "nodemon", "server.js"]', "it starts nodemon"),
        ('["nodemon", "server.js"]', "it starts nodemon"),
        ('["node", "--watch", "server.js"]', "watches the sources"),
        ('["node"]', "it starts node"),
        ('["npm", "test"]', "npm test"),
    ],
)
def test_node_images_without_a_rewrite(command: str, reason: str) -> None:
    assert reason in explain_no_rewrite(f"{NODE}CMD {command}\n", NODE_FILES)


def test_the_start_script_of_package_json_counts() -> None:
    scripts = 'app/package.json 1kB @3 = {"scripts": {"start": "tsc && nodemon dist/x.js"}}'
    reason = explain_no_rewrite(f'{NODE}CMD ["npm", "start"]\n', f"{NODE_FILES}{scripts}")
    assert reason == "it builds when it starts: tsc"


@pytest.mark.parametrize(
    ("command", "reason"),
    [
        ('["python3.12"]', "it starts python"),
        ('["flask", "run", "--debug"]', "flask watches the sources"),
        ('["uvicorn", "app:app", "--reload"]', "uvicorn watches the sources"),
        ("pip install -r requirements.txt && python3.12 app.py", "pip install"),
        ('["sh", "-c", "poetry install && poetry run app"]', "poetry install"),
        ('["pytest"]', "it starts pytest"),
    ],
)
def test_python_images_without_a_rewrite(command: str, reason: str) -> None:
    files = f"{PYTHON_FILES}\nusr/local/bin/flask 1kB @4 755\nbin/sh 9kB base 755"
    assert reason in explain_no_rewrite(f"{PYTHON}CMD {command}\n", files)


def test_an_entry_script_that_builds_counts() -> None:
    script = "start.sh 1kB @3 755 = #!/bin/sh\\nset -e\\nbundle install\\nexec /app"
    text = f'{GO}ENTRYPOINT ["/start.sh"]\n'
    assert (
        explain_no_rewrite(text, f"{GO_FILES}{script}")
        == "it builds when it starts: bundle install"
    )


def test_no_toolchain() -> None:
    files = GO_FILES.replace("usr/local/go/bin/go", "usr/share/go/nothing")
    assert explain_no_rewrite(GO + RUN, files) == "no toolchain of Go is in it"


def test_a_toolchain_that_a_later_layer_removes_is_in_the_image() -> None:
    """Its bytes are in the layer below, so there is something to save on the same base, too."""
    text = "FROM python:3.12-slim\nRUN apt-get install -y gcc\nCOPY app.py /app/\n"
    files = """
        base 120MB
        usr/local/bin/python3 6MB base 755
        app/app.py 1kB @3
    """
    facts = make_facts(f'{text}RUN apt-get purge -y gcc\nCMD ["python3", "/app/app.py"]\n', files)
    path = "usr/bin/x86_64-linux-gnu-gcc-12"  # `gcc` is a link to it
    hidden = WastedFile(path, 90_000_000, 1, 3, WasteCause.REMOVED)
    inherited = WastedFile("usr/bin/cc", 90_000_000, 0, 3, WasteCause.REMOVED)
    assert explain(facts) == "no toolchain of Python is in it"
    assert explain(hide(facts, inherited)) == "no toolchain of Python is in it"
    assert explain(hide(facts, hidden)) == ""


def hide(facts: BuildFacts, file: WastedFile) -> BuildFacts:
    image = replace(facts.built.image, wasted_files=(file,))
    return replace(facts, built=replace(facts.built, image=image))


def explain(facts: BuildFacts) -> str:
    """Return why there is no rewrite on the same base image; empty if there is one."""
    base = BaseCandidate("python:3.12-slim", unpacked_bytes=120_000_000)
    rewrite = assess_rewrite(facts, lambda name: base)
    if isinstance(rewrite, ApplicableRewrite):
        candidate = rewrite.build_candidate(base)
        return candidate.reason if isinstance(candidate, NotApplicable) else ""
    return rewrite.reason


def test_no_base_image_is_available() -> None:
    reason = explain_no_rewrite(GO + RUN, f"{GO_FILES}ground alpine:3.20 8MB")
    expected = "debian:bookworm-slim, debian:12-slim"
    assert reason == f"no base image for its last stage is available ({expected})"


def test_an_unknown_distribution() -> None:
    files = f"release slackware 15.0\n{GO_FILES}"
    reason = "no base image for its last stage is available (none is known)"
    assert explain_no_rewrite(GO + RUN, files) == reason


def test_a_small_saving_on_the_same_base() -> None:
    files = """
        base 100MB
        usr/local/bin/python3 5MB base 755
        deb gcc 1kB @2 brings usr/bin/gcc
        app.py 2kB @3
    """
    text = 'FROM python:3-slim\nRUN apt-get install gcc\nCOPY . /\nCMD ["python3", "app.py"]\n'
    assert explain_no_rewrite(text, files) == "almost nothing in it is needed only by the build"


def test_stages_that_come_after_it() -> None:
    text = GO.replace("1.24", "1.24 AS app") + RUN + 'FROM app AS shell\nCMD ["bash"]\n'
    assert (
        explain_no_rewrite(text, GO_FILES, target="app") == "other stages come after it in its file"
    )


def test_a_target_made_for_development() -> None:
    text = GO.replace("1.24", "1.24 AS test") + RUN
    assert "by the name" in explain_no_rewrite(text, GO_FILES, target="test")


def test_an_image_of_another_dockerfile_has_no_base_layers() -> None:
    """As an image that was named by the user, with a base image missing in the engine."""
    facts = make_facts(GO + RUN, GO_FILES)
    layers = tuple(replace(layer, from_base_image=False) for layer in facts.built.image.layers)
    image = replace(facts.built.image, layers=layers)
    other = replace(facts, built=replace(facts.built, image=image))
    assert (
        ineligible_reason(other, read_image_startup(other))
        == "it is not known which of its layers belong to the base image"
    )


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ('FROM rust\nCMD ["cargo", "run", "--release"]\n', "it builds when it starts: cargo run"),
        ("FROM rust\nCMD cargo run\n", "it builds when it starts: cargo run"),
        (
            'FROM node\nCMD ["npm", "run", "start:dev"]\n',
            "it is made for development: npm run start:dev",
        ),
        ("FROM node\nCMD yarn dev\n", "it is made for development: yarn dev"),
        ("FROM go AS build\nFROM scratch\nCOPY --from=build /a /a\n", "it is multi-stage already"),
        ("FROM node AS dev\nCMD node x\n", "it is made for development, by the name of its stage"),
        ('FROM node\nCMD ["node", "server.js"]\n', ""),
        ("FROM node\n", ""),
    ],
)
def test_the_reason_that_the_text_alone_gives(text: str, reason: str) -> None:
    assert find_text_reason(make_facts(text).rule_input) == reason


SLIM_NODE = (
    "FROM node:20-slim\nWORKDIR /app\nCOPY . .\nRUN npm install && npm run build\n"
    'CMD ["node", "dist/index.js"]\n'
)
SLIM_NODE_FILES = """
    base 200MB
    usr/local/bin/node 90MB base 755
    usr/local/bin/npm 1kB base 755
    app/package.json 1kB @3 = {"devDependencies": {"typescript": "5"}}
    app/node_modules/express/package.json 1kB @4
    app/dist/index.js 2kB @4
"""


def test_development_dependencies_are_a_toolchain_of_their_own() -> None:
    base = BaseCandidate("node:20-slim", unpacked_bytes=200_000_000)
    installed = SLIM_NODE_FILES + "app/node_modules/typescript/package.json 1kB @4\n"
    rewrite = assess_rewrite(make_facts(SLIM_NODE, installed), lambda name: base)
    assert isinstance(rewrite, ApplicableRewrite)
    assert isinstance(rewrite.build_candidate(base), NotApplicable)
    candidate = rewrite.build_candidate(base, is_measured=True)
    assert isinstance(candidate, Candidate)
    assert b"npm prune --omit=dev" in candidate.dockerfile
    without = assess_rewrite(make_facts(SLIM_NODE, SLIM_NODE_FILES), lambda name: base)
    assert without == NotApplicable("no toolchain of Node is in it")


def test_a_script_that_starts_itself_without_end() -> None:
    script = "bin/sh 1MB base 755\nrun.sh 1kB @4 755 = #!/bin/sh\\n" + "/run.sh\\n" * 60 + "/app\n"
    reason = explain_no_rewrite(
        f'{GO}CMD ["/run.sh"]\n', GO_FILES.replace("bin/sh 1MB base 755", "") + script
    )
    assert reason == "its start scripts run more commands than this program follows"
