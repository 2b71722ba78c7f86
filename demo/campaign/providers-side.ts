// SPDX-License-Identifier: Apache-2.0
/**
 * The mailbox providers and their users: servers on loopback that take or refuse, and what comes back from them later, to the
 * relay's inbound listener. Whatever they do they write into the ledger, and they know nothing of the relay's inside.
 */
import { createTransport } from 'nodemailer'
import { makeCertificate } from '../../src/app/self-signed-certificate.ts'
import type { SinkMessage, SinkRefusal } from '../../src/app/sink/sink-context.ts'
import { type SinkOptions, SinkServer } from '../../src/app/sink/sink-server.ts'
import type { Clock } from '../../src/base/clock.ts'
import { SystemRandom } from '../../src/base/random.ts'
import { reply } from '../../src/protocol/reply.ts'
import { fateOf } from './fate.ts'
import type { Ledger, LedgerLine } from './ledger.ts'
import { type CampaignProvider, campaignProviders, providerOf } from './mailboxes.ts'
import {
  automaticReply,
  bounce,
  complaint,
  diagnoses,
  type ReturnedMail,
  type TakenMail,
  unsubscription,
} from './returned-mail.ts'

const CONNECTIONS = 8

const refusals = {
  greylisted: reply(450, '4.7.1', '<{recipient}>: Greylisted, please try again later'),
  throttled: reply(451, '4.7.0', 'Too many messages from your address, try again later'),
  gone: reply(550, '5.1.1', '<{recipient}>: Recipient address rejected: User unknown'),
  closed: reply(550, '5.2.1', 'The mailbox <{recipient}> is disabled'),
  filtered: reply(550, '5.7.1', 'Message rejected as spam by content filter'),
} as const

export class ProvidersSide {
  readonly #ledger: Ledger
  readonly #complaintsTo: string
  #waiting: (readonly [ReturnedMail, LedgerLine])[] = []
  #transport: ReturnType<typeof transportTo> | null = null
  #open = 0
  /** Recipients who were, and providers that have throttled. */
  readonly #putOff = new Set<string>()
  /** What the relay did not take, with its words. */
  readonly refused: string[] = []

  constructor(ledger: Ledger, complaintsTo: string) {
    this.#ledger = ledger
    this.#complaintsTo = complaintsTo
  }

  /** Nothing is on its way to the relay. */
  get isIdle(): boolean {
    return this.#open === 0 && this.#waiting.length === 0
  }

  async servers(clock: Clock): Promise<readonly (readonly [SinkServer, string])[]> {
    return Promise.all(
      campaignProviders.map(async (provider) => {
        const certificate = await makeCertificate(
          { commonName: provider.mxHost },
          clock,
          new SystemRandom(),
        )
        return [
          new SinkServer(this.#options(provider, clock, certificate)),
          provider.address,
        ] as const
      }),
    )
  }

  /** Sends what has come together, and from here on at once. */
  connect(port: number): void {
    this.#transport = transportTo(port)
    const waiting = this.#waiting
    this.#waiting = []
    for (const [mail, line] of waiting) this.#send(mail, line)
  }

  close(): void {
    this.#transport?.close()
  }

  #options(
    provider: CampaignProvider,
    clock: Clock,
    certificate: { readonly key: string; readonly cert: string },
  ): SinkOptions {
    return {
      certificate,
      clock,
      temperament: { name: provider.name, host: provider.mxHost },
      judge: ({ recipient }) => {
        const fate = fateOf(recipient.toLowerCase())
        const isOver = this.#putOff.has(fate === 'throttled' ? provider.name : recipient)
        if (!(fate in refusals) || isOver) return { kind: 'accept', trick: null }
        const reply = refusals[fate as keyof typeof refusals]
        return { kind: 'refuse', outcome: 'unknown', reply }
      },
      onMessage: (message) => this.#took(provider, message),
      onRefusal: (refusal) => this.#refused(provider, refusal),
    }
  }

  #refused({ name }: CampaignProvider, { recipient }: SinkRefusal): void {
    const fate = fateOf(recipient.toLowerCase())
    if (fate === 'greylisted' || fate === 'throttled') {
      this.#putOff.add(fate === 'throttled' ? name : recipient)
      this.#ledger.write({ provider: name, recipient, what: fate })
      return
    }
    this.#ledger.write({ provider: name, recipient, what: 'refused', isGone: fate !== 'filtered' })
  }

  #took(provider: CampaignProvider, { content, recipients, reversePath }: SinkMessage): void {
    const [recipient = ''] = recipients
    const { name } = provider
    this.#ledger.write({ provider: name, recipient, what: 'took' })
    const end = content.indexOf('\r\n\r\n')
    const header = content.subarray(0, end === -1 ? content.length : end).toString('latin1')
    this.#comesBack({ provider: providerOf(recipient), recipient, returnPath: reversePath, header })
  }

  #comesBack(mail: TakenMail): void {
    const { provider, recipient } = mail
    const line = { provider: provider.name, recipient }
    const bounced = { ...line, what: 'bounced' } as const
    switch (fateOf(recipient)) {
      case 'gone-later':
        // Some servers report twice.
        this.#send(bounce(mail, diagnoses.gone), { ...bounced, isGone: true })
        this.#send(bounce(mail, diagnoses.gone), { ...bounced, isGone: true })
        break
      case 'filtered-later':
        this.#send(bounce(mail, diagnoses.filtered), { ...bounced, isGone: false })
        break
      case 'full-later':
        this.#send(bounce(mail, diagnoses.full), { ...bounced, isGone: false })
        break
      case 'complains':
        this.#send(complaint(mail, this.#complaintsTo), { ...line, what: 'complained' })
        break
      case 'unsubscribes': {
        const wish = unsubscription(mail)
        if (wish === null) this.refused.push(`${recipient} finds no List-Unsubscribe`)
        else this.#send(wish, { ...line, what: 'unsubscribed' })
        break
      }
      case 'away':
        this.#send(automaticReply(mail), { ...line, what: 'answered' })
    }
  }

  /** Into the ledger once the relay has said 250. */
  #send(mail: ReturnedMail, line: LedgerLine): void {
    if (this.#transport === null) {
      this.#waiting.push([mail, line])
      return
    }
    this.#open++
    const { content: raw, from, to } = mail
    this.#transport
      .sendMail({ envelope: { from, to: [to] }, raw })
      .then(
        () => this.#ledger.write(line),
        (thrown: unknown) => this.refused.push(`${to}: ${String(thrown)}`),
      )
      .finally(() => this.#open--)
  }
}

function transportTo(port: number) {
  return createTransport({
    pool: true,
    maxConnections: CONNECTIONS,
    maxMessages: Number.POSITIVE_INFINITY,
    host: '127.0.0.1',
    port,
    name: 'mx.providers.example',
    ignoreTLS: true,
  })
}
