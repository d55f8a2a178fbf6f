-- After-sale: cases of orders, what was said and done in each, the shops' copies
-- depends: 0042_orders
-- migrate: apply
create schema aftersale;

create table aftersale.cases (
  bucket smallint not null, id bigint not null, order_id bigint not null, number bigint not null,
  buyer_id bigint not null, shop_id bigint not null,
  kind text not null check (kind in ('refund', 'return', 'exchange')), reason text not null,
  state text not null check (state in ('opened', 'agreed', 'refused', 'return_shipped', 'return_received',
                                       'return_refused', 'escalated', 'refunded', 'exchanged', 'closed')),
  version int not null default 1,
  positions jsonb not null check (jsonb_typeof(positions) = 'array' and jsonb_array_length(positions) > 0),
  amount bigint not null check (amount > 0), currency text not null check (length(currency) = 3),
  stage text not null check (stage in ('unshipped', 'shipped', 'received')),
  bearer text not null check (bearer in ('buyer', 'shop')),
  revisions smallint not null default 0 check (revisions >= 0),
  goods_back boolean not null default false, ruled boolean not null default false,
  clock_left interval, return_address jsonb, parcel_id bigint, replacement jsonb,
  refunded bigint not null default 0 check (refunded >= 0),
  outcome text check (outcome in ('agreed', 'silence', 'ruled', 'market_paid', 'exchanged', 'withdrawn', 'expired',
                                  'order_closed')),
  opened_at timestamptz not null, due_at timestamptz, end_by timestamptz not null, ended_at timestamptz,
  changed_at timestamptz not null,
  primary key (bucket, id),
  constraint cases_end check ((state in ('refunded', 'exchanged', 'closed')) = (ended_at is not null)),
  constraint cases_outcome check ((ended_at is null) = (outcome is null)),
  constraint cases_due check (ended_at is null or due_at is null),
  constraint cases_paid check (refunded = 0 or state = 'refunded')
);
comment on table aftersale.cases is 'sharded by person: after-sale cases, in the bucket of their order';
comment on column aftersale.cases.return_address is 'personal: where the shop takes goods back';
comment on column aftersale.cases.replacement is 'personal: carrier and number of what the shop sent instead';
create unique index cases_open_of_order on aftersale.cases (bucket, order_id) where ended_at is null;
create index cases_of_order on aftersale.cases (bucket, order_id, id);
create index cases_of_buyer on aftersale.cases (bucket, buyer_id, id);
create index cases_by_age on aftersale.cases (id);
create index cases_by_state on aftersale.cases (state, id);
create index cases_by_outcome on aftersale.cases (outcome, kind) where ended_at is not null;

create table aftersale.entries (
  bucket smallint not null, case_id bigint not null, id bigint not null, deed text not null,
  side text not null check (side in ('buyer', 'shop', 'market')), person_id bigint, state text not null,
  words text not null default '', pictures jsonb not null default '[]', amount bigint, at timestamptz not null,
  primary key (bucket, case_id, id)
);
comment on table aftersale.entries is 'sharded by person: what was done and said in each case';
comment on column aftersale.entries.words is 'personal: what somebody said';

create table aftersale.pictures (
  bucket smallint not null, media_id bigint not null, case_id bigint not null,
  primary key (bucket, media_id, case_id)
);
comment on table aftersale.pictures is 'lookup: in which cases a private picture is evidence, in the bucket of the picture';

create table aftersale.shop_cases (
  bucket smallint not null, shop_id bigint not null, case_id bigint not null, order_id bigint not null,
  number bigint not null, kind text not null, reason text not null, state text not null, version int not null,
  amount bigint not null, currency text not null, refunded bigint not null, waits boolean not null,
  due_at timestamptz, opened_at timestamptz not null, ended_at timestamptz, changed_at timestamptz not null,
  primary key (bucket, shop_id, case_id)
);
comment on table aftersale.shop_cases is 'sharded by shop: copies of cases for the shop''s lists, fed by events';
create index shop_cases_by_state on aftersale.shop_cases (bucket, shop_id, state, case_id);
create index shop_cases_waiting on aftersale.shop_cases (bucket, shop_id, due_at, case_id) where waits;

-- migrate: rollback
drop schema aftersale cascade;
