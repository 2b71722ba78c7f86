// SPDX-License-Identifier: Apache-2.0
/** Values of PostgreSQL as the records have them: `bigint` is a number (ours are milliseconds and counts), `bytea` is octets. */
import pg from 'pg'

const BYTEA = 17
const INT8 = 20

export const types: pg.CustomTypesConfig = {
  getTypeParser(oid, format) {
    if (oid === INT8) return Number
    if (oid === BYTEA) return octetsOf
    return pg.types.getTypeParser(oid, format)
  },
}

/** From its hex format, `\x00ff`. Not a `Buffer`: octets of records compare equal whatever database they come from. */
function octetsOf(text: string): Uint8Array {
  return Uint8Array.from(Buffer.from(text.slice(2), 'hex'))
}
