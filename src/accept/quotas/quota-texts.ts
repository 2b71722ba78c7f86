// SPDX-License-Identifier: Apache-2.0
/** What is said of mail that is over a quota. */
import { timestampOf } from '../../events/event.ts'
import { type Reply, reply } from '../../protocol/reply.ts'
import type { Quota } from '../../records/quotas/quota.ts'
import type { Over } from './quota-counters.ts'

const ARTICLES = { hour: 'an hour', day: 'a day', month: 'a month' } as const

/** `stream news, 10000 recipients a day`. */
export function quotaInWords({ kind, name, period, recipients }: Quota): string {
  return `${kind} ${name}, ${recipients} recipients ${ARTICLES[period]}`
}

/** One sentence. */
export function overInWords({ quota, until }: Over): string {
  return `The quota of ${quotaInWords(quota)}, is used up until ${timestampOf(until)}`
}

/** Transient: the same may come again in the next period. */
export function quotaReply(over: Over): Reply {
  return reply(452, '4.7.1', `${overInWords(over)}; send it again then`)
}
