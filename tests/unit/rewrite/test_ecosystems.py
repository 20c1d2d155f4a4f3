"""Habits of each ecosystem beyond what its page shows."""

from types import ModuleType

import pytest

from bot.rewrite.ecosystems import ECOSYSTEMS, elixir, java, node
from bot.rewrite.rewrite import NotApplicable
from tests.support.rewrite_world import (
    GO,
    GO_FILES,
    cut_build_stage,
    cut_last_stage,
    explain_no_rewrite,
    make_candidate,
    make_facts,
    plan_rewrite,
    read_image_startup,
    rewrite_text,
)

NODE = "FROM node:20\nWORKDIR /app\nCOPY . .\nRUN npm ci\n"
NODE_FILES = """
    base 900MB NODE_VERSION=20
    usr/local/bin/node 90MB base 755
    usr/local/bin/npm 1kB base 755
    usr/bin/gcc 9MB base 755
    app/server.js 2kB @3
    app/node_modules/x/index.js 9MB @4
"""
START = 'CMD ["node", "server.js"]\n'
MANIFEST = 'app/package.json 1kB @3 = {"devDependencies": {"jest": "29"}}\n'
DEV = f"{MANIFEST}app/node_modules/jest/index.js 9MB @4\n"
PYTHON_FILES = """
    base 900MB
    usr/local/bin/python 9MB base 755
    deb gcc 9MB base brings usr/bin/gcc
"""
TEMURIN = """
    base 450MB JAVA_HOME=/opt/java PATH=/opt/java/bin:/usr/bin:/bin
    opt/java/release 1kB base = JAVA_VERSION="17.0.9"
    opt/java/bin/java 1MB base 755
    opt/java/bin/javac 1MB base 755
"""
JAVA = "FROM eclipse-temurin:17-jdk\nWORKDIR /app\nCOPY . .\nRUN ./mvnw package\n"


def list_build_additions(files: str, text: str = NODE + START) -> list[str]:
    """Return the instructions added to the end of the build stage."""
    above = cut_build_stage(rewrite_text(text, NODE_FILES + files))
    return above.partition("RUN npm ci\n")[2].splitlines()


def test_names_and_titles_are_unique() -> None:
    assert (
        len({x.name for x in ECOSYSTEMS})
        == len({x.title for x in ECOSYSTEMS})
        == len(ECOSYSTEMS)
        == 11
    )


@pytest.mark.parametrize(
    ("files", "lines"),
    [
        ("", []),
        ("app/package.json 1kB @3 = {}", []),
        ("app/package.json 1kB @3 = {not json", []),
        (MANIFEST, []),  # The Dockerfile removes them itself.
        (DEV, ["RUN npm prune --omit=dev --no-save"]),
        (
            DEV + "app/npm-shrinkwrap.json 1kB @3",
            ["RUN npm prune --omit=dev --no-save"],
        ),
        (DEV + "app/pnpm-lock.yaml 1kB @3", ["RUN pnpm prune --prod"]),
        (
            'app/package.json 1kB @3 = {"workspaces": ["a"]}',
            ["RUN npm prune --omit=dev --no-save"],
        ),
    ],
)
def test_development_dependencies_are_pruned(files: str, lines: list[str]) -> None:
    assert list_build_additions(files) == lines


def test_modules_that_were_installed_before_their_lock_came_keep_their_versions() -> None:
    files = DEV + "app/node_modules/.package-lock.json 1kB @4\n"
    first, last = (f"{files}app/package-lock.json 1kB @{layer}\n" for layer in (3, 5))
    text = f"{NODE}COPY package-lock.json ./\n{START}"
    assert "RUN npm prune --omit=dev --no-save" in list_build_additions(first, text)
    without_lock = "RUN npm prune --omit=dev --no-save --no-package-lock"
    assert without_lock in list_build_additions(last, text)
    other = last.replace("app/package-lock", "app/yarn-lock").replace("yarn-lock.json", "yarn.lock")
    assert without_lock in list_build_additions(other, text), "npm installed them"


def test_yarn_prunes_by_installing() -> None:
    (line,) = list_build_additions(DEV + "app/yarn.lock 1kB @3")
    assert line.startswith("RUN yarn install --production ")


def test_modules_of_a_user_are_pruned_by_that_user() -> None:
    text = NODE.replace("RUN npm", "USER node\nRUN npm")
    files = (NODE_FILES + DEV).replace("9MB @4", "9MB @5 644 ~1000:1000")
    assert "USER root" not in rewrite_text(text + START, files)
    assert "USER root\nRUN npm prune" in rewrite_text(
        text + START, files.replace(" ~1000:1000", "")
    )


def test_modules_above_the_working_folder() -> None:
    """As in a workspace: the package that is started lies below the one that was installed."""
    text = NODE + "WORKDIR /app/packages/api\n" + START
    files = NODE_FILES + DEV + "app/packages/api/server.js 1kB @3\n"
    assert "RUN npm prune" in rewrite_text(text, files)


def test_modules_at_the_root() -> None:
    text = "FROM node:20\nCOPY . /\nRUN true\nRUN npm ci\n" + START
    files = (NODE_FILES + DEV).replace("app/", "").replace("@3", "@2")
    assert "RUN npm prune" in rewrite_text(text, files)


CLIENT = """
    app/client/package.json 1kB @3 = {"devDependencies": {"vite": "5"}}
    app/client/src/main.js 9kB @3
    app/client/node_modules/vite/index.js 300MB @4
    app/client/dist/index.html 1kB @4
    app/client/dist/assets/main.js 90kB @4
"""


