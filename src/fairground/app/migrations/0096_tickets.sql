-- Tickets: somebody asks the market's own people; ready answers, and who knows what at the desk
-- depends: 0001_kit
-- migrate: apply
create schema if not exists service;

create table service.tickets (
  bucket smallint not null, id bigint not null, person_id bigint not null,
  side text not null check (side in ('buyer', 'seller')),
  about_kind text not null default '' check (about_kind in ('', 'order', 'product', 'shop', 'thread')), about_id bigint,
  queue text not null check (queue in ('orders', 'money', 'goods', 'account', 'shops', 'other')),
  language text not null, subject text not null,
  state text not null default 'open' check (state in ('open', 'waiting', 'solved', 'closed', 'merged')),
  holder_id bigint,
  opened_at timestamptz not null, changed_at timestamptz not null,
  answer_by timestamptz not null, answered_at timestamptz, solve_by timestamptz not null, solve_left interval,
  due_at timestamptz not null, is_late boolean not null default false, ended_at timestamptz,
  smile smallint check (smile between 1 and 5), smile_words text not null default '', smiled_at timestamptz,
  merged_into bigint, version int not null default 1,
  primary key (bucket, id),
  constraint about_something_or_nothing check ((about_id is null) = (about_kind = '')),
  constraint the_clock_stands_while_we_wait check ((solve_left is not null) = (state = 'waiting')),
  constraint an_end_has_its_moment check ((ended_at is not null) = (state in ('solved', 'closed', 'merged'))),
  constraint merged_into_another check ((merged_into is not null) = (state = 'merged') and merged_into is distinct from id),
  constraint a_face_after_the_end check (smile is null or state in ('solved', 'closed')),
  constraint a_face_has_its_moment check ((smile is null) = (smiled_at is null))
);
comment on table service.tickets is 'sharded by person: what somebody asks the market, its two clocks and how it ended';
comment on column service.tickets.person_id is 'personal: who asks';
comment on column service.tickets.subject is 'personal: what it is about, in the words of the person';
comment on column service.tickets.holder_id is 'personal: who of the staff sees to it';
comment on column service.tickets.smile_words is 'personal: what the person says of our help';
create index tickets_of_person on service.tickets (bucket, person_id, changed_at desc, id desc);
create index tickets_at_the_desk on service.tickets (due_at, id) where state = 'open';
create index tickets_of_queue on service.tickets (queue, due_at, id) where state = 'open';
create index tickets_of_holder on service.tickets (holder_id, due_at, id) where state in ('open', 'waiting');
create index tickets_late on service.tickets (due_at, id) where state = 'open' and is_late;
create index tickets_with_a_face on service.tickets (smiled_at) where smile is not null;

create table service.ticket_entries (
  bucket smallint not null, id bigint not null, ticket_id bigint not null,
  kind text not null check (kind in ('said', 'answered', 'noted', 'handed', 'solved', 'closed', 'merged', 'late')),
  by bigint, words text not null, at timestamptz not null,
  primary key (bucket, id)
);
comment on table service.ticket_entries is 'sharded by person: what was said and done in a ticket; noted, handed, late: for the desk only';
comment on column service.ticket_entries.by is 'personal: who said or did it';
comment on column service.ticket_entries.words is 'personal: what was said';
create index ticket_entries_of_ticket on service.ticket_entries (bucket, ticket_id, id);
create index ticket_entries_of_writer on service.ticket_entries (bucket, by, at) where kind = 'said';

create table service.macros (
  id bigint primary key, title text not null,
  queue text check (queue in ('orders', 'money', 'goods', 'account', 'shops', 'other')),
  words_en text not null, words_zh text not null, changed_by bigint, changed_at timestamptz not null,
  constraint one_macro_of_a_title unique (title)
);
comment on table service.macros is 'reference: ready answers in both languages';
comment on column service.macros.changed_by is 'personal: who of the staff wrote it';

create table service.skills (
  person_id bigint not null, queue text not null check (queue in ('orders', 'money', 'goods', 'account', 'shops', 'other')),
  primary key (person_id, queue)
);
comment on table service.skills is 'reference: which queues somebody of the staff sees to';
comment on column service.skills.person_id is 'personal: who of the staff';

-- migrate: rollback
drop table service.skills, service.macros, service.ticket_entries, service.tickets;
