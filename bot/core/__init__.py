"""The pure middle: nouns, sizes and decisions. Standard library only; no clock, no environment."""
