"""What a build leaves behind, by its path: nothing that runs misses it.

The lists err on the side of keeping: what could be read at run time is not in them.
"""

import re

# Whole folders, wherever they are.
_RESIDUE_DIRECTORIES = re.compile(
    r"(?:^|/)(?:\.git|\.hg|\.svn|\.github|\.gitlab|\.circleci|\.vscode|\.idea|\.husky|__pycache__"
    r"|\.pytest_cache|\.mypy_cache|\.ruff_cache|\.tox|\.nox|\.gradle|\.mvn|\.cargo|\.npm|\.pnpm-store"
    r"|\.parcel-cache|\.turbo|\.eslintcache|\.nyc_output|CMakeFiles|autom4te\.cache|\.deps|\.libs)/"
    r"|(?:^|/)node_modules/(?:\.cache|\.package-lock\.json|\.yarn-integrity|\.modules\.yaml|\.bin)(?:/|$)"
    r"|(?:^|/)\.next/(?:cache|trace)(?:/|$)"
    r"|(?:^|/)target/(?:[\w-]+/)?(?:debug|release)/(?:\.fingerprint|build|deps|examples|incremental)/"
    r"|(?:^|/)obj/(?:Debug|Release|project\.|[^/]+\.nuget)"
    r"|(?:^|/)(?:_build/(?:dev|test))/"
)
# Places of tools and of the system, from the root.
_TOOL_PATHS = re.compile(
    r"(?:usr/local/go|usr/local/rustup|usr/local/cargo|usr/share/maven|opt/(?:maven|gradle|sbt|cmake|poetry|pipx|uv)"
    r"|usr/share/dotnet/(?:sdk|templates|packs)|usr/lib/dotnet/sdk|go/(?:pkg|bin)|gopath|root/go/pkg"
    r"|root/(?:\.cache|\.npm|\.cargo|\.rustup|\.m2|\.gradle|\.nuget|\.composer|\.yarn|\.hex|\.mix"
    r"|\.config/(?:go|yarn|configstore|pip|pypoetry|composer)|\.local/(?:share|bin|pipx)|\.dotnet|\.templateengine|\.gem|\.bundle|\.wget-hsts|\.gnupg"
    r"|\.node-gyp|\.conda)"
    r"|home/[^/]+/(?:\.cache|\.npm|\.cargo|\.rustup|\.m2|\.gradle|\.nuget|\.composer|\.yarn|go/pkg)"
    r"|var/(?:cache|log|tmp|lib/(?:apt|dpkg|rpm|dnf|yum|systemd|pam|ucf|python|update-rc\.d))|tmp|lib/apk"
    r"|usr/lib/sysimage|usr/local/share/\.cache|usr/share/(?:doc|man|info|lintian|bug|doc-base|bash-completion)"
    r"|usr/local/share/(?:doc|man|info)|usr/local/man|usr/include|usr/local/include|usr/src/(?:linux|python|php|ruby)[^/]*|proc|sys|dev|run"
    r"|etc/(?:alternatives|apt|ld\.so\.cache|ld\.so\.conf\.d|rc.\.d|init\.d|cron\.\w+|dpkg|apk|systemd"
    r"|logrotate\.d|pam\.d|skel|default|perl|python[\d.]+|gss|bash_completion\.d|update-motd\.d|emacs|X11"
    r"|kernel|ca-certificates|modules-load\.d|sysctl\.d|udev|terminfo|debconf\.conf|mke2fs\.conf)"
    r"|root/\.(?:bash|z)\w*|root/\.profile|usr/share/gcc|usr/share/(?:gdb|aclocal|pkgconfig|cmake|perl5"
    r"|python3|zsh|vim|git-core|gitweb|bison|autoconf|automake|libtool|polkit-1)"
    r"|usr/lib/python3/dist-packages/__pycache__|usr/lib/(?:gcc|git-core|pkgconfig|cmake)"
    r"|usr/lib/[^/]+/(?:pkgconfig|cmake)|usr/local/lib/(?:pkgconfig|cmake)|\.dockerenv|lib/apk/db)(?:/|$)"
    r"|etc/(?:ca-certificates\.conf|passwd-?|group-?|g?shadow-?|sub[ug]id-?|hostname|hosts|resolv\.conf"
    r"|mtab|machine-id|\.pwd\.lock)$"
)
# What a jar holds too.
_JAR_INPUTS = re.compile(
    r"(?:^|/)target/(?:classes|test-classes|generated-sources|generated-test-sources|maven-archiver"
    r"|maven-status|surefire-reports)/|(?:^|/)build/(?:classes|resources|tmp|generated|reports)/"
    r"|(?:^|/)(?:target|build/libs)/[^/]+\.[jw]ar(?:\.original)?$|\.class$"
)
# What COPY brings there is nobody's but the application's.
_COPIED_TOOL_PATHS = re.compile(
    r"(?:usr/local/(?:go|rustup|cargo)|go/pkg|root|home|opt|tmp|usr/share/maven)/"
)
# Sources of languages that are compiled, and what compilers make on the way.
_COMPILER_FILES = re.compile(
    r"\.(?:go|rs|c|cc|cpp|cxx|h|hh|hpp|hxx|inl|ipp|s|S|asm|java|kt|kts|scala|groovy|cs|fs|vb|fsproj|csproj"
    r"|vbproj|sln|swift|zig|nim|cr|hs|cabal|ml|mli|erl|hrl|d|adb|ads|f90|for|m4|ac|am|in|cmake|pyx|pxd"
    r"|o|obj|a|la|lo|lib|pdb|rlib|rmeta|d|gch|pch|dSYM|ilk|exp|gcno|gcda|hi|cmi|cmo|cmx|tsbuildinfo"
    r"|ex|heex|leex|cshtml|razor|pyc|pyo|swp|orig|rej|bak|log|pid)$"
)
# The TypeScript of a server that runs what was made of it.
_TRANSPILED_SOURCES = re.compile(
    r"(?<!\.d)\.(?:ts|tsx|mts|cts|jsx|vue|svelte|scss|sass|less|styl|coffee)$"
)
_TYPE_DECLARATIONS = re.compile(r"\.d\.[mc]?ts(?:\.map)?$|\.(?:js|css|mjs|cjs)\.map$")
# Files that only tools read, by their names.
_TOOL_FILES = re.compile(
    r"(?:^|/)(?:Dockerfile[^/]*|Containerfile|\.dockerignore|docker-compose[^/]*\.ya?ml|compose[^/]*\.ya?ml"
    r"|\.git(?:ignore|attributes|modules|keep)|\.editorconfig|\.mailmap|\.travis\.yml|\.gitlab-ci\.yml"
    r"|Jenkinsfile|azure-pipelines\.yml|\.?appveyor\.yml|Makefile|makefile|GNUmakefile"
    r"|CMakeLists\.txt|CMakeCache\.txt|install_manifest\.txt"
    r"|configure(?:\.ac|\.in)?|config\.(?:log|status|h\.in)|aclocal\.m4|Rakefile|Justfile|justfile|Taskfile\.ya?ml"
    r"|go\.(?:mod|sum|work|work\.sum)|Cargo\.(?:toml|lock)|rust-toolchain(?:\.toml)?|rustfmt\.toml|clippy\.toml"
    r"|build\.rs|pom\.xml|mvnw(?:\.cmd)?|gradlew(?:\.bat)?|(?:build|settings)\.gradle(?:\.kts)?|gradle\.properties"
    r"|gradle-wrapper\.(?:jar|properties)|build\.sbt|Directory\.Build\.(?:props|targets)|NuGet\.config|global\.json"
    r"|package-lock\.json|npm-shrinkwrap\.json|yarn\.lock|pnpm-lock\.yaml|pnpm-workspace\.yaml|bun\.lockb?"
    r"|tsconfig[^/]*\.json|jsconfig\.json|\.eslint[^/]*|eslint\.config\.\w+|\.prettier[^/]*|prettier\.config\.\w+"
    r"|\.stylelint[^/]*|\.babelrc[^/]*|babel\.config\.\w+|jest\.config\.\w+|vitest\.config\.\w+"
    r"|karma\.conf\.\w+|cypress\.(?:json|config\.\w+)|playwright\.config\.\w+|webpack[^/]*\.\w+|rollup\.config\.\w+"
    r"|vite\.config\.\w+|postcss\.config\.\w+|tailwind\.config\.\w+|turbo\.json|nx\.json|lerna\.json|\.nvmrc"
    r"|\.node-version|\.npmignore|\.npmrc|\.yarnrc(?:\.yml)?|renovate\.json5?|nodemon\.json|\.swcrc|tslint\.json"
    r"|requirements[^/]*\.(?:txt|in)|Pipfile(?:\.lock)?|poetry\.lock|uv\.lock|pdm\.lock|setup\.(?:py|cfg)"
    r"|pyproject\.toml|tox\.ini|noxfile\.py|pytest\.ini|conftest\.py|\.coveragerc|\.flake8|\.pylintrc|mypy\.ini"
    r"|\.pre-commit-config\.yaml|MANIFEST\.in|\.python-version|\.ruby-version|\.rspec|\.rubocop[^/]*"
    r"|\.tool-versions|\.golangci\.ya?ml|\.goreleaser\.ya?ml|\.air\.toml|skaffold\.yaml|Tiltfile|Vagrantfile"
    r"|phpunit\.xml(?:\.dist)?|phpstan\.neon(?:\.dist)?|composer\.lock|mix\.(?:exs|lock)|config/(?:config|dev|prod|test)\.exs|rebar\.(?:config|lock)"
    r"|\.formatter\.exs|\.DS_Store|Thumbs\.db|codecov\.ya?ml|\.clang-format|\.clang-tidy|meson\.build"
    r"|meson_options\.txt|build\.ninja|\.ninja_\w+|compile_commands\.json|\.env\.(?:example|sample|template))$"
)
_DOCUMENTATION_FILES = re.compile(
    r"(?:^|/)(?:README|CHANGELOG|CHANGES|HISTORY|CONTRIBUTING|CONTRIBUTORS|AUTHORS|LICEN[CS]E|COPYING|NOTICE"
    r"|SECURITY|CODE_OF_CONDUCT|CODEOWNERS|MAINTAINERS|UPGRADING|TODO|INSTALL|GOVERNANCE|SUPPORT|ROADMAP)"
    r"(?:[.-][\w.-]+)?$",
    re.IGNORECASE,
)
_TEST_FILES = re.compile(
    r"(?:^|/)(?:tests?|__tests__|spec|specs|__mocks__|testdata|e2e|cypress|benchmarks?|bench)/"
    r"|(?:^|/)test_[^/]+\.py$|_test\.(?:go|py|rb|exs)$|\.(?:test|spec)\.[jt]sx?$"
)
# Dependencies come with files that nobody imports.
_UNUSED_DEPENDENCY_FILES = re.compile(
    r"(?:^|/)node_modules/.*(?:\.(?:md|markdown|rst|ts|map|flow|c|h|cc|cpp|hpp|o|a|gyp|gypi|mk)$"
    r"|/(?:tests?|docs?|examples?|__tests__|\.github)/)"
    r"|(?:^|/)(?:site|dist)-packages/.*(?:\.(?:md|rst|pyi|pyx|pxd|c|h|cc|cpp|hpp|o|a)$"
    r"|/(?:INSTALLER|REQUESTED|direct_url\.json|RECORD)$)"
    r"|(?:^|/)vendor/.*(?:\.(?:md|rst|go|c|h)$|/(?:tests?|docs?|\.github)/)"
    r"|(?:^|/)(?:gems|bundle)/.*(?:\.(?:md|gem|c|h|o|a)$|/cache/)"
)


