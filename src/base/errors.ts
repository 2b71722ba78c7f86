// SPDX-License-Identifier: Apache-2.0
/**
 * The register of what can go wrong here, with us. What goes wrong at a peer is a value
 * (`Outcome`, `Admission`), never an error. Docs and exit codes are made from this table.
 */

interface ErrorKind {
  /** sysexits.h, so that scripts and service managers can tell. */
  readonly exitCode: number
  /** What it means and what to do; one sentence for the errors page. */
  readonly meaning: string
}

export const errorKinds = {
  RLY_CONFIG_INVALID: {
    exitCode: 78,
    meaning: 'The configuration has a wrong key or value; the message names file, line and key.',
  },
  RLY_CONFIG_MISSING: {
    exitCode: 78,
    meaning: 'No configuration file where one was named. "posthaste init" writes one.',
  },
  RLY_INSTALLED: {
    exitCode: 73,
    meaning: '"posthaste init" found files of an installation, and overwrites nothing.',
  },
  RLY_INSTALL_FAILED: {
    exitCode: 73,
    meaning: '"posthaste init" could not write its files; the message says why.',
  },
  RLY_DATA_DIR_IN_USE: {
    exitCode: 75,
    meaning: 'Another process owns the data directory; the message says which.',
  },
  RLY_DATA_DIR_MISSING: {
    exitCode: 78,
    meaning: 'The data directory was not set up. "posthaste init" makes it.',
  },
  RLY_DATA_DIR_NEWER: {
    exitCode: 78,
    meaning:
      'The data directory, or the records, were written by a newer version than this program can read.',
  },
  RLY_DATA_DAMAGED: {
    exitCode: 65,
    meaning:
      '"posthaste verify" found damage in the data directory; it names each. "--repair" rebuilds what can be.',
  },
  RLY_PORT_IN_USE: {
    exitCode: 75,
    meaning: 'A listener cannot have its port; the message says which and what to do.',
  },
  RLY_KEY_FILE: {
    exitCode: 78,
    meaning:
      'The key file is missing, unreadable, readable by others, or not the one that sealed the secrets.',
  },
  RLY_SPOOL_FULL: {
    exitCode: 74,
    meaning:
      'The disk of the spool is full or nearly so; mail is refused with 452 4.3.1 and delivery goes on.',
  },
  RLY_SPOOL_FAILED: {
    exitCode: 74,
    meaning:
      'The disk of the spool fails to write or to sync; mail is refused with 452 4.3.1 until it works again.',
  },
  RLY_STORE_FAILED: {
    exitCode: 74,
    meaning:
      'The records cannot be read or written, in their file or in PostgreSQL; the message says why.',
  },
  RLY_RECORD_INVALID: {
    exitCode: 65,
    meaning:
      'A tenant, domain, stream or credential has a value that cannot be; the message says what would be right.',
  },
  RLY_RECORD_EXISTS: { exitCode: 65, meaning: 'A record of that name exists already.' },
  RLY_RECORD_UNKNOWN: {
    exitCode: 68,
    meaning: 'No record of that name; the message names the nearest.',
  },
  RLY_RECORD_IN_USE: { exitCode: 65, meaning: 'Other records still depend on this one.' },
  RLY_RELAY_NOT_RUNNING: {
    exitCode: 69,
    meaning: 'The command needs the running relay, and none answers in this data directory.',
  },
  RLY_CHANNEL_VERSION: {
    exitCode: 76,
    meaning:
      'A command and the relay, or two of its processes, are of versions that do not understand each other; the message says which.',
  },
  RLY_MESSAGE_UNKNOWN: { exitCode: 68, meaning: 'No message of that id in this data directory.' },
  RLY_QUEUE_UNKNOWN: {
    exitCode: 68,
    meaning: 'No queue of that name; the message names the nearest.',
  },
  RLY_DOMAIN_NOT_READY: {
    exitCode: 65,
    meaning:
      'The DNS does not say all that a sending domain needs; the check shows what is missing.',
  },
  RLY_BUSY: {
    exitCode: 75,
    meaning: 'More work waits than the relay takes on at once; the same will succeed later.',
  },
  RLY_USAGE: {
    exitCode: 64,
    meaning: 'The command line has a wrong option or argument, or a request a wrong field.',
  },
  RLY_UNAUTHENTICATED: {
    exitCode: 77,
    meaning: 'The API wants a key or a login, and the request brought none that is good.',
  },
  RLY_CODE_WANTED: {
    exitCode: 77,
    meaning:
      'The password is right, and the login wants a code of the authenticator app as well; the message says what of the one that came.',
  },
  RLY_FORBIDDEN: {
    exitCode: 77,
    meaning: 'The key or the person may not do this; the message says what is needed for it.',
  },
  RLY_ROUTE_UNKNOWN: {
    exitCode: 64,
    meaning: 'The API has no such route; /api/v1/openapi.json lists those that it has.',
  },
  RLY_IDEMPOTENCY: {
    exitCode: 65,
    meaning:
      'An Idempotency-Key was used for another request, or for one whose end nobody knows; the message says which.',
  },
  RLY_RATE_LIMITED: {
    exitCode: 75,
    meaning:
      'As many requests were sent, or logins failed, as may be for now; the message says how long to wait.',
  },
  RLY_TOO_LARGE: { exitCode: 65, meaning: 'The request is larger than the API takes.' },
  RLY_INTERNAL: { exitCode: 70, meaning: 'Something failed that should not; the log says what.' },
  RLY_GATE: {
    exitCode: 65,
    meaning:
      'The gate of the stream refused the message; the message names the check that failed and what to do.',
  },
  RLY_QUOTA: {
    exitCode: 75,
    meaning:
      'A quota of the tenant, stream or credential is used up; the message says which, and until when.',
  },
  RLY_REFUSED: {
    exitCode: 65,
    meaning: 'The relay refused the message; its reply is in the message.',
  },
} as const satisfies Record<string, ErrorKind>

export type ErrorCode = keyof typeof errorKinds

/** A local operating error with a stable code. `publicText` may be shown to a peer. */
export class RelayError extends Error {
  override readonly name = 'RelayError'
  readonly code: ErrorCode
  /** Says nothing about our insides. */
  readonly publicText: string
  /** When to ask again, where that is known. */
  readonly retryAfterSeconds: number | null
  /** What a program wants beside the sentence. */
  readonly details: Readonly<Record<string, unknown>>

  constructor(
    code: ErrorCode,
    message: string,
    options: {
      cause?: unknown
      publicText?: string
      retryAfterSeconds?: number
      details?: Readonly<Record<string, unknown>>
    } = {},
  ) {
    super(message, { cause: options.cause })
    this.code = code
    this.details = options.details ?? {}
    this.retryAfterSeconds = options.retryAfterSeconds ?? null
    this.publicText = options.publicText ?? 'Local error in processing'
  }

  get exitCode(): number {
    return errorKinds[this.code].exitCode
  }
}

/** The text of whatever was thrown. */
export function messageOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown)
}

/** Node's `code` of a system error (`ENOSPC`, `EADDRINUSE`), or `null`. */
export function systemCode(thrown: unknown): string | null {
  if (!(thrown instanceof Error) || thrown instanceof RelayError || !('code' in thrown)) return null
  return typeof thrown.code === 'string' ? thrown.code : null
}
