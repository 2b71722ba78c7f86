// SPDX-License-Identifier: Apache-2.0
/** RFC 5321 §4.1.4, as data: which command may come when. Extensions by RFC 3030 §2, RFC 3207 §4 and RFC 4954 §4. */
import { type Reply, reply } from '../reply.ts'
import type { Verb } from './command.ts'

/**
 * Where lines are commands.
 *
 *   greeted ─EHLO─▶ ready ─MAIL─▶ mail ─RCPT─▶ rcpt ─BDAT─▶ chunks ─▶ ready
 */
export type CommandState = 'greeted' | 'ready' | 'mail' | 'rcpt' | 'chunks'

const ALWAYS = ['greeted', 'ready', 'mail', 'rcpt', 'chunks'] as const

export const commandOrder = {
  EHLO: ALWAYS,
  HELO: ALWAYS,
  MAIL: ['ready'],
  RCPT: ['mail', 'rcpt'],
  DATA: ['rcpt'],
  BDAT: ['rcpt', 'chunks'],
  STARTTLS: ['ready'],
  AUTH: ['ready'],
  XCLIENT: ['greeted', 'ready'],
  RSET: ALWAYS,
  NOOP: ALWAYS,
  HELP: ALWAYS,
  VRFY: ALWAYS,
  EXPN: ALWAYS,
  QUIT: ALWAYS,
} as const satisfies Record<Verb, readonly CommandState[]>

export function isInOrder(verb: Verb, state: CommandState): boolean {
  return (commandOrder[verb] as readonly CommandState[]).includes(state)
}

const missing = {
  greeted: reply(503, '5.5.1', 'Send EHLO first'),
  ready: reply(503, '5.5.1', 'Send MAIL first'),
  mail: reply(503, '5.5.1', 'No valid recipients'),
  rcpt: reply(503, '5.5.1', 'A transaction is open, finish it or send RSET'),
  chunks: reply(503, '5.5.1', 'Chunks of a message are open, finish them or send RSET'),
} as const satisfies Record<CommandState, Reply>

/** Why a command may not come in a state. */
export function outOfOrder(verb: Verb, state: CommandState): Reply {
  const isNested = state === 'mail' && verb !== 'DATA' && verb !== 'BDAT'
  return missing[isNested ? 'rcpt' : state]
}
