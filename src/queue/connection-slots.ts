// SPDX-License-Identifier: Apache-2.0
/**
 * How many connections this process may have to a site. Alone it has all that the limit allows; workers that
 * share a limit borrow from the ledger (`connection-ledger.ts`).
 */

export interface ConnectionSlots {
  /**
   * Connections that may be open to `site` now. `used`: those that are; `wanted`: those that there is work for. `onChange`
   * is called when more or fewer are allowed. Cheap: asked once a message.
   */
  allowed(site: string, used: number, wanted: number, onChange: () => void): number
}

/** For a process that is alone. */
export class OwnSlots implements ConnectionSlots {
  readonly #limit: () => number

  constructor(limit: () => number) {
    this.#limit = limit
  }

  allowed(): number {
    return this.#limit()
  }
}

/** What worker `index` of `count` may use while nobody can be asked: together they stay within the limit. */
export function fallbackShare(limit: number, index: number, count: number): number {
  const share = Math.floor(limit / count)
  return index === 0 ? share + (limit % count) : share
}
