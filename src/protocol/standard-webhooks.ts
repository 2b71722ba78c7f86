// SPDX-License-Identifier: Apache-2.0
/**
 * Header fields of a request by the Standard Webhooks specification (1.0): an id that stays the same at every attempt, the time of
 * the attempt, and for each key a signature over both and the body.
 */
import { createHmac } from 'node:crypto'

/** `seconds`: since 1970, of this attempt: receivers refuse what is minutes old. An id holds no full stop. */
export function signatureFields(
  id: string,
  seconds: number,
  body: Uint8Array,
  keys: readonly Uint8Array[],
): Readonly<Record<string, string>> {
  const signatures = keys.map((key) => {
    const hmac = createHmac('sha256', key).update(`${id}.${seconds}.`).update(body)
    return `v1,${hmac.digest('base64')}`
  })
  return {
    'webhook-id': id,
    'webhook-timestamp': String(seconds),
    'webhook-signature': signatures.join(' '),
  }
}
