-- Letters: on the site and by mail, and who does not want which by mail
-- depends: 0001_kit
-- migrate: apply
create schema notifications;

create table notifications.letters (
  bucket smallint not null, id bigint not null, person_id bigint not null, kind text not null check (kind <> ''),
  params jsonb not null, link text check (link like '/%'), on_site boolean not null,
  mail text not null check (mail in ('none', 'waiting', 'sent', 'refused', 'failed')), mailed_at timestamptz,
  created_at timestamptz not null, read_at timestamptz,
  primary key (bucket, id),
  check (mail in ('none', 'waiting') or mailed_at is not null)
);
comment on table notifications.letters is 'sharded by person: letters, read by their person on the site or by mail';
comment on column notifications.letters.params is 'personal: what the letter tells: names of things, amounts, moments';
create index letters_of_person on notifications.letters (bucket, person_id, id) where on_site;
create index letters_unread on notifications.letters (bucket, person_id) where on_site and read_at is null;
create index letters_by_age on notifications.letters (created_at);

create table notifications.preferences (
  bucket smallint not null, person_id bigint not null, kind text not null, by_mail boolean not null,
  changed_at timestamptz not null,
  primary key (bucket, person_id, kind)
);
comment on table notifications.preferences is 'sharded by person: which letters a person wants by mail, where they have said so';
comment on column notifications.preferences.by_mail is 'personal: whether the person wants it by mail';

-- migrate: rollback
drop schema notifications cascade;
