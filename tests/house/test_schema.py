"""The rules that keep one schema running from a laptop to a cluster."""

import asyncpg

KINDS = ("sharded by ", "reference: ", "lookup: ", "sharded as a lookup")
# The job queue library's own tables and the migration runner's.
STRANGERS = ("public",)


async def test_every_table_says_whether_it_is_sharded(dsn: str) -> None:
    rows = await _fetch(
        dsn,
        """
        select n.nspname || '.' || c.relname as name, obj_description(c.oid) as comment
          from pg_class c join pg_namespace n on n.oid = c.relnamespace
         where c.relkind in ('r', 'p') and n.nspname !~ '^pg_' and n.nspname <> 'information_schema'
           and n.nspname <> all($1::text[])
        """,
        list(STRANGERS),
    )
    assert rows
    wrong = [row["name"] for row in rows if not (row["comment"] or "").startswith(KINDS)]
    assert not wrong, wrong


async def test_keys_of_sharded_tables_begin_with_the_bucket(dsn: str) -> None:
    rows = await _fetch(
        dsn,
        """
        select n.nspname || '.' || c.relname as name, i.relname as key,
               (select a.attname from pg_attribute a where a.attrelid = c.oid and a.attnum = x.indkey[0]) as first
          from pg_index x join pg_class c on c.oid = x.indrelid join pg_class i on i.oid = x.indexrelid
          join pg_namespace n on n.oid = c.relnamespace
         where (x.indisunique or x.indisprimary) and obj_description(c.oid) like 'sharded by %'
           and n.nspname <> all($1::text[])
        """,
        list(STRANGERS),
    )
    wrong = [(row["name"], row["key"]) for row in rows if row["first"] != "bucket"]
    assert rows
    assert not wrong, wrong


async def test_every_sharded_table_has_a_primary_key(dsn: str) -> None:
    rows = await _fetch(
        dsn,
        """
        select n.nspname || '.' || c.relname as name from pg_class c join pg_namespace n on n.oid = c.relnamespace
         where c.relkind in ('r', 'p') and n.nspname !~ '^pg_' and n.nspname <> 'information_schema'
           and not exists (select 1 from pg_index x where x.indrelid = c.oid and x.indisprimary)
           and not c.relispartition
        """,
    )
    assert not [row["name"] for row in rows]


async def test_foreign_keys_stay_within_their_room_and_bucket(dsn: str) -> None:
    rows = await _fetch(
        dsn,
        """
        select c.conname, a.relname as source, an.nspname as room, bn.nspname as other_room,
               obj_description(b.oid) as target_kind,
               (select attname from pg_attribute where attrelid = c.conrelid and attnum = c.conkey[1]) as first
          from pg_constraint c join pg_class a on a.oid = c.conrelid join pg_class b on b.oid = c.confrelid
          join pg_namespace an on an.oid = a.relnamespace join pg_namespace bn on bn.oid = b.relnamespace
         where c.contype = 'f' and an.nspname <> all($1::text[])
        """,
        list(STRANGERS),
    )
    wrong = [
        row["conname"]
        for row in rows
        if row["room"] != row["other_room"]
        or (not (row["target_kind"] or "").startswith("reference") and row["first"] != "bucket")
    ]
    assert not wrong, wrong


async def test_nothing_needs_an_extension_a_trigger_or_a_sequence_of_ours(dsn: str) -> None:
    extensions = await _fetch(dsn, "select extname from pg_extension where extname <> 'plpgsql'")
    triggers = await _fetch(dsn, "select tgname from pg_trigger where not tgisinternal")
    sequences = await _fetch(
        dsn, "select sequencename from pg_sequences where schemaname <> all($1::text[])", list(STRANGERS)
    )
    assert not extensions
    assert not triggers
    assert not sequences


async def _fetch(dsn: str, sql: str, *args: object) -> list[asyncpg.Record]:
    conn = await asyncpg.connect(dsn)
    try:
        return list(await conn.fetch(sql, *args))
    finally:
        await conn.close()
