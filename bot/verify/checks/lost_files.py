"""Lost files: what the old image brought along and the new has not, less what a build leaves behind.

Whatever could be read at run time counts, also if the candidate leaves it behind on purpose: only
what it is compiled into, or being for development alone, excuses that.
"""

import re
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

from bot.model.files import Entry, Kind
from bot.model.proof import Lesson, Objection
from bot.verify.build_residue import (
    is_for_people,
    is_in_jar,
    is_left_behind,
    is_tool_place,
    is_transpiled,
)
from bot.verify.dev_dependencies import development
from bot.verify.embedded_files import embedded, is_resource
from bot.verify.image_pair import Exhibit, is_file, is_system
from bot.verify.source_mentions import Told

# What looks like data that a program reads, or like a part of one.
_DATA = re.compile(
    r"\.(?:html?|xhtml|tmpl|tpl|gotmpl|gohtml|mustache|hbs|handlebars|ejs|pug|jade|erb|haml|slim|jinja2?|j2|twig"
    r"|liquid|ftl|vm|css|js|mjs|cjs|json5?|jsonl|ya?ml|toml|ini|conf|cfg|config|properties|env|xml|xsd|xsl|csv"
    r"|tsv|sql|db|sqlite3?|mdb|dat|bin|model|onnx|pb|proto|txt|md|po|mo|arb|ftl|resx|png|jpe?g|gif|svg|ico|webp"
    r"|woff2?|ttf|otf|eot|mp3|mp4|ogg|wav|pdf|wasm|so(?:\.[\d.]+)?|dll|node|jar|war|ear|py|rb|php|pl|lua|sh|bash"
    r"|ps1|pem|crt|cer|key|p12|jks|gz|zip|tar|xz|zst|parquet|graphql|gql|prisma|wsdl|cue|rego|ts|tsx"
    r"|pkl|pickle|joblib|npy|npz|h5|hdf5|keras|pt|pth|safetensors|tflite|gguf|mmdb|dic|aff|lst|dict|idx"
    r"|avro|orc|feather|arrow|rdb|ldb|geojson|shp|kml|tiff?|bmp|avif|webm|flac|dtd|rng|lic|rules|dawg|fst)$",
    re.IGNORECASE,
)
# What compilers and bundlers read, and what tells them how: of the context nothing else is spared.
_SOURCE = re.compile(
    r"\.(?:[chsdoa]|cc|cpp|cxx|c\+\+|hh|hpp|hxx|ipp|inl|asm|go|mod|sum|work|rs|java|kts?|scala|sbt|groovy|gradle"
    r"|cs|fs|vb|csproj|fsproj|vbproj|sln|props|targets|exs?|erl|hrl|swift|zig|nim|hs|cabal|ml|mli|pyx|pxd|pyi"
    r"|f|f90|la|lo|cmake|mk|am|ac|m4|in|pc|vue|svelte|astro|jsx|mts|cts|scss|sass|less|styl|map|snap|lock"
    r"|gemspec|patch|diff|class)$|"
    r"(?:^|/)(?:gradlew|mvnw|configure|autogen|bootstrap|install-sh|config\.(?:guess|sub)|missing|depcomp|"
    r"compile|Makefile[^/]*|Rakefile|Justfile|Procfile|Jenkinsfile|Vagrantfile|Gemfile)$",
    re.IGNORECASE,
)
_NODE_MODULE = re.compile(r"(?:^|/)node_modules/")
_PACKAGES = re.compile(r"(?:^|/)(?:site-packages|dist-packages|vendor|gems)/")
_CACHE = re.compile(r"(?:^|/)\.(?:cache|npm|yarn)/")
_GLOBAL = re.compile(r"usr/(?:local/)?lib/node_modules/")
_TOOL_LINKS = re.compile(r"^/etc/alternatives/|lib/node_modules/|^/usr/local/go/")
_SERVERS = re.compile(r"(?:^|/)(?:nginx|caddy|httpd|lighttpd)$")
_SCRIPTS = re.compile(r"\.[cm]?js$")
# What a Rust program's own build has made for it, and a program that looks there when it runs.
_OUTPUT = re.compile(r"(?:^|/)target/(?:[\w-]+/)?(?:debug|release)/build/[^/]+/out/")
_READS_OUTPUT = re.compile(r"(?<!concat!\()(?<!concat!\( )\benv!\(\s*\"OUT_DIR\"")
_MAX_TOLD = 1000


