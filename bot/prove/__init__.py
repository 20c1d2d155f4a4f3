"""What speaks against a rewritten image: one check a file, each pure, each giving `Objection`s."""
