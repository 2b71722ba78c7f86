// SPDX-License-Identifier: Apache-2.0
/** Codes for a lost authenticator: 80 random bits each, good once, kept as SHA-256. */
import { createHash } from 'node:crypto'
import { encodeCrockford } from '../../base/crockford.ts'
import type { Random } from '../../base/random.ts'

const COUNT = 10
const OCTETS = 10
const FORM = /^[0-9A-HJKMNP-TV-Z]{16}$/

export interface RecoveryCodes {
  /** Shown once: `XXXX-XXXX-XXXX-XXXX`. */
  readonly texts: readonly string[]
  readonly kept: readonly string[]
}

export function newRecoveryCodes(random: Random): RecoveryCodes {
  const codes = Array.from({ length: COUNT }, () => encodeCrockford(random.bytes(OCTETS)))
  return {
    texts: codes.map((code) => (code.match(/.{4}/g) ?? []).join('-')),
    kept: codes.map(digest),
  }
}

/** What is kept of the codes that are left; `null`: it is none of them. The look-up is by hash: its time says nothing of a code. */
export function withoutRecoveryCode(
  kept: readonly string[],
  text: string,
): readonly string[] | null {
  const code = text.toUpperCase().replace(/[\s-]/g, '')
  if (!FORM.test(code)) return null
  const used = digest(code)
  return kept.includes(used) ? kept.filter((other) => other !== used) : null
}

function digest(code: string): string {
  return createHash('sha256').update(code).digest('hex')
}
