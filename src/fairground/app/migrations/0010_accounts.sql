-- People: sign-in, sessions, addresses, links sent by mail, throttles, deeds of the staff
-- depends: 0001_kit
-- migrate: apply
create schema accounts;

create table accounts.emails (
  bucket smallint not null, email text not null check (email <> ''), person_id bigint not null,
  primary key (bucket, email)
);
comment on table accounts.emails is 'lookup: whose an e-mail address is; bucket is a hash of the address';
comment on column accounts.emails.email is 'personal: e-mail address, in small letters';

create table accounts.people (
  bucket smallint not null, id bigint not null,
  email text, name text not null, language text not null check (language <> ''),
  password_hash text, password_changed_at timestamptz not null,
  verified_at timestamptz, staff_role text check (staff_role in ('clerk', 'supervisor', 'operator')),
  created_at timestamptz not null, closed_at timestamptz,
  primary key (bucket, id),
  check ((closed_at is null) = (email is not null)),
  check (closed_at is null or (name = '' and password_hash is null and verified_at is null and staff_role is null))
);
comment on table accounts.people is 'sharded by person: people who may sign in; a closed one keeps its id and nothing else';
comment on column accounts.people.email is 'personal: e-mail address';
comment on column accounts.people.name is 'personal: name as the person writes it';
comment on column accounts.people.language is 'personal: language of pages and letters';
comment on column accounts.people.password_hash is 'personal: argon2id hash of the password';

create table accounts.staff (
  person_id bigint primary key, role text not null check (role in ('clerk', 'supervisor', 'operator')),
  since timestamptz not null
);
comment on table accounts.staff is 'reference: who works for the market';

create table accounts.sessions (
  bucket smallint not null, id bigint not null, person_id bigint not null,
  token_hash bytea not null check (length(token_hash) = 32),
  device text not null, created_at timestamptz not null, seen_at timestamptz not null,
  expires_at timestamptz not null, ended_at timestamptz,
  primary key (bucket, id),
  foreign key (bucket, person_id) references accounts.people (bucket, id),
  check (expires_at > created_at)
);
comment on table accounts.sessions is 'sharded by person: sign-ins, open and ended; swept some weeks after their end';
comment on column accounts.sessions.device is 'personal: browser and system, in words';
comment on column accounts.sessions.seen_at is 'personal: when the person was last here, to some minutes';
create index sessions_of_person on accounts.sessions (bucket, person_id, seen_at);
create index sessions_by_end on accounts.sessions (expires_at);

create table accounts.links (
  bucket smallint not null, id bigint not null, person_id bigint not null,
  purpose text not null check (purpose in ('verify', 'reset', 'change')),
  email text not null, old_email text,
  created_at timestamptz not null, expires_at timestamptz not null, used_at timestamptz,
  primary key (bucket, id),
  foreign key (bucket, person_id) references accounts.people (bucket, id)
);
comment on table accounts.links is 'sharded by person: links sent by mail, good once; the token is signed and not kept';
comment on column accounts.links.email is 'personal: the e-mail address the link was sent to';
comment on column accounts.links.old_email is 'personal: the e-mail address before a change';
create unique index links_one_open on accounts.links (bucket, person_id, purpose) where used_at is null;
create index links_by_age on accounts.links (expires_at);

create table accounts.addresses (
  bucket smallint not null, id bigint not null, person_id bigint not null,
  name text not null check (name <> ''), phone text not null,
  country text not null check (length(country) = 2),
  region text not null, city text not null, district text not null,
  lines text[] not null check (cardinality(lines) <= 4), postal_code text not null,
  is_default boolean not null default false, created_at timestamptz not null, changed_at timestamptz not null,
  primary key (bucket, id),
  foreign key (bucket, person_id) references accounts.people (bucket, id)
);
comment on table accounts.addresses is 'sharded by person: where parcels may go; orders keep their own copy';
comment on column accounts.addresses.name is 'personal: name of the receiver';
comment on column accounts.addresses.phone is 'personal: phone number of the receiver';
comment on column accounts.addresses.country is 'personal: country of the address';
comment on column accounts.addresses.region is 'personal: province or state of the address';
comment on column accounts.addresses.city is 'personal: city of the address';
comment on column accounts.addresses.district is 'personal: district of the address';
comment on column accounts.addresses.lines is 'personal: street and house';
comment on column accounts.addresses.postal_code is 'personal: postal code of the address';
create index addresses_of_person on accounts.addresses (bucket, person_id, id);
create unique index addresses_one_default on accounts.addresses (bucket, person_id) where is_default;

create table accounts.tries (
  bucket smallint not null, kind text not null, key bytea not null check (length(key) = 32),
  tries int not null check (tries >= 0), until timestamptz not null,
  primary key (bucket, kind, key)
);
comment on table accounts.tries is 'lookup: counted tries of sign-in and reset; bucket is a hash of the key';
comment on column accounts.tries.key is 'personal: hash of an e-mail or network address, kept for the length of its window';
create index tries_by_age on accounts.tries (until);

create table accounts.staff_deeds (
  id bigint primary key, person_id bigint, actor text not null, deed text not null check (deed <> ''), about bigint,
  words text not null default '', at timestamptz not null
);
comment on table accounts.staff_deeds is 'reference: what the staff did, to whom or what, when; never changed';
comment on column accounts.staff_deeds.words is 'personal: what the staff wrote about it';
create index staff_deeds_of_person on accounts.staff_deeds (person_id, id);
create index staff_deeds_about on accounts.staff_deeds (about, id);

-- migrate: rollback
drop schema accounts cascade;
