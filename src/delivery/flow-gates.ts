// SPDX-License-Identifier: Apache-2.0
/** Gives sites their gate for tenants and campaigns that are complained of there. Most sites never get one, and keep nothing for it. */
import type { DurationMs } from '../base/brand.ts'
import { FlowGate, type GateParts } from '../queue/flow-gate.ts'
import type { ReadyQueue } from '../queue/ready-queue.ts'

type Learning = Pick<GateParts, 'clock' | 'lessons' | 'rates'>

interface GatedSite {
  readonly ready: ReadyQueue
  readonly shaping: { readonly place: string; wakeAt(until: DurationMs): void }
  pump(): void
}

export class FlowGates {
  readonly #context: Learning
  /** Version of the lessons by which a site was last looked at. */
  readonly #seen = new WeakMap<GatedSite, number>()

  constructor(context: Learning) {
    this.#context = context
  }

  /** Whenever something may go at the site; cheap where nobody is complained of. */
  look(site: GatedSite): void {
    const { lessons } = this.#context
    const { ready } = site
    if (lessons.flows.size === 0 && ready.gate === null) return
    if (this.#seen.get(site) !== lessons.version) {
      this.#seen.set(site, lessons.version)
      this.#refresh(site)
    }
    ready.openGate()
  }

  #refresh(site: GatedSite): void {
    const { ready, shaping } = site
    if (ready.gate !== null) {
      ready.refreshGate()
      return
    }
    const { place } = shaping
    const { clock, lessons, rates } = this.#context
    if (lessons.flows.at(place) === null) return
    ready.setGate(
      new FlowGate({
        ...{ clock, lessons, place, rates },
        name: `${ready.pool} ${ready.site}`,
        wakeAt: (until) => shaping.wakeAt(until),
        wake: () => site.pump(),
      }),
    )
  }
}
