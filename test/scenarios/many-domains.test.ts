// SPDX-License-Identifier: Apache-2.0
/** More domains at once than the resolver's line holds. */
import assert from 'node:assert/strict'
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { test } from 'node:test'
import { dnsLimits } from '../../src/base/limits/limits.ts'
import { trustLoopback } from '../support/relay-config.ts'
import { openSession, transact } from '../support/relay-mail.ts'
import { RunningRelay } from '../support/running-relay.ts'

const RECIPIENTS = 1_000
const MESSAGES = Math.ceil((dnsLimits.waiting + dnsLimits.unanswered) / RECIPIENTS) + 1

test('Mail to more domains than may be asked about at once is not deferred for that', async () => {
  const server = createSocket('udp4').bind(0, '127.0.0.1')
  await once(server, 'listening')
  const open = Promise.withResolvers<void>()
  server.on('message', async (query, { address, port }) => {
    await open.promise
    server.send(noSuchDomain(query), port, address)
  })
  await using relay = await RunningRelay.start({
    domains: ['shop.example'],
    config: `${trustLoopback}\n[dns]\nservers = ["127.0.0.1:${server.address().port}"]\n`,
  })
  const session = await openSession(relay)
  for (let message = 0; message < MESSAGES; message++)
    await transact(session, {
      mail: '<>',
      rcpt: Array.from({ length: RECIPIENTS }, (_, at) => `<jane@m${message}-${at}.example>`),
    })
  open.resolve()
  let decided = 0
  for await (const event of relay.events) {
    // So many ends alike: a brake holds those that come after the first.
    if (event.type === 'message.deferred') assert.match(event.reply.text, /^Held by the brake/)
    else if (event.type !== 'message.bounced') continue
    if (++decided === MESSAGES * RECIPIENTS) break
  }
  server.close()
})

/** The query as an answer: NXDOMAIN (RFC 1035 §4.1.1). */
function noSuchDomain(query: Buffer): Buffer {
  const answer = Buffer.from(query)
  answer.writeUInt16BE(0x81_83, 2)
  return answer
}
