// SPDX-License-Identifier: Apache-2.0
/** What a credential still may that was disabled or removed. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openSession } from '../support/relay-mail.ts'
import { RunningRelay } from '../support/running-relay.ts'

test('A session whose credential is disabled or removed hands in no more mail', async () => {
  await using relay = await RunningRelay.start({
    domains: ['shop.example'],
    submission: 'clear_text_auth = "loopback"',
  })
  const identity = Buffer.from(`\0shop\0${relay.secret}`).toString('base64')
  const [{ id = '' } = {}] = (await relay.json('credential', 'list')) as readonly { id: string }[]
  for (const end of ['disable', 'remove']) {
    await using dialog = await openSession(relay)
    assert.match(await dialog.say(`AUTH PLAIN ${identity}`), /^235 /)
    assert.match(await dialog.say('MAIL FROM:<orders@shop.example>'), /^250 /)
    await relay.json('credential', end, id)
    // The relay looks at its records once a second.
    let answer = '250'
    while (answer.startsWith('250')) {
      await dialog.say('RSET')
      answer = await dialog.say('MAIL FROM:<orders@shop.example>')
    }
    assert.match(answer, /^421 4\.7\.0 .*credential/, end)
    await using again = await openSession(relay)
    assert.match(await again.say(`AUTH PLAIN ${identity}`), /^535 /, end)
    if (end === 'disable') {
      await relay.json('credential', 'enable', id)
      await using enabled = await openSession(relay)
      let login = ''
      for (let tries = 0; !login.startsWith('235 ') && tries < 3; tries++)
        login = await enabled.say(`AUTH PLAIN ${identity}`)
      assert.match(login, /^235 /)
    }
  }
})
