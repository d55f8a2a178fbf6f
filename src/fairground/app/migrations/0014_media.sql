-- Pictures: rows of what lies in the storage, and addresses of merchants' pictures to be fetched
-- depends: 0001_kit
-- migrate: apply
create schema media;

create table media.pictures (
  bucket smallint not null, id bigint not null, owner bigint not null, is_public boolean not null,
  state text not null check (state in ('fresh', 'ready', 'broken', 'gone')),
  folder text not null check (folder <> ''),
  width int not null check (width > 0), height int not null check (height > 0), bytes int not null check (bytes > 0),
  sha256 bytea not null check (length(sha256) = 32),
  sizes smallint[] not null default '{}', created_at timestamptz not null, gone_at timestamptz,
  primary key (bucket, id),
  unique (bucket, folder),
  check ((state = 'gone') = (gone_at is not null))
);
comment on table media.pictures is 'sharded by owner: pictures; their files lie in the storage below the folder';
create index pictures_of_owner on media.pictures (bucket, owner, id);
create index pictures_not_ready on media.pictures (created_at) where state = 'fresh';
create index pictures_gone on media.pictures (gone_at) where state = 'gone';

create table media.fetches (
  bucket smallint not null, id bigint not null, owner bigint not null, asked_by bigint not null,
  is_public boolean not null, address text not null check (address <> ''),
  address_hash bytea not null check (length(address_hash) = 32),
  state text not null check (state in ('asked', 'done', 'failed')), tries int not null default 0,
  media_id bigint, trouble text, asked_at timestamptz not null, done_at timestamptz,
  primary key (bucket, id),
  check ((state = 'asked') = (done_at is null)), check ((state = 'done') = (media_id is not null)),
  check ((state = 'failed') = (trouble is not null))
);
comment on table media.fetches is 'sharded by owner: pictures to be fetched from addresses in merchants'' files, and what came of it';
create index fetches_by_address on media.fetches (bucket, owner, address_hash);
create index fetches_asked on media.fetches (asked_at) where state = 'asked';
create index fetches_by_age on media.fetches (done_at) where state <> 'asked';

-- migrate: rollback
drop schema media cascade;
