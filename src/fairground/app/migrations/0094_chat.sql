-- Conversations: between a person and a shop, or a person and the market's own people
-- depends: 0001_kit
-- migrate: apply
create schema if not exists service;

create table service.threads (
  bucket smallint not null, id bigint not null,
  person_id bigint not null, inbox_id bigint not null,
  opened_at timestamptz not null,
  last_number int not null default 0 check (last_number >= 0),
  last_at timestamptz not null, last_words text not null default '',
  last_side text not null default 'person' check (last_side in ('person', 'house')),
  person_read int not null default 0, house_read int not null default 0,
  person_unread int not null default 0 check (person_unread >= 0),
  house_unread int not null default 0 check (house_unread >= 0),
  person_told int not null default 0, house_told int not null default 0,
  person_even_at timestamptz not null, house_even_at timestamptz not null,
  unanswered int not null default 0 check (unanswered >= 0),
  version int not null default 1,
  primary key (bucket, id),
  constraint one_thread_of_two unique (bucket, person_id, inbox_id),
  constraint nobody_reads_ahead check (person_read <= last_number and house_read <= last_number)
);
comment on table service.threads is 'sharded by person: who talks with which house (a shop, or 0: the market''s own people), and who has read how far; told = the last message that a letter was about, even_at = when a side will have caught up with its limit';
comment on column service.threads.person_id is 'personal: who came';
comment on column service.threads.last_words is 'personal: the beginning of the last message';
create index threads_of_person on service.threads (bucket, person_id, last_at desc, id desc) where last_number > 0;
create index threads_unread_of_person on service.threads (bucket, person_id) where person_unread > 0;
create index threads_opened on service.threads (bucket, person_id, opened_at);

create table service.messages (
  bucket smallint not null, thread_id bigint not null, number int not null check (number > 0), id bigint not null,
  side text not null check (side in ('person', 'house')), author_id bigint not null,
  key text not null check (length(key) between 1 and 200),
  words text not null, plain text not null, card jsonb, pictures bigint[] not null default '{}',
  hints text[] not null default '{}', sent_at timestamptz not null, erased_at timestamptz,
  primary key (bucket, thread_id, number),
  constraint a_key_once unique (bucket, thread_id, author_id, key),
  constraint says_something check (words <> '' or card is not null or cardinality(pictures) > 0 or erased_at is not null)
);
comment on table service.messages is 'sharded by person: what was said; plain = the words in one width and case, for searching';
comment on column service.messages.author_id is 'personal: who wrote it';
comment on column service.messages.words is 'personal: what was said';
comment on column service.messages.plain is 'personal: what was said, for searching';

create table service.message_pictures (
  bucket smallint not null, media_id bigint not null, thread_id bigint not null,
  primary key (bucket, media_id)
);
comment on table service.message_pictures is 'sharded by person: which thread a private picture was sent in, so that both sides may see it';

create table service.inboxes (
  bucket smallint not null, inbox_id bigint not null, thread_id bigint not null, person_id bigint not null,
  last_at timestamptz not null, last_words text not null, last_side text not null,
  unread int not null check (unread >= 0), holder_id bigint, version int not null,
  primary key (bucket, inbox_id, thread_id)
);
comment on table service.inboxes is 'sharded by shop: the conversations of a house as its people list them, copied from the threads; the market''s own stand in bucket 0';
comment on column service.inboxes.person_id is 'personal: who came';
comment on column service.inboxes.last_words is 'personal: the beginning of the last message';
comment on column service.inboxes.holder_id is 'personal: who of the house looks after it';
create index inboxes_by_day on service.inboxes (bucket, inbox_id, last_at desc, thread_id desc);
create index inboxes_unread on service.inboxes (bucket, inbox_id, last_at desc, thread_id desc) where unread > 0;
create index inboxes_of_holder on service.inboxes (bucket, inbox_id, holder_id, last_at desc, thread_id desc);

create table service.inbox_words (
  bucket smallint not null, inbox_id bigint not null, thread_id bigint not null, number int not null,
  side text not null, words text not null, plain text not null, sent_at timestamptz not null,
  primary key (bucket, inbox_id, thread_id, number)
);
comment on table service.inbox_words is 'sharded by shop: a copy of what was said, for the house to search in';
comment on column service.inbox_words.words is 'personal: what was said';
comment on column service.inbox_words.plain is 'personal: what was said, for searching';
create index inbox_words_by_day on service.inbox_words (bucket, inbox_id, sent_at desc);

create table service.inbox_notes (
  bucket smallint not null, inbox_id bigint not null, thread_id bigint not null, id bigint not null,
  author_id bigint not null, to_id bigint, words text not null, at timestamptz not null,
  primary key (bucket, inbox_id, thread_id, id),
  constraint a_note_says_something check (words <> '' or to_id is not null)
);
comment on table service.inbox_notes is 'sharded by shop: words among the people of a house about a conversation; to_id = it was handed over';
comment on column service.inbox_notes.author_id is 'personal: who wrote it';
comment on column service.inbox_notes.to_id is 'personal: who took it over';
comment on column service.inbox_notes.words is 'personal: what was written about somebody';

create table service.quick_replies (
  bucket smallint not null, inbox_id bigint not null, id bigint not null,
  title text not null check (title <> ''), words text not null check (words <> ''),
  primary key (bucket, inbox_id, id)
);
comment on table service.quick_replies is 'sharded by shop: what a shop says often';

-- migrate: rollback
drop table service.quick_replies;
drop table service.inbox_notes;
drop table service.inbox_words;
drop table service.inboxes;
drop table service.message_pictures;
drop table service.messages;
drop table service.threads;
