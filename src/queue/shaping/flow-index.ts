// SPDX-License-Identifier: Apache-2.0
/** What replies have taught about tenants and campaigns, by the place that they are at: most places have none, and ask no further. */
import { type FlowLessons, flowOf, type Learned } from './lessons.ts'

export class FlowIndex implements FlowLessons {
  readonly #places = new Map<string, Map<string, Learned>>()

  get size(): number {
    return this.#places.size
  }

  at(place: string): ReadonlyMap<string, Learned> | null {
    return this.#places.get(place) ?? null
  }

  /** `null`: the rules alone decide again. Keys of paths are passed over. */
  set(key: string, learned: Learned | null): void {
    const flow = flowOf(key)
    if (flow === null) return
    const known = this.#places.get(flow.at)
    if (learned !== null) {
      const flows = known ?? new Map<string, Learned>()
      flows.set(key, learned)
      this.#places.set(flow.at, flows)
    } else if (known?.delete(key) && known.size === 0) this.#places.delete(flow.at)
  }

  clear(): void {
    this.#places.clear()
  }
}
