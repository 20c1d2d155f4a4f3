r"""A tiny language for what a rewriter looks into: a Dockerfile, and a listing of its built image.

    base 800MB GOPATH=/go PATH=/usr/local/go/bin:/usr/bin    the base image's other files, and its ENV
    base CMD ["python3"]                                     how it wants to be run besides
    release alpine 3.20                                      Debian 12 bookworm if left out
    usr/local/go/bin/go 13MB base 755                        a file: its path, size, and who brought it
    app/tool 9MB @4 755 ~1000:1000                           @4: line 4; its mode and its owner
    app/ @3 700                                              a folder
    bin/sh -> dash @base                                     a link
    app/start.sh 1kB @3 755 = #!/bin/sh\nexec app/tool       what is in it
    app/tool 9MB @4 755 = ELF go libc.so.6                   an ELF file, made by Go, and what it loads
    deb libpq5 1MB @2 needs libc6 brings usr/lib/libpq.so.5  a package: what it needs, its files
    user app 1000:1000 /home/app /bin/sh in video            a line of /etc/passwd, and further groups
    user app 1000:1000 /home/app /bin/sh called Our app      its comment
    ground debian:bookworm-slim 75MB LANG=C libc6            a base image that can be had: ENV, packages
    ground python:3.12-slim 90MB usr/lib/x-1.dist-info       and its distributions of Python
    sent requirements.txt 1kB = flask                        a file of the build context, its text

Where no `ground` is told, any can be had; one of the same repository sets the same.

`deb` and `apk` packages may be `basic`: every slim image has them. How the image wants to be run is
read from the Dockerfile itself.
"""

import json
import posixpath
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

from bot.adapters.parsing.dockerfile_parser import DockerfileReader
from bot.advise.subject import RuleInput
from bot.dockerfile.build_context import BuildContext
from bot.dockerfile.build_plan import BuildPlan
from bot.dockerfile.instruction import Instruction
from bot.image.elf.dynamic_linker import ElfInfo
from bot.model.candidate import Candidate
from bot.model.container_config import ContainerConfig, HealthCheck
from bot.model.files import Entry, EntryKind
from bot.model.image import InstructionRef
from bot.model.sizes import parse_size
from bot.rewrite.build_facts import BaseCandidate, BuildFacts
from bot.rewrite.rewrite import ApplicableRewrite, NotApplicable, assess_rewrite
from bot.rewrite.startup import Startup, resolve_startup
from tests.support.open_image_world import ImageWorld, list_file

_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
_FILE = re.compile(
    r"(?P<path>\S.*?)(?: (?P<size>[\d.]+[kMG]?B))?(?: -> (?P<link>\S+))? (?P<where>base|@\d+|@base)"
    r"(?: (?P<mode>\d{3,4}))?(?: ~(?P<uid>\d+):(?P<gid>\d+))?(?: = (?P<content>.*))?"
)
_PACKAGE = re.compile(
    r"(?P<kind>deb|apk) (?P<name>\S+)(?: (?P<size>[\d.]+[kMG]?B))? (?P<where>base|@\d+)"
    r"(?P<basic> basic)?(?: needs (?P<needs>.+?))?(?: recommends (?P<recommends>.+?))?"
    r"(?: brings (?P<files>.+))?"
)
_MARKS = {"go": b"\xff Go buildinf:", "rust": b"/rustc/9fc6b43126469e3858e2fe86cafb4f0fd5068869"}
_LIBRARY = re.compile(r"\.so(?:\.[\d.]+)?$")
_X86 = "EM_X86_64"
_PLAIN = {"USER": "user", "STOPSIGNAL": "stop_signal"}

# A program in Go, in as few lines as can be.
GO = "FROM golang:1.24\nWORKDIR /src\nCOPY . .\nRUN go build -o /app .\n"
GO_FILES = """
    base 800MB GOPATH=/go PATH=/go/bin:/usr/local/go/bin:/usr/local/bin:/usr/bin:/bin
    usr/local/go/bin/go 13MB base 755
    bin/bash 1MB base 755
    bin/sh 1MB base 755
    src/main.go 2MB @3
    root/.cache/go-build/00/a 60MB @4
    app 9MB @4 755 = ELF go
"""


