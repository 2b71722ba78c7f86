// SPDX-License-Identifier: Apache-2.0
/** What the benchmarks make of what they measured. */
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PassThrough } from 'node:stream'
import { test } from 'node:test'
import { pathToFileURL } from 'node:url'
import { readProfiles, totalOf } from '../../bench/cpu-profile.ts'
import { histogram } from '../../bench/histogram.ts'
import type { HopResult } from '../../bench/hop-result.ts'
import { comparisonLines } from '../../bench/hop-table.ts'
import { type Spread, spreadOf } from '../../bench/spread.ts'
import { stageShares } from '../../bench/stages.ts'
import { Terminal } from '../../src/app/cli/terminal.ts'

const root = join(import.meta.dirname, '../..')
const terminal = new Terminal(new PassThrough(), new PassThrough(), false)
const idleThread = { userMs: 0, systemMs: 0 }

/** `(root)` calls a session of ours, which writes to a socket and hashes; beside it nobody has work. */
const profile = {
  startTime: 1_000,
  nodes: [
    node(1, '(root)', '', 2, 5),
    node(2, 'read', pathToFileURL(join(root, 'src/smtp/server.ts')).href, 3, 4),
    node(3, 'write', 'node:net'),
    node(4, 'update', 'node:internal/crypto/hash'),
    node(5, '(idle)', ''),
  ],
  samples: [2, 3, 4, 5, 3, 2],
  timeDeltas: [100, 200, 300, 400, 500, 600],
}

test('A profile counts what was sampled within the window, and no idle time', () => {
  assert.equal(totalOf(read({ from: 0, to: 10_000 })), 100 + 200 + 300 + 500 + 600)
  assert.equal(totalOf(read({ from: 1_200, to: 2_500 })), 200 + 300 + 500)
})

test('A sample belongs to the first of its function and its callers that a stage names', () => {
  const main = { userMs: 1.5, systemMs: 0.2 }
  const threads = {
    main,
    pool: { userMs: 3, systemMs: 1 },
    v8: idleThread,
    search: { userMs: 0.4, systemMs: 0.1 },
    profiler: { userMs: 900, systemMs: 90 },
    other: idleThread,
  }
  const shares = stageShares(read({ from: 0, to: 10_000 }), threads, 10)
  const micros = Object.fromEntries(shares.map(({ stage, micros }) => [stage, Math.round(micros)]))
  assert.equal(micros['sessions in'], (100 + 300 + 600) / 10, 'with the hash that it asked for')
  assert.equal(micros['sockets'], (200 + 500) / 10)
  assert.equal(micros['pool: signatures'], 300)
  assert.equal(micros['pool: journal, kernel'], 100)
  assert.equal(micros['search view'], 50)
  assert.equal(micros['other threads'], 0, 'the sampler is no work of the relay')
})

test('A difference counts where the spreads do not touch', () => {
  const stored = { machine: '', node: '', at: '2026-01-31', results: [result([100, 110, 120])] }
  const verdictOn = (...rates: number[]) =>
    comparisonLines(terminal, [result(rates)], stored)[0] ?? ''
  assert.match(verdictOn(115, 121, 130), /\+10\.0 %, within the spread$/)
  assert.match(verdictOn(121, 132, 140), /\+20\.0 %$/)
  assert.match(verdictOn(80, 88, 99), /−20\.0 %$/)
  assert.match(comparisonLines(terminal, [result([1])], null)[0] ?? '', /--store/)
})

test('Each doubling of a duration has a bar, and no sample is left out', () => {
  const lines = histogram(terminal, [0.2, 0.7, 0.8, 3, 40]).split('\n').slice(1)
  const counts = lines.map((line) => Number(line.split(/ms +/)[1]?.split(' ')[0]))
  assert.deepEqual(counts, [1, 2, 0, 1, 0, 0, 0, 1])
})

function read(window: { readonly from: number; readonly to: number }) {
  const folder = mkdtempSync(join(tmpdir(), 'profile-'))
  writeFileSync(join(folder, 'CPU.1.cpuprofile'), JSON.stringify(profile))
  const calls = readProfiles(folder, window)
  rmSync(folder, { recursive: true })
  return calls
}

function node(id: number, functionName: string, url: string, ...children: readonly number[]) {
  return { id, callFrame: { functionName, url, lineNumber: 0 }, children }
}

function result(rates: readonly number[]): HopResult {
  const cpu: Spread = { median: 1, lowest: 1, highest: 1 }
  return {
    ...{ octets: 4_096, messages: 1, connections: 1, runs: rates.length, stages: [] },
    ...{ messagesPerSecond: spreadOf(rates), cpuMsPerMessage: cpu, ackP50Ms: cpu, ackP99Ms: cpu },
    ...{ peakOctets: 0, coresElsewhere: 0, lost: 0, duplicates: 0, failed: 0, unsigned: 0 },
  }
}
