-- The books: accounts with their balances, immutable transfers between them
-- depends: 0001_kit
-- migrate: apply
create schema ledger;

create table ledger.accounts (
  bucket smallint not null check (bucket between 0 and 1023),
  owner bigint not null,
  kind text not null check (kind in ('gateway', 'held', 'refund', 'stray', 'clearing', 'commission', 'market',
                                     'adjustment', 'shop', 'payout', 'buyer_credit')),
  currency text not null check (length(currency) = 3),
  balance bigint not null,
  moved bigint not null,
  entries bigint not null check (entries > 0),
  floor bigint,
  opened_at timestamptz not null,
  primary key (bucket, owner, kind, currency),
  constraint accounts_floor check (floor is null or balance >= floor),
  constraint accounts_kinds_with_floor check
    ((floor is null) = (kind in ('gateway', 'clearing', 'commission', 'market', 'adjustment'))),
  constraint accounts_only_shops_below_zero check (floor is null or floor = 0 or (kind = 'shop' and floor < 0)),
  constraint accounts_owners check
    (case when kind in ('shop', 'payout', 'buyer_credit') then owner > 0 when kind = 'gateway' then owner < 0
          else owner = 0 end)
) with (fillfactor = 70);
comment on table ledger.accounts is 'sharded by owner: accounts with the balance that their transfers add up to';
comment on column ledger.accounts.moved is 'the change by the last post, so that one statement opens or moves';

create table ledger.transfers (
  bucket smallint not null,
  key text not null check (length(key) between 1 and 300),
  debit_owner bigint not null,
  debit_kind text not null,
  debit_entry bigint not null,
  debit_balance bigint not null,
  credit_owner bigint not null,
  credit_kind text not null,
  credit_entry bigint not null,
  credit_balance bigint not null,
  amount bigint not null check (amount > 0),
  currency text not null,
  reason text not null,
  subject bigint not null,
  at timestamptz not null,
  primary key (bucket, key),
  constraint transfers_two_accounts check ((debit_owner, debit_kind) <> (credit_owner, credit_kind))
);
comment on table ledger.transfers is 'sharded by owner: what moved from which account to which, once per key, for ever; without foreign keys to accounts, which cost more than the post: the audit joins them';
create unique index transfers_debit_entries on ledger.transfers
  (bucket, debit_owner, debit_kind, currency, debit_entry) where debit_owner > 0;
create unique index transfers_credit_entries on ledger.transfers
  (bucket, credit_owner, credit_kind, currency, credit_entry) where credit_owner > 0;
create index transfers_by_subject on ledger.transfers (bucket, subject);

-- migrate: rollback
drop schema ledger cascade;
