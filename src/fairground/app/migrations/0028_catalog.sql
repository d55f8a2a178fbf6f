-- Catalog: categories with typed attributes, products, variants, their history
-- depends: 0001_kit 0014_media 0016_inventory 0024_shops
-- migrate: apply
create schema catalog;

create table catalog.categories (
  slug text primary key check (slug ~ '^[a-z0-9]+(-[a-z0-9]+)*$'),
  parent text references catalog.categories (slug), path text[] not null check (path[cardinality(path)] = slug),
  name_en text not null check (name_en <> ''), name_zh text not null default '',
  sort int not null default 0, attributes jsonb not null default '[]', source text not null
);
comment on table catalog.categories is 'reference: the tree of categories; path runs from the root to the category itself';
create index categories_of_parent on catalog.categories (parent, sort);

create table catalog.products (
  bucket smallint not null, id bigint not null, shop_id bigint not null, handle text,
  title text not null check (title <> ''), description text not null,
  description_format text not null check (description_format in ('markdown', 'html', 'plain')),
  language text not null, translations jsonb not null default '{}',
  category text references catalog.categories (slug), attributes jsonb not null default '{}',
  options jsonb not null default '[]', pictures jsonb not null default '[]', picture_id bigint,
  state text not null check (state in ('draft', 'in_review', 'on_sale', 'off_sale')), state_reason text not null default '',
  shop_sells boolean not null default true,
  price_low bigint not null check (price_low > 0), price_high bigint not null, compare_at bigint,
  currency text not null check (length(currency) = 3),
  sold bigint not null default 0 check (sold >= 0),
  rating_sum bigint not null default 0, rating_count bigint not null default 0 check (rating_count >= 0),
  version int not null default 1, created_by bigint, created_at timestamptz not null, changed_at timestamptz not null,
  listed_at timestamptz,
  primary key (bucket, id),
  constraint low_before_high check (price_high >= price_low),
  constraint listed_when_on_sale check (state <> 'on_sale' or listed_at is not null)
);
comment on table catalog.products is 'sharded by shop: products; price_low … price_high, sold, rating_* are copies for lists';
comment on column catalog.products.created_by is 'personal: who of the shop wrote it';
create unique index products_by_handle on catalog.products (bucket, shop_id, handle) where handle is not null;
create index products_of_shop on catalog.products (bucket, shop_id, changed_at desc, id desc);
create index products_on_sale_of_shop on catalog.products (bucket, shop_id, listed_at desc, id desc)
  where state = 'on_sale';
create index products_newest on catalog.products (listed_at desc, id desc) where state = 'on_sale' and shop_sells;
create index products_of_category on catalog.products (category, listed_at desc, id desc)
  where state = 'on_sale' and shop_sells;

create table catalog.variants (
  bucket smallint not null, id bigint not null, product_id bigint not null, position smallint not null,
  options jsonb not null, price bigint not null check (price > 0), compare_at bigint check (compare_at > price),
  currency text not null check (length(currency) = 3),
  sku text not null default '', barcode text not null default '', weight_grams int check (weight_grams >= 0),
  picture_id bigint, removed_at timestamptz,
  primary key (bucket, id),
  foreign key (bucket, product_id) references catalog.products (bucket, id)
);
comment on table catalog.variants is 'sharded by shop: what is sold of a product; options are values in the order of its options';
create unique index one_variant_of_a_kind on catalog.variants (bucket, product_id, options) where removed_at is null;

create table catalog.product_versions (
  bucket smallint not null, product_id bigint not null, version int not null, changed text[] not null,
  before jsonb not null, actor text not null, actor_id bigint, at timestamptz not null,
  primary key (bucket, product_id, version),
  foreign key (bucket, product_id) references catalog.products (bucket, id)
);
comment on table catalog.product_versions is 'sharded by shop: who changed what of a product, with the values before';
comment on column catalog.product_versions.actor_id is 'personal: who of the shop changed it';

create table catalog.in_review (
  product_id bigint primary key, shop_id bigint not null, title text not null, asked_at timestamptz not null
);
comment on table catalog.in_review is 'reference: products that wait for the desk, a copy of their state';
create index in_review_by_age on catalog.in_review (asked_at, product_id);

-- migrate: rollback
drop schema catalog cascade;
