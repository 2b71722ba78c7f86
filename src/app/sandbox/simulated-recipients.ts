// SPDX-License-Identifier: Apache-2.0
/**
 * Who there is at the simulated receiver: `bounce@simulator.invalid`, also as `bounce+anything@`. What each does is about that recipient
 * alone: nothing that would make the path rest, which is everybody's. Whoever else a message of the sandbox names takes it.
 */
import { type Reply, reply } from '../../protocol/reply.ts'
import { isSandboxed, SANDBOX_DOMAIN } from '../../spool/sandbox.ts'
import type { LaterVisit } from './simulated-visits.ts'

/** What comes back after the 250, by mail. */
export type LaterReport = 'complaint' | 'bounce' | 'unsubscribe' | 'auto-reply'

export type SimulatedBehaviour =
  | { readonly kind: 'takes'; readonly later: LaterReport | LaterVisit | null }
  /** Each attempt, or the first. */
  | { readonly kind: 'refuses'; readonly reply: Reply; readonly times: 'always' | 'once' }

const behaviours: ReadonlyMap<string, SimulatedBehaviour> = new Map([
  ['delivered', takes(null)],
  ['bounce', refuses(550, '5.1.1', 'No such user here')],
  ['blocked', refuses(550, '5.7.1', 'Message refused by policy')],
  ['soft-bounce', refuses(452, '4.2.2', 'The mailbox is full, try again later')],
  ['greylist', refuses(450, '4.7.1', 'Greylisted, try again later', 'once')],
  ['later-bounce', takes('bounce')],
  ['complaint', takes('complaint')],
  ['unsubscribe', takes('unsubscribe')],
  ['auto-reply', takes('auto-reply')],
  ['open', takes('open')],
  ['click', takes('click')],
])

const UNKNOWN = refuses(
  550,
  '5.1.1',
  `There is no such test address; there are ${[...behaviours.keys()].join(', ')} at ${SANDBOX_DOMAIN}`,
)

export function behaviourOf(recipient: string): SimulatedBehaviour {
  const mailbox = recipient.toLowerCase()
  if (!isSandboxed(mailbox)) return takes(null)
  const [name = ''] = mailbox.slice(0, mailbox.lastIndexOf('@')).split('+', 1)
  return behaviours.get(name) ?? UNKNOWN
}

function takes(later: LaterReport | LaterVisit | null): SimulatedBehaviour {
  return { kind: 'takes', later }
}

function refuses(
  code: number,
  enhanced: string,
  text: string,
  times: 'always' | 'once' = 'always',
): SimulatedBehaviour {
  return { kind: 'refuses', reply: reply(code, enhanced, text), times }
}
