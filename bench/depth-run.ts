// SPDX-License-Identifier: Apache-2.0
/**
 * The story of the depth benchmark: idle sessions; mail that comes while its receivers refuse connections, step by step; at
 * full depth questions of people, messages for a healthy receiver, one for very many recipients, mail whose receivers come up
 * soon, after which the disk is watched, and mail that fills 50,000 ready queues; at last two restarts.
 */
import type { ChildProcess } from 'node:child_process'
import { minutes, ms, seconds } from '../src/base/brand.ts'
import { SystemClock } from '../src/base/clock.ts'
import type { DeskStatus } from '../src/control/desk/mail-desk.ts'
import type { DepthResult, DepthStep } from './depth-result.ts'
import { DepthRig, type DepthRigOptions } from './depth-rig.ts'
import { idleSessions, silentReceiver } from './open-sockets.ts'
import { down, healthy, returning, silent } from './receiver-groups.ts'

export interface DepthOptions extends Omit<DepthRigOptions, 'mostRecipients' | 'mostSessions'> {
  readonly messages: number
  readonly steps: number
  readonly recipients: number
  readonly sessions: number
  readonly onStep: (step: DepthStep) => void
  /** A part of the story has ended. */
  readonly onPhase: (name: string, tookMs: number) => void
}

const clock = new SystemClock()
/** Sites that come up wait for the end of their rest, and for their turn among all that are down. */
const RETURN_PATIENCE = minutes(8)
/** Until the windows are full that are going to be. */
const WINDOW_PATIENCE = seconds(60)
const HEALTHY_MESSAGES = 10
const MANY_RECIPIENTS = 10_000
const RETURNED_MESSAGES = 8_000
const RETURNED_OCTETS = 50 * 1_024
/** At most one segment is open, and one holds mail of others too. */
const MAY_STAY_OCTETS = 2 * 64 * 1_024 * 1_024

export async function runDepth(options: DepthOptions): Promise<DepthResult> {
  const rig = await DepthRig.install({
    ...options,
    mostRecipients: MANY_RECIPIENTS,
    mostSessions: options.sessions + 100,
  })
  try {
    await rig.relay.start()
    return await new DepthRun(options, rig).all()
  } finally {
    await rig.end()
  }
}

class DepthRun {
  readonly #options: DepthOptions
  readonly #rig: DepthRig

  constructor(options: DepthOptions, rig: DepthRig) {
    this.#options = options
    this.#rig = rig
  }