@dataclass
class Listing:
    """A listing, read."""

    entries: list[tuple[Entry, int]] = field(default_factory=list)
    folders: dict[str, tuple[Entry, int]] = field(default_factory=dict)
    contents: dict[str, bytes] = field(default_factory=dict)
    elves: dict[str, ElfInfo] = field(default_factory=dict)
    packages: list[re.Match[str]] = field(default_factory=list)
    users: list[list[str]] = field(default_factory=list)
    basics: set[str] = field(default_factory=set)
    grounds: dict[str, BaseCandidate] = field(default_factory=dict)
    context: dict[str, int] = field(default_factory=dict)
    texts: dict[str, str] = field(default_factory=dict)
    base: ContainerConfig = ContainerConfig(env={"PATH": _PATH})
    release: tuple[str, ...] = ("debian", "12", "bookworm")


def make_facts(text: str | bytes, listing: str = "", *, target: str | None = None) -> BuildFacts:
    """Return the facts about a Dockerfile and its image."""
    data = text.encode() if isinstance(text, str) else text
    dockerfile = DockerfileReader().parse(data)
    parsed = read_listing(listing)
    read_text = partial(_read_text, parsed.texts)
    context = BuildContext(parsed.context, read_text=read_text) if parsed.context else None
    subject = RuleInput(BuildPlan(dockerfile, target), context=context)
    image_world = _image_world(subject, parsed)
    image_world.contents.update(_records(parsed))
    built = image_world.open(_settings(subject, parsed.base), parsed.base)
    return BuildFacts(replace(subject, image=built.image), built)


def read_image_startup(facts: BuildFacts) -> Startup:
    """Return the startup of an image."""
    return resolve_startup(facts)


def plan_rewrite(
    text: str | bytes, listing: str = "", *, target: str | None = None
) -> ApplicableRewrite | NotApplicable:
    """Return the rewrite of a Dockerfile, or the reason why there is none."""
    facts, parsed = make_facts(text, listing, target=target), read_listing(listing)

    def ground(name: str) -> BaseCandidate | None:
        if parsed.grounds:
            return parsed.grounds.get(name)
        alike = name.partition(":")[0] == (facts.rule_input.base_image or "").partition(":")[0]
        settings = parsed.base if alike else ContainerConfig(env={"PATH": _PATH})
        return BaseCandidate(name, settings, frozenset(parsed.basics), 75_000_000)

    return assess_rewrite(facts, ground)


def make_candidate(text: str | bytes, listing: str = "", *, target: str | None = None) -> Candidate:
    """Return the rewrite on the first base image."""
    rewrite = plan_rewrite(text, listing, target=target)
    assert isinstance(rewrite, ApplicableRewrite), rewrite
    candidate = rewrite.build_candidate(rewrite.base_candidates[0])
    assert isinstance(candidate, Candidate), candidate
    return candidate


def rewrite_text(text: str | bytes, listing: str = "", *, target: str | None = None) -> str:
    """Return the text of the rewritten file."""
    return make_candidate(text, listing, target=target).dockerfile.decode()


def explain_no_rewrite(text: str | bytes, listing: str = "", *, target: str | None = None) -> str:
    """Return the reason why there is no rewrite."""
    rewrite = plan_rewrite(text, listing, target=target)
    if isinstance(rewrite, NotApplicable):
        return rewrite.reason
    candidate = rewrite.build_candidate(rewrite.base_candidates[0])
    assert isinstance(candidate, NotApplicable), candidate.dockerfile.decode()
    return candidate.reason


def cut_last_stage(text: str) -> list[str]:
    """Return the lines from the last `FROM` on."""
    head, separator, rest = text.rpartition("\nFROM ")
    assert separator, head
    return f"FROM {rest}".splitlines()


def cut_build_stage(text: str) -> str:
    """Return all lines above the comment of the last stage."""
    above, separator, _ = text.partition("\n\n# What runs: ")
    assert separator, text
    return f"{above}\n"


def _read_text(texts: Mapping[str, str], path: str) -> str:
    return texts.get(path, "")


def read_listing(text: str) -> Listing:
    """Parse the lines of a listing."""
    parsed = Listing()
    for line in filter(None, (x.strip() for x in text.splitlines())):
        word, _, rest = line.partition(" ")
        if word == "base":
            _read_base(parsed, rest)
        elif word == "release":
            parsed.release = tuple(rest.split())
        elif word == "user":
            parsed.users.append(rest.split())
        elif word == "ground":
            name, size, *optional = rest.split()
            env = {"PATH": _PATH, **dict(x.split("=", 1) for x in optional if "=" in x)}
            packages = frozenset(x for x in optional if "=" not in x and "/" not in x)
            distributions = frozenset(x for x in optional if "=" not in x and "/" in x)
            parsed.grounds[name] = BaseCandidate(
                name, ContainerConfig(env=env), packages, parse_size(size), distributions
            )
        elif word == "sent":
            sizes, _, content = rest.partition(" = ")
            name, size = sizes.split()
            parsed.context[name] = parse_size(size)
            parsed.texts[name] = content.replace("\\n", "\n")
        elif word in ("deb", "apk"):
            _read_package(parsed, line)
        else:
            _read_file(parsed, line)
    return parsed


