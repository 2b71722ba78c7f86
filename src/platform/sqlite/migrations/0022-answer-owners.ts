// SPDX-License-Identifier: Apache-2.0
/** Which process began what has no answer yet. Of what was there before nobody knows it. Never changed once released. */

export const answerOwners = `
  alter table first_answers add column begun_by text not null default '?';
`
