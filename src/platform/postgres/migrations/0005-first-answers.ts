// SPDX-License-Identifier: Apache-2.0
/** First answers to requests with an Idempotency-Key; no change of the records. Never changed once released. */

export const firstAnswers = `
  create table first_answers (
    owner text collate "C" not null,
    key text collate "C" not null,
    fingerprint bytea not null,
    sealed_answer bytea,
    created_at bigint not null,
    primary key (owner, key)
  );
  create index first_answers_by_age on first_answers (created_at);
`
