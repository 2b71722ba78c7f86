// SPDX-License-Identifier: Apache-2.0
/**
 * Whether the signatures on a mail hold: RFC 6376 §6 with RFC 8301 and RFC 8463, as a function over a look-up of keys.
 *
 * Known limits: the first `dkimLimits.signatures` signatures count, and bodies up to `dkimLimits.bodyOctets`. A signature over a
 * part of the body (`l=`) is never believed (§8.2): anybody could have added the rest. SHA-1 is not (RFC 8301 §3.1).
 */
import { hash, verify } from 'node:crypto'
import { dkimLimits } from '../../base/limits/feedback-limits.ts'
import {
  fieldValue,
  findHeaderEnd,
  type HeaderField,
  parseHeaderSection,
} from '../message/header-section.ts'
import { readKeyRecord, type VerifyingKey } from './public-key.ts'
import { RelaxedBodyHash } from './relaxed-body.ts'
import { canonicaliseFields } from './relaxed-header.ts'
import { simpleBodyHash } from './simple-form.ts'
import { tagsOf } from './tag-list.ts'

/** RFC 8601 §2.7.1. `policy`: it may hold, and is not believed. */
export type DkimResult = 'pass' | 'fail' | 'neutral' | 'policy' | 'temperror' | 'permerror'

export interface DkimVerdict {
  readonly result: DkimResult
  /** Who signed, in lower case; `null` where that cannot be read. */
  readonly domain: string | null
}

/** Gives the TXT records of a name; `null` where the DNS gives no answer. */
export type TextLookUp = (name: string) => Promise<readonly string[] | null>

type Canonical = 'simple' | 'relaxed'

interface Signature {
  readonly field: HeaderField
  readonly domain: string
  readonly selector: string
  readonly algorithm: VerifyingKey['algorithm']
  readonly headerForm: Canonical
  readonly bodyForm: Canonical
  readonly bodyHash: string
  readonly names: readonly string[]
  readonly value: Buffer
  /** Domain of `i=`. */
  readonly identity: string
}

/** One for each signature, in their order; empty where the mail has none, or has a header that can be read in two ways. */
export async function verifyDkim(
  octets: Buffer,
  lookUp: TextLookUp,
  now: number,
): Promise<readonly DkimVerdict[]> {
  const end = findHeaderEnd(octets)
  if (end <= 0) return []
  const section = parseHeaderSection(octets, end)
  if (section.kind === 'fault') return []
  const hashes = new BodyHashes(octets.subarray(end + 2))
  const signatures = section.fields
    .filter(({ name }) => name === 'dkim-signature')
    .slice(0, dkimLimits.signatures)
  return Promise.all(
    signatures.map(async (field) => {
      const read = readSignature(field, now)
      if ('result' in read) return read
      const result = await resultOf(read, section.fields, hashes, lookUp)
      return { result, domain: read.domain }
    }),
  )
}

async function resultOf(
  signature: Signature,
  fields: readonly HeaderField[],
  hashes: BodyHashes,
  lookUp: TextLookUp,
): Promise<DkimResult> {
  const bodyHash = hashes.of(signature.bodyForm)
  if (bodyHash === null) return 'policy'
  if (bodyHash !== signature.bodyHash) return 'fail'
  const { domain, selector } = signature
  const records = await lookUp(`${selector}._domainkey.${domain}`)
  if (records === null) return 'temperror'
  // Of several records of a name (§3.6.2.2 leaves it open) the one that is of the right kind.
  const keys = records.slice(0, dkimLimits.keys).map(readKeyRecord)
  const usable = keys
    .filter((key) => typeof key !== 'string')
    .filter(({ algorithm, isStrict }) => {
      const isAllowed = !isStrict || signature.identity === domain
      return algorithm === signature.algorithm && isAllowed
    })
  if (usable.length === 0) return keys.includes('weak') ? 'policy' : 'permerror'
  return usable.some((key) => isSignedBy(key, signature, fields)) ? 'pass' : 'fail'
}

