"""The folder of a scan: rows, shards, ledger and lock; whole after any interruption."""
