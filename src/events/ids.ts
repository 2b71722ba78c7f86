// SPDX-License-Identifier: Apache-2.0
/** Names of messages and events. A message id says when it came and whose journal has it. */
import { type Brand, type Instant, instant } from '../base/brand.ts'
import { crockfordNumber, decodeCrockford, encodeCrockford } from '../base/crockford.ts'
import type { Random } from '../base/random.ts'

/** 48-bit milliseconds, 16-bit journal, 64 random bits: 26 characters of Crockford base 32. */
export type MessageId = Brand<string, 'MessageId'>

/** `journal.lsn`, both decimal. Order holds within a journal. */
export type EventId = Brand<string, 'EventId'>

/** Which journal owns something. 0–65535. */
export type JournalId = Brand<number, 'JournalId'>

/** Log sequence number: one sequence for all records of a journal, from 1. */
export type Lsn = Brand<number, 'Lsn'>

export const MESSAGE_ID_OCTETS = 16

export function journalId(number: number): JournalId {
  return number as JournalId
}

export function lsn(number: number): Lsn {
  return number as Lsn
}

export function newMessageId(at: Instant, journal: JournalId, random: Random): MessageId {
  const octets = Buffer.allocUnsafe(MESSAGE_ID_OCTETS)
  octets.writeUIntBE(at, 0, 6)
  octets.writeUInt16BE(journal, 6)
  random.bytes(8).copy(octets, 8)
  return encodeCrockford(octets) as MessageId
}

/**
 * A request that may come again: what is made of it has the same id each time, in each journal one, so that it is found there.
 */
export interface Once {
  /** When it came first. */
  readonly at: Instant
  /** 16 hexadecimal digits, of whom it is and of the key that they gave it. */
  readonly seed: string
}

export function onceMessageId({ at, seed }: Once, journal: JournalId): MessageId {
  const octets = Buffer.allocUnsafe(MESSAGE_ID_OCTETS)
  octets.writeUIntBE(at, 0, 6)
  octets.writeUInt16BE(journal, 6)
  octets.write(seed, 8, 'hex')
  return encodeCrockford(octets) as MessageId
}

/** The id that these 16 octets are. */
export function messageIdOf(octets: Uint8Array): MessageId {
  return encodeCrockford(octets) as MessageId
}

/** Accepts folded case; `null` where the text is no message id. */
export function parseMessageId(text: string): MessageId | null {
  if (text.length !== 26) return null
  const octets = decodeCrockford(text)
  return octets === null ? null : (encodeCrockford(octets) as MessageId)
}

export function messageIdOctets(id: MessageId): Buffer {
  const octets = decodeCrockford(id)
  if (octets === null) throw new TypeError(`no message id: ${id}`)
  return octets
}

/** Ten characters have the 48 bits of the time, and two more. */
export function receivedAtOf(id: MessageId): Instant {
  const number = crockfordNumber(id, 10)
  if (number === null) throw new TypeError(`no message id: ${id}`)
  return instant(Math.floor(number / 4))
}

export function journalOf(id: MessageId): JournalId {
  return journalId(messageIdOctets(id).readUInt16BE(6))
}

export function eventId(journal: JournalId, number: Lsn): EventId {
  return `${journal}.${number}` as EventId
}
