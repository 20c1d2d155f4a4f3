"""Which libraries programs load, and whether an image has them.

What an ELF file asks for is read by image/elves.py; here it is held against a tree.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Elf:
    """What the loader is told by one program or library.

    `interpreter` is empty for a static program and for a library; `needed` are sonames; `search` the
    RUNPATH or RPATH, `$ORIGIN` as written; `wants` the versions by library (`libc.so.6` ->
    `GLIBC_2.34`), `offers` those that it defines itself. `machine` is ELF's own name, `EM_X86_64`.
    """

    interpreter: str = ""
    needed: tuple[str, ...] = ()
    search: tuple[str, ...] = ()
    soname: str = ""
    wants: tuple[tuple[str, str], ...] = ()
    offers: tuple[str, ...] = ()
    machine: str = ""
    is_program: bool = False

    @property
    def is_static(self) -> bool:
        """Whether it needs nothing but the kernel."""
        return not self.interpreter and not self.needed
