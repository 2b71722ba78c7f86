// SPDX-License-Identifier: Apache-2.0
/** How good TLS must be: certificates that are good, and those that are not in each way; sessions that are resumed. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createSecureContext, type TLSSocket } from 'node:tls'
import { makeCertificate } from '../../src/app/self-signed-certificate.ts'
import { days } from '../../src/base/brand.ts'
import { SystemClock } from '../../src/base/clock.ts'
import { SystemRandom } from '../../src/base/random.ts'
import { dialOutcome } from '../../src/delivery/outcome/outcome-of-reply.ts'
import type { Dial } from '../../src/smtp/client-connection.ts'
import { connectSession, type DialResult } from '../../src/smtp/client-dial.ts'
import { ClientTls } from '../../src/smtp/client-tls.ts'
import {
  answerEhlo,
  connectBy,
  connectorOn,
  dialTo,
  greet,
  OFFERS_PIPELINING,
  readCommands,
  routeToHosts,
  standStill,
  transaction,
} from '../support/receiver-client.ts'
import { type Script, ScriptedReceiver } from '../support/scripted-receiver.ts'

const OFFERS_TLS = [...OFFERS_PIPELINING, 'STARTTLS']
const certify = (options: Parameters<typeof makeCertificate>[0]) =>
  makeCertificate(options, new SystemClock(), new SystemRandom())

const certificate = await certify({ commonName: 'mx.example.net', addresses: ['127.0.0.1'] })
const expired = await certify({ commonName: 'mx.example.net', lifetime: days(-0.5) })

/** Over TLS with `identity`; what it is told of each handshake goes to `onSocket`. */
function secured(
  identity: Parameters<import('../support/scripted-receiver.ts').ScriptedPeer['startTls']>[0],
  onSocket: (socket: TLSSocket) => void = () => {},
): Script {
  return async (peer) => {
    await greet(peer, OFFERS_TLS)
    if ((await peer.readLine()) !== 'STARTTLS') return
    peer.send('220 go\r\n')
    const socket = peer.startTls(identity)
    socket.once('secure', () => onSocket(socket))
    await peer.readLine()
    answerEhlo(peer, OFFERS_PIPELINING)
    await readCommands(peer, 4)
    peer.send('250 ok\r\n250 ok\r\n250 ok\r\n354 go\r\n')
    await peer.readUntil('\r\n.\r\n')
    peer.send('250 ok\r\n')
  }
}

async function dialed(
  identity: Parameters<typeof secured>[0],
  changes: Partial<Dial>,
): Promise<DialResult> {
  await using receiver = await ScriptedReceiver.start(secured(identity))
  const time = standStill()
  const security = new ClientTls(time.clock, certificate.cert)
  const result = await connectSession(dialTo(receiver.port, time, { security, ...changes }))
  if (result.kind === 'connected') result.session.destroy()
  return result
}

test('A certificate that is good is said to be so, whatever the policy asks', async () => {
  for (const tls of ['opportunistic', 'require', 'verify'] as const) {
    const result = await dialed(certificate, { tls })
    assert.equal(result.kind === 'connected' && result.session.tls?.verified, true, tls)
  }
})

const bad: readonly (readonly [
  what: string,
  identity: typeof certificate,
  changes: Partial<Dial>,
  says: RegExp,
])[] = [
  ['has expired', expired, { security: new ClientTls(new SystemClock(), expired.cert) }, /expired/],
  ['nobody trusts', certificate, { security: new ClientTls(new SystemClock()) }, /itself/],
  ['is for another host', certificate, { host: 'mx.example.com' }, /another name/],
  ['is for another address', certificate, { host: '127.0.0.2' }, /another name/],
  ['has none of the names', certificate, { tlsNames: ['mx.partner.example'] }, /another name/],
]

for (const [what, identity, changes, says] of bad)
  test(`A certificate that ${what} ends a session that must be verified, and no other`, async () => {
    const refused = await dialed(identity, { ...changes, tls: 'verify' })
    assert.ok(refused.kind === 'failed')
    assert.match(refused.reply.text, says)
    assert.deepEqual([refused.reply.enhanced, refused.tlsBroken], ['4.7.5', false])
    for (const tls of ['opportunistic', 'require'] as const) {
      const result = await dialed(identity, { ...changes, tls })
      assert.equal(result.kind === 'connected' && result.session.tls?.verified, false)
    }
  })

