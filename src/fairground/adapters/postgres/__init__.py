"""The embedded PostgreSQL: a database that comes with `pip` and lives and dies with the market.

Owns: `postgres*` inside the data folder: the cluster, its password, its settings, its log, its lock.
Promises: one server per data folder; what was committed survives the kill of either side; as root the server runs
    as an unprivileged user, and no folder but the data folder is changed; no server outlives its market for long.
Begin at: `embedded.EmbeddedPostgres`, `running.running_dsn`, `binaries.tool_path`, `folder.default_data_dir`.
"""
