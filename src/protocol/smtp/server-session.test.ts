// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { dialog, heard, newSession, say, waysTo } from '../../../test/support/session-script.ts'
import { reply } from '../reply.ts'
import type { Verb } from './command.ts'
import { type CommandState, commandOrder } from './command-order.ts'
import { wireReply } from './server-replies.ts'
import type { Refusal, SessionRules } from './session-policy.ts'

/** A line of each verb, and what it earns in order. */
const lines: Record<Verb, readonly [string, string]> = {
  EHLO: ['EHLO c.example', '250'],
  HELO: ['HELO c.example', '250'],
  MAIL: ['MAIL FROM:<a@b>', '250 2.1.0'],
  RCPT: ['RCPT TO:<e@f>', '250 2.1.5'],
  DATA: ['DATA', 'content 354'],
  BDAT: ['BDAT 3', 'chunk 3 taken'],
  STARTTLS: ['STARTTLS', 'start-tls 220 2.0.0'],
  AUTH: ['AUTH PLAIN', '334'],
  XCLIENT: ['XCLIENT ADDR=192.0.2.1', 'claim 192.0.2.1'],
  RSET: ['RSET', '250 2.0.0'],
  NOOP: ['NOOP', '250 2.0.0'],
  HELP: ['HELP', '214 2.0.0'],
  VRFY: ['VRFY a', '252 2.0.0'],
  EXPN: ['EXPN a', '502 5.5.1'],
  QUIT: ['QUIT', 'close 221 2.0.0'],
}

describe('every command in every state', () => {
  for (const [state, way] of Object.entries(waysTo) as [CommandState, readonly string[]][])
    for (const [verb, [line, inOrder]] of Object.entries(lines) as [Verb, [string, string]][]) {
      const isAllowed = (commandOrder[verb] as readonly CommandState[]).includes(state)
      const refusal = verb === 'BDAT' ? 'chunk 3 503' : '503 5.5.1'
      const expected = isAllowed ? inOrder : refusal
      test(`${verb} in ${state} earns ${expected}`, () => {
        const session = newSession()
        dialog(session, way)
        assert.equal(session.state.kind, state)
        assert.equal(heard(say(session, line)), expected)
        if (!isAllowed) assert.equal(session.state.kind, state)
      })
    }
})

test('the reply to EHLO offers STARTTLS only without TLS, and AUTH only where it may be used', () => {
  const session = newSession({ allowsClearTextAuth: false })
  const clear = say(session, 'EHLO c.example')
  assert.ok(clear.kind === 'reply')
  assert.match(clear.reply.text, /\nSTARTTLS/)
  assert.doesNotMatch(clear.reply.text, /\nAUTH/)
  assert.deepEqual(dialog(session, ['AUTH PLAIN', 'STARTTLS']), [
    '538 5.7.11',
    'start-tls 220 2.0.0',
  ])
  session.secured({ version: 'TLSv1.3', cipher: 'X', clientCertificate: null })
  const secure = say(session, 'EHLO c.example')
  assert.ok(secure.kind === 'reply')
  assert.doesNotMatch(secure.reply.text, /\nSTARTTLS/)
  assert.match(secure.reply.text, /\nAUTH PLAIN LOGIN/)
  assert.deepEqual(dialog(session, ['STARTTLS']), ['503 5.5.1'])
})

test('STARTTLS makes the session forget the login and EHLO', () => {
  const session = newSession()
  const login = Buffer.from('\0me\0right').toString('base64')
  dialog(session, ['EHLO c.example', `AUTH PLAIN ${login}`])
  assert.equal(session.identity, 'me')
  dialog(session, ['STARTTLS'])
  session.secured({ version: 'TLSv1.3', cipher: 'X', clientCertificate: null })
  assert.deepEqual([session.identity, session.helo, session.state.kind], [null, '', 'greeted'])
})

test('STARTTLS is refused where there is no certificate', () => {
  const session = newSession({ offersTls: () => false })
  assert.deepEqual(dialog(session, ['EHLO c', 'STARTTLS']), ['250', '502 5.5.1'])
})

test('nobody relays whom the policy does not know, and the attempt is reported', () => {
  const refusals: Refusal[] = []
  const session = newSession({
    admit: () => reply(530, '5.7.0', 'Authentication required'),
    refused: (_, refusal) => refusals.push(refusal),
  })
  assert.deepEqual(dialog(session, ['EHLO c', 'MAIL FROM:<a@b>', 'RCPT TO:<c@d>', 'DATA']), [
    '250',
    '530 5.7.0',
    '503 5.5.1',
    '503 5.5.1',
  ])
  assert.deepEqual(
    refusals.map((refusal) => [refusal.reply.code, refusal.reversePath, refusal.recipient]),
    [[530, 'a@b', null]],
  )
})

