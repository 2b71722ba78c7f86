// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, it } from 'node:test'
import { instant } from '../../base/brand.ts'
import { IndexReader } from './index-reader.ts'
import { IndexUnusable, openIndex } from './index-schema.ts'
import { IndexWriter } from './index-writer.ts'
import { laneOf, type Row, rowNumber } from './row.ts'

let folder: string
let opened: ReturnType<typeof openIndex>
let reader: IndexReader
let writer: IndexWriter

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'index-'))
  opened = openIndex(join(folder, 'index.sqlite'), 1)
  reader = new IndexReader(opened.database)
  writer = new IndexWriter(opened.database, reader)
})

afterEach(() => {
  opened.database.close()
  rmSync(folder, { recursive: true })
})

function row(mailLsn: number, change: Partial<Row> = {}): Row {
  return {
    number: rowNumber(mailLsn, 0),
    priority: 2,
    dueAt: 100,
    expiresAt: 9_000,
    attempts: 0,
    segment: 1,
    offset: mailLsn * 8,
    octets: 50,
    delayAt: null,
    lastAttempt: null,
    ...change,
  }
}

function queueId(name: string): number {
  return reader.queue(name)?.id ?? -1
}

describe('the index', () => {
  it('keeps counters and the first due time of each queue with its rows', () => {
    writer.transaction(3, () => {
      writer.add('a', row(1, { dueAt: 300 }))
      writer.add('a', row(2, { dueAt: 200, priority: 5 }))
      writer.add('b', row(3))
    })
    const found = [...reader.queues()].map(({ name, rows, firstDueAt }) => [name, rows, firstDueAt])
    assert.deepEqual(found, [
      ['a', 2, 200],
      ['b', 1, 100],
    ])
    writer.transaction(4, () => {
      writer.remove(rowNumber(2, 0))
      writer.remove(rowNumber(3, 0))
    })
    assert.deepEqual(
      [...reader.queues()].map(({ name, rows, firstDueAt }) => [name, rows, firstDueAt]),
      [['a', 1, 300]],
    )
    assert.deepEqual(reader.segments(), [{ first: 1, recipients: 1, octets: 50, keepUntil: 0 }])
  })

  it('gives the disk back what its mail took, in steps, but for a little', () => {
    const file = join(folder, 'index.sqlite')
    const octets = () => {
      opened.database.exec('pragma wal_checkpoint(truncate)')
      return statSync(file).size
    }
    const rows = 200_000
    const each = (work: (mailLsn: number) => void) =>
      writer.transaction(rows, () => {
        for (let mailLsn = 1; mailLsn <= rows; mailLsn++) work(mailLsn)
      })
    each((mailLsn) => writer.add('a', row(mailLsn)))
    const full = octets()
    each((mailLsn) => writer.remove(rowNumber(mailLsn, 0)))
    assert.equal(octets(), full)
    let steps = 0
    while (writer.shrink()) steps++
    assert.ok(steps > 1)
    assert.ok(octets() < full * 0.7, `${octets()} of ${full}`)
  })

  it('is the same when changes are made again', () => {
    const change = () => {
      writer.add('a', row(1))
      writer.add('a', row(2))
      writer.defer({ number: rowNumber(1, 0), dueAt: 700, attempts: 1, lastAttempt: null })
      writer.remove(rowNumber(2, 0))
      writer.keep(1, 5_000)
      writer.keep(1, 4_000)
      writer.move(1, 9, 128)
    }
    const all = () => [[...reader.queues()], reader.segments(), reader.rowsOfMail(1)]
    writer.transaction(5, change)
    const once = all()
    writer.transaction(5, change)
    assert.deepEqual(all(), once)
    assert.deepEqual(reader.segments(), [
      { first: 1, recipients: 0, octets: 0, keepUntil: 5_000 },
      { first: 9, recipients: 1, octets: 50, keepUntil: 0 },
    ])
  })

  it('has all of a transaction or nothing, the position with it', () => {
    writer.transaction(3, () => void writer.add('a', row(1)))
    assert.throws(() =>
      writer.transaction(9, () => {
        writer.add('a', row(2))
        throw new Error('in the middle')
      }),
    )
    opened.database.close()
    opened = openIndex(join(folder, 'index.sqlite'), 1)
    assert.equal(opened.position, 3)
    assert.equal(new IndexReader(opened.database).queue('a')?.rows, 1)
  })

  it('gives rows by due time, then reception, for each priority', () => {
    writer.transaction(9, () => {
      writer.add('a', row(3, { dueAt: 100 }))
      writer.add('a', row(2, { dueAt: 100 }))
      writer.add('a', row(1, { dueAt: 200 }))
      writer.add('a', row(4, { priority: 0 }))
      writer.add('b', row(5, { priority: 1 }))
    })
    const lanes = [...reader.lanes(queueId('a'))].map(({ lane }) => lane)
    assert.deepEqual(lanes, [laneOf(queueId('a'), 0), laneOf(queueId('a'), 2)])
    assert.deepEqual(
      [...reader.rows(laneOf(queueId('a'), 2))].map(({ number }) => number),
      [2, 3, 1].map((mailLsn) => rowNumber(mailLsn, 0)),
    )
  })

  it('finds the oldest of those that are too old', () => {
    writer.transaction(9, () => {
      writer.add('a', row(1, { expiresAt: 500 }))
      writer.add('b', row(2, { expiresAt: 400 }))
      writer.add('b', row(3, { expiresAt: 600 }))
    })
    assert.deepEqual(
      [...reader.expired(instant(500))].map(({ queue }) => queue),
      ['b', 'a'],
    )
  })

  it('reschedules a queue in steps', () => {
    writer.transaction(9, () => {
      for (let at = 1; at <= 10; at++) writer.add('a', row(at, { dueAt: at, priority: at % 2 }))
    })
    const steps: number[] = []
    for (let step = 4; step >= 4; steps.push(step))
      writer.transaction(9, () => {
        step = writer.reschedule(queueId('a'), 5, 4)
      })
    assert.deepEqual(steps, [4, 4, 1])
    assert.equal(reader.queue('a')?.firstDueAt, 5)
  })

  it('of another journal or version is not used', () => {
    assert.throws(() => openIndex(join(folder, 'index.sqlite'), 2), IndexUnusable)
    opened.database.exec('pragma user_version = 99')
    assert.throws(() => openIndex(join(folder, 'index.sqlite'), 1), IndexUnusable)
  })
})
