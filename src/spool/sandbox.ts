// SPDX-License-Identifier: Apache-2.0
/**
 * Mail that goes to nobody: it runs through everything, and the receiver at its end is a simulated one within the relay. Such mail waits
 * in queues of one domain of its own, whoever its recipients are, and the router gives that domain to the simulated receiver:
 * that is the one place where its way parts from that of other mail. Addresses at that domain are test addresses, for all mail.
 */
import type { Domain } from '../protocol/mailbox.ts'

/** Below a name that the DNS never has (RFC 6761 §6.4): where no relay of ours takes it, it goes nowhere. */
export const SANDBOX_DOMAIN = 'simulator.invalid' as Domain

const IN_SANDBOX = `@${SANDBOX_DOMAIN}`

/** Whether what waits in a queue, or goes to a mailbox, goes to the simulated receiver. */
export function isSandboxed(queueOrMailbox: string): boolean {
  return queueOrMailbox.endsWith(IN_SANDBOX)
}
