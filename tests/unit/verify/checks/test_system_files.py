"""Files that programs expect, programs they execute, and packages requested by name."""

from typing import Any

import pytest

from bot.image.elf.dynamic_linker import ElfInfo
from bot.model.container_config import HealthCheck
from bot.model.proof import RegressionKind
from bot.verify.checks import executed_programs, system_files, system_packages
from tests.support.image_pair_world import PASSWD, SHELL, list_subjects, make_image, make_image_pair

APP: dict[str, Any] = {"workdir": "/app"}


@pytest.mark.parametrize(
    ("old_files", "subject"),
    [
        ({"etc/ssl/certs/ca-certificates.crt": "x"}, "etc/ssl/certs/ca-certificates.crt"),
        ({"usr/share/zoneinfo/Europe/Berlin": "x"}, "usr/share/zoneinfo"),
        ({"usr/lib/locale/locale-archive": "x"}, "usr/lib/locale/locale-archive"),
        ({"tmp/": ""}, "tmp"),
        ({"etc/localtime": "x"}, "etc/localtime"),
    ],
)
def test_lost_runtime_files_are_reported(old_files: dict[str, str], subject: str) -> None:
    assert list_subjects(
        system_files.check(make_image_pair(make_image({**SHELL, **old_files}), make_image(SHELL)))
    ) == [subject]
    assert (
        list_subjects(
            system_files.check(
                make_image_pair(make_image(SHELL), make_image({**SHELL, **old_files}))
            )
        )
        == []
    )


def test_certificates_may_be_in_another_usual_place() -> None:
    old = make_image(
        {**SHELL, "etc/ssl/certs/ca-certificates.crt": "x"}, env={"SSL_CERT_FILE": "/etc/ssl/x"}
    )
    new = make_image({**SHELL, "etc/ssl/cert.pem": "x"}, env={"SSL_CERT_FILE": "/etc/ssl/x"})
    assert list_subjects(system_files.check(make_image_pair(old, new))) == []


def test_the_locale_that_is_set() -> None:
    old = make_image(
        {**SHELL, "usr/lib/locale/C.utf8/x": "", "lib/libc.so.6": ""}, env={"LANG": "C.UTF-8"}
    )
    new = make_image({**SHELL, "lib/libc.so.6": ""}, env={"LANG": "C.UTF-8"})
    assert "usr/lib/locale/C.utf8" in list_subjects(system_files.check(make_image_pair(old, new)))


@pytest.mark.parametrize(
    ("command", "program", "lost"),
    [
        (("/usr/bin/python3", "/app/app.py"), "x", True),
        (("/app/start",), "#!/usr/bin/env ruby\n", True),
        (("/app/start",), "\x7fELF getservbyname", True),
        (("/app/start",), "\x7fELF", False),
        (("/usr/bin/node", "/app/app.js"), "x", False),
    ],
)
def test_services_that_are_looked_up_by_name(
    command: tuple[str, ...], program: str, lost: bool
) -> None:
    databases = {"etc/services": "https 443/tcp\n", "etc/protocols": "tcp 6\n"}
    interpreters = {f"!usr/bin/{x}": "\x7fELF" for x in ("python3", "ruby", "node", "env")}
    base = {**SHELL, **interpreters, "lib/libc.so.6": ""}
    files = {"!app/start": program.replace(" getserv", "\0getserv") + "\0"}
    elves = {"app/start": ElfInfo()} if "ELF" in program else {}
    pair = make_image_pair(
        make_image({**base, **databases}, copy=files, command=command, elves=elves),
        make_image(base, copy=files, command=command, elves=elves),
    )
    missed = list_subjects(system_files.check(pair))
    assert missed == (["etc/services", "etc/protocols"] if lost else [])


@pytest.mark.parametrize(
    ("path", "source", "lost"),
    [
        ("app/main.go", 'http.FileServer(http.Dir("static"))', True),
        ("app/main.go", "http.ListenAndServe(address, nil)", False),
        ("app/main.py", "import mimetypes", False),
    ],
)
def test_types_of_files_that_go_reads(path: str, source: str, lost: bool) -> None:
    globs = "usr/share/mime/globs2"
    files = {path: source}
    old = make_image({**SHELL, globs: "50:text/css:*.css\n"}, copy=files, workdir="/app")
    new = make_image(SHELL, copy=files, workdir="/app")
    assert list_subjects(system_files.check(make_image_pair(old, new))) == [globs] * lost


