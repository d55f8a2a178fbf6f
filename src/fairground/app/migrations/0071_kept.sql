-- What people keep for later: products with a heart, shops they follow
-- depends: 0038_cart
-- migrate: apply
create table cart.kept (
  bucket smallint not null, person_id bigint not null, product_id bigint not null, shop_id bigint not null,
  title text not null, price bigint not null check (price >= 0), currency text not null check (length(currency) = 3),
  kept_at timestamptz not null,
  primary key (bucket, person_id, product_id)
);
comment on table cart.kept is 'sharded by person: products kept for later; title and price are those of that day';
comment on column cart.kept.person_id is 'personal: who keeps it';
create index kept_by_day on cart.kept (bucket, person_id, kept_at desc, product_id desc);

create table cart.follows (
  bucket smallint not null, person_id bigint not null, shop_id bigint not null, followed_at timestamptz not null,
  primary key (bucket, person_id, shop_id)
);
comment on table cart.follows is 'sharded by person: shops that people follow';
comment on column cart.follows.person_id is 'personal: who follows';
create index follows_by_day on cart.follows (bucket, person_id, followed_at desc, shop_id desc);

-- migrate: rollback
drop table cart.follows;
drop table cart.kept;
