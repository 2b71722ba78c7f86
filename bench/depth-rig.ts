// SPDX-License-Identifier: Apache-2.0
/** What the depth benchmark runs on: a relay, its name server, loads and sinks, each a process of its own. */
import type { ChildProcess } from 'node:child_process'
import { join } from 'node:path'
import { ControlClient } from '../src/api/control-client.ts'
import { controlSocketFile } from '../src/app/data-files.ts'
import { type DurationMs, minutes, seconds } from '../src/base/brand.ts'
import { SystemClock } from '../src/base/clock.ts'
import type { DepthOrder, DepthProgress } from './depth-load.ts'
import { DepthRelay } from './depth-relay.ts'
import { cpuMsOf, residentOctetsOf } from './process-tree.ts'
import { messageFrom, quietPort, startScript } from './program-process.ts'
import { down, healthy, type ReceiverGroup, returning, silent } from './receiver-groups.ts'
import type { SinkCounts } from './smtp-sink.ts'

export interface DepthRigOptions {
  readonly octets: number
  readonly connections: number
  readonly mostRecipients: number
  readonly mostSessions: number
  readonly folder: string
  readonly profileFolder: string | null
  /** What is being done, for people. */
  readonly onProgress: (text: string) => void
}

const clock = new SystemClock()
const POLL = seconds(0.02)

export class DepthRig {
  readonly relay: DepthRelay
  readonly control: ControlClient
  /** Of all receivers. */
  readonly receiverPort: number
  readonly #options: DepthRigOptions
  readonly #children: ChildProcess[]
  /** Arrivals that were counted already. */
  readonly #arrived = new Map<ChildProcess, number>()
  #sent = 0
  #mostResident = 0

  /** The relay is installed, and not started yet. */
  static async install(options: DepthRigOptions): Promise<DepthRig> {
    const receiverPort = await quietPort()
    const groups = JSON.stringify([down, healthy, returning, silent])
    const names = startScript('name-server.ts', groups)
    const resolverPort = await messageFrom<number>(names)
    const relay = await DepthRelay.install({ ...options, resolverPort, receiverPort })
    return new DepthRig(options, relay, receiverPort, names)
  }

  private constructor(
    options: DepthRigOptions,
    relay: DepthRelay,
    receiverPort: number,
    names: ChildProcess,
  ) {
    this.#options = options
    this.relay = relay
    this.receiverPort = receiverPort
    this.control = new ControlClient(controlSocketFile(join(options.folder, 'data')))
    this.#children = [names]
  }

  /** Messages, by all loads. */
  get sent(): number {
    return this.#sent
  }

  get mostResident(): number {
    return this.#mostResident
  }

  get cpuMs(): number {
    return cpuMsOf(this.relay.pid)
  }

  async end(): Promise<void> {
    await this.relay.end('SIGTERM')
    for (const child of this.#children) child.kill('SIGTERM')
  }

  async load(
    order: Pick<DepthOrder, 'messages' | 'recipients' | 'group'> & Partial<DepthOrder>,
  ): Promise<DepthProgress> {
    const { connections, octets, onProgress } = this.#options
    const child = this.#script('depth-load.ts')
    const common = { port: this.relay.port, first: this.#sent, connections, octets }
    child.send({ ...common, ...order } satisfies DepthOrder)
    for (;;) {
      const progress = await messageFrom<DepthProgress>(child)
      if (order.messages > 1) {
        const rate = Math.round((progress.accepted * 1_000) / progress.elapsed)
        const total = this.#sent + progress.accepted
        const resident = Math.round(this.resident() / 1_048_576)
        onProgress(`${total} messages accepted, ${rate}/s, ${resident} MiB resident`)
      }
      if (!progress.isOver) continue
      this.#sent += order.messages
      child.kill()
      return progress
    }
  }

  /** `count` more arrivals at the sink: how many came, and when the last one did, from the call on. */
  async arrival(
    sink: ChildProcess,
    count: number,
    patience: DurationMs = minutes(1),
  ): Promise<{ readonly count: number; readonly ms: number } | null> {
    const calledAt = clock.now()
    let seen = 0
    for (let asked = calledAt; asked - calledAt < patience; asked = clock.now()) {
      sink.send('count')
      const counts = await messageFrom<SinkCounts>(sink)
      seen = arrivals(counts) - (this.#arrived.get(sink) ?? 0)
      if (seen >= count) {
        this.#arrived.set(sink, arrivals(counts))
        return { count: seen, ms: Math.max(0, counts.lastAt - calledAt) }
      }
      await clock.sleep(POLL)
    }
    this.#arrived.set(sink, (this.#arrived.get(sink) ?? 0) + seen)
    return null
  }

  async sink(group: ReceiverGroup): Promise<ChildProcess> {
    const sink = this.#script('smtp-sink.ts', group.address, String(this.receiverPort))
    await messageFrom(sink)
    return sink
  }

  #script(name: string, ...args: readonly string[]): ChildProcess {
    const child = startScript(name, ...args)
    this.#children.push(child)
    return child
  }

  resident(): number {
    const octets = residentOctetsOf(this.relay.pid)
    this.#mostResident = Math.max(this.#mostResident, octets)
    return octets
  }
}

function arrivals({ distinct, duplicates, unknown }: SinkCounts): number {
  return distinct + duplicates + unknown
}