def users(passwd: str, user: str, was: str = "app") -> list[str]:
    old = make_image({**SHELL, "home/app/": ""}, user=was)
    new = make_image({**SHELL, "etc/passwd": passwd, "home/app/": ""}, user=user)
    return list_subjects(system_files.check(make_image_pair(old, new)))


def test_the_runtime_user() -> None:
    assert users(PASSWD, "app") == users(PASSWD, "7:7") == []
    assert users("root:x:0:0::/root:/bin/sh\n", "app") == ["app"]
    assert users("root:x:0:0::/root:/bin/sh\n", "7:7") == ["app"]
    assert users(PASSWD.replace(":7:7:", ":8:8:"), "app") == ["app"]
    assert users(PASSWD.replace("/home/app", "/nonexistent"), "app") == ["app"]
    assert users(PASSWD, "") == ["app"]


def test_a_user_that_the_script_changes_to() -> None:
    start = {"!start": "#!/bin/sh\nchown -R app /data\nexec su-exec app /srv\n"}
    old = make_image(SHELL, copy=start, command=("/start",))
    new = make_image(
        {**SHELL, "etc/passwd": "root:x:0:0::/root:/bin/sh\n"}, copy=start, command=("/start",)
    )
    assert list_subjects(system_files.check(make_image_pair(old, new))) == ["app"]


def test_the_tools_of_the_health_check() -> None:
    curl = {**SHELL, "!usr/bin/curl": "x"}
    for test in (("CMD", "curl", "x"), ("CMD-SHELL", "curl x || exit 1")):
        health = HealthCheck(test)
        regressions = system_files.check(
            make_image_pair(
                make_image(curl, health_check=health), make_image(SHELL, health_check=health)
            )
        )
        assert list_subjects(regressions) == ["curl"]


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.go", 'cmd := exec.Command("tool", "x")'),
        ("a.go", 'exec.CommandContext(ctx, "tool")'),
        ("a.go", 'exec.Command("sh", "-c", "tool x")'),
        ("a.go", 'exec.Command("bash", "-c", "cd x && tool y")'),
        ("a.py", 'subprocess.run(["tool", "-x"], check=True)'),
        ("a.py", "os.system('tool x')"),
        ("a.py", 'shutil.which("tool")'),
        ("a.js", 'const {spawn} = require("x"); spawn("tool", [])'),
        ("a.js", "execSync(`tool ${x}`)"),
        ("a.ts", "await execFile('tool', [x])"),
        ("A.java", 'new ProcessBuilder("tool", "x").start()'),
        ("A.java", 'Runtime.getRuntime().exec("tool x")'),
        ("A.java", 'new ProcessBuilder(List.of("tool", "x"))'),
        ("a.rs", 'Command::new("tool").arg("x")'),
        ("a.c", 'system("tool x");'),
        ("a.c", 'execlp("tool", "tool", 0);'),
        ("a.php", "<?php shell_exec('tool x');"),
        ("a.rb", "system 'tool x'"),
        ("A.cs", 'Process.Start("tool", "x");'),
    ],
)
def test_programs_that_sources_execute(name: str, text: str) -> None:
    old = make_image({**SHELL, "!usr/bin/tool": "x"}, copy={f"app/{name}": text}, **APP)
    assert list_subjects(
        executed_programs.check(make_image_pair(old, make_image(SHELL, **APP)))
    ) == ["tool"]
    new = make_image({**SHELL, "!usr/bin/tool": "x"}, **APP)
    assert list_subjects(executed_programs.check(make_image_pair(old, new))) == []


def test_what_tests_and_dependencies_execute_does_not_count() -> None:
    call = 'exec.Command("tool")'
    files = {"app/a_test.go": call, "app/vendor/x/a.go": call, "app/main.go": 'x.tool("tool")'}
    old = make_image({**SHELL, "!usr/bin/tool": "x"}, copy=files, **APP)
    assert (
        list_subjects(executed_programs.check(make_image_pair(old, make_image(SHELL, **APP)))) == []
    )