function isSignedBy(
  { algorithm, key }: VerifyingKey,
  signature: Signature,
  fields: readonly HeaderField[],
): boolean {
  const octets = signedOctets(signature, fields)
  const isRsa = algorithm === 'rsa-sha256'
  return isRsa
    ? verify('sha256', octets, key, signature.value)
    : verify(null, hash('sha256', octets, 'buffer'), key, signature.value)
}

/** §3.7: the fields as `h=` names them, of one name from the last to the first, then the signature itself without its value. */
function signedOctets(signature: Signature, fields: readonly HeaderField[]): Buffer {
  const left = Map.groupBy(fields, ({ name }) => name)
  const named = signature.names.flatMap((name) => left.get(name)?.pop() ?? [])
  const own = unsigned(signature.field)
  const isRelaxed = signature.headerForm === 'relaxed'
  const octets = isRelaxed
    ? canonicaliseFields([...named, own])
    : Buffer.concat([...named, own].map(({ source, start, end }) => source.subarray(start, end)))
  return octets.subarray(0, -2)
}

/** The field with an empty `b=`. */
function unsigned(field: HeaderField): HeaderField {
  const text = field.source.toString('latin1', field.valueAt, field.end)
  const head = field.source.toString('latin1', field.start, field.valueAt)
  const emptied = text.replace(/((?:^|;)\s*b\s*=)[^;]*(?=;|$)/, (_, tag: string) => tag)
  const source = Buffer.from(`${head}${emptied.replace(/\r\n$/, '')}\r\n`, 'latin1')
  return { ...field, source, start: 0, valueAt: head.length, end: source.length }
}

function readSignature(field: HeaderField, now: number): Signature | DkimVerdict {
  const tags = tagsOf(fieldValue(field))
  const domain = tags?.get('d')?.toLowerCase() ?? null
  const broken = (result: DkimResult): DkimVerdict => ({ result, domain })
  if (tags === null || domain === null || tags.get('v') !== '1') return broken('permerror')
  const algorithm = tags.get('a')?.toLowerCase()
  if (algorithm === 'rsa-sha1' || tags.has('l')) return broken('policy')
  if (algorithm !== 'rsa-sha256' && algorithm !== 'ed25519-sha256') return broken('permerror')
  const [headerForm = 'simple', bodyForm = 'simple'] = (tags.get('c') ?? 'simple')
    .toLowerCase()
    .split('/')
  const names = (tags.get('h') ?? '').split(':').map((name) => name.trim().toLowerCase())
  const selector = tags.get('s') ?? ''
  const identity = (tags.get('i') ?? `@${domain}`).toLowerCase().replace(/^.*@/s, '')
  const isIdentityBelow = identity === domain || identity.endsWith(`.${domain}`)
  const [bodyHash, value] = [tags.get('bh'), tags.get('b')].map((text) =>
    text?.replaceAll(/\s/g, ''),
  )
  if (!isForm(headerForm) || !isForm(bodyForm) || !names.includes('from'))
    return broken('permerror')
  if (selector === '' || !isIdentityBelow || !bodyHash || !value) return broken('permerror')
  if (Number(tags.get('x') ?? Number.POSITIVE_INFINITY) * 1_000 < now) return broken('fail')
  return {
    ...{ field, domain, selector, algorithm, headerForm, bodyForm, bodyHash, names, identity },
    value: Buffer.from(value, 'base64'),
  }
}

function isForm(text: string): text is Canonical {
  return text === 'simple' || text === 'relaxed'
}

/** Of one body, each form once. */
class BodyHashes {
  readonly #body: Buffer
  readonly #known = new Map<Canonical, string>()

  constructor(body: Buffer) {
    this.#body = body
  }

  /** `null`: too large to be looked at. */
  of(form: Canonical): string | null {
    if (this.#body.length > dkimLimits.bodyOctets) return null
    const hashed = this.#known.get(form) ?? bodyHashOf(form, this.#body)
    this.#known.set(form, hashed)
    return hashed
  }
}

function bodyHashOf(form: Canonical, body: Buffer): string {
  if (form === 'simple') return simpleBodyHash(body)
  const relaxed = new RelaxedBodyHash()
  relaxed.update(body)
  return relaxed.digest()
}
