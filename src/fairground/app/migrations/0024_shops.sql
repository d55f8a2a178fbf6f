-- Shops: stalls and malls, their staff, and what the desk has to decide about them
-- depends: 0001_kit 0010_accounts
-- migrate: apply
create schema shops;

create table shops.directory (
  slug text primary key check (slug ~ '^[a-z0-9]+(-[a-z0-9]+)*$' and length(slug) <= 60), shop_id bigint not null unique,
  name text not null, state text not null, tier text not null, opened_at timestamptz not null
);
comment on table shops.directory is 'reference: every shop by its address, with what lists of shops sort by';
create index directory_newest on shops.directory (opened_at desc, shop_id desc) where state in ('open', 'holiday');
create index directory_by_state on shops.directory (state, opened_at, shop_id);

create table shops.shops (
  bucket smallint not null, id bigint not null, slug text not null, name text not null check (name <> ''),
  about text not null default '', country text not null check (country ~ '^[A-Z]{2}$'),
  language text not null, time_zone text not null,
  cloth smallint not null check (cloth between 0 and 9), avatar_id bigint, banner_id bigint,
  return_address jsonb,
  tier text not null default 'stall' check (tier in ('stall', 'mall')),
  state text not null check (state in ('pending', 'open', 'holiday', 'suspended', 'closed')),
  holiday_note text not null default '', holiday_until timestamptz,
  state_reason text not null default '',
  commission_basis_points int check (commission_basis_points between 0 and 10000),
  version int not null default 1, opened_at timestamptz not null, changed_at timestamptz not null,
  primary key (bucket, id)
);
comment on table shops.shops is 'sharded by shop: the shop itself';
comment on column shops.shops.return_address is 'personal: where goods are sent back to, often a home';

create table shops.staff (
  bucket smallint not null, shop_id bigint not null, person_id bigint not null,
  role text not null check (role in ('owner', 'manager', 'clerk', 'accountant')),
  invited_by bigint, invited_at timestamptz not null, joined_at timestamptz,
  primary key (bucket, shop_id, person_id),
  foreign key (bucket, shop_id) references shops.shops (bucket, id)
);
comment on table shops.staff is 'sharded by shop: who works in a shop, as what; joined_at is null while only invited';
comment on column shops.staff.person_id is 'personal: who works there';
comment on column shops.staff.invited_by is 'personal: who invited them';

create table shops.memberships (
  bucket smallint not null, person_id bigint not null, shop_id bigint not null, role text not null,
  joined_at timestamptz, slug text not null, name text not null, changed_at timestamptz not null,
  primary key (bucket, person_id, shop_id)
);
comment on table shops.memberships is 'sharded by person: a copy of shops.staff, to find a person''s shops';

create table shops.applications (
  id bigint primary key, shop_id bigint not null, kind text not null check (kind in ('stall', 'mall')),
  shop_name text not null, shop_slug text not null,
  company text not null default '', country text not null default '', number_kind text not null default '',
  number_sealed text, number_print text, number_tail text not null default '',
  state text not null default 'waiting' check (state in ('waiting', 'approved', 'refused', 'withdrawn')),
  reason text not null default '', applied_by bigint, applied_at timestamptz not null,
  decided_by bigint, decided_at timestamptz,
  constraint a_mall_names_its_number check (kind = 'stall' or (number_sealed is not null and number_print is not null)),
  constraint decided_or_waiting check ((state = 'waiting') = (decided_at is null)),
  constraint a_refusal_has_its_reason check (state <> 'refused' or reason <> '')
);
comment on table shops.applications is 'reference: stalls that wait for approval and shops that ask for the mall badge';
comment on column shops.applications.company is 'personal: name of the business, for sole traders a person''s';
comment on column shops.applications.number_sealed is 'personal: business number, sealed';
comment on column shops.applications.number_print is 'personal: keyed fingerprint of the business number';
comment on column shops.applications.number_tail is 'personal: last four signs of the business number';
comment on column shops.applications.applied_by is 'personal: who applied';
comment on column shops.applications.decided_by is 'personal: who of the staff decided';
create unique index one_waiting_application on shops.applications (shop_id, kind) where state = 'waiting';
create index applications_waiting on shops.applications (applied_at, id) where state = 'waiting';
create index applications_of_shop on shops.applications (shop_id, applied_at);
create index applications_by_number on shops.applications (number_print) where number_print is not null;

-- migrate: rollback
drop schema shops cascade;
