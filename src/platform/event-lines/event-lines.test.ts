// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { silentLog } from '../../base/log.ts'
import { ManualClock } from '../../base/manual-clock.ts'
import { formatCursor } from '../../events/cursor.ts'
import { journalId, lsn } from '../../events/ids.ts'
import type { EventFeed, FeedStart } from '../../spool/event-feed.ts'
import { EventLines } from './event-lines.ts'
import { RotatingFile } from './rotating-file.ts'

const JOURNAL = journalId(1)

function folder() {
  const path = mkdtempSync(join(tmpdir(), 'event-lines-'))
  return { path, [Symbol.dispose]: () => rmSync(path, { recursive: true }) }
}

/** Gives one event a batch, numbered from 1, after what it is asked for; then it is over. */
function feedOf(count: number, starts: FeedStart[], stop: AbortController): EventFeed {
  return {
    async *read(start: FeedStart) {
      starts.push(start)
      const from = start instanceof Map ? Number(start.get(JOURNAL)) : 0
      for (let number = from + 1; number <= count; number++)
        yield { events: [{ event: { number } }], cursor: new Map([[JOURNAL, lsn(number)]]) }
      stop.abort()
    },
  } as unknown as EventFeed
}

test('A full file is followed by another one, and the oldest of too many goes', async () => {
  using place = folder()
  const file = new RotatingFile({ path: join(place.path, 'e'), maxOctets: 10, keepFiles: 2 })
  for (const lines of [
    '1 first\n',
    '2 first\n',
    '3 second\n',
    '4 second\n',
    '5 third\n',
    '6 third\n',
    '7 fourth\n',
  ])
    await file.write(lines)
  const files = Object.fromEntries(
    readdirSync(place.path).map((name) => [name, readFileSync(join(place.path, name), 'utf8')]),
  )
  assert.deepEqual(files, {
    e: '7 fourth\n',
    'e.1': '5 third\n6 third\n',
    'e.2': '3 second\n4 second\n',
  })
})

test('Lines begin with what happens from now on, and go on where they were', async () => {
  using place = folder()
  const written: string[] = []
  const starts: FeedStart[] = []
  const follow = async (count: number) => {
    const stop = new AbortController()
    await new EventLines({
      feed: feedOf(count, starts, stop),
      sink: { write: async (lines) => void written.push(lines) },
      positionFile: join(place.path, 'position'),
      clock: new ManualClock(),
      log: silentLog,
    }).follow(stop.signal)
  }
  await follow(2)
  await follow(4)
  assert.deepEqual(
    written,
    [1, 2, 3, 4].map((number) => `{"number":${number}}\n`),
  )
  assert.equal(starts[0], 'now')
  assert.equal(formatCursor(starts[1] as never), '1:1.2')
})

test('What a disk refuses is written again when it takes it', async () => {
  using place = folder()
  const clock = new ManualClock()
  const written: string[] = []
  const stop = new AbortController()
  let failures = 2
  const following = new EventLines({
    feed: feedOf(1, [], stop),
    sink: {
      write: async (lines) => {
        if (failures-- > 0) throw new Error('no space left')
        written.push(lines)
      },
    },
    positionFile: join(place.path, 'position'),
    clock,
    log: silentLog,
  }).follow(stop.signal)
  const turning = setInterval(() => clock.advance(10_000 as never), 1)
  await following
  clearInterval(turning)
  assert.deepEqual(written, ['{"number":1}\n'])
})
