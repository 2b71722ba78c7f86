// SPDX-License-Identifier: Apache-2.0
/**
 * What is seen of recipients, where a message asked for it: that it was shown, that a link in it was followed. Both can be a machine's doing,
 * which looks at mail before anybody reads it, or fetches pictures for all of its users; `machine` says what speaks for that.
 */
import { z } from 'zod'
import { ofRecipient } from './event-parts.ts'

/** What asked, by what it calls itself. `proxy`: of a provider, for a recipient of whom nothing is seen. */
export const agentKind = z.enum(['desktop', 'mobile', 'mail-program', 'proxy', 'robot', 'unknown'])

/**
 * Why it was probably nobody. `privacy`: a service that loads every picture of every mail (Apple's). `image-proxy`: a provider's (Gmail,
 * Yahoo), for a reader, or for all of them. `scanner`: it looks for what is bad. `prefetch`: a browser, before somebody wants it. `head`: only
 * whether it is there was asked. `robot`: some other program.
 */
export const machineSign = z.enum([
  'privacy',
  'image-proxy',
  'scanner',
  'prefetch',
  'head',
  'robot',
])

const hit = {
  agent: agentKind,
  /** `null`: nothing speaks for a machine. */
  machine: machineSign.nullable(),
  /** Address that it came from. */
  peer: z.string(),
}

export const openedEvent = z.object({ type: z.literal('message.opened'), ...ofRecipient, ...hit })

export const clickedEvent = z.object({
  type: z.literal('message.clicked'),
  ...ofRecipient,
  ...hit,
  /** Where it leads. */
  link: z.string(),
})

export type OpenedEvent = z.infer<typeof openedEvent>
export type ClickedEvent = z.infer<typeof clickedEvent>
export type HitEvent = OpenedEvent | ClickedEvent
export type AgentKind = z.infer<typeof agentKind>
export type MachineSign = z.infer<typeof machineSign>
