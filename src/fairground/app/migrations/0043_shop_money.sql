-- Shops' copies of orders: what is held with each, what the shop gets of it, when it was paid
-- depends: 0042_orders
-- migrate: apply
alter table orders.shop_orders
  add column held bigint not null default 0 check (held >= 0),
  add column proceeds bigint not null default 0 check (proceeds >= 0);
comment on column orders.shop_orders.held is 'held with the order while it is paid and not received, in minor units';
comment on column orders.shop_orders.proceeds is 'what the shop gets of it at receipt, or has got';
create index shop_orders_by_paid on orders.shop_orders (bucket, shop_id, paid_at) where paid_at is not null;

-- migrate: rollback
drop index orders.shop_orders_by_paid;
alter table orders.shop_orders drop column held, drop column proceeds;