def is_build_residue(path: str) -> bool:
    """Whether no program misses a file, going by its path alone."""
    patterns = (_RESIDUE_DIRECTORIES, _COMPILER_FILES, _TYPE_DECLARATIONS, _UNUSED_DEPENDENCY_FILES)
    return any(pattern.search(path) for pattern in patterns)


def is_development_file(path: str) -> bool:
    """Whether it is for tools, for tests or to be read by people; a program may read it all the same
    if its sources name it."""
    return any(pattern.search(path) for pattern in (_TOOL_FILES, _DOCUMENTATION_FILES, _TEST_FILES))


def is_transpiled_source(path: str) -> bool:
    """Whether it is the source of a script that something else was made of."""
    return bool(_TRANSPILED_SOURCES.search(path))


def is_jar_input(path: str) -> bool:
    """Whether a build of Java's has put it into the jar."""
    return bool(_JAR_INPUTS.search(path))


def is_test_file(path: str) -> bool:
    """Whether it is for tests."""
    return bool(_TEST_FILES.search(path))


def is_tool_path(path: str, keyword: str = "") -> bool:
    """Whether it is where the system, or a tool that builds, keeps its own; `keyword` is the
    instruction that brought it."""
    if keyword in {"COPY", "ADD"} and not _COPIED_TOOL_PATHS.match(path):
        return False
    return bool(_TOOL_PATHS.match(path))
