-- Drops: limited sales of shops, who bought in them, and their waiting rooms
-- depends: 0032_promotions
-- migrate: apply
create table promotions.drops (
  bucket smallint not null, id bigint not null, shop_id bigint not null,
  title text not null check (title <> ''), words text not null default '', language text not null,
  starts_at timestamptz not null, ends_at timestamptz not null check (ends_at > starts_at),
  announced_at timestamptz, cancelled_at timestamptz,
  has_room boolean not null, per_minute int not null check (per_minute > 0), burst int not null check (burst >= 0),
  pay_minutes int not null check (pay_minutes > 0),
  version int not null default 1, created_at timestamptz not null, created_by bigint,
  primary key (bucket, id)
);
comment on table promotions.drops is 'sharded by shop: limited sales; once announced only cancelled_at changes';
comment on column promotions.drops.created_by is 'personal: who of the shop planned it';
create index drops_of_shop on promotions.drops (bucket, shop_id, id);
create index drops_live on promotions.drops (ends_at) where announced_at is not null and cancelled_at is null;

create table promotions.drop_goods (
  bucket smallint not null, drop_id bigint not null, variant_id bigint not null, product_id bigint not null,
  position smallint not null,
  price bigint not null check (price > 0), currency text not null check (length(currency) = 3),
  quota int not null check (quota > 0), per_person int not null check (per_person > 0),
  sold int not null default 0, turn int not null default 0, running boolean not null default false,
  primary key (bucket, drop_id, variant_id),
  foreign key (bucket, drop_id) references promotions.drops (bucket, id) on delete cascade,
  constraint drop_sold_within_quota check (sold between 0 and quota)
);
comment on table promotions.drop_goods is 'sharded by shop: what a drop sells; the row is the lock of its counting, turn rises with each change of sold';
create unique index drop_running on promotions.drop_goods (bucket, variant_id) where running;

create table promotions.drop_buyers (
  bucket smallint not null, drop_id bigint not null, variant_id bigint not null, person_id bigint not null,
  pieces int not null, at_most int not null,
  primary key (bucket, drop_id, variant_id, person_id),
  foreign key (bucket, drop_id, variant_id) references promotions.drop_goods (bucket, drop_id, variant_id),
  constraint drop_pieces_within_limit check (pieces between 0 and at_most)
);
comment on table promotions.drop_buyers is 'sharded by shop: how many pieces of a drop one person has; at_most is the limit';
comment on column promotions.drop_buyers.person_id is 'personal: who bought';

create table promotions.drop_uses (
  bucket smallint not null, drop_id bigint not null, variant_id bigint not null, use_id bigint not null,
  person_id bigint not null, pieces int not null check (pieces > 0),
  used_at timestamptz not null, returned_at timestamptz,
  primary key (bucket, drop_id, variant_id, use_id),
  foreign key (bucket, drop_id, variant_id) references promotions.drop_goods (bucket, drop_id, variant_id)
);
comment on table promotions.drop_uses is 'sharded by shop: pieces of a drop taken by an order (use_id); returned_at set = they went back to the quota';
comment on column promotions.drop_uses.person_id is 'personal: who bought';

create table promotions.drop_orders (
  bucket smallint not null, use_id bigint not null, drop_id bigint not null, variant_id bigint not null,
  primary key (bucket, use_id, drop_id, variant_id)
);
comment on table promotions.drop_orders is 'sharded by person: which drops an order took from, so that it finds them; only while the use stands';

create table promotions.drop_rooms (
  bucket smallint not null, drop_id bigint not null,
  next_number int not null default 1 check (next_number > 0),
  early int, seed bytea, opened_at timestamptz,
  primary key (bucket, drop_id),
  foreign key (bucket, drop_id) references promotions.drops (bucket, id) on delete cascade,
  check ((early is null) = (opened_at is null) and (seed is null) = (opened_at is null)),
  check (early is null or early between 0 and next_number - 1)
);
comment on table promotions.drop_rooms is 'sharded by shop: the waiting room of a drop: the row that gives out the numbers; early and seed are drawn at the opening';

create table promotions.drop_tickets (
  bucket smallint not null, drop_id bigint not null, person_id bigint not null,
  number int not null check (number > 0), early boolean not null, joined_at timestamptz not null,
  primary key (bucket, drop_id, person_id),
  foreign key (bucket, drop_id) references promotions.drop_rooms (bucket, drop_id)
);
comment on table promotions.drop_tickets is 'sharded by shop: one ticket for each account in a waiting room';
comment on column promotions.drop_tickets.person_id is 'personal: who waits';
create unique index drop_ticket_numbers on promotions.drop_tickets (bucket, drop_id, number);

-- migrate: rollback
drop table promotions.drop_tickets, promotions.drop_rooms, promotions.drop_orders, promotions.drop_uses,
  promotions.drop_buyers, promotions.drop_goods, promotions.drops;
