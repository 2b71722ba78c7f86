// SPDX-License-Identifier: Apache-2.0
/**
 * The story of the depth benchmark: idle sessions; mail that comes while its receivers refuse connections, step by step; at
 * full depth messages for a healthy receiver, one for very many recipients, and mail whose receivers come up soon, after
 * which the disk is watched; at last two restarts.
 */
import type { ChildProcess } from 'node:child_process'
import { connect, type Socket } from 'node:net'
import { minutes, seconds } from '../src/base/brand.ts'
import { SystemClock } from '../src/base/clock.ts'
import type { DepthOrder, DepthProgress } from './depth-load.ts'
import { DepthRelay } from './depth-relay.ts'
import type { DepthResult, DepthStep } from './depth-result.ts'
import { cpuMsOf, residentOctetsOf } from './process-tree.ts'
import { messageFrom, quietPort, startScript } from './program-process.ts'
import { down, healthy, type ReceiverGroup, returning } from './receiver-groups.ts'
import type { SinkCounts } from './smtp-sink.ts'

export interface DepthOptions {
  readonly messages: number
  readonly steps: number
  readonly recipients: number
  readonly octets: number
  readonly connections: number
  readonly sessions: number
  readonly folder: string
  readonly profileFolder: string | null
  /** What is being done, for people. */
  readonly onProgress: (text: string) => void
  readonly onStep: (step: DepthStep) => void
}

const clock = new SystemClock()
const POLL = seconds(0.02)
/** Sites that come up wait for their turn among all that are down. */
const PATIENCE = minutes(12)
const HEALTHY_MESSAGES = 10
const MANY_RECIPIENTS = 10_000
const RETURNED_MESSAGES = 8_000
const RETURNED_OCTETS = 50 * 1_024
/** At most one segment is open, and one holds mail of others too. */
const MAY_STAY_OCTETS = 2 * 64 * 1_024 * 1_024

export async function runDepth(options: DepthOptions): Promise<DepthResult> {
  const run = new DepthRun(options)
  try {
    return await run.all()
  } finally {
    await run.end()
  }
}

class DepthRun {
  readonly #options: DepthOptions
  readonly #children: ChildProcess[] = []
  #relay: DepthRelay | null = null
  #sent = 0
  #mostResident = 0

  constructor(options: DepthOptions) {
    this.#options = options
  }

