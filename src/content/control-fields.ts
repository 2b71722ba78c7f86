// SPDX-License-Identifier: Apache-2.0
/**
 * `X-Posthaste-*`: what a submitter who has only header fields says to the relay. They never leave: `header-edit.ts` takes
 * them out. docs/sending.md lists them.
 */
import { type Instant, instant } from '../base/brand.ts'
import { formatPace, parsePace } from '../base/campaign-pace.ts'
import { formatWindow, parseWindow } from '../base/daily-window.ts'
import { labelLimits } from '../base/limits/label-limits.ts'
import { contentLimits } from '../base/limits/limits.ts'
import { nearest } from '../base/nearest.ts'
import { decodeEncodedWords } from '../protocol/message/encoded-words.ts'
import { fieldValue, type HeaderField } from '../protocol/message/header-section.ts'
import { PACE_WANTED } from '../records/campaigns/campaign-spread.ts'
import { type Tracked, trackable } from '../records/records.ts'

/** `null` where the message does not say. */
export interface ControlFields {
  readonly stream: string | null
  readonly campaign: string | null
  readonly tags: readonly string[] | null
  readonly metadata: Readonly<Record<string, string>> | null
  /** Nobody is tried before. */
  readonly sendAt: Instant | null
  /** It goes to nobody but the simulated receiver. */
  readonly sandbox: boolean
  /** What is counted of it; empty for nothing. */
  readonly tracks: readonly Tracked[] | null
  /** How glad its recipients are of mail, 0 to 100. */
  readonly engagement: number | null
  /** When mail of its campaign goes, and how fast, as they are kept. */
  readonly sendWindow: string | null
  readonly pace: string | null
}

/** `field` as people write it; `why` says what would be right. */
export interface ControlFault {
  readonly field: string
  readonly why: string
}

export const CONTROL_PREFIX = 'x-posthaste-'
/** Of an unknown name that are said again. */
const NAME_CHARACTERS = 76

export const noControlFields: ControlFields = {
  stream: null,
  campaign: null,
  tags: null,
  metadata: null,
  sendAt: null,
  sandbox: false,
  tracks: null,
  engagement: null,
  sendWindow: null,
  pace: null,
}

type Value = { readonly [K in keyof ControlFields]?: ControlFields[K] }

/** What each is called after the prefix, and how its value is read; a text says what is wrong with it. */
const readers: Readonly<Record<string, (text: string) => Value | string>> = {
  Stream: (text) => ({ stream: text }),
  Campaign: (text) =>
    text !== '' && text.length <= labelLimits.campaignCharacters
      ? { campaign: text }
      : `expected 1 to ${labelLimits.campaignCharacters} characters`,
  Tags: tagsIn,
  Metadata: metadataIn,
  'Send-At': (text) => {
    const at = rfc3339.test(text) ? Date.parse(text) : Number.NaN
    return Number.isNaN(at)
      ? 'expected a time such as 2027-01-31T12:00:00Z'
      : { sendAt: instant(at) }
  },
  Sandbox: (text) =>
    /^(true|false)$/i.test(text)
      ? { sandbox: text.toLowerCase() === 'true' }
      : 'expected true or false',
  Track: tracksIn,
  Engagement: (text) =>
    /^\d{1,3}$/.test(text) && Number(text) <= 100
      ? { engagement: Number(text) }
      : 'expected a whole number from 0 to 100',
  'Send-Window': (text) => {
    const window = parseWindow(text)
    return typeof window === 'string' ? window : { sendWindow: formatWindow(window) }
  },
  Pace: (text) => {
    const pace = parsePace(text)
    return pace === null ? PACE_WANTED : { pace: formatPace(pace) }
  },
}

const rfc3339 = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d)$/i
/** The prefix as people write it. */
const WRITTEN = 'X-Posthaste-'
const names = Object.keys(readers).map((name) => WRITTEN + name)
const readersByName: ReadonlyMap<string, (typeof readers)[keyof typeof readers]> = new Map(
  Object.entries(readers).map(([name, read]) => [CONTROL_PREFIX + name.toLowerCase(), read]),
)

export function readControlFields(fields: readonly HeaderField[]): ControlFields | ControlFault {
  let said = noControlFields
  const ours = fields.filter(({ name }) => name.startsWith(CONTROL_PREFIX))
  if (ours.length === 0) return said
  const seen = new Set<string>()
  for (const field of ours) {
    const read = readersByName.get(field.name)
    if (read === undefined) return unknown(field.name.slice(0, NAME_CHARACTERS))
    const name = names.find((known) => known.toLowerCase() === field.name) ?? field.name
    if (seen.has(field.name)) return { field: name, why: 'it stands there more than once' }
    seen.add(field.name)
    const text = textOf(field)
    const value =
      text === null ? `it is longer than ${contentLimits.controlOctets} octets` : read(text)
    if (typeof value === 'string') return { field: name, why: value }
    said = { ...said, ...value }
  }
  return said
}

function unknown(field: string): ControlFault {
  const meant = nearest(field.slice(CONTROL_PREFIX.length), Object.keys(readers))
  const hint = meant === null ? `there are ${names.join(', ')}` : `did you mean ${WRITTEN}${meant}?`
  return { field, why: `there is no such field; ${hint}` }
}

function textOf(field: HeaderField): string | null {
  if (field.end - field.valueAt > contentLimits.controlOctets) return null
  return decodeEncodedWords(fieldValue(field), contentLimits.controlOctets)
}

function tagsIn(text: string): Value | string {
  const tags = text.split(',').map((tag) => tag.trim())
  if (tags.length > labelLimits.tags) return `at most ${labelLimits.tags} tags`
  if (tags.some((tag) => tag === '' || tag.length > labelLimits.tagCharacters))
    return `expected tags of 1 to ${labelLimits.tagCharacters} characters, with commas between them`
  return { tags }
}

function tracksIn(text: string): Value | string {
  const words = text
    .toLowerCase()
    .split(',')
    .map((word) => word.trim())
  if (words.length === 1 && words[0] === 'none') return { tracks: [] }
  if (words.some((word) => !(trackable as readonly string[]).includes(word)))
    return 'expected "opens", "clicks", both with a comma between them, or "none"'
  return { tracks: trackable.filter((word) => words.includes(word)) }
}

function metadataIn(text: string): Value | string {
  const wanted = `expected a JSON object of at most ${labelLimits.metadataKeys} texts, such as {"order": "1234"}`
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    return wanted
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return wanted
  const entries = Object.entries(value)
  if (entries.length > labelLimits.metadataKeys) return wanted
  for (const [name, said] of entries) {
    if (typeof said !== 'string') return wanted
    if (name === '' || name.length > labelLimits.metadataNameCharacters)
      return `a name has 1 to ${labelLimits.metadataNameCharacters} characters`
    if (said.length > labelLimits.metadataValueCharacters)
      return `a value has at most ${labelLimits.metadataValueCharacters} characters`
  }
  return { metadata: Object.fromEntries(entries) as Record<string, string> }
}
