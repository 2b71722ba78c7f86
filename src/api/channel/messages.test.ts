// SPDX-License-Identifier: Apache-2.0
/** What one process says, another one reads: through JSON, and by the fields of the table. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ms } from '../../base/brand.ts'
import { announcedTypes } from '../../control/desk/mail-desk.ts'
import type { Signal, Whom } from '../../queue/shaping/lessons.ts'
import { messages } from './messages.ts'

function overTheChannel(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value))
}

test('Everything that control announces is read by the worker that writes it down', () => {
  for (const what of Object.keys(announcedTypes)) {
    const told = { what, text: 'It happened.', tenant: 'shop' }
    assert.deepEqual(messages.announce.read(overTheChannel(told)), told)
  }
})

test('Complaints about paths, tenants and campaigns come to the ledger as they were heard', () => {
  const whoms: readonly Whom[] = [
    { kind: 'path', source: 'out-1', site: 'mx.example.net' },
    { kind: 'tenant', tenant: 'shop', at: 'google' },
    { kind: 'campaign', tenant: 'shop', campaign: 'spring sale', at: 'google' },
  ]
  const heard = { limit: null, observed: 20, proven: null }
  const signals = whoms.flatMap((whom): Signal[] => [
    { kind: 'complaint', whom, aspect: 'messageRate', heard, words: '421', age: ms(300) },
    { kind: 'complaint', whom, aspect: 'messageRate', heard, words: '421' },
    { kind: 'success', whom, count: 2, limits: {} },
  ])
  const asked = { worker: 0, connections: [], rates: [], lessons: { version: 1, signals } }
  assert.deepEqual(messages.borrow.read(overTheChannel(asked)), asked)
})
