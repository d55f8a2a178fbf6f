-- Orders know that an after-sale case is open, what was refunded of each line, and what shops owe for it
-- depends: 0042_orders 0024_shops
-- migrate: apply
alter table orders.orders
  add column case_hold text check (case_hold in ('waiting', 'open')),
  add column market_refunded bigint not null default 0,
  add constraint orders_market_refunded check (market_refunded between 0 and refunded);
comment on column orders.orders.case_hold is 'waiting = an after-sale case waits for the shop, nothing is shipped; open = a case is open; null = none';
comment on column orders.orders.market_refunded is 'the part of what was refunded that the market bore and not the shop';

alter table orders.lines
  add column refunded bigint not null default 0 check (refunded >= 0),
  add column returned boolean not null default false,
  add column no_return text check (no_return in ('custom_made', 'perishable', 'opened_digital', 'newspaper'));
comment on column orders.lines.no_return is 'why the law excepts it from the return without a reason, as it was at the sale';
comment on column orders.lines.refunded is 'went back to the buyer for this line by after-sale, freight included';
comment on column orders.lines.returned is 'the pieces are back in stock, though the order was not closed unshipped';

alter table shops.shops add column asks_before_cancel boolean not null default false;
comment on column shops.shops.asks_before_cancel is 'a paid, unshipped order waits for the shop''s yes (or its silence) before it is cancelled';

create table orders.shop_debts (
  bucket smallint not null, shop_id bigint not null, currency text not null check (length(currency) = 3),
  advanced bigint not null check (advanced >= 0), repaid bigint not null default 0,
  changed_at timestamptz not null,
  primary key (bucket, shop_id, currency),
  constraint shop_debts_repaid check (repaid between 0 and advanced)
);
comment on table orders.shop_debts is 'sharded by shop: what the market advanced for refunds that a shop could not pay, and what came back of it';

create table orders.taken_back (
  bucket smallint not null, key text not null, shop_id bigint not null, order_id bigint not null,
  currency text not null, amount bigint not null check (amount > 0), missing bigint not null check (missing >= 0),
  at timestamptz not null,
  primary key (bucket, key)
);
comment on table orders.taken_back is 'sharded by shop: refunds after receipt taken out of shops'' money, once per key; missing = advanced by the market';
create index taken_back_missing on orders.taken_back (bucket, shop_id, currency) where missing > 0;

-- migrate: rollback
drop table orders.taken_back;
drop table orders.shop_debts;
alter table shops.shops drop column asks_before_cancel;
alter table orders.lines drop column refunded, drop column returned, drop column no_return;
alter table orders.orders drop column case_hold, drop column market_refunded;
