-- Shipping: templates of shops, parcels, tracking
-- depends: 0001_kit
-- migrate: apply
create schema shipping;

create table shipping.templates (
  bucket smallint not null, shop_id bigint not null, currency text not null check (length(currency) = 3),
  options jsonb not null check (jsonb_typeof(options) = 'array' and jsonb_array_length(options) > 0),
  version int not null check (version > 0), changed_at timestamptz not null,
  primary key (bucket, shop_id)
);
comment on table shipping.templates is 'sharded by shop: how a shop delivers; no row = free, in one way';

create table shipping.packed (
  bucket smallint not null, order_id bigint not null, order_line_id bigint not null,
  ordered int not null check (ordered > 0), packed int not null,
  primary key (bucket, order_id, order_line_id),
  constraint packed_within_ordered check (packed between 0 and ordered)
);
comment on table shipping.packed is 'sharded by person: how many pieces of an order line are in parcels';

create table shipping.parcels (
  bucket smallint not null, id bigint not null, order_id bigint not null, shop_id bigint not null,
  carrier text, tracking_number text check (tracking_number <> ''),
  state text not null check (state in ('shipped', 'in_transit', 'delivered', 'lost')),
  version int not null default 1, shipped_at timestamptz not null, delivered_at timestamptz,
  look_at timestamptz,
  primary key (bucket, id),
  check ((carrier is null) = (tracking_number is null)),
  check ((state = 'delivered') = (delivered_at is not null))
);
comment on table shipping.parcels is 'sharded by person: parcels of an order; look_at = when the carrier is asked next';
comment on column shipping.parcels.tracking_number is 'personal: where somebody''s parcel is can be looked up with it';
create unique index parcel_numbers on shipping.parcels (bucket, order_id, carrier, tracking_number);
create index parcels_of_order on shipping.parcels (bucket, order_id, id);
create index parcels_to_look_at on shipping.parcels (look_at, carrier) where look_at is not null;

create table shipping.parcel_lines (
  bucket smallint not null, parcel_id bigint not null, order_line_id bigint not null,
  quantity int not null check (quantity > 0),
  primary key (bucket, parcel_id, order_line_id),
  foreign key (bucket, parcel_id) references shipping.parcels (bucket, id)
);
comment on table shipping.parcel_lines is 'sharded by person: which pieces are in a parcel';

create table shipping.parcel_events (
  bucket smallint not null, parcel_id bigint not null, external_id text not null check (external_id <> ''),
  at timestamptz not null,
  kind text not null check (kind in ('picked_up', 'in_transit', 'out_for_delivery', 'delivered', 'trouble', 'lost')),
  place text not null default '', words text not null default '', told_at timestamptz not null,
  primary key (bucket, parcel_id, external_id),
  foreign key (bucket, parcel_id) references shipping.parcels (bucket, id)
);
comment on table shipping.parcel_events is 'sharded by person: what carriers told, each event once';
comment on column shipping.parcel_events.place is 'personal: where somebody''s parcel was';
comment on column shipping.parcel_events.words is 'personal: what the carrier wrote about it';

-- migrate: rollback
drop schema shipping cascade;