@pytest.mark.parametrize(
    ("files", "missed"),
    [
        (
            {"app/a.py": "run('jobs/pack.sh')", "app/jobs/pack.sh": "if tool x; then :; fi"},
            ["tool"],
        ),
        ({"app/a.py": "run('one.sh')", "app/one.sh": ". ./two.sh", "app/two.sh": "tool"}, ["tool"]),
        ({"app/a.py": "x", "app/release.sh": "tool x"}, []),
        ({"app/a.py": "run('jobs/pack.sh')", "app/jobs/pack.sh": "echo tool"}, []),
    ],
)
def test_programs_of_scripts_that_somebody_names(files: dict[str, str], missed: list[str]) -> None:
    old = make_image({**SHELL, "!usr/bin/tool": "x"}, copy=files, **APP)
    assert (
        list_subjects(executed_programs.check(make_image_pair(old, make_image(SHELL, **APP))))
        == missed
    )


EXEC_ASYNC = """
const { promisify } = require('util')
const execAsync = promisify(require('child_process').exec)
app.get('/branches', async (req, res) => res.send(await execAsync('git ls-remote ' + req.url)))
app.get('/clone', async (req, res) => res.send(await execAsync(`git clone ${req.url} /tmp/clone`)))
"""
COMMAND_LIST = """
import subprocess
def run(cmd):
    return subprocess.run(cmd, capture_output=True).stdout
PS = ["ps", "aux"]
app.get("/ps")(lambda: run(PS))
app.get("/kind")(lambda: run("file --brief --mime-type app.py".split()))
app.get("/log")(lambda: run("git log --oneline".split()))
"""
NODE_WITH_PYTHON = """
import { spawn } from 'node:child_process'
const script = (name, ...args) => spawn(process.env.PYTHON || 'python3', [name, ...args])
"""
GO_TABLE = """
import "os/exec"
var tools = map[string][]string{"unpack": {"xz", "-d"}, "build": {"make", "all"}}
func run(name string) error { t := tools[name]; return exec.Command(t[0], t[1:]...).Run() }
"""
RUBY = "class Repository\n  def log = `git log --oneline`\n  def kind(x) = %x(file #{x})\nend\n"
PHP = "<?php\nfunction sh($c) { return shell_exec($c); }\n$kind = sh('file --brief ' . $name);\n"
JAVA = """
private static final String PERL = "/usr/bin/perl";
Process start(List<String> command) { return new ProcessBuilder(command).start(); }
Process report() { return start(List.of(PERL, "report.pl")); }
"""


@pytest.mark.parametrize(
    ("name", "text", "programs"),
    [
        ("server.js", EXEC_ASYNC, ["git"]),
        ("app.py", COMMAND_LIST, ["file", "git", "ps"]),
        ("server.mjs", NODE_WITH_PYTHON, ["python3"]),
        ("main.go", GO_TABLE, ["make", "xz"]),
        ("repository.rb", RUBY, ["file", "git"]),
        ("index.php", PHP, ["file"]),
        ("Report.java", JAVA, ["perl"]),
        ("app.py", "import os\nNAMES = ['git']\nx = 'ps aux'\n", []),
        ("app.py", "import subprocess\nkind = 'file'\nraise X('make sure of it')\n", []),
    ],
)
def test_programs_behind_wrappers_variables_and_tables(
    name: str, text: str, programs: list[str]
) -> None:
    tools = {f"!usr/bin/{x}": "x" for x in ("git", "ps", "file", "python3", "make", "xz", "perl")}
    old = make_image(
        {**SHELL, **tools},
        copy={f"app/{name}": text},
        packages={path[1:]: "package" for path in tools},
        **APP,
    )
    missed = list_subjects(executed_programs.check(make_image_pair(old, make_image(SHELL, **APP))))
    assert sorted(missed) == programs


def test_libraries_that_are_known_to_execute() -> None:
    files = {"opt/venv/lib/python3/site-packages/git/cmd.py": "x"}
    old = make_image({**SHELL, "!usr/bin/git": "x"}, copy=files)
    assert list_subjects(
        executed_programs.check(make_image_pair(old, make_image(SHELL, copy=files)))
    ) == ["git"]