def test_of_a_nested_front_end_only_the_pages_are_shipped() -> None:
    lines = cut_last_stage(rewrite_text(NODE + START, NODE_FILES + CLIENT))
    copies = [line for line in lines if line.startswith("COPY")]
    assert copies == [
        "COPY --from=build /app/node_modules ./node_modules",
        "COPY --from=build /app/server.js ./",
        "COPY --from=build /app/client/dist ./client/dist",
    ]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("vite", "express"),
        ("client/dist/index.html 1kB @4", "client/dist/index.html 1kB @3"),
        ("client/dist/index.html", "client/dist/main.html"),
    ],
)
def test_a_nested_project_that_is_no_bundled_front_end_is_shipped(old: str, new: str) -> None:
    text = rewrite_text(NODE + START, NODE_FILES + CLIENT.replace(old, new))
    assert "/app/client/node_modules" in text or "COPY --from=build /app ./" in text


GLOBAL_PNPM = """
    usr/local/lib/node_modules/pnpm/bin/pnpm.cjs 9MB @4 755 = #!/usr/bin/env node
    usr/local/lib/node_modules/pnpm/package.json 1kB @4
    usr/local/lib/node_modules/npm/package.json 1kB base
    usr/local/bin/pnpm -> ../lib/node_modules/pnpm/bin/pnpm.cjs @4
"""


def test_global_tools_of_the_build_stay_behind_unless_they_start() -> None:
    text = "\n".join(cut_last_stage(rewrite_text(NODE + START, NODE_FILES + GLOBAL_PNPM)))
    assert "pnpm" not in text
    start = 'CMD ["pnpm", "start"]\n'
    text = "\n".join(cut_last_stage(rewrite_text(NODE + start, NODE_FILES + GLOBAL_PNPM)))
    assert "/usr/local/lib/node_modules/pnpm" in text
    assert "/usr/local/bin/pnpm" in text


def test_a_front_end_that_the_command_names_is_shipped() -> None:
    start = 'CMD ["node", "client/src/main.js"]\n'
    assert "/app/client/node_modules" in rewrite_text(NODE + start, NODE_FILES + CLIENT)


def test_node_from_the_distribution_stays_on_it() -> None:
    text = (
        "FROM debian:bookworm\nRUN apt-get install -y nodejs npm gcc\nWORKDIR /app\nCOPY . .\n"
        + START
    )
    files = "base 100MB\ndeb nodejs 9MB @2 brings usr/bin/node\ndeb gcc 90MB @2 brings usr/bin/gcc\napp/server.js 1kB @4\n"
    lines = cut_last_stage(rewrite_text(text, files))
    assert lines[0] == "FROM debian:bookworm-slim"
    assert lines[1].startswith("RUN apt-get update && apt-get install -y nodejs npm ")


def test_modules_that_are_started_are_not_pruned() -> None:
    files = """
        app/package.json 1kB @3 = {"devDependencies": {"vite": "5"}, "scripts": {"preview": "vite preview"}}
        app/node_modules/.bin/vite -> ../vite/bin/vite.js @4
        app/node_modules/vite/bin/vite.js 1kB @4 755
    """
    assert list_build_additions(files, NODE + 'CMD ["npm", "run", "preview"]\n') == []
    assert list_build_additions(files) == ["RUN npm prune --omit=dev --no-save"]


def test_settings_of_a_started_tool_are_copied_in_typescript_too() -> None:
    files = """
        app/package.json 1kB @3 = {"devDependencies": {"vite": "5"}, "scripts": {"preview": "vite preview"}}
        app/vite.config.ts 1kB @3
        app/vitest.config.ts 1kB @3
    """
    text = rewrite_text(NODE + 'CMD ["npm", "run", "preview"]\n', NODE_FILES + files)
    assert [line for line in cut_last_stage(text) if "vite.config.ts" in line]
    assert not [line for line in cut_last_stage(text) if "vitest.config.ts" in line]
    text = rewrite_text(NODE + START, NODE_FILES + files)
    assert not [line for line in cut_last_stage(text) if "vite.config.ts" in line]


WEB = """\
FROM node:20
RUN apt-get update && apt-get install -y nginx
COPY site.conf /etc/nginx/nginx.conf
WORKDIR /build
COPY . .
RUN npm ci && npm run build
CMD ["nginx", "-g", "daemon off;"]
"""
WEB_FILES = """
    base 900MB
    usr/local/bin/npm 1kB base 755
    deb nginx 1MB @2 brings usr/sbin/nginx etc/nginx/nginx.conf
    etc/nginx/nginx.conf 1kB @3 = server { root /build/out; }
    build/node_modules/x/index.js 90MB @6
    build/out/index.html 1kB @6
    build/out/app.js 1kB @6
"""


def test_a_web_server_of_the_distribution_keeps_what_it_serves_and_its_configuration() -> None:
    lines = cut_last_stage(rewrite_text(WEB, WEB_FILES))
    assert lines[0] == "FROM debian:bookworm-slim"
    assert any(" install -y nginx " in line for line in lines)
    copied = [line.split()[-1] for line in lines if line.startswith("COPY")]
    assert copied == ["/etc/nginx/", "./out"]


