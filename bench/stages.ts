// SPDX-License-Identifier: Apache-2.0
/** The stages that the work for a message falls into, and which of them each sampled function belongs to. */
import { type Call, totalOf } from './cpu-profile.ts'
import type { ThreadCpu } from './process-tree.ts'

export interface Stage {
  readonly name: string
  /** In the flame graph. */
  readonly colour: string
  /** Beginnings of places: files and folders of the repository, modules of Node; or whole names of V8's own. */
  readonly places: readonly string[]
}

/**
 * The first that fits wins. What fits none (`src/base`, buffers, hashes, native functions) is its caller's, so that a
 * socket's write is counted with the sockets, whoever asked for it.
 */
export const stages: readonly Stage[] = [
  { name: 'garbage collection', colour: '#c9a0dc', places: ['(garbage collector)'] },
  { name: 'kernel and native code', colour: '#b8b8b8', places: ['(program)'] },
  {
    name: 'TLS',
    colour: '#6fb7b7',
    places: ['node:_tls', 'node:tls', 'src/smtp/server-tls', 'src/smtp/client-tls', 'src/app/tls'],
  },
  {
    name: 'sessions out',
    colour: '#7ba7e0',
    places: ['src/smtp/client', 'src/protocol/smtp/client', 'src/protocol/smtp/reply'],
  },
  {
    name: 'sessions in',
    colour: '#e8915b',
    places: ['src/smtp/', 'src/protocol/smtp/', 'src/intake/'],
  },
  { name: 'acceptance', colour: '#f0b95e', places: ['src/accept/', 'src/records/'] },
  {
    name: 'content and signing',
    colour: '#e6735c',
    places: ['src/content/', 'src/protocol/dkim', 'src/protocol/message', 'src/protocol/mime'],
  },
  { name: 'journal', colour: '#8fbf6f', places: ['src/platform/'] },
  { name: 'queue', colour: '#d4cf63', places: ['src/queue/', 'src/spool/'] },
  { name: 'delivery', colour: '#63a5c9', places: ['src/delivery/', 'src/protocol/token'] },
  {
    name: 'DNS',
    colour: '#5fc2a0',
    places: ['src/dns/', 'node:dns', 'node:dgram', 'node_modules/dns-packet'],
  },
  {
    name: 'events and views',
    colour: '#d58fb0',
    places: [
      'src/events/',
      'src/control/',
      'src/api/',
      'node_modules/prom-client',
      'node_modules/fastify',
    ],
  },
  { name: 'log', colour: '#a89070', places: ['node_modules/pino', 'node_modules/sonic-boom'] },
  {
    name: 'sockets',
    colour: '#9aa7b8',
    places: ['node:net', 'node:internal/stream_base_commons', 'node:internal/streams'],
  },
  {
    name: 'loop of Node',
    colour: '#c4bdb0',
    places: ['node:internal/process', 'node:internal/timers'],
  },
]

/** What is nobody's: the start of modules, say. */
export const elsewhere: Stage = { name: 'other', colour: '#dddddd', places: [] }

export interface StageShare {
  readonly stage: string
  /** Of CPU a message. */
  readonly micros: number
}

/**
 * CPU by stage: the main thread's as its samples divide it, other threads as a whole, but for the profile's own. The pool
 * signs in user mode, and writes and syncs the journal in the kernel.
 */
export function stageShares(
  profile: Call,
  { main, pool, v8, search, other }: ThreadCpu,
  messages: number,
): readonly StageShare[] {
  const sampled = new Map<string, number>()
  addTo(sampled, profile, elsewhere)
  const mainMicros = (main.userMs + main.systemMs) * 1_000
  const scale = mainMicros / Math.max(1, totalOf(profile))
  const share = (stage: string, micros: number) => ({ stage, micros: micros / messages })
  return [
    share('pool: signatures', pool.userMs * 1_000),
    share('pool: journal, kernel', pool.systemMs * 1_000),
    share('V8: collecting, compiling', (v8.userMs + v8.systemMs) * 1_000),
    share('search view', (search.userMs + search.systemMs) * 1_000),
    share('other threads', (other.userMs + other.systemMs) * 1_000),
    ...[...sampled].map(([stage, micros]) => share(stage, micros * scale)),
  ].sort((one, another) => another.micros - one.micros)
}

export function stageOf({ name, place }: Pick<Call, 'name' | 'place'>, callers: Stage): Stage {
  const what = place === '' ? name : place
  return (
    stages.find(({ places }) => places.some((beginning) => what.startsWith(beginning))) ?? callers
  )
}

function addTo(sampled: Map<string, number>, call: Call, callers: Stage): void {
  const stage = stageOf(call, callers)
  sampled.set(stage.name, (sampled.get(stage.name) ?? 0) + call.self)
  for (const callee of call.callees.values()) addTo(sampled, callee, stage)
}
