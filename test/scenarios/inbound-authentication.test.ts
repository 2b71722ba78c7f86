// SPDX-License-Identifier: Apache-2.0
/** Who sent what comes back, by SMTP and DNS: recorded, and where it was forged of no consequence. */
import assert from 'node:assert/strict'
import { generateKeyPairSync } from 'node:crypto'
import { after, before, test } from 'node:test'
import { dkimSign } from 'mailauth/lib/dkim/sign.js'
import { ControlClient } from '../../src/api/control-client.ts'
import { controlSocketFile } from '../../src/app/data-files.ts'
import { parseZoneFile } from '../../src/dns/zone-file.ts'
import { ZoneServer } from '../../src/dns/zone-server.ts'
import { relayBeforeSink } from '../support/relay-before-sink.ts'
import { namesFrom } from '../support/relay-config.ts'
import { openSession } from '../support/relay-mail.ts'
import { bring, deliveredTo } from '../support/returned-mail.ts'
import type { RunningRelay } from '../support/running-relay.ts'
import type { RunningSink } from '../support/running-sink.ts'

const running = new AsyncDisposableStack()
let relay: RunningRelay
let sink: RunningSink
let zone: ZoneServer

before(async () => {
  zone = running.use(await ZoneServer.start({ zone: 'client.example TXT "v=spf1 -all"' }))
  ;({ relay, sink } = await relayBeforeSink(running, {
    config: `${namesFrom(zone)}\n[feedback]\nsigned_loops = ["loop.example"]\n`,
  }))
})
after(() => running.disposeAsync())

const inbound = () => ({ port: relay.portOf('inbound') })

function complaintBy(from: string, path: string): string {
  return [
    `From: ${from}`,
    'Content-Type: multipart/report; report-type=feedback-report; boundary=b',
    '',
    '--b',
    'Content-Type: message/feedback-report',
    '',
    'Feedback-Type: abuse',
    '--b',
    'Content-Type: message/rfc822',
    '',
    `Return-Path: <${path}>`,
    '--b--',
    '',
  ].join('\r\n')
}

test('A complaint of a loop that signs counts with its signature, and is forged without', async () => {
  const { id, path } = await deliveredTo(sink, relay, { to: ['judge@example.net'] })
  const { privateKey, publicKey } = generateKeyPairSync('ed25519')
  const key = publicKey.export({ type: 'spki', format: 'der' }).subarray(-32).toString('base64')
  for (const line of [
    `s._domainkey.loop.example TXT "v=DKIM1; k=ed25519; p=${key}"`,
    '_dmarc.loop.example TXT "v=DMARC1; p=reject"',
  ])
    for (const record of parseZoneFile(line)) zone.zone.add(record)
  const complaint = complaintBy('fbl@loop.example', path)
  assert.match(await bring(relay, 'fbl@shop.example', complaint), /^250 /)
  const forged = await relay.waitForEvent(
    (event) => event.type === 'report.received' && event.messageId === id,
  )
  assert.ok(forged.type === 'report.received')
  assert.equal(forged.fate, 'forged')
  assert.deepEqual(forged.authentication, {
    from: 'loop.example',
    spf: 'fail',
    dkim: [],
    dmarc: 'fail',
    policy: 'reject',
  })
  const { signatures } = await dkimSign(Buffer.from(complaint), {
    canonicalization: 'relaxed/relaxed',
    signatureData: [
      {
        signingDomain: 'loop.example',
        selector: 's',
        privateKey: privateKey.export({ type: 'pkcs8', format: 'pem' }),
        algorithm: 'ed25519-sha256',
      },
    ],
  } as Parameters<typeof dkimSign>[1])
  assert.match(await bring(relay, 'fbl@shop.example', signatures + complaint), /^250 /)
  const complained = await relay.waitForEvent(
    (event) => event.type === 'message.complained' && event.messageId === id,
  )
  assert.ok(complained.type === 'message.complained')
  assert.deepEqual(complained.authentication, {
    from: 'loop.example',
    spf: 'fail',
    dkim: [{ result: 'pass', domain: 'loop.example' }],
    dmarc: 'pass',
    policy: 'reject',
  })
})

test('Return paths that somebody made up are refused and counted', async () => {
  const { path } = await deliveredTo(sink, relay, { to: ['made-up@example.net'] })
  const forged = path.replace(/^./, (first) => (first === '0' ? '1' : '0'))
  await using dialog = await openSession(inbound())
  assert.match(await dialog.say('MAIL FROM:<>'), /^250 /)
  assert.match(await dialog.say(`RCPT TO:<${forged}>`), /^550 /)
  const control = new ControlClient(controlSocketFile(relay.dataDir))
  const { forgedPaths } = await control.get<{ forgedPaths: number }>('/v1/status')
  assert.ok(forgedPaths > 0)
})
