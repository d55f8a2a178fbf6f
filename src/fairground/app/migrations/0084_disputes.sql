-- Disputes, what both sides say, rulings; and precedents, which everybody may read
-- depends: 0001_kit
-- migrate: apply
create schema if not exists justice;

create table justice.disputes (
  bucket smallint not null, id bigint not null,
  case_id bigint not null, order_id bigint not null, buyer_id bigint not null, shop_id bigint not null,
  kind text not null check (kind in ('refund', 'return', 'exchange')),
  claimed bigint not null check (claimed >= 0), currency text not null check (length(currency) = 3),
  state text not null check (state in ('evidence', 'deciding', 'jury', 'decided', 'appealed', 'final')),
  round smallint not null default 1 check (round >= 1), round_ends_at timestamptz not null,
  buyer_done boolean not null default false, shop_done boolean not null default false,
  buyer_wants_jury boolean not null default false, shop_wants_jury boolean not null default false,
  is_senior boolean not null default false, staff_by timestamptz,
  opened_at timestamptz not null, rule_by timestamptz not null,
  decided_at timestamptz, appeal_by timestamptz,
  appealed_by text check (appealed_by in ('buyer', 'shop')), appealed_at timestamptz,
  appeal_words text not null default '',
  refund bigint not null default 0, to_return boolean not null default false,
  outcome text check (outcome in ('full', 'part', 'none', 'market_paid', 'settled', 'withdrawn')),
  final_at timestamptz, version int not null default 1,
  primary key (bucket, id),
  constraint never_more_than_was_claimed check (refund between 0 and claimed),
  constraint goods_go_back_for_money check (not to_return or refund > 0),
  constraint an_end_has_an_outcome check ((state = 'final') = (outcome is not null) and (outcome is null) = (final_at is null)),
  constraint a_ruling_may_be_appealed_against check (state <> 'decided' or (decided_at is not null and appeal_by is not null)),
  constraint an_appeal_has_a_side check ((appealed_at is null) = (appealed_by is null)),
  constraint an_appeal_follows_a_ruling check (state <> 'appealed' or (appealed_at is not null and decided_at is not null)),
  constraint the_staff_has_a_clock check ((state in ('deciding', 'appealed')) = (staff_by is not null)),
  constraint a_jury_was_chosen_by_both check (state <> 'jury' or (buyer_wants_jury and shop_wants_jury))
);
comment on table justice.disputes is 'sharded by person: escalated cases; refund and to_return are what the last ruling says';
comment on column justice.disputes.buyer_id is 'personal: whose order it is';
comment on column justice.disputes.appeal_words is 'personal: why a side is not content';
create unique index disputes_open_of_case on justice.disputes (bucket, case_id) where state <> 'final';
create index disputes_of_case on justice.disputes (bucket, case_id, id desc);
create index disputes_of_buyer on justice.disputes (bucket, buyer_id, id desc);
create index disputes_of_shop on justice.disputes (shop_id, id desc);
create index disputes_waiting on justice.disputes (staff_by, id) where state in ('deciding', 'appealed');
create index disputes_open on justice.disputes (opened_at, id) where state <> 'final';
create index disputes_ended on justice.disputes (final_at desc, id desc) where state = 'final';

create table justice.statements (
  bucket smallint not null, dispute_id bigint not null, number smallint not null,
  side text not null check (side in ('buyer', 'shop')), person_id bigint not null, round smallint not null,
  words text not null check (words <> ''), pictures bigint[] not null default '{}', at timestamptz not null,
  primary key (bucket, dispute_id, number)
);
comment on table justice.statements is 'sharded by person: what both sides say in a dispute, and show';
comment on column justice.statements.person_id is 'personal: who said it';
comment on column justice.statements.words is 'personal: what was said';
create index statements_of_person on justice.statements (person_id);
create index statements_with_picture on justice.statements using gin (pictures);

create table justice.rulings (
  bucket smallint not null, dispute_id bigint not null, stage smallint not null check (stage in (1, 2)),
  decider text not null check (decider in ('staff', 'jury', 'silence')), decided_by bigint,
  refund bigint not null check (refund >= 0), to_return boolean not null,
  rule_key text not null, reasons text not null check (reasons <> ''), at timestamptz not null,
  primary key (bucket, dispute_id, stage),
  constraint only_staff_has_a_name check ((decider = 'staff') = (decided_by is not null))
);
comment on table justice.rulings is 'sharded by person: what was decided, by which rule and why; stage 2 after an appeal';
comment on column justice.rulings.decided_by is 'personal: who of the staff decided';

create table justice.precedents (
  bucket smallint not null, id bigint not null, source_id bigint not null,
  source text not null check (source in ('case', 'dispute')),
  kind text not null check (kind in ('refund', 'return', 'exchange')),
  state text not null default 'draft' check (state in ('draft', 'published', 'withheld')),
  rule_key text not null, outcome text not null, decider text not null, language text not null,
  title text not null, story text not null, reasons text not null,
  claimed bigint not null, refund bigint not null, currency text not null check (length(currency) = 3),
  happened_on date not null, made_at timestamptz not null,
  checked_by bigint, checked_at timestamptz, withheld_because text not null default '', version int not null default 1,
  primary key (bucket, id),
  constraint one_precedent_of_a_thing unique (bucket, source_id),
  constraint somebody_looked check ((state = 'draft') = (checked_at is null) and (checked_at is null) = (checked_by is null)),
  constraint withholding_has_a_reason check ((state = 'withheld') = (withheld_because <> ''))
);
comment on table justice.precedents is 'sharded by person: what was decided, without persons; public once somebody of the staff has looked';
comment on column justice.precedents.source_id is 'personal: the case or dispute it came from; never shown';
comment on column justice.precedents.checked_by is 'personal: who of the staff has looked';
create index precedents_drafts on justice.precedents (made_at, id) where state = 'draft';
create index precedents_public on justice.precedents (checked_at desc, id desc) where state = 'published';
create index precedents_of_rule on justice.precedents (rule_key, checked_at desc, id desc) where state = 'published';

-- migrate: rollback
drop table justice.precedents;
drop table justice.rulings;
drop table justice.statements;
drop table justice.disputes;