test('an answer of 421 to MAIL closes the session', () => {
  const session = newSession({ admit: () => reply(421, '4.3.2', 'Shutting down') })
  assert.deepEqual(dialog(session, ['EHLO c', 'MAIL FROM:<>']), ['250', 'close 421 4.3.2'])
})

test('SIZE over the limit is refused at MAIL', () => {
  assert.deepEqual(
    dialog(newSession(), ['EHLO c', 'MAIL FROM:<> SIZE=1001', 'MAIL FROM:<> SIZE=1000']),
    ['250', '552 5.3.4', '250 2.1.0'],
  )
})

test('international mailboxes need SMTPUTF8', () => {
  assert.deepEqual(
    dialog(newSession(), ['EHLO c', 'MAIL FROM:<ü@b>', 'MAIL FROM:<a@b>', 'RCPT TO:<c@ü>']),
    ['250', '550 5.6.7', '250 2.1.0', '553 5.6.7'],
  )
  assert.deepEqual(
    dialog(newSession(), ['EHLO c', 'MAIL FROM:<ü@b> SMTPUTF8', 'RCPT TO:<c@ü>']).slice(1),
    ['250 2.1.0', '250 2.1.5'],
  )
})

test('recipients over the limit wait for another transaction, and repeated ones are one', () => {
  const session = newSession()
  const said = ['RCPT TO:<a@b>', 'RCPT TO:<a@B>', 'RCPT TO:<c@b>', 'RCPT TO:<d@b>', 'RCPT TO:<c@b>']
  assert.deepEqual(dialog(session, ['EHLO c', 'MAIL FROM:<>', ...said]).slice(2), [
    '250 2.1.5',
    '250 2.1.5',
    '250 2.1.5',
    '452 4.5.3',
    '250 2.1.5',
  ])
  const { recipients } = session.transaction.envelope
  assert.deepEqual(
    recipients.map((recipient) => recipient.forwardPath),
    ['a@b', 'c@b'],
  )
})

test('where no memory is left no transaction gets another recipient', () => {
  const memory: { room: SessionRules['memory']['room'] } = { room: 'ample' }
  const session = newSession({}, memory)
  say(session, 'EHLO c')
  say(session, 'MAIL FROM:<>')
  memory.room = 'scarce'
  assert.deepEqual(dialog(session, ['RCPT TO:<b@example.net>']), ['250 2.1.5'])
  const held = session.transaction.heldOctets
  memory.room = 'none'
  assert.deepEqual(dialog(session, ['RCPT TO:<c@example.net>']), ['452 4.3.1'])
  assert.ok(held > 0)
  assert.equal(session.transaction.heldOctets, held)
  assert.deepEqual(dialog(session, ['DATA']), ['content 354'])
})

test('a postmaster without a domain is nobody here', () => {
  assert.equal(dialog(newSession(), [...waysTo.mail, 'RCPT TO:<Postmaster>']).at(-1), '550 5.1.1')
})

test('messages, errors and line length are limited in a session', () => {
  const message = ['MAIL FROM:<>', 'RSET']
  const many = dialog(newSession(), ['EHLO c', ...message, ...message, ...message, 'MAIL FROM:<>'])
  assert.equal(many.at(-1), 'close 421 4.7.0')
  const errors = dialog(
    newSession(),
    Array.from({ length: 6 }, () => 'FOO'),
  )
  assert.deepEqual(errors.slice(-2), ['500 5.5.1', 'close 421 4.7.0'])
  assert.deepEqual(dialog(newSession(), [`NOOP ${'x'.repeat(600)}`]), ['close 500 5.5.2'])
})

test('a BDAT whose size cannot be read closes the session, lest its octets be taken for commands', () => {
  assert.equal(dialog(newSession(), [...waysTo.rcpt, 'BDAT ten LAST']).at(-1), 'close 501 5.5.4')
})

test('a reply of several lines has its codes on each, and no control characters', () => {
  assert.equal(
    wireReply(reply(550, '5.7.1', 'one\ntwo\r\0')),
    '550-5.7.1 one\r\n550 5.7.1 two  \r\n',
  )
  assert.equal(wireReply(reply(334, null, '')), '334 \r\n')
})

test('no line makes a session throw', () => {
  const line = fc.oneof(
    fc.constantFrom(...Object.values(lines).map(([text]) => text), 'AUTH LOGIN', '*', 'AAAA'),
    fc.string(),
  )
  fc.assert(
    fc.property(fc.array(line, { maxLength: 30 }), (said) => {
      const session = newSession()
      for (const text of said) {
        const effect = say(session, text)
        if (effect.kind === 'content') session.contentEnded(reply(250, null, 'Ok'))
        if (effect.kind === 'start-tls')
          session.secured({ version: '', cipher: '', clientCertificate: null })
        if (effect.kind === 'chunk' && effect.refusal === null && effect.isLast)
          session.contentEnded(reply(250, null, 'Ok'))
        if (effect.kind === 'close') return
      }
    }),
  )
})
