"""The ecosystems in the order in which they are tried: compiled before interpreted ones."""

from bot.rewrite.ecosystem import Ecosystem
from bot.rewrite.ecosystems import (
    c,
    dotnet,
    elixir,
    frontend,
    go,
    java,
    node,
    php,
    python,
    ruby,
    rust,
)

# An own ELF file is more certain than the name of an interpreter; of those, C has no mark, so that
# Go and Rust come before it. A front end is served by Node, and is no Node server.
ECOSYSTEMS: tuple[Ecosystem, ...] = tuple(
    module.ECOSYSTEM
    for module in (go, rust, c, java, dotnet, elixir, frontend, node, python, ruby, php)
)