  async all(): Promise<DepthResult> {
    const { folder, profileFolder, sessions, onProgress } = this.#options
    onProgress('starting')
    const receiverPort = await quietPort()
    const resolverPort = await messageFrom<number>(
      this.#script('name-server.ts', JSON.stringify([down, healthy, returning])),
    )
    const sink = await this.#sink(healthy, receiverPort)
    this.#relay = await DepthRelay.install({
      ...{ folder, resolverPort, receiverPort, profileFolder },
      mostRecipients: MANY_RECIPIENTS,
      mostSessions: sessions + 100,
    })
    await this.#relay.start()
    const idle = await this.#openIdle()
    const steps = await this.#goDeep()
    const healthyMs = await this.#sendHealthy(sink)
    const manyRecipients = await this.#sendToMany(sink)
    const returned = await this.#comeBack(receiverPort)
    const restarts = [await this.#restart('SIGTERM', sink), await this.#restart('SIGKILL', sink)]
    this.#resident()
    return {
      ...{ steps, healthyMs, manyRecipients, sessions: idle, restarts, returned },
      mostResidentOctets: this.#mostResident,
    }
  }

  async end(): Promise<void> {
    await this.#relay?.end('SIGTERM')
    for (const child of this.#children) child.kill('SIGTERM')
  }

  async #goDeep(): Promise<readonly DepthStep[]> {
    const { messages, steps, recipients, onStep } = this.#options
    const made: DepthStep[] = []
    for (let step = 0; step < steps; step++) {
      const cpuBefore = cpuMsOf(this.#pid)
      const order = { messages: Math.floor(messages / steps), recipients, group: down }
      const load = await this.#load(order)
      made.push({
        messages: this.#sent,
        perSecond: (load.accepted * 1_000) / load.elapsed,
        cpuMsPerMessage: (cpuMsOf(this.#pid) - cpuBefore) / load.accepted,
        residentOctets: this.#resident(),
        failed: load.failed,
        disk: this.#theRelay.disk(),
      })
      onStep(made[step] as DepthStep)
    }
    return made
  }

  async #sendHealthy(sink: ChildProcess): Promise<(number | null)[]> {
    this.#options.onProgress('one message after another to a healthy domain')
    const took: (number | null)[] = []
    for (let count = 0; count < HEALTHY_MESSAGES; count++) {
      await clock.sleep(seconds(1))
      await this.#load({ messages: 1, recipients: 1, group: healthy, connections: 1 })
      took.push((await this.#arrival(sink, 1))?.ms ?? null)
    }
    return took
  }

  async #sendToMany(sink: ChildProcess): Promise<DepthResult['manyRecipients']> {
    this.#options.onProgress(`one message with ${MANY_RECIPIENTS} recipients`)
    const recipients = MANY_RECIPIENTS
    const load = await this.#load({ messages: 1, recipients, group: healthy, connections: 1 })
    const arrival = await this.#arrival(sink, recipients)
    const acceptedMs = load.accepted === 1 ? load.elapsed : Number.POSITIVE_INFINITY
    const arrived = arrival?.count ?? 0
    return { recipients, acceptedMs, arrived, arrivedMs: arrival?.ms ?? Number.POSITIVE_INFINITY }
  }

  async #openIdle(): Promise<DepthResult['sessions']> {
    const { sessions, onProgress } = this.#options
    onProgress(`${sessions} idle sessions`)
    const before = this.#resident()
    const sockets: Socket[] = []
    let open = 0
    for (let count = 0; count < sessions; count++) {
      const socket = connect(this.#theRelay.port, '127.0.0.1')
      socket.on('error', () => {})
      sockets.push(socket)
      if (await isGreeted(socket)) open++
    }
    await clock.sleep(seconds(1))
    const octetsEach = Math.round((this.#resident() - before) / sessions)
    for (const socket of sockets) socket.destroy()
    return { open, octetsEach }
  }

  async #restart(signal: 'SIGTERM' | 'SIGKILL', sink: ChildProcess) {
    this.#options.onProgress(`a restart by ${signal}`)
    const begun = clock.monotonic()
    await this.#theRelay.end(signal)
    await this.#theRelay.start()
    const load = await this.#load({ messages: 1, recipients: 1, group: healthy, connections: 1 })
    const accepted = clock.monotonic() - begun
    const arrival = await this.#arrival(sink, 1)
    return {
      signal,
      acceptedMs: load.accepted === 1 ? accepted : Number.POSITIVE_INFINITY,
      arrivedMs: arrival && accepted + arrival.ms,
    }
  }

  /** Receivers that were down when their mail came, and come up. */
  async #comeBack(receiverPort: number): Promise<DepthResult['returned']> {
    const { onProgress, recipients } = this.#options
    const before = this.#spool()
    const messages = RETURNED_MESSAGES
    const octets = RETURNED_OCTETS
    const load = await this.#load({ messages, recipients, group: returning, octets })
    const expected = load.accepted * recipients
    const sink = await this.#sink(returning, receiverPort)
    const begun = clock.monotonic()
    let arrived = 0
    for (let isQuiet = false; arrived < expected && !isQuiet; ) {
      const arrival = await this.#arrival(sink, Math.min(expected - arrived, 1_000), PATIENCE)
      arrived += arrival?.count ?? 0
      isQuiet = arrival === null
      onProgress(`receivers came up: ${arrived} of ${expected} recipients have their mail`)
    }
    const deliveryMs = clock.monotonic() - begun
    const atArrival = this.#spool()
    const spaceBackMs = await this.#spaceBack(before)
    const returned = { messages, octets, arrived, expected, deliveryMs, before, atArrival }
    return { ...returned, afterMinute: this.#spool(), spaceBackMs }
  }

  /** Watches for a minute; `null` where it did not come back. */
  async #spaceBack(before: number): Promise<number | null> {
    const begun = clock.monotonic()
    let backAfter: number | null = null
    for (let passed = 0; passed < minutes(1); passed = clock.monotonic() - begun) {
      this.#options.onProgress(`the disk, ${Math.round(passed / 1_000)} s after delivery`)
      if (this.#spool() - before <= MAY_STAY_OCTETS) backAfter ??= passed
      await clock.sleep(seconds(1))
    }
    return backAfter
  }

  #spool(): number {
    const { mail, index } = this.#theRelay.disk()
    return mail + index
  }

  async #load(
    order: Pick<DepthOrder, 'messages' | 'recipients' | 'group'> & Partial<DepthOrder>,
  ): Promise<DepthProgress> {
    const { connections, octets, onProgress } = this.#options
    const child = this.#script('depth-load.ts')
    const common = { port: this.#theRelay.port, first: this.#sent, connections, octets }
    child.send({ ...common, ...order } satisfies DepthOrder)
    for (;;) {
      const progress = await messageFrom<DepthProgress>(child)
      if (order.messages > 1) {
        const rate = Math.round((progress.accepted * 1_000) / progress.elapsed)
        const total = this.#sent + progress.accepted
        const resident = Math.round(this.#resident() / 1_048_576)
        onProgress(`${total} messages accepted, ${rate}/s, ${resident} MiB resident`)
      }
      if (!progress.isOver) continue
      this.#sent += order.messages
      child.kill()
      return progress
    }
  }

  /** `count` more arrivals at the sink: how many came, and when the last one did, from the call on. */
  async #arrival(
    sink: ChildProcess,
    count: number,
    patience: number = minutes(1),
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

  /** Arrivals that were counted already. */
  readonly #arrived = new Map<ChildProcess, number>()

  async #sink(group: ReceiverGroup, port: number): Promise<ChildProcess> {
    const sink = this.#script('smtp-sink.ts', group.address, String(port))
    await messageFrom(sink)
    return sink
  }

  #script(name: string, ...args: readonly string[]): ChildProcess {
    const child = startScript(name, ...args)
    this.#children.push(child)
    return child
  }

  get #theRelay(): DepthRelay {
    if (this.#relay === null) throw new Error('the relay is installed first')
    return this.#relay
  }

  get #pid(): number {
    return this.#theRelay.pid
  }

  #resident(): number {
    const octets = residentOctetsOf(this.#pid)
    this.#mostResident = Math.max(this.#mostResident, octets)
    return octets
  }
}

function arrivals({ distinct, duplicates, unknown }: SinkCounts): number {
  return distinct + duplicates + unknown
}

function isGreeted(socket: Socket): Promise<boolean> {
  return new Promise((resolve) => {
    socket.once('data', (octets) => resolve(octets.toString('latin1').startsWith('220 ')))
    socket.once('close', () => resolve(false))
  })
}