ROOT_FRONT = """
    base 900MB
    usr/local/bin/node 90MB base 755
    usr/local/bin/npm 1kB base 755
    usr/bin/gcc 9MB base 755
    package.json 1kB @2
    .env.development 1kB @2
    src/App.js 9kB @2
    public/index.html 1kB @2
    etc/motd 1kB @2
    node_modules/react-scripts/index.js 300MB @3
    build/index.html 1kB @4
    build/static/main.js 90kB @4
    usr/local/lib/node_modules/serve/build/main.js 1kB @5 755
    usr/local/bin/serve -> ../lib/node_modules/serve/build/main.js @5
"""


def test_of_a_front_end_at_the_root_only_the_pages_are_shipped() -> None:
    text = (
        "FROM node:20\nCOPY web .\nRUN npm ci\nRUN npm run build\nRUN npm install -g serve\n"
        'CMD ["serve", "-s", "build"]\n'
    )
    lines = cut_last_stage(rewrite_text(text, ROOT_FRONT))
    assert [line for line in lines if line.startswith("COPY")] == [
        "COPY --from=build /usr/local/lib/node_modules /usr/local/lib/node_modules",
        "COPY --from=build /etc/motd /etc/",
        "COPY --from=build /build /build",
    ]


def test_the_script_that_npm_starts_a_file_server_with_comes_along() -> None:
    text = (
        "FROM node:20\nRUN npm install -g serve\nWORKDIR /app\nCOPY . .\nRUN npm ci && npm run build\n"
        'CMD ["npm", "run", "web"]\n'
    )
    files = """
        ground node:20-slim 250MB
        base 900MB
        usr/local/bin/node 90MB base 755
        usr/local/bin/npm 1kB base 755
        usr/local/lib/node_modules/serve/build/main.js 20kB @2 755 = #!/usr/bin/env node
        usr/local/bin/serve -> ../lib/node_modules/serve/build/main.js @2
        app/package.json 1kB @4 = {"scripts": {"web": "serve -s dist"}}
        app/src/main.js 9kB @4
        app/node_modules/vite/index.js 80MB @5
        app/dist/index.html 1kB @5
        app/dist/assets/main.js 90kB @5
    """
    lines = cut_last_stage(rewrite_text(text, files))
    copied = [line for line in lines if line.startswith("COPY --from=build /app")]
    assert copied == [
        "COPY --from=build /app/package.json ./",
        "COPY --from=build /app/dist ./dist",
    ]


def test_a_web_server_that_serves_nothing_of_ours_is_left_alone() -> None:
    files = "\n".join(
        line
        for line in WEB_FILES.splitlines()
        if "out/" not in line and "nginx.conf 1kB" not in line
    )
    assert "not built here" in explain_no_rewrite(WEB, files)


def test_a_front_end_that_is_served_by_its_own_modules_is_a_node_server() -> None:
    text = NODE + 'CMD ["npx", "vite", "preview"]\n'
    rewrite = plan_rewrite(text, NODE_FILES)
    assert not isinstance(rewrite, NotApplicable)
    assert rewrite.ecosystem.name == "node"


@pytest.mark.parametrize(
    ("command", "copied_jar"),
    [
        ('["java", "-jar", "target/a.jar"]', "target/a.jar"),
        ('["java", "-Xmx1g", "-jar", "/app/target/a.jar", "--port=1"]', "target/a.jar"),
        ("java $JAVA_OPTS -jar target/a.jar", "target/a.jar"),
        ('["sh", "-c", "exec java -jar target/a.jar"]', "target/a.jar"),
        ('["java", "-cp", "target/classes:target/lib/*", "Main"]', "target/lib/x.jar"),
        ('["java", "-javaagent:target/agent.jar=a=b", "-jar", "target/a.jar"]', "target/agent.jar"),
    ],
)
def test_jars_of_a_command_line(command: str, copied_jar: str) -> None:
    names = ("a.jar", "agent.jar", "lib/x.jar", "classes/Main.class", "original-a.jar")
    files = TEMURIN + "bin/sh 1kB base 755\n" + "\n".join(f"app/target/{x} 5MB @4" for x in names)
    rewrite = plan_rewrite(JAVA + f"CMD {command}\n", files)
    assert not isinstance(rewrite, NotApplicable), rewrite
    assert rewrite.base_candidates[0].name == "eclipse-temurin:17-jre"
    candidate = rewrite.build_candidate(rewrite.base_candidates[0])
    assert not isinstance(candidate, NotApplicable)
    assert f"app/{copied_jar}" not in candidate.dropped_paths
    assert "app/target/original-a.jar" in candidate.dropped_paths


def test_a_runtime_of_the_same_libc() -> None:
    text = JAVA.replace("17-jdk", "17-jdk-alpine") + 'CMD ["java", "-jar", "target/a.jar"]\n'
    files = "release alpine 3.20\n" + TEMURIN + "app/target/a.jar 5MB @4"
    assert cut_last_stage(rewrite_text(text, files))[0] == "FROM eclipse-temurin:17-jre-alpine"


def test_a_stripped_program_that_cargo_built() -> None:
    text = "FROM rust:1\nWORKDIR /w\nCOPY . .\nRUN cargo build --release && cp target/release/x /usr/bin/\nCMD x\n"
    files = """
        base 900MB CARGO_HOME=/usr/local/cargo PATH=/usr/local/cargo/bin:/usr/bin:/bin
        usr/local/cargo/bin/cargo 9MB base 755
        w/Cargo.toml 1kB @3
        w/data/places.csv 1kB @3
        w/target/release/x 9MB @4 755 = ELF libc.so.6
        usr/bin/x 9MB @4 755 = ELF libc.so.6
    """
    lines = "\n".join(cut_last_stage(rewrite_text(text, files)))
    assert "/w/data" in lines
    assert "/usr/bin/x" in lines
    assert "Cargo" not in lines.replace("CARGO", "Cargo")