def check(exhibit: Exhibit) -> Iterator[Objection]:
    """The lost files that may be missed, each; a thousand of them at most."""
    excuse = _Excuses.of(exhibit)
    told = 0
    for path, entry in exhibit.old.image.tree.items():
        if told < _MAX_TOLD and _is_lost(exhibit, path, entry) and not excuse.holds(path, entry):
            told += 1
            message = f"/{path} of the old image is not in the new one."
            yield Objection(Lesson.FILE, path, message, path=path)
    yield from _folders(exhibit)


def _is_lost(exhibit: Exhibit, path: str, entry: Entry) -> bool:
    """Whether a file that counts is not there any more, be it through a folder that is a link."""
    old, new = exhibit.old, exhibit.new
    if path in new.image.tree or not (old.is_own(path) or old.in_app(path)):
        return False
    if entry.kind is Kind.OTHER or new.paths.real(path) is not None:
        return False
    # The system's packages are another check's, and a link that led nowhere is no loss.
    return path not in old.packaged and (is_file(entry) or old.paths.real(path) is not None)


@dataclass(frozen=True)
class _Excuses:
    """Why a lost file need not be missed."""

    exhibit: Exhibit
    is_development: Callable[[str], bool]
    embedded: re.Pattern[str]
    runs_scripts: bool
    has_jar: bool
    told: Told
    moved: frozenset[str] | None
    traces: bool

    @classmethod
    def of(cls, exhibit: Exhibit) -> "_Excuses":
        """Those of an exhibit."""
        new, sources = exhibit.new, exhibit.old.sources
        own = [path for path in new.image.tree if new.is_own(path) and not _is_dependency(path)]
        return cls(
            exhibit,
            development(exhibit.old),
            embedded(sources),
            runs_scripts=any(_SCRIPTS.search(path) for path in own),
            has_jar=any(path.endswith((".jar", ".war")) for path in own),
            moved=_moved(exhibit) if _is_static(exhibit) else None,
            told=Told.by(exhibit),
            traces=_traces(exhibit),
        )

    def holds(self, path: str, entry: Entry) -> bool:
        """Whether there is an excuse."""
        cached = bool(_CACHE.search(path)) and self._is_tool(path)
        if self._is_of_a_build(path) or self.is_development(path) or cached:
            return True
        if _is_dependency(path):
            return self._dependency(path, entry)
        if is_for_people(path) and not self._is_tool(path):
            return not self.told.names(path)
        if self._is_tool(path) or self._is_made_into(path) or self._is_system(path, entry):
            return True
        if self.moved is not None and self.exhibit.left_behind(path):
            return self._is_served(path, entry)
        return self._is_named(path, entry)

    def _is_of_a_build(self, path: str) -> bool:
        """Whether a build leaves it behind, or has put it into the program; but for what is content,
        traced back to, or read where it lies."""
        if self.embedded.match(path):
            return True
        if not is_left_behind(path):
            return False
        old = self.exhibit.old
        if old.keyword(path) in {"COPY", "ADD"} and self.told.makes_up(path):
            return False
        is_output = bool(_OUTPUT.search(path)) and _READS_OUTPUT.search(self.told.text)
        return not is_output and not (self.traces and path.endswith(".map"))

    def _is_tool(self, path: str) -> bool:
        """Whether it lies where tools keep their own, the application's folders left out."""
        old = self.exhibit.old
        if old.in_app(path) or not is_tool_place(path, old.keyword(path)):
            return False
        return not self.told.places_it(path)

    def _is_made_into(self, path: str) -> bool:
        """Whether it went into a jar, or scripts were made of it, which the new image has."""
        if self.has_jar and (is_in_jar(path) or is_resource(path)):
            return True
        return self.runs_scripts and is_transpiled(path) and not self.traces

    def _is_served(self, path: str, entry: Entry) -> bool:
        """Of a front end, now served as files: what lay in a folder that is served is there again."""
        moved = self.moved or frozenset()
        folder = path.rpartition("/")[0]
        return entry.content in moved or not any(
            self.exhibit.old.image.tree[other].content in moved
            for other in self._folders.get(folder, ())
        )

    @cached_property
    def _folders(self) -> Mapping[str, list[str]]:
        """The files of the old image by their folder."""
        found: defaultdict[str, list[str]] = defaultdict(list)
        for path, entry in self.exhibit.old.image.tree.items():
            if entry.content:
                found[path.rpartition("/")[0]].append(path)
        return found

    def _dependency(self, path: str, entry: Entry) -> bool:
        """A tool that was installed for all, or the modules of a front end that was built."""
        if not self.exhibit.left_behind(path):
            return entry.kind is Kind.SYMLINK and self.exhibit.old.paths.real(path) is None
        bundled = self.exhibit.new.program("node") is None or self.exhibit.new.serves_files
        return bool((bundled and _NODE_MODULE.search(path)) or _GLOBAL.match(path))

    def _is_system(self, path: str, entry: Entry) -> bool:
        """What installing a system's packages has made besides."""
        if self.exhibit.old.keyword(path) in {"COPY", "ADD"}:
            return False
        if path.startswith("etc/ssl/certs/"):
            return True
        if entry.kind is not Kind.SYMLINK:
            return False
        target = self.exhibit.old.paths.real(path) or ""
        gone = target in self.exhibit.old.packaged and self.exhibit.new.paths.real(target) is None
        return gone or bool(_TOOL_LINKS.search(entry.link))

    def _is_named(self, path: str, entry: Entry) -> bool:
        """Whether the candidate's own word is enough: programs, and what is no data by its name."""
        if not self.exhibit.left_behind(path):
            return False
        if self.exhibit.old.keyword(path) in {"COPY", "ADD"}:
            return bool(_SOURCE.search(path)) and not _DATA.search(path)
        name = path.rpartition("/")[2]
        if "." in name.lstrip("."):
            return not _DATA.search(path)
        is_program = is_file(entry) and bool(entry.mode & 0o111)
        return is_program or not self.exhibit.old.in_app(path)


