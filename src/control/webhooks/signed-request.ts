// SPDX-License-Identifier: Apache-2.0
/** A body with the signatures of an endpoint, as they are now. */
import { signatureFields } from '../../protocol/standard-webhooks.ts'
import type { RecordsContext } from '../../records/records-context.ts'
import type { Webhook } from '../../records/webhooks/webhook.ts'
import { signingKeysOf } from '../../records/webhooks/webhook-secret.ts'

export interface SignedRequest {
  readonly kind: 'signed'
  readonly fields: Readonly<Record<string, string>>
  readonly body: Uint8Array
}

/** Throws `RLY_KEY_FILE`. */
export function signed(
  webhook: Webhook,
  id: string,
  body: Uint8Array,
  { clock, keyring }: RecordsContext,
): SignedRequest {
  const now = clock.now()
  const keys = signingKeysOf(webhook, keyring, now)
  return { kind: 'signed', fields: signatureFields(id, Math.floor(now / 1_000), body, keys), body }
}