def test_the_entry_point_of_mavens_image_is_not_carried_over() -> None:
    """It copies settings for Maven, then starts its arguments."""
    files = (
        'app/target/shop.jar 9MB @4\nbase ENTRYPOINT ["/usr/local/bin/mvn-entrypoint.sh"]\n'
        "usr/local/bin/mvn-entrypoint.sh 1kB base 755 = #!/bin/sh\\nexec $@\n"
    )
    start = 'CMD ["java", "-jar", "target/shop.jar"]\n'
    assert "mvn-entrypoint" not in rewrite_text(JAVA + start, TEMURIN + files)


def test_what_a_jar_holds_is_not_shipped() -> None:
    files = (
        "app/target/shop.jar 9MB @4\napp/src/main/resources/a.yml 1kB @3\napp/pom.xml 1kB @3\n"
        "app/classes/app/Main.class 1kB @4\napp/data/x.csv 1kB @3\n"
    )
    start = 'CMD ["java", "-jar", "target/shop.jar"]\n'
    lines = "\n".join(cut_last_stage(rewrite_text(JAVA + start, TEMURIN + files)))
    assert "COPY --from=build /app/target/shop.jar ./target/" in lines
    assert "/app/data" in lines
    assert "resources" not in lines
    assert "Main.class" not in lines
    start = 'CMD ["java", "-cp", "classes", "app.Main"]\n'
    lines = "\n".join(cut_last_stage(rewrite_text(JAVA + start, TEMURIN + files)))
    assert "/app/classes" in lines


GRADLE_SCRIPT = '#!/bin/sh\\nJAVACMD=java\\nset -- "$@"\\nexec "$JAVACMD" "$@"'


def test_a_distribution_of_gradle_is_copied_whole() -> None:
    files = f"""
        bin/sh 1kB base 755
        app/build.gradle 1kB @3
        app/src/main/resources/a.yml 1kB @3
        app/views/index.html 1kB @3
        app/build/classes/Main.class 1kB @4
        app/build/install/shop/bin/shop 5kB @4 755 = {GRADLE_SCRIPT}
        app/build/install/shop/bin/shop.bat 5kB @4
        app/build/install/shop/conf/shop.properties 1kB @4
        app/build/install/shop/lib/shop.jar 9MB @4
        app/build/libs/shop.jar 9MB @4
    """
    text = JAVA + "CMD ./build/install/shop/bin/shop\n"
    lines = cut_last_stage(rewrite_text(text, TEMURIN + files))
    assert lines[0] == "FROM eclipse-temurin:17-jre"
    assert [line for line in lines if line.startswith("COPY")] == [
        "COPY --from=build /app/views ./views",
        "COPY --from=build /app/build/install ./build/install",
    ]


def test_jars_that_a_start_script_finds_beside_its_folder() -> None:
    files = f"""
        bin/sh 1kB base 755
        app/build.gradle 1kB @3
        app/build/distributions/shop.tar 9MB @4
        usr/local/bin/shop 5kB @4 755 = {GRADLE_SCRIPT}
        usr/local/bin/shop.bat 5kB @4
        usr/local/lib/shop.jar 9MB @4
        usr/local/lib/libtool.so 1MB base
    """
    text = JAVA + 'CMD ["/usr/local/bin/shop"]\n'
    lines = cut_last_stage(rewrite_text(text, TEMURIN + files))
    assert [line for line in lines if line.startswith("COPY")] == [
        "COPY --from=build /usr/local/bin/shop /usr/local/bin/",
        "COPY --from=build /usr/local/lib/shop.jar /usr/local/lib/",
    ]


def test_a_start_script_without_jars_is_no_distribution() -> None:
    files = f"bin/sh 1kB base 755\napp/bin/shop 5kB @3 755 = {GRADLE_SCRIPT}\n"
    reason = explain_no_rewrite(JAVA + 'CMD ["bin/shop"]\n', TEMURIN + files)
    assert "was not built here" in reason


def test_what_parts_of_a_project_write_is_not_shipped_unless_it_is_named() -> None:
    files = """
        app/build.gradle 1kB @3
        app/server/build.gradle 1kB @3
        app/server/build/libs/server.war 9MB @4
        app/server/build/tmp/manifest.mf 1kB @4
        app/pages/build.gradle 1kB @3
        app/pages/build/pages.zip 2MB @4
        app/runner/jetty.jar 9MB @4
    """
    start = (
        'CMD ["java", "-jar", "runner/jetty.jar", "--path", "/", "server/build/libs/server.war"]\n'
    )
    lines = "\n".join(cut_last_stage(rewrite_text(JAVA + start, TEMURIN + files)))
    assert "/app/server/build/libs/server.war" in lines
    assert "manifest" not in lines
    assert "pages" not in lines


def test_the_volume_of_gradles_image_is_left_out_with_a_reason() -> None:
    files = f'{TEMURIN}base VOLUME ["/home/gradle/.gradle"]\napp/target/shop.jar 9MB @4\n'
    candidate = make_candidate(JAVA + 'CMD ["java", "-jar", "target/shop.jar"]\n', files)
    reason = candidate.accepted_changes["VOLUME /home/gradle/.gradle"]
    assert reason == "only a build tool writes there"


ESCRIPT = (
    'FROM elixir:1.17\nWORKDIR /app\nCOPY . .\nRUN mix escript.build\nENTRYPOINT ["/app/roman"]\n'
)


