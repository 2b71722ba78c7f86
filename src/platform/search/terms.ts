// SPDX-License-Identifier: Apache-2.0
/**
 * What events are looked up by, as numbers below 2^53. Two that collide are told apart by the events themselves.
 */
import { hash } from 'node:crypto'
import type { MessageId } from '../../events/ids.ts'

const HASH_DIGITS = 12
const ID_CHARACTERS = 10

/** Its last 48 bits, which are random; as a number of base 36, which has all letters of an id. */
export function messageTerm(id: MessageId): number {
  return Number.parseInt(id.slice(-ID_CHARACTERS), 36)
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
