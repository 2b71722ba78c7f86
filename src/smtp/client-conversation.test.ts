// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { reply } from '../protocol/reply.ts'
import { Conversation, keptReply } from './client-conversation.ts'

test('A conversation shows who said what, and content as its size alone', () => {
  const conversation = new Conversation(['S: 220 hi'])
  conversation.client('MAIL FROM:<>')
  conversation.server(reply(250, '2.1.0', 'a\nb'))
  conversation.content(4_096)
  conversation.note('the server closed the connection')
  assert.deepEqual(conversation.lines(10), [
    'S: 220 hi',
    'C: MAIL FROM:<>',
    'S: 250 2.1.0 a b',
    'C: (4096 octets)',
    '(the server closed the connection)',
  ])
})

test('A long conversation keeps its beginning and its end, and says what is missing', () => {
  const conversation = new Conversation()
  for (let at = 0; at < 100; at++) conversation.client(`RCPT ${at}`)
  assert.deepEqual(conversation.lines(5), [
    'C: RCPT 0',
    'C: RCPT 1',
    '(96 lines left out)',
    'C: RCPT 98',
    'C: RCPT 99',
  ])
})

test('A long reply is cut to what is kept, a short one is the same object', () => {
  const short = reply(250, null, 'ok')
  assert.equal(keptReply(short, 2), short)
  assert.equal(keptReply(reply(250, null, 'abcdef'), 4).text, 'abc…')
})
