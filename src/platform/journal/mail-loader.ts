// SPDX-License-Identifier: Apache-2.0
/** Reads the messages of residents back from the journal, each once however many ask for it at the same time. */
import type { IndexGuard } from './index-guard.ts'
import type { MailReader } from './mail-reader.ts'
import type { Resident } from './resident.ts'
import type { Residents } from './residents.ts'
import type { Troubles } from './troubles.ts'

export interface LoaderParts {
  readonly residents: Residents
  readonly guard: IndexGuard
  readonly reader: MailReader
  readonly troubles: Troubles
}

/** `unreadable`: not now; the next try may succeed. */
export type LoadEnd = 'read' | 'damaged' | 'unreadable'

export class MailLoader {
  readonly #parts: LoaderParts
  /** Messages that are being read now. */
  readonly #loading = new Map<Resident, Promise<LoadEnd>>()

  constructor(parts: LoaderParts) {
    this.#parts = parts
  }

  load(resident: Resident): Promise<LoadEnd> {
    let loading = this.#loading.get(resident)
    if (loading === undefined) {
      loading = this.#read(resident).finally(() => this.#loading.delete(resident))
      this.#loading.set(resident, loading)
    }
    return loading
  }

  async #read(resident: Resident): Promise<LoadEnd> {
    const { reader, guard, residents, troubles } = this.#parts
    const { segment, offset } = resident
    let facts: Awaited<ReturnType<MailReader['facts']>>
    try {
      facts = await reader.facts(resident)
    } catch (thrown) {
      troubles.unreadable(`mail record ${resident.lsn}`, thrown)
      return 'unreadable'
    }
    // Copied forward meanwhile.
    if (resident.segment !== segment || resident.offset !== offset) return this.#read(resident)
    if (facts === 'elsewhere')
      throw guard.damaged(`a row of mail record ${resident.lsn} names a wrong place`)
    if (facts === null) {
      troubles.ofFacts(resident)
      return 'damaged'
    }
    residents.named(resident, facts.message, facts.hasFile)
    return 'read'
  }
}
