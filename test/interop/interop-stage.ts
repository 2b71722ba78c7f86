// SPDX-License-Identifier: Apache-2.0
/**
 * The road between two programs: a relay that signs for `shop.example`, a sink with STARTTLS for `example.net` and all below it,
 * and a name server that leads from one to the other and has what the domain's owner is told to publish. Who is on this
 * machine may submit without AUTH, and with it in the clear.
 */
import assert from 'node:assert/strict'
import { Resolver } from 'node:dns/promises'
import { join } from 'node:path'
import type { SinkMessage } from '../../src/app/sink/sink-context.ts'
import { ms } from '../../src/base/brand.ts'
import { SystemClock } from '../../src/base/clock.ts'
import { ZoneServer } from '../../src/dns/zone-server.ts'
import type { DeliveredEvent, OutcomeEvent, ReceivedEvent } from '../../src/events/event.ts'
import { freePort } from '../support/free-port.ts'
import { verifySignatures } from '../support/mailauth-verifier.ts'
import { otherVerifiers } from '../support/other-verifiers.ts'
import { namesFrom, trustLoopback } from '../support/relay-config.ts'
import { RELAY_HOST, RunningRelay } from '../support/running-relay.ts'
import { type RunningSink, startSink } from '../support/running-sink.ts'
import { sinkCertificate } from '../support/sink-certificate.ts'
import { SmtpDialog } from '../support/smtp-dialog.ts'

export const SENDER = 'orders@shop.example'

export interface Stage {
  /** More of the relay's configuration. */
  readonly config?: string
  /** Domains that lead to the sink. */
  readonly domains: readonly string[]
  /** Of the default stream. */
  readonly sharesTransactions: boolean
}

export class InteropStage implements AsyncDisposable {
  readonly relay: RunningRelay
  readonly sink: RunningSink
  /** Of the relay's self-signed certificate, PEM. */
  readonly certificateFile: string
  /** Where it listens with implicit TLS. */
  readonly implicitPort: number
  readonly #zone: ZoneServer
  readonly #owned: AsyncDisposableStack

  static async open({ config = '', domains, sharesTransactions }: Stage): Promise<InteropStage> {
    await using owned = new AsyncDisposableStack()
    const sink = owned.use(await startSink({ certificate: sinkCertificate }))
    const hosts = ['mx.example.net', RELAY_HOST].map((name) => `${name} A 127.0.0.1\n`)
    const mx = domains.map((domain) => `${domain} MX 10 mx.example.net\n`)
    const zone = owned.use(await ZoneServer.start({ zone: [...hosts, ...mx].join('') }))
    const implicitPort = await freePort()
    const listener = `[[listener]]\nname = "implicit"\naddresses = ["127.0.0.1:${implicitPort}"]\ntls = "implicit"\n`
    const delivery = `[delivery]\nport = ${sink.port}\n`
    const shared = ['stream', 'add', 'shared', '--kind', 'transactional']
    const relay = owned.use(
      await RunningRelay.start({
        config: `${namesFrom(zone)}${delivery}${trustLoopback}${listener}${config}`,
        submission: 'clear_text_auth = "loopback"\n',
        domains: ['shop.example'],
        commands: sharesTransactions ? [[...shared, '--share-transactions', '--default']] : [],
      }),
    )
    for (const { name, type, value } of await relay.dnsRecordsOf('shop.example'))
      if (type === 'TXT') zone.zone.add({ name, type, data: value })
    return new InteropStage(relay, implicitPort, sink, zone, owned.move())
  }

  private constructor(
    relay: RunningRelay,
    implicitPort: number,
    sink: RunningSink,
    zone: ZoneServer,
    owned: AsyncDisposableStack,
  ) {
    this.relay = relay
    this.implicitPort = implicitPort
    this.sink = sink
    this.certificateFile = join(relay.folder, 'tls.crt')
    this.#zone = zone
    this.#owned = owned
  }

  /** One that SCRAM may be used with; its user name and its secret. Resolves once that is offered. */
  async scramCredential(): Promise<{ readonly id: string; readonly secret: string }> {
    const words = ['credential', 'add', '--label', 'scram', '--tenant', 'default', '--scram']
    const added = (await this.relay.json(...words)) as { id: string; secret: string }
    const isOffered = async () => {
      await using dialog = await SmtpDialog.open(this.relay.port)
      await dialog.reply()
      return (await dialog.say('EHLO client.example')).includes('SCRAM-SHA-256')
    }
    while (!(await isOffered())) await new SystemClock().sleep(ms(50))
    return added
  }

  /** The message with that subject as the relay took it. */
  submitted(subject: string): Promise<ReceivedEvent> {
    return this.relay.waitForEvent(
      (event): event is ReceivedEvent =>
        event.type === 'message.received' && event.subject === subject,
    )
  }

  /** Resolves when the relay has taken messages with that subject for so many recipients; a client may make several of one. */
  async submittedFor(subject: string, recipients: readonly string[]): Promise<readonly string[]> {
    const taken: string[] = []
    await this.relay.waitForEvent((event) => {
      if (event.type === 'message.received' && event.subject === subject)
        taken.push(...event.recipients)
      return taken.length >= recipients.length
    })
    return taken
  }

  /** How a receiver took it from us. Whatever else becomes of one of `recipients` is a failure. */
  async delivered(subject: string, recipients: readonly string[]): Promise<DeliveredEvent[]> {
    await this.submittedFor(subject, recipients)
    const messages = this.relay.events.seen.filter(
      (event) => event.type === 'message.received' && event.subject === subject,
    )
    const ids = messages.map((event) => ('messageId' in event ? event.messageId : null))
    const endOf = (recipient: string) =>
      this.relay.waitForEvent(
        (event): event is OutcomeEvent =>
          'recipientIndex' in event &&
          ids.includes(event.messageId) &&
          event.recipient === recipient,
      )
    const ends = await Promise.all(recipients.map(endOf))
    return ends.map((event) => {
      if (event.type === 'message.delivered') return event
      const dialog = 'conversation' in event ? event.conversation.join('\n') : ''
      throw new Error(`${event.type}: ${dialog}`)
    })
  }

  /** What the sink was given under that subject: a message for each transaction. */
  async arrived(subject: string, recipients: readonly string[]): Promise<readonly SinkMessage[]> {
    await this.delivered(subject, recipients)
    const marker = `\r\nSubject: ${subject}\r\n`
    return this.sink.messages.filter(({ content }) => content.includes(marker))
  }

  /** Both signatures, by mailauth and by OpenDKIM where that is installed, with keys out of the DNS. */
  async verify(content: Buffer): Promise<void> {
    const names = new Resolver()
    names.setServers([`${this.#zone.address}:${this.#zone.port}`])
    const published = new Map<string, string>()
    const results = await verifySignatures(content, async (name) => {
      const strings = await names.resolveTxt(name)
      for (const pieces of strings) published.set(name, pieces.join(''))
      return strings
    })
    assert.deepEqual(results, ['pass', 'pass'])
    const openDkim = otherVerifiers.find(({ name }) => name === 'OpenDKIM')
    if (openDkim?.verify)
      assert.deepEqual(openDkim.verify([content], published), [{ passed: 2, of: 2 }])
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#owned.disposeAsync()
  }
}
