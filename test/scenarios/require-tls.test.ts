// SPDX-License-Identifier: Apache-2.0
/** REQUIRETLS (RFC 8689) from relay to relay to receiver, each hop over TLS that is verified: as far as all of them promise it. */
import assert from 'node:assert/strict'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { ZoneServer } from '../../src/dns/zone-server.ts'
import type { DeliveredEvent } from '../../src/events/event.ts'
import { outcomeOf, reportTo } from '../support/outcomes.ts'
import { polite, type SeenTransaction } from '../support/polite-script.ts'
import { namesFrom, routeTo, trustLoopback } from '../support/relay-config.ts'
import { openSession, transact } from '../support/relay-mail.ts'
import { RELAY_HOST, RunningRelay } from '../support/running-relay.ts'
import { ScriptedReceiver } from '../support/scripted-receiver.ts'
import { sinkCertificate } from '../support/sink-certificate.ts'

const domains = ['shop.example']
const seen: SeenTransaction[] = []
const running = new AsyncDisposableStack()
/** Where mail is handed in; all but its own goes on to `second`. */
let first: RunningRelay
let second: RunningRelay

async function receiver(...keywords: readonly string[]): Promise<ScriptedReceiver> {
  const take = (one: SeenTransaction): string => {
    seen.push(one)
    return '250 2.0.0 Ok'
  }
  const script = polite({ keywords, certificate: sinkCertificate, take })
  return running.use(await ScriptedReceiver.start(script))
}

before(async () => {
  const promising = await receiver('8BITMIME', 'REQUIRETLS')
  const silent = await receiver('8BITMIME')
  second = running.use(
    await RunningRelay.start({
      domains,
      files: { 'authorities.pem': sinkCertificate.cert },
      config: `${trustLoopback}${routeTo(promising.port, 'kept.example')}${routeTo(silent.port)}
[delivery]
tls_ca = "authorities.pem"
`,
    }),
  )
  const zone = running.use(await ZoneServer.start({ zone: `${RELAY_HOST} A 127.0.0.1` }))
  const toSecond = routeTo(second.port).replace('"127.0.0.1"', `"${RELAY_HOST}"`)
  first = running.use(
    await RunningRelay.start({
      domains,
      config: `${namesFrom(zone)}${trustLoopback}${toSecond}
[delivery]
tls_ca = "${join(second.folder, 'tls.crt')}"
`,
    }),
  )
})

after(() => running.disposeAsync())

/** Within TLS; resolves when the second relay has taken it, with how it was given to that. */
async function sendRequiring(from: string, to: string): Promise<DeliveredEvent> {
  await using dialog = await openSession(first)
  assert.match(await dialog.say('STARTTLS'), /^220 /)
  await dialog.secure()
  assert.match(await dialog.say('EHLO client.example'), /\n250-REQUIRETLS\n/)
  const reply = await transact(dialog, { mail: `<${from}> REQUIRETLS`, rcpt: [`<${to}>`] })
  return outcomeOf(first, /queued as (\w+)/.exec(reply)?.[1] ?? '', 'delivered')
}

/** The message as the second relay calls it. */
function idAtSecond({ reply }: DeliveredEvent): string {
  return /queued as (\w+)/.exec(reply.text)?.[1] ?? ''
}

test('A message that needs TLS passes both relays, and each asks the next one for the same', async () => {
  const given = await sendRequiring('ann@shop.example', 'ann@kept.example')
  const passed = await outcomeOf(second, idAtSecond(given), 'delivered')
  for (const { tls } of [given, passed])
    assert.deepEqual([tls?.version, tls?.verified], ['TLSv1.3', true])
  assert.match(given.conversation.join('\n'), /^C: MAIL FROM:<[^>]+>.* REQUIRETLS/m)
  const taken = seen.find(({ rcpt }) => rcpt[0]?.includes('ann@kept.example'))
  assert.match(taken?.mail ?? '', / REQUIRETLS( |$)/)
})

test('Where the last host does not promise it, the relay before it bounces with 5.7.30, and its report needs TLS too', async () => {
  const given = await sendRequiring('ben@shop.example', 'ben@lost.example')
  const bounced = await outcomeOf(second, idAtSecond(given), 'bounced')
  assert.equal(`${bounced.reply.code} ${bounced.reply.enhanced}`, '550 5.7.30')
  assert.match(bounced.reply.text, /does not offer REQUIRETLS/)
  // To the return path that the first relay gave it.
  const [, returnPath = ''] = /MAIL FROM:<([^>]+)>/.exec(given.conversation.join('\n')) ?? []
  const report = await reportTo(second, returnPath)
  const again = await outcomeOf(second, report.messageId, 'bounced')
  assert.equal(again.reply.enhanced, '5.7.30')
  assert.ok(!seen.some(({ rcpt }) => rcpt[0]?.includes('ben@lost.example')))
})
