-- Promotions: coupons of shops, who took and used them, wallets
-- depends: 0001_kit
-- migrate: apply
create schema promotions;

create table promotions.coupons (
  bucket smallint not null, id bigint not null, shop_id bigint not null,
  title text not null check (title <> ''), code text check (code <> ''),
  amount_off bigint check (amount_off > 0),
  percent_off int check (percent_off between 1 and 10000), cap bigint check (cap > 0),
  threshold bigint not null check (threshold >= 0), currency text not null check (length(currency) = 3),
  product_ids bigint[] check (cardinality(product_ids) > 0),
  starts_at timestamptz not null, ends_at timestamptz not null check (ends_at > starts_at),
  total_limit int check (total_limit > 0), per_person_limit int not null check (per_person_limit > 0),
  borne_by_market int not null check (borne_by_market between 0 and 10000),
  state text not null check (state in ('open', 'stopped')),
  taken_count int not null default 0, used_count int not null default 0,
  created_at timestamptz not null, created_by bigint, stopped_at timestamptz,
  primary key (bucket, id),
  check ((amount_off is null) <> (percent_off is null)),
  check (cap is null or percent_off is not null),
  check ((state = 'stopped') = (stopped_at is not null)),
  constraint used_within_taken check (used_count between 0 and taken_count),
  constraint taken_within_limit check (total_limit is null or taken_count <= total_limit)
);
comment on table promotions.coupons is 'sharded by shop: coupons with their counters; the row is the lock of all counting';
comment on column promotions.coupons.created_by is 'personal: who of the shop made it';
create unique index coupon_codes on promotions.coupons (bucket, shop_id, code) where state = 'open';
create index coupons_of_shop on promotions.coupons (bucket, shop_id, id);
create index coupons_open on promotions.coupons (bucket, shop_id, ends_at) where state = 'open';

create table promotions.holders (
  bucket smallint not null, coupon_id bigint not null, person_id bigint not null,
  taken int not null, used int not null default 0, at_most int not null,
  primary key (bucket, coupon_id, person_id),
  foreign key (bucket, coupon_id) references promotions.coupons (bucket, id),
  constraint holder_used_within_taken check (used between 0 and taken),
  constraint holder_taken_within_limit check (taken <= at_most)
);
comment on table promotions.holders is 'sharded by shop: how many of a coupon one person took and used; at_most is the limit';
comment on column promotions.holders.person_id is 'personal: who took the coupon';

create table promotions.uses (
  bucket smallint not null, coupon_id bigint not null, use_id bigint not null, person_id bigint not null,
  amount bigint not null check (amount >= 0), currency text not null check (length(currency) = 3),
  used_at timestamptz not null, returned_at timestamptz,
  primary key (bucket, coupon_id, use_id),
  foreign key (bucket, coupon_id) references promotions.coupons (bucket, id)
);
comment on table promotions.uses is 'sharded by shop: a coupon used for an order (use_id); returned_at set = it came back';
comment on column promotions.uses.person_id is 'personal: who used the coupon';

create table promotions.wallets (
  bucket smallint not null, person_id bigint not null, coupon_id bigint not null, shop_id bigint not null,
  taken int not null, used int not null check (used between 0 and taken),
  starts_at timestamptz not null, ends_at timestamptz not null, coupon jsonb not null,
  primary key (bucket, person_id, coupon_id)
);
comment on table promotions.wallets is 'sharded by person: copy of what a person holds, with the terms, which never change';
comment on column promotions.wallets.person_id is 'personal: whose wallet it is';
create index wallets_by_end on promotions.wallets (bucket, person_id, ends_at, coupon_id);

create table promotions.wallet_uses (
  bucket smallint not null, use_id bigint not null, coupon_id bigint not null, person_id bigint not null,
  amount bigint not null check (amount >= 0), currency text not null check (length(currency) = 3),
  used_at timestamptz not null,
  primary key (bucket, use_id, coupon_id)
);
comment on table promotions.wallet_uses is 'sharded by person: copy of the uses that stand, so that an order finds its coupons';
comment on column promotions.wallet_uses.person_id is 'personal: who used the coupon';

-- migrate: rollback
drop schema promotions cascade;
