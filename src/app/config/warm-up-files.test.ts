// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { defaultPolicy } from '../../queue/warm-up/thresholds.ts'
import { loadConfig } from './load-config.ts'
import { readWarmUpRules, shippedWarmUpRules } from './warm-up-files.ts'

function reading(own: string) {
  const folder = mkdtempSync(join(tmpdir(), 'warm-up-'))
  try {
    const file = join(folder, 'posthaste.toml')
    const start = 'hostname = "relay.example.com"\ndata_dir = "data"\n'
    writeFileSync(file, `${start}[delivery]\nwarm_up = "own"\n`)
    mkdirSync(join(folder, 'own'))
    writeFileSync(join(folder, 'own', 'own.toml'), own)
    return readWarmUpRules(loadConfig(file))
  } finally {
    rmSync(folder, { recursive: true })
  }
}

describe('The schedules that come with the program', () => {
  it('can be read, each with where it comes from, and change no threshold', () => {
    const { policy, schedules } = shippedWarmUpRules()
    assert.deepEqual(
      [...schedules.keys()],
      ['posthaste', 'careful', 'ses-standard', 'sendgrid', 'sparkpost', 'hyvor'],
    )
    for (const { origin } of schedules.values()) assert.match(origin, /November 2026/)
    assert.deepEqual(policy, defaultPolicy)
  })

  it('have the figures of those whose they are', () => {
    const { schedules } = shippedWarmUpRules()
    assert.equal(schedules.get('ses-standard')?.allowances.length, 45)
    assert.equal(schedules.get('ses-standard')?.allowances.at(-1), 50_000)
    assert.equal(schedules.get('sendgrid')?.allowances[12], 24 * 1_000)
    assert.equal(schedules.get('sparkpost')?.allowances[8], 50_000)
  })
})

describe('Schedules and thresholds of an operator', () => {
  it('win over those of the program, key by key', () => {
    const { policy, schedules } = reading(
      '[[schedule]]\nname = "hyvor"\norigin = "mine"\nallowances = [10, 20]\n' +
        '[thresholds.deferred]\nhold = 3.5\n[pace]\nexcellent_days = 4\n',
    )
    assert.deepEqual(schedules.get('hyvor')?.allowances, [10, 20])
    assert.ok(schedules.has('posthaste'))
    assert.equal(policy.thresholds.deferred.hold, 0.035)
    assert.equal(policy.thresholds.deferred.pause, defaultPolicy.thresholds.deferred.pause)
    assert.equal(policy.excellentDays, 4)
  })

  for (const [text, expected] of [
    [
      '[[schedule]]\nname = "a"\norigin = "b"\nallowances = [20, 10]\n',
      /own\.toml:4: .*10 comes after 20/,
    ],
    [
      '[thresholds.bounced]\nhold = 30\n',
      /own\.toml:1: .*expected "hold" to be at most "step_back"/,
    ],
    ['[thresholds.bouncd]\nhold = 30\n', /own\.toml:/],
    ['[pace]\ngood_prt = 30\n', /did you mean "good_part"/],
  ] as const)
    it(`are refused with file and line: ${text.split('\n')[1] ?? text}`, () => {
      assert.throws(() => reading(text), expected)
    })
})
