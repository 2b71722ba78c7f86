// SPDX-License-Identifier: Apache-2.0
/** Who guesses secrets is slowed down and shows up; who knows one gets in all the same. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { loginLimits } from '../../src/base/limits/limits.ts'
import type { OperationEvent } from '../../src/events/event.ts'
import { RunningListener } from '../support/running-listener.ts'
import { RunningRelay } from '../support/running-relay.ts'
import { SmtpDialog } from '../support/smtp-dialog.ts'

const FAILURES_PER_SESSION = 3

function authPlain(secret: string): string {
  return `AUTH PLAIN ${Buffer.from(`\0me\0${secret}`).toString('base64')}`
}

async function openSession(port: number): Promise<SmtpDialog> {
  const dialog = await SmtpDialog.open(port)
  await dialog.reply()
  await dialog.say('EHLO c')
  return dialog
}

test('A verdict that waits holds all that the client has sent behind it, and then goes on', async () => {
  await using running = await RunningListener.start({ allowClearTextAuth: 'loopback' })
  running.acceptor.verdictAfterMs = 20_000
  await using dialog = await openSession(running.port)
  dialog.send(`${authPlain('wrong')}\r\nNOOP\r\n`)
  await running.acceptor.login(0)
  running.wait(19_000)
  assert.equal(await dialog.isSilent(), true)
  running.wait(2_000)
  assert.equal(await dialog.reply(), '535 5.7.8 Authentication credentials invalid')
  assert.equal(await dialog.reply(), '250 2.0.0 Ok')
})

test('A client that goes while its verdict waits leaves nothing behind', async () => {
  await using running = await RunningListener.start({ allowClearTextAuth: 'loopback' })
  running.acceptor.verdictAfterMs = 20_000
  {
    await using dialog = await openSession(running.port)
    dialog.send(`${authPlain('right')}\r\n`)
    await running.acceptor.login(0)
  }
  running.wait(21_000)
  while (running.listener.counts.sessions > 0) await new Promise(setImmediate)
  await using another = await openSession(running.port)
  assert.equal(await another.say('NOOP'), '250 2.0.0 Ok')
})

test('Guessing becomes an event, slows the next guess down, and shuts nobody out who got in before', async () => {
  await using relay = await RunningRelay.start({
    domains: ['shop.example'],
    submission: 'clear_text_auth = "loopback"\n',
  })
  const [, id = ''] = relay.secret.split('_')
  const logIn = async (secret: string) => {
    await using dialog = await openSession(relay.port)
    return await dialog.say(authPlain(secret))
  }
  assert.match(await logIn(relay.secret), /^235 /)
  const unknown = `ph_0000000000_${'0'.repeat(32)}`
  for (let failures = 0; failures < loginLimits.freeFailures; ) {
    await using dialog = await openSession(relay.port)
    for (let at = 0; at < FAILURES_PER_SESSION && failures < loginLimits.freeFailures; at++) {
      assert.match(await dialog.say(authPlain(unknown)), /^535 5\.7\.8 /)
      failures++
    }
  }
  const guessed = await relay.waitForEvent(
    (event): event is OperationEvent => event.type === 'credential.guessed',
  )
  assert.match(guessed.text, /^secrets are guessed from 127\.0\.0\.1: 10 failed logins/)
  assert.match(await logIn(relay.secret), /^235 /)
  const wrong = `ph_${id}_${'0'.repeat(32)}`
  assert.match(await logIn(wrong), /^535 /)
  await using slowed = await openSession(relay.port)
  slowed.send(`${authPlain(wrong)}\r\n`)
  assert.equal(await slowed.isSilent(), true)
})
