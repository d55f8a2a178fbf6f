-- Juries: who may sit, practice, drawn seats, votes
-- depends: 0084_disputes
-- migrate: apply
create table justice.jurors (
  bucket smallint not null, person_id bigint not null, attempt smallint not null default 1 check (attempt > 0),
  is_ready boolean not null default false, rests_until timestamptz, joined_at timestamptz not null, left_at timestamptz,
  primary key (bucket, person_id),
  constraint who_rests_or_left_is_not_ready check (not is_ready or (rests_until is null and left_at is null))
);
comment on table justice.jurors is 'sharded by person: who wants to sit on juries; attempt counts the rounds of practice';
comment on column justice.jurors.person_id is 'personal: who it is';
create index jurors_ready on justice.jurors (person_id) where is_ready;

create table justice.known_answers (
  bucket smallint not null, person_id bigint not null, attempt smallint not null, case_key text not null,
  verdict text not null check (verdict in ('buyer', 'shop')), was_right boolean not null, answered_at timestamptz not null,
  primary key (bucket, person_id, attempt, case_key)
);
comment on table justice.known_answers is 'sharded by person: how somebody judged cases whose end is known: practice, and juries corrected on appeal';
comment on column justice.known_answers.person_id is 'personal: who judged';

create table justice.juries (
  bucket smallint not null, dispute_id bigint not null, buyer_id bigint not null, shop_id bigint not null,
  file jsonb not null, to_return boolean not null, claimed bigint not null, seats smallint not null check (seats > 0),
  state text not null default 'open' check (state in ('open', 'decided', 'failed')),
  for_buyer smallint not null default 0 check (for_buyer >= 0), for_shop smallint not null default 0 check (for_shop >= 0),
  seed text not null, pool bigint[] not null, drawn bigint[] not null, passed_over jsonb not null,
  opened_at timestamptz not null, closes_at timestamptz not null check (closes_at > opened_at), ended_at timestamptz,
  primary key (bucket, dispute_id),
  constraint no_more_votes_than_seats check (for_buyer + for_shop <= seats),
  constraint decided_by_most_of_the_seats check (state <> 'decided' or greatest(for_buyer, for_shop) * 2 > seats),
  constraint an_end_has_its_moment check ((state = 'open') = (ended_at is null)),
  constraint an_open_jury_is_full check (state = 'failed' or cardinality(drawn) = seats)
);
comment on table justice.juries is 'sharded by person: the jury of a dispute; seed, pool, drawn and passed_over let anybody at the desk draw again';
comment on column justice.juries.buyer_id is 'personal: whose dispute it is';
comment on column justice.juries.pool is 'personal: who could have been drawn';
comment on column justice.juries.drawn is 'personal: who was drawn';
comment on column justice.juries.passed_over is 'personal: who was drawn and could not sit, with the reason';

create table justice.seats (
  bucket smallint not null, dispute_id bigint not null, juror_id bigint not null,
  verdict text check (verdict in ('buyer', 'shop')), reason text not null default '', voted_at timestamptz,
  primary key (bucket, dispute_id, juror_id),
  foreign key (bucket, dispute_id) references justice.juries (bucket, dispute_id),
  constraint a_vote_has_its_reason check ((verdict is null) = (reason = '') and (verdict is null) = (voted_at is null))
);
comment on table justice.seats is 'sharded by person: the seats of a jury and how each voted; never shown to the parties by name';
comment on column justice.seats.juror_id is 'personal: who sits there';
comment on column justice.seats.reason is 'personal: why, in the juror''s words';

create table justice.summons (
  bucket smallint not null, person_id bigint not null, dispute_id bigint not null, closes_at timestamptz not null,
  primary key (bucket, person_id, dispute_id)
);
comment on table justice.summons is 'sharded by juror: a copy of the seats, to find the cases of a juror';
comment on column justice.summons.person_id is 'personal: who sits there';

-- migrate: rollback
drop table justice.summons;
drop table justice.seats;
drop table justice.juries;
drop table justice.known_answers;
drop table justice.jurors;
