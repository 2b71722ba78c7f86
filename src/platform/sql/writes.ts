// SPDX-License-Identifier: Apache-2.0
/** Changes of records, and the database's refusals in our words. */
import type { DeleteResult } from 'kysely'
import { RelayError } from '../../base/errors.ts'

/** Which rule a change would break: what it refers to, or what refers to it; what must be there once. */
export type BrokenRule = 'reference' | 'unique'

export class Writes {
  readonly #brokenBy: (thrown: unknown) => BrokenRule | null

  /** `brokenBy` reads the database's errors; `null` where it is another failure. */
  constructor(brokenBy: (thrown: unknown) => BrokenRule | null) {
    this.#brokenBy = brokenBy
  }

  /** `what` names the record. */
  async put(what: string, insert: () => Promise<unknown>): Promise<void> {
    try {
      await insert()
    } catch (thrown) {
      // A record that it names is not there, or another default stream is; else the database fails.
      const rule = this.#brokenBy(thrown)
      if (rule === 'reference')
        throw new RelayError('RLY_RECORD_UNKNOWN', `${what} names a record that is not there`, {
          cause: thrown,
        })
      if (rule === 'unique')
        throw new RelayError('RLY_RECORD_EXISTS', `${what} collides with another record`, {
          cause: thrown,
        })
      throw thrown
    }
  }

  /** `refusal` is said where others depend on the record. Gives whether it was there. */
  async remove(refusal: string, deletion: () => Promise<DeleteResult>): Promise<boolean> {
    try {
      const { numDeletedRows } = await deletion()
      return numDeletedRows > 0n
    } catch (thrown) {
      // Others depend on it; else the database fails.
      if (this.#brokenBy(thrown) !== 'reference') throw thrown
      throw new RelayError('RLY_RECORD_IN_USE', refusal, { cause: thrown })
    }
  }
}
