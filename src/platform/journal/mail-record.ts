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
import { readUInt64, writeUInt64 } from './record.ts'
import type { SpooledState } from './row.ts'

export const MAIL_PREFIX_OCTETS = 12
/** Flag of the record: the content lies in `content/<message id>`, and the record has its size (64 bits) and CRC. */
export const CONTENT_HAS_FILE = 1
const FILED_OCTETS = 12

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

/** Content that has a file of its own: its record keeps what that file must be. */
export interface FiledContent {
  readonly bytes: number
  /** CRC-32 of the whole file. */
  readonly crc: number
}

export type StoredContent = Uint8Array | FiledContent

export interface MailParts {
  readonly signature: Uint8Array
  readonly content: StoredContent
}

export interface MailPrefix {
  readonly factsOctets: number
  readonly factsCrc: number
  readonly signatureOctets: number
}

/** Puts a record of `kind` into the lane. Returns its LSN and how many octets it takes. */
export function stageMail(
  lane: Lane,
  kind: 'mail' | 'moved',
  facts: string,
  { signature, content }: MailParts,
) {
  const isInline = content instanceof Uint8Array
  const contentOctets = isInline ? content.byteLength : FILED_OCTETS
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
  if (isInline) buffer.set(content, contentAt)
  else {
    writeUInt64(buffer, content.bytes, contentAt)
    buffer.writeUInt32LE(content.crc, contentAt + 8)
  }
  const flags = isInline ? 0 : CONTENT_HAS_FILE
  const lsn = lane.append(kind, flags, contentAt + contentOctets - at)
  return { lsn, offset: before, octets: lane.stagedOffset - before }
}

/** A recipient who asked for nothing is an address alone: of ten thousand nearly all are. */
type StoredRecipient = Recipient | Mailbox

type Named<T> = { readonly [Field in keyof Required<T>]: string }

/** The facts' fields as the JSON of a record names them: of a million messages each octet counts. On disk for ever. */
const messageNames = {
  id: 'i',
  receivedAt: 'r',
  expiresAt: 'x',
  tenant: 't',
  stream: 's',
  campaign: 'c',
  labels: 'l',
  list: 'm',
  hold: 'w',
  credential: 'k',
  sandbox: 'y',
  bands: 'g',
  returnPathDomain: 'd',
  mayShareTransaction: 'h',
  reports: 'e',
  priority: 'p',
  retryOf: 'o',
  size: 'z',
} as const satisfies Named<Omit<Message, 'envelope'>>
const envelopeNames = {
  reversePath: 'f',
  body: 'b',
  smtputf8: 'u',
  ret: 't',
  envid: 'e',
  requireTls: 'q',
  priority: 'p',
  release: 'r',
} as const satisfies Named<Omit<Envelope, 'recipients'>>
const messageFields = Object.entries(messageNames)
const envelopeFields = Object.entries(envelopeNames)
/** What nearly all mail says is left out. */
const usualMessage = { campaign: null, mayShareTransaction: false, reports: null, retryOf: null }
const usualEnvelope = { body: '7BIT', smtputf8: false, ret: null, envid: null }

type Fields = Record<string, unknown>
type FieldNames = readonly (readonly [string, string])[]

interface StoredFacts {
  /** Message and envelope. */
  readonly m: Fields
  readonly e: Fields
  readonly to: readonly StoredRecipient[]
  readonly moved?: MovedState
}

export function encodeFacts(message: Message, moved: MovedState | null): string {
  const { envelope } = message
  return JSON.stringify({
    m: shortMessage(message),
    e: shortEnvelope(envelope),
    to: envelope.recipients.map(lean),
    ...(moved === null ? {} : { moved }),
  } satisfies StoredFacts)
}

function decodeFacts(text: string): MailFacts {
  const { m, e, to, moved } = JSON.parse(text) as StoredFacts
  const envelope = { ...spelledOut(e, envelopeFields, usualEnvelope), recipients: to.map(restored) }
  const message = { ...spelledOut(m, messageFields, usualMessage), envelope } as unknown as Message
  return { message, moved: moved ?? null }
}

/** Written out, for it runs for every message. JSON leaves out what is undefined. */
function shortMessage(message: Message) {
  return {
    i: message.id,
    r: message.receivedAt,
    x: message.expiresAt,
    t: message.tenant,
    s: message.stream,
    c: message.campaign ?? undefined,
    l: message.labels,
    m: message.list,
    w: message.hold,
    k: message.credential,
    y: message.sandbox,
    g: message.bands,
    d: message.returnPathDomain,
    h: message.mayShareTransaction || undefined,
    e: message.reports ?? undefined,
    p: message.priority,
    o: message.retryOf ?? undefined,
    z: message.size,
  } satisfies Record<(typeof messageNames)[keyof typeof messageNames], unknown>
}

function shortEnvelope(envelope: Envelope) {
  return {
    f: envelope.reversePath,
    b: envelope.body === usualEnvelope.body ? undefined : envelope.body,
    u: envelope.smtputf8 || undefined,
    t: envelope.ret ?? undefined,
    e: envelope.envid ?? undefined,
    q: envelope.requireTls,
    p: envelope.priority,
    r: envelope.release,
  } satisfies Record<(typeof envelopeNames)[keyof typeof envelopeNames], unknown>
}

function spelledOut(short: Fields, names: FieldNames, usual: Fields): Fields {
  const whole: Fields = { ...usual }
  for (const [field, name] of names) {
    const value = short[name]
    if (value !== undefined) whole[field] = value
  }
  return whole
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
  return decodeFacts(facts.toString())
}

/** Signature fields and content of a whole payload; `null` where the payload cannot be that of such a record. */
export function readParts(payload: Buffer, hasFile: boolean): MailParts | null {
  const prefix = readMailPrefix(payload)
  if (prefix === null) return null
  const signatureAt = MAIL_PREFIX_OCTETS + prefix.factsOctets
  const contentAt = signatureAt + prefix.signatureOctets
  const signature = payload.subarray(signatureAt, contentAt)
  const content = payload.subarray(contentAt)
  if (!hasFile) return { signature, content }
  if (content.length !== FILED_OCTETS) return null
  return { signature, content: { bytes: readUInt64(content, 0), crc: content.readUInt32LE(8) } }
}
