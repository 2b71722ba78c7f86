// SPDX-License-Identifier: Apache-2.0
/** First answers to requests with an Idempotency-Key. Never changed once released. */

export const firstAnswers = `
  create table first_answers (
    owner text not null,
    key text not null,
    fingerprint blob not null,
    sealed_answer blob,
    created_at integer not null,
    primary key (owner, key)
  ) strict;
  create index first_answers_by_age on first_answers (created_at);
`
