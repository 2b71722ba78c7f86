// SPDX-License-Identifier: Apache-2.0
/** What a removed credential still may. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openSession } from '../support/relay-mail.ts'
import { RunningRelay } from '../support/running-relay.ts'

test('A session whose credential is removed hands in no more mail', async () => {
  await using relay = await RunningRelay.start({
    domains: ['shop.example'],
    submission: 'clear_text_auth = "loopback"',
  })
  const dialog = await openSession(relay)
  const identity = Buffer.from(`\0shop\0${relay.secret}`).toString('base64')
  assert.match(await dialog.say(`AUTH PLAIN ${identity}`), /^235 /)
  assert.match(await dialog.say('MAIL FROM:<orders@shop.example>'), /^250 /)
  const [credential] = (await relay.json('credential', 'list')) as readonly { id: string }[]
  await relay.json('credential', 'remove', credential?.id ?? '')
  // The relay looks at its records once a second.
  let answer = '250'
  while (answer.startsWith('250')) {
    await dialog.say('RSET')
    answer = await dialog.say('MAIL FROM:<orders@shop.example>')
  }
  assert.match(answer, /^421 4\.7\.0 .*credential/)
})
