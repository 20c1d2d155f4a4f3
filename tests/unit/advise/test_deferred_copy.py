"""Copies of all sources, which move below the installs that do not need them."""

from dataclasses import replace

import pytest

from bot.advise.deferred_copy import find_deferred_copy
from bot.model.candidate import Candidate
from bot.model.files import WasteCause, WastedFile
from bot.rewrite.plan import RetryHints
from bot.rewrite.rewrite import ApplicableRewrite
from tests.support.rewrite_world import (
    cut_build_stage,
    cut_last_stage,
    make_candidate,
    make_facts,
    plan_rewrite,
    rewrite_text,
)

HEAD = "FROM node:22\nWORKDIR /app\n"
END = 'CMD ["node", "server.js"]\n'
FILES = """
    base 900MB
    usr/local/bin/node 90MB base 755
    deb gcc 150MB base brings usr/bin/gcc
    app/server.js 3kB @3
    app/package.json 1kB @3
    app/node_modules/express/index.js 2MB @4
    root/.npm/_cacache/a 5MB @4
"""
SENT = """
    base 900MB
    sent package.json 1kB = {"dependencies": {"express": "4"}}
    sent server.js 3kB
"""
FILES += SENT
COMMENT = "# Without the sources: a change of those does not repeat the installs.\n"
MANIFESTS = f"{COMMENT}COPY package.json ./\n"
NAMED = "FROM node:22 AS build\nWORKDIR /app\n"


def test_the_last_stage_copies_the_sources() -> None:
    text = rewrite_text(f"{HEAD}COPY . .\nRUN npm install\n{END}", FILES)
    assert cut_build_stage(text) == f"{NAMED}{MANIFESTS}RUN npm install\n"
    assert cut_last_stage(text)[2:] == [
        "COPY --from=build /app/node_modules ./node_modules",
        "COPY . .",
        END.strip(),
    ]


def test_a_build_gets_them_below_the_install() -> None:
    lines = f"{HEAD}# The shop.\nCOPY . .\nRUN npm install\n\nRUN npm run build\n{END}"
    files = FILES.replace("@4", "@5").replace("@3", "@4") + "app/dist/shop.js 1kB @7\n"
    text = rewrite_text(lines, files)
    moved = "RUN npm install\n\n# The shop.\nCOPY . .\n\nRUN npm run build\n"
    assert cut_build_stage(text) == f"{NAMED}{MANIFESTS}{moved}"
    assert "\nCOPY . .\n" not in "\n".join(cut_last_stage(text))


def test_a_run_that_installs_and_builds_is_split() -> None:
    lines = f"{HEAD}COPY . .\nRUN npm install \\\n  && npm run build \\\n  && npm test\n{END}"
    text = rewrite_text(lines, FILES + "app/dist/shop.js 1kB @4\n")
    moved = "RUN npm install\nCOPY . .\nRUN npm run build \\\n  && npm test\n"
    assert cut_build_stage(text) == f"{NAMED}{MANIFESTS}{moved}"


def test_what_repeats_with_no_source_gets_no_cache_mount() -> None:
    text = rewrite_text(f"{HEAD}COPY . .\nRUN npm install\nRUN npm test\n{END}", FILES)
    assert "--mount" not in text


def test_the_message_says_that_the_order_changes() -> None:
    commands = ("npm test", "npm install")
    texts = [f"{HEAD}COPY . .\nRUN {command}\n{END}" for command in commands]
    old, new = (make_candidate(text, FILES).message for text in texts)
    assert "In this Dockerfile the build is unchanged, and" in old
    assert "the build copies the sources after the installs that do not need them, and" in new


def test_packages_of_the_system_need_no_manifest() -> None:
    lines = "COPY . .\nRUN apt-get update && apt-get install -y git\nRUN npm ci && npm test\n"
    text = rewrite_text(f"{HEAD}{lines}{END}", FILES.replace("@4", "@5"))
    assert "install -y git\nRUN npm ci\nCOPY . .\nRUN npm test" in text


def test_manifests_keep_owner_and_folder() -> None:
    lines = "ADD --chown=1000:1000 . /app\nWORKDIR /app\nENV A=1\nRUN cd web && npm install\n"
    files = FILES.replace("package.json", "web/package.json").replace("@4", "@5")
    files = files.replace("node_modules", "web/node_modules").replace("@3", "@2")
    text = rewrite_text(f"FROM node:22\n{lines}RUN npm test\n{END}", files)
    assert "COPY --chown=1000:1000 web/package.json /app/web/\nWORKDIR /app" in text
    assert "RUN cd web && npm install\nADD --chown=1000:1000 . /app\nRUN npm test\n" in text


@pytest.mark.parametrize(
    "lines",
    [
        "COPY . .\nWORKDIR /app\nRUN npm install\n",
        "COPY . .\nADD package.json /tmp/\nRUN npm install\n",
        "COPY . .\nRUN npm run build\nRUN npm install\n",
        "COPY . .\nRUN mkdir -p /data\nRUN npm test\n",
        "COPY . $WHERE\nRUN npm install\n",
        "COPY --exclude=a . .\nRUN npm install\n",
        "COPY . a .\nRUN npm install\n",
    ],
)
def test_where_the_order_stays(lines: str) -> None:
    facts = make_facts(f"{HEAD}{lines}{END}", SENT)
    assert find_deferred_copy(facts.rule_input) is None


@pytest.mark.parametrize(
    ("path", "is_replaced"), [("app/server.js", True), ("app/package.json", False)]
)
def test_what_an_install_replaces(path: str, is_replaced: bool) -> None:
    """A later copy would bring the source again; only the files that it installs from may change."""
    facts = make_facts(f"{HEAD}COPY . .\nRUN npm install\n{END}", FILES)
    copied, installed = (
        layer.index
        for line in (3, 4)
        for layer in facts.built.image.layers
        if layer.instruction and layer.instruction.line_start == line
    )
    waste = WastedFile(path, 3_000, copied, installed, WasteCause.OVERWRITTEN)
    image = replace(facts.built.image, wasted_files=(waste,))
    rule_input = replace(facts.rule_input, image=image)
    assert (find_deferred_copy(rule_input) is None) is is_replaced


def test_a_failed_attempt_keeps_the_order() -> None:
    rewrite = plan_rewrite(f"{HEAD}COPY . .\nRUN npm install\n{END}", FILES)
    assert isinstance(rewrite, ApplicableRewrite)
    hints = RetryHints(skip_moving=True, skip_mounts=True)
    candidate = rewrite.build_candidate(rewrite.base_candidates[0], hints)
    assert isinstance(candidate, Candidate)
    assert candidate.dockerfile.startswith(f"{NAMED}COPY . .\nRUN npm install\n".encode())
