-- The ground floor: leases, outbox, deadlines, idempotency keys
-- depends:
-- migrate: apply
create schema kit;

create table kit.leases (
  kind text not null, range smallint not null, holder text not null, until timestamptz not null,
  primary key (kind, range)
);
comment on table kit.leases is 'reference: who sweeps which range of buckets, until when';

create table kit.processes (
  number smallint primary key check (number between 0 and 63), holder text not null, until timestamptz not null
);
comment on table kit.processes is 'reference: process numbers for ids, leased';
insert into kit.processes select n, '', timestamptz '2026-01-01 00:00:00+00' from generate_series(0, 63) n;

create table kit.outbox (
  bucket smallint not null, id bigint not null, name text not null, subject bigint not null, version int not null,
  body jsonb not null, at timestamptz not null,
  primary key (bucket, id)
);
comment on table kit.outbox is 'sharded by subject: events not yet heard by all';
create index outbox_by_moment on kit.outbox (at, bucket);

create table kit.heard (
  bucket smallint not null, event_id bigint not null, consumer text not null, at timestamptz not null,
  attempts int not null default 0, retry_at timestamptz, error text,
  primary key (bucket, event_id, consumer)
);
comment on table kit.heard is 'sharded by subject: who has heard which waiting event; retry_at set = not yet, it failed';

create table kit.event_log (
  bucket smallint not null, id bigint not null, name text not null, subject bigint not null, version int not null,
  body jsonb not null, at timestamptz not null,
  primary key (bucket, at, id)
) partition by range (at);
comment on table kit.event_log is 'sharded by subject: events heard by all, by month, kept two years';
create table kit.event_log_rest partition of kit.event_log default;
comment on table kit.event_log_rest is 'sharded by subject: events outside the months made so far';

create table kit.deadlines (
  bucket smallint not null, kind text not null, subject bigint not null, due_at timestamptz not null,
  reason text not null, attempts int not null default 0, error text,
  primary key (bucket, subject, kind)
);
comment on table kit.deadlines is 'sharded by subject: what falls due, when and why';
create index deadlines_due on kit.deadlines (due_at, bucket);

create table kit.idempotency (
  bucket smallint not null, owner bigint not null, key text not null, print bytea not null,
  status smallint, answer jsonb, at timestamptz not null,
  primary key (bucket, owner, key)
);
comment on table kit.idempotency is 'sharded by owner: keys of successful requests with their answers, 7 days';
comment on column kit.idempotency.answer is 'personal: what was answered to the owner';
create index idempotency_by_age on kit.idempotency (at);

create table kit.timers (
  name text primary key, last_run timestamptz, last_done bigint not null default 0, error text
);
comment on table kit.timers is 'reference: when each timer of the market last ran, for doctor and metrics';

-- migrate: rollback
drop schema kit cascade;
