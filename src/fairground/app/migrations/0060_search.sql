-- Search: which products the indexes have to look at again, and what people asked for
-- depends: 0001_kit 0028_catalog
-- migrate: apply
create schema search;

create table search.listings (
  bucket smallint not null, product_id bigint not null, shop_id bigint not null,
  shown bigint not null default 0 check (shown >= 0), touched_at timestamptz not null, touches bigint not null default 1,
  primary key (bucket, product_id)
);
comment on table search.listings is 'sharded by shop: when a product last changed for the index of every machine, and how often it was shown';
create index listings_touched on search.listings (touched_at, product_id);
create index listings_of_shop on search.listings (bucket, shop_id);

create table search.queries (
  bucket smallint not null, id bigint not null, at timestamptz not null,
  words text not null, language text not null, filters text[] not null, found bigint not null check (found >= 0),
  primary key (bucket, id)
);
comment on table search.queries is 'sharded by chance: what was asked, without who asked it';
create index queries_by_age on search.queries (at);

create table search.popular (
  language text not null, words text not null, times bigint not null,
  primary key (language, words)
);
comment on table search.popular is 'reference: what many have asked for, counted anew every hour';

-- migrate: rollback
drop schema search cascade;
