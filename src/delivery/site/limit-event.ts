// SPDX-License-Identifier: Apache-2.0
/** What replies have taught as an event: in words, with the numbers. */
import { formatRate } from '../../base/quantity.ts'
import type { Unwritten } from '../../events/event.ts'
import type { LimitEvent } from '../../events/limit-event.ts'
import type { Aspect } from '../../queue/shaping/lesson.ts'
import { type Flow, rateOf, type Taught, type Whom } from '../../queue/shaping/lessons.ts'

const names = {
  messageRate: 'message_rate',
  connections: 'connections',
  messagesPerConnection: 'messages_per_connection',
} as const satisfies Record<Aspect, LimitEvent['limit']>

export function limitEventOf(taught: Taught, at: string, node: string): Unwritten<LimitEvent> {
  const { after, aspect, before, whom, words } = taught
  return {
    type: after === null || (before !== null && after > before) ? 'limit.raised' : 'limit.lowered',
    at,
    node,
    tenant: whom.kind === 'path' ? null : whom.tenant,
    campaign: whom.kind === 'campaign' ? whom.campaign : null,
    source: whom.kind === 'path' ? whom.source : null,
    site: whom.kind === 'path' ? whom.site : whom.at,
    limit: names[aspect],
    before: before === null ? null : valueInWords(aspect, before),
    after: after === null ? null : valueInWords(aspect, after),
    words,
    text: inWords(taught),
  }
}

/** `60/min`, `5`. */
export function valueInWords(aspect: Aspect, value: number): string {
  return aspect === 'messageRate' ? formatRate(rateOf(value)) : String(value)
}

function inWords({ after, aspect, before, limit, whom, words }: Taught): string {
  const rules = limit === null ? 'no limit' : `the limit of ${valueInWords(aspect, limit)}`
  const from = before === null ? rules : valueInWords(aspect, before)
  const what = `${placeInWords(whom)}: ${names[aspect]}`
  if (after === null)
    return `${what} is back at ${rules} of the rules: ${from} went well without a complaint`
  const to = valueInWords(aspect, after)
  if (before !== null && after > before)
    return `${what} raised from ${from} to ${to}: it went well without a complaint; the rules set ${rules}`
  return `${what} lowered from ${from} to ${to}, since the receiver said: ${words}`
}

function placeInWords(whom: Whom): string {
  return whom.kind === 'path'
    ? `from source ${whom.source} to site ${whom.site}`
    : flowInWords(whom)
}

/** `of tenant shop at google`. */
export function flowInWords(flow: Flow): string {
  const whose = `of tenant ${flow.tenant} at ${flow.at}`
  return flow.kind === 'campaign' ? `of campaign ${flow.campaign} ${whose}` : whose
}
