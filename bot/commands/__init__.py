"""The commands, one file each or two of a kind: arguments in, an exit status out."""
