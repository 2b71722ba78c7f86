// SPDX-License-Identifier: Apache-2.0
/** Client, relay and sink in processes of their own on loopback: what all benchmarks of one hop stand on. */
import { type ChildProcess, spawn } from 'node:child_process'
import { generateKeyPairSync } from 'node:crypto'
import { mkdtempSync, openSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { seconds } from '../src/base/brand.ts'
import { SystemClock } from '../src/base/clock.ts'
import { busyMsOfMachine, cpuMsOf, type ThreadCpu, threadCpuOf } from './process-tree.ts'
import {
  endProcess,
  messageFrom,
  quietPort,
  startScript,
  untilGreeting,
} from './program-process.ts'
import { oneReceiver, type ReceiverGroup } from './receiver-groups.ts'
import type { LoadOrder, LoadResult } from './smtp-load.ts'
import type { SinkCounts, SinkOrder } from './smtp-sink.ts'

export interface RigOptions {
  /** For spool, log and key. */
  readonly folder: string
  /** 1: a relay of one process. */
  readonly workers: number
  /** Whom a name server names as receivers; `null`: all mail goes to one by a route. */
  readonly receivers: ReceiverGroup | null
  /** Flags of Node for all processes of the relay. */
  readonly nodeFlags: readonly string[]
}

/** One load from the first connection until a second after the last message: a relay tidies its queue after it. */
export interface Passage {
  readonly load: LoadResult
  readonly sink: SinkCounts
  /** Of the relay alone, with its threads and children, milliseconds. */
  readonly cpuMs: number
  readonly threads: ThreadCpu
  /** On the monotonic clock of the system, microseconds, as profiles tell time. */
  readonly window: { readonly from: number; readonly to: number }
  /** Cores that were busy with what is no part of the benchmark, on average. */
  readonly coresElsewhere: number
}

export type RigLoad = Omit<LoadOrder, 'port' | 'group'> & { readonly group?: ReceiverGroup }

const clock = new SystemClock()
const AFTERMATH = seconds(1)
const POLL = seconds(0.05)
/** Without a new message for so long, the rest is lost. */
const SILENCE_MS = 10_000
const KEY_BITS = 2_048

export class HopRig implements AsyncDisposable {
  readonly #children: ChildProcess[] = []
  readonly #sink: ChildProcess
  #relay: ChildProcess | null = null
  #port = 0

  private constructor(sink: ChildProcess) {
    this.#sink = sink
    this.#children.push(sink)
  }

  static async start(options: RigOptions): Promise<HopRig> {
    const { receivers } = options
    const rig = new HopRig(startScript('smtp-sink.ts', receivers?.address ?? '127.0.0.1'))
    try {
      await rig.#start(options)
      return rig
    } catch (thrown) {
      await rig[Symbol.asyncDispose]()
      throw thrown
    }
  }

  /** Of the relay, or its supervisor. */
  get pid(): number {
    return this.#relay?.pid ?? 0
  }

  /** Sends, and waits until the sink has everything or hears nothing more. */
  async pass(load: RigLoad): Promise<Passage> {
    await this.#ask('begin')
    const before = this.#figures()
    const client = startScript('smtp-load.ts')
    this.#children.push(client)
    client.send({ ...load, port: this.#port, group: load.group ?? oneReceiver } satisfies LoadOrder)
    const result = await messageFrom<LoadResult>(client)
    let sink = await this.#ask('count')
    while (sink.distinct < result.accepted && clock.now() - sink.lastAt < SILENCE_MS) {
      await clock.sleep(POLL)
      sink = await this.#ask('count')
    }
    await clock.sleep(AFTERMATH)
    const after = this.#figures()
    await endProcess(client)
    return {
      load: result,
      sink,
      cpuMs: after.relayMs - before.relayMs,
      threads: difference(after.threads, before.threads),
      window: { from: before.at, to: after.at },
      coresElsewhere:
        Math.max(0, (after.elsewhereMs - before.elsewhereMs) * 1_000) / (after.at - before.at),
    }
  }

  /** SIGTERM to all, as a service manager would. */
  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#children.map((child) => endProcess(child)))
  }

  async #start({ folder, workers, receivers, nodeFlags }: RigOptions): Promise<void> {
    const sinkPort = await messageFrom<number>(this.#sink)
    this.#port = await quietPort()
    const runFolder = mkdtempSync(join(folder, 'run-'))
    const logFile = join(runFolder, 'relay.log')
    const log = openSync(logFile, 'w')
    const relay = fileURLToPath(new URL('relay.ts', import.meta.url))
    const child = spawn(process.execPath, [...nodeFlags, relay], {
      stdio: ['ignore', log, log],
      env: {
        ...process.env,
        BENCH_RELAY_PORT: String(this.#port),
        BENCH_SINK_PORT: String(sinkPort),
        BENCH_RUN_DIR: runFolder,
        BENCH_DKIM_KEY: newKeyFile(runFolder),
        BENCH_DKIM_DOMAIN: 'sender.example',
        BENCH_DKIM_SELECTOR: 'bench',
        ...(workers > 1 && { BENCH_WORKERS: String(workers) }),
        ...(receivers !== null && { BENCH_RESOLVER_PORT: await this.#resolver(receivers) }),
      },
    })
    this.#relay = child
    this.#children.push(child)
    await untilGreeting(this.#port, child, logFile)
  }

  async #resolver(receivers: ReceiverGroup): Promise<string> {
    const resolver = startScript('name-server.ts', JSON.stringify([receivers]))
    this.#children.push(resolver)
    return String(await messageFrom<number>(resolver))
  }

  #ask(order: SinkOrder): Promise<SinkCounts> {
    this.#sink.send(order)
    return messageFrom<SinkCounts>(this.#sink)
  }

  #figures() {
    return {
      at: Number(process.hrtime.bigint() / 1_000n),
      relayMs: cpuMsOf(this.pid),
      threads: threadCpuOf(this.pid),
      elsewhereMs: busyMsOfMachine() - cpuMsOf(process.pid),
    }
  }
}

function newKeyFile(folder: string): string {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: KEY_BITS })
  const file = join(folder, 'dkim.pem')
  writeFileSync(file, privateKey.export({ type: 'pkcs8', format: 'pem' }), { mode: 0o600 })
  return file
}

function difference(after: ThreadCpu, before: ThreadCpu): ThreadCpu {
  const minus = (kind: keyof ThreadCpu) => ({
    userMs: after[kind].userMs - before[kind].userMs,
    systemMs: after[kind].systemMs - before[kind].systemMs,
  })
  return {
    main: minus('main'),
    pool: minus('pool'),
    v8: minus('v8'),
    search: minus('search'),
    profiler: minus('profiler'),
    other: minus('other'),
  }
}
