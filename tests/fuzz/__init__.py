"""Mutated inputs for every reader of bytes that others wrote: each ends in a value or in its own error.

`readers.py` lists the readers with their errors, `examples.py` makes inputs that are right,
`mutations.py` breaks them, `worker.py` feeds one reader in a process of its own, and `__main__.py`
starts these within bounds of memory and time. What once failed is kept in `seeds/`.
"""
