-- Cart: what a person or a guest considers
-- depends: 0001_kit
-- migrate: apply
create schema cart;

create table cart.carts (
  bucket smallint not null, owner_id bigint not null, is_guest boolean not null,
  line_count int not null check (line_count >= 0), touched_at timestamptz not null,
  primary key (bucket, owner_id)
);
comment on table cart.carts is 'sharded by person: one cart of a person or of a guest, with the number of its lines';
comment on column cart.carts.owner_id is 'personal: whose cart it is';
create index guest_carts_by_age on cart.carts (touched_at) where is_guest;

create table cart.lines (
  bucket smallint not null, owner_id bigint not null, variant_id bigint not null, shop_id bigint not null,
  title text not null, quantity int not null check (quantity > 0), selected boolean not null,
  added_price bigint not null check (added_price >= 0), currency text not null check (length(currency) = 3),
  added_at timestamptz not null,
  primary key (bucket, owner_id, variant_id),
  foreign key (bucket, owner_id) references cart.carts (bucket, owner_id)
);
comment on table cart.lines is 'sharded by person: what lies in a cart; title and price are those of the day it was put in';
comment on column cart.lines.owner_id is 'personal: whose cart it is';

-- migrate: rollback
drop schema cart cascade;
