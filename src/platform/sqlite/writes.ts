// SPDX-License-Identifier: Apache-2.0
/** Changes of records: counted, and SQLite's refusals in our words. */
import type { DeleteResult } from 'kysely'
import { RelayError } from '../../base/errors.ts'

/** SQLite's extended result codes. */
const FOREIGN_KEY = 787
const UNIQUE = 2_067

export class Writes {
  #count = 0

  /** Of changes so far; only grows. */
  get count(): number {
    return this.#count
  }

  /** `what` names the record. */
  async put(what: string, insert: () => Promise<unknown>): Promise<void> {
    try {
      await insert()
      this.#count++
    } catch (thrown) {
      // A record that it names is not there, or another default stream is; else the disk.
      if (resultCode(thrown) === FOREIGN_KEY)
        throw new RelayError('RLY_RECORD_UNKNOWN', `${what} names a record that is not there`, {
          cause: thrown,
        })
      if (resultCode(thrown) === UNIQUE)
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
      this.#count++
      return numDeletedRows > 0n
    } catch (thrown) {
      // Others depend on it; else the disk.
      if (resultCode(thrown) !== FOREIGN_KEY) throw thrown
      throw new RelayError('RLY_RECORD_IN_USE', refusal, { cause: thrown })
    }
  }
}

function resultCode(thrown: unknown): number | null {
  if (!(thrown instanceof Error) || !('errcode' in thrown)) return null
  return typeof thrown.errcode === 'number' ? thrown.errcode : null
}
