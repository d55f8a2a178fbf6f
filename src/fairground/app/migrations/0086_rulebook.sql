-- The rule book: rules with their versions in both languages, consultations, votes and comments
-- depends: 0001_kit
-- migrate: apply
create schema if not exists justice;

create table justice.rules (
  key text primary key check (key ~ '^[a-z]+(\.[a-z_]+)+$'), part text not null, position int not null,
  created_at timestamptz not null
);
comment on table justice.rules is 'reference: the rules of the market by their stable keys; the row is the lock of what is in force';

create table justice.rule_versions (
  id bigint primary key, key text not null references justice.rules (key), version int not null check (version > 0),
  title_en text not null check (title_en <> ''), title_zh text not null check (title_zh <> ''),
  text_en text not null check (text_en <> ''), text_zh text not null check (text_zh <> ''),
  why_en text not null check (why_en <> ''), why_zh text not null check (why_zh <> ''),
  numbers jsonb not null default '{}',
  opened_at timestamptz, closes_at timestamptz, closed_at timestamptz,
  yes int check (yes >= 0), no int check (no >= 0), refused boolean,
  in_force_at timestamptz, emergency_until timestamptz, emergency_reason text not null default '',
  ended_at timestamptz, ended_by_version int, dropped_at timestamptz,
  created_by bigint, created_at timestamptz not null, changed_at timestamptz not null,
  constraint one_text_of_a_version unique (key, version),
  constraint no_rule_without_its_people check (
    in_force_at is null or (closed_at is not null and not refused) or emergency_until is not null),
  constraint an_emergency_ends_and_says_why check (
    emergency_until is null or (in_force_at is not null and emergency_until > in_force_at and emergency_reason <> '')),
  constraint a_consultation_has_its_end check (
    (opened_at is null) = (closes_at is null) and (closes_at is null or closes_at > opened_at)),
  constraint a_closed_consultation_was_counted check (
    num_nonnulls(closed_at, yes, no, refused) in (0, 4) and (closed_at is null or closed_at > opened_at)),
  constraint only_what_was_in_force_ends check (ended_at is null or (in_force_at is not null and ended_at >= in_force_at)),
  constraint what_is_dropped_is_not_in_force check (dropped_at is null or in_force_at is null)
);
comment on table justice.rule_versions is 'reference: texts of the rules from draft to end; numbers = the settings they name, as they were';
comment on column justice.rule_versions.created_by is 'personal: who of the staff drafted it';
create unique index one_version_in_force on justice.rule_versions (key) where in_force_at is not null and ended_at is null;
create index rule_versions_open on justice.rule_versions (closes_at) where opened_at is not null and closed_at is null;

create table justice.rule_votes (
  bucket smallint not null, person_id bigint not null, version_id bigint not null,
  vote text not null check (vote in ('yes', 'no')), voted_at timestamptz not null,
  primary key (bucket, person_id, version_id)
);
comment on table justice.rule_votes is 'sharded by person: one vote of each account on each draft';
comment on column justice.rule_votes.person_id is 'personal: who voted';
create index rule_votes_of_version on justice.rule_votes (version_id);

create table justice.rule_comments (
  bucket smallint not null, id bigint not null, version_id bigint not null, person_id bigint,
  shown_name text not null, words text not null check (words <> ''), written_at timestamptz not null,
  hidden_at timestamptz, hidden_reason text not null default '',
  primary key (bucket, id),
  constraint a_hidden_comment_says_why check ((hidden_at is null) = (hidden_reason = ''))
);
comment on table justice.rule_comments is 'sharded by person: what people say of drafts';
comment on column justice.rule_comments.person_id is 'personal: who wrote it, null once the account is closed';
comment on column justice.rule_comments.shown_name is 'personal: the first sign of the name, empty once the account is closed';
comment on column justice.rule_comments.words is 'personal: what was written';
create index rule_comments_of_version on justice.rule_comments (version_id, id desc);
create index rule_comments_of_person on justice.rule_comments (bucket, person_id, version_id);

-- migrate: rollback
drop table justice.rule_comments;
drop table justice.rule_votes;
drop table justice.rule_versions;
drop table justice.rules;
