// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { sampleDomain } from '../../test/support/sample-domains.ts'
import { SystemClock } from '../base/clock.ts'
import { SystemRandom } from '../base/random.ts'
import type { Directory } from '../records/directory.ts'
import { ServerTls } from '../smtp/server-tls.ts'
import { composeLinks } from './compose-web.ts'
import type { LiveConfig } from './live-config.ts'
import { makeCertificate } from './self-signed-certificate.ts'

const domain = sampleDomain('shop.example', { state: 'verified', lacks: [] })
const directory = { domains: new Map([[domain.name, domain]]) } as unknown as Directory
const url = 'https://links.example'
const OWN = 'https://click.shop.example'

async function tlsFor(...names: readonly string[]): Promise<ServerTls> {
  const [commonName = ''] = names
  const certificate = await makeCertificate(
    { commonName, names },
    new SystemClock(),
    new SystemRandom(),
  )
  return new ServerTls({ certificates: [certificate], clientCa: null, ticketKeys: null })
}

function originAt(trackingHosts: 'certified' | 'all', web: ServerTls | null) {
  const current = { config: { web: { url, trackingHosts } }, tls: { web } }
  const links = composeLinks({ current } as unknown as LiveConfig, () => directory)
  return { current, origin: () => links?.originOf(domain) }
}

test('Links lead to a tracking host from the moment that a certificate for it is there', async () => {
  const { current, origin } = originAt('certified', await tlsFor('links.example'))
  assert.deepEqual([origin(), origin()], [url, url])
  current.tls.web = await tlsFor('links.example', 'click.shop.example')
  assert.deepEqual([origin(), origin()], [OWN, OWN])
  current.tls.web = await tlsFor('*.shop.example')
  assert.equal(origin(), OWN)
  current.tls.web = await tlsFor('links.example')
  assert.equal(origin(), url)
})

test('Behind a proxy the configuration says whether it has certificates for them', () => {
  assert.equal(originAt('certified', null).origin(), url)
  assert.equal(originAt('all', null).origin(), OWN)
})
