// SPDX-License-Identifier: Apache-2.0
/** DKIM's simple canonical form, RFC 6376 §3.4.1 and §3.4.3: as it is, but for empty lines at the end of the body. */
import { hash } from 'node:crypto'

const LF = 10
const CR = 13

/** The `bh=` value, base64. */
export function simpleBodyHash(body: Uint8Array): string {
  let end = body.length
  while (end >= 2 && body[end - 1] === LF && body[end - 2] === CR) end -= 2
  const closed = Buffer.concat([body.subarray(0, end), Buffer.from('\r\n')])
  return hash('sha256', closed, 'base64')
}
