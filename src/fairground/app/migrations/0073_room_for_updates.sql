-- Rows that change soon after they are written stay where they are: room in their pages, no index on what changes
-- depends: 0042_orders 0028_catalog 0064_notifications
-- migrate: apply
alter table orders.orders set (fillfactor = 80);
alter table catalog.products set (fillfactor = 85);
alter table notifications.letters set (fillfactor = 90);
-- Its state made each step of an order write into all four indexes; a buyer's own orders are few enough to look through.
drop index orders.orders_open_of_buyer;

-- migrate: rollback
create index orders_open_of_buyer on orders.orders (bucket, buyer_id, state, id)
 where state in ('placed', 'paid', 'shipped');
alter table notifications.letters reset (fillfactor);
alter table catalog.products reset (fillfactor);
alter table orders.orders reset (fillfactor);
