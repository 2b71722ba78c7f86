// SPDX-License-Identifier: Apache-2.0
/** A person as a row. */
import type { Person } from '../../records/people/person.ts'

export interface PersonRow extends Omit<Person, 'recoveryCodes' | 'isDisabled' | 'isProvisioned'> {
  /** JSON list. */
  readonly recoveryCodes: string
  readonly isDisabled: 0 | 1
  readonly isProvisioned: 0 | 1
}

export function personRowOf(person: Person): PersonRow {
  return {
    ...person,
    recoveryCodes: JSON.stringify(person.recoveryCodes),
    isDisabled: person.isDisabled ? 1 : 0,
    isProvisioned: person.isProvisioned ? 1 : 0,
  }
}

export function personOf(row: PersonRow): Person {
  return {
    ...row,
    recoveryCodes: JSON.parse(row.recoveryCodes) as string[],
    isDisabled: row.isDisabled === 1,
    isProvisioned: row.isProvisioned === 1,
  }
}