def packages(text: str, *sources: str) -> list[str]:
    ran = f"RUN /bin/sh -c apt-get install -y {text}"
    owners = ("libpq5", "gcc", "libpq-dev", "fonts-dejavu", "auto")
    old = make_image(
        SHELL,
        run={"!usr/bin/git": "x"},
        copy={f"app/{number}.py": source for number, source in enumerate(sources)},
        ran=ran,
        owners=("git", *owners),
        packages={"usr/bin/git": "git", **{f"usr/share/{name}": name for name in owners}},
        **APP,
    )
    return list_subjects(system_packages.check(make_image_pair(old, make_image(SHELL, **APP))))


@pytest.mark.parametrize(
    ("source", "missed"),
    [
        ('C = {"compile": "gcc -O2 {src}"}', ["gcc"]),
        ('run(["gcc", name])', ["gcc"]),
        ("x = 'gcc is a compiler'", []),
    ],
)
def test_tools_of_the_base_image_that_sources_name(source: str, missed: list[str]) -> None:
    old = make_image({**SHELL, "!usr/bin/gcc": "x"}, copy={"app/a.py": source}, **APP)
    assert (
        list_subjects(system_packages.check(make_image_pair(old, make_image(SHELL, **APP))))
        == missed
    )


@pytest.mark.parametrize(
    ("kept_files", "missed"),
    [
        ({"!opt/shop/erts-13.1.5/bin/beam.smp": "x"}, ["libpq5"]),
        ({"opt/shop/lib/shop.jar": "x"}, ["erlang-crypto", "libpq5"]),
    ],
)
def test_a_release_needs_no_erlang_of_the_distribution(
    kept_files: dict[str, str], missed: list[str]
) -> None:
    names = ("erlang-crypto", "elixir", "rebar3", "libpq5")
    old = make_image(
        SHELL,
        ran=f"RUN /bin/sh -c apt-get install -y {' '.join(names)}",
        owners=names,
        packages={f"usr/share/{name}": name for name in names},
        **APP,
    )
    new = make_image({**SHELL, **kept_files}, **APP)
    assert list_subjects(system_packages.check(make_image_pair(old, new))) == missed


def test_a_requested_package_may_be_in_the_base_image() -> None:
    had = {**SHELL, "!usr/bin/git": "x"}
    old = make_image(
        had, ran="RUN apt-get install fonts git", packages={"usr/share/x": "fonts"}, **APP
    )
    assert list_subjects(system_packages.check(make_image_pair(old, make_image(SHELL, **APP)))) == [
        "fonts"
    ]


def test_requested_packages() -> None:
    assert packages("gcc libpq-dev git") == []
    assert packages("libpq5 fonts-dejavu") == ["fonts-dejavu", "libpq5"]
    assert set(packages("git", 'PROGRAM = "git"')) == {"git"}
    assert packages("git", "the word git") == []


DJANGO = "usr/local/lib/python3.12/site-packages/django"
FRAMEWORK = {
    f"{DJANGO}/core/management/utils.py": "from subprocess import run\n",
    f"{DJANGO}/core/management/commands/compilemessages.py": 'program = "msgfmt"\n',
}
BACKUP = {"srv/jobs/log.sh": "cd /srv && git log\n"}


@pytest.mark.parametrize(
    ("files", "missed"),
    [
        (FRAMEWORK, ["gettext"]),
        (BACKUP, ["git"]),
        ({"app/package.json": '{"scripts": {"history": "git log"}}'}, ["git"]),
        ({"app/Rakefile": "task(:log) { sh 'git log' }\n"}, ["git"]),
        ({"app/Rakefile": "task(:compile) { sh 'gcc -c x.c' }\n"}, []),
        ({"app/package.json": '{"scripts": {"build": "git log"}}'}, []),
        ({f"{DJANGO}/x.py": "import subprocess\ncc = ['gcc', '-c']\n"}, []),
        ({"usr/lib/python3/dist-packages/pip/x.py": "import subprocess\ngit = ['git']\n"}, []),
    ],
)
def test_tools_that_shipped_scripts_and_libraries_call(
    files: dict[str, str], missed: list[str]
) -> None:
    programs = {"usr/bin/git": "git", "usr/bin/msgfmt": "gettext", "usr/bin/gcc": "gcc"}
    old = make_image(
        SHELL,
        run={**{f"!{path}": "x" for path in programs}, **files},
        ran="RUN apt-get install -y git gettext gcc",
        owners=("git", "gettext", "gcc"),
        packages=programs,
    )
    pair = make_image_pair(old, make_image(SHELL, run=files))
    assert list_subjects(system_packages.check(pair)) == missed
    assert system_packages.list_left_packages(pair) == ("gcc", "gettext", "git")


