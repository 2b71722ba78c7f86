// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { type Instant, instant } from './brand.ts'
import { changesAt, type DailyWindow, formatWindow, isOpen, parseWindow } from './daily-window.ts'

function windowOf(text: string): DailyWindow {
  const window = parseWindow(text)
  if (typeof window === 'string') throw new Error(window)
  return window
}

const at = (text: string): Instant => instant(Date.parse(text))

/** The next times at which it opens and closes. */
function turns(text: string, from: string, count: number): readonly string[] {
  const window = windowOf(text)
  const found: string[] = []
  let now = at(from)
  for (let left = count; left > 0; left--) {
    now = changesAt(window, now)
    found.push(`${isOpen(window, now) ? 'opens' : 'closes'} ${new Date(now).toISOString()}`)
  }
  return found
}

describe('A window of the day', () => {
  it('opens and closes by the clock of its zone, on its days', () => {
    assert.deepEqual(turns('09:00-17:00 Europe/Berlin mon-fri', '2027-01-15T08:30:00Z', 3), [
      'closes 2027-01-15T16:00:00.000Z',
      'opens 2027-01-18T08:00:00.000Z',
      'closes 2027-01-18T16:00:00.000Z',
    ])
    assert.deepEqual(turns('09:00-17:00 Asia/Kolkata', '2027-01-15T00:00:00Z', 2), [
      'opens 2027-01-15T03:30:00.000Z',
      'closes 2027-01-15T11:30:00.000Z',
    ])
  })

  it('keeps to the clock on the wall over both changes of daylight saving', () => {
    assert.deepEqual(turns('09:00-17:00 Europe/Berlin', '2027-03-27T12:00:00Z', 3), [
      'closes 2027-03-27T16:00:00.000Z',
      'opens 2027-03-28T07:00:00.000Z',
      'closes 2027-03-28T15:00:00.000Z',
    ])
    assert.deepEqual(turns('09:00-17:00 Europe/Berlin', '2027-10-30T12:00:00Z', 3), [
      'closes 2027-10-30T15:00:00.000Z',
      'opens 2027-10-31T08:00:00.000Z',
      'closes 2027-10-31T16:00:00.000Z',
    ])
  })

  it('opens at the next time that there is where daylight saving skips its own, and twice where an hour comes twice', () => {
    // 02:00–03:00 is skipped in Berlin on 28 March 2027, and comes twice on 31 October.
    assert.deepEqual(turns('02:30-05:00 Europe/Berlin', '2027-03-27T12:00:00Z', 2), [
      'opens 2027-03-28T01:00:00.000Z',
      'closes 2027-03-28T03:00:00.000Z',
    ])
    assert.deepEqual(turns('02:15-02:30 Europe/Berlin', '2027-10-30T12:00:00Z', 4), [
      'opens 2027-10-31T00:15:00.000Z',
      'closes 2027-10-31T00:30:00.000Z',
      'opens 2027-10-31T01:15:00.000Z',
      'closes 2027-10-31T01:30:00.000Z',
    ])
    // All of it is skipped: that day it does not open.
    assert.deepEqual(turns('02:15-02:30 Europe/Berlin', '2027-03-27T12:00:00Z', 1), [
      'opens 2027-03-29T00:15:00.000Z',
    ])
  })

  it('that goes over midnight is of the day on which it begins', () => {
    assert.deepEqual(turns('22:00-06:00 UTC fri', '2027-01-13T00:00:00Z', 3), [
      'opens 2027-01-15T22:00:00.000Z',
      'closes 2027-01-16T06:00:00.000Z',
      'opens 2027-01-22T22:00:00.000Z',
    ])
    assert.deepEqual(turns('00:00-24:00 UTC sat,sun', '2027-01-13T00:00:00Z', 2), [
      'opens 2027-01-16T00:00:00.000Z',
      'closes 2027-01-18T00:00:00.000Z',
    ])
  })

  it('is written as it is read', () => {
    for (const text of [
      '09:00-17:00 Europe/Berlin',
      '22:30-06:00 America/New_York mon-wed,fri',
      '00:00-24:00 UTC sat-sun',
    ])
      assert.equal(formatWindow(windowOf(text)), text)
  })

  it('that cannot be is refused with what would be right', () => {
    const wrong: readonly (readonly [string, RegExp])[] = [
      ['9-17', /expected such as/],
      ['09:00-17:00', /expected such as/],
      ['09:00-25:00 UTC', /ends at 24:00/],
      ['09:00-17:75 UTC', /60 minutes/],
      ['09:00-09:00 UTC', /ends when it begins/],
      ['00:00-24:00 UTC', /never closes/],
      ['09:00-17:00 Europe/Berlim', /did you mean "Europe\/Berlin"/],
      ['09:00-17:00 UTC mon-fry', /is no days/],
    ]
    for (const [text, expected] of wrong) assert.match(String(parseWindow(text)), expected, text)
  })

  it('has one spelling of its zone, however it was written', () => {
    for (const zone of ['Europe/Berlin', 'europe/berlin', 'EUROPE/bErLiN']) {
      const window = parseWindow(`09:00-17:00 ${zone}`)
      assert.equal(typeof window === 'string' ? window : window.zone, 'Europe/Berlin')
    }
  })
})
