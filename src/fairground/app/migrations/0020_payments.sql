-- Payments with their parts, notices of gateways, refunds, payouts, reconciliation
-- depends: 0012_ledger
-- migrate: apply
create schema payments;

create table payments.payments (
  bucket smallint not null,
  id bigint not null,
  checkout_id bigint not null,
  payer_id bigint not null,
  gateway text not null,
  amount bigint not null check (amount >= 0),
  currency text not null check (length(currency) = 3),
  state text not null check (state in ('pending', 'paid', 'failed', 'expired', 'refunded')),
  version int not null,
  charge text,
  created_at timestamptz not null,
  expires_at timestamptz not null,
  ask_at timestamptz not null,
  paid_at timestamptz,
  primary key (bucket, id),
  check ((state in ('paid', 'refunded')) = (paid_at is not null)),
  check (amount = 0 or (paid_at is null) = (charge is null))
) with (fillfactor = 85);
comment on table payments.payments is 'sharded by person: one payment of one checkout';
create index payments_by_checkout on payments.payments (bucket, checkout_id);
create index payments_to_close on payments.payments (ask_at) where state in ('pending', 'failed');

create table payments.parts (
  bucket smallint not null,
  payment_id bigint not null,
  order_id bigint not null,
  purpose text not null check (purpose in ('full', 'deposit', 'balance', 'milestone')),
  amount bigint not null check (amount >= 0),
  held bigint not null default 0 check (held >= 0),
  released bigint not null default 0 check (released >= 0),
  refunded bigint not null default 0 check (refunded >= 0),
  primary key (bucket, payment_id, order_id, purpose),
  foreign key (bucket, payment_id) references payments.payments,
  constraint parts_nothing_or_all_accounted_for check (held + released + refunded in (0, amount))
) with (fillfactor = 85);
comment on table payments.parts is 'sharded by person: what a payment pays for, and where that money is now';
create index parts_by_order on payments.parts (bucket, order_id);

create table payments.charges (
  gateway text not null,
  charge text not null,
  payment_id bigint,
  amount bigint not null,
  currency text not null,
  at timestamptz not null,
  seen_at timestamptz not null,
  primary key (gateway, charge)
);
comment on table payments.charges is 'lookup: every charge a gateway told of, by its own number; the id tells the bucket';
create index charges_by_day on payments.charges (gateway, at);

create table payments.inbox (
  gateway text not null,
  event_id text not null,
  kind text not null,
  received_at timestamptz not null,
  primary key (gateway, event_id)
);
comment on table payments.inbox is 'lookup: notices heard, so that none is heard twice; kept for a while';
create index inbox_by_age on payments.inbox (received_at);

create table payments.strays (
  bucket smallint not null,
  id bigint not null,
  gateway text not null,
  charge text not null,
  payment_id bigint,
  amount bigint not null check (amount > 0),
  currency text not null,
  reason text not null check (reason in ('unknown', 'wrong_amount', 'double')),
  words text not null default '',
  state text not null check (state in ('open', 'refunding', 'refunded', 'matched')),
  at timestamptz not null,
  closed_at timestamptz,
  closed_by bigint,
  primary key (bucket, id),
  unique (bucket, gateway, charge),
  check ((state in ('refunded', 'matched')) = (closed_at is not null))
);
comment on table payments.strays is 'sharded by person: money that came in and fits no open payment';
comment on column payments.strays.words is 'personal: what the payer wrote on the transfer';
create index strays_open on payments.strays (at) where state = 'open';

create table payments.refunds (
  bucket smallint not null,
  id bigint not null,
  key text not null check (length(key) between 1 and 200),
  payment_id bigint,
  order_id bigint,
  purpose text,
  stray_id bigint,
  gateway text not null,
  charge text not null,
  amount bigint not null check (amount > 0),
  currency text not null,
  reason text not null,
  state text not null check (state in ('pending', 'done', 'failed')),
  attempts int not null default 0,
  next_try_at timestamptz,
  requested_at timestamptz not null,
  settled_at timestamptz,
  reference text,
  error text,
  primary key (bucket, id),
  unique (bucket, key),
  foreign key (bucket, payment_id, order_id, purpose) references payments.parts,
  foreign key (bucket, stray_id) references payments.strays,
  check (num_nonnulls(payment_id, order_id, purpose) in (0, 3)),
  check ((stray_id is null) = (payment_id is not null)),
  check ((state = 'done') = (settled_at is not null))
);
comment on table payments.refunds is 'sharded by person: money on its way back to a buyer';
create index refunds_due on payments.refunds (next_try_at) where state = 'pending' and next_try_at is not null;
create index refunds_open on payments.refunds (requested_at) where state in ('pending', 'failed');
create index refunds_by_order on payments.refunds (bucket, order_id);
create index refunds_by_day on payments.refunds (gateway, settled_at) where state = 'done';

