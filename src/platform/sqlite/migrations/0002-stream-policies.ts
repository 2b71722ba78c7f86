// SPDX-License-Identifier: Apache-2.0
/** What a stream does about reports, 8-bit content and long lines. Never changed once released. */

export const streamPolicies = `
  alter table streams add column sends_reports integer not null default 1 check (sends_reports in (0, 1));
  alter table streams add column eight_bit text not null default 'keep'
    check (eight_bit in ('keep', 'quoted-printable'));
  alter table streams add column long_lines text not null default 'fold'
    check (long_lines in ('fold', 'refuse'));
  update streams set sends_reports = 0 where kind = 'bulk';
`
