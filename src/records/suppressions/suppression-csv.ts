// SPDX-License-Identifier: Apache-2.0
/**
 * Suppressions as CSV (RFC 4180, without line breaks within fields). The first line names the columns, in any order; a file of
 * addresses alone needs none. What an export wrote an import reads.
 */
import { type Instant, instant } from '../../base/brand.ts'
import { nearest } from '../../base/nearest.ts'
import { ADDRESS_HASH_OCTETS } from '../../protocol/address-hash.ts'
import { type EntryReason, entryReasons, type Suppression } from './suppression.ts'
import { invalidSuppression, type SuppressionInput } from './suppression-entry.ts'

/** `hash`: where the address was not kept; good in this installation alone. */
export const suppressionColumns = [
  'address',
  'reason',
  'stream',
  'list',
  'note',
  'created_at',
  'expires_at',
  'source_event',
  'hash',
] as const
type Column = (typeof suppressionColumns)[number]

/** Where the columns of a file are. */
export type ColumnPlaces = ReadonlyMap<Column, number>

export const headerLine = suppressionColumns.join(',')

/** `null`: the line is no header but an address. Throws `RLY_RECORD_INVALID`. */
export function readHeader(line: string): ColumnPlaces | null {
  const names = fieldsOf(line).map((name) => name.trim().toLowerCase())
  if (names.some((name) => name.includes('@'))) return null
  const places = new Map<Column, number>()
  for (const [at, name] of names.entries()) {
    const column = suppressionColumns.find(
      (known) => known === (name === 'email' ? 'address' : name),
    )
    if (column === undefined) {
      const meant = nearest(name, suppressionColumns)
      throw invalidSuppression(
        `no column "${name}"${meant === null ? '' : `; did you mean "${meant}"?`} Known are: ${suppressionColumns.join(', ')}`,
      )
    }
    if (places.has(column)) throw invalidSuppression(`two columns "${column}"`)
    places.set(column, at)
  }
  if (!places.has('address') && !places.has('hash'))
    throw invalidSuppression('there is no column "address"')
  return places
}

/** Of a file without header. */
export const addressAlone: ReadonlyMap<Column, number> = new Map([['address', 0]])

/** `usual`: the reason of a line that gives none. Throws `RLY_RECORD_INVALID`. */
export function readLine(line: string, places: ColumnPlaces, usual: EntryReason): SuppressionInput {
  const fields = fieldsOf(line)
  const most = Math.max(...places.values()) + 1
  if (fields.length > most)
    throw invalidSuppression(`${fields.length} fields where there are ${most} columns`)
  const field = (column: Column): string => fields[places.get(column) ?? -1]?.trim() ?? ''
  const address = field('address')
  return {
    address: address === '' && field('hash') !== '' ? hashIn(field('hash')) : address,
    reason: field('reason') === '' ? usual : reasonIn(field('reason')),
    stream: field('stream') || null,
    list: field('list') || null,
    note: field('note'),
    createdAt: timeIn(field('created_at')),
    expiresAt: timeIn(field('expires_at')),
    sourceEvent: field('source_event') || null,
    keepsAddress: true,
  }
}

export function csvLine(entry: Suppression): string {
  const { address, addressHash, createdAt, expiresAt, note, reason, scope, sourceEvent } = entry
  const cells: Readonly<Record<Column, string>> = {
    address: address ?? '',
    reason,
    stream: scope.kind === 'stream' ? scope.name : '',
    list: scope.kind === 'list' ? scope.name : '',
    note,
    created_at: new Date(createdAt).toISOString(),
    expires_at: expiresAt === null ? '' : new Date(expiresAt).toISOString(),
    source_event: sourceEvent ?? '',
    hash: address === null ? Buffer.from(addressHash).toString('hex') : '',
  }
  return suppressionColumns.map((column) => quoted(cells[column])).join(',')
}

/** The fields of one line. Throws `RLY_RECORD_INVALID` where a quote is open at its end, or stands within a field. */
export function fieldsOf(line: string): readonly string[] {
  if (!line.includes('"')) return line.split(',')
  const fields: string[] = []
  const pattern = /(?:"((?:[^"]|"")*)"|([^",]*))(,|$)/y
  for (;;) {
    const match = pattern.exec(line)
    if (match === null) throw invalidSuppression('a double quote that does not fit')
    const [, inQuotes, plain = '', end] = match
    fields.push(inQuotes?.replaceAll('""', '"') ?? plain)
    if (end === '') return fields
  }
}

/** A spreadsheet would take what begins so for a formula. */
function quoted(text: string): string {
  const safe = /^[=+\-@\t]/.test(text) ? ` ${text}` : text
  return /[",]|^ | $/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe
}

function hashIn(text: string): Uint8Array {
  const octets = Buffer.from(text, 'hex')
  if (octets.length === ADDRESS_HASH_OCTETS && text.length === 2 * ADDRESS_HASH_OCTETS)
    return new Uint8Array(octets)
  throw invalidSuppression(`"${text}" is no hash: expected ${2 * ADDRESS_HASH_OCTETS} hex digits`)
}

function reasonIn(text: string): EntryReason {
  const reason = entryReasons.find((known) => known === text.toLowerCase())
  if (reason !== undefined) return reason
  throw invalidSuppression(`"${text}" is no reason: expected one of ${entryReasons.join(', ')}`)
}

function timeIn(text: string): Instant | null {
  if (text === '') return null
  const at = /^\d{4}-\d{2}-\d{2}/.test(text) ? Date.parse(text) : Number.NaN
  if (!Number.isNaN(at)) return instant(at)
  throw invalidSuppression(`"${text}" is no time: expected one such as 2027-01-31T12:00:00Z`)
}
