"""A last stage in which nginx serves a front end, on the port of the file server before.

Only servers and options with the same meaning in nginx are replaced: what else a file server does
for a front end is in its own documentation, and no start shows all of it.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from bot.rewrite.build_facts import ROOT_NAMES, BaseCandidate, BuildFacts
from bot.rewrite.copy_choice import CopyItem
from bot.rewrite.copy_plan import CopyPlan
from bot.rewrite.file_servers import Service, find_service
from bot.rewrite.package_install import PackageInstall
from bot.rewrite.plan import RetryHints, RewritePlan, build_plan
from bot.rewrite.startup import Startup

NGINX = "nginx:alpine"
SERVED = ("frontend", "node")  # ecosystems that may start a file server
_CONFIGURATION = "/etc/nginx/conf.d/default.conf"
_NOT_FOUND_PAGE = "404.html"
_TEXT_TYPES = "text/css text/plain application/javascript application/json"
_DROPPED_KEYWORDS = frozenset({"CMD", "ENTRYPOINT", "STOPSIGNAL", "SHELL"})
_KEPT_SETTINGS = ("ENV ", "WORKDIR ")
_REASONS = {
    "CMD": "nginx serves the files",
    "ENTRYPOINT": "nginx serves the files",
    "STOPSIGNAL": "it is the signal of nginx",
    "EXPOSE": "the image of nginx exposes port 80, too, on which nothing listens",
}


@dataclass(frozen=True, slots=True)
class NginxStage:
    """The plan of a stage on nginx; `rewrite` is the plan that was verified."""

    facts: BuildFacts
    startup: Startup
    rewrite: RewritePlan
    hints: RetryHints
    service: Service

    @property
    def difference(self) -> str:
        """The differences to the server before, as the end of a sentence."""
        service = self.service
        return (
            f"nginx serves /{service.folder} on port {service.port}, without lists of the files in"
            f" a folder, and neither Node nor `{service.name}` is in it"
        )

    def plan_stage(self, base: BaseCandidate) -> RewritePlan:
        """Return the plan on the image of nginx."""
        plan = build_plan(self.facts, self.startup, self.rewrite.ecosystem, base, self.hints)
        versions = [name for name in self.facts.base_config.env if name.endswith("_VERSION")]
        unused = tuple(f"ENV {name}=" for name in versions)
        settings = (
            instruction
            for instruction in plan.inherited_instructions
            if instruction.startswith(_KEPT_SETTINGS) and not instruction.startswith(unused)
        )
        reasons = {f"ENV {name}": "it describes the old base image" for name in versions}
        return replace(
            plan,
            copy_plan=self._plan_copy(),
            package_install=PackageInstall(),
            inherited_instructions=tuple(settings),
            accepted_changes={**plan.accepted_changes, **reasons, **_REASONS},
            dropped_keywords=_DROPPED_KEYWORDS,
            system_instructions=(self._render_configuration(),),
        )

    @property
    def served_bytes(self) -> int:
        """The bytes of the folder."""
        files = self.facts.built.own_files
        return sum(entry.size for path, entry in files.items() if self._is_served(path))

    def _plan_copy(self) -> CopyPlan:
        """Return the copy of the folder, without all else that the Dockerfile added."""
        item = CopyItem(self.service.folder, size=self.served_bytes, is_folder=True)
        files = self.facts.built.own_files
        dropped = {path: file.size for path, file in files.items() if not self._is_served(path)}
        return CopyPlan((item,), dropped)

    def _is_served(self, path: str) -> bool:
        return path.startswith(f"{self.service.folder}/")

    def _render_configuration(self) -> str:
        """Return the `RUN` that writes the configuration, with a word for each of its lines."""
        words = [f"'{line}'" for line in self._list_lines()]
        words[-1] = f"{words[-1]} > {_CONFIGURATION}"
        separator = f" {self.facts.text_style.escape}\n{self.facts.text_style.indent}"
        return self.facts.text_style.format_line(separator.join([r"RUN printf '%s\n'", *words]))

    def _list_lines(self) -> Iterator[str]:
        service = self.service
        missing_page = f"{service.folder}/{_NOT_FOUND_PAGE}"
        has_page = service.tried.endswith("=404") and self.facts.built.paths.is_file(missing_page)
        yield "server {"
        yield f"    listen {service.port};"
        yield f"    root /{service.folder};"
        yield "    absolute_redirect off;"
        yield "    charset utf-8;"
        yield f"    charset_types {_TEXT_TYPES};"
        yield "    gzip on;"
        yield f"    gzip_types {_TEXT_TYPES} image/svg+xml;"
        if has_page:
            yield f"    error_page 404 /{_NOT_FOUND_PAGE};"
        yield from (f"    {directive}" for directive in service.server.directives)
        yield "    location / {"
        yield f"        try_files {service.tried};"
        yield "    }"
        yield "}"


def find_nginx_stage(
    facts: BuildFacts, startup: Startup, rewrite: RewritePlan, hints: RetryHints
) -> NginxStage | None:
    """Return the stage for a front end that nginx can serve; None if something may be lost."""
    config = facts.built.config
    has_needs = config.health_check or rewrite.users or config.user not in ROOT_NAMES
    # A copy that moved to the last stage may be into the folder.
    if has_needs or rewrite.moved_copies:
        return None
    service = find_service(facts, startup)
    return NginxStage(facts, startup, rewrite, hints, service) if service else None