def test_variables_that_name_a_program() -> None:
    had = {**SHELL, "!usr/bin/git": "x"}
    env = {"VCS": "git", "CC": "git", "GREETING": "hello git"}
    new = make_image(SHELL, env=env, **APP)
    assert list_subjects(
        executed_programs.check(make_image_pair(make_image(had, env=env, **APP), new))
    ) == ["git"]
    del env["VCS"]
    assert (
        list_subjects(
            executed_programs.check(make_image_pair(make_image(had, env=env, **APP), new))
        )
        == []
    )


def test_what_pip_installed_from_the_context_is_the_application() -> None:
    top = "usr/lib/python3/dist-packages"
    files = {
        f"{top}/stat-1.dist-info/direct_url.json": '{"url": "file:///build"}',
        f"{top}/stat-1.dist-info/RECORD": "stat.py,,\n",
        f"{top}/stat.py": 'subprocess.run(["git", "log"])',
    }
    old = make_image({**SHELL, "!usr/bin/git": "x"}, run=files, **APP)
    assert list_subjects(
        executed_programs.check(make_image_pair(old, make_image(SHELL, **APP)))
    ) == ["git"]


def test_packages_of_data_are_known_by_their_files_where_nothing_is_installed() -> None:
    zones = {f"usr/share/zoneinfo/{name}": "TZif" for name in ("UTC", "Europe/Berlin")}
    ran = "RUN apt-get install -y tzdata ca-certificates libpq5"
    owners = ("tzdata", "ca-certificates", "libpq5")
    old = make_image(SHELL, run=zones, ran=ran, owners=owners, **APP)
    new = make_image(zones, **APP)
    assert list_subjects(system_packages.check(make_image_pair(old, new))) == [
        "ca-certificates",
        "libpq5",
    ]
    installed = make_image(zones, owners=("bash",), **APP)
    lost = list_subjects(system_packages.check(make_image_pair(old, installed)))
    assert lost == ["ca-certificates", "libpq5", "tzdata"]


@pytest.mark.parametrize(
    ("notes", "missed"),
    [
        ("Package: libx\nArchitecture: amd64\nAuto-Installed: 1\n\n", ["words"]),
        ("Package: libx\nAuto-Installed: 1\n\nPackage: words\nAuto-Installed: 0\n\n", ["words"]),
        ("Package: words\nAuto-Installed: 1\n\nPackage: libx\nAuto-Installed: 1\n", []),
        ("", []),
    ],
)
def test_packages_that_a_script_installs(notes: str, missed: list[str]) -> None:
    ran = {"var/lib/apt/extended_states": notes} if notes else {}
    old = make_image(SHELL, run=ran, ran="RUN sh setup.sh", owners=("words", "libx", "gcc"), **APP)
    new = make_image(SHELL, **APP)
    assert list_subjects(system_packages.check(make_image_pair(old, new))) == missed


def test_the_name_of_a_program_is_no_package_that_was_asked_for() -> None:
    ran = "RUN /bin/sh -c apt update && apt install -y fontconfig x11-apps && tar xf a # buildkit"
    names = ("apt", "tar", "fontconfig", "x11-apps")
    files = {f"usr/share/{name}/a": name for name in names}
    old = make_image(SHELL, ran=ran, packages=files, **APP)
    new = make_image(SHELL, **APP)
    lost = list_subjects(system_packages.check(make_image_pair(old, new)))
    assert lost == ["fontconfig", "x11-apps"]
    installed = make_image(
        SHELL, ran="RUN apt-get install -y tar && tar xf a", packages=files, **APP
    )
    assert "tar" in system_packages.list_requested_packages(installed)


