// SPDX-License-Identifier: Apache-2.0
/**
 * Power loss, sampled: a journal lives under a trace of all that it and SQLite do to the disk; then disks are made as power
 * cuts at moments of that life may have left them, and recovery is run on each.
 */
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { SeededRandom } from '../../src/base/random.ts'
import { runProgram } from '../support/finished-program.ts'
import type { DiskShim } from './disk-shim.ts'
import { readTrace, type TracedChange } from './disk-trace.ts'
import { checkDisk } from './power-check.ts'
import { type Mercy, TracedDisk } from './power-cut.ts'
import { Promises } from './power-promises.ts'
import { JOURNAL_FOLDER } from './power-words.ts'

const SYNC_MS = 2
const MEMORY = '/dev/shm'
const WORKLOAD = fileURLToPath(new URL('power-workload.ts', import.meta.url))

export interface PowerOptions {
  readonly seed: number
  /** Disks that chance makes. */
  readonly samples: number
  /** Besides them, the disk as it is after every single change, and with all that is not synced lost. */
  readonly everyChange: boolean
  readonly steps: number
  /** Days that events are kept: 0, so that their segments go too. */
  readonly eventDays: number
}

export interface PowerResult {
  readonly changes: number
  readonly messages: number
  readonly disks: number
  readonly repeated: number
  /** What is wrong, with the disk's name. */
  readonly faults: readonly string[]
}

export async function runPowerCuts(shim: DiskShim, options: PowerOptions): Promise<PowerResult> {
  // In memory where that is possible: syncs of the checked disks cost time and tell nothing.
  const root = mkdtempSync(join(existsSync(MEMORY) ? MEMORY : tmpdir(), 'power-'))
  try {
    const changes = await live(shim, join(root, 'life'), options)
    return await cutAll(changes, root, options)
  } finally {
    rmSync(root, { recursive: true })
  }
}

async function live(
  shim: DiskShim,
  folder: string,
  { seed, steps, eventDays }: PowerOptions,
): Promise<readonly TracedChange[]> {
  rmSync(shim.traceFile, { force: true })
  // Slow enough that much happens while one runs.
  shim.fault({ operation: 'sync', path: folder, does: SYNC_MS })
  const environment = { ...process.env, ...shim.faulty, ...shim.traced(folder) }
  const args = [WORKLOAD, folder, seed, steps, eventDays].map(String)
  const { code, stderr } = await runProgram(process.execPath, args, { environment })
  if (code !== 0) throw new Error(`the traced life ended with ${code}: ${stderr}`)
  return readTrace(shim.traceFile, folder)
}

/** Moments at which a sync is under way: most is at stake then. */
function whileSyncing(changes: readonly TracedChange[]): readonly number[] {
  let running = 0
  return changes.flatMap(({ kind }, at) => {
    if (kind === 'sync') running++
    if (kind === 'synced') running--
    return running > 0 ? [at + 1] : []
  })
}

async function cutAll(
  changes: readonly TracedChange[],
  root: string,
  { seed, samples, everyChange, eventDays }: PowerOptions,
): Promise<PowerResult> {
  const random = new SeededRandom(seed)
  const moments = new Map<number, Mercy[]>()
  const want = (moment: number, mercy: Mercy) =>
    moments.set(moment, [...(moments.get(moment) ?? []), mercy])
  const syncing = whileSyncing(changes)
  for (let sample = 0; sample < samples; sample++) {
    const chance = random.fraction()
    const anyTime = Math.floor(chance * (changes.length + 1))
    want(sample % 2 === 0 ? anyTime : (syncing[Math.floor(chance * syncing.length)] ?? 0), 'some')
  }
  for (let moment = 0; everyChange && moment <= changes.length; moment++) {
    want(moment, 'all')
    want(moment, 'none')
  }
  const disk = new TracedDisk()
  const promises = new Promises()
  const result = {
    changes: changes.length,
    messages: 0,
    disks: 0,
    repeated: 0,
    faults: [] as string[],
  }
  for (let moment = 0; moment <= changes.length; moment++) {
    for (const mercy of moments.get(moment) ?? []) {
      const folder = join(root, `disk-${++result.disks}`)
      disk.cut(folder, mercy, random)
      const { faults, repeated } = await checkDisk(folder, promises, eventDays > 0)
      result.repeated += repeated
      for (const fault of faults)
        result.faults.push(`seed ${seed}, after ${moment} changes, ${mercy} spared: ${fault}`)
      if (existsSync(join(folder, JOURNAL_FOLDER))) rmSync(folder, { recursive: true })
    }
    const change = changes[moment]
    if (change === undefined) break
    disk.apply(change)
    promises.apply(change)
  }
  return { ...result, messages: promises.messages.size }
}
