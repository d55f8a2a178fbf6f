-- Causes of what went wrong, what the market decided about each, and what belongs to which
-- depends: 0088_complaints 0089_reports
-- migrate: apply
create table justice.causes (
  id bigint primary key, title text not null, title_zh text not null default '',
  decision text check (decision in ('rule', 'change', 'none')), words text not null default '',
  words_zh text not null default '', link text not null default '', made_at timestamptz not null,
  decided_at timestamptz, decided_by bigint, version int not null default 1,
  constraint a_decision_has_its_words check ((decision is null) = (words = '') and (decision is null) = (decided_at is null))
);
comment on table justice.causes is 'reference: why things went wrong, and what the market decided: a rule, a change, or none, because';
comment on column justice.causes.decided_by is 'personal: who of the staff decided';

create table justice.cause_links (
  bucket smallint not null, kind text not null check (kind in ('complaint', 'report', 'ticket', 'dispute')),
  subject_id bigint not null, cause_id bigint not null, linked_at timestamptz not null, linked_by bigint,
  primary key (bucket, kind, subject_id)
);
comment on table justice.cause_links is 'sharded by what is closed: which cause a closed complaint, report, ticket or dispute belongs to';
comment on column justice.cause_links.linked_by is 'personal: who of the staff linked it';
create index cause_links_by_cause on justice.cause_links (cause_id, linked_at desc);

-- migrate: rollback
drop table justice.cause_links;
drop table justice.causes;
