// SPDX-License-Identifier: Apache-2.0
/**
 * The road between two programs: a relay that signs for `shop.example`, a receiver with STARTTLS for `example.net`, and a
 * name server that leads from one to the other and has what the domain's owner is told to publish.
 */
import assert from 'node:assert/strict'
import { Resolver } from 'node:dns/promises'
import { join } from 'node:path'
import type { SinkMessage } from '../../src/app/sink/sink-context.ts'
import { ZoneServer } from '../../src/dns/zone-server.ts'
import type { DeliveredEvent, ReceivedEvent } from '../../src/events/event.ts'
import { verifySignatures } from './mailauth-verifier.ts'
import { otherVerifiers } from './other-verifiers.ts'
import { namesFrom } from './relay-config.ts'
import { RELAY_HOST, RunningRelay } from './running-relay.ts'
import { type RunningSink, sinkCertificate, startSink } from './running-sink.ts'

export const SENDER = 'orders@shop.example'
export const RECIPIENT = 'jane@example.net'

const ZONE = `
example.net             MX 10 mx.example.net
mx.example.net          A  127.0.0.1
${RELAY_HOST}           A  127.0.0.1
`

export class InteropStage implements AsyncDisposable {
  readonly relay: RunningRelay
  readonly sink: RunningSink
  /** Of the relay's self-signed certificate, PEM. */
  readonly certificateFile: string
  readonly #zone: ZoneServer
  readonly #owned: AsyncDisposableStack

  /** `port`: of a receiver in place of the sink. */
  static async open(port?: number): Promise<InteropStage> {
    await using owned = new AsyncDisposableStack()
    const sink = owned.use(await startSink({ certificate: sinkCertificate }))
    const zone = owned.use(await ZoneServer.start({ zone: ZONE }))
    const relay = owned.use(
      await RunningRelay.start({
        config: `${namesFrom(zone)}[delivery]\nport = ${port ?? sink.port}\n`,
        domains: ['shop.example'],
      }),
    )
    for (const { name, type, value } of await relay.dnsRecordsOf('shop.example'))
      if (type === 'TXT') zone.zone.add({ name, type, data: value })
    return new InteropStage(relay, sink, zone, owned.move())
  }

  private constructor(
    relay: RunningRelay,
    sink: RunningSink,
    zone: ZoneServer,
    owned: AsyncDisposableStack,
  ) {
    this.relay = relay
    this.sink = sink
    this.certificateFile = join(relay.folder, 'tls.crt')
    this.#zone = zone
    this.#owned = owned
  }

  /** The message with that subject as the relay took it: over TLS, from somebody who had authenticated. */
  async submitted(subject: string): Promise<ReceivedEvent> {
    const event = await this.relay.waitForEvent(
      (event): event is ReceivedEvent =>
        event.type === 'message.received' && event.subject === subject,
    )
    assert.equal(event.protocol, 'ESMTPSA')
    assert.notEqual(event.credential, null)
    assert.match(event.signedBy.join(' '), /^\S+\.shop\.example \S+\.shop\.example$/)
    return event
  }

  /** And as the sink got it: over TLS, with signatures that others verify and a return path that finds it again. */
  async delivered(subject: string): Promise<SinkMessage> {
    const { messageId } = await this.submitted(subject)
    const { tls } = await this.relay.waitForEvent(
      (event): event is DeliveredEvent =>
        event.type === 'message.delivered' && event.messageId === messageId,
    )
    assert.equal(tls?.version, 'TLSv1.3')
    const message = this.sink.messages.find(({ content }) =>
      content.includes(`\r\nSubject: ${subject}\r\n`),
    )
    assert.ok(message)
    assert.equal(message.tls, 'TLSv1.3')
    assert.match(message.reversePath, /^[0-9a-z]{60}@bounce\.shop\.example$/)
    await this.verify(message.content)
    return message
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
