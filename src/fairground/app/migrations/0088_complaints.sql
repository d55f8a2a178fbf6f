-- Complaints about rights, the standing of those who complain, the ladder of shops; what the market keeps off sale
-- depends: 0028_catalog 0084_disputes
-- migrate: apply
alter table catalog.products add column held boolean not null default false;

create table catalog.holds (
  bucket smallint not null, product_id bigint not null, held_by bigint not null,
  was_on_sale boolean not null, reason text not null, held_at timestamptz not null,
  primary key (bucket, product_id, held_by)
);
comment on table catalog.holds is 'sharded by shop: what the market keeps off sale, for whose sake; while one stands the shop cannot list it';

create table catalog.watched_shops (
  bucket smallint not null, shop_id bigint not null, is_dimmed boolean not null default false,
  since timestamptz not null,
  primary key (bucket, shop_id)
);
comment on table catalog.watched_shops is 'sharded by shop: shops whose new listings the desk looks at first; dimmed ones stand further below in search';

create table justice.complaints (
  bucket smallint not null, id bigint not null, shop_id bigint not null, complainant_id bigint not null,
  kind text not null check (kind in ('counterfeit', 'trademark', 'copyright', 'patent')),
  owner text not null, registration text not null, words text not null,
  product_ids bigint[] not null check (cardinality(product_ids) between 1 and 100), titles text[] not null,
  state text not null check (state in ('opened', 'checking', 'upheld', 'rejected', 'appealed', 'withdrawn', 'lapsed')),
  is_fast boolean not null, made_at timestamptz not null, counter_by timestamptz not null,
  counter_words text not null default '', countered_by bigint, countered_at timestamptz,
  decide_by timestamptz, decided_at timestamptz, decided_by bigint, reason text not null default '',
  appeal_by timestamptz, appealed_at timestamptz, appeal_words text not null default '', first_upheld boolean,
  first_decided_by bigint, closed_at timestamptz, version int not null default 1,
  primary key (bucket, id),
  constraint a_title_for_each_listing check (cardinality(titles) = cardinality(product_ids)),
  constraint a_counter_says_something check ((countered_at is null) = (counter_words = '')),
  constraint an_appeal_says_something check ((appealed_at is null) = (appeal_words = '')),
  constraint an_appeal_follows_a_decision check (appealed_at is null or first_upheld is not null),
  constraint what_is_appealed_was_appealed check (state <> 'appealed' or appealed_at is not null),
  constraint a_decision_has_a_reason check ((decided_at is null) = (reason = '')),
  constraint what_was_decided_has_its_day check (state not in ('upheld', 'rejected', 'appealed') or decided_at is not null),
  constraint an_end_has_its_day check ((state in ('upheld', 'rejected', 'withdrawn', 'lapsed')) = (closed_at is not null)),
  constraint nobody_decides_both_times check (appealed_at is null or state = 'appealed' or decided_by <> first_decided_by)
);
comment on table justice.complaints is 'sharded by shop: complaints that a listing breaks a right; times decide, silence too';
comment on column justice.complaints.complainant_id is 'personal: who complains';
comment on column justice.complaints.owner is 'personal: whose right it is, a company or a person';
comment on column justice.complaints.words is 'personal: what the complainant wrote';
comment on column justice.complaints.counter_words is 'personal: what the shop wrote';
comment on column justice.complaints.countered_by is 'personal: who of the shop wrote it';
comment on column justice.complaints.decided_by is 'personal: who of the staff decided; none where silence did';
comment on column justice.complaints.first_decided_by is 'personal: who of the staff decided first';
comment on column justice.complaints.appeal_words is 'personal: what the appeal says';
create index complaints_of_shop on justice.complaints (bucket, shop_id, id desc);
create index complaints_waiting on justice.complaints (decide_by, id) where state in ('checking', 'appealed');
create index complaints_opened on justice.complaints (counter_by, id) where state = 'opened';
create index complaints_closed on justice.complaints (closed_at desc, id desc) where closed_at is not null;

create table justice.proofs (
  bucket smallint not null, media_id bigint not null, complaint_id bigint not null, shop_id bigint not null,
  complainant_id bigint not null, side text not null check (side in ('complainant', 'shop')),
  primary key (bucket, media_id)
);
comment on table justice.proofs is 'sharded by who brought it: private pictures that both sides of a complaint and the desk may see';
comment on column justice.proofs.complainant_id is 'personal: who complains';
create index proofs_of_complaint on justice.proofs (complaint_id);

create table justice.complainants (
  bucket smallint not null, person_id bigint not null, is_fast boolean not null default false, lost_until timestamptz,
  primary key (bucket, person_id)
);
comment on table justice.complainants is 'sharded by person: who has the fast lane, and until when it is lost';
comment on column justice.complainants.person_id is 'personal: who complains';

create table justice.complaint_records (
  bucket smallint not null, person_id bigint not null, complaint_id bigint not null, made_at timestamptz not null,
  closed_at timestamptz, upheld boolean, countered boolean not null default false,
  primary key (bucket, person_id, complaint_id)
);
comment on table justice.complaint_records is 'sharded by person: somebody''s complaints and what came of them; upheld is empty where nobody decided';
comment on column justice.complaint_records.person_id is 'personal: who complained';

create table justice.strikes (
  bucket smallint not null, shop_id bigint not null, complaint_id bigint not null,
  points smallint not null check (points > 0), given_at timestamptz not null, until timestamptz not null,
  lifted_at timestamptz,
  primary key (bucket, shop_id, complaint_id),
  constraint a_strike_fades check (until > given_at)
);
comment on table justice.strikes is 'sharded by shop: points for complaints upheld; each fades by itself, and an appeal lifts it';

create table justice.standings (
  bucket smallint not null, shop_id bigint not null,
  step text not null check (step in ('none', 'warning', 'limits', 'exposure', 'suspension')),
  points int not null check (points >= 0), since timestamptz not null,
  suspended_until timestamptz, served_points int not null default 0, version int not null default 1,
  primary key (bucket, shop_id)
);
comment on table justice.standings is 'sharded by shop: where a shop stands on the ladder; served_points: at how many a suspension was served';

-- migrate: rollback
drop table justice.standings;
drop table justice.strikes;
drop table justice.complaint_records;
drop table justice.complainants;
drop table justice.proofs;
drop table justice.complaints;
drop table catalog.watched_shops;
drop table catalog.holds;
alter table catalog.products drop column held;