def _read_base(listing: Listing, text: str) -> None:
    """Parse a base line: `800MB GOPATH=/go`, or an instruction."""
    if re.match(r"[\d.]+[kMG]?B\b", text):
        size, *variables = text.split()
        env = {**listing.base.env, **dict(x.split("=", 1) for x in variables)}
        listing.base = replace(listing.base, env=env)
        listing.entries.append((Entry("usr/rest", EntryKind.FILE, parse_size(size)), 0))
    else:
        statements = DockerfileReader().parse(f"FROM x\n{text}\n".encode()).stages[0].instructions
        listing.base = _configured(listing.base, statements)


def _read_file(listing: Listing, line: str) -> None:
    match = _FILE.fullmatch(line)
    assert match, f"{line!r} is no line of a listing"
    path = match["path"].rstrip("/")
    layer = 0 if "base" in match["where"] else int(match["where"][1:])
    uid, gid = int(match["uid"] or 0), int(match["gid"] or 0)
    if match["path"].endswith("/"):
        mode = int(match["mode"] or "755", 8)
        listing.folders[path] = Entry(path, EntryKind.DIRECTORY, 0, mode, uid, gid), layer
        return
    kind = EntryKind.SYMLINK if match["link"] else EntryKind.FILE
    mode, size = int(match["mode"] or "644", 8), parse_size(match["size"] or "0")
    link = match["link"] or ""
    listing.entries.append((Entry(path, kind, size, mode, uid, gid, link, path), layer))
    content = (match["content"] or "").replace("\\n", "\n")
    listing.contents[path] = content.encode()
    if content.startswith("ELF"):
        _read_elf(listing, path, content.split()[1:])
    elif _LIBRARY.search(path):
        listing.elves[path] = ElfInfo(machine=_X86)


def _read_elf(listing: Listing, path: str, words: list[str]) -> None:
    needed = tuple(word for word in words if ".so" in word)
    texts = (word for word in words if word not in needed)
    marks = b"".join(_MARKS.get(word, b"\0%s\0" % word.encode()) for word in texts)
    listing.contents[path] = b"\x7fELF" + marks
    listing.elves[path] = ElfInfo(
        "/lib/ld.so" if needed else "", needed, machine=_X86, is_program=True
    )


def _read_package(listing: Listing, line: str) -> None:
    match = _PACKAGE.fullmatch(line)
    assert match, f"{line!r} is no package"
    listing.packages.append(match)
    if match["kind"] == "apk" and listing.release[0] == "debian":
        listing.release = ("alpine", "3.20.1")
    if match["basic"]:
        listing.basics.add(match["name"])
    files = (match["files"] or f"usr/share/{match['name']}").split()
    size = parse_size(match["size"] or "0") // len(files)
    for path in files:
        mode = " 755" if "/bin/" in f"/{path}" or "/sbin/" in f"/{path}" else ""
        _read_file(listing, f"{path} {size}B {match['where']}{mode}")


def _image_world(subject: RuleInput, listing: Listing) -> ImageWorld:
    """Return the image: layer 0 is the base, each `RUN`, `COPY` and `ADD` adds one."""
    makers = [
        step.instruction
        for step in subject.steps
        if step.instruction.keyword in ("RUN", "COPY", "ADD")
    ]
    numbers = {0: 0, **{x.line_start: number for number, x in enumerate(makers, 1)}}
    entries = [*listing.entries, *listing.folders.values()]
    for entry, line in entries:
        assert line in numbers, f"line {line} makes no layer, but should bring {entry.path}"
    return ImageWorld(
        [None, *(InstructionRef(x.keyword, x.text, x.line_start, x.line_end) for x in makers)],
        [(entry, numbers[line]) for entry, line in entries],
        dict(listing.contents),
        listing.elves,
    )


def _settings(subject: RuleInput, base: ContainerConfig) -> ContainerConfig:
    return _configured(base, [step.instruction for step in subject.steps])


def _configured(base: ContainerConfig, statements: Iterable[Instruction]) -> ContainerConfig:
    """Return the image config that a build makes of the instructions."""
    now = base
    for instruction in statements:
        now = replace(now, **_changed(now, instruction))
    return now


