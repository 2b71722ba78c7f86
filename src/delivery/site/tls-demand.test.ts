// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { noExtensions } from '../../protocol/smtp/extensions.ts'
import type { ClientSession } from '../../smtp/client-session.ts'
import type { QueueName } from '../../spool/queue-name.ts'
import type { RouteResult } from '../routing/routing.ts'
import { tlsRefusal } from './tls-demand.ts'

const verified = { version: 'TLSv1.3', cipher: 'X', verified: true }
const promising = { ...noExtensions, requireTls: true }

const inQueue = { queue: 'receipts:shop@example.net' as QueueName }

async function refusal(
  session: Partial<Pick<ClientSession, 'tls' | 'extensions'>>,
  route: Partial<RouteResult> = {},
): Promise<string | null> {
  const found = { kind: 'site', isSure: true, ...route } as RouteResult
  const asked = { name: 'mx.example.net', tls: verified, extensions: promising, ...session }
  const answer = await tlsRefusal({ routeOf: () => Promise.resolve(found) }, inQueue, asked)
  return answer && `${answer.code} ${answer.enhanced}`
}

test('A host of a sure name, a verified certificate and the same promise gets the message', async () => {
  assert.equal(await refusal({}), null)
})

const refusals: readonly (readonly [
  string,
  string,
  Parameters<typeof refusal>[0],
  Partial<RouteResult>?,
])[] = [
  ['no TLS', '550 5.7.10', { tls: null }],
  ['a certificate that is not verified', '550 5.7.10', { tls: { ...verified, verified: false } }],
  ['no REQUIRETLS', '550 5.7.30', { extensions: noExtensions }],
  ['a name that nobody vouches for', '550 5.7.10', {}, { kind: 'site', isSure: false }],
]

for (const [what, expected, session, route] of refusals)
  test(`A host with ${what} does not get it: ${expected}`, async () => {
    assert.equal(await refusal(session, route), expected)
  })
