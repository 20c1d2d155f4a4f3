"""Scripts and development dependencies of the package.json that a folder of an image gets."""

from collections.abc import Collection, Mapping

from bot.advise.project_files import Table, list_copied_files, parse_table, read_key
from bot.advise.subject import RuleInput

# Packages with a program of another name.
_PROGRAM_NAMES = {
    "typescript": "tsc",
    "@nestjs/cli": "nest",
    "@angular/cli": "ng",
    "@vue/cli-service": "vue-cli-service",
    "@babel/node": "babel-node",
    "webpack-cli": "webpack",
    "npm-run-all": "run-s",
}
_INSTALL_SCRIPTS = ("preinstall", "install", "postinstall", "prepare")


def read_scripts(rule_input: RuleInput, folder: str | None) -> Mapping[str, str] | None:
    """Return the scripts of the package.json in a folder of the image; None if it is not known."""
    manifest = _read_manifest(rule_input, folder)
    scripts = read_key(manifest, "scripts") if manifest else None
    if manifest is None:
        return None
    table = scripts if isinstance(scripts, dict) else {}
    return {str(name): text for name, text in table.items() if isinstance(text, str)}


def list_dev_packages(rule_input: RuleInput, folder: str | None) -> frozenset[str]:
    """Return the development dependencies that the package.json in a folder declares."""
    return _list_declared(rule_input, folder, "devDependencies")


def list_required_packages(rule_input: RuleInput, folder: str | None) -> frozenset[str]:
    """Return the dependencies that the program itself has."""
    return _list_declared(rule_input, folder, "dependencies")


def _list_declared(rule_input: RuleInput, folder: str | None, key: str) -> frozenset[str]:
    declared = read_key(_read_manifest(rule_input, folder) or {}, key)
    return frozenset(map(str, declared)) if isinstance(declared, dict) else frozenset()


def installs_with_dev_packages(rule_input: RuleInput, folder: str | None) -> bool:
    """Return True if a script that npm runs with an install starts a development dependency.

    Without it, the install fails, or the program lacks what it makes, as the client of Prisma does.
    """
    packages = list_dev_packages(rule_input, folder)
    scripts = read_scripts(rule_input, folder) or {}
    words = {word for name in _INSTALL_SCRIPTS for word in scripts.get(name, "").split()}
    has_client = "@prisma/client" in list_required_packages(rule_input, folder)
    return not name_programs(packages).isdisjoint(words) or (has_client and "prisma" in packages)


def name_programs(packages: Collection[str]) -> frozenset[str]:
    """Return the names of the programs that packages of npm have."""
    return frozenset(
        (*packages, *(_PROGRAM_NAMES.get(name) or _name_cli(name) for name in packages))
    )


def _name_cli(name: str) -> str:
    """Return `babel` for `@babel/cli`, and any other name as it is."""
    return name[1:].removesuffix("/cli") if name.endswith("/cli") else name


def _read_manifest(rule_input: RuleInput, folder: str | None) -> Table | None:
    """Return the package.json that a folder of the image gets; None if it cannot be read.

    Where no `COPY` says which one, it is the one at the top of the context.
    """
    context = rule_input.context
    if context is None:
        return None
    copied = list_copied_files(rule_input.steps, folder, "package.json")
    paths = [path for path in (*copied, "package.json") if path in context.file_sizes]
    return parse_table("package.json", context.read_text(paths[0])) if paths else None
