// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { scramClient } from '../../../test/support/scram-client.ts'
import { base64, dialog, heard, newSession, say } from '../../../test/support/session-script.ts'
import type { ServerSession } from './server-session.ts'

const logins: readonly (readonly [string, readonly string[], readonly string[]])[] = [
  ['PLAIN at once', [`AUTH PLAIN ${base64('\0me\0right')}`], ['235 2.7.0']],
  ['PLAIN after a challenge', ['AUTH PLAIN', base64('me\0me\0right')], ['334', '235 2.7.0']],
  ['LOGIN', ['AUTH LOGIN', base64('me'), base64('right')], ['334', '334', '235 2.7.0']],
  ['LOGIN with the name', [`auth login ${base64('me')}`, base64('right')], ['334', '235 2.7.0']],
  ['a wrong secret', ['AUTH PLAIN', base64('\0me\0wrong')], ['334', '535 5.7.8']],
  ['cancelling', ['AUTH LOGIN', '*', 'NOOP'], ['334', '501 5.7.0', '250 2.0.0']],
  ['no base64', ['AUTH PLAIN', 'AAA', 'NOOP'], ['334', '501 5.5.2', '250 2.0.0']],
  ['no base64 at once', ['AUTH PLAIN AAA'], ['501 5.5.2']],
  ['too few parts', [`AUTH PLAIN ${base64('me\0right')}`], ['501 5.5.2']],
  ['too many parts', [`AUTH PLAIN ${base64('\0me\0right\0x')}`], ['501 5.5.2']],
  ['to act for another', [`AUTH PLAIN ${base64('you\0me\0right')}`], ['501 5.5.2']],
  ['an empty initial response', ['AUTH PLAIN ='], ['501 5.5.2']],
  ['no UTF-8', ['AUTH PLAIN', '/////w=='], ['334', '501 5.5.2']],
  ['another mechanism', ['AUTH CRAM-MD5'], ['504 5.5.4']],
]

for (const [name, said, expected] of logins)
  test(`AUTH: ${name} earns ${expected.at(-1)}`, () => {
    const session = newSession()
    assert.deepEqual(dialog(session, ['EHLO c', ...said]), ['250', ...expected])
  })

test('nobody logs in twice', () => {
  const login = `AUTH PLAIN ${base64('\0me\0right')}`
  assert.deepEqual(dialog(newSession(), ['EHLO c', login, login]), [
    '250',
    '235 2.7.0',
    '503 5.5.1',
  ])
})

test('after too many wrong secrets the next login closes the session unread', () => {
  const wrong = `AUTH PLAIN ${base64('\0me\0wrong')}`
  const right = `AUTH PLAIN ${base64('\0me\0right')}`
  const session = newSession()
  assert.deepEqual(dialog(session, ['EHLO c', wrong, wrong, right]).slice(1), [
    '535 5.7.8',
    '535 5.7.8',
    'close 421 4.7.0',
  ])
  assert.equal(session.identity, null)
})

/** The text of the challenge to a line. */
function challenge(session: ServerSession<string>, line: string): string {
  const effect = say(session, line)
  assert.ok(effect.kind === 'reply')
  assert.equal(effect.reply.code, 334)
  return Buffer.from(effect.reply.text, 'base64').toString()
}

test('SCRAM: who knows the secret gets in, once our own proof is taken', () => {
  for (const isAtOnce of [true, false]) {
    const session = newSession()
    const client = scramClient('me', 'right')
    dialog(session, isAtOnce ? ['EHLO c'] : ['EHLO c', 'AUTH SCRAM-SHA-256'])
    const serverFirst = challenge(
      session,
      isAtOnce ? `AUTH SCRAM-SHA-256 ${base64(client.first)}` : base64(client.first),
    )
    assert.match(challenge(session, base64(client.final(serverFirst))), /^v=/)
    assert.equal(session.identity, null)
    assert.deepEqual(dialog(session, ['']), ['235 2.7.0'])
    assert.equal(session.identity, 'me')
  }
})

test('SCRAM: who takes back the login, or says more, is nobody', () => {
  for (const last of ['*', base64('more')]) {
    const session = newSession()
    const client = scramClient('me', 'right')
    say(session, 'EHLO c')
    const serverFirst = challenge(session, `AUTH SCRAM-SHA-256 ${base64(client.first)}`)
    challenge(session, base64(client.final(serverFirst)))
    assert.deepEqual(dialog(session, [last, 'NOOP']), ['501 5.7.0', '250 2.0.0'])
    assert.equal(session.identity, null)
  }
})

test('SCRAM: another secret and a proof that cannot be read earn what they should', () => {
  const session = newSession()
  const client = scramClient('me', 'wrong')
  say(session, 'EHLO c')
  const serverFirst = challenge(session, `AUTH SCRAM-SHA-256 ${base64(client.first)}`)
  assert.deepEqual(dialog(session, [base64(client.final(serverFirst))]), ['535 5.7.8'])
  challenge(session, `AUTH SCRAM-SHA-256 ${base64(client.first)}`)
  assert.deepEqual(dialog(session, [base64('c=biws,r=x,p=AAAA')]), ['501 5.5.2'])
  assert.deepEqual(dialog(session, [`AUTH SCRAM-SHA-256 ${base64('p=tls-exporter,,n=me,r=x')}`]), [
    '501 5.5.2',
  ])
})

test('a mechanism that is not offered is not taken', () => {
  const session = newSession({ mechanisms: () => ['PLAIN'] })
  const ehlo = say(session, 'EHLO c')
  assert.ok(ehlo.kind === 'reply' && /\nAUTH PLAIN\n/.test(ehlo.reply.text))
  const scram = `AUTH SCRAM-SHA-256 ${base64(scramClient('me', 'right').first)}`
  assert.deepEqual(dialog(session, [scram, 'AUTH LOGIN']), ['504 5.5.4', '504 5.5.4'])
})

test('a verdict may have to wait, good or bad, and so may the end of a session', () => {
  const login = (secret: string) => `AUTH PLAIN ${base64(`\0me\0${secret}`)}`
  const session = newSession({
    authenticate: (attempt) => ({
      kind: 'heard',
      identity: attempt.kind === 'secret' && attempt.secret === 'right' ? 'me' : null,
      afterMs: 500,
    }),
  })
  assert.deepEqual(dialog(session, ['EHLO c', login('wrong')]), ['250', 'after 500 ms 535 5.7.8'])
  for (let errors = 0; errors < 4; errors++) assert.equal(heard(say(session, 'FOO')), '500 5.5.1')
  assert.deepEqual(dialog(session, [login('wrong')]), ['after 500 ms close 421 4.7.0'])
  assert.deepEqual(
    dialog(newSession({ authenticate: () => ({ kind: 'heard', identity: 'me', afterMs: 9 }) }), [
      'EHLO c',
      login('right'),
    ]),
    ['250', 'after 9 ms 235 2.7.0'],
  )
})

test('where too many secrets were wrong nobody looks at another one', () => {
  const session = newSession({ authenticate: () => ({ kind: 'unheard' }) })
  const login = `AUTH PLAIN ${base64('\0me\0right')}`
  assert.deepEqual(dialog(session, ['EHLO c', login, login, login]), [
    '250',
    '454 4.7.0',
    '454 4.7.0',
    'close 421 4.7.0',
  ])
})
