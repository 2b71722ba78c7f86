// SPDX-License-Identifier: Apache-2.0
/**
 * What events are looked up by, as numbers. Two that collide are told apart by the events themselves. Those of messages grow
 * with time, so that new ones lie side by side.
 */
import { hash } from 'node:crypto'
import { type MessageId, messageIdOctets } from '../../events/ids.ts'

const HASH_DIGITS = 12
const MESSAGE_BITS = 21

/** Second of reception, and some of the random bits: below 2^53. */
export function messageTerm(id: MessageId): number {
  const octets = messageIdOctets(id)
  const second = Math.floor(octets.readUIntBE(0, 6) / 1_000)
  return second * 2 ** MESSAGE_BITS + (octets.readUInt32BE(12) % 2 ** MESSAGE_BITS)
}

/** Whatever its case: people write addresses as they like. */
export function recipientTerm(mailbox: string): number {
  return hashed(`r${mailbox.toLowerCase()}`)
}

export function headerTerm(messageId: string): number {
  return hashed(`h${messageId}`)
}

function hashed(text: string): number {
  return Number.parseInt(hash('sha1', text).slice(0, HASH_DIGITS), 16)
}