def _traces(exhibit: Exhibit) -> bool:
    """Whether errors are traced back to the sources that scripts were made of."""
    settings = exhibit.old.settings
    words = (*settings.arguments, settings.env.get("NODE_OPTIONS", ""))
    return any("--enable-source-maps" in word for word in words)


def _is_static(exhibit: Exhibit) -> bool:
    """Whether the new image does nothing but serve files, and says so."""
    program = exhibit.new.program(next(iter(exhibit.new.settings.arguments), ""))
    words = [program or "", *exhibit.new.settings.arguments]
    serves = any(_SERVERS.search(word) for word in words)
    changed = exhibit.explained("CMD") or exhibit.explained("ENTRYPOINT")
    return (
        serves and changed and not any(exhibit.new.program(x) for x in ("node", "python3", "php"))
    )


def _moved(exhibit: Exhibit) -> frozenset[str]:
    """The contents that the new image brought along."""
    new = exhibit.new
    return frozenset(
        x.content for path, x in new.image.tree.items() if x.content and new.is_own(path)
    )


def _is_dependency(path: str) -> bool:
    return bool(_NODE_MODULE.search(path) or _PACKAGES.search(path))


def _folders(exhibit: Exhibit) -> Iterator[Objection]:
    """Folders that hold nothing were made to be written to."""
    old, new = exhibit.old, exhibit.new
    filled = {path.rpartition("/")[0] for path in old.image.tree}
    filled |= {path.rpartition("/")[0] for path in old.image.directories}
    wanted = [path for path in old.image.directories if path not in filled]
    started = (old.workdir,) if old.workdir == new.workdir else ()
    wanted += [folder.strip("/") for folder in (*old.settings.volumes, *started)]
    for path in dict.fromkeys(wanted):
        ours = old.in_app(path) or (old.is_own(path) and not is_system(path))
        if (
            not ours
            or is_tool_place(path + "/x")
            or is_left_behind(path + "/x")
            or is_for_people(path + "/x")
            or _is_dependency(path)
        ):
            continue
        if path and old.paths.is_directory(path) and not new.paths.is_directory(path):
            message = f"The folder /{path} of the old image is not in the new one."
            yield Objection(Lesson.FOLDER, path, message, path=path)