test('A certificate for one of the names that are set up is good, whatever the host is called', async () => {
  const tlsNames = ['mx.partner.example', 'mx.example.net']
  const result = await dialed(certificate, { tls: 'verify', host: 'evil.example', tlsNames })
  assert.equal(result.kind, 'connected')
})

for (const maxVersion of ['TLSv1.2', 'TLSv1.3'] as const)
  test(`The next session with a host resumes by ${maxVersion}, and the certificate counts as it was shown`, async () => {
    const context = createSecureContext({ ...certificate, sessionIdContext: 'mx', maxVersion })
    const resumed: boolean[] = []
    await using receiver = await ScriptedReceiver.start(
      secured(context, (socket) => resumed.push(socket.isSessionReused())),
    )
    const time = standStill()
    for (const [security, verified] of [
      [new ClientTls(time.clock, certificate.cert), true],
      [new ClientTls(time.clock), false],
    ] as const) {
      resumed.length = 0
      for (let session = 0; session < 3; session++) {
        const result = await connectSession(dialTo(receiver.port, time, { security }))
        assert.ok(result.kind === 'connected')
        const { facts } = await result.session.transact(transaction())
        assert.deepEqual([facts.tls?.version, facts.tls?.verified], [maxVersion, verified])
        assert.equal(/, resumed/.test(facts.conversation.join()), session > 0)
        result.session.destroy()
      }
      assert.deepEqual(resumed, [false, true, true])
      const verify = dialTo(receiver.port, time, { security, tls: 'verify' })
      const result = await connectSession(verify)
      assert.equal(result.kind, verified ? 'connected' : 'failed')
      if (result.kind === 'connected') result.session.destroy()
    }
  })

test('A session with one host is no session with another, nor for other names', async () => {
  const context = createSecureContext({ ...certificate, sessionIdContext: 'mx' })
  const resumed: boolean[] = []
  await using receiver = await ScriptedReceiver.start(
    secured(context, (socket) => resumed.push(socket.isSessionReused())),
  )
  const time = standStill()
  const security = new ClientTls(time.clock, certificate.cert)
  for (const changes of [{}, { host: 'mx.example.com' }, { tlsNames: ['mx.example.net'] }, {}]) {
    const result = await connectSession(dialTo(receiver.port, time, { security, ...changes }))
    assert.ok(result.kind === 'connected')
    await result.session.transact(transaction())
    result.session.destroy()
  }
  assert.deepEqual(resumed, [false, false, false, true])
})

test('A host that cannot bear a session of before gets a whole handshake, and keeps its TLS', async () => {
  const context = createSecureContext({ ...certificate, sessionIdContext: 'mx' })
  await using receiver = await ScriptedReceiver.start(async (peer) => {
    if (peer.connection !== 1) return secured(context)(peer)
    await greet(peer, OFFERS_TLS)
    await peer.readLine()
    peer.send('220 go\r\n')
    await peer.readOctets(1)
    peer.reset()
  })
  const time = standStill()
  const connector = connectorOn(time)
  const route = routeToHosts(receiver.port, ['127.0.0.1'])
  for (let session = 0; session < 2; session++) {
    const result = await connectBy(connector, route)
    assert.ok(result.kind === 'connected')
    assert.equal(result.session.tls?.version, 'TLSv1.3')
    await result.session.transact(transaction())
    result.session.destroy()
  }
  assert.equal(receiver.peers.length, 3)
})

for (const tls of ['require', 'verify'] as const)
  test(`With "${tls}" a broken handshake is not tried in the clear, and the mail waits`, async () => {
    await using receiver = await ScriptedReceiver.start(async (peer) => {
      await greet(peer, OFFERS_TLS)
      await peer.readLine()
      peer.send('220 go\r\n')
      await peer.readOctets(1)
      peer.send('no TLS at all\r\n')
    })
    const route = routeToHosts(receiver.port, ['127.0.0.1'], { tls })
    const result = await connectBy(connectorOn(standStill()), route)
    assert.ok(result.kind === 'failed')
    assert.equal(receiver.peers.length, 1)
    const outcome = dialOutcome(result)
    assert.equal(outcome.kind === 'deferred' && outcome.blame, 'path')
  })