@pytest.mark.parametrize(
    ("release", "base"),
    [
        ("release debian 12 bookworm", "erlang:27-slim"),
        ("release alpine 3.20", "erlang:27-alpine"),
    ],
)
def test_an_escript_needs_erlang(release: str, base: str) -> None:
    files = f"""
        {release}
        base 1100MB
        usr/local/bin/mix 1kB base 755
        usr/local/lib/erlang/releases/9/OTP_VERSION 1kB base
        usr/local/lib/erlang/releases/27/OTP_VERSION 1kB base
        app/mix.exs 1kB @3
        app/lib/roman.ex 1kB @3
        app/_build/dev/lib/roman/ebin/roman.beam 9MB @4
        app/roman 2MB @4 755 = #! /usr/bin/env escript\\n%%! -escript main roman_escript
    """
    lines = cut_last_stage(rewrite_text(ESCRIPT, files))
    assert lines[0] == f"FROM {base}"
    assert [line for line in lines if line.startswith("COPY")] == [
        "COPY --from=build /app/roman ./"
    ]


def test_folders_of_an_umbrella_that_its_release_holds_again() -> None:
    files = """
        base 1100MB
        bin/sh 100kB base 755
        usr/local/bin/mix 1kB base 755
        app/mix.exs 1kB @3
        app/apps/web/mix.exs 1kB @3
        app/apps/web/c_src/hash.c 1kB @3
        app/apps/web/priv/static/app.css 1kB @3
        app/data/places.csv 1kB @3
        app/_build/prod/rel/shop/bin/shop 3kB @4 755 = #!/bin/sh\\nexec "$ROOT/erts/bin/erl"
        app/_build/prod/rel/shop/releases/start_erl.data 1kB @4
        app/_build/prod/rel/shop/lib/web-0.1.0/priv/static/app.css 1kB @4
    """
    text = "FROM elixir:1.17\nWORKDIR /app\nCOPY . .\nRUN mix release\nCMD _build/prod/rel/shop/bin/shop start\n"
    lines = cut_last_stage(rewrite_text(text, files))
    assert [line for line in lines if line.startswith("COPY")] == [
        "COPY --from=build /app/data ./data",
        "COPY --from=build /app/_build ./_build",
    ]


def test_a_release_that_calls_the_distributions_erlang() -> None:
    files = """
        base 120MB
        bin/sh 100kB base 755
        deb erlang-base 30MB @2 brings usr/bin/erl usr/lib/erlang/bin/erl usr/lib/erlang/releases/start_erl.data
        usr/lib/erlang/bin/erl 3kB @2 755 = #!/bin/sh\\nexec erlexec
        usr/lib/erlang/releases/start_erl.data 1kB @2
        usr/bin/rebar3 1MB @2 755
        usr/bin/erlc 1MB @2 755
        src/chime/rebar.config 1kB @3
        src/chime/config/sys.config 1kB @3
        src/chime/_build/default/lib/chime/ebin/chime.beam 9MB @4
        opt/chime/bin/chime 3kB @4 755 = #!/bin/sh\\n/usr/lib/erlang/bin/erl -v\\nexec "$ROOT/erts/bin/erlexec"
        opt/chime/releases/start_erl.data 1kB @4
        opt/chime/releases/1/sys.config 1kB @4
    """
    text = "FROM debian:12\nRUN apt-get install -y rebar3\nCOPY . /src/chime\nRUN make\nCMD /opt/chime/bin/chime\n"
    last_stage = cut_last_stage(rewrite_text(text, files))
    assert last_stage[0] == "FROM debian:12-slim"
    assert [line for line in last_stage if line.startswith("COPY")] == [
        "COPY --from=build /opt/chime /opt/chime"
    ]


def test_modules_that_erl_loads_from_folders() -> None:
    files = """
        base 1100MB
        usr/local/bin/erl 1kB base 755
        usr/local/bin/erlc 1kB base 755
        usr/local/lib/erlang/releases/27/OTP_VERSION 1kB base
        app/Makefile 1kB @3
        app/src/gauge.erl 4MB @3
        app/config/sys.config 1kB @3
        app/config/other.config 1kB @3
        app/ebin/gauge.beam 9MB @4
        app/ebin/gauge.app 1kB @4
        app/priv/page.html 1kB @3
        app/deps/cowboy/ebin/cowboy.beam 9MB @4
        app/deps/cowboy/priv/types.txt 1kB @4
        app/deps/cowboy/doc/guide.txt 3MB @4
        app/test/gauge_tests.beam 1kB @4
    """
    text = "FROM erlang:27\nWORKDIR /app\nCOPY . .\nRUN make\nCMD erl -pa ebin deps/*/ebin -config config/sys -noshell -s gauge\n"
    candidate = make_candidate(text, f"bin/sh 1kB base 755\n{files}")
    assert cut_last_stage(candidate.dockerfile.decode())[0] == "FROM erlang:27-slim"
    for path in ("app/src/gauge.erl", "app/deps/cowboy/doc/guide.txt"):
        assert path in candidate.dropped_paths
    for path in ("ebin/gauge.beam", "deps/cowboy/ebin/cowboy.beam", "config/sys.config"):
        assert f"app/{path}" not in candidate.dropped_paths
    for path in ("priv/page.html", "deps/cowboy/priv/types.txt"):
        assert f"app/{path}" not in candidate.dropped_paths
    elsewhere = f"bin/sh 1kB base 755\n{files}"
    assert "was not built here" in explain_no_rewrite(text.replace("ebin", "x"), elsewhere)


