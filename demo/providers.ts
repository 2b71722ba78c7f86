// SPDX-License-Identifier: Apache-2.0
/** The mailbox providers of the demo: who they are, how they behave, and how many of the shop's customers they have. */

import { googleReplies, microsoftReplies, yahooReplies } from '../src/app/sink/receiver-replies.ts'
import type { Temperament } from '../src/app/sink/temperament.ts'
import { ms, seconds } from '../src/base/brand.ts'

export interface DemoProvider {
  readonly name: string
  /** In a few words, for the table. */
  readonly manner: string
  readonly domains: readonly string[]
  readonly mxHost: string
  /** Where its server listens; `null` where there is none. */
  readonly address: string | null
  /** Of all messages. */
  readonly share: number
  readonly temperament: Partial<Temperament>
}

/** Local-parts of mailboxes that are not there any more, and of those whose owner deletes nothing. */
export const FORMER = 'former.'
export const HOARDER = 'hoarder.'

export const providers: readonly DemoProvider[] = [
  {
    name: 'Heron Mail',
    manner: 'generous, TLS',
    domains: ['heron.example', 'heronmail.example'],
    mxHost: 'mx.heron.example',
    address: '127.0.0.11',
    share: 0.4,
    temperament: {},
  },
  {
    name: 'Ibis',
    manner: 'throttles with 421 above 100/s, TLS',
    domains: ['ibis.example'],
    mxHost: 'mx.ibis.example',
    address: '127.0.0.12',
    share: 0.2,
    // No more than fifty at once, even where the shop is slow to send.
    temperament: { messageRate: { count: 50, per: ms(500) }, replies: googleReplies },
  },
  {
    name: 'Lynx Post',
    manner: 'greylists for 2 s',
    domains: ['lynx.example'],
    mxHost: 'mx.lynx.example',
    address: '127.0.0.13',
    share: 0.14,
    temperament: { tls: false, greylist: seconds(2) },
  },
  {
    name: 'Tortoise',
    manner: 'slow, two connections',
    domains: ['tortoise.example'],
    mxHost: 'mx.tortoise.example',
    address: '127.0.0.14',
    share: 0.05,
    temperament: {
      tls: false,
      connections: 2,
      messagesPerConnection: 20,
      replyDelay: { median: ms(10), p99: ms(60) },
      replies: yahooReplies,
    },
  },
  {
    name: 'Magpie',
    manner: 'full and unknown mailboxes, TLS',
    domains: ['magpie.example'],
    mxHost: 'mx.magpie.example',
    address: '127.0.0.15',
    share: 0.18,
    temperament: {
      isUnknown: (localPart) => localPart.startsWith(FORMER),
      isFull: (localPart) => localPart.startsWith(HOARDER),
      replies: microsoftReplies,
    },
  },
  {
    name: 'nobody',
    manner: 'mistyped domains, a null MX',
    domains: ['hreon.example', 'no-mail.example'],
    mxHost: '',
    address: null,
    share: 0.03,
    temperament: {},
  },
]

/** Takes no mail, and says so in the DNS (RFC 7505). */
export const NULL_MX_DOMAIN = 'no-mail.example'
/** The shop, and where reports about its failed mail come back. */
export const SHOP_DOMAIN = 'shop.example'
export const SHOP_MX_HOST = 'mx.shop.example'
export const SHOP_ADDRESS = '127.0.0.16'
export const RELAY_HOST = 'relay.demo.example'
