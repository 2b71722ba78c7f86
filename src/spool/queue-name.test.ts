// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import type { Domain } from '../protocol/mailbox.ts'
import type { Message } from './message.ts'
import { parseQueueName, queueName, queueOf } from './queue-name.ts'
import { isSandboxed } from './sandbox.ts'

const domain = 'example.net' as Domain
const shop = { stream: 'news', campaign: null, tenant: 'shop', domain }

test('A queue is named stream:tenant@domain, with its campaign after the stream', () => {
  assert.equal(queueName(shop), 'news:shop@example.net')
  assert.equal(queueName({ ...shop, campaign: 'spring' }), 'news.spring:shop@example.net')
})

test('Whoever its recipients are, mail of the sandbox waits for the simulated receiver', () => {
  const envelope = { recipients: [{ forwardPath: 'jane@example.net' }] }
  const message = { ...shop, envelope } as unknown as Message
  assert.equal(queueOf(message, 0), 'news:shop@example.net')
  const sandboxed = queueOf({ ...message, sandbox: true }, 0)
  assert.equal(sandboxed, 'news:shop@simulator.invalid')
  assert.ok(isSandboxed(sandboxed))
  for (const other of ['news:shop@a.simulator.invalid', 'news:shop@simulator.invalid.example'])
    assert.equal(isSandboxed(other), false, other)
})

test('What separates parts is escaped within them', () => {
  const name = queueName({ ...shop, campaign: 'a.b:c@d e%' })
  assert.equal(name, 'news.a%2Eb%3Ac%40d%20e%25:shop@example.net')
  assert.equal(parseQueueName(name)?.campaign, 'a.b:c@d e%')
})

test('Every name gives its parts back', () => {
  const part = fc.string({ minLength: 1, maxLength: 20, unit: 'grapheme' })
  fc.assert(
    fc.property(part, fc.option(part), part, (stream, campaign, tenant) => {
      const parts = { stream, campaign, tenant, domain }
      assert.deepEqual(parseQueueName(queueName(parts)), parts)
    }),
  )
})

test('A domain that is an address literal keeps its colons', () => {
  const literal = { ...shop, domain: '[ipv6:2001:db8::1]' as Domain }
  assert.deepEqual(parseQueueName(queueName(literal)), literal)
})

test('What is no queue name is null, whatever it is', () => {
  const near = ['', 'news', 'news:shop', 'news@example.net', ':shop@a', 'a.b.c:shop@d']
  for (const text of [...near, 'a%:b@c', '%E0:b@c']) assert.equal(parseQueueName(text), null, text)
  fc.assert(fc.property(fc.string(), (text) => void parseQueueName(text)))
})
