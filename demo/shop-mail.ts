// SPDX-License-Identifier: Apache-2.0
/** What the shop sends: receipts one by one, and a campaign to everybody. The same each time. */
import { SeededRandom } from '../src/base/random.ts'
import { type DemoProvider, FORMER, HOARDER, providers, SHOP_DOMAIN } from './providers.ts'
import { campaignHtml, receiptHtml } from './shop-html.ts'

export interface ShopMessage {
  readonly stream: 'transactional' | 'bulk'
  readonly provider: DemoProvider
  readonly from: string
  readonly to: string
  readonly subject: string
  readonly messageId: string
  readonly html: string
  readonly text: string
  readonly headers: Readonly<Record<string, string>>
}

const FIRST_NAMES = 'Ada Bea Carl Dora Emil Fay Gus Hana Ivo Jana Kai Lea Max Nora Otto Pia'.split(
  ' ',
)
const LAST_NAMES =
  'Abt Brandt Costa Dietz Ebert Falk García Haas Ito Jónsson Koch Lund Møller'.split(' ')
/** Every third message is a receipt. */
const RECEIPT_EVERY = 3
/** Of a provider with full and unknown mailboxes, so many of a hundred are one or the other. */
const GONE_PERCENT = 6
const FULL_PERCENT = 4

/** `count` messages, receipts and campaign mixed as they would be on a busy day. */
export function shopMail(count: number): readonly ShopMessage[] {
  const random = new SeededRandom(1)
  return Array.from({ length: count }, (_, at) => {
    const provider = providerAt(random.fraction())
    const customer = customerOf(provider, at, random)
    return at % RECEIPT_EVERY === 0 ? receipt(at, customer, random) : campaign(at, customer)
  })
}

interface Customer {
  readonly provider: DemoProvider
  readonly name: string
  readonly mailbox: string
}

function receipt(
  at: number,
  { provider, name, mailbox }: Customer,
  random: SeededRandom,
): ShopMessage {
  const order = 100_000 + at
  const { html, total } = receiptHtml(name, order, random)
  return {
    stream: 'transactional',
    provider,
    from: `The Linen Shop <orders@${SHOP_DOMAIN}>`,
    to: `${name} <${mailbox}>`,
    subject: `Your order ${order}: thank you, ${name}`,
    messageId: `<order-${order}@${SHOP_DOMAIN}>`,
    html,
    text: `Thank you, ${name}.\nWe have your order ${order} over ${total} and pack it today.\n`,
    headers: {},
  }
}

function campaign(at: number, { provider, name, mailbox }: Customer): ShopMessage {
  const unsubscribe = `https://${SHOP_DOMAIN}/unsubscribe/${at}`
  return {
    stream: 'bulk',
    provider,
    from: `The Linen Shop <news@${SHOP_DOMAIN}>`,
    to: `${name} <${mailbox}>`,
    subject: 'Spring is here – members save 20 % this weekend',
    messageId: `<spring-${at}@${SHOP_DOMAIN}>`,
    html: campaignHtml(name, unsubscribe),
    text: `Dear ${name},\nspring is here. Save 20 % until Sunday.\nNo more mail: ${unsubscribe}\n`,
    headers: {
      'List-Unsubscribe': `<${unsubscribe}>`,
      'List-Unsubscribe-Post': 'List-Unsubscribe=One-Click',
    },
  }
}

function providerAt(fraction: number): DemoProvider {
  let sum = 0
  for (const provider of providers) {
    sum += provider.share
    if (fraction < sum) return provider
  }
  return providers[0] as DemoProvider
}

function customerOf(provider: DemoProvider, at: number, random: SeededRandom): Customer {
  const [first, last] = [pick(FIRST_NAMES, random), pick(LAST_NAMES, random)]
  const domain = pick(provider.domains, random)
  const localPart = `${first}.${asciiOf(last)}.${at}`.toLowerCase()
  const prefix = provider.temperament.isFull ? badPrefix(random.fraction() * 100) : ''
  return { provider, name: `${first} ${last}`, mailbox: `${prefix}${localPart}@${domain}` }
}

function badPrefix(percent: number): string {
  if (percent < GONE_PERCENT) return FORMER
  return percent < GONE_PERCENT + FULL_PERCENT ? HOARDER : ''
}

function pick<T>(items: readonly T[], random: SeededRandom): T {
  return items[Math.floor(random.fraction() * items.length)] as T
}

function asciiOf(name: string): string {
  return name
    .normalize('NFD')
    .replaceAll('ø', 'o')
    .replaceAll(/[^a-zA-Z]/g, '')
}
