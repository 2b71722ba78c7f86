// SPDX-License-Identifier: Apache-2.0
/** The last results that were kept, a file for each kind of machine: others do not compare. */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { cpus } from 'node:os'
import { fileURLToPath } from 'node:url'
import { SystemClock } from '../src/base/clock.ts'
import type { HopResult } from './hop-result.ts'

export interface StoredResults {
  readonly machine: string
  readonly node: string
  /** A date. */
  readonly at: string
  readonly results: readonly HopResult[]
}

const folder = fileURLToPath(new URL('results', import.meta.url))

/** `null`: none was kept for a machine like this. */
export function storedResults(): StoredResults | null {
  const file = fileOf(machineKind())
  return existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : null
}

/** Results of sizes that were not measured now stay. Gives the file. */
export function storeResults(results: readonly HopResult[]): string {
  const machine = machineKind()
  const isNew = ({ octets }: HopResult) => results.some((result) => result.octets === octets)
  const kept = storedResults()?.results.filter((result) => !isNew(result)) ?? []
  const stored: StoredResults = {
    machine,
    node: process.version,
    at: new Date(new SystemClock().now()).toISOString().slice(0, 10),
    results: [...kept, ...results].sort((one, other) => one.octets - other.octets),
  }
  mkdirSync(folder, { recursive: true })
  writeFileSync(fileOf(machine), `${JSON.stringify(stored, null, 2)}\n`)
  return fileOf(machine)
}

/** `Intel(R) Xeon(R) Processor, 2 cores`. */
export function machineKind(): string {
  const all = cpus()
  return `${all[0]?.model ?? process.arch}, ${all.length} cores`
}

function fileOf(machine: string): string {
  const name = machine.toLowerCase().replaceAll(/[^a-z0-9]+/g, '-')
  return `${folder}/${name}.json`
}
