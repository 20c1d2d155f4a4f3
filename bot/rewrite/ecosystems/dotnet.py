""".NET: what `dotnet publish` wrote, on a runtime without the SDK."""

import posixpath
from collections.abc import Iterator

from bot.image.archives.reference import split_reference
from bot.pattern_lists import compile_sections
from bot.rewrite.build_facts import BuildFacts
from bot.rewrite.ecosystem import Ecosystem
from bot.rewrite.startup import Startup

_PROJECT_SUFFIXES = (".csproj", ".fsproj", ".vbproj")


def _applies(facts: BuildFacts, startup: Startup) -> bool:
    return any(True for _ in _find_assemblies(facts, startup))


def _find_assemblies(facts: BuildFacts, startup: Startup) -> Iterator[str]:
    """Yield the assemblies that `dotnet X.dll` runs."""
    for command in startup.commands:
        if posixpath.basename(command[0]) == "dotnet":
            for word in command[1:2]:
                if word.endswith(".dll"):
                    yield posixpath.normpath(posixpath.join("/", facts.workdir, word))


def _list_required_paths(facts: BuildFacts, startup: Startup) -> Iterator[str]:
    yield from (posixpath.dirname(path) for path in _find_assemblies(facts, startup))


def _list_excluded_paths(facts: BuildFacts, startup: Startup) -> Iterator[str]:
    """Yield the compiler's output folders beside each project file."""
    for path in facts.built.own_files:
        if path.endswith(_PROJECT_SUFFIXES):
            folder = posixpath.dirname(f"/{path}").rstrip("/")
            yield from (f"{folder}/obj", f"{folder}/bin")


def _list_base_images(facts: BuildFacts, startup: Startup) -> Iterator[str]:
    """Yield ASP.NET's runtime if the assembly needs it, else the plain one, with the same tag."""
    reference = split_reference(facts.rule_input.base_image or "")
    assemblies = [path.removesuffix(".dll")[1:] for path in _find_assemblies(facts, startup)]
    configurations = (facts.built.read_text(f"{path}.runtimeconfig.json") for path in assemblies)
    needs_aspnet = any("AspNetCore" in text for text in configurations)
    kind = "aspnet" if needs_aspnet else "runtime"
    prefix = reference.prefix or "mcr.microsoft.com/dotnet/"
    # Without a runtimeconfig.json the second is a way out: it has all that the plain one has.
    yield f"{prefix}{kind}:{reference.tag}"
    yield f"{prefix}aspnet:{reference.tag}"


ECOSYSTEM = Ecosystem(
    name="dotnet",
    title=".NET",
    applies=_applies,
    toolchain_programs=("dotnet",),
    residue_paths=("~/.nuget", "~/.dotnet", "~/.local/share/NuGet", "/usr/share/dotnet/sdk"),
    source_pattern=compile_sections("bot.rewrite", "sources.txt", "dotnet"),
    accepted_changes={
        f"ENV {name}": "only the SDK reads it"
        for name in (
            "DOTNET_SDK_VERSION",
            "NUGET_XMLDOC_MODE",
            "DOTNET_USE_POLLING_FILE_WATCHER",
            "DOTNET_GENERATE_ASPNET_CERTIFICATE",
            "DOTNET_NOLOGO",
            "POWERSHELL_DISTRIBUTION_CHANNEL",
        )
    },
    required_paths=_list_required_paths,
    excluded_paths=_list_excluded_paths,
    base_images=_list_base_images,
)