def test_a_package_that_a_later_layer_removed_was_not_lost() -> None:
    notes = {"var/lib/apt/extended_states": "Package: libx\nAuto-Installed: 1\n"}
    ran = "RUN apt-get update && apt-get install -y fontconfig libaom3"
    owners = ("fontconfig", "libaom3", "script-installed")
    old = make_image(SHELL, notes, ran=ran, owners=owners, packages={"bin/sh": "dash"}, **APP)
    new = make_image(SHELL, packages={"bin/sh": "dash"}, **APP)
    assert list_subjects(system_packages.check(make_image_pair(old, new))) == []
    installed = {"bin/sh": "dash", "etc/fonts/fonts.conf": "fontconfig"}
    old = make_image(SHELL, notes, ran=ran, owners=owners, packages=installed, **APP)
    assert list_subjects(system_packages.check(make_image_pair(old, new))) == ["fontconfig"]


@pytest.mark.parametrize(
    ("program", "missed"),
    [
        ("\x7fELF time.LoadLocation", ["tzdata"]),
        ("\x7fELF time.LoadLocation time/tzdata", []),
        ("\x7fELF time.Now", []),
    ],
)
def test_time_zones_that_come_with_go(program: str, missed: list[str]) -> None:
    zones = {"usr/local/go/lib/time/zoneinfo.zip": "x"}
    files, elves = {"!app/server": program}, {"app/server": ElfInfo(machine="EM_X86_64")}
    settings: dict[str, Any] = {"workdir": "/app", "command": ("/app/server",)}
    old = make_image({**SHELL, **zones}, run=files, elves=elves, **settings)
    new = make_image(SHELL, copy=files, elves=elves, **settings)
    assert list_subjects(system_files.check(make_image_pair(old, new))) == missed
    system_zones = {"usr/share/zoneinfo/UTC": "x"}
    new = make_image({**SHELL, **system_zones}, copy=files, elves=elves, **settings)
    assert list_subjects(system_files.check(make_image_pair(old, new))) == []


LOCAL_TIME = "\x7fELF\0time.LoadLocationFromTZData\0"


@pytest.mark.parametrize(
    ("program", "command", "environment", "missed"),
    [
        (LOCAL_TIME, "/app/server", {}, []),
        (LOCAL_TIME, "/app/server", {"TZ": "UTC"}, ["usr/share/zoneinfo"]),
        (f"{LOCAL_TIME}time.LoadLocation\0", "/app/server", {}, ["usr/share/zoneinfo"]),
        ("\x7fELF /usr/share/zoneinfo", "/app/server", {}, ["usr/share/zoneinfo"]),
        (LOCAL_TIME, "sh", {}, ["usr/share/zoneinfo"]),
        (LOCAL_TIME, "sh -c /app/server", {}, []),
        (LOCAL_TIME, "sh -c date", {}, ["usr/share/zoneinfo"]),
    ],
)
def test_time_zones_that_no_program_of_go_asks_for(
    program: str, command: str, environment: dict[str, str], missed: list[str]
) -> None:
    files, elves = {"!app/server": program}, {"app/server": ElfInfo(machine="EM_X86_64")}
    settings: dict[str, Any] = {"command": tuple(command.split(" ", 2)), "env": environment}
    zones = {"usr/share/zoneinfo/CET": "x"}
    old = make_image({**SHELL, **zones}, run=files, elves=elves, **settings)
    new = make_image({**SHELL, "!bin/date": "\x7fELF"}, copy=files, elves=elves, **settings)
    assert list_subjects(system_files.check(make_image_pair(old, new))) == missed


def test_a_source_that_compiles_when_it_runs() -> None:
    sources = {"app/app.py": "import pyximport", "app/setup.py": "import pyximport"}
    old = make_image({**SHELL, "!usr/bin/cc": "x"}, copy=sources, **APP)
    new = make_image(SHELL, copy=sources, **APP)
    lost = list(executed_programs.check(make_image_pair(old, new)))
    assert [(x.kind, x.subject, x.detail) for x in lost] == [
        (RegressionKind.TOOLCHAIN, "cc", "app/app.py")
    ]
    assert list(executed_programs.check(make_image_pair(old, old))) == []
