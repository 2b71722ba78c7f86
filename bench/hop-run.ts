// SPDX-License-Identifier: Apache-2.0
/** One run of the hop benchmark: three processes, a warm-up, the load, and what it took. */
import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, openSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { seconds } from '../src/base/brand.ts'
import { SystemClock } from '../src/base/clock.ts'
import { cpuMsOf, peakOctetsOf } from './process-tree.ts'
import {
  endProcess,
  messageFrom,
  quietPort,
  startScript,
  untilGreeting,
} from './program-process.ts'
import type { LoadOrder, LoadResult } from './smtp-load.ts'
import type { SinkCounts, SinkOrder } from './smtp-sink.ts'

export interface HopOptions {
  readonly messages: number
  readonly warmUp: number
  readonly connections: number
  /** Content of one message. */
  readonly octets: number
  /** For the spool and the log. */
  readonly folder: string
  /** PEM, RSA. */
  readonly keyFile: string
  /** Where a CPU profile of the relay goes; `null`: none is made. */
  readonly profileFolder: string | null
}

export interface HopResult {
  readonly octets: number
  readonly messages: number
  readonly connections: number
  readonly messagesPerSecond: number
  /** Of the relay alone, with its threads and children, until a second after the last message. */
  readonly cpuMsPerMessage: number
  readonly peakOctets: number
  readonly ackP50Ms: number
  readonly ackP99Ms: number
  /** Got 250 and did not come. */
  readonly lost: number
  readonly duplicates: number
  /** Refused by the relay. */
  readonly failed: number
  readonly unsigned: number
}

const clock = new SystemClock()
/** A relay tidies its queue after the last delivery: that is counted too. */
const AFTERMATH = seconds(1)
const POLL = seconds(0.05)
/** Without a new message for so long, the rest is lost. */
const SILENCE_MS = 10_000

export async function runHop(options: HopOptions): Promise<HopResult> {
  const children: ChildProcess[] = []
  try {
    const sink = script('smtp-sink.ts', children)
    const sinkPort = await messageFrom<number>(sink)
    const port = await quietPort()
    const relay = startRelay(options, port, sinkPort, children)
    await untilGreeting(port, relay.child, relay.logFile)
    if (options.warmUp > 0) await send(sink, children, loadOrder(options, port, 0, options.warmUp))
    await ask(sink, 'begin')
    const pid = relay.child.pid ?? 0
    const cpuBefore = cpuMsOf(pid)
    const order = loadOrder(options, port, options.warmUp, options.messages)
    const { load, counts } = await send(sink, children, order)
    await clock.sleep(AFTERMATH)
    return summary(options, load, counts, cpuMsOf(pid) - cpuBefore, peakOctetsOf(pid))
  } finally {
    await Promise.all(children.map((child) => endProcess(child)))
  }
}

function summary(
  { octets, messages, connections }: HopOptions,
  load: LoadResult,
  counts: SinkCounts,
  cpuMs: number,
  peakOctets: number,
): HopResult {
  const arrived = counts.distinct + counts.duplicates + counts.unknown
  return {
    octets,
    messages,
    connections,
    messagesPerSecond: (counts.distinct * 1_000) / (counts.lastAt - load.begunAt),
    cpuMsPerMessage: cpuMs / messages,
    peakOctets,
    ackP50Ms: quantile(load.acknowledgedMs, 0.5),
    ackP99Ms: quantile(load.acknowledgedMs, 0.99),
    lost: Math.max(0, load.accepted - counts.distinct),
    duplicates: counts.duplicates,
    failed: load.failed,
    unsigned: arrived - counts.signed,
  }
}

function loadOrder(
  { octets, connections }: HopOptions,
  port: number,
  first: number,
  messages: number,
): LoadOrder {
  return { port, messages, connections, octets, first }
}

/** Sends, and waits until the sink has everything or hears nothing more. */
async function send(
  sink: ChildProcess,
  children: ChildProcess[],
  order: LoadOrder,
): Promise<{ readonly load: LoadResult; readonly counts: SinkCounts }> {
  const client = script('smtp-load.ts', children)
  client.send(order)
  const load = await messageFrom<LoadResult>(client)
  const before = await ask(sink, 'count')
  let counts = before
  while (counts.distinct < load.accepted && clock.now() - counts.lastAt < SILENCE_MS) {
    await clock.sleep(POLL)
    counts = await ask(sink, 'count')
  }
  return { load, counts }
}

function ask(sink: ChildProcess, order: SinkOrder): Promise<SinkCounts> {
  sink.send(order)
  return messageFrom<SinkCounts>(sink)
}

function script(name: string, children: ChildProcess[]): ChildProcess {
  const child = startScript(name)
  children.push(child)
  return child
}

function startRelay(
  { folder, keyFile, profileFolder }: HopOptions,
  port: number,
  sinkPort: number,
  children: ChildProcess[],
): { readonly child: ChildProcess; readonly logFile: string } {
  const runFolder = mkdtempSync(join(folder, 'run-'))
  const logFile = join(runFolder, 'relay.log')
  const log = openSync(logFile, 'w')
  const profiling = profileFolder === null ? [] : ['--cpu-prof', `--cpu-prof-dir=${profileFolder}`]
  const relay = fileURLToPath(new URL('relay.ts', import.meta.url))
  const child = spawn(process.execPath, [...process.execArgv, ...profiling, relay], {
    stdio: ['ignore', log, log],
    env: {
      ...process.env,
      BENCH_RELAY_PORT: String(port),
      BENCH_SINK_PORT: String(sinkPort),
      BENCH_RUN_DIR: runFolder,
      BENCH_DKIM_KEY: keyFile,
      BENCH_DKIM_DOMAIN: 'sender.example',
      BENCH_DKIM_SELECTOR: 'bench',
    },
  })
  children.push(child)
  return { child, logFile }
}

function quantile(ascending: readonly number[], share: number): number {
  return ascending[Math.min(ascending.length - 1, Math.floor(ascending.length * share))] ?? 0
}
