// SPDX-License-Identifier: Apache-2.0
/** Characters to choose from by name: `posthaste sink --temperament NAME`. */
import { ms, seconds } from '../../base/brand.ts'
import { googleReplies, yahooReplies } from './receiver-replies.ts'
import { generous, type Temperament } from './temperament.ts'

export const namedTemperaments = {
  generous,
  throttling: {
    ...generous,
    name: 'throttling',
    messageRate: { count: 10, per: seconds(1) },
    replies: googleReplies,
  },
  greylisting: { ...generous, name: 'greylisting', greylist: seconds(10) },
  slow: {
    ...generous,
    name: 'slow',
    connections: 2,
    messagesPerConnection: 20,
    replyDelay: { median: ms(200), p99: ms(2_000) },
    replies: yahooReplies,
  },
  'no-starttls': { ...generous, name: 'no-starttls', tls: false },
  'broken-tls': { ...generous, name: 'broken-tls', tls: 'broken' },
  'lie-about-pipelining': { ...generous, name: 'lie-about-pipelining', pipelining: 'lie' },
} as const satisfies Record<string, Temperament>

export type TemperamentName = keyof typeof namedTemperaments

export function isTemperamentName(name: string): name is TemperamentName {
  return Object.hasOwn(namedTemperaments, name)
}
