// SPDX-License-Identifier: Apache-2.0
/** What a session and its open transaction keep in memory, about. */
import { memoryLimits } from '../base/limits/process-limits.ts'
import type { SessionState } from '../protocol/smtp/session-state.ts'

export function heldBySession(session: {
  readonly state: SessionState
  readonly tls: object | null
}): number {
  const { sessionOctets, tlsSessionOctets } = memoryLimits
  const { state, tls } = session
  const transaction = 'transaction' in state ? state.transaction.heldOctets : 0
  return transaction + (tls === null ? sessionOctets : tlsSessionOctets)
}
