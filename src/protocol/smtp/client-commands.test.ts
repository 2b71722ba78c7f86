// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { reply } from '../reply.ts'
import {
  localRefusal,
  mailCommand,
  type OutgoingEnvelope,
  type OutgoingRecipient,
  rcptCommand,
} from './client-commands.ts'
import { type Extensions, extensionsOf, noExtensions } from './extensions.ts'

const everything: Extensions = {
  size: 1_000,
  pipelining: true,
  chunking: true,
  eightBitMime: true,
  smtpUtf8: true,
  dsn: true,
  startTls: true,
  requireTls: true,
  priority: true,
  recipientsMost: Number.POSITIVE_INFINITY,
  messagesMost: Number.POSITIVE_INFINITY,
}

const envelope: OutgoingEnvelope = {
  reversePath: 'a@example.org',
  recipients: [],
  body: '8BITMIME',
  smtputf8: true,
  ret: 'FULL',
  envid: 'é=',
}

const recipient: OutgoingRecipient = {
  forwardPath: 'b@example.net',
  notify: ['SUCCESS', 'DELAY'],
  originalRecipient: 'rfc822;c@example.net',
}

test('Limits that a server names are kept, and what is none of RFC 9422 names no limit', () => {
  const limits = (text: string): readonly number[] => {
    const offered = extensionsOf(reply(250, null, `mx\n${text}`))
    return [offered.recipientsMost, offered.messagesMost]
  }
  assert.deepEqual(limits('limits MAILMAX=20 rcptmax=5 RCPTDOMAINMAX=1'), [5, 20])
  const none = Number.POSITIVE_INFINITY
  for (const text of [
    'LIMITS',
    'LIMITS RCPTMAX',
    'LIMITS RCPTMAX=0',
    'LIMITS RCPTMAX=x MAILMAX=-1',
  ])
    assert.deepEqual(limits(text), [none, none], text)
})

test('An EHLO reply is read whatever its case, and what is unknown or broken in it is left out', () => {
  const text = 'mx SIZE 5\nsize 0012\nPipelining\n8BITMIME\nAUTH PLAIN\n\nXFOO\nSTARTTLS '
  assert.deepEqual(extensionsOf(reply(250, null, text)), {
    ...noExtensions,
    size: 12,
    pipelining: true,
    eightBitMime: true,
    startTls: true,
  })
  for (const size of ['SIZE', 'SIZE lots', 'SIZE -1', `SIZE ${'9'.repeat(21)}`])
    assert.equal(extensionsOf(reply(250, null, `mx\n${size}`)).size, 0)
})

test('Parameters are said only to a server that offers them', () => {
  assert.equal(
    mailCommand(envelope, 7, everything),
    'MAIL FROM:<a@example.org> SIZE=7 BODY=8BITMIME SMTPUTF8 RET=FULL ENVID=+C3+A9+3D',
  )
  assert.equal(mailCommand(envelope, 7, noExtensions), 'MAIL FROM:<a@example.org>')
  assert.equal(
    rcptCommand(recipient, everything),
    'RCPT TO:<b@example.net> NOTIFY=SUCCESS,DELAY ORCPT=rfc822;c@example.net',
  )
  assert.equal(rcptCommand(recipient, noExtensions), 'RCPT TO:<b@example.net>')
})

test('TLS all the way and a priority are passed on to a server that offers them', () => {
  const wishes: OutgoingEnvelope = { ...envelope, envid: null, requireTls: true, priority: -2 }
  assert.match(mailCommand(wishes, 7, everything), / RET=FULL REQUIRETLS MT-PRIORITY=-2$/)
  assert.equal(mailCommand(wishes, 7, noExtensions), 'MAIL FROM:<a@example.org>')
})

test('Nothing that is not said as it should be can become a command of its own', () => {
  const forwardPath = 'b@example.net>\r\nDATA\r\n'
  assert.throws(() => rcptCommand({ ...recipient, forwardPath }, everything), /control characters/)
  assert.throws(() => mailCommand({ ...envelope, reversePath: '\n' }, 7, everything), /control/)
  const odd = { ...recipient, originalRecipient: 'rfc822;x\r\nDATA' }
  assert.ok(!rcptCommand(odd, everything).includes('ORCPT'))
  assert.ok(mailCommand({ ...envelope, envid: '\r\nDATA' }, 7, everything).endsWith('+0D+0ADATA'))
})

test('A message that needs what the server lacks is refused, the most telling reason first', () => {
  assert.equal(localRefusal(envelope, 1_000, everything), null)
  assert.equal(localRefusal(envelope, 1_001, everything)?.enhanced, '5.3.4')
  assert.equal(localRefusal(envelope, 1_001, { ...everything, size: 0 }), null)
  assert.equal(localRefusal(envelope, 1, noExtensions)?.enhanced, '5.6.7')
  assert.equal(localRefusal({ ...envelope, smtputf8: false }, 1, noExtensions)?.enhanced, '5.6.3')
})