create table payments.releases (
  bucket smallint not null,
  key text not null check (length(key) between 1 and 200),
  kind text not null check (kind in ('release', 'take_back')),
  payment_id bigint not null,
  order_id bigint not null,
  purpose text not null,
  shop_id bigint not null,
  amount bigint not null check (amount > 0),
  at timestamptz not null,
  primary key (bucket, key, kind),
  foreign key (bucket, payment_id, order_id, purpose) references payments.parts
);
comment on table payments.releases is 'sharded by person: held money that went to a shop, or came back from it';
create index releases_by_order on payments.releases (bucket, order_id);

create table payments.destinations (
  bucket smallint not null,
  id bigint not null,
  shop_id bigint not null,
  sealed text not null,
  fingerprint text not null,
  hint text not null,
  valid_from timestamptz not null,
  created_at timestamptz not null,
  created_by bigint,
  withdrawn_at timestamptz,
  primary key (bucket, id)
);
comment on table payments.destinations is 'sharded by shop: bank accounts that payouts go to, from when on';
comment on column payments.destinations.sealed is 'personal: holder and account number, sealed';
comment on column payments.destinations.fingerprint is 'personal: keyed digest of the account number';
comment on column payments.destinations.hint is 'personal: the last four digits';
create index destinations_by_shop on payments.destinations (bucket, shop_id, valid_from);

create table payments.payouts (
  bucket smallint not null,
  id bigint not null,
  shop_id bigint not null,
  destination_id bigint not null,
  gateway text not null,
  amount bigint not null check (amount > 0),
  currency text not null check (length(currency) = 3),
  state text not null check (state in ('requested', 'sent', 'paid', 'bounced')),
  version int not null,
  first_entry bigint not null,
  last_entry bigint not null,
  requested_at timestamptz not null,
  requested_by bigint,
  sent_at timestamptz,
  settled_at timestamptz,
  attempts int not null default 0,
  next_try_at timestamptz,
  reference text,
  error text,
  primary key (bucket, id),
  foreign key (bucket, destination_id) references payments.destinations,
  check (first_entry between 1 and last_entry),
  check ((state in ('paid', 'bounced')) = (settled_at is not null))
);
comment on table payments.payouts is 'sharded by shop: a shop''s money on its way to its bank, with the lines it pays';
create unique index payouts_statement on payments.payouts (bucket, shop_id, currency, last_entry);
create index payouts_by_shop on payments.payouts (bucket, shop_id, id);
create index payouts_due on payments.payouts (next_try_at) where state = 'requested' and next_try_at is not null;
create index payouts_under_way on payments.payouts (requested_at) where state in ('requested', 'sent');
create index payouts_by_day on payments.payouts (gateway, settled_at) where state = 'paid';

create table payments.settlements (
  gateway text not null,
  day date not null,
  lines int not null,
  healed int not null,
  at timestamptz not null,
  primary key (gateway, day)
);
comment on table payments.settlements is 'reference: which days of which gateway were compared with our books';

create table payments.findings (
  gateway text not null,
  day date not null,
  kind text not null check (kind in ('charge', 'refund', 'payout')),
  reference text not null,
  problem text not null check (problem in ('unknown_to_us', 'unknown_to_gateway', 'amount_differs')),
  ours bigint,
  theirs bigint,
  currency text not null,
  state text not null check (state in ('open', 'gone', 'explained')),
  words text not null default '',
  found_at timestamptz not null,
  closed_at timestamptz,
  primary key (gateway, day, kind, reference, problem)
);
comment on table payments.findings is 'reference: where a gateway''s daily file and our books differ';
create index findings_open on payments.findings (found_at) where state = 'open';

-- migrate: rollback
drop schema payments cascade;
