-- The sandbox's own bank: another party's tables, which the market never touches
-- depends: 0001_kit
-- migrate: apply
create schema sandbox;

create table sandbox.intents (
  merchant_reference bigint primary key,
  amount bigint not null check (amount > 0),
  currency text not null,
  return_url text not null,
  state text not null check (state in ('open', 'failed', 'paid')),
  tries int not null default 0,
  charge text unique,
  made_at timestamptz not null,
  paid_at timestamptz,
  check ((state = 'paid') = (charge is not null)),
  check ((state = 'paid') = (paid_at is not null))
);
comment on table sandbox.intents is 'reference: the sandbox bank''s own: what merchants want to be paid';
create index intents_by_day on sandbox.intents (paid_at) where state = 'paid';

create table sandbox.transfers (
  kind text not null check (kind in ('refund', 'payout')),
  merchant_reference bigint not null,
  reference text not null unique,
  charge text,
  account text,
  amount bigint not null check (amount > 0),
  currency text not null,
  state text not null check (state in ('done', 'bounced')),
  at timestamptz not null,
  primary key (kind, merchant_reference)
);
comment on table sandbox.transfers is 'reference: the sandbox bank''s own: refunds and payouts, once per merchant reference';
comment on column sandbox.transfers.account is 'personal: the account number a payout went to';
create index transfers_by_charge on sandbox.transfers (charge) where charge is not null;
create index transfers_by_day on sandbox.transfers (at) where state = 'done';

create table sandbox.outbox (
  event_id text not null,
  copy smallint not null,
  body jsonb not null,
  made_at timestamptz not null,
  due_at timestamptz not null,
  attempts int not null default 0,
  lost boolean not null default false,
  error text,
  primary key (event_id, copy)
);
comment on table sandbox.outbox is 'reference: the sandbox bank''s own: webhooks still to be delivered';
create index outbox_due on sandbox.outbox (due_at) where not lost;

-- migrate: rollback
drop schema sandbox cascade;
