// SPDX-License-Identifier: Apache-2.0
/** The bounds of people's logins, beside `limits.ts`: what each counts, and what happens when it is full. */

const SECOND_MS = 1_000
const MINUTE_MS = 60 * SECOND_MS

/** Passwords. argon2id as OWASP's Password Storage Cheat Sheet has it: 19 MiB, two passes, one lane. */
export const passwordLimits = {
  memoryKib: 19_456,
  passes: 2,
  lanes: 1,
  /** What a stored hash may ask of us; one that asks more is not ours. */
  mostMemoryKib: 262_144,
  mostPasses: 16,
  /** NIST SP 800-63B §3.1.1.2 has 15 where a password is all that is asked, and 8 with a second factor. */
  leastCharacters: 12,
  mostCharacters: 256,
  /** Different ones. */
  leastLetters: 5,
  /** Who waits for a hash in one process: only one is made at a time, so that logins take 19 MiB and no more. Then 503. */
  waiting: 64,
  /** Of them from one network. 503. */
  waitingPerNetwork: 4,
} as const

/** Wrong passwords, by network and by person; see `LoginGuard`. Nobody waits in the line: 429 until the debt is paid. */
export const personGuardLimits = {
  freeFailures: 10,
  failureMs: 6 * SECOND_MS,
  longestWaitMs: 0,
  remembered: 20_000,
} as const

/** Wrong keys of the API, by network and by key. Nobody waits with a connection open: 429 until the debt is paid. */
export const keyGuardLimits = {
  freeFailures: 20,
  failureMs: 3 * SECOND_MS,
  longestWaitMs: 0,
  remembered: 20_000,
} as const

/** Wrong codes of who knew the password, by person: ten, and one in five minutes in the long run. */
export const codeGuardLimits = {
  freeFailures: 10,
  failureMs: 5 * MINUTE_MS,
  longestWaitMs: 0,
  remembered: 20_000,
} as const

export const sessionLimits = {
  /** Of one person; a login over it ends the oldest. */
  perPerson: 20,
  /** Kept of what the browser calls itself. */
  userAgentCharacters: 200,
  /** `seenAt` is written no more often. */
  seenEveryMs: MINUTE_MS,
  /** A login over OIDC that takes longer begins again. */
  oidcMs: 10 * MINUTE_MS,
} as const

/** What an OpenID provider is asked. */
export const oidcLimits = {
  /** Seconds for each answer; then no login. */
  timeoutS: 10,
  /** Grants of the configuration. */
  grants: 1_000,
} as const

export const auditLimits = {
  /** Of a record before or after; a larger one is left out, and the entry says so. */
  recordCharacters: 16_384,
  targetCharacters: 500,
  /** In one statement of a removal; others write in between. */
  removeTogether: 5_000,
} as const

/** Requests without key or session, of each network, within a minute. 429. */
export const anonymousRequestsPerMinute = 120

/** When and from where credentials and keys were used last. */
export const lastUseLimits = {
  /** Credentials and keys whose use a process remembers; of others it says nothing. */
  known: 100_000,
  /** It is known to that. */
  roundedToMs: 60_000,
  /** How often it is written of one that is used all the time. */
  writeEveryMs: 5 * 60_000,
} as const
