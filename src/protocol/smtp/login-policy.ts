// SPDX-License-Identifier: Apache-2.0
/** What AUTH asks of whoever knows the credentials; answered at once. */
import type { Mechanism } from './sasl.ts'
import type { ScramKeys } from './scram.ts'

/** What a client came up with. */
export type LoginAttempt =
  | { readonly kind: 'secret'; readonly userName: string; readonly secret: string }
  /** Whether the keys that `scram` gave were those of the client's secret. */
  | { readonly kind: 'proof'; readonly userName: string; readonly isProven: boolean }

export type LoginVerdict<Identity> =
  /** `null`: 535 5.7.8. Nothing is said before `afterMs` are over, be it good or bad. */
  | { readonly kind: 'heard'; readonly identity: Identity | null; readonly afterMs: number }
  /** Too many wrong ones came before: 454 4.7.0, and nobody looked at this one. */
  | { readonly kind: 'unheard' }

export interface LoginPolicy<Identity> {
  mechanisms(): readonly Mechanism[]
  /** A user's keys, or such as nobody's, so that an unknown name looks and costs the same; and a fresh nonce. */
  scram(userName: string): { readonly keys: ScramKeys; readonly nonce: string }
  authenticate(attempt: LoginAttempt): LoginVerdict<Identity>
}
