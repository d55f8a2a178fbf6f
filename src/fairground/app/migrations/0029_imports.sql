-- Catalog: imports of merchants' files, what was refused of them, pictures they point to
-- depends: 0028_catalog
-- migrate: apply
create table catalog.imports (
  bucket smallint not null, id bigint not null, shop_id bigint not null,
  format text not null check (format in ('shopify', 'woocommerce', 'taobao', 'google', 'fairground')),
  file_name text not null, file_key text, is_dry_run boolean not null,
  state text not null check (state in ('queued', 'running', 'done', 'failed')),
  lines_all int not null default 0, lines int not null default 0, products int not null default 0,
  created int not null default 0, updated int not null default 0, unchanged int not null default 0,
  refused int not null default 0, notes int not null default 0,
  pictures_asked int not null default 0, pictures_failed int not null default 0,
  trouble jsonb, asked_by bigint, asked_at timestamptz not null, moved_at timestamptz not null,
  done_at timestamptz,
  primary key (bucket, id),
  constraint over_when_done check ((state in ('done', 'failed')) = (done_at is not null)),
  constraint failed_with_reason check ((state = 'failed') = (trouble is not null))
);
comment on table catalog.imports is 'sharded by shop: files of goods that came in, how far they are and what came of them';
comment on column catalog.imports.asked_by is 'personal: who of the shop brought the file';
create unique index one_import_at_a_time on catalog.imports (bucket, shop_id) where state in ('queued', 'running');
create index imports_of_shop on catalog.imports (bucket, shop_id, id desc);
create index imports_by_age on catalog.imports (asked_at);

create table catalog.import_refusals (
  bucket smallint not null, import_id bigint not null, id bigint not null, line int not null, field text not null,
  code text not null, message text not null, params jsonb not null default '{}', is_note boolean not null,
  primary key (bucket, import_id, id),
  foreign key (bucket, import_id) references catalog.imports (bucket, id) on delete cascade
);
comment on table catalog.import_refusals is 'sharded by shop: lines that were not taken, and notes on some that were; message is in English, told in the reader''s language';
create index refusals_by_line on catalog.import_refusals (bucket, import_id, is_note, line, id);

create table catalog.import_pictures (
  bucket smallint not null, product_id bigint not null, address_hash bytea not null check (length(address_hash) = 32),
  address text not null, import_id bigint not null, line int not null, position smallint not null, alt text not null,
  in_gallery boolean not null, variant_ids bigint[] not null, fetch_id bigint, media_id bigint,
  state text not null check (state in ('asked', 'done', 'failed')),
  primary key (bucket, product_id, address_hash),
  constraint done_with_picture check ((state = 'done') = (media_id is not null))
);
comment on table catalog.import_pictures is 'sharded by shop: pictures that files name for products, and which of ours they became';
create unique index import_pictures_by_fetch on catalog.import_pictures (bucket, fetch_id) where fetch_id is not null;

create index variants_by_code on catalog.variants (bucket, sku) where sku <> '' and removed_at is null;

-- migrate: rollback
drop index catalog.variants_by_code;
drop table catalog.import_pictures;
drop table catalog.import_refusals;
drop table catalog.imports;
