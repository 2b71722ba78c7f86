// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { days, instant } from '../base/brand.ts'
import type { Slug, Stream } from '../records/records.ts'
import { retrySchedules, usualStream } from '../records/stream-defaults.ts'
import { FailedRetention } from './failed-retention.ts'

const named = (name: string, keepsFailed: Stream['keepsFailed']): Stream => ({
  ...usualStream(
    { tenant: 'shop' as Slug, name: name as Slug, kind: 'transactional' },
    retrySchedules,
    instant(0),
  ),
  keepsFailed,
})
const of = (stream: string) => ({ tenant: 'shop', stream })

test('Content of failed mail is kept as its stream says, and no longer than the installation keeps any', () => {
  const kept = new FailedRetention(days(7), [named('codes', days(0)), named('news', days(365))])
  assert.equal(kept.of(of('codes')), 0)
  assert.equal(kept.of(of('news')), days(7))
  assert.equal(kept.of(of('gone')), days(7))
  assert.equal(kept.of(null), days(7))
})

test('A change of a stream holds for what fails from then on', () => {
  const kept = new FailedRetention(days(7), [named('codes', days(0))])
  kept.follow(() => ({ stream: () => named('codes', days(2)) }))
  assert.equal(kept.of(of('codes')), days(2))
})
