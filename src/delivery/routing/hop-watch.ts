// SPDX-License-Identifier: Apache-2.0
/**
 * Proxies that sources go by. One that does not take us stops its source, and no site and no message: nobody was asked. It is
 * probed, without mail, until it does.
 *
 *     through ──a call that it did not take──▶ cut ──a probe that it took──▶ through
 */
import { type DurationMs, type Instant, minutes, seconds } from '../../base/brand.ts'
import type { Clock } from '../../base/clock.ts'
import type { Lifecycle } from '../../base/lifecycle.ts'
import type { OperationEvent } from '../../events/event.ts'
import type { EgressHop, EgressSource } from '../../queue/egress.ts'
import { hopName } from '../../smtp/hop.ts'

/** Between probes; the last one again and again. */
const WAITS = [seconds(5), seconds(15), seconds(30), minutes(1), minutes(2), minutes(5)] as const
/** One that took a probe and is cut again within this goes on where it was. */
const STEADY = minutes(10)

export interface HopWatchParts {
  readonly clock: Clock
  readonly lifecycle: Lifecycle
  readonly announce: (type: OperationEvent['type'], text: string) => void
  /** What is wrong with it, or `null`. */
  readonly probe: (hop: EgressHop, localAddress: string | null) => Promise<string | null>
  /** As it is configured now. */
  readonly sourceOf: (name: string) => EgressSource | null
}

interface Past {
  readonly probes: number
  readonly throughAt: Instant
}

export class HopWatch {
  readonly #parts: HopWatchParts
  /** By source, with why. */
  readonly #cut = new Map<string, string>()
  readonly #past = new Map<string, Past>()
  /** Called after each change. */
  onChange: () => void = () => {}

  constructor(parts: HopWatchParts) {
    this.#parts = parts
  }

  /** Sources whose proxies do not take us, with why. */
  get cut(): ReadonlyMap<string, string> {
    return this.#cut
  }

  /** Called for each connection that it did not take. */
  failed({ hop, localAddress, name }: EgressSource, why: string): void {
    if (hop === null || this.#cut.has(name)) return
    this.#cut.set(name, wordsOf(hop, why))
    this.#parts.announce('source.cut', `${name}: ${wordsOf(hop, why)}`)
    this.onChange()
    this.#parts.lifecycle.background('probes of a proxy', () =>
      this.#probe(name, hop, localAddress),
    )
  }

  async #probe(name: string, hop: EgressHop, localAddress: string | null): Promise<void> {
    const { clock, lifecycle, probe } = this.#parts
    const past = this.#past.get(name)
    const isAgain = past !== undefined && clock.now() - past.throughAt < STEADY
    for (let probes = isAgain ? past.probes : 0; ; probes++) {
      await clock.sleep(waitAfter(probes), lifecycle.signal)
      if (lifecycle.isStopping) return
      // By another proxy it is tried with mail.
      const why = this.#isStill(name, hop) ? await probe(hop, localAddress) : null
      if (why === null) return this.#through(name, probes + 1)
      this.#cut.set(name, wordsOf(hop, why))
    }
  }

  #through(name: string, probes: number): void {
    this.#cut.delete(name)
    this.#past.set(name, { probes, throughAt: this.#parts.clock.now() })
    this.#parts.announce('source.through', `${name}: its proxy takes us again`)
    this.onChange()
  }

  #isStill(name: string, hop: EgressHop): boolean {
    return JSON.stringify(this.#parts.sourceOf(name)?.hop) === JSON.stringify(hop)
  }
}

function waitAfter(probes: number): DurationMs {
  return WAITS[Math.min(probes, WAITS.length - 1)] ?? WAITS[0]
}

function wordsOf(hop: EgressHop, why: string): string {
  return `its proxy ${hopName(hop)} does not take us: ${why}`
}
