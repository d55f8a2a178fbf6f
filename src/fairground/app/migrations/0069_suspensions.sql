-- Suspension of a person by the desk, with reason and end; a shop that stopped selling with its owner
-- depends: 0010_accounts 0024_shops
-- migrate: apply
alter table accounts.people
  add column suspended_at timestamptz, add column suspended_until timestamptz, add column suspended_reason text,
  add constraint a_suspension_has_its_reason check ((suspended_at is null) = (suspended_reason is null)),
  add constraint only_a_suspension_ends check (suspended_until is null or suspended_until > suspended_at),
  add constraint a_closed_account_is_not_suspended check (closed_at is null or suspended_at is null);
comment on column accounts.people.suspended_reason is 'personal: why the desk suspended the person, in its words';

alter table shops.shops
  add column suspended_with bigint,
  add constraint only_a_suspended_shop_waits_for_its_owner check (suspended_with is null or state = 'suspended');
comment on column shops.shops.suspended_with is 'personal: the owner with whose suspension it stopped selling';
create index shops_suspended_with on shops.shops (suspended_with) where suspended_with is not null;

-- migrate: rollback
drop index shops.shops_suspended_with;
alter table shops.shops drop column suspended_with;
alter table accounts.people drop column suspended_at, drop column suspended_until, drop column suspended_reason;
