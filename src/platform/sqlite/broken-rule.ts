// SPDX-License-Identifier: Apache-2.0
/** Which rule SQLite refused a change by. */
import type { BrokenRule } from '../sql/writes.ts'

/** Extended result codes. */
const FOREIGN_KEY = 787
const UNIQUE = 2_067

export function brokenRule(thrown: unknown): BrokenRule | null {
  if (!(thrown instanceof Error) || !('errcode' in thrown)) return null
  if (thrown.errcode === FOREIGN_KEY) return 'reference'
  return thrown.errcode === UNIQUE ? 'unique' : null
}