  async all(): Promise<DepthResult> {
    const { sessions } = this.#options
    const sink = await this.#rig.sink(healthy)
    const idle = await this.#phase(`${sessions} idle sessions`, () => this.#openIdle())
    const steps = await this.#phase('mail that comes', () => this.#goDeep())
    const asked = await this.#phase('questions of people', () => this.#ask())
    const healthyMs = await this.#phase('a healthy domain', () => this.#sendHealthy(sink))
    const manyRecipients = await this.#phase(`${MANY_RECIPIENTS} recipients at once`, () =>
      this.#sendToMany(sink),
    )
    const returned = await this.#phase('receivers that come up', () => this.#comeBack())
    const windows = await this.#phase('full ready queues', () => this.#fillWindows())
    const restarts = await this.#phase('restarts', async () => [
      await this.#restart('SIGTERM', sink),
      await this.#restart('SIGKILL', sink),
    ])
    this.#rig.resident()
    return {
      ...{ steps, asked, healthyMs, manyRecipients, sessions: idle, restarts, returned, windows },
      mostResidentOctets: this.#rig.mostResident,
    }
  }

  async #phase<T>(name: string, work: () => Promise<T>): Promise<T> {
    const begun = clock.monotonic()
    this.#options.onProgress(name)
    const result = await work()
    this.#options.onPhase(name, clock.monotonic() - begun)
    return result
  }

  async #goDeep(): Promise<readonly DepthStep[]> {
    const { messages, steps, recipients, onStep } = this.#options
    const made: DepthStep[] = []
    for (let step = 0; step < steps; step++) {
      const cpuBefore = this.#rig.cpuMs
      const order = { messages: Math.floor(messages / steps), recipients, group: down }
      const load = await this.#rig.load(order)
      made.push({
        messages: this.#rig.sent,
        perSecond: (load.accepted * 1_000) / load.elapsed,
        cpuMsPerMessage: (this.#rig.cpuMs - cpuBefore) / load.accepted,
        residentOctets: this.#rig.resident(),
        failed: load.failed,
        disk: this.#rig.relay.disk(),
      })
      onStep(made[step] as DepthStep)
    }
    return made
  }

  async #sendHealthy(sink: ChildProcess): Promise<(number | null)[]> {
    const took: (number | null)[] = []
    for (let count = 0; count < HEALTHY_MESSAGES; count++) {
      await clock.sleep(seconds(1))
      await this.#rig.load({ messages: 1, recipients: 1, group: healthy, connections: 1 })
      took.push((await this.#rig.arrival(sink, 1))?.ms ?? null)
    }
    return took
  }

  async #sendToMany(sink: ChildProcess): Promise<DepthResult['manyRecipients']> {
    const recipients = MANY_RECIPIENTS
    const load = await this.#rig.load({ messages: 1, recipients, group: healthy, connections: 1 })
    const arrival = await this.#rig.arrival(sink, recipients)
    const acceptedMs = load.accepted === 1 ? load.elapsed : Number.POSITIVE_INFINITY
    const arrived = arrival?.count ?? 0
    return { recipients, acceptedMs, arrived, arrivedMs: arrival?.ms ?? Number.POSITIVE_INFINITY }
  }

  async #openIdle(): Promise<DepthResult['sessions']> {
    const before = this.#rig.resident()
    using sessions = await idleSessions(this.#rig.relay.port, this.#options.sessions)
    await clock.sleep(seconds(1))
    const octetsEach = Math.round((this.#rig.resident() - before) / sessions.open)
    return { open: sessions.open, octetsEach }
  }

  /** What `status`, `/metrics` and `queue list` ask. */
  async #ask(): Promise<DepthResult['asked']> {
    const begun = clock.monotonic()
    const { waiting } = await this.#status()
    const statusMs = clock.monotonic() - begun
    await this.#rig.control.get('/v1/queues')
    return { waiting, statusMs, listMs: clock.monotonic() - begun - statusMs }
  }

  /** A recipient for each of very many sites, none of which lets it go. */
  async #fillWindows(): Promise<DepthResult['windows']> {
    using _receiver = await silentReceiver(silent.address, this.#rig.receiverPort)
    const { recipients } = this.#options
    const messages = silent.domains / recipients
    const [before, cpuBefore] = [this.#rig.resident(), this.#rig.cpuMs]
    // In turn, so that each site gets one; not so fast that look-ups fall behind.
    await this.#rig.load({ messages, recipients, group: silent, isInTurn: true, connections: 4 })
    let ready = 0
    for (
      let passed = 0;
      passed < WINDOW_PATIENCE && ready < silent.domains * 0.9;
      passed += 1_000
    ) {
      await clock.sleep(seconds(1))
      ready = (await this.#status()).ready
      this.#options.onProgress(`${ready} recipients in the windows of as many ready queues`)
    }
    const octetsEach = Math.round((this.#rig.resident() - before) / Math.max(1, ready))
    return { ready, octetsEach, cpuMsPerMessage: (this.#rig.cpuMs - cpuBefore) / messages }
  }

  #status(): Promise<DeskStatus> {
    return this.#rig.control.get('/v1/status')
  }

  async #restart(signal: 'SIGTERM' | 'SIGKILL', sink: ChildProcess) {
    this.#options.onProgress(`a restart by ${signal}`)
    const begun = clock.monotonic()
    await this.#rig.relay.end(signal)
    await this.#rig.relay.start()
    const greeted = clock.monotonic() - begun
    const one = { messages: 1, recipients: 1, group: healthy, connections: 1 }
    const load = await this.#rig.load(one)
    // Not the time that the load takes to start.
    const accepted = greeted + load.elapsed
    const arrival = await this.#rig.arrival(sink, 1)
    return {
      signal,
      acceptedMs: load.accepted === 1 ? accepted : Number.POSITIVE_INFINITY,
      arrivedMs: arrival && accepted + arrival.ms,
    }
  }

  /** Receivers that were down when their mail came, and come up. */
  async #comeBack(): Promise<DepthResult['returned']> {
    const { onProgress, recipients } = this.#options
    const before = this.#spool()
    const messages = RETURNED_MESSAGES
    const octets = RETURNED_OCTETS
    const load = await this.#rig.load({ messages, recipients, group: returning, octets })
    const expected = load.accepted * recipients
    const sink = await this.#rig.sink(returning)
    const begun = clock.monotonic()
    let arrived = 0
    for (let left = RETURN_PATIENCE; arrived < expected && left > 0; ) {
      const arrival = await this.#rig.arrival(sink, Math.min(expected - arrived, 1_000), left)
      arrived += arrival?.count ?? 0
      left = ms(RETURN_PATIENCE - (clock.monotonic() - begun))
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
    const { mail, index } = this.#rig.relay.disk()
    return mail + index
  }
}
