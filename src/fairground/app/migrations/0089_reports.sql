-- Reports of listings, shops, reviews and conversations, gathered by what they are about
-- depends: 0084_disputes
-- migrate: apply
create table justice.reported (
  bucket smallint not null, id bigint not null,
  kind text not null check (kind in ('product', 'shop', 'review', 'message')), subject_id bigint not null,
  shop_id bigint, person_id bigint, title text not null,
  state text not null check (state in ('open', 'closed')), reports int not null check (reports > 0),
  first_at timestamptz not null, last_at timestamptz not null,
  outcome text check (outcome in ('dismiss', 'warn', 'hide', 'remove')), reason text not null default '',
  decided_by bigint, decided_at timestamptz, version int not null default 1,
  primary key (bucket, id),
  constraint an_end_has_outcome_and_reason check ((state = 'closed') = (outcome is not null)
    and (outcome is null) = (decided_at is null) and (outcome is null) = (reason = ''))
);
comment on table justice.reported is 'sharded by what is reported: all open reports of one thing together, and what the desk decided';
comment on column justice.reported.person_id is 'personal: who wrote what is reported, where a person did';
comment on column justice.reported.title is 'personal: what is reported, in a few words';
comment on column justice.reported.decided_by is 'personal: who of the staff decided';
create unique index one_open_pile_for_a_thing on justice.reported (bucket, kind, subject_id) where state = 'open';
create index reported_waiting on justice.reported (first_at, id) where state = 'open';
create index reported_closed on justice.reported (decided_at desc, id desc) where state = 'closed';

create table justice.reports (
  bucket smallint not null, pile_id bigint not null, person_id bigint not null,
  why text not null check (why in ('forbidden', 'misleading', 'unsafe', 'offensive', 'spam', 'other')),
  words text not null, made_at timestamptz not null,
  primary key (bucket, pile_id, person_id)
);
comment on table justice.reports is 'sharded by what is reported: one report of each person in a pile';
comment on column justice.reports.person_id is 'personal: who reports';
comment on column justice.reports.words is 'personal: what they wrote';

create table justice.reporters (
  bucket smallint not null, person_id bigint not null, pile_id bigint not null, made_at timestamptz not null,
  primary key (bucket, person_id, pile_id)
);
comment on table justice.reporters is 'sharded by person: what somebody has reported';
comment on column justice.reporters.person_id is 'personal: who reports';

-- migrate: rollback
drop table justice.reporters;
drop table justice.reports;
drop table justice.reported;
