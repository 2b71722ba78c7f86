// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { signatureFields } from './standard-webhooks.ts'

test('Signs as the example of the specification has it', () => {
  const key = Buffer.from('MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw', 'base64')
  const body = Buffer.from('{"test": 2432232314}')
  const fields = signatureFields('msg_p5jXN8AQM9LWM0D4loKWxJek', 1_614_265_330, body, [key])
  assert.deepEqual(fields, {
    'webhook-id': 'msg_p5jXN8AQM9LWM0D4loKWxJek',
    'webhook-timestamp': '1614265330',
    'webhook-signature': 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
  })
})

test('Two keys make two signatures, the newest first', () => {
  const keys = [Buffer.alloc(32, 1), Buffer.alloc(32, 2)]
  const one = (key: Buffer) => signatureFields('a', 1, Buffer.from('b'), [key])['webhook-signature']
  const both = signatureFields('a', 1, Buffer.from('b'), keys)['webhook-signature']
  assert.equal(both, keys.map(one).join(' '))
})