def _changed(now: ContainerConfig, instruction: Instruction) -> dict[str, Any]:
    """Return the config fields that one instruction changes."""
    text, run = instruction.argument_text.text.strip(), _arguments(instruction)
    changes: dict[str, Any] = (
        {_PLAIN[instruction.keyword]: text} if instruction.keyword in _PLAIN else {}
    )
    match instruction.keyword:
        case "ENV":
            changes = {"env": {**now.env, **_pairs(instruction, now.env)}}
        case "LABEL":
            changes = {"labels": {**now.labels, **_pairs(instruction, now.env)}}
        case "CMD":
            changes = {"command": run}
        case "ENTRYPOINT":
            changes = {"entrypoint": run, "command": ()}
        case "WORKDIR":
            folder = _expand(text.strip("\"'"), now.env)
            changes = {"workdir": posixpath.join(now.workdir or "/", folder)}
        case "EXPOSE":
            ports = (port if "/" in port else f"{port}/tcp" for port in text.split())
            changes = {"exposed_ports": tuple(sorted({*now.exposed_ports, *ports}))}
        case "VOLUME":
            changes = {"volumes": tuple(sorted({*now.volumes, *run}))}
        case "HEALTHCHECK":
            kind = ("CMD", *json.loads(text[4:])) if "[" in text else ("CMD-SHELL", text[4:])
            changes = {"health_check": HealthCheck(kind)}
        case "ONBUILD":
            changes = {"onbuild": (*now.onbuild, text)}
    return changes


def _arguments(instruction: Instruction) -> tuple[str, ...]:
    return (
        instruction.words
        if instruction.is_json
        else ("/bin/sh", "-c", instruction.argument_text.text.strip())
    )


def _pairs(instruction: Instruction, env: Mapping[str, str]) -> dict[str, str]:
    plain = [word.strip("\"'") for word in instruction.words]
    return {name: _expand(value, env) for name, value in zip(plain[::2], plain[1::2], strict=True)}


def _expand(value: str, env: Mapping[str, str]) -> str:
    return re.sub(r"\$\{?(\w+)\}?", lambda match: env.get(match[1], ""), value)


def _records(listing: Listing) -> Iterator[tuple[str, bytes]]:
    """Yield the database files of a distribution's package manager."""
    kind, version, *code = listing.release
    name = f"VERSION_CODENAME={code[0]}\n" if code else ""
    yield "etc/os-release", f'ID={kind}\nVERSION_ID="{version}"\n{name}'.encode()
    users = ["root:x:0:0:root:/root:/bin/sh", *(_passwd(package) for package in listing.users)]
    groups = ["root:x:0:", *(package for user in listing.users for package in _groups(user))]
    yield "etc/passwd", ("\n".join(users) + "\n").encode()
    yield "etc/group", ("\n".join(groups) + "\n").encode()
    if any(package["kind"] == "deb" for package in listing.packages):
        yield "var/lib/dpkg/status", "\n".join(map(_status, listing.packages)).encode()
        for package in listing.packages:
            files = (package["files"] or "").split()
            yield f"var/lib/dpkg/info/{package['name']}.list", list_file(files)
    elif listing.packages:
        yield "lib/apk/db/installed", "\n".join(map(_installed, listing.packages)).encode()


def _passwd(user: list[str]) -> str:
    name, numbers, home, shell, *groups = user
    comment = " ".join(groups[1:]) if groups[:1] == ["called"] else ""
    return f"{name}:x:{numbers}:{comment}:{home}:{shell}"


def _groups(user: list[str]) -> Iterator[str]:
    name, numbers, _, _, *groups = user
    yield f"{name}:x:{numbers.partition(':')[2]}:"
    if groups[:1] == ["in"]:
        yield from (f"{group}:x:44:{name}" for group in groups[1:])


def _status(package: re.Match[str]) -> str:
    needs = ", ".join((package["needs"] or "").split())
    recommends = ", ".join((package["recommends"] or "").split())
    basic = "Essential: yes\n" if package["basic"] else ""
    return (
        f"Package: {package['name']}\nStatus: install ok installed\n{basic}"
        f"Depends: {needs}\nRecommends: {recommends}\nInstalled-Size: 100\n"
    )


def _installed(package: re.Match[str]) -> str:
    files = (x.rpartition("/") for x in (package["files"] or "").split())
    listed = "".join(f"F:{folder}\nR:{name}\n" for folder, _, name in files)
    return f"P:{package['name']}\nV:1\nD:{package['needs'] or ''}\n{listed}"
