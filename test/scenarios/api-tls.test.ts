// SPDX-License-Identifier: Apache-2.0
/** The API over TLS: the certificates of the listeners, renewed while it listens, and logins from afar. */

import assert from 'node:assert/strict'
import { X509Certificate } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { request } from 'node:https'
import { connect as connectClear } from 'node:net'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { connect, type PeerCertificate, type TLSSocket } from 'node:tls'
import { makeCertificate } from '../../src/app/self-signed-certificate.ts'
import { days } from '../../src/base/brand.ts'
import { SystemClock } from '../../src/base/clock.ts'
import { SystemRandom } from '../../src/base/random.ts'
import { until } from '../support/in-time.ts'
import { PASSWORD } from '../support/people.ts'
import { RunningRelay } from '../support/running-relay.ts'

const clock = new SystemClock()
let relay: RunningRelay
let port: number

before(async () => {
  relay = await RunningRelay.start({ apiTls: true })
  port = Number(new URL(relay.api).port)
})

after(() => relay[Symbol.asyncDispose]())

async function handshake(options: object): Promise<TLSSocket> {
  const socket = connect({ host: '127.0.0.1', port, rejectUnauthorized: false, ...options })
  await new Promise<void>((resolve, reject) => {
    socket.once('secureConnect', resolve)
    socket.once('error', reject)
  })
  return socket
}

async function shown(servername?: string): Promise<PeerCertificate> {
  const socket = await handshake(servername === undefined ? {} : { servername })
  const certificate = socket.getPeerCertificate()
  socket.destroy()
  return certificate
}

/** As a browser elsewhere, which knows the relay by its name. */
function post(ca: string, path: string, body: object) {
  return new Promise<{ status: number; cookies: readonly string[] }>((resolve, reject) => {
    const sent = request(
      {
        ...{ host: '127.0.0.1', port, ca, servername: 'relay.example.com', method: 'POST' },
        path: `/api/v1/${path}`,
        headers: {
          host: 'relay.example.com',
          origin: 'https://relay.example.com',
          'content-type': 'application/json',
          'x-posthaste-login': '1',
        },
      },
      (answer) => {
        answer.resume()
        resolve({ status: answer.statusCode ?? 0, cookies: answer.headers['set-cookie'] ?? [] })
      },
    )
    sent.once('error', reject)
    sent.end(JSON.stringify(body))
  })
}

describe('The API over TLS', () => {
  it('shows the certificate of the listeners, to who asks for a name and to who does not', async () => {
    const own = new X509Certificate(readFileSync(join(relay.folder, 'tls.crt')))
    for (const name of [undefined, 'relay.example.com', 'other.example.com'])
      assert.equal((await shown(name)).fingerprint256, own.fingerprint256, name)
  })

  it('lets people log in by a name that is not this host', async () => {
    const email = 'ann@example.com'
    const added = await relay.json('person', 'add', email, '--role', 'owner', '--installation')
    const { token } = added as { readonly token: string }
    const ca = readFileSync(join(relay.folder, 'tls.crt'), 'utf8')
    await post(ca, 'session/set-password', { token, password: PASSWORD })
    const { cookies, status } = await post(ca, 'session', { email, password: PASSWORD })
    assert.equal(status, 200)
    assert.match(cookies[0] ?? '', /^__Host-posthaste=.*; Secure; HttpOnly; SameSite=Strict$/)
  })

  it('speaks nothing older than TLS 1.2, nothing but HTTP, and nothing in the clear', async () => {
    await assert.rejects(handshake({ maxVersion: 'TLSv1.1', minVersion: 'TLSv1.1' }))
    await assert.rejects(handshake({ ALPNProtocols: ['smtp'] }))
    const clear = connectClear(port, '127.0.0.1')
    clear.write('GET /api/v1/openapi.json HTTP/1.1\r\nHost: localhost\r\n\r\n')
    const said: Buffer[] = []
    clear.on('error', () => {})
    for await (const octets of clear) said.push(octets as Buffer)
    assert.doesNotMatch(Buffer.concat(said).toString(), /200/)
  })

  it('shows a new certificate as soon as there is one, to the connections that come then', async () => {
    const open = await handshake({ servername: 'relay.example.com' })
    const names = { commonName: 'relay.example.com', names: ['relay.example.com'], addresses: [] }
    const fresh = await makeCertificate({ ...names, lifetime: days(30) }, clock, new SystemRandom())
    writeFileSync(join(relay.folder, 'tls.key'), fresh.key)
    writeFileSync(join(relay.folder, 'tls.crt'), fresh.cert)
    relay.signal('SIGHUP')
    const wanted = new X509Certificate(fresh.cert).fingerprint256
    for (const name of [undefined, 'relay.example.com'])
      await until(
        async () => (await shown(name)).fingerprint256 === wanted,
        () => `${name}: still the old one\n${relay.log}`,
      )
    assert.equal(open.destroyed, false)
    open.destroy()
  })
})
