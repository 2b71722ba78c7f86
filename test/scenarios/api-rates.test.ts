// SPDX-License-Identifier: Apache-2.0
/** Requests of a key within a minute, of a relay of several processes. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { RunningRelay } from '../support/running-relay.ts'

const LIMIT = 20

test('Several workers do not let a key make more requests in a minute than one would', async () => {
  await using relay = await RunningRelay.start({
    requestsPerMinute: LIMIT,
    serve: ['--workers', '2'],
  })
  const made = (await relay.json('key', 'add', '--label', 'app', '--tenant', 'default')) as {
    secret: string
  }
  // What sends is answered by the worker that has the connection, and nothing is sent.
  const ask = () =>
    fetch(`${relay.api}/messages`, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${made.secret}`,
        'content-type': 'application/json',
        connection: 'close',
      },
      body: '{}',
    })
  const passed: Response[] = []
  let refused: Response | null = null
  for (let count = 0; count < 4 * LIMIT; count++) {
    const answer = await ask()
    if (answer.status === 429) refused = answer
    else passed.push(answer)
  }
  // The requests may lie in two minutes.
  assert.ok(passed.length > 0 && passed.length <= 2 * LIMIT, `${passed.length} passed`)
  assert.ok(refused !== null)
  assert.equal(passed[0]?.headers.get('ratelimit-policy'), `"key";q=${LIMIT};w=60`)
  assert.match(refused.headers.get('ratelimit') ?? '', /^"key";r=0;t=\d+$/)
  const { retryAfterSeconds } = (await refused.json()) as { retryAfterSeconds?: number }
  assert.equal(refused.headers.get('retry-after') === null && !retryAfterSeconds, false)
})
