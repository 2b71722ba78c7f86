// SPDX-License-Identifier: Apache-2.0
/**
 * What V8's sampling profiler wrote for the processes of a relay (`--cpu-prof`: one file a process, of its main thread), as
 * one tree of calls. Only samples within a window count, and none that found the thread idle.
 */
import { readdirSync, readFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'

/** Node tells its processes to write profiles into `folder`. */
export function profilingFlags(folder: string): readonly string[] {
  return ['--cpu-prof', `--cpu-prof-dir=${folder}`, `--cpu-prof-interval=${INTERVAL_MICROS}`]
}

/** A function that was called from the same functions: all its calls. */
export interface Call {
  readonly name: string
  /** `src/smtp/server.ts:12` from the root of the repository, `node:net:3`, or nothing for what is native. */
  readonly place: string
  /** In itself, microseconds. */
  self: number
  readonly callees: Map<string, Call>
}

interface ProfileNode {
  readonly id: number
  readonly callFrame: {
    readonly functionName: string
    readonly url: string
    readonly lineNumber: number
  }
  readonly children?: readonly number[]
}

/** As the inspector's `Profiler.Profile`; times in microseconds on the system's monotonic clock. */
interface Profile {
  readonly nodes: readonly ProfileNode[]
  readonly startTime: number
  readonly samples: readonly number[]
  readonly timeDeltas: readonly number[]
}

const INTERVAL_MICROS = 500
/** A gap is no work of the function that was seen after it. */
const LONGEST_SAMPLE_MICROS = 20 * INTERVAL_MICROS
const root = fileURLToPath(new URL('..', import.meta.url))

export function readProfiles(
  folder: string,
  window: { readonly from: number; readonly to: number },
): Call {
  const all = newCall('all', '')
  for (const file of readdirSync(folder).filter((name) => name.endsWith('.cpuprofile')))
    add(JSON.parse(readFileSync(join(folder, file), 'utf8')), window, all)
  return all
}

/** In itself and all that it called. */
export function totalOf(call: Call): number {
  let total = call.self
  for (const callee of call.callees.values()) total += totalOf(callee)
  return total
}

function add(
  { nodes, startTime, samples, timeDeltas }: Profile,
  { from, to }: { readonly from: number; readonly to: number },
  all: Call,
): void {
  const calls = callsById(nodes, all)
  let at = startTime
  for (let index = 0; index < samples.length; index++) {
    const took = timeDeltas[index] ?? 0
    at += took
    const call = calls.get(samples[index] ?? 0)
    if (at < from || at > to || !call || call.name === '(idle)') continue
    call.self += Math.min(took, LONGEST_SAMPLE_MICROS)
  }
}

/** The calls in `all` that the nodes of a profile stand for. A node comes before its children. */
function callsById(nodes: readonly ProfileNode[], all: Call): ReadonlyMap<number, Call> {
  const calls = new Map<number, Call>()
  const callers = new Map<number, Call>()
  for (const { id, callFrame, children } of nodes) {
    const caller = callers.get(id)
    const call = caller ? calleeOf(caller, callFrame) : all
    calls.set(id, call)
    for (const child of children ?? []) callers.set(child, call)
  }
  return calls
}

function calleeOf(caller: Call, { functionName, url, lineNumber }: ProfileNode['callFrame']): Call {
  const name = functionName === '' ? '(anonymous)' : functionName
  const file = url.startsWith('file:') ? relative(root, fileURLToPath(url)) : url
  const place = file === '' ? '' : `${file}:${lineNumber + 1}`
  const key = `${name} ${place}`
  const known = caller.callees.get(key)
  if (known) return known
  const call = newCall(name, place)
  // It has no place in the tree, since nobody waits for it.
  if (name !== '(idle)') caller.callees.set(key, call)
  return call
}

function newCall(name: string, place: string): Call {
  return { name, place, self: 0, callees: new Map() }
}
