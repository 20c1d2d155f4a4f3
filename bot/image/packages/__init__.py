"""Package databases: whose a file is. One ecosystem, one file; reading.py knows them all."""
