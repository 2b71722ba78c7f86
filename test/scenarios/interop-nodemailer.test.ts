// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { createTransport } from 'nodemailer'
import { InteropStage, RECIPIENT, SENDER } from '../support/interop-stage.ts'

test('nodemailer gets many messages through on the connections of a pool', async () => {
  await using stage = await InteropStage.open()
  const transport = createTransport({
    pool: true,
    maxConnections: 3,
    host: 'localhost',
    port: stage.relay.port,
    requireTLS: true,
    tls: { ca: readFileSync(stage.certificateFile) },
    auth: { user: 'application', pass: stage.relay.secret },
  })
  const subjects = Array.from({ length: 12 }, (_, index) => `By nodemailer, ${index}`)
  const sent = subjects.map((subject) =>
    transport.sendMail({
      from: { name: 'Læden', address: SENDER },
      to: RECIPIENT,
      subject,
      text: 'Grüße, Jane.',
      html: '<p>Grüße, <b>Jane</b>.</p>',
      attachments: [{ filename: 'picture.bin', content: Buffer.alloc(10_000, 0x80) }],
    }),
  )
  for (const { response } of await Promise.all(sent)) assert.match(response, /^250 2\.0\.0 /)
  transport.close()
  for (const subject of subjects) await stage.delivered(subject)
  assert.equal(stage.sink.messages.length, subjects.length)
})