def test_a_shell_script_of_the_project_is_no_escript() -> None:
    files = "base 1100MB\nusr/local/bin/mix 1kB base 755\napp/roman 2kB @3 755 = #!/bin/sh\\niex"
    assert "interactive" in explain_no_rewrite(ESCRIPT, f"bin/sh 1kB base 755\n{files}")


def test_rust_in_a_workspace() -> None:
    text = 'FROM rust:1\nWORKDIR /w\nCOPY . .\nRUN cargo build --release\nCMD ["/w/target/release/api"]\n'
    files = """
        base 900MB CARGO_HOME=/usr/local/cargo PATH=/usr/local/cargo/bin:/usr/bin:/bin
        usr/bin/cargo 1MB base 755
        w/api/src/main.rs 900kB @3
        w/migrations/1.sql 1kB @3
        w/migrations/2.sql 1kB @3
        w/target/release/api 9MB @4 755 = ELF rust
        w/target/release/worker 9MB @4 755 = ELF rust
    """
    lines = cut_last_stage(rewrite_text(text, files))
    assert "COPY --from=build /w/migrations ./migrations" in lines
    assert "COPY --from=build /w/target/release/api ./target/release/" in lines
    assert not [x for x in lines if "worker" in x]


def test_python_of_a_user() -> None:
    """`pip install --user`, with a home that is not root's."""
    text = (
        "FROM python:3.12\nRUN useradd -m app\nUSER app\nWORKDIR /home/app\nCOPY --chown=app . .\n"
        "RUN pip install --user -r requirements.txt\n"
        'CMD ["python", "app.py"]\n'
    )
    files = (
        PYTHON_FILES
        + """
        user app 1000:1000 /home/app /bin/bash
        home/app/ @2 755 ~1000:1000
        home/app/app.py 1kB @5 644 ~1000:1000
        home/app/.local/lib/python3.12/site-packages/flask.py 9MB @6 644 ~1000:1000
        home/app/.cache/pip/x 20MB @6 644 ~1000:1000
    """
    )
    lines = cut_last_stage(rewrite_text(text, files))
    assert "COPY --from=build --chown=1000:1000 /home/app/app.py ./" in lines
    assert any("/home/app/.local" in x for x in lines)
    assert not any(".cache" in x for x in lines)
    assert lines[-2:] == ["USER app", 'CMD ["python", "app.py"]']


@pytest.mark.parametrize(
    ("command", "files"),
    [
        (
            '["/opt/venv/bin/gunicorn", "app"]',
            "opt/venv/bin/gunicorn 1kB @3 755 = #!/opt/venv/bin/python",
        ),
        (
            '["poetry", "run", "python", "app.py"]',
            "usr/local/bin/poetry 1kB @3 755 = #!/usr/local/bin/python",
        ),
        ('["mytool"]', "usr/local/bin/mytool 1kB @3 755 = #!/usr/local/bin/python"),
        ('["python", "-m", "mytool"]', "usr/local/bin/other 1kB @3 755"),
    ],
)
def test_python_by_what_is_started(command: str, files: str) -> None:
    text = f"FROM python:3.12\nCOPY . /app\nRUN pip install x\nCMD {command}\n"
    package_files = "opt/venv/lib/python3.12/site-packages/x.py 9MB @3\n"
    assert (
        cut_last_stage(rewrite_text(text, PYTHON_FILES + package_files + files))[0]
        == "FROM python:3.12-slim"
    )


def test_a_compiler_of_its_own_image_that_is_started_is_no_application() -> None:
    text = 'FROM gcc:14\nCOPY . /src\nCMD ["gcc", "-o", "/x", "/src/a.c"]\n'
    assert explain_no_rewrite(
        text, "base 1GB\nusr/bin/gcc 9MB base 755\nsrc/a.c 1kB @2"
    ).startswith("it builds")


def test_a_go_program_without_the_toolchain() -> None:
    """A program that another toolchain built counts as C, in any language."""
    files = GO_FILES.replace("ELF go", "ELF").replace("usr/local/go/bin/go", "usr/bin/gcc")
    rewrite = plan_rewrite(GO + 'CMD ["/app"]\n', files)
    assert not isinstance(rewrite, NotApplicable)
    assert rewrite.ecosystem.name == "c"


@pytest.mark.parametrize("name", ["apache2-foreground", "php-fpm", "php"])
def test_php_servers(name: str) -> None:
    text = f'FROM php:8.3-fpm\nRUN apt-get install -y git\nCOPY . /srv\nCMD ["{name}"]\n'.replace(
        '["php"]', '["php", "-S", "0:80"]'
    )
    files = "base 500MB\nusr/local/bin/php 9MB base 755\nusr/local/bin/php-fpm 9MB base 755\ndeb gcc 9MB base brings usr/bin/gcc\ndeb git 40MB @2 brings usr/bin/git\nsrv/index.php 1kB @3"
    assert cut_last_stage(rewrite_text(text, files))[0] == "FROM php:8.3-fpm"


@pytest.mark.parametrize(
    ("interpreter", "name"), [("ruby", "ruby"), ("php", "php"), ("python3", "python")]
)
def test_an_installed_command_is_a_program_of_its_interpreter(interpreter: str, name: str) -> None:
    text = 'FROM base:1\nRUN install-it\nENTRYPOINT ["tool"]\n'
    files = f"""
        base 500MB
        deb gcc 90MB base brings usr/bin/gcc
        opt/lib/tool/main 3MB @2
        usr/local/bin/tool 1kB @2 755 = #!/usr/bin/env {interpreter}
    """
    rewrite = plan_rewrite(text, files)
    assert not isinstance(rewrite, NotApplicable)
    assert rewrite.ecosystem.name == name


