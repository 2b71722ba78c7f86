// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { base64, dialog, newSession, say } from '../../../test/support/session-script.ts'
import type { Envelope } from '../envelope.ts'
import type { ServerSession } from './server-session.ts'

function envelopeOf(session: ServerSession<string>, mail: string): Envelope {
  dialog(session, [mail, 'RCPT TO:<c@d>'])
  return session.transaction.envelope
}

const loginAsMe = `AUTH PLAIN ${base64('\0me\0right')}`

test('the reply to EHLO names the real limits and the last moment of a release', () => {
  const ehlo = say(newSession(), 'EHLO c')
  assert.ok(ehlo.kind === 'reply')
  const lines = ehlo.reply.text.split('\n')
  assert.ok(lines.includes('LIMITS MAILMAX=3 RCPTMAX=2'))
  assert.ok(lines.includes('FUTURERELEASE 3600 2026-01-01T01:00:00Z'))
  assert.ok(lines.includes('MT-PRIORITY'))
})

test('REQUIRETLS is offered and taken within TLS alone, and its reports return headers alone', () => {
  const session = newSession()
  const clear = say(session, 'EHLO c')
  assert.ok(clear.kind === 'reply' && !clear.reply.text.includes('REQUIRETLS'))
  assert.deepEqual(dialog(session, ['MAIL FROM:<a@b> REQUIRETLS', 'STARTTLS']), [
    '555 5.5.4',
    'start-tls 220 2.0.0',
  ])
  session.secured({ version: 'TLSv1.3', cipher: 'X', clientCertificate: null })
  const secure = say(session, 'EHLO c')
  assert.ok(secure.kind === 'reply' && secure.reply.text.includes('\nREQUIRETLS\n'))
  const { requireTls, ret } = envelopeOf(session, 'MAIL FROM:<a@b> REQUIRETLS')
  assert.deepEqual([requireTls, ret], [true, 'HDRS'])
  say(session, 'RSET')
  assert.equal(envelopeOf(session, 'MAIL FROM:<a@b> REQUIRETLS RET=FULL').ret, 'FULL')
})

test('a release within the limit goes with the message as it was asked for', () => {
  const releases: readonly (readonly [string, string | undefined])[] = [
    ['HOLDFOR=3600', 'for;3600 2026-01-01T01:00:00.000Z'],
    [
      'HOLDUNTIL=2026-01-01T01:30:00+01:00',
      'until;2026-01-01T01:30:00+01:00 2026-01-01T00:30:00.000Z',
    ],
    ['HOLDFOR=0', undefined],
    ['HOLDUNTIL=2025-12-31T00:00:00Z', undefined],
  ]
  for (const [parameter, expected] of releases) {
    const session = newSession()
    say(session, 'EHLO c')
    const { release } = envelopeOf(session, `MAIL FROM:<a@b> ${parameter}`)
    assert.equal(release && `${release.asked} ${new Date(release.at).toISOString()}`, expected)
  }
})

test('a release beyond the limit is refused', () => {
  for (const parameter of ['HOLDFOR=3601', 'HOLDUNTIL=2026-01-01T01:00:01Z'])
    assert.deepEqual(dialog(newSession(), ['EHLO c', `MAIL FROM:<a@b> ${parameter}`]), [
      '250',
      '501 5.5.4',
    ])
})

test('a priority is for who has authenticated; others are told that theirs is 0', () => {
  const known = newSession()
  assert.deepEqual(dialog(known, ['EHLO c', loginAsMe]), ['250', '235 2.7.0'])
  assert.equal(envelopeOf(known, 'MAIL FROM:<a@b> MT-PRIORITY=-4').priority, -4)
  const stranger = newSession()
  assert.deepEqual(dialog(stranger, ['EHLO c', 'MAIL FROM:<a@b> MT-PRIORITY=4']), [
    '250',
    '250 2.3.6',
  ])
  assert.equal('priority' in stranger.transaction.envelope, false)
})

test('what was not asked for is not in the envelope', () => {
  const session = newSession()
  dialog(session, ['EHLO c', loginAsMe])
  const envelope = envelopeOf(session, 'MAIL FROM:<a@b> MT-PRIORITY=0')
  assert.deepEqual(Object.keys(envelope), [
    'reversePath',
    'recipients',
    'body',
    'smtputf8',
    'ret',
    'envid',
  ])
})
