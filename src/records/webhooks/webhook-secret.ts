// SPDX-License-Identifier: Apache-2.0
/** What signs for an endpoint (Standard Webhooks): `whsec_` and the octets of an HMAC key in base64. Kept sealed, for we must sign with it. */
import type { Keyring } from '../../base/keyring.ts'
import type { Random } from '../../base/random.ts'
import type { Webhook, WebhookId } from './webhook.ts'

/** The specification has 24 to 64. */
const KEY_OCTETS = 32
const PREFIX = 'whsec_'

export interface NewWebhookSecret {
  /** Shown once. */
  readonly text: string
  readonly sealed: Uint8Array
}

export function newWebhookSecret(
  { keyring, random }: { readonly keyring: Keyring; readonly random: Random },
  id: WebhookId,
): NewWebhookSecret {
  const key = random.bytes(KEY_OCTETS)
  return {
    text: PREFIX + Buffer.from(key).toString('base64'),
    sealed: Uint8Array.from(keyring.seal(key, contextOf(id))),
  }
}

/** Keys that sign at `now`, the newest first. */
export function signingKeysOf(webhook: Webhook, keyring: Keyring, now: number): readonly Buffer[] {
  const { id, sealedSecret, sealedOldSecret, oldSecretEndsAt } = webhook
  const keys = [keyring.open(sealedSecret, contextOf(id))]
  if (sealedOldSecret !== null && oldSecretEndsAt !== null && now < oldSecretEndsAt)
    keys.push(keyring.open(sealedOldSecret, contextOf(id)))
  return keys
}

function contextOf(id: WebhookId): string {
  return `secret of webhook ${id}`
}
