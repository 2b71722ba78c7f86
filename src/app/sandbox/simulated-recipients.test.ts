// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { behaviourOf } from './simulated-recipients.ts'

test('A test address is known by its name, in any case and with anything after a plus sign', () => {
  for (const recipient of ['bounce@simulator.invalid', 'BOUNCE+order-17@Simulator.invalid']) {
    const behaviour = behaviourOf(recipient)
    assert.ok(behaviour.kind === 'refuses')
    assert.equal(behaviour.reply.enhanced, '5.1.1')
  }
})

test('The same name at any other domain is a recipient who takes everything', () => {
  for (const recipient of ['bounce@example.net', 'bounce@a.simulator.invalid', 'x@[192.0.2.1]'])
    assert.deepEqual(behaviourOf(recipient), { kind: 'takes', later: null })
})

test('A name that is none is told which there are', () => {
  for (const recipient of ['@simulator.invalid', 'constructor@simulator.invalid']) {
    const behaviour = behaviourOf(recipient)
    assert.ok(behaviour.kind === 'refuses')
    assert.match(behaviour.reply.text, /there are delivered, bounce/)
  }
})
