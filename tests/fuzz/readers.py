"""The readers that are fed, each with the errors that it may raise and words of its format."""

import gzip
import io
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, BinaryIO, cast

from bot.adapters.parsing.dockerfile_parser import DockerfileReader
from bot.budget.untrusted_report import rejudge
from bot.dockerfile.dockerignore import (
    IllegalIgnoreFileError,
    TooCostlyError,
    parse_dockerignore,
)
from bot.errors import InputError
from bot.image.archives.archive import read_archive
from bot.image.archives.blob import StoredBlob, scan_blob
from bot.image.archives.reference import parse_reference
from bot.image.elf.elf_reader import read_elf
from bot.image.elf.loader_config import parse_ld_cache
from bot.image.layer_analysis import LayerAnalysis
from bot.image.layers.index_codec import decode_index
from bot.image.layers.streams import Unreadable
from bot.image.layers.tar_split import read_tar_split
from bot.image.measure import measure_image
from bot.image.packages.detectors import create_probe, read_packages
from bot.model.files import Entry, EntryKind
from bot.model.spec import ContextSource
from bot.project.bake_document import parse_bake_document
from bot.project.build_file_images import merge_images
from bot.project.compose_file import BuildFileMistake, reduce_compose_file
from bot.project.config_file import parse_config
from bot.project.declared_builds import BuildFile, locate_builds
from bot.report.document.report_document import from_document, render_json
from bot.report.formats.markdown import render_markdown
from tests.support.tar_world import layout, pack, part

Members = dict[str, bytes | str]


@dataclass(frozen=True)
class Reader:
    """A function that takes an input to its end; anything but `errors` is a defect."""

    read: Callable[[bytes], object]
    errors: tuple[type[Exception], ...] = ()
    words: tuple[bytes, ...] = ()


def read_whole_archive(data: bytes) -> object:
    return measure_image(read_archive(io.BytesIO(data)), "x")


def read_streamed_archive(data: bytes) -> object:
    return measure_image(read_archive(io.BytesIO(gzip.compress(data, 1))), "x")


def read_layer(data: bytes) -> object:
    stream = cast(BinaryIO, io.BufferedReader(cast(io.RawIOBase, io.BytesIO(data))))
    layer = scan_blob(StoredBlob(stream, len(data))).layer
    return LayerAnalysis().complete([layer, layer])


def read_split(data: bytes) -> object:
    return read_tar_split(io.BytesIO(gzip.compress(data, 1)))


def read_manifest(data: bytes) -> object:
    return read_archive(pack(layout(part(data))))


def read_index(data: bytes) -> object:
    return read_archive(pack({"index.json": data}))


def read_legacy_manifest(data: bytes) -> object:
    members: Members = {"manifest.json": data, "c.json": b"{}", "1/layer.tar": bytes(1024)}
    return read_archive(pack(members))


def read_config(data: bytes) -> object:
    manifest = [{"Config": "c.json", "RepoTags": None, "Layers": ["1/layer.tar"]}]
    members: Members = {"c.json": data, "1/layer.tar": bytes(1024)}
    return read_archive(pack(members | {"manifest.json": json.dumps(manifest).encode()}))


def read_dockerfile(data: bytes) -> object:
    dockerfile = DockerfileReader().parse(data)
    return [(stage.name, stage.base_name, stage.instructions) for stage in dockerfile.stages]


def read_script(data: bytes) -> object:
    return DockerfileReader().parse_script(data.decode(errors="surrogateescape"))


def read_project_config(data: bytes) -> object:
    return parse_config(data.decode(errors="replace"), "image-size.yml")


def read_compose_file(data: bytes) -> object:
    return reduce_compose_file(data.decode(errors="replace"), "deploy/compose.yaml")


def read_bake_document(data: bytes) -> object:
    file = BuildFile(("docker-bake.json",), ContextSource.BAKE, (".", "deploy"))
    tree = {"Dockerfile": "100644 1", "api/Dockerfile": "100644 2"}
    builds = locate_builds(file, parse_bake_document(data), tree, lambda _: ("1", "prod")).builds
    return merge_images((), builds)


def read_ignore_file(data: bytes) -> object:
    ignore = parse_dockerignore(data)
    ignore.check_buildable()
    paths = ("a", "a/b/c", "x.go", "d/" * 40 + "x", "node_modules/k", "caf\udce9")
    return [(ignore.is_ignored(path), ignore.is_pruned(path)) for path in paths]


def read_report(data: bytes) -> object:
    report = rejudge(from_document(json.loads(data)))
    return render_markdown(report), render_json(report)


def read_record(data: bytes) -> object:
    from tests.fuzz.examples import make_record  # noqa: PLC0415 - it needs this module's types

    return decode_index(make_record(data), "sha256:1")


def make_database_reader(path: str, mode: int = 0o644) -> Callable[[bytes], object]:
    """Return a reader of the packages that a file of this name in a layer tells of."""

    def read(data: bytes) -> object:
        content = data or b"\0"
        probe = create_probe(path, max(len(content), 200_000 if mode & 1 else 1), mode)
        assert probe is not None
        size = max(len(content), 200_000 if mode & 1 else 1)
        probe.feed(content + bytes(size - len(content)))
        return read_packages([Entry(path, EntryKind.FILE, size, mode)], {path: probe})

    return read