def test_lists_of_gems_stay_in_the_build_stage() -> None:
    text = 'FROM ruby:3.3\nRUN gem install tool\nENTRYPOINT ["tool"]\n'
    files = """
        base 900MB
        deb gcc 90MB base brings usr/bin/gcc
        usr/local/bin/tool 1kB @2 755 = #!/usr/bin/env ruby
        usr/local/bundle/gems/tool-1/lib/tool.rb 3MB @2
        root/.local/share/gem/specs/rubygems.org%443/specs.4.8 4MB @2
    """
    assert not any("/root" in line for line in cut_last_stage(rewrite_text(text, files)))


@pytest.mark.parametrize(
    ("call", "option"),
    [
        ("composer install", "--optimize-autoloader"),
        ("composer install -a", "--classmap-authoritative"),
        (
            "composer install && composer dump-autoload --classmap-authoritative",
            "--classmap-authoritative",
        ),
    ],
)
def test_composer_prunes_with_the_autoloader_of_the_dockerfile(call: str, option: str) -> None:
    text = f'FROM php:8.3-cli\nWORKDIR /app\nCOPY . .\nRUN {call}\nCMD ["php", "-S", "0:80"]\n'
    files = """
        base 500MB
        usr/local/bin/php 9MB base 755
        usr/bin/gcc 9MB base 755
        usr/local/bin/composer 3MB base 755
        app/index.php 1kB @3
        app/vendor/phpunit/phpunit.php 90MB @4
        app/vendor/composer/installed.json 1kB @4 = {"dev": true}
        root/.composer/cache/files/x.zip 200MB @4
    """
    assert cut_build_stage(rewrite_text(text, files)).endswith(f"--no-interaction {option}\n")


@pytest.mark.parametrize("folder", ["/usr/local/bin", "/usr/bin"])
def test_composer_stays_in_the_build_stage(folder: str) -> None:
    text = f"FROM php:8.3-cli\nCOPY --from=composer:2 {folder}/composer {folder}/\nWORKDIR /app\nCOPY . .\nRUN composer install\n"
    files = f"""
        base 500MB PATH=/usr/local/bin:/usr/bin:/bin
        usr/local/bin/php 9MB base 755
        usr/bin/gcc 9MB base 755
        {folder[1:]}/composer 3MB @2 755
        app/index.php 9MB @4
        app/vendor/slim/app.php 90MB @5
        root/.local/share/composer/.htaccess 200MB @5
    """
    last_stage = cut_last_stage(rewrite_text(f'{text}CMD ["php", "-S", "0:80"]\n', files))
    assert not any("/composer" in line for line in last_stage)


def test_apache_without_php_is_not_php() -> None:
    text = 'FROM httpd\nCOPY . /srv\nCMD ["apache2", "-DFOREGROUND"]\n'
    assert "was not built here" in explain_no_rewrite(
        text, "base 90MB\nusr/bin/apache2 9MB base 755"
    )


@pytest.mark.parametrize(
    ("ecosystem", "paths"),
    [(java, {"/target", "/build", "/out"}), (elixir, {"/_build", "/deps"})],
)
def test_folders_of_the_build_are_named_in_the_root_as_well(
    ecosystem: ModuleType, paths: set[str]
) -> None:
    facts = make_facts("FROM x\nCOPY . .\n", "app.txt 1kB @2")
    excluded = ecosystem.ECOSYSTEM.excluded_paths(facts, read_image_startup(facts))
    assert set(excluded) == paths


def test_the_module_cache_stays_behind_wherever_gopath_leads() -> None:
    text = (
        "FROM golang:1.24\nENV GOPATH=/\nWORKDIR /src\nCOPY . .\nRUN go build -o /app .\nCMD /app\n"
    )
    modules = "pkg/mod/x@v1/page.html 1kB @5\npkg/sumdb/x/latest 1kB @5\npkg/page.html 1kB @4\n"
    listing = GO_FILES.replace("@4", "@5").replace("@3", "@4").replace("GOPATH=/go", "GOPATH=/")
    last_stage = "\n".join(cut_last_stage(rewrite_text(text, listing + modules)))
    assert "/pkg/mod" not in last_stage
    assert "/pkg/sumdb" not in last_stage
    assert "/pkg/page.html" in last_stage


@pytest.mark.parametrize(
    "mark", ["vendor/modules.txt", "vendor/vendor.json", "Gopkg.lock", "Godeps/Godeps.json"]
)
def test_go_leaves_vendored_modules(mark: str) -> None:
    files = f"src/{mark} 1kB @3\nsrc/vendor/x/y/mkall.sh 9kB @3 755\nsrc/web/vendor/x.js 1kB @3\n"
    last_stage = cut_last_stage(rewrite_text(f'{GO}CMD ["/app"]\n', GO_FILES + files))
    copies = [line for line in last_stage if line.startswith("COPY")]
    assert copies == [
        "COPY --from=build /src/web ./web",
        "COPY --from=build /app /",
    ]


