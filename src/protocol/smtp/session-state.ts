// SPDX-License-Identifier: Apache-2.0
/**
 * The states of a server session.
 *
 *   greeted ─EHLO─▶ ready ─MAIL─▶ mail ─RCPT─▶ rcpt ─DATA─▶ content ─▶ ready
 *                   ready ─AUTH─▶ login ─▶ ready    └─BDAT─▶ chunks ─▶ ready
 *                   ready ─STARTTLS─▶ handshake ─▶ greeted           all ─▶ closed
 */
import type { CommandState } from './command-order.ts'
import type { Transaction } from './transaction.ts'

export type SessionState =
  | { readonly kind: 'greeted' | 'ready' | 'login' | 'handshake' | 'closed' }
  | { readonly kind: 'mail' | 'rcpt' | 'content' | 'chunks'; readonly transaction: Transaction }

/** EHLO, RSET and the end of content lead back to `ready` from wherever they may come. */
export const sessionTransitions = {
  greeted: ['ready', 'closed'],
  ready: ['ready', 'mail', 'login', 'handshake', 'closed'],
  mail: ['ready', 'rcpt', 'closed'],
  rcpt: ['ready', 'content', 'chunks', 'closed'],
  content: ['ready', 'closed'],
  chunks: ['ready', 'closed'],
  login: ['login', 'ready', 'closed'],
  handshake: ['greeted', 'closed'],
  closed: [],
} as const satisfies Record<SessionState['kind'], readonly SessionState['kind'][]>

/** Whether a line is a command. */
export function isCommandState(kind: SessionState['kind']): kind is CommandState {
  return kind !== 'login' && kind !== 'content' && kind !== 'handshake' && kind !== 'closed'
}
