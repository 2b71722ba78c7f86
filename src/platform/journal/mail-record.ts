// SPDX-License-Identifier: Apache-2.0
/**
 * The payload of a mail record: 12 octets that say how long the parts are, the facts as JSON with a CRC of their own
 * (so that a window is filled without reading content), the signature fields, the content unless it has a file.
 *
 *   0 facts octets   4 facts CRC   8 signature octets   12 facts … signature … content
 */
import { crc32 } from 'node:zlib'
import type { Envelope, Recipient } from '../../protocol/envelope.ts'
import type { Mailbox } from '../../protocol/mailbox.ts'
import type { Message } from '../../spool/message.ts'
import type { Lane } from './lane.ts'
import type { SpooledState } from './row.ts'

export const MAIL_PREFIX_OCTETS = 12
/** Flag of the record: the content lies in `content/<message id>`. */
export const CONTENT_HAS_FILE = 1

/** What a moved record keeps beside the message. */
export interface MovedState {
  /** Of the record that the message was accepted with: its name in the index. */
  readonly lsn: number
  /** Recipients that still waited; all others are final. */
  readonly recipients: readonly SpooledState[]
}

export interface MailFacts {
  readonly message: Message
  readonly moved: MovedState | null
}

export interface MailParts {
  readonly facts: string
  readonly signature: Uint8Array
  /** `null`: it has a file of its own. */
  readonly content: Uint8Array | null
}

export interface MailPrefix {
  readonly factsOctets: number
  readonly factsCrc: number
  readonly signatureOctets: number
}

/** Puts a record of `kind` into the lane. Returns its LSN and how many octets it takes. */
export function stageMail(lane: Lane, kind: 'mail' | 'moved', parts: MailParts) {
  const { facts, signature, content } = parts
  const contentOctets = content?.byteLength ?? 0
  const largest = MAIL_PREFIX_OCTETS + facts.length * 3 + signature.byteLength + contentOctets
  const before = lane.stagedOffset
  const { buffer, at } = lane.reserve(largest)
  const factsAt = at + MAIL_PREFIX_OCTETS
  const factsOctets = buffer.write(facts, factsAt)
  const signatureAt = factsAt + factsOctets
  buffer.writeUInt32LE(factsOctets, at)
  buffer.writeUInt32LE(crc32(buffer.subarray(factsAt, signatureAt)), at + 4)
  buffer.writeUInt32LE(signature.byteLength, at + 8)
  buffer.set(signature, signatureAt)
  const contentAt = signatureAt + signature.byteLength
  if (content !== null) buffer.set(content, contentAt)
  const flags = content === null ? CONTENT_HAS_FILE : 0
  const lsn = lane.append(kind, flags, contentAt + contentOctets - at)
  return { lsn, offset: before, octets: lane.stagedOffset - before }
}

/** A recipient who asked for nothing is an address alone: of ten thousand nearly all are. */
type StoredRecipient = Recipient | Mailbox

/** `Usual` are the fields that are left out where they say what nearly all mail says. */
type Lean<T, Usual extends keyof T> = Omit<T, Usual> & {
  readonly [Key in Usual]?: T[Key] | undefined
}

interface StoredFacts {
  readonly message: Lean<
    Omit<Message, 'envelope'>,
    'campaign' | 'mayShareTransaction' | 'reports' | 'retryOf'
  >
  readonly envelope: Lean<Omit<Envelope, 'recipients'>, 'body' | 'smtputf8' | 'ret' | 'envid'>
  readonly recipients: readonly StoredRecipient[]
  readonly moved?: MovedState | undefined
}

/** JSON has no place for what is undefined. */
export function encodeFacts(message: Message, moved: MovedState | null): string {
  const { envelope, ...rest } = message
  const { recipients, ...common } = envelope
  return JSON.stringify({
    message: {
      ...rest,
      campaign: rest.campaign ?? undefined,
      mayShareTransaction: rest.mayShareTransaction || undefined,
      reports: rest.reports ?? undefined,
      retryOf: rest.retryOf ?? undefined,
    },
    envelope: {
      ...common,
      body: common.body === '7BIT' ? undefined : common.body,
      smtputf8: common.smtputf8 || undefined,
      ret: common.ret ?? undefined,
      envid: common.envid ?? undefined,
    },
    recipients: recipients.map(lean),
    moved: moved ?? undefined,
  } satisfies StoredFacts)
}

function lean(recipient: Recipient): StoredRecipient {
  const { forwardPath, notify, originalRecipient } = recipient
  return notify === null && originalRecipient === null ? forwardPath : recipient
}

function restored(recipient: StoredRecipient): Recipient {
  if (typeof recipient !== 'string') return recipient
  return { forwardPath: recipient, notify: null, originalRecipient: null }
}

/** `null` where the payload is too short to have one. */
export function readMailPrefix(payload: Buffer): MailPrefix | null {
  if (payload.length < MAIL_PREFIX_OCTETS) return null
  return {
    factsOctets: payload.readUInt32LE(0),
    factsCrc: payload.readUInt32LE(4),
    signatureOctets: payload.readUInt32LE(8),
  }
}

/** The facts, or `null` where they are damaged or not all there. */
export function readFacts(payload: Buffer): MailFacts | null {
  const prefix = readMailPrefix(payload)
  if (prefix === null || payload.length < MAIL_PREFIX_OCTETS + prefix.factsOctets) return null
  const facts = payload.subarray(MAIL_PREFIX_OCTETS, MAIL_PREFIX_OCTETS + prefix.factsOctets)
  if (crc32(facts) !== prefix.factsCrc) return null
  const stored = JSON.parse(facts.toString()) as StoredFacts
  return { message: messageIn(stored), moved: stored.moved ?? null }
}

function messageIn(stored: StoredFacts): Message {
  const { message } = stored
  const { campaign = null, mayShareTransaction = false, reports = null, retryOf = null } = message
  const { body = '7BIT', smtputf8 = false, ret = null, envid = null } = stored.envelope
  const recipients = stored.recipients.map(restored)
  const envelope = { ...stored.envelope, recipients, body, smtputf8, ret, envid }
  return { ...message, campaign, mayShareTransaction, reports, retryOf, envelope }
}

/** Signature fields and content of a whole payload. */
export function readParts(payload: Buffer): { signature: Buffer; content: Buffer } | null {
  const prefix = readMailPrefix(payload)
  if (prefix === null) return null
  const signatureAt = MAIL_PREFIX_OCTETS + prefix.factsOctets
  const contentAt = signatureAt + prefix.signatureOctets
  return {
    signature: payload.subarray(signatureAt, contentAt),
    content: payload.subarray(contentAt),
  }
}
