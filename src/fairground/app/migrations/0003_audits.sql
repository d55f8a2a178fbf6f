-- Results of audits, kept so that the desk can show the last ones
-- depends: 0001_kit
-- migrate: apply
create table kit.audits (
  id bigint primary key, at timestamptz not null, milliseconds int not null check (milliseconds >= 0),
  clean boolean not null, findings jsonb not null,
  constraint clean_without_findings check (clean = (jsonb_array_length(findings) = 0))
);
comment on table kit.audits is 'reference: what each audit of the whole market found';
create index audits_by_moment on kit.audits (at desc, id desc);

-- migrate: rollback
drop table kit.audits;
