// SPDX-License-Identifier: Apache-2.0
/** The wall clock is set by hours under a running relay: nobody waits for hours more, and nobody is hammered. */
import assert from 'node:assert/strict'
import { globSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { ms, seconds } from '../../src/base/brand.ts'
import { CommandLine } from '../support/command-line.ts'
import { routeTo, trustLoopback } from '../support/relay-config.ts'
import { send } from '../support/relay-mail.ts'
import { RunningRelay } from '../support/running-relay.ts'
import { startSink } from '../support/running-sink.ts'

/** Debian's libfaketime: the relay's wall clock is what a file says. */
const [library] = globSync('/usr/lib/*/faketime/libfaketime.so.1')
const skip = library === undefined && 'libfaketime is not installed'

/** The second try comes after the greylist's end, and is worth more than one look at the clock. */
const RETRY_AFTER = '12s'
/** A look at the clock, the wait, and patience with a busy machine; hours are what it must not be. */
const WITHIN = seconds(60)

test('A clock that is set by hours, back or forward, neither holds mail back nor brings a storm of tries', {
  skip,
}, async () => {
  await using scratch = await CommandLine.open()
  const shift = join(scratch.folder, 'shift')
  writeFileSync(shift, '+0\n')
  await using sink = await startSink({
    temperament: {
      picked: { greylist: seconds(2), slow: ms(0), throttle: { count: 1, per: ms(1) } },
    },
  })
  await using relay = await RunningRelay.start({
    domains: ['shop.example'],
    commands: [['stream', 'add', 'quick', '--kind', 'bulk', '--retry-after', RETRY_AFTER]],
    config: `${trustLoopback}${routeTo(sink.port)}`,
    environment: {
      ...process.env,
      LD_PRELOAD: String(library),
      FAKETIME_TIMESTAMP_FILE: shift,
      FAKETIME_NO_CACHE: '1',
      DONT_FAKE_MONOTONIC: '1',
      FAKETIME_DONT_FAKE_MONOTONIC: '1',
    },
  })
  const sent: string[] = []
  for (const clock of ['-6h', '+6h']) {
    const id = await send(relay, { to: [`greylist+${sent.length}@example.net`], stream: 'quick' })
    sent.push(id)
    await relay.waitForEvent((event) => event.type === 'message.deferred' && event.messageId === id)
    writeFileSync(shift, `${clock}\n`)
    const delivered = await relay.waitForEvent(
      (event) => event.type === 'message.delivered' && event.messageId === id,
      WITHIN,
    )
    assert.equal(delivered.type === 'message.delivered' && delivered.attempt, 2)
  }
  assert.equal(sink.refusals.length, sent.length, 'one refusal each: no other tries')
  assert.match(relay.log, /the clock was set back/)
})