@pytest.mark.parametrize(
    "files",
    [
        "src/vendor/page.html 9kB @3",
        "src/vendor/modules.txt 1kB @3\nsrc/vendor/page.html 9kB @3\n"
        'src/web.go 1kB @3 = http.FileServer(http.Dir("./vendor"))',
    ],
)
def test_go_copies_another_folder_of_that_name(files: str) -> None:
    last_stage = cut_last_stage(rewrite_text(f'{GO}CMD ["/app"]\n', f"{GO_FILES}{files}\n"))
    assert any("vendor" in line for line in last_stage)


def test_go_leaves_interfaces_that_code_was_made_of() -> None:
    files = """
        src/proto/shop.proto 1kB @3
        src/proto/stock.proto 1kB @3
        src/gen/shop.pb.go 9kB @3 = // source: proto/shop.proto
    """
    last_stage = cut_last_stage(rewrite_text(f'{GO}CMD ["/app"]\n', GO_FILES + files))
    copies = [line for line in last_stage if ".proto" in line]
    assert copies == ["COPY --from=build /src/proto/stock.proto ./proto/"]


def test_go_code_of_modules_says_nothing_of_the_interfaces_of_a_project() -> None:
    files = """
        go/pkg/mod/x@v1/shop.pb.go 9kB @3 = // source: shop.proto
        src/proto/shop.proto 1kB @3
    """
    last_stage = cut_last_stage(rewrite_text(f'{GO}CMD ["/app"]\n', GO_FILES + files))
    assert [line for line in last_stage if "proto" in line]


def test_go_leaves_the_pages_beside_the_code_that_swag_wrote() -> None:
    files = """
        src/docs/docs.go 9kB @3 = // Package docs Code generated by swaggo/swag. DO NOT EDIT
        src/docs/swagger.json 1kB @3
        src/docs/swagger.yaml 1kB @3
        src/api/docs.go 9kB @3 = package api
        src/api/swagger.json 1kB @3
    """
    last_stage = cut_last_stage(rewrite_text(f'{GO}CMD ["/app"]\n', GO_FILES + files))
    copies = [line for line in last_stage if "swagger" in line]
    assert copies == ["COPY --from=build /src/api/swagger.json ./api/"]


NEXT = """
    app/.next/BUILD_ID 1kB @4
    app/.next/server/app/page.js 9kB @4
    app/package.json 1kB @3 = {"scripts": {"start": "next start"}}
    app/public/logo.svg 9kB @3
    app/src/app/(shop)/[id]/page.css 1kB @3
    app/src/app/fonts/a.woff2 90kB @3
    app/src/data/words.txt 9kB @3
"""


def test_node_leaves_what_next_bundled() -> None:
    text = rewrite_text(NODE + 'CMD ["npm", "start"]\n', NODE_FILES + NEXT)
    copied = [line for line in cut_last_stage(text) if line.startswith("COPY")]
    assert {line.split()[2] for line in copied} >= {"/app/.next", "/app/public", "/app/src"}
    assert "RUN rm -rf src/app\n" in text
    files = NODE_FILES + NEXT.replace("    app/src/data/words.txt 9kB @3\n", "")
    assert "/src" not in "".join(
        cut_last_stage(rewrite_text(NODE + 'CMD ["npm", "start"]\n', files))
    )


def test_node_leaves_what_nuxt_made_before_its_server() -> None:
    listing = "app/{}nitro.json 1kB @4\napp/.nuxt/dist/server.mjs 1kB @4\napp/.nuxt/a.js 1kB @4\n"
    text = "FROM node:22\nWORKDIR /app\nCOPY . .\nRUN npm run build\nCMD node .output/server.mjs\n"
    for folder, excluded in ((".output/", ["/app/.nuxt"]), ("public/", [])):
        facts = make_facts(text, f"base 1MB\n{listing.format(folder)}")
        startup = read_image_startup(facts)
        assert [*node.ECOSYSTEM.excluded_paths(facts, startup)] == excluded


@pytest.mark.parametrize(
    ("command", "copied"),
    [
        ("node build", {"build", "package.json"}),
        ("npx vite preview", {"build", "src", ".svelte-kit"}),
    ],
)
def test_node_leaves_what_sveltekit_makes_its_server_of(command: str, copied: set[str]) -> None:
    files = """
        app/package.json 1kB @3 = {}
        app/src/app.html 1kB @3
        app/static/logo.svg 1kB @3
        app/svelte.config.js 1kB @3
        app/.svelte-kit/output/server/index.js 1kB @4
        app/build/handler.js 1kB @4
        app/build/index.js 1kB @4
    """
    text = rewrite_text(f"{NODE}CMD {command}\n", NODE_FILES + files)
    words = " ".join(x for x in cut_last_stage(text) if x.startswith("COPY")).split()
    copies = {word.removeprefix("/app/") for word in words if word.startswith("/app/")}
    assert copied <= copies
    assert ("src" in copies) is ("src" in copied)


@pytest.mark.parametrize(
    ("command", "is_copied"), [("npx ts-node src/index.ts", True), ("node src/index.js", False)]
)
def test_node_ships_the_sources_that_are_compiled_at_the_start(
    command: str, is_copied: bool
) -> None:
    files = "".join(f"app/src/{x} 1kB @4\n" for x in ("index.ts", "index.js", "db.ts"))
    facts = make_facts(
        f"{NODE}CMD {command}\n", f"{NODE_FILES}\napp/package.json 1kB @3 = {{}}\n{files}"
    )
    paths = {*node.ECOSYSTEM.required_paths(facts, read_image_startup(facts))}
    assert ({"/app/src/index.ts", "/app/src/db.ts"} <= paths) is is_copied
