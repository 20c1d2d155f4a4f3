"""How GitHub shows what it knows: each function gives the JSON object of one of its schemas."""
