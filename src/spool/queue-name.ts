// SPDX-License-Identifier: Apache-2.0
/**
 * `stream.campaign:tenant@domain`: the scheduled queue in which a recipient waits until due (KumoMTA's
 * names). The campaign is left out where there is none; `%`, `.`, `:` and `@` in a part are percent-escaped.
 */
import type { Brand } from '../base/brand.ts'
import { type Domain, domainOf } from '../protocol/mailbox.ts'
import type { Message } from './message.ts'
import { SANDBOX_DOMAIN } from './sandbox.ts'

export type QueueName = Brand<string, 'QueueName'>

export interface QueueParts {
  readonly stream: string
  readonly campaign: string | null
  readonly tenant: string
  readonly domain: Domain
}

export function queueName(parts: QueueParts): QueueName {
  const label =
    parts.campaign === null
      ? escapePart(parts.stream)
      : `${escapePart(parts.stream)}.${escapePart(parts.campaign)}`
  return `${label}:${escapePart(parts.tenant)}@${parts.domain}` as QueueName
}

/** The queue of one recipient of a message; all of the sandbox wait for the simulated receiver. */
export function queueOf(message: Message, index: number): QueueName {
  const recipient = message.envelope.recipients[index]
  if (!recipient) throw new RangeError(`message ${message.id} has no recipient ${index}`)
  return queueName({
    stream: message.stream,
    campaign: message.campaign,
    tenant: message.tenant,
    domain: message.sandbox ? SANDBOX_DOMAIN : domainOf(recipient.forwardPath),
  })
}

/** Where the mail of a queue goes. */
export function domainOfQueue(queue: QueueName): Domain {
  return queue.slice(queue.lastIndexOf('@') + 1) as Domain
}

/** `null` where the text is no queue name. */
export function parseQueueName(text: string): QueueParts | null {
  const match = /^([^.:@]+)(?:\.([^.:@]+))?:([^.:@]+)@(.+)$/.exec(text)
  if (!match) return null
  const [, stream = '', campaign, tenant = '', domain = ''] = match
  try {
    return {
      stream: decodeURIComponent(stream),
      campaign: campaign === undefined ? null : decodeURIComponent(campaign),
      tenant: decodeURIComponent(tenant),
      domain: domain as Domain,
    }
  } catch {
    // URIError: percent signs that escape nothing.
    return null
  }
}

function escapePart(part: string): string {
  if (!/[%.:@\s]/.test(part)) return part
  return part.replace(/[%.:@\s]/g, (letter) =>
    letter === '.' ? '%2E' : encodeURIComponent(letter),
  )
}