DATABASES: Mapping[str, tuple[str, int]] = {
    "dpkg-status": ("var/lib/dpkg/status", 0o644),
    "dpkg-list": ("var/lib/dpkg/info/a.list", 0o644),
    "apk": ("lib/apk/db/installed", 0o644),
    "rpm-sqlite": ("var/lib/rpm/rpmdb.sqlite", 0o644),
    "rpm-ndb": ("usr/lib/sysimage/rpm/Packages.db", 0o644),
    "python-record": ("s/a-1.dist-info/RECORD", 0o644),
    "python-egg": ("s/a-1.egg-info/PKG-INFO", 0o644),
    "npm-package": ("app/node_modules/a/package.json", 0o644),
    "npm-lock": ("app/node_modules/.package-lock.json", 0o644),
    "composer": ("app/vendor/composer/installed.json", 0o644),
    "jar": ("app/a-1.jar", 0o644),
    "program": ("usr/local/bin/tool", 0o755),
}
_JSON_WORDS = (b"{", b"}", b"[", b"]", b",", b":", b'"', b"null", b"NaN", b"\\ud800", b"-Infinity")
_TAR_WORDS = (b"\0" * 512, b"ustar\x0000", b"30 path=../../x\n", b"22 size=99999999\n", b"\x80")
_SHELL_WORDS = (
    *(
        b"<<EOF\n",
        b"EOF\n",
        b"$(",
        b"${",
        b"}",
        b"`",
        b"'",
        b'"',
        b"\\\n",
        b"&&",
        b"|",
        b";",
        b"\t",
    ),
    *(b"if ", b"fi", b"case x in", b"esac", b"#", b"\r\n", b"\xff", b"\xef\xbb\xbf", b"((", b"))"),
)
_DOCKERFILE_WORDS = (
    *(b"FROM ", b"RUN ", b"COPY --from=", b" AS ", b"ARG ", b"ENV ", b"ONBUILD ", b"# escape=`\n"),
    *(b"HEALTHCHECK ", b"SHELL [", b"--mount=type=", b"\n", b'["', b'"]', *_SHELL_WORDS),
)
_YAML_WORDS = (
    *(
        b"&a ",
        b"*a",
        b"<<: *a\n",
        b"!!int ",
        b"!!omap",
        b"? ",
        b": ",
        b"- ",
        b"|\n",
        b">-\n",
        b"---\n",
    ),
    *(b"...\n", b"{", b"}", b"[", b"]", b"\t", b"\0", b"%YAML 1.1\n", b"'", b'"', b"\\x", b"\n  "),
    *(b".inf", b".nan", b"1e400", b"2001-13-45", b"~", b"#", b"\xc2\x85", b"\xff", b"images:\n"),
)
_IGNORE_WORDS = (
    b"**",
    b"*",
    b"?",
    b"/",
    b"!",
    b"[",
    b"]",
    b"\\",
    b"^",
    b"-",
    b"..",
    b"\n",
    b"#",
    b"{",
)
_ELF_WORDS = (b"\x7fELF", b"\0" * 8, b"libc.so.6\0", b"\xff" * 8)
_DATABASE_WORDS = (
    b"\n",
    b"\0",
    b"P:",
    b"F:",
    b"R:",
    b"Package: ",
    b"Version: ",
    b"\xff",
    b",,",
    b"PK\5\6",
)


def _list_readers() -> Iterator[tuple[str, Reader]]:
    unreadable = (Unreadable, OSError)
    yield "archive", Reader(read_whole_archive, unreadable, (*_TAR_WORDS, *_JSON_WORDS))
    yield "archive-stream", Reader(read_streamed_archive, unreadable, (*_TAR_WORDS, *_JSON_WORDS))
    yield "layer", Reader(read_layer, unreadable, _TAR_WORDS)
    yield "tar-split", Reader(read_split, unreadable, _JSON_WORDS)
    yield "manifest", Reader(read_manifest, unreadable, _JSON_WORDS)
    yield "index", Reader(read_index, unreadable, _JSON_WORDS)
    yield "legacy-manifest", Reader(read_legacy_manifest, unreadable, _JSON_WORDS)
    yield "config", Reader(read_config, unreadable, _JSON_WORDS)
    yield "record", Reader(read_record, unreadable, _JSON_WORDS)
    yield "dockerfile", Reader(read_dockerfile, (ValueError,), _DOCKERFILE_WORDS)
    yield "script", Reader(read_script, (), _SHELL_WORDS)
    yield "project-config", Reader(read_project_config, (InputError,), _YAML_WORDS)
    yield "compose", Reader(read_compose_file, (BuildFileMistake,), (*_YAML_WORDS, *_JSON_WORDS))
    yield "bake", Reader(read_bake_document, (BuildFileMistake,), _JSON_WORDS)
    yield (
        "ignore-file",
        Reader(read_ignore_file, (IllegalIgnoreFileError, TooCostlyError), _IGNORE_WORDS),
    )
    yield "report", Reader(read_report, (ValueError, ArithmeticError, RecursionError), _JSON_WORDS)
    yield "elf", Reader(read_elf, (), _ELF_WORDS)
    yield "ld-cache", Reader(parse_ld_cache, (), _ELF_WORDS)
    yield (
        "reference",
        Reader(lambda data: parse_reference(data.decode(errors="replace")), (ValueError,)),
    )
    for name, (path, mode) in DATABASES.items():
        words = _JSON_WORDS if name in ("npm-package", "npm-lock", "composer") else _DATABASE_WORDS
        yield name, Reader(make_database_reader(path, mode), unreadable, words)


READERS: Mapping[str, Reader] = dict(_list_readers())


def describe(error: BaseException) -> Any:
    """Return what tells one defect from another: the type, and the line that raised it."""
    trace = error.__traceback__
    while trace and trace.tb_next:
        trace = trace.tb_next
    line = f"{trace.tb_frame.f_code.co_filename}:{trace.tb_lineno}" if trace else ""
    return type(error).__name__, line
