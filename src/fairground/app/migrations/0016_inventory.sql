-- Inventory: stock as moves with a balance, and reservations
-- depends: 0001_kit
-- migrate: apply
create schema inventory;

create table inventory.stock (
  bucket smallint not null, variant_id bigint not null, owner_id bigint not null,
  counted boolean not null, on_hand int not null check (on_hand >= 0), version int not null check (version >= 0),
  changed_at timestamptz not null,
  primary key (bucket, variant_id),
  constraint uncounted_stock_has_no_number check (counted or on_hand = 0)
);
comment on table inventory.stock is 'sharded by shop: what is free to be sold of a variant; version = number of its moves';
create index stock_of_owner on inventory.stock (bucket, owner_id, on_hand, variant_id) where counted;

create table inventory.moves (
  bucket smallint not null, variant_id bigint not null, number int not null check (number > 0),
  quantity int not null, balance int not null check (balance >= 0),
  reason text not null check (reason in ('opened', 'counted', 'uncounted', 'taken', 'returned')),
  claim_id bigint, actor text not null, actor_id bigint, at timestamptz not null,
  primary key (bucket, variant_id, number),
  constraint claims_move_by_claim check ((claim_id is not null) = (reason in ('taken', 'returned')))
);
comment on table inventory.moves is 'sharded by shop: every change of stock, numbered, with the balance after it';
comment on column inventory.moves.actor_id is 'personal: who counted';
create unique index one_move_of_a_kind_per_claim on inventory.moves (bucket, claim_id, variant_id, reason)
  where claim_id is not null;

create table inventory.reservations (
  bucket smallint not null, claim_id bigint not null, variant_id bigint not null,
  quantity int not null check (quantity > 0), state text not null check (state in ('held', 'sold', 'returned')),
  taken_at timestamptz not null, changed_at timestamptz not null,
  primary key (bucket, claim_id, variant_id)
);
comment on table inventory.reservations is 'sharded by shop: pieces taken out of stock for a claim (an order)';
create index reservations_held on inventory.reservations (bucket, variant_id) where state = 'held';
create index reservations_by_age on inventory.reservations (taken_at) where state = 'held';

-- migrate: rollback
drop schema inventory cascade;
