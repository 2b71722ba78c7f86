// SPDX-License-Identifier: Apache-2.0
/** Addresses in reports: in fields with a type before them, in brackets, in the middle of words. */

import { parseMailbox } from '../mailbox.ts'

/** What looks like a mailbox; whether it is one is asked then. */
const ADDRESS =
  /(?:"[^"\n]{1,62}"|[^\s<>"'()[\],;:\\|=@]{1,64})@[\p{L}\p{N}](?:[\p{L}\p{N}.-]{0,252}[\p{L}\p{N}])?/u
const TYPED = /^[\w-]{1,20}\s*;/

/** `rfc822; <joe@example.com>`; `null` where no address is in it. */
export function addressInField(value: string): string | null {
  const bare = value.replace(TYPED, '').trim()
  return addressIn(bare) ?? addressIn(bare.replaceAll(/\+([0-9A-F]{2})/g, unescaped))
}

export function addressIn(text: string): string | null {
  for (const { address } of addressesIn(text)) return address
  return null
}

/** As they are spelled, with where each begins. */
export function* addressesIn(text: string): Iterable<{ address: string; at: number }> {
  const pattern = new RegExp(ADDRESS.source, 'gu')
  for (const match of text.matchAll(pattern))
    if (parseMailbox(match[0]) !== null) yield { address: match[0], at: match.index }
}

/** To compare by. */
export function folded(address: string): string {
  return address.toLowerCase()
}

/** xtext, RFC 3461 §4. */
function unescaped(_: string, hex: string): string {
  return String.fromCharCode(Number.parseInt(hex, 16))
}

/** Of `dns; mx.example.net`, the name. */
export function hostInField(value: string | null): string | null {
  return (
    value
      ?.replace(/^[\w-]+\s*;/, '')
      .trim()
      .slice(0, 255) || null
  )
}
